"""How a fit was asked for, so that it can be asked for again."""

from __future__ import annotations

from dataclasses import dataclass

from thetastar.fitting.codes import AskedBy

Label = str | int | float | bool  # as in thetastar.data.target

__all__ = ["Asked"]


@dataclass(frozen=True)
class Asked:
    """Who called the fit, and what the rest of a record doesn't tell: it knows the source, the recipe and the seed.

    Attributes:
        by: The command, an estimator, or ``thetastar.fitting.fit``.
        options: Of a command its options, word by word, without those that are at their default.
        kinds: Of an estimator, the pairs of its argument of this name.
        balanced: Whether its ``class_weight`` was "balanced".
        factors: Otherwise the pairs of its ``class_weight``.
        data: What its ``fit`` was given besides X and y: sample_weight, groups, times.
    """

    by: AskedBy = "function"
    options: tuple[str, ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    balanced: bool = False
    factors: tuple[tuple[Label, float], ...] = ()
    data: tuple[str, ...] = ()

    @property
    def class_weight(self) -> str | dict[Label, float] | None:
        """The argument of this name, as an estimator takes it.

        Example:
            >>> Asked("classifier", factors=(("rare", 5.0),)).class_weight
            {'rare': 5.0}
        """
        return "balanced" if self.balanced else dict(self.factors) or None
