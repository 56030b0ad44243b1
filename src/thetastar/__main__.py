"""``python -m thetastar`` is the command ``thetastar``, which begins here.

The command line takes part of a second to import, and Ctrl-C may come meanwhile.
"""

from __future__ import annotations

from thetastar.interrupted import end_interrupted

__all__ = ["main"]


def main() -> None:
    """Run the command line; whenever it is interrupted before there is anything to keep, end with one line."""
    try:
        from thetastar.cli import main as run

        run()
    except KeyboardInterrupt:
        end_interrupted()


if __name__ == "__main__":
    main()
