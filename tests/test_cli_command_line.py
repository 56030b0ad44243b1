"""The options of a command, word by word, are read back as what they were."""

from __future__ import annotations

import pytest
import typer

from thetastar.cli import app
from thetastar.cli.command_line import words_of

WITHOUT = frozenset({"out", "quiet"})


def context(*words: str) -> typer.Context:
    command = typer.main.get_command(app).commands["fit"]  # type: ignore[attr-defined]  # typer's type hides the group
    return command.make_context("fit", ["table.csv", *words])


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--target", "the price"),
        ("--kind", "a=category", "--kind", "b=number"),
        ("--no-header", "--folds", "3"),
        ("--header", "--delimiter", "tab"),
        ("--target=-x", "--delimiter=-"),
        ("--time", "day", "--lags", "24", "--horizon", "2", "--budget", "90s", "--seed", "1"),
    ],
    ids=" ".join,
)
def test_words_are_read_back_as_what_they_were(words: tuple[str, ...]) -> None:
    asked = context(*words)
    again = words_of(asked, without=WITHOUT)
    assert context(*again).params == asked.params
    assert sorted(again) == sorted(words)


def test_what_is_at_its_default_or_makes_no_difference_is_left_out() -> None:
    asked = context("--target", "y", "--folds", "5", "--task", "auto", "--out", "elsewhere", "--quiet")
    assert words_of(asked, without=WITHOUT) == ("--target", "y")


def test_values_that_were_put_in_later_count() -> None:
    asked = context("--target", "y")
    asked.params |= {"target": "z", "kind": ["a=text"], "seed": 4}  # as they are when a fit is resumed
    assert words_of(asked, without=WITHOUT) == ("--target", "z", "--kind", "a=text", "--seed", "4")
