"""Small networks of every kind with rows for them, and their Hessian the long way."""

from __future__ import annotations

import copy
from collections.abc import Callable
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.utils import parametrizations
from torch.utils.checkpoint import checkpoint

Rows = tuple[Tensor, Tensor]
Loss = Callable[[Tensor, Tensor], Tensor]
Case = tuple[nn.Module, Loss, Rows]
ROWS = 7
CLASSES = 3


class Recurrent(nn.Module):
    """A GRU or an LSTM whose last state is read out."""

    def __init__(self, kind: type[nn.GRU | nn.LSTM]) -> None:
        super().__init__()
        self.cells = kind(2, 3, batch_first=True, dropout=0.3, num_layers=2)
        self.readout = nn.Linear(3, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.readout(self.cells(x)[0][:, -1])


class Attention(nn.Module):
    """One layer of a transformer, and attention by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(4, 2, dim_feedforward=5, batch_first=True, activation="gelu")
        self.readout = nn.Linear(4, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer(x)
        return self.readout(nn.functional.scaled_dot_product_attention(x, x, x).mean(1))


class Tied(nn.Module):
    """Words are read and written by the same weights."""

    def __init__(self, *, sparse: bool = False) -> None:
        super().__init__()
        self.words = nn.Embedding(CLASSES, 3, sparse=sparse)
        self.middle = nn.Linear(3, 3)
        self.readout = nn.Linear(3, CLASSES)
        if not sparse:
            self.readout.weight = self.words.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.readout(torch.tanh(self.middle(self.words(x).mean(1))))


class Checkpointed(nn.Module):
    """Runs again what it needs in the backward pass."""

    def __init__(self) -> None:
        super().__init__()
        self.below, self.above, self.plain = nn.Linear(2, 4), nn.Linear(4, CLASSES), False

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x) if self.plain else checkpoint(self.inner, x, use_reentrant=False)

    def inner(self, x: Tensor) -> Tensor:
        return self.above(torch.tanh(self.below(x)))


def convolution() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1),
        nn.BatchNorm2d(2),
        nn.SiLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(8, 4),
        nn.LayerNorm(4),
        nn.Tanh(),
        nn.Linear(4, CLASSES),
    )


def normed() -> nn.Module:
    return nn.Sequential(parametrizations.weight_norm(nn.Linear(2, 4)), nn.Tanh(), nn.Linear(4, CLASSES))


def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Dropout(0.5), nn.Linear(4, CLASSES))


def images() -> Tensor:
    return torch.randn(ROWS, 1, 4, 4)


def pairs() -> Tensor:
    return torch.randn(ROWS, 2)


def sequences(width: int) -> Callable[[], Tensor]:
    return lambda: torch.randn(ROWS, 4, width)


def words() -> Tensor:
    return torch.randint(CLASSES, (ROWS, 5))


NETS: dict[str, tuple[Callable[[], nn.Module], Callable[[], Tensor]]] = {
    "mlp": (mlp, pairs),
    "convolution": (convolution, images),
    "gru": (lambda: Recurrent(nn.GRU), sequences(2)),
    "lstm": (lambda: Recurrent(nn.LSTM), sequences(2)),
    "attention": (Attention, sequences(4)),
    "tied embedding": (Tied, words),
    "sparse embedding": (lambda: Tied(sparse=True), words),
    "weight norm": (normed, pairs),
    "checkpointed": (Checkpointed, pairs),
}


def case(name: str, *, dtype: torch.dtype = torch.float64, seed: int = 0) -> Case:
    """A network in training mode, cross-entropy, and rows; running statistics are not where they began."""
    torch.manual_seed(seed)
    make, inputs = NETS[name]
    module, X = make().to(dtype), inputs()
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2.0)
    return module, nn.CrossEntropyLoss(), (X.to(dtype) if X.is_floating_point() else X, torch.randint(CLASSES, (ROWS,)))


def flat(module: nn.Module) -> Tensor:
    return torch.cat([each.detach().flatten() for each in module.parameters() if each.requires_grad])


def loss_of(module: nn.Module, loss: Loss, rows: Rows) -> Callable[[Tensor], Tensor]:
    """The loss as a function of the flat θ, on a copy of the module."""
    judged = copy.deepcopy(module).eval()
    for layer in judged.modules():
        if isinstance(layer, nn.Embedding):
            layer.sparse = False
        if isinstance(layer, Checkpointed):  # else its backward pass would run with the module's own parameters
            layer.plain = True
    shapes = {name: each.shape for name, each in judged.named_parameters() if each.requires_grad}

    def at(theta: Tensor) -> Tensor:
        pieces = theta.split([shape.numel() for shape in shapes.values()])
        named = {name: piece.view(shapes[name]) for name, piece in zip(shapes, pieces, strict=True)}
        with sdpa_kernel(SDPBackend.MATH):
            return loss(functional_call(judged, named, (rows[0],)), rows[1])

    return at


def brute_force_hessian(module: nn.Module, loss: Loss, rows: Rows, theta: Tensor | None = None) -> Tensor:
    theta = flat(module) if theta is None else theta
    with patch.object(torch, "_weight_norm", lambda v, g, dim: v * g / v.norm(dim=1 - dim, keepdim=True)):
        return torch.autograd.functional.hessian(loss_of(module, loss, rows), theta)
