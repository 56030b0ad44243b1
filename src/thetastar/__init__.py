"""From data to a function, and why it is not better."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from thetastar.errors import BudgetError, DataError, FallbackWarning, SavedFunctionError, ThetastarError, UserError

if TYPE_CHECKING:
    from thetastar.estimators import Classifier, Regressor, load
    from thetastar.fitting import Recipe
    from thetastar.landscape import Objective, critical_point, escape, sharpness, spectral_density, spectrum, surface

__version__ = "0.1.0"

__all__ = [
    # from a table to a function
    "Classifier",
    "Recipe",
    "Regressor",
    # a function that was saved
    "load",
    # where descent stopped, of any model
    "Objective",
    "critical_point",
    "escape",
    "sharpness",
    "spectral_density",
    "spectrum",
    "surface",
    # what is raised on purpose
    "BudgetError",
    "DataError",
    "FallbackWarning",
    "SavedFunctionError",
    "ThetastarError",
    "UserError",
    # the package itself
    "__version__",
]

# These bring torch and scikit-learn, seconds that `thetastar --version` and the completion of a shell shouldn't take.
_LATER = {
    "Classifier": "thetastar.estimators",
    "Objective": "thetastar.landscape",
    "Recipe": "thetastar.fitting",
    "Regressor": "thetastar.estimators",
    "critical_point": "thetastar.landscape",
    "escape": "thetastar.landscape",
    "load": "thetastar.estimators",
    "sharpness": "thetastar.landscape",
    "spectral_density": "thetastar.landscape",
    "spectrum": "thetastar.landscape",
    "surface": "thetastar.landscape",
}


def __getattr__(name: str) -> Any:
    """Import what is public when it is first asked for."""
    if name not in _LATER:
        raise AttributeError(f"module 'thetastar' has no attribute {name!r}")
    value = getattr(import_module(_LATER[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
