"""Random tables without a leak: columns of all kinds that go together, some of which drive a noisy target."""

from __future__ import annotations

import numpy as np
import polars as pl

SHAPES = (lambda t: t, lambda t: np.tanh(2 * t), lambda t: t**2, lambda t: np.sin(3 * t))
KINDS = ("number", "number", "round", "skewed", "boolean", "category")


def clean_table(seed: int, *, causes: int = 0) -> tuple[pl.DataFrame, pl.Series]:
    """Return inputs and target; the noise is at least 2 % of the target's variance.

    Args:
        seed: Of everything.
        causes: How many columns drive the target; 0 for any number of them.
    """
    random = np.random.default_rng(seed)
    rows, width = int(random.choice([60, 150, 400, 1000, 3000])), int(random.integers(2, 16))
    latent = random.normal(size=(rows, width)) @ (np.eye(width) + random.uniform() * random.normal(size=(width, width)))
    columns, effects = {}, []
    for place in range(width):
        column, effect = _column(latent[:, place] / latent[:, place].std(), random)
        gaps = random.random(rows) < (random.uniform(0, 0.3) if random.random() < 0.3 else 0)
        columns[f"c{place}"] = column.set(pl.Series(gaps), None)
        effects.append(effect)
    drivers = random.permutation(width)[: causes or int(random.integers(1, width + 1))]
    signal = np.stack(effects, axis=1)[:, drivers] @ random.normal(size=len(drivers))
    share = random.uniform(0.02, 0.1 if causes else 1.0)
    driven = signal / (signal.std() + 1e-9) * np.sqrt(1 - share) + random.normal(size=rows) * np.sqrt(share)
    return pl.DataFrame(columns), pl.Series("y", _target(driven, random))


def _column(z: np.ndarray, random: np.random.Generator) -> tuple[pl.Series, np.ndarray]:
    """Return a column made from a normal variable, and what it contributes to the target."""
    kind = random.choice(KINDS)
    if kind == "category":
        codes = np.digitize(z, np.sort(random.normal(size=int(random.integers(2, 12)))))
        return pl.Series([f"k{code}" for code in codes]), random.normal(size=20)[codes]
    made = {"number": z, "round": np.round(3 * z), "skewed": np.exp(2 * z), "boolean": (z > 0.2).astype(float)}[kind]
    shape = SHAPES[int(random.integers(len(SHAPES)))]
    return pl.Series(made), shape((made - made.mean()) / (made.std() + 1e-9))


def _target(driven: np.ndarray, random: np.random.Generator) -> np.ndarray:
    kind = random.choice(["number", "two", "rare", "four"])
    if kind == "number":
        return driven
    if kind == "four":
        return np.array([f"g{code}" for code in np.digitize(driven, np.quantile(driven, [0.3, 0.6, 0.8]))])
    return np.where(driven > np.quantile(driven, 0.93 if kind == "rare" else random.uniform(0.2, 0.8)), "yes", "no")
