"""When things happened, whatever the clock of their sender."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk.capture.collector.times import LONGEST_WAIT, TOLERANCE, corrected

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
waits = st.timedeltas(min_value=timedelta(0), max_value=LONGEST_WAIT)
errors = st.timedeltas(min_value=timedelta(days=-20_000), max_value=timedelta(days=20_000))
times = st.datetimes(timezones=st.just(UTC))


@given(waits, errors)
def test_a_wrong_clock_is_put_right(wait: timedelta, error: timedelta) -> None:
    happened = NOW - wait
    found = corrected(happened + error, NOW + error, NOW)
    assert abs(found - happened) <= (TOLERANCE if abs(error) <= TOLERANCE else timedelta(0))


@given(waits)
def test_times_of_a_right_clock_stay_as_they_were_sent(wait: timedelta) -> None:
    assert corrected(NOW - wait, NOW - TOLERANCE / 2, NOW) == min(NOW - wait, NOW - wait)


@given(times, st.none() | times)
def test_nothing_happens_after_it_is_received(occurred: datetime, sent: datetime | None) -> None:
    assert corrected(occurred, sent, NOW) <= NOW + TOLERANCE


@given(times, times)
def test_no_claim_moves_a_time_into_the_past(occurred: datetime, sent: datetime) -> None:
    assert corrected(occurred, sent, NOW) >= min(occurred, NOW - LONGEST_WAIT)


def test_the_time_sent_is_the_event_s_then_the_envelope_s_then_the_header_s(ask: Any) -> None:
    received = datetime.now(UTC)
    behind = received - timedelta(days=40)

    def at(seconds: float) -> str:
        return (behind - timedelta(seconds=seconds)).isoformat()

    event = {"type": "track", "event": "E", "userId": "u-1"}
    own = {**event, "originalTimestamp": at(60), "sentAt": at(0)}
    ask("POST", "/v1/batch", {"batch": [own], "sentAt": at(7_000)}, headers={"SentAt": at(8_000)})
    ask(
        "POST",
        "/v1/batch",
        {"batch": [{**event, "timestamp": at(120)}], "sentAt": at(0)},
        headers={"SentAt": "x"},
    )
    ask("POST", "/v1/track", {**event, "originalTimestamp": at(180)}, headers={"SentAt": at(0)})
    waited = [60, 120, 180]
    for found, seconds in zip(ask.arrived(), waited, strict=True):
        off = datetime.fromisoformat(found["timestamp"]) - (received - timedelta(seconds=seconds))
        assert abs(off) < timedelta(seconds=5)
        assert found["originalTimestamp"] == at(seconds)


def test_a_time_with_a_right_clock_arrives_as_it_was_sent(ask: Any) -> None:
    now = datetime.now(UTC)
    stamp = (now - timedelta(days=900)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    ask("POST", "/v1/track", {"event": "E", "userId": "u-1", "timestamp": stamp, "sentAt": now.isoformat()})
    (event,) = ask.arrived()
    assert event["timestamp"] == event["originalTimestamp"] == stamp


def test_an_event_without_a_time_happened_when_it_came(ask: Any) -> None:
    ask("POST", "/v1/track", {"event": "E", "userId": "u-1"})
    (event,) = ask.arrived()
    assert abs(datetime.fromisoformat(event["timestamp"]) - datetime.now(UTC)) < timedelta(seconds=20)
    assert "originalTimestamp" not in event


def test_a_time_without_a_zone_is_utc_as_in_a_graph(ask: Any) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    event = {"event": "E", "userId": "u-1", "timestamp": "2026-03-01T12:00:00.5", "sentAt": now.isoformat()}
    assert ask("POST", "/v1/track", event)[0] == 200
    (found,) = ask.arrived()
    assert datetime.fromisoformat(found["timestamp"]) == datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
