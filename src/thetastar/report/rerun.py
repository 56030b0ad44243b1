"""What was done as code that does it again: a command for a shell, or lines for Python."""

from __future__ import annotations

import shlex
from typing import Any

from thetastar.fitting.asked import Asked
from thetastar.fitting.record import Record

__all__ = ["recipe_code", "rerun"]

_WIDTH = 88  # a longer command has its options below each other


def rerun(record: Record) -> str:
    """Return the code that finds the same function again.

    A command is for a POSIX shell in the folder of the table. The Python code takes the rows as ``X`` and ``y``, and
    what else was given by the names of its arguments; after a call of ``thetastar.fitting.fit``, as its ``question``.
    """
    if record.asked.by == "command":
        return _command(record)
    return _function(record) if record.asked.by == "function" else _estimator(record)


def recipe_code(recipe: dict[str, Any]) -> str:
    """Print a recipe's plain values as the call that makes it, one argument a line.

    Example:
        >>> print(recipe_code({"folds": 5, "rungs": ["linear"]}))
        Recipe(
            folds=5,
            rungs=('linear',),
        )
    """
    return _call("Recipe", [f"{name}={_plain(value)!r}" for name, value in recipe.items()])


def _command(record: Record) -> str:
    """Write the command; each option starts a line of its own if they don't all fit on one."""
    source = f"./{record.source}" if record.source.startswith("-") else record.source
    words = ["thetastar", "fit", source]
    lines = [shlex.join(words)]
    for word in record.asked.options:
        if word.startswith("-"):
            lines.append(shlex.quote(word))
        else:
            lines[-1] += f" {shlex.quote(word)}"
    line = " ".join(lines)
    return line if len(line) <= _WIDTH else " \\\n    ".join(lines)


def _estimator(record: Record) -> str:
    name = record.asked.by.capitalize()
    seed = f"random_state={record.seed}"
    model = _call(name, [_recipe(record), *_arguments(record.asked), _budget(record), seed])
    data = ", ".join(["X", "y", *(f"{each}={each}" for each in record.asked.data)])
    return f"from thetastar import Recipe, {name}\n\nmodel = {model}\nmodel.fit({data})"


def _arguments(asked: Asked) -> list[str]:
    """Write the arguments of an estimator that a record doesn't tell otherwise."""
    given = {"kinds": dict(asked.kinds) or None, "class_weight": asked.class_weight}
    return [f"{name}={value!r}" for name, value in given.items() if value is not None]


def _function(record: Record) -> str:
    found = _call("fit", ["question", _recipe(record), _budget(record), f"seed={record.seed}"])
    return f"from thetastar.fitting import Recipe, fit\n\nfound = {found}"


def _recipe(record: Record) -> str:
    return f"recipe={recipe_code(record.recipe)}"


def _budget(record: Record) -> str:
    return f"budget={record.budget_seconds!r}"


def _call(name: str, arguments: list[str]) -> str:
    """Write a call with one argument a line."""
    inner = "".join(f"{argument},\n" for argument in arguments)
    return f"{name}(\n{_indented(inner)})"


def _indented(text: str) -> str:
    return "".join(f"    {line}" for line in text.splitlines(keepends=True))


def _plain(value: Any) -> Any:
    """Return a list, which JSON makes of them, as the tuple that it was."""
    return tuple(map(_plain, value)) if isinstance(value, list) else value
