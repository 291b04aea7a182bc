"""Files of payloads, read piece by piece: JSON, lists in JSON, JSON lines, CSV and XML."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from cxm_sdk.adapters.long_json import Lists, long_json
from cxm_sdk.adapters.long_xml import long_xml
from cxm_sdk.adapters.payloads import loaded
from cxm_sdk.errors import AdapterError, SourceError

__all__ = ["Piece", "pieces"]

#: Characters of JSON that are read as one payload; what is longer is read item by item.
WHOLE = 16 << 20
#: Items of a list, or rows of a table, in a piece.
MANY = 500
#: Key of the cells of a row that no column is named for.
MORE = "#more"


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


def _nowhere(_: object) -> tuple[str, ...]:
    return ()


def pieces(path: Path, lists: Lists = _nowhere) -> Iterator[Piece]:
    r"""Reads a file in pieces of bounded size.

    Args:
        path: A file in UTF-8 or UTF-16; ``.csv`` and ``.tsv`` are tables, ``.xml`` is XML, all others hold JSON. With
            ``.gz`` behind it is unpacked.
        lists: In which lists of an object the items are, for objects that are too long to be read whole; where none is
            named, a longer object is refused.

    Returns:
        The pieces, one after the other. A line that is no JSON is a piece with an error.

    Raises:
        SourceError: It cannot be read at all, or from some place on.

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
                for first_item, payload in long_xml(file, path.name, lists):
                    yield Piece(first_item, payload, None)
            else:
                with _text(file) as text:
                    yield from _json(text, path.name, lists)
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
    rows = csv.DictReader(chain([head], text), delimiter=mark, restkey=MORE)
    first = 1
    while True:
        try:
            batch = list(islice(rows, MANY))
        except csv.Error:
            raise SourceError(f"{name}: not a table from about row {first:,} on.") from None
        if not batch:
            return
        yield Piece(first, batch, None)
        first += len(batch)


def _json(text: io.TextIOWrapper, name: str, lists: Lists) -> Iterator[Piece]:
    """One JSON value, or one a line, as the first line tells."""
    first = next((line for line in iter(lambda: text.readline(WHOLE), "") if line.strip()), "")
    if not first:
        raise SourceError(f"{name}: expected payloads, got an empty file.")
    second = next((line for line in iter(lambda: text.readline(WHOLE), "") if line.strip()), "")
    if second and (_is_line(first, second) or not first.lstrip().startswith(("[", "{"))):
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
    del whole
    text.seek(0)
    for first_item, payload in long_json(text, name, lists):
        yield Piece(first_item, payload, None)


def _is_line(first: str, second: str) -> bool:
    """Whether a line is a payload of its own; one that is spoilt, such as by NaN, where the next line is."""
    spoilt = first.rstrip().endswith(("}", "]")) and second.lstrip().startswith(("{", "["))
    return _is_json(first) or (spoilt and _is_json(second))


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
