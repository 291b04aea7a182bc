"""What the calls put on the wire, what stages do to it, and that none of it ever hurts the host."""

from __future__ import annotations

import asyncio
import copy
import logging
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk import CaptureError, Client, EventError, InputError
from cxm_sdk.capture import FileSink, MemorySink
from cxm_sdk.capture.context import context
from cxm_sdk.events import IdentifyTraits, OrderCompleted
from cxm_sdk.events.consent import ConsentRules
from cxm_sdk.events.plan import TrackingPlan
from cxm_sdk.events.plan.formats import recognised
from cxm_sdk.events.privacy import PrivacyRules

LIBRARY = {"library": {"name": "cxm-sdk", "version": "0.1.0"}}


def sent(record: Callable[[Client], None], **options: Any) -> list[dict[str, Any]]:
    sink = MemorySink()
    with Client(sink, **options) as client:
        record(client)
    assert client.stats().balanced
    return sink.events


def one(record: Callable[[Client], None], **options: Any) -> dict[str, Any]:
    (event,) = sent(record, strict=True, **options)
    return event


def body(event: dict[str, Any]) -> dict[str, Any]:
    """The event without what is different every time."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event["timestamp"])
    assert uuid.UUID(event["messageId"]).version == 4
    return {key: value for key, value in event.items() if key not in ("timestamp", "messageId")}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            lambda client: client.track("Order Completed", {"total": 42.0}, user_id="u-1"),
            {"type": "track", "event": "Order Completed", "properties": {"total": 42.0}, "userId": "u-1"},
        ),
        (
            lambda client: client.track("Opened", anonymous_id="a-1"),
            {"type": "track", "event": "Opened", "properties": {}, "anonymousId": "a-1"},
        ),
        (
            lambda client: client.identify("u-1", {"email": "ada@example.com"}, anonymous_id="a-1"),
            {
                "type": "identify",
                "traits": {"email": "ada@example.com"},
                "userId": "u-1",
                "anonymousId": "a-1",
            },
        ),
        (
            lambda client: client.page("Cart", {"path": "/cart"}, category="Shop", user_id="u-1"),
            {
                "type": "page",
                "name": "Cart",
                "category": "Shop",
                "properties": {"path": "/cart"},
                "userId": "u-1",
            },
        ),
        (
            lambda client: client.screen("Home", user_id="u-1"),
            {"type": "screen", "name": "Home", "properties": {}, "userId": "u-1"},
        ),
        (
            lambda client: client.group("g-1", {"name": "Acme"}, user_id="u-1"),
            {"type": "group", "groupId": "g-1", "traits": {"name": "Acme"}, "userId": "u-1"},
        ),
        (
            lambda client: client.alias("a-1", "u-1"),
            {"type": "alias", "previousId": "a-1", "userId": "u-1"},
        ),
        (
            lambda client: client.track("X", user_id=17, integrations={"All": False}),  # type: ignore[arg-type]
            {"type": "track", "event": "X", "properties": {}, "userId": "17", "integrations": {"All": False}},
        ),
    ],
)
def test_a_call_is_written_as_the_wire_has_it(
    record: Callable[[Client], None], expected: dict[str, Any]
) -> None:
    assert body(one(record)) == {**expected, "context": LIBRARY}


def test_a_typed_event_is_written_with_its_name_properties_and_schema() -> None:
    order = OrderCompleted(order_id="o-1", total="42.00", currency="EUR")
    event = body(one(lambda client: client.track(order, user_id="u-1", context={"locale": "de"})))
    assert event == {
        "type": "track",
        "event": "Order Completed",
        "userId": "u-1",
        "properties": order.to_properties(),
        "context": {**LIBRARY, "locale": "de", "schema": "cxm:order_completed/1-0-0"},
    }
    staged = body(
        one(lambda c: c.track(order, user_id="u-1", context={"locale": "de"}), before_send=lambda e: e)
    )
    assert staged == event


def test_typed_traits_are_taken_by_identify() -> None:
    event = body(one(lambda client: client.identify("u-1", IdentifyTraits(email="ada@example.com"))))
    assert event["traits"] == {"email": "ada@example.com"}
    assert event["context"]["schema"] == IdentifyTraits.schema_id()


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (datetime(2026, 3, 1, 12, tzinfo=UTC), "2026-03-01T12:00:00.000Z"),
        (datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=-5))), "2026-03-01T17:00:00.000Z"),
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"),
        (1772366400, "2026-03-01T12:00:00.000Z"),
    ],
)
def test_a_time_that_is_given_is_kept(given: Any, written: str) -> None:
    event = one(lambda client: client.track("X", user_id="u-1", timestamp=given, message_id="m-1"))
    assert (event["timestamp"], event["messageId"]) == (written, "m-1")


def test_the_context_is_merged_and_what_the_event_says_wins() -> None:
    def record(client: Client) -> None:
        with client.context(user_id="u-1", anonymous_id="a-1", ip="1.2.3.4", locale="de", group_id="g-1"):
            client.track("X", user_id="u-2", context={"locale": "fr"})

    event = body(one(record))
    assert (event["userId"], event["anonymousId"]) == ("u-2", "a-1")
    assert event["context"] == {**LIBRARY, "ip": "1.2.3.4", "locale": "fr", "groupId": "g-1"}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (lambda client: client.track("X"), "no_user_anon_id"),
        (lambda client: client.track("X", user_id=""), "no_user_anon_id"),
        (lambda client: client.track("", user_id="u"), "no_event"),
        (lambda client: client.track(None, user_id="u"), "no_event"),
        (lambda client: client.track(3.5, user_id="u"), "no_event"),
        (lambda client: client.group("", user_id="u"), "no_group"),
        (lambda client: client.group(None, user_id="u"), "no_group"),
        (lambda client: client.alias("", "u"), "no_alias"),
        (lambda client: client.alias("a"), "no_user_anon_id"),
        (lambda client: client.track("X", 5, user_id="u"), "no_mapping"),
        (lambda client: client.identify("u", ["email"]), "no_mapping"),
        (lambda client: client.track("X", {"a": "x" * 40_000}, user_id="u"), "oversize"),
        (lambda client: client.track("X", user_id="u", message_id="m" * 101), "long_message_id"),
    ],
)
def test_what_cannot_be_an_event_is_refused_with_the_reason(
    record: Callable[[Client], None], reason: str
) -> None:
    told: list[str] = []
    for options in ({}, {"before_send": lambda event: event}):
        client = Client(MemorySink(), on_drop=lambda event, why: told.append(why), **options)
        record(client)
        assert client.stats().rejected == {reason: 1}
        assert told.pop() == reason
        strict = Client(MemorySink(), strict=True, **options)
        with pytest.raises(EventError):
            record(strict)
        assert strict.stats().balanced
        assert strict.stats().accepted == 1


def test_hooks_see_plain_values_and_change_or_drop_events() -> None:
    seen: list[dict[str, Any]] = []

    def first(event: dict[str, Any]) -> dict[str, Any]:
        seen.append(copy.deepcopy(event))
        event["properties"]["added"] = True
        event["context"]["library"]["name"] = "changed"
        return event

    def second(event: dict[str, Any]) -> dict[str, Any] | None:
        return None if event["event"] == "Secret" else event

    properties = {"when": datetime(2026, 3, 1, tzinfo=UTC), "tags": {"a"}}
    before = copy.deepcopy(properties)

    def record(client: Client) -> None:
        client.track("Open", properties, user_id="u-1")
        client.track("Secret", user_id="u-1")

    (event,) = sent(record, before_send=[first, second])
    assert seen[0]["properties"] == {"when": "2026-03-01T00:00:00.000Z", "tags": ["a"]}
    assert event["properties"]["added"] is True
    assert properties == before
    assert body(one(lambda client: client.track("X", user_id="u")))["context"] == LIBRARY


def test_callbacks_that_raise_cost_nothing_but_a_count() -> None:
    def broken(*arguments: Any) -> Any:
        raise RuntimeError("a bug of the host's")

    sink = MemorySink()
    client = Client(sink, on_drop=broken, on_error=broken)
    client.track("X")
    client.track("X", user_id="u-1")
    assert client.close().delivered == 1
    assert client.stats().warnings == {"on_drop": 1, "on_error": 1}

    client = Client(sink, before_send=broken, on_error=broken)
    client.track("X", user_id="u-1")
    client.close()
    assert client.stats().dropped == {"before_send_failed": 1}  # it may be what removes personal data
    assert client.stats().warnings == {"before_send": 1, "on_error": 1}
    assert client.stats().balanced


def test_callbacks_that_raise_leave_the_thread_alive() -> None:
    def broken(*arguments: Any) -> Any:
        raise RuntimeError("a bug of the host's")

    class Refusing:
        volatile = True
        count = 0

        def send(self, batch: Any) -> Any:
            self.count += 1
            raise CaptureError("of no kind the client knows")

    sink = Refusing()
    client = Client(sink, on_drop=broken, on_error=broken)
    client.track("X", user_id="u-1")
    client.flush(0.1)
    first = sink.count
    client.flush(0.1)
    assert sink.count > first >= 1
    client.close(0)


def test_a_person_is_sampled_as_a_whole() -> None:
    def record(client: Client) -> None:
        for person in range(400):
            for _ in range(3):
                client.track("X", user_id=f"u-{person}")

    events = sent(record, sample=0.25)
    people = [event["userId"] for event in events]
    assert all(people.count(person) == 3 for person in set(people))
    assert 60 < len(set(people)) < 140


def test_a_client_that_is_off_does_nothing_and_a_dry_one_sends_nothing() -> None:
    sink = MemorySink()
    before = set(threading.enumerate())
    off, dry = Client(sink, enabled=False), Client(sink, dry_run=True)
    for client in (off, dry):
        client.track("X", user_id="u-1")
        client.identify("u-1")
    assert set(threading.enumerate()) <= before  # one of an earlier test may have ended
    assert off.close().complete
    assert dry.close().dropped == {"dry_run": 2}
    assert off.stats().accepted == 0
    assert len(sink) == 0


def test_a_plan_refuses_marks_or_observes() -> None:
    schema = {"type": "object", "properties": {"properties": {"required": ["total"]}}}
    plan = {"display_name": "Shop", "rules": [{"type": "TRACK", "key": "Bought", "jsonSchema": schema}]}

    def record(client: Client) -> None:
        client.track("Bought", {}, user_id="u-1")
        client.track("Bought", {"total": 1}, user_id="u-1")

    content = recognised(plan, name="shop")
    assert len(sent(record, plan=TrackingPlan(content, mode="reject"))) == 1
    marked, fine = sent(record, plan=TrackingPlan(content, mode="observe"))
    assert marked["context"]["trackingPlan"]["violations"]
    assert "trackingPlan" not in fine["context"]
    with pytest.raises(EventError):
        sent(record, plan=TrackingPlan(content, mode="reject"), strict=True)


def test_no_classified_value_reaches_the_spool_or_the_wire(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "sent.jsonl")
    client = Client(sink, spool=tmp_path / "spool", privacy=PrivacyRules(), interval=60)
    client.identify("u-1", {"email": "ada@example.com", "phone": "+491711234567"})
    spooled = b"".join(path.read_bytes() for path in (tmp_path / "spool").rglob("*.seg"))
    client.close()
    for text in (spooled, (tmp_path / "sent.jsonl").read_bytes()):
        assert b"identify" in text
        assert b"ada@example.com" not in text
        assert b"1711234567" not in text


def test_events_wait_for_consent_and_what_is_withdrawn_leaves_the_disk(tmp_path: Path) -> None:
    rules = ConsentRules({"analytics": "hold"}, default="analytics")
    sink = MemorySink()
    client = Client(sink, spool=tmp_path, consent=rules, interval=60)
    client.track("Before", user_id="u-1")
    client.track("Before", user_id="u-2")
    assert client.stats().queued == 2
    client.grant("analytics", user_id="u-1")
    client.track("After", user_id="u-1")
    assert (client.stats().queued, client.stats().spooled) == (1, 2)
    client.withdraw("analytics", user_id="u-1")
    stats = client.stats()
    assert (stats.spooled, stats.dropped) == (0, {"consent_refused": 2})
    assert not any(b"u-1" in path.read_bytes() for path in tmp_path.rglob("*.seg"))
    client.close()
    assert client.stats().dropped == {"consent_refused": 2, "consent_unknown": 1}
    assert len(sink) == 0
    assert client.stats().balanced


def test_a_purge_removes_what_waits_from_disk_too(tmp_path: Path) -> None:
    sink = MemorySink()
    client = Client(sink, spool=tmp_path, interval=60)
    for number in range(10):
        client.track("X", {"n": number}, user_id=f"u-{number % 2}")
    assert client.purge(lambda event: event["userId"] == "u-1") == 5
    assert not any(b'"u-1"' in path.read_bytes() for path in tmp_path.rglob("*.seg"))
    assert client.close().delivered == 5
    assert client.stats().dropped == {"purged": 5}


@pytest.mark.parametrize(
    "arguments",
    [
        {"durability": "forever"},
        {"overflow": "panic"},
        {"sample": 1.5},
        {"batch_events": 0},
        {"batch_events": 2501},
        {"batch_bytes": 1 << 20},
        {"sink": []},
        {"sink": 5},
        {"sink": "ftp://example.com"},
        {"sink": "not a url"},
    ],
)
def test_a_client_that_cannot_be_is_not_made(arguments: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Client(**{"sink": MemorySink(), **arguments})


def test_events_wait_in_the_users_folder_unless_the_sink_ends_with_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    volatile = Client(MemorySink())
    volatile.track("X", user_id="u-1")
    volatile.close()
    assert list(tmp_path.iterdir()) == []
    for durability in ("process", "power"):
        client = Client("http://127.0.0.1:1", write_key=durability, durability=durability)
        client.track("X", user_id="u-1")
        assert client.close(0.0).spooled == 1
    spool = tmp_path / "cxm_sdk" / "spool"
    assert len(list(spool.rglob("*.seg"))) == 2
    assert not any("power" in path.name or "127.0.0.1" in path.name for path in spool.rglob("*"))


def test_clients_do_not_interfere() -> None:
    first, second = MemorySink(), MemorySink()
    one, two = Client(first), Client(second, before_send=lambda event: None)
    one.track("X", user_id="u-1")
    two.track("X", user_id="u-1")
    two.close()
    one.track("Y", user_id="u-1")
    one.close()
    assert [event["event"] for event in first.events] == ["X", "Y"]
    assert len(second) == 0


def test_async_hosts_wait_without_blocking_their_loop() -> None:
    gate = threading.Event()

    class Gated(MemorySink):
        def send(self, batch: Any) -> None:
            gate.wait(10)
            super().send(batch)

    async def host() -> tuple[bool, int]:
        client = Client(Gated())
        with context(user_id="u-1"):
            client.track("X")
        waiting = asyncio.create_task(client.aflush(10))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        gate.set()
        assert (await waiting).delivered == 1
        report = await client.aclose(5)
        return report.complete, report.delivered

    assert asyncio.run(host()) == (True, 1)


# --- hostile hosts ---


class Hostile:
    """Raises whatever is done to it."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    def __repr__(self) -> str:
        return "Hostile()"  # for whoever reads that a test failed

    def __hash__(self) -> int:
        return 1

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("no attribute")

    def __bool__(self) -> bool:
        raise RuntimeError("neither true nor false")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("not comparable")


