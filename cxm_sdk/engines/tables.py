"""Reads whatever a user names into one table of text for each source."""

from __future__ import annotations

import difflib
import glob
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from cxm_sdk.engines.dialect import Dialect, detect, header_warnings, open_bytes
from cxm_sdk.engines.portions import Database, Portion, without_nul
from cxm_sdk.engines.sound import sound_delimited, sound_json
from cxm_sdk.engines.threads import run_on_threads
from cxm_sdk.errors import SourceError
from cxm_sdk.identity.roles.headers import is_known_header
from cxm_sdk.identity.sources import Rejected, SourceTable, scheme_of

__all__ = ["read_sources"]

# Suffix without dot, after a compression suffix is taken away, and how such a file is read.
_KINDS = {
    "csv": "delimited",
    "tsv": "delimited",
    "tab": "delimited",
    "txt": "delimited",
    "psv": "delimited",
    "json": "json",
    "jsonl": "json",
    "ndjson": "json",
    "parquet": "parquet",
    "pq": "parquet",
}
_COMPRESSION = ("gz", "gzip", "snappy", "zstd")  # the last two name how a Parquet file is packed inside
_PREFERRED = {"tsv": "\t", "tab": "\t", "psv": "|"}
_PATTERN = frozenset("*?[")

# A file that is read, or that DuckDB is still to read.
_Reading: TypeAlias = Callable[[Database], Portion]


@dataclass
class _Source:
    """What the inputs of one source name."""

    named: bool  # by NAME=, not by a file's stem
    paths: list[Path] = field(default_factory=list)
    frames: list[object] = field(default_factory=list)


def read_sources(
    inputs: Sequence[object] | Mapping[str, object], *, workers: int
) -> tuple[list[SourceTable], list[Rejected], list[str]]:
    """Reads files, folders and tables into one table of text for each source.

    Args:
        inputs: Paths (CSV, TSV, JSON lines, Parquet, gzip or not; a folder or a glob of them; ``NAME=PATH``
            to name the source), tables (Arrow, pandas, Polars, a DuckDB relation), or mappings from
            a source's name to any of these. A file gives a source named for its stem; inputs given the
            same name are one source.
        workers: Number of threads, at least 1.

    Returns:
        The sources by name; the input rows that could not be read, so that rows in the input = rows in
        the tables + rows rejected; and what a user should know about the inputs.

    Raises:
        SourceError: If an input is missing, empty, damaged or of an unknown kind, or if two files without
            ``NAME=`` have the same stem.

    >>> sources, rejected, warnings = read_sources([{"crm": pa.table({"id": [1]})}], workers=1)
    >>> sources[0].name, sources[0].table.to_pylist(), rejected, warnings
    ('crm', [{'id': '1'}], [], [])
    """
    plan, warnings = _plan(inputs)
    if not plan:
        raise SourceError("No input was given.", hint="name at least one file, folder or table.")
    sources, rejected = list[SourceTable](), list[Rejected]()
    database = Database(workers)
    # What takes longest is begun first, so that no thread waits at the end.
    paths = sorted({path for wanted in plan.values() for path in wanted.paths}, key=_largest_first)
    try:
        readings = dict(zip(paths, run_on_threads(_reading, paths, workers), strict=True))
        for name, wanted in sorted(plan.items()):
            source, bad, remarks = _read(database, name, wanted, readings)
            sources.append(source)
            rejected += bad
            warnings += remarks
    finally:
        database.close()
    if not any(source.table.num_rows for source in sources):
        raise SourceError(
            f"The {len(sources)} inputs hold no rows." if len(sources) > 1 else "The input holds no rows.",
            hint="give at least one file with rows below its header.",
        )
    return sources, rejected, warnings


def _plan(inputs: Sequence[object] | Mapping[str, object]) -> tuple[dict[str, _Source], list[str]]:
    """Sorts all inputs by the source they belong to."""
    plan, warnings, tables = dict[str, _Source](), list[str](), 0
    if isinstance(inputs, Mapping):
        inputs = [inputs]
    elif isinstance(inputs, str | os.PathLike) or not isinstance(inputs, Sequence):
        inputs = [inputs]  # one input, given bare
    for thing in inputs:
        if isinstance(thing, Mapping):
            for name, part in thing.items():
                _add_named(plan, warnings, str(name), part)
        elif isinstance(thing, str | os.PathLike):
            name, path = _split_name(os.fspath(thing))
            if name is None:
                _add_paths(plan, warnings, path)
            else:
                _add_named(plan, warnings, name, path)
        else:
            tables += 1
            _add_named(plan, warnings, f"table_{tables}", thing)
    return plan, warnings


