"""Descent over rows that come by once, compared with torch's Adam and autograd."""

from __future__ import annotations

import torch
from torch import Tensor

from thetastar.descent import Member, Onward
from thetastar.functions import FunctionSet, evaluate, initial
from thetastar.losses import loss_named

NETWORK = FunctionSet(inputs=3, outputs=1, shortcut=3, hidden=(8,), reads=3)


def hyper(*, batch_size: int = 32, dropout: float = 0.0) -> Member:
    return Member(train=torch.empty(0, dtype=torch.int64), learning_rate=0.01, batch_size=batch_size, dropout=dropout)


def batches(count: int, rows: int) -> list[tuple[Tensor, Tensor]]:
    """Return batches in the encodings of two members."""
    stream = torch.Generator().manual_seed(0)
    inputs = [torch.randn(2, rows, 3, generator=stream) for _ in range(count)]
    return [(x, x.square().sum(2, keepdim=True)) for x in inputs]


def test_an_update_is_adam_s() -> None:
    begin = initial(NETWORK, [0, 1])
    onward = Onward(NETWORK, loss_named("squared"), state=begin, like=hyper())
    theta = begin.clone().requires_grad_()
    adam = torch.optim.Adam([theta], lr=0.01)
    for update, (inputs, targets) in enumerate(batches(20, 32)):
        factor = 1 - update / 20
        onward.learn(inputs, targets, factor=factor)
        adam.param_groups[0]["lr"] = 0.01 * factor
        adam.zero_grad()
        outputs = _outputs(theta, inputs)
        (outputs - targets).square().mean((1, 2)).sum().backward()
        adam.step()
    torch.testing.assert_close(onward.state, theta.detach(), rtol=1e-3, atol=1e-4)
    assert not torch.equal(onward.state, begin)


def _outputs(theta: Tensor, inputs: Tensor) -> Tensor:
    """Return the network's outputs in a form that autograd can follow."""
    parts = {part.name: theta[:, part.start : part.stop].view(-1, *part.shape) for part in NETWORK.parts}
    hidden = torch.relu(inputs @ parts["weight0"] + parts["bias0"].unsqueeze(1))
    return inputs @ parts["shortcut"] + hidden @ parts["readout"] + parts["bias"].unsqueeze(1)


def test_a_short_batch_counts_its_own_rows_only() -> None:
    begin = initial(NETWORK, [0, 1])
    long, short = (Onward(NETWORK, loss_named("squared"), state=begin, like=hyper(batch_size=n)) for n in (32, 20))
    for inputs, targets in batches(5, 20):
        long.learn(inputs, targets, factor=1.0)
        short.learn(inputs, targets, factor=1.0)
    torch.testing.assert_close(long.state, short.state, rtol=1e-4, atol=1e-5)


def test_codes_of_classes_are_learned() -> None:
    classes = FunctionSet(inputs=3, outputs=2, shortcut=3)
    onward = Onward(classes, loss_named("cross_entropy"), state=initial(classes, [0, 1]), like=hyper())
    for inputs, _ in batches(300, 30):
        onward.learn(inputs, (inputs[:, :, 0] > 0).long(), factor=1.0)
    inputs, _ = batches(1, 500)[0]
    right = evaluate(classes, onward.state, inputs).argmax(2) == (inputs[:, :, 0] > 0)
    assert right.float().mean() > 0.97


def test_dropout_is_the_seed_s() -> None:
    begin = initial(NETWORK, [0, 1])

    def learned(rate: float) -> Tensor:
        onward = Onward(NETWORK, loss_named("squared"), state=begin, like=hyper(dropout=rate))
        for inputs, targets in batches(3, 32):
            onward.learn(inputs, targets, factor=1.0)
        return onward.state

    assert torch.equal(learned(0.5), learned(0.5))
    assert not torch.equal(learned(0.5), learned(0.0))
