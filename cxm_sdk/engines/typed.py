"""Renders columns of any type as text: frames, relations, parsed JSON, and what Parquet files hold besides texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from cxm_sdk.engines.portions import Portion, doubled_warnings, identifier, literal, titled, unique_names
from cxm_sdk.errors import SourceError

__all__ = ["WIDEST_STRUCT", "read_frame", "render", "text_terms"]

# A record with more fields than this is a map in disguise; its keys are data, not columns.
WIDEST_STRUCT = 64
_WHOLE_NUMBERS = {"float", "double", "decimal"}
_LIST_IDS = {"list", "array"}
_NESTED = {"struct", "map", "union", "list", "array", "variant"}


def read_frame(connection: DuckDBPyConnection, frame: object, where: str) -> Portion:
    """Reads a table that is already in memory.

    Args:
        connection: An open DuckDB connection.
        frame: An Arrow table or reader, a pandas or Polars frame, or a DuckDB relation.
        where: What to call it in messages.

    Returns:
        Its rows in order, every column as text.

    Raises:
        SourceError: If it is no table, or holds a type that has no text form.

    >>> from cxm_sdk.engines.portions import open_connection
    >>> read_frame(open_connection(1), pa.table({"n": [1, 2]}), "crm").table["n"].to_pylist()
    ['1', '2']
    """
    try:
        table = _in_their_zones(_text_from_bytes(_arrow_table(frame, where)))
        if not table.num_columns:
            raise SourceError(f"{where} has no columns.", hint="give a table with at least one column.")
        table.validate(full=True)  # text that is no UTF-8 breaks whatever reads it later
        names, doubled = unique_names(table.column_names)
        # DuckDB matches names without regard to case, so columns travel under their place.
        relation = connection.from_arrow(table.rename_columns([f"c{i}" for i in range(len(names))]))
        portion = render(relation, names)
    except (duckdb.Error, pa.ArrowException) as error:
        raise SourceError(
            f"{where} holds a column that cannot be read as text ({type(error).__name__}).",
            hint="convert columns of unusual types to text first.",
        ) from None
    return Portion(portion.table, portion.rows, warnings=doubled_warnings(where, doubled))


def render(relation: DuckDBPyRelation, names: list[str] | None = None) -> Portion:
    """Runs a relation and renders every column as text.

    Whole numbers lose their ``.0``, dates become ISO text, lists of scalars stay lists, structs become
    one column for each field (``address.city``), anything deeper becomes JSON text.

    Args:
        relation: A DuckDB relation.
        names: Names for its columns in the result; its own when None.

    Returns:
        The rows in order.

    Raises:
        SourceError: If the relation has no columns.

    >>> from cxm_sdk.engines.portions import open_connection
    >>> portion = render(open_connection(1).sql("SELECT {'city': 'Bonn', 'no': 7.0} AS address"))
    >>> portion.table.to_pylist()
    [{'address.city': 'Bonn', 'address.no': '7'}]
    """
    titles, terms = text_terms(relation, names or relation.columns)
    projection = ", ".join(f"{term} AS c{place}" for place, term in enumerate(terms))
    return titled(relation.project(projection).to_arrow_table(), titles)


def text_terms(relation: DuckDBPyRelation, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Gives the text columns that a relation becomes.

    Args:
        relation: A DuckDB relation.
        names: Names for its columns.

    Returns:
        The names of the text columns, and the SQL of each.

    Raises:
        SourceError: If the relation has no columns.
    """
    if not relation.columns:
        raise SourceError("A table without columns came.", hint="give a table with at least one column.")
    titles, terms = list[str](), list[str]()
    for name, title, type_ in zip(relation.columns, names, relation.types, strict=True):
        for suffix, term in _columns(identifier(name), type_):
            titles.append(title + suffix)
            terms.append(term)
    return titles, terms


