"""The check fires on rows that depend on their neighbours and stays silent on their shuffled and sorted twins."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn import datasets

from tests.fitting.tables import NEVER
from thetastar.data import decide_columns, decide_target, read, target_values
from thetastar.descent import Deadline
from thetastar.fitting import Independence
from thetastar.fitting.checks.independence import check_independence
from thetastar.fitting.saving.plain import from_plain, to_plain

Table = tuple[pl.DataFrame, str]
MOST_FALSE_ALARMS = 0.01


def check(table: pl.DataFrame, target: str, *, seed: int = 0, deadline: Deadline = NEVER) -> Independence:
    rows = table.drop(target)
    columns, decided = decide_columns(rows), decide_target(table[target])
    used = rows.select([column.name for column in columns if column.used])
    y = target_values(decided, table[target])
    every = np.arange(len(y))
    return check_independence(
        used, y, rows=every, columns=columns, target=decided, folds=5, seed=seed, deadline=deadline
    )


def waves(rows: int = 600, *, seed: int = 0) -> pl.DataFrame:
    """Slow waves in inputs and target: what happens now and what happened just before are alike."""
    random = np.random.default_rng(seed)
    hours = np.arange(rows)
    hidden = np.cumsum(random.normal(size=rows)) / 5
    return pl.DataFrame(
        {
            "warm": np.sin(hours / 40) + 0.1 * random.normal(size=rows),
            "damp": np.cos(hours / 25) + 0.1 * random.normal(size=rows),
            "load": hidden + 0.1 * random.normal(size=rows),
        }
    )


def patients(groups: int = 40, *, visits: int = 12, seed: int = 0) -> pl.DataFrame:
    """Visits of one patient stand together; age tells patients apart, and with it the patient's own level."""
    random = np.random.default_rng(seed)
    age = np.repeat(random.integers(20, 90, groups), visits)
    level = np.repeat(random.normal(size=groups), visits)
    number = np.repeat(random.permutation(groups) * 7 + 1000, visits)
    rows = groups * visits
    return pl.DataFrame(
        {
            "patient_id": number,
            "age": age,
            "dose": random.normal(size=rows),
            "pressure": level + 0.3 * random.normal(size=rows),
        }
    )


def drawn(kind: int, random: np.random.Generator) -> Table:
    """Independent rows of several kinds: interactions, heavy tails, classes, categories, a date."""
    rows = int(random.integers(100, 1200))
    x = random.normal(size=(rows, 4))
    table = pl.DataFrame({f"x{place}": x[:, place] for place in range(4)})
    town = random.choice(list("abcdefghij"), rows)
    day = random.integers(18_000, 19_000, rows)
    y, *more = (
        (x @ [1, 2, 0, 0] + random.normal(size=rows),),
        (np.sin(2 * x[:, 0]) * x[:, 1] + 0.3 * random.normal(size=rows),),
        (np.exp(2 * x[:, 0]) + random.standard_t(2, rows),),
        ((x[:, 0] + random.logistic(size=rows) > 0).astype(int),),
        (x[:, 0] * (town > "d") + random.normal(size=rows), pl.Series("town", town)),
        (x[:, 0] + 2 * np.sin(day / 150) + random.normal(size=rows), pl.Series("day", day, pl.Int32).cast(pl.Date)),
    )[kind % 6]
    return table.with_columns(*more, y=pl.Series(y)), "y"


def real(kind: int) -> Table:
    """Tables whose rows are independent once shuffled; mpg's, which come in near copies, can't be sorted apart."""
    tables = [("diamonds", "price", 20), ("penguins", "species", 1), ("midwest", "percollege", 1)]
    name, target, every = tables[kind % 3]
    return plotnine(name)[::every], target


def plotnine(name: str) -> pl.DataFrame:
    """Return a table that comes with plotnine."""
    held = pytest.importorskip("plotnine.data", reason="plotnine holds this table: make real installs it")
    return read(getattr(held, name))


