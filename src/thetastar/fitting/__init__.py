"""The closed loop: climbs the ladder of function sets on folds, and keeps what the folds say."""

from thetastar.budget import seconds
from thetastar.fitting.asked import Asked
from thetastar.fitting.evidence import Effect, Evidence, Importance, Interaction, IntervalCheck
from thetastar.fitting.fit import Fit, fit
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.history import History
from thetastar.fitting.question import Question
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.record import (
    Caution,
    Choice,
    Conditioning,
    Curve,
    Forecast,
    Formula,
    HeldOut,
    Independence,
    Input,
    Limit,
    Record,
    Rung,
    Series,
    Surface,
    Term,
)
from thetastar.fitting.series import Arranged, arrange, follow

__all__ = [
    # a table, and a series as windows
    "Arranged",
    "History",
    "arrange",
    "follow",
    # from a table to a function
    "Fit",
    "FoundFunction",
    "Question",
    "Recipe",
    "fit",
    "seconds",
    # what was done, as plain values
    "Asked",
    "Caution",
    "Choice",
    "Conditioning",
    "Curve",
    "Effect",
    "Evidence",
    "Forecast",
    "Formula",
    "HeldOut",
    "Importance",
    "Independence",
    "Input",
    "Interaction",
    "IntervalCheck",
    "Limit",
    "Record",
    "Rung",
    "Series",
    "Surface",
    "Term",
]
