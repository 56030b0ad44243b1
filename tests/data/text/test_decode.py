from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.files import write
from thetastar.data import Note, ReadOptions, read_file
from thetastar.data.text.decode import decode
from thetastar.errors import DataError

TEXTS = {
    "gb18030": "姓名,城市,备注\n张三,北京,天气很好\n李四,上海,喜欢读书\n王五,广州,学生\n",
    "big5": "姓名,城市,備註\n張三,臺北,天氣很好\n李四,高雄,喜歡讀書\n王五,臺中,學生\n",
    "shift_jis": "名前,都市,備考\n山田,東京,いい天気です\n鈴木,大阪,本が好き\n田中,名古屋,カメラ\n",
    "euc_kr": "이름,도시,비고\n김철수,서울,날씨가 좋다\n이영희,부산,학생\n박민수,대구,선생님\n",
    "cp1251": "имя,город,заметка\nИван,Москва,хорошая погода\nПётр,Казань,студент\nАнна,Тула,учитель\n",
    "cp1252": "prénom,âge,ville\nRené,32,Orléans\nZoë,40,Besançon\nFrançois,20,Mâcon\n",
}
WESTERN = (
    "price (£),x\n5,1\n",
    "temp (°C),x\n5,1\n",
    "price,x\n5 €,1\n6 €,2\n",
    "Größe,Straße\n80,Königsweg\n",
    "µg/m³,y\n1,2\n",
)


@pytest.mark.parametrize("times", [1, 50])
@pytest.mark.parametrize("encoding", TEXTS)
def test_common_encodings_are_told_apart(encoding: str, times: int) -> None:
    text = TEXTS[encoding] * times
    assert decode(text.encode(encoding)) == (text, encoding)


@pytest.mark.parametrize("times", [1, 50])
@pytest.mark.parametrize("text", WESTERN)
def test_single_characters_among_ascii_are_western(text: str, times: int) -> None:
    assert decode((text * times).encode("cp1252")) == (text * times, "cp1252")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_in_every_form(encoding: str) -> None:
    assert decode(TEXTS["gb18030"].encode(encoding))[0] == TEXTS["gb18030"]
    assert decode("a,b\n1,2\n".encode(encoding))[0] == "a,b\n1,2\n"


def test_what_is_not_utf8_is_told(tmp_path: Path) -> None:
    _, reading = read_file(write(tmp_path, TEXTS["big5"], encoding="big5"))
    assert reading.notes == (Note("encoding", text="big5"),)
    assert read_file(write(tmp_path, TEXTS["big5"]))[1].notes == ()


def test_utf8_but_for_a_byte_is_damage_not_another_encoding(tmp_path: Path) -> None:
    damaged = TEXTS["gb18030"].encode() * 9 + b"\xff,1,2\n"
    with pytest.raises(DataError, match=r"line 37 holds a byte that isn't UTF-8 \(0xff\).*--encoding"):
        read_file(write(tmp_path, damaged))
    assert read_file(write(tmp_path, damaged), options=ReadOptions(encoding="latin-1", header=True))[0].height == 36


def test_an_encoding_asked_for_must_fit() -> None:
    with pytest.raises(DataError, match=r"byte 0 isn't ascii text .* --encoding"):
        decode("é".encode(), encoding="ascii")
    with pytest.raises(DataError, match="there is no text encoding named 'utf-9'; --encoding takes names such as"):
        decode(b"a", encoding="utf-9")
    with pytest.raises(DataError, match="there is no text encoding named 'hex'"):
        decode(b"a", encoding="hex")
