"""Times in their usual spelling are what the slower reader of all spellings says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.moments import counted, iso, moment
from cxm_sdk.adapters.times import UnreadableTimeError, read_time

ZONES = st.sampled_from([None, UTC, ZoneInfo("Europe/London"), timezone(timedelta(hours=-6))])
SPELLED = st.builds(
    lambda at, mark, digits, zone: (
        f"{at.year:04}-{at:%m-%d}{mark}{at:%H:%M:%S}"
        + (f".{at.microsecond:06}123"[: digits + 1] * (digits > 0))
        + zone
    ),
    st.datetimes(),
    st.sampled_from("T "),
    st.integers(0, 9),
    st.sampled_from(["Z", "", "+05:30", "-08:00", "+0000", "-0930", "+02", "-23:59", "+99:99"]),
)
NEARLY = st.from_regex(
    r"\d{4}-\d\d-\d\d[T t]\d\d:\d\d:\d\d([.,]\d{0,10})?(Z|z| Z|[+-]\d{1,2}:?\d{0,3})?", fullmatch=True
)


def slowly(text: str, zone: tzinfo | None) -> datetime | None:
    try:
        return read_time(text, "iso", zone)
    except UnreadableTimeError:
        return None


@given(
    st.one_of(
        st.integers(-(10**12), 3 * 10**11),
        st.integers(-(10**18), 10**18),
        st.integers(),
        st.from_regex(r"-?\d{1,19}(\.\d)?", fullmatch=True),
        st.sampled_from([True, 1.5, None, "", "٣", -62135596800, -62135596801, 253402300799, 253402300800]),
    ),
    st.sampled_from(["s", "ms", "us"]),
)
def test_what_is_counted_at_once_is_what_the_slower_reader_counts(value: object, form: Any) -> None:
    try:
        expected = read_time(value, form)
    except UnreadableTimeError:
        expected = None
    found = counted(value, form)
    assert found == expected or found is None
    if type(value) is int:
        assert found == expected


@given(SPELLED, ZONES)
def test_times_of_the_usual_spelling_are_read(text: str, zone: tzinfo | None) -> None:
    wanted = slowly(text, zone)
    made = moment(text, zone)
    assert made == wanted
    assert made is None or made.tzinfo is UTC


@given(NEARLY | st.text(max_size=40), ZONES)
def test_what_is_read_is_never_another_time(text: str, zone: tzinfo | None) -> None:
    made = moment(text, zone)
    assert made is None or made == slowly(text, zone)


@pytest.mark.parametrize(
    "text",
    ["2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "0000-01-01T00:00:00Z",
     "2026-W01-1T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00.Z",
     "2026-01-01T00:00:00.1234567890Z",
     "2026-01-01T00:00:00ZZ", "2026-01-01T00:00:00", "\u0662026-01-01T00:00:00Z", "20a6-01-01T00:00:00Z"],
)  # fmt: skip
def test_what_is_no_time_is_none(text: str) -> None:
    assert moment(text, None) is None


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5))])) | st.datetimes())
def test_times_are_written_as_python_does(at: datetime) -> None:
    assert iso(at) == at.isoformat()


def test_times_of_a_class_of_its_own_are_written_by_it() -> None:
    class Loud(datetime):
        def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
            return super().isoformat(sep, timespec) + "!"

    assert re.fullmatch(r"2026-.*!", iso(Loud(2026, 1, 1, tzinfo=UTC)))
