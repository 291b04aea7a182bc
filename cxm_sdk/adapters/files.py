"""Files of payloads, read piece by piece: JSON, lists in JSON, JSON lines, CSV and XML."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat

from cxm_sdk.adapters.base import loaded
from cxm_sdk.errors import AdapterError, MissingExtraError, SourceError

__all__ = ["Piece", "pieces"]

#: Bytes of JSON or XML that are read as one payload; what is longer is read item by item.
WHOLE = 16 << 20
#: Items of a list, or rows of a table, in a piece.
MANY = 500
_XSI_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class Piece(NamedTuple):
    """A payload out of a file.

    Attributes:
        where: Line, item or row that it begins with, counted from 1.
        payload: As adapters take it; None where it cannot be read.
        error: Why it cannot be read; None where it can.

    Example:
        >>> Piece(1, {"a": 1}, None).where
        1
    """

    where: int
    payload: Any
    error: str | None


def pieces(path: Path) -> Iterator[Piece]:
    r"""Reads a file in pieces of bounded size.

    Args:
        path: A file in UTF-8 or UTF-16; ``.csv`` and ``.tsv`` are tables, ``.xml`` is XML, all others hold JSON. With
            ``.gz`` behind it is unpacked.

    Returns:
        The pieces, one after the other. A line that is no JSON is a piece with an error.

    Raises:
        SourceError: It cannot be read at all, or from some place on.
        MissingExtraError: It is long, and what reads long JSON is not installed.

    Example:
        >>> _ = Path("calls.jsonl").write_text('{"a": 1}\n{"a": \n')
        >>> [(piece.where, piece.payload) for piece in pieces(Path("calls.jsonl"))]
        [(1, {'a': 1}), (2, None)]
    """
    kind = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    try:
        with _opened(path) as file:
            if kind.lower() in (".csv", ".tsv"):
                with _text(file) as text:
                    yield from _table(text, path.name)
            elif kind.lower() == ".xml":
                yield Piece(1, _xml(file.read(WHOLE + 1), path.name), None)
            else:
                with _text(file) as text:
                    yield from _json(text, path.name)
    except UnicodeDecodeError:
        raise SourceError(f"{path.name}: expected UTF-8 or UTF-16, got bytes that are neither.") from None
    except (OSError, EOFError) as error:
        raise SourceError(f"{path.name}: cannot be read ({type(error).__name__}).") from error


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _text(file: IO[bytes]) -> io.TextIOWrapper:
    mark = file.read(2)
    file.seek(0)
    encoding = "utf-16" if mark in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return io.TextIOWrapper(file, encoding=encoding, newline="")


def _table(text: io.TextIOWrapper, name: str) -> Iterator[Piece]:
    head = text.readline()
    if not head.strip():
        raise SourceError(f"{name}: expected a line of column names, got nothing.")
    mark = max(",;\t|", key=head.count)
    rows = csv.DictReader(chain([head], text), delimiter=mark)
    first = 1
    while True:
        try:
            batch = [{k: v for k, v in row.items() if k is not None} for row in islice(rows, MANY)]
        except csv.Error:
            raise SourceError(f"{name}: not a table from about row {first:,} on.") from None
        if not batch:
            return
        yield Piece(first, batch, None)
        first += len(batch)


def _json(text: io.TextIOWrapper, name: str) -> Iterator[Piece]:
    """One JSON value, or one a line, as the first line tells."""
    first = next((line for line in iter(lambda: text.readline(WHOLE), "") if line.strip()), "")
    if not first:
        raise SourceError(f"{name}: expected payloads, got an empty file.")
    second = next((line for line in iter(lambda: text.readline(WHOLE), "") if line.strip()), "")
    if second and (_is_json(first) or not first.lstrip().startswith(("[", "{"))):
        text.seek(0)
        yield from _lines(text)
        return
    text.seek(0)
    whole = text.read(WHOLE)
    if len(whole) < WHOLE:
        try:
            yield Piece(1, loaded(whole), None)
        except AdapterError as error:
            yield Piece(1, None, str(error))
        return
    text.seek(0)
    yield from _long(text, name, whole.lstrip("\ufeff \t\r\n")[:1])


def _is_json(line: str) -> bool:
    try:
        loaded(line)
    except AdapterError:
        return False
    return True


def _lines(text: io.TextIOWrapper) -> Iterator[Piece]:
    number = 0
    while line := text.readline(WHOLE):
        number += 1
        if not line.strip():
            continue
        try:
            yield Piece(number, loaded(line), None)
        except AdapterError as error:
            yield Piece(number, None, str(error))


def _long(text: io.TextIOWrapper, name: str, opening: str) -> Iterator[Piece]:
    """The items of a long list, or of the first list of objects in a long object, with what stands before it around."""
    try:
        import ijson
    except ModuleNotFoundError as error:
        raise MissingExtraError.for_package("ijson", "adapters") from error
    stream = _Bytes(text)
    try:
        if opening == "[":
            path: tuple[str, ...] = ()
            items = ijson.items(stream, "item")
        else:
            path = _first_list(ijson.basic_parse(stream))
            text.seek(0)
            items = ijson.items(_Bytes(text), ".".join((*path, "item")))
        first = 1
        while batch := [_plain(one) for one in islice(items, MANY)]:
            yield Piece(first, _wrapped(path, batch), None)
            first += len(batch)
    except ijson.JSONError as error:
        raise SourceError(f"{name}: not JSON from some place on ({type(error).__name__}).") from None


class _Bytes:
    """Text as the bytes that a parser reads."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text

    def read(self, size: int = -1) -> bytes:
        return self._text.read(size).encode("utf-8", "surrogatepass")


