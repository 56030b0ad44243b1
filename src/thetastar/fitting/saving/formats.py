"""Files of other versions: what is said of them. None is converted, as what it lacks can't be made up."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from thetastar.errors import SavedFunctionError

__all__ = ["check_format", "other_fields"]


def check_format(file: Path, what: str, *, seen: Any, reads: int, writer: Any) -> None:
    """Refuse a format that this version doesn't read.

    Args:
        file: Where it stands.
        what: function or record.
        seen: The format's number, as it stands there.
        reads: The one that this version reads and writes.
        writer: The version of thetastar that wrote it, as it stands there; None if it doesn't say.

    Raises:
        SavedFunctionError: saying who wrote it, what is read here, and what to do.
    """
    if str(seen) == str(reads):
        return
    advice = "fit again with this one" if str(seen).isdecimal() and int(seen) < reads else "install a newer thetastar"
    raise SavedFunctionError(
        f"{file}: its {what} has format version {seen!r}, {_written(writer)}; this is thetastar {version('thetastar')} "
        f"and reads format version {reads}: {advice}, or install the one that wrote it"
    )


def other_fields(file: Path, what: str, error: Exception, *, writer: Any) -> SavedFunctionError:
    """Return what to raise where a file of this format holds other values than this version writes."""
    return SavedFunctionError(
        f"the {what} in {file} can't be read ({type(error).__name__}: {error}): it was {_written(writer)}, this is "
        f"thetastar {version('thetastar')}; fit again with this one, or install the one that wrote it; if the file was "
        "changed, take the original"
    )


def _written(writer: Any) -> str:
    return f"written by thetastar {writer}" if isinstance(writer, str) and writer else "written by an unknown version"
