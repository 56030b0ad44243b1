from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from thetastar.data import Note, ReadOptions, decide_columns, read, read_series, read_table
from thetastar.errors import DataError

TABLE = pl.DataFrame({"size": [1.5, 2.0, None], "rooms": [3, 4, 5], "town": ["Ulm", None, "Köln"]})


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found_out(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "table.txt"
    TABLE.write_csv(path, separator=delimiter)
    assert read(path).equals(TABLE)


def test_a_delimiter_that_only_the_body_holds_is_not_taken(tmp_path: Path) -> None:
    table = read(written(tmp_path, "name;value\na,b;1\nc,d;2\n"))
    assert table.to_dict(as_series=False) == {"name": ["a,b", "c,d"], "value": [1, 2]}


def test_a_single_column_keeps_its_blank_lines_as_missing(tmp_path: Path) -> None:
    assert read(written(tmp_path, "x\n1\n\n3\n"))["x"].to_list() == [1, None, 3]


def test_blank_lines_between_rows_are_no_rows(tmp_path: Path) -> None:
    table, reading = read_table(written(tmp_path, "\nx,y\n1,2\n\n,\n \n3,4\n\n"))
    assert table["x"].to_list() == [1, None, 3]
    assert reading.notes == (Note("blank_rows", rows=2),)


def test_quotes_line_ends_and_blanks(tmp_path: Path) -> None:
    table = read(written(tmp_path, ' name , n\r\n"a, ""b""\n\nc", 1\r\n d ,2\r\n'))
    assert table.to_dict(as_series=False) == {"name": ['a, "b"\n\nc', "d"], "n": [1, 2]}


CHINESE = "面积,价格,楼层\n89.5,320,3\n120,560,11\n"
WORDS = "姓名,城市\n张三,北京\n李四,上海\n王五,广州\n"
TAIWAN = "姓名,城市\n張三,臺北\n李四,高雄\n王五,臺中\n"
FRENCH = "prénom,âge,ville\nRené,32,Orléans\nZoë,40,Besançon\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((CHINESE, name) for name in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030")),
        (CHINESE + "1,2,3\n" * 500, "gb18030"),
        (WORDS, "gb18030"),
        (WORDS * 300, "gb18030"),
        (TAIWAN, "big5"),
        (TAIWAN + "a,b\n" * 500, "big5"),
        (FRENCH, "latin-1"),
        (FRENCH, "cp1252"),
        ("x,y\n1,é\n2,a\n", "latin-1"),
    ],
)
def test_encodings_are_found_out(tmp_path: Path, text: str, encoding: str) -> None:
    expected = read(written(tmp_path, text))
    assert read(written(tmp_path, text, encoding)).equals(expected)


def test_the_encoding_asked_for_is_used(tmp_path: Path) -> None:
    assert read(written(tmp_path, "x,y\n1,한국\n", "euc-kr"), options=ReadOptions(encoding="euc-kr"))[
        "y"
    ].to_list() == ["한국"]
    with pytest.raises(DataError, match="no text encoding named"):
        read(tmp_path / "table.csv", options=ReadOptions(encoding="nonsense"))
    with pytest.raises(DataError, match="isn't utf-8"):
        read(tmp_path / "table.csv", options=ReadOptions(encoding="utf-8"))


def test_missing_marks_do_not_turn_numbers_into_text(tmp_path: Path) -> None:
    table = read(written(tmp_path, "a,b,c,d\n1,?,x,-\n?,2.5,?,none\nNA,,NA,y\n-,NaN,y,z\n"))
    assert table.to_dict(as_series=False) == {
        "a": [1, None, None, None],
        "b": [None, 2.5, None, None],
        "c": ["x", None, None, "y"],
        "d": ["-", "none", "y", "z"],  # among words, these may be words
    }


def test_leading_zeros_are_codes_not_numbers(tmp_path: Path) -> None:
    table = read(written(tmp_path, "code,x,y\n01067,0,0.5\n89073,-0,10\n"))
    assert table["code"].to_list() == ["01067", "89073"]
    assert table.dtypes[1:] == [pl.Int64, pl.Float64]


def test_whole_numbers_too_large_for_64_bits_are_floats(tmp_path: Path) -> None:
    assert read(written(tmp_path, "x\n99999999999999999999\n1\n"))["x"].to_list() == [1e20, 1.0]


