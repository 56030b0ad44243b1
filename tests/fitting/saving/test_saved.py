"""A saved function comes back bit for bit, and a file that is not whole is refused with a reason."""

from __future__ import annotations

import copy
import json
import pickle
import struct
import subprocess
import sys
import tracemalloc
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thetastar.errors import DataError, SavedFunctionError, UserError
from thetastar.fitting import Fit, Question, Recipe, fit
from thetastar.fitting.saving.plain import to_plain
from thetastar.fitting.saving.saved import checksum, load_record, load_saved, save, save_record

ROWS = 60


def a_table() -> pl.DataFrame:
    random = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "size": random.normal(50, 20, ROWS),
            "town": random.choice(["Ulm", "Bonn", "Kiel"], ROWS),
            "sold": pl.Series(random.integers(18_000, 19_000, ROWS)).cast(pl.Int32).cast(pl.Date),
            "new": random.random(ROWS) < 0.3,
            "gaps": pl.Series(random.normal(size=ROWS)).set(pl.Series(random.random(ROWS) < 0.2), None),
        }
    )


RECIPE = Recipe(folds=3, width=8, depth=2, epochs=3, learning_rates=(1e-2,))
FITS = {
    "regression": lambda table: fit(
        Question(table, (table["size"] * 3 + 1e-7).alias("price")), recipe=RECIPE, budget=20
    ),
    "classes": lambda table: fit(Question(table, table["town"].alias("where")), recipe=RECIPE, budget=20),
    "numbered classes": lambda table: fit(
        Question(table, table["new"].cast(pl.Int64).alias("code"), task="classification"), recipe=RECIPE, budget=20
    ),
    "deep": lambda table: fit(
        Question(table, table["size"].alias("price")),
        recipe=replace(RECIPE, rungs=("deep",), batch_norm=True),
        budget=20,
    ),
    "constant": lambda table: fit(
        Question(table, table["size"].alias("price")), recipe=replace(RECIPE, rungs=("constant",)), budget=20
    ),
}


@pytest.fixture(scope="module", params=FITS, ids=str)
def found(request: pytest.FixtureRequest) -> Fit:
    return FITS[request.param](a_table())


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that tests may read, never change."""
    result = FITS["regression"](a_table())
    return save(result.function, tmp_path_factory.mktemp("saved") / "price.theta", record=result.record)


def parts(path: Path) -> tuple[dict[str, Any], bytes]:
    """The header and the numbers of a safetensors file."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def put_together(path: Path, header: dict[str, Any], numbers: bytes) -> Path:
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + numbers)
    return path