@pytest.mark.real
@pytest.mark.parametrize("sort", [False, True], ids=["shuffled", "sorted"])
def test_false_alarms_are_rare(sort: bool) -> None:
    random = np.random.default_rng(7)
    decisions: Counter[str] = Counter()
    for number in range(300):
        table, target = real(number // 5) if number % 5 == 4 else drawn(number, random)
        table = table[random.permutation(table.height)]
        if sort:
            keys = random.permutation(table.columns)[: random.integers(1, 4)].tolist()
            table = table.sort(keys, descending=bool(random.random() < 0.5))
        decisions[check(table, target, seed=number).decision] += 1
    assert decisions["dependent"] <= MOST_FALSE_ALARMS * 300, decisions


def test_a_series_is_found_and_its_shuffled_twin_is_not() -> None:
    table = waves()
    found = check(table, "load")
    assert (found.decision, found.kind, found.keys) == ("dependent", "rows", ())
    assert found.blocked_error > 1.2 * found.random_error
    assert found.difference / found.standard_error == pytest.approx(found.statistic)
    shuffled = check(table[np.random.default_rng(0).permutation(table.height)], "load")
    assert shuffled.decision == "independent"
    assert shuffled.probability > 0.001


def test_a_series_whose_time_stands_in_several_columns_is_found_and_its_sorted_twin_is_not() -> None:
    rows = 240
    when = {"year": 1960 + np.arange(rows) // 4, "quarter": 1 + np.arange(rows) % 4}
    series = waves(rows)
    assert check(pl.DataFrame(when).hstack(series), "load").decision == "dependent"
    twin = pl.DataFrame(when).hstack(series.sample(fraction=1.0, shuffle=True, seed=0))
    assert check(twin, "load").decision != "dependent"


def test_classes_that_change_now_and_then_are_a_series() -> None:
    table = waves().with_columns(pl.when(pl.col("load") > pl.col("load").median()).then(1).otherwise(0).alias("load"))
    found = check(table, "load")
    assert found.decision == "dependent"
    assert 0 < found.random_error < found.blocked_error < 1


def test_a_shuffled_series_is_found_by_its_dates() -> None:
    table = waves().with_columns(day=pl.Series(np.arange(600) + 18_000).cast(pl.Int32).cast(pl.Date))
    found = check(table[np.random.default_rng(0).permutation(table.height)], "load")
    assert (found.decision, found.kind, found.order) == ("dependent", "time", "day")


def test_groups_are_found_by_their_identifier_and_by_their_order() -> None:
    table = patients()
    shuffled = table[np.random.default_rng(0).permutation(table.height)]
    found = check(shuffled, "pressure")
    assert (found.decision, found.kind, found.order) == ("dependent", "group", "patient_id")
    assert check(shuffled.drop("patient_id"), "pressure").decision == "independent"


def test_groups_that_the_inputs_do_not_tell_apart_are_found_too() -> None:
    table = patients().drop("patient_id").with_columns(age=pl.Series(np.random.default_rng(1).normal(size=480)))
    found = check(table, "pressure")
    assert found.decision == "dependent"  # even the mean is known better with a patient's other visits
    assert found.blocked_error < 1.05 * found.random_error


def test_a_table_sorted_by_its_target_is_not_called_dependent() -> None:
    table, target = drawn(0, np.random.default_rng(0))
    assert check(table.sort(target), target).decision == "sorted_by_target"
    table, target = drawn(3, np.random.default_rng(0))
    assert check(table.sort(target), target).decision == "sorted_by_target"


def test_a_sorted_table_is_not_called_dependent() -> None:
    table = pl.DataFrame({"x": np.random.default_rng(0).uniform(0, 3, 500)}).with_columns(y=pl.col("x").exp())
    table = table.with_columns(pl.col("y") + 0.5 * pl.Series(np.random.default_rng(1).normal(size=500)))
    found = check(table.sort("x"), "y")
    assert (found.decision, found.keys) == ("sorted", ("x",))
    assert found.statistic > 5  # blocks make it extrapolate


def test_too_few_rows_and_too_little_time_say_so() -> None:
    assert check(waves(80), "load").decision == "too_few_rows"
    assert check(waves(), "load", deadline=Deadline(0.0)).decision == "untested"


def test_what_was_found_goes_to_json_and_comes_back() -> None:
    table, target = drawn(0, np.random.default_rng(0))
    for found in (check(waves(), "load"), check(table, target), check(waves(80), "load")):
        assert from_plain(Independence, json.loads(json.dumps(to_plain(found)))) == found


def test_repeated_rows_count_once() -> None:
    table, target = drawn(1, np.random.default_rng(0))
    assert check(table[np.repeat(np.arange(table.height), 3)], target) == check(table, target)


def test_the_same_seed_gives_the_same_answer() -> None:
    assert check(waves(), "load", seed=3) == check(waves(), "load", seed=3)


def test_a_table_with_all_zeros_of_the_target_at_one_end_is_not_called_dependent() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=600)
    y = np.where(random.random(600) < 0.6, 0.0, 3 + x + random.normal(size=600))
    table = pl.DataFrame({"x": x, "y": y})
    apart = pl.concat([table.filter(pl.col("y") != 0), table.filter(pl.col("y") == 0)])
    assert check(apart, "y").decision == check(apart.reverse(), "y").decision == "one_value_apart"
    assert check(table, "y").decision == "independent"


def test_a_long_or_wide_table_takes_a_moment() -> None:
    random = np.random.default_rng(0)
    long = pl.DataFrame({"x": random.normal(size=200_000), "y": random.normal(size=200_000)})
    assert check(long, "y").rows <= 16_384
    wide = pl.DataFrame(random.normal(size=(300, 500)), schema=[f"c{place}" for place in range(500)])
    assert check(wide, "c0").decision == "independent"


@pytest.mark.real
def test_diamonds_are_sorted_not_dependent() -> None:
    diamonds = plotnine("diamonds")
    assert check(diamonds, "price").decision == "sorted_by_target"
    by_carat = check(diamonds, "carat")
    assert (by_carat.decision, by_carat.keys) == ("sorted", ("price",))


def test_diabetes_is_in_no_order() -> None:
    assert check(pl.from_pandas(datasets.load_diabetes(as_frame=True).frame), "target").decision == "independent"


def test_adult_is_in_no_order(shared_data: Path) -> None:
    adult = read(shared_data / "adult.data")
    assert check(adult, adult.columns[-1]).decision == "independent"


def test_digits_come_writer_by_writer() -> None:
    """scikit-learn's digits are those of 13 people in turn; a writer that was never seen is harder to read."""
    digits = pl.from_pandas(datasets.load_digits(as_frame=True).frame)
    found = check(digits, "target")
    assert found.decision == "dependent"
    assert found.blocked_error > 1.3 * found.random_error
    shuffled = digits[np.random.default_rng(0).permutation(digits.height)]
    assert check(shuffled, "target").decision == "independent"
