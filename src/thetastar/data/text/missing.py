"""Words that stand for no value.

Some never mean anything else. Others ("-", "none", "无") may be an answer: they count as missing only in a column whose
other values are numbers, dates or booleans. Among words they stay a category of their own, which loses nothing: a
function can give that category the same weight that it would give to a missing value.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

__all__ = ["ALWAYS_MISSING", "MISSING_BESIDE_VALUES", "missing_counts", "without"]

# As they are written.
ALWAYS_MISSING = (
    "", "?", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "NULL", "null", "(null)", "缺失",
)  # fmt: skip
# In lower case. NR (not recorded, no rain) and its kin come from measuring stations, #… from spreadsheets.
MISSING_BESIDE_VALUES = (
    *(word.lower() for word in ALWAYS_MISSING),
    *("-", "--", "---", "–", "—", ".", "..", "...", "*", "na", "n.a.", "nr", "n.r.", "nd", "n.d.", "none", "nil"),
    *("k.a.", "k. a.", "s/d", "n/d", "nv", "missing", "unknown", "not available"),
    *("#div/0!", "#value!", "#ref!", "#num!"),
    *("无", "無", "空", "未知", "暂无", "不详", "缺", "缺测", "无数据"),
)


def missing_counts(texts: pl.Series, words: Sequence[str]) -> dict[str, int]:
    """Return how often each of the words occurs, the most frequent first.

    Example:
        >>> missing_counts(pl.Series(["1", "NR", "-", "NR"]), ["-", "NR", "?"])
        {'NR': 2, '-': 1}
    """
    if not words:
        return {}
    found = texts.filter(texts.is_in(words).fill_null(False))
    counts = found.alias("word").value_counts(name="rows").sort("rows", "word", descending=[True, False])
    return dict(zip(counts["word"].to_list(), counts["rows"].to_list(), strict=True))


def without(texts: pl.Series, words: Sequence[str]) -> pl.Series:
    """Return the texts with null in place of the words; the same series if none occurs."""
    mark = texts.is_in(words).fill_null(False)
    return texts.set(mark, None) if mark.any() else texts
