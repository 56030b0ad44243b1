"""The command line itself, which the commands join, and how each of them fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version as installed_version
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from thetastar.errors import ThetastarError, UserError
from thetastar.interrupted import INTERRUPTED, interrupted

__all__ = ["LANGUAGES", "app", "main", "plain_errors", "print_whole"]

LANGUAGES = ("en", "zh")  # as in thetastar.report.words, which takes seconds to load

_FAILED = 2  # exit code of what can't be done as asked

app = typer.Typer(
    help="Finds the function behind a table, and says what limits the result.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # what isn't a ThetastarError is a bug: its plain traceback helps to report it
)


def main() -> None:
    """Run the command line."""
    app()


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"thetastar {installed_version('thetastar')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Finds the function behind a table, and says what limits the result."""


@contextmanager
def plain_errors(lang: str) -> Iterator[None]:
    """Print what can't be done as one message without a traceback, and end with its exit code."""
    try:
        if lang not in LANGUAGES:
            raise UserError(f"language {lang!r} was asked for; there are words in: {', '.join(LANGUAGES)}")
        yield
    except ThetastarError as error:
        Console(stderr=True, soft_wrap=True).print(Text(f"thetastar: {error}"))
        raise typer.Exit(_FAILED) from error
    except KeyboardInterrupt as error:
        Console(stderr=True, soft_wrap=True).print(Text(interrupted(lang)))
        raise typer.Exit(INTERRUPTED) from error


def print_whole(words: str, *, console: Console) -> None:
    """Print a line in one piece, however long, so that the path in it can be copied."""
    console.print(Text(words), soft_wrap=True)
