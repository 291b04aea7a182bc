"""Record ids: which row of a source is which record, and in what order records stand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cxm_sdk.identity.distinct import dictionary_order, texts_at
from cxm_sdk.identity.spans import Spans, Words

if TYPE_CHECKING:
    from cxm_sdk.identity.sources import SourceTable

__all__ = ["NO_ID", "RecordKeys", "Refusal", "record_keys"]

#: What databases and programs write where a record has no id.
NO_ID = Words(
    ("null", "NULL", "Null", "none", "None", "NONE", "nan", "NaN", "NAN", "n/a", "N/A", "<NA>", "\\N")
)
_CELL_END, _ELEMENT_END = "\x1f", "\x1e"


@dataclass(frozen=True)
class Refusal:
    """A row left out because another row has its record id.

    Attributes:
        row: 1-based number of the input row.
        raw: The row as JSON.
    """

    row: int
    raw: str


@dataclass(frozen=True)
class RecordKeys:
    """The records of one source in canonical order.

    Attributes:
        ids: Record ids in bytewise order, without null, each once.
        rows: ``int64[records]``: the table row of each record.
        refused: Rows that are no records because their id is taken.
        made_up: How many records have no id in the source and got one from their content.
    """

    ids: pa.StringArray
    rows: npt.NDArray[np.int64]
    refused: list[Refusal]
    made_up: int


def record_keys(source: SourceTable, id_column: str | None) -> RecordKeys:
    """Names the records of a source.

    The id is what the id column says, to the letter and to the space, else the number of the input row. A row whose id
    is empty, spaces or a marker such as ``null`` gets one that is a hash of its content, so that it is the same
    whatever the order of rows. Of rows with one id, the one
    whose content comes first in the alphabet is kept.

    Args:
        source: The source.
        id_column: Name of its id column; None for row numbers.

    Returns:
        Ids, rows and refused rows; together they account for every row of the table.
    """
    ids, made_up = _ids(source, id_column)
    spans = Spans.of(ids)
    places = spans.order()
    sorted_ids, order = texts_at(ids, places), places.astype(np.int64)
    if len(ids) < 2:
        return RecordKeys(sorted_ids, order, [], made_up)
    same = pc.equal(sorted_ids.slice(1), sorted_ids.slice(0, len(ids) - 1)).to_numpy(zero_copy_only=False)
    if not same.any():
        return RecordKeys(sorted_ids, order, [], made_up)
    order, kept = _settle(source.table, order, same)
    lost = np.sort(order[~kept])
    texts = source.table.take(pa.array(lost)).to_pylist()
    refused = [
        Refusal(int(line), _as_json(text)) for line, text in zip(_lines(source, lost), texts, strict=True)
    ]
    return RecordKeys(ids.take(pa.array(order[kept])), order[kept], refused, made_up)


def _as_json(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False)


def _lines(source: SourceTable, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return rows + 1 if source.line is None else source.line[rows]


def _ids(source: SourceTable, id_column: str | None) -> tuple[pa.StringArray, int]:
    size = source.table.num_rows
    if id_column is None:
        return pa.array(_lines(source, np.arange(size))).cast(pa.string()), 0
    column = source.table.column(id_column).cast(pa.string()).combine_chunks()
    array = column if isinstance(column, pa.Array) else pa.concat_arrays(column.chunks)
    spans = Spans.of(array)
    trimmed = spans.trimmed()
    missing = (trimmed.lengths == 0) | (trimmed.lookup(NO_ID) >= 0)
    if not missing.any():
        return spans.array(), 0
    rows = np.flatnonzero(missing)
    made = _from_content(_content(source.table, rows))
    return spans.with_rows(rows, Spans.of(pa.array(made, pa.string()))).array(), len(rows)


def _content(table: pa.Table, rows: npt.NDArray[np.int64]) -> pa.StringArray:
    """Writes whole rows as one text each, the same in any order of columns and for null and the empty string."""
    part = table.take(pa.array(rows)).combine_chunks()
    cells = []
    for name in sorted(part.column_names):
        column = part.column(name)
        if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
            column = pa.chunked_array([_list_texts(column.to_pylist())])
        cells.append(column.cast(pa.string()).combine_chunks())
    if not cells:
        return pa.array([""] * len(rows))
    joined = pc.binary_join_element_wise(*cells, _CELL_END, null_handling="replace", null_replacement="")
    return pa.concat_arrays(joined.chunks) if isinstance(joined, pa.ChunkedArray) else joined


def _list_texts(lists: list[list[str | None] | None]) -> pa.StringArray:
    texts = [
        None if elements is None else _ELEMENT_END.join(element or "" for element in elements)
        for elements in lists
    ]
    return pa.array(texts, pa.string())


def _from_content(content: pa.StringArray) -> list[str]:
    """Makes ids from content; equal rows, which nothing tells apart, are counted."""
    hashes = Spans.of(content).hashes(seed=1)
    seen: dict[int, int] = {}
    made = []
    for value in hashes.tolist():
        seen[value] = seen.get(value, 0) + 1
        made.append(f"content-{value:016x}" + (f"-{seen[value]}" if seen[value] > 1 else ""))
    return made


def _settle(
    table: pa.Table, order: npt.NDArray[np.int64], same: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Orders rows that share an id by content and keeps the first of each."""
    starts = np.concatenate([[True], ~same])
    number = np.cumsum(starts) - 1
    shared = np.concatenate([same, [False]]) | ~starts
    places = np.flatnonzero(shared)
    rows = order[places]
    _, rank = dictionary_order(_content(table, rows))
    inside = np.lexsort((rows, _exact_rank(table, rows, number[places], rank), rank, number[places]))
    settled = order.copy()
    settled[places] = rows[inside]
    return settled, starts


def _exact_rank(
    table: pa.Table, rows: npt.NDArray[np.int64], number: npt.NDArray[np.int64], rank: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Ranks rows that share id and content by how they are written, since a refused row is kept as it is."""
    _, shared, often = np.unique(number << 32 | rank, return_inverse=True, return_counts=True)
    alike = np.flatnonzero(often[shared] > 1)
    part = table.select(sorted(table.column_names)).take(pa.array(rows[alike]))
    _, ranked = dictionary_order(pa.array([_as_json(row) for row in part.to_pylist()], pa.string()))
    exact = np.zeros(len(rows), np.int32)
    exact[alike] = ranked
    return exact
