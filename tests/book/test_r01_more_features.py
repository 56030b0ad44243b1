"""R1: a function with unknown parameters, y = b + w·x, and how it gets better by reading more features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
import torch

from thetastar.data import read, windows
from thetastar.descent import Examples, mean_loss
from thetastar.functions import FunctionSet
from thetastar.losses import Absolute

Floats = npt.NDArray[np.float64]
TRAINING_MONTHS, MONTHS = 10, 12
HOURS_A_MONTH = 24 * 30  # of which the first twenty days are recorded


def hourly(folder: Path) -> Floats:
    """Return PM2.5 as [months, hours]: twenty recorded days a month, one after the other without a gap."""
    table = read(folder / "pm25.train.csv").filter(pl.col("observation") == "PM2.5")
    return table.select(pl.exclude("Date", "stations", "observation").cast(pl.Float64)).to_numpy().reshape(MONTHS, -1)


def as_series(months: Floats) -> pl.DataFrame:
    """Return the readings as a series with its gaps between months; readings of −1 are missing."""
    hours = np.arange(months.shape[1]) + HOURS_A_MONTH * np.arange(len(months))[:, None]
    table = pl.DataFrame({"hour": hours.ravel(), "pm25": months.ravel(), "known": months.ravel() >= 0})
    return table.with_columns(pl.when("known").then("pm25").alias("pm25"))


def examples(months: Floats, hours: int) -> tuple[Floats, Floats]:
    """Return the last hours and the next one, of windows without a missing reading.

    Together these conventions give the course's numbers: with the −1 kept as readings the errors are up to .19 larger.
    """
    cut = windows(as_series(months), target="pm25", time="hour", lags=hours)
    assert cut.stretches == len(months)
    past, known = ([f"{name}[t-{step}]" for step in range(1, hours + 1)] for name in ("pm25", "known"))
    assert cut.table.columns == [*past, *known]
    complete = cut.table.select(pl.all_horizontal(known)).to_series()
    return cut.table.select(past).filter(complete).to_numpy(), cut.y.filter(complete).to_numpy()


def mean_absolute_error(functions: FunctionSet, theta: Floats, *, x: Floats, y: Floats) -> float:
    rows = len(x)
    examples = Examples(
        torch.tensor(x).view(1, rows, -1), torch.tensor(y).view(1, rows, 1), torch.ones(1, rows, dtype=torch.float64)
    )
    state = torch.tensor(theta).view(1, -1)
    return mean_loss(
        functions, Absolute(), state=state, examples=examples, sources=[0], rows=[torch.arange(rows)]
    ).item()


@pytest.mark.parametrize(
    ("hours", "training", "unseen"),
    [(1, 4.83, 4.95), (2, 4.82, 4.80), (5, 4.47, 4.37), (9, 4.36, 4.30), (24, 4.28, 4.20)],
)
def test_the_next_hour_from_the_last_ones(shared_data: Path, hours: int, training: float, unseen: float) -> None:
    months = hourly(shared_data)
    x, y = examples(months[:TRAINING_MONTHS], hours)
    theta, *_ = np.linalg.lstsq(np.c_[np.ones(len(x)), x], y, rcond=None)
    functions = FunctionSet(inputs=hours, outputs=1, shortcut=hours)  # θ = (b, w₁ … w_hours)
    assert mean_absolute_error(functions, theta, x=x, y=y) == pytest.approx(training, abs=0.02)
    later_x, later_y = examples(months[TRAINING_MONTHS:], hours)
    assert mean_absolute_error(functions, theta, x=later_x, y=later_y) == pytest.approx(unseen, abs=0.02)
