"""Text files in parts: whatever the parts are, their rows are those of the whole file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.data.reading import ReadOptions
from thetastar.data.text import parts
from thetastar.data.text.delimited import parse_delimited
from thetastar.data.text.header import Expected
from thetastar.data.text.parts import PartedText, open_parts
from thetastar.errors import DataError


def opened(folder: Path, data: bytes, *, first: int, options: ReadOptions | None = None) -> PartedText:
    """Return a file of these bytes in parts of about so many."""
    (folder / "t.csv").write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_FIRST", first)
        return open_parts(folder / "t.csv", options=options or ReadOptions(), expected=Expected())


def rows(text: PartedText, *, part: int) -> pl.DataFrame:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_PART", part)
        return pl.concat([text.first_rows()[0], *(text.rows(one)[0] for one in text.parts())])


def whole(text: str) -> pl.DataFrame:
    return parse_delimited(text, options=ReadOptions(), expected=Expected()).table


HEAD = "place,name,words\n" + "".join(f"{row},n{row},w{row}\n" for row in range(20))
CELLS = st.text(alphabet="ab 1,;\"\n'é北", max_size=6)


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\n ') else cell


@given(
    cells=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12),
    part=st.integers(1, 60),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.booleans(),
)
def test_rows_are_those_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory,
    cells: list[tuple[str, str]],
    part: int,
    encoding: str,
    line_end: str,
    last: bool,
) -> None:
    body = "\n".join(f"{20 + place},{quoted(one)},{quoted(other)}" for place, (one, other) in enumerate(cells))
    text = HEAD + "20,北,é\n" + body + "\n" * last
    data = text.replace("\n", line_end).encode(encoding)
    first = len((HEAD + "20,北,é\n").replace("\n", line_end).encode(encoding))
    asked = ReadOptions(encoding=encoding) if encoding == "utf-16-be" else None
    found = opened(tmp_path_factory.mktemp("t"), data, first=first, options=asked)
    assert rows(found, part=part).equals(whole(text))


def test_a_quoted_cell_may_reach_over_many_parts(tmp_path: Path) -> None:
    long = "\n".join(f'line {place}, "" so' for place in range(200))
    text = f'{HEAD}20,"{long}",b\n21,c,d\n'
    found = opened(tmp_path, text.encode(), first=len(HEAD))
    assert rows(found, part=16).equals(whole(text))


def test_headers_blank_lines_and_short_rows_count_as_they_do_in_one_piece(tmp_path: Path) -> None:
    text = f"{HEAD}20,a,b\n\n \nplace,name,words\n21,c\n\n22,d,e\n\n"
    found = opened(tmp_path, text.encode(), first=len(HEAD))
    assert rows(found, part=9).equals(whole(text))
    assert rows(found, part=9)["place"][-3:].to_list() == ["20", "21", "22"]


def test_titles_blanks_and_single_marks_hold_for_all_parts(tmp_path: Path) -> None:
    titled = "From the station\n\na;b;c\n" + "1,5;2;x\n" * 30
    blanks = "  a  b\n" + " 1   2\n" * 30
    single = "'a','b'\n" + "'x, y',2\n" * 30
    for text in (titled, blanks, single):
        found = opened(tmp_path, text.encode(), first=60)
        assert found.begin < len(text) / 2
        assert rows(found, part=10).equals(whole(text))


def errors(folder: Path, data: bytes) -> str:
    with pytest.raises(DataError) as error:
        rows(opened(folder, data, first=len(HEAD)), part=40)
    return str(error.value)


def test_what_is_wrong_further_down_is_said_with_its_line(tmp_path: Path) -> None:
    fine = "".join(f"{row},a,b\n" for row in range(20, 40))
    assert "line 42 has 4 cells, the first line has 3" in errors(tmp_path, f"{HEAD}{fine}1,2,3,4\n".encode())
    assert "a quotation mark in line 42 opens a cell" in errors(tmp_path, f'{HEAD}{fine}1,"2,3\n4,5,6\n'.encode())
    assert "(a zero byte in line 42)" in errors(tmp_path, f"{HEAD}{fine}1,\0,3\n".encode())
    broken = f"{HEAD}{fine}1,é北,3\n".encode() + fine.encode() + b"1,\xe9,2\n"
    assert "line 63 holds a byte that isn't UTF-8 (0xe9)" in errors(tmp_path, broken)


def test_a_quotation_mark_that_nothing_closes_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "_LONGEST", 100)
    text = HEAD + '20,"a,b\n' + "21,c,d\n" * 100
    assert "what begins in line 22 doesn't end within" in errors(tmp_path, text.encode())
    with pytest.raises(DataError, match="what begins in line 1 doesn't end"):
        opened(tmp_path, b"a" * 50, first=40)
