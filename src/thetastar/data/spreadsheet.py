"""One sheet of a workbook, as texts: from there on it is read as a text file is."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import polars as pl

from thetastar.data.reading import Note, ReadOptions
from thetastar.data.text.header import Expected, name_columns
from thetastar.data.text.lines import lines_above
from thetastar.errors import DataError

__all__ = ["is_spreadsheet", "read_spreadsheet"]

_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls
_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")  # of .xlsx, .xlsb and .ods, which are zip archives
_MOMENT = r"^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})(?:\.\d+)?$"  # as the library writes one
_DAY_0, _DAY_1 = datetime(1899, 12, 31), datetime(1900, 1, 1)
_LONGEST = datetime(1901, 1, 1)  # a column with later dates holds dates
_LARGEST = 2 << 30  # bytes that the parts of a workbook may unpack to: 1,048,576 rows of 100 columns are less


def is_spreadsheet(data: bytes) -> bool:
    """Say whether the bytes are a workbook of Excel or LibreOffice."""
    if data.startswith(_OLD_WORKBOOK):
        return True
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        return any(name in _PARTS for name in zipfile.ZipFile(io.BytesIO(data)).namelist())
    except zipfile.BadZipFile:
        return False


def read_spreadsheet(
    data: bytes, *, options: ReadOptions, expected: Expected, source: str
) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return the cells of one sheet as trimmed texts under the columns' names, and what was noticed.

    The sheet is the one asked for, or the first that holds anything. Rows and columns without any cell are left out,
    and so are titles above the table.

    Raises:
        DataError: if the library isn't installed, the workbook can't be read, or the sheet isn't there or is empty.
    """
    _check_size(data, source)
    sheets = _sheets(data, options.sheet, source)
    name = next((name for name, cells in sheets.items() if cells.height), None)
    if name is None:
        raise DataError(f"{source} has nothing in its sheet(s) {list(sheets)}: a table needs a header and rows")
    cells = sheets[name]
    below, title = _without_title(cells)
    below, blank = _without_blank_rows(below)
    table, names = name_columns(below, header=options.header, expected=expected)
    if table.height == 0:
        raise DataError(f"{source}, sheet {name!r} has a header ({', '.join(table.columns[:5])}) but no rows below it")
    return table, (Note("sheet", text=name), *title, *blank, *names)


def _check_size(data: bytes, source: str) -> None:
    if data.startswith(_OLD_WORKBOOK):
        return
    size = sum(one.file_size for one in zipfile.ZipFile(io.BytesIO(data)).infolist())
    if size > _LARGEST:
        raise DataError(f"{source} unpacks to {size:,} bytes, more than workbooks do: export the sheet as CSV")


def _sheets(data: bytes, asked: str | None, source: str) -> dict[str, pl.DataFrame]:
    """Return the sheets that may be meant, in their order, up to the first that holds anything."""
    try:
        import fastexcel
    except ImportError as error:
        raise DataError(
            f"{source} is a workbook: pip install 'thetastar[excel]' to read it, or export the sheet as CSV"
        ) from error
    try:
        workbook = fastexcel.read_excel(data)
        if asked is not None and asked not in workbook.sheet_names:
            raise DataError(f"{source} has no sheet {asked!r}; its sheets are {workbook.sheet_names}")
        sheets: dict[str, pl.DataFrame] = {}
        for name in workbook.sheet_names if asked is None else [asked]:
            sheets[name] = _tidy(workbook.load_sheet(name, header_row=None, dtypes="string").to_polars())
            if sheets[name].height:
                break
    except fastexcel.FastExcelError as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"{source} can't be read as a workbook ({reason}): export the sheet as CSV") from error
    return sheets


def _tidy(cells: pl.DataFrame) -> pl.DataFrame:
    """Return trimmed texts, without the rows above and below them, and without columns that hold none."""
    if not cells.width:
        return cells
    trimmed = pl.DataFrame([_times(column.cast(pl.String).str.strip_chars()) for column in cells])
    blank = trimmed.select(pl.when(pl.all() == "").then(None).otherwise(pl.all()).name.keep())
    held = _held(blank).arg_true()
    return _filled(blank[held[0] : held[-1] + 1] if len(held) else blank.clear())


def _held(cells: pl.DataFrame) -> pl.Series:
    """Return which rows hold anything."""
    return cells.select(pl.any_horizontal(pl.all().is_not_null())).to_series()


def _without_blank_rows(cells: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return the rows that hold anything."""
    rows = cells.filter(_held(cells))
    return rows, (Note("blank_rows", rows=cells.height - rows.height),) if rows.height < cells.height else ()


def _times(cells: pl.Series) -> pl.Series:
    """Return times as they are shown, 10:30:00 or 36:15:00, where a column's dates are none but times.

    A workbook holds a time as a share of a day, whose date is day 0 of its calendar, or as several days of 24 hours.
    """
    moments = cells.str.extract(_MOMENT).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    first, last = moments.min(), moments.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime) or first >= _DAY_1 or last >= _LONGEST:
        return cells
    seconds = (moments - _DAY_0).dt.total_seconds()
    hours, minutes = (seconds // 3600).cast(pl.String), (seconds // 60 % 60).cast(pl.String).str.zfill(2)
    shown: pl.Series = hours + ":" + minutes + ":" + (seconds % 60).cast(pl.String).str.zfill(2)
    return shown.fill_null(cells).alias(cells.name)


def _filled(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that hold anything."""
    return cells.select([column for column in cells if column.null_count() < len(column)])


def _without_title(cells: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Note, ...]]:
    """Return the rows from the first one on that is no title (``lines_above``), if the table has several columns."""
    filled = cells.select(pl.sum_horizontal(pl.all().is_not_null().cast(pl.Int64))).to_series()
    above = lines_above(filled.to_list(), width=cells.width)
    if cells.width == 1 or not 0 < above < cells.height:
        return cells, ()
    title = next(cell for cell in cells.row(0) if cell is not None)
    return _filled(cells[above:]), (Note("title_lines", text=title, rows=int(_held(cells[:above]).sum())),)
