"""What we learn from: read a table, decide what its columns are, split its rows, encode them as numbers."""

from __future__ import annotations

from thetastar.data.column import Column, Kind
from thetastar.data.target import Target

__all__ = ["Column", "Kind", "Target"]
