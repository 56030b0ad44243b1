"""Numbers as people write them: signs of currency and percent, thousands apart, a comma or a point as decimal mark.

A text is split once into its sign, its digits and marks, its exponent and its unit. A style says what the marks mean:
which one is the decimal mark, and which stands between thousands. Several styles may read the same texts (1,234 is a
thousand or little more than one); which of them is meant is for the whole column, and then the whole file, to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

__all__ = ["CODE", "STYLES", "NumberStyle", "canonical", "fits", "is_currency", "split_numbers"]

CODE = r"^[+-]?0\d+$"  # leading zeros mean a postcode or a product number, which 1 instead of 01 would destroy

_SIGNS = r"US\$|[$€£¥₹元円₩₽฿₫₪₺₴]|USD|EUR|GBP|CNY|RMB|JPY|INR|CHF|kr|zł"
_NUMBER = (
    r"^(?P<open>\()?(?P<sign>[+-])? ?(?P<before>SIGNS)? ?(?P<inner>[+-])?(?P<body>[\d.,' ]*\d[.,]?)"
    r"(?P<exponent>[eE][+-]?\d+)? ?(?P<after>SIGNS|%|‰)?(?P<close>\))?$"
).replace("SIGNS", _SIGNS)
_SAME_UNIT = {
    **{"US$": "$", "USD": "$", "EUR": "€", "GBP": "£", "INR": "₹"},
    **{"元": "¥", "CNY": "¥", "RMB": "¥", "円": "¥", "JPY": "¥"},
}
# Characters that look like others to a person: blanks that don't break, typographic minus and apostrophe, full width.
_ALIKE = {
    **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000", " "),
    **dict.fromkeys("−–﹣－", "-"),
    **dict.fromkeys("’‘＇", "'"),
    **dict(zip("０１２３４５６７８９，．％＋（）￥＄", "0123456789,.%+()¥$", strict=True)),
}


@dataclass(frozen=True)
class NumberStyle:
    """What the marks between digits mean; ``grouping`` is empty where thousands aren't apart."""

    decimal: str = "."
    grouping: str = ""

    @property
    def pattern(self) -> str:
        """What the digits and marks of a number look like."""
        decimal, group = re.escape(self.decimal), re.escape(self.grouping)
        if not group:
            return rf"^(?:\d+{decimal}?\d*|{decimal}\d+)$"
        # 12,34,567 is how India counts; with the other marks only groups of three are known
        groups = rf"(?:{group}\d{{3}})+" if group != "," else rf"(?:{group}\d{{2,3}})*{group}\d{{3}}"
        return rf"^(?:(?:\d+|[1-9]\d{{0,2}}{groups})(?:{decimal}\d*)?|{decimal}\d+)$"


STYLES = (
    NumberStyle(".", ""), NumberStyle(",", ""), NumberStyle(".", ","), NumberStyle(",", "."),
    NumberStyle(".", " "), NumberStyle(",", " "), NumberStyle(".", "'"), NumberStyle(",", "'"),
)  # fmt: skip


def split_numbers(texts: pl.Series) -> pl.DataFrame:
    """Return the parts of each text: negative, body (digits and marks), exponent, unit; body is null where it is none.

    Example:
        >>> split_numbers(pl.Series(["($1,234.5)", "12 %", "−3e5", "x"])).rows()
        [(True, '1,234.5', '', '$'), (False, '12', '', '%'), (True, '3', 'e5', ''), (False, None, '', '')]
    """
    plain = texts.str.replace_many(list(_ALIKE), list(_ALIKE.values()))
    parts = plain.str.extract_groups(_NUMBER).struct.unnest()
    brackets = parts["open"].is_not_null() & parts["close"].is_not_null()
    odd = parts["open"].is_not_null() ^ parts["close"].is_not_null()
    minus = (parts["sign"] == "-").fill_null(False) ^ (parts["inner"] == "-").fill_null(False)
    return pl.DataFrame(
        {
            "negative": brackets | minus,
            "body": parts["body"].str.strip_chars().set(odd, None),
            "exponent": parts["exponent"].fill_null(""),
            "unit": (parts["before"].fill_null("") + parts["after"].fill_null("")).replace(_SAME_UNIT),
        }
    )


def is_currency(unit: str) -> bool:
    """Say whether a unit is a sign of currency."""
    return re.fullmatch(_SIGNS, unit) is not None


def fits(parts: pl.DataFrame, style: NumberStyle) -> pl.Series:
    """Return which split texts are numbers of a style."""
    return parts["body"].str.contains(style.pattern).fill_null(False)


def canonical(parts: pl.DataFrame, style: NumberStyle) -> pl.Series:
    """Return the numbers as a machine writes them, null where a text is no number of the style.

    Example:
        >>> canonical(split_numbers(pl.Series(["1.234,5 €", "-7"])), NumberStyle(",", ".")).to_list()
        ['1234.5', '-7']
    """
    body = parts["body"].set(~fits(parts, style), None)
    if style.grouping:
        body = body.str.replace_all(style.grouping, "", literal=True)
    body = body.str.replace(style.decimal, ".", literal=True)
    minus = pl.Series(["-"]).new_from_index(0, len(parts)).set(~parts["negative"], "")
    result: pl.Series = minus + body + parts["exponent"]
    return result
