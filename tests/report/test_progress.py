"""The progress line: shown on a terminal, silent elsewhere."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from thetastar.errors import UserError
from thetastar.report import Progress


def console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=100)


def seen(out: Console) -> str:
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_a_terminal_sees_rung_and_time_left() -> None:
    out = console(terminal=True)
    with Progress("en", console=out) as progress:
        progress.update("hard_sigmoids", 0.5, 75.0)
    assert "fitting: hard sigmoids" in seen(out)
    assert "1\u00a0min\u00a015\u00a0s left" in seen(out)


def test_a_pass_over_all_rows_is_no_rung() -> None:
    out = console(terminal=True)
    with Progress("en", console=out) as progress:
        progress.update("all_rows", 0.5, 75.0)
    assert "going through all rows" in seen(out)


def test_it_speaks_chinese() -> None:
    out = console(terminal=True)
    with Progress("zh", console=out) as progress:
        progress.update("linear", 2.0, -3.0)
    assert "正在训练：线性" in seen(out)
    assert "剩余 0\u00a0秒" in seen(out)


@pytest.mark.parametrize(("terminal", "quiet"), [(False, False), (True, True), (False, True)])
def test_nobody_looks_nothing_is_written(terminal: bool, quiet: bool) -> None:
    out = console(terminal=terminal)
    with Progress("en", quiet=quiet, console=out) as progress:
        progress.update("deep", 0.1, 10.0)
    assert seen(out).strip() == ""


def test_it_goes_away_after_an_error() -> None:
    out = console(terminal=True)
    with pytest.raises(KeyboardInterrupt), Progress("en", console=out):
        raise KeyboardInterrupt
    assert seen(out).endswith("\x1b[2K") or "\x1b[?25h" in seen(out)


def test_updating_outside_the_context_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="with"):
        Progress("en").update("linear", 0.1, 1.0)


def test_an_unknown_language_is_the_users_error() -> None:
    with pytest.raises(UserError, match="'fr'"):
        Progress("fr")
