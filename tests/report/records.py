"""Records such as fits write, made by hand: every rung, every ending, hostile names, numbers that aren't finite."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import get_args

import numpy as np

from thetastar.data import Column, ColumnFormat, Kind, Note, Outline, Reading, ReadOptions, Target
from thetastar.data.codes import NoteCode
from thetastar.fitting.asked import Asked
from thetastar.fitting.classes import ClassQuality, judge_classes
from thetastar.fitting.evidence import (
    Alike,
    Band,
    Effect,
    Evidence,
    Importance,
    Interaction,
    IntervalCheck,
    ResidualCurve,
    WorstRow,
)
from thetastar.fitting.recipe import Recipe
from thetastar.fitting.record import (
    Caution,
    Choice,
    Conditioning,
    Curve,
    Formula,
    HeldOut,
    Independence,
    Input,
    Limit,
    Record,
    Rung,
    Streamed,
    Surface,
    Term,
)
from thetastar.fitting.saving.plain import to_plain

HOSTILE = '<script>alert("x")</script>[red]&amp;'
RUNGS = ("constant", "linear", "hard_sigmoids", "hidden", "deep")
PARAMETERS = (1, 11, 322, 3_393, 21_258)


def regression() -> Record:
    """A fit that climbed the whole ladder and kept the hidden layer, with everything a report can draw."""
    unit = 3989.4
    training = (1.0, 0.148, 0.0541, 0.0211, 0.0149)
    validation = (1.0004, 0.1493, 0.0558, 0.0226, 0.0229)
    outcomes = ("first", "improved", "improved", "improved", "no_gain")
    ladder = tuple(
        _rung(name, place, training[place], validation[place], unit=unit, outcome=outcomes[place])
        for place, name in enumerate(RUNGS)
    )
    return Record(
        format=1,
        source="diamonds.csv",
        reading=_reading(),
        rows=53_940,
        weights=False,
        target=Target(name="price", task="regression", classes=(), reason="numeric"),
        columns=_columns(),
        outlines=(Outline("price", (326.0, 2401.0, 18_823.0), (), (0.52, 0.18, 0.1, 0.08, 0.07, 0.05)), *_outlines()),
        cautions=(),
        split="random",
        folds=5,
        independence=_independence(),
        series=None,
        loss="squared",
        ladder=ladder,
        left_out=(),
        choice=_choice("hidden", difference=0.0, lowest="hidden"),
        streamed=None,
        limit=Limit(code="noise_or_features", numbers={}),
        formula=_formula(),
        evidence=Evidence(
            importance=_importance(),
            alike=(Alike(("carat", "depth", "table"), 0.94),),
            effects=_effects(),
            interaction=_interaction(),
            intervals=_intervals(),
            residuals=_residuals(),
            worst=_worst(),
        ),
        curves=_curves(("linear", "hard_sigmoids", "hidden", "deep"), validation),
        surface=_surface(),
        conditioning=Conditioning(3.4e5, 12.0, 211_000.0, 31.0),
        held_out=_held_out(unit),
        forecast=None,
        classes=None,
        recipe=to_plain(Recipe()),
        asked=Asked("command", ("--target", "price", "--kind", "clarity=category")),
        stopped="finished",
        budget_seconds=120.0,
        seconds=96.4,
        seed=0,
        versions={"thetastar": "0.1.0", "torch": "2.13.0", "numpy": "2.3.4", "python": "3.11.7"},
    )


def classification() -> Record:
    """A fit to three classes that stopped at its budget, kept the curves and overfits above them."""
    training = (1.0986, 0.312, 0.171, 0.094, 0.031)
    validation = (1.0991, 0.329, 0.208, 0.214, 0.291)
    wrong = (0.5581, 0.121, 0.0683, 0.0712, 0.0891)
    outcomes = ("first", "improved", "improved", "no_gain", "worse")
    ladder = tuple(
        dataclasses.replace(
            _rung(name, place, training[place], validation[place], unit=1.0, outcome=outcomes[place]),
            validation_error=_folds(wrong[place], 0.06, place),
        )
        for place, name in enumerate(RUNGS)
    )
    classes = ("Adélie", "Chinstrap", "Gentoo")
    return dataclasses.replace(
        regression(),
        source="penguins.parquet",
        asked=Asked("command", ("--target", "species")),
        rows=333,
        weights=True,
        cautions=(*_cautions(), Caution("few_of_class", "", {"fewest": 5.0}, (1, 0))),
        target=Target(name="species", task="classification", classes=classes, reason="text"),
        outlines=(Outline("species", (), ("Adélie", "Gentoo", "Chinstrap"), (0.44, 0.36, 0.2)), *_outlines()),
        split="stratified",
        loss="cross_entropy",
        ladder=ladder,
        choice=dataclasses.replace(
            _choice("hard_sigmoids", difference=0.0, lowest="hard_sigmoids"), combined="retrained"
        ),
        limit=Limit(code="overfitting", numbers={}),
        formula=_class_formula(),
        conditioning=Conditioning(3.4e5, 12.0, None, None),
        evidence=Evidence(importance=_importance(), effects=_class_effects()),
        held_out=HeldOut(
            rows=333,
            truth=(0.0, 1.0, 2.0),
            prediction=(0.0, 2.0, 2.0),
            probability=((0.9, 0.05, 0.05), (0.1, 0.3, 0.6), (0.0, 0.1, 0.9)),
            confusion=((141, 5, 0), (9, 57, 2), (1, 6, 112)),
        ),
        classes=_quality(333, (0.44, 0.2, 0.36)),
        stopped="budget",
    )


def rare() -> Record:
    """A fit to two classes, one of which has 3 % of the rows: always naming the other is right for 97 %."""
    record = classification()
    quality = _quality(20_000, (0.97, 0.03))
    wrong = (0.03, 0.03, 0.0262, 0.0261, 0.0271)
    ladder = tuple(
        dataclasses.replace(rung, validation_error=_folds(wrong[place], 0.06, place))
        for place, rung in enumerate(record.ladder)
    )
    return dataclasses.replace(
        record,
        source="claims.csv",
        asked=Asked("command", ("--target", "fraud")),
        rows=20_000,
        target=Target(name="fraud", task="classification", classes=("no", "yes"), reason="text"),
        outlines=(Outline("fraud", (), ("no", "yes"), (0.97, 0.03)), *_outlines()),
        ladder=ladder,
        formula=Formula(intercept=(-3.1,), terms=_formula().terms),
        evidence=Evidence(importance=_importance(), effects=tuple(one for one in _class_effects() if not one.output)),
        held_out=HeldOut(
            rows=20_000,
            truth=(0.0, 1.0, 0.0),
            prediction=(0.0, 0.0, 0.0),
            probability=((0.97, 0.03), (0.8, 0.2), (0.99, 0.01)),
            confusion=((19_310, 90), (432, 168)),
        ),
        classes=quality,
    )


def uneven() -> Record:
    """A fit to three classes, of which one has nine rows in ten."""
    return dataclasses.replace(classification(), classes=_quality(2_000, (0.9, 0.06, 0.04)))


def tiny() -> Record:
    """A fit to six rows and one column, of which only the constant came out; nothing to draw but the ladder."""
    ladder = (_rung("constant", 0, 1.0, 1.2, unit=2.0, outcome="first"),)
    return dataclasses.replace(
        regression(),
        source="array",
        rows=6,
        target=Target(name="y", task="regression", classes=(), reason="numeric"),
        columns=(Column("x0", Kind.constant, False, "one_value", 0, 1, "1.0", False),),
        outlines=(Outline("y", (1.5, 3.25, 5.0), (), (0.5, 0.5)), Outline("x0")),
        folds=2,
        ladder=ladder,
        choice=dataclasses.replace(
            _choice("constant", difference=0.0, lowest="constant"),
            combined_why="untested",
            combined="retrained",
            tried=1,
        ),
        limit=Limit(code="nothing_to_learn", numbers={}),
        formula=Formula(intercept=(3.25,), terms=()),
        evidence=Evidence(),
        curves=(),
        surface=None,
        conditioning=None,
        held_out=HeldOut(rows=0, truth=(), prediction=(), probability=(), confusion=()),
        recipe=to_plain(Recipe()),
        asked=Asked("regressor", kinds=(("x0", "number"),), data=("sample_weight",)),
        versions={},
    )


def diverged() -> Record:
    """A fit whose deep rung diverged in one fold and whose hidden rung failed at optimisation."""
    record = regression()
    hidden = dataclasses.replace(record.ladder[3], training=(0.2,) * 5, outcome="optimization_failure")
    deep = dataclasses.replace(
        record.ladder[4],
        training=(math.inf, 0.02, 0.02, 0.02, 0.02),
        validation=(math.nan, 0.03, 0.03, 0.03, 0.03),
        validation_error=(math.nan, 600.0, 600.0, 600.0, 600.0),
        outcome="diverged",
        numbers={"difference": math.nan},
    )
    stopped = [
        dataclasses.replace(
            curve,
            stopped="diverged",
            loss=(*curve.loss[:-2], math.inf, math.nan),
            gradient_norm=(math.nan,) * len(curve.loss),
        )
        if curve.rung == "deep" and curve.fold == 0
        else curve
        for curve in record.curves
    ]
    return dataclasses.replace(
        record,
        ladder=(*record.ladder[:3], hidden, deep),
        choice=_choice("hard_sigmoids", difference=0.001, lowest="deep"),
        limit=Limit(code="optimization", numbers={}),
        curves=tuple(stopped),
        stopped="interrupted",
    )


def non_finite() -> Record:
    """A record in which every number that can be missing is nan or infinite."""
    record = regression()
    ladder = tuple(
        dataclasses.replace(
            rung,
            training=(math.nan,) * 5,
            validation=(math.inf,) * 5,
            training_error=(math.nan,) * 5,
            validation_error=(math.nan,) * 5,
            numbers={"difference": math.inf},
        )
        for rung in record.ladder
    )
    surface = record.surface
    assert surface is not None
    return dataclasses.replace(
        record,
        ladder=ladder,
        surface=dataclasses.replace(surface, loss=tuple((math.nan,) * len(surface.x) for _ in surface.y)),
        held_out=dataclasses.replace(record.held_out, prediction=(math.nan,) * len(record.held_out.truth)),
        evidence=Evidence(
            importance=tuple(
                dataclasses.replace(one, loss=(math.nan,) * 5, error=(math.nan,) * 5)
                for one in record.evidence.importance
            ),
            effects=tuple(
                dataclasses.replace(
                    one,
                    value=(math.nan,) * len(one.value),
                    folds=tuple((math.inf,) * len(fold) for fold in one.folds),
                    gap=(math.nan,) * len(one.gap),
                )
                for one in record.evidence.effects
            ),
            interaction=dataclasses.replace(_interaction(), loss=(math.nan,) * 5, value=((math.inf,) * 4,) * 5),
            intervals=dataclasses.replace(_intervals(), coverage=((math.nan,) * 5,) * 4, length=(math.inf,) * 4),
            residuals=tuple(
                dataclasses.replace(
                    one,
                    missed=(math.nan,) * len(one.missed),
                    band=Band(*[(bad,) * len(one.band.mean) for bad in (math.nan, -math.inf, math.inf)], False),
                )
                for one in _residuals()
            ),
            worst=tuple(dataclasses.replace(one, prediction=math.nan) for one in _worst()),
        ),
        conditioning=Conditioning(math.inf, math.nan, math.inf, math.nan),
        budget_seconds=math.inf,
    )


def streamed() -> Record:
    """A fit to a sample whose function went on over all rows of the file."""
    return dataclasses.replace(
        regression(),
        source="trips.parquet",
        streamed=Streamed(
            stopped="finished",
            of=50_000_000,
            method="descent",
            rows=49_950_101,
            judges=49_899,
            before=0.02263,
            after=0.01984,
            standard_error=0.00021,
            before_error=600.1,
            after_error=561.9,
            kept=True,
            seconds=412.0,
            megabytes=1_998.0,
        ),
    )


def hostile() -> Record:
    """A record whose file, columns, target and values carry markup."""
    record = regression()
    surface, formula = record.surface, record.formula
    assert surface is not None
    assert formula is not None
    return dataclasses.replace(
        record,
        source=HOSTILE,
        target=dataclasses.replace(record.target, name=HOSTILE),
        cautions=_cautions(),
        columns=tuple(dataclasses.replace(column, name=HOSTILE, example=HOSTILE) for column in record.columns),
        outlines=(Outline(HOSTILE), Outline(HOSTILE, (), (HOSTILE, HOSTILE), (0.6, 0.4))),
        formula=Formula(
            intercept=formula.intercept,
            terms=tuple(
                dataclasses.replace(term, input=Input(HOSTILE, HOSTILE, term.input.role)) for term in formula.terms
            ),
        ),
        evidence=Evidence(
            importance=tuple(dataclasses.replace(one, column=HOSTILE) for one in record.evidence.importance),
            alike=(Alike((HOSTILE, HOSTILE), 0.9),),
            effects=tuple(
                dataclasses.replace(one, column=HOSTILE, levels=tuple(HOSTILE for _ in one.levels))
                for one in record.evidence.effects
            ),
            interaction=dataclasses.replace(_interaction(), columns=(HOSTILE, HOSTILE)),
            residuals=tuple(
                dataclasses.replace(one, column=HOSTILE, levels=tuple(HOSTILE for _ in one.levels))
                for one in _residuals()
            ),
            worst=tuple(dataclasses.replace(one, values={HOSTILE: HOSTILE}) for one in _worst()),
        ),
        surface=dataclasses.replace(surface, weight=Input(HOSTILE, HOSTILE, "category"), method=HOSTILE),
        recipe={"loss": HOSTILE},
        asked=Asked("command", ("--target", HOSTILE)),
        versions={"thetastar": HOSTILE},
    )


ALL = {
    "regression": regression,
    "classification": classification,
    "rare": rare,
    "uneven": uneven,
    "tiny": tiny,
    "diverged": diverged,
    "non_finite": non_finite,
    "streamed": streamed,
    "hostile": hostile,
}


def _independence() -> Independence:
    """A table in which neighbours are no more alike than shuffled rows."""
    return Independence(
        decision="independent",
        rows=16_326,
        rung="linear",
        random_error=1189.2,
        blocked_error=1190.4,
        difference=0.0002,
        standard_error=0.0003,
        statistic=0.7,
        probability=0.25,
    )


def _folds(mean: float, spread: float, seed: int) -> tuple[float, ...]:
    """Five folds around a mean."""
    noise = np.random.default_rng(seed).normal(size=5)
    return tuple(float(value) for value in mean * (1 + spread * (noise - noise.mean())))


def _rung(name: str, place: int, training: float, validation: float, *, unit: float, outcome: str) -> Rung:
    """One rung whose errors follow from its losses."""
    fold_validation = _folds(validation, 0.04, place)
    fold_training = _folds(training, 0.01, place + 10)
    numbers = {} if outcome == "first" else {"difference": -0.31 / (place + 1) ** 2, "standard_error": 0.0021}
    return Rung(
        name=name,
        parameters=PARAMETERS[place],
        training=fold_training,
        validation=fold_validation,
        training_error=tuple(unit * math.sqrt(loss) for loss in fold_training),
        validation_error=tuple(unit * math.sqrt(loss) for loss in fold_validation),
        seconds=0.02 * 6**place,
        outcome=outcome,
        numbers=numbers,
        settings={"learning_rate": 0.003, "l2": 1e-4, "epochs": 40, "width": 64} if place > 1 else {},
    )


def _choice(rung: str, *, difference: float, lowest: str) -> Choice:
    """A choice whose two ways to combine were measured."""
    return Choice(
        rung=rung,
        lowest=lowest,
        difference=difference,
        standard_error=0.0012,
        combined="ensemble",
        combined_why="judged",
        ensemble_loss=0.0219,
        retrained_loss=0.0224,
        judge_standard_error=0.0004,
        tried=23,
    )


def _cautions() -> tuple[Caution, ...]:
    return (
        Caution("copy", HOSTILE, {"alone": 0.0}),
        Caution("gives_away", "paid", {"alone": 0.004, "others": 0.62}),
        Caution("known_after", "reason", {"value": 0.0, "missing": 1.0, "inside": 1.0, "outside": 0.003}),
        Caution("known_after", "fee", {"value": 0.0, "missing": 0.0, "inside": 0.998, "outside": 0.0}),
        Caution("shared", "", {"rows": 20.0, "all": 1_200.0}),
        Caution("duplicates", "", {"rows": 1_234.0, "all": 53_940.0}),
        Caution("conflicts", "", {"rows": 60.0, "all": 4_000.0, "floor": 0.031}),
    )


def _reading() -> Reading:
    """A file with a note of every code: what is told of it says what was seen."""
    columns = ("depth", "table", *(f"x{place}" for place in range(7)), HOSTILE)
    return Reading(
        options=ReadOptions(decimal=","),
        formats=(ColumnFormat("depth", "number", decimal=",", missing=("no depth",)), ColumnFormat("cut", "text")),
        notes=tuple(
            Note(code, columns[:2] if place % 2 else columns, HOSTILE, 1 + place, (HOSTILE, "NA"))
            for place, code in enumerate(get_args(NoteCode))
        ),
    )


def _outlines() -> tuple[Outline, ...]:
    """How the values of each of them are spread."""
    return (
        Outline("carat", (0.2, 0.7, 5.01), (), (0.41, 0.2, 0.22, 0.11, 0.04, 0.02)),
        Outline("cut", (), ("Ideal", "Premium", "Very Good", "Good", "Fair"), (0.4, 0.256, 0.224, 0.09, 0.03)),
        Outline("clarity", (), ("SI1", "VS2", "SI2"), (0.242, 0.227, 0.17)),
        Outline("depth", (43.0, 61.8, 79.0), (), (0.02, 0.1, 0.38, 0.36, 0.12, 0.02)),
        Outline("table", (43.0, 57.0, 95.0), (), (0.05, 0.4, 0.35, 0.15, 0.04, 0.01)),
        Outline("certified", (), ("true", "false"), (0.9, 0.1)),
        Outline("sold", (14_975.0, 15_400.0, 16_034.5), (), (0.2, 0.15, 0.25, 0.2, 0.1, 0.1)),
        Outline("weighed", (7.5, 13.25, 23.99), (), (0.1, 0.3, 0.4, 0.15, 0.05)),
        Outline("stone"),
        Outline("remarks"),
        Outline("currency"),
    )


def _columns() -> tuple[Column, ...]:
    """Columns of every kind."""
    return (
        Column("carat", Kind.number, True, "numeric", 0, 273, "0.23", False),
        Column("cut", Kind.category, True, "few_distinct", 12, 5, "Ideal", False),
        Column("clarity", Kind.category, True, "few_distinct", 0, 8, "SI2", False),
        Column("depth", Kind.number, True, "numeric", 37, 184, "61.5", False),
        Column("table", Kind.number, True, "numeric", 0, 127, "55.0", False),
        Column("certified", Kind.boolean, True, "boolean", 0, 2, "true", False),
        Column("sold", Kind.date, True, "dates", 204, 1_630, "2011-03-07", False),
        Column("weighed", Kind.time, True, "times", 88, 1_022, "14:05:00", False),
        Column("stone", Kind.identifier, False, "distinct_code", 0, 53_940, "GIA-2141438171", False),
        Column("remarks", Kind.text, False, "overruled", 48_211, 5_312, "minor inclusion near the girdle", True),
        Column("currency", Kind.constant, False, "one_value", 0, 1, "USD", False),
    )


def _formula() -> Formula:
    """A linear function with a term of each role."""
    return Formula(
        intercept=(-2756.4,),
        terms=(
            Term(Input("carat", "", "number"), 8895.21),
            Term(Input("clarity", "I1", "category"), -3612.4),
            Term(Input("clarity", "IF", "category"), 1291.87),
            Term(Input("cut", "Fair", "category"), -812.03),
            Term(Input("cut", "Ideal", "category"), 203.331),
            Term(Input("depth", "", "number"), -21.0243),
            Term(Input("depth", "", "missing"), -43.9),
            Term(Input("table", "", "number"), -24.8032),
            Term(Input("certified", "true", "boolean"), 112.4),
            Term(Input("sold", "", "date"), 0.0313),
            Term(Input("sold", "", "year"), 11.4),
            Term(Input("sold", "", "sin_month"), -31.2),
            Term(Input("sold", "", "cos_weekday"), 9.7),
            Term(Input("sold", "", "cos_hour"), 4.1),
            *(
                Term(Input("clarity", name, "category"), 100.0 / place)
                for place, name in enumerate(("VS1", "VS2", "SI1"), 1)
            ),
        ),
    )


def _class_formula() -> Formula:
    """A linear score for each of three classes."""
    terms = [Term(Input("carat", "", "number"), 2.4 - output, output) for output in range(3)]
    terms += [Term(Input("cut", "Fair", "category"), 0.8 * output - 1, output) for output in range(3)]
    return Formula(intercept=(0.31, -1.2, 0.89), terms=tuple(terms))


def measured(record: Record, **evidence: object) -> Record:
    """The record with other evidence."""
    return dataclasses.replace(record, evidence=dataclasses.replace(record.evidence, **evidence))  # type: ignore[arg-type]  # as named


def _effects() -> tuple[Effect, ...]:
    """Bent curves of very different effect, one with missing values, and categories."""
    carat, depth, sold = np.linspace(0.2, 2.5, 25), np.linspace(55, 70, 25), np.linspace(17_000, 19_000, 9)
    return (
        _effect("carat", "number", carat, 4200 * np.tanh(1.6 * (carat - 1.1)) + 900 * carat - 400),
        _effect("clarity", "category", np.array([]), np.array([-2500.0, -600, 100, 400, 900, 1500])),
        _effect("cut", "category", np.array([]), np.array([-200.0, 20, 60]), gap=(-40.0, -20, -60, -35, -44)),
        _effect("depth", "number", depth, -24 * (depth - 61.7) ** 2 + 300, gap=(110.0, 90, 120, 100, 105)),
        _effect("sold", "date", sold, np.linspace(-80, 160, 9)),
        *(
            dataclasses.replace(_effect("sold", "number", np.arange(1.0, end), 40 * np.sin(np.arange(1.0, end))), of=of)
            for of, end in (("year", 4), ("month", 13), ("weekday", 8), ("hour", 24))
        ),
        _effect("weighed", "time", np.arange(7.5, 24.0), 20 * np.sin(np.arange(7.5, 24.0) / 4)),
    )


def _interaction() -> Interaction:
    """A product of a number and a category, with a cell without rows."""
    value = np.outer(np.linspace(-1, 1, 5), np.linspace(900, -700, 4))
    shares = np.full((5, 4), 1 / 19)
    shares[0, 3] = 0
    return Interaction(
        columns=("carat", "clarity"),
        kinds=("number", "category"),
        places=((0.2, 0.4, 0.7, 1.0, 1.5, 2.5), ()),
        levels=((), ("I1", "SI2", "VS1", "IF")),
        value=tuple(tuple(map(float, row)) for row in value),
        shares=tuple(tuple(map(float, row)) for row in shares),
        loss=_folds(0.0123, 0.05, 3),
        pairs=10,
    )


def _intervals() -> IntervalCheck:
    """Intervals that grow with the prediction, a little short of what was asked for."""
    levels = (0.5, 0.8, 0.9, 0.95)
    predicted = np.linspace(330, 18_800, 40)
    return IntervalCheck(
        levels=levels,
        coverage=tuple(_folds(level - 0.004, 0.01, place) for place, level in enumerate(levels)),
        length=(310.0, 720.5, 1104.2, 1490.0),
        by="prediction",
        columns=(),
        tenths=(330.0, 2900.0),
        band_level=0.9,
        predicted=tuple(map(float, predicted)),
        low=tuple(map(float, 0.8 * predicted)),
        high=tuple(map(float, 1.25 * predicted)),
    )


def _residuals() -> tuple[ResidualCurve, ...]:
    """A column that still tells something, one that doesn't, and categories."""
    random = np.random.default_rng(5)
    x = random.uniform(0.2, 2.5, 300)
    places = np.linspace(0.2, 2.5, 25)
    bent, flat = 200 * np.sin(3 * places), np.zeros(25)
    levels = ("SI1", "VS2", "a very long name of a category")
    return (
        _residual(
            "carat", places, bent, True, x=list(x), missed=list(200 * np.sin(3 * x) + 90 * random.normal(size=300))
        ),
        _residual("depth", 55 + 6 * places, flat, False, x=list(55 + 6 * x), missed=list(90 * random.normal(size=300))),
        _residual("clarity", np.array([]), np.array([12.0, -30.0, 4.0]), False, levels=levels),
    )


