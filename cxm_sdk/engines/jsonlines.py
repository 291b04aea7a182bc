"""Reads JSON lines, JSON arrays and concatenated JSON objects with DuckDB."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from cxm_sdk.engines.delimited import count_lines, decode_line
from cxm_sdk.engines.dialect import detect_encoding, is_gzip, open_bytes, text_lines
from cxm_sdk.engines.portions import BadRow, Portion, literal, unique_names
from cxm_sdk.engines.typed import WIDEST_STRUCT
from cxm_sdk.errors import SourceError
from cxm_sdk.identity.roles.headers import match_header

__all__ = ["read_json"]

_HEAD = 1 << 20
_LONGEST_LINE = 64_000_000  # bytes
_USUAL_OBJECT = 1_000_000  # bytes; small, so that DuckDB reads several parts at once
# A value that is a list, an object, or a whole number written with decimals.
_NESTED = r":\s*(?:[\[{]|-?\d+\.0+\s*[,}])"
_WIDEST_TABLE = 2_000  # more keys than this are data, not columns
_DEEPEST = 100  # DuckDB breaks off a little above
_BRACKETS = "length(text) - length(replace(replace(text, '{', ''), '[', ''))"
_IS_OBJECT = "CASE WHEN json_valid(text) THEN json_type(text) = 'OBJECT' ELSE false END"


def read_json(connection: DuckDBPyConnection, path: Path) -> Portion:
    r"""Reads one JSON file: an object a line, an array of objects, or objects one after another.

    Args:
        connection: An open DuckDB connection.
        path: The file, gzip or not.

    Returns:
        One row for each object, one column for each key that any of them has; what is no object stands
        in ``bad``. Blank lines are no rows.

    Raises:
        SourceError: If the file is empty, damaged, or holds no object.

    >>> import tempfile
    >>> from cxm_sdk.engines.portions import open_connection
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "web.jsonl"
    ...     _ = file.write_text('{"id": 1, "tags": ["a"]}\n{"id"\n')
    ...     portion = read_json(open_connection(1), file)
    >>> portion.table.to_pylist(), portion.bad[0].row
    ([{'id': '1', 'tags': ['a']}], 2)
    """
    if (flat := _flat_lines(connection, path)) is not None:
        return Portion(flat, flat.num_rows)
    texts, warnings = _texts(connection, path)
    rows = len(texts)
    if rows == 1:
        _refuse_wrapping(path, texts[0].as_py())
    table = pa.table({"text": texts})
    seen = connection.from_arrow(table).project(f"{_IS_OBJECT} AS is_object, {_BRACKETS} AS brackets")
    is_object, brackets = seen.to_arrow_table().columns
    sound = is_object.to_numpy() & ~_too_deep(texts, brackets.to_numpy())
    bad = _bad_rows(texts, sound)
    if len(bad) == rows:
        raise SourceError(
            f"{path} holds {rows} rows, none of them a JSON object.",
            hint="give one object a line, with the names of columns as keys.",
        )
    if not bad:
        return Portion(_columns(connection, path, table), rows, warnings=warnings)
    warnings.append(
        f"{path.name}: {len(bad)} of {rows} rows are no JSON object that can be read and were rejected."
    )
    line = np.flatnonzero(sound).astype(np.int64) + 1
    return Portion(_columns(connection, path, table.filter(pa.array(sound))), rows, line, bad, warnings)


#: What may stand beside the records that an object holds.
_OF_NOBODY = {"record_id", "truth", "unused", "vague", "unknown"}


def _refuse_wrapping(path: Path, text: str) -> None:
    """Refuses a file that is one object around its records: it would be one record that says nothing."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return
    place, count = _records_within(whole)
    if count:
        raise SourceError(
            f"{path} is one object with {count} under {place!r}, expected one object for each record.",
            hint="write what is under it as a file of its own: a JSON array, or one object a line.",
        )


def _records_within(whole: object) -> tuple[str, int]:
    """Where in an object that describes nobody objects are listed, and how many; none are where that is nowhere."""
    if not isinstance(whole, dict):
        return "", 0
    told = {match_header(key).role for key, value in whole.items() if not isinstance(value, list | dict)}
    if told - _OF_NOBODY:
        return "", 0
    for key, value in whole.items():
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            return key, len(value)
        place, count = _records_within(value)
        if count:
            return f"{key}.{place}", count
    return "", 0


def _flat_lines(connection: DuckDBPyConnection, path: Path) -> pa.Table | None:
    """Reads sound lines without nested values straight into columns; None for every other file."""
    lines = f"{literal(str(path))}, format='newline_delimited', maximum_object_size={_USUAL_OBJECT}"
    keys = "list_distinct(flatten(list(DISTINCT json_keys(json))))"
    nested = f"bool_or(regexp_matches(CAST(json AS VARCHAR), {literal(_NESTED)}))"
    try:
        objects = connection.sql(f"FROM read_json_objects({lines})")
        titles, is_nested = objects.aggregate(f"{keys}, {nested}").fetchall()[0]
        if is_nested or not titles or len({title.lower() for title in titles}) < len(titles):
            return None
        titles = sorted(titles)
        columns = ", ".join(f"{literal(title)}: 'VARCHAR'" for title in titles)
        table = connection.sql(f"FROM read_json({lines}, columns={{{columns}}})").to_arrow_table()
    except duckdb.Error:
        return None
    # A line that DuckDB skipped, or one object on two lines, is for the careful way.
    if table.num_rows != count_lines(path) or len(titles) > _WIDEST_TABLE:
        return None
    return table.rename_columns(unique_names(titles)[0]).replace_schema_metadata(None)


