"""Plans, privacy rules and consent as a client applies them: before anything is stored, and to what is stored."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cxm_sdk
from cxm_sdk.capture import Batch, Client, MemorySink
from cxm_sdk.events import ConsentUpdated, ProductShared, TicketOpened
from cxm_sdk.events.consent import ConsentRules
from cxm_sdk.events.identifiers import canonical_email, hashed
from cxm_sdk.events.plan import TrackingPlan
from cxm_sdk.events.plan.formats import recognised
from cxm_sdk.events.privacy import PrivacyRules

SECRETS = ("ada.lovelace@example.com", "7700900123", "Lovelace", "my heart aches", "192.0.2.77")


class Line:
    """A sink that can be down."""

    def __init__(self, *, up: bool = False) -> None:
        self.up = up
        self.events: list[dict[str, Any]] = []

    def send(self, batch: Batch) -> None:
        if not self.up:
            raise ConnectionError
        self.events += [json.loads(event) for event in batch.events]


def plan(mode: str) -> TrackingPlan:
    data = {
        "plan": "P",
        "mode": mode,
        "events": [
            {"name": "Order Completed", "properties": {"order_id": {"type": "string", "required": True}}}
        ],
    }
    return TrackingPlan(recognised(data, name="p"))


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def send_personal_data(client: Client) -> None:
    with client.context(ip="192.0.2.77"):
        client.identify(
            "u-1", {"email": "Ada.Lovelace@example.com", "phone": "+44 7700900123", "lastName": "Lovelace"}
        )
        client.track(TicketOpened(ticket_id="t-1", subject="my heart aches"), user_id="u-1")
        client.track("Ticket Opened", {"ticket_id": "t-2", "subject": "my heart aches"}, user_id="u-1")
        client.track(ProductShared(recipient="ada.lovelace@example.com"), user_id="u-1")
        client.track("Signed Up", {"email": "ada.lovelace@example.com"}, user_id="ada.lovelace@example.com")


def test_no_classified_value_reaches_the_disk_or_the_wire(tmp_path: Path) -> None:
    rules = PrivacyRules(paths={"context.ip": "drop"})
    stored = Client(Line(), spool=str(tmp_path), privacy=rules)
    send_personal_data(stored)
    on_disk = all_bytes(tmp_path)
    assert on_disk.count(b"messageId") == 5
    stored.close(timeout=0.1)
    sink = MemorySink()
    with Client(sink, privacy=rules) as client:
        send_personal_data(client)
    on_wire = json.dumps(list(sink.events)).encode()
    for secret in SECRETS:
        assert secret.lower().encode() not in on_disk.lower()
        assert secret.lower().encode() not in on_wire.lower()
    address = hashed(str(canonical_email("ada.lovelace@example.com")))
    assert on_wire.count(address.encode()) == 4


@pytest.mark.parametrize(("mode", "sent"), [("reject", 1), ("observe", 2), ("quarantine", 2)])
def test_a_plan_rejects_or_marks_what_does_not_fit(mode: str, sent: int) -> None:
    sink, checked = MemorySink(), plan(mode)
    with Client(sink, plan=checked) as client:
        client.track("Order Completed", {"order_id": "o-1"}, user_id="u")
        client.track("Order Completed", {"total": 1}, user_id="u")
    marks = [event["context"].get("trackingPlan") for event in sink.events]
    violations = [{"path": "properties.order_id", "rule": "required"}]
    mark = {"name": "P", "quarantined": mode == "quarantine", "violations": violations}
    assert [mark_ for mark_ in marks if mark_] == [mark] * (sent - 1)
    assert (checked.report().checked, checked.report().violating) == (2, 1)
    assert client.stats().rejected.get("plan", 0) == 2 - sent


def rules(**more: Any) -> ConsentRules:
    return ConsentRules({"analytics": "hold"}, default="analytics", **more)


def test_held_events_are_not_stored_and_are_sent_in_order_once_granted(tmp_path: Path) -> None:
    sink = MemorySink()
    with Client(sink, spool=str(tmp_path), consent=rules()) as client:
        for number in range(3):
            client.track("Product Viewed", {"secret": f"number {number}"}, anonymous_id="a-1")
        assert b"number" not in all_bytes(tmp_path)
        agreed = ConsentUpdated(
            consent_id="c", category_preferences={"analytics": True}, policy_version="1", method="banner"
        )
        client.track(agreed, anonymous_id="a-1")
        client.flush()
    assert [event["properties"].get("secret") for event in sink.events] == [
        "number 0",
        "number 1",
        "number 2",
        None,
    ]


@pytest.mark.parametrize("privacy", [None, PrivacyRules({"identifier": "hash"})])
def test_a_withdrawal_removes_what_is_stored_and_not_yet_sent(
    tmp_path: Path, privacy: PrivacyRules | None
) -> None:
    client = Client(Line(), spool=str(tmp_path), consent=rules(), privacy=privacy)
    for user in ("u-1", "u-2"):
        client.grant("analytics", user_id=user)
        client.track("Product Viewed", {"who": user}, user_id=user)
    client.withdraw("analytics", user_id="u-1")
    client.close(timeout=0.1)
    assert client.stats().dropped == {"consent_refused": 1}
    sink = Line(up=True)
    with Client(sink, spool=str(tmp_path)) as again:
        again.flush()
    assert [event["properties"]["who"] for event in sink.events] == ["u-2"]


def test_the_ledger_balances_with_held_events() -> None:
    sink = MemorySink()
    with Client(sink, consent=rules(max_events=2)) as client:
        for number in range(5):
            client.track("Product Viewed", {"n": number}, anonymous_id="a-1")
        stats = client.stats()
        assert (stats.accepted, stats.queued, stats.dropped) == (5, 2, {"consent_hold_full": 3})
    assert client.stats().dropped == {"consent_hold_full": 3, "consent_unknown": 2}
    assert len(sink.events) == 0


def test_the_client_names_what_it_was_given_when_it_has_no_consent_rules() -> None:
    with Client(MemorySink()) as client, pytest.raises(cxm_sdk.InputError, match="no consent rules"):
        client.grant("analytics", user_id="u")


@pytest.fixture
def watching() -> Callable[[], bool]:
    """Tells whether a thread that the test has started watches what is held."""
    before = set(threading.enumerate())
    return lambda: any(thread.name == "cxm-consent" for thread in set(threading.enumerate()) - before)


def test_what_is_held_too_long_is_dropped_in_time_though_nothing_else_happens(
    watching: Callable[[], bool],
) -> None:
    told: list[tuple[str, str, float]] = []
    rules = ConsentRules({"analytics": "hold"}, default="analytics", max_seconds=0.2)
    client = Client(
        MemorySink(),
        consent=rules,
        on_drop=lambda event, why: told.append((event["event"], why, time.monotonic())),
    )
    start = time.monotonic()
    client.track("Seen", {}, anonymous_id="a-1")
    time.sleep(0.1)
    client.track("Seen Later", {}, anonymous_id="a-1")
    assert client.stats().queued == 2
    while len(told) < 2 and time.monotonic() < start + 5:
        time.sleep(0.005)
    assert [(name, why) for name, why, _ in told] == [
        ("Seen", "consent_hold_expired"),
        ("Seen Later", "consent_hold_expired"),
    ]
    assert 0.2 <= told[0][2] - start < 2.0
    assert 0.3 <= told[1][2] - start < 2.0
    stats = client.stats()
    assert (stats.queued, stats.dropped, stats.balanced) == (0, {"consent_hold_expired": 2}, True)
    while watching() and time.monotonic() < start + 5:
        time.sleep(0.005)
    assert not watching()  # it watches only while something is held
    client.track("Seen Again", {}, anonymous_id="a-1")  # and then again
    while len(told) < 3 and time.monotonic() < start + 5:
        time.sleep(0.005)
    assert told[2][:2] == ("Seen Again", "consent_hold_expired")
    client.close()


def test_a_client_that_is_closed_watches_no_longer(watching: Callable[[], bool]) -> None:
    client = Client(MemorySink(), consent=ConsentRules({"analytics": "hold"}, default="analytics"))
    client.track("Seen", {}, anonymous_id="a-1")
    assert watching()
    assert client.close().dropped == {"consent_unknown": 1}
    end = time.monotonic() + 5
    while watching() and time.monotonic() < end:
        time.sleep(0.005)
    assert not watching()