def _residual(
    column: str,
    places: np.ndarray,
    mean: np.ndarray,
    beyond: bool,
    *,
    x: Sequence[float] = (),
    missed: Sequence[float] = (),
    levels: tuple[str, ...] = (),
) -> ResidualCurve:
    """A residual curve with a band of equal width."""
    low, high = mean - 25, mean + 25
    return ResidualCurve(
        column=column,
        kind="category" if levels else "number",
        places=tuple(map(float, places)),
        levels=levels,
        band=Band(tuple(map(float, mean)), tuple(map(float, low)), tuple(map(float, high)), beyond),
        x=tuple(map(float, x)),
        missed=tuple(map(float, missed)),
    )


def _worst() -> tuple[WorstRow, ...]:
    """Ten rows, of which the third stands in the table twice."""
    return tuple(
        WorstRow(
            row=5_000 - 413 * place,
            rows=2 if place == 2 else 1,
            truth=16_000.0 + place,
            prediction=8_000.0 + 650 * place,
            values={"carat": "2.01", "cut": "", "clarity": "SI2", "depth": "61.5", "table": "58", "certified": "true"},
        )
        for place in range(10)
    )


def _class_effects() -> tuple[Effect, ...]:
    """The same for three classes, in leads."""
    return tuple(
        dataclasses.replace(
            effect,
            value=tuple((output - 1) * value / 900 for value in effect.value),
            folds=tuple(tuple((output - 1) * value / 900 for value in fold) for fold in effect.folds),
            gap=(),
            output=output,
        )
        for effect in _effects()[:3]
        for output in range(3)
    )


