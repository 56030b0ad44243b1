"""Lines and planes against losses written out, and directions against what defines them."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import thetastar as ts
from tests.landscape.nets import brute_force_hessian, case, flat
from thetastar.errors import UserError
from thetastar.landscape import Surface


def saddle(theta: Tensor) -> Tensor:
    return (1 - theta[0] * theta[1]) ** 2


def at_origin() -> ts.Objective:
    return ts.Objective.of(saddle, torch.zeros(2, dtype=torch.float64))


def network() -> ts.Objective:
    return ts.Objective(*case("convolution"))


def check_points(objective: ts.Objective, found: Surface) -> None:
    """Each loss is that of the objective at its place, and the middle is θ."""
    for i, a in enumerate(found.axes[0].tolist()):
        for j, b in enumerate(found.axes[1].tolist() if len(found.axes) == 2 else [None]):
            place = torch.tensor([a] if b is None else [a, b], dtype=torch.float64) - found.origin
            loss = objective.loss(objective.theta + found.directions.to(objective.theta) @ place.to(objective.theta))
            seen = found.losses[i] if b is None else found.losses[i, j]
            assert float(seen) == pytest.approx(loss, rel=1e-9)


def test_plane_of_two_parameters_has_their_own_values_as_coordinates() -> None:
    objective = ts.Objective.of(saddle, torch.tensor([0.5, 2.0], dtype=torch.float64))
    found = ts.surface(objective, (1, 0), reach=1.0, points=5)
    assert found.labels == ("θ[1]", "θ[0]")
    assert found.axes[0].tolist() == [1.0, 1.5, 2.0, 2.5, 3.0]
    first, second = torch.meshgrid(*found.axes, indexing="ij")
    assert torch.allclose(found.losses, (1 - first * second) ** 2)


def test_plane_of_the_eigenvectors_of_the_saddle() -> None:
    objective = at_origin()
    found = ts.surface(objective, ts.spectrum(objective), reach=0.5, points=11)
    a, b = torch.meshgrid(*found.axes, indexing="ij")
    assert found.labels == ("eigenvector of λ = 2", "eigenvector of λ = -2")
    assert torch.allclose(found.losses, (1 - (b**2 - a**2) / 2) ** 2)  # w₁w₂ along (1, −1)/√2 and (1, 1)/√2
    assert found.curvatures.tolist() == pytest.approx([2, -2])
    assert found.slopes.tolist() == pytest.approx([0, 0])


@pytest.mark.parametrize("dimensions", [1, 2])
def test_random_directions_of_a_network(dimensions: int) -> None:
    objective = network()
    found = ts.surface(objective, dimensions=dimensions, points=5)
    check_points(objective, found)
    middle = found.losses[2] if dimensions == 1 else found.losses[2, 2]
    assert float(middle) == pytest.approx(found.loss)
    assert not torch.equal(found.losses, ts.surface(objective, dimensions=dimensions, points=5, seed=1).losses)


def test_slopes_and_curvatures_against_brute_force() -> None:
    module, loss, rows = case("mlp")
    objective = ts.Objective(module, loss, rows)
    found = ts.surface(objective, points=3)
    hessian = brute_force_hessian(module, loss, rows)
    expected = torch.stack([each @ hessian @ each for each in found.directions.T])
    assert torch.allclose(found.curvatures, expected)
    assert torch.allclose(found.slopes, objective.gradient() @ found.directions)


def test_path_that_lies_in_a_plane_is_shown_whole() -> None:
    random = torch.Generator().manual_seed(0)
    plane = torch.linalg.qr(torch.randn(20, 2, generator=random, dtype=torch.float64)).Q
    end = torch.randn(20, generator=random, dtype=torch.float64)
    steps = torch.tensor([[4.0, 0.0], [3.0, 1.0], [1.0, -1.0], [0.0, 0.0]], dtype=torch.float64)
    path = end + steps @ plane.T
    objective = ts.Objective.of(lambda theta: theta.square().sum(), end)
    found = ts.surface(objective, "path", path=list(path), points=4)
    assert found.share == pytest.approx(1)
    assert found.path is not None
    assert found.path_losses is not None
    assert torch.allclose(end + found.path @ found.directions.T, path)
    assert torch.allclose(found.path_losses, path.square().sum(1))
    for axis, coordinates in zip(found.axes, found.path.T, strict=True):
        assert float(axis[0]) < float(coordinates.min())
        assert float(axis[-1]) > float(coordinates.max())


def test_main_directions_show_more_of_a_path_than_others() -> None:
    module, loss, rows = case("mlp")
    optimizer, path = torch.optim.Adam(module.parameters(), lr=0.05), []
    module.eval()
    for _ in range(30):
        optimizer.zero_grad()
        loss(module(rows[0]), rows[1]).backward()
        optimizer.step()
        path.append(flat(module))
    objective = ts.Objective(module, loss, rows)
    main = ts.surface(objective, "path", path=path, points=3)
    other = ts.surface(objective, path=path, points=3)
    assert main.share is not None
    assert other.share is not None
    assert 0 < other.share < 0.5 < main.share < 1
    offsets = torch.stack(path) - path[-1]
    extents = torch.linalg.svdvals(offsets).square()
    assert main.share == pytest.approx(float(extents[:2].sum() / extents.sum()))


def test_reach_by_itself_is_where_curvature_changes_the_loss_by_itself() -> None:
    objective = ts.Objective.of(lambda theta: 1 + 50 * theta[0] ** 2, torch.tensor([0.0, 1.0], dtype=torch.float64))
    assert ts.surface(objective, (0,), points=3).axes[0].tolist() == pytest.approx([-(0.02**0.5), 0, 0.02**0.5])
    assert ts.surface(objective, (1,), points=3).axes[0].tolist() == [0, 1, 2]  # flat: as far as θ is long


def test_losses_that_are_not_finite_stay() -> None:
    objective = ts.Objective.of(lambda theta: theta.log().sum(), torch.ones(1, dtype=torch.float64))
    found = ts.surface(objective, (0,), reach=2.0, points=5)
    assert found.losses[0].isnan()
    assert found.losses[1] == -torch.inf
    assert "from 0 to 1.099 on 5 points" in str(found)


def test_it_prints_range_axes_and_path() -> None:
    objective = at_origin()
    found = ts.surface(objective, (0, 1), path=[torch.ones(2), torch.zeros(2)], points=3)
    lines = str(found).splitlines()
    assert lines[0] == "L = 1 at θ, from 0.1406 to 1.723 on 3 × 3 points"
    assert lines[1] == "θ[0], -0.25 … 1.25: slope 0, curvature 0"
    assert lines[3] == "path of 2 points, of which this shows 100%"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"along": (0, 7)}, r"from 0 to 1; seen \[0, 7\]"),
        ({"along": (0, 0)}, "two different places"),
        ({"along": torch.zeros(2)}, "a direction is zero"),
        ({"along": "filters"}, "seen 'filters'"),
        ({"along": "path"}, "needs the path"),
        ({"along": "path", "path": [torch.ones(2), torch.zeros(2)]}, "spans 1 directions"),
        ({"along": "path", "path": [torch.ones(3)]}, r"number 0 has the shape \(3,\)"),
        ({"along": (0, 1), "path": []}, "holds no θ"),
        ({"along": torch.ones(3)}, r"seen the shape \(3,\)"),
        ({"points": 1}, "points at least 2"),
        ({"dimensions": 3}, "dimensions are 1 or 2"),
        ({"reach": float("inf")}, "reach above 0"),
    ],
)
def test_bad_arguments_are_said(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        ts.surface(at_origin(), **arguments)  # type: ignore[arg-type]  # what is tested


def test_a_spectrum_of_something_else_is_refused() -> None:
    other = ts.spectrum(ts.Objective.of(lambda theta: theta @ theta, torch.ones(3)))
    with pytest.raises(UserError, match="2 parameters"):
        ts.surface(at_origin(), other)


def test_random_directions_where_theta_is_zero_are_refused() -> None:
    with pytest.raises(UserError, match="a direction is zero"):
        ts.surface(at_origin())


def test_convolution_in_single_precision() -> None:
    module, loss, rows = case("convolution", dtype=torch.float32)
    assert isinstance(module, nn.Module)
    found = ts.surface(ts.Objective(module, loss, rows), points=3)
    assert found.losses.dtype == torch.float64
    assert bool(found.losses.isfinite().all())
