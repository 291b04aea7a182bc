"""Every form in which a source system writes a time is read, and none without its zone by guess."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk import AdapterError
from cxm_sdk.adapters.times import Form, UnreadableTimeError, read_time, zone_of

#: System, form, as it writes the time, the same in UTC. A zone behind the form is that of times which name none.
READ: list[tuple[str, Form, Any, str | None, str]] = [
    ("Salesforce REST", "iso", "2020-10-22T21:03:23.000+0000", None, "2020-10-22T21:03:23+00:00"),
    ("Salesforce CDC body", "iso", "2019-05-02T11:27:36Z", None, "2019-05-02T11:27:36+00:00"),
    ("Salesforce CDC body", "iso", "2019-05-02T11:27:05.000Z", None, "2019-05-02T11:27:05+00:00"),
    ("Salesforce CDC header", "ms", 1556796456000, None, "2019-05-02T11:27:36+00:00"),
    ("Marketing Cloud extract", "us_date", "3/9/2025 1:05:09 AM", "-06:00", "2025-03-09T07:05:09+00:00"),
    ("Marketing Cloud extract", "us_date", "12/31/2025 12:00:00 PM", "-06:00", "2025-12-31T18:00:00+00:00"),
    ("Marketing Cloud extract", "us_date", "7/1/2025 12:30 am", "-06:00", "2025-07-01T06:30:00+00:00"),
    ("HubSpot property", "ms", "1572480000000", None, "2019-10-31T00:00:00+00:00"),
    ("Marketo", "iso", "2023-01-16T23:32:19Z", None, "2023-01-16T23:32:19+00:00"),
    ("Marketo", "iso", "2014-09-17T22:31:49+0000", None, "2014-09-17T22:31:49+00:00"),
    ("Marketo", "iso", "2014-09-17T22:31:49-08:00", None, "2014-09-18T06:31:49+00:00"),
    ("Marketo notifications", "iso", "2014-09-17T22:31:49-5:00", None, "2014-09-18T03:31:49+00:00"),
    ("Marketo webhooks", "iso", "2018-03-07 14:28:16", "America/New_York", "2018-03-07T19:28:16+00:00"),
    ("Zendesk events", "iso", "2025-01-08T10:12:07.672717030Z", None, "2025-01-08T10:12:07.672717+00:00"),
    ("Freshdesk", "iso", "2015-08-24T11:59:05+05:30", None, "2015-08-24T06:29:05+00:00"),
    ("Freshdesk", "iso", "2015-08-24T11:59:05+10:00", None, "2015-08-24T01:59:05+00:00"),
    ("ServiceNow value", "iso", "2020-02-06 22:19:51", "UTC", "2020-02-06T22:19:51+00:00"),
    ("Dynamics", "odata", "/Date(1506409448000-0700)/", None, "2017-09-26T07:04:08+00:00"),
    ("Dynamics", "odata", "/Date(1506384247000)/", None, "2017-09-26T00:04:07+00:00"),
    ("SAP before 1970", "odata", "/Date(-86400000)/", None, "1969-12-31T00:00:00+00:00"),
    ("Oracle", "iso", "2024-03-01T08:00:00.123+00:00", None, "2024-03-01T08:00:00.123000+00:00"),
    ("Oracle", "iso", "2024-03-01T08:00:00+00:00", None, "2024-03-01T08:00:00+00:00"),
    ("Segment", "iso", "2025-02-23T22:28:57.198Z", None, "2025-02-23T22:28:57.198000+00:00"),
    ("Tealium", "s", "1663403658", None, "2022-09-17T08:34:18+00:00"),
    ("Tealium visitor", "ms", 1663403658000, None, "2022-09-17T08:34:18+00:00"),
    ("Tealium local", "iso", "2022-09-17T08:34:18", "Europe/London", "2022-09-17T07:34:18+00:00"),
    ("Adobe", "iso", "2024-05-01T10:00:00+02:00", None, "2024-05-01T08:00:00+00:00"),
    ("Qualtrics webhook", "iso", "2019-06-26 13:28:11", "America/Denver", "2019-06-26T19:28:11+00:00"),
    (
        "SurveyMonkey webhook",
        "iso",
        "2016-01-01T21:56:31.182613+00:00",
        None,
        "2016-01-01T21:56:31.182613+00:00",
    ),
    ("Roblox", "iso", "2023-12-30T16:24:24.2118874Z", None, "2023-12-30T16:24:24.211887+00:00"),
    ("Optimizely data platform", "s", 1577836800, None, "2020-01-01T00:00:00+00:00"),
    ("WhatsApp", "s", "1706709716", None, "2024-01-31T14:01:56+00:00"),
    ("Shopify", "iso", "2008-01-10T11:00:00-05:00", None, "2008-01-10T16:00:00+00:00"),
    ("GA4", "us", "1577836800000001", None, "2020-01-01T00:00:00.000001+00:00"),
    ("GA4 day", "day", "20200101", "America/Los_Angeles", "2020-01-01T08:00:00+00:00"),
    ("a table", "day", "2026-07-01", "Europe/London", "2026-06-30T23:00:00+00:00"),
]


@pytest.mark.parametrize(("system", "form", "written", "zone", "wanted"), READ)
def test_a_time_is_read(system: str, form: Form, written: Any, zone: str | None, wanted: str) -> None:
    found = read_time(written, form, None if zone is None else zone_of(zone))
    assert found.isoformat() == wanted
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(("system", "form", "written", "zone", "wanted"), [one for one in READ if one[3]])
def test_a_time_without_a_zone_is_refused_where_none_is_known(
    system: str, form: Form, written: str, zone: str, wanted: str
) -> None:
    with pytest.raises(UnreadableTimeError) as caught:
        read_time(written, form)
    assert caught.value.reason == "no_time_zone"
    assert written not in str(caught.value)


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("iso", "2020-02-30T00:00:00Z"),
        ("iso", "2020-02-03"),
        ("iso", "1663403658"),
        ("iso", 1663403658),
        ("iso", "2020-02-03T25:00:00Z"),
        ("iso", "0001-01-01T00:00:00+14:00"),
        ("iso", "２０２０-01-01T00:00:00Z"),
        ("s", True),
        ("s", float("nan")),
        ("s", float("inf")),
        ("s", "9" * 17),
        ("s", 10**400),
        ("ms", "2020-01-01T00:00:00Z"),
        ("ms", None),
        ("odata", "/Date(99999999999999999)/"),
        ("odata", "/Date()/"),
        ("odata", "1506384247000"),
        ("us_date", "13/1/2025 1:00:00 AM"),
        ("us_date", "1/1/2025 13:00:00 PM"),
        ("us_date", "1/1/2025 0:00:00 AM"),
        ("day", "20201301"),
        ("day", "2020-1-1"),
    ],
)
def test_what_is_no_time_of_the_form_is_refused(form: Form, written: Any) -> None:
    with pytest.raises(UnreadableTimeError) as caught:
        read_time(written, form, UTC)
    assert caught.value.reason == "unreadable_time"


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_an_offset_is_taken_off_and_numbers_say_the_same(local: datetime, minutes: int) -> None:
    sign, ahead = "-" if minutes < 0 else "+", abs(minutes)
    offset = f"{sign}{ahead // 60:02}:{ahead % 60:02}"
    at = (local - timedelta(minutes=minutes)).replace(tzinfo=UTC)
    assert read_time(local.isoformat() + offset, "iso") == at
    assert read_time(local.isoformat() + offset.replace(":", ""), "iso") == at
    whole = at - datetime(1970, 1, 1, tzinfo=UTC)
    assert read_time(whole // timedelta(microseconds=1), "us") == at
    assert read_time(str(whole // timedelta(microseconds=1)), "us") == at


@pytest.mark.parametrize("name", ["", "Nowhere/Town", "+25:99", "../etc/passwd", "UTC+1"])
def test_what_is_no_zone_is_an_error(name: str) -> None:
    with pytest.raises(AdapterError, match="timezone"):
        zone_of(name)
