"""Ids and moments of events, and events written in one step: the same as those that are made as a dict first."""

from __future__ import annotations

import ctypes
import os
import threading
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import lt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk import Client
from cxm_sdk._native.envelopes import Envelopes, Kind, Stamps
from cxm_sdk.capture import MemorySink
from cxm_sdk.capture.context import context
from cxm_sdk.capture.encode import plain
from cxm_sdk.events import CartViewed, GroupTraits, IdentifyTraits, OrderCompleted, Product

TEXT = st.text(max_size=12)
IDS = (
    st.none() | TEXT | st.integers(-5, 5) | st.uuids() | st.booleans() | st.just(["u-1"]) | st.just("x" * 101)
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.decimals(allow_nan=True)
    | st.datetimes()
    | st.binary(max_size=5)
    | st.builds(object),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.integers(), inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(TEXT, VALUES, max_size=4)
BODIES = st.none() | MAPPINGS | st.just("text") | st.just("x" * 40_000).map(lambda text: {"long": text})
AROUND = st.none() | MAPPINGS | st.just({"library": "own", "schema": "own"}) | st.just([("a", 1)])
MOMENTS = st.none() | TEXT | st.datetimes() | st.integers(0, 10**9) | st.floats(0, 1e9)
USUAL = st.fixed_dictionaries(
    {"user_id": st.just("u-1")},
    optional={
        "anonymous_id": st.just("é-1"),
        "message_id": st.none() | st.just("m-1"),
        "timestamp": TEXT,
        "context": MAPPINGS,
    },
)
DETAILS = USUAL | st.fixed_dictionaries(
    {},
    optional={
        "user_id": IDS,
        "anonymous_id": IDS,
        "message_id": IDS,
        "timestamp": MOMENTS,
        "context": AROUND,
        "integrations": st.none() | st.just({"All": False}),
    },
)
TYPED = st.sampled_from(
    [
        OrderCompleted(order_id="o-1", total="42.50", currency="EUR", products=[Product(price="1.10", x=1)]),
        OrderCompleted(order_id='"', total=Decimal("1e30"), note="é\n"),
        CartViewed(cart_id="c-1", odd=[1, {"a": None}], late=datetime(2026, 3, 1, tzinfo=UTC)),
        CartViewed(cart_id="c-1", odd=object()),
        IdentifyTraits(email="ada@example.com"),
        GroupTraits(name="Example"),
    ]
)
WITHOUT_USER = DETAILS.map(lambda said: {key: value for key, value in said.items() if key != "user_id"})
CALLS = st.one_of(
    st.tuples(st.just("track"), st.tuples(st.just("Order Completed"), MAPPINGS), DETAILS),
    st.tuples(st.just("track"), st.tuples(TEXT | st.none(), BODIES), DETAILS),
    st.tuples(st.just("track"), st.tuples(TYPED), DETAILS),
    st.tuples(st.just("page"), st.tuples(st.none() | TEXT | st.integers(), BODIES), DETAILS),
    st.tuples(st.just("screen"), st.tuples(TEXT, BODIES), DETAILS),
    st.tuples(st.just("group"), st.tuples(IDS | st.just("g-1"), BODIES | MAPPINGS), DETAILS),
    st.tuples(st.just("identify"), st.tuples(IDS | st.just("u-1"), BODIES | MAPPINGS), WITHOUT_USER),
    st.tuples(st.just("alias"), st.tuples(IDS, IDS), WITHOUT_USER),
)
"""Calls of a client: which, what it is given, and what else."""


def test_ids_are_random_uuids_and_no_two_are_alike() -> None:
    stamps = Stamps()
    ids = [stamps.message_id() for _ in range(1_000)]
    assert len(set(ids)) == 1_000
    for text in ids:
        known = uuid.UUID(text)
        assert (str(known), known.version, known.variant) == (text, 4, uuid.RFC_4122)


def test_ids_of_several_threads_are_never_alike() -> None:
    stamps = Stamps()
    drawn: list[list[str]] = []

    def draw() -> None:
        drawn.append([stamps.message_id() for _ in range(5_000)])

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({text for ids in drawn for text in ids}) == 20_000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("by", ["python", "the C library"])
def test_a_forked_child_draws_other_ids_than_its_parent(by: str) -> None:
    stamps = Stamps()
    stamps.message_id()
    ours, theirs = os.pipe()
    child = os.fork() if by == "python" else ctypes.PyDLL(None).fork()  # as servers written in C do
    if not child:
        os.write(theirs, stamps.message_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(ours, 36).decode() not in {stamps.message_id() for _ in range(200)}
    os.close(ours)
    os.close(theirs)


def test_the_clock_is_that_of_the_host() -> None:
    stamps = Stamps()
    for _ in range(2_000):
        before = datetime.now(UTC)
        text = stamps.now()
        assert before <= datetime.fromisoformat(text) <= datetime.now(UTC) + timedelta(microseconds=1)
        assert (len(text), text[-1]) == (27, "Z")


def test_of_two_moments_the_latter_is_later() -> None:
    stamps = Stamps()
    moments = [stamps.now() for _ in range(100_000)]
    assert all(map(lt, moments, moments[1:]))
    assert abs(datetime.fromisoformat(stamps.now()) - datetime.now(UTC)) < timedelta(seconds=1)


def sent(call: tuple[str, tuple[Any, ...], dict[str, Any]], around: dict[str, Any], **options: Any) -> Any:
    """What becomes of a call: the event without what differs every time, and the ledger."""
    name, arguments, said = call
    sink = MemorySink()
    client = Client(sink, durability="memory", interval=0.0, **options)
    with context(**around):
        getattr(client, name)(*arguments, **said)
    client.close()
    stats = client.stats()
    events = [list(event.items()) for event in sink.events]
    for event in events:
        for at, (key, value) in enumerate(event):
            if key == "messageId" and value != str(said.get("message_id")):
                event[at] = (key, len(value))
            if key == "timestamp" and said.get("timestamp") is None:
                event[at] = (key, len(value))
    return events, stats.rejected, stats.dropped, stats.accepted


@given(
    CALLS,
    st.just({"user_id": "u-2", "locale": "de"})
    | st.fixed_dictionaries(
        {}, optional={"user_id": IDS, "anonymous_id": IDS, "locale": TEXT, "page": MAPPINGS, "schema": TEXT}
    ),
)
def test_what_is_written_in_one_step_is_what_would_be_made_as_a_dict_first(
    call: tuple[str, tuple[Any, ...], dict[str, Any]], around: dict[str, Any]
) -> None:
    assert repr(sent(call, around)) == repr(sent(call, around, before_send=lambda event: event))


def envelopes(limit: int = 1_000) -> Envelopes:
    return Envelopes(Stamps(), limit, plain)


def test_usual_events_are_written_in_one_step() -> None:
    kind = Kind("track", {"library": "l"}, {}, plain)
    own = {"event": "Order Completed", "properties": {"total": 42}}
    said = {"user_id": "u-1", "message_id": "m-1", "timestamp": "t", "integrations": None}
    assert envelopes().written(kind, own, "properties", said, {}) == (
        b'{"messageId":"m-1","type":"track","timestamp":"t","context":{"library":"l"},"userId":"u-1",'
        b'"event":"Order Completed","properties":{"total":42}}'
    )
    whole = envelopes().written(kind, own, "properties", {}, {"anonymousId": "a-1", "context": {"ip": "i"}})
    assert whole is not None
    assert b'"context":{"library":"l","ip":"i"},"anonymousId":"a-1","event"' in whole


def test_typed_events_are_written_in_one_step() -> None:
    layout = CartViewed.json_layout()
    kind = Kind(
        "track", {}, {"schema": "s"}, plain, name_key="event", name="Cart", slot="properties", layout=layout
    )
    said = {"user_id": "u-1", "message_id": "m-1", "timestamp": "t"}
    assert envelopes().typed(kind, CartViewed(cart_id="c-1"), said, {}) == (
        b'{"messageId":"m-1","type":"track","timestamp":"t","context":{"schema":"s"},"userId":"u-1",'
        b'"event":"Cart","properties":{"cart_id":"c-1"}}'
    )


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"user_id": ""},
        {"user_id": 5},
        {"user_id": "u-1", "message_id": ""},
        {"user_id": "u-1", "message_id": "m" * 101},
        {"user_id": "u-1", "timestamp": 1.5},
        {"user_id": "u-1", "context": [1]},
        {"user_id": "u-1", "integrations": {}},
        {"user_id": "u-1", "unknown": None},
        {"user_id": "u-1", "context": {"long": "x" * 1_000}},
    ],
)
def test_what_is_unusual_is_left_to_the_caller(said: dict[str, Any]) -> None:
    kind = Kind("track", {}, {}, plain)
    own = {"event": "Order Completed", "properties": {}}
    assert envelopes().written(kind, own, "properties", said, {}) is None


def test_a_text_of_the_longest_kind_is_written_and_one_longer_is_not() -> None:
    kind = Kind("track", {}, {}, plain)
    own = {"event": "E", "properties": {"text": "x"}}
    said = {"user_id": "u-1"}
    text = envelopes().written(kind, own, "properties", said, {})
    assert text is not None
    assert envelopes(len(text)).written(kind, own, "properties", said, {}) is not None
    assert envelopes(len(text) - 1).written(kind, own, "properties", said, {}) is None
