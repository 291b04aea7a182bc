"""One item of a payload, read by path; what was read is remembered, so that nothing is lost unnoticed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from cxm_sdk.adapters.parsed import Rejected
from cxm_sdk.adapters.times import Form, UnreadableTimeError, read_time, zone_of
from cxm_sdk.errors import AdapterError

__all__ = ["Item", "RefusedItemError"]

#: Most characters of an id; longer ones are no ids.
LONGEST = 512
#: Whole numbers from here on are none that a system gives, and slow to write.
HUGE = 10**300
_TRUE = frozenset(("true", "1", "yes", "y", "x"))
_FALSE = frozenset(("false", "0", "no", "n"))


class RefusedItemError(ValueError):
    """An item cannot be used: where, a stable reason, and what was expected."""

    def __init__(self, path: str, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.path, self.reason = path, reason


class Item:
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

    __slots__ = ("children", "data", "noted", "notes", "parent", "path", "seen", "zone")

    def __init__(
        self, data: Any, path: str = "", zone: tzinfo | None = None, parent: Item | None = None
    ) -> None:
        self.data, self.path, self.zone, self.parent = data, path, zone, parent
        self.seen: set[str] = set()
        self.children: dict[str, list[Item]] = {}
        self.notes: list[Rejected] = []
        #: Notes of the whole payload.
        self.noted: list[Rejected] = [] if parent is None else parent.noted

    def raw(self, path: str) -> Any:
        """The value at a path as it is, with everything below it; None where there is none.

        Args:
            path: Keys parted by dots.
        """
        self.seen.add(path)
        data = self.data
        return data[path] if type(data) is dict and path in data else find(data, path)

    def text(self, path: str) -> str | None:
        """The text at a path, without blanks around it; whole numbers as their digits.

        Args:
            path: Keys parted by dots.

        Returns:
            The text; None where there is none. A number with a fraction, a list or a flag is noted and no text.
        """
        value = self.raw(path)  # which adapters override whose fields wrap their values
        if value is None:
            return None
        if type(value) is str and (value.isascii() or writable(value)):
            return value.strip() or None
        if type(value) is int and -HUGE < value < HUGE:
            return str(value)
        self._wrong(path, "text or a whole number", value)
        return None

    def id(self, path: str) -> str | None:
        """The id at a path, as ``text``; an id has 1 to 512 characters.

        Args:
            path: Keys parted by dots.

        Returns:
            The id; None where there is none.
        """
        text = self.text(path)
        if text is not None and len(text) > LONGEST:
            self.note(path, "too_long", f"expected at most {LONGEST} characters, got {len(text)}")
            return None
        return text

    def texts(self, path: str) -> list[str]:
        """The texts of the list at a path; a single text counts as a list of one.

        Args:
            path: Keys parted by dots.

        Returns:
            The texts; what is none is noted and left out.
        """
        value = self.raw(path)
        found = []
        for one in value if isinstance(value, list) else [] if value is None else [value]:
            if isinstance(one, str) and writable(one):
                found += [one.strip()] if one.strip() else []
            elif type(one) is int and -HUGE < one < HUGE:
                found.append(str(one))
            else:
                self._wrong(path, "a list of texts", one)
        return found

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

    def flag(self, path: str) -> bool | None:
        """The yes or no at a path, also as text or as 1 and 0.

        Args:
            path: Keys parted by dots.

        Returns:
            The flag; None where there is none.
        """
        value = self.raw(path)
        if value is None or isinstance(value, bool):
            return value
        text = str(value).strip().lower() if isinstance(value, str | int) and value not in ("",) else ""
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        return None if value == "" else self._wrong(path, "yes or no", value)

    def number(self, path: str) -> Decimal | None:
        """The number at a path, also as text.

        Args:
            path: Keys parted by dots.

        Returns:
            The number; None where there is none.
        """
        value = self.raw(path)
        if value is None or value == "":
            return None
        if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
            try:
                made = Decimal(value.strip() if isinstance(value, str) else str(value))
            except (InvalidOperation, ValueError):  # no number; more digits than Python reads
                made = Decimal("nan")
            if made.is_finite() and abs(made.adjusted()) < 300:
                return made
        self._wrong(path, "a number", value)
        return None

    def time(self, path: str, form: Form = "iso") -> datetime | None:
        """The time at a path.

        Args:
            path: Keys parted by dots.
            form: How the source writes it.

        Returns:
            The time in UTC; None where there is none, or where it cannot be read, which is noted.
        """
        value = self.raw(path)
        if value is None or value == "":
            return None
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

    def each(self, path: str) -> list[Item]:
        """The objects of the list at a path; a single object counts as a list of one.

        Args:
            path: Keys parted by dots; empty where the payload itself is the list.

        Returns:
            The items; what is no object is noted and left out.
        """
        if path in self.children:
            return self.children[path]
        value = find(self.data, path) if path else self.data
        listed = [value] if isinstance(value, dict) else value
        if not isinstance(listed, list):
            self.seen.add(path)
            if listed is not None:
                self._wrong(path, "a list of objects", listed)
            return []
        made = []
        for index, one in enumerate(listed):
            where = path if listed is not value else f"{path}[{index}]"
            if isinstance(one, dict):
                made.append(type(self)(one, self.at(where), self.zone, self))
            else:
                self.note(where, "wrong_type", f"expected an object, got {type(one).__name__}")
        if made:
            self.children[path] = made
        else:
            self.seen.add(path)
        return made

    def part(self, path: str) -> Item | None:
        """The object at a path.

        Args:
            path: Keys parted by dots.

        Returns:
            The item; None where there is none.
        """
        if isinstance(find(self.data, path), dict):
            return self.each(path)[0]
        value = self.raw(path)
        return None if value is None else self._wrong(path, "an object", value)

    def up(self, path: str) -> str | None:
        """The id at a path here, or in what this is part of.

        Args:
            path: Keys parted by dots.

        Returns:
            The id; None where there is none.
        """
        item: Item | None = self
        while item is not None:
            if find(item.data, path) is not None:
                return item.id(path)
            item = item.parent
        return None

    def at(self, path: str) -> str:
        """The path from the top of the payload."""
        return f"{self.path}.{path}" if self.path and path and path[0] != "[" else f"{self.path}{path}"

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

    def _wrong(self, path: str, expected: str, value: object) -> Any:
        """Notes a value of the wrong type, which counts as none."""
        self.note(path, "wrong_type", f"expected {expected}, got {type(value).__name__}")

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


def writable(text: str) -> bool:
    """Tells whether text can be written: half a character cannot, which JSON may hold as an escape.

    Args:
        text: From a payload.

    Returns:
        Whether it can.

    Example:
        >>> writable("Zoë"), writable(chr(0xD800))
        (True, False)
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


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
    scheme, mark, rest = re.split(r"[?#]", url, maxsplit=1)[0].rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2] if mark else host}{slash}{path}"


def there(data: Any, path: str) -> bool:
    """Whether there is something at a path, be it null.

    Args:
        data: As JSON gives it.
        path: Keys parted by dots.

    Returns:
        Whether it is there.

    Example:
        >>> there({"a": {"b": None}}, "a.b"), there({"a": {}}, "a.b")
        (True, False)
    """
    while type(data) is dict:
        if path in data:
            return True
        head, dot, path = path.partition(".")
        if not dot:
            return False
        data = data.get(head)
    return False


def find(data: Any, path: str) -> Any:
    """Finds the value at a path.

    Args:
        data: As JSON gives it.
        path: Keys parted by dots; a key that has dots itself is found first.

    Returns:
        The value; None where there is none.

    Example:
        >>> find({"a": {"b": 1}, "c.d": 2}, "a.b"), find({"a": {"b": 1}, "c.d": 2}, "c.d")
        (1, 2)
    """
    while type(data) is dict:
        if path in data:
            return data[path]
        head, dot, path = path.partition(".")
        if not dot:
            return None
        data = data.get(head)
    return None
