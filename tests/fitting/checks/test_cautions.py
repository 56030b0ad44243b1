"""Cautions: raised for what was planted, silent for its clean twin."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from tests.fitting.clean_tables import clean_table
from tests.fitting.tables import CONVEX, LONG, NEVER, frame, noise, numbers, problem_of
from thetastar.data import Fold, read
from thetastar.descent import Deadline
from thetastar.fitting import Caution, Question, Recipe, fit
from thetastar.fitting.checks import cautions
from thetastar.fitting.checks.cautions import find_cautions
from thetastar.fitting.pose import pose

Table = tuple[pl.DataFrame, pl.Series]


def raised(table: pl.DataFrame, y: pl.Series, *, deadline: Deadline = NEVER, **given: pl.Series) -> list[Caution]:
    posed = pose(Question(table, y, **given), recipe=Recipe(), seed=0, deadline=NEVER)
    return list(find_cautions(posed.problem, posed.splitter.split(), seed=0, deadline=deadline))


def told(table: pl.DataFrame, y: pl.Series) -> list[tuple[str, str]]:
    return [(one.code, one.column) for one in raised(table, y)]


def bundled(load: Callable[..., object], name: str) -> Table:
    data = load(as_frame=True)
    return read(data.data), pl.Series(name, data.target.to_numpy())


def diamonds() -> Table:
    """Rows like the diamonds': the size nearly gives the price away, as do the three lengths together."""
    random = np.random.default_rng(0)
    carat = random.gamma(2.0, 0.4, 3000) + 0.2
    lengths = 6.5 * np.cbrt(carat)[:, None] + random.normal(0, 0.05, (3000, 3))
    cut = random.choice(["Fair", "Good", "Ideal"], 3000)
    price = 4000 * carat**1.7 * np.exp(random.normal(0, 0.15, 3000)) * np.where(cut == "Ideal", 1.1, 1.0)
    return frame(lengths).with_columns(carat=carat, cut=pl.Series(cut)), pl.Series("price", price.round())


CLEAN: dict[str, Callable[[], Table]] = {
    "diabetes": lambda: bundled(load_diabetes, "progression"),
    "wine": lambda: bundled(load_wine, "cultivar"),
    "breast cancer": lambda: bundled(load_breast_cancer, "benign"),
    "iris": lambda: bundled(load_iris, "species"),  # the petal's width alone tells all but 7 % of what is to tell
    "diamonds": diamonds,
}


@pytest.fixture(params=CLEAN, ids=str)
def clean(request: pytest.FixtureRequest) -> Table:
    return CLEAN[request.param]()


def test_clean_tables_raise_nothing(clean: Table) -> None:
    assert raised(*clean) == []


@pytest.mark.slow
@pytest.mark.parametrize("causes", [0, 1])
def test_random_clean_tables_raise_no_false_alarm(causes: int) -> None:
    """None in 150 tables of either sort, even where one column explains up to 98 %: below 2 % with 95 % confidence."""
    alarms = {seed: raised(*clean_table(seed, causes=causes)) for seed in range(150)}
    true = ("conflicts", "few_of_class")  # where they are raised, they are so
    assert {seed: some for seed, found in alarms.items() if (some := [c for c in found if c.code not in true])} == {}


def test_a_planted_copy_is_named(clean: Table) -> None:
    table, y = clean
    assert told(table.with_columns(leak=9 - 2 * y), y) == [("copy", "leak")]


@pytest.mark.parametrize("name", ["diabetes", "breast cancer", "iris"])
def test_a_planted_leak_is_named_with_its_evidence(name: str) -> None:
    table, y = CLEAN[name]()
    leak = y.to_numpy() + 0.02 * np.std(y.to_numpy()) * np.random.default_rng(0).normal(size=len(y))
    (found,) = raised(table.with_columns(leak=leak**3 + leak), y)
    assert (found.code, found.column) == ("gives_away", "leak")
    assert found.numbers["alone"] < 0.02
    assert found.numbers["others"] > max(0.05, 10 * found.numbers["alone"])


def test_a_leak_that_adds_nothing_is_no_caution() -> None:
    """The wines are told apart by the other columns too, so the result would be the same without the leak."""
    table, y = CLEAN["wine"]()
    assert raised(table.with_columns(leak=y + 0.01 * pl.int_range(len(y), eager=True) % 7), y) == []


