"""JSON that is too long to be held: what is in it, one object of a list after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import IO, Any

from cxm_sdk._native.paths import find
from cxm_sdk.adapters.payloads import DECODER
from cxm_sdk.errors import SourceError

__all__ = ["Lists", "long_json"]

#: Characters that are read at a time.
CHUNK = 1 << 18
#: Characters of a single item, and of everything beside the lists of items.
LONGEST = 16 << 20
#: Characters of a list that are kept to see what it is.
SHOWN = 1 << 20
#: Items of a piece, and characters from which on it is full.
MANY, FULL = 500, 4 << 20
#: Objects in one another that are looked into for lists of items.
DEEPEST = 8
_AFTER = frozenset(",:]} \t\r\n")
_BLANK = re.compile(r"[ \t\r\n]*")

Lists = Callable[[Any], Collection[str]]
"""Says in which lists of an object the items are; lists may be cut in what it is shown."""


def long_json(text: IO[str], name: str, lists: Lists) -> Iterator[tuple[int, Any]]:
    """Reads a list, or an object with lists of items, in pieces.

    A piece of an object is the object with some items of one list; what is beside its lists of items stands in all
    pieces. So a reader of the pieces finds what a reader of the whole would, wherever it stands.

    Args:
        text: The file; read once for a list, and twice for an object.
        name: Of the file, for messages.
        lists: In which lists of an object the items are.

    Returns:
        Number of the first item of a piece, counted from 1, and the piece.

    Raises:
        SourceError: It is no JSON from some place on, an item is too long, or what is beside the items.

    Example:
        >>> import io
        >>> file = io.StringIO('{"rows": [{"id": 1}, {"id": 2}], "shop": 7}')
        >>> list(long_json(file, "rows.json", lambda _: ["rows"]))
        [(1, {'rows': [{'id': 1}, {'id': 2}], 'shop': 7})]
    """
    scan = _Scan(text, name)
    if scan.next() == "[":
        yield from _batches(scan, scan.elements())
        scan.finish()
        return
    around, cut = _around(scan)
    scan.finish()
    wanted = {path for path in lists(around) if isinstance(find(around, path), list)}
    if not cut <= wanted:
        raise SourceError(f"{name}: expected a long list of items, got one of which no item is made.")
    if not wanted:
        yield 1, around
    text.seek(0)
    before = 0
    scan = _Scan(text, name)
    for path, elements in _listed(scan, wanted):
        number = 1
        for first, batch in _batches(scan, elements):
            yield before + first, _with(around, wanted, path, batch)
            number = first + len(batch)
        before += number - 1


class _Scan:
    """A place in a text that is read as it is needed."""

    def __init__(self, text: IO[str], name: str) -> None:
        self._text, self.name = text, name
        self._buffer, self._at, self._before, self._ended = "", 0, 0, False

    @property
    def place(self) -> int:
        """Characters before the place."""
        return self._before + self._at

    def next(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            found = _BLANK.match(self._buffer, self._at)
            self._at = found.end() if found is not None else self._at
            if self._at < len(self._buffer) or not self._more(CHUNK):
                return self._buffer[self._at : self._at + 1]

    def take(self, wanted: str) -> str:
        """Passes one of some characters."""
        found = self.next()
        if not found or found not in wanted:
            raise self._broken()
        self._at += 1
        return found

    def value(self) -> Any:
        """Passes a whole value."""
        self.next()
        more = CHUNK
        while True:
            try:
                made, end = DECODER.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError):
                if not self._more(more):
                    raise self._broken() from None
            else:
                if self._buffer[end : end + 1] in _AFTER or not self._more(more):  # a number may go on
                    self._at = end
                    return made
            more *= 2
            if len(self._buffer) - self._at > LONGEST:
                raise SourceError(
                    f"{self.name}: expected JSON of items of at most {LONGEST >> 20} MiB, got a longer one or none"
                    f" from character {self.place:,} on."
                )

    def elements(self) -> Iterator[Any]:
        """Passes a list, one value after the other."""
        self.take("[")
        if self.next() == "]":
            self.take("]")
            return
        while True:
            yield self.value()
            if self.take(",]") == "]":
                return

    def fields(self) -> Iterator[str]:
        """Passes an object, key by key; who takes a key passes its value."""
        self.take("{")
        if self.next() == "}":
            self.take("}")
            return
        while True:
            if self.next() != '"':
                raise self._broken()
            key = self.value()
            self.take(":")
            yield key
            if self.take(",}") == "}":
                return

    def finish(self) -> None:
        """Makes sure that nothing follows."""
        if self.next():
            raise self._broken()

    def _more(self, size: int) -> bool:
        if self._ended:
            return False
        read = self._text.read(size)
        self._ended = not read
        self._before += self._at
        self._buffer, self._at = self._buffer[self._at :] + read, 0
        return not self._ended

    def _broken(self) -> SourceError:
        return SourceError(f"{self.name}: not JSON from character {self.place:,} on.")


def _batches(scan: _Scan, elements: Iterator[Any]) -> Iterator[tuple[int, list[Any]]]:
    first, batch, start = 1, list[Any](), scan.place
    for one in elements:
        batch.append(one)
        if len(batch) == MANY or scan.place - start > FULL:
            yield first, batch
            first, batch, start = first + len(batch), [], scan.place
    if batch:
        yield first, batch


def _around(scan: _Scan) -> tuple[Any, set[str]]:
    """An object whose long lists of objects are cut, and the paths of those."""
    cut: set[str] = set()
    kept = 0

    def read(path: str, depth: int) -> Any:
        nonlocal kept
        opening = scan.next()
        if opening == "{" and depth < DEEPEST:
            return {key: read(f"{path}.{key}" if path else key, depth + 1) for key in scan.fields()}
        start, made = scan.place, list[Any]()
        for one in scan.elements() if opening == "[" else iter((scan.value(),)):
            if isinstance(one, dict) and scan.place - start > SHOWN:
                cut.add(path)
            else:
                made.append(one)
            if path not in cut and kept + scan.place - start > LONGEST:
                raise SourceError(
                    f"{scan.name}: expected at most {LONGEST >> 20} MiB beside lists of objects, got more."
                )
        kept += SHOWN if path in cut else scan.place - start
        return made if opening == "[" else made[0]

    return read("", 0), cut


def _listed(scan: _Scan, wanted: Collection[str], path: str = "") -> Iterator[tuple[str, Iterator[Any]]]:
    """The lists at some paths of an object; who takes a list passes it."""
    for key in scan.fields():
        below = f"{path}.{key}" if path else key
        opening = scan.next()
        if opening == "[" and below in wanted:
            yield below, scan.elements()
        elif opening == "{" and any(one.startswith(f"{below}.") for one in wanted):
            yield from _listed(scan, wanted, below)
        else:
            for _ in scan.elements() if opening == "[" else (scan.value(),):
                pass


def _with(around: Any, wanted: Collection[str], path: str, batch: list[Any], at: str = "") -> Any:
    """The object with a batch in one of the lists of items, and without the others."""
    made = {}
    for key, value in around.items():
        below = f"{at}.{key}" if at else key
        if below == path:
            made[key] = batch
        elif isinstance(value, dict) and any(one.startswith(f"{below}.") for one in wanted):
            made[key] = _with(value, wanted, path, batch, below)
        elif below not in wanted:
            made[key] = value
    return made
