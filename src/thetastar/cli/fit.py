"""``thetastar fit``: from a file to a function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer
from rich.console import Console
from rich.text import Text

from thetastar.budget import seconds as budget_seconds
from thetastar.cli.app import app, plain_errors, print_whole
from thetastar.cli.command_line import words_of
from thetastar.cli.loading import load
from thetastar.cli.options import (
    REPORT_FILE,
    Dates,
    Decimal,
    Delimiter,
    Encoding,
    Header,
    Lang,
    Quiet,
    Sheet,
    check_apart,
    check_columns,
    read_options,
)
from thetastar.errors import UserError

if TYPE_CHECKING:  # these bring torch and scikit-learn: imported where they are used, so that --help is quick
    from thetastar.arrays import Integers
    from thetastar.data import Extent, Reading, ReadOptions, UnreadRows
    from thetastar.fitting import Asked, Fit
    from thetastar.fitting.saving.unfinished import Unfinished
    from thetastar.fitting.series import Arranged

__all__ = ["fit"]

_FEWEST_FOLDS = 2
# Seconds for the report and for Python's start and end, which no clock of ours sees: .25, .2 and .2 of processor time
# on the development machine (fits to 12,000 diamonds, to dates, to two and to ten classes); the rest is reserve.
_WRITING = 1.0
_MOST_WRITING = 0.4  # of the budget at most
_READING = 1 / 3  # of the budget may be over before a sample of a file that memory can't hold is large enough
_SAME_FUNCTION = frozenset({"out", "resume", "lang", "quiet"})  # whatever they are
_CHANGEABLE = frozenset({"budget", "lang", "quiet"})  # when a fit is resumed


@app.command()
def fit(
    ctx: typer.Context,
    table: Annotated[
        Path | None,
        typer.Argument(help="Table to learn from: CSV, Parquet, Arrow or a workbook; packed or not.", metavar="TABLE"),
    ] = None,
    target: Annotated[str, typer.Option(help="Column to predict.")] = "",
    task: Annotated[str, typer.Option(help="auto, regression or classification.")] = "auto",
    folds: Annotated[int, typer.Option(help="Parts of the rows that take turns in judging.")] = 5,
    time: Annotated[str, typer.Option(help="Column that says when: validation rows are then always later.")] = "",
    group: Annotated[str, typer.Option(help="Column whose rows stay together in one fold.")] = "",
    lags: Annotated[
        int, typer.Option(help="Predict from the last so many rows before, in order of --time; 0 for none.", min=0)
    ] = 0,
    horizon: Annotated[int, typer.Option(help="With --lags: how many steps ahead to predict.", min=1)] = 1,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Overrule what a column is: COLUMN=category, hour=time, … (may be repeated)."),
    ] = None,
    loss: Annotated[str, typer.Option(help="auto, squared, absolute, huber, cross_entropy, …")] = "auto",
    budget: Annotated[str, typer.Option(help="Wall-clock time: 90, 90s, 2m, 1.5h. Small tables need less.")] = "2m",
    seed: Annotated[int, typer.Option(help="Of every random stream.", min=0)] = 0,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    header: Header = None,
    decimal: Decimal = None,
    dates: Dates = None,
    sheet: Sheet = None,
    lang: Lang = "en",
    out: Annotated[Path, typer.Option(help="Folder for function, record and report.")] = Path("run"),
    resume: Annotated[
        Path | None,
        typer.Option(help="Folder of a fit that was cut short: goes on from its last set of functions.", metavar="RUN"),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Find the function that predicts one column of a table from the others."""
    started = monotonic()  # the budget covers loading torch and reading the table too
    with plain_errors(lang):
        if resume is not None:
            return _resume(ctx, resume)
        allowed = _check_early(table, target=target, budget=budget, folds=folds)
        overrules = _kinds(kind or [])
        load()  # after what can be refused before these seconds
        from thetastar import data, fitting
        from thetastar.data.memory import give_back_soon
        from thetastar.fitting.saving.saved import files_of
        from thetastar.fitting.saving.unfinished import Unfinished
        from thetastar.report import Progress, say, show, show_data

        assert table is not None
        give_back_soon()
        check_apart([*files_of(out), out / REPORT_FILE], inputs=[table])
        console = Console(quiet=quiet)
        options = read_options(encoding, delimiter, header, decimal, dates, sheet)
        folder = Unfinished(out, resumed=bool(ctx.obj))
        how = _How(options, group, whole=lags > 0, until=started + _READING * allowed, again=folder.drawn())
        rows = _read(table, target, how, console=console, lang=lang)
        aside = [name for name in (target, time, group) if name]
        check_columns(aside, rows.table.columns, source=table)
        if len(set(aside)) < len(aside):
            raise UserError(f"target, time and group are different columns; seen {aside}")
        arranged = fitting.arrange(rows.table, target=target, time=time, group=group, lags=lags, horizon=horizon)
        asked = fitting.Asked("command", words_of(ctx, without=_SAME_FUNCTION))
        arranged = _decided(arranged, rows, task=task, overrules=overrules, source=table, asked=asked)
        del rows  # a table of many texts takes far more memory as it was read
        decided = data.decide_target(arranged.question.y, task=task)
        drawn = arranged.question.file.extent if arranged.question.file else None
        with _unfinished(folder, ctx, drawn=drawn, lang=lang) as unfinished:
            show_data(decided, arranged.question.columns or (), console, lang=lang)
            with Progress(lang, quiet=quiet) as progress:
                found = fitting.fit(
                    arranged.question,
                    recipe=fitting.Recipe(folds=folds, loss=loss),
                    budget=allowed,
                    aside=_for_the_report(allowed),
                    begun=started,
                    seed=seed,
                    report=progress.update,
                    unfinished=unfinished,
                )
            found = arranged.completed(found)
            try:
                written = _write_run(found, out, lang=lang)
                if found.record.stopped == "finished":
                    unfinished.forget()
            finally:  # even if the disk is full; and only now, as whoever reads it may stop reading, as `head` does
                show(found.record, console, lang=lang, data=False)
            if found.record.stopped == "interrupted":
                console.print(Text(say("cli.kept", lang)))
            for what, file in written.items():
                words = say(f"cli.written.{what}", lang)
                print_whole(f"{words} {file}", console=console)
            if unfinished.started:
                print_whole(say("cli.resume", lang, run=str(out)), console=console)


