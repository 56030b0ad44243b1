"""One line that shows a running fit: which rung, how far, how long still."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from thetastar.report.numbers import duration
from thetastar.report.words import check_language, knows, say

__all__ = ["Progress"]


class Progress:
    """A progress line, as a context manager; silent when asked to be, or when nobody looks (no terminal).

    Example:
        >>> with Progress("en", quiet=True) as progress:
        ...     progress.update("linear", 0.25, 12.0)
    """

    def __init__(self, lang: str, *, quiet: bool = False, console: Console | None = None) -> None:
        """Prepare the line; nothing is shown before the context is entered.

        Raises:
            UserError: if the language isn't in the catalogue.
        """
        check_language(lang)
        self._lang = lang
        console = Console(stderr=True) if console is None else console
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[left]}", markup=False),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Progress:
        """Show the line."""
        self._task = self._bar.add_task(say("progress.start", self._lang), total=1.0, left="")
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the line away, also after an error."""
        self._bar.stop()

    def update(self, rung: str, done: float, seconds_left: float) -> None:
        """Show the rung (or "all_rows"), the share that is done (0 to 1) and the seconds that are left.

        Raises:
            RuntimeError: if the context was not entered.
        """
        if self._task is None:
            raise RuntimeError("update() was called outside the with block of Progress")
        self._bar.update(
            self._task,
            completed=min(max(done, 0.0), 1.0),
            description=self._what(rung),
            left=say("progress.left", self._lang, seconds=duration(max(seconds_left, 0.0), self._lang)),
        )

    def _what(self, rung: str) -> str:
        if knows(f"progress.{rung}"):
            return say(f"progress.{rung}", self._lang)
        return say("progress.rung", self._lang, rung=say(f"rung.{rung}", self._lang))
