"""The command line face: fit, predict, report."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version as installed_version
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer
from rich.console import Console
from rich.text import Text

from thetastar.budget import seconds as budget_seconds
from thetastar.errors import ThetastarError, UserError

if TYPE_CHECKING:  # these bring torch and scikit-learn: imported where they are used, so that --help is quick
    import numpy as np
    import numpy.typing as npt

    from thetastar.data import ReadOptions
    from thetastar.fitting import Fit, FoundFunction
    from thetastar.fitting.saving.unfinished import Unfinished
    from thetastar.fitting.unfamiliar import NewRows

__all__ = ["app", "main"]

LANGUAGES = ("en", "zh")  # as in thetastar.report.words, which takes seconds to load

_REPORT_FILE = "report.html"
_FEWEST_FOLDS = 2
_WRITING = 2.3  # seconds for the report and for Python's start, which no clock of ours sees,
_MOST_WRITING = 0.4  # but at most this share of the budget
_CHANGEABLE = frozenset({"budget", "lang", "quiet"})  # when a fit is resumed
_FAILED = 2  # exit code of what can't be done as asked
_INTERRUPTED = 130  # the shell's code for Ctrl-C

app = typer.Typer(
    help="Finds the function behind a table, and says what limits the result.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # what isn't a ThetastarError is a bug: its plain traceback helps to report it
)

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
        list[str] | None, typer.Option(help="Overrule what a column is: COLUMN=category (may be repeated).")
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
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Find the function that predicts one column of a table from the others."""
    started = monotonic()  # the budget covers loading torch and reading the table too
    with _plain_errors(lang):
        if resume is not None:
            return _resume(ctx, resume)
        _check_early(table, target=target, budget=budget, folds=folds)
        kinds = _kinds(kind or [])
        from thetastar import data, fitting  # after what can be refused without them: they take seconds
        from thetastar.fitting.saving.unfinished import Unfinished
        from thetastar.report import Progress, say, show, show_data, show_reading

        assert table is not None
        console = Console(quiet=quiet)
        recipe = fitting.Recipe(folds=folds, loss=loss)
        asked = _options_of(encoding, delimiter, header, decimal, dates, sheet)
        rows, reading = data.read_file(table, options=asked, sampled=not lags)
        show_reading(reading, console, lang=lang)
        numbers = None
        if not lags:  # a row without the target is still part of later windows
            rows, numbers = _with_target(rows, target, source=table, console=console, lang=lang)
        aside = [name for name in (target, time, group) if name]
        _check_columns(aside, rows, source=table)
        if len(set(aside)) < len(aside):
            raise UserError(f"target, time and group are different columns; seen {aside}")
        arranged = fitting.arrange(rows, target=target, time=time, group=group, lags=lags, horizon=horizon)
        kinds = arranged.kinds(kinds)
        columns = data.decide_columns(arranged.inputs, overrules=kinds)
        decided = data.decide_target(arranged.y, task=task)
        with _unfinished(Unfinished(out, resumed=bool(ctx.obj)), ctx, lang=lang) as unfinished:
            show_data(decided, columns, console, lang=lang)
            with Progress(lang, quiet=quiet) as progress:
                found = fitting.fit(
                    arranged.inputs,
                    arranged.y,
                    task=task,
                    kinds=kinds,
                    recipe=recipe,
                    groups=arranged.groups,
                    times=arranged.times,
                    known=arranged.known,
                    series=arranged.series,
                    numbers=numbers,
                    budget=_for_the_fit(budget_seconds(budget)),
                    begun=started,
                    seed=seed,
                    source=table.name,
                    reading=reading,
                    report=progress.update,
                    unfinished=unfinished,
                )
            found = arranged.completed(found)
            show(found.record, console, lang=lang, data=False)
            _write_run(found, out, console=console, lang=lang)
            if found.record.stopped == "finished":
                unfinished.forget()
            elif unfinished.started:
                _print(say("cli.resume", lang, run=str(out)), console=console)


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
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Predict the rows of a table with a function that was found."""
    from thetastar import data
    from thetastar.fitting.predictions import aligned, inputs_of, predictions_table, write_csv
    from thetastar.fitting.saving.saved import load_saved
    from thetastar.report import say
    from thetastar.report.numbers import counted
    from thetastar.report.reading import reading_notes
    from thetastar.report.series import not_ready
    from thetastar.report.unfamiliar import told

    with _plain_errors(lang):
        function, record = load_saved(run)
        before = record.reading if record else data.Reading()
        asked = _options_of(encoding, delimiter, header, decimal, dates, sheet)
        rows, reading = data.read_file(table, options=asked, like=before)
        _check_columns(keep or [], rows, source=table)
        inputs, ready = inputs_of(function, rows)
        seen = _look_at(function, inputs, source=table)
        predictions = aligned(predictions_table(function, inputs, level=interval), ready)
        if taken := sorted(set(keep or []) & set(predictions.columns)):
            raise UserError(f"--keep names {taken}, but this is what the predictions are called: leave it out")
        kept = rows.select(list(dict.fromkeys(keep or [])))  # named twice is copied once
        write_csv(pl.concat([kept, predictions], how="horizontal"), out)
        words = say("cli.predicted", lang, rows=counted("rows", inputs.height, lang))
        _print(f"{words} {out}", console=Console(quiet=quiet))
        lines = (*reading_notes(reading, lang, besides=before), *told(seen, lang), *not_ready(function, ready, lang))
        for line in lines:
            Console(stderr=True, quiet=quiet).print(Text(line))


@app.command()
def report(
    run: Run,
    out: Annotated[Path | None, typer.Option(help="HTML file to write; by default report.html beside RUN.")] = None,
    lang: Lang = "en",
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Print what a fit found, and write its report again."""
    from thetastar.fitting.saving.saved import load_record
    from thetastar.report import say, show, write_report

    console = Console(quiet=quiet)
    with _plain_errors(lang):
        record = load_record(run)
        file = out or (run if run.is_dir() else run.parent) / _REPORT_FILE
        show(record, console, lang=lang)
        write_report(record, file, lang=lang)
        words = say("cli.written.report", lang)
        _print(f"{words} {file}", console=console)


