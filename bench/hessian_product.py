"""One product with the Hessian, beside curvlinops, PyHessian and hessian-eigenthings and beside loss and gradient.

Two models: an MLP 26-128-128-10 (tanh, cross-entropy, 4,096 rows), and a CNN with two convolutions and batch
normalisation on 2,048 images of 28×28. Everybody computes on the same rows and threads. curvlinops and
hessian-eigenthings can take all rows at once or batches: both are measured, and bars are held against the faster.
The first product, which builds what is kept, isn't counted for anybody; it has a column of its own.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from curvlinops import HessianLinearOperator
from hessian_eigenthings import HessianOperator
from pyhessian import hessian as pyhessian_operator
from pyhessian.utils import hessian_vector_product
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import thetastar as ts
from bench.peak import measure_peak
from bench.report import Bar, Result, Value
from bench.timing import in_turn

ROUNDS = 7
BATCH = 256  # rows, for peers that are given batches
LEAST_FASTER = {"MLP": 5.0, "CNN": 2.0}  # than curvlinops
LEAST_OF_GRADIENT = 1.0  # times faster than loss and gradient
LEAST_LIMITED = 1.2  # than curvlinops, within its memory
_TOLERANCE = 1e-4  # of a product's length, by which contestants may differ

Work = Callable[[], object]


@dataclass(frozen=True)
class Task:
    """A model in evaluation mode with its rows and a vector to multiply."""

    model: nn.Module
    inputs: Tensor
    targets: Tensor

    @property
    def parameters(self) -> list[nn.Parameter]:
        """Return θ in its parts."""
        return list(self.model.parameters())

    @property
    def vector(self) -> Tensor:
        """Return what is multiplied, [size]."""
        size = sum(each.numel() for each in self.parameters)
        return torch.randn(size, generator=torch.Generator().manual_seed(1))

    def batches(self, rows: int) -> list[tuple[Tensor, Tensor]]:
        """Return the rows in batches."""
        return list(zip(self.inputs.split(rows), self.targets.split(rows), strict=True))


def mlp() -> Task:
    torch.manual_seed(0)
    layers = [nn.Linear(26, 128), nn.Tanh(), nn.Linear(128, 128), nn.Tanh(), nn.Linear(128, 10)]
    return Task(nn.Sequential(*layers).eval(), torch.randn(4096, 26), torch.randint(10, (4096,)))


def cnn() -> Task:
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for below, above in ((1, 16), (16, 32)):
        layers += [nn.Conv2d(below, above, 3, padding=1), nn.BatchNorm2d(above), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Flatten(), nn.Linear(32 * 7 * 7, 60), nn.ReLU(), nn.Linear(60, 10)]
    return Task(nn.Sequential(*layers).eval(), torch.randn(2048, 1, 28, 28), torch.randint(10, (2048,)))


TASKS = {"MLP": mlp, "CNN": cnn}
_LOSS = nn.CrossEntropyLoss()


def loss_and_gradient(task: Task) -> Work:
    return lambda: torch.autograd.grad(_LOSS(task.model(task.inputs), task.targets), task.parameters)


def thetastar(task: Task, *, memory: float | None = None) -> Work:
    objective = ts.Objective(task.model, _LOSS, (task.inputs, task.targets), memory=memory)
    vector = task.vector
    return lambda: objective.hessian_product(vector)


def curvlinops(task: Task, *, rows: int | None = None) -> Work:
    data = task.batches(rows or len(task.inputs))
    operator = HessianLinearOperator(task.model, _LOSS, task.parameters, data, check_deterministic=False)
    vector = task.vector
    return lambda: operator @ vector


def pyhessian(task: Task) -> Work:
    task.model.zero_grad()
    operator = pyhessian_operator(task.model, _LOSS, data=(task.inputs, task.targets), cuda=False)
    pieces = task.vector.split([each.numel() for each in operator.params])
    vector = [piece.view_as(each) for piece, each in zip(pieces, operator.params, strict=True)]
    return lambda: _flat(hessian_vector_product(operator.gradsH, operator.params, vector))


def eigenthings(task: Task, *, rows: int | None = None) -> Work:
    data, vector = task.batches(rows or len(task.inputs)), task.vector
    operator = HessianOperator(task.model, data, lambda model, batch: _LOSS(model(batch[0]), batch[1]))
    return lambda: operator.matvec(vector)


def _flat(pieces: tuple[Tensor, ...]) -> Tensor:
    return torch.cat([piece.flatten() for piece in pieces])


def run() -> Result:
    rows: list[dict[str, Value]] = []
    bars: list[Bar] = []
    details: dict[str, object] = {}
    for name, make in TASKS.items():
        task, memory = make(), _peak_of(name, "curvlinops")
        contestants, first = _started(_makers(task, memory))
        flops, peak = _flops(contestants["thetastar"]), measure_peak().best
        times = in_turn(contestants, rounds=ROUNDS)
        medians = {who: statistics.median(seconds) for who, seconds in times.items()}
        rows += [
            {
                "model": name,
                "what": who,
                "ms": median * 1e3,
                "of thetastar": median / medians["thetastar"],
                "first ms": first[who] * 1e3,
            }
            for who, median in medians.items()
        ]
        bars += _bars(name, medians)
        details[name] = {
            "GFLOP of a product": flops / 1e9,
            "GFLOP/s of the machine": peak,
            "share of the machine's peak": flops / 1e9 / peak / medians["thetastar"],
            "memory of curvlinops, MB": memory / 1e6,
            "memory of thetastar held to it, MB": _peak_of(name, "thetastar", memory) / 1e6,
        }
    configuration = {"rounds": ROUNDS, "threads": torch.get_num_threads(), "batch": BATCH}
    return Result(configuration, rows, bars, details)


def _makers(task: Task, memory: float) -> dict[str, Callable[[], Work]]:
    """Return what makes each contestant's product."""
    return {
        "loss + gradient": lambda: loss_and_gradient(task),
        "curvlinops": lambda: curvlinops(task),
        "curvlinops, batches": lambda: curvlinops(task, rows=BATCH),
        "PyHessian": lambda: pyhessian(task),
        "hessian-eigenthings": lambda: eigenthings(task),
        "hessian-eigenthings, batches": lambda: eigenthings(task, rows=BATCH),
        "thetastar": lambda: thetastar(task),
        "thetastar, limited": lambda: thetastar(task, memory=memory),
    }


