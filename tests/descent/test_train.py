"""Training a population: independent members, what is kept, what is recorded, and when it stops."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.descent.examples import INPUTS, ROWS, network, some_examples
from tests.functions.plain import cut, plain
from thetastar.descent import (
    RULES,
    Cosine,
    Deadline,
    Examples,
    Member,
    Plan,
    Trained,
    WarmUp,
    mean_loss,
    train,
)
from thetastar.errors import UserError
from thetastar.functions import FunctionSet, initial
from thetastar.losses import CrossEntropy, Huber, Squared

ALL = torch.arange(ROWS)
FIT, UNSEEN = ALL[:40], ALL[40:]
# Everything that can differ between members does.
VARIED = (
    Member(train=FIT, validation=UNSEEN, seed=1, learning_rate=0.01, batch_size=7),
    Member(train=ALL[10:33], validation=ALL[:10], source=1, seed=2, learning_rate=0.003, batch_size=40, dropout=0.3),
    Member(train=ALL[5:], seed=3, learning_rate=0.02, batch_size=16, weight_decay=0.1, dropout=0.5),
    Member(train=FIT, validation=UNSEEN, source=1, seed=4, learning_rate=0.01, batch_size=3, clip=0.5, momentum=0.5),
    Member(train=FIT, validation=UNSEEN, seed=5, learning_rate=0.01, batch_size=7),  # the first one's numbers
)


def loss_over(functions: FunctionSet, state: Tensor, examples: Examples, *, rows: Tensor, source: int = 0) -> float:
    """Return the mean squared error of one member's state, computed plainly."""
    outputs = plain(functions, cut(functions, state), examples.inputs[source, rows])
    return (outputs - examples.targets[source, rows]).square().sum(1).mean().item()


def assert_same_member(one: Trained, at: int, other: Trained, where: int, *, exactly: bool = False) -> None:
    """The kept state and everything recorded agree, bit by bit or up to the rounding of differently cut sums."""
    left, right = one.curves[at], other.curves[where]
    assert (left.looks, left.best, left.stopped) == (right.looks, right.best, right.stopped)
    rounding = 1e-7 if one.state.dtype == torch.float64 else 1e-3
    close = {"rtol": 0.0, "atol": 0.0} if exactly else {"rtol": rounding, "atol": rounding / 100}
    for found, expected in (
        (one.state[at], other.state[where]),
        (left.loss, right.loss),
        (left.gradient_norm, right.gradient_norm),
        (torch.tensor(left.validation), torch.tensor(right.validation)),
    ):
        torch.testing.assert_close(found, expected, equal_nan=True, **close)


@pytest.mark.parametrize("rule", list(RULES))
@pytest.mark.parametrize("batch_norm", [False, True])
def test_a_member_trained_among_others_equals_the_same_trained_alone(rule: str, batch_norm: bool) -> None:
    """Other batch sizes, rows, sources, dropout, weight decay, clipping, numbers of updates, early stopping."""
    functions, examples, totals = network(batch_norm=batch_norm), some_examples(), [90, 41, 70, 120, 60]

    def plan(updates: int | Sequence[int]) -> Plan:
        schedule = WarmUp(updates=10, then=Cosine())
        return Plan(updates=updates, rule=RULES[rule], schedule=schedule, check_every=10, patience=3)

    together = train(functions, Squared(), examples=examples, members=VARIED, plan=plan(totals))
    for position, member in enumerate(VARIED):
        alone = train(functions, Squared(), examples=examples, members=[member], plan=plan(totals[position]))
        assert_same_member(together, position, alone, 0)


def test_a_member_sees_its_own_source_only() -> None:
    examples = some_examples(sources=3)
    third = Examples(examples.inputs[2:], examples.targets[2:], examples.weights[2:])
    member, plan = replace(VARIED[0], source=2), Plan(updates=30, check_every=10)
    among = train(network(), Squared(), examples=examples, members=[member], plan=plan)
    alone = train(network(), Squared(), examples=third, members=[VARIED[0]], plan=plan)
    assert_same_member(among, 0, alone, 0, exactly=True)