def _effect(column: str, kind: str, places: np.ndarray, value: np.ndarray, *, gap: tuple[float, ...] = ()) -> Effect:
    """An effect on whose size five folds differ."""
    factors = np.array([0.93, 0.98, 1.0, 1.03, 1.06])
    levels = () if len(places) else tuple(f"{column} {position}" for position in range(len(value)))
    shares = np.exp(-(np.linspace(-1.5, 2, 32 if len(places) else len(value)) ** 2))
    return Effect(
        column=column,
        kind=kind,
        places=tuple(map(float, places)),
        levels=levels,
        shares=tuple(map(float, shares / shares.sum())),
        value=tuple(map(float, value)),
        folds=tuple(tuple(map(float, factor * value)) for factor in factors),
        gap=gap,
    )


def _importance() -> tuple[Importance, ...]:
    """One column that matters most, some that matter less, one that doesn't."""
    sizes = {"carat": 2.1, "clarity": 0.31, "cut": 0.04, "depth": 0.012, "sold": 0.004, "table": 0.0003}
    return tuple(
        Importance(name, _folds(size, 0.08 if size > 0.001 else 3, place), _folds(1800 * size, 0.08, place), 5)
        for place, (name, size) in enumerate(sizes.items())
    )


def _curves(rungs: tuple[str, ...], levels: tuple[float, ...]) -> tuple[Curve, ...]:
    """Five members a rung, and trials of seven learning rates for the networks."""
    found = [
        _curve(rung, "fold", fold, 0.003, levels[place + 1]) for place, rung in enumerate(rungs) for fold in range(5)
    ]
    for place, rung in enumerate(rungs[2:]):
        for step, rate in enumerate((1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 1e-1, 1.0)):
            ends = (0.81, 0.31, 0.09, 0.052, 0.061, 0.4, math.inf)[step] * (1 + 0.3 * place)
            found.append(_curve(rung, "probe", 0, rate, ends))
    return tuple(found)


