"""What every event is stamped with: an id of its own and the moment."""

from __future__ import annotations

import os
from time import gmtime, strftime, time

from cxm_sdk._native.jsonbytes import uuids

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

    __slots__ = ("_ids", "_moment", "_second")

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._moment = (0, "")
        self._second = (0, "")

    def message_id(self) -> str:
        """Draws an id.

        Returns:
            A random UUID (version 4) as text.
        """
        try:
            return self._ids.pop()  # one operation: two threads never get the same
        except IndexError:
            ids = uuids(os.urandom(_POOL))
            first = ids.pop()
            self._ids = ids
            return first

    def now(self) -> str:
        """Reads the clock.

        Returns:
            The moment as RFC 3339 text in UTC, to the millisecond.
        """
        moment = int(time() * 1000)
        known, text = self._moment
        if known != moment:
            second, rest = divmod(moment, 1000)
            known, text = self._second
            if known != second:
                text = strftime("%Y-%m-%dT%H:%M:%S.", gmtime(second))
                self._second = (second, text)
            text = f"{text}{rest:03d}Z"
            self._moment = (moment, text)
        return text
