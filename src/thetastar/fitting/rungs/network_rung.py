"""The rungs with hidden layers: learning rates are probed side by side, then every fold trains its member."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from thetastar.descent import Cosine, Deadline, Member, Plan, Trained, train, updates_per_epoch
from thetastar.errors import BudgetError
from thetastar.fitting.problem import Folded
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.rungs.scores import Stops, agreed_stops, agreed_temperature
from thetastar.fitting.rungs.settings import Settings
from thetastar.functions import FunctionSet, initial, views
from thetastar.losses import Loss

__all__ = ["Judged", "NetworkFit", "NetworkTask", "Start", "refuse_unfinished", "settle_network", "train_network"]

_ROWS_SEEN = 2_000_000  # by default a member sees about so many rows,
_EPOCHS = (20, 200)  # within these passes over its own
_BYTES = 4  # of a parameter
_LOOKS = 50  # at the validation rows at most,
_LOOKS_PER_EPOCH = 4  # and at most so many in a pass: looks would take longer than a short training
_PROBE_SHARE = 0.15  # of the updates go into probing each learning rate
_PROBE_TIME = 0.3  # at most this share of the rung's time
_PROBE_FOLDS = 2
_PACE_TIME = 0.1  # at most this share of the rung's time goes into measuring how fast a single rate trains
_SNAPSHOTS = 40
_MOST_BYTES = 1 << 27  # of the states at looks, of all folds: of large networks every other look's, or fewer, are kept
_BATCHES = ((2_000, 32), (10_000, 128), (200_000, 256), (math.inf, 1024))  # rows below → rows per update
_FEWEST_UPDATES = 20
_LEAST_SHARE = 0.2  # of the planned updates tell whether more would help
_SAFETY = 0.9  # of the time left may be planned
_TEMPERATURES = tuple(2.0 ** (half / 2) for half in range(7))  # logits are judged divided by each of these

Report = Callable[[float], None]


@dataclass(frozen=True)
class Start:
    """Where networks start: each fold's θ of the rung below (None for a random start), and its set of functions."""

    functions: FunctionSet
    state: Tensor | None

    def states(self, functions: FunctionSet, folds: list[int], seeds: list[int]) -> Tensor:
        """Return a starting state per member: random hidden layers behind the shortcut that was found below."""
        state = initial(functions, seeds)
        if self.state is None:
            return state
        parts = views(functions.parts, state)
        for name, found in views(self.functions.parts, self.state[folds]).items():
            if name in ("bias", "shortcut"):
                parts[name][:, : found.shape[1]] = found
        return state


@dataclass(frozen=True)
class NetworkTask:
    """What networks are to be trained on, and how."""

    functions: FunctionSet
    loss: Loss
    folded: Folded
    recipe: Recipe
    start: Start
    seed: int


@dataclass(frozen=True)
class Judged:
    """The folds' members as they were where the other folds would have stopped them.

    Attributes:
        state: [folds, functions.state_size].
        temperatures: What each member's outputs are divided by, [folds].
    """

    state: Tensor
    temperatures: tuple[float, ...]


@dataclass(frozen=True)
class NetworkFit:
    """A rung's networks: what was settled, the learning rates' short runs, and the folds' members."""

    settings: Settings
    probe: Trained | None
    probed: tuple[tuple[int, float], ...]  # fold and learning rate of each of the probe's members
    folds: Trained
    share: float  # of the updates that would have been planned with all the time that they take
    stops: Stops  # where each fold's member is judged
    judged: Judged  # and what it was there

    @property
    def hurried(self) -> bool:
        """Tell whether the folds' members might be better with more time.

        Members that stopped improving before the end of a plan that was halved or quartered wouldn't have needed a
        longer one; in a plan of a few updates they stop before they have begun.
        """
        reasons = {curve.stopped for curve in self.folds.curves}
        return bool(reasons & {"budget", "interrupted"}) or (
            self.share < 1 and (reasons != {"early"} or self.share < _LEAST_SHARE)
        )


