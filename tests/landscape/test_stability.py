"""Each optimizer's limit: the real one converges on a quadratic just below it, and diverges just above."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
import torch
from torch import Tensor, nn

import thetastar as ts
from tests.landscape.planted import Planted
from thetastar.errors import DataTypeError, FallbackWarning, UserError
from thetastar.landscape import Stability
from thetastar.landscape.stability import read_steps

SIZE = 6
CURVATURES = torch.tensor([5.0, 3.0, 1.0, 0.5, 0.2, 0.1], dtype=torch.float64)
PLANTED = Planted(CURVATURES)
STEPS = 4000
LONG = 1e17  # steps after which bias corrections are 1
FROZEN = 1 - 1e-15  # a mean of squares that the steps of a test don't change

Make = Callable[[Iterable[Tensor], float], torch.optim.Optimizer]

METHODS: dict[str, tuple[Make, float | None]] = {
    "gradient descent": (torch.optim.SGD, 2.0),
    "weight decay": (lambda p, lr: torch.optim.SGD(p, lr, weight_decay=2.0), 2.0),
    "heavy ball": (lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9), 3.8),
    "dampening": (lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, dampening=0.5), 7.6),
    "dampening without momentum": (lambda p, lr: torch.optim.SGD(p, lr, dampening=0.5), 2.0),
    "Nesterov": (lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, nesterov=True), 3.8 / 2.8),
    "Adam": (lambda p, lr: torch.optim.Adam(p, lr, betas=(0.9, FROZEN)), 38.0),
    "Adam, weight decay": (lambda p, lr: torch.optim.Adam(p, lr, betas=(0.8, FROZEN), weight_decay=0.5), 18.0),
    "amsgrad": (lambda p, lr: torch.optim.Adam(p, lr, betas=(0.9, FROZEN), amsgrad=True, eps=0.1), 38.0),
    "AdamW": (lambda p, lr: torch.optim.AdamW(p, lr, betas=(0.5, FROZEN), weight_decay=0.05), None),
    "RMSProp": (lambda p, lr: torch.optim.RMSprop(p, lr, alpha=FROZEN, eps=0.2), 2.0),
    "RMSProp, momentum": (lambda p, lr: torch.optim.RMSprop(p, lr, alpha=FROZEN, momentum=0.9), 3.8),
    "RMSProp, centred": (lambda p, lr: torch.optim.RMSprop(p, lr, alpha=FROZEN, centered=True), 2.0),
}


def bowl(theta: Tensor) -> Tensor:
    return theta @ PLANTED.product(theta[:, None])[:, 0] / 2


def start() -> Tensor:
    return torch.linspace(1, 2, SIZE, dtype=torch.float64)


def with_state(optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """Give an adaptive optimizer the state of one that has run for long, with squares of its own for each parameter."""
    for group in optimizer.param_groups:
        for each in group["params"]:
            squares = torch.linspace(0.5, 3.0, each.numel(), dtype=torch.float64).square()
            nothing = torch.zeros_like(each)
            state: dict[str, Tensor] = {"step": torch.tensor(LONG, dtype=torch.float64)}
            if "betas" in group:
                state |= {"exp_avg": nothing.clone(), "exp_avg_sq": squares, "max_exp_avg_sq": 1.5 * squares}
            elif "alpha" in group:
                mean = 0.3 * squares.sqrt() if group["centered"] else nothing.clone()
                state |= {"square_avg": squares, "grad_avg": mean, "momentum_buffer": nothing.clone()}
            else:
                continue
            optimizer.state[each] = state
    return optimizer


def ratio_of(make: Make, rate: float) -> Stability:
    theta = nn.Parameter(start())
    found = ts.sharpness(ts.Objective.of(bowl, theta), with_state(make([theta], rate))).stability
    assert found is not None
    return found


def length_after(make: Make, rate: float) -> float:
    """‖θ‖ after training, starting from about 3."""
    theta = nn.Parameter(start())
    optimizer = with_state(make([theta], rate))
    for _ in range(STEPS):
        theta.grad = PLANTED.product(theta.detach()[:, None])[:, 0]
        optimizer.step()
        if float(theta.detach().norm()) > 1e3:
            break
    return float(theta.detach().norm())


@pytest.mark.parametrize("name", METHODS)
def test_the_real_optimizer_converges_below_its_limit_and_diverges_above(name: str) -> None:
    make, limit = METHODS[name]
    critical = 0.1
    for _ in range(3):  # AdamW's limit depends on the rate itself
        critical /= ratio_of(make, critical).ratio
    below, above = ratio_of(make, 0.99 * critical), ratio_of(make, 1.01 * critical)
    assert below.ratio == pytest.approx(0.99, abs=5e-4)
    assert above.ratio == pytest.approx(1.01, abs=5e-4)
    assert below.limit == pytest.approx(limit if limit else (2 - 0.99 * critical * 0.05) * 3)
    assert length_after(make, 0.99 * critical) < 0.1
    assert length_after(make, 1.01 * critical) > 1e3


class Pieces(nn.Module):
    """θ in two tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = (nn.Parameter(piece.clone()) for piece in start().split(3))

    def forward(self, x: Tensor) -> Tensor:
        return bowl(torch.cat([self.first, self.second])) + 0 * x


def mean(outputs: Tensor, targets: Tensor) -> Tensor:
    return (outputs - targets).mean()


