from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.data import Reading, read, read_file
from thetastar.errors import DataError, ThetastarError

from .files import write


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"table\.csv is empty: a table needs a header and at least one row"),
        (b"\n \n", r"table\.csv is empty"),
        (b"a,b\n", r"has a header \(a, b\) but no rows below it: give rows, or say --no-header if this is one"),
        (b"a,b\n1,2\n1,2,3\n", r"line 3 has 3 cells, the first line has 2 \(separated by ','\): .*--delimiter"),
        (b'a,b\n1,2\n"x\ny",2,3\n', r"line 4 has 3 cells"),
        (b"a,b\n1,\x002\n", r"a zero byte in line 2\): export the table as CSV"),
        (bytes(range(256)) * 9, r"is neither text nor Parquet nor Arrow nor a workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", r"is neither text"),
        (b"%PDF-1.7", r"is a PDF document: export the table as CSV"),
        (b"\x80\x04\x95abc", r"is a pickle, which can run code when it is read"),
        (b"<html><body>", r"is a web page: export the table as CSV"),
        (b'{"a": 1}', r"is JSON: export the table as CSV or Parquet"),
        (b"FEA1rest", r"is a Feather file of version 1: write it again"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_file(write(tmp_path, content))


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv can't be read: No such file"):
        read_file(tmp_path / "nowhere.csv")
    with pytest.raises(DataError, match="it is a folder: name one file in it"):
        read_file(tmp_path)


def test_one_row_is_a_table(tmp_path: Path) -> None:
    assert read_file(write(tmp_path, "a,b\n1,x\n"))[0].rows() == [(1, "x")]


@pytest.mark.parametrize(
    ("column", "what"),
    [
        (pa.array([[1, 2], [3]]), "List"),
        (pa.array([{"x": 1}, {"x": 2}]), "Struct"),
        (pa.array([b"x", b"y"]), "Binary"),
    ],
)
def test_nested_columns_of_files_are_named(tmp_path: Path, column: pa.Array, what: str) -> None:
    pa.parquet.write_table(pa.table({"fine": [1, 2], "odd": column}), tmp_path / "table.parquet")
    with pytest.raises(DataError, match=f"column 'odd' holds {what}.*: a cell must hold one number"):
        read_file(tmp_path / "table.parquet")


def test_mixed_types_in_a_column_are_text() -> None:
    assert read(pd.DataFrame({"a": [1, "x", None, 2.5]}))["a"].to_list() == ["1", "x", None, "2.5"]
    with pytest.raises(DataError, match="column 'a', row 2: list can't be used"):
        read(pd.DataFrame({"a": [1, [2]]}))
    with pytest.raises(DataError, match="complex"):
        read(np.array([[1 + 2j]]))


def test_feather_files_of_pandas_with_missing_categories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pd.DataFrame({"c": pd.Categorical(["x", None, "y"]), "n": [1.0, 2.0, None]}).to_feather(tmp_path / "table.feather")
    table, reading = read_file(tmp_path / "table.feather")
    assert table.to_dict(as_series=False) == {"c": ["x", None, "y"], "n": [1.0, 2.0, None]}
    assert reading == Reading()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match=r"can't be read .*pip install pyarrow"):
        read_file(tmp_path / "table.feather")


def test_whole_numbers_that_overflow(tmp_path: Path) -> None:
    table, _ = read_file(write(tmp_path, "a,b\n9223372036854775807,1\n-9223372036854775808,18446744073709551616\n"))
    assert table["a"].to_list() == [2**63 - 1, -(2**63)]
    assert table["b"].to_list() == [1.0, 2.0**64]


def test_numbers_of_every_size(tmp_path: Path) -> None:
    table, _ = read_file(write(tmp_path, "a,b\n1e-300,5e-324\n1e300,-1e308\n"))
    assert table["a"].to_list() == [1e-300, 1e300]
    assert table["b"].to_list() == [5e-324, -1e308]


CELLS = st.text(alphabet='ab,;"\n\t 0123456789.-+$%/()eE\0é北\ufeff', max_size=8)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6), st.sampled_from([",", ";", "\t", "\n"]))
def test_any_text_is_a_table_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], by: str
) -> None:
    path = write(tmp_path_factory.mktemp("any"), "\n".join(by.join(row) for row in rows))
    try:
        table, reading = read_file(path)
        again, _ = read_file(path, like=reading)
    except ThetastarError:
        return
    assert table.height > 0
    assert again.width == table.width


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    for start in (b"", b"\x1f\x8b", b"PK\x03\x04", b"PAR1", b"ARROW1", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"):
        path = write(tmp_path_factory.mktemp("any"), start + content)
        with contextlib.suppress(ThetastarError):
            assert read_file(path)[0].height > 0


def test_values_survive_a_round_trip(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    table = pl.DataFrame(
        {"x": random.normal(size=200), "n": random.integers(-(2**62), 2**62, 200), "w": ["a b", "ü"] * 100}
    )
    table.write_csv(tmp_path / "table.csv")
    assert read_file(tmp_path / "table.csv")[0].equals(table)
