"""Reads delimited text with DuckDB, and finds the rows that DuckDB cannot read.

A file that looks sound is read once, as it stands. When DuckDB refuses it, or its lines do not add up to the rows that
came, the file is split into records here, one line at a time: sound records go to a clean copy that DuckDB
reads, and every other one is kept with its number and its text. So no row is lost without a trace.
"""

from __future__ import annotations

import re
import tempfile
import zlib
from array import array
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection

from cxm_sdk.engines.dialect import Dialect, header_warnings, is_gzip, open_bytes, text_lines
from cxm_sdk.engines.portions import BadRow, Portion, literal
from cxm_sdk.errors import SourceError

__all__ = ["count_lines", "decode_line", "read_delimited"]

_CHUNK = 1 << 20
_LONGEST_LINE = 2_000_000  # DuckDB's own default, in bytes
_BUFFER = 8_000_000  # bytes; a quarter of DuckDB's default, so that less of the file is held at once
_LONGEST_RECORD = 2_000  # lines one quoted cell may span; a longer one is a quote that was never closed
_MALFORMED_SHARE = 0.5


def read_delimited(connection: DuckDBPyConnection, path: Path, dialect: Dialect) -> Portion:
    r"""Reads one CSV or TSV file, compressed or not, whatever its separator and encoding.

    Args:
        connection: An open DuckDB connection.
        path: The file.
        dialect: How it is written.

    Returns:
        Its rows in file order; rows with too many or too few cells, or with a quote that is not closed,
        stand in ``bad``.

    Raises:
        SourceError: If the file is empty, is no text, or holds no row that fits its header.

    >>> from cxm_sdk.engines.dialect import detect
    >>> from cxm_sdk.engines.portions import open_connection
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "crm.csv"
    ...     _ = file.write_text("id,name\n1,Ada\n2\n")
    ...     portion = read_delimited(open_connection(1), file, detect(file, lambda name: name == "id"))
    >>> portion.table.to_pylist(), portion.bad
    ([{'id': '1', 'name': 'Ada'}], [BadRow(row=2, detail='expected 2 cells, got 1', raw='2')])
    """
    warnings = header_warnings(path, dialect)
    table = _read_plain(connection, path, dialect) if dialect.plain else None
    if table is not None:
        return Portion(_named(table, dialect), table.num_rows, warnings=warnings)
    with tempfile.TemporaryDirectory(prefix="cxm-") as folder:
        copy = Path(folder) / "rows.csv"
        rewritten = _rewrite(path, dialect, copy)
        table = _read_copy(connection, copy, dialect, rewritten)
    if table.num_rows != rewritten.kept or rewritten.kept + len(rewritten.bad) != rewritten.rows:
        raise SourceError(
            f"{path} has {rewritten.rows} rows, but {table.num_rows} could be read.",
            hint="write the file again with every text in quotes.",
        )
    _refuse_hopeless(path, dialect, rewritten)
    line = np.frombuffer(rewritten.line, dtype=np.int64).copy() if rewritten.bad else None
    warnings += _repair_warnings(path, rewritten)
    return Portion(_named(table, dialect), rewritten.rows, line, rewritten.bad, warnings)


def count_lines(path: Path) -> int:
    r"""Counts the lines of a file, the last one also when nothing ends it.

    Args:
        path: An existing file, gzip or not.

    Returns:
        The number of lines.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "two.csv"
    ...     _ = file.write_text("a\nb")
    ...     count_lines(file)
    2
    """
    lines, last = 0, b"\n"
    with open_bytes(path) as stream:
        while chunk := stream.read(_CHUNK):
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    return lines + (last != b"\n")


def decode_line(line: bytes) -> tuple[str, bool]:
    """Decodes one line that should be UTF-8.

    Args:
        line: Its bytes.

    Returns:
        The text, and whether it was UTF-8. What is not is taken for Windows-1252, which agrees with
        Latin-1 on every letter.

    >>> decode_line("José".encode("latin-1"))
    ('José', False)
    """
    try:
        return line.decode("utf-8"), True
    except UnicodeDecodeError:
        try:
            return line.decode("cp1252"), False
        except UnicodeDecodeError:
            return line.decode("latin-1"), False


def _read_plain(connection: DuckDBPyConnection, path: Path, dialect: Dialect) -> pa.Table | None:
    """Reads the file as it stands; None when it needs repair."""
    with ThreadPoolExecutor(1) as pool:
        lines = pool.submit(count_lines, path)  # DuckDB does not hold the interpreter meanwhile
        try:
            table = _scan(connection, path, dialect, header=dialect.has_header)
        except duckdb.Error:
            return None
        expected = lines.result() - dialect.has_header
    if table.num_rows == expected or table.num_rows + _line_feeds(table) == expected:
        return table
    return None


