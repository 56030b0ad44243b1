"""Training a population, its members spread over the processor's cores."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import torch
from torch import Tensor

from thetastar.descent.checks import check_examples, check_members, check_start
from thetastar.descent.parallel import shares, threads_for
from thetastar.descent.population import Examples, Member, Plan, Trained
from thetastar.descent.run import Run
from thetastar.functions import FunctionSet, fast_products, initial
from thetastar.losses import Loss

__all__ = ["train"]


def train(
    functions: FunctionSet,
    loss: Loss,
    *,
    examples: Examples,
    members: Sequence[Member],
    plan: Plan,
    state: Tensor | None = None,
) -> Trained:
    """Train members of one set of functions side by side.

    Ctrl-C loses nothing: it ends the training and returns every member's best state so far, with
    ``stopped="interrupted"`` in its curve.

    Args:
        functions: The set of functions.
        loss: What is minimised.
        examples: Encoded rows; its dtype and device are those of the training.
        members: At least one.
        plan: How long, by which rule, and what is watched.
        state: Where descent starts, [members, functions.state_size]; None for a random start from the members' seeds.

    Raises:
        UserError: if there is no member, functions, loss, examples, members, plan and state don't belong together, or
            a batch is too small for batch normalisation.
    """
    rows = max((member.batch_size for member in members), default=0)
    product = max(part.size for part in functions.parts)
    cores = 1 if examples.weights.is_cuda else torch.get_num_threads()
    groups = shares(len(members), cores=cores, work=rows * product, whole=rows * functions.size)
    stop = threading.Event()
    with threads_for(rows * product):
        check_examples(functions, loss, examples)
        check_members(examples, members)
        check_start(functions, members, plan=plan, state=state)
        if state is None:
            state = initial(functions, [member.seed for member in members])
        runs = [
            Run(
                functions,
                loss,
                examples=examples,
                members=members[group.start : group.stop],
                plan=_of_group(plan, group),
                state=state[group.start : group.stop],
                stop=stop,
            )
            for group in groups
        ]
        if len(runs) == 1:
            runs[0].to_the_end()
        else:
            # One decision for all, so that which library multiplies does not depend on how threads take turns.
            with fast_products(state, work=len(groups[0]) * rows * product):
                _together(runs, stop)
    return _joined([run.result() for run in runs])


def _together(runs: Sequence[Run], stop: threading.Event) -> None:
    """Let the first run go on in this thread, which Ctrl-C and the progress belong to, and the others beside it."""
    with ThreadPoolExecutor(len(runs) - 1, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        others = [pool.submit(run.to_the_end) for run in runs[1:]]
        try:
            runs[0].to_the_end()
            for other in others:
                other.result()
        except KeyboardInterrupt:
            stop.set()
            for other in others:
                other.result()
        except BaseException:
            stop.set()  # or the pool would wait for the others to finish
            raise


def _of_group(plan: Plan, group: range) -> Plan:
    """Return the plan of some members; progress and snapshots belong to the first."""
    updates = plan.updates[group.start : group.stop] if isinstance(plan.updates, Sequence) else plan.updates
    if group.start == 0:
        return replace(plan, updates=updates)
    return replace(plan, updates=updates, snapshots=0, progress=None)


def _joined(parts: Sequence[Trained]) -> Trained:
    """Return the population that was trained in parts."""
    curves = tuple(curve for part in parts for curve in part.curves)
    at_looks = tuple(states for part in parts for states in part.at_looks)
    return Trained(torch.cat([part.state for part in parts]), curves, parts[0].snapshots, at_looks)
