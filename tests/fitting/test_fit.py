"""The whole fit: repeatable, honest about unseen rows, interruptible, and told in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.fitting.tables import CONVEX, LONG, QUICK, Floats, frame, mixed, noise, numbers
from thetastar.errors import BudgetError, DataError, UserError
from thetastar.fitting import Fit, Question, Recipe, Record, fit
from thetastar.fitting.rungs import combine
from thetastar.report import facts, limits, sentences
from thetastar.report.words import knows

TINY = replace(QUICK, epochs=3, learning_rates=(1e-3, 1e-2))


def a_table(rows: int = 150) -> tuple[pl.DataFrame, pl.Series]:
    table = mixed(rows)
    y = table["size"].fill_null(30).to_numpy() + 10 * (table["town"] == "Ulm").fill_null(False).to_numpy()
    return table, pl.Series("price", y + noise(rows))


def grades(rows: int = 150, *, classes: int = 3) -> tuple[pl.DataFrame, pl.Series]:
    table, y = a_table(rows)
    return table, pl.Series("grade", (y.rank("ordinal") * classes // (rows + 1)).cast(pl.String))


def outputs(found: Fit, table: pl.DataFrame) -> Floats:
    return found.function.outputs(table)


@pytest.mark.parametrize("task", [a_table, grades])
def test_the_same_seed_gives_the_same_bits(task: Callable[[], tuple[pl.DataFrame, pl.Series]]) -> None:
    table, y = task()
    first, second = (fit(Question(table, y), recipe=TINY, budget=LONG, seed=3) for _ in range(2))
    np.testing.assert_array_equal(outputs(first, table), outputs(second, table))
    assert _without_times(first.record) == _without_times(second.record)


def test_another_seed_gives_another_function() -> None:
    table, y = a_table()
    first, second = (fit(Question(table, y), recipe=TINY, budget=LONG, seed=seed) for seed in (0, 1))
    assert first.record.ladder[1].validation != second.record.ladder[1].validation


@pytest.mark.parametrize("task", [a_table, grades])
def test_the_order_of_the_rows_does_not_matter(task: Callable[[], tuple[pl.DataFrame, pl.Series]]) -> None:
    table, y = task()
    order = np.random.default_rng(0).permutation(len(y))
    first, second = (
        fit(Question(table, y), recipe=TINY, budget=LONG),
        fit(Question(table[order], y[order]), recipe=TINY, budget=LONG),
    )
    np.testing.assert_array_equal(outputs(first, table), outputs(second, table))


@pytest.mark.parametrize("task", [a_table, grades])
def test_repeating_a_row_is_weighting_it(task: Callable[[], tuple[pl.DataFrame, pl.Series]]) -> None:
    table, y = task()
    times = np.arange(len(y)) % 3  # some rows not at all
    index = np.repeat(np.arange(len(y)), times)
    weighted = fit(Question(table, y, weights=times.astype(float)), recipe=TINY, budget=LONG)
    repeated = fit(Question(table[index], y[index]), recipe=TINY, budget=LONG)
    np.testing.assert_array_equal(outputs(weighted, table), outputs(repeated, table))
    assert weighted.record.ladder[2].validation == repeated.record.ladder[2].validation


def _without_times(record: Record) -> dict[str, object]:
    plain = record.to_json() | {"seconds": 0}
    for rung in plain["ladder"]:
        rung["seconds"] = 0
    return plain


@pytest.mark.parametrize("task", [a_table, grades])
@pytest.mark.parametrize("recipe", [TINY, CONVEX, replace(CONVEX, rungs=("constant",))], ids=["all", "convex", "one"])
def test_a_record_goes_to_json_and_comes_back(
    task: Callable[[], tuple[pl.DataFrame, pl.Series]], recipe: Recipe
) -> None:
    record = fit(Question(*task()), recipe=recipe, budget=LONG).record
    plain = record.to_json()
    again = Record.from_json(json.loads(json.dumps(plain, allow_nan=False)))
    assert again.to_json() == plain
    assert type(again.ladder[0].validation) is tuple


CASES: dict[str, Callable[[], Fit]] = {
    "regression": lambda: fit(Question(*a_table()), recipe=TINY, budget=LONG),
    "classes": lambda: fit(Question(*grades()), recipe=TINY, budget=LONG),
    "two classes": lambda: fit(Question(*grades(classes=2)), recipe=TINY, budget=LONG),
    "absolute": lambda: fit(Question(*a_table()), recipe=replace(TINY, loss="absolute"), budget=LONG),
    "huber": lambda: fit(Question(*a_table()), recipe=replace(TINY, loss="huber"), budget=LONG),
    "squared after softmax": lambda: fit(
        Question(*grades()), recipe=replace(TINY, loss="squared_after_softmax"), budget=LONG
    ),
    "robust": lambda: fit(Question(*a_table()), recipe=replace(TINY, normalisation="robust"), budget=LONG),
    "constant": lambda: fit(Question(*a_table()), recipe=Recipe(folds=2, rungs=("constant",)), budget=LONG),
    "network only": lambda: fit(
        Question(*a_table()), recipe=replace(TINY, rungs=("deep",), batch_norm=True), budget=LONG
    ),
    "diverged": lambda: fit(Question(*a_table()), recipe=replace(TINY, learning_rates=(1e18,)), budget=LONG),
    "noise": lambda: fit(Question(frame(numbers(60)), pl.Series("y", noise(60))), recipe=TINY, budget=LONG),
    "failing": lambda: fit(
        Question(*a_table()),
        recipe=replace(TINY, rungs=("linear", "deep"), start="random", learning_rates=(1e-6,)),
        budget=LONG,
    ),
    "groups": lambda: fit(Question(*a_table(), groups=pl.Series(np.arange(150) // 10)), recipe=TINY, budget=LONG),
    "times": lambda: fit(Question(*a_table(), times=pl.Series(np.arange(150))), recipe=TINY, budget=LONG),
    "blocked": lambda: fit(Question(*a_table()), recipe=replace(TINY, split="blocked"), budget=LONG),
    "two rows": lambda: fit(
        Question(pl.DataFrame({"x": [1.0, 2.0]}), pl.Series("y", [0.5, 1.5])), recipe=TINY, budget=LONG
    ),
    "interrupted": lambda: fit(Question(*a_table()), recipe=TINY, budget=LONG, report=_interrupt_at("hidden", 0.5)),
    "hurried": lambda: fit(Question(*a_table(1500)), recipe=replace(TINY, epochs=100_000), budget=1.0),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_fit_has_words(lang: str, fitted: Fit) -> None:
    record = fitted.record
    said = [
        sentences.headline(record, lang),
        sentences.notice(record, lang),
        sentences.target(record.target, lang),
        sentences.split(record, lang),
        sentences.loss(record, lang),
        sentences.choice(record, lang),
        sentences.combined(record, lang),
        limits.limit(record, lang),
        *limits.evidence(record, lang),
        *(sentences.difference(rung.numbers, lang) for rung in record.ladder),
    ]
    sentences.ended(record, lang)
    sentences.method(record, lang)
    assert all(isinstance(sentence, str) for sentence in said)
    assert all(said[:8])
    assert not any("{" in sentence for sentence in said)
    assert facts.chosen(record).name == record.choice.rung


@pytest.fixture(scope="module", params=CASES, ids=str)
def fitted(request: pytest.FixtureRequest) -> Fit:
    return CASES[request.param]()


def test_every_outcome_limit_and_reason_has_words(fitted: Fit) -> None:
    record = fitted.record
    keys = [f"outcome.{rung.outcome}" for rung in record.ladder]
    keys += [f"limit.{record.limit.code}", f"notice.{record.stopped}", f"combined.why.{record.choice.combined_why}"]
    keys += [f"combined.{record.choice.combined}", f"split.{record.split}", f"rung.{record.choice.rung}"]
    keys += [f"ended.{curve.stopped}" for curve in record.curves]
    assert [key for key in keys if not knows(key)] == []


def test_every_prediction_is_finite(fitted: Fit) -> None:
    table = pl.DataFrame({"x": [1.5]}) if "x" in [c.name for c in fitted.function.columns] else mixed(20, seed=9)
    if "x1" in [column.name for column in fitted.function.columns]:
        table = frame(numbers(20))
    found = fitted.function.outputs(table)
    assert np.isfinite(found).all()
    if fitted.record.target.classes:
        np.testing.assert_allclose(found.sum(1), 1)


# ---- unseen rows ----


@pytest.fixture(scope="module", params=[a_table, grades], ids=["numbers", "classes"])
def convex(request: pytest.FixtureRequest) -> tuple[Fit, pl.DataFrame, pl.Series]:
    table, y = request.param()
    recipe = replace(CONVEX, rungs=("constant", "linear"))
    return fit(Question(table, y, weights=1.0 + np.arange(len(y)) % 2), recipe=recipe, budget=LONG), table, y


def test_held_out_rows_are_all_rows_once(convex: tuple[Fit, pl.DataFrame, pl.Series]) -> None:
    found, _, y = convex
    held = found.record.held_out
    assert held.rows == len(y) == len(held.truth) == len(held.prediction)
    if found.record.target.classes:
        codes = [found.record.target.classes.index(label) for label in y]
        assert sorted(held.truth) == sorted(codes)
    else:
        assert sorted(held.truth) == pytest.approx(sorted(y))


def test_held_out_counts_agree_with_the_rungs_errors(convex: tuple[Fit, pl.DataFrame, pl.Series]) -> None:
    found, _, _ = convex
    record = found.record
    chosen = next(rung for rung in record.ladder if rung.name == record.choice.rung)
    if record.target.classes:
        confusion = np.array(record.held_out.confusion)
        assert confusion.sum() == 150 + 75, "weights count as repetitions"
        wrong = 1 - np.trace(confusion) / confusion.sum()
        assert wrong == pytest.approx(np.mean(chosen.validation_error), abs=0.02)
        assert np.argmax(record.held_out.probability, 1).tolist() == list(record.held_out.prediction)
    else:
        residual = np.subtract(record.held_out.truth, record.held_out.prediction)
        assert np.sqrt(np.mean(residual**2)) == pytest.approx(np.mean(chosen.validation_error), rel=0.3)
        assert record.held_out.confusion == ()


def test_errors_are_root_mean_squares_in_the_targets_unit() -> None:
    """For a squared loss the error is the root of the loss, times the deviation of the fold's training rows."""
    x = numbers(90)
    y = pl.Series("y", 1000 * x[:, 0] + noise(90, 500.0))
    record = fit(Question(frame(x), y), recipe=replace(CONVEX, rungs=("constant", "linear")), budget=LONG).record
    spread = record.ladder[0].training_error
    for rung in record.ladder:
        for fold in range(3):
            expected = np.sqrt(rung.validation[fold]) * spread[fold]
            assert rung.validation_error[fold] == pytest.approx(expected, rel=1e-4)
            assert rung.training_error[fold] == pytest.approx(np.sqrt(rung.training[fold]) * spread[fold], rel=1e-4)
    assert spread == pytest.approx([float(y.std())] * 3, rel=0.2)


