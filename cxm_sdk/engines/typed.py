"""Renders columns of any type as text: Parquet files, frames, relations and parsed JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from cxm_sdk.engines.portions import Portion, doubled_warnings, identifier, literal, unique_names
from cxm_sdk.engines.threads import run_on_threads
from cxm_sdk.errors import SourceError

__all__ = ["WIDEST_STRUCT", "read_frame", "read_parquet", "render"]

# A record with more fields than this is a map in disguise; its keys are data, not columns.
WIDEST_STRUCT = 64
# Bytes that a text takes at most where those of its column are in a dictionary, and what the dictionary takes. In full
# it takes four bytes and its own.
MOST_A_TEXT, DICTIONARY = 3.5, 1 << 20
_WHOLE_NUMBERS = {"float", "double", "decimal"}
_LIST_IDS = {"list", "array"}
_NESTED = {"struct", "map", "union", "list", "array", "variant"}


def read_parquet(connection: DuckDBPyConnection, path: Path) -> Portion:
    """Reads one Parquet file.

    Args:
        connection: An open DuckDB connection.
        path: The file.

    Returns:
        Its rows in file order, every column as text.

    Raises:
        SourceError: If the file is damaged or not Parquet.

    >>> import pyarrow.parquet, tempfile
    >>> from cxm_sdk.engines.portions import open_connection
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "crm.parquet"
    ...     pyarrow.parquet.write_table(pa.table({"id": [7.0, None]}), file)
    ...     read_parquet(open_connection(1), file).table["id"].to_pylist()
    ['7', None]
    """
    failure = ""
    for bytes_are_text in ("true", "false"):  # older writers do not mark text as text
        arguments = f"{literal(_no_glob(path))}, binary_as_string={bytes_are_text}, hive_partitioning=false"
        source = f"read_parquet({arguments})"
        try:
            relation = connection.sql(f"FROM {source}")
            titles, terms = _terms(relation, relation.columns)
            table = _read_side_by_side(connection, source, terms, _repeating(path, relation, terms))
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            failure = type(error).__name__
            continue
        return _portion(table, titles)
    raise SourceError(
        f"{path} cannot be read as Parquet ({failure}).",
        hint="write the file again, or export it as CSV.",
    )


def _repeating(path: Path, relation: DuckDBPyRelation, terms: Sequence[str]) -> dict[int, Callable[[], Any]]:
    """By place, how columns are read that need not be read row by row.

    Writers keep texts that repeat, such as names of cities, in a dictionary as long as it is small. Arrow hands it over
    as it is. Days are few, too; they are written as text once each.
    """
    try:
        with _opened(path) as file:
            schema, metadata = file.schema_arrow, file.metadata
    except (pa.ArrowException, OSError):
        return {}  # it is for DuckDB to say whether it can be read
    groups = metadata.num_row_groups
    if schema.names != relation.columns or not len(schema) == len(terms) == metadata.num_columns:
        return {}  # names are doubled or columns nested
    found = dict[int, Callable[[], Any]]()
    for place, field in enumerate(schema):
        parts = [metadata.row_group(group).column(place) for group in range(groups)]
        texts = sum(part.num_values - _nulls(part) for part in parts)
        small = (
            sum(part.total_uncompressed_size for part in parts) < groups * DICTIONARY + MOST_A_TEXT * texts
        )
        if pa.types.is_date32(field.type):
            found[place] = partial(_read_days, path, field.name)
        elif pa.types.is_string(field.type) and small:
            found[place] = partial(_read_dictionary, path, field.name)
    return found


def _nulls(part: Any) -> int:
    known = part.is_stats_set and part.statistics.has_null_count
    return part.statistics.null_count if known else 0


def _opened(path: Path, *dictionaries: str) -> Any:
    import pyarrow.parquet  # long to import, and other inputs need it later

    return pyarrow.parquet.ParquetFile(path, read_dictionary=dictionaries)


def _read_dictionary(path: Path, name: str) -> pa.ChunkedArray:
    with _opened(path, name) as file:
        column = file.read([name], use_threads=False).column(0)
    for part in column.chunks:
        part.dictionary.validate(full=True)  # text that is no UTF-8 breaks whatever reads it later
    return column


def _read_days(path: Path, name: str) -> pa.ChunkedArray:
    with _opened(path) as file:
        column = file.read([name], use_threads=False).column(0)
    days = column.combine_chunks().dictionary_encode()
    days = days.combine_chunks() if isinstance(days, pa.ChunkedArray) else days
    texts = days.dictionary.cast(pa.string())
    return pa.chunked_array([pa.DictionaryArray.from_arrays(days.indices, texts)])


def _read_side_by_side(
    connection: DuckDBPyConnection, source: str, terms: Sequence[str], others: Mapping[int, Callable[[], Any]]
) -> pa.Table:
    """Reads the columns of a file on all threads; DuckDB alone shares out rows, and many files are one row group."""
    (workers,) = connection.sql("SELECT current_setting('threads')").fetchall()[0]
    rest = [place for place in range(len(terms)) if place not in others]
    count = min(workers, len(rest))
    cursors = [connection.cursor() for _ in range(count)]

    def read(part: int) -> list[pa.ChunkedArray]:
        chosen = ", ".join(f"{terms[place]} AS c{place}" for place in rest[part::count])
        query = f"SELECT {chosen} FROM {source}"  # noqa: S608 - names are quoted, the path is a literal
        columns: list[pa.ChunkedArray] = cursors[part].sql(query).to_arrow_reader().read_all().columns
        return columns

    works: list[Callable[[], Any]] = [*(partial(read, part) for part in range(count)), *others.values()]
    try:
        parts = list(run_on_threads(lambda work: work(), works, workers))
    except BaseException:
        for cursor in cursors:
            cursor.interrupt()
        raise
    finally:
        for cursor in cursors:
            cursor.close()
    columns = dict(zip(others, parts[count:], strict=True))
    for part in range(count):
        columns |= zip(rest[part::count], parts[part], strict=True)
    places = range(len(terms))
    return pa.Table.from_arrays([columns[place] for place in places], names=[f"c{place}" for place in places])


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
        table = _text_from_bytes(_arrow_table(frame, where))
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
    titles, terms = _terms(relation, names or relation.columns)
    projection = ", ".join(f"{term} AS c{place}" for place, term in enumerate(terms))
    return _portion(relation.project(projection).to_arrow_table(), titles)


def _terms(relation: DuckDBPyRelation, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names of the text columns that a relation becomes, and the SQL of each."""
    if not relation.columns:
        raise SourceError("A table without columns came.", hint="give a table with at least one column.")
    titles, terms = list[str](), list[str]()
    for name, title, type_ in zip(relation.columns, names, relation.types, strict=True):
        for suffix, term in _columns(identifier(name), type_):
            titles.append(title + suffix)
            terms.append(term)
    return titles, terms


def _portion(table: pa.Table, titles: Sequence[str]) -> Portion:
    table = table.rename_columns(unique_names(titles)[0]).replace_schema_metadata(None)
    return Portion(table, table.num_rows)


def _no_glob(path: Path) -> str:
    """Keeps DuckDB from reading brackets and stars in a file name as a pattern."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


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
