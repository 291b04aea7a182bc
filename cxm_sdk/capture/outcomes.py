"""What a client tells its host: events that were given up, errors, and the counts of both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from json import loads
from typing import Any

from cxm_sdk.capture.ledger import Tally

__all__ = ["Outcomes"]


class Outcomes:
    """Counts what ends before it reaches a sink, and calls the host's callbacks; one that raises costs nothing else.

    Args:
        on_drop: Called with each event that is dropped or rejected, and the reason.
        on_error: Called with each error of a sink, a disk or a callback.
    """

    def __init__(
        self,
        on_drop: Callable[[Mapping[str, Any], str], None] | None,
        on_error: Callable[[Exception], None] | None,
    ) -> None:
        self._on_drop = on_drop
        self._on_error = on_error
        self.forked()

    def forked(self) -> None:
        """Begins anew in a forked child."""
        self._lock = threading.RLock()
        self._rejected = Tally()
        self._dropped = Tally()
        self._warnings = Tally()

    def counts(self) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        """Gives the counts.

        Returns:
            Rejected, dropped and warnings, each by reason.
        """
        with self._lock:
            return (
                dict(self._rejected.by_reason),
                dict(self._dropped.by_reason),
                dict(self._warnings.by_reason),
            )

    def rejected(self, event: Mapping[str, Any], reason: str) -> None:
        """Books an event that was refused before it reached a sink.

        Args:
            event: The event.
            reason: Why.
        """
        with self._lock:
            self._rejected.add(reason)
        self._tell(event, reason)

    def dropped(self, event: Mapping[str, Any], reason: str) -> None:
        """Books an event that was left out before it reached a sink.

        Args:
            event: The event.
            reason: Why.
        """
        with self._lock:
            self._dropped.add(reason)
        self._tell(event, reason)

    def ended(self, events: Sequence[bytes], reason: str) -> None:
        """Tells the host of events that a delivery has booked as rejected or dropped.

        Args:
            events: JSON text of each.
            reason: Why.
        """
        if self._on_drop is not None:
            for event in events:
                self._tell(loads(event), reason)

    def warned(self, kind: str, error: Exception) -> None:
        """Counts what went wrong, and tells the host.

        Args:
            kind: What it was about.
            error: What was raised.
        """
        with self._lock:
            self._warnings.add(kind)
        if self._on_error is not None:
            try:
                self._on_error(error)
            except Exception:
                with self._lock:
                    self._warnings.add("on_error")

    def _tell(self, event: Mapping[str, Any], reason: str) -> None:
        if self._on_drop is None:
            return
        try:
            self._on_drop(event, reason)
        except Exception as error:
            self.warned("on_drop", error)
