"""What we learn from: read a table, decide what its columns are, split its rows, encode them as numbers."""

from __future__ import annotations

from thetastar.data.column import Column, Kind
from thetastar.data.encode import encode
from thetastar.data.encoding import Encoding, EncodingSettings, Feature
from thetastar.data.files import read_file
from thetastar.data.fit_encoding import check_finite, fit_encoding
from thetastar.data.kinds import decide_columns
from thetastar.data.large.file_blocks import FileBlocks, file_in_blocks
from thetastar.data.large.parquet import LargeFile
from thetastar.data.large.sampled import Sampled, read_sample
from thetastar.data.large.text import Extent, LargeText
from thetastar.data.large.text_blocks import TextBlocks, text_in_blocks
from thetastar.data.large.unread import UnreadRows
from thetastar.data.outline import Outline, outline
from thetastar.data.read import read, read_series, read_table
from thetastar.data.reading import ColumnFormat, Note, Reading, ReadOptions
from thetastar.data.row_hashes import row_hashes, with_value
from thetastar.data.slim import slim
from thetastar.data.split import Fold, split
from thetastar.data.target import Target, decide_target, readable_targets, target_values, usable_targets
from thetastar.data.unique import check_weights, content_numbers, merge_identical_rows
from thetastar.data.windows import Lags, Windows, recent_rows, windows, windows_before

__all__ = [
    # any source as a table
    "read",
    "FileBlocks",
    "TextBlocks",
    "file_in_blocks",
    "read_file",
    "read_series",
    "read_table",
    "text_in_blocks",
    # a file that memory can't hold
    "Extent",
    "LargeFile",
    "LargeText",
    "Sampled",
    "UnreadRows",
    "read_sample",
    # how a file was read
    "ColumnFormat",
    "Note",
    "ReadOptions",
    "Reading",
    # what its columns are
    "Column",
    "Kind",
    "Outline",
    "decide_columns",
    "outline",
    "slim",
    # what is predicted
    "Target",
    "decide_target",
    "readable_targets",
    "target_values",
    "usable_targets",
    # which rows count, train and judge
    "Fold",
    "check_weights",
    "content_numbers",
    "merge_identical_rows",
    "row_hashes",
    "split",
    "with_value",
    # a series as rows
    "Lags",
    "Windows",
    "recent_rows",
    "windows",
    "windows_before",
    # columns as numbers
    "Encoding",
    "EncodingSettings",
    "Feature",
    "check_finite",
    "encode",
    "fit_encoding",
]
