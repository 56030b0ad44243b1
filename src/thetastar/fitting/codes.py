"""The codes that a record speaks in: what each can be, so that a misspelt one is found before any fit."""

from __future__ import annotations

from typing import Literal

__all__ = [
    "AskedBy",
    "CautionCode",
    "CombinedKind",
    "CombinedWhy",
    "Dependence",
    "Learned",
    "LengthBy",
    "LimitCode",
    "NotStreamed",
    "OutcomeCode",
    "Plane",
    "Purpose",
    "Stopped",
]

AskedBy = Literal["command", "regressor", "classifier", "function"]  # who called the fit
OutcomeCode = Literal[
    "first", "improved", "no_gain", "worse", "optimization_failure", "diverged", "cut_short", "interrupted"
]
LimitCode = Literal[
    "model_bias",
    "optimization",
    "overfitting",
    "noise",
    "noise_or_features",
    "undetermined",
    "too_few_rows",
    "budget",
    "shortened",
    "interrupted",
    "nothing_to_learn",
    "repeating",
    "small",
]
Stopped = Literal["finished", "budget", "interrupted"]  # how a fit ended
CombinedKind = Literal["ensemble", "retrained"]  # whether the folds' members are averaged, or one was trained again
# measured on a fold neither had seen; measured, but no time was left to train on all rows; or none to measure
CombinedWhy = Literal["judged", "unfinished", "untested"]
CautionCode = Literal["copy", "gives_away", "known_after", "few_of_class", "shared", "duplicates", "conflicts"]
Dependence = Literal[
    "independent", "dependent", "sorted", "sorted_by_target", "one_value_apart", "too_few_rows", "untested"
]
LengthBy = Literal["", "prediction", "inputs"]  # what the length of intervals changes with; empty for nothing
Purpose = Literal["probe", "fold", "all"]  # one of the rates tried side by side; a fold's member; trained on all rows
Plane = Literal["parameters", "path"]  # two entries of θ; the two main directions of the descent's path
Learned = Literal["", "normal_equations", "descent"]  # how θ went on over all rows of a file; empty where it didn't,
NotStreamed = Literal["", "dependent", "few", "time", "unreadable"]  # as rows go together, too few judge, it takes long
