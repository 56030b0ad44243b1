"""Which two columns act together the most, beyond what each does alone, and whether unseen rows confirm it.

The joint effect of two columns is accumulated from local differences, along numbers within each row's own interval
(second-order accumulated local effects: Apley and Zhu, 2020, equation 16), over categories by giving each row every
one. What is left after the best sum of one effect a column is taken away, weighted by how many rows lie in each cell,
is the pure interaction (Lengerich et al., Purifying interaction effects with the functional ANOVA, 2020). It is learnt
from training rows, and judged by what the loss on the validation rows loses when it is taken away from the function.

A date counts as several: the elapsed time and each of its cycles are moved alone, and may act together with each other
(hours on weekdays and on Sundays) as with another column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import torch

from thetastar.arrays import Floats, Integers
from thetastar.descent import Deadline, side_by_side
from thetastar.errors import BudgetError
from thetastar.fitting.evidence import Interaction
from thetastar.fitting.explain.axis import Axis, axes_of
from thetastar.fitting.explain.local import Asked
from thetastar.fitting.explain.reader import fold_readers, parts_read
from thetastar.fitting.explain.sample import Sample, sample_of
from thetastar.fitting.explain.subject import Subject
from thetastar.fitting.rungs.scores import loss_and_error

__all__ = ["interaction", "purified"]


_COLUMNS = 5  # the most important ones make ten pairs,
_AXES = 8  # or twenty-eight at most if there are dates among them
_ANSWERS = 6_000  # of each member to a pair: rows that are given many categories are fewer,
_FEWEST_ROWS = 200  # but not fewer than these
_JUDGED = 2_000  # validation rows of each fold at most
_ROUNDS = 200  # of taking row and column means away, which converges geometrically
_SETTLED = 1e-12  # of the largest value


@dataclass(frozen=True)
class _Found:
    """A pair's pure interaction under each fold's member [cells, cells, outputs], and what it is worth there."""

    axes: tuple[Axis, Axis]
    folds: tuple[Floats, ...]
    losses: tuple[float, ...]


def interaction(subject: Subject, *, columns: Sequence[str], deadline: Deadline) -> Interaction | None:
    """Return the pair of columns whose interaction lowers the loss on validation rows the most.

    Args:
        subject: The chosen rung.
        columns: In order of their importance.
        deadline: When to give up.

    Returns:
        None for a function in which no column acts on another, or if there was no time to ask about every pair.
    """
    if not subject.rung.functions.hidden:
        return None
    known = {column.name: column for column in subject.problem.columns}
    readers = fold_readers(subject)
    axes = [
        axis
        for name in columns[:_COLUMNS]
        for axis in axes_of(subject.counted, known[name], parts=parts_read(readers, name))
    ]
    pairs = list(combinations(axes[:_AXES], 2))
    try:
        asked = side_by_side(lambda fold: _ask(subject, fold, deadline), range(subject.folds))
        found = [_pair(subject, asked, pair) for pair in pairs]
    except BudgetError:
        return None
    if not found:
        return None
    return _record(subject, max(found, key=lambda one: float(np.mean(one.losses))), pairs=len(pairs))


def purified(table: Floats, shares: Floats) -> Floats:
    """Return what is left of a table [rows, columns, …] when the best sum of row and column effects is taken away.

    Best by least squares, weighted by the shares [rows, columns]; cells without weight follow from the others.
    """
    left = table.copy()
    weights = shares.reshape(*shares.shape, *[1] * (table.ndim - 2))
    for _ in range(_ROUNDS):
        moved = 0.0
        for axis in (1, 0):
            mass = weights.sum(axis, keepdims=True)
            mean = (weights * left).sum(axis, keepdims=True) / np.where(mass > 0, mass, 1.0)
            left = left - mean
            moved = max(moved, float(np.abs(mean).max()))
        if moved <= _SETTLED * max(float(np.abs(table).max()), 1e-300):
            break
    return np.asarray(left)


def joint(asked: Asked, axes: tuple[Axis, Axis]) -> tuple[Floats, Floats]:
    """Return a member's joint effect in every cell [cells, cells, outputs], and the share of the rows in each.

    Raises:
        BudgetError: if the time ran out.
    """
    first, second = axes
    cells = np.stack([axis.cell_of(asked.sample.table) for axis in axes])
    counts = [len(axis.levels) or 2 for axis in axes]
    rows = np.flatnonzero((cells >= 0).all(0))[: max(_FEWEST_ROWS, _ANSWERS // (counts[0] * counts[1]))]
    cells, weights = cells[:, rows], asked.sample.weights[rows]
    states = product(first.states(cells[0]), second.states(cells[1]))
    answers = np.stack([asked.answers(rows, one, other) for one, other in states])
    values = answers.reshape(*counts, *answers.shape[1:])  # [first's states, second's states, rows, outputs]
    shares = np.zeros((first.cells, second.cells))
    np.add.at(shares, (cells[0], cells[1]), weights)
    return _accumulate(values, axes, cells, weights, shares), shares / max(float(shares.sum()), 1e-300)


def _accumulate(values: Floats, axes: tuple[Axis, Axis], cells: Integers, weights: Floats, shares: Floats) -> Floats:
    """Average local differences in every cell, then add them up along the axes of numbers."""
    table = np.zeros((axes[0].cells, axes[1].cells, values.shape[-1]))
    for axis, one in enumerate(axes):
        if not one.levels:
            values = np.diff(values, axis=axis)  # from the lower to the upper edge of a row's interval
    places = [np.arange(one.cells)[:, None] if one.levels else cells[axis][None] for axis, one in enumerate(axes)]
    mass = _mass(axes, shares)
    for i, j in product(range(values.shape[0]), range(values.shape[1])):
        at = (
            np.broadcast_to(places[0][i if axes[0].levels else 0], weights.shape),
            np.broadcast_to(places[1][j if axes[1].levels else 0], weights.shape),
        )
        np.add.at(table, at, weights[:, None] * values[i, j])
    table /= np.where(mass > 0, mass, 1.0)[:, :, None]
    for axis, one in enumerate(axes):
        if not one.levels:  # the middle of a cell lies half a step above its lower edge
            table = np.cumsum(table, axis=axis) - table / 2
    return table


def _mass(axes: tuple[Axis, Axis], shares: Floats) -> Floats:
    """Return the weight of the rows that were asked about each cell: along categories, all of them."""
    for axis, one in enumerate(axes):
        if one.levels:
            shares = np.broadcast_to(shares.sum(axis, keepdims=True), shares.shape)
    return shares


def _ask(subject: Subject, fold: int, deadline: Deadline) -> Asked:
    """Return a fold's member with some of its training rows."""
    deadline.check()
    reader = fold_readers(subject)[fold]
    sample: Sample = sample_of(subject.problem, rows=subject.folded.folds[fold].train, seed=subject.seed)
    return Asked(reader, sample, reader.encode(sample.table), deadline)