def test_members_leave_in_the_comparison_above() -> None:
    """Else it would not have compared what happens when the stack shrinks."""
    plan = Plan(updates=[90, 41, 70, 120, 60], check_every=10, patience=3)
    trained = train(network(), Squared(), examples=some_examples(), members=VARIED, plan=plan)
    assert len({len(curve.loss) for curve in trained.curves}) > 2


def diverging(**settings: Any) -> Member:
    return Member(train=FIT, validation=UNSEEN, **settings)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("bad_first", [True, False])
def test_a_diverging_member_is_frozen_and_its_neighbours_never_notice(dtype: torch.dtype, bad_first: bool) -> None:
    functions, examples = network(activation="gelu"), some_examples(dtype=dtype)
    plan = Plan(updates=60, rule=RULES["gradient_descent"], check_every=5)
    sound = [Member(train=FIT, validation=UNSEEN, seed=seed, learning_rate=0.01, batch_size=20) for seed in (1, 2)]
    wild = diverging(seed=3, learning_rate=1e6, batch_size=20)
    calm = Member(train=FIT, validation=UNSEEN, seed=9, learning_rate=0.01, batch_size=20)
    place = 0 if bad_first else 2

    def population(third: Member) -> Trained:
        members = [*sound[:place], third, *sound[place:]]
        return train(functions, Squared(), examples=examples, members=members, plan=plan)

    with_wild, with_calm = population(wild), population(calm)
    curve, kept = with_wild.curves[place], with_wild.state[place]
    assert curve.stopped == "diverged"
    assert kept.isfinite().all()
    assert curve.best == 0
    torch.testing.assert_close(kept, initial(functions, [3]).to(dtype)[0])
    for position in {0, 1, 2} - {place}:
        # Up to the moment it left the stack was as large; after it, products may be cut into other sums.
        assert_same_member(with_wild, position, with_calm, position)
        assert with_wild.curves[position].stopped == "finished"


@pytest.mark.parametrize("validation", [UNSEEN, UNSEEN[:0]])
@pytest.mark.parametrize("keep_best", [True, False])
def test_a_slowly_diverging_member_goes_back_to_its_best_look(validation: Tensor, keep_best: bool) -> None:
    """Slightly too large a learning rate: the loss falls in some directions before it grows in another one."""
    functions, examples = network(hidden=()), some_examples(noise=0.0)
    features = torch.cat([torch.ones(len(FIT), 1, dtype=torch.float64), examples.inputs[0, FIT]], 1)
    rate = 1.02 * len(FIT) / torch.linalg.eigvalsh(features.T @ features)[-1].item()  # the error grows by 1.04
    plan = Plan(updates=2000, rule=RULES["gradient_descent"], check_every=5, keep_best=keep_best)
    member = Member(train=FIT, validation=validation, learning_rate=rate)
    state = torch.zeros(1, functions.size, dtype=torch.float64)
    trained = train(functions, Squared(), examples=examples, members=[member], plan=plan, state=state)
    assert trained.curves[0].stopped == "diverged"
    assert 0 < trained.curves[0].best < len(trained.curves[0].loss) / 4
    assert loss_over(functions, trained.state[0], examples, rows=FIT) < trained.curves[0].loss[0]


def test_while_it_is_there_a_diverging_member_changes_no_bit_of_its_neighbours() -> None:
    functions, examples, plan = network(), some_examples(), Plan(updates=5, check_every=5)
    sound = Member(train=FIT, seed=1, batch_size=20)
    states = [
        train(functions, Squared(), examples=examples, members=[third, sound], plan=plan).state[1]
        for third in (replace(sound, seed=2, learning_rate=1e30), replace(sound, seed=2))
    ]
    assert torch.equal(*states)


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_missing_numbers_in_one_members_rows_stay_there(place: int, batch_norm: bool) -> None:
    """Row 0 of source 0 is where a careless padding would read; the other member has smaller batches and fewer rows."""
    functions, examples = network(batch_norm=batch_norm), some_examples()
    examples.inputs[0, 0] = math.nan
    plan = Plan(updates=40, check_every=5)
    bad = Member(train=FIT, validation=UNSEEN, seed=1, batch_size=40)
    good = Member(train=ALL[20:50], validation=ALL[50:55], seed=2, batch_size=8)
    members = [bad, good] if place == 0 else [good, bad]
    together = train(functions, Squared(), examples=examples, members=members, plan=plan)
    alone = train(functions, Squared(), examples=examples, members=[good], plan=plan)
    assert_same_member(together, 1 - place, alone, 0)
    assert alone.curves[0].stopped == "finished"
    assert together.curves[place].stopped == "diverged"
    assert together.state[place].isfinite().all()


