"""A fit that was cut short goes on from its last rung, to the same bits."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import safetensors

from tests.fitting.tables import LONG, QUICK, mixed, noise
from thetastar.data import Extent
from thetastar.errors import SavedFunctionError, UserError
from thetastar.fitting import Fit, Question, Recipe, fit
from thetastar.fitting.rungs import climb, network_rung
from thetastar.fitting.rungs.rung_fit import RungFit
from thetastar.fitting.saving.saved import load_record, load_saved
from thetastar.fitting.saving.unfinished import Unfinished

TINY = replace(QUICK, epochs=3, learning_rates=(1e-3, 1e-2))
Table = tuple[pl.DataFrame, pl.Series]


def prices() -> Table:
    table = mixed(150)
    size, town = table["size"].fill_null(30).to_numpy(), (table["town"] == "Ulm").fill_null(False).to_numpy()
    return table, pl.Series("price", np.sin(size / 5) * 10 + 9 * town * size + noise(150))


def grades() -> Table:
    table, y = prices()
    return table, pl.Series("grade", (y.rank("ordinal") * 3 // 151).cast(pl.String))


class KilledError(Exception):
    """Stands for a process that is gone; nothing catches it."""


def fitted(table: Table, unfinished: Unfinished | None, *, seed: int = 0, recipe: Recipe = TINY) -> Fit:
    return fit(Question(*table), recipe=recipe, budget=LONG, seed=seed, unfinished=unfinished)


def killed_after(rungs: int, table: Table, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin a fit that dies when so many rungs are kept."""
    keep = Unfinished.keep

    def dying(self: Unfinished, done: Sequence[RungFit], fingerprint: Mapping[str, str]) -> None:
        keep(self, done, fingerprint)
        if len(done) == rungs:
            raise KilledError

    monkeypatch.setattr(Unfinished, "keep", dying)
    unfinished = Unfinished(folder)
    unfinished.begin({"target": "price"})
    with pytest.raises(KilledError):
        fitted(table, unfinished)
    monkeypatch.undo()


def names_kept(folder: Path) -> list[str]:
    with safetensors.safe_open(folder / "unfinished.theta", framework="pt") as opened:
        return [rung["name"] for rung in json.loads(opened.metadata()["rungs"])]


