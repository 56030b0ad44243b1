"""Options that mean nothing in a file of its format are refused: who gives one takes the file for another."""

from __future__ import annotations

from typing import Literal

from thetastar.data.reading import ReadOptions
from thetastar.errors import DataError

__all__ = ["Form", "check_options"]

Form = Literal["text", "workbook", "columns"]  # columns: Parquet, Arrow, Feather

# The decimal mark and the order of dates aren't here: there may be texts in a file of any format.
_MEANT_FOR: dict[str, tuple[Form, ...]] = {
    "encoding": ("text",),
    "delimiter": ("text",),
    "header": ("text", "workbook"),
    "sheet": ("workbook",),
}
_NOT = {
    ("text",): "no text file",
    ("workbook",): "no workbook",
    ("text", "workbook"): "neither a text file nor a workbook",
}


def check_options(asked: ReadOptions | None, form: Form, *, source: str) -> None:
    """Refuse what was asked for about reading a file and can't be done with one of its format.

    Args:
        asked: For this file; what was asked for about an earlier one is not meant.
        form: What the file is.
        source: What errors call it.

    Raises:
        DataError: naming the option.

    Example:
        >>> check_options(ReadOptions(delimiter=";", decimal=","), "text", source="a.csv")
        >>> check_options(ReadOptions(delimiter=";"), "columns", source="a.pq")
        Traceback (most recent call last):
            ...
        thetastar.errors.DataError: the delimiter ';' was asked for, but a.pq is no text file: leave --delimiter out
    """
    for name, forms in _MEANT_FOR.items():
        value = getattr(asked, name, None)
        if value is not None and form not in forms:
            what, option = f"the {name} {value!r}", f"--{name}"
            if isinstance(value, bool):
                what, option = ("a header", "--header") if value else ("no header", "--no-header")
            raise DataError(f"{what} was asked for, but {source} is {_NOT[forms]}: leave {option} out")
