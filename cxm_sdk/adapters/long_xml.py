"""XML as JSON would hold it: elements by local name, repeated ones as lists, attributes with ``@`` in front."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import IO, Any
from xml.parsers import expat

from cxm_sdk.adapters.long_json import FULL, LONGEST, MANY, Lists
from cxm_sdk.errors import SourceError

__all__ = ["long_xml"]

#: Bytes that are read at a time.
CHUNK = 1 << 16
#: Elements in one another.
DEEPEST = 200
_NIL = "http://www.w3.org/2001/XMLSchema-instance}nil"


def long_xml(file: IO[bytes], name: str, lists: Lists) -> Iterator[tuple[int, Any]]:
    """Reads XML as a whole, and in pieces from where it gets too long to be held.

    The pieces of a long document are what is around its items, as far as it was read, with some items each. A document
    type is refused, and with it all entities but the five of XML itself.

    Args:
        file: The document.
        name: Of the file, for messages.
        lists: In which lists of an object the items are.

    Returns:
        Number of the first item of a piece, counted from 1, and the piece.

    Raises:
        SourceError: It is no XML from some place on, has a document type or too many elements in one another, or is
            long and holds no items, or too long ones.

    Example:
        >>> import io
        >>> list(long_xml(io.BytesIO(b'<a k="1"><b>x</b><b>y</b></a>'), "a.xml", lambda _: []))
        [(1, {'a': {'@k': '1', 'b': ['x', 'y']}})]
    """
    document = _Document(name, lists)
    try:
        while chunk := file.read(CHUNK):
            document.parser.Parse(chunk, False)
            document.grown(len(chunk))
            yield from document.taken()
        document.parser.Parse(b"", True)
        yield from document.taken()
    except (expat.ExpatError, ValueError, LookupError):  # the last two: no such encoding
        raise SourceError(f"{name}: expected XML, got something else.") from None


@dataclass(slots=True)
class _Open:
    """An element that has not ended."""

    key: str
    path: str
    nil: bool
    made: dict[str, Any]
    text: list[str] = field(default_factory=list)
    bare: bool = True  # no element in it so far

    def value(self) -> Any:
        if self.nil:
            return None
        text = "".join(self.text).strip()
        if not self.made:
            return text
        return {**self.made, "#text": text} if text else self.made


class _Document:
    """A document that is read."""

    def __init__(self, name: str, lists: Lists) -> None:
        self.name, self.lists = name, lists
        self.open: list[_Open] = []
        self.ready: list[tuple[int, Any]] = []
        self.items: list[Any] = []
        #: Paths of the lists of items, once the document is found to be long.
        self.cut: frozenset[str] = frozenset()
        self.size = self.last_item = self.first_of_batch = self.kept = 0
        self.next_item = 1
        #: Path of what the items at hand are in, and their key there.
        self.items_in = self.item_key = ""
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = self.refuse

    # ------------------------------------------------------------------------------------------ what expat finds

    def refuse(self, *_: object) -> None:
        raise SourceError(f"{self.name}: expected XML without a document type, got one.")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        key = _local(tag)
        if len(self.open) >= DEEPEST:
            raise SourceError(f"{self.name}: expected XML of fewer elements in one another, got more.")
        above = self.open[-1] if self.open else None
        if above is not None:
            above.bare = False
        told = {f"@{_local(name)}": value for name, value in attributes.items()}
        nil = attributes.get(_NIL) in ("true", "1")
        self.open.append(_Open(key, f"{above.path}.{key}" if above is not None else key, nil, told))

    def characters(self, text: str) -> None:
        if self.open and self.open[-1].bare:
            self.open[-1].text.append(text)

    def end(self, _: str) -> None:
        one = self.open[-1]
        if self.items and one.path == self.items_in:
            self.flush()
        self.open.pop()
        if not self.open:
            if not self.cut:
                self.ready.append((1, {one.key: one.value()}))
        elif one.path in self.cut:
            self.items_in, self.item_key = self.open[-1].path, one.key
            self.items.append(one.value())
            self.last_item = self.parser.CurrentByteIndex
            if len(self.items) >= MANY or self.last_item - self.first_of_batch > FULL:
                self.flush()
        else:
            self.put(self.open[-1].made, one)

    def put(self, into: dict[str, Any], one: _Open) -> None:
        value = one.value()
        if one.key not in into:
            into[one.key] = value
        elif isinstance(into[one.key], list):
            into[one.key].append(value)
        else:
            into[one.key] = [into[one.key], value]
        if self.cut and not any(above.path in self.cut for above in self.open):
            self.kept += len(one.key) + sum(map(len, one.text)) + 64
            if self.kept > LONGEST:
                raise SourceError(
                    f"{self.name}: expected at most {LONGEST >> 20} MiB beside items, got more."
                )

    # ------------------------------------------------------------------------------------------ pieces

    def taken(self) -> list[tuple[int, Any]]:
        """The pieces that are ready."""
        ready, self.ready = self.ready, []
        return ready

    def grown(self, size: int) -> None:
        """Counts what was read, and finds the items once it is too long to be held."""
        self.size += size
        if self.size - self.last_item <= LONGEST:
            return
        whole = {} if self.cut else self.around({}, beside=True)
        self.cut = self.cut or frozenset(self.lists(whole))
        if not self.cut or not whole:
            raise SourceError(
                f"{self.name}: expected XML of items of at most {LONGEST >> 20} MiB, got a longer one or none."
            )
        whole = self.around({}, beside=True)  # without the item that has not ended
        self.ready.append((1, whole))
        self.next_item += sum(_count(whole, path.split(".")) for path in self.cut)
        for one in self.open:
            one.made = {
                key: _without(value, f"{one.path}.{key}", self.cut)
                for key, value in one.made.items()
                if f"{one.path}.{key}" not in self.cut
            }
        self.last_item = self.first_of_batch = self.size

    def around(self, inside: dict[str, Any], *, beside: bool = False) -> dict[str, Any]:
        """What is open, with something in the innermost element, and without items that have not ended.

        Elements beside an open one that are called as it are left out where they are not asked for.
        """
        told, value = list(takewhile(lambda one: one.path not in self.cut, self.open)), inside
        for below, one in zip([None, *reversed(told)], reversed(told), strict=False):
            if below is None:
                value = {**one.made, **value}
                continue
            former = one.made.get(below.key, []) if beside else []
            listed = former if isinstance(former, list) else [former]
            value = {**one.made, below.key: [*listed, value] if listed else value}
        return {told[0].key: value} if told else {}

    def flush(self) -> None:
        """Makes a piece of the items since the last."""
        self.ready.append((self.next_item, self.around({self.item_key: self.items})))
        self.next_item += len(self.items)
        self.items, self.first_of_batch = [], self.parser.CurrentByteIndex


def _without(value: Any, path: str, cut: frozenset[str]) -> Any:
    """A value without the lists of items in it."""
    if isinstance(value, dict):
        return {
            key: _without(one, f"{path}.{key}", cut)
            for key, one in value.items()
            if f"{path}.{key}" not in cut
        }
    return [_without(one, path, cut) for one in value] if isinstance(value, list) else value


def _count(value: Any, keys: list[str]) -> int:
    """How many items there are at a path."""
    if isinstance(value, list):
        return sum(_count(one, keys) for one in value) if keys else len(value)
    if not keys:
        return 1
    return _count(value[keys[0]], keys[1:]) if isinstance(value, dict) and keys[0] in value else 0


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