@pytest.mark.parametrize("momenta", [(0.0, 0.0), (0.9, 0.9), (0.9, 0.3)])
def test_groups_with_learning_rates_and_momentum_of_their_own(momenta: tuple[float, float]) -> None:
    def trained(scale: float, steps: int) -> tuple[float, float]:
        module, data = Pieces(), (torch.zeros(2, 1, dtype=torch.float64), torch.zeros(2, 1, dtype=torch.float64))
        # The second tensor comes first in the optimizer: places in θ are told by the tensors themselves.
        groups = [
            {"params": [module.second], "lr": 3 * scale, "momentum": momenta[1]},
            {"params": [module.first], "lr": scale, "momentum": momenta[0]},
        ]
        optimizer = torch.optim.SGD(groups, lr=1.0)
        found = ts.sharpness(ts.Objective(module, mean, data), optimizer).stability
        assert found is not None
        for _ in range(steps):
            optimizer.zero_grad()
            mean(module(data[0]), data[1]).backward()
            optimizer.step()
        with torch.no_grad():
            return found.ratio, float(torch.cat([module.first, module.second]).norm())

    critical = 0.1 / trained(0.1, 0)[0]
    assert trained(0.99 * critical, 1500)[1] < 0.1
    assert trained(1.01 * critical, 1500)[1] > 1e3


def test_state_of_adam_after_real_steps_against_its_update() -> None:
    """P is what torch divides by: with it, the next update of a frozen gradient can be written down."""
    theta = nn.Parameter(start())
    optimizer = torch.optim.Adam([theta], lr=0.01, betas=(0.9, 0.99), eps=1e-3)
    for _ in range(7):
        theta.grad = PLANTED.product(theta.detach()[:, None])[:, 0]
        before = theta.detach().clone()
        optimizer.step()
    moved = before - theta.detach()
    found = read_steps(optimizer, ts.Objective.of(bowl, theta))
    # S = 2η/(P·limit), and torch moved by η·m/P.
    assert torch.allclose(found.sizes * found.limit / 2 * optimizer.state[theta]["exp_avg"], moved, rtol=1e-9)


def line() -> tuple[nn.Linear, ts.Objective]:
    module = nn.Linear(2, 1)
    return module, ts.Objective(module, nn.MSELoss(), (torch.randn(5, 2), torch.randn(5, 1)))


def test_parameters_that_the_optimizer_does_not_move() -> None:
    module, objective = line()
    found = ts.sharpness(objective, torch.optim.SGD([module.bias], lr=0.25)).stability
    assert found is not None
    assert found.moved == 1
    assert found.value == pytest.approx(0.5)  # the bias alone has curvature 2


def test_what_has_no_limit_is_said() -> None:
    module, objective = line()
    for optimizer, words in (
        (torch.optim.Adam(module.parameters()), "hasn't taken a step yet"),
        (torch.optim.Adagrad(module.parameters()), "no stability limit is known for Adagrad"),
        (torch.optim.SGD(nn.Linear(2, 1).parameters(), lr=0.1), "none of the objective's parameters"),
        (torch.optim.SGD(module.parameters(), lr=0.0), "learning rate is 0"),
        (torch.optim.SGD(module.parameters(), lr=0.1, maximize=True), "climbs"),
        (torch.optim.SGD(module.parameters(), lr=0.1, momentum=1.0), "stable on no quadratic"),
        (
            torch.optim.SGD(
                [{"params": [module.weight]}, {"params": [module.bias], "momentum": 0.5}],
                lr=0.1,
                momentum=0.9,
                nesterov=True,
            ),
            "Nesterov momentum that differs",
        ),
    ):
        with pytest.raises(UserError, match=words):
            ts.sharpness(objective, optimizer)
    with pytest.raises(DataTypeError, match="seen float"):
        ts.sharpness(objective, 0.1)  # type: ignore[arg-type]  # what is tested


def test_a_subclass_may_step_in_any_way() -> None:
    class Odd(torch.optim.SGD):
        pass

    module, objective = line()
    with pytest.raises(UserError, match="for Odd"):
        ts.sharpness(objective, Odd(module.parameters(), lr=0.1))


def test_training_on_after_the_objective_was_made_is_said() -> None:
    module, objective = line()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    with torch.no_grad():
        module.weight.add_(1.0)
    with pytest.warns(FallbackWarning, match="have moved since"):
        ts.sharpness(objective, optimizer)


def test_the_optimizer_is_only_read() -> None:
    module, objective = line()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9)
    before = optimizer.state_dict()
    ts.sharpness(objective, optimizer)
    assert optimizer.state_dict() == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda p: torch.optim.SGD(p, lr=0.1),
        lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True),
        lambda p: torch.optim.Adam(p, lr=3e-3, betas=(0.9, 0.99)),
        lambda p: torch.optim.AdamW(p, lr=3e-3, betas=(0.9, 0.99)),
        lambda p: torch.optim.RMSprop(p, lr=1e-3),
    ],
    ids=["gradient descent", "Nesterov", "Adam", "AdamW", "RMSProp"],
)
def test_full_batch_training_ends_at_the_limit(make: Callable[[Iterable[Tensor]], torch.optim.Optimizer]) -> None:
    """Curvature as the optimizer meets it rises to the edge of stability and stays there (Cohen et al. 2021, 2022)."""
    torch.manual_seed(0)
    X = torch.randn(500, 5)
    y = torch.sin(2 * X[:, :1]) * X[:, 1:2]
    module = nn.Sequential(nn.Linear(5, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    optimizer, ratios = make(module.parameters()), []
    for update in range(4001):
        if update >= 2000 and update % 200 == 0:
            found = ts.sharpness(ts.Objective(module, nn.MSELoss(), (X, y)), optimizer).stability
            assert found is not None
            ratios.append(found.ratio)
        optimizer.zero_grad()
        nn.functional.mse_loss(module(X), y).backward()
        optimizer.step()
    assert 0.85 < sum(ratios) / len(ratios) < 1.15
