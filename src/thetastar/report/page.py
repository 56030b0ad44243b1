"""The report: one HTML file that holds everything it needs and opens without a network."""

from __future__ import annotations

import json
import math
from functools import cache, partial
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from thetastar.fitting.record import Record
from thetastar.fitting.saving.whole import write_whole
from thetastar.report import accuracy, classes, facts, figures, formula, influence, limits, sentences, tables
from thetastar.report.cautions import cautions
from thetastar.report.columns import SPARK_HEIGHT, SPARK_WIDTH, described
from thetastar.report.conditioning import conditioning
from thetastar.report.figures.descent import trained
from thetastar.report.figures.ranking import meeting_alarms, parting_recall
from thetastar.report.figures.style import DARK, LIGHT, SERIES
from thetastar.report.lead import towards_the_rarer
from thetastar.report.numbers import count, counted, number, percent
from thetastar.report.pictures import effect_panels, inside_script, pictures, residual_panels
from thetastar.report.reading import reading_notes
from thetastar.report.rerun import recipe_code, rerun
from thetastar.report.scores import score_example
from thetastar.report.series import series
from thetastar.report.streamed import streamed
from thetastar.report.words import check_language, say

__all__ = ["render", "write_report"]

COLUMNS_SHOWN = 24  # more columns of the table are folded away
TERMS_SHOWN = 12
SCORES_SHOWN = 4  # formulas of the first classes stand open, the others are folded away; one if none was kept
DIVERGED_NAMED = 5


def write_report(record: Record, path: str | Path, *, lang: str = "en") -> Path:
    """Write the report as one self-contained HTML file and return where it is.

    The file's content security policy forbids every network request, so that opening it tells nobody.

    Raises:
        UserError: if the language isn't in the catalogue, or the file can't be written.
    """
    return write_whole(path, render(record, lang=lang).encode())


def render(record: Record, *, lang: str = "en") -> str:
    """Return the report's HTML.

    Raises:
        UserError: if the language isn't in the catalogue.
    """
    check_language(lang)
    record = towards_the_rarer(record)
    return (
        _environment(lang)
        .get_template("report.html.j2")
        .render(
            record=record,
            lang=lang,
            say=partial(_say, lang=lang),
            words=sentences,
            limit_words=limits,
            series_words=series,
            streamed=streamed,
            cautions=cautions(record, lang),
            conditioning=conditioning(record, lang),
            example=score_example(record, lang),
            tables=tables,
            rerun=rerun(record),
            recipe="" if record.asked.by != "command" else recipe_code(record.recipe),
            numbers=accuracy,
            influence=influence,
            class_tables=classes,
            reading_notes=reading_notes,
            described=described,
            spark=(SPARK_WIDTH, SPARK_HEIGHT),
            kept=facts.chosen(record),
            colours={"light": LIGHT, "dark": DARK},
            series=SERIES,
            css=_resource("report.css"),
            script=_resource("report.js"),
            plotly=Markup(get_plotlyjs()),
            swap=_json({LIGHT[name]: DARK[name] for name in LIGHT}),
            pictures=pictures(record, lang),
            effects=effect_panels(record, lang),
            residuals=residual_panels(record, lang),
            effect_columns=len(figures.effect_columns(record)),
            more_effects=facts.used_columns(record) - len(figures.effect_columns(record)),
            formulas=formula.written(record, lang),
            formula_rung=_formula_rung(record),
            columns_shown=COLUMNS_SHOWN,
            terms_shown=TERMS_SHOWN,
            scores_shown=SCORES_SHOWN if record.choice.rung == _formula_rung(record) else 1,
            classes_shown=classes.CLASSES_SHOWN,
            positive=sentences.positive(record),
            larger=_larger(record),
            rarely=facts.rare(record),
            space=say("sentence.space", lang),
            members=len(trained(record)),
            diverged=_diverged(record, lang),
            missing_rungs=_missing_rungs(record, lang),
            networks=_networks(record, lang),
            quantiles=facts.quantile_errors(record),
            errors={rung.name: sentences.error(record, rung.validation_error) for rung in record.ladder},
        )
    )


@cache
def _environment(lang: str) -> Environment:
    """Return what fills the templates; kept, since to compile them takes longer than to fill them."""
    environment = Environment(
        loader=PackageLoader("thetastar.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, percent=percent, count=count, counted=partial(_counted, lang=lang))
    return environment


def _say(key: str, lang: str, **numbers: str | float | int) -> str:
    """Let the template ask for words without repeating the language."""
    return say(key, lang, **numbers)


def _counted(value: int, noun: str, lang: str) -> str:
    """Let the template write a number of things without repeating the language."""
    return counted(noun, value, lang)


def _resource(name: str) -> Markup:
    """Read one of the package's own page files; they are ours, so they need no escaping."""
    return Markup((files("thetastar.report") / "templates" / name).read_text(encoding="utf-8"))


def _json(value: object) -> Markup:
    """Write JSON that can stand inside a script element whatever text it holds."""
    return inside_script(json.dumps(value))


def _larger(record: Record) -> tuple[bool, bool]:
    """Tell whether a part of the precision-recall and of the ROC curves is drawn larger, without the perfect rest."""
    rankings = record.classes.rankings if record.classes else ()
    return bool(rankings) and parting_recall(rankings) > 0, bool(rankings) and meeting_alarms(rankings) < 1


def _formula_rung(record: Record) -> str:
    """Name the rung that the formula belongs to: the kept one where that is a formula, else the linear one."""
    return record.choice.rung if record.choice.rung in ("constant", "linear") else "linear"


def _diverged(record: Record, lang: str) -> str:
    """List the members that diverged, a handful by name."""
    names = [
        say(
            "descent.member.all" if curve.purpose == "all" else "descent.member",
            lang,
            rung=say(f"rung.{curve.rung}", lang),
            fold=curve.fold + 1,
            rate=number(curve.learning_rate, digits=2),
        )
        for curve in record.curves
        if curve.stopped == "diverged" and curve.purpose != "probe"
    ]
    if len(names) > DIVERGED_NAMED:
        more = say("descent.more", lang, more=count(len(names) - DIVERGED_NAMED))
        names = [*names[:DIVERGED_NAMED], more]
    return say("list.semicolon", lang).join(names)


def _networks(record: Record, lang: str) -> str:
    """Say how networks are judged; nothing if there are none."""
    if not any(rung.name in ("hidden", "deep") for rung in record.ladder):
        return ""
    return say("ladder.networks.classification" if record.target.classes else "ladder.networks", lang)


def _missing_rungs(record: Record, lang: str) -> str:
    """List the rungs that the ladder's figure can't show, because a fold's loss isn't finite."""
    return say("list.comma", lang).join(
        say(f"rung.{rung.name}", lang) for rung in record.ladder if math.isnan(facts.estimate(rung.validation).mean)
    )
