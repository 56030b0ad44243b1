"""What an encoding is: one part for each column, and a name for each of its outputs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from thetastar.data.calendar import PERIODS
from thetastar.data.column import Kind
from thetastar.errors import SavedFunctionError, UserError

__all__ = [
    "BooleanPart",
    "CategoryPart",
    "CyclePart",
    "Encoding",
    "EncodingSettings",
    "Feature",
    "NumberPart",
    "Part",
    "pieces_width",
    "plain_width",
]

_NORMALISATIONS = ("standard", "robust")


@dataclass(frozen=True)
class EncodingSettings:
    """How columns become numbers.

    Raises:
        UserError: if a setting is outside of what it can be.
    """

    normalisation: str = "standard"  # (x − mean)/deviation; robust: median and quartile range, then a smooth clip
    pieces: int = 32  # hard sigmoids of a number or date; 0 for none
    rare: int = 0  # categories whose rows weigh less share one output
    most_categories: int = 64  # one-hot outputs of a column; the last of them stands for all rarer categories

    def __post_init__(self) -> None:
        if self.normalisation not in _NORMALISATIONS:
            raise UserError(f"there is no normalisation {self.normalisation!r}; they are {', '.join(_NORMALISATIONS)}")
        if self.pieces < 0 or self.rare < 0 or self.most_categories < 1:
            raise UserError(f"pieces and rare can't be negative, most_categories is at least 1: {self}")


@dataclass(frozen=True)
class NumberPart:
    """A number, or a date in days since 1970-01-01 UTC, or the year of one."""

    column: str
    kind: Kind  # number or date
    of: str  # the part of a date: year; empty for the value itself
    offset: float  # the plain output is (x − offset)/scale
    scale: float
    smooth: bool  # then z/√(1 + (z/3)²)
    middle: float  # the median: where the pieces of a missing value stand
    knots: tuple[float, ...]  # ascending; one piece between two neighbours, none if empty
    missing: bool  # whether there is an output that says that the value is missing
    span: tuple[float, ...]  # the smallest and the largest value of the training rows; empty if they have none


@dataclass(frozen=True)
class CyclePart:
    """The place in a cycle, as sine and cosine: of a date's month, weekday or hour, or of a time of day."""

    column: str
    kind: Kind  # date or time
    of: str  # a key of ``calendar.PERIODS``
    middle: float  # the median: where the pieces of a missing value stand; its sine and cosine are 0
    knots: tuple[float, ...]  # ascending; one piece between two neighbours, none if empty
    missing: bool  # whether there is an output that says that the value is missing; a date's own part has it


@dataclass(frozen=True)
class BooleanPart:
    """Two values, 0 and 1; or, if ``false`` is empty, whether the value is ``true``."""

    column: str
    false: str
    true: str
    middle: float  # share of true: what a missing value counts as
    missing: bool


@dataclass(frozen=True)
class CategoryPart:
    """One output for each category, one for all others if ``other``, and one for a missing value if ``missing``."""

    column: str
    categories: tuple[str, ...]  # sorted labels
    other: bool
    missing: bool
    rare: tuple[str, ...]  # sorted labels that share the output of all others; none are kept if they are too many


Part = NumberPart | CyclePart | BooleanPart | CategoryPart
_PARTS: dict[str, type[Part]] = {
    "number": NumberPart,
    "cycle": CyclePart,
    "boolean": BooleanPart,
    "category": CategoryPart,
}


@dataclass(frozen=True)
class Feature:
    """One output of the encoding, so that what a function does with it can be said in original units.

    - ``number``: (x − offset)/scale in the column's unit (days since 1970-01-01 UTC for a date; ``kind``
      tells); normalised by ``robust``, a smooth clip follows (``smooth``).
    - ``year``: (x − offset)/scale, x the year of a date.
    - ``sin``, ``cos``: of 2π·x/period, x the month, weekday or hour of a date, or the hour of a time of day (``of``);
      0 where there is none.
    - ``missing``: 1 where the column has no value, or none that can be read as its kind.
    - ``boolean``: 1 where the value is ``category``, else 0.
    - ``category``: 1 where the value is ``category``; the empty text stands for all categories without an own
      output.
    - ``piece``: clip((x − lower)/(upper − lower), 0, 1), x being the part of a date where ``of`` says so.
    """

    name: str
    column: str
    role: str
    kind: Kind
    of: str = ""
    lower: float | None = None
    upper: float | None = None
    category: str | None = None
    offset: float = 0.0
    scale: float = 1.0
    smooth: bool = False


