"""Dates of birth in every usual spelling, as ``YYYYMMDD``."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cxm_sdk.identity.folding import narrow_table
from cxm_sdk.identity.normalize.missing import present
from cxm_sdk.identity.spans import Spans

__all__ = [
    "DEFAULT_DATES",
    "EARLIEST_YEAR",
    "birth_date",
    "date_numbers",
    "date_texts",
    "full_years",
    "number",
    "part",
]

EARLIEST_YEAR = 1500
"""Registers of births reach back no further; an earlier year is a mistake."""

DEFAULT_DATES = np.array(
    [
        10101, 11111, 15821015, 16010101, 17530101, 18000101, 18581117, 18991230, 18991231, 19000101, 19010101,
        19700101, 11111111, 19111111, 20000000, 99991231, 22221122,
    ]
)  # fmt: skip
_TEXT = narrow_table(keep="/-.:,+", drop="'`")
_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan ene gen janv janvier enero gennaio januar january janeiro januari jaenner янв января",
            "feb fev fevr fevrier febrero febbraio februar february fevereiro februari фев февраля",
            "mar mrz marz marzo mars march marco maart maerz maa мар марта",
            "apr abr avr avril abril aprile april апр апреля",
            "may mai mag mayo maggio maio mei мая май",
            "jun giu juin junio giugno juni june junho июн июня",
            "jul lug juil juillet julio luglio juli july julho июл июля",
            "aug ago aou aout agosto august augustus авг августа",
            "sep sept set septembre septiembre settembre september setembro сен сентября",
            "oct okt ott out octobre octubre ottobre oktober october outubro окт октября",
            "nov novembre noviembre novembre november novembro ноя ноября",
            "dec dez dic des decembre diciembre dicembre dezember december dezembro дек декабря",
        ),
        start=1,
    )
    for name in names.split()
}
_NUMBERS = re.compile(r"\d+")
_WORDS = re.compile(r"[^\W\d_]+")
_CLOCK = re.compile(r"(?:t|\s|,)+\d{1,2}:\d{2}.*$|(?<=\d{4}-\d{2}-\d{2})[t ].*$")
_DAYS = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_EXCEL_EPOCH = datetime.date(1899, 12, 30)


def date_numbers(
    year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64], *, swap: bool = True
) -> NDArray[np.int64]:
    """Puts dates of birth together and refuses what can be none.

    Args:
        year: ``int64[n]``, four digits.
        month: ``int64[n]``.
        day: ``int64[n]``.
        swap: Whether a day and month that only make sense the other way round are swapped.

    Returns:
        ``int64[n]``: year * 10000 + month * 100 + day; 0 for impossible dates, years before 1500 or to come,
        and defaults such as 1900-01-01.

    Example:
        >>> date_numbers(np.array([1985, 1900]), np.array([13, 1]), np.array([2, 1])).tolist()
        [19850213, 0]
    """
    if swap:
        turned = (month > 12) & (day <= 12)
        month, day = np.where(turned, day, month), np.where(turned, month, day)
    latest = datetime.datetime.now(tz=datetime.UTC).year
    good = (year >= EARLIEST_YEAR) & (year <= latest) & (month >= 1) & (month <= 12) & (day >= 1)
    good &= day <= _DAYS[np.clip(month, 1, 12) - 1]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    good &= (month != 2) | (day <= 28) | leap
    numbers = year * 10000 + month * 100 + day
    good &= ~np.isin(numbers, DEFAULT_DATES)
    return np.where(good, numbers, 0)


def date_texts(numbers: NDArray[np.int64]) -> pa.StringArray:
    """Writes date numbers as text.

    Args:
        numbers: ``int64[n]`` from ``date_numbers``.

    Returns:
        ``YYYYMMDD``, null for 0.

    Example:
        >>> date_texts(np.array([19850213, 0])).to_pylist()
        ['19850213', None]
    """
    return pa.array(numbers, mask=numbers == 0).cast(pa.string())


def number(values: Spans) -> NDArray[np.int64]:
    """Reads whole numbers, also ``6.0``, and names of months.

    Args:
        values: Raw days, months or years.

    Returns:
        ``int64[n]``, 0 where there is none. Two-digit years are read as they are.

    Example:
        >>> number(Spans.of(pa.array(["06", "6.0", "June", "?"]))).tolist()
        [6, 6, 6, 0]
    """
    texts = values.translated(_TEXT).array().to_pylist()
    numbers = np.zeros(len(texts), dtype=np.int64)
    for row, text in enumerate(texts):
        whole = text.partition(".")[0] if text else ""
        if whole.isdigit() and len(whole) <= 4:
            numbers[row] = int(whole)
        elif whole:
            numbers[row] = _MONTHS.get(whole.split(" ")[0], 0)
    return numbers


def birth_date(values: Spans, date_order: str | None = None) -> pa.StringArray:
    """Reads dates of birth.

    Known are ISO dates and timestamps, dates with slashes, dots, dashes and spaces, eight, seven and six
    digits, names of months in seven languages, two-digit years and spreadsheet day numbers.

    Args:
        values: Raw dates.
        date_order: Order where numbers alone do not tell: ``"dmy"``, ``"mdy"`` or ``"ymd"``. None finds it in
            the values themselves: what more of them allow, and ``"dmy"`` when nothing speaks for either.

    Returns:
        ``YYYYMMDD``, null where there is no possible date of birth.

    Example:
        >>> birth_date(Spans.of(pa.array(["1985-06-01", "1 June 1985", "1/6/85", "1900-01-01"]))).to_pylist()
        ['19850601', '19850601', '19850601', None]
    """
    clean = _without_clock(present(values))
    if date_order is None:
        date_order = _order(clean)
    numbers = np.zeros(len(clean), dtype=np.int64)
    done = clean.lengths == 0
    for length, year_at in ((10, 0), (10, 6), (8, 0)):
        rows = np.flatnonzero(~done & (clean.lengths == length))
        if len(rows):
            found, known = _fixed(clean, rows, length, year_at, date_order)
            numbers[rows[known]] = found
            done[rows[known]] = True
    rest = np.flatnonzero(~done)
    if len(rest):
        parts = np.array(list(_read(clean.take(rest), date_order)), dtype=np.int64).reshape(-1, 3)
        numbers[rest] = date_numbers(parts[:, 0], parts[:, 1], parts[:, 2])
    return date_texts(numbers)


def _without_clock(clean: Spans) -> Spans:
    """Cuts the time off ISO timestamps."""
    mark = clean.bytes_at(clean.starts + 10)
    stamped = (clean.lengths > 12) & ((mark == ord("T")) | (mark == ord(" ")))
    stamped &= clean.bytes_at(clean.starts + 4) == ord("-")
    stamped &= clean.bytes_at(clean.starts + 7) == ord("-")
    return clean.within(clean.starts, np.where(stamped, clean.starts + 10, clean.stops))


def _fixed(
    clean: Spans, rows: NDArray[np.int64], length: int, year_at: int, date_order: str
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Reads the commonest shapes in bulk: ``1985-06-01``, ``01/06/1985`` and ``19850601``."""
    cells = clean.data[clean.starts[rows][:, None] + np.arange(length, dtype=np.int32)]
    digits = cells - np.uint8(ord("0"))
    if length == 8:
        places = [0, 1, 2, 3, 4, 5, 6, 7]
        separators: list[int] = []
    else:
        separators = [4, 7] if year_at == 0 else [2, 5]
        places = [i for i in range(10) if i not in separators]
    known = (digits[:, places] <= 9).all(axis=1)
    for at in separators:
        known &= np.isin(cells[:, at], np.frombuffer(b"-/. ", dtype=np.uint8))
    numerals = digits[known][:, places].astype(np.int64)
    if year_at == 0:
        year = numerals[:, :4] @ [1000, 100, 10, 1]
        first, second = numerals[:, 4:6] @ [10, 1], numerals[:, 6:] @ [10, 1]
        found = date_numbers(year, first, second)
        if length == 8:
            # eight digits that are no date with the year in front have it at the end
            day, month = numerals[:, :2] @ [10, 1], numerals[:, 2:4] @ [10, 1]
            if date_order != "dmy":
                day, month = month, day
            ahead = (year >= EARLIEST_YEAR) & (year < 2200) & (first <= 31) & (second <= 31)
            found = np.where(ahead, found, date_numbers(numerals[:, 4:] @ [1000, 100, 10, 1], month, day))
        return found, known
    year = numerals[:, 4:] @ [1000, 100, 10, 1]
    day, month = numerals[:, :2] @ [10, 1], numerals[:, 2:4] @ [10, 1]
    if date_order == "mdy":
        day, month = month, day
    return date_numbers(year, month, day), known


