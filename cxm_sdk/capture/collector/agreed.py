"""Consent before anything is stored: events wait in memory until somebody has agreed, or go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from json import loads
from typing import Any

from cxm_sdk.capture.expiry import Expiry
from cxm_sdk.capture.stages import Admission, Consent

__all__ = ["Agreed"]


class Agreed:
    """A consent gate in front of the spool.

    Args:
        gate: The gate.
        dropped: Told of events that nobody has agreed to in time, and why.

    Attributes:
        released: Events that were held, and may be stored now.
        refused: Whether consent was withdrawn since ``purged`` was called.

    Example:
        >>> from cxm_sdk.events.consent import ConsentGate, ConsentRules
        >>> rules = ConsentRules({"analytics": "drop"}, default="analytics")
        >>> agreed = Agreed(ConsentGate(rules), lambda event, why: None)
        >>> agreed.decided({"type": "track", "event": "Tea Poured", "anonymousId": "a-1"})
        'consent_unknown'
    """

    def __init__(self, gate: Consent, dropped: Callable[[Mapping[str, Any], str], None]) -> None:
        self._gate = gate
        self._dropped = dropped
        self._expiry = Expiry(gate, self._book)
        self.released: list[Mapping[str, Any]] = []
        self.refused = False

    def decided(self, event: Mapping[str, Any]) -> str | None:
        """Decides on an event, after learning what it says.

        Args:
            event: The event.

        Returns:
            Empty when it may be stored; None when it is held; else why it may not.
        """
        said = self._gate.admit(event)
        found: str | None = None
        for each in said.passed:
            if each is event:
                found = ""
            else:
                self.released.append(each)
        for each, reason in said.dropped:
            if each is event:
                found = reason
            self._dropped(each, reason)
        self.refused = self.refused or said.purge
        self._expiry.watch()
        return found

    def withdrawn(self, text: bytes) -> bool:
        """Tells whether an event that waits may not go any further.

        Args:
            text: The event.

        Returns:
            Whether consent to it was withdrawn.
        """
        return self._gate.withdrawn(loads(text))

    def close(self) -> None:
        """Drops what is still held: nothing is stored that nobody has agreed to."""
        self._book(self._gate.close())

    def _book(self, said: Admission) -> None:
        for event, reason in said.dropped:
            self._dropped(event, reason)
