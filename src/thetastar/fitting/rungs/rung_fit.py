"""One rung of the ladder on all folds: trained, judged, and ready to be trained again on other rows."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from torch import Tensor

from thetastar.descent import Deadline, outputs_on
from thetastar.fitting.problem import Folded, thin
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.rungs.convex_rung import settle_convex, train_convex
from thetastar.fitting.rungs.fold_losses import fold_losses
from thetastar.fitting.rungs.network_rung import (
    Judged,
    NetworkFit,
    NetworkTask,
    Start,
    refuse_unfinished,
    settle_network,
    train_network,
)
from thetastar.fitting.rungs.scores import Scores, score_folds, stopped_by_others
from thetastar.fitting.rungs.settings import Settings
from thetastar.functions import FunctionSet, initial, scaled
from thetastar.losses import Loss

__all__ = ["RungFit", "fit_rung", "held_out_outputs", "train_again"]


_TIMED = 5_000  # rows of a fold are judged to learn how long all of them take


@dataclass(frozen=True)
class RungFit:
    """A rung after its folds were trained.

    Attributes:
        name: Of the rung.
        functions: Its set of functions.
        settings: What was settled.
        state: Each fold's kept state, [folds, state_size].
        scores: Each fold's losses and errors at the kept state; a network's where the other folds would stop it.
        lowest_training: The lowest training loss each fold's member came by, [folds].
        tried: How many candidates the validation rows judged.
        seconds: What it took.
        network: The networks' curves; None for the rungs without hidden layers.
        cut: Whether time ended the search for the penalty of a rung without hidden layers.
    """

    name: str
    functions: FunctionSet
    settings: Settings
    state: Tensor
    scores: Scores
    lowest_training: Tensor
    tried: int
    seconds: float
    network: NetworkFit | None
    cut: bool = False

    @property
    def hurried(self) -> bool:
        """Tell whether time, and not descent, may be why a rung is not better."""
        return self.cut or (self.network is not None and self.network.hurried)

    @property
    def training(self) -> Tensor:
        """Return each fold's training loss, [folds]."""
        return self.scores.training

    @property
    def validation(self) -> Tensor:
        """Return each fold's validation loss, [folds]."""
        return self.scores.validation

    def on_inputs(self, *, inputs: int, plain: int) -> RungFit:
        """Return the rung for encoded rows of another width (other rows teach other knots and categories).

        Args:
            inputs: New width.
            plain: New number of plain inputs, which are all that the linear rung reads.
        """
        old, read = self.functions, plain if self.name == "linear" else inputs
        shortcut, reads = read if old.shortcut else 0, read if old.reads else 0
        return replace(self, functions=replace(old, inputs=inputs, shortcut=shortcut, reads=reads))


def fit_rung(
    name: str,
    functions: FunctionSet,
    loss: Loss,
    *,
    folded: Folded,
    recipe: Recipe,
    below: RungFit | None,
    seed: int,
    deadline: Deadline,
    report: Callable[[float], None],
) -> RungFit:
    """Settle a rung's hyper-parameters, train all folds and judge them.

    Args:
        name: Of the rung.
        functions: Its set of functions.
        loss: What is minimised.
        folded: Encoded examples.
        recipe: What the networks should be like.
        below: The best rung without hidden layers so far: where networks start.
        seed: Of all random streams.
        deadline: When networks stop as they are; θ* that is computed directly is given up.
        report: Called with the share that is done.

    Raises:
        BudgetError: if the time ran out and there is nothing to show for it.
        KeyboardInterrupt: on Ctrl-C, except where the folds' networks have begun: they stop as they are.
    """
    begun = time.monotonic()
    network, cut = None, False
    if functions.hidden:
        start = _start(functions, recipe, below)
        task = NetworkTask(functions, loss, folded, recipe, start, seed)
        until = Deadline(deadline.moment - _seconds_to_judge(task))
        until.check()
        network = settle_network(task, deadline=until, report=report)
        settings, state, tried = network.settings, network.folds.state, len(recipe.learning_rates)
    else:
        before = below.settings if below and not below.cut else None
        settled = settle_convex(functions, loss, folded=folded, below=before, deadline=deadline)
        settings, state, tried, cut = settled.settings, settled.state, settled.tried, settled.cut
    judged = network.judged if network else _as_it_is(state)
    scores = score_folds(functions, loss, state=judged.state, temperatures=judged.temperatures, folded=folded)
    if network is not None:
        deviations = [scale.deviation for scale in folded.scales]
        scores = stopped_by_others(scores, network.stops, deviations=deviations)
    lowest = scores.training if network is None else torch.minimum(scores.training, _lowest(network))
    return RungFit(
        name=name,
        functions=functions,
        settings=settings,
        state=state,
        scores=scores,
        lowest_training=lowest,
        tried=tried,
        seconds=time.monotonic() - begun,
        network=network,
        cut=cut,
    )