def _order(clean: Spans) -> str:
    """Finds out whether the day or the month comes first where the year is last."""
    texts = clean.array()
    parts = pc.extract_regex(texts, r"^(?P<a>\d{1,2})[-/. ](?P<b>\d{1,2})[-/. ]\d{2,4}\b")
    first = parts.field("a").filter(parts.is_valid()).cast(pa.int64()).to_numpy()
    second = parts.field("b").filter(parts.is_valid()).cast(pa.int64()).to_numpy()
    if not len(first):
        digits = pc.extract_regex(texts, r"^(?P<a>\d\d)(?P<b>\d\d)(?:18|19|20)\d\d$")
        first = digits.field("a").filter(digits.is_valid()).cast(pa.int64()).to_numpy()
        second = digits.field("b").filter(digits.is_valid()).cast(pa.int64()).to_numpy()
    return "mdy" if np.count_nonzero(second > 12) > np.count_nonzero(first > 12) else "dmy"


def _read(values: Spans, date_order: str) -> Iterator[tuple[int, int, int]]:
    """Reads dates one by one: year, month and day, zeros where the text is no date."""
    for text in values.translated(_TEXT).array().to_pylist():
        yield _read_one(text, date_order) if text else (0, 0, 0)


def _read_one(text: str, date_order: str) -> tuple[int, int, int]:
    text = _CLOCK.sub("", text)
    numbers = _NUMBERS.findall(text)
    month = next((_MONTHS[word] for word in _WORDS.findall(text) if word in _MONTHS), 0)
    if any(len(n) > 9 for n in numbers):
        return 0, 0, 0
    if month and len(numbers) == 2:
        return _named(numbers, month)
    if len(numbers) >= 3:
        return _three(numbers[:3], date_order)
    if len(numbers) == 2 and set(numbers[1]) == {"0"}:  # digits read as a float
        numbers = numbers[:1]
    if len(numbers) == 1:
        return _digits(numbers[0], date_order)
    return 0, 0, 0


