"""Shows how far a long call is, on a terminal."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

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
        console = Console(stderr=True)
        self._shown = console.is_terminal and not quiet
        self._started: float | None = None
        self._task: TaskID | None = None
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )

    def __enter__(self) -> ProgressBar:
        self._started = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._progress.stop()

    def __call__(self, stage: str, done: float, total: float) -> None:
        """Moves the bar.

        Args:
            stage: What is being done.
            done: How much of it is done, in the stage's own unit.
            total: How much there is to do; 0 when it is not known.
        """
        if not self._shown or (time.monotonic() - (self._started or 0.0)) < PATIENCE:
            return
        if self._task is None:
            self._task = self._progress.add_task(stage, total=None)
            self._progress.start()
        self._progress.update(self._task, description=stage, completed=done, total=total or None)