def train_again(
    rung: RungFit, loss: Loss, *, folded: Folded, recipe: Recipe, below: RungFit | None, seed: int, deadline: Deadline
) -> Tensor:
    """Train a rung under its settled hyper-parameters on other folds; return each fold's state [folds, state_size].

    The rung below is trained again too where networks start from it. A network on its own, without validation rows, is
    as sure of its classes as the folds found right; averaged members are that much less sure by themselves (log loss of
    averages on fresh rows, as they are and divided by the temperature: digits .058 and .068, a noisy table .537 and
    .538).

    Raises:
        BudgetError: if the time ran out.
        KeyboardInterrupt: on Ctrl-C.
    """
    if not rung.functions.hidden:
        return train_convex(rung.functions, loss, folded=folded, settings=rung.settings, deadline=deadline)
    start = _start(rung.functions, recipe, below)
    if start.state is not None and below is not None:
        simpler = train_convex(below.functions, loss, folded=folded, settings=below.settings, deadline=deadline)
        start = Start(below.functions, simpler)
    task = NetworkTask(rung.functions, loss, folded, recipe, start, seed)
    members = [(fold, rung.settings.learning_rate) for fold in range(len(folded.folds))]
    trained = train_network(task, rung.settings, members=members, deadline=deadline, report=lambda _: None)
    refuse_unfinished(trained)
    if rung.settings.temperature and not any(len(fold.validation) for fold in folded.folds):
        return scaled(rung.functions, trained.state, 1 / rung.settings.temperature)
    return trained.state


def held_out_outputs(rung: RungFit, folded: Folded) -> list[Tensor]:
    """Return each fold's outputs for its validation rows, [rows, outputs] each.

    They are those of a member that these rows have not stopped: as it was, and at the temperature that was best, where
    the other folds say (``Stops``), so that what is told of held-out rows belongs to the losses of the ladder.
    """
    judged = rung.network.judged if rung.network else _as_it_is(rung.state)
    return [
        outputs_on(
            rung.functions, judged.state[fold], examples=folded.examples, source=fold, rows=folded.validation(fold)
        )
        / temperature
        for fold, temperature in enumerate(judged.temperatures)
    ]


def _as_it_is(state: Tensor) -> Judged:
    """Return the members of a rung without hidden layers, which no rows have stopped."""
    return Judged(state, (1.0,) * len(state))


def _seconds_to_judge(task: NetworkTask) -> float:
    """Return how long it takes to judge the folds' members on all rows, which comes after their training."""
    folds = range(len(task.folded.folds))
    judges = [task.folded.validation(fold) for fold in folds]
    few = [thin(rows, _TIMED) for rows in judges]
    begun, state = time.monotonic(), initial(task.functions, list(folds))
    fold_losses(task.functions, task.loss, state, task.folded, few)
    more = max(len(all_rows) / max(1, len(some)) for all_rows, some in zip(judges, few, strict=True))
    return (time.monotonic() - begun) * len(folds) * more


def _start(functions: FunctionSet, recipe: Recipe, below: RungFit | None) -> Start:
    """Return where networks start."""
    if below is None or recipe.start == "random":
        return Start(functions, None)
    return Start(below.functions, below.state)


def _lowest(network: NetworkFit) -> Tensor:
    """Return each fold's lowest mean training loss between two looks, but for a shorter last stretch, [folds]."""
    lowest = []
    for curve in network.folds.curves:
        whole = [(begin, end) for begin, end in pairwise(curve.looks) if end - begin >= curve.looks[1]]
        means = [float(curve.loss[begin:end].mean()) for begin, end in whole]
        lowest.append(min((mean for mean in means if math.isfinite(mean)), default=math.inf))
    return torch.tensor(lowest)
