"""Options and arguments that several commands take."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thetastar.errors import UserError

if TYPE_CHECKING:  # what brings scikit-learn is imported where it is used, so that --help is quick
    from thetastar.data import ReadOptions

__all__ = [
    "REPORT_FILE",
    "Dates",
    "Decimal",
    "Delimiter",
    "Encoding",
    "Header",
    "Lang",
    "Quiet",
    "Run",
    "Sheet",
    "check_apart",
    "check_columns",
    "read_options",
]

REPORT_FILE = "report.html"  # in the folder of a run

Lang = Annotated[str, typer.Option(help="Language of what is printed and of the report: en or zh.")]
Encoding = Annotated[str | None, typer.Option(help="Of a text file, if not as found: utf-8, gb18030, cp1252, …")]
Delimiter = Annotated[
    str | None, typer.Option(help="Between the cells of a text file, if not as found; tab for a tab.")
]
Header = Annotated[
    bool | None, typer.Option("--header/--no-header", help="Whether the first line names the columns, if not as found.")
]
Decimal = Annotated[str | None, typer.Option(help="Decimal mark, if not as found: . or ,")]
Dates = Annotated[str | None, typer.Option(help="What 3/4/2024 means, if not as found: dmy or mdy.")]
Sheet = Annotated[str | None, typer.Option(help="Of a workbook; by default the first that holds anything.")]
Run = Annotated[Path, typer.Argument(help="Folder that `thetastar fit` wrote, or a saved function.", metavar="RUN")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]


def read_options(
    encoding: str | None,
    delimiter: str | None,
    header: bool | None,
    decimal: str | None,
    dates: str | None,
    sheet: str | None,
) -> ReadOptions:
    """Return what is asked for about reading a file; a tab may be spelled out."""
    from thetastar.data import ReadOptions

    character = "\t" if delimiter in ("tab", "\\t") else delimiter
    return ReadOptions(encoding=encoding, delimiter=character, header=header, decimal=decimal, dates=dates, sheet=sheet)


def check_apart(written: Sequence[Path], *, inputs: Sequence[Path]) -> None:
    """Refuse to write over a file that is read, also where a link leads to it."""
    for file in written:
        for source in inputs:
            if file.is_file() and source.is_file() and file.samefile(source):
                raise UserError(f"{file} would be written over {source}, which is read: name another --out")


def check_columns(names: Sequence[str], columns: Sequence[str], *, source: Path) -> None:
    """Refuse columns that a table doesn't have, naming those that are spelled like them."""
    for name in names:
        if name not in columns:
            from thetastar.data.text.names import close_names

            raise UserError(f"{source} has no column {name!r}; {close_names([name], columns)}")