def _pair(subject: Subject, asked: Sequence[Asked], axes: tuple[Axis, Axis]) -> _Found:
    def member(fold: int) -> tuple[Floats, float]:
        surface = purified(*joint(asked[fold], axes))
        return surface, _worth(subject, fold, axes, surface)

    members = side_by_side(member, range(subject.folds))
    return _Found(axes, tuple(surface for surface, _ in members), tuple(worth for _, worth in members))


def _worth(subject: Subject, fold: int, axes: tuple[Axis, Axis], surface: Floats) -> float:
    """Return by how much the loss on a fold's validation rows rises when an interaction is taken away."""
    folded, rows = subject.folded, subject.judging_rows(fold, most=_JUDGED)
    table = subject.problem.table[rows.numpy()]
    first, second = (axis.cell_of(table) for axis in axes)
    inside = (first >= 0) & (second >= 0)
    removed = np.where(inside[:, None], surface[first, second], 0.0) / folded.scales[fold].deviation
    outputs = subject.outputs(fold, folded.examples.take(fold, rows, leading=folded.width))
    without = outputs.clone()
    without[:, -removed.shape[1] :] -= torch.from_numpy(removed).float()  # of two classes, the second one leads
    before, after = (loss_and_error(subject.loss, seen, folded, fold, rows)[0] for seen in (outputs, without))
    return after - before


def _record(subject: Subject, found: _Found, *, pairs: int) -> Interaction:
    """Return plain values of the output on which the pair acts most."""
    mean = np.mean(found.folds, axis=0)
    first, second = (axis.cell_of(subject.counted.table) for axis in found.axes)
    inside = (first >= 0) & (second >= 0)
    shares = np.zeros(mean.shape[:2])
    np.add.at(shares, (first[inside], second[inside]), subject.counted.weights[inside])
    shares /= subject.counted.weights.sum()
    output = int(np.argmax((shares[:, :, None] * mean**2).sum((0, 1))))
    return Interaction(
        columns=(found.axes[0].column.name, found.axes[1].column.name),
        kinds=(_kind(found.axes[0]), _kind(found.axes[1])),
        places=(found.axes[0].places, found.axes[1].places),
        levels=(found.axes[0].levels, found.axes[1].levels),
        value=_plain(mean[:, :, output]),
        shares=_plain(shares),
        loss=found.losses,
        pairs=pairs,
        output=output,
        parts=(found.axes[0].of or "", found.axes[1].of or ""),
    )


def _kind(axis: Axis) -> str:
    """Return what is drawn along an axis: the month of a date is a number."""
    return "number" if axis.of else axis.column.kind.value


def _plain(table: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in table.tolist())
