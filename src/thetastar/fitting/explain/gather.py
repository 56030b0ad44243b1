"""Everything that is measured of a function once it was found, as far as the time goes."""

from __future__ import annotations

from thetastar.arrays import Integers
from thetastar.descent import Deadline
from thetastar.fitting.evidence import Evidence, Importance
from thetastar.fitting.explain.alike import alike
from thetastar.fitting.explain.effects import effects
from thetastar.fitting.explain.importance import importance
from thetastar.fitting.explain.interaction import interaction
from thetastar.fitting.explain.residual_curves import residual_curves
from thetastar.fitting.explain.subject import Subject
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.held_out import HeldOutRows
from thetastar.fitting.question import Question
from thetastar.fitting.worst import worst_rows

__all__ = ["gather"]

_IMPORTANCE_SHARE = 0.4  # of the time left
_EFFECTS_SHARE = 0.4
_INTERACTION_SHARE = 0.5


def gather(
    subject: Subject,
    function: FoundFunction,
    *,
    judged: HeldOutRows,
    cluster: Integers | None,
    question: Question,
    deadline: Deadline,
) -> Evidence:
    """Return what the folds show of a function.

    Args:
        subject: The chosen rung.
        function: What was kept of it.
        judged: Every held-out row with its prediction.
        cluster: What each of these goes together with; None if every row stands for itself.
        question: The rows as they were given.
        deadline: Each part takes a share of the time until then, and is left out where that is too little.
    """
    important = importance(subject, deadline=_share(deadline, _IMPORTANCE_SHARE))
    columns = _by_importance(subject, important)
    return Evidence(
        importance=important,
        alike=alike(subject.problem, columns=columns, seed=subject.seed),
        effects=effects(subject, function, columns=columns, deadline=_share(deadline, _EFFECTS_SHARE)),
        interaction=interaction(subject, columns=columns, deadline=_share(deadline, _INTERACTION_SHARE)),
        residuals=residual_curves(subject.problem, judged, columns=columns, seed=subject.seed, cluster=cluster),
        worst=worst_rows(subject.problem, judged, question),
    )


def _share(deadline: Deadline, share: float) -> Deadline:
    """Return an earlier deadline that takes a share of the time left."""
    return deadline.sooner(share * deadline.left())


def _by_importance(subject: Subject, important: tuple[Importance, ...]) -> tuple[str, ...]:
    """Return the used columns, in the table's order where their importance is not known."""
    used = tuple(column.name for column in subject.problem.columns if column.used)
    return tuple(one.column for one in important) or used
