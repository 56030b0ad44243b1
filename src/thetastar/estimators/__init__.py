"""The scikit-learn face: two estimators over the one fit."""

from __future__ import annotations

from thetastar.estimators.classifier import Classifier
from thetastar.estimators.load import load
from thetastar.estimators.regressor import Regressor

__all__ = [
    # from a table to a function
    "Classifier",
    "Regressor",
    # a function that was saved
    "load",
]
