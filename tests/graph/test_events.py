"""Typed events go in as they are, and mean what their spelling on the wire means."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from oracle import as_text

from cxm_sdk import events
from cxm_sdk.capture.batch import Batch
from cxm_sdk.events.envelope import Event
from cxm_sdk.graph import ProfileGraph


def told() -> list[Event]:
    at = datetime(2026, 1, 5, 10, tzinfo=UTC)
    order = events.OrderCompleted(order_id="o-1", total="42.00", currency="EUR")
    return [
        Event(
            type="identify",
            user_id="u-1",
            anonymous_id="k",
            message_id="m-1",
            timestamp=at,
            traits={
                "email": "Ada@X.org",
                "firstName": "Ada",
                "address": {"city": "Ulm", "postalCode": "89073"},
            },
        ),
        Event.of(order, anonymous_id="k", message_id="m-2", timestamp=at + timedelta(minutes=1)),
    ]


def test_typed_events_are_what_their_spelling_on_the_wire_is() -> None:
    with ProfileGraph(":memory:") as typed, ProfileGraph(":memory:") as plain:
        assert typed.ingest(told()).accepted == 2
        plain.send(Batch([json.dumps(event.to_wire()).encode() for event in told()]))
        assert as_text(typed.snapshot()) == as_text(plain.snapshot())
        profile = typed.profile("email", "ada@x.org")
    assert {name: field.value for name, field in profile.golden.items()} == {
        "city": "Ulm",
        "email": "ada@x.org",
        "first_name": "Ada",
        "postcode": "89073",
        "user_id": "u-1",
    }


def test_an_order_on_a_browser_is_on_the_timeline_of_its_owner() -> None:
    with ProfileGraph(":memory:") as graph:
        graph.ingest(told())
        order, _ = graph.profile("user_id", "u-1").timeline()
        assert order.attributed
        assert order.item["properties"]["order_id"] == "o-1"


def test_a_single_typed_event_may_be_handed_in_alone() -> None:
    with ProfileGraph(":memory:") as graph:
        assert graph.ingest(told()[0]).accepted == 1