def test_a_validation_loss_that_is_missing_is_never_the_best() -> None:
    examples = some_examples()
    examples.inputs[0, 50] = math.nan
    member = Member(train=FIT, validation=UNSEEN, learning_rate=0.01)
    plan = Plan(updates=40, check_every=5, patience=3)
    trained = train(network(), Squared(), examples=examples, members=[member], plan=plan)
    assert all(math.isnan(value) for value in trained.curves[0].validation)
    assert (trained.curves[0].best, trained.curves[0].stopped) == (0, "early")


def test_the_same_seed_is_the_same_bits() -> None:
    examples, plan = some_examples(dtype=torch.float32), Plan(updates=90, check_every=20, patience=2, snapshots=5)
    first, again = (
        train(network(batch_norm=True), Squared(), examples=examples, members=VARIED, plan=plan) for _ in range(2)
    )
    assert torch.equal(first.state, again.state)
    assert torch.equal(first.snapshots, again.snapshots)
    for position in range(len(VARIED)):
        assert_same_member(first, position, again, position, exactly=True)


def test_another_seed_is_another_path() -> None:
    plan = Plan(updates=5)
    members = [Member(train=FIT, seed=seed, batch_size=8) for seed in (0, 1)]
    trained = train(network(), Squared(), examples=some_examples(), members=members, plan=plan)
    assert not torch.allclose(trained.state[0], trained.state[1])


def test_recorded_loss_and_gradient_norm_equal_recomputed_ones() -> None:
    """Full batch: every update's loss and ‖g‖, before the update, by autograd along a hand-made descent."""
    functions, examples, rate = network(activation="tanh"), some_examples(), 0.05
    plan = Plan(updates=12, rule=RULES["gradient_descent"], check_every=5)
    member = Member(train=FIT, seed=4, learning_rate=rate, batch_size=1000)
    trained = train(functions, Squared(), examples=examples, members=[member], plan=plan)
    theta, losses, norms = initial(functions, [4]).double()[0], [], []
    for _ in range(12):
        theta.requires_grad_()
        outputs = plain(functions, cut(functions, theta), examples.inputs[0, FIT])
        loss = (outputs - examples.targets[0, FIT]).square().sum(1).mean()
        (gradient,) = torch.autograd.grad(loss, theta)
        losses.append(loss.item())
        norms.append(gradient.norm().item())
        theta = (theta - rate * gradient).detach()
    assert trained.curves[0].loss.tolist() == pytest.approx(losses, rel=1e-10)
    assert trained.curves[0].gradient_norm.tolist() == pytest.approx(norms, rel=1e-10)
    torch.testing.assert_close(trained.state[0], theta, rtol=1e-9, atol=1e-11)


def test_row_weights_count_as_repetitions() -> None:
    functions, examples = network(hidden=(6,)), some_examples(sources=1, rows=10)
    examples.weights[0, :5], examples.weights[0, 5:] = 2.0, 1.0
    examples.weights.mul_(10 / 15)
    twice = torch.tensor([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9])
    repeated = Examples(examples.inputs[:, twice], examples.targets[:, twice], torch.ones(1, 15))
    plan = Plan(updates=30)
    found, expected = (
        train(functions, Squared(), examples=each, members=[Member(train=torch.arange(count))], plan=plan).state
        for each, count in ((examples, 10), (repeated, 15))
    )
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-11)