def described(header: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The header with a changed description of the function."""
    function = json.loads(header["__metadata__"]["function"]) | changes
    return header | {"__metadata__": header["__metadata__"] | {"function": json.dumps(function)}}


def test_comes_back_bit_for_bit(found: Fit, tmp_path: Path) -> None:
    function, record = load_saved(save(found.function, tmp_path / "f.theta", record=found.record))
    table = a_table()
    assert function.outputs(table).tobytes() == found.function.outputs(table).tobytes()
    assert function.predict(table).tolist() == found.function.predict(table).tolist()
    assert (function.target, function.columns) == (found.function.target, found.function.columns)
    assert (function.functions, function.encodings) == (found.function.functions, found.function.encodings)
    assert function.intervals == found.function.intervals
    mine, theirs = function.marks, found.function.marks
    assert mine is not None
    assert theirs is not None
    assert mine.repeated == theirs.repeated
    for one, other in ((mine.inputs, theirs.inputs), (mine.rows, theirs.rows)):
        assert (one.distinct, one.kept.tolist()) == (other.distinct, other.kept.tolist())
    assert record is not None
    assert to_plain(record) == to_plain(found.record)  # as plain values: nan differs from itself


def test_another_process_predicts_the_same_bits(saved: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.parquet"
    a_table().write_parquet(table)
    code = (
        "import sys; from thetastar.data import read; from thetastar.fitting.saving.saved import load_saved\n"
        "sys.stdout.write(load_saved(sys.argv[1])[0].outputs(read(sys.argv[2])).tobytes().hex())"
    )
    done = subprocess.run([sys.executable, "-c", code, saved, table], capture_output=True, text=True, check=True)
    assert done.stdout == load_saved(saved)[0].outputs(a_table()).tobytes().hex()


def test_intervals_that_contradict_themselves_are_refused(saved: Path, tmp_path: Path) -> None:
    header, numbers = parts(saved)
    intervals = json.loads(header["__metadata__"]["function"])["intervals"]
    damaged = described(header, intervals=intervals | {"ranks": intervals["ranks"][:-1]})
    with pytest.raises(SavedFunctionError, match="intervals need ascending ranks"):
        load_saved(put_together(tmp_path / "f.theta", damaged, numbers))


def test_function_without_a_record(found: Fit, tmp_path: Path) -> None:
    path = save(found.function, tmp_path / "f.theta")
    assert load_saved(path)[1] is None
    with pytest.raises(SavedFunctionError, match="no record"):
        load_record(path)


def test_folder_of_a_run_will_do(found: Fit, tmp_path: Path) -> None:
    save(found.function, tmp_path / "function.theta", record=found.record)
    save_record(found.record, tmp_path / "record.json")
    assert load_saved(tmp_path)[0].target == found.function.target
    assert to_plain(load_record(tmp_path)) == to_plain(found.record)
    assert to_plain(load_record(tmp_path / "function.theta")) == to_plain(found.record)


def test_every_way_of_cutting_it_short_is_noticed(saved: Path, tmp_path: Path) -> None:
    data = saved.read_bytes()
    path = tmp_path / "short.theta"
    for length in (0, 1, 7, 8, 9, 100, len(data) // 2, len(data) - 4, len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises(SavedFunctionError, match=r"short\.theta"):
            load_saved(path)


@pytest.mark.parametrize("place", [0.05, 0.3, 0.6, 0.999])
def test_every_flipped_bit_is_noticed(saved: Path, tmp_path: Path, place: float) -> None:
    data = bytearray(saved.read_bytes())
    data[int(len(data) * place)] ^= 1
    (tmp_path / "flipped.theta").write_bytes(data)
    with pytest.raises(SavedFunctionError, match=r"flipped\.theta"):
        load_saved(tmp_path / "flipped.theta")


@pytest.mark.parametrize(("version", "advice"), [("3", "install a newer thetastar"), ("1", "fit again")])
def test_another_format_says_who_wrote_it_and_what_to_do(
    saved: Path, tmp_path: Path, version: str, advice: str
) -> None:
    header, numbers = parts(saved)
    header["__metadata__"] |= {"thetastar": version, "version": "7.8.9"}
    said = f"function has format version '{version}', written by thetastar 7.8.9; .* reads format version 2: {advice}"
    with pytest.raises(SavedFunctionError, match=said):
        load_saved(put_together(tmp_path / "other.theta", header, numbers))


@pytest.mark.parametrize(("version", "advice"), [(7, "install a newer thetastar"), (0, "fit again")])
def test_a_record_of_another_format_says_what_to_do(saved: Path, tmp_path: Path, version: int, advice: str) -> None:
    path = save_record(load_record(saved), tmp_path / "record.json")
    values = json.loads(path.read_text("utf-8"))
    values["format"], values["versions"]["thetastar"] = version, "7.8.9"
    path.write_text(json.dumps(values), "utf-8")
    said = f"record has format version {version}, written by thetastar 7.8.9; .* reads format version 1: {advice}"
    with pytest.raises(SavedFunctionError, match=said):
        load_record(path)


def test_a_whole_record_with_other_fields_is_told_from_one_cut_short(saved: Path, tmp_path: Path) -> None:
    path = save_record(load_record(saved), tmp_path / "record.json")
    text = path.read_text("utf-8")
    values = json.loads(text)
    del values["cautions"]
    path.write_text(json.dumps(values | {"versions": {"thetastar": "7.8.9"}}), "utf-8")
    with pytest.raises(SavedFunctionError, match=r"KeyError: 'cautions'.*written by thetastar 7\.8\.9.*fit again"):
        load_record(path)
    path.write_text(json.dumps(values | {"versions": None}), "utf-8")
    with pytest.raises(SavedFunctionError, match="copy it again"):
        load_record(path)
    path.write_text(text[:1000], "utf-8")
    with pytest.raises(SavedFunctionError, match="copy it again"):
        load_record(path)


def test_marks_that_contradict_themselves_are_refused(saved: Path, tmp_path: Path) -> None:
    function, _ = load_saved(saved)
    marks = function.marks
    assert marks is not None
    with pytest.raises(ValueError, match="ascending"):
        replace(marks.inputs, kept=marks.inputs.kept[::-1])
    header, numbers = parts(saved)
    description = json.loads(header["__metadata__"]["function"])["marks"]
    for changes in ({"inputs": ROWS - 1}, {"rows": 10**12}, {"rows": -1}, {"repeated": 2.0}):
        damaged = described(header, marks=description | changes)
        with pytest.raises(SavedFunctionError, match=r"contradicts itself|checksum"):
            load_saved(put_together(tmp_path / "f.theta", damaged, numbers))


def test_declared_sizes_are_compared_before_memory_is_asked_for(saved: Path, tmp_path: Path) -> None:
    header, numbers = parts(saved)
    function = json.loads(header["__metadata__"]["function"])
    huge = described(header, functions=function["functions"] | {"hidden": [10**9, 10**9], "reads": 1})
    with pytest.raises(SavedFunctionError, match="contradicts itself"):
        load_saved(put_together(tmp_path / "huge.theta", huge, numbers))


@pytest.mark.parametrize(
    "changes",
    [
        {"scales": []},
        {"encodings": []},
        {"functions": {}},
        {"functions": None},
        {"target": 5},
        {"columns": [{}]},
        {"plain": "many"},
        {"target": {"name": "y", "task": "classification", "classes": ["a", "b", "c"], "reason": "text"}},
        {"target": {"name": "y", "task": "classification", "classes": [["a"]], "reason": "text"}},
    ],
    ids=str,
)
def test_wrong_descriptions_are_refused(saved: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    header, numbers = parts(saved)
    with pytest.raises(SavedFunctionError, match=r"wrong\.theta"):
        load_saved(put_together(tmp_path / "wrong.theta", described(header, **changes), numbers))


def test_inputs_that_the_encodings_do_not_make_are_refused(saved: Path, tmp_path: Path) -> None:
    function, _ = load_saved(saved)
    wrong = replace(function, functions=replace(function.functions, inputs=10**12))
    with pytest.raises(SavedFunctionError, match="encodings make"):
        load_saved(save(wrong, tmp_path / "wide.theta"))


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.theta").write_text("not a function, only words " * 10)
    (tmp_path / "deep.json").write_text("[" * 100_000)
    other = put_together(tmp_path / "other.safetensors", {"__metadata__": {"format": "pt"}}, b"")
    for path in (tmp_path / "text.theta", other, tmp_path / "absent.theta", tmp_path):
        with pytest.raises(SavedFunctionError):
            load_saved(path)
    for path in (tmp_path / "deep.json", tmp_path / "absent.json", tmp_path):
        with pytest.raises(SavedFunctionError):
            load_record(path)


def test_nothing_is_left_behind_where_it_cannot_be_written(saved: Path, tmp_path: Path) -> None:
    function, _ = load_saved(saved)
    with pytest.raises(UserError, match="can't be written"):
        save(function, tmp_path / "no such folder" / "f.theta")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    with pytest.raises(UserError, match="can't be written"):
        save(function, tmp_path / "taken")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["taken"]


# ---- files from elsewhere: whatever is in them, a refusal or a function that predicts, in little memory ----

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
HUGE = (-1, 0, 1, 2**31, 2**62, 10**30, 1e308, "9" * 400, [], [10**12] * 3)
MOST_BYTES = 50_000_000  # of memory that reading a small file may take


def places(values: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every value inside nested lists and dictionaries stands."""
    inner = list(values.items()) if isinstance(values, dict) else list(enumerate(values or ()))
    found = []
    for key, value in inner:
        found.append((*so_far, key))
        if isinstance(value, (dict, list)):
            found += places(value, (*so_far, key))
    return found


def put(values: Any, place: tuple[Any, ...], new: Any) -> Any:
    """The same values with another one in one place."""
    changed = copy.deepcopy(values)
    inside = changed
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = new
    return changed


def opened_safely(path: Path) -> None:
    tracemalloc.start()
    with suppress(SavedFunctionError, DataError):
        function, _ = load_saved(path)
        assert function.outputs(a_table()).shape[0] == ROWS
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < MOST_BYTES


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_descriptions_from_elsewhere_are_refused_or_predict(saved: Path, tmp_path: Path, data: st.DataObject) -> None:
    """One value of the description is another, and the checksum fits it, as its author can make it."""
    header, numbers = parts(saved)
    function = json.loads(header["__metadata__"]["function"])
    place = data.draw(st.sampled_from(places(function)))
    new = data.draw(st.sampled_from(HUGE) | JSON)
    text = json.dumps(put(function, place, new))
    texts = {"function": text, "record": ""}
    sealed = header["__metadata__"] | texts | {"sha256": checksum(safetensors.torch.load(saved.read_bytes()), texts)}
    opened_safely(put_together(tmp_path / "f.theta", header | {"__metadata__": sealed}, numbers))


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_headers_from_elsewhere_are_refused(saved: Path, tmp_path: Path, data: st.DataObject) -> None:
    header, numbers = parts(saved)
    place = data.draw(st.sampled_from(places(header)))
    new = data.draw(st.sampled_from(HUGE) | st.sampled_from(["F64", "BF16", "BOOL", "[" * 5_000]) | JSON)
    opened_safely(put_together(tmp_path / "f.theta", put(header, place, new), numbers))


@given(st.binary(max_size=200), st.integers(0, 2**64 - 1))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_refused(tmp_path: Path, data: bytes, length: int) -> None:
    path = tmp_path / "f.theta"
    for content in (data, struct.pack("<Q", length) + data, struct.pack("<Q", len(data)) + data):
        path.write_bytes(content)
        with pytest.raises(SavedFunctionError):
            load_saved(path)


def test_deep_descriptions_are_refused(saved: Path, tmp_path: Path) -> None:
    header, numbers = parts(saved)
    deep = header["__metadata__"] | {"function": "[" * 100_000 + "]" * 100_000}
    with pytest.raises(SavedFunctionError, match="description"):
        load_saved(put_together(tmp_path / "deep.theta", header | {"__metadata__": deep}, numbers))


def test_a_pickle_is_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "run",)

    torch.save(Trap(), tmp_path / "pickle.theta")
    (tmp_path / "bare.theta").write_bytes(pickle.dumps(Trap()))
    for name in ("pickle.theta", "bare.theta"):
        with pytest.raises(SavedFunctionError):
            load_saved(tmp_path / name)
    assert not (tmp_path / "run").exists()
