"""5 folds × 8 learning rates of a 64-64 network on diamonds, beside GridSearchCV(MLPRegressor, n_jobs=2).

Same rows, folds, network, batch size, epochs and processors; both encode on the training rows of each fold.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import torch
from sklearn.compose import TransformedTargetRegressor, make_column_selector, make_column_transformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bench.report import Bar, Result, Value
from bench.timing import in_turn, ratio
from thetastar.data import Fold, decide_columns, encode, fit_encoding, read, split
from thetastar.descent import Examples, Member, Plan, mean_loss, train, updates_per_epoch
from thetastar.functions import FunctionSet
from thetastar.losses import Squared

RATES = (1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 5e-3, 1e-2, 2e-2)
FOLDS, EPOCHS, BATCH, WIDTH, JOBS, ROUNDS = 5, 10, 256, 64, 2, 3
LEAST_FASTER = 4.0


def run() -> Result:
    from plotnine.data import diamonds

    folds = split(len(diamonds), folds=FOLDS, seed=0)
    losses: dict[str, np.ndarray] = {}

    def keep(name: str, search: Callable[[], np.ndarray]) -> Callable[[], object]:
        return lambda: losses.update({name: search()})

    before = torch.get_num_threads()
    torch.set_num_threads(JOBS)
    try:
        times = in_turn(
            {
                "scikit-learn": keep("scikit-learn", lambda: _theirs(diamonds, folds)),
                "thetastar": keep("thetastar", lambda: _ours(diamonds, folds)),
            },
            rounds=ROUNDS,
        )
    finally:
        torch.set_num_threads(before)
    rows: list[dict[str, Value]] = [
        {
            "library": name,
            "seconds": float(np.median(seconds)),
            "best learning rate": RATES[int(losses[name].argmin())],
            "its mean validation loss": float(losses[name].min()),
        }
        for name, seconds in times.items()
    ]
    better = float(losses["scikit-learn"].min() / losses["thetastar"].min())
    bars = [
        Bar("times faster", ratio(times["scikit-learn"], times["thetastar"]), LEAST_FASTER),
        Bar("best mean validation loss, theirs over ours", better, 1.0),
    ]
    configuration = {
        "folds": FOLDS,
        "rates": RATES,
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "jobs": JOBS,
        "width": WIDTH,
    }
    details = {"losses": {name: values.tolist() for name, values in losses.items()}, "seconds": times}
    return Result(configuration, rows, bars, details)


def _theirs(diamonds: object, folds: tuple[Fold, ...]) -> np.ndarray:
    """Return the mean squared error of each rate over the folds, in dollars²."""
    encoder = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(sparse_output=False, handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    )
    network = MLPRegressor(
        hidden_layer_sizes=(WIDTH, WIDTH),
        batch_size=BATCH,
        alpha=0.0,
        max_iter=EPOCHS,
        tol=0.0,
        n_iter_no_change=EPOCHS + 1,
        random_state=0,
    )
    model = TransformedTargetRegressor(make_pipeline(encoder, network), transformer=StandardScaler())
    search = GridSearchCV(
        model,
        {"regressor__mlpregressor__learning_rate_init": RATES},
        scoring="neg_mean_squared_error",
        cv=[(fold.train, fold.validation) for fold in folds],
        n_jobs=JOBS,
        refit=False,
    )
    inputs, price = diamonds.drop(columns="price"), diamonds["price"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # as many epochs as asked for
        search.fit(inputs, price)
    return -search.cv_results_["mean_test_score"]


def _ours(diamonds: object, folds: tuple[Fold, ...]) -> np.ndarray:
    """Return the same numbers from one population of folds × rates."""
    table = read(diamonds)
    price = table["price"].to_numpy().astype(np.float64)
    columns = decide_columns(table, overrules=None, leave_out=["price"])
    inputs, targets, deviations = [], [], []
    for fold in folds:
        encoding = fit_encoding(table, columns, rows=fold.train)
        inputs.append(encode(encoding, table)[:, : encoding.plain])
        deviations.append(price[fold.train].std())
        targets.append((price - price[fold.train].mean()) / deviations[-1])
    examples = Examples(
        torch.from_numpy(np.stack(inputs)),
        torch.from_numpy(np.stack(targets)).float().unsqueeze(2),
        torch.ones(FOLDS, len(price)),
    )
    members = [
        Member(
            train=torch.from_numpy(fold.train),
            validation=torch.from_numpy(fold.validation),
            source=source,
            seed=source,
            learning_rate=rate,
            batch_size=BATCH,
        )
        for rate in RATES
        for source, fold in enumerate(folds)
    ]
    width = examples.inputs.shape[2]
    functions = FunctionSet(inputs=width, outputs=1, hidden=(WIDTH, WIDTH), reads=width)
    updates = [EPOCHS * updates_per_epoch(len(member.train), BATCH) for member in members]
    plan = Plan(updates=updates, check_every=max(updates), keep_best=False)  # their networks end at the last update too
    trained = train(functions, Squared(), examples=examples, members=members, plan=plan)
    losses = mean_loss(
        functions,
        Squared(),
        state=trained.state,
        examples=examples,
        sources=[member.source for member in members],
        rows=[member.validation for member in members],
    )
    errors = losses.numpy().reshape(len(RATES), FOLDS) * np.square(deviations)
    return errors.mean(1)
