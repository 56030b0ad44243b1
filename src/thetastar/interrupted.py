"""Ctrl-C before there is anything to keep: one line and the shell's code, also while libraries are being loaded.

An interrupt may leave a library half imported, and whoever imports it again meets that. So nothing is imported here
but what Python brings along, and the words are read from the catalogue's file itself.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from itertools import pairwise

__all__ = ["INTERRUPTED", "end_interrupted", "interrupted"]

INTERRUPTED = 130  # the shell's code for Ctrl-C


def interrupted(lang: str) -> str:
    """Return what to say of an interrupt before any function was found.

    Example:
        >>> interrupted("en")
        'Interrupted before any function was found: nothing was written.'
    """
    catalogue = files("thetastar") / "report" / "words.json"
    words: str = json.loads(catalogue.read_text(encoding="utf-8"))["cli.interrupted"][lang]
    return words


def asked_language(arguments: list[str]) -> str:
    """Return the language that a command line asks for, as far as that can be told before it is understood.

    Example:
        >>> asked_language(["fit", "t.csv", "--lang", "zh"]), asked_language(["fit", "t.csv"])
        ('zh', 'en')
    """
    asks = ("--lang", "zh") in pairwise(arguments) or "--lang=zh" in arguments
    return "zh" if asks else "en"


def end_interrupted() -> None:
    """Say it, and end with its code."""
    print(interrupted(asked_language(sys.argv)), file=sys.stderr)
    sys.exit(INTERRUPTED)
