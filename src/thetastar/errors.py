"""Every exception that thetastar raises on purpose, in one tree, and its warning."""

from __future__ import annotations

__all__ = [
    "BudgetError",
    "DataError",
    "DataTypeError",
    "FallbackWarning",
    "SavedFunctionError",
    "ThetastarError",
    "UserError",
]


class ThetastarError(Exception):
    """Base of all exceptions that thetastar raises on purpose."""


class UserError(ThetastarError, ValueError):
    """Something that was asked for can't be done; the message says what, what was seen and what to do."""


class DataError(UserError):
    """The table, a column, a row or the target can't be used as asked."""


class DataTypeError(DataError, TypeError):
    """A value is of a type that can't be used at all. A TypeError too, as scikit-learn's contract asks for."""


class BudgetError(UserError):
    """The budget can't be read, or is too small for even the first function set."""


class SavedFunctionError(UserError):
    """A saved function can't be read: truncated, tampered with, or of a newer format version."""


class FallbackWarning(UserWarning):
    """Something couldn't be done as asked and was done in another way; the message says which and why."""
