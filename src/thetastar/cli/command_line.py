"""A command as it was given, so that the report can print it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import typer

__all__ = ["words_of"]


def words_of(ctx: typer.Context, *, without: Collection[str]) -> tuple[str, ...]:
    """Return a command's options, word by word, without those that are at their default.

    Args:
        ctx: Of the command, with the values that it runs with.
        without: Names of options that are not returned.
    """
    words: list[str] = []
    for option in ctx.command.params:
        value = ctx.params.get(option.name or "")
        if option.param_type_name == "option" and option.name not in without and value not in (option.default, None):
            words += _written(option, value)
    return tuple(words)


def _written(option: Any, value: Any) -> list[str]:
    """Return the words that give an option its value; a list gives it once for each."""
    if isinstance(value, bool):
        return [(option.opts if value else option.secondary_opts)[0]]
    if isinstance(value, (list, tuple)):
        return [word for each in value for word in _written(option, each)]
    name, text = option.opts[0], str(value)
    return [f"{name}={text}"] if text.startswith("-") else [name, text]  # or it would read as another option
