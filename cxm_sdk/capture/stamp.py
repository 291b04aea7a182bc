"""What every event is stamped with: an id of its own and the moment."""

from __future__ import annotations

import os
from time import gmtime, strftime, time

__all__ = ["Stamps"]

_POOL = 2048  # random bytes drawn at once; 16 make an id
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


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
            ids = _uuids(os.urandom(_POOL).hex())
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


def _uuids(digits: str) -> list[str]:
    """Random UUIDs of version 4 (RFC 9562, 5.4) from random hexadecimal digits, 32 for each."""
    parts = (digits[at : at + 32] for at in range(0, len(digits), 32))
    return [
        f"{part[:8]}-{part[8:12]}-4{part[13:16]}-{_VARIANT[part[16]]}{part[17:20]}-{part[20:]}"
        for part in parts
    ]
