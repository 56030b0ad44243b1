"""Top 5 and bottom 5 eigenvalues of a Hessian, and the density of all, beside PyHessian and curvlinops with eigsh.

An MLP 26-128-128-10 (tanh, cross-entropy, 4,096 rows, 21,258 parameters) as it starts and after some training;
everybody computes on the same rows and threads. The eigenvalues are asked to a residual of 1e-3 of the largest |λ|.
PyHessian's power iteration gives the top end only, and stops by the change of an eigenvalue instead of its residual; so
it is given the loosest of some tolerances that reaches the residual, the tightest if none does, and as that takes a
minute it is timed once. Densities are compared at equal Wasserstein distance to one of far more products: thetastar by
the fewest products whose mean distance over some seeds is not above PyHessian's by more than a standard error.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from curvlinops import HessianLinearOperator
from pyhessian import hessian as pyhessian_operator
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import Tensor, nn

import thetastar as ts
from bench.report import Bar, Result, Value
from bench.timing import in_turn, ratio
from thetastar.landscape.measure import distance

EACH, RESIDUAL = 5, 1e-3
TOLERANCES = (1e-4, 1e-5, 1e-6, 1e-7)  # of PyHessian's power iteration
MOST_ITERATIONS = 2000  # of it, for each eigenvalue
SIZES = ((1, 5), (1, 10), (1, 15), (1, 20), (2, 15), (1, 40), (2, 20), (2, 40), (4, 25))  # probes and steps
THEIR_STEPS = 100  # PyHessian's own, from one probe
REFERENCE = (8, 200)  # probes and steps of the density that the others are compared with
ROUNDS = 3
SEEDS = 8
LEAST_FASTER, LEAST_FASTER_DENSITY = 4.0, 3.0
_LOSS = nn.CrossEntropyLoss()


@dataclass(frozen=True)
class Task:
    """A model with its rows."""

    model: nn.Module
    inputs: Tensor
    targets: Tensor

    @property
    def objective(self) -> ts.Objective:
        """What thetastar computes with, made anew."""
        return ts.Objective(self.model, _LOSS, (self.inputs, self.targets))


@dataclass(frozen=True)
class Ends:
    """Eigenvalues that a contestant found, the largest of their residuals over the largest |λ|, and its seconds."""

    count: int
    residual: float
    products: int
    seconds: float


def mlp(*, updates: int) -> Task:
    torch.manual_seed(0)
    inputs = torch.randn(4096, 26)
    targets = (inputs @ torch.randn(26, 10) + 2 * torch.randn(4096, 10)).argmax(1)
    layers = [nn.Linear(26, 128), nn.Tanh(), nn.Linear(128, 128), nn.Tanh(), nn.Linear(128, 10)]
    model = nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(updates):
        chosen = torch.randint(len(inputs), (256,))
        optimizer.zero_grad()
        _LOSS(model(inputs[chosen]), targets[chosen]).backward()
        optimizer.step()
    return Task(model.eval(), inputs, targets)


STATES = {"at the start": 0, "trained": 300}


def run() -> Result:
    rows: list[dict[str, Value]] = []
    bars: list[Bar] = []
    for state, updates in STATES.items():
        task = mlp(updates=updates)
        for part, held in (_ends(task), _densities(task)):
            rows += [{"MLP": state, **row} for row in part]
            bars += [Bar(f"{state}: {bar.what}", bar.value, bar.least) for bar in held]
    configuration = {"each": EACH, "residual": RESIDUAL, "rounds": ROUNDS, "reference": REFERENCE}
    return Result(configuration, rows, bars, {"threads": torch.get_num_threads()})


def _ends(task: Task) -> tuple[list[dict[str, Value]], list[Bar]]:
    rounds = [(_thetastar_ends(task), _eigsh_ends(task)) for _ in range(ROUNDS)]
    ours, scipys = ([pair[place] for pair in rounds] for place in (0, 1))
    found = {"thetastar": ours, "curvlinops + eigsh": scipys, "PyHessian, top end only": [_pyhessian_ends(task)]}
    seconds = {who: statistics.median(each.seconds for each in ends) for who, ends in found.items()}
    rows: list[dict[str, Value]] = [
        {
            "what": f"{ends[0].count} eigenvalues",
            "who": who,
            "error": ends[0].residual,
            "products": ends[0].products,
            "seconds": seconds[who],
        }
        for who, ends in found.items()
    ]
    bars = [
        Bar(f"eigenvalues faster than {who}", seconds[who] / seconds["thetastar"], LEAST_FASTER)
        for who in list(found)[1:]
    ]
    return rows, bars


def _thetastar_ends(task: Task) -> Ends:
    begin = time.perf_counter()
    found = ts.spectrum(task.objective, EACH, tolerance=RESIDUAL)
    seconds = time.perf_counter() - begin
    return Ends(len(found.values), _residual(task, found.values, found.vectors), found.products, seconds)


def _eigsh_ends(task: Task) -> Ends:
    begin, used = time.perf_counter(), 0
    data = [(task.inputs, task.targets)]
    parameters = list(task.model.parameters())
    operator = HessianLinearOperator(task.model, _LOSS, parameters, data, check_deterministic=False)

    def product(vector: np.ndarray) -> np.ndarray:
        nonlocal used
        used += 1
        return (operator @ torch.from_numpy(vector.reshape(-1).astype(np.float32))).numpy()

    size = operator.shape[0]
    counted = LinearOperator((size, size), matvec=product, dtype=np.float32)
    start = np.random.default_rng(0).standard_normal(size).astype(np.float32)
    values, vectors = eigsh(counted, k=2 * EACH, which="BE", tol=RESIDUAL, v0=start)
    seconds = time.perf_counter() - begin
    return Ends(len(values), _residual(task, torch.from_numpy(values), torch.from_numpy(vectors)), used, seconds)


def _pyhessian_ends(task: Task) -> Ends:
    """Tighten the tolerance until the residual is reached; only the last attempt counts."""
    for tolerance in TOLERANCES:
        torch.manual_seed(0)
        task.model.zero_grad()
        begin = time.perf_counter()
        operator = pyhessian_operator(task.model, _LOSS, data=(task.inputs, task.targets), cuda=False)
        values, vectors = operator.eigenvalues(maxIter=MOST_ITERATIONS, tol=tolerance, top_n=EACH)
        seconds = time.perf_counter() - begin
        columns = torch.stack([torch.cat([piece.detach().flatten() for piece in each]) for each in vectors], dim=1)
        residual = _residual(task, torch.tensor(values), columns)
        if residual <= RESIDUAL:
            break
    return Ends(len(values), residual, 0, seconds)  # it doesn't count its products


def _residual(task: Task, values: Tensor, vectors: Tensor) -> float:
    vectors = nn.functional.normalize(vectors.float(), dim=0)
    away = task.objective.hessian_product(vectors) - vectors * values.float()
    return float(away.norm(dim=0).max() / values.abs().max())


def _densities(task: Task) -> tuple[list[dict[str, Value]], list[Bar]]:
    probes, steps = REFERENCE
    dense = ts.spectral_density(task.objective, probes=probes, steps=steps, seed=100)
    reference = (dense.nodes, dense.weights)
    theirs = [_pyhessian_density(task, seed=seed, reference=reference) for seed in range(SEEDS)]
    for probes, steps in SIZES:
        ours = [
            _thetastar_density(task, probes=probes, steps=steps, seed=seed, reference=reference)
            for seed in range(SEEDS)
        ]
        if _no_worse(ours, theirs):
            break
    times = in_turn(
        {
            "thetastar": lambda: _thetastar_density(task, probes=probes, steps=steps, seed=0, reference=reference),
            "PyHessian": lambda: _pyhessian_density(task, seed=0, reference=reference),
        },
        rounds=ROUNDS,
    )
    rows: list[dict[str, Value]] = [
        {"what": "density", "who": who, "error": error, "products": products, "seconds": seconds}
        for who, error, products, seconds in (
            ("reference, its own error", dense.error, dense.products, dense.seconds),
            ("thetastar", statistics.mean(ours), probes * steps, statistics.median(times["thetastar"])),
            ("PyHessian", statistics.mean(theirs), THEIR_STEPS, statistics.median(times["PyHessian"])),
        )
    ]
    faster = ratio(times["PyHessian"], times["thetastar"])
    return rows, [Bar("density faster than PyHessian at equal error", faster, LEAST_FASTER_DENSITY)]


def _no_worse(ours: list[float], theirs: list[float]) -> bool:
    """Tell whether a mean is not above another by more than the standard error of their difference."""
    error = ((statistics.variance(ours) + statistics.variance(theirs)) / SEEDS) ** 0.5
    return statistics.mean(ours) <= statistics.mean(theirs) + error


def _thetastar_density(task: Task, *, probes: int, steps: int, seed: int, reference: tuple[Tensor, Tensor]) -> float:
    found = ts.spectral_density(task.objective, probes=probes, steps=steps, seed=seed)
    return distance((found.nodes, found.weights), reference)


def _pyhessian_density(task: Task, *, seed: int, reference: tuple[Tensor, Tensor]) -> float:
    torch.manual_seed(seed)
    task.model.zero_grad()
    operator = pyhessian_operator(task.model, _LOSS, data=(task.inputs, task.targets), cuda=False)
    nodes, weights = _with_old_eig(lambda: operator.density(iter=THEIR_STEPS, n_v=1))
    found = (torch.tensor(nodes[0]).double(), torch.tensor(weights[0]).double())
    return distance(found, reference)


def _with_old_eig(work: Callable[[], tuple[list[list[float]], list[list[float]]]]) -> tuple[list[list[float]], ...]:
    """Run what calls ``torch.eig``, which PyHessian 0.1 needs and torch no longer has, with what it used to return."""

    def eig(matrix: Tensor, *, eigenvectors: bool) -> tuple[Tensor, Tensor]:
        assert eigenvectors
        values, vectors = torch.linalg.eigh(matrix)
        return torch.stack([values, torch.zeros_like(values)], dim=1), vectors

    before = torch.eig
    torch.eig = eig
    try:
        return work()
    finally:
        torch.eig = before
