"""Figures of a record or of a landscape: pure functions to a plotly figure, one idea a file."""

from __future__ import annotations

from thetastar.report.figures.descent import descent_figure
from thetastar.report.figures.effects import effect_columns, effect_figure, effect_parts, effect_range
from thetastar.report.figures.forecast import forecast_figure
from thetastar.report.figures.importance import importance_figure
from thetastar.report.figures.interaction import interaction_figure
from thetastar.report.figures.ladder import ladder_figure
from thetastar.report.figures.landscape import (
    eigenvalues_figure,
    landscape_figure,
    landscape_relief,
    spectrum_figure,
)
from thetastar.report.figures.probe import probe_figure
from thetastar.report.figures.quality import predicted_figure
from thetastar.report.figures.ranking import precision_recall_figure, roc_figure
from thetastar.report.figures.reliability import reliability_figure
from thetastar.report.figures.relief import relief_figure
from thetastar.report.figures.residuals import residual_figure
from thetastar.report.figures.surface import surface_figure
from thetastar.report.figures.thresholds import threshold_figure

__all__ = [
    # step 1
    "ladder_figure",
    # step 3
    "descent_figure",
    "probe_figure",
    "surface_figure",
    "relief_figure",
    # where descent stopped, of any model
    "eigenvalues_figure",
    "landscape_figure",
    "landscape_relief",
    "spectrum_figure",
    # the function found
    "importance_figure",
    "effect_columns",
    "effect_figure",
    "effect_parts",
    "effect_range",
    "interaction_figure",
    # how good it is
    "forecast_figure",
    "precision_recall_figure",
    "predicted_figure",
    "residual_figure",
    "reliability_figure",
    "roc_figure",
    "threshold_figure",
]
