"""Every figure of a record with its place on the page."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from thetastar.fitting.record import Record
from thetastar.report import figures
from thetastar.report.figures.figure import Figure
from thetastar.report.words import say

__all__ = ["Panel", "Picture", "effect_panels", "inside_script", "pictures", "residual_panels"]


@dataclass(frozen=True)
class Picture:
    """A figure's place on the page: an id, its data as JSON that is safe inside a script element, and its height."""

    id: str
    data: Markup
    height: int


@dataclass(frozen=True)
class Panel:
    """A small figure among others, with its name and a few words."""

    title: str
    note: str
    picture: Picture


def pictures(record: Record, lang: str) -> dict[str, Picture | None]:
    """Draw every figure; None where the record has no data for it."""
    drawn = {
        "ladder": figures.ladder_figure(record, lang),
        "descent": figures.descent_figure(record, lang),
        "probe": figures.probe_figure(record, lang),
        "surface": figures.surface_figure(record, lang),
        "relief": figures.relief_figure(record, lang),
        "importance": figures.importance_figure(record, lang),
        "interaction": figures.interaction_figure(record, lang),
        "predicted": figures.predicted_figure(record, lang),
        "forecast": figures.forecast_figure(record, lang),
        "thresholds": figures.threshold_figure(record, lang),
        "precision_recall": figures.precision_recall_figure(record, lang),
        "roc": figures.roc_figure(record, lang),
        "reliability": figures.reliability_figure(record, lang),
    }
    return {name: None if figure is None else _picture(name, figure) for name, figure in drawn.items()}


def effect_panels(record: Record, lang: str) -> tuple[Panel, ...]:
    """Draw the effect of each important column."""
    return tuple(
        Panel(
            title=say(f"found.effects.{of}", lang, column=column) if of else column,
            note=figures.effect_range(record, column, of=of),
            picture=_picture(f"effect-{place}", figures.effect_figure(record, column, lang, of=of)),
        )
        for place, (column, of) in enumerate(figures.effect_parts(record))
    )


def residual_panels(record: Record, lang: str) -> tuple[Panel, ...]:
    """Draw what predictions miss along each important column."""
    return tuple(
        Panel(
            title=curve.column,
            note=say("good.residuals.beyond" if curve.band.beyond else "good.residuals.none", lang),
            picture=_picture(f"residual-{place}", figures.residual_figure(record, curve.column)),
        )
        for place, curve in enumerate(record.evidence.residuals)
    )


def inside_script(text: str) -> Markup:
    """Hide the one character that can end a script element or start a comment; JSON reads it back the same."""
    return Markup(text.replace("<", "\\u003c"))


def _picture(name: str, figure: Figure) -> Picture:
    """Turn a figure into its place on the page."""
    return Picture(id=f"figure-{name}", data=inside_script(figure.json()), height=figure.height)