def _line_feeds(table: pa.Table) -> int:
    """Counts the lines that end inside a cell."""
    import pyarrow.compute as pc  # rarely needed, and long to import

    counts = (pc.sum(pc.count_substring(column, "\n")).as_py() for column in table.itercolumns())
    return sum(count or 0 for count in counts)


def _scan(
    connection: DuckDBPyConnection,
    path: Path,
    dialect: Dialect,
    *,
    header: bool,
    longest: int = _LONGEST_LINE,
) -> pa.Table:
    places = range(len(dialect.names))
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in places)
    terms = ", ".join(
        f"trim(c{place}) AS c{place}" if place in dialect.padded else f"c{place}" for place in places
    )
    options = ", ".join(
        (
            literal(str(path)),
            "auto_detect=false",
            f"delim={literal(dialect.separator)}",
            "quote='\"'",
            f"escape={literal(dialect.escape)}",
            f"header={str(header).lower()}",
            f"max_line_size={longest}",
            f"buffer_size={max(_BUFFER, 2 * longest)}",
            f"compression='{'gzip' if is_gzip(path) else 'none'}'",
            f"columns={{{columns}}}",
        )
    )
    return connection.sql(f"FROM read_csv({options})").project(terms).to_arrow_table()


def _named(table: pa.Table, dialect: Dialect) -> pa.Table:
    return table.rename_columns(list(dialect.names)).replace_schema_metadata(None)


def _read_copy(
    connection: DuckDBPyConnection, copy: Path, dialect: Dialect, rewritten: _Rewritten
) -> pa.Table:
    if rewritten.kept == 0:
        return pa.table({f"c{place}": pa.array([], pa.string()) for place in range(len(dialect.names))})
    longest = max(_LONGEST_LINE, rewritten.longest + 1)
    try:
        return _scan(connection, copy, replace(dialect, escape='"'), header=False, longest=longest)
    except duckdb.Error as error:
        raise SourceError(
            f"A file of {len(dialect.names)} columns and {rewritten.rows} rows cannot be read "
            f"({type(error).__name__}); its longest row has {rewritten.longest} bytes.",
            hint="write the file again with every text in quotes.",
        ) from None


@dataclass
class _Rewritten:
    """What splitting a file into records found."""

    rows: int = 0
    kept: int = 0
    longest: int = 0  # bytes of the longest record kept
    recoded: int = 0  # lines that were not UTF-8
    line: array[int] = field(default_factory=lambda: array("q"))
    bad: list[BadRow] = field(default_factory=list)