class Disguised:
    __class__ = property(lambda self: 1 / 0)  # type: ignore[assignment]


class HostileKey:
    def __str__(self) -> str:
        raise RuntimeError("no text")


class HostileMapping(dict[str, Any]):
    def __iter__(self) -> Any:
        raise RuntimeError("no keys")

    keys = items = __getitem__ = __iter__  # type: ignore[assignment]


def cyclic() -> dict[str, Any]:
    value: dict[str, Any] = {"a": [1]}
    value["a"].append(value)
    return value


LARGE_TEXT = "x" * 10_000_000
LARGE_NUMBER = 10**5000
HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.text(st.characters(categories=["Cs"]), min_size=1),
    st.binary(),
    st.datetimes(),
    st.decimals(),
    st.uuids(),
    st.complex_numbers(),
    st.builds(object),
    st.builds(Hostile),
    st.builds(HostileMapping),
    st.builds(Disguised),
    st.builds(cyclic),
    st.just(Hostile),
    st.just("large").map(lambda _: LARGE_TEXT),
    st.just("large").map(lambda _: LARGE_NUMBER),
)
TREES = st.recursive(
    HOSTILE,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=5) | st.integers() | st.binary() | st.builds(HostileKey), inner, max_size=4
        )
        | st.tuples(inner)
    ),
    max_leaves=8,
)


