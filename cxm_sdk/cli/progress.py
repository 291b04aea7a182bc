"""Shows how far a long call is, on a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["ProgressBar"]

PATIENCE = 1.0  # seconds before the bar appears; shorter work needs none


class ProgressBar:
    """A bar on stderr that follows the library's ``progress`` callback; nothing where stderr is no terminal.

    Args:
        quiet: Whether to show nothing at all.

    Example:
        >>> with ProgressBar(quiet=True) as bar:
        ...     bar("score", 1.0, 2.0)
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._shown = not quiet
        self._started: float | None = None
        self._bar: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> ProgressBar:
        self._started = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar[0].stop()

    def __call__(self, stage: str, done: float, total: float) -> None:
        """Moves the bar.

        Args:
            stage: What is being done.
            done: How much of it is done, in the stage's own unit.
            total: How much there is to do; 0 when it is not known.
        """
        if not self._shown or (time.monotonic() - (self._started or 0.0)) < PATIENCE:
            return
        if self._bar is None:
            self._bar = _started_bar(stage)
        if self._bar is None:
            self._shown = False
            return
        progress, task = self._bar
        progress.update(task, description=stage, completed=done, total=total or None)


def _started_bar(stage: str) -> tuple[Progress, TaskID] | None:
    """Starts a bar where stderr is a terminal; only work that is long enough for one imports what draws it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        return None
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=console, transient=True)
    task = progress.add_task(stage, total=None)
    progress.start()
    return progress, task
