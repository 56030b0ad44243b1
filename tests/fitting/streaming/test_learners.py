"""What learns from rows that come by: which of the two, and with which penalty and learning rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from sklearn.linear_model import Ridge

from thetastar.fitting import FoundFunction, Recipe, fit
from thetastar.fitting.question import Question
from thetastar.fitting.rungs.settings import Settings
from thetastar.fitting.streaming import learners
from thetastar.fitting.streaming.learners import learner_of
from thetastar.losses import loss_named


@pytest.fixture(scope="module")
def found() -> FoundFunction:
    x = np.random.default_rng(0).standard_normal((300, 2))
    table = pl.DataFrame({"a": x[:, 0], "b": x[:, 1]})
    question = Question(table, pl.Series("y", x @ [1.0, 2.0]))
    return fit(question, recipe=Recipe(rungs=("constant", "linear"))).function


def rows(count: int, *, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    stream = torch.Generator().manual_seed(seed)
    inputs = torch.randn(1, count, 2, generator=stream)
    return inputs, inputs.sum(2, keepdim=True) + torch.randn(1, count, 1, generator=stream)


def one(found: FoundFunction) -> FoundFunction:
    return replace(found, state=found.state[:1], encodings=found.encodings[:1], scales=found.scales[:1])


def test_the_penalty_counts_as_much_as_it_did_on_the_sample(found: FoundFunction) -> None:
    settings = Settings(plain_l2=0.5, piece_l2=0.5)
    learner = learner_of(one(found), settings, loss_named("squared"), recipe=Recipe(), sample=100, seed=0)
    blocks = [rows(200, seed=seed) for seed in range(4)]
    for inputs, targets in blocks:
        learner.learn(inputs, targets, share=0.0)
    x, y = (torch.cat(parts, 1)[0].double().numpy() for parts in zip(*blocks, strict=True))
    known = Ridge(alpha=0.5 * 100).fit(x, y)
    assert learner.name == "normal_equations"
    expected = np.concatenate([known.intercept_, known.coef_.ravel()])
    np.testing.assert_allclose(learner.state()[0].numpy(), expected, rtol=1e-5)


def test_other_losses_and_very_wide_functions_descend(found: FoundFunction, monkeypatch: pytest.MonkeyPatch) -> None:
    def name(loss: str) -> str:
        learner = learner_of(one(found), Settings(), loss_named(loss), recipe=Recipe(), sample=100, seed=0)
        return learner.name

    assert (name("squared"), name("absolute")) == ("normal_equations", "descent")
    monkeypatch.setattr(learners, "_WIDEST", 1)
    assert name("squared") == "descent"


def test_the_learning_rate_falls_to_nothing(found: FoundFunction) -> None:
    def moved(share: float) -> float:
        settings = Settings(learning_rate=0.1, batch_size=100)
        learner = learner_of(one(found), settings, loss_named("huber"), recipe=Recipe(), sample=100, seed=0)
        learner.learn(*rows(250, seed=0), share=share)
        return float((learner.state() - one(found).state).abs().max())

    assert moved(0.0) == pytest.approx(0.3, rel=0.2)  # three batches, each a step of about the learning rate
    assert moved(0.5) == pytest.approx(moved(0.0) / 2, rel=0.2)
    assert moved(1.0) == 0.0
