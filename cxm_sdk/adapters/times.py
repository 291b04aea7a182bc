"""The forms in which source systems write times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from cxm_sdk.errors import AdapterError

__all__ = ["Form", "UnreadableTimeError", "given_time", "read_time", "zone_of"]

Form = Literal["iso", "s", "ms", "us", "odata", "us_date", "day"]
"""How a time is written: ISO 8601; seconds, milliseconds, microseconds since 1970, as a number or as text;
``/Date(ms±hhmm)/``; ``3/9/2025 1:05:09 AM``; ``YYYYMMDD`` or ``YYYY-MM-DD`` alone."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNIT = {"s": 1_000_000, "ms": 1_000, "us": 1}
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*"
    r"(?:(Z|z)|([+-])(\d{1,2}):?(\d\d)?)?",
    re.ASCII,
)
_ODATA = re.compile(r"/Date\((-?\d{1,17})(?:[+-]\d{1,4})?\)/", re.ASCII)
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d)(?::(\d\d))? ?([AaPp])[Mm]", re.ASCII)
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,17}(?:\.\d{1,9})?", re.ASCII)


class UnreadableTimeError(ValueError):
    """A time that cannot be read, with a stable reason: ``unreadable_time`` or ``no_time_zone``."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo:
    """Finds a time zone.

    Args:
        name: Of the IANA database, such as ``Europe/London``, or an offset such as ``-06:00``.

    Returns:
        The zone.

    Raises:
        AdapterError: When there is none of that name.

    Example:
        >>> datetime(2026, 7, 1, tzinfo=zone_of("Europe/London")).utcoffset()
        datetime.timedelta(seconds=3600)
    """
    try:
        if re.fullmatch(r"[+-]\d\d:\d\d", name):
            zone = datetime.fromisoformat(f"2000-01-01T00:00:00{name}").tzinfo
            if zone is not None:
                return zone
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # what is no key, and what is not there
        raise AdapterError(
            "timezone: expected a name of the IANA database or an offset, got another text.",
            hint="such as Europe/London, or -06:00",
        ) from None


def given_time(given: object) -> datetime:
    """Reads the time that the option ``received`` says.

    Args:
        given: A time, or ISO 8601 text of one.

    Returns:
        The time, with its zone.

    Raises:
        AdapterError: When it is none, or names no zone.

    Example:
        >>> given_time("2026-01-01T00:00:00Z").isoformat()
        '2026-01-01T00:00:00+00:00'
    """
    try:
        at = datetime.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        at = None
    if not isinstance(at, datetime):
        got = "another text" if isinstance(given, str) else type(given).__name__
        raise AdapterError(
            f"received: expected a time, or ISO 8601 text of one, got {got}.",
            hint="such as 2026-01-01T00:00:00Z",
        )
    if at.tzinfo is None:
        raise AdapterError("received: expected a time with its zone, got one without.")
    return at


def read_time(value: object, form: Form, zone: tzinfo | None = None) -> datetime:
    """Reads a time.

    Args:
        value: Text or a number, as the source writes it.
        form: How the source writes it.
        zone: Zone of times that name none; None where it is not known.

    Returns:
        The time in UTC, to the microsecond; further digits are cut off.

    Raises:
        UnreadableTimeError: When it is not of that form, or names no zone and none is known.

    Example:
        >>> read_time("2020-10-22T21:03:23.000+0000", "iso").isoformat()
        '2020-10-22T21:03:23+00:00'
        >>> read_time("/Date(1506409448000-0700)/", "odata").isoformat()
        '2017-09-26T07:04:08+00:00'
        >>> read_time("2018-03-07 14:28:16", "iso")
        Traceback (most recent call last):
        ...
        cxm_sdk.adapters.times.UnreadableTimeError: expected a time with its zone, got one without
    """
    try:
        if form in _UNIT:
            return _count(value, form)
        if not isinstance(value, str):
            raise _unreadable(form, value)
        if form == "iso":
            return _iso(value, zone)
        if form == "odata":
            found = _ODATA.fullmatch(value)
            if found is None:
                raise _unreadable(form, value)
            return _EPOCH + timedelta(milliseconds=int(found[1]))
        return _local(value, form, zone)
    except UnreadableTimeError:
        raise
    except (ValueError, OverflowError):
        raise _unreadable(form, value) from None


def _count(value: object, form: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _unreadable(form, value)
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise _unreadable(form, value)
        value = float(value) if "." in value else int(value)
    count = value * _UNIT[form]
    return _EPOCH + timedelta(microseconds=count if type(count) is int else round(count))


def _iso(text: str, zone: tzinfo | None) -> datetime:
    found = _ISO.fullmatch(text)
    if found is None:
        raise _unreadable("iso", text)
    year, month, day, hour, minute, second, fraction, utc, sign, hours, minutes = found.groups()
    micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
    at = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micro)
    if utc:
        return at.replace(tzinfo=UTC)
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return (at - offset if sign == "+" else at + offset).replace(tzinfo=UTC)
    return _placed(at, zone)


def _local(text: str, form: str, zone: tzinfo | None) -> datetime:
    found = (_US_DATE if form == "us_date" else _DAY).fullmatch(text)
    if found is None:
        raise _unreadable(form, text)
    if form == "day":
        return _placed(datetime(*(int(part) for part in found.groups())), zone)  # type: ignore[arg-type]
    month, day, year, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    if not 1 <= hour <= 12:
        raise _unreadable(form, text)
    hour = hour % 12 + (12 if found[7] in "Pp" else 0)
    return _placed(datetime(year, month, day, hour, minute, second), zone)


def _placed(at: datetime, zone: tzinfo | None) -> datetime:
    if zone is None:
        raise UnreadableTimeError("no_time_zone", "expected a time with its zone, got one without")
    return at.replace(tzinfo=zone).astimezone(UTC)


def _unreadable(form: str, value: object) -> UnreadableTimeError:
    return UnreadableTimeError("unreadable_time", f"expected a time as {form}, got {type(value).__name__}")
