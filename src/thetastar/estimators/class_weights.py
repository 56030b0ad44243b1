"""Weights of classes as weights of their rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from thetastar.arrays import Floats
from thetastar.errors import UserError

__all__ = ["ClassWeight", "class_weights"]

ClassWeight = str | Mapping[Any, float] | None


def class_weights(y: npt.NDArray[Any], class_weight: ClassWeight, *, weights: Floats) -> Floats:
    """Return the factor on the weight of each row, [rows].

    Raises:
        UserError: if it is neither "balanced" nor a mapping, or names a class that isn't there.
    """
    if class_weight is None:
        return np.ones(len(y))
    classes, codes = np.unique(y, return_inverse=True)
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise UserError(f"class_weight is 'balanced' or a mapping of classes to factors; seen {class_weight!r}")
        total = np.bincount(codes, weights=weights)
        return np.asarray((weights.sum() / (len(classes) * total))[codes])
    if unknown := [name for name in class_weight if name not in classes.tolist()]:
        raise UserError(f"class_weight names {unknown[:5]}, but the classes are {classes.tolist()[:10]}")
    return np.asarray([float(class_weight.get(name, 1.0)) for name in classes.tolist()])[codes]