def test_a_lookup_table_of_noise_is_not_believed() -> None:
    """Predictions for held-out rows come from members that had not seen them: noise can't be predicted."""
    x, y = numbers(60, columns=8), noise(60, 1.0)
    recipe = replace(QUICK, epochs=100, learning_rates=(1e-2,), width=64, weight_decay=0.0, patience=1.0)
    held = fit(Question(frame(x), pl.Series("y", y)), recipe=recipe, budget=LONG).record.held_out
    assert np.corrcoef(held.truth, held.prediction)[0, 1] < 0.4


def test_a_member_never_predicts_a_row_that_it_has_seen() -> None:
    """A column that is the target in training rows and useless elsewhere: a group's mean."""
    group = np.arange(120) // 6
    random = np.random.default_rng(0)
    y = random.normal(size=20)[group]
    table = pl.DataFrame({"town": [f"t{each}" for each in group], "x": random.normal(size=120)})
    apart = fit(Question(table, pl.Series("y", y), groups=pl.Series(group)), recipe=CONVEX, budget=LONG).record
    mixed_up = fit(Question(table, pl.Series("y", y)), recipe=CONVEX, budget=LONG).record
    assert np.mean(mixed_up.ladder[1].validation) < 0.1
    assert np.mean(apart.ladder[1].validation) > 0.9
    assert (apart.split, mixed_up.split) == ("group", "random")