@pytest.mark.parametrize("task", [prices, grades])
@pytest.mark.parametrize("rungs", [1, 3, 4])
def test_a_killed_fit_goes_on_to_the_same_bits(
    task: Callable[[], Table], rungs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = task()
    killed_after(rungs, table, tmp_path, monkeypatch)
    begun: list[str] = []
    fit_rung = climb.fit_rung

    def counted(name: str, *arguments: object, **named: object) -> object:
        begun.append(name)
        return fit_rung(name, *arguments, **named)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(climb, "fit_rung", counted)
    again = fitted(table, Unfinished(tmp_path, resumed=True))
    monkeypatch.undo()
    whole = fitted(table, None)
    assert again.function.outputs(table[0]).tobytes() == whole.function.outputs(table[0]).tobytes()
    assert begun == [rung.name for rung in whole.record.ladder[rungs:]]
    assert _without_times(again) == _without_times(whole)


def _without_times(found: Fit) -> dict[str, object]:
    plain = found.record.to_json() | {"seconds": 0}
    for rung in plain["ladder"]:
        rung["seconds"] = 0
    return plain


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("table", lambda table, y: (table.with_columns(pl.col("size") + 1e-9), y)),
        ("target", lambda table, y: (table, y + 1e-9)),
        ("table", lambda table, y: (table.rename({"size": "area"}), y)),
    ],
)
def test_another_table_is_refused(
    what: str, change: Callable[..., Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_after(2, prices(), tmp_path, monkeypatch)
    with pytest.raises(UserError, match=rf"unfinished fit of something else \([a-z, ]*{what}[a-z, ]*\).*--resume"):
        fitted(change(*prices()), Unfinished(tmp_path, resumed=True))


def test_another_recipe_or_seed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed_after(2, prices(), tmp_path, monkeypatch)
    with pytest.raises(UserError, match=r"\(recipe\)"):
        fitted(prices(), Unfinished(tmp_path, resumed=True), recipe=replace(TINY, width=17))
    with pytest.raises(UserError, match=r"\(folds, seed\)"):
        fitted(prices(), Unfinished(tmp_path, resumed=True), seed=1)


def test_a_fit_that_is_begun_again_forgets_the_rungs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed_after(2, prices(), tmp_path, monkeypatch)
    unfinished = Unfinished(tmp_path)
    assert unfinished.started
    unfinished.begin({})
    assert not unfinished.started
    unfinished.forget()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("damage", [lambda data: data[:-3], lambda data: data[:0], lambda data: data[:-1] + b"\7"])
def test_damaged_rungs_are_refused(
    damage: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_after(2, prices(), tmp_path, monkeypatch)
    file = tmp_path / "unfinished.theta"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(UserError, match=r"unfinished\.theta.*--resume"):
        fitted(prices(), Unfinished(tmp_path, resumed=True))


def test_who_reads_it_is_told_that_it_is_not_finished(tmp_path: Path) -> None:
    Unfinished(tmp_path).begin({"table": "t.csv"})
    for load in (load_record, load_saved):
        with pytest.raises(SavedFunctionError, match=r"is not finished, .*`thetastar fit --resume .*` goes on"):
            load(tmp_path)


def test_what_was_asked_for_comes_back(tmp_path: Path) -> None:
    Unfinished(tmp_path).begin({"table": "房.csv", "target": "价格", "group": None})
    assert Unfinished(tmp_path).asked() == {"table": "房.csv", "target": "价格", "group": None}
    (tmp_path / "unfinished.json").write_text(json.dumps({"target": "y"})[:-1])
    with pytest.raises(UserError, match="without --resume"):
        Unfinished(tmp_path).asked()
    with pytest.raises(UserError, match="holds no unfinished fit"):
        Unfinished(tmp_path / "elsewhere").asked()


def test_what_a_sample_was_drawn_from_comes_back_where_a_fit_is_resumed(tmp_path: Path) -> None:
    Unfinished(tmp_path).begin({"table": "t.csv"}, drawn=Extent(0, 7, 3, 20))
    assert Unfinished(tmp_path).drawn() is None
    assert Unfinished(tmp_path, resumed=True).drawn() == Extent(0, 7, 3, 20)
    Unfinished(tmp_path).begin({"table": "t.csv"})
    assert Unfinished(tmp_path, resumed=True).drawn() is None
    for broken in ("[1]", '"all"', '{"indexed": 1}', '{"indexed": "a"}'):
        (tmp_path / "unfinished.json").write_text(f'{{"table": "t.csv", "drawn": {broken}}}')
        with pytest.raises(UserError, match=r"unfinished\.json can't be read .*fit again without --resume"):
            Unfinished(tmp_path, resumed=True).drawn()


def test_what_was_asked_for_without_a_table_can_not_be_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "unfinished.json").write_text('{"target": "y"}')
    with pytest.raises(UserError, match="fit again without --resume"):
        Unfinished(tmp_path).asked()


def test_a_rung_that_time_ended_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With more time it would have become another one."""
    monkeypatch.setattr(network_rung, "_SAFETY", math.inf)  # as if more time were left than there is
    table = pl.DataFrame({f"x{i}": np.random.default_rng(i).normal(size=3000) for i in range(4)})
    y = (table["x0"] * table["x1"]).alias("y")
    unfinished = Unfinished(tmp_path)
    slow = replace(TINY, epochs=100_000, learning_rates=(1e-3,), patience=1.0)
    record = fit(Question(table, y), recipe=slow, budget=3.0, unfinished=unfinished).record
    assert record.stopped == "budget"
    assert names_kept(tmp_path) == [rung.name for rung in record.ladder if rung.name not in ("hidden", "deep")]
