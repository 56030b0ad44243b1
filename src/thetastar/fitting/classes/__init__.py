"""How well classes are told apart, judged on every row by the member that had not seen it."""

from __future__ import annotations

from thetastar.fitting.classes.judge import judge_classes
from thetastar.fitting.classes.quality import (
    Band,
    ClassQuality,
    ClassScore,
    Measured,
    Ranking,
    Reliability,
    ReliabilityBin,
    ThresholdCurve,
    WorkingPoint,
)

__all__ = [
    # the judge
    "judge_classes",
    # what it returns
    "Band",
    "ClassQuality",
    "ClassScore",
    "Measured",
    "Ranking",
    "Reliability",
    "ReliabilityBin",
    "ThresholdCurve",
    "WorkingPoint",
]
