"""One item of a payload, read by path; what was read is remembered, so that nothing is lost unnoticed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from cxm_sdk._native.fields import Fields
from cxm_sdk.adapters.parsed import Rejected
from cxm_sdk.adapters.times import Form, UnreadableTimeError, read_time, zone_of
from cxm_sdk.errors import AdapterError

__all__ = ["Gathered", "Item", "RefusedItemError"]

#: Fields to gather: the name to give each, how it is read, and its path.
Gathered = tuple[tuple[str, Literal["text", "id", "number"], str], ...]
_TAIL = re.compile(r"[?#]")


class RefusedItemError(ValueError):
    """An item cannot be used: where, a stable reason, and what was expected."""

    def __init__(self, path: str, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.path, self.reason = path, reason


class Item(Fields):
    """One object of a payload.

    Paths are keys parted by dots: ``properties.email``. A key that has dots itself is found as it is written. A field
    that is missing, null or empty text is None; one of the wrong type is None too, and noted.

    Args:
        data: The object, as JSON gives it.
        path: Where it stands in the payload.
        zone: Zone of times that name none.
        parent: The item that it is part of.

    Example:
        >>> item = Item({"id": 17, "who": {"email": "ada@example.com"}})
        >>> item.text("id"), item.text("who.email"), item.text("who.phone")
        ('17', 'ada@example.com', None)
    """

    __slots__ = ()

    def need(self, path: str) -> str:
        """The id at a path, without which the item is of no use.

        Args:
            path: Keys parted by dots.

        Returns:
            The id.

        Raises:
            RefusedItemError: When there is none.
        """
        found = self.id(path)
        if found is None:
            raise self.refusal(path, "missing", "expected an id of 1 to 512 characters, got none")
        return found

    def unusual(self, path: str, value: Any, form: Form) -> datetime | None:
        """Reads a time that is not ISO 8601 in its usual spelling.

        Args:
            path: Keys parted by dots.
            value: What stands there.
            form: How the source writes it.

        Returns:
            The time in UTC; None where it cannot be read, which is noted.
        """
        try:
            return read_time(value, form, self.zone)
        except UnreadableTimeError as error:
            self.note(path, error.reason, str(error))
            return None

    def in_zone(self, path: str) -> None:
        """Takes the zone of times that name none from the item itself.

        Args:
            path: Keys parted by dots, of the name of a zone; one that is none is noted, and changes nothing.
        """
        name = self.text(path)
        if name is not None:
            try:
                self.zone = zone_of(name)
            except AdapterError as error:
                self.note(path, "unknown_zone", str(error))

    def url(self, path: str) -> str | None:
        """The address at a path, without what often holds personal data: query, fragment and credentials.

        Args:
            path: Keys parted by dots.

        Returns:
            The address; None where there is none.
        """
        text = self.text(path)
        return bare_url(text) if text is not None else None

    def note(self, path: str, reason: str, detail: str) -> None:
        """Notes a field that is left out.

        Args:
            path: Keys parted by dots.
            reason: Stable code.
            detail: What was expected and what came, without the value.
        """
        made = Rejected(self.at(path), reason, detail, whole=False)
        self.notes.append(made)
        self.noted.append(made)

    def refusal(self, path: str, reason: str, detail: str) -> RefusedItemError:
        """Makes the error that refuses this item.

        Args:
            path: Keys parted by dots.
            reason: Stable code.
            detail: What was expected and what came, without the value.

        Returns:
            The error, ready to raise.
        """
        return RefusedItemError(self.at(path), reason, detail)

    def leaves(self, ignored: frozenset[str]) -> Iterator[tuple[str, str]]:
        """Says of each leaf what became of it.

        Args:
            ignored: Paths that are left out on purpose, with everything below; ``*`` at the end takes all that
                begin so.

        Returns:
            Paths from the top of the payload, each with ``mapped``, ``ignored`` or ``unmapped``.
        """
        stems = tuple(path[:-1] for path in ignored if path.endswith("*"))
        todo: list[tuple[str, Any, str]] = [("", self.data, "unmapped")]
        while todo:
            path, value, what = todo.pop()
            if what == "unmapped" and path:
                if self.children.get(path):
                    continue
                if path in self.seen:
                    what = "mapped"
                elif path in ignored or (stems and path.startswith(stems)):
                    what = "ignored"
            if isinstance(value, dict) and value:
                below = [(f"{path}.{key}" if path else str(key), one, what) for key, one in value.items()]
            elif isinstance(value, list) and value:
                below = [(f"{path}[{index}]", one, what) for index, one in enumerate(value)]
            else:
                # An empty place was looked at by looking for what would be in it.
                looked = what == "unmapped" and any(seen.startswith(f"{path}.") for seen in self.seen)
                yield self.at(path), "mapped" if looked else what
                continue
            todo.extend(reversed(below))


def bare_url(url: str) -> str:
    """Leaves out of an address what often holds personal data.

    Args:
        url: The address.

    Returns:
        The address without query, fragment and credentials.

    Example:
        >>> bare_url("https://ada:pw@shop.example/done?mail=ada@example.com#top")
        'https://shop.example/done'
    """
    scheme, mark, rest = _TAIL.split(url, 1)[0].rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2] if mark else host}{slash}{path}"
