"""Reads Parquet files: texts, days and whole numbers with Arrow, a column at a time, and the rest with DuckDB.

Most files of customers hold nothing else, and then DuckDB is not even imported.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow.parquet import FileMetaData, ParquetFile, read_schema

from cxm_sdk.engines.portions import Database, Portion, identifier, literal, titled
from cxm_sdk.engines.threads import run_on_threads
from cxm_sdk.errors import SourceError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["begin", "read_parquet"]

# Bytes that a text takes at most where those of its column are in a dictionary for the most part, and what the
# dictionary takes. In full it takes four bytes and its own.
MOST_A_TEXT, DICTIONARY = 3.5, 1 << 20

_Read = Callable[[], pa.ChunkedArray]


class _Columns:
    """Columns of a file that Arrow reads, each once, by whichever thread comes to it first.

    Args:
        names: Names of all columns of the file.
        reads: By place those that are read, and how; what takes longest first.
    """

    def __init__(self, names: list[str], reads: Mapping[int, _Read]) -> None:
        self.names = names
        self.places = list(reads)
        self._left = deque(reads.items())
        self._found = dict[int, pa.ChunkedArray]()
        self._failure: Exception | None = None
        self._beside: Thread | None = None

    def begin(self) -> None:
        """Starts to read on a thread of its own."""

        def work() -> None:
            while self._left and self._failure is None:
                self._step()

        self._beside = Thread(target=work, daemon=True)
        self._beside.start()

    def steps(self) -> list[Callable[[], None]]:
        """What is to be done, on any threads, before the columns can be had."""
        return [self._step] * len(self._left)

    def found(self) -> dict[int, pa.ChunkedArray]:
        """The columns by place; raises what reading one of them raised."""
        if self._beside is not None:
            self._beside.join()
        if self._failure is not None:
            raise self._failure
        return self._found

    def _step(self) -> None:
        try:
            place, read = self._left.popleft()
        except IndexError:  # another thread took the last one
            return
        try:
            self._found[place] = read()
        except Exception as error:  # raised again where the column would have been
            self._failure = error


# Files that are being read before anybody asked for them, by what tells one state of a file from any other.
_begun = dict[tuple[int, ...], _Columns]()


def begin(path: str | os.PathLike[str]) -> None:
    """Starts to read a Parquet file, beside whatever else there is to do before ``read_parquet`` is called for it.

    Args:
        path: The file; one that cannot be read is left to ``read_parquet``.

    Example:
        >>> begin("missing.parquet")
    """
    try:
        state = _state(path)
    except OSError:
        return
    _begun[state] = columns = _plain_columns(Path(path))
    columns.begin()


def _state(path: str | os.PathLike[str]) -> tuple[int, ...]:
    found = Path(path).stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def read_parquet(database: Database, path: Path) -> Portion:
    """Reads one Parquet file.

    Args:
        database: Reads what Arrow alone does not turn into text.
        path: The file.

    Returns:
        Its rows in file order, every column as text.

    Raises:
        SourceError: If the file is damaged or not Parquet.

    >>> import pyarrow.parquet, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "crm.parquet"
    ...     pyarrow.parquet.write_table(pa.table({"id": [7.0, None], "name": ["Ada", "Bob"]}), file)
    ...     read_parquet(Database(1), file).table.to_pylist()
    [{'id': '7', 'name': 'Ada'}, {'id': None, 'name': 'Bob'}]
    """
    columns = _begun.pop(_state(path), None) or _plain_columns(path)
    names, places = columns.names, columns.places
    if places and len(places) == len(names) == len({name.casefold() for name in names}):
        try:
            for _ in run_on_threads(lambda step: step(), columns.steps(), database.workers):
                pass
            by_place = columns.found()
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(path, type(error).__name__) from None
        table = pa.Table.from_arrays([by_place[place] for place in range(len(names))], names=names)
        return titled(table, names)
    return _read_with_duckdb(database, path, columns)


def _unreadable(path: Path, failure: str) -> SourceError:
    return SourceError(
        f"{path} cannot be read as Parquet ({failure}).",
        hint="write the file again, or export it as CSV.",
    )


def _plain_columns(path: Path) -> _Columns:
    """The columns that Arrow turns into text.

    Writers keep texts that repeat, such as names of cities, in a dictionary as long as it is small. Arrow hands it over
    as it is. Days are few, too; they are written as text once each.
    """
    try:
        with ParquetFile(path) as file:
            schema, metadata = file.schema_arrow, file.metadata
    except (pa.ArrowException, OSError):
        return _Columns([], {})  # it is for DuckDB to say whether it can be read
    if len(schema) != metadata.num_columns:
        return _Columns(schema.names, {})  # some are nested
    found = dict[int, _Read]()
    sizes = dict[int, float]()
    for place, field in enumerate(schema):
        parts = [metadata.row_group(group).column(place) for group in range(metadata.num_row_groups)]
        sizes[place] = sum(part.total_uncompressed_size for part in parts)
        if schema.names.count(field.name) > 1:
            continue
        if pa.types.is_date32(field.type):
            found[place] = partial(_read_days, path, field.name, metadata)
        elif pa.types.is_integer(field.type):
            found[place] = partial(_read_numbers, path, field.name, metadata)
        elif pa.types.is_string(field.type):
            read = _read_dictionary if _repeats(parts) else _read_texts
            found[place] = partial(read, path, field.name, metadata)
    largest = sorted(found, key=lambda place: -sizes[place])
    return _Columns(schema.names, {place: found[place] for place in largest})


def _repeats(parts: Sequence[Any]) -> bool:
    """Whether most texts of a column stand in dictionaries; where not, to make one takes longer than it saves."""
    inside = [part for part in parts if part.has_dictionary_page]
    texts = _texts(inside)
    size = sum(part.total_uncompressed_size for part in inside)
    return size < len(inside) * DICTIONARY + MOST_A_TEXT * texts and 2 * texts >= _texts(parts)


def _texts(parts: Sequence[Any]) -> int:
    return sum(part.num_values - _nulls(part) for part in parts)


def _nulls(part: Any) -> int:
    known = part.is_stats_set and part.statistics.has_null_count
    return part.statistics.null_count if known else 0


def _read_texts(path: Path, name: str, metadata: FileMetaData) -> pa.ChunkedArray:
    with ParquetFile(path, metadata=metadata) as file:
        column = file.read([name], use_threads=False).column(0)
    for part in column.chunks:
        _validate(part)
    return column


def _read_dictionary(path: Path, name: str, metadata: FileMetaData) -> pa.ChunkedArray:
    with ParquetFile(path, metadata=metadata, read_dictionary=[name]) as file:
        column = file.read([name], use_threads=False).column(0)
    for part in column.chunks:
        _validate(part.dictionary)
    return column


def _validate(texts: pa.Array) -> None:
    """Text that is no UTF-8 breaks whatever reads it later; what is ASCII need not be looked at one by one.

    Nor need other texts: those that lie one behind the other are sound if they are so as one text, and each begins
    where a character does.
    """
    _, offsets, data = texts.buffers()
    if data is None or not data.size or not len(texts):
        return
    letters = np.frombuffer(data, np.uint8)
    if letters.max() < 0x80:
        return
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    whole = pa.StringArray.from_buffers(1, pa.py_buffer(ends[[0, -1]]), data)
    try:
        whole.validate(full=True)
        apart = not np.any(letters.take(ends[:-1], mode="clip") & 0xC0 == 0x80)
    except pa.ArrowInvalid:
        apart = False
    if not apart:
        texts.validate(full=True)


def _read_numbers(path: Path, name: str, metadata: FileMetaData) -> pa.ChunkedArray:
    with ParquetFile(path, metadata=metadata) as file:
        return file.read([name], use_threads=False).column(0).cast(pa.string())


def _read_days(path: Path, name: str, metadata: FileMetaData) -> pa.ChunkedArray:
    with ParquetFile(path, metadata=metadata) as file:
        column = file.read([name], use_threads=False).column(0)
    days = column.combine_chunks().dictionary_encode()
    days = days.combine_chunks() if isinstance(days, pa.ChunkedArray) else days
    texts = days.dictionary.cast(pa.string())
    return pa.chunked_array([pa.DictionaryArray.from_arrays(days.indices, texts)])


def _read_with_duckdb(database: Database, path: Path, columns: _Columns) -> Portion:
    connection = database.connection
    import duckdb

    from cxm_sdk.engines.typed import text_terms

    failure = ""
    for bytes_are_text in ("true", "false"):  # older writers do not mark text as text
        arguments = f"{literal(_no_glob(path))}, binary_as_string={bytes_are_text}, hive_partitioning=false"
        source = _in_their_zones(connection, path, f"read_parquet({arguments})")
        try:
            relation = connection.sql(f"FROM {source}")
            titles, terms = text_terms(relation, relation.columns)
            alike = columns.names == relation.columns and len(columns.names) == len(terms)
            table = _read_side_by_side(database, source, terms, columns if alike else _Columns([], {}))
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            failure = type(error).__name__
            continue
        return titled(table, titles)
    raise _unreadable(path, failure)


#: A zone that is only so many hours and minutes from UTC.
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


def _in_their_zones(connection: DuckDBPyConnection, path: Path, source: str) -> str:
    """Takes times with a zone for what a clock there shows, as ``typed`` does for frames; DuckDB drops the zone."""
    try:
        schema = read_schema(path)
    except (pa.ArrowException, OSError):
        return source
    zones = {field.name: field.type.tz for field in schema if pa.types.is_timestamp(field.type)}
    names = (
        connection.sql("SELECT name FROM pg_timezone_names() WHERE name <> 'UTC'")
        if any(zones.values())
        else None
    )
    known = {name for (name,) in names.fetchall()} if names is not None else set[str]()
    moved = []
    for name, zone in zones.items():
        time, offset = identifier(name), _OFFSET.fullmatch(zone or "")
        if schema.names.count(name) > 1 or not (offset or zone in known):
            continue
        shown = f"timezone({literal('UTC' if offset else zone)}, {time})"
        if offset:  # of which DuckDB knows none
            shown += f" {offset[1]} INTERVAL '{offset[2]} hours {offset[3]} minutes'"
        moved.append(f"{shown} AS {time}")
    return f"(SELECT * REPLACE ({', '.join(moved)}) FROM {source})" if moved else source  # noqa: S608 - names are quoted


def _no_glob(path: Path) -> str:
    """Keeps DuckDB from reading brackets and stars in a file name as a pattern."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def _read_side_by_side(database: Database, source: str, terms: Sequence[str], others: _Columns) -> pa.Table:
    """Reads the columns of a file on all threads; DuckDB alone shares out rows, and many files are one row group."""
    rest = [place for place in range(len(terms)) if place not in others.places]
    count = min(database.workers, len(rest))
    cursors = [database.connection.cursor() for _ in range(count)]

    def read(part: int) -> list[pa.ChunkedArray]:
        chosen = ", ".join(f"{terms[place]} AS c{place}" for place in rest[part::count])
        query = f"SELECT {chosen} FROM {source}"  # noqa: S608 - names are quoted, the path is a literal
        columns: list[pa.ChunkedArray] = cursors[part].sql(query).to_arrow_reader().read_all().columns
        return columns

    works: list[Callable[[], Any]] = [*(partial(read, part) for part in range(count)), *others.steps()]
    try:
        parts = list(run_on_threads(lambda work: work(), works, database.workers))
    except BaseException:
        for cursor in cursors:
            cursor.interrupt()
        raise
    finally:
        for cursor in cursors:
            cursor.close()
    columns = dict(others.found())
    for part in range(count):
        columns |= zip(rest[part::count], parts[part], strict=True)
    places = range(len(terms))
    return pa.Table.from_arrays([columns[place] for place in places], names=[f"c{place}" for place in places])
