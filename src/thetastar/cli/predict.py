"""``thetastar predict``: new rows by a function that was found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    check_columns,
    read_options,
)
from thetastar.errors import UserError

if TYPE_CHECKING:  # these bring torch and scikit-learn: imported where they are used, so that --help is quick
    import numpy as np
    import numpy.typing as npt

    from thetastar.fitting import FoundFunction
    from thetastar.fitting.unfamiliar import NewRows

__all__ = ["predict"]


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
    """Predict the rows of a table with a function that was found."""
    load()
    from thetastar import data
    from thetastar.fitting.appraisal import appraise, known_target
    from thetastar.fitting.predictions import aligned, inputs_of, predictions_table, write_csv
    from thetastar.fitting.saving.saved import load_saved
    from thetastar.report import say
    from thetastar.report.appraisal import appraised
    from thetastar.report.numbers import counted
    from thetastar.report.reading import reading_notes
    from thetastar.report.series import not_ready
    from thetastar.report.unfamiliar import told

    with plain_errors(lang):
        function, record = load_saved(run)
        before = record.reading if record else data.Reading()
        asked = read_options(encoding, delimiter, header, decimal, dates, sheet)
        rows, reading = data.read_file(table, options=asked, like=before)
        check_columns(keep or [], rows, source=table)
        inputs, ready = inputs_of(function, rows)
        seen = _look_at(function, inputs, ready, source=table)
        outputs = function.outputs(inputs)
        ends = None if interval is None else function.ends_around(outputs, inputs, level=interval)
        predictions = aligned(predictions_table(function, outputs, ends=ends), ready)
        if taken := sorted(set(keep or []) & set(predictions.columns)):
            raise UserError(f"--keep names {taken}, but this is what the predictions are called: leave it out")
        kept = rows.select(list(dict.fromkeys(keep or [])))  # named twice is copied once
        write_csv(pl.concat([kept, predictions], how="horizontal"), out)
        words = say("cli.predicted", lang, rows=counted("rows", inputs.height, lang))
        print_whole(f"{words} {out}", console=Console(quiet=quiet))
        judged = appraise(function, inputs, known_target(function, rows), outputs, ready=ready)
        lines = (*reading_notes(reading, lang, besides=before), *told(seen, lang), *not_ready(function, ready, lang))
        for line in (*lines, *appraised(judged, function.target, lang)):
            Console(stderr=True, quiet=quiet).print(Text(line))


def _look_at(function: FoundFunction, rows: pl.DataFrame, ready: npt.NDArray[np.bool_], *, source: Path) -> NewRows:
    """Refuse rows without a column that is read; otherwise return what in them is unfamiliar."""
    from thetastar.fitting.unfamiliar import absent_columns, look_at

    if absent := absent_columns(function, rows):
        raise UserError(f"{source} lacks the column(s) {list(absent)} that the function reads; it has {rows.columns}")
    return look_at(function, rows, ready=ready)
