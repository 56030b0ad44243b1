"""Rows that come in blocks are predicted as one table is."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.fitting.tables import CONVEX, LONG, mixed, numbers
from thetastar.errors import UserError
from thetastar.fitting import FoundFunction, Question, fit
from thetastar.fitting.new_rows import predicting
from thetastar.fitting.new_rows.predicting import Predicted, Wanted, predict_blocks

ROWS = 200
ALL = Wanted(("size", "town"), None, Path("new.csv"))


@pytest.fixture(scope="module", params=["price", "grade"])
def function(request: pytest.FixtureRequest) -> FoundFunction:
    table, x = mixed(ROWS), numbers(ROWS)[:, 0]
    y = pl.Series("price", x) if request.param == "price" else pl.Series("grade", np.where(x > 0, "a", "b"))
    return fit(Question(table, y), recipe=CONVEX, budget=LONG).function


def new_rows(function: FoundFunction) -> pl.DataFrame:
    """Rows of training and others, among them some that no row of training was like, and their target."""
    x = numbers(2 * ROWS)[:, 0]
    target = np.where(x > 0, "a", "b") if function.target.classes else x
    odd = pl.Series("town", ["Rome", None] * 3)
    table = pl.concat([mixed(ROWS), mixed(ROWS, seed=1)]).with_columns(pl.Series(function.target.name, target))
    return table.with_columns(table["town"].scatter([7, 150, 250, 390, 391, 399], odd), extra=1)


def predicted(function: FoundFunction, sizes: list[int], wanted: Wanted = ALL) -> tuple[str, Predicted]:
    """Return what is written, and what is to be said, of rows that come in blocks of these sizes."""
    rows, written = new_rows(function), list[str]()
    cuts = np.cumsum([0, *sizes]).tolist()
    blocks = (rows[begin:end] for begin, end in pairwise(cuts))
    done = predict_blocks(function, blocks, wanted, lambda part: written.append(part.write_csv(include_header=False)))
    return "".join(written), done


@pytest.mark.parametrize("sizes", [[320, 80], [64, 64, 192, 80]])
def test_the_blocks_change_nothing(function: FoundFunction, sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predicting, "BLOCK_ROWS", 64)
    once, blocks = (predicted(function, each) for each in ([2 * ROWS], sizes))
    assert blocks[0] == once[0]
    assert len(once[0].splitlines()) == blocks[1].rows == 2 * ROWS
    assert blocks[1].seen == once[1].seen
    assert blocks[1].judged == once[1].judged
    assert blocks[1].ready.tolist() == [True] * 2 * ROWS


def test_what_is_told_is_that_of_the_whole_table(function: FoundFunction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predicting, "BLOCK_ROWS", 2 * ROWS)
    _, whole = predicted(function, [2 * ROWS])
    monkeypatch.setattr(predicting, "BLOCK_ROWS", 50)
    _, parts = predicted(function, [2 * ROWS])
    assert parts.seen == whole.seen
    assert parts.judged == whole.judged
    rome = next(one for one in parts.seen.found if one.example == "Rome")
    assert (rome.rows, rome.first) == (3, 8)
    assert parts.seen.not_read == ("extra",)
    assert parts.judged.shared is not None
    assert parts.judged.shared.inputs >= ROWS - 6


def test_each_block_is_written_before_the_next_is_read(function: FoundFunction) -> None:
    rows, seen = new_rows(function), list[Any]()

    def blocks() -> Any:
        for begin in (0, 100, 200):
            seen.append(("read", begin))
            yield rows[begin : begin + 100]

    predict_blocks(function, blocks(), ALL, lambda part: seen.append(("written", part.height)))
    assert seen == [("read", 0), ("written", 100), ("read", 100), ("written", 100), ("read", 200), ("written", 100)]


def test_what_cannot_be_written_is_refused(function: FoundFunction) -> None:
    name = function.target.name
    with pytest.raises(UserError, match="--keep names"):
        predicted(function, [2 * ROWS], Wanted((name,), None, Path("new.csv")))
    with pytest.raises(UserError, match=r"new\.csv lacks the column\(s\) \['size'\]"):
        predict_blocks(function, [new_rows(function).drop("size")], ALL, lambda _: None)
