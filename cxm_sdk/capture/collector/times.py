"""When it happened, where the sender's clock is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["LONGEST_WAIT", "TOLERANCE", "corrected", "has_no_zone", "moment"]

TOLERANCE: Final = timedelta(seconds=10)
"""Difference between the clocks up to which none of them is taken to be wrong: networks and queues are as slow."""

LONGEST_WAIT: Final = timedelta(days=366)
"""Longest time that a sender is believed to have kept an event before it sent it."""


def corrected(occurred: datetime, sent: datetime | None, received: datetime) -> datetime:
    """Gives the time of an event by the collector's clock.

    By the sender's clock the event waited ``sent - occurred``; so it happened that long before it was received
    (Segment's specification). Clocks that differ by no more than ``TOLERANCE`` are left alone, so that times stay as
    they were sent, and a wait that is negative or beyond ``LONGEST_WAIT`` is no reason to change anything. Nothing
    happens later than it is received.

    Args:
        occurred: When it happened, by the sender's clock.
        sent: When it was sent, by the same clock; None when it does not say.
        received: When it was received, by the collector's clock.

    Returns:
        When it happened.

    Example:
        >>> from datetime import UTC
        >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
        >>> minute, hour = timedelta(minutes=1), timedelta(hours=1)
        >>> corrected(noon - hour - minute, noon - hour, noon).isoformat()
        '2026-03-01T11:59:00+00:00'
    """
    if sent is not None and abs(received - sent) > TOLERANCE:
        wait = sent - occurred
        if timedelta(0) <= wait <= LONGEST_WAIT:
            return received - wait
    return received if occurred > received + TOLERANCE else occurred


def moment(value: object) -> datetime | None:
    """Reads a time of which a request may do without.

    Args:
        value: Whatever stands there.

    Returns:
        The time, in UTC where it has no zone; None where it is none.

    Example:
        >>> moment("2026-03-01T12:00:00Z").isoformat(), moment("noon")
        ('2026-03-01T12:00:00+00:00', None)
    """
    read = _read(value)
    return read if read is None or read.tzinfo is not None else read.replace(tzinfo=UTC)


def has_no_zone(value: object) -> bool:
    """Whether something is a time of which its zone is not told.

    Args:
        value: Whatever stands there.

    Returns:
        Whether it is.

    Example:
        >>> has_no_zone("2026-03-01T12:00:00"), has_no_zone("2026-03-01T12:00:00Z"), has_no_zone(None)
        (True, False, False)
    """
    read = _read(value)
    return read is not None and read.tzinfo is None


def _read(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
