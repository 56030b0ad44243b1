from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from thetastar.data.reading import Note, ReadOptions
from thetastar.data.text import index, parts
from thetastar.data.text.header import Expected
from thetastar.data.text.index import IndexedText, index_parts
from thetastar.data.text.parts import open_parts
from thetastar.errors import DataError

HEAD = "place,name\n" + "".join(f"{row},n{row}\n" for row in range(20))


def indexed(
    folder: Path, data: bytes, *, part: int = 50, until: float = math.inf, most: int = 0, small: int = 25
) -> IndexedText:
    (folder / "t.csv").write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_FIRST", len(HEAD))
        patch.setattr(parts, "_PART", part)
        patch.setattr(index, "_SMALL", small)
        text = open_parts(folder / "t.csv", options=ReadOptions(), expected=Expected())
        return index_parts(text, until=until, most=most)


def names(found: IndexedText) -> list[str]:
    return [name for place in range(found.parts) for name in found.rows(place)[0]["name"]]


def test_any_part_is_read_without_those_above_it(tmp_path: Path) -> None:
    lines = [f"{row},n{row}\n" for row in range(20, 100)]
    found = indexed(tmp_path, (HEAD + "".join(lines)).encode())
    assert found.whole
    assert found.bytes == len(HEAD + "".join(lines)) == sum(found.size(place) for place in range(found.parts))
    tables = {place: found.rows(place)[0] for place in reversed(range(found.parts))}
    assert pl.concat([tables[place] for place in range(found.parts)])["place"].to_list() == [*map(str, range(100))]
    firsts = [int(tables[place]["place"][0]) for place in range(found.parts)]
    assert [int(above) - 1 for above in found.above[1:]] == firsts[1:]


def test_a_small_rest_joins_the_part_above_it(tmp_path: Path) -> None:
    text = HEAD + "1,abcd\n" * 15
    assert list(np.diff(indexed(tmp_path, text.encode(), small=0).begins[1:])) == [49, 49, 7]
    assert list(np.diff(indexed(tmp_path, text.encode(), small=8).begins[1:])) == [49, 56]
    assert list(np.diff(indexed(tmp_path, (HEAD + "1,a\n").encode()).begins)) == [len(HEAD), 4]
    assert indexed(tmp_path, HEAD.encode()).parts == 1


def test_time_and_number_end_it(tmp_path: Path) -> None:
    text = (HEAD + "1,abcd\n" * 100).encode()
    late = indexed(tmp_path, text, until=time.monotonic() - 1)
    assert (late.parts, late.whole, late.bytes) == (2, False, len(HEAD) + 49)
    few = indexed(tmp_path, text, most=5)
    assert (few.parts, few.whole) == (5, False)


@pytest.mark.parametrize("encoding", ["gb18030", "cp1252", "utf-8"])
def test_what_stands_further_down_settles_the_encoding(encoding: str, tmp_path: Path) -> None:
    words = ["café", "Gößnitz", "Málaga", "Århus"] if encoding == "cp1252" else ["城市", "北京天气", "价格", "联通"]
    body = "".join(f"{row},{words[row % 4]}\n" for row in range(20, 100))
    found = indexed(tmp_path, HEAD.encode() + body.encode(encoding))
    assert names(found)[20:] == [words[row % 4] for row in range(20, 100)]
    noted = {note for place in range(found.parts) for note in found.rows(place)[1]}
    assert noted == ({Note("encoding", text=encoding)} if encoding != "utf-8" else set())


def test_a_few_characters_in_the_first_part_are_not_enough(tmp_path: Path) -> None:
    head = HEAD.replace("n19", "城")[:-1].encode("gb18030") + b"\n"
    body = "".join(f"{row},北京天气预报{row}\n" for row in range(20, 100)).encode("gb18030")
    found = indexed(tmp_path, head + body)
    assert found.text.how.encoding == "gb18030"
    assert names(found)[19:22] == ["城", "北京天气预报20", "北京天气预报21"]


def test_a_byte_that_is_no_utf8_among_others_that_are_is_said_with_its_line(tmp_path: Path) -> None:
    fine = "".join(f"{row},é北\n" for row in range(20, 60)).encode()
    found = indexed(tmp_path, HEAD.encode() + fine + b"60,\xe9\n" + fine)
    with pytest.raises(DataError, match=r"line 62 holds a byte that isn't UTF-8 \(0xe9\)"):
        names(found)
