"""Keeps events in memory: for tests, and for a look at what would be sent."""

from __future__ import annotations

import threading
from typing import Any

from cxm_sdk.capture.batch import Batch

__all__ = ["MemorySink"]


class MemorySink:
    """Keeps every event it is sent, each message id once, as a receiver does.

    Attributes:
        duplicates: How many events came with a message id that had been seen.

    Example:
        >>> from cxm_sdk.capture import Client
        >>> sink = MemorySink()
        >>> with Client(sink) as client:
        ...     client.track("Button Clicked", {"button": "buy"}, user_id="u-1")
        >>> sink.events[0]["event"], len(sink.named("Button Clicked"))
        ('Button Clicked', 1)
    """

    volatile = True

    def __init__(self) -> None:
        self.duplicates = 0
        self._events: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._events)

    def send(self, batch: Batch) -> None:
        """Keeps a batch.

        Args:
            batch: Events in order.
        """
        with self._lock:
            for message_id, event in zip(batch.message_ids, batch.events, strict=True):
                self.duplicates += message_id in self._events
                self._events.setdefault(message_id, event)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events as mappings, as on the wire, in the order in which they came."""
        with self._lock:
            return Batch(list(self._events.values())).decoded()

    def named(self, name: str) -> list[dict[str, Any]]:
        """Gives the events of one name.

        Args:
            name: Name of a ``track`` event, such as ``Order Completed``, or of a page or screen.

        Returns:
            Those events, in order.
        """
        return [event for event in self.events if name in (event.get("event"), event.get("name"))]

    def clear(self) -> None:
        """Forgets all events."""
        with self._lock:
            self._events.clear()
            self.duplicates = 0
