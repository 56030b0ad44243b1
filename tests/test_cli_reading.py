"""What was decided while a file was read is said, kept, and holds for the files to predict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from thetastar.cli import app
from thetastar.fitting.saving.saved import load_record
from thetastar.report.reading import reading_notes


def call(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def flat(text: str) -> str:
    return " ".join(text.split())


def german(rows: int) -> str:
    """Houses as a German spreadsheet writes them."""
    random = np.random.default_rng(0)
    size = random.uniform(50, 150, rows).round(2)
    price = size * 2000 + random.normal(0, 900, rows).round(2)
    lines = ["Nr;Größe;Preis;verkauft"]
    for place, (area, cost) in enumerate(zip(size, price, strict=True)):
        amount = f"{cost:,.2f} €".translate(str.maketrans(",.", ".,"))
        lines.append(f"{place + 1};{f'{area:.2f}'.replace('.', ',')};{amount};{place % 28 + 1}.{place % 12 + 1}.2024")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("german")
    (folder / "houses.csv").write_bytes(german(60).encode("cp1252"))
    run = folder / "run"
    return run, call("fit", folder / "houses.csv", "--target", "Preis", "--folds", "2", "--out", run, "--budget", "8s")


def test_decisions_are_printed_kept_and_reported(fitted: tuple[Path, Any]) -> None:
    run, done = fitted
    assert done.exit_code == 0, done.output
    record = load_record(run)
    notes = reading_notes(record.reading, "en")
    page = (run / "report.html").read_text("utf-8")
    assert [note.code for note in record.reading.notes] == [
        "encoding", "delimiter", "decimal_comma", "thousands", "currency", "dates_dmy",
    ]  # fmt: skip
    for sentence in notes:
        assert flat(sentence) in flat(done.stdout)
        assert sentence in page
    assert flat(done.stdout).index(notes[0]) < flat(done.stdout).index("Ladder")
    assert {column.name: column.kind.value for column in record.columns} == {
        "Nr": "identifier", "Größe": "number", "verkauft": "date",
    }  # fmt: skip


def test_predict_reads_new_files_by_what_was_decided(fitted: tuple[Path, Any], tmp_path: Path) -> None:
    run, _ = fitted
    new = "Größe;verkauft\n1.000,5;05.03.2024\n80,125;06.03.2024\n"
    (tmp_path / "new.csv").write_text(new, "utf-8")
    done = call("predict", run, tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    assert "1000.5" in done.stderr or "1,000" in done.stderr  # far outside of what was learned, and so told
    assert pl.read_csv(tmp_path / "out.csv")["Preis"][1] == pytest.approx(160_250, rel=0.05)
    assert "Decimal" not in done.stderr  # it is no news


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--decimal", ";"), "the decimal mark is '.' or ','; seen ';'"),
        (("--delimiter", "ab"), "the delimiter is one character; seen 'ab'"),
        (("--dates", "ymd"), "the order of dates is 'dmy' or 'mdy'; seen 'ymd'"),
        (("--encoding", "utf-9"), "there is no text encoding named 'utf-9'"),
        (("--encoding", "ascii"), "isn't ascii text"),
        (("--no-header",), "has no column 'Preis'"),
        (("--delimiter", "tab"), "has no column 'Preis'"),
    ],
)
def test_what_is_asked_for_is_done_or_refused(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    (tmp_path / "houses.csv").write_text(german(9).replace("€", "$"), "utf-8")
    done = call("fit", tmp_path / "houses.csv", "--target", "Preis", "--out", tmp_path / "run", *options)
    assert done.exit_code == 2
    assert message in flat(done.stderr)
