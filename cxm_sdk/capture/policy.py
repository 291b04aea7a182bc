"""How events are gathered, kept and given up, and how long a sink that fails is left alone."""

from __future__ import annotations

import os
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

from cxm_sdk.capture.batch import BATCH_BYTES

if TYPE_CHECKING:
    from cxm_sdk.capture.backlog import Backlog

__all__ = ["MEMORY_BYTES", "Policy", "Rest"]

FIRST_PAUSE: Final = 0.5
"""Upper end of the pause after the first failure, in seconds; it doubles with every further one."""

LONGEST_PAUSE: Final = 60.0
LONGEST_RETRY_AFTER: Final = 300.0

MEMORY_BYTES: Final = 64 << 20
"""Most bytes of events that wait in memory alone, whatever may wait on disk."""


class Policy(NamedTuple):
    """How events are gathered, kept and given up.

    Attributes:
        batch_events: Most events of a batch.
        batch_bytes: Most bytes of a batch.
        interval: Longest time an event waits for company, in seconds.
        max_events: Most events that may wait.
        max_bytes: Most bytes that may wait.
        overflow: What happens to an event for which there is no room: ``drop_newest``, ``drop_oldest`` or ``block``.
        block_timeout: Longest time that ``block`` waits for room, in seconds.
        exit_timeout: Longest time that is spent on delivery when the interpreter exits, in seconds.
    """

    batch_events: int = 1_000
    batch_bytes: int = BATCH_BYTES
    interval: float = 0.5
    max_events: int = 1_000_000
    max_bytes: int = MEMORY_BYTES
    overflow: str = "drop_newest"
    block_timeout: float = 1.0
    exit_timeout: float = 3.0

    def full(self, backlog: Backlog, size: int) -> bool:
        """Tells whether there is no room.

        Args:
            backlog: Where events wait.
            size: Bytes of one more.

        Returns:
            Whether it would be one too many.
        """
        return (
            backlog.queued + backlog.spooled >= self.max_events
            or backlog.size + size > self.max_bytes
            or backlog.loose + size > MEMORY_BYTES
        )


class Rest:
    """The pause after a failure: exponential back-off with full jitter, or as long as the other side asked for.

    Attributes:
        failures: Attempts that failed since one succeeded.

    Example:
        >>> rest = Rest()
        >>> rest.begin(2.5)
        >>> rest.failures, 2.4 < rest.left() <= 2.5
        (1, True)
        >>> rest.end()
        >>> rest.failures, rest.left()
        (0, 0.0)
    """

    __slots__ = ("_asked", "_until", "failures")

    def __init__(self) -> None:
        self.end()

    def begin(self, asked: float | None) -> None:
        """Begins a pause.

        Args:
            asked: Seconds that the other side asked for; None if it did not.
        """
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self.failures, 20))
        self.failures += 1
        self._asked = asked is not None
        pause = longest * _random() if asked is None else min(max(asked, 0.0), LONGEST_RETRY_AFTER)
        self._until = monotonic() + pause

    def end(self) -> None:
        """Forgets all failures."""
        self.failures = 0
        self._until = 0.0
        self._asked = False

    def cut(self) -> None:
        """Ends the pause because somebody waits, unless the other side asked for it."""
        if not self._asked:
            self._until = 0.0

    def left(self) -> float:
        """Tells how long it still lasts.

        Returns:
            Seconds; 0.0 when there is none.
        """
        return max(0.0, self._until - monotonic()) if self.failures else 0.0


def _random() -> float:
    """Draws a number from 0 to 1; without ``random``, which is not to be imported on a thread while a host forks."""
    return int.from_bytes(os.urandom(6), "big") / (1 << 48)
