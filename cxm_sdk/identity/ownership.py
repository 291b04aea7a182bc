"""Whose a device or cookie was, and when: intervals made of what was seen on it that says who it was."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

__all__ = ["Interval", "Ownership", "ownership"]

Owner = TypeVar("Owner", bound=bytes | int | str)

#: The beginning and the end of time, in microseconds since 1970.
BEGINNING, END = -(2**62), 2**62


@dataclass(frozen=True, slots=True)
class Interval(Generic[Owner]):
    """A time for which a device was somebody's.

    Attributes:
        owner: Whose.
        since: Microseconds since 1970, included.
        until: Microseconds since 1970, not included.
    """

    owner: Owner
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Ownership(Generic[Owner]):
    """Whose a device was, and when.

    Attributes:
        intervals: Times at which it was somebody's, in order; none overlap, and there may be gaps.
        owners: Different people who logged in on it.
        kiosk: Whether they are so many that it is nobody's.
    """

    intervals: tuple[Interval[Owner], ...]
    owners: int
    kiosk: bool

    def at(self, time: int) -> Owner | None:
        """Whose it was at a time.

        Args:
            time: Microseconds since 1970.

        Returns:
            The owner, None for nobody.
        """
        place = bisect_right(self.intervals, time, key=lambda interval: interval.since) - 1
        if place < 0 or time >= self.intervals[place].until:
            return None
        return self.intervals[place].owner


def ownership(
    logins: Sequence[tuple[int, Owner]],
    *,
    timeout: int | None,
    before_first: int | None,
    most_owners: int,
) -> Ownership[Owner]:
    """Finds out whose a device was.

    From a log-in on it belongs to who logged in, until somebody else does or the time-out has passed. Who logged in
    first also has it before that. Where two people log in at one instant, it is nobody's until the next log-in. A
    device on which too many people logged in is a kiosk, and nobody's at any time.

    Args:
        logins: (time, owner) of all that was seen on it and says who it was; in any order, and any number of times.
        timeout: Microseconds for which it stays with who logged in last; None until somebody else does.
        before_first: Microseconds before the first log-in for which it belongs to who logged in then; None for all
            time.
        most_owners: So many different people, or more, make a kiosk.

    Returns:
        The intervals.

    Example:
        >>> found = ownership([(10, "ada"), (20, "bob")], timeout=5, before_first=None, most_owners=10)
        >>> [found.at(time) for time in (1, 12, 15, 22, 30)]
        ['ada', 'ada', None, 'bob', None]
    """
    moments = [
        (time, {owner for _, owner in held}) for time, held in groupby(sorted(logins), lambda one: one[0])
    ]
    owners = len({owner for _, owner in logins})
    if owners >= most_owners:
        return Ownership((), owners, True)
    found: list[Interval[Owner]] = []
    for place, (time, who) in enumerate(moments):
        if len(who) > 1:
            continue
        (owner,) = who
        until = moments[place + 1][0] if place + 1 < len(moments) else END
        until = until if timeout is None else min(until, time + timeout)
        since = time
        if place == 0:
            since = BEGINNING if before_first is None else time - before_first
        if found and found[-1].owner == owner and found[-1].until == since:
            found[-1] = Interval(owner, found[-1].since, until)
        elif until > since:
            found.append(Interval(owner, since, until))
    return Ownership(tuple(found), owners, False)
