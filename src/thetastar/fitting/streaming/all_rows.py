"""θ goes on over all rows of a file that memory can't hold.

The ladder is climbed on a sample of the rows, which settles the set of functions, the encodings and the learning rate.
Then the rows of the whole file come by in blocks, in random order, each once, and every member of the function learns
from all of them: by the normal equations where they give θ*, otherwise by descent from the sample's θ*. Some rows,
which neither the sample nor a block holds, then judge both functions; as they do, no member has to leave rows out for
another one's sake. What learned from all rows is kept unless it is worse beyond one standard error: within the noise,
more rows are the better reason.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import torch
from torch import Tensor

from thetastar.arrays import Floats, Integers
from thetastar.data import UnreadRows, target_values, usable_targets
from thetastar.descent import Deadline
from thetastar.fitting.account import Finished
from thetastar.fitting.clusters import clustered_mean
from thetastar.fitting.codes import Learned, Stopped
from thetastar.fitting.function import FoundFunction
from thetastar.fitting.held_out import HeldOutRows
from thetastar.fitting.interval_check import intervals_of
from thetastar.fitting.marks import marks_of
from thetastar.fitting.problem import EncodedLater, standardised
from thetastar.fitting.record import Streamed
from thetastar.fitting.rungs.combine import row_losses
from thetastar.fitting.streaming.course import Course
from thetastar.fitting.streaming.learners import Learner, learner_of

__all__ = ["over_all_rows"]

_CHUNK = 8192  # rows that are encoded at once,
_CHUNK_NUMBERS = 1 << 23  # of at most so many numbers over all members
_JUDGING = 2.0  # times as long as judging the sample's function took judging the other one and its intervals may take
_FEWEST_JUDGES = 30  # rows or groups
_PARTS = 5  # of the judging rows, which take turns in judging the intervals that the others make
_EXCHANGEABLE = ("random", "stratified")  # splits of rows any of which can judge those that others learned

Values = Floats | Integers  # of the target, or its class codes


def over_all_rows(
    finished: Finished, file: UnreadRows, *, deadline: Deadline, report: Callable[[float], None]
) -> Finished:
    """Let the function of a fit to a sample learn from all rows, as far as the time goes; keep it unless it is worse.

    Ctrl-C ends the pass, which is then judged as far as it came.

    Args:
        finished: The fit to the sample.
        file: All rows, and those that judge.
        deadline: When all of it has to be done.
        report: Called with the share that is done.
    """
    begun = time.monotonic()
    if finished.setup.splitter.how not in (*_EXCHANGEABLE, *(("group",) if file.group else ())):
        return replace(finished, streamed=Streamed("dependent", of=file.rows))
    judges = _usable(finished.function, file.judges())
    together = _together(judges, file.group)
    if len(np.unique(together)) < _FEWEST_JUDGES:
        return replace(finished, streamed=Streamed("few", of=file.rows))
    judging = time.monotonic()
    before = _judge(finished, finished.function, judges)
    course = Course(file.rows, Deadline(deadline.moment - _JUDGING * (time.monotonic() - judging)))
    learned, method, stopped = _learn(finished, file, course=course, report=report)
    finished = replace(finished, stopped="interrupted" if stopped == "interrupted" else finished.stopped)
    if not course.seen:
        return finished if stopped == "interrupted" else replace(finished, streamed=Streamed("time", of=file.rows))
    after = _judge(finished, learned, judges)
    streamed = replace(
        _compared(before, after, together),
        of=file.rows,
        method=method,
        stopped=stopped,
        rows=course.seen,
        seconds=time.monotonic() - begun,
        megabytes=file.bytes * course.seen / file.rows / 1e6,
    )
    finished = replace(finished, streamed=streamed)
    return _with(finished, learned, judges, after, parts=together % _PARTS) if streamed.kept else finished


def _learn(
    finished: Finished, file: UnreadRows, *, course: Course, report: Callable[[float], None]
) -> tuple[FoundFunction, Learned, Stopped]:
    """Let the function learn from the file; return what it came to, by which method, and how the pass has ended."""
    setup = finished.setup
    learner = learner_of(
        finished.function,
        finished.chosen.settings,
        setup.loss,
        recipe=setup.recipe,
        sample=setup.problem.rows,
        seed=setup.seed,
    )
    stopped = _walk(finished, file, learner, course=course, report=report)
    if not course.seen:
        return finished.function, learner.name, stopped
    return replace(finished.function, state=learner.state(), marks=course.marks), learner.name, stopped


def _together(judges: pl.DataFrame, group: str) -> Integers:
    """Return which judging rows count as one, [rows]: those of a group, or each by itself."""
    names = judges[group].cast(pl.String).fill_null("") if group else np.arange(judges.height)
    return np.asarray(np.unique(names, return_inverse=True)[1], dtype=np.int64)


def _compared(before: _Judged, after: _Judged, together: Integers) -> Streamed:
    """Return by how much the loss has fallen, paired over the judging rows, and whether that is reason to change."""
    rows = len(after.losses)
    difference, error = clustered_mean(after.losses - before.losses, np.ones(rows), together)
    return Streamed(
        judges=rows,
        before=float(before.losses.mean()),
        after=float(after.losses.mean()),
        before_error=before.error,
        after_error=after.error,
        standard_error=error,
        kept=difference <= error,
    )


def _walk(
    finished: Finished, file: UnreadRows, learner: Learner, *, course: Course, report: Callable[[float], None]
) -> Stopped:
    """Learn from one block after the other; say how that ended."""
    try:
        for place, block in enumerate(file.blocks(seed=finished.setup.seed)):
            for rows in _chunks(finished.function, _usable(finished.function, block)):
                if course.until.left() <= 0:
                    return "budget"
                y = target_values(finished.function.target, rows[finished.function.target.name])
                learner.learn(*_encoded(finished.function, rows, y), share=course.share)
                course.passed(rows.height, marks_of(rows, finished.function.columns, y))
            if place == 0:
                course.settle()
            report(course.share)
    except KeyboardInterrupt:
        return "interrupted"
    return "finished"


def _usable(function: FoundFunction, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that have a target to learn from: a file may hold classes that its sample doesn't."""
    return rows.filter(usable_targets(function.target, rows[function.target.name]))


