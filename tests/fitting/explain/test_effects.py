"""Effects: of a sum they are its summands; of any function what a loop over rows and intervals gives."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.fitting.explain.subjects import kept, single, subject_of
from tests.fitting.tables import NEVER, Floats, frame, mixed, noise, numbers
from thetastar.descent import Deadline
from thetastar.fitting import Effect, FoundFunction
from thetastar.fitting.explain import Subject, effects
from thetastar.fitting.explain.sample import grid_of, sample_of


def effects_of(subject: Subject, function: FoundFunction | None = None) -> dict[str, Effect]:
    columns = [column.name for column in subject.problem.columns]
    found = effects(subject, function or kept(subject), columns=columns, deadline=NEVER)
    return {effect.column: effect for effect in found if not effect.of}


def answers(subject: Subject, table: pl.DataFrame, fold: int) -> Floats:
    """A member's predictions, by the path that users take."""
    return kept(subject).member_outputs(table, fold)[:, 0]


@pytest.mark.parametrize("rung", ["linear", "hard_sigmoids"])
def test_of_a_sum_of_curves_it_is_the_curve(rung: str) -> None:
    x = numbers(300)
    subject = subject_of(frame(x), pl.Series("y", np.abs(x[:, 0]) + np.sin(2 * x[:, 1])), rung=rung)
    found = effects_of(subject)
    for column, other in (("x1", "x2"), ("x2", "x1")):
        places = np.array(found[column].places)
        rows = pl.DataFrame({column: places, other: np.zeros(len(places))}).select("x1", "x2")
        for fold in range(3):
            curve = answers(subject, rows, fold)
            np.testing.assert_allclose(np.diff(found[column].folds[fold]), np.diff(curve), atol=2e-6)
        np.testing.assert_allclose(found[column].value, np.mean(found[column].folds, axis=0), atol=1e-9)


def test_it_is_zero_on_average_over_the_rows() -> None:
    x = numbers(400)
    subject = subject_of(frame(x), pl.Series("y", 3 * x[:, 0] ** 2), rung="hard_sigmoids")
    effect = effects_of(subject)["x1"]
    inside = [value for value in x[:, 0] if effect.places[0] <= value <= effect.places[-1]]
    for fold in effect.folds:
        assert np.mean(np.interp(inside, effect.places, fold)) == pytest.approx(0, abs=1e-9)


def test_of_a_network_it_is_the_sum_of_local_differences() -> None:
    x = numbers(150)
    x[:, 1] = x[:, 0] + 0.2 * x[:, 1]
    subject = subject_of(frame(x), pl.Series("y", x[:, 0] * x[:, 1]), rung="hidden")
    effect = effects_of(subject)["x1"]
    table = sample_of(subject.problem, seed=0).table
    for fold in range(3):
        np.testing.assert_allclose(np.diff(effect.folds[fold]), by_hand(subject, table, effect, fold), atol=1e-5)


def by_hand(subject: Subject, table: pl.DataFrame, effect: Effect, fold: int) -> list[float]:
    """Apley and Zhu's equation 15, one interval and one row after the other."""
    steps = []
    for low, high in zip(effect.places[:-1], effect.places[1:], strict=True):
        first = low == effect.places[0]
        rows = table.filter(((pl.col("x1") > low) | (first & (pl.col("x1") == low))) & (pl.col("x1") <= high))
        above = answers(subject, rows.with_columns(x1=pl.lit(high)), fold)
        below = answers(subject, rows.with_columns(x1=pl.lit(low)), fold)
        steps.append(float(np.mean(above - below)))
    return steps


def test_columns_that_go_together_are_not_asked_about_impossible_rows() -> None:
    """With x2 = x1 the truth x1² is only known along the diagonal: the slopes of both effects add up to its own."""
    x = numbers(500)
    x[:, 1] = x[:, 0] + 0.01 * x[:, 1]
    subject = subject_of(frame(x), pl.Series("y", x[:, 0] * x[:, 1] + noise(500, 0.01)), rung="hidden")
    found = effects_of(subject)
    at = np.linspace(-1.7, 1.7, 15)
    both = sum(np.interp(at, found[name].places, found[name].value) for name in ("x1", "x2"))
    np.testing.assert_allclose(both - both.mean(), at**2 - np.mean(at**2), atol=0.25)