@dataclass(frozen=True)
class Encoding:
    """What was learned from training rows in order to turn a table into numbers; ``encode`` applies it."""

    settings: EncodingSettings
    parts: tuple[Part, ...]

    @property
    def features(self) -> tuple[Feature, ...]:
        """What each output is: first all plain outputs column by column, then all pieces column by column."""
        plain = tuple(feature for part in self.parts for feature in plain_features(part))
        return plain + tuple(feature for part in self.parts for feature in piece_features(part))

    @property
    def plain(self) -> int:
        """How many outputs come before the pieces."""
        return sum(plain_width(part) for part in self.parts)

    @property
    def width(self) -> int:
        """How many outputs there are."""
        return self.plain + sum(pieces_width(part) for part in self.parts)

    def without_pieces(self) -> Encoding:
        """Return the encoding that has the plain outputs only."""
        parts = (replace(part, knots=()) if isinstance(part, NumberPart | CyclePart) else part for part in self.parts)
        return Encoding(self.settings, tuple(parts))

    def to_json(self) -> dict[str, Any]:
        """Return plain values that ``json.dumps`` takes and ``from_json`` turns into an equal encoding."""
        names = {kind: name for name, kind in _PARTS.items()}
        parts = [{"part": names[type(part)], **dataclasses.asdict(part)} for part in self.parts]
        for part in parts:
            part.update({key: list(value) for key, value in part.items() if isinstance(value, tuple)})
            part.update({key: value.value for key, value in part.items() if isinstance(value, Kind)})
        return {"settings": dataclasses.asdict(self.settings), "parts": parts}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Encoding:
        """Return the encoding that ``to_json`` wrote.

        Raises:
            SavedFunctionError: if a value is missing, unknown, or of the wrong type.
        """
        try:
            return cls(EncodingSettings(**values["settings"]), tuple(_part(part) for part in values["parts"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SavedFunctionError(f"the saved encoding can't be read: {type(error).__name__}: {error}") from error


_READERS: dict[str, Callable[[Any], Any]] = {
    "str": str, "float": float, "bool": bool, "Kind": Kind,
    "tuple[float, ...]": lambda items: tuple(float(item) for item in items),
    "tuple[str, ...]": lambda items: tuple(str(item) for item in items),
}  # fmt: skip


def _part(values: Mapping[str, Any]) -> Part:
    kind = _PARTS[values["part"]]
    part = kind(**{field.name: _READERS[str(field.type)](values[field.name]) for field in dataclasses.fields(kind)})
    _check_part(part)
    return part


def _check_part(part: Part) -> None:
    """Refuse what no fit writes: it comes from a file that somebody has changed.

    Raises:
        ValueError: saying what is wrong.
    """
    if isinstance(part, CategoryPart) and len(set(part.categories)) < len(part.categories):
        raise ValueError(f"the categories of {part.column!r} repeat")
    if isinstance(part, CyclePart) and (part.of not in PERIODS or part.kind not in (Kind.date, Kind.time)):
        raise ValueError(f"{part.column!r} has no part {part.of!r}; known are {', '.join(PERIODS)}")
    if isinstance(part, NumberPart) and (part.of not in ("", "year") or part.kind not in (Kind.number, Kind.date)):
        raise ValueError(f"{part.column!r} can't be read as {part.of!r} of a {part.kind.value}")
    numbers = [value for value in dataclasses.astuple(part) if isinstance(value, float)]
    knots = part.knots if isinstance(part, (NumberPart, CyclePart)) else ()
    if not all(map(math.isfinite, (*numbers, *knots))) or any(low >= high for low, high in pairwise(knots)):
        raise ValueError(f"the numbers of {part.column!r} are not finite, or its knots not ascending")
    if isinstance(part, NumberPart) and not part.scale > 0:
        raise ValueError(f"the scale of {part.column!r} is {part.scale}, not positive")


def plain_width(part: Part) -> int:
    """Return how many outputs a column has besides its pieces."""
    if isinstance(part, CyclePart):
        return 2 + part.missing
    own = len(part.categories) + part.other if isinstance(part, CategoryPart) else 1
    return own + part.missing


def pieces_width(part: Part) -> int:
    """Return how many pieces a column has."""
    return max(len(part.knots) - 1, 0) if isinstance(part, NumberPart | CyclePart) else 0


def plain_features(part: Part) -> tuple[Feature, ...]:
    """Return what a column's outputs are, in the order in which ``encode`` fills them."""
    if isinstance(part, CyclePart):
        kind, name = part.kind, _value_name(part)
        own = [Feature(f"{wave} {name}", part.column, wave, kind, of=part.of) for wave in ("sin", "cos")]
    elif isinstance(part, NumberPart):
        kind = part.kind
        own = [
            Feature(
                _value_name(part),
                part.column,
                part.of or "number",
                kind,
                of=part.of,
                offset=part.offset,
                scale=part.scale,
                smooth=part.smooth,
            )
        ]
    elif isinstance(part, BooleanPart):
        kind = Kind.boolean
        own = [Feature(f"{part.column} = {part.true}", part.column, "boolean", kind, category=part.true)]
    else:
        kind = Kind.category
        labels = (*part.categories, "") if part.other else part.categories
        own = [
            Feature(f"{part.column} = {label or '…'}", part.column, "category", kind, category=label)
            for label in labels
        ]
    missing = [Feature(f"{part.column} missing", part.column, "missing", kind)] if part.missing else []
    return (*own, *missing)


def piece_features(part: Part) -> tuple[Feature, ...]:
    """Return what a column's pieces are."""
    if not isinstance(part, NumberPart | CyclePart):
        return ()
    name = _value_name(part)
    return tuple(
        Feature(f"{name} {low:g}…{high:g}", part.column, "piece", part.kind, of=part.of, lower=low, upper=high)
        for low, high in zip(part.knots[:-1], part.knots[1:], strict=True)
    )


def _value_name(part: NumberPart | CyclePart) -> str:
    return f"{part.column} {part.of}" if part.of else part.column
