"""R27: AdaGrad gives each parameter its own learning rate; the course's form and the library's are not the same.

The course divides by the root of the *mean* of the squared gradients. Where w has stood still for long that mean is
small, the step becomes too large for the steep direction, and w bursts out until the mean has grown again. A burst
grows from rounding errors, so how high it gets depends on the order of a sum (6.48 to 6.60 were seen); a plain loop
gives the golden digits, and the program's rule is compared with it up to the first burst and in how it goes on.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.book.pokemon import START, descend, points

UPDATES = 100_000
OPTIMUM = torch.tensor([-188.433, 2.66945], dtype=torch.float64)


@pytest.fixture(scope="module")
def canyon(shared_data: Path) -> tuple[Tensor, Tensor]:
    return points(shared_data)


@pytest.fixture(scope="module")
def course(canyon: tuple[Tensor, Tensor]) -> Tensor:
    return descend("adagrad_course", *canyon, rates=[1.0], updates=UPDATES)[:, 0]


@pytest.fixture(scope="module")
def library(canyon: tuple[Tensor, Tensor]) -> Tensor:
    return descend("adagrad", *canyon, rates=[1.0], updates=UPDATES)[:, 0]


@pytest.fixture(scope="module")
def plain_loop(canyon: tuple[Tensor, Tensor]) -> np.ndarray:
    """The course's formula as it stands, with η = 1."""
    x, y = canyon[0][:, 1].numpy(), canyon[1].numpy()
    b, w = START
    squares_b = squares_w = 0.0
    path = [START]
    for t in range(UPDATES):
        error = y - (b + w * x)
        slope_b, slope_w = -2 * error.sum(), -2 * (error * x).sum()
        squares_b, squares_w = squares_b + slope_b**2, squares_w + slope_w**2
        b -= slope_b / np.sqrt(squares_b / (t + 1))
        w -= slope_w / np.sqrt(squares_w / (t + 1))
        path.append((b, w))
    return np.array(path)


def test_the_first_step_is_exactly_eta(course: Tensor) -> None:
    assert (course[1] - course[0]).tolist() == pytest.approx([1.0, 1.0], rel=1e-12)


def test_the_courses_digits(plain_loop: np.ndarray) -> None:
    assert plain_loop[1000, 0] == pytest.approx(-176.9, abs=0.05)
    assert plain_loop[-1] == pytest.approx([-188.436, 2.666], abs=1e-3)
    assert plain_loop[:, 1].max() == pytest.approx(6.591, abs=1e-3)


def test_the_rule_is_the_plain_loop(course: Tensor, plain_loop: np.ndarray) -> None:
    """To rounding before the first burst; then the same shape."""
    np.testing.assert_allclose(course[:600].numpy(), plain_loop[:600], rtol=1e-7)
    assert course[1000, 0].item() == pytest.approx(-176.9, abs=0.05)
    assert course[:, 1].max().item() == pytest.approx(6.591, abs=0.2)
    torch.testing.assert_close(course[50_000:].median(0).values, OPTIMUM, rtol=1e-3, atol=0)


def test_the_course_form_bursts_long_after_it_was_near(course: Tensor) -> None:
    w = course[:, 1]
    assert (w[664:700] - 2.66).abs().max() < 0.2  # it was near
    for begin in range(1000, UPDATES, 10_000):
        assert w[begin : begin + 10_000].max() > 4.0


def test_the_library_form_does_not_burst(library: Tensor) -> None:
    assert library[10_000, 0].item() == pytest.approx(-152.5, abs=0.05)
    w = library[1000:, 1]
    assert [w.min().item(), w.max().item()] == pytest.approx([2.470, 2.669], abs=1e-3)


def test_the_library_form_is_the_course_form_with_a_decaying_learning_rate(canyon: tuple[Tensor, Tensor]) -> None:
    """η/√(t + 1) for η: checked on the same gradients, since the two paths differ."""
    features, y = canyon
    path = descend("adagrad", features, y, rates=[1.0], updates=300)[:, 0].numpy()
    slopes = 2 * (path @ features.T.numpy() - y.numpy()) @ features.numpy()
    time = np.arange(1, 301)[:, None]
    mean = np.sqrt(np.cumsum(slopes[:-1] ** 2, 0) / time)
    np.testing.assert_allclose(np.diff(path, axis=0), -(1 / np.sqrt(time)) / mean * slopes[:-1], rtol=1e-9)