OVERFIT = Member(train=ALL[:10], validation=UNSEEN, seed=0, learning_rate=0.03, batch_size=5)


def overfit(**settings: Any) -> Trained:
    """Ten rows of mostly noise: the validation loss falls, then rises."""
    plan = Plan(**{"updates": 400, "check_every": 10, **settings})
    return train(network(), Squared(), examples=some_examples(noise=0.7), members=[OVERFIT], plan=plan)


def test_early_stopping_restores_the_best_look() -> None:
    trained = overfit()
    curve = trained.curves[0]
    best = min(range(len(curve.looks)), key=lambda look: curve.validation[look])
    assert 0 < best < len(curve.looks) - 5  # it did rise
    assert curve.best == curve.looks[best]
    again = loss_over(network(), trained.state[0], some_examples(noise=0.7), rows=UNSEEN)
    assert again == pytest.approx(curve.validation[best], rel=1e-9)


@pytest.mark.parametrize("patience", [1, 2, 5])
def test_patience_counts_looks(patience: int) -> None:
    curve, full = overfit(patience=patience).curves[0], overfit().curves[0]
    stale, lowest, expected = 0, math.inf, 0
    for expected, value in zip(full.looks, full.validation, strict=True):  # noqa: B007  # the look it ends at
        stale, lowest = (0, value) if value < lowest else (stale + 1, lowest)
        if stale == patience:
            break
    assert curve.stopped == "early"
    assert len(curve.loss) == curve.looks[-1] == expected < 400
    assert full.stopped == "finished"
    assert full.looks == tuple(range(0, 401, 10))


def test_without_keeping_the_best_it_ends_at_the_last_update() -> None:
    trained = overfit(keep_best=False)
    curve = trained.curves[0]
    assert curve.best == 400
    last = loss_over(network(), trained.state[0], some_examples(noise=0.7), rows=UNSEEN)
    assert last == pytest.approx(curve.validation[-1], rel=1e-9)
    assert last > min(curve.validation)


def test_without_validation_rows_it_ends_at_the_last_update() -> None:
    member = Member(train=FIT)
    trained = train(network(), Squared(), examples=some_examples(), members=[member], plan=Plan(updates=13))
    curve = trained.curves[0]
    assert (curve.best, curve.looks, curve.validation, curve.stopped) == (13, (), (), "finished")


@pytest.mark.parametrize("updates", [0, 1, [0, 3]])
def test_few_updates(updates: int | list[int]) -> None:
    functions = network()
    members = [Member(train=FIT, seed=seed) for seed in (0, 1)]
    trained = train(functions, Squared(), examples=some_examples(), members=members, plan=Plan(updates=updates))
    expected = updates if isinstance(updates, list) else [updates] * 2
    assert [len(curve.loss) for curve in trained.curves] == expected
    start = initial(functions, [0, 1]).double()
    for position, made in enumerate(expected):
        assert torch.equal(trained.state[position], start[position]) == (made == 0)


def test_a_given_start_is_used_and_left_as_it_was() -> None:
    functions = network()
    state = initial(functions, [7]).double()
    before = state.clone()
    found, expected = (
        train(
            functions,
            Squared(),
            examples=some_examples(),
            members=[Member(train=FIT, seed=7)],
            plan=Plan(updates=5),
            state=begin,
        ).state
        for begin in (state, None)
    )
    assert torch.equal(found, expected)
    assert torch.equal(state, before)


