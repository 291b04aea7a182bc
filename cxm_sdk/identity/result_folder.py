"""The folder that a result is kept in: written file by file beside its place, and put there whole."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cxm_sdk.identity.distinct import places_in, texts_at
from cxm_sdk.identity.model import MatchModel
from cxm_sdk.identity.sources import Rejected
from cxm_sdk.identity.whole import check_free

__all__ = ["TABLES", "Draft"]

#: Rows the writer gathers before it writes them, and of those how many, or how many bytes, it handles at a time: what
#: the second cache holds.
ROW_GROUP, BATCH, PAGE = 1 << 17, 1 << 14, 1 << 18

TABLES = ("assignments", "links", "profiles")

#: Columns of assignments and links with nulls, and columns of profiles without.
_GAPS, _WHOLE = ("household_id", "dropped_reason"), ("profile_id", "records", "sources")
#: What JSON leaves as it is and many readers take for the end of a line.
_LINE_ENDS = {ord(letter): f"\\u{ord(letter):04x}" for letter in "\x85\u2028\u2029"}


class Draft:
    """A result that is being written. Used as a context, at whose end it is in its place or gone.

    Args:
        folder: Folder to make. One that holds an earlier result is replaced; any other that is not empty is refused.

    Raises:
        InputError: When the folder holds something else.

    Example:
        >>> with Draft("never-finished") as draft:
        ...     draft.write_table("links", pa.table({"kept": [True]}))
        >>> Path("never-finished").exists()
        False
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._target = check_free(folder)
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix=f".{self._target.name}.", dir=self._target.parent))

    def __enter__(self) -> Draft:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def write_table(self, name: str, table: pa.Table) -> None:
        """Writes a table.

        Args:
            name: One of ``TABLES``.
            table: The table, as ``Resolution`` describes it.
        """
        _write(table, name, self._folder / f"{name}.parquet")

    def write_rest(self, model: MatchModel, summary: dict[str, Any], rejected: Sequence[Rejected]) -> None:
        """Writes what is no table.

        Args:
            model: The model that was used.
            summary: What a user wants to know of the run.
            rejected: Input rows that did not become records.
        """
        model.save(self._folder / "model.json")
        text = json.dumps(summary, indent=2) + "\n"
        (self._folder / "summary.json").write_text(text, encoding="utf-8")
        with (self._folder / "rejected.jsonl").open("w", encoding="utf-8") as file:
            for row in rejected:
                file.write(json.dumps(asdict(row), ensure_ascii=False).translate(_LINE_ENDS) + "\n")

    def put_in_place(self) -> None:
        """Renames what was written into its place, once all of it was; an earlier result is replaced."""
        self._folder.chmod(0o777 & ~_umask())
        _put_in_place(self._folder, self._target)


def _write(table: pa.Table, name: str, path: Path) -> None:
    """Writes a table, a group of rows at a time, so that what is made of them is still in the cache."""
    repeated = [title for title in table.column_names if _repeats(table[title])]
    first = _written_out(table.slice(0, ROW_GROUP), name, repeated)
    # Ids and addresses hardly compress; the time they take to try is better spent.
    with pq.ParquetWriter(
        *(path, first.schema),
        use_dictionary=[_path(first.schema.field(title)) for title in repeated],
        compression="none",
        write_statistics=False,
        data_page_size=PAGE,
        write_batch_size=BATCH,
    ) as file:
        file.write_table(first, ROW_GROUP)
        for start in range(ROW_GROUP, table.num_rows, ROW_GROUP):
            file.write_table(_written_out(table.slice(start, ROW_GROUP), name, repeated), ROW_GROUP)


def _written_out(table: pa.Table, name: str, repeated: Collection[str]) -> pa.Table:
    """Rows as they are best written.

    Texts of a large dictionary are written out, which Arrow's own writer does too, at twice the price. Columns that
    hold a value in every row say so, and no row needs to.
    """
    columns, fields = list[pa.ChunkedArray](), list[pa.Field]()
    for title, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_dictionary(column.type) and title not in repeated:
            texts = [texts_at(part.dictionary, places_in(part.indices)) for part in column.chunks]
            column = pa.chunked_array(texts, pa.string())
        columns.append(column)
        whole = title in _WHOLE if name == "profiles" else title not in _GAPS
        fields.append(pa.field(title, column.type, nullable=not whole))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _path(field: pa.Field) -> str:
    """What a Parquet file calls a column, or the items of a column of lists."""
    return f"{field.name}.list.element" if pa.types.is_list(field.type) else str(field.name)


def _repeats(column: pa.ChunkedArray) -> bool:
    """Whether a column has few different values, so that a dictionary of them saves time and room."""
    if pa.types.is_dictionary(column.type):
        return all(len(chunk.dictionary) < ROW_GROUP // 8 for chunk in column.chunks)
    return bool(pa.types.is_uint8(column.type) or pa.types.is_list(column.type))


def _put_in_place(draft: Path, target: Path) -> None:
    """Renames a whole folder into its place; what was there is kept until the new one stands."""
    if not target.exists():
        draft.rename(target)
        return
    earlier = draft.with_name(f"{draft.name}.earlier")
    try:
        target.rename(earlier)
        draft.rename(target)
    finally:
        if target.exists():
            shutil.rmtree(earlier, ignore_errors=True)
        elif earlier.exists():
            earlier.rename(target)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
