"""Nothing is stored that nobody has agreed to."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cxm_sdk.cli.serve_config import ServeConfig
from cxm_sdk.events.consent import ConsentRules

RULES = ConsentRules(
    {"necessary": "pass", "analytics": "hold", "advertising": "drop"},
    default="analytics",
    events={"Tea Ordered": "necessary", "Ad *": "advertising"},
)


def viewed(
    name: str, who: str = "a-1", said: bool | None = None, event: str = "Tea Viewed"
) -> dict[str, Any]:
    context = {} if said is None else {"consent": {"categoryPreferences": {"analytics": said}}}
    return {"type": "track", "event": event, "anonymousId": who, "messageId": name, "context": context}


def spooled(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*.seg"))


class Silent:
    """A sink that takes nothing, so that all stays in the spool."""

    identity = "silent"

    def send(self, batch: Any) -> None:
        time.sleep(0.2)
        raise OSError


def test_what_is_held_is_on_no_disk_and_goes_once_somebody_agrees(
    make: Callable[..., Any], tmp_path: Path
) -> None:
    ask = make(consent=RULES)
    answer = ask(
        "POST", "/v1/batch", {"batch": [viewed("m-1"), viewed("m-2", "a-2"), viewed("m-3", event="Ad Seen")]}
    )
    assert answer.statuses == ["held", "held", "dropped"]
    assert answer.reasons == ["consent_unknown", "consent_unknown", "consent_unknown"]
    assert b"m-1" not in spooled(tmp_path)
    assert ask("POST", "/v1/track", viewed("m-4", event="Tea Ordered")).statuses == ["accepted"]
    assert [event["messageId"] for event in ask.arrived()] == ["m-4"]
    assert ask("POST", "/v1/track", viewed("m-5", said=True)).statuses == ["accepted"]
    assert sorted(event["messageId"] for event in ask.arrived()) == ["m-1", "m-4", "m-5"]
    assert ask("POST", "/v1/track", viewed("m-6", "a-2", said=False)).statuses == ["dropped"]
    assert ask("POST", "/v1/track", viewed("m-7", "a-2")).reasons == ["consent_refused"]
    assert len(ask.arrived()) == 3


def test_an_event_that_is_held_twice_arrives_once(make: Callable[..., Any]) -> None:
    ask = make(consent=RULES)
    assert ask("POST", "/v1/batch", {"batch": [viewed("m-1"), viewed("m-1")]}).statuses == ["held", "held"]
    ask("POST", "/v1/track", viewed("m-2", said=True))
    assert sorted(event["messageId"] for event in ask.arrived()) == ["m-1", "m-2"]


def test_a_refusal_removes_what_is_stored_and_not_delivered(make: Callable[..., Any], tmp_path: Path) -> None:
    ask = make(sink=Silent(), consent=RULES)
    ask("POST", "/v1/batch", {"batch": [viewed("m-1", said=True), viewed("m-2", "a-2", said=True)]})
    assert b"m-1" in spooled(tmp_path)
    ask("POST", "/v1/track", viewed("m-3", said=False))
    end = time.monotonic() + 5
    while b"m-1" in spooled(tmp_path) and time.monotonic() < end:
        ask("POST", "/v1/track", viewed("m-4", said=True))
        ask("POST", "/v1/track", viewed("m-5", said=False))
    assert b"m-1" not in spooled(tmp_path)
    assert b"m-2" in spooled(tmp_path)


def test_what_is_dropped_is_counted_by_its_reason(make: Callable[..., Any]) -> None:
    ask = make(consent=ConsentRules({"analytics": "hold"}, default="analytics", max_seconds=0.05))
    ask("POST", "/v1/track", viewed("m-1"))
    end = time.monotonic() + 5
    counted = b'cxm_collector_events_total{source="default",status="consent_hold_expired"} 1.0'
    while counted not in (told := ask("GET", "/metrics").body) and time.monotonic() < end:
        time.sleep(0.02)
    assert counted in told
    assert b'cxm_collector_events_total{source="default",status="held"} 1.0' in told


def test_the_rules_may_stand_in_the_configuration(make: Callable[..., Any]) -> None:
    text = """
[consent]
categories = {analytics = "drop", necessary = "pass"}
default = "analytics"
events = {"Tea Ordered" = "necessary"}
"""
    ask = make(consent=ServeConfig.read(text).consent_rules())
    answer = ask("POST", "/v1/batch", {"batch": [viewed("m-1"), viewed("m-2", event="Tea Ordered")]})
    assert answer.statuses == ["dropped", "accepted"]