def _columns(term: str, type_: Any) -> Iterator[tuple[str, str]]:
    """Yields a name suffix and an SQL expression for each text column that a column becomes."""
    if type_.id == "struct" and len(type_.children) <= WIDEST_STRUCT:
        for field, field_type in type_.children:
            for suffix, inner in _columns(f"struct_extract({term}, {literal(field)})", field_type):
                yield f".{field}{suffix}", inner
    elif type_.id in _LIST_IDS and _element(type_).id not in _NESTED:
        yield "", f"[{_scalar('x', _element(type_).id)} FOR x IN CAST({term} AS {_element(type_)}[])]"
    elif type_.id in _NESTED:
        yield "", f"CAST(to_json({term}) AS VARCHAR)"
    else:
        yield "", _scalar(term, type_.id)


def _element(type_: Any) -> Any:
    return type_.children[0][1]


def _scalar(term: str, kind: str) -> str:
    """Writes the SQL that turns one scalar into the text a person would have typed."""
    if kind == "varchar":
        return term
    text = f"CAST({term} AS VARCHAR)"
    if kind in _WHOLE_NUMBERS:
        # A pandas column of integers with gaps is a column of floats; 17 digits hold no exact id.
        whole = f"abs({term}) < 1e15 AND {term} = trunc({term})"
        if kind == "decimal":
            whole = f"{term} = trunc({term})"
        number = f"CAST(CAST({term} AS HUGEINT) AS VARCHAR)"
        missing = "" if kind == "decimal" else f"WHEN isnan({term}) THEN NULL "
        return f"CASE {missing}WHEN {whole} THEN {number} ELSE {text} END"
    if kind.startswith("timestamp"):
        # Frames have no date type of their own: a column of midnights is a column of dates.
        return (
            f"CASE WHEN {text} LIKE '% 00:00:00' THEN left({text}, -9) "
            f"WHEN {text} LIKE '% 00:00:00+00' THEN left({text}, -12) ELSE {text} END"
        )
    if kind == "blob":
        return f"CASE WHEN {term} IS NULL THEN NULL ELSE hex({term}) END"
    return text


def _arrow_table(frame: Any, where: str) -> pa.Table:
    module = type(frame).__module__.partition(".")[0]
    if module == "polars" and hasattr(frame, "collect"):
        frame = frame.collect()
    if module == "pandas" and hasattr(frame, "columns"):
        return _from_pandas(frame)
    if module in ("duckdb", "_duckdb") and hasattr(frame, "to_arrow_table"):
        return frame.to_arrow_table()
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if isinstance(frame, pa.Table) or hasattr(frame, "__arrow_c_stream__"):
        return pa.table(frame)
    raise SourceError(
        f"{where}: expected a path or a table, got {type(frame).__name__}.",
        hint="give a file, an Arrow table, a pandas or Polars frame, or a DuckDB relation.",
    )


def _text_from_bytes(table: pa.Table) -> pa.Table:
    """Takes bytes for text where they are UTF-8."""
    for place, column in enumerate(table.columns):
        if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            try:
                table = table.set_column(place, table.column_names[place], column.cast(pa.string()))
            except pa.ArrowInvalid:
                continue
    return table


def _in_their_zones(table: pa.Table) -> pa.Table:
    """Takes times with a zone for what a clock there shows: a birth date is midnight there, and not in Greenwich."""
    for place, column in enumerate(table.columns):
        if pa.types.is_timestamp(column.type) and column.type.tz not in (None, "UTC"):
            try:
                table = table.set_column(place, table.column_names[place], pc.local_timestamp(column))
            except pa.ArrowInvalid:  # a zone that is not known here
                continue
    return table


def _from_pandas(frame: Any) -> pa.Table:
    """Takes a pandas frame column by column, so that one odd column does not spoil the rest."""
    columns = [(str(name), frame.iloc[:, place]) for place, name in enumerate(frame.columns)]
    for level, name in enumerate(frame.index.names):
        if name is not None:  # a named index is a column that was set aside, often the record id
            columns.insert(level, (str(name), frame.index.get_level_values(level).to_series()))
    return pa.Table.from_arrays(
        [_series(series) for _, series in columns], names=[name for name, _ in columns]
    )


def _series(series: Any) -> pa.Array | pa.ChunkedArray:
    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowException, UnicodeEncodeError):
        missing = series.isna()
        cells = zip(series, missing, strict=True)
        return pa.array([None if absent else _plain(cell) for cell, absent in cells], type=pa.string())


def _plain(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    return str(cell).encode("utf-8", "replace").decode("utf-8")  # half an emoji is no text