def test_two_leaks_do_not_excuse_each_other() -> None:
    table, y = CLEAN["diabetes"]()
    random = np.random.default_rng(0)
    leaks = {name: y.to_numpy() + random.normal(0, 1, len(y)) for name in ("billed", "paid")}
    assert told(table.with_columns(pl.Series(n, v) for n, v in leaks.items()), y) == [
        ("gives_away", "billed"),
        ("gives_away", "paid"),
    ]


def test_a_strong_cause_with_noise_is_not_called_a_leak() -> None:
    x = numbers(600, columns=3)
    assert told(frame(x), pl.Series("y", x[:, 0] + noise(600, 0.3))) == []


def test_a_table_of_one_column_has_no_leak() -> None:
    x = numbers(100, columns=1)
    assert told(frame(x), pl.Series("y", 3 * x[:, 0])) == []


def test_few_rows_prove_nothing() -> None:
    x = numbers(20)
    assert told(frame(x), pl.Series("y", x[:, 0])) == []


REASONS = ["price", "service", "moved"]


def churn(*, after: bool, rows: int = 400) -> Table:
    """Three classes; one of them has a reason, which the others either don't have or have as often."""
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 3))
    state = np.digitize(x[:, 0] + random.normal(size=rows), [-0.5, 0.8])
    has = state == 2 if after else random.random(rows) < np.mean(state == 2)
    reason = [random.choice(REASONS) if each else None for each in has]
    return frame(x).with_columns(reason=pl.Series(reason)), pl.Series("state", np.array(["new", "old", "left"])[state])


def test_a_column_that_is_filled_for_one_class_only() -> None:
    table, y = churn(after=True)
    stays = y != "left"
    assert told(table, y) == []  # missing in two classes: no single one is known by it
    (found,) = raised(table.filter(stays | (pl.int_range(len(y)) >= 0)), y.replace({"new": "old"}))
    assert (found.code, found.column) == ("gives_away", "reason")
    assert raised(*churn(after=False)) == []


def test_a_column_that_is_constant_within_a_class_only() -> None:
    random = np.random.default_rng(1)
    table, y = churn(after=False)
    refund = np.where(y == "left", 0.0, random.gamma(2.0, 10.0, len(y)))
    (found,) = raised(table.with_columns(refund=refund), y)
    assert (found.code, found.column) == ("known_after", "refund")
    assert found.numbers == {"value": 0.0, "missing": 0.0, "inside": 1.0, "outside": 0.0}
    gone = pl.select(pl.when(y != "left").then(refund)).to_series()
    (found,) = raised(table.with_columns(refund=gone), y)
    assert found.numbers["missing"] == 1
    half = np.where(random.random(len(y)) < 0.5, 0.0, refund)
    assert raised(table.with_columns(refund=half), y) == []


def test_zero_is_a_class_of_its_own_among_numbers() -> None:
    random = np.random.default_rng(2)
    x = numbers(500)
    sales = np.where(random.random(500) < 0.3, 0.0, 50 * np.exp(x[:, 0] + random.normal(size=500)))
    shipped = np.where(sales == 0, 0.0, random.gamma(2.0, 5.0, 500))
    (found,) = raised(frame(x).with_columns(shipped=shipped), pl.Series("sales", sales))
    assert (found.code, found.column, found.numbers["value"]) == ("known_after", "shipped", 0.0)


def test_copies_of_rows_are_counted() -> None:
    table, y = CLEAN["diabetes"]()
    again = np.concatenate([np.arange(len(y)), np.arange(40)])
    assert raised(table[again], y[again]) == [Caution("duplicates", "", {"rows": 40.0, "all": 482.0})]


def test_copies_that_must_occur_are_no_news() -> None:
    random = np.random.default_rng(0)
    table = pl.DataFrame({"a": random.integers(0, 3, 500), "b": random.choice(["u", "v"], 500)})
    assert "duplicates" not in [one.code for one in raised(table, pl.Series("y", random.choice(["p", "q"], 500)))]


def test_rows_on_both_sides_of_a_fold_are_counted() -> None:
    table, y = CLEAN["diabetes"]()
    again = np.concatenate([np.arange(len(y)), np.arange(40)])
    groups = pl.Series(np.arange(len(again)))
    apart = np.concatenate([np.arange(len(y)), np.arange(40)])
    (found,) = raised(table[again], y[again], groups=groups)
    assert (found.code, found.numbers["all"]) == ("shared", 482.0)
    assert 40 <= found.numbers["rows"] <= 80
    assert raised(table[again], y[again], groups=pl.Series(apart)) == []


