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

An event being sent is still queued or spooled until the sink has answered. So is one that was **set aside**, because
the sink failed on it again and again while it took others; the next client of the destination tries it once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cxm_sdk.capture.agenda import Agenda
    from cxm_sdk.capture.backlog import Backlog

__all__ = ["Account", "Report", "Stats", "Tally", "added"]


class Stats(NamedTuple):
    """What became of every event, at one moment: of a client, or of one of its sinks.

    Attributes:
        accepted: Events taken from the host, or owed to the sink, since the client was made; recovered ones included.
        recovered: Of these, taken over from a process that had ended.
        delivered: Taken by the sink.
        rejected: Refused, by reason.
        dropped: Given up, by reason.
        queued: Waiting in memory.
        spooled: Waiting on disk.
        set_aside: Of those that wait, set aside because the sink fails on them and not on others, by reason.
        retries: Attempts that failed and were, or will be, made again.
        resting: Seconds until the next attempt while the sink is down; 0.0 when it is not. Of a client, the longest.
        warnings: What went wrong without costing an event by itself, by kind: ``spool`` (a disk that is full or may
            not be written), ``delivery`` (a batch that was not taken), ``set_aside``, ``on_drop``, ``on_error``,
            ``before_send`` and the like (a callback that raised). They are counted for the client alone.
        sinks: The ledger of each sink of a client.
    """

    accepted: int
    recovered: int
    delivered: int
    rejected: Mapping[str, int]
    dropped: Mapping[str, int]
    queued: int
    spooled: int
    set_aside: Mapping[str, int]
    retries: int
    resting: float
    warnings: Mapping[str, int] = {}
    sinks: Mapping[str, Stats] = {}

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


class Account:
    """Counts what became of events; its owner holds one lock around every use.

    Attributes:
        turned_away: Accepted events that never waited: there was no room, or they could not be read any more.
        recovered: Events taken over from a process that had ended.
        delivered: Events taken by the sink.
        rejected: Events refused.
        dropped: Events given up.
        handed_over: Events on disk that are left to other processes.

    Example:
        >>> account = Account()
        >>> account.turned_away += 3
        >>> account.dropped.add("overflow", 3)
        >>> account.dropped.by_reason
        {'overflow': 3}
    """

    __slots__ = ("delivered", "dropped", "handed_over", "recovered", "rejected", "turned_away")

    def __init__(self) -> None:
        self.turned_away = self.recovered = self.delivered = self.handed_over = 0
        self.rejected = Tally()
        self.dropped = Tally()

    def recover(self, found: int, damaged: Mapping[str, int]) -> None:
        """Counts what was taken over from processes that had ended.

        Args:
            found: Events that wait from now on.
            damaged: Events that could not be read, by reason.
        """
        lost = sum(damaged.values())
        self.turned_away += lost
        self.recovered += found + lost
        for reason, count in damaged.items():
            self.dropped.add(reason, count)

    def stats(self, came: int, backlog: Backlog, agenda: Agenda) -> Stats:
        """Gives the ledger.

        Args:
            came: Events that wait, or have waited.
            backlog: Where events wait.
            agenda: What was taken from there and is not settled.

        Returns:
            What became of every event of one sink.
        """
        return Stats(
            came + self.turned_away,
            self.recovered,
            self.delivered,
            dict(self.rejected.by_reason),
            dict(self.dropped.by_reason),
            backlog.queued,
            backlog.spooled + self.handed_over,
            agenda.reasons(),
            agenda.retries,
            agenda.rest.left(),
        )


class Tally:
    """Counts by reason."""

    __slots__ = ("by_reason",)

    def __init__(self) -> None:
        self.by_reason: dict[str, int] = {}

    def add(self, reason: str, count: int = 1) -> None:
        """Counts.

        Args:
            reason: Why.
            count: How many events.
        """
        self.by_reason[reason] = self.by_reason.get(reason, 0) + count


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
