"""How the dates of a column are written: which part is the day, which the month."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cxm_sdk.identity.normalize.dates import EARLIEST_YEAR
from cxm_sdk.identity.roles import known_values as known
from cxm_sdk.identity.roles.known_values import plain_word

__all__ = ["DateVotes", "count_date_votes", "is_parted"]

_PARTS: Final = re.compile(r"(\d{1,4})([-/.\s])\s?(\d{1,2})\2\s?(\d{1,4})(?:[T\s,]+\d.*)?")
_COMPACT: Final = re.compile(r"(\d{8})(?:[T\s]?\d{4,6}.*)?")
_WORDED: Final = re.compile(
    r"\d{1,2}(?:st|nd|rd|th)?[\s./-]*[^\W\d_]{3,12}[\s.,/-]*\d{2,4}"
    r"|[^\W\d_]{3,12}[\s.]*\d{1,2}(?:st|nd|rd|th)?[\s,]+\d{2,4}"
)
_NEWEST: Final = 2100


@dataclass(frozen=True)
class DateVotes:
    """How the dates of a column are written, in shares of its rows.

    Attributes:
        share: Rows that hold a date.
        ymd: Rows with the year first.
        day_first: Rows that make sense only with the day before the month.
        month_first: Rows that make sense only with the month before the day.
        either: Rows that make sense both ways.
        dotted: Rows whose parts are separated by full stops.
        timed: Rows that also hold a time of day other than midnight.
        years: Years, one for each distinct date that holds all four digits, in order.
    """

    share: float
    ymd: float
    day_first: float
    month_first: float
    either: float
    dotted: float
    timed: float
    years: tuple[int, ...]

    @property
    def order(self) -> str | None:
        """``ymd``, ``dmy`` or ``mdy`` as the values alone tell it; None when they do not."""
        if self.day_first or self.month_first:
            if self.day_first != self.month_first:
                return "dmy" if self.day_first > self.month_first else "mdy"
            return None
        if self.either:
            return None
        return "ymd" if self.ymd else None


def is_parted(text: str) -> bool:
    """Tells three numbers parted by one mark, as in a date, from other numbers.

    Args:
        text: One value.

    Returns:
        True for the form of a date, whether or not such a day exists.

    >>> is_parted("31.12.1999"), is_parted("555 0199")
    (True, False)
    """
    return bool(_PARTS.fullmatch(text))


def count_date_votes(weighted: Iterable[tuple[str, float]]) -> DateVotes:
    """Counts in which order the parts of dates can stand.

    Args:
        weighted: Distinct values and the number of rows that hold each.

    Returns:
        The votes, in shares of all rows given.

    >>> count_date_votes([("24/12/1990", 1.0), ("01/02/1985", 3.0)]).order
    'dmy'
    """
    counts = dict.fromkeys(("share", "ymd", "day_first", "month_first", "either", "dotted", "timed"), 0.0)
    years, total = list[int](), 0.0
    for text, weight in weighted:
        total += weight
        found = _date(text)
        if found is None:
            continue
        kind, year, dotted = found
        timed = re.search(r"\d:\d", text) and not re.search(r"\b00:00(?::00)?", text)
        counts["share"] += weight
        counts[kind] += weight
        counts["dotted"] += weight * dotted
        counts["timed"] += weight * bool(timed)
        if year:
            years.append(year)
    shares = {name: count / (total or 1.0) for name, count in counts.items()}
    return DateVotes(**shares, years=tuple(sorted(years)))


def _date(text: str) -> tuple[str, int, bool] | None:
    """Reads one date: in which order its parts may stand, its year or 0, and whether full stops part it."""
    if match := _PARTS.fullmatch(text):
        first, mark, second, third = match.groups()
        if len(first) == 4 and len(third) <= 2:
            return (
                ("ymd", int(first), mark == ".") if _in_range(int(first), int(second), int(third)) else None
            )
        if len(first) <= 2 and len(third) in (2, 4):
            year = int(third) if len(third) == 4 else 0
            return _either_way(int(first), int(second), int(third), year, mark == ".")
        return None
    if match := _COMPACT.fullmatch(text):
        digits = match[1]
        if _in_range(int(digits[:4]), int(digits[4:6]), int(digits[6:])):
            return "ymd", int(digits[:4]), False
        return _either_way(int(digits[:2]), int(digits[2:4]), int(digits[4:]), int(digits[4:]), False)
    if _WORDED.fullmatch(text):
        words = re.findall(r"[^\W\d_]{3,}", plain_word(text))
        if any(word[:3] in known.MONTHS for word in words):
            digits = re.search(r"\d{4}", text)
            return "ymd", int(digits[0]) if digits else 0, False
    return None


def _either_way(first: int, second: int, third: int, year: int, dotted: bool) -> tuple[str, int, bool] | None:
    if year and not EARLIEST_YEAR <= year <= _NEWEST:
        return None
    day_first = 1 <= first <= 31 and 1 <= second <= 12
    month_first = 1 <= first <= 12 and 1 <= second <= 31
    if day_first and month_first:
        # 5 May says nothing about the order
        return ("either" if first != second else "ymd"), year, dotted
    if day_first or month_first:
        return ("day_first" if day_first else "month_first"), year, dotted
    if not year and 1 <= second <= 12 and 1 <= third <= 31:
        return "ymd", 0, dotted  # 71-12-24
    return None


def _in_range(year: int, month: int, day: int) -> bool:
    return EARLIEST_YEAR <= year <= _NEWEST and 1 <= month <= 12 and 1 <= day <= 31
