"""A known truth, and whatever else is a table of records, read from where it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.json as pajson
import pyarrow.parquet as pq

from cxm_sdk.errors import ColumnError, SourceError

__all__ = ["as_table", "id_texts", "read_truth"]

#: Bytes of a file in which its header ends.
_HEAD = 1 << 16
_JSON = (".json", ".jsonl", ".ndjson")


def as_table(thing: Any, what: str) -> pa.Table:
    """Takes what holds a table for one.

    Args:
        thing: An Arrow table, a pandas or Polars frame, a DuckDB relation, or the path of a file: of truth, or of
            a table of a result folder.
        what: What to call it in messages.

    Returns:
        The table.

    Raises:
        SourceError: It is none, or cannot be read.

    Example:
        >>> as_table(pa.table({"record_id": [1]}), "truth").num_rows
        1
    """
    if isinstance(thing, pa.Table):
        return thing
    if isinstance(thing, str | os.PathLike):
        path = Path(thing)
        return read_truth(path) if what == "truth" else _read_output(path)
    try:
        if type(thing).__module__.partition(".")[0] == "pandas" and hasattr(thing, "columns"):
            return pa.Table.from_pandas(thing, preserve_index=False)
        if hasattr(thing, "to_arrow_table"):
            return thing.to_arrow_table()
        if hasattr(thing, "__arrow_c_stream__"):
            return _of_plain_texts(pa.table(thing))
    except pa.ArrowException as error:
        raise SourceError(
            f"{what} holds a column that cannot be read ({type(error).__name__}).",
            hint="convert columns of unusual types to text first.",
        ) from None
    raise SourceError(
        f"expected {what} as a table, got {type(thing).__name__}.",
        hint="give an Arrow table, a pandas or Polars frame, a DuckDB relation, or a file.",
    )


def _read_output(path: Path) -> pa.Table:
    """A table of a result folder."""
    try:
        return pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(
            f"{path} cannot be read as Parquet ({type(error).__name__}).",
            hint="give a table of a result folder",
        ) from None


def _of_plain_texts(table: pa.Table) -> pa.Table:
    """Polars hands texts over in a form that Arrow computes little with."""
    fields = [
        field.with_type(pa.large_string()) if field.type == pa.string_view() else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def id_texts(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Writes ids as text. A column of whole numbers with gaps is one of floats in a data frame: 17.0 is 17.

    Args:
        values: The ids, of any type.

    Returns:
        Texts.

    Example:
        >>> id_texts(pa.chunked_array([[17.0, None]])).to_pylist()
        ['17', None]
    """
    if pa.types.is_floating(values.type):
        whole = pc.equal(values, pc.floor(values))
        if pc.all(pc.fill_null(whole, True)).as_py():
            values = values.cast(pa.int64())
    return values.cast(pa.large_string())


def read_truth(
    path: str | os.PathLike[str], *, entity_column: str = "entity_id", record_column: str = "record_id"
) -> pa.Table:
    r"""Reads a file that says which records are one entity.

    Args:
        path: A Parquet file (``.parquet``), JSON lines (``.jsonl``, ``.ndjson``, ``.json``), else delimited text with a
            header, which tells the mark between columns; text also compressed (``.gz``).
        entity_column: The column that is equal for records of one entity.
        record_column: The column with the record ids.

    Returns:
        A table of strings: ``record_id``, ``entity_id``, and ``source`` when the file has it. An empty entity
        is null.

    Raises:
        SourceError: The file is missing or cannot be read.
        ColumnError: A column is not there.

    Example:
        >>> import pathlib, tempfile
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "truth.csv"
        >>> _ = file.write_text("id,person\n7,ada\n")
        >>> read_truth(file, entity_column="person", record_column="id").to_pylist()
        [{'record_id': '7', 'entity_id': 'ada'}]
    """
    path = Path(path)
    wanted = {"source": "source", record_column: "record_id", entity_column: "entity_id"}
    try:
        names, table = _read_columns(path, list(wanted))
    except FileNotFoundError:
        raise SourceError(f"there is no truth file {path}.") from None
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        # The reader's own message quotes the offending row, which may hold customer values.
        kind = "Parquet" if path.suffix == ".parquet" else "JSON lines" if _holds_json(path) else "CSV"
        raise SourceError(
            f"the truth file {path} cannot be read as {kind}.",
            hint="give a Parquet file, or UTF-8 text with a header and equally many fields in every row.",
        ) from None
    for column in (record_column, entity_column):
        if column not in table.column_names:
            raise ColumnError(
                f"the truth file {path} has no column {column!r}; it has {', '.join(names)}.",
                hint="name the columns with --record-column and --entity-column.",
            )
    strings = [id_texts(table[name]) for name in table.column_names]
    return pa.table(strings, names=[wanted[name] for name in table.column_names])


def _read_columns(path: Path, wanted: list[str]) -> tuple[list[str], pa.Table]:
    """Reads the wanted columns that exist, and the names of all columns."""
    if path.suffix == ".parquet":
        names = pq.read_schema(path).names
        return names, pq.read_table(path, columns=[name for name in wanted if name in names])
    if _holds_json(path):
        table = pajson.read_json(pa.input_stream(path))
        return table.column_names, table.select([name for name in wanted if name in table.column_names])
    with pa.input_stream(path) as file:
        head = file.read(_HEAD).split(b"\n")[0].decode(errors="replace")
    parse = pacsv.ParseOptions(delimiter=max(",;\t|", key=head.count), newlines_in_values=True)
    with pacsv.open_csv(path, parse_options=parse) as reader:
        names = reader.schema.names
    present = [name for name in wanted if name in names]
    # Ids are text whatever they look like: 007 is not 7.
    convert = pacsv.ConvertOptions(
        include_columns=present,
        column_types={name: pa.large_string() for name in present},
        strings_can_be_null=True,
        null_values=[""],
    )
    return names, pacsv.read_csv(path, parse_options=parse, convert_options=convert)


def _holds_json(path: Path) -> bool:
    return (Path(path.stem).suffix if path.suffix == ".gz" else path.suffix).lower() in _JSON
