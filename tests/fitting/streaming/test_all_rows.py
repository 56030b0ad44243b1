"""A function found on a sample goes on over all rows of its file, and is kept unless that made it worse."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
import torch

from thetastar.data import LargeFile, read_sample
from thetastar.data.large import parquet
from thetastar.fitting import Fit, Recipe, fit
from thetastar.fitting.question import Question
from thetastar.fitting.record import Streamed
from thetastar.fitting.streaming import learners

ROWS = 40_000
PARTS = 20  # of which memory holds one

Ask = Callable[..., Question]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return a question about a file of which memory holds a twentieth, so that a block has a twelfth of its rows."""

    def asked(table: pl.DataFrame, *, group: str = "") -> Question:
        table.write_parquet(tmp_path / "t.parquet")
        numbers = table.height * table.width
        monkeypatch.setattr(parquet, "_LARGE", 0)
        monkeypatch.setattr(parquet, "_BLOCK", numbers * 4 // 12)
        monkeypatch.setattr(parquet, "_BLOCK_SHARE", 1.0)
        monkeypatch.setattr(parquet, "memory_limit", lambda: numbers * 4 / parquet._SHARE / (PARTS - 0.5))
        found = read_sample(tmp_path / "t.parquet", group=group)
        return Question(found.table.drop("y"), found.table["y"], reading=found.reading, file=found.file)

    return asked


def columns(rows: int = ROWS, *, seed: int = 0) -> dict[str, npt.NDArray[np.float32]]:
    stream = np.random.default_rng(seed)
    return {name: stream.standard_normal(rows, dtype=np.float32) for name in ("a", "b", "noise")}


def linear(rows: int = ROWS) -> pl.DataFrame:
    x = columns(rows)
    return pl.DataFrame({**x, "y": 3 + 2 * x["a"] - x["b"] + 0.5 * x["noise"] ** 2})


def wiggly(rows: int = ROWS, *, seed: int = 0) -> pl.DataFrame:
    """A wave with so much noise that a twentieth of the rows show it badly."""
    x = columns(rows, seed=seed)
    return pl.DataFrame({"a": x["a"], "b": x["b"], "y": np.sin(6 * x["a"]) + 2 * x["noise"]})


def classes(rows: int = ROWS) -> pl.DataFrame:
    x = columns(rows)
    return pl.DataFrame({"a": x["a"], "b": x["b"], "y": np.where(x["a"] + x["noise"] > 0, "yes", "no")})


def fitted(question: Question, *rungs: str, budget: float = 60.0, seed: int = 0) -> tuple[Fit, Streamed]:
    found = fit(question, recipe=Recipe(rungs=("constant", *rungs)), budget=budget, seed=seed)
    assert found.record.streamed is not None
    return found, found.record.streamed


def test_least_squares_is_that_of_all_rows(ask: Ask) -> None:
    question = ask(linear())
    assert question.file is not None
    found, streamed = fitted(question, "linear")
    learned = pl.concat(question.file.blocks(seed=5))
    matrix = np.column_stack([np.ones(learned.height), learned.drop("y").to_numpy()])
    theta = np.linalg.lstsq(matrix.astype(np.float64), learned["y"].to_numpy().astype(np.float64), rcond=None)[0]
    assert found.record.formula is not None
    terms = {term.input.column: term.coefficient for term in found.record.formula.terms}
    assert found.record.formula.intercept[0] == pytest.approx(theta[0], rel=2e-5)
    assert [terms[name] for name in ("a", "b")] == pytest.approx(theta[1:3], rel=2e-5)
    assert (streamed.method, streamed.stopped, streamed.kept) == ("normal_equations", "finished", True)
    assert streamed.rows + streamed.judges == streamed.of == ROWS
    assert streamed.rows == learned.height
    assert found.record.rows < 1.2 * ROWS / PARTS
    marks = found.function.marks
    assert marks is not None
    assert marks.rows.distinct == pytest.approx(streamed.rows, rel=0.03)


def test_all_rows_show_what_a_sample_does_not(ask: Ask) -> None:
    found, streamed = fitted(ask(wiggly(2 * ROWS)), "linear", "hard_sigmoids")
    assert found.record.choice.rung == "hard_sigmoids"
    assert streamed.kept
    assert streamed.after < streamed.before - 3 * streamed.standard_error
    fresh = wiggly(seed=1)
    errors = fresh["y"].to_numpy() - found.function.predict(fresh)
    assert np.mean(errors**2) == pytest.approx(4.0, rel=0.03)  # the noise alone
    assert streamed.after_error == pytest.approx(2.0, rel=0.03)
    assert streamed.before_error > streamed.after_error


def test_the_intervals_are_those_of_the_function_that_was_kept(ask: Ask) -> None:
    found, streamed = fitted(ask(wiggly()), "linear", "hard_sigmoids")
    fresh = wiggly(seed=1)
    low, high = found.function.predict_interval(fresh, level=0.9).T
    assert np.mean((low <= fresh["y"].to_numpy()) & (fresh["y"].to_numpy() <= high)) == pytest.approx(0.9, abs=0.01)
    assert found.function.intervals is not None
    assert found.function.intervals.rows == streamed.judges


@pytest.mark.slow
def test_networks_descend_over_all_rows(ask: Ask) -> None:
    x = columns(4 * ROWS)
    table = pl.DataFrame({"a": x["a"], "b": x["b"], "y": np.sin(3 * x["a"] * x["b"]) + 0.3 * x["noise"]})
    found, streamed = fitted(ask(table), "hidden", budget=120.0)
    assert found.record.choice.rung == "hidden"
    assert streamed.method == "descent"
    assert streamed.after < streamed.before - 2 * streamed.standard_error  # the sample's own time varies


def test_classes_descend_over_all_rows(ask: Ask) -> None:
    found, streamed = fitted(ask(classes()), "linear")
    assert (streamed.method, streamed.stopped) == ("descent", "finished")
    assert streamed.kept
    assert streamed.after <= streamed.before + streamed.standard_error
    assert streamed.after_error == pytest.approx(0.25, abs=0.03)  # a + noise > 0 from a alone: 1/4 are wrong
    probability = found.function.outputs(pl.DataFrame({"a": [0.0, 3.0], "b": [0.0, 0.0]}))[:, 1]
    assert probability == pytest.approx([0.5, 0.995], abs=0.02)


@pytest.mark.parametrize("rate", [30.0, float("inf")])
def test_what_got_worse_is_not_kept(ask: Ask, monkeypatch: pytest.MonkeyPatch, rate: float) -> None:
    question = ask(classes())
    monkeypatch.setattr(learners, "_RATE", rate)
    found, streamed = fitted(question, "linear")
    assert not streamed.kept
    assert not streamed.after <= streamed.before + streamed.standard_error
    sample = fit(replace(question, file=None), recipe=Recipe(rungs=("constant", "linear")))
    assert torch.equal(found.function.state, sample.function.state)


def test_the_same_seed_gives_the_same_bits(ask: Ask) -> None:
    first, again, other = (fitted(ask(classes()), "linear", seed=seed)[0].function.state for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def slowly(seconds: float) -> Callable[..., Iterator[pl.DataFrame]]:
    """Return a way to read blocks that takes so long for each."""
    read = LargeFile.blocks

    def blocks(file: LargeFile, *, seed: int) -> Iterator[pl.DataFrame]:
        for block in read(file, seed=seed):
            time.sleep(seconds)
            yield block

    return blocks


@pytest.mark.slow
def test_a_pass_that_time_cut_short_is_judged_as_far_as_it_came(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    question = ask(wiggly())
    monkeypatch.setattr(LargeFile, "blocks", slowly(1.0))  # 12 seconds in all
    begun = time.monotonic()
    found, streamed = fitted(question, "linear", "hard_sigmoids", budget=8.0)
    assert time.monotonic() - begun < 8.0 * 1.1
    assert streamed.stopped == "budget"
    assert 0 < streamed.rows < 0.75 * ROWS
    assert found.record.stopped == "finished"


def test_ctrl_c_ends_the_pass_and_keeps_what_it_came_to(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    question, read = ask(wiggly()), LargeFile.blocks

    def interrupted(file: LargeFile, *, seed: int) -> Iterator[pl.DataFrame]:
        for place, block in enumerate(read(file, seed=seed)):
            if place == 6:
                raise KeyboardInterrupt
            yield block

    monkeypatch.setattr(LargeFile, "blocks", interrupted)
    found, streamed = fitted(question, "linear", "hard_sigmoids")
    assert streamed.stopped == found.record.stopped == "interrupted"
    assert streamed.rows == pytest.approx(ROWS / 2, rel=0.1)
    assert streamed.kept


def test_ctrl_c_before_the_first_block_keeps_the_sample_s_function(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_file: LargeFile, *, seed: int) -> Iterator[pl.DataFrame]:
        raise KeyboardInterrupt(seed)
        yield

    question = ask(linear())
    monkeypatch.setattr(LargeFile, "blocks", interrupted)
    found = fit(question, recipe=Recipe(rungs=("constant", "linear")))
    assert (found.record.stopped, found.record.streamed) == ("interrupted", None)


def test_rows_of_a_class_that_the_sample_lacks_are_left_out(ask: Ask) -> None:
    table = classes()
    question = ask(table)
    assert question.file is not None
    apart = {*question.table["a"], *question.file.judges()["a"]}
    rare = [row for row, value in enumerate(table["a"]) if value not in apart][:7]
    labels = table["y"].to_list()
    for row in rare:
        labels[row] = "rare" if row % 2 else None
    _, streamed = fitted(ask(table.with_columns(y=pl.Series(labels))), "linear")
    assert streamed.rows == ROWS - streamed.judges - len(rare)


def test_texts_are_read_as_those_of_the_sample(ask: Ask) -> None:
    table = linear()
    written = pl.Series("a", [f"{value:.3f}".replace(".", ",") + " €" for value in table["a"]])
    found, streamed = fitted(ask(table.with_columns(written)), "linear")
    assert (streamed.stopped, streamed.kept) == ("finished", True)
    assert streamed.after == pytest.approx(streamed.before, rel=0.05)
    assert found.record.formula is not None
    slopes = {term.input.column: term.coefficient for term in found.record.formula.terms}
    assert slopes["a"] == pytest.approx(2.0, abs=0.01)


def grouped(rows: int = ROWS, *, size: int = 20) -> pl.DataFrame:
    """Groups whose rows share an input, and a part of the target that nothing else tells."""
    x, stream = columns(rows), np.random.default_rng(7)
    own, place = stream.standard_normal((2, rows // size)), np.arange(rows) // size
    return pl.DataFrame({"who": place, "a": own[0][place], "b": x["b"], "y": own[1][place] + x["b"]})


def test_groups_are_judged_by_groups(ask: Ask) -> None:
    question = ask(grouped(), group="who")
    assert question.file is not None
    question = replace(question, table=question.table.drop("who"), groups=question.table["who"])
    found, streamed = fitted(question, "linear")
    assert (found.record.split, streamed.stopped, streamed.kept) == ("group", "finished", True)
    assert streamed.after_error == pytest.approx(1.0, rel=0.15)  # what nothing tells; 100 groups of it are a tenth off
    judges = question.file.judges()
    assert streamed.judges == judges.height
    assert streamed.rows == ROWS - judges.height


def test_rows_found_to_go_together_are_not_judged_by_rows_drawn_at_random(ask: Ask) -> None:
    question = ask(linear())
    groups = pl.Series("who", np.arange(question.table.height) // 10)
    found, streamed = fitted(replace(question, groups=groups), "linear")
    assert streamed == Streamed("dependent", of=ROWS)
    assert found.record.split == "group"


def test_a_file_that_is_gone_costs_nothing_that_was_found(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    question, read = ask(linear()), LargeFile.blocks

    def gone(file: LargeFile, *, seed: int) -> Iterator[pl.DataFrame]:
        for block in read(file, seed=seed):
            yield block
            file.path.unlink(missing_ok=True)

    monkeypatch.setattr(LargeFile, "blocks", gone)
    found, streamed = fitted(question, "linear")
    assert replace(streamed, problem="") == Streamed("unreadable", of=ROWS)
    assert "No such file" in streamed.problem
    assert found.record.stopped == "finished"
    assert found.function.intervals is not None


def test_without_a_file_nothing_goes_on() -> None:
    table = linear(500)
    found = fit(Question(table.drop("y"), table["y"]), recipe=Recipe(rungs=("constant", "linear")))
    assert found.record.streamed is None