def _first_list(events: Iterator[tuple[str, Any]]) -> tuple[str, ...]:
    """Where the first list of objects of an object stands."""
    path: list[str] = []
    depth = 0
    before = ""
    for event, value in events:
        if event == "map_key":
            path[depth - 1 :] = [value]
        elif event == "start_map":
            if before == "start_array":
                return tuple(path)
            depth += 1
        elif event == "end_map":
            depth -= 1
            del path[max(depth, 0) :]
        before = event
    raise SourceError("expected a list of objects in a long object, got none.")


def _wrapped(path: tuple[str, ...], batch: list[Any]) -> Any:
    made: Any = batch
    for key in reversed(path):
        made = {key: made}
    return made


def _plain(value: Any) -> Any:
    """Numbers with a fraction as JSON gives them elsewhere."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _xml(content: bytes, name: str) -> Any:
    """XML as JSON would hold it: elements by local name, repeated ones as lists, attributes with ``@`` in front."""
    if len(content) > WHOLE:
        raise SourceError(f"{name}: expected XML of at most {WHOLE >> 20} MiB, got more.")
    probe = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise SourceError(f"{name}: expected XML without a document type, got one.")

    probe.StartDoctypeDeclHandler = refuse
    try:
        probe.Parse(content, True)
        root = ElementTree.fromstring(content)  # noqa: S314 - no document type, so no entities
    except (expat.ExpatError, ElementTree.ParseError):
        raise SourceError(f"{name}: expected XML, got something else.") from None
    return {_local(root.tag): _element(root)}


def _element(element: ElementTree.Element) -> Any:
    if element.get(_XSI_NIL) in ("true", "1"):
        return None
    made: dict[str, Any] = {f"@{_local(key)}": value for key, value in element.attrib.items()}
    for child in element:
        key, value = _local(child.tag), _element(child)
        if key not in made:
            made[key] = value
        elif isinstance(made[key], list):
            made[key].append(value)
        else:
            made[key] = [made[key], value]
    text = (element.text or "").strip()
    if not made:
        return text
    return {**made, "#text": text} if text else made


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