def settle_network(task: NetworkTask, *, deadline: Deadline, report: Report) -> NetworkFit:
    """Probe the learning rates, plan as many updates as the time allows, and train every fold's member.

    A single rate is tried on all folds for as long as it takes to learn how fast they train, and then begun anew: a
    schedule that is cut off while its steps are large ends worse than a shorter one. The number of updates is only ever
    halved to fit the time, so that the same seed gives the same bits unless the machine is slower by more than that.

    Raises:
        KeyboardInterrupt: on Ctrl-C while learning rates are probed; later, the folds' members stop as they are.
    """
    planned, folds = _plan(task), len(task.folded.folds)
    rates = task.recipe.learning_rates
    probed, probe, pace = _probe(task, planned, deadline=deadline, report=report)
    settings = _shorten(planned, pace=pace, left=deadline.left())
    settings = replace(settings, learning_rate=_best_rate(rates, probe))
    members = [(fold, settings.learning_rate) for fold in range(folds)]
    every = math.ceil((_LOOKS + 2) * folds * task.functions.state_size * _BYTES / _MOST_BYTES)
    trained = train_network(
        task,
        settings,
        members=members,
        deadline=deadline,
        report=lambda done: report(_PROBE_TIME + (1 - _PROBE_TIME) * done),
        snapshots=_SNAPSHOTS,
        keep_every=every,
    )
    stop = round(sum(curve.best for curve in trained.curves) / folds)
    if len(temperatures := _temperatures(task.loss)) > 1:
        settings = replace(settings, temperature=temperatures[agreed_temperature(trained.curves)])
    stops = agreed_stops(trained.curves, every=every)
    return NetworkFit(
        settings=replace(settings, stop=stop),
        probe=probe,
        probed=probed,
        folds=replace(trained, at_looks=()),
        share=settings.updates / planned.updates,
        stops=stops,
        judged=_judged(trained, stops, _temperatures(task.loss)),
    )


def _judged(trained: Trained, stops: Stops, temperatures: Sequence[float]) -> Judged:
    """Return the members as they were where they are judged."""
    states = [states[look] for states, look in zip(trained.at_looks, stops.looks, strict=True)]
    return Judged(torch.stack(states), tuple(temperatures[place] for place in stops.temperatures))


def _probe(
    task: NetworkTask, planned: Settings, *, deadline: Deadline, report: Report
) -> tuple[tuple[tuple[int, float], ...], Trained | None, float]:
    """Try the learning rates for a short while.

    Returns:
        Fold and rate of each member that was tried; what became of them, None of a single rate; and how many seconds an
        update of all folds' members takes.
    """
    folds, rates = len(task.folded.folds), task.recipe.learning_rates
    several = len(rates) > 1
    members = tuple((fold, rate) for rate in rates for fold in range(min(_PROBE_FOLDS, folds) if several else folds))
    every = None if several else _look_every(task, planned, range(folds))
    short = replace(planned, updates=every or max(10, round(planned.updates * _PROBE_SHARE)))
    share, begun = _PROBE_TIME if several else _PACE_TIME, time.monotonic()
    until = deadline.sooner(max(deadline.left(), 0.0) * share)
    trained = train_network(
        task, short, members=members, deadline=until, report=lambda done: report(done * share), check_every=every
    )
    if any(curve.stopped == "interrupted" for curve in trained.curves):
        raise KeyboardInterrupt
    made = max(1, *(len(curve.loss) for curve in trained.curves))
    pace = (time.monotonic() - begun) / made * folds / len(members)
    return members, trained if several else None, pace


def refuse_unfinished(trained: Trained) -> None:
    """Refuse members whose training was cut short.

    Raises:
        BudgetError: if the time ran out.
        KeyboardInterrupt: on Ctrl-C.
    """
    reasons = {curve.stopped for curve in trained.curves}
    if "interrupted" in reasons:
        raise KeyboardInterrupt
    if "budget" in reasons:
        raise BudgetError("the time ran out before a network was trained again: give a larger budget")