@contextmanager
def _plain_errors(lang: str) -> Iterator[None]:
    """Print what can't be done as one message without a traceback, and end with its exit code."""
    try:
        if lang not in LANGUAGES:
            raise UserError(f"language {lang!r} was asked for; there are words in: {', '.join(LANGUAGES)}")
        yield
    except ThetastarError as error:
        Console(stderr=True, soft_wrap=True).print(Text(f"thetastar: {error}"))
        raise typer.Exit(_FAILED) from error
    except KeyboardInterrupt as error:
        from thetastar.report.words import say

        Console(stderr=True).print(Text(say("cli.interrupted", lang)))
        raise typer.Exit(_INTERRUPTED) from error


def _check_early(table: Path | None, *, target: str, budget: str, folds: int) -> None:
    """Refuse what can be refused before the seconds that it takes to load torch."""
    if table is None or not target:
        raise UserError("give a table and --target COLUMN, or --resume RUN to go on with a fit that was cut short")
    budget_seconds(budget)
    if folds < _FEWEST_FOLDS:
        raise UserError(f"--folds must be at least {_FEWEST_FOLDS}; seen {folds}")


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


def _for_the_fit(budget: float) -> float:
    """Return the seconds of a budget that are left for the fit when the report has to be written too."""
    return budget - min(_WRITING, _MOST_WRITING * budget)