def test_by_time_only_later_rows_judge() -> None:
    """The target turns round half way: who is trained on the past fails, who is mixed with the future does not."""
    x = numbers(200, columns=1)
    late = np.arange(200) >= 100
    y = pl.Series("y", np.where(late, -x[:, 0], x[:, 0]))
    table = frame(x).with_columns(late=pl.Series(late.astype(float)), both=pl.Series(late * x[:, 0]))
    recipe = replace(CONVEX, rungs=("constant", "linear"))
    order = np.random.default_rng(0).permutation(200)
    timed = fit(Question(table[order], y[order], times=pl.Series(order)), recipe=recipe, budget=LONG).record
    shuffled = fit(Question(table, y), recipe=recipe, budget=LONG).record
    assert max(shuffled.ladder[1].validation) < 1e-3
    assert max(timed.ladder[1].validation) > 1
    assert timed.held_out.rows == 150, "the first quarter of three expanding windows only trains"
    blocked = fit(Question(table, y), recipe=replace(recipe, split="blocked"), budget=LONG).record
    assert blocked.held_out.rows == 200


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (Recipe(split="group"), "name their column"),
        (Recipe(split="time"), "name their column"),
        (Recipe(split="stratified"), "needs classes"),
        (Recipe(loss="cross_entropy"), "does not suit"),
    ],
)
def test_what_does_not_fit_together_is_refused(recipe: Recipe, message: str) -> None:
    with pytest.raises(UserError, match=message):
        fit(Question(*a_table()), recipe=recipe, budget=LONG)


