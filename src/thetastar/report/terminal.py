"""The report for a terminal: the same tables and sentences as on the page, without the figures."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from thetastar.data import Column, Reading, Target
from thetastar.fitting.codes import AskedBy
from thetastar.fitting.record import Record
from thetastar.report import accuracy, classes, facts, formula, influence, limits, sentences, tables
from thetastar.report.cautions import cautions
from thetastar.report.lead import towards_the_rarer
from thetastar.report.numbers import count, counted, plus_minus
from thetastar.report.reading import reading_notes
from thetastar.report.series import series
from thetastar.report.streamed import streamed
from thetastar.report.words import say

__all__ = ["show", "show_data", "show_reading"]

COLUMNS_SHOWN = 24
TERMS_SHOWN = 12
WORST_SHOWN = 5
WORST_COLUMNS = 3
WORST_WIDTH = 9  # characters of such a column: beside its row, what is true and what is predicted, in 80 columns


def show_reading(reading: Reading, console: Console, *, lang: str, by: AskedBy = "command") -> None:
    """Print what was decided while the file was read, a line for each decision; nothing where all was plain.

    Args:
        reading: How it was read.
        console: Where to print.
        lang: In which language.
        by: Who asked for the fit.

    Raises:
        UserError: if the language isn't in the catalogue.
    """
    if lines := reading_notes(reading, lang, by=by):
        _say(console, "\n".join(lines))


def show_data(target: Target, columns: tuple[Column, ...], console: Console, *, lang: str) -> None:
    """Print what will be learned from what: the target and what was decided about each column.

    Raises:
        UserError: if the language isn't in the catalogue.
    """
    _say(console, sentences.target(target, lang))
    console.print(Padding(_columns(columns, lang), (0, 0, 1, 0)))


def show(record: Record, console: Console, *, lang: str, data: bool = True) -> None:
    """Print what was found: headline, columns, ladder, choice, the function in words, classes, what limits it.

    Names of columns and classes are printed as they are, never read as markup.

    Args:
        record: What was done.
        console: Where to print.
        lang: In which language.
        data: Whether to print the target and the columns too; not if ``show_data`` did already.

    Raises:
        UserError: if the language isn't in the catalogue.
    """
    record = towards_the_rarer(record)
    _say(console, sentences.headline(record, lang), style="bold")
    if record.stopped != "finished":
        _say(console, sentences.notice(record, lang), style="yellow")
    for words in cautions(record, lang):
        _say(console, words, style="yellow")
    if data:
        show_reading(record.reading, console, lang=lang, by=record.asked.by)
        show_data(record.target, record.columns, console, lang=lang)
    if record.series:
        _say(console, series(record, lang))
    _say(console, sentences.split(record, lang))
    _say(console, sentences.independence(record, lang))
    console.print(Padding(_ladder(record, lang), (0, 0, 1, 0)))
    _say(console, sentences.left_out(record, lang))
    for words in (sentences.choice(record, lang), sentences.combined(record, lang), streamed(record, lang)):
        _say(console, words)
    _function(record, console, lang)
    if record.evidence.importance:
        console.print(Text(say(f"terminal.importance.{record.target.task}", lang), style="bold"))
        console.print(Padding(_importance(record, lang), (0, 0, 1, 0)))
    if record.classes is not None:
        console.print(Padding(_measures(record, lang), (0, 0, 1, 0)))
        console.print(Padding(_classes(record, lang), (0, 0, 1, 0)))
    if rows := accuracy.interval_rows(record):
        console.print(Padding(_intervals(record, rows, lang), (0, 0, 1, 0)))
    if record.evidence.worst:
        console.print(Padding(_worst(record, lang), (0, 0, 1, 0)))
    _say(console, limits.limit(record, lang), style="bold")


def _say(console: Console, words: str, *, style: str = "") -> None:
    """Print a paragraph with a blank line after it; nothing without words."""
    if words:
        console.print(Padding(Text(words, style=style), (0, 0, 1, 0)))


def _table(title: str) -> Table:
    """Return an empty table in the terminal's look."""
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )


def _columns(columns: tuple[Column, ...], lang: str) -> Table:
    """Lay out how each column was understood."""
    table = _table(say("terminal.columns", lang))
    for key in ("column", "kind", "used", "reason"):
        table.add_column(say(f"data.{key}", lang), overflow="fold")
    table.add_column(say("data.missing", lang), justify="right")
    table.add_column(say("data.example", lang), overflow="ellipsis", no_wrap=True, max_width=18)
    rows = tables.column_rows(columns, lang)
    for row in rows[:COLUMNS_SHOWN]:
        used = say("data.yes" if row.used else "data.no", lang)
        cells = (row.name, row.kind, used, row.reason, row.missing, row.example)
        table.add_row(*map(Text, cells), style="" if row.used else "dim")
    more = len(rows) - COLUMNS_SHOWN
    if more > 0:
        table.add_row(Text(f"… {say('data.columns.more', lang, columns=counted('columns', more, lang))}"))
    return table


