"""The function that was found, in original units: a formula, and the curve that each column adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

from thetastar.data import Encoding, Feature, Kind
from thetastar.data.encode import smooth_clip
from thetastar.data.encoding import BooleanPart
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.record import Formula, PiecewiseCurve, Term
from thetastar.functions import views

__all__ = ["formula", "piecewise_curves"]

Floats = npt.NDArray[np.float64]
_Key = tuple[str, str, str]  # column, category and role of a term


def formula(function: FoundFunction) -> Formula | None:
    """Return a constant or linear function in original units; None for one that has no such formula.

    For classes the scores are logits, of which only differences mean anything: with two classes the formula is the
    second one's lead over the first; with more, each class's lead over their mean. A missing number counts as 0 in its
    own term and adds what the column's "missing" term says.
    """
    linear = not function.functions.hidden and function.functions.shortcut <= function.plain
    if not linear or any(encoding.settings.normalisation != "standard" for encoding in function.encodings):
        return None
    features = [feature for encoding in function.encodings for feature in encoding.features if feature.role != "piece"]
    keys = tuple(dict.fromkeys(map(_key, features))) if function.functions.shortcut else ()
    members = [_member_terms(function, member, keys) for member in range(len(function.encodings))]
    intercept = np.mean([member.intercept for member in members], 0)
    coefficients = {key: np.mean([member.coefficients[key] for member in members], 0) for key in keys}
    sizes = {key: max(member.sizes.get(key, 0.0) for member in members) for key in keys}
    terms = [
        Term(column=column, category=category, role=role, coefficient=float(value), output=output)
        for column, category, role in sorted(keys, key=lambda key: -sizes[key])
        for output, value in enumerate(coefficients[column, category, role])
    ]
    return Formula(tuple(map(float, intercept)), tuple(terms))


@dataclass(frozen=True)
class _MemberTerms:
    """One member's formula: its coefficients, and how much each term moves the outcome, by its standardised weight."""

    intercept: Floats
    coefficients: dict[_Key, Floats]
    sizes: dict[_Key, float]


def _member_terms(function: FoundFunction, member: int, keys: Sequence[_Key]) -> _MemberTerms:
    """Return a member's coefficient of every term, also of those that only other members have an input for."""
    encoding = function.encodings[member]
    bias, weights = _linear_part(function, member)
    own = {_key(feature): (feature, weight) for feature, weight in zip(encoding.features, weights, strict=False)}
    slopes: dict[_Key, Floats] = {key: weight / feature.scale for key, (feature, weight) in own.items()}
    shifts = {key: slopes[key] * feature.offset for key, (feature, _) in own.items()}
    nothing = np.zeros_like(bias)
    # What a missing value counts as in the column's own term: a number as the mean, a boolean as the share of true.
    stand_ins = {feature.column: shifts[key] for key, (feature, _) in own.items() if feature.role == "number"}
    for part in encoding.parts:
        if isinstance(part, BooleanPart):
            stand_ins[part.column] = part.middle * slopes.get((part.column, part.true, "boolean"), nothing)

    def coefficient(key: _Key) -> Floats:
        column, _, role = key
        if role == "missing":
            return slopes.get(key, nothing) + stand_ins.get(column, nothing)
        other = slopes.get((column, "", "category"), nothing) if role == "category" else nothing
        return slopes.get(key, other)

    sizes = {key: float(np.abs(weight).max()) for key, (_, weight) in own.items()}
    return _MemberTerms(bias - sum(shifts.values()), {key: coefficient(key) for key in keys}, sizes)


def piecewise_curves(function: FoundFunction) -> tuple[PiecewiseCurve, ...]:
    """Return what each column of numbers adds under a sum of hard sigmoids, averaged over members.

    Each curve goes through its knots and is centred on their mean. For classes it is in logits, as in ``formula``.
    """
    curves = []
    for column in function.columns:
        knots = sorted({knot for encoding in function.encodings for knot in _knots(encoding, column.name)})
        if len(knots) < 2:
            continue
        x = np.array(knots)
        total = sum(_effect(function, member, column.name, x) for member in range(len(function.encodings)))
        values = np.asarray(total) / len(function.encodings)
        values -= values.mean(0)
        curves += [
            PiecewiseCurve(column.name, tuple(knots), tuple(map(float, values[:, output])), output)
            for output in range(values.shape[1])
        ]
    return tuple(curves)


def _key(feature: Feature) -> _Key:
    """Return column, category and role, by which members' inputs belong together."""
    role = "date" if feature.role == "number" and feature.kind is Kind.date else feature.role
    return feature.column, feature.category or "", role


def _leads(function: FoundFunction, values: Floats) -> Floats:
    """Turn [..., classes] logits into leads; leave numbers as they are."""
    if not function.target.classes:
        return values
    if values.shape[-1] == 2:
        return values[..., 1:] - values[..., :1]
    centred: Floats = values - values.mean(-1, keepdims=True)
    return centred


def _linear_part(function: FoundFunction, member: int) -> tuple[Floats, Floats]:
    """Return a member's bias [outputs] and weights per plain input [plain, outputs] in the target's unit."""
    scale = function.scales[member]
    parts = views(function.functions.parts, function.state[member : member + 1].double())
    bias = _numbers(parts["bias"]) * scale.deviation + scale.mean
    weights = _numbers(parts["shortcut"]) if "shortcut" in parts else np.zeros((0, function.functions.outputs))
    plain = function.encodings[member].plain
    return _leads(function, bias), _leads(function, weights[:plain] * scale.deviation)


def _numbers(part: Tensor) -> Floats:
    return np.asarray(part[0].numpy(), dtype=np.float64)


def _knots(encoding: Encoding, column: str) -> set[float]:
    """Return where a column's pieces begin and end."""
    pieces = [feature for feature in encoding.features if feature.role == "piece" and feature.column == column]
    return {edge for piece in pieces for edge in (piece.lower, piece.upper) if edge is not None}


def _effect(function: FoundFunction, member: int, column: str, x: Floats) -> Floats:
    """Return what a member's shortcut adds for a column's values, [values, outputs]."""
    encoding = function.encodings[member]
    parts = views(function.functions.parts, function.state[member : member + 1].double())
    weights = _numbers(parts["shortcut"]) * function.scales[member].deviation
    total = np.zeros((len(x), weights.shape[1]))
    for position, feature in enumerate(encoding.features):
        if feature.column != column or feature.role not in ("number", "piece"):
            continue
        row = position if position < encoding.plain else position - encoding.plain + function.plain
        total += np.outer(_read(feature, x), weights[row])
    return _leads(function, total)


def _read(feature: Feature, x: Floats) -> Floats:
    """Return an encoded input for values in original units."""
    if feature.role == "piece" and feature.lower is not None and feature.upper is not None:
        return np.clip((x - feature.lower) / (feature.upper - feature.lower), 0.0, 1.0)
    z = (x - feature.offset) / feature.scale
    return smooth_clip(z) if feature.smooth else z