def shape(value: object, depth: int = 0) -> object:
    """What a mutation would change: types, sizes and identities, without asking hostile objects anything."""
    if depth > 6:
        return ...
    if type(value) is dict:
        return [(id(key), id(item), shape(item, depth + 1)) for key, item in value.items()]
    if type(value) in (list, tuple):
        return [(id(item), shape(item, depth + 1)) for item in value]  # type: ignore[attr-defined]
    return id(value)


CALLS = ("track", "identify", "page", "screen", "group", "alias")
CALM = Client(MemorySink(), max_events=10_000)
STAGED = Client(
    MemorySink(),
    before_send=lambda event: event,
    privacy=PrivacyRules(),
    sample=0.9,
    consent=ConsentRules({"a": "pass"}, default="a"),
)
STRICT = Client(MemorySink(), strict=True)


@given(
    call=st.sampled_from(CALLS),
    first=TREES,
    second=TREES,
    common=st.fixed_dictionaries(
        {},
        optional={
            "user_id": TREES,
            "anonymous_id": TREES,
            "timestamp": TREES,
            "context": TREES,
            "message_id": TREES,
            "integrations": TREES,
        },
    ),
)
@settings(max_examples=100)
def test_no_input_raises_into_the_host_or_is_changed(
    call: str, first: Any, second: Any, common: dict[str, Any]
) -> None:
    for key in {"alias": ("anonymous_id", "user_id"), "identify": ("user_id",)}.get(call, ()):
        common.pop(key, None)
    before = shape([first, second, common])
    for client in (CALM, STAGED):
        accepted = client.stats().accepted
        getattr(client, call)(first, second, **common)
        stats = client.stats()
        assert stats.accepted == accepted + 1
        assert stats.balanced
    with suppress(EventError, CaptureError):
        getattr(STRICT, call)(first, second, **common)
    assert shape([first, second, common]) == before