@pytest.mark.parametrize(("updates", "wanted"), [(100, 10), (100, 7), (7, 7), (5, 20), (200, 1)])
def test_snapshots_lie_evenly_along_the_first_members_path(updates: int, wanted: int) -> None:
    functions, examples = network(), some_examples()
    member = Member(train=FIT, seed=0, batch_size=8)

    def after(updates_: int, snapshots: int) -> Trained:
        plan = Plan(updates=updates_, snapshots=snapshots, keep_best=False)
        return train(functions, Squared(), examples=examples, members=[member, member], plan=plan)

    snapshots = after(updates, wanted).snapshots
    assert len(snapshots) == min(updates, wanted)
    for position, snapshot in enumerate(snapshots):
        moment = position * updates // wanted + 1 if wanted <= updates else position + 1
        torch.testing.assert_close(snapshot, after(moment, 0).state[0], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("every", [1, 3])
def test_the_states_at_looks_have_the_losses_that_were_recorded_there(every: int) -> None:
    functions, examples = network(), some_examples()
    plan = Plan(updates=100, check_every=12, keep_every=every)
    judges = (VARIED[0], replace(VARIED[3], clip=math.inf), VARIED[2])  # the last has no rows to be looked at with
    trained = train(functions, Squared(), examples=examples, members=judges, plan=plan)
    assert [len(states) for states in trained.at_looks] == [len(range(0, 10, every))] * 2 + [0]
    for member, curve, states in zip(judges, trained.curves, trained.at_looks, strict=True):
        for state, loss in zip(states, curve.validation[::every], strict=True):
            found = loss_over(functions, state, examples, rows=member.validation, source=member.source)
            assert found == pytest.approx(loss)
    assert (
        train(functions, Squared(), examples=examples, members=judges, plan=replace(plan, keep_every=0)).at_looks == ()
    )


@pytest.mark.parametrize("rule", ["gradient_descent", "adam"])
def test_clipping_changes_the_path_and_is_exact_at_the_threshold(rule: str) -> None:
    functions, examples = network(), some_examples()
    plan = Plan(updates=20, rule=RULES[rule], keep_best=False)
    free = Member(train=FIT, learning_rate=0.01, batch_size=1000)
    alone = train(functions, Squared(), examples=examples, members=[free], plan=plan)
    largest = alone.curves[0].gradient_norm.max().item()
    # A threshold that is never reached beside one that is, so that both go through the same code.
    members = [replace(free, clip=largest * (1 + 1e-12)), replace(free, clip=largest / 20)]
    loose, tight = train(functions, Squared(), examples=examples, members=members, plan=plan).state
    torch.testing.assert_close(loose, alone.state[0], rtol=1e-9, atol=1e-11)
    assert (tight - loose).norm() > 1e-3 * (loose - initial(functions, [0]).double()[0]).norm()


def test_a_clipped_step_has_exactly_the_threshold_as_its_norm() -> None:
    functions, examples, rate, clip = network(), some_examples(), 0.5, 1e-3
    plan = Plan(updates=1, rule=RULES["gradient_descent"])
    member = Member(train=FIT, learning_rate=rate, clip=clip)
    trained = train(functions, Squared(), examples=examples, members=[member], plan=plan)
    step = trained.state[0] - initial(functions, [0]).double()[0]
    assert trained.curves[0].gradient_norm.item() > 100 * clip  # recorded before clipping
    assert step.norm().item() == pytest.approx(rate * clip, rel=1e-10)


def test_the_schedule_enters() -> None:
    """A factor of 0 from the tenth update on: nothing moves any more."""

    class Stop:
        def factor(self, update: int, _total: int, /) -> float:
            return 1.0 if update < 10 else 0.0

    functions, member = network(), Member(train=FIT)
    ten, fifty = (
        train(functions, Squared(), examples=some_examples(), members=[member], plan=plan).state
        for plan in (Plan(updates=10), Plan(updates=50, schedule=Stop()))
    )
    torch.testing.assert_close(fifty, ten, rtol=1e-12, atol=0)


@pytest.mark.parametrize("hidden", [(8,), (1024, 1024)])
def test_a_budget_stops_in_time_with_the_best_so_far(hidden: tuple[int, ...]) -> None:
    """However slow an update is: blocks of updates between two looks at the clock are short."""
    functions, examples = network(hidden=hidden), some_examples(rows=2000, dtype=torch.float32)
    members = [Member(train=torch.arange(1800), validation=torch.arange(1800, 2000), seed=seed) for seed in range(4)]
    begin = time.monotonic()
    plan = Plan(updates=10**6, check_every=1000, deadline=Deadline.after(0.5))
    trained = train(functions, Squared(), examples=examples, members=members, plan=plan)
    assert time.monotonic() - begin < 3.0  # the machine may be loaded; 64 updates of the larger one take longer
    for curve in trained.curves:
        assert curve.stopped == "budget"
        assert 0 < len(curve.loss) < 10**6
        assert curve.best == curve.looks[curve.validation.index(min(curve.validation))]


def test_a_deadline_in_the_past_still_returns_a_function() -> None:
    plan = Plan(updates=1000, deadline=Deadline.after(-1))
    trained = train(network(), Squared(), examples=some_examples(), members=[VARIED[0]], plan=plan)
    assert trained.curves[0].stopped == "budget"
    assert trained.state.isfinite().all()


def test_progress_is_told_at_each_look() -> None:
    told: list[float] = []
    plan = Plan(updates=40, check_every=10, progress=told.append)
    train(network(), Squared(), examples=some_examples(), members=[VARIED[0]], plan=plan)
    assert told == [0.25, 0.5, 0.75, 1.0]


def interrupt_at(share: float) -> Callable[[float], None]:
    def progress(done: float) -> None:
        if done >= share:
            raise KeyboardInterrupt

    return progress


@dataclass
class InterruptedLoss:
    """The squared error of someone who presses Ctrl-C in the middle of a block."""

    after: int
    name: str = "squared"
    calls: int = field(default=0)

    def value(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        return Squared().value(outputs, targets, weights)

    def value_and_gradient(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        self.calls += 1
        if self.calls > self.after:
            raise KeyboardInterrupt
        return Squared().value_and_gradient(outputs, targets, weights)


@pytest.mark.parametrize("where", ["progress", "loss"])
def test_an_interruption_loses_nothing(where: str) -> None:
    functions, examples = network(), some_examples()
    loss = InterruptedLoss(after=25) if where == "loss" else Squared()
    plan = Plan(updates=100, check_every=10, progress=interrupt_at(0.2) if where == "progress" else None)
    trained = train(functions, loss, examples=examples, members=VARIED[:1], plan=plan)
    curve = trained.curves[0]
    assert curve.stopped == "interrupted"
    assert curve.looks == (0, 10, 20)
    assert len(curve.loss) == 20
    assert curve.loss.isfinite().all()
    kept = loss_over(functions, trained.state[0], examples, rows=UNSEEN)
    assert kept == pytest.approx(min(curve.validation), rel=1e-9)


def test_who_finished_before_an_interruption_has_finished() -> None:
    plan = Plan(updates=[10, 100], check_every=10, progress=interrupt_at(0.3))
    trained = train(network(), Squared(), examples=some_examples(), members=VARIED[:2], plan=plan)
    assert [curve.stopped for curve in trained.curves] == ["finished", "interrupted"]


def test_ten_thousand_rows_in_batches_of_ten() -> None:
    """1000 updates an epoch, every row once: seen through a loss that writes down the targets, which name the rows."""
    seen: list[Tensor] = []

    @dataclass
    class Watching:
        name: str = "watching"

        def value(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
            return Squared().value(outputs, targets, weights)

        def value_and_gradient(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
            seen.append(targets.flatten().clone())
            return self.value(outputs, targets, weights), torch.zeros_like(outputs)

    rows = torch.arange(10_000)
    examples = Examples(torch.zeros(1, 10_000, 0), rows.view(1, -1, 1), torch.ones(1, 10_000))
    constant = FunctionSet(inputs=0, outputs=1)
    member = Member(train=rows, batch_size=10)
    train(constant, Watching(), examples=examples, members=[member], plan=Plan(updates=2000))
    updates = [each.long() for each in seen if len(each) == 10]
    epochs = torch.cat(updates).view(2, 10_000)
    assert len(updates) == 2000
    for epoch in epochs:
        assert torch.equal(epoch.sort().values, rows)
    assert not torch.equal(*epochs)


@pytest.mark.parametrize("outputs", [1, 3])
def test_a_constant_learns_the_mean(outputs: int) -> None:
    """No inputs at all, as on the ladder's lowest rung without a column."""
    targets = torch.arange(4.0 * outputs).view(1, 4, outputs)
    examples = Examples(torch.empty(1, 4, 0), targets, torch.ones(1, 4))
    plan = Plan(updates=200, rule=RULES["gradient_descent"])
    member = Member(train=torch.arange(4), validation=torch.arange(4), learning_rate=0.1)
    constant = FunctionSet(inputs=0, outputs=outputs)
    trained = train(constant, Squared(), examples=examples, members=[member], plan=plan)
    torch.testing.assert_close(trained.state[0], targets.mean(1)[0])


@pytest.mark.parametrize("codes", [torch.int64, torch.int32, torch.uint8, torch.bool])
def test_classes_may_be_any_whole_numbers(codes: torch.dtype) -> None:
    examples = some_examples(dtype=torch.float32)
    classes = Examples(examples.inputs, (examples.inputs[:, :, 0] > 0).to(codes), examples.weights)
    member = Member(train=FIT, validation=UNSEEN, learning_rate=0.1)
    linear = network(outputs=2, hidden=())
    trained = train(linear, CrossEntropy(), examples=classes, members=[member], plan=Plan(updates=200))
    assert min(trained.curves[0].validation) < 0.2 < trained.curves[0].validation[0]


@pytest.mark.parametrize(
    ("inputs", "targets", "weights"),
    [
        (torch.float32, torch.float64, torch.float64),
        (torch.float64, torch.float32, torch.float32),
        (torch.float64, torch.int64, torch.int64),
        (torch.float32, torch.float32, torch.bool),
    ],
)
def test_the_inputs_type_decides(inputs: torch.dtype, targets: torch.dtype, weights: torch.dtype) -> None:
    examples = some_examples()
    whole = (10 * examples.targets).round()
    mixed = Examples(examples.inputs.to(inputs), whole.to(targets), examples.weights.to(weights))
    expected = Examples(examples.inputs.to(inputs), whole.to(inputs), examples.weights.to(inputs))
    found, same = (
        train(network(), Huber(), examples=each, members=VARIED, plan=Plan(updates=20)) for each in (mixed, expected)
    )
    assert found.state.dtype == inputs
    assert torch.equal(found.state, same.state)


GOOD: dict[str, Any] = {"functions": network(), "loss": Squared(), "members": VARIED, "plan": Plan(updates=3)}
PLAIN = some_examples()
CODES = Examples(PLAIN.inputs, torch.arange(ROWS).remainder(3).expand(2, ROWS), PLAIN.weights)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"members": []}, "at least one member"),
        ({"functions": replace(network(), inputs=INPUTS + 1)}, "read 5 inputs, but the examples have 4"),
        ({"functions": network(outputs=2)}, "have 2 outputs, but the targets are 1 number"),
        ({"examples": CODES}, r"class codes must lie in 0…0.*0 to 2"),
        ({"examples": CODES, "functions": network(outputs=3)}, "'squared' can't compare 3 outputs"),
        ({"loss": CrossEntropy()}, "'cross_entropy' can't compare"),
        ({"members": [Member(train=FIT, source=2)]}, "member 0 sees source 2"),
        ({"members": [Member(train=FIT + 30)]}, r"member 0's train rows must lie in 0…59; seen 30 to 69"),
        ({"members": [Member(train=FIT, validation=FIT - 1)]}, r"validation rows.*seen -1 to 38"),
        ({"members": [Member(train=FIT > 3)]}, r"positions, int32 or int64.*torch.bool"),
        ({"members": [Member(train=FIT[:0])]}, "no rows to learn from"),
        ({"plan": Plan(updates=[1, 2])}, "2 numbers of updates were given for 5 members"),
        ({"state": torch.zeros(1, 3)}, r"\(5, 125\); seen \(1, 3\)"),
        (
            {"functions": network(batch_norm=True), "members": [Member(train=FIT, batch_size=1)]},
            "batch normalisation needs at least two rows",
        ),
    ],
)
def test_what_does_not_belong_together_is_refused(settings: dict[str, Any], message: str) -> None:
    arguments = {"examples": PLAIN, **GOOD, **settings}
    functions, loss = arguments.pop("functions"), arguments.pop("loss")
    with pytest.raises(UserError, match=message):
        train(functions, loss, **arguments)


@pytest.mark.parametrize(
    ("inputs", "targets", "weights", "message"),
    [
        (torch.zeros(1, 4, 2), torch.zeros(1, 5, 1), torch.ones(1, 4), r"\(1, 5, 1\)"),
        (torch.zeros(1, 4, 2), torch.zeros(1, 4, 1), torch.ones(4), r"\(4,\)"),
        (torch.zeros(1, 4, 2), torch.zeros(1, 4), torch.ones(1, 4), "class codes; seen"),
        (torch.zeros(1, 4, 2, dtype=torch.int64), torch.zeros(1, 4, 1), torch.ones(1, 4), "floating inputs"),
        (torch.zeros(1, 4, 2), torch.zeros(1, 4, 1), -torch.ones(1, 4), "from 0 up"),
        (torch.zeros(1, 4, 2), torch.zeros(1, 4, 1), torch.full((1, 4), math.nan), "from 0 up"),
        (torch.zeros(4, 2), torch.zeros(4, 2), torch.ones(4, 2), r"\[sources, rows, inputs\]"),
    ],
)
def test_examples_that_are_none_are_refused(inputs: Tensor, targets: Tensor, weights: Tensor, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Examples(inputs, targets, weights)


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": 0.0},
        {"learning_rate": math.nan},
        {"clip": 0.0},
        {"batch_size": 0},
        {"weight_decay": -0.1},
        {"momentum": 1.0},
        {"decay": -0.1},
        {"dropout": 1.0},
    ],
)
def test_hyper_parameters_out_of_range_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=next(iter(settings))):
        Member(train=FIT, **settings)