def _named(numbers: list[str], month: int) -> tuple[int, int, int]:
    day, year = numbers
    if len(day) == 4 or (len(year) <= 2 and int(day) > 31):
        day, year = year, day
    return _century(year), month, int(day)


def _three(numbers: list[str], date_order: str) -> tuple[int, int, int]:
    a, b, c = numbers
    if len(a) == 4 or (date_order == "ymd" and len(c) <= 2):
        return _century(a), int(b), int(c)
    if date_order == "mdy":
        return _century(c), int(a), int(b)
    return _century(c), int(b), int(a)


def _digits(text: str, date_order: str) -> tuple[int, int, int]:
    if len(text) == 7:  # the zero in front got lost
        text = "0" + text
    if len(text) == 8:
        year, first, second = int(text[:4]), int(text[4:6]), int(text[6:])
        if EARLIEST_YEAR <= year < 2200 and first <= 31 and second <= 31:
            return year, first, second
        return _three([text[:2], text[2:4], text[4:]], "dmy" if date_order == "dmy" else "mdy")
    if len(text) == 6:
        return _three([text[:2], text[2:4], text[4:]], date_order)
    if len(text) == 5:  # days since the end of 1899, as spreadsheets count
        date = _EXCEL_EPOCH + datetime.timedelta(days=int(text))
        return date.year, date.month, date.day
    return 0, 0, 0


def _century(year: str) -> int:
    if len(year) > 2:
        return int(year)
    short = int(year)
    return short + (2000 if short <= datetime.datetime.now(tz=datetime.UTC).year % 100 else 1900)


def full_years(year: NDArray[np.int64]) -> NDArray[np.int64]:
    """Completes two-digit years.

    Args:
        year: ``int64[n]``, two or four digits.

    Returns:
        ``int64[n]``: years of which none is to come.

    Example:
        >>> full_years(np.array([85, 1985, 3])).tolist()
        [1985, 1985, 2003]
    """
    recent = datetime.datetime.now(tz=datetime.UTC).year % 100
    return np.where((year >= 0) & (year < 100), year + np.where(year <= recent, 2000, 1900), year)


def part(values: Spans) -> pa.StringArray:
    """Reads days, months or years of birth.

    Args:
        values: Raw parts.

    Returns:
        Whole numbers as text, null where there is none.

    Example:
        >>> part(Spans.of(pa.array(["06", "June"]))).to_pylist()
        ['6', '6']
    """
    return date_texts(number(values))
