"""Cross-validated least squares on folds of neighbours, against fitting each fold by itself."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from tests.fitting.tables import NEVER
from thetastar.descent import Deadline
from thetastar.errors import BudgetError
from thetastar.fitting.checks.order_folds import OrderFolds

ROWS, FOLDS, PENALTY = 60, 3, 0.01


def planted() -> OrderFolds:
    random = np.random.default_rng(0)
    inputs = random.normal(size=(ROWS, 4))
    targets = inputs[:, :2] + random.normal(size=(ROWS, 2))
    return OrderFolds(inputs, targets - targets.mean(0), PENALTY, FOLDS)


@pytest.mark.parametrize("shift", [0, 1])
def test_each_row_is_predicted_by_ridge_regression_on_the_other_folds(shift: int) -> None:
    folds, order = planted(), np.random.default_rng(1).permutation(ROWS)
    predicted = folds.predict(order, deadline=NEVER)[shift]
    turned = np.roll(order, -shift * ROWS // FOLDS // 2)
    for held in np.split(turned, FOLDS):
        train = np.setdiff1d(order, held)
        ridge = Ridge(alpha=PENALTY * len(train)).fit(folds.inputs[train], folds.targets[train])
        np.testing.assert_allclose(predicted[held], ridge.predict(folds.inputs[held]), atol=1e-10)


def test_squares_are_summed_over_outputs() -> None:
    folds = planted()
    predicted = np.stack([folds.targets + 1, folds.targets + 2])
    np.testing.assert_allclose(folds.squares(predicted), np.repeat([[2.0], [8.0]], ROWS, axis=1))


def test_it_ends_when_the_time_is_up() -> None:
    with pytest.raises(BudgetError):
        planted().predict(np.arange(ROWS), deadline=Deadline(0.0))
