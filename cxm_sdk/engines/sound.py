"""Reads sound files of text with Arrow, twice as fast as DuckDB: delimited text, and JSON lines that hold texts alone.

What is not sound beyond doubt is left to DuckDB, which reads a sound file alike.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, read_csv

from cxm_sdk.engines.dialect import Dialect, is_gzip
from cxm_sdk.engines.portions import unique_names

__all__ = ["sound_delimited", "sound_json"]

_Bytes = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.int64]

_LARGEST = 1 << 29  # bytes; a file is held as a whole, and nothing interrupts Arrow while it reads
_BLOCK = 1 << 22  # bytes that are read at a time; a longer line is for DuckDB
_STRIDE = 1 << 18  # bytes that are looked at in one go, so that they stay in the cache
_HEAD_LINES = 500  # lines that name the keys of JSON objects
_QUOTE, _LINE_FEED, _RETURN, _BRACE = b'"\n\r{'
# DuckDB takes these for nested values, or numbers that end with ".0", also where they stand inside of a text.
_NOT_FLAT = re.compile(rb"\.0+\s*[,}]")


def sound_delimited(path: Path, dialect: Dialect) -> pa.Table | None:
    r"""Reads delimited text in which each line is a row, and each row has as many cells as there are columns.

    Args:
        path: The file.
        dialect: How it is written.

    Returns:
        Its rows, an empty cell as null; None for any other file.

    >>> import tempfile
    >>> from cxm_sdk.engines.dialect import detect
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "crm.csv"
    ...     _ = file.write_text('id,name\n1,"King, Ada"\n2,\n')
    ...     sound_delimited(file, detect(file, lambda name: name == "id")).to_pylist()
    [{'id': '1', 'name': 'King, Ada'}, {'id': '2', 'name': None}]
    """
    separator = dialect.separator.encode()
    if not dialect.plain or dialect.escape != '"' or len(separator) > 1:
        return None
    data = _content(path)
    if data is None or b"\0" in data:
        return None
    text = np.frombuffer(data, np.uint8)
    ends = _count(text, _LINE_FEED)
    if _RETURN in data and not data.count(b"\r") == data.count(b"\r\n") == ends:
        return None
    if _QUOTE in data and not _are_edges(text, separator[0]):
        return None
    names = [f"c{place}" for place in range(len(dialect.names))]
    kinds = {name: pa.string() for name in names}
    reading = ReadOptions(
        use_threads=False, block_size=_BLOCK, skip_rows=int(dialect.has_header), column_names=names
    )
    parsing = ParseOptions(delimiter=dialect.separator)
    texts = ConvertOptions(column_types=kinds, null_values=[""], strings_can_be_null=True)
    try:
        table = read_csv(
            pa.BufferReader(data), read_options=reading, parse_options=parsing, convert_options=texts
        )
    except pa.ArrowException:
        return None
    if table.num_rows + dialect.has_header != ends + (not data.endswith(b"\n")):
        return None
    if dialect.padded:
        import pyarrow.compute as pc  # rarely needed, and long to import
    for place in dialect.padded:
        table = table.set_column(place, names[place], pc.ascii_trim(table.column(place), " "))
    return table.rename_columns(list(dialect.names))


def sound_json(path: Path) -> pa.Table | None:
    r"""Reads JSON lines in which each line is an object, and each value is a text or null.

    Args:
        path: The file.

    Returns:
        Its rows, with a column for each key, in alphabetical order; None for any other file.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "web.jsonl"
    ...     _ = file.write_text('{"id": "1", "name": null}\n{"name": "Ada"}\n')
    ...     sound_json(file).to_pylist()
    [{'id': '1', 'name': None}, {'id': None, 'name': 'Ada'}]
    """
    data = _content(path)
    if data is None or not data.startswith(b"{") or b"[" in data or b"\0" in data:
        return None
    if b"\\" in data and b"\\u0000" in data:
        return None
    text = np.frombuffer(data, np.uint8)
    lines = _count(text, _LINE_FEED) + (not data.endswith(b"\n"))
    if _count(text, _BRACE) != lines or _NOT_FLAT.search(data) or not (titles := _keys(data)):
        return None
    from pyarrow.json import ParseOptions, ReadOptions, read_json

    schema = pa.schema([pa.field(title, pa.string()) for title in titles])
    parsing = ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    try:
        table = read_json(
            pa.BufferReader(data),
            read_options=ReadOptions(use_threads=False, block_size=_BLOCK),
            parse_options=parsing,
        )
        table.validate(full=True)  # text that is no UTF-8 breaks whatever reads it later
    except pa.ArrowException:
        return None
    if table.num_rows != lines or table.column_names != titles:
        return None
    return table.rename_columns(unique_names(titles)[0])


def _content(path: Path) -> bytes | None:
    """What a file holds; None where it is no plain file, or too large."""
    if not path.is_file() or path.stat().st_size > _LARGEST or is_gzip(path):
        return None
    return path.read_bytes()


def _count(text: _Bytes, letter: int) -> int:
    starts = range(0, len(text), _STRIDE)
    return sum(int(np.count_nonzero(text[start : start + _STRIDE] == letter)) for start in starts)


def _places(text: _Bytes, letter: int) -> _Places:
    starts = range(0, len(text), _STRIDE)
    return np.concatenate(
        [np.flatnonzero(text[start : start + _STRIDE] == letter) + start for start in starts]
    )


def _are_edges(text: _Bytes, separator: int) -> bool:
    """Whether quotes stand around whole cells, or doubled inside of these, and no line ends between them."""
    quotes = _places(text, _QUOTE)
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    doubled = closing[:-1] + 1 == opening[1:]
    before, after = text[np.maximum(opening - 1, 0)], text[np.minimum(closing + 1, len(text) - 1)]
    begins = (before == separator) | (before == _LINE_FEED) | (opening == 0)
    ends = (after == separator) | (after == _LINE_FEED) | (after == _RETURN) | (closing + 1 == len(text))
    begins[1:] |= doubled
    ends[:-1] |= doubled
    lines = _places(text, _LINE_FEED)
    inside = np.searchsorted(lines, opening) != np.searchsorted(lines, closing)
    return bool(begins.all() and ends.all() and not inside.any())


def _keys(data: bytes) -> list[str] | None:
    """The keys that the first lines have, in alphabetical order; None where they are no flat objects of texts."""
    keys = set[str]()
    at = 0
    for _ in range(_HEAD_LINES):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        try:
            found = json.loads(data[at:end]) if end > at else {}
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or not all(
            value is None or isinstance(value, str) for value in found.values()
        ):
            return None
        keys.update(found)
        at = end + 1
        if at >= len(data):
            break
    distinct = len({key.lower() for key in keys}) == len(keys)
    return sorted(keys) if distinct else None
