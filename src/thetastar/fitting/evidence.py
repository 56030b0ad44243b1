"""What the folds show of the function found, as plain values: which columns it needs, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

from thetastar.fitting.codes import LengthBy

__all__ = [
    "Alike",
    "Band",
    "Effect",
    "Evidence",
    "Importance",
    "Interaction",
    "IntervalCheck",
    "ResidualCurve",
    "WorstRow",
]


@dataclass(frozen=True)
class Importance:
    """How much worse the kept function predicts held-out rows whose values of one column were shuffled."""

    column: str
    loss: tuple[float, ...]  # increase of the loss per fold, mean over the permutations
    error: tuple[float, ...]  # increase of the error per fold, in the target's unit or as a share of wrong rows
    permutations: int


@dataclass(frozen=True)
class Alike:
    """Columns that tell nearly the same."""

    columns: tuple[str, ...]
    correlation: float  # each has a rank correlation of at least this, up or down, with another of them


@dataclass(frozen=True)
class Effect:
    """What one column does to the answer, in the target's unit or as a class's lead in logits; 0 on average."""

    column: str
    kind: str  # number, date, time, boolean, category
    places: tuple[float, ...]  # along numbers, in days since 1970-01-01 or hours of the day; empty for categories
    levels: tuple[str, ...]  # the most frequent categories; empty for numbers
    shares: tuple[float, ...]  # of the rows: in equal bars from the first place to the last, or of each level
    value: tuple[float, ...]  # of the function that was kept, at every place or level
    folds: tuple[tuple[float, ...], ...]  # of each fold's member
    gap: tuple[float, ...]  # of a missing value, of each fold's member; empty if none is missing
    output: int = 0  # which class
    of: str = ""  # the part of a date that moves: year, month, weekday or hour, then kind is number; else all of it


@dataclass(frozen=True)
class Interaction:
    """What two columns do together beyond what each does alone, in the target's unit or as a class's lead in logits.

    Cells are intervals between places (numbers, days, hours) or levels; the first column's come first.
    """

    columns: tuple[str, str]
    kinds: tuple[str, str]  # number, date, time, boolean, category
    places: tuple[tuple[float, ...], tuple[float, ...]]  # edges of the intervals; empty for categories
    levels: tuple[tuple[str, ...], tuple[str, ...]]  # empty for numbers
    value: tuple[tuple[float, ...], ...]  # mean over the folds' members
    shares: tuple[tuple[float, ...], ...]  # of the rows
    loss: tuple[float, ...]  # rise of the loss on each fold's validation rows without the interaction
    pairs: int  # how many pairs of columns were compared
    output: int = 0  # which class
    parts: tuple[str, str] = ("", "")  # month, weekday or hour of a date; empty for the column itself


@dataclass(frozen=True)
class IntervalCheck:
    """How often the truth lies in the prediction intervals of rows that neither trained nor calibrated."""

    levels: tuple[float, ...]  # asked for; fewer where the rows are too few
    coverage: tuple[tuple[float, ...], ...]  # measured, per level and fold, as a share of the rows
    length: tuple[float, ...]  # of half of the intervals at most, per level, in the target's unit
    by: LengthBy
    columns: tuple[str, ...]  # of the inputs, those that move it the most
    tenths: tuple[float, ...]  # the lengths at band_level of the shortest and longest tenth; empty if it doesn't change
    band_level: float  # of what follows: the intervals to be drawn
    predicted: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Band:
    """A mean at several places, between what it may be."""

    mean: tuple[float, ...]
    low: tuple[float, ...]  # of its 95 % interval at this place alone
    high: tuple[float, ...]
    beyond: bool  # whether it is beyond chance at any place, though all places of all columns were looked at


@dataclass(frozen=True)
class ResidualCurve:
    """What held-out predictions miss (truth − prediction, in the target's unit) along one column."""

    column: str
    kind: str  # number, date, time, boolean, category
    places: tuple[float, ...]  # along numbers, in days since 1970-01-01 or hours of the day; empty for categories
    levels: tuple[str, ...]  # the most frequent categories; empty for numbers
    band: Band  # the smoothed mean at every place or level
    x: tuple[float, ...]  # some rows' values, to be drawn as dots; empty for categories
    missed: tuple[float, ...]  # and what their predictions missed


@dataclass(frozen=True)
class WorstRow:
    """A row whose held-out prediction is among the farthest from the truth."""

    row: int  # its number in the source, counted from 1
    rows: int  # how many identical ones there are
    truth: float
    prediction: float
    values: dict[str, str]  # of the columns that the function reads; empty text where there is none


@dataclass(frozen=True)
class Evidence:
    """All of it; what there was no time for is empty."""

    importance: tuple[Importance, ...] = ()  # every column, the largest first; empty for a constant
    alike: tuple[Alike, ...] = ()  # among the most important columns
    effects: tuple[Effect, ...] = ()  # of the most important columns, in this order; several outputs for classes
    interaction: Interaction | None = None  # the strongest; whether it is beyond chance, its losses say
    intervals: IntervalCheck | None = None  # of numbers
    residuals: tuple[ResidualCurve, ...] = ()  # of numbers, along the most important columns
    worst: tuple[WorstRow, ...] = ()  # of numbers, the largest error first