@given(properties=st.dictionaries(st.text(max_size=5), TREES, max_size=5))
@settings(max_examples=60)
def test_whatever_the_properties_are_the_event_is_delivered_or_counted(properties: Mapping[str, Any]) -> None:
    sink = MemorySink()
    client = Client(sink)
    client.track("X", properties, user_id="u-1")
    client.close()
    stats = client.stats()
    assert (stats.delivered, stats.rejected) in ((1, {}), (0, {"oversize": 1}))
    assert len(sink.events) == stats.delivered  # what was sent is JSON


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    handlers = list(logging.getLogger().handlers)
    with caplog.at_level(logging.DEBUG):
        client = Client("http://127.0.0.1:1", durability="memory")
        client.track("X")
        client.track("X", {"a": object()}, user_id="u-1")
        client.close(0.1)
    assert caplog.records == []
    assert logging.getLogger().handlers == handlers
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("strict", [False, True])
def test_a_name_that_no_call_knows_is_an_error_as_in_any_function(strict: bool) -> None:
    client: Any = Client(MemorySink(), strict=strict)
    for call in (
        lambda **given: client.track("Seen", {}, **given),
        lambda **given: client.track(OrderCompleted(order_id="o-1"), **given),
        lambda **given: client.identify("u-1", **given),
        lambda **given: client.alias("a-1", "u-1", **given),
    ):
        with pytest.raises(TypeError, match="userid"):
            call(userid="u-1")
    assert client.close().delivered == 0