@dataclass(frozen=True, eq=False)
class _Rows:
    """A table that was read.

    Attributes:
        table: The rows to learn from.
        numbers: Theirs, from 1; None for 1, 2, ….
        reading: How it was read.
        file: All rows, where they are more than memory holds.
    """

    table: pl.DataFrame
    numbers: Integers | None
    reading: Reading
    file: UnreadRows | None = None


@dataclass(frozen=True)
class _How:
    """How to read a table.

    Attributes:
        options: What not to find out.
        group: Column whose rows stay together.
        whole: Whether all rows are needed, as windows reach back.
        until: When to be content with a sample of a large text file, on the monotonic clock.
        again: What the sample was drawn from when this fit began; None if it begins now.
    """

    options: ReadOptions
    group: str
    whole: bool
    until: float
    again: Extent | None


def _read(table: Path, target: str, how: _How, *, console: Console, lang: str) -> _Rows:
    """Read a table and say how; without the rows that have no target, unless they are part of later windows."""
    from thetastar import data
    from thetastar.report import show_reading

    if how.whole:
        rows, reading = data.read_file(table, options=how.options)
        show_reading(reading, console, lang=lang)
        return _Rows(rows, None, reading)
    sample = data.read_sample(table, options=how.options, group=how.group, until=how.until, again=how.again)
    show_reading(sample.reading, console, lang=lang)
    kept, numbers = _with_target(sample.table, target, source=table, console=console, lang=lang)
    return _Rows(kept, numbers, sample.reading, sample.file)


def _decided(
    arranged: Arranged, rows: _Rows, *, task: str, overrules: dict[str, str], source: Path, asked: Asked
) -> Arranged:
    """Decide what the columns are, and keep only what the fit reads of them."""
    from thetastar import data

    table, kinds = arranged.question.table, arranged.kinds(overrules)
    columns = data.decide_columns(table, overrules=kinds)
    question = replace(
        arranged.question,
        table=data.slim(table, columns),
        task=task,
        kinds=kinds,
        columns=columns,
        numbers=rows.numbers,
        source=source.name,
        reading=rows.reading,
        asked=asked,
        file=rows.file,
    )
    return replace(arranged, question=question)


