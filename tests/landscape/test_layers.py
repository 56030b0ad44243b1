"""No layer's and no loss's second derivative is wrong in silence: products are compared with differences of gradients.

Where autograd has none, as torch 2.13 for those in ``WITHOUT``, it is said and differences are what is returned.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations
from torch.testing import assert_close

import thetastar as ts
from thetastar.errors import FallbackWarning

ROWS = 5
WITHOUT = {"Hardsigmoid", "EmbeddingBag", "EmbeddingBag max", "cdist", "multi margin", "ctc"}
SHAPES = {2: (4,), 3: (4, 6), 4: (2, 6, 6)}  # of a row, by the number of dimensions of all rows


class Called(nn.Module):
    """A function of modules and inputs as a module."""

    def __init__(self, function: Callable[..., Tensor], *modules: nn.Module) -> None:
        super().__init__()
        self.function, self.inner = function, nn.ModuleList(modules)

    def forward(self, x: Tensor) -> Tensor:
        return self.function(*self.inner, x)


def first(module: nn.Module) -> nn.Module:
    """What returns outputs and a state, or weights, as what returns outputs."""
    return Called(lambda inner, x: inner(x)[0], module)


def attention(**options: bool) -> nn.Module:
    inner = nn.MultiheadAttention(6, 2, batch_first=True, dropout=0.1)
    return Called(lambda own, x: own(x, x, x, **options)[0], inner)


SMOOTH = ("ELU", "CELU", "GELU", "LogSigmoid", "Mish", "SELU", "Sigmoid", "SiLU", "Softplus", "Softsign", "Tanh")
BENT = (
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "PReLU",
    "ReLU",
    "ReLU6",
    "RReLU",
    "Softshrink",
)
LAYERS: dict[str, tuple[int, Callable[[], nn.Module]]] = {
    **{name: (2, getattr(nn, name)) for name in (*SMOOTH, *BENT)},
    "GELU by tanh": (2, lambda: nn.GELU("tanh")),
    "ReLU in place": (2, lambda: nn.ReLU(inplace=True)),
    "orthogonal": (2, lambda: parametrizations.orthogonal(nn.Linear(4, 4))),
    "LSTMCell": (2, lambda: first(nn.LSTMCell(4, 3))),
    "GRUCell": (2, lambda: nn.GRUCell(4, 3)),
    "fft": (2, lambda: Called(lambda x: torch.fft.rfft(x).abs())),
    "unit length": (2, lambda: Called(lambda x: x / x.norm(dim=1, keepdim=True))),
    "cdist": (3, lambda: Called(lambda x: torch.cdist(x, x + 1))),
    "LayerNorm": (3, lambda: nn.LayerNorm(6)),
    "RMSNorm": (3, lambda: nn.RMSNorm(6)),
    "RNN": (3, lambda: first(nn.RNN(6, 3, batch_first=True))),
    "LSTM both ways": (3, lambda: first(nn.LSTM(6, 3, batch_first=True, bidirectional=True))),
    "attention": (3, attention),
    "attention, no weights": (3, lambda: attention(need_weights=False)),
    "encoder": (3, lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(6, 2, 8, batch_first=True), 2)),
    "decoder": (3, lambda: Called(lambda own, x: own(x, x), nn.TransformerDecoderLayer(6, 2, 8, batch_first=True))),
    "Conv1d": (3, lambda: nn.Conv1d(4, 2, 2)),
    "Softmax": (3, lambda: nn.Softmax(-1)),
    "GLU": (3, nn.GLU),
    "Bilinear": (3, lambda: Called(lambda own, x: own(x, x), nn.Bilinear(6, 6, 2))),
    "ConvTranspose2d": (4, lambda: nn.ConvTranspose2d(4, 2, 2)),
    "MaxPool2d": (4, lambda: nn.MaxPool2d(2)),
    "AvgPool2d": (4, lambda: nn.AvgPool2d(2)),
    "AdaptiveMaxPool2d": (4, lambda: nn.AdaptiveMaxPool2d(2)),
    "BatchNorm2d": (4, lambda: nn.BatchNorm2d(4)),
    "GroupNorm": (4, lambda: nn.GroupNorm(2, 4)),
    "InstanceNorm2d": (4, lambda: nn.InstanceNorm2d(4, affine=True)),
    "LocalResponseNorm": (4, lambda: nn.LocalResponseNorm(2)),
    "Upsample": (4, lambda: nn.Upsample(scale_factor=2, mode="bilinear")),
    "Dropout2d": (4, nn.Dropout2d),
    "spectral norm": (4, lambda: parametrizations.spectral_norm(nn.Conv2d(4, 2, 3))),
    "weight norm of columns": (4, lambda: parametrizations.weight_norm(nn.Conv2d(4, 2, 3), dim=1)),
}
EMBEDDINGS: dict[str, Callable[[], nn.Module]] = {
    "Embedding": lambda: nn.Embedding(6, 3, padding_idx=0),
    "Embedding with max_norm": lambda: nn.Embedding(6, 3, max_norm=0.5),
    "Embedding, sparse": lambda: nn.Embedding(6, 3, sparse=True),
    "EmbeddingBag": lambda: nn.EmbeddingBag(6, 3),
    "EmbeddingBag max": lambda: nn.EmbeddingBag(6, 3, mode="max"),
}
LOSSES: dict[str, tuple[Callable[[Tensor, Tensor], Tensor], Callable[[], Tensor]]] = {
    "absolute": (nn.L1Loss(), lambda: torch.randn(ROWS, 4)),
    "Huber": (nn.HuberLoss(), lambda: torch.randn(ROWS, 4)),
    "smoothed cross-entropy": (nn.CrossEntropyLoss(label_smoothing=0.1), lambda: torch.randint(4, (ROWS,))),
    "binary": (nn.BCEWithLogitsLoss(), lambda: torch.rand(ROWS, 4).float()),
    "Kullback–Leibler": (
        lambda out, y: F.kl_div(out.log_softmax(1), y, reduction="batchmean"),
        lambda: torch.rand(ROWS, 4),
    ),
    "Poisson": (nn.PoissonNLLLoss(), lambda: torch.rand(ROWS, 4)),
    "Gaussian": (lambda out, y: F.gaussian_nll_loss(out, y, out.exp()), lambda: torch.randn(ROWS, 4)),
    "triplet": (lambda out, y: F.triplet_margin_loss(out, y, -y), lambda: torch.randn(ROWS, 4)),
    "multi margin": (nn.MultiMarginLoss(), lambda: torch.randint(4, (ROWS,))),
    "ctc": (
        lambda out, y: F.ctc_loss(
            out.unsqueeze(0).expand(6, -1, -1).log_softmax(-1),
            y,
            torch.full((len(out),), 6),
            torch.full((len(out),), 2),
        ),
        lambda: torch.randint(1, 4, (ROWS, 2)),
    ),
}


def below(dimensions: int) -> nn.Module:
    """A layer of its own, so that what comes after it has curvature in θ."""
    return {2: lambda: nn.Linear(4, 4), 3: lambda: nn.Linear(6, 6), 4: lambda: nn.Conv2d(2, 4, 3, padding=1)}[
        dimensions
    ]()


def compare(
    name: str, module: nn.Module, loss: Callable[[Tensor, Tensor], Tensor], rows: tuple[Tensor, Tensor]
) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        objective = ts.Objective(module, loss, rows, dtype=torch.float64)
    assert [each.category for each in caught] == [FallbackWarning] * (name in WITHOUT)
    assert objective.method == ("finite_differences" if name in WITHOUT else "double_backward")
    theta, step = objective.theta, 1e-6
    vector = torch.randn(objective.size, dtype=torch.float64)
    vector /= vector.norm()
    difference = (objective.gradient(theta + step * vector) - objective.gradient(theta - step * vector)) / (2 * step)
    size = float(difference.norm())
    assert_close(objective.hessian_product(vector), difference, rtol=0, atol=1e-6 * max(size, 1e-2))
    assert_close(objective.theta, theta, rtol=0, atol=0)
    across = torch.randn(objective.size, dtype=torch.float64)
    sides = [one @ objective.gauss_newton_product(other) for one, other in ((across, vector), (vector, across))]
    assert_close(sides[0], sides[1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    torch.manual_seed(0)
    dimensions, make = LAYERS[name]
    module = nn.Sequential(below(dimensions), make(), nn.Flatten())
    X = torch.randn(ROWS, *SHAPES[dimensions])
    compare(name, module, nn.MSELoss(), (X, torch.randn_like(module(X).detach())))


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_embeddings(name: str) -> None:
    torch.manual_seed(0)
    words = EMBEDDINGS[name]()
    X = torch.randint(6, (ROWS, 4))
    own = Called(lambda inner, x: inner(x).view(len(x), -1, 3).mean(1), words)
    compare(name, nn.Sequential(own, nn.Linear(3, 2), nn.Tanh()), nn.MSELoss(), (X, torch.randn(ROWS, 2)))


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str) -> None:
    torch.manual_seed(0)
    loss, targets = LOSSES[name]
    module = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 4))
    compare(name, module, loss, (torch.randn(ROWS, 4), targets()))