def _chunks(function: FoundFunction, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield equal parts of the rows, each so small that it can be encoded for all members at once."""
    numbers = len(function.encodings) * max(1, function.functions.leading)
    most = min(_CHUNK, max(1, _CHUNK_NUMBERS // numbers))
    size = math.ceil(rows.height / max(1, math.ceil(rows.height / most)))
    yield from rows.iter_slices(size) if rows.height else ()


def _encoded(function: FoundFunction, rows: pl.DataFrame, y: Values) -> tuple[Tensor, Tensor]:
    """Return rows in each member's encoding [members, rows, inputs], and their targets on its scale."""
    encodings, plain, leading = function.encodings, function.plain, function.functions.leading
    later = EncodedLater(rows, encodings, plain, function.functions.inputs - plain)
    every = torch.arange(rows.height)
    inputs = [later.take(member, every, leading=leading) for member in range(len(encodings))]
    targets = [standardised(y, function.target, scale) for scale in function.scales]
    return torch.stack(inputs), torch.stack(targets)


@dataclass(frozen=True, eq=False)
class _Judged:
    """A function's predictions for the judging rows [rows, outputs], and their losses [rows]."""

    truth: Values
    predicted: Floats
    losses: Floats

    @property
    def error(self) -> float:
        """Return the root mean squared error in the target's unit, or the share of rows put into a wrong class."""
        if self.predicted.shape[1] > 1:
            return float(np.mean(self.predicted.argmax(1) != self.truth))
        return float(np.sqrt(np.mean((self.predicted[:, 0] - self.truth) ** 2)))


def _judge(finished: Finished, function: FoundFunction, judges: pl.DataFrame) -> _Judged:
    truth = target_values(function.target, judges[function.target.name])
    predicted = function.outputs(judges)
    losses = row_losses(finished.setup.loss, torch.from_numpy(predicted), truth, function.scales[0])
    return _Judged(truth, predicted, losses)


def _with(
    finished: Finished,
    learned: FoundFunction,
    judges: pl.DataFrame,
    judged: _Judged,
    *,
    parts: Integers,
) -> Finished:
    """Return the fit with the function that learned from all rows, and intervals by what that missed."""
    rows, ones = np.arange(judges.height), np.ones(judges.height)
    problem = replace(finished.setup.problem, table=judges, y=judged.truth, weights=ones, merged=None)
    held_out = HeldOutRows(learned.target, judged.truth, ones, judged.predicted, parts, rows)
    intervals, check = intervals_of(held_out, problem)
    return replace(finished, function=replace(learned, intervals=intervals), intervals=check)
