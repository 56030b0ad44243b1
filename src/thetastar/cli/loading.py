"""Loading the libraries that every command needs: torch, scikit-learn and what stands on them."""

from __future__ import annotations

import gc
from functools import cache

__all__ = ["load"]


@cache
def load() -> None:
    """Import what takes seconds, once, without looking for garbage meanwhile.

    An import leaves some hundred thousand objects behind, none of which is garbage. To go through them again and again
    took a quarter of the processor's time of these imports, and more than that once more when Python ended.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        import thetastar.fitting
        import thetastar.report  # noqa: F401  (imported for those who import from it next)
    finally:
        if collecting:
            gc.enable()
    gc.freeze()