@contextmanager
def _unfinished(unfinished: Unfinished, ctx: typer.Context, *, lang: str) -> Iterator[Unfinished]:
    """Make the folder and note what was asked for; on failure leave nothing behind, or what can be gone on with."""
    from thetastar.fitting.saving.saved import FUNCTION_FILE, RECORD_FILE
    from thetastar.fitting.saving.whole import folder_to_write
    from thetastar.report import say

    asked = {name: str(value) if isinstance(value, Path) else value for name, value in ctx.params.items()}
    asked["table"] = str(Path(asked["table"]).absolute())
    with folder_to_write(unfinished.folder, (FUNCTION_FILE, RECORD_FILE, _REPORT_FILE)):
        try:
            unfinished.begin(asked)
            yield unfinished
        except BaseException:
            if not unfinished.started:
                unfinished.forget()
            elif not unfinished.resumed:
                _print(say("cli.resume", lang, run=str(unfinished.folder)), console=Console(stderr=True))
            raise


def _with_target(
    rows: pl.DataFrame, target: str, *, source: Path, console: Console, lang: str
) -> tuple[pl.DataFrame, npt.NDArray[np.int64]]:
    """Return the rows that have a value to learn from, with their numbers from 1, and say how many have none."""
    from thetastar.data.convert import is_missing
    from thetastar.report import say
    from thetastar.report.numbers import counted

    _check_columns([target], rows, source=source)
    known = ~is_missing(rows[target])
    kept = rows.filter(known)
    if not kept.height:
        raise UserError(f"{source}: none of its {rows.height} rows has a value for the target {target!r}")
    if left_out := rows.height - kept.height:
        words = say("cli.left_out", lang, rows=counted("rows", left_out, lang), target=target)
        console.print(Text(f"{words}\n"))
    return kept, known.arg_true().cast(pl.Int64).to_numpy() + 1


def _check_columns(names: Sequence[str], rows: pl.DataFrame, *, source: Path) -> None:
    """Refuse columns that a table doesn't have, naming those that are spelled like them."""
    for name in names:
        if name not in rows.columns:
            close = difflib.get_close_matches(name, rows.columns, n=3)
            hint = f"did you mean {' or '.join(map(repr, close))}?" if close else f"it has {rows.columns[:20]}"
            raise UserError(f"{source} has no column {name!r}; {hint}")


def _options_of(
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


def _kinds(asked: Sequence[str]) -> dict[str, str]:
    """Return column → kind from texts of the form COLUMN=KIND."""
    for text in asked:
        if "=" not in text:
            raise UserError(f"--kind is COLUMN=KIND, for example zip=category; seen {text!r}")
    return {text.rpartition("=")[0]: text.rpartition("=")[2] for text in asked}


def _write_run(found: Fit, out: Path, *, console: Console, lang: str) -> None:
    """Write function, record and report, and say where they are."""
    from thetastar.fitting.saving.saved import FUNCTION_FILE, RECORD_FILE, save, save_record
    from thetastar.report import say, write_report

    written = {
        "function": save(found.function, out / FUNCTION_FILE, record=found.record),
        "record": save_record(found.record, out / RECORD_FILE),
        "report": write_report(found.record, out / _REPORT_FILE, lang=lang),
    }
    if found.record.stopped == "interrupted":
        console.print(Text(say("cli.kept", lang)))
    for what, file in written.items():
        words = say(f"cli.written.{what}", lang)
        _print(f"{words} {file}", console=console)


def _print(words: str, *, console: Console) -> None:
    """Print a line in one piece, however long, so that the path in it can be copied."""
    console.print(Text(words), soft_wrap=True)


def _look_at(function: FoundFunction, rows: pl.DataFrame, *, source: Path) -> NewRows:
    """Refuse rows without a column that is read; otherwise return what in them is unfamiliar."""
    from thetastar.fitting.unfamiliar import absent_columns, look_at

    if absent := absent_columns(function, rows):
        raise UserError(f"{source} lacks the column(s) {list(absent)} that the function reads; it has {rows.columns}")
    return look_at(function, rows)


if __name__ == "__main__":
    main()
