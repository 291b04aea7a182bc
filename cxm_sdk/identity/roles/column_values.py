"""What the values of a column look like, from a bounded sample that is the same for every order of rows."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cxm_sdk.identity.distinct import places_in
from cxm_sdk.identity.nicknames import groups_of_names
from cxm_sdk.identity.roles import known_values as known
from cxm_sdk.identity.roles.date_votes import DateVotes, count_date_votes, is_parted
from cxm_sdk.identity.roles.known_values import plain_word
from cxm_sdk.identity.spans import Spans

__all__ = ["ColumnValues", "count_values", "sample_rows"]

_ROWS: Final = 6_000  # rows looked at
_LONGEST_MARKER: Final = max(map(len, known.MISSING))
_IN_CACHE: Final = 1 << 14  # hashes that are mixed in one go
_DISTINCT: Final = 400  # distinct values looked at, one by one
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)

_EMAIL: Final = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]{2,}")
_PHONE: Final = re.compile(
    r"(?:tel:|whatsapp:)?\+?[\d\s().\-/]{5,24}(?:(?:x|ext\.?|#)\s*\d{1,6})?", re.IGNORECASE
)
_UUID: Final = re.compile(
    r"\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?", re.IGNORECASE
)
_HEX: Final = re.compile(r"[0-9a-f]{24,128}", re.IGNORECASE)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?", re.IGNORECASE)
_WHOLE_NUMBER: Final = re.compile(r"\d+")
_IP: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}", re.IGNORECASE)
_URL: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_PERSON: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|\w?['’`.\-\s,])*[^\W\d_.]?\.?|[^\W\d_]")
_POSTCODE: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9\s\-]{1,9})", re.IGNORECASE)
_TELLING_POSTCODE: Final = re.compile(
    r"[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}"  # United Kingdom
    r"|[A-Z]\d[A-Z]\s*\d[A-Z]\d"  # Canada
    r"|\d{4}\s?[A-Z]{2}"  # Netherlands
    r"|\d{5}-\d{4}|\d{2}-\d{3}|\d{3}-\d{4}|\d{5}-\d{3}",  # United States, Poland, Japan, Brazil
    re.IGNORECASE,
)
_STREET: Final = re.compile(
    r"\d+[a-z]?\s+\S.*[^\W\d_]{3}.*|.*[^\W\d_]{2}.*\s\d+\s?[a-z]?(?:[-/]\d+)?", re.IGNORECASE | re.DOTALL
)
_NATIONAL: Final = re.compile(r"(?=(?:\D*\d){3})(?=(?:[\W_]*[^\W_]){4})[\w\s.\-/]{4,30}")
_CODE: Final = re.compile(r"(?=.*\d|.*[^\W\d_]{2}).{1,128}", re.DOTALL)
_EXTENSION: Final = re.compile(r"x|ext|#", re.IGNORECASE)
_DIALLED: Final = re.compile(r"\+|00[1-9]|tel:|whatsapp:")
_GROUPED: Final = re.compile(r"\(?\d{2,5}\)?[\s.\-/]+\d{2,8}(?:[\s.\-/]*\d{2,6}){0,4}")
_SOCIAL_SECURITY: Final = re.compile(r"\d{3}-\d{2}-\d{4}")
_WORD: Final = re.compile(r"[^\W\d_]+")
_HOUSE: Final = re.compile(r"(?=.*\d)(?!(?:.*[^\W\d_]){5}).{1,16}", re.DOTALL)


class ColumnValues:
    """The values of one column of a sample, distinct and weighted by their rows.

    Args:
        column: ``string`` or ``list<string>``; missing markers count as null.

    >>> values = ColumnValues(pa.chunked_array([["ada@example.com", "n/a", None]]))
    >>> round(values.filled, 2), values.share(values.is_email)
    (0.33, 1.0)
    """

    def __init__(self, column: pa.ChunkedArray) -> None:
        self.rows = len(column)
        counted = count_values(column)
        self.texts: list[str]
        self.weights: npt.NDArray[np.float64]
        self.distinct = len(counted)
        """Number of distinct values in the sample."""
        often = np.fromiter(counted.values(), np.int64, len(counted))
        self.held = int(often.sum())
        """Number of values in the sample that are not missing."""
        self._equal_pairs = float((often * (often - 1)).sum()) / 2
        texts = sorted(counted)
        if len(texts) > _DISTINCT:  # spread over the whole range, the same for every order of rows
            texts = [texts[place * len(texts) // _DISTINCT] for place in range(_DISTINCT)]
        self.texts = [_without_marks(text) for text in texts]
        self.weights = np.array([counted[text] for text in texts], dtype=np.float64)

    @property
    def filled(self) -> float:
        """Share of rows that hold a value."""
        return min(1.0, self.held / self.rows) if self.rows else 0.0

    def rows_of_one(self, rows: int) -> float:
        """Estimates how many rows of the whole table share one value, from how often two of the sample do.

        Args:
            rows: Number of rows of the whole table.

        Returns:
            Rows that hold a value for each distinct value; rows that hold none do not count.

        >>> ColumnValues(pa.chunked_array([["a", "b"] * 50])).rows_of_one(1000) > 400
        True
        """
        pairs = self.held * (self.held - 1) / 2
        different = pairs / max(self._equal_pairs, 0.5)
        return rows * self.filled / max(different, 1.0)

    def share(self, test: Callable[[str], bool]) -> float:
        """Gives the share of rows whose value passes a test.

        Args:
            test: Tells for one value.

        Returns:
            0 to 1; 0 when nothing is held.

        >>> ColumnValues(pa.chunked_array([["7", "x"]])).share(str.isdigit)
        0.5
        """
        if not self.texts:
            return 0.0
        passed = np.fromiter((test(text) for text in self.texts), dtype=bool, count=len(self.texts))
        return float(self.weights[passed].sum() / self.weights.sum())

    @functools.cached_property
    def emails(self) -> float:
        """Share of e-mail addresses."""
        return self.share(self.is_email)

    @functools.cached_property
    def phones(self) -> float:
        """Share of what may be telephone numbers."""
        return self.share(_is_phone)

    @functools.cached_property
    def telling_phones(self) -> float:
        """Share of telephone numbers that can hardly be anything else."""
        return self.share(lambda text: _is_phone(text) and _looks_dialled(text))

    @functools.cached_property
    def uuids(self) -> float:
        """Share of UUIDs and long hexadecimal keys."""
        return self.share(lambda text: bool(_UUID.fullmatch(text) or _HEX.fullmatch(text)))

    @functools.cached_property
    def sha256(self) -> float:
        """Share of SHA-256 digests in hexadecimal."""
        return self.share(lambda text: bool(_SHA256.fullmatch(text)))

    @functools.cached_property
    def numbers(self) -> float:
        """Share of numbers."""
        return self.share(lambda text: bool(_NUMBER.fullmatch(text)))

    @functools.cached_property
    def whole_numbers(self) -> list[int]:
        """The whole numbers, one for each distinct value, in order."""
        return sorted(
            int(text) for text in self.texts if text.isascii() and text.isdigit() and len(text) < 19
        )

    @functools.cached_property
    def digits_inside(self) -> float:
        """Share of values that hold a digit."""
        return self.share(lambda text: any(letter.isdigit() for letter in text))

    @functools.cached_property
    def person_shaped(self) -> float:
        """Share of values made of letters as names of persons are."""
        return self.share(lambda text: len(text) <= 60 and bool(_PERSON.fullmatch(text)))

    @functools.cached_property
    def given_names(self) -> float:
        """Share of values that are, or begin or end with, a given name known here."""
        return self.share(_holds_given_name)

    @functools.cached_property
    def single_words(self) -> float:
        """Share of values of one word."""
        return self.share(lambda text: len(text.split()) == 1)

    @functools.cached_property
    def several_words(self) -> float:
        """Share of values of two words or more, of letters alone."""
        return self.share(lambda text: " " in text and bool(_PERSON.fullmatch(text)))

    @functools.cached_property
    def organisations(self) -> float:
        """Share of values that hold a word of organisations."""
        return self.share(_is_organisation)

    @functools.cached_property
    def postcodes(self) -> float:
        """Share of what may be postcodes."""
        return self.share(lambda text: bool(_POSTCODE.fullmatch(text)) and any(c.isdigit() for c in text))

    @functools.cached_property
    def telling_postcodes(self) -> float:
        """Share of postcodes that can hardly be anything else."""
        return self.share(lambda text: bool(_TELLING_POSTCODE.fullmatch(text)))

    @functools.cached_property
    def streets(self) -> float:
        """Share of words with a number before or behind them."""
        return self.share(lambda text: bool(_STREET.fullmatch(text)))

    @functools.cached_property
    def house_numbers(self) -> float:
        """Share of what may be house numbers."""
        return self.share(lambda text: bool(_HOUSE.fullmatch(text)))

    @functools.cached_property
    def national_ids(self) -> float:
        """Share of what may be numbers given by an authority."""
        return self.share(lambda text: bool(_NATIONAL.fullmatch(text)))

    @functools.cached_property
    def codes(self) -> float:
        """Share of short texts without spaces that hold a digit, or of long keys."""
        return self.share(lambda text: " " not in text and len(text) > 2 and bool(_CODE.fullmatch(text)))

    @functools.cached_property
    def odd(self) -> float:
        """Share of what no name or address part is: e-mail addresses, links, network addresses, keys."""
        return self.share(
            lambda text: (
                any(form.fullmatch(text) for form in (_EMAIL, _URL, _IP, _UUID, _HEX)) or len(text) > 200
            )
        )

    @functools.cached_property
    def dates(self) -> DateVotes:
        """How the dates of the column are written."""
        return count_date_votes(zip(self.texts, self.weights.tolist(), strict=True))

    def among(self, words: frozenset[str]) -> float:
        """Gives the share of rows whose value is one of some words.

        Args:
            words: In lower case, without accents and full stops.

        Returns:
            0 to 1.

        >>> ColumnValues(pa.chunked_array([["F.", "x"]])).among(frozenset({"f"}))
        0.5
        """
        return self.share(lambda text: plain_word(text) in words)

    @staticmethod
    def is_email(text: str) -> bool:
        """Tells whether a text is an e-mail address.

        Args:
            text: One value.

        Returns:
            True for what has the form of an address.

        >>> ColumnValues.is_email("ada@example.com"), ColumnValues.is_email("ada@home")
        (True, False)
        """
        return bool(_EMAIL.fullmatch(text.removeprefix("mailto:")))


def count_values(column: pa.ChunkedArray) -> dict[str, int]:
    """Counts the values of a column.

    Args:
        column: ``string`` or ``list<string>``.

    Returns:
        Rows for each distinct value, trimmed, without nulls and missing markers.

    >>> count_values(pa.chunked_array([["a", " a", "N/A", None]]))
    {'a': 2}
    """
    if pa.types.is_list(column.type):
        column = pc.list_flatten(column)
    pairs = pc.value_counts(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)
    counted = dict(zip(pairs.field(0).to_pylist(), pairs.field(1).to_pylist(), strict=True))
    counted.pop(None, None)
    # Hardly any text has blanks around it or is a marker, so all are looked at in one go, and rarely one by one.
    texts = list(counted)
    if "" in counted or list(map(str.strip, texts)) != texts:
        for text in [text for text in texts if not text or text != text.strip()]:
            count = counted.pop(text)
            if bare := text.strip():
                counted[bare] = counted.get(bare, 0) + count
    if not known.MISSING.isdisjoint(map(str.casefold, counted)):
        for text in [text for text in counted if len(text) <= _LONGEST_MARKER]:
            if text.casefold() in known.MISSING:
                del counted[text]
    return counted


def sample_rows(
    table: pa.Table,
    columns: Sequence[str] | None = None,
    rows: int = _ROWS,
    hashes: dict[str, npt.NDArray[np.uint64]] | None = None,
) -> pa.Table:
    """Takes a sample of rows by what they hold, so that it is the same for every order of rows.

    Args:
        table: Columns of ``string``, also by dictionary, or ``list<string>``.
        columns: Columns to choose by: rows that agree in all of them are taken together or not at all.
            None for the columns with the most text.
        rows: Number of rows wanted, about.
        hashes: Hashes of columns of the table that are known already; those that are found out are added.

    Returns:
        The whole table when it is small enough, else about as many rows as wanted; without dictionaries.

    >>> len(sample_rows(pa.table({"id": [str(i) for i in range(9000)]}), rows=500)) < 9000
    True
    """
    if table.num_rows <= rows:
        return _without_dictionaries(table)
    texts = [name for name in table.column_names if not pa.types.is_list(table.schema.field(name).type)]
    if columns is None:
        columns = sorted(texts, key=lambda name: (-table[name].nbytes, name))[:2]
    hashed = np.zeros(table.num_rows, dtype=np.uint64)
    hashes = {} if hashes is None else hashes
    for name in columns:
        if name in texts:
            if name not in hashes:
                hashes[name] = _hashes(table[name])
            _mix(hashed, hashes[name])
    _mix(hashed, np.zeros_like(hashed))
    chosen = np.flatnonzero(hashed < np.uint64(rows / table.num_rows * 2**64))
    if len(chosen) < rows // 20:  # the columns hold too few different values to choose by
        chosen = np.arange(rows) * table.num_rows // rows
    kept = np.zeros(table.num_rows, dtype=bool)
    kept[chosen[: 4 * rows]] = True
    return _without_dictionaries(table.filter(pa.array(kept)))


def _without_dictionaries(table: pa.Table) -> pa.Table:
    for place, column in enumerate(table.columns):
        if pa.types.is_dictionary(column.type):
            table = table.set_column(place, table.column_names[place], column.cast(pa.string()))
    return table


def _hashes(column: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """64-bit hash of every value, 0 for null and empty ones."""
    parts = [_hashes_of(chunk) for chunk in column.chunks]
    return np.concatenate([np.zeros(0, np.uint64), *parts])


def _hashes_of(chunk: pa.Array) -> npt.NDArray[np.uint64]:
    if not pa.types.is_dictionary(chunk.type):
        return Spans.of(chunk).hashes()
    return np.append(Spans.of(chunk.dictionary).hashes(), np.uint64(0)).take(places_in(chunk.indices))


def _mix(bits: npt.NDArray[np.uint64], others: npt.NDArray[np.uint64]) -> None:
    """Mixes other hashes into some."""
    for start in range(0, len(bits), _IN_CACHE):
        part = bits[start : start + _IN_CACHE]
        part ^= others[start : start + _IN_CACHE]
        part ^= part >> np.uint64(31)
        part *= _MIX
        part ^= part >> np.uint64(29)


def _without_marks(text: str) -> str:
    """Leaves out vowel signs and accents that stand as characters of their own, which patterns take for no letters."""
    if text.isascii():
        return text
    return "".join(letter for letter in text if unicodedata.category(letter)[0] != "M")


def _is_phone(text: str) -> bool:
    if not _PHONE.fullmatch(text):
        return False
    number: str = _EXTENSION.split(text, maxsplit=1)[0]
    return 6 <= sum(letter.isdigit() for letter in number) <= 15


def _looks_dialled(text: str) -> bool:
    """Tells a telephone number from any other number: a plus sign, or groups as people write them."""
    digits = sum(letter.isdigit() for letter in text)
    if digits >= 9 and _DIALLED.match(text):
        return True
    return (
        digits >= 9
        and bool(_GROUPED.fullmatch(text))
        and not (is_parted(text) or _SOCIAL_SECURITY.fullmatch(text))
    )


def _holds_given_name(text: str) -> bool:
    words = _WORD.findall(plain_word(text))
    known_names = groups_of_names()
    return bool(words) and (words[0] in known_names or words[-1] in known_names)


def _is_organisation(text: str) -> bool:
    words = set(_WORD.findall(plain_word(text)))
    return not words.isdisjoint(known.ORGANISATION_WORDS)
