"""Events that wait for consent are dropped when their limit passes, whether or not anything else happens."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cxm_sdk.capture.stages import Admission, Consent
from cxm_sdk.capture.threads import started

__all__ = ["Expiry"]

_LEAST = 0.001  # seconds between two looks; the clock of the gate may run differently


class Expiry:
    """A thread that lives as long as a gate holds events, and drops them in time.

    Args:
        gate: What holds them.
        expired: Told what the gate says when a limit has passed.
    """

    def __init__(self, gate: Consent, expired: Callable[[Admission], None]) -> None:
        self._gate = gate
        self._expired = expired
        self.forked()

    def forked(self) -> None:
        """Begins anew in a forked child, where no thread is, and nothing held."""
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def watch(self) -> None:
        """Sees to it that the thread runs if anything is held, and ends if nothing is."""
        if bool(self._gate.held) != (self._thread is not None):
            with self._changed:
                if self._gate.held and self._thread is None:
                    self._thread = started(self._run, "cxm-consent")
                self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                left = self._gate.due()
                if left is None:
                    self._thread = None
                    return
                if left > 0:
                    self._changed.wait(max(left, _LEAST))
                    continue
            self._expired(self._gate.expire())
