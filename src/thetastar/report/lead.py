"""Scores of the class that a person asks about: of two classes, the rarer one.

A function of two classes has one score, the lead of the second class. "What raises the risk of fraud?" is answered by
the score of fraud, whichever of "fraud" and "ok" comes first in the alphabet: the same score with the other sign.
"""

from __future__ import annotations

from dataclasses import replace

from thetastar.fitting.evidence import Effect, Interaction
from thetastar.fitting.record import Formula, Record

__all__ = ["leading", "towards_the_rarer"]


def leading(record: Record) -> str:
    """Name the class whose score stands for two classes, in a record that ``towards_the_rarer`` returned."""
    position = record.classes.positive if record.classes else -1
    return str(record.target.classes[position if position >= 0 else -1])


def towards_the_rarer(record: Record) -> Record:
    """Return the record with formula, effects and interaction as scores of the rarer class, if there are two.

    To be done once, before anything is drawn or said: it turns a score around whenever the first class is the rarer.
    """
    if record.classes is None or record.classes.positive != 0:
        return record
    found = record.evidence.interaction
    return replace(
        record,
        formula=_formula(record.formula) if record.formula else None,
        evidence=replace(
            record.evidence,
            effects=tuple(map(_effect, record.evidence.effects)),
            interaction=_interaction(found) if found else None,
        ),
    )


def _formula(formula: Formula) -> Formula:
    if len(formula.intercept) != 1:  # each class has a score of its own
        return formula
    terms = tuple(replace(term, coefficient=-term.coefficient) for term in formula.terms)
    return Formula(intercept=_minus(formula.intercept), terms=terms)


def _effect(effect: Effect) -> Effect:
    folds = tuple(map(_minus, effect.folds))
    return replace(effect, value=_minus(effect.value), folds=folds, gap=_minus(effect.gap))


def _interaction(found: Interaction) -> Interaction:
    return replace(found, value=tuple(map(_minus, found.value)))


def _minus(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(-value for value in values)
