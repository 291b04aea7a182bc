"""Tables as text files, written column by column without a Python object per value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

__all__ = ["FILES", "write_delimited", "write_source"]

FILES: Final = {
    "crm": "crm.csv",
    "loyalty": "loyalty.parquet",
    "store": "store.csv",
    "support": "support.tsv",
    "web": "web.jsonl",
}
"""File name of each source."""

_DELIMITERS: Final = {"crm": ",", "store": ";", "support": "\t"}
_CHUNK: Final = 250_000


def write_source(source: str, table: pa.Table, path: Path) -> None:
    """Writes one source in its own format.

    Args:
        source: Name of the source.
        table: Its records, all columns ``string``.
        path: File to write.
    """
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    elif path.suffix == ".jsonl":
        _write_lines(table, path, "", _json_lines)
    else:
        write_delimited(table, path, _DELIMITERS[source])


def write_delimited(table: pa.Table, path: Path, delimiter: str = ",") -> None:
    """Writes delimited text with a header, UTF-8, nulls as nothing, quotes only where needed.

    Args:
        table: All columns ``string``.
        path: File to write.
        delimiter: One character.
    """
    _write_lines(
        table,
        path,
        delimiter.join(table.column_names) + "\n",
        lambda chunk: _delimited_lines(chunk, delimiter),
    )


def _write_lines(table: pa.Table, path: Path, header: str, lines: Callable[[pa.Table], pa.Array]) -> None:
    """Writes the header and the lines of each chunk of the table."""
    with path.open("wb") as file:
        file.write(header.encode())
        for start in range(0, table.num_rows, _CHUNK):
            text = lines(table.slice(start, _CHUNK))
            # The characters of a string array lie one after the other: with a line end in each, they are
            # the file.
            first, last = text.offset, text.offset + len(text)
            offsets = memoryview(text.buffers()[1]).cast("i")
            file.write(memoryview(text.buffers()[2])[offsets[first] : offsets[last]])


def _column(chunk: pa.Table, name: str) -> pa.Array:
    return pa.concat_arrays(chunk[name].chunks)


def _delimited_lines(chunk: pa.Table, delimiter: str) -> pa.Array:
    cells = []
    for name in chunk.column_names:
        cell = pc.fill_null(_column(chunk, name), "")
        special = pc.match_substring_regex(cell, f'[{delimiter}"\\r\\n]')
        if pc.any(special).as_py():
            doubled = pc.replace_substring(cell, '"', '""')
            cell = pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), cell)
        cells.append(cell)
    return pc.binary_join_element_wise(pc.binary_join_element_wise(*cells, delimiter), "\n", "")


def _json_lines(chunk: pa.Table) -> pa.Array:
    cells = []
    for name in chunk.column_names:
        cell = _column(chunk, name)
        for mark in ("\\", '"'):
            cell = pc.replace_substring(cell, mark, "\\" + mark)
        cells.append(
            pc.fill_null(pc.binary_join_element_wise(f'"{name}":"', cell, '"', ""), f'"{name}":null')
        )
    return pc.binary_join_element_wise("{", pc.binary_join_element_wise(*cells, ","), "}\n", "")