def _curve(rung: str, purpose: str, fold: int, rate: float, level: float) -> Curve:
    """One member's descent from a loss near one to its level."""
    random = np.random.default_rng(fold + len(rung))
    update = np.unique(np.geomspace(1, 16_000, 90).astype(int))
    diverged = math.isinf(level)
    fall = (1.2 - level) / (1 + (update / 60) ** 0.9) + level if not diverged else np.full(len(update), np.inf)
    loss = fall * np.exp(0.04 * random.normal(size=len(update)))
    norm = 0.9 * (update + 3.0) ** -0.42 * np.exp(0.15 * random.normal(size=len(update)))
    return Curve(
        rung=rung,
        purpose=purpose,
        fold=fold,
        learning_rate=rate,
        update=tuple(int(step) for step in update),
        loss=tuple(map(float, loss)),
        gradient_norm=tuple(map(float, norm)),
        validation_update=tuple(int(step) for step in update[::6]),
        validation_loss=tuple(float(value) * 1.06 for value in fall[::6]),
        best_update=9_000,
        stopped="diverged" if diverged else "early",
    )


def _surface() -> Surface:
    """Squared loss over intercept and slope of a real least squares problem, with its real gradient descent."""
    random = np.random.default_rng(0)
    column = random.normal(1.0, 0.9, 400)
    truth = 0.4 + 0.8 * column + 0.3 * random.normal(size=400)
    inputs = np.stack([np.ones(400), column], axis=1)
    theta, path = np.array([-1.4, -0.9]), []
    for _ in range(60):
        path.append(theta.copy())
        theta = theta - 0.06 * 2 * inputs.T @ (inputs @ theta - truth) / 400
    x, y = np.linspace(-1.8, 2.2, 41), np.linspace(-1.2, 2.2, 41)
    loss = [[_squared(inputs, truth, [b, w]) for b in x] for w in y]
    return Surface(
        plane="parameters",
        weight=Input("carat"),
        x=tuple(map(float, x)),
        y=tuple(map(float, y)),
        loss=tuple(tuple(row) for row in loss),
        path_x=tuple(float(point[0]) for point in path),
        path_y=tuple(float(point[1]) for point in path),
        path_loss=tuple(_squared(inputs, truth, point) for point in path),
        method="gradient_descent",
        rung="linear",
    )