def _split_name(text: str | bytes) -> tuple[str | None, str]:
    """Splits ``NAME=PATH``; a path that exists is a path, whatever it is called."""
    text = os.fsdecode(text)
    if not text.strip():  # such as of a variable that is not set: it would be the folder one is in
        raise SourceError(
            "Expected a file, folder or glob, got an empty text.", hint="give '.' for this folder."
        )
    name, equals, path = text.partition("=")
    if not equals or "/" in name or os.sep in name or Path(text).exists():
        return None, text
    if not name.strip() or not path.strip():
        raise SourceError(f"Expected NAME=PATH, got {text!r}.", hint="give both, such as crm=customers.csv.")
    return name.strip(), path


def _add_named(plan: dict[str, _Source], warnings: list[str], name: str, thing: object) -> None:
    source = plan.setdefault(name, _Source(named=True))
    if not source.named:
        raise _same_name(name)
    parts = thing if isinstance(thing, list | tuple) else [thing]
    for part in parts:
        if isinstance(part, str | os.PathLike):
            source.paths += _files(os.fsdecode(part), warnings)
        else:
            source.frames.append(part)


def _add_paths(plan: dict[str, _Source], warnings: list[str], text: str) -> None:
    if Path(text).is_dir() and _suffix(Path(text)) in _KINDS:
        _add_named(
            plan, warnings, _stem(Path(text)), text
        )  # customers.parquet/part-0, part-1, ...: one table
        return
    for path in _files(text, warnings):
        name = _stem(path)
        source = plan.setdefault(name, _Source(named=False))
        if source.named or any(path.resolve() != other.resolve() for other in source.paths):
            raise _same_name(name)
        if not source.paths:
            source.paths.append(path)


def _same_name(name: str) -> SourceError:
    return SourceError(
        f"Two inputs would both be the source {name!r}.",
        hint="name them with NAME=PATH; the same NAME twice makes them one source.",
    )


def _files(text: str, warnings: list[str]) -> list[Path]:
    """Lists the files that a path, a folder or a glob stands for, in the order of their names."""
    path = Path(text).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        inside = sorted(part for part in path.iterdir() if part.is_file())
        files = [part for part in inside if _suffix(part) in _KINDS and not part.name.startswith((".", "_"))]
        if not files:
            raise SourceError(
                f"The folder {text} holds no CSV, TSV, JSON lines or Parquet file.",
                hint="give the files themselves, or a glob such as 'folder/**/*.csv'.",
            )
        if others := len(inside) - len(files):
            warnings.append(f"{text}: {others} other files in the folder were left out.")
        return files
    if scheme := scheme_of(text):
        raise SourceError(
            f"Expected a file, got an address ({scheme}:).",
            hint="read it with its own client, and give the table: Arrow, pandas, Polars or a DuckDB relation.",
        )
    if path.exists() and not _PATTERN & set(text):
        return [path]  # a pipe or a device: DuckDB says what is wrong with it
    if _PATTERN & set(text):
        found = sorted(Path(match) for match in glob.glob(str(path), recursive=True))  # noqa: PTH207
        files = [part for part in found if part.is_file()]
        if any("=" in folder for file in files for folder in file.parts[:-1]):
            warnings.append(f"{text}: what names of folders such as year=2024 say was not read.")
        if files:
            return files
        raise SourceError(
            f"No file matches {text!r}.", hint="put the pattern in quotes and check the folder."
        )
    raise SourceError(f"{text} does not exist.", hint=_nearby(path))