def test_groups_and_times_are_not_both_taken() -> None:
    each = pl.Series([1] * 150)
    with pytest.raises(UserError, match="not both"):
        fit(Question(*a_table(), groups=each, times=each), budget=LONG)


def test_tables_that_are_too_small_are_refused() -> None:
    table, y = a_table()
    with pytest.raises(DataError, match="149 values"):
        fit(Question(table, y[:149]), budget=LONG)
    with pytest.raises(DataError, match="at least 2"):
        fit(Question(table[:1], y[:1]), budget=LONG)
    with pytest.raises(DataError, match="at least 2"):
        fit(Question(table, y, weights=np.eye(150)[0]), budget=LONG)
    with pytest.raises(DataError, match=r"'x' \(constant\)"):
        fit(Question(pl.DataFrame({"x": [1.0] * 150}), y), budget=LONG)


# ---- Ctrl-C ----


def _interrupt_at(name: str, share: float) -> Callable[[str, float, float], None]:
    def report(rung: str, done: float, left: float) -> None:
        assert left > 0 or name != "never"
        if rung == name and done >= share:
            raise KeyboardInterrupt

    return report


PHASES = [("linear", 0.0), ("constant", 1.0), ("linear", 1.0), ("hidden", 0.0), ("hidden", 0.05), ("hidden", 0.6)]


@pytest.mark.parametrize(("name", "share"), [*PHASES, ("hidden", 1.0)], ids=str)
def test_an_interrupt_gives_the_best_so_far(name: str, share: float) -> None:
    table, y = a_table()
    found = fit(Question(table, y), recipe=replace(TINY, epochs=30), budget=LONG, report=_interrupt_at(name, share))
    record = found.record
    assert record.stopped == "interrupted"
    assert np.isfinite(found.function.outputs(table)).all()
    names = [rung.name for rung in record.ladder]
    assert "deep" not in names
    assert (name in names) == (share >= 0.5)
    assert record.choice.combined_why == "untested"


def test_an_interrupt_before_the_first_rung_goes_on() -> None:
    table, y = a_table()
    with pytest.raises(KeyboardInterrupt):
        fit(Question(table, y), recipe=TINY, budget=LONG, report=_interrupt_at("constant", 0.0))


def test_an_interrupt_while_members_are_combined_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(combine, "train_again", interrupted)
    found = fit(Question(*a_table()), recipe=TINY, budget=LONG)
    assert found.record.stopped == "interrupted"
    assert (found.record.choice.combined, found.record.choice.combined_why) == ("ensemble", "untested")


# ---- the budget ----


@pytest.mark.parametrize("budget", [1e-9, 1e-4])
def test_a_budget_for_not_even_the_constant_is_refused(budget: float) -> None:
    with pytest.raises(BudgetError):
        fit(Question(*a_table()), recipe=TINY, budget=budget)


def test_the_report_hears_of_every_rung_and_the_time_left() -> None:
    heard: list[tuple[str, float, float]] = []
    fit(Question(*a_table()), recipe=TINY, budget=100, report=lambda *what: heard.append(what))
    for name in ("constant", "linear", "hard_sigmoids", "hidden"):
        done = [share for rung, share, _ in heard if rung == name]
        assert (done[0], done[-1]) == (0.0, 1.0)
        assert done == sorted(done)
    assert all(0 < left <= 100 for _, _, left in heard)
