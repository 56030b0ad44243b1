"""A linear function in original units, written down term by term."""

from __future__ import annotations

import re
from dataclasses import dataclass

from thetastar.fitting.record import Formula, Input, Record
from thetastar.report.inputs import input_name
from thetastar.report.lead import leading
from thetastar.report.numbers import MINUS, number
from thetastar.report.words import say

__all__ = ["WrittenFormula", "WrittenTerm", "written"]

DIGITS = 4
_UNCLEAR = r"^[\d.+−-]|[+*=·×]| [-−/] "  # what would read as a number, or as a part of the formula


@dataclass(frozen=True)
class WrittenTerm:
    """One summand: its sign, its size and what it is multiplied by (empty for the intercept)."""

    sign: str
    size: str
    factor: str


@dataclass(frozen=True)
class WrittenFormula:
    """The left side of the formula and its summands, the intercept first."""

    left: str
    terms: tuple[WrittenTerm, ...]

    def __str__(self) -> str:
        """Write the formula on one line."""
        text = " ".join(f"{term.sign} {term.size}{'·' if term.factor else ''}{term.factor}" for term in self.terms)
        return f"{self.left} = {text.removeprefix('+ ')}"


def written(record: Record, lang: str) -> tuple[WrittenFormula, ...]:
    """Write the record's formula: one line for regression, one score per class otherwise."""
    formula = record.formula
    if formula is None:
        return ()
    return tuple(
        WrittenFormula(left=_left(record, output, lang), terms=_terms(formula, output, lang))
        for output in range(len(formula.intercept))
    )


def _left(record: Record, output: int, lang: str) -> str:
    """Name what the formula gives: the target, or the score of a class."""
    classes = record.target.classes
    if not classes:
        return _name(record.target.name, lang)
    shared = record.formula is not None and len(record.formula.intercept) == 1  # as logistic regression counts
    name = leading(record) if shared else str(classes[output])
    return say("found.formula.score", lang, name=name)


def _terms(formula: Formula, output: int, lang: str) -> tuple[WrittenTerm, ...]:
    """Write intercept and terms of one output, in the record's order (by size of effect)."""
    start = _term(formula.intercept[output], "")
    rest = (_term(term.coefficient, _factor(term.input, lang)) for term in formula.terms if term.output == output)
    return (start, *rest)


def _factor(one: Input, lang: str) -> str:
    """Name an input; what is made of a column has brackets already."""
    name = input_name(one, lang)
    return _name(name, lang) if name == one.column else name


def _name(column: str, lang: str) -> str:
    """Return a column's name, in quotation marks if it is no word: 0.5·2011 would be another number."""
    return say("list.quoted", lang, text=column) if re.search(_UNCLEAR, column) else column


def _term(coefficient: float, factor: str) -> WrittenTerm:
    """Split a coefficient into sign and size."""
    size = number(abs(coefficient), digits=DIGITS)
    return WrittenTerm(sign=MINUS if coefficient < 0 else "+", size=size, factor=factor)
