"""Events that were caught in a test, and the questions a test asks about them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from json import loads
from typing import TYPE_CHECKING, Any, overload

from cxm_sdk.capture.delivery import Delivery

if TYPE_CHECKING:
    import pytest

__all__ = ["CapturedEvents"]


class CapturedEvents(Sequence[dict[str, Any]]):
    """The events that were recorded so far, each as a mapping, as on the wire.

    Example:
        >>> events = CapturedEvents()
        >>> events.add(b'{"messageId":"m-1","type":"track","event":"Order Completed","properties":{"total":42.0}}')
        >>> len(events), events[0]["properties"], len(events.named("Order Completed")), events.named("Other")
        (1, {'total': 42.0}, 1, [])
    """

    def __init__(self) -> None:
        self._events: list[dict[str, Any]] = []
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._events)

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, at: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, at: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        return self._events[at]

    def __repr__(self) -> str:
        return (
            f"CapturedEvents({[event.get('event') or event.get('name') or event['type'] for event in self]})"
        )

    def add(self, event: bytes) -> None:
        """Adds an event; a client with several sinks owes it to each, and it counts once.

        Args:
            event: Its JSON text.
        """
        decoded = loads(event)
        with self._lock:
            if decoded["messageId"] not in self._seen:
                self._seen.add(decoded["messageId"])
                self._events.append(decoded)

    def named(self, name: str) -> list[dict[str, Any]]:
        """Gives the events of one name.

        Args:
            name: Name of a ``track`` event, such as ``Order Completed``, or of a page or screen.

        Returns:
            Those events, in order.
        """
        return [event for event in self if name in (event.get("event"), event.get("name"))]

    def of(self, user_id: str) -> list[dict[str, Any]]:
        """Gives the events of one person.

        Args:
            user_id: The person.

        Returns:
            Those events, in order.
        """
        return [event for event in self if event.get("userId") == user_id]

    def clear(self) -> None:
        """Forgets all events."""
        with self._lock:
            self._events.clear()
            self._seen.clear()


@contextmanager
def caught(captured: CapturedEvents, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Catches what every client of the process records, where it would begin to wait.

    Args:
        captured: Where the events go.
        monkeypatch: Puts things back as they were.

    Yields:
        Nothing.
    """
    with monkeypatch.context() as patch:
        patch.setattr(Delivery, "put", lambda self, event: captured.add(event))
        yield
