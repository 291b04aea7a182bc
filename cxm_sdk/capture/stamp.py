"""What every event is stamped with: an id of its own and the moment."""

from __future__ import annotations

import os
from time import gmtime, strftime, time

__all__ = ["Stamps"]

_POOL = 2048  # random bytes drawn at once; 16 make an id


class Stamps:
    """Gives ids and moments, quickly and from any thread.

    Example:
        >>> stamps = Stamps()
        >>> len(stamps.message_id()), stamps.message_id() == stamps.message_id()
        (36, False)
        >>> stamps.now()[-1]
        'Z'
    """

    __slots__ = ("_ids", "_second")

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._second = (0, "")

    def message_id(self) -> str:
        """Draws an id.

        Returns:
            A random UUID (version 4) as text.
        """
        try:
            return self._ids.pop()  # one operation: two threads never get the same
        except IndexError:
            ids = _uuids()
            first = ids.pop()
            self._ids = ids
            return first

    def now(self) -> str:
        """Reads the clock.

        Returns:
            The moment as RFC 3339 text in UTC, to the millisecond.
        """
        moment = time()
        second = int(moment)
        known, text = self._second
        if known != second:
            text = strftime("%Y-%m-%dT%H:%M:%S.", gmtime(second))
            self._second = (second, text)
        return f"{text}{int((moment - second) * 1000):03d}Z"

    def forked(self) -> None:
        """Forgets the ids drawn beforehand: parent and child must not use the same."""
        self._ids = []


def _uuids() -> list[str]:
    drawn = os.urandom(_POOL).hex()
    return [
        f"{drawn[at : at + 8]}-{drawn[at + 8 : at + 12]}-4{drawn[at + 13 : at + 16]}-"
        f"{'89ab'[int(drawn[at + 16], 16) & 3]}{drawn[at + 17 : at + 20]}-{drawn[at + 20 : at + 32]}"
        for at in range(0, 2 * _POOL, 32)
    ]
