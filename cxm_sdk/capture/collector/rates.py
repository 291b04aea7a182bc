"""How many events a source may send: a bucket that fills at a steady rate."""

from __future__ import annotations

from time import monotonic

from cxm_sdk.capture.batch import BATCH_EVENTS

__all__ = ["Bucket"]


class Bucket:
    """Events that a source may send now.

    Args:
        rate: Events a second that come in.
        now: Moment of ``time.monotonic()``; for tests.

    Example:
        >>> bucket = Bucket(10.0, now=0.0)
        >>> bucket.take(2_500, now=0.0), bucket.take(1, now=0.0), bucket.take(1, now=0.1)
        (0.0, 0.1, 0.0)
    """

    __slots__ = ("_at", "_level", "_rate", "_size")

    def __init__(self, rate: float, now: float | None = None) -> None:
        self._rate = rate
        self._size = self._level = max(rate, float(BATCH_EVENTS))
        self._at = monotonic() if now is None else now

    def take(self, count: int, now: float | None = None) -> float:
        """Takes events out, all or none.

        Args:
            count: How many.
            now: Moment of ``time.monotonic()``; None asks the clock.

        Returns:
            0.0 when they were taken, else in how many seconds they can be.
        """
        now = monotonic() if now is None else now
        self._level = min(self._size, self._level + (now - self._at) * self._rate)
        self._at = now
        if count <= self._level:
            self._level -= count
            return 0.0
        return (count - self._level) / self._rate