def test_categories_booleans_dates_and_gaps_of_a_line_are_its_coefficients() -> None:
    table = mixed(400)
    size = table["size"].fill_null(50.0).to_numpy()
    y = 0.2 * size + 30 * (table["town"] == "Ulm").fill_null(False).to_numpy() + 9 * table["size"].is_null().to_numpy()
    subject = subject_of(table, pl.Series("y", y))
    found = effects_of(subject)
    assert {effect.kind for effect in found.values()} == {"number", "category", "boolean", "date"}
    towns = dict(zip(found["town"].levels, found["town"].value, strict=True))
    assert towns["Ulm"] - towns["Bonn"] == pytest.approx(30, abs=0.5)
    assert sum(found["town"].shares) == pytest.approx(1 - table["town"].null_count() / 400)
    middle = np.interp(50.0, found["size"].places, found["size"].value)
    assert np.mean(found["size"].gap) - middle == pytest.approx(9, abs=0.5)
    assert found["sold"].gap == ()
    assert set(found["new"].levels) == {"true", "false"}


def test_the_parts_of_a_date_are_moved_alone() -> None:
    days = np.random.default_rng(0).integers(0, 900, 800)
    sold = pl.Series("sold", days + 18_993).cast(pl.Int32).cast(pl.Date)  # from 2022 on
    y = 0.01 * days + 3.0 * (sold.dt.weekday().to_numpy() >= 6) + noise(800, 0.01)
    subject = subject_of(pl.DataFrame([sold]), pl.Series("y", y), rung="hard_sigmoids")
    found = {effect.of: effect for effect in effects(subject, single(subject), columns=["sold"], deadline=NEVER)}
    assert set(found) == {"", "year", "month", "weekday"}
    assert found["weekday"].places == (1, 2, 3, 4, 5, 6, 7)
    week = np.array(found["weekday"].value)
    np.testing.assert_allclose(week - week[0], [0, 0, 0, 0, 0, 3, 3], atol=0.1)
    assert np.ptp(found["month"].value) < 0.5
    assert found[""].kind == "date"


def test_a_function_trained_on_all_rows_is_drawn_itself_inside_the_folds() -> None:
    x = numbers(200)
    subject = subject_of(frame(x), pl.Series("y", x[:, 0] + noise(200, 1.0)))
    effect = effects_of(subject, single(subject))["x1"]
    assert effect.value == pytest.approx(effect.folds[0])
    assert effect.value != pytest.approx(effect.folds[1])


@pytest.mark.parametrize(("classes", "outputs"), [(2, 1), (3, 3), (12, 8)])
def test_classes_have_an_effect_each_up_to_the_most_frequent_eight(classes: int, outputs: int) -> None:
    x = numbers(600)
    y = pl.Series("y", [f"c{place:02d}" for place in np.digitize(x[:, 0], np.linspace(-2, 2, classes + 1)[1:-1])])
    subject = subject_of(frame(x), y)
    found = effects(subject, kept(subject), columns=["x1"], deadline=NEVER)
    assert len(found) == outputs
    assert found[0].value[-1] * (1 if classes == 2 else -1) > 0  # the second class's lead rises, the first's falls


def test_only_as_many_columns_as_there_is_time_for() -> None:
    subject = subject_of(frame(numbers(60)), pl.Series("y", numbers(60)[:, 0]))
    assert effects(subject, kept(subject), columns=["x1"], deadline=Deadline.after(0.0)) == ()
    table = frame(numbers(90, columns=14))
    wide = subject_of(table, pl.Series("y", table["x3"]))
    found = effects(wide, kept(wide), columns=table.columns[::-1], deadline=NEVER)
    assert [effect.column for effect in found] == table.columns[::-1][:12]


def test_every_interval_holds_rows_and_few_values_are_places() -> None:
    random = np.random.default_rng(0)
    values = np.concatenate([np.zeros(500), random.exponential(size=500)])
    grid = grid_of(values, np.ones(1000))
    assert grid is not None
    assert np.bincount(grid.interval, minlength=len(grid.places) - 1).min() > 0
    assert grid.places[-1] < values.max()  # the last half percent is not drawn
    few = grid_of(np.array([1.0, 2.0, 5.0, 5.0, np.nan]), np.ones(5))
    assert few is not None
    assert few.places.tolist() == [1.0, 2.0, 5.0]
    assert grid_of(np.array([3.0, 3.0, np.nan]), np.ones(3)) is None


def test_evenly_spread_whole_numbers_look_even_in_the_bars() -> None:
    x = numbers(640)
    for span in (16, 60):
        table = frame(x).with_columns(year=pl.Series(np.arange(640) % span + 2_000))
        subject = subject_of(table, pl.Series("y", x[:, 0]), rung="linear")
        shares = effects_of(subject)["year"].shares
        assert len(shares) <= 32
        assert min(shares) >= 0.4 * max(shares)
