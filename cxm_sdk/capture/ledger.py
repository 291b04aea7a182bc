"""What became of every event that was accepted, to the last one.

For every sink, and so for a client as a whole, at every moment::

    accepted = delivered + rejected + dropped + queued + spooled

- **accepted**: events taken from the host, and, of these, **recovered**: taken over from a process that ended before
  it had delivered them. An event for several sinks is owed to each of them, and counts once for each. An event that
  ends before it reaches them (refused by a plan, left out by sampling) counts once.
- **delivered**: the sink has taken it.
- **rejected**, by reason: it is not as it must be, and was refused by the client, a plan or the sink.
- **dropped**, by reason: left out by a rule (sampling, consent, a hook) or for want of room or time.
- **queued**: still to be delivered, in memory alone: it ends with the process.
- **spooled**: still to be delivered, on disk: it outlives the process.

An event being sent is still queued or spooled until the sink has answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["Report", "SinkStats", "Stats", "Tally"]


class SinkStats(NamedTuple):
    """The ledger of one sink.

    Attributes:
        accepted: Events owed to the sink since the client was made, recovered ones included.
        recovered: Of these, taken over from a process that had ended.
        delivered: Taken by the sink.
        rejected: Refused, by reason.
        dropped: Given up, by reason.
        queued: Waiting in memory.
        spooled: Waiting on disk.
        retries: Attempts that failed and were, or will be, made again.
        resting: Seconds until the next attempt while the sink is down; 0.0 when it is not.
    """

    accepted: int
    recovered: int
    delivered: int
    rejected: Mapping[str, int]
    dropped: Mapping[str, int]
    queued: int
    spooled: int
    retries: int
    resting: float

    @property
    def balanced(self) -> bool:
        """Whether every accepted event is accounted for; it always is."""
        return self.accepted == (
            self.delivered
            + sum(self.rejected.values())
            + sum(self.dropped.values())
            + self.queued
            + self.spooled
        )


class Stats(NamedTuple):
    """The ledger of a client: the sum over its sinks, and what ended before it reached them.

    Attributes:
        accepted: Events taken, recovered ones included.
        recovered: Of these, taken over from a process that had ended.
        delivered: Taken by a sink.
        rejected: Refused, by reason.
        dropped: Given up, by reason.
        queued: Waiting in memory.
        spooled: Waiting on disk.
        warnings: What went wrong without costing an event by itself, by kind: ``spool`` (a disk that is full or may
            not be written), ``on_drop``, ``on_error``, ``before_send`` and the like (a callback that raised).
        sinks: The ledger of each sink.
    """

    accepted: int
    recovered: int
    delivered: int
    rejected: Mapping[str, int]
    dropped: Mapping[str, int]
    queued: int
    spooled: int
    warnings: Mapping[str, int]
    sinks: Mapping[str, SinkStats]

    @property
    def balanced(self) -> bool:
        """Whether every accepted event is accounted for; it always is."""
        return self.accepted == (
            self.delivered
            + sum(self.rejected.values())
            + sum(self.dropped.values())
            + self.queued
            + self.spooled
        )


class Report(NamedTuple):
    """Where a client stands at the end of a ``flush`` or ``close``.

    Attributes:
        delivered: Events taken by a sink since the client was made.
        rejected: Events refused, by reason.
        dropped: Events given up, by reason.
        queued: Events still waiting in memory.
        spooled: Events still waiting on disk; the next client for the same destination sends them.
        elapsed: Seconds it took.
        complete: Whether everything accepted before the call is settled.
    """

    delivered: int
    rejected: Mapping[str, int]
    dropped: Mapping[str, int]
    queued: int
    spooled: int
    elapsed: float
    complete: bool


class Tally:
    """Counts by reason."""

    __slots__ = ("by_reason", "total")

    def __init__(self) -> None:
        self.by_reason: dict[str, int] = {}
        self.total = 0

    def add(self, reason: str, count: int = 1) -> None:
        """Counts.

        Args:
            reason: Why.
            count: How many events.
        """
        self.by_reason[reason] = self.by_reason.get(reason, 0) + count
        self.total += count


def added(tallies: list[Mapping[str, int]]) -> dict[str, int]:
    """Sums counts by reason.

    Args:
        tallies: Counts to add up.

    Returns:
        The sums.
    """
    joined = Tally()
    for tally in tallies:
        for reason, count in tally.items():
            joined.add(reason, count)
    return joined.by_reason