def _nearby(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist either."
    names = [part.name for part in folder.iterdir()]
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"did you mean {folder / close[0]}?" if close else "check the path."


def _suffix(path: Path) -> str:
    """Gives the suffix that names the format, without a dot and a compression."""
    suffixes = [suffix[1:].lower() for suffix in path.suffixes]
    while suffixes and suffixes[-1] in _COMPRESSION:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _stem(path: Path) -> str:
    """Gives a file's name without the suffixes that name its format and compression."""
    name = path.name
    while (suffix := Path(name).suffix[1:].lower()) and (suffix in _KINDS or suffix in _COMPRESSION):
        name = name[: -len(suffix) - 1]
    return name or path.name


def _read(
    database: Database, name: str, wanted: _Source, readings: Mapping[Path, _Reading]
) -> tuple[SourceTable, list[Rejected], list[str]]:
    """Reads all parts of one source and puts them below each other."""
    portions = [(path.name, readings[path](database)) for path in sorted(set(wanted.paths))]
    portions += [
        (f"the table {name!r}", _read_frame(database, frame, f"source {name!r}")) for frame in wanted.frames
    ]
    rejected, lines, before = list[Rejected](), list[np.ndarray[tuple[int], np.dtype[np.int64]]](), 0
    warnings = [warning for _, portion in portions for warning in portion.warnings]
    for where, portion in portions:
        place = f" (in {where})" if len(portions) > 1 else ""
        rejected += [
            Rejected(name, before + bad.row, "malformed_row", bad.detail + place, bad.raw)
            for bad in portion.bad
        ]
        own = np.arange(1, portion.rows + 1, dtype=np.int64) if portion.line is None else portion.line
        lines.append(own + before)
        before += portion.rows
    table, nuls = without_nul(_united([portion.table for _, portion in portions]))
    if nuls:
        warnings.append(f"source {name!r}: NUL bytes were taken out of {_listed(nuls)}.")
    if not table.num_rows:
        warnings.append(f"source {name!r} holds no rows.")
    return SourceTable(name, table, np.concatenate(lines) if rejected else None), rejected, warnings


# What reads one kind of input is imported with the first input of that kind.


def _read_frame(database: Database, frame: object, where: str) -> Portion:
    connection = database.connection
    from cxm_sdk.engines.typed import read_frame

    return read_frame(connection, frame, where)


def _largest_first(path: Path) -> tuple[int, Path]:
    try:
        return -path.stat().st_size, path
    except OSError:  # who opens it tells what is wrong
        return 0, path


def _reading(path: Path) -> _Reading:
    """Reads a sound file of text; of any other tells how it is to be read."""
    suffix = _suffix(path)
    kind = _kind(path, suffix)
    if kind == "parquet":
        return partial(_read_parquet, path=path)
    if kind == "json":
        flat = sound_json(path)
        return partial(_read_json, path=path) if flat is None else _known(Portion(flat, flat.num_rows))
    dialect = detect(path, is_known_header, _PREFERRED.get(suffix, ""))
    table = sound_delimited(path, dialect)
    if table is None:
        return partial(_read_delimited, path=path, dialect=dialect)
    return _known(Portion(table, table.num_rows, warnings=header_warnings(path, dialect)))


def _kind(path: Path, suffix: str) -> str:
    kind = _KINDS.get(suffix, "")
    try:
        start = _first_bytes(path)
    except (OSError, EOFError) as error:
        raise SourceError(
            f"{path} cannot be opened ({type(error).__name__}).",
            hint="check that the file is complete and readable.",
        ) from None
    if start.startswith(b"PAR1"):
        return "parquet"
    if kind and kind != "parquet":
        return kind
    if kind and not start:
        raise SourceError(f"{path} is empty.", hint="give a Parquet file with rows.")
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    return kind or ("json" if text.startswith((b"{", b"[{")) else "delimited")


def _known(portion: Portion) -> _Reading:
    return lambda database: portion


def _read_parquet(database: Database, path: Path) -> Portion:
    from cxm_sdk.engines.parquet import read_parquet

    return read_parquet(database, path)


def _read_json(database: Database, path: Path) -> Portion:
    connection = database.connection
    from cxm_sdk.engines.jsonlines import read_json

    return read_json(connection, path)


def _read_delimited(database: Database, path: Path, dialect: Dialect) -> Portion:
    connection = database.connection
    from cxm_sdk.engines.delimited import read_delimited

    return read_delimited(connection, path, dialect)


def _first_bytes(path: Path) -> bytes:
    with open_bytes(path) as file:
        return file.read(64)


def _united(tables: Sequence[pa.Table]) -> pa.Table:
    """Puts tables below each other by column name; a column that one of them lacks is null there."""
    if len(tables) == 1:
        return tables[0]
    names = list(dict.fromkeys(name for table in tables for name in table.column_names))
    lists = {
        name
        for table in tables
        for name in table.column_names
        if pa.types.is_list(table.schema.field(name).type)
    }
    kinds = {name: pa.list_(pa.string()) if name in lists else pa.string() for name in names}
    schema = pa.schema([pa.field(name, kind) for name, kind in kinds.items()])
    return pa.concat_tables([_shaped(table, schema) for table in tables])


def _shaped(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = []
    for wanted in schema:
        place = table.schema.get_field_index(wanted.name)
        if place < 0:
            columns.append(pa.chunked_array([pa.nulls(table.num_rows, wanted.type)], type=wanted.type))
        elif pa.types.is_list(wanted.type) and not pa.types.is_list(table.schema.field(place).type):
            cells = table.column(place).to_pylist()
            columns.append(pa.chunked_array([pa.array([cell and [cell] for cell in cells], wanted.type)]))
        else:
            columns.append(table.column(place).cast(wanted.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