def _squared(inputs: np.ndarray, truth: np.ndarray, theta: object) -> float:
    """The mean squared error of a linear function."""
    return float(np.mean((inputs @ np.asarray(theta) - truth) ** 2))


def _held_out(unit: float) -> HeldOut:
    """Skewed positive values and predictions whose error grows with them."""
    random = np.random.default_rng(1)
    truth = np.exp(random.normal(7.9, 0.95, 1_500)).clip(330, 18_800)
    guess = truth * np.exp(0.11 * random.normal(size=1_500)) + 0.02 * unit * random.normal(size=1_500)
    return HeldOut(
        rows=53_940, truth=tuple(map(float, truth)), prediction=tuple(map(float, guess)), probability=(), confusion=()
    )


def _quality(rows: int, shares: tuple[float, ...]) -> ClassQuality:
    """Measures of made-up probabilities that are right, over rows drawn from them."""
    random = np.random.default_rng(2)
    scores = np.log(shares) + 1.6 * random.normal(size=(rows, len(shares))) * (np.array(shares) < max(shares))
    scores[:, np.argmax(shares)] += 1.2  # what the spread of the others took from the most frequent
    probability = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    truth = (random.random((rows, 1)) > probability.cumsum(1)).sum(1)
    found = judge_classes(truth, probability, np.ones(rows), seed=0)
    assert found is not None
    return found