def _check_early(table: Path | None, *, target: str, budget: str, folds: int) -> float:
    """Refuse what can be refused before the seconds that it takes to load torch; return those of the budget."""
    if table is None or not target:
        raise UserError("give a table and --target COLUMN, or --resume RUN to go on with a fit that was cut short")
    if folds < _FEWEST_FOLDS:
        raise UserError(f"--folds must be at least {_FEWEST_FOLDS}; seen {folds}")
    return budget_seconds(budget)


def _resume(ctx: typer.Context, run: Path) -> None:
    """Fit as was asked for when the fit in this folder began; only what is printed and the budget may be changed."""
    from thetastar.fitting.saving.unfinished import Unfinished

    asked = Unfinished(run).asked()
    sources = {name: ctx.get_parameter_source(name) for name in ctx.params}
    given = {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}
    if settled := sorted(given - {"resume", *_CHANGEABLE}):
        raise UserError(f"{settled} can't be given with --resume: it goes on with what was asked for before")
    again = {name: asked.get(name, value) for name, value in ctx.params.items()}
    again |= {name: ctx.params[name] for name in given & _CHANGEABLE}
    again |= {"table": Path(again["table"]), "out": run, "resume": None}
    ctx.obj = run
    ctx.params = again
    fit(ctx, **again)


def _for_the_report(budget: float) -> float:
    """Return the seconds of a budget that writing the report needs."""
    return min(_WRITING, _MOST_WRITING * budget)


@contextmanager
def _unfinished(unfinished: Unfinished, ctx: typer.Context, *, drawn: Extent | None, lang: str) -> Iterator[Unfinished]:
    """Make the folder and note what was asked for; on failure leave nothing behind, or what can be gone on with."""
    from thetastar.fitting.saving.saved import FUNCTION_FILE, RECORD_FILE
    from thetastar.fitting.saving.whole import folder_to_write
    from thetastar.report import say

    asked = {name: str(value) if isinstance(value, Path) else value for name, value in ctx.params.items()}
    asked["table"] = str(Path(asked["table"]).absolute())
    with folder_to_write(unfinished.folder, (FUNCTION_FILE, RECORD_FILE, REPORT_FILE)):
        try:
            unfinished.begin(asked, drawn=drawn)
            yield unfinished
        except BaseException:
            if not unfinished.started:
                unfinished.forget()
            elif not unfinished.resumed:
                print_whole(say("cli.resume", lang, run=str(unfinished.folder)), console=Console(stderr=True))
            raise


def _with_target(
    rows: pl.DataFrame, target: str, *, source: Path, console: Console, lang: str
) -> tuple[pl.DataFrame, Integers | None]:
    """Return the rows that have a value to learn from, with their numbers from 1, and say how many have none.

    There are no numbers where all rows have one.
    """
    from thetastar.data.convert import is_missing
    from thetastar.report import say
    from thetastar.report.numbers import counted

    check_columns([target], rows.columns, source=source)
    known = ~is_missing(rows[target])
    kept = rows.filter(known)
    if not kept.height:
        raise UserError(f"{source}: none of its {rows.height} rows has a value for the target {target!r}")
    if kept.height == rows.height:
        return rows, None
    words = say("cli.left_out", lang, rows=counted("rows", rows.height - kept.height, lang), target=target)
    console.print(Text(f"{words}\n"))
    return kept, known.arg_true().cast(pl.Int64).to_numpy() + 1


def _kinds(asked: Sequence[str]) -> dict[str, str]:
    """Return column → kind from texts of the form COLUMN=KIND."""
    for text in asked:
        if "=" not in text:
            raise UserError(f"--kind is COLUMN=KIND, for example zip=category; seen {text!r}")
    return {text.rpartition("=")[0]: text.rpartition("=")[2] for text in asked}


def _write_run(found: Fit, out: Path, *, lang: str) -> dict[str, Path]:
    """Write function, record and report, and return where they are."""
    from thetastar.fitting.saving.saved import FUNCTION_FILE, RECORD_FILE, save, save_record
    from thetastar.report import write_report

    return {
        "function": save(found.function, out / FUNCTION_FILE, record=found.record),
        "record": save_record(found.record, out / RECORD_FILE),
        "report": write_report(found.record, out / REPORT_FILE, lang=lang),
    }
