"""What reading one input yields, and the few steps every kind of input shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cxm_sdk.errors import MissingExtraError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = [
    "BadRow",
    "Database",
    "Portion",
    "doubled_warnings",
    "identifier",
    "literal",
    "open_connection",
    "titled",
    "unique_names",
    "without_nul",
]

_LIST_TYPES = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)


@dataclass(frozen=True)
class BadRow:
    """One input row that could not be read.

    Attributes:
        row: 1-based number among the rows of its input, good and bad.
        detail: What was expected and what came, without any value of the row.
        raw: The text of the row as it stands in the input.
    """

    row: int
    detail: str
    raw: str


@dataclass(frozen=True)
class Portion:
    """What one file or table holds: the whole of a source, or a part of it.

    Attributes:
        table: Columns of ``string``, also by dictionary, or ``list<string>`` with distinct names.
        rows: Number of rows in the input, good and bad.
        line: ``int64[table.num_rows]``, the 1-based input row of each row; None when no row is bad.
        bad: The rows that could not be read.
        warnings: What a user should know about the input.
    """

    table: pa.Table
    rows: int
    line: npt.NDArray[np.int64] | None = None
    bad: Sequence[BadRow] = ()
    warnings: Sequence[str] = field(default=())


class Database:
    """A DuckDB that is opened for the first input that needs it: to import it takes longer than to read some inputs.

    Args:
        workers: Number of threads it may use, at least 1.

    Attributes:
        workers: The number of threads.

    >>> Database(1).connection.sql("SELECT 7").fetchall()
    [(7,)]
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    @cached_property
    def connection(self) -> DuckDBPyConnection:
        """The connection; a missing DuckDB is a MissingExtraError."""
        return open_connection(self.workers)

    def close(self) -> None:
        """Gives its memory back."""
        if "connection" in vars(self):
            self.connection.close()


def open_connection(workers: int) -> DuckDBPyConnection:
    """Opens a private in-memory DuckDB that stays on this machine.

    Args:
        workers: Number of threads it may use, at least 1.

    Returns:
        The connection; close it to give its memory back.

    Raises:
        MissingExtraError: If DuckDB is not installed.

    >>> open_connection(1).sql("SELECT current_setting('threads')").fetchall()
    [(1,)]
    """
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise MissingExtraError.for_package("duckdb", "batch") from error
    # Nothing is fetched from the network, spilled to the working folder, told in local time, or printed: where no file
    # holds the program, such as behind ``python -c``, DuckDB shows a bar of its own.
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": max(1, workers),
        "autoinstall_known_extensions": "false",
        "temp_directory": "",
    }
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection


def literal(text: str) -> str:
    """Writes a text as an SQL string.

    Args:
        text: Any text without NUL.

    Returns:
        The text between single quotes, safe to put into a statement.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Writes a column name as an SQL identifier.

    Args:
        name: Any name without NUL.

    Returns:
        The name between double quotes, safe to put into a statement.

    >>> identifier('5" pipe')
    '"5"" pipe"'
    """
    return '"' + name.replace('"', '""') + '"'


def unique_names(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Cleans column names and makes each one distinct.

    Args:
        names: Column names as they came, possibly empty, padded or doubled.

    Returns:
        The names in the same order, where the second ``name`` is ``name_2`` and a column without a
        name is called by its place; and the names that came more than once.

    >>> unique_names([" name", "", "name"])
    (['name', 'column_2', 'name_2'], ['name'])
    """
    clean = [name.replace("\0", "").strip(" \t\r\n\ufeff\xa0") for name in names]
    clean = [name or f"column_{place}" for place, name in enumerate(clean, 1)]
    reserved, seen, doubled = set(clean), set[str](), list[str]()
    unique = []
    for name in clean:
        candidate, number = name, 2
        if name in seen and name not in doubled:
            doubled.append(name)
        while candidate in seen or (candidate != name and candidate in reserved):
            candidate, number = f"{name}_{number}", number + 1
        seen.add(candidate)
        unique.append(candidate)
    return unique, doubled


def titled(table: pa.Table, titles: Iterable[str]) -> Portion:
    """Makes a portion of a table that holds texts alone.

    Args:
        table: The table.
        titles: Names for its columns, as the input has them.

    Returns:
        Its rows, under clean names.

    >>> titled(pa.table({"c0": ["Ada"]}), [" name"]).table.to_pylist()
    [{'name': 'Ada'}]
    """
    table = table.rename_columns(unique_names(titles)[0]).replace_schema_metadata(None)
    return Portion(table, table.num_rows)


def doubled_warnings(where: str, doubled: Iterable[str]) -> list[str]:
    """Words the warnings about column names that came more than once.

    Args:
        where: The input, as a user knows it.
        doubled: The names, as ``unique_names`` returns them.

    Returns:
        One sentence for each name.

    >>> doubled_warnings("crm.csv", ["name"])
    ["crm.csv: column 'name' came more than once; the later ones are numbered ('name_2', ...)."]
    """
    return [
        f"{where}: column {name!r} came more than once; the later ones are numbered ({name + '_2'!r}, ...)."
        for name in doubled
    ]


def without_nul(table: pa.Table) -> tuple[pa.Table, list[str]]:
    r"""Removes NUL bytes, which are never part of a text, from every cell.

    Args:
        table: Columns of ``string``, also by dictionary, or ``list<string>``.

    Returns:
        The table, the same object when it holds no NUL, and the names of the columns that held one.

    >>> table, columns = without_nul(pa.table({"name": ["A\x00da"]}))
    >>> table["name"].to_pylist(), columns
    (['Ada'], ['name'])
    """
    cleaned = []
    for place, name in enumerate(table.column_names):
        column = table.column(place)
        if not any(_holds_nul(chunk) for chunk in column.chunks):
            continue
        chunks = [_chunk_without_nul(chunk) for chunk in column.chunks]
        table = table.set_column(place, name, pa.chunked_array(chunks, type=column.type))
        cleaned.append(name)
    return table, cleaned


def _is_list(type_: pa.DataType) -> bool:
    return any(check(type_) for check in _LIST_TYPES)


def _holds_nul(chunk: pa.Array) -> bool:
    if pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary
    if _is_list(chunk.type):
        chunk = chunk.flatten()
    data = chunk.buffers()[-1] if len(chunk) else None
    # The buffer may hold more than this slice: a false alarm costs time, not truth.
    return data is not None and data.size > 0 and not np.frombuffer(data, dtype=np.uint8).min()


def _chunk_without_nul(chunk: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(chunk.type):
        return pa.DictionaryArray.from_arrays(chunk.indices, _chunk_without_nul(chunk.dictionary))
    if not _is_list(chunk.type):
        import pyarrow.compute as pc  # rarely needed, and long to import

        return pc.replace_substring_regex(chunk, pattern=r"\x00", replacement="")
    lists = [
        None if cell is None else [item and item.replace("\0", "") for item in cell]
        for cell in chunk.to_pylist()
    ]
    return pa.array(lists, type=chunk.type)
