"""One training step of 26→H→H→1 (ReLU, squared error, Adam, batch 256, 50,000 rows) on a CUDA device, in µs per model.

The peer is the loop that one writes in PyTorch: rows on the device, its fused Adam, no reading back.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from bench.report import Result, Value
from bench.timing import in_turn, ratio
from thetastar.descent import Examples, Member, Plan, train
from thetastar.functions import FunctionSet
from thetastar.losses import Squared

ROWS, INPUTS, BATCH = 50_000, 26, 256
EPOCHS = 2
STEPS = EPOCHS * -(-ROWS // BATCH)
ROUNDS = 5
WIDTHS, STACKS = (32, 128, 512), (1, 32, 256)


def run() -> Result:
    if not torch.cuda.is_available():
        raise SystemExit("this benchmark needs a CUDA device, and there is none")
    stream = np.random.default_rng(0)
    inputs = torch.from_numpy(stream.standard_normal((ROWS, INPUTS), np.float32)).cuda()
    targets = inputs[:, 0] * inputs[:, 1] + torch.sin(inputs[:, 2])
    rows: list[dict[str, Value]] = []
    for width in WIDTHS:
        contestants = {"PyTorch": _theirs(width, inputs, targets)}
        contestants |= {f"thetastar ×{members}": _ours(width, inputs, targets, members) for members in STACKS}
        times = in_turn(contestants, rounds=ROUNDS)
        for name, seconds in times.items():
            models = int(name.partition("×")[2] or 1)
            each = [second / models for second in seconds]
            micro = statistics.median(each) / STEPS * 1e6
            rows.append({"H": width, "library": name, "µs": micro, "× PyTorch": ratio(times["PyTorch"], each)})
    configuration = {"device": torch.cuda.get_device_name(), "rows": ROWS, "batch_size": BATCH, "epochs": EPOCHS}
    return Result(configuration, rows, bars=[])


def _theirs(width: int, inputs: Tensor, targets: Tensor) -> Callable[[], object]:
    layers = [torch.nn.Linear(INPUTS, width), torch.nn.ReLU(), torch.nn.Linear(width, width), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers, torch.nn.Linear(width, 1)).cuda()
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def fit() -> None:
        for _ in range(EPOCHS):
            for chosen in torch.randperm(ROWS, device="cuda").split(BATCH):
                adam.zero_grad(set_to_none=True)
                (model(inputs[chosen])[:, 0] - targets[chosen]).square().mean().backward()
                adam.step()
        torch.cuda.synchronize()

    return fit


def _ours(width: int, inputs: Tensor, targets: Tensor, members: int) -> Callable[[], object]:
    functions = FunctionSet(inputs=INPUTS, outputs=1, hidden=(width, width), reads=INPUTS)
    examples = Examples(inputs.unsqueeze(0), targets[None, :, None], torch.ones(1, ROWS, device="cuda"))
    population = [Member(train=torch.arange(ROWS), seed=seed) for seed in range(members)]
    plan = Plan(updates=STEPS, check_every=STEPS)

    def fit() -> None:
        train(functions, Squared(), examples=examples, members=population, plan=plan)
        torch.cuda.synchronize()

    return fit