@pytest.mark.parametrize("settings", [{"updates": -1}, {"check_every": 0}, {"patience": -1}, {"snapshots": -1}])
def test_plans_that_are_none_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(UserError, match=next(iter(settings))):
        Plan(**{"updates": 5, **settings})  # type: ignore[arg-type]  # settings of a table


def on_gpu(examples: Examples) -> Examples:
    return Examples(examples.inputs.cuda(), examples.targets.cuda(), examples.weights.cuda())


@pytest.mark.gpu
@pytest.mark.parametrize(("rule", "batch_norm"), list(product(RULES, [False, True])))
def test_the_gpu_trains_the_same(rule: str, batch_norm: bool) -> None:
    """Without dropout, whose random numbers come from another generator there."""
    members = [replace(member, dropout=0.0) for member in VARIED]
    plan = Plan(updates=[90, 41, 70, 120, 60], rule=RULES[rule], check_every=10, patience=3)
    functions, examples = network(batch_norm=batch_norm), some_examples()
    there, here = (
        train(functions, Squared(), examples=each, members=members, plan=plan) for each in (on_gpu(examples), examples)
    )
    assert there.state.is_cuda
    there = replace(there, state=there.state.cpu())
    for position in range(len(members)):
        assert_same_member(there, position, here, position)


@pytest.mark.gpu
def test_the_gpu_gives_the_same_bits_twice_with_dropout() -> None:
    examples, plan = on_gpu(some_examples(dtype=torch.float32)), Plan(updates=60, check_every=10)
    first, again = (train(network(), Squared(), examples=examples, members=VARIED, plan=plan) for _ in range(2))
    assert torch.equal(first.state, again.state)


def test_mean_loss_agrees_with_the_looks() -> None:
    examples, plan = some_examples(), Plan(updates=30, check_every=10)
    trained = train(network(batch_norm=True), Squared(), examples=examples, members=VARIED, plan=plan)
    found = mean_loss(
        network(batch_norm=True),
        Squared(),
        state=trained.state,
        examples=examples,
        sources=[member.source for member in VARIED],
        rows=[member.validation for member in VARIED],
    )
    for curve, value in zip(trained.curves, found.tolist(), strict=True):
        assert math.isnan(value) if not curve.looks else value == pytest.approx(min(curve.validation), rel=1e-9)
