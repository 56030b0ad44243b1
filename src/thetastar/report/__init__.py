"""What people look at: one HTML page, a terminal, a progress line, in English and 中文."""

from __future__ import annotations

from thetastar.report.page import write_report
from thetastar.report.progress import Progress
from thetastar.report.terminal import show, show_data, show_reading
from thetastar.report.words import LANGUAGES, say

__all__ = [
    # a record to look at
    "show",
    "show_data",
    "show_reading",
    "write_report",
    # while it runs
    "Progress",
    # words
    "LANGUAGES",
    "say",
]
