"""One training step of 26→H→H→1 (ReLU, squared error, Adam, batch 256, 50,000 rows, one thread), in µs per model.

A step is what a user waits for: whole fits with their start, shuffles and records, divided by updates and models.
"""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Callable

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

from bench.peak import Peak, measure_peak
from bench.report import Bar, Result, Value
from bench.timing import in_turn, ratio
from thetastar.descent import Examples, Member, Plan, train
from thetastar.functions import FunctionSet
from thetastar.losses import Squared

ROWS, INPUTS, BATCH = 50_000, 26, 256
EPOCHS = 2
STEPS = EPOCHS * -(-ROWS // BATCH)
STACK = 32
ROUNDS = 5
# Times faster than the peer: per width, one model and a stack of them beside scikit-learn, and one beside skorch.
LEAST_ONE = {32: 2.0, 128: 1.5, 512: 1.4}
LEAST_STACK = {32: 6.0, 128: 1.6}
LEAST_SKORCH = {32: 10.0}
LEAST_SHARE = {128: 0.5, 512: 0.75}


def run() -> Result:
    rows: list[dict[str, Value]] = []
    bars: list[Bar] = []
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            for width in LEAST_ONE:
                peak = measure_peak()  # again for each width: a busy machine's peak moves
                times = in_turn(_contestants(width), rounds=ROUNDS)
                rows.extend(_rows(width, times, peak))
                bars.extend(_bars(width, times, peak))
    finally:
        torch.set_num_threads(before)
    configuration = {
        "rows": ROWS,
        "inputs": INPUTS,
        "batch_size": BATCH,
        "epochs": EPOCHS,
        "stack": STACK,
        "rounds": ROUNDS,
        "threads": 1,
    }
    return Result(configuration, rows, bars)


def _contestants(width: int) -> dict[str, Callable[[], object]]:
    """Return some epochs of each library's training, on the same rows in float32."""
    stream = np.random.default_rng(0)
    inputs = stream.standard_normal((ROWS, INPUTS), np.float32)
    targets = inputs[:, 0] * inputs[:, 1] + np.sin(inputs[:, 2])
    contestants: dict[str, Callable[[], object]] = {
        "scikit-learn": _sklearn(width, inputs, targets),
        "skorch": _skorch(width, inputs, targets),
        "thetastar": _ours(width, inputs, targets, members=1),
    }
    if width in LEAST_STACK:
        contestants[f"thetastar ×{STACK}"] = _ours(width, inputs, targets, members=STACK)
    return contestants


def _sklearn(width: int, inputs: np.ndarray, targets: np.ndarray) -> Callable[[], object]:
    model = MLPRegressor(
        hidden_layer_sizes=(width, width), batch_size=BATCH, alpha=0.0, max_iter=EPOCHS, random_state=0
    )

    def fit() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # these few epochs are what was asked for
            return model.fit(inputs, targets)

    return fit


def _skorch(width: int, inputs: np.ndarray, targets: np.ndarray) -> Callable[[], object]:
    from skorch import NeuralNetRegressor

    def network() -> torch.nn.Module:
        layers = [torch.nn.Linear(INPUTS, width), torch.nn.ReLU(), torch.nn.Linear(width, width), torch.nn.ReLU()]
        return torch.nn.Sequential(*layers, torch.nn.Linear(width, 1))

    model = NeuralNetRegressor(
        network,
        optimizer=torch.optim.Adam,
        lr=1e-3,
        max_epochs=EPOCHS,
        batch_size=BATCH,
        iterator_train__shuffle=True,
        train_split=None,
        callbacks="disable",  # what it would print and record takes time too
        verbose=0,
    )
    return lambda: model.fit(inputs, targets[:, None])


def _ours(width: int, inputs: np.ndarray, targets: np.ndarray, *, members: int) -> Callable[[], object]:
    functions = FunctionSet(inputs=INPUTS, outputs=1, hidden=(width, width), reads=INPUTS)
    rows = torch.from_numpy(inputs).unsqueeze(0)
    examples = Examples(rows, torch.from_numpy(targets)[None, :, None], torch.ones(1, ROWS))
    population = [Member(train=torch.arange(ROWS), seed=seed) for seed in range(members)]
    plan = Plan(updates=STEPS, check_every=STEPS)
    return lambda: train(functions, Squared(), examples=examples, members=population, plan=plan)


def _rows(width: int, times: dict[str, list[float]], peak: Peak) -> list[dict[str, Value]]:
    rows: list[dict[str, Value]] = []
    for name, seconds in times.items():
        models = STACK if name.endswith(f"×{STACK}") else 1
        speed = _speed(width, seconds, models)
        rows.append(
            {
                "H": width,
                "library": name,
                "µs": statistics.median(seconds) / STEPS / models * 1e6,
                "× scikit-learn": ratio(times["scikit-learn"], [second / models for second in seconds]),
                "GFLOP/s": speed,
                "of the peak": speed / peak.best,
                "of torch's own product": speed / peak.torch,
                "peak": peak.best,
            }
        )
    return rows


def _speed(width: int, seconds: list[float], models: int) -> float:
    """Return GFLOP/s of the fastest round, as the peak is the fastest product's.

    Counted are a product forward, one for the weights' gradient, and one backward but for the first layer.
    """
    operations = 2 * BATCH * (2 * INPUTS * width + 3 * width * width + 3 * width)
    return operations * STEPS * models / min(seconds) / 1e9


def _bars(width: int, times: dict[str, list[float]], peak: Peak) -> list[Bar]:
    peer, one = times["scikit-learn"], times["thetastar"]
    bars = [Bar(f"H={width}: one model, times scikit-learn", ratio(peer, one), LEAST_ONE[width])]
    if width in LEAST_SKORCH:
        bars.append(Bar(f"H={width}: one model, times skorch", ratio(times["skorch"], one), LEAST_SKORCH[width]))
    speed = _speed(width, one, 1)
    if width in LEAST_STACK:
        stack = times[f"thetastar ×{STACK}"]
        each = [second / STACK for second in stack]
        bars.append(Bar(f"H={width}: {STACK} models, each, times scikit-learn", ratio(peer, each), LEAST_STACK[width]))
        speed = max(speed, _speed(width, stack, STACK))
    if width in LEAST_SHARE:
        bars.append(Bar(f"H={width}: share of the machine's peak", speed / peak.best, LEAST_SHARE[width]))
    return bars
