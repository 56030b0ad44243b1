from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations
from torch.testing import assert_close

import thetastar as ts
from tests.landscape import nets
from thetastar.errors import FallbackWarning
from thetastar.landscape.plain_norms import PlainNorms, is_normed

LAYERS = {
    "rows": (nn.BatchNorm1d(3), (5, 3)),
    "sequences": (nn.BatchNorm1d(3, eps=0.1), (5, 3, 4)),
    "images": (nn.BatchNorm2d(3), (5, 3, 4, 4)),
    "volumes": (nn.BatchNorm3d(3), (5, 3, 2, 2, 2)),
    "without γ and β": (nn.BatchNorm1d(3, affine=False), (5, 3)),
    "without running statistics": (nn.BatchNorm1d(3, track_running_stats=False), (5, 3)),
    "weights": (parametrizations.weight_norm(nn.Linear(3, 2)), (5, 3)),
    "weights by column": (parametrizations.weight_norm(nn.Linear(3, 2), dim=1), (5, 3)),
}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_values_are_those_of_the_kernels(name: str, training: bool) -> None:
    torch.manual_seed(0)
    layer, shape = LAYERS[name]
    layer = layer.double().train(training)
    for value in (*layer.parameters(), *layer.buffers()):
        if value.is_floating_point():
            value.data.uniform_(0.5, 2.0)
    assert is_normed(layer) or any(map(is_normed, layer.modules()))
    x = torch.randn(shape, dtype=torch.float64)
    before = {key: value.clone() for key, value in layer.state_dict().items()}
    wanted = layer(x)
    moved = {key: value.clone() for key, value in layer.state_dict().items()}
    layer.load_state_dict(before)
    with PlainNorms():
        assert_close(layer(x), wanted)
    assert_close(dict(layer.state_dict()), moved)


def test_other_modules_are_left_to_torch() -> None:
    assert not any(map(is_normed, nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2), nn.Conv1d(1, 1, 1)).modules()))


def test_statistics_of_a_batch_are_told_where_rows_come_in_chunks() -> None:
    """Without running statistics batch normalisation can't be frozen."""
    _, loss, rows = nets.case("mlp")
    module = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4, track_running_stats=False), nn.Linear(4, 3)).double()
    whole = ts.Objective(module, loss, rows)
    hessian = nets.brute_force_hessian(module, loss, rows)
    assert_close(whole.hessian_product(torch.eye(whole.size)), hessian)
    many = (torch.cat([rows[0]] * 300), torch.cat([rows[1]] * 300))
    with pytest.warns(FallbackWarning, match=r"\(weights of classes, ignored targets, or statistics of a batch\?\)"):
        ts.Objective(module, loss, many, memory=2e6)
