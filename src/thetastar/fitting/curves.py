"""Recorded losses and gradient norms, thinned for drawing."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from thetastar.descent import MemberCurve
from thetastar.fitting.codes import Purpose
from thetastar.fitting.record import Curve
from thetastar.fitting.rungs.rung_fit import RungFit

__all__ = ["curves_of"]

_POINTS = 150


def curves_of(rung: RungFit) -> tuple[Curve, ...]:
    """Return the curves of a rung's probe and folds; none for rungs that were computed directly."""
    if rung.network is None:
        return ()
    found = []
    if rung.network.probe is not None:
        for (fold, rate), curve in zip(rung.network.probed, rung.network.probe.curves, strict=True):
            found.append(_curve(rung.name, "probe", fold, rate, curve))
    for fold, curve in enumerate(rung.network.folds.curves):
        found.append(_curve(rung.name, "fold", fold, rung.settings.learning_rate, curve))
    return tuple(found)


def _curve(rung: str, purpose: Purpose, fold: int, rate: float, curve: MemberCurve) -> Curve:
    update, loss = _thin(curve.loss)
    _, norm = _thin(curve.gradient_norm)
    return Curve(
        rung=rung,
        purpose=purpose,
        fold=fold,
        learning_rate=rate,
        update=update,
        loss=loss,
        gradient_norm=norm,
        validation_update=curve.looks,
        validation_loss=curve.validation,
        best_update=curve.best,
        stopped=curve.stopped,
    )


def _thin(values: Tensor) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Return means over stretches that grow with the update, and the last update (from 1) of each.

    Stretches of equal ratio suit a logarithmic axis: the first updates stay single.
    """
    count = len(values)
    if count == 0:
        return (), ()
    edges = torch.logspace(0, math.log10(count), min(_POINTS, count), dtype=torch.float64).round()
    ends = sorted({int(edge) for edge in edges.tolist()} | {count})
    begins = [0, *ends[:-1]]
    means = [float(values[begin:end].double().mean()) for begin, end in zip(begins, ends, strict=True)]
    return tuple(ends), tuple(means)