def _texts(connection: DuckDBPyConnection, path: Path) -> tuple[pa.ChunkedArray, list[str]]:
    """Cuts the file into one JSON text a row."""
    try:
        with open_bytes(path) as stream:
            head = stream.read(_HEAD)
        encoding = detect_encoding(head)
        start = head.decode(encoding, "replace").removeprefix("\ufeff").lstrip()
        if not start:
            raise SourceError(f"{path} is empty.", hint="give one JSON object a line.")
        if start.startswith("["):
            return _array(connection, path, encoding), []
        first_line = start.partition("\n")[0]
        if start.startswith("{") and not _is_json(first_line) and len(start) > len(first_line):
            objects = _spread_objects(connection, path, encoding)
            if objects is not None:
                return objects, []
        return _lines(connection, path, encoding)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(
            f"{path} cannot be read to its end ({type(error).__name__}).",
            hint="check that the file is complete.",
        ) from None


def _lines(connection: DuckDBPyConnection, path: Path, encoding: str) -> tuple[pa.ChunkedArray, list[str]]:
    """One JSON text a line, without blank lines."""
    options = (
        f"{literal(str(path))}, auto_detect=false, header=false, delim='\x01', quote='', escape='', "
        f"max_line_size={_LONGEST_LINE}, compression='{'gzip' if is_gzip(path) else 'none'}', "
        "columns={'text': 'VARCHAR'}"
    )
    warnings, texts = list[str](), None
    if encoding == "utf-8":
        try:
            texts = connection.sql(f"FROM read_csv({options})").to_arrow_table()["text"]
        except duckdb.Error:
            texts = None
        if texts is not None and len(texts) != count_lines(path):
            texts = None
    if texts is None:
        texts, recoded = _decoded_lines(path, encoding)
        if recoded:
            warnings.append(
                f"{path.name}: {recoded} lines are not UTF-8 and were read as Windows-1252; "
                "convert the file to UTF-8 if names look wrong."
            )
    import pyarrow.compute as pc  # long to import, and not before DuckDB has read

    return texts.filter(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(texts)), 0)), warnings


def _decoded_lines(path: Path, encoding: str) -> tuple[pa.ChunkedArray, int]:
    """Reads lines without DuckDB, for the files it refuses; also counts those that were not UTF-8."""
    texts, recoded = list[str](), 0
    with open_bytes(path) as stream:
        if encoding != "utf-8":
            texts = list(text_lines(stream, encoding, "\n"))
        else:
            for line in stream:
                text, sound = decode_line(line)
                texts.append(text.removeprefix("\ufeff").rstrip("\r\n"))
                recoded += not sound
    return pa.chunked_array([pa.array(texts, pa.string())]), recoded


def _array(connection: DuckDBPyConnection, path: Path, encoding: str) -> pa.ChunkedArray:
    """The items of one JSON array."""
    if encoding == "utf-8":
        try:
            texts = _objects(connection, path, "array")
            # DuckDB takes an array that was cut short between two items for a complete one.
            if _last_letter(path) == b"]":
                return texts
        except duckdb.Error:
            pass
    try:
        items = json.loads(_whole_text(path, encoding))
    except (ValueError, RecursionError):
        raise SourceError(
            f"{path} holds a JSON array that is broken or cut short.",
            hint="write the file again as JSON lines.",
        ) from None
    return pa.chunked_array([pa.array([json.dumps(item) for item in items], pa.string())])


def _spread_objects(connection: DuckDBPyConnection, path: Path, encoding: str) -> pa.ChunkedArray | None:
    """Objects that span several lines; None when the file does not consist of such."""
    if encoding != "utf-8":
        return None
    try:
        return _objects(connection, path, "unstructured")
    except duckdb.Error:
        return None


def _objects(connection: DuckDBPyConnection, path: Path, shape: str) -> pa.ChunkedArray:
    options = f"{literal(str(path))}, format='{shape}', maximum_object_size={_LONGEST_LINE}"
    relation = connection.sql(f"FROM read_json_objects({options})")
    texts = relation.project("CAST(json AS VARCHAR) AS text").to_arrow_table()["text"]
    return texts.cast(pa.string())


def _whole_text(path: Path, encoding: str) -> str:
    with open_bytes(path) as stream:
        content = stream.read()
    return (decode_line(content)[0] if encoding == "utf-8" else content.decode(encoding)).removeprefix(
        "\ufeff"
    )


