"""What waits for one sink, oldest first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

__all__ = ["Backlog", "Entry", "MemoryBacklog"]

Entry = tuple[bytes, Any, int]
"""An event, and where it lies on disk: its segment and the offset there, or None and 0."""


class Backlog(Protocol):
    """Events that wait. Its owner holds one lock around every call but ``refill``, ``adopt`` and ``sync``.

    Attributes:
        power: Whether ``sync`` has anything to do.
        queued: Events that are in memory alone.
        spooled: Events that are on disk.
        size: Bytes of all of them. An event that was taken counts until it is settled.
        loose: Bytes of those in memory alone.
        troubles: What a disk refused since somebody looked.
    """

    power: bool
    queued: int
    spooled: int
    size: int
    loose: int
    troubles: list[Exception]

    def put(self, event: bytes) -> None:
        """Adds the newest event."""

    def extend(self, events: Sequence[bytes]) -> None:
        """Adds the newest events, all or none; raises ``OSError`` where they are not as safe as was promised."""

    def take(self, count: int, size: int) -> list[Entry]:
        """Hands out the oldest events, at least one if any is in memory, else within both limits."""

    def settle(self, entries: Sequence[Entry]) -> None:
        """Forgets events that were taken and need not be sent again."""

    def erase(self, entries: Sequence[Entry]) -> None:
        """Forgets events that were taken, and overwrites them where they are on disk."""

    def purge(self, matches: Callable[[bytes], bool]) -> list[bytes]:
        """Removes every event that matches and has not been taken, and gives what was removed."""

    def refill(self) -> int:
        """Reads some of what waits on disk alone back into memory; gives how many events could not be read."""

    def adopt(self) -> tuple[int, dict[str, int]]:
        """Takes over what ended processes left; gives how many events, and how many were damaged, by reason."""

    def sync(self) -> None:
        """Returns once all that was put is as safe as was promised. Called without the lock."""

    def vacate(self) -> None:
        """Removes what is left on disk when nothing waits there."""

    def close(self) -> int:
        """Lets go of everything; gives how many events were in memory alone, and are lost."""

    def forked(self) -> None:
        """Closes in a forked child what is the parent's; it is not used there again."""


class MemoryBacklog:
    """Events that wait in memory alone.

    Example:
        >>> backlog = MemoryBacklog()
        >>> backlog.put(b"{}")
        >>> backlog.queued, backlog.take(10, 1000), backlog.queued
        (1, [(b'{}', None, 0)], 1)
    """

    power = False
    spooled = 0

    def __init__(self) -> None:
        self.queued = 0
        self.size = self.loose = 0
        self.troubles: list[Exception] = []
        self._events: deque[bytes] = deque()

    def put(self, event: bytes) -> None:
        """Adds the newest event.

        Args:
            event: Its JSON text.
        """
        self._events.append(event)
        self.queued += 1
        self.size = self.loose = self.size + len(event)

    def extend(self, events: Sequence[bytes]) -> None:
        """Adds the newest events.

        Args:
            events: Their JSON texts.
        """
        for event in events:
            self.put(event)

    def take(self, count: int, size: int) -> list[Entry]:
        """Hands out the oldest events.

        Args:
            count: Most events.
            size: Most bytes, of more than one event.

        Returns:
            The events; at least one if any waits.
        """
        taken: list[Entry] = []
        while self._events and len(taken) < count:
            size -= len(self._events[0]) + 1
            if size < 0 and taken:
                break
            taken.append((self._events.popleft(), None, 0))
        return taken

    def settle(self, entries: Sequence[Entry]) -> None:
        """Forgets events that were taken.

        Args:
            entries: What need not be sent again.
        """
        self.queued -= len(entries)
        self.size = self.loose = self.size - sum([len(event) for event, _, _ in entries])

    def erase(self, entries: Sequence[Entry]) -> None:
        """Forgets events that were taken.

        Args:
            entries: What must not be kept.
        """
        self.settle(entries)

    def purge(self, matches: Callable[[bytes], bool]) -> list[bytes]:
        """Removes events that have not been taken.

        Args:
            matches: Whether an event is to go.

        Returns:
            What was removed.
        """
        gone = [event for event in self._events if matches(event)]
        if gone:
            self._events = deque(event for event in self._events if not matches(event))
            self.settle([(event, None, 0) for event in gone])
        return gone

    def refill(self) -> int:
        """Has nothing to read.

        Returns:
            No event is lost.
        """
        return 0

    def adopt(self) -> tuple[int, dict[str, int]]:
        """Finds nothing.

        Returns:
            No events, and none damaged.
        """
        return 0, {}

    def sync(self) -> None:
        """Promises nothing."""

    def vacate(self) -> None:
        """Has nothing on disk."""

    def close(self) -> int:
        """Lets go of everything.

        Returns:
            How many events are lost.
        """
        lost = len(self._events)
        self.settle([(event, None, 0) for event in self._events])
        self._events.clear()
        return lost

    def forked(self) -> None:
        """Has nothing of the parent's to close."""