def _ladder(record: Record, lang: str) -> Table:
    """Lay out the ladder, narrow enough for 80 columns; the rung that was kept is bold and marked."""
    table = _table(say("terminal.ladder", lang))
    table.add_column("", no_wrap=True)
    table.add_column(say("ladder.set", lang), no_wrap=True)
    for key in ("terminal.parameters", "terminal.training", "terminal.validation", "ladder.seconds"):
        table.add_column(say(key, lang), justify="right", no_wrap=True)
    table.add_column(say("ladder.outcome", lang), overflow="fold", min_width=13)
    for row in tables.rung_rows(record, lang):
        mark = "→" if row.kept else ""
        cells = (mark, row.name, row.parameters, row.training, row.validation, row.seconds, row.outcome)
        table.add_row(*map(Text, cells), style="bold" if row.kept else "")
    return table


def _importance(record: Record, lang: str) -> Table:
    """Lay out by how much the error (for classes: the loss) rises without each column; chance is dim."""
    task = record.target.task
    table = _table("")
    table.add_column(say("found.importance.column", lang), overflow="fold")
    table.add_column(say(f"found.importance.increase.{task}", lang), justify="right", no_wrap=True)
    shown = record.evidence.importance[: influence.IMPORTANT_SHOWN]
    for one in sorted(shown, key=lambda one: -facts.rise(record, one).mean):
        found = facts.rise(record, one)
        size = plus_minus(found.mean, found.high - found.mean)
        table.add_row(
            Text(one.column),
            Text(f"+{size}" if found.mean > 0 else size),
            style="" if facts.needed(record, one) else "dim",
        )
    return table


def _intervals(record: Record, rows: tuple[accuracy.IntervalRow, ...], lang: str) -> Table:
    """Lay out how often the prediction intervals held."""
    table = _table(say("good.intervals.title", lang))
    for key in ("asked", "measured", "length"):
        title = say(f"good.intervals.{key}", lang, target=record.target.name)
        table.add_column(Text(title), justify="right", overflow="fold")
    for row in rows:
        table.add_row(row.asked, row.measured, row.length)
    return table


def _worst(record: Record, lang: str) -> Table:
    """Lay out the rows that are predicted worst, with a few of their columns."""
    worst = accuracy.worst_table(record, lang, most=WORST_COLUMNS)
    table = _table(say("good.worst.title", lang))
    for key in ("row", "truth", "prediction", "missed"):
        table.add_column(say(f"good.worst.{key}", lang), justify="right", no_wrap=True)
    for name in worst.columns:
        table.add_column(Text(name), overflow="ellipsis", no_wrap=True, max_width=WORST_WIDTH)
    for row in worst.rows[:WORST_SHOWN]:
        table.add_row(*map(Text, row))
    return table


def _beyond(found: facts.Interval) -> str:
    """Return the style of a row: dim if its interval holds 0."""
    return "" if found.above_zero else "dim"


def _measures(record: Record, lang: str) -> Table:
    """Lay out how well the classes are told apart, beside a constant answer."""
    table = _table(say("measure.heading", lang))
    table.add_column(say("measure.title", lang), overflow="fold")
    for key in ("measure.value", "measure.constant"):
        table.add_column(say(key, lang), justify="right")
    for row in classes.measure_rows(record, lang):
        table.add_row(*map(Text, (row.name, str(row.value), row.constant)))
    return table


def _classes(record: Record, lang: str) -> Table:
    """Lay out the classes one by one, the rarest of many left out."""
    table = _table(say("classes.each", lang))
    table.add_column(say("classes.class", lang), overflow="fold", min_width=8)
    for key in ("rows", "precision", "recall", "f1"):
        table.add_column(say(f"classes.{key}", lang), justify="right")
    rows = classes.class_rows(record)
    for row in rows[: classes.CLASSES_SHOWN]:
        table.add_row(*map(Text, (row.name, row.rows, str(row.precision), str(row.recall), str(row.f1))))
    more = len(rows) - classes.CLASSES_SHOWN
    if more > 0:
        table.add_row(Text(f"… {say('classes.each.more', lang, more=count(more))}"))
    return table


def _function(record: Record, console: Console, lang: str) -> None:
    """Print the kept function in words, and as a formula where it is one."""
    rung = facts.chosen(record)
    _say(console, say(f"found.{rung.name}", lang, parameters=counted("parameters", rung.parameters, lang)))
    if rung.name not in ("constant", "linear"):
        return
    for one in formula.written(record, lang):
        short = formula.WrittenFormula(left=one.left, terms=one.terms[:TERMS_SHOWN])
        more = len(one.terms) - TERMS_SHOWN
        rest = f" + … ({counted('smaller_terms', more, lang)})" if more > 0 else ""
        _say(console, f"{short}{rest}")
