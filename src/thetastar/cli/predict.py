"""``thetastar predict``: new rows by a function that was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Protocol

import polars as pl
import typer
from rich.console import Console
from rich.text import Text

from thetastar.cli.app import app, plain_errors, print_whole
from thetastar.cli.loading import load
from thetastar.cli.options import (
    Dates,
    Decimal,
    Delimiter,
    Encoding,
    Header,
    Lang,
    Quiet,
    Run,
    Sheet,
    check_apart,
    check_columns,
    read_options,
)

if TYPE_CHECKING:  # these bring torch and scikit-learn: imported where they are used, so that --help is quick
    from thetastar.data import Reading, ReadOptions
    from thetastar.fitting import FoundFunction

__all__ = ["predict"]

_MEGA = 1e6


@app.command()
def predict(
    run: Run,
    table: Annotated[
        Path, typer.Argument(help="Rows to predict: CSV, Parquet, Arrow or a workbook; packed or not.", metavar="TABLE")
    ],
    out: Annotated[Path, typer.Option(help="CSV file to write, one line a row.")] = Path("predictions.csv"),
    keep: Annotated[
        list[str] | None, typer.Option(help="Column of TABLE to copy before the predictions (may be repeated).")
    ] = None,
    interval: Annotated[
        float | None, typer.Option(help="Add the ends between which the truth lies with this probability, as in 0.9.")
    ] = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    header: Header = None,
    decimal: Decimal = None,
    dates: Dates = None,
    sheet: Sheet = None,
    lang: Lang = "en",
    quiet: Quiet = False,
) -> None:
    """Predict the rows of a table with a function that was found.

    A Parquet or text file of very many values is read, predicted and written in blocks of rows, however large it is;
    unless the function is one of a series, or a column of Parquet to copy holds text, which is read by all its rows.
    """
    with plain_errors(lang):
        load()
        from thetastar import data
        from thetastar.data.memory import give_back_soon
        from thetastar.fitting.new_rows.predicting import Wanted, predict_blocks
        from thetastar.fitting.new_rows.predictions import predicted_name, writing_csv
        from thetastar.fitting.saving.saved import files_of, load_saved
        from thetastar.report import say
        from thetastar.report.appraisal import appraised
        from thetastar.report.numbers import counted
        from thetastar.report.reading import reading_notes
        from thetastar.report.series import not_ready
        from thetastar.report.unfamiliar import told

        begun = monotonic()
        check_apart([out], inputs=(table, run, *files_of(run)))
        function, record = load_saved(run)
        before = record.reading if record else data.Reading()
        options = read_options(encoding, delimiter, header, decimal, dates, sheet)
        kept = tuple(dict.fromkeys(keep or []))  # named twice is copied once
        give_back_soon()
        source = _source(function, table, options, like=before, kept=kept)
        check_columns(kept, source.columns, source=table)
        with writing_csv(out) as write:
            done = predict_blocks(function, source, Wanted(kept, interval, table), write)
        words = say("cli.predicted", lang, rows=counted("rows", done.rows, lang))
        print_whole(f"{words} {out}", console=Console(quiet=quiet))
        lines = (*reading_notes(source.reading, lang, besides=before), *_pace(source, monotonic() - begun, lang))
        lines = (*lines, *told(done.seen, lang, intervals=interval is not None), *not_ready(function, done.ready, lang))
        for line in (*lines, *appraised(done.judged, replace(function.target, name=predicted_name(function)), lang)):
            Console(stderr=True, quiet=quiet).print(Text(line))


class _Source(Protocol):
    """A table to predict, in blocks of rows; how it was read, and how much that was, is known once they were read."""

    @property
    def columns(self) -> Sequence[str]: ...

    @property
    def reading(self) -> Reading: ...

    @property
    def rows(self) -> int: ...

    @property
    def bytes(self) -> int: ...

    def __iter__(self) -> Iterator[pl.DataFrame]: ...


@dataclass(frozen=True, eq=False)
class _OneBlock:
    """A table that is read as a whole, which takes too little time to be told."""

    table: pl.DataFrame
    reading: Reading
    bytes: int = 0

    @property
    def columns(self) -> Sequence[str]:
        return self.table.columns

    @property
    def rows(self) -> int:
        return self.table.height

    def __iter__(self) -> Iterator[pl.DataFrame]:
        yield self.table


def _source(
    function: FoundFunction, table: Path, options: ReadOptions, *, like: Reading, kept: Sequence[str]
) -> _Source:
    """Return the rows of a table in blocks if they are very many, otherwise all of them."""
    from thetastar import data
    from thetastar.fitting.new_rows.predicting import BLOCK_ROWS

    target = function.target.name
    if function.history is None:  # windows reach back
        found = data.text_in_blocks(
            table, options=options, like=like, target=target, multiple=BLOCK_ROWS
        ) or data.file_in_blocks(table, options=options, like=like, kept=kept, multiple=BLOCK_ROWS)
        if found is not None:
            return found
    return _OneBlock(*data.read_file(table, options=options, like=like, target=target))


def _pace(source: _Source, seconds: float, lang: str) -> tuple[str, ...]:
    """Say how fast it went, where it took long."""
    from thetastar.report import say
    from thetastar.report.numbers import count, duration, number

    if not source.bytes:
        return ()
    pace, speed = count(round(source.rows / seconds)), number(source.bytes / _MEGA / seconds)
    return (say("cli.predicted.pace", lang, seconds=duration(seconds, lang), pace=pace, speed=speed),)
