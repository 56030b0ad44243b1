"""The function that was found as a formula in original units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from thetastar.arrays import Floats
from thetastar.data import Feature, Kind
from thetastar.data.encoding import BooleanPart
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.problem import leads
from thetastar.fitting.record import Formula, Input, Term
from thetastar.functions import views

__all__ = ["formula", "input_of"]


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
    keys = tuple(dict.fromkeys(map(input_of, features))) if function.functions.shortcut else ()
    members = [_member_terms(function, member, keys) for member in range(len(function.encodings))]
    intercept = np.mean([member.intercept for member in members], 0)
    coefficients = {key: np.mean([member.coefficients[key] for member in members], 0) for key in keys}
    sizes = {key: max(member.sizes.get(key, 0.0) for member in members) for key in keys}
    terms = [
        Term(key, coefficient=float(value), output=output)
        for key in sorted(keys, key=lambda key: -sizes[key])
        for output, value in enumerate(coefficients[key])
    ]
    return Formula(tuple(map(float, intercept)), tuple(terms))


@dataclass(frozen=True)
class _MemberTerms:
    """One member's formula: its coefficients, and how much each term moves the outcome, by its standardised weight."""

    intercept: Floats
    coefficients: dict[Input, Floats]
    sizes: dict[Input, float]


def _member_terms(function: FoundFunction, member: int, keys: Sequence[Input]) -> _MemberTerms:
    """Return a member's coefficient of every term, also of those that only other members have an input for."""
    encoding = function.encodings[member]
    bias, weights = _linear_part(function, member)
    own = {input_of(feature): (feature, weight) for feature, weight in zip(encoding.features, weights, strict=False)}
    with np.errstate(over="ignore", invalid="ignore"):  # a slope per 10⁻³⁰⁰ of a unit may be too large to be written
        slopes: dict[Input, Floats] = {key: weight / feature.scale for key, (feature, weight) in own.items()}
        shifts = {key: slopes[key] * feature.offset for key, (feature, _) in own.items()}
    nothing = np.zeros_like(bias)
    # What a missing value counts as in the column's own term: a number as the mean, a boolean as the share of true.
    stand_ins: dict[str, Floats] = {}
    for key, (feature, _) in own.items():
        if feature.role in ("number", "year"):
            stand_ins[feature.column] = stand_ins.get(feature.column, nothing) + shifts[key]
    for part in encoding.parts:
        if isinstance(part, BooleanPart):
            stand_ins[part.column] = part.middle * slopes.get(Input(part.column, part.true, "boolean"), nothing)

    def coefficient(key: Input) -> Floats:
        if key.role == "missing":
            return slopes.get(key, nothing) + stand_ins.get(key.column, nothing)
        other = slopes.get(Input(key.column, role="category"), nothing) if key.role == "category" else nothing
        return slopes.get(key, other)

    sizes = {key: float(np.abs(weight).max()) for key, (_, weight) in own.items()}
    return _MemberTerms(bias - sum(shifts.values()), {key: coefficient(key) for key in keys}, sizes)


def input_of(feature: Feature) -> Input:
    """Return what a feature is, by which members' inputs belong together."""
    role = "date" if feature.role == "number" and feature.kind is Kind.date else feature.role
    if feature.role in ("sin", "cos"):
        role = f"{feature.role}_{feature.of}"
    return Input(feature.column, feature.category or "", role)


def _linear_part(function: FoundFunction, member: int) -> tuple[Floats, Floats]:
    """Return a member's bias [outputs] and weights per plain input [plain, outputs] in the target's unit."""
    scale = function.scales[member]
    parts = views(function.functions.parts, function.state[member : member + 1].double())
    bias = _numbers(parts["bias"]) * scale.deviation + scale.mean
    weights = _numbers(parts["shortcut"]) if "shortcut" in parts else np.zeros((0, function.functions.outputs))
    plain = function.encodings[member].plain
    return leads(bias, function.target), leads(weights[:plain] * scale.deviation, function.target)


def _numbers(part: Tensor) -> Floats:
    return np.asarray(part[0].numpy(), dtype=np.float64)
