"""The one catalogue of words that people read: report, terminal and progress line, in English and 中文."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from thetastar.errors import UserError

__all__ = ["LANGUAGES", "check_language", "knows", "say"]

LANGUAGES = ("en", "zh")


def say(key: str, lang: str, **numbers: str | float | int) -> str:
    """Return the catalogue's words for a key, with their placeholders filled.

    Numbers come already rounded (see ``thetastar.report.numbers``); ones that the words don't mention are ignored, so
    that one call serves languages that say different things.

    Raises:
        UserError: if the language isn't in the catalogue.
        KeyError: if the key isn't in the catalogue, or the words need a number that was not given.

    Example:
        >>> say("rung.linear", "en")
        'linear'
        >>> say("progress.left", "zh", seconds="5 秒")
        '剩余 5 秒'
    """
    check_language(lang)
    if not knows(key):
        raise KeyError(f"words.json has no words for {key!r}; add them in every language: {', '.join(LANGUAGES)}")
    try:
        return catalogue()[key][lang].format(**numbers)
    except KeyError as missing:
        raise KeyError(f"the words for {key!r} need the number {missing}; given: {sorted(numbers)}") from missing


def knows(key: str) -> bool:
    """Return whether the catalogue has words for the key."""
    return key in catalogue()


def check_language(lang: str) -> None:
    """Raise if the catalogue doesn't speak the language.

    Raises:
        UserError: if the language isn't in the catalogue.
    """
    if lang not in LANGUAGES:
        raise UserError(f"language {lang!r} was asked for; there are words in: {', '.join(LANGUAGES)}")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return the whole catalogue: key → language → words."""
    text = files("thetastar.report").joinpath("words.json").read_text(encoding="utf-8")
    words: dict[str, dict[str, str]] = json.loads(text)
    return words