def test_repeated_and_empty_names_become_unique(tmp_path: Path) -> None:
    assert read(written(tmp_path, "a,b,a,,a\n1,2,3,4,5\n")).columns == ["a", "b", "a_2", "column4", "a_3"]


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n6.1,2.9,virginica\n", False),
        ("p,x,s\ne,x,s\np,b,s\n", False),
        ("39, State-gov, 77516\n50, Private, 83311\n28, State-gov, 1\n", False),
        ("1.5,2.5\n3.5,4.5\n", False),
        ("7,3,9\n1,2,3\n", False),
        ("station,0,1,2\nA,14,14,13\nB,1,2,3\n", True),
        ("0,1,2\n14,14,13\n", True),
        ("x,y\n1,2\n", True),
        ("name,town\nann,ulm\nbob,bonn\n", True),
        ("2019,2020,country\n1,2,A\n3,4,B\n", True),
    ],
)
def test_a_missing_header_is_noticed(tmp_path: Path, text: str, header: bool) -> None:
    lines = text.count("\n")
    table = read(written(tmp_path, text))
    assert table.height == lines - header
    assert (table.columns[0] == "x0") is not header
    assert read(tmp_path / "table.csv", options=ReadOptions(header=not header)).height == lines - (not header)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("a,b\n", "no rows below"),
        ("a,b\n1,2\n1,2,3\n", "line 3 has 3 cells, the first line has 2"),
        ("a\0b\n", "neither text"),
    ],
)
def test_unusable_text_is_refused_with_the_reason(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(written(tmp_path, text))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04rest", "can't be unpacked as zip .*cut short or is damaged"),
        (b"\x1f\x8brest", "can't be unpacked as gzip"),
        (b"PAR1rest", "can't be read .*export the table as CSV"),
        (b"ARROW1rest", "can't be read .*export the table as CSV"),
    ],
)
def test_other_files_are_refused_with_the_reason(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "table.dat"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv can't be read"):
        read(tmp_path / "nowhere.csv")
    with pytest.raises(DataError, match="can't be read"):
        read(tmp_path)


def test_binary_files_are_told_by_their_content(tmp_path: Path) -> None:
    path = tmp_path / "any.name"
    TABLE.write_parquet(path)
    assert read(path).equals(TABLE)
    TABLE.write_ipc(path)
    assert read(str(path)).equals(TABLE)
    TABLE.write_ipc_stream(path)
    assert read(path).equals(TABLE)


@pytest.mark.parametrize(
    "convert", [pl.DataFrame.to_pandas, pl.DataFrame.to_arrow, pl.DataFrame.lazy, pl.DataFrame.clone]
)
def test_dataframes_of_other_libraries(convert: Any) -> None:
    assert read(convert(TABLE)).equals(TABLE)


def test_an_object_with_an_arrow_stream() -> None:
    class Stream:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return TABLE.to_arrow().__arrow_c_stream__(requested_schema)

    assert read(Stream()).equals(TABLE)


def test_pandas_columns_of_every_sort() -> None:
    day = pd.Timestamp("2020-01-01 06:00")
    frame = pd.DataFrame(
        {
            "category": pd.Categorical(["x", None, "y"]),
            "nullable": pd.Series([1, None, 2], dtype="Int64"),
            "boolean": pd.Series([True, None, False], dtype="boolean"),
            "moment": [day, None, day],
            "zoned": pd.Series([day, None, day]).dt.tz_localize("Asia/Shanghai"),
            "mixed": [1, "a", None],
            "objects": pd.Series([1, 2.5, None], dtype=object),
            "span": pd.to_timedelta([1, 2, None], unit="s"),
        }
    )
    at = datetime.datetime(2020, 1, 1, 6)
    table = read(frame)
    assert table["category"].dtype == pl.Categorical
    assert table.to_dict(as_series=False) == {
        "category": ["x", None, "y"],
        "nullable": [1, None, 2],
        "boolean": [True, None, False],
        "moment": [at, None, at],
        "zoned": [at - datetime.timedelta(hours=8), None, at - datetime.timedelta(hours=8)],
        "mixed": ["1", "a", None],
        "objects": [1.0, 2.5, None],
        "span": [datetime.timedelta(seconds=1), datetime.timedelta(seconds=2), None],
    }


def test_periods_of_pandas_are_the_dates_at_which_they_begin() -> None:
    quarters = pd.DataFrame({"when": pd.PeriodIndex(["1959Q1", None, "1960Q4"], freq="Q"), "x": [1, 2, 3]})
    assert [when and when.date().isoformat() for when in read(quarters)["when"]] == ["1959-01-01", None, "1960-10-01"]
    assert decide_columns(read(quarters))[0].kind.value == "date"


def test_pandas_names_may_repeat_or_be_numbers() -> None:
    assert read(pd.DataFrame([[1, 2]], columns=["a", "a"])).columns == ["a", "a_2"]
    assert read(pd.DataFrame([[1, 2]])).columns == ["x0", "x1"]  # they only count the columns
    assert read(pd.DataFrame([[1, 2]], columns=[2019, 2020])).columns == ["2019", "2020"]
    assert read(pd.DataFrame([[1, 2]], columns=[1, 0])).columns == ["1", "0"]


def test_arrays() -> None:
    assert read(np.array([[1, 2], [3, 4]])).to_dict(as_series=False) == {"x0": [1, 3], "x1": [2, 4]}
    assert read(np.array([1.0, np.nan])).to_dict(as_series=False) == {"x0": [1.0, None]}
    assert read(np.array([[1, "a"], [None, "b"]], dtype=object)).schema == {"x0": pl.Int64, "x1": pl.String}
    assert read([[1, "a"], [2.5, "b"]]).schema == {"x0": pl.Float64, "x1": pl.String}
    assert read(np.array([True, False]))["x0"].dtype == pl.Boolean
    assert read(np.array(["2020-01-01"], dtype="datetime64[D]"))["x0"].dtype == pl.Datetime
    assert read(np.array([0.5], dtype=np.float16))["x0"].to_list() == [0.5]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (np.zeros((2, 2, 2)), r"shape \(2, 2, 2\)"),
        (np.zeros((0, 3)), r"shape \(0, 3\) holds nothing"),
        (np.zeros((3, 0)), r"shape \(3, 0\) holds nothing"),
        (np.zeros(0), "holds nothing"),
        (np.array([1j]), "complex"),
        (np.array([1.0, {"a": 1}], dtype=object), r"row 2: dict can't be used"),
        (pl.DataFrame({"a": [[1, 2]]}), r"column 'a' holds List"),
        (pl.DataFrame({"a": [b"x"]}), r"column 'a' holds Binary"),
        (pd.DataFrame({"a": [1j]}), "complex"),
        ([[1, 2], [3]], "same number of cells"),
        (7, "a int is no table"),
        (pl.DataFrame({"a": []}), "0 rows"),
    ],
)
def test_what_is_no_plain_table_is_refused(source: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(source)


@pytest.mark.parametrize(
    "values",
    [
        pl.Series("y", [1, 2]),
        pd.Series([1, 2], name="y"),
        pd.Series([1, 2]),
        np.array([1, 2]),
        np.array([[1], [2]]),
        [1, 2],
        pa.chunked_array([[1, 2]]),
        pl.DataFrame({"y": [1, 2]}),
    ],
)
def test_one_column_of_any_sort(values: Any) -> None:
    series = read_series(values)
    assert (series.name, series.to_list()) == ("y", [1, 2])


def test_one_column_means_one() -> None:
    with pytest.raises(DataError, match="there are 2"):
        read_series(np.zeros((3, 2)))


def test_adult(shared_data: Path) -> None:
    train, test = read(shared_data / "adult.data"), read(shared_data / "adult.test")
    assert (train.shape, test.shape) == ((32561, 15), (16281, 15))
    assert train.schema == test.schema
    assert [name for name in train.columns if train[name].dtype == pl.Int64] == ["x0", "x2", "x4", "x10", "x11", "x12"]
    assert train.null_count().row(0)[1] == 1836  # "?", the number that adult.names' authors count
    assert sorted(train["x14"].unique()) == ["<=50K", ">50K"]


def test_covid(shared_data: Path) -> None:
    train, test = read(shared_data / "covid.train.csv"), read(shared_data / "covid.test.csv")
    assert (train.shape, test.shape) == ((2700, 95), (893, 94))
    assert train.columns[:94] == test.columns
    assert [name for name in train.columns if name.startswith("tested")] == [
        "tested_positive", "tested_positive_2", "tested_positive_3",
    ]  # fmt: skip
    assert train.null_count().sum_horizontal()[0] == 0
    assert all(dtype.is_numeric() for dtype in train.dtypes)


def test_pm25_and_pokemon(shared_data: Path) -> None:
    table = read(shared_data / "pm25.train.csv")
    assert table.shape == (12 * 20 * 18, 27)
    assert table.columns[:4] == ["Date", "stations", "observation", "0"]
    assert table.filter(pl.col("observation") == "RAINFALL")["0"].to_list()[:2] == [None, None]  # written NR
    assert read(shared_data / "pokemon10.csv").row(9) == (606, 1591)