def train_network(
    task: NetworkTask,
    settings: Settings,
    *,
    members: Sequence[tuple[int, float]],
    deadline: Deadline,
    report: Report,
    snapshots: int = 0,
    keep_every: int = 0,
    check_every: int | None = None,
) -> Trained:
    """Train one member per fold and learning rate under settled hyper-parameters.

    Members without validation rows stop after ``settings.stop`` updates of the same schedule. They are looked at as
    often as suits the planned updates, or after every ``check_every``.
    """
    folds = [fold for fold, _ in members]
    seeds = [task.seed * 1000 + fold for fold in folds]
    judged = all(len(task.folded.folds[fold].validation) for fold in folds)
    look = check_every or _look_every(task, settings, folds)
    plan = Plan(
        updates=settings.updates if judged else max(1, settings.stop),
        schedule=_Cut(settings.updates),
        check_every=look,
        patience=math.ceil(settings.updates / look * task.recipe.patience) if judged else 0,
        keep_best=judged,
        snapshots=snapshots,
        keep_every=keep_every,
        temperatures=_temperatures(task.loss),
        deadline=deadline,
        progress=report,
    )
    population = [_member(task, settings, fold, rate, seed) for (fold, rate), seed in zip(members, seeds, strict=True)]
    state = task.start.states(task.functions, folds, seeds)
    return train(task.functions, task.loss, examples=task.folded.examples, members=population, plan=plan, state=state)


def _look_every(task: NetworkTask, settings: Settings, folds: Sequence[int]) -> int:
    """Return after how many updates members are looked at."""
    epoch = updates_per_epoch(min(len(task.folded.folds[fold].train) for fold in folds), settings.batch_size)
    return max(1, settings.updates // _LOOKS, epoch // _LOOKS_PER_EPOCH)


@dataclass(frozen=True)
class _Cut:
    """A cosine over the planned updates, also for a descent that ends before them."""

    planned: int

    def factor(self, update: int, _total: int, /) -> float:
        """Return the factor at this update of the planned ones."""
        return Cosine().factor(update, self.planned)


def _member(task: NetworkTask, settings: Settings, fold: int, rate: float, seed: int) -> Member:
    return Member(
        train=task.folded.train(fold),
        validation=task.folded.validation(fold),
        source=fold,
        seed=seed,
        learning_rate=rate,
        weight_decay=task.recipe.weight_decay,
        dropout=task.recipe.dropout,
        batch_size=settings.batch_size,
    )


def _temperatures(loss: Loss) -> tuple[float, ...]:
    """Return what outputs are divided by before they are judged.

    A network that puts every training row into its class goes on making its logits larger, so that by its loss on other
    rows it seems to get worse while it still finds their classes better. Judged at its best temperature it doesn't, and
    is neither stopped too early nor thought worse than it is (Berta et al., Rethinking Early Stopping: Refine, Then
    Calibrate, 2025).
    """
    return _TEMPERATURES if loss.name == "cross_entropy" else (1.0,)


def _plan(task: NetworkTask) -> Settings:
    """Settle batch size and updates by the number of rows."""
    rows = min(len(fold.train) for fold in task.folded.folds)
    largest = task.recipe.batch_size or next(size for limit, size in _BATCHES if rows < limit)
    batch = math.ceil(rows / updates_per_epoch(rows, largest))  # equal batches: a small remainder would be all noise
    epochs = task.recipe.epochs or min(max(_ROWS_SEEN // rows, _EPOCHS[0]), _EPOCHS[1])
    return Settings(batch_size=batch, updates=epochs * updates_per_epoch(rows, batch))


def _shorten(settings: Settings, *, pace: float, left: float) -> Settings:
    """Halve the planned updates until they fit into the seconds left, at so many seconds per update."""
    while settings.updates > _FEWEST_UPDATES and pace * settings.updates > max(left, 0.0) * _SAFETY:
        settings = replace(settings, updates=settings.updates // 2)
    return settings


def _best_rate(rates: Sequence[float], probe: Trained | None) -> float:
    """Return the learning rate with the lowest mean validation loss; the smallest if every one diverged."""
    if probe is None:
        return rates[0]
    lowest = [min(curve.validation) if curve.stopped != "diverged" else math.inf for curve in probe.curves]
    per_rate = len(lowest) // len(rates)
    means = [sum(lowest[i * per_rate : (i + 1) * per_rate]) / per_rate for i in range(len(rates))]
    return rates[means.index(min(means))] if math.isfinite(min(means)) else min(rates)