def _started(makers: Mapping[str, Callable[[], Work]]) -> tuple[dict[str, Work], dict[str, float]]:
    """Return the contestants and the seconds until each has its first product, which has to be everybody's."""
    contestants, first = {}, {}
    for who, make in makers.items():
        begin = time.perf_counter()
        contestants[who] = make()
        product = contestants[who]()
        first[who] = time.perf_counter() - begin
        if isinstance(product, Tensor):
            wanted = contestants["curvlinops"]()
            error = float((product - wanted).norm() / wanted.norm())
            if not error < _TOLERANCE:
                raise SystemExit(f"{who} differs from curvlinops by {error:.1e} of the product")
    return contestants, first


def _bars(name: str, medians: Mapping[str, float]) -> list[Bar]:
    ours, peer = medians["thetastar"], min(medians["curvlinops"], medians["curvlinops, batches"])
    limited = medians["curvlinops"] / medians["thetastar, limited"]
    return [
        Bar(f"{name}: times faster than curvlinops", peer / ours, LEAST_FASTER[name]),
        Bar(f"{name}: times faster than loss + gradient", medians["loss + gradient"] / ours, LEAST_OF_GRADIENT),
        Bar(f"{name}: times faster than curvlinops within its memory", limited, LEAST_LIMITED),
    ]


def _flops(product: Work) -> float:
    """Return the multiplications and additions of a product's matrix products and convolutions."""
    with FlopCounterMode(display=False) as counter:
        product()
    return float(counter.get_total_flops())


def _peak_of(task: str, who: str, memory: float | None = None) -> float:
    """Return the bytes that one product takes at most beside model and rows, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured_peak, (task, who, memory, torch.get_num_threads()))


def _measured_peak(name: str, who: str, memory: float | None, threads: int) -> float:
    torch.set_num_threads(threads)
    task, small = TASKS[name](), TASKS[name]()
    small = Task(small.model, small.inputs[:8], small.targets[:8])
    _maker(small, who, memory)()  # what libraries load with a first product is no matter of rows
    _forget_peak()
    before = _status("VmRSS")
    product = _maker(task, who, memory)
    product(), product()
    return _status("VmHWM") - before


def _maker(task: Task, who: str, memory: float | None) -> Work:
    return curvlinops(task) if who == "curvlinops" else thetastar(task, memory=memory)


def _forget_peak() -> None:
    """Let Linux count the peak from here on (proc(5), clear_refs)."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def _status(field: str) -> float:
    """Return a size of this process in bytes."""
    with open("/proc/self/status") as file:
        found: Mapping[str, str] = dict(line.split(":", 1) for line in file if ":" in line)
    return float(found[field].split()[0]) * 1024
