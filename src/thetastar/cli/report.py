"""``thetastar report``: what a fit found, once more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from thetastar.cli.app import app, plain_errors, print_whole
from thetastar.cli.loading import load
from thetastar.cli.options import REPORT_FILE, Lang, Quiet, Run, check_apart

__all__ = ["report"]


@app.command()
def report(
    run: Run,
    out: Annotated[Path | None, typer.Option(help="HTML file to write; by default report.html beside RUN.")] = None,
    lang: Lang = "en",
    quiet: Quiet = False,
) -> None:
    """Write the report of a fit again, and print what it found."""
    with plain_errors(lang):
        load()
        from thetastar.fitting.saving.saved import files_of, load_record
        from thetastar.report import say, show, write_report

        console = Console(quiet=quiet)
        file = out or (run if run.is_dir() else run.parent) / REPORT_FILE
        check_apart([file], inputs=(run, *files_of(run)))
        record = load_record(run)
        try:
            write_report(record, file, lang=lang)
        finally:  # even if the disk is full; and only now, as whoever reads it may stop reading, as `head` does
            show(record, console, lang=lang)
        words = say("cli.written.report", lang)
        print_whole(f"{words} {file}", console=console)