def _last_letter(path: Path) -> bytes:
    last = b""
    with open_bytes(path) as stream:
        while chunk := stream.read(_HEAD):
            last = chunk.rstrip()[-1:] or last
    return last


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    except RecursionError:
        return True
    return True


def _too_deep(texts: pa.ChunkedArray, brackets: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tells the rows whose values are nested too deep; few have brackets enough to be."""
    deep = brackets > _DEEPEST
    places = np.flatnonzero(deep)
    deep[places] = [_depth(text) > _DEEPEST for text in texts.take(pa.array(places)).to_pylist()]
    return deep


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in re.findall(r"[\[{\]}]", re.sub(r'"(?:[^"\\]|\\.)*"', "", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _bad_rows(texts: pa.ChunkedArray, sound: npt.NDArray[np.bool_]) -> list[BadRow]:
    places = np.flatnonzero(~sound)
    raw = texts.take(pa.array(places)).to_pylist()
    return [BadRow(int(place) + 1, _wrong(text), text) for place, text in zip(places, raw, strict=True)]


def _wrong(text: str) -> str:
    if _depth(text) > _DEEPEST:
        return f"expected JSON of at most {_DEEPEST} levels, got more"
    return "expected a JSON object, got " + ("other JSON" if _is_json(text) else "broken JSON")


def _columns(connection: DuckDBPyConnection, path: Path, table: pa.Table) -> pa.Table:
    """Turns rows of JSON objects into text columns."""
    texts = connection.from_arrow(table)
    try:
        shape = json.loads(texts.aggregate("json_group_structure(CAST(text AS JSON))").fetchall()[0][0])
    except duckdb.Error:
        # Its text may quote a row, so it is not passed on.
        raise SourceError(
            f"{path} holds JSON that DuckDB cannot take apart.",
            hint="write the columns you need as CSV.",
        ) from None
    if not isinstance(shape, dict) or not shape:
        raise SourceError(f"{path} holds only empty objects.", hint="give the names of columns as keys.")
    if len(shape) > _WIDEST_TABLE:
        raise SourceError(
            f"{path} has {len(shape)} different keys, expected at most {_WIDEST_TABLE}.",
            hint="write one object for each record, with the names of columns as keys.",
        )
    shape = _without_twins(shape)
    parsed = texts.project(f"from_json(text, {literal(json.dumps(_wanted(shape)))}) AS record")
    titles, terms = list[str](), list[str]()
    for title, term, kind in _leaves("", "record", shape):
        titles.append(title)
        terms.append(_mixed(parsed, term) if kind == "JSON" else _text(term, kind))
    projection = ", ".join(f"{term} AS c{place}" for place, term in enumerate(terms))
    columns = parsed.project(projection).to_arrow_table()
    return columns.rename_columns(unique_names(titles)[0]).replace_schema_metadata(None)


def _without_twins(shape: dict[str, Any]) -> dict[str, Any]:
    """Keeps the first of the keys that differ in case only: DuckDB cannot hold both in one struct."""
    kept = dict[str, Any]()
    for key, kind in shape.items():
        if key.lower() not in (other.lower() for other in kept):
            kept[key] = _without_twins(kind) if isinstance(kind, dict) else kind
    return kept


def _wanted(kind: Any) -> Any:
    """Gives the structure to parse a value into, where every scalar is text."""
    if isinstance(kind, dict):
        return {key: _wanted(inner) for key, inner in kind.items()} if len(kind) <= WIDEST_STRUCT else "JSON"
    if isinstance(kind, list):
        return ["VARCHAR"] if _is_scalar(kind[0]) else "JSON"
    return "VARCHAR" if _is_scalar(kind) else "JSON"


def _is_scalar(kind: Any) -> bool:
    return isinstance(kind, str) and kind != "JSON"


def _leaves(title: str, term: str, kind: Any) -> Iterator[tuple[str, str, Any]]:
    """Yields title, SQL expression and kind of each column that a value becomes."""
    if isinstance(kind, dict) and (not title or len(kind) <= WIDEST_STRUCT):
        for key, inner in kind.items():
            path = f"{title}.{key}" if title else key
            yield from _leaves(path, f"struct_extract({term}, {literal(key)})", inner)
    else:
        yield title, term, kind


def _text(term: str, kind: Any) -> str:
    if isinstance(kind, list) and _is_scalar(kind[0]):
        return f"[{_text('x', kind[0])} FOR x IN {term}]"
    if kind == "DOUBLE":
        return f"regexp_replace({term}, '\\.0+$', '')"
    return term if _is_scalar(kind) else f"CAST({term} AS VARCHAR)"


def _mixed(parsed: DuckDBPyRelation, term: str) -> str:
    """Reads a key whose values are of several kinds: lists win over scalars, JSON text over both."""
    kinds = {row[0] for row in parsed.project(f"json_type({term}) AS kind").distinct().fetchall()}
    text = f"({term} ->> '$')"
    if "ARRAY" not in kinds or "OBJECT" in kinds:
        return text
    one = f"CASE WHEN {text} IS NULL THEN NULL ELSE [{text}] END"
    return f"coalesce(TRY_CAST({term} AS VARCHAR[]), {one})"
