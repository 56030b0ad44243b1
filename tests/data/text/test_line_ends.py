from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thetastar.data.text.line_ends import Characters, characters_of, whole_lines
from thetastar.errors import DataError

ENCODINGS = ("utf-8", "gb18030", "big5", "cp1252", "shift_jis", "utf-16-le", "utf-16-be", "utf-32-le")
UTF8 = Characters("utf-8", "u1", 10)


def cut(text: str, encoding: str, *, quoted: bool) -> tuple[int, int]:
    data = text.encode(encoding)
    return whole_lines(data, characters_of(data, encoding), quoted=quoted)


@given(text=st.text(alphabet='a,"\n\u00e9', max_size=40), quoted=st.booleans())
def test_the_last_line_end_outside_of_quotes_is_found(text: str, quoted: bool) -> None:
    ends = [
        place + 1
        for place, character in enumerate(text)
        if character == "\n" and not (quoted and text[:place].count('"') % 2)
    ]
    for encoding in ("utf-8", "utf-16-le"):
        end = ends[-1] if ends else 0
        assert cut(text, encoding, quoted=quoted) == (len(text[:end].encode(encoding)), text[:end].count("\n"))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_bytes_of_other_characters_are_no_line_ends(encoding: str) -> None:
    # U+0A22 and U+220A would look like both marks, cut between the wrong bytes; 丂 has trailing bytes of plain ASCII.
    text = "a,b\n1,2\n" + {"big5": "一丁七", "cp1252": "é£°", "shift_jis": "ソ表十"}.get(encoding, "∊丂ਢ")
    size, lines = cut(text, encoding, quoted=True)
    assert size == len("a,b\n1,2\n".encode(encoding))
    assert lines == 2


def test_a_character_that_is_cut_in_two_belongs_to_no_whole_line() -> None:
    data = "城市\n北京\n上海".encode("gb18030")
    for end in range(10, len(data)):
        assert whole_lines(data[:end], Characters("gb18030", "u1", 10), quoted=True)[0] == 10


def test_lines_may_end_in_three_ways() -> None:
    assert whole_lines(b"a\r\nb\r\nc", characters_of(b"a\r\nb\r\nc", "utf-8"), quoted=False) == (6, 2)
    assert whole_lines(b"a\rb\rc", characters_of(b"a\rb\rc", "utf-8"), quoted=False) == (4, 2)
    assert whole_lines(b"abc", UTF8, quoted=False) == (0, 0)


def test_a_byte_order_mark_says_which_bytes_come_first() -> None:
    assert characters_of(b"\xff\xfea\0\n\0", "utf-16") == Characters("utf-16-le", "<u2", 10)
    assert characters_of(b"\xfe\xff\0a\0\n", "utf-16") == Characters("utf-16-be", ">u2", 10)
    assert characters_of(b"\xef\xbb\xbfa\n", "utf-8-sig") == UTF8


@pytest.mark.parametrize("encoding", ["utf-7", "iso2022_jp", "hz", "cp037"])
def test_an_encoding_whose_bytes_mean_different_things_is_refused(encoding: str) -> None:
    with pytest.raises(DataError, match=f"its encoding {encoding} can't be read in parts: write it as UTF-8"):
        characters_of(b"a\n", encoding, source="t.csv")
    with pytest.raises(DataError, match="no text encoding named 'utf-9'"):
        characters_of(b"a\n", "utf-9")