@pytest.mark.parametrize(
    "value", [17, 17.0, "17", Decimal("17.0"), np.int64(17), np.float64(17), np.str_("17")], ids=repr
)
def test_a_number_is_the_same_id_whatever_holds_it(value: Any) -> None:
    sink = MemorySink()
    with Client(sink, strict=True) as client:
        client.track("A", user_id=value)
        client.group(value, anonymous_id=value)
    assert [event["userId"] for event in sink.named("A")] == ["17"]
    assert [(event["groupId"], event["anonymousId"]) for event in sink.events[1:]] == [("17", "17")]


@pytest.mark.parametrize(
    "value", [float("nan"), np.float64("nan"), Decimal("NaN"), True, pd.NaT, pd.NA], ids=repr
)
def test_what_is_no_id_is_not_made_one(value: Any) -> None:
    sink = MemorySink()
    with Client(sink) as client:
        client.track("A", user_id=value)
    assert sink.events == []
    assert client.stats().rejected == {"no_user_anon_id": 1}


def test_what_is_missing_in_a_data_frame_is_null_and_no_text() -> None:
    sink = MemorySink()
    with Client(sink) as client:
        client.track("A", {"at": pd.NaT, "n": pd.NA}, user_id="u-1")
    assert sink.events[0]["properties"] == {"at": None, "n": None}