def _rewrite(path: Path, dialect: Dialect, copy: Path) -> _Rewritten:
    """Writes the sound records of a file, without its header, to a copy in UTF-8."""
    found = _Rewritten()
    grammar = _Grammar(dialect)
    try:
        with open_bytes(path) as source, copy.open("wb") as target:
            lines: Iterator[bytes] = iter(source)
            if dialect.encoding != "utf-8" or dialect.newline == "\r":
                lines = (text.encode() for text in text_lines(source, dialect.encoding, dialect.newline))
            for record, problem in grammar.records(_utf8(lines, found)):
                found.rows += 1
                if problem:
                    found.bad.append(BadRow(found.rows, problem, record.decode("utf-8").rstrip("\r\n")))
                    continue
                found.kept += 1
                found.line.append(found.rows)
                plain = grammar.rewritten(record)
                found.longest = max(found.longest, len(plain))
                target.write(plain)
                target.write(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(
            f"{path} cannot be read to its end ({type(error).__name__}).",
            hint="check that the file is complete.",
        ) from None
    return found


def _utf8(lines: Iterator[bytes], found: _Rewritten) -> Iterator[bytes]:
    """Recodes the lines that are not UTF-8 and drops a byte order mark."""
    for number, line in enumerate(lines):
        if number == 0:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line.isascii():
            yield line
            continue
        text, sound = decode_line(line)
        found.recoded += not sound
        yield line if sound else text.encode()


class _Grammar:
    """Tells sound records from broken ones, for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._width = len(dialect.names)
        self._skip = dialect.skipped
        self._header = dialect.has_header
        self._separator = dialect.separator.encode()
        self._escape = dialect.escape.encode()
        self._blank = b" \t\r\v\f".replace(self._separator, b"")
        cut, end = re.escape(self._separator), rb"(?=" + re.escape(self._separator) + rb"|\Z)"
        inner = rb'[^"]*(?:""[^"]*)*' if self._escape == b'"' else rb'[^"\\]*(?:(?:\\.|"")[^"\\]*)*'
        self._cell = re.compile(
            rb' *"' + inner + rb'" *' + end + rb"| *(?:[^\" " + cut + rb"\r\n][^" + cut + rb"\r\n]*)?" + end,
            re.DOTALL,
        )

    def records(self, lines: Iterator[bytes]) -> Iterator[tuple[bytes, str]]:
        """Yields each record without its line end, and what is wrong with it or an empty text."""
        for _ in range(self._skip):
            next(lines, None)
        header, waiting = self._header, deque[bytes]()
        while True:
            line = waiting.popleft() if waiting else next(lines, None)
            if line is None:
                return
            body = line.rstrip(b"\r\n")
            if not body.strip(self._blank) and self._width > 1:
                continue  # a blank line is no record, unless it may be an empty cell
            if b"\r" in body and b'"' not in body:
                pieces = body.split(b"\r")
                waiting.extendleft(reversed(pieces[1:]))
                body = pieces[0]
            problem = self._problem(body)
            if problem and self._is_open(body):
                body, problem = self._joined(body, problem, lines, waiting)
            if header:
                header = False
                continue
            yield body, problem

    def _problem(self, body: bytes) -> str:
        """Says what keeps one record from being read; empty when nothing does."""
        if b'"' not in body:
            cells = body.count(self._separator) + 1
            if cells == self._width + 1 and body.endswith(self._separator):
                return ""
            return "" if cells == self._width else f"expected {self._width} cells, got {cells}"
        place, cells, last = 0, 0, 0
        while True:
            match = self._cell.match(body, place)
            if match is None:
                return "a quote is not closed, or stands neither at the edge of its cell nor doubled"
            cells, last = cells + 1, match.end() - match.start()
            place = match.end() + len(self._separator)
            if place > len(body):
                break
        if cells == self._width or (cells == self._width + 1 and last == 0):
            return ""
        return f"expected {self._width} cells, got {cells}"

    def rewritten(self, body: bytes) -> bytes:
        """Writes a sound record as every reader knows it: quotes inside a quoted cell are doubled."""
        if b'"' not in body:
            return body
        cells, place = list[bytes](), 0
        while place <= len(body) and (match := self._cell.match(body, place)):
            cells.append(self._rewritten_cell(match[0]))
            place = match.end() + len(self._separator)
        return self._separator.join(cells)

    def _rewritten_cell(self, cell: bytes) -> bytes:
        text = cell.strip(b" ")
        if b'"' not in text:
            return cell
        if text.startswith(b'"'):
            text = text[1:-1].replace(b'""', b'"')
            if self._escape == b"\\":
                text = re.sub(rb'\\(["\\])', rb"\1", text)
        return b'"' + text.replace(b'"', b'""') + b'"'

    def _is_open(self, body: bytes) -> bool:
        return self._quotes(body) % 2 == 1

    def _quotes(self, text: bytes) -> int:
        return text.count(b'"') if self._escape == b'"' else len(re.findall(rb'(?<!\\)(?:\\\\)*"', text))

    def _joined(
        self, body: bytes, problem: str, lines: Iterator[bytes], waiting: deque[bytes]
    ) -> tuple[bytes, str]:
        """Joins a record that goes on in the next lines; gives those lines back when it does not."""
        taken, parts = list[bytes](), [body]
        while len(taken) < _LONGEST_RECORD:
            line = waiting.popleft() if waiting else next(lines, None)
            if line is None:
                break
            taken.append(line)
            parts.append(line.rstrip(b"\r\n"))
            if self._quotes(line) % 2:
                joined = b"\n".join(parts)
                if self._problem(joined):
                    break
                return joined, ""
        waiting.extendleft(reversed(taken))
        return body, problem


def _refuse_hopeless(path: Path, dialect: Dialect, found: _Rewritten) -> None:
    if found.bad and not found.kept:
        raise SourceError(
            f"{path}: none of its {found.rows} rows fits the {len(dialect.names)} columns of its header; "
            f"row 1: {found.bad[0].detail}.",
            hint="check the separator and the header line.",
        )


def _repair_warnings(path: Path, found: _Rewritten) -> list[str]:
    warnings = list[str]()
    if found.recoded:
        warnings.append(
            f"{path.name}: {found.recoded} lines are not UTF-8 and were read as Windows-1252; "
            "convert the file to UTF-8 if names look wrong."
        )
    if found.bad:
        share = "most" if len(found.bad) > _MALFORMED_SHARE * found.rows else f"{len(found.bad)}"
        warnings.append(f"{path.name}: {share} of {found.rows} rows are malformed and were rejected.")
    return warnings
