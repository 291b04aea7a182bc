"""How a delimited text file is written: its encoding, separator, quoting, header and padding."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from cxm_sdk.engines.portions import doubled_warnings, unique_names
from cxm_sdk.errors import SourceError

__all__ = [
    "Dialect",
    "detect",
    "detect_encoding",
    "header_warnings",
    "is_gzip",
    "open_bytes",
    "text_lines",
]

_HEAD_BYTES = 1 << 20
_SAMPLE_RECORDS = 500
_DEEPEST_PREAMBLE = 20
_SEPARATORS = (",", "\t", ";", "|", "^", "~", "\x01", "\x1f")
_NO_SEPARATOR = "\x1f"  # stands between the columns of a file that has one column
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ANY_SEPARATOR = re.compile(r"[,;\t|]")
# A cell like these is a value, never the name of a column.
_VALUE = re.compile(
    r"[^@\s]+@[^@\s]+\.[^@\s]+"  # an e-mail address
    r"|[+-]?[\d.,\s()/:-]*\d[\d.,\s()/:-]*"  # a number, a date, a telephone number
    r"|\d{4}-\d\d-\d\d[T ].*"  # a time
    r"|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{22}"  # a UUID
)


@dataclass(frozen=True)
class Dialect:
    """How one delimited text file is written.

    Attributes:
        encoding: ``utf-8``, or the wide encoding its first bytes name; single bytes that are not
            UTF-8 are dealt with line by line.
        separator: Character between two cells.
        escape: Character before a quote inside a quoted cell: the quote itself, or a backslash.
        names: Distinct column names.
        doubled: Names that came more than once.
        has_header: False when the first line is a row like any other.
        skipped: Number of lines before the header that belong to no table.
        padded: Places of the columns whose cells have spaces around them.
        newline: A line feed (also for CRLF) or a lone carriage return.
    """

    encoding: str
    separator: str
    escape: str
    names: tuple[str, ...]
    doubled: tuple[str, ...]
    has_header: bool
    skipped: int
    padded: frozenset[int]
    newline: str

    @property
    def plain(self) -> bool:
        """Whether DuckDB can read the file as it stands."""
        return self.encoding == "utf-8" and self.skipped == 0 and self.newline == "\n"


def is_gzip(path: Path) -> bool:
    """Tells a compressed file by its first bytes, whatever it is called.

    Args:
        path: An existing file.

    Returns:
        True for gzip.

    >>> is_gzip(Path(__file__))
    False
    """
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def open_bytes(path: Path) -> BinaryIO:
    """Opens a file for reading its content, decompressed.

    Args:
        path: An existing file, gzip or not.

    Returns:
        A binary stream.

    >>> with open_bytes(Path(__file__)) as file:
    ...     file.read(3)
    b'\"\"\"'
    """
    # GzipFile offers all of BinaryIO that is used here.
    return cast(BinaryIO, gzip.open(path, "rb")) if is_gzip(path) else path.open("rb")


def text_lines(file: BinaryIO, encoding: str, newline: str) -> Iterator[str]:
    r"""Decodes a stream of a wide encoding, or with lone carriage returns, line by line.

    Args:
        file: A binary stream at its beginning; it stays open.
        encoding: Its encoding.
        newline: A carriage return to take every kind of line end for one.

    Yields:
        Each line, ended with a line feed.

    >>> list(text_lines(io.BytesIO(b"a\rb"), "utf-8", "\r"))
    ['a\n', 'b']
    """
    text = io.TextIOWrapper(file, encoding, errors="replace", newline=None if newline == "\r" else "\n")
    try:
        yield from text
    finally:
        text.detach()


def detect_encoding(head: bytes) -> str:
    """Tells how a text file is encoded from its first bytes.

    Args:
        head: The beginning of the file.

    Returns:
        ``utf-8`` or a wide encoding; single-byte encodings also count as ``utf-8`` here.

    >>> detect_encoding("name".encode("utf-16"))
    'utf-16'
    """
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    half = len(head[:4096]) / 2
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return "utf-8"


def detect(path: Path, is_name: Callable[[str], bool], prefer: str = "") -> Dialect:
    r"""Tells how a delimited file is written from its first megabyte.

    Args:
        path: An existing file, gzip or not.
        is_name: Whether a text is known as the name of a column.
        prefer: Separator to take when it fits, from the file's suffix.

    Returns:
        The dialect.

    Raises:
        SourceError: If the file is empty or is no text.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "crm.csv"
    ...     _ = file.write_text("id; name\n1; Ada\n")
    ...     found = detect(file, lambda name: name == "name")
    >>> found.separator, found.names, found.padded
    (';', ('id', 'name'), frozenset({1}))
    """
    head, complete = _head(path)
    encoding = detect_encoding(head)
    text = _decoded(head, encoding)
    if not text.strip(" \t\r\n\0"):
        raise SourceError(f"{path} is empty.", hint="give a file with a header line and rows.")
    _refuse_binary(path, head, encoding)
    newline = "\n" if "\n" in text or "\r" not in text else "\r"
    lines = io.StringIO(text, newline=None).readlines()
    if not complete and len(lines) > 1:
        lines.pop()  # the last line is cut
    skipped = 0
    if lines[0].lower().startswith("sep=") and len(lines[0].strip()) == 5:
        prefer, skipped = lines[0][4], 1  # what spreadsheets write to tell the separator
    separator, escape = _separator(lines[skipped:], prefer, is_name)
    records, starts = _records(lines[skipped:], separator, escape)
    first = _header_place(records, is_name)
    skipped += starts[first]
    has_header = _is_header(records[first], is_name)
    width = len(records[first])
    cells = records[first] if has_header else [""] * width
    if (
        has_header
        and width > 1
        and not cells[-1].strip()
        and _ends_with_separator(records[first + 1 :], width)
    ):
        cells = cells[:-1]  # every line ends with a separator: there is no column behind it
    names, doubled = unique_names(cells)
    return Dialect(
        encoding=encoding,
        separator=separator,
        escape=escape,
        names=tuple(names),
        doubled=tuple(doubled),
        has_header=has_header,
        skipped=skipped,
        padded=_padded(records[first + has_header :], len(names)),
        newline=newline,
    )


def header_warnings(path: Path, dialect: Dialect) -> list[str]:
    r"""Words what a user should know about the header of a file.

    Args:
        path: The file.
        dialect: How it is written.

    Returns:
        Sentences.

    >>> with_twins = Dialect("utf-8", ",", '"', ("a", "a_2"), ("a",), True, 0, frozenset(), "\n")
    >>> len(header_warnings(Path("crm.csv"), with_twins))
    1
    """
    warnings = doubled_warnings(path.name, dialect.doubled)
    if not dialect.has_header:
        warnings.append(
            f"{path.name}: the first line looks like data, not like a header; "
            f"its columns are called column_1 to column_{len(dialect.names)}."
        )
    if dialect.skipped:
        warnings.append(f"{path.name}: {dialect.skipped} lines before the header were skipped.")
    return warnings


def _head(path: Path) -> tuple[bytes, bool]:
    try:
        with open_bytes(path) as file:
            head = file.read(_HEAD_BYTES)
            return head, not file.read(1)
    except (OSError, EOFError) as error:
        raise SourceError(
            f"{path} cannot be read ({type(error).__name__}).",
            hint="check that the file is complete and readable.",
        ) from None


def _decoded(head: bytes, encoding: str) -> str:
    if encoding == "utf-8":
        try:
            return codecs.getincrementaldecoder("utf-8-sig")().decode(head)
        except UnicodeDecodeError:
            return head.removeprefix(codecs.BOM_UTF8).decode("cp1252", "replace")
    return codecs.getincrementaldecoder(encoding)("replace").decode(head).removeprefix("\ufeff")


def _refuse_binary(path: Path, head: bytes, encoding: str) -> None:
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise SourceError(f"{path} is a workbook or an archive.", hint="save each sheet as CSV.")
    if encoding != "utf-8":
        return
    controls = sum(head.count(code) for code in range(32) if code not in (0, 1, 9, 10, 12, 13, 27, 31))
    if controls > 0.02 * len(head) or head.count(0) > 0.3 * len(head):
        raise SourceError(f"{path} holds no text.", hint="give CSV, TSV, JSON lines or Parquet.")


def _records(lines: Sequence[str], separator: str, escape: str) -> tuple[list[list[str]], list[int]]:
    """Splits lines into records; also gives the line each one starts at. Blank lines are no records."""
    backslash = None if escape == '"' else escape
    reader = csv.reader(
        (line.replace("\0", "") for line in lines),
        delimiter=separator,
        escapechar=backslash,
        doublequote=backslash is None,
        skipinitialspace=False,
    )
    records, starts, start = list[list[str]](), list[int](), 0
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                records.append(record)
                starts.append(start)
            start = reader.line_num
            if len(records) >= _SAMPLE_RECORDS:
                break
    except csv.Error:  # a cell beyond the reader's limit: what came before it is sample enough
        pass
    return (records, starts) if records else ([[line.strip() for line in lines[:1]]], [0])


def _separator(lines: Sequence[str], prefer: str, is_name: Callable[[str], bool]) -> tuple[str, str]:
    """Finds the separator that cuts most records into as many cells as the header has."""
    best, choice = (0.0, 0, 0), _NO_SEPARATOR
    for separator in dict.fromkeys([prefer or ",", *_SEPARATORS]):
        records, _ = _records(lines, separator, _escape(lines, separator))
        width, share = _common_width(records, is_name)
        score = (round(share, 1), int(separator == prefer), width)
        if width > 1 and score > best:
            best, choice = score, separator
    return choice, _escape(lines, choice)


def _escape(lines: Sequence[str], separator: str) -> str:
    """Tells whether quotes inside a quoted cell are doubled or stand behind a backslash."""
    sample = "".join(lines[:_SAMPLE_RECORDS])
    behind_backslash = re.findall(rf'\\"(?!{re.escape(separator)}|\s*$)', sample, re.MULTILINE)
    doubled = re.findall(rf'[^{re.escape(separator)}\s]""', sample)
    return "\\" if len(behind_backslash) > len(doubled) else '"'


def _common_width(records: Sequence[Sequence[str]], is_name: Callable[[str], bool]) -> tuple[int, float]:
    """Gives the width of the header and the share of records that have it."""
    first = _header_place(records, is_name)
    width, rest = len(records[first]), records[first:]
    fitting = sum(len(record) == width or (len(record) == width + 1 and not record[-1]) for record in rest)
    return width, fitting / len(rest)


def _header_place(records: Sequence[Sequence[str]], is_name: Callable[[str], bool]) -> int:
    """Finds the header: the first record as wide as most are, when only short lines come before it."""
    widths = Counter(len(record) for record in records)
    common, count = widths.most_common(1)[0]
    narrow = next((place for place, record in enumerate(records) if len(record) >= common), 0)
    is_report = 0 < narrow <= _DEEPEST_PREAMBLE and common > 2 and count >= 0.8 * (len(records) - narrow)
    # A title or a note stands in one cell; a line with several cells may be a header that is too short.
    above = [cell for record in records[:narrow] for cell in record if cell.strip()]
    titles = len(above) <= narrow and not any(
        is_name(part) for cell in above for part in _ANY_SEPARATOR.split(cell)
    )
    named = not any(_VALUE.fullmatch(cell.strip()) for cell in records[narrow])
    return narrow if is_report and titles and named else 0


def _is_header(cells: Sequence[str], is_name: Callable[[str], bool]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if any(is_name(cell) for cell in filled):
        return True
    return not any(_VALUE.fullmatch(cell) for cell in filled)


def _ends_with_separator(records: Sequence[Sequence[str]], width: int) -> bool:
    return all(len(record) != width or not record[-1].strip() for record in records)


def _padded(records: Sequence[Sequence[str]], width: int) -> frozenset[int]:
    return frozenset(
        place for record in records for place, cell in enumerate(record[:width]) if cell != cell.strip(" ")
    )
