"""R33: features are normalised by the mean and deviation of the *training* rows, which makes the canyon round."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import torch
from torch import Tensor

import thetastar as ts
from thetastar.data import decide_columns, encode, fit_encoding
from thetastar.descent import RULES, Examples, Member, Plan, train
from thetastar.functions import FunctionSet
from thetastar.losses import Squared

ROWS, TRAINING = 200, 150
CLOSE = 1e-3  # of the way from the first loss to the smallest one


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    """Two columns of very different size: rooms, and square metres with a large mean."""
    stream = np.random.default_rng(0)
    return pl.DataFrame({"rooms": stream.normal(4.0, 1.0, ROWS), "metres": stream.normal(90.0, 25.0, ROWS)})


@pytest.fixture(scope="module")
def y(table: pl.DataFrame) -> Tensor:
    noise = np.random.default_rng(1).normal(0.0, 5.0, ROWS)
    return torch.tensor((10 + 3 * table["rooms"] + 2 * table["metres"]).to_numpy() + noise)


def normalised(table: pl.DataFrame) -> np.ndarray:
    """Return the two normalised columns, fitted on the training rows."""
    encoding = fit_encoding(table, decide_columns(table, overrules=None), rows=np.arange(TRAINING))
    assert encoding.plain == 2
    return np.asarray(encode(encoding, table)[:, : encoding.plain], dtype=np.float64)


def hessian(x: np.ndarray) -> np.ndarray:
    """Return the Hessian of the mean squared error by (b, w₁, w₂)."""
    features = np.c_[np.ones(TRAINING), x[:TRAINING]]
    return 2 * features.T @ features / TRAINING


def updates_needed(x: np.ndarray, y: Tensor, *, most: int) -> int | None:
    """Return after how many updates of gradient descent with its best learning rate L is close to its smallest."""
    eigenvalues = np.linalg.eigvalsh(hessian(x))
    member = Member(train=torch.arange(TRAINING), learning_rate=2 / (eigenvalues[0] + eigenvalues[-1]))
    examples = Examples(torch.tensor(x)[None], y.view(1, -1, 1), torch.ones(1, ROWS))
    plan = Plan(updates=most, rule=RULES["gradient_descent"], check_every=most)
    line = FunctionSet(inputs=2, outputs=1, shortcut=2)
    losses = train(line, Squared(), examples=examples, members=[member], plan=plan).curves[0].loss.numpy()
    features = np.c_[np.ones(TRAINING), x[:TRAINING]]
    smallest = np.linalg.lstsq(features, y[:TRAINING].numpy(), rcond=None)[1][0] / TRAINING
    close = np.flatnonzero(losses - smallest < CLOSE * (losses[0] - smallest))
    return int(close[0]) if len(close) else None


def test_mean_and_deviation_are_those_of_the_training_rows(table: pl.DataFrame) -> None:
    x, raw = normalised(table), table.to_numpy()
    mean, deviation = raw[:TRAINING].mean(0), raw[:TRAINING].std(0)
    np.testing.assert_allclose(x, (raw - mean) / deviation, rtol=1e-5, atol=1e-6)
    assert abs(x[:TRAINING].mean(0)).max() < 1e-6 < abs(x[TRAINING:].mean(0)).min()


def test_the_condition_number_before_and_after(table: pl.DataFrame) -> None:
    before, after = (np.linalg.cond(hessian(x)) for x in (table.to_numpy(), normalised(table)))
    assert before > 1e5
    assert after < 2


def test_the_spectrum_of_an_objective_shows_the_same(table: pl.DataFrame, y: Tensor) -> None:
    for x in (table.to_numpy(), normalised(table)):
        rows = torch.tensor(x[:TRAINING]), y[:TRAINING, None]
        line = torch.nn.Linear(2, 1, dtype=torch.float64)
        found = ts.spectrum(ts.Objective(line, torch.nn.MSELoss(), rows))
        np.testing.assert_allclose(found.values.flip(0), np.linalg.eigvalsh(hessian(x)), rtol=1e-6)


def test_the_updates_needed_before_and_after(table: pl.DataFrame, y: Tensor) -> None:
    """Each with its best learning rate, 2/(smallest + largest eigenvalue)."""
    assert updates_needed(normalised(table), y, most=100) <= 10
    centred = table.to_numpy() - table.to_numpy()[:TRAINING].mean(0)  # without the offset only the scales differ
    needed = updates_needed(centred, y - y[:TRAINING].mean(), most=5000)
    assert needed is not None
    assert needed > 100