def test_contradictions_give_the_noise_floor() -> None:
    random = np.random.default_rng(0)
    x = np.repeat(numbers(100), 10, axis=0)
    y = x[:, 0] + random.normal(0, 0.3, 1000)
    (found,) = raised(frame(x), pl.Series("y", y))
    assert (found.code, found.numbers["rows"], found.numbers["all"]) == ("conflicts", 1000.0, 1000.0)
    assert found.numbers["floor"] == pytest.approx(0.3, rel=0.05)
    assert found.numbers["least_error"] == pytest.approx(0.3, rel=0.05)


def test_rows_that_agree_or_stand_alone_lower_the_least_error_but_not_the_floor() -> None:
    """A third of the rows differ among their like, a third agree, a third have no like."""
    random = np.random.default_rng(1)
    x = np.concatenate([np.repeat(numbers(600)[:200], 3, axis=0), np.repeat(numbers(900)[600:800], 3, axis=0)])
    x = np.concatenate([x, random.normal(size=(600, x.shape[1]))])
    y = x[:, 0] + np.concatenate([random.normal(0, 0.3, 600), np.zeros(600), random.normal(0, 0.3, 600)])
    (found,) = [one for one in raised(frame(x), pl.Series("y", y)) if one.code == "conflicts"]
    assert found.numbers["rows"] == 600.0
    assert found.numbers["floor"] == pytest.approx(0.3, rel=0.06)
    assert found.numbers["least_error"] == pytest.approx(0.3 / np.sqrt(3), rel=0.06)


def test_a_fit_among_contradictions_is_limited_by_noise() -> None:
    random = np.random.default_rng(0)
    x = np.repeat(numbers(200), 5, axis=0)
    question = Question(frame(x), pl.Series("y", x[:, 0] + random.normal(0, 0.5, 1000)))
    limit = fit(question, recipe=CONVEX, budget=LONG).record.limit
    assert limit.code == "noise"
    assert limit.numbers["least_error"] == pytest.approx(0.5, rel=0.05)
    assert limit.numbers["noise_share"] == pytest.approx(1.0, abs=0.1)


def test_contradicting_classes_give_the_share_that_must_be_wrong() -> None:
    x = np.repeat(numbers(50), 4, axis=0)
    labels = pl.Series("y", ["a", "a", "a", "b"] * 50)
    (found,) = [one for one in raised(frame(x), labels) if one.code == "conflicts"]
    assert found.numbers["floor"] == pytest.approx(0.25)
    assert found.numbers["rows"] == 100  # a and b once each, as identical rows are merged


def test_no_time_left_means_no_column_is_looked_at() -> None:
    table, y = CLEAN["diabetes"]()
    assert raised(table.with_columns(leak=y), y, deadline=Deadline.after(0)) == []


def test_a_fit_records_them() -> None:
    x = numbers(120)
    y = pl.Series("y", x[:, 0] + noise(120, 1.0))
    record = fit(Question(frame(x).with_columns(leak=y), y), recipe=CONVEX, budget=LONG).record
    assert [(one.code, one.column) for one in record.cautions] == [("copy", "leak")]
    assert type(record).from_json(record.to_json()).cautions == record.cautions


def test_of_very_many_rows_a_sample_is_compared_whose_numbers_are_told_as_those_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every row of the same inputs is in the sample or none, so that contradictions are found at their full rate."""
    stream = np.random.default_rng(0)
    x = np.repeat(stream.standard_normal(3_000), 2)
    table = pl.DataFrame({"x": x, "z": np.repeat(stream.standard_normal(3_000), 2)})
    posed = problem_of(table, pl.Series("y", x + stream.standard_normal(6_000)))
    rows = np.arange(6_000)
    folds = [Fold(rows[::2], rows[1::2])]
    found = {}
    for most in (10_000, 1_000):
        monkeypatch.setattr(cautions, "_COMPARED", most)
        told = find_cautions(posed, folds, seed=0, deadline=NEVER)
        found[most] = next(caution.numbers for caution in told if caution.code == "conflicts")
    assert found[10_000]["rows"] == found[10_000]["all"] == 6_000
    assert found[1_000]["rows"] == found[1_000]["all"] == pytest.approx(6_000, rel=0.15)
    assert found[1_000]["floor"] == pytest.approx(found[10_000]["floor"], rel=0.15)
