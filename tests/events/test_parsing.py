"""Events of real clients are read; whatever else comes is an error that says where and holds no value."""

from __future__ import annotations

import contextlib
import copy
import json
import pickle
from collections import UserDict
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk import EventError
from cxm_sdk.events import Event, GroupTraits, IdentifyTraits, OrderCompleted, Product, parse, registry

WHEN = "2026-03-01T12:00:00.123Z"
TRACK: dict[str, Any] = {
    "type": "track", "event": "Order Completed", "messageId": "m-1", "timestamp": WHEN, "userId": "u-1",
    "properties": {"order_id": "o-1", "total": 42.5, "currency": "EUR",
                   "products": [{"price": "9.90", "colour": "red"}]},
}  # fmt: skip


def track(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**TRACK, **changes}.items() if value is not ...}


def test_a_known_event_has_typed_properties() -> None:
    event = parse(TRACK)
    assert (event.type, event.name, event.message_id, event.user_id) == (
        "track",
        "Order Completed",
        "m-1",
        "u-1",
    )
    assert event.timestamp == datetime(2026, 3, 1, 12, 0, 0, 123000, UTC)
    assert isinstance(event.properties, OrderCompleted)
    assert event.properties.total == Decimal("42.5")
    (product,) = event.properties.products
    assert isinstance(product, Product)
    assert (product.price, product.colour) == (Decimal("9.90"), "red")  # type: ignore[attr-defined]


def test_an_unknown_event_keeps_its_properties_as_they_are() -> None:
    properties = {"n": 1.5, "none": None, "deep": [{"x": [True]}]}
    event = parse(track(event="Moon Landed", properties=properties))
    assert (event.name, event.properties) == ("Moon Landed", properties)
    assert event.to_wire()["properties"] == properties


def test_unknown_keys_of_the_envelope_are_kept() -> None:
    event = parse(track(_metadata={"bundled": []}, version=2, channel="server"))
    assert {key: event.to_wire()[key] for key in ("_metadata", "version", "channel")} == {
        "_metadata": {"bundled": []}, "version": 2, "channel": "server"
    }  # fmt: skip


@pytest.mark.parametrize("make", [json.dumps, lambda event: json.dumps(event).encode(), UserDict, MappingProxyType,
                                  lambda event: bytearray(json.dumps(event), "utf-8")])  # fmt: skip
def test_json_and_any_mapping_are_read_alike(make: Any) -> None:
    assert parse(make(TRACK)) == parse(TRACK)


@pytest.mark.parametrize("kind", ["identify", "group"])
def test_traits_are_typed_in_the_reserved_spelling_and_in_our_own(kind: str) -> None:
    wire = {
        "type": kind,
        "userId": "u",
        "groupId": "g",
        "traits": {"createdAt": "2020-01-01", "name": "Ada", "x": 1},
    }
    event = parse(wire)
    assert type(event.traits) is (IdentifyTraits if kind == "identify" else GroupTraits)
    assert event.traits.created_at == "2020-01-01"  # type: ignore[union-attr]
    assert event.to_wire()["traits"] == {"createdAt": "2020-01-01", "name": "Ada", "x": 1}
    other = parse({**wire, "traits": {"created_at": "2020-01-01", "name": "Ada", "x": 1}})
    assert other.traits == event.traits


@pytest.mark.parametrize("kind", ["page", "screen"])
def test_pages_and_screens_have_name_and_category(kind: str) -> None:
    event = parse(
        {"type": kind, "name": "Home", "category": "Shop", "anonymousId": "a", "properties": {"url": "/"}}
    )
    assert (event.name, event.category, event.properties) == ("Home", "Shop", {"url": "/"})
    assert {**event.to_wire(), "timestamp": 0, "messageId": 0} == {
        "type": kind, "name": "Home", "category": "Shop", "anonymousId": "a", "properties": {"url": "/"},
        "timestamp": 0, "messageId": 0,
    }  # fmt: skip
    assert parse({"type": kind, "name": None, "anonymousId": "a"}).name is None


# ---------------------------------------------------------------------------------------------- untidy clients


@pytest.mark.parametrize("absent", ["", None, ...])
@pytest.mark.parametrize(
    "key", ["anonymousId", "groupId", "previousId", "sentAt", "receivedAt", "integrations"]
)
def test_what_is_empty_or_null_is_absent(key: str, absent: Any) -> None:
    if key == "integrations" and absent == "":
        absent = None
    assert parse(track(**{key: absent})) == parse(TRACK)


@pytest.mark.parametrize(
    ("sent", "read"), [(7, "7"), (7.0, "7"), (2**70, str(2**70)), ("07", "07"), (-1, "-1")]
)
def test_numbers_given_as_identifiers_become_text(sent: Any, read: str) -> None:
    assert parse(track(userId=sent)).user_id == read
    assert parse(track(messageId=sent)).message_id == read


@pytest.mark.parametrize("sent", [True, float("nan"), 1.5, [], {}, ["u"], b"\xff"])
def test_what_is_no_identifier_is_an_error(sent: Any) -> None:
    with pytest.raises(EventError, match=r"^Order Completed: at userId: expected a valid string"):
        parse(track(userId=sent))


@pytest.mark.parametrize("sent", ["", None, ..., "  \t"])
def test_a_missing_message_id_is_made(sent: Any) -> None:
    first, second = (parse(track(messageId=sent)).message_id for _ in range(2))
    assert first != second
    assert 30 < len(first) <= 100


def test_a_message_id_has_at_most_100_characters() -> None:
    assert parse(track(messageId="m" * 100)).message_id == "m" * 100
    with pytest.raises(EventError, match="at messageId: String should have at most 100 characters, got str"):
        parse(track(messageId="m" * 101))


def test_the_time_falls_back_to_what_there_is() -> None:
    times = {"originalTimestamp": "2026-01-01T00:00:00Z", "sentAt": "2026-01-02T00:00:00Z",
             "receivedAt": "2026-01-03T00:00:00Z"}  # fmt: skip
    for absent in (..., None, ""):
        assert parse(track(timestamp=absent, **times)).timestamp == datetime(2026, 1, 1, tzinfo=UTC)
    del times["originalTimestamp"]
    assert parse(track(timestamp=..., **times)).timestamp == datetime(2026, 1, 2, tzinfo=UTC)
    del times["sentAt"]
    assert parse(track(timestamp=..., **times)).timestamp == datetime(2026, 1, 3, tzinfo=UTC)
    now = datetime.now(UTC)
    assert now <= parse(track(timestamp=...)).timestamp <= now + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("sent", "read"),
    [("2026-03-01T12:00:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
     ("2026-03-01T12:00:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
     ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
     (1772366400, datetime(2026, 3, 1, 12, tzinfo=UTC)), (1772366400000, datetime(2026, 3, 1, 12, tzinfo=UTC)),
     (datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=1))), datetime(2026, 3, 1, 11, tzinfo=UTC))],
)  # fmt: skip
def test_times_in_any_zone_and_as_unix_time_are_read(sent: Any, read: datetime) -> None:
    event = parse(track(timestamp=sent))
    assert event.timestamp == read
    assert event.to_wire()["timestamp"] == read.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    "sent", [datetime(2026, 3, 1), "yesterday", "2026-03-01T25:00:00", [], float("nan"), 1e300]
)
@pytest.mark.parametrize("key", ["timestamp", "sentAt"])
def test_a_datetime_without_a_zone_or_what_is_no_time_is_an_error(key: str, sent: Any) -> None:
    with pytest.raises(EventError, match=f"^Order Completed: at {key}: "):
        parse(track(**{key: sent}))


# ---------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        ({}, "event: at type: expected one of track, identify, page, screen, group, alias, got NoneType."),
        ({"type": "purchase"}, "event: at type: expected one of"),
        ({"type": ["track"]}, "event: at type: expected one of"),
        ({"type": "track", "userId": "u"}, "track: at event: this is required"),
        ({"type": "track", "event": "", "userId": "u"}, "track: at event: "),
        ({"type": "track", "event": 7, "userId": "u"}, "track: at event: expected a valid string, got int"),
        ({"type": "group", "userId": "u"}, "group: at groupId: this is required"),
        ({"type": "alias", "userId": "u"}, "alias: at previousId: this is required"),
        ({"type": "alias", "previousId": "u"}, "alias: at userId: this is required"),
        ({"type": "track", "event": "Order Completed", "userId": "u"},
         "Order Completed: at properties.order_id: this is required."),
        ({"type": "track", "event": "X", "properties": [1]},
         "track: at properties: expected a valid dictionary, got list"),
        ({"type": "track", "event": "X", "context": "c"}, "track: at context: expected a valid dictionary, got str"),
    ],
)  # fmt: skip
def test_an_error_says_what_was_expected_what_came_and_where(wire: Any, message: str) -> None:
    with pytest.raises(EventError) as caught:
        parse(wire)
    assert str(caught.value).startswith(message)


def test_an_error_holds_no_value_and_no_foreign_key() -> None:
    secret = "ada@example.com"
    wires = [
        track(properties={"order_id": [secret], "total": secret, "currency": secret, "products": [{"price": secret}]}),
        track(userId=[secret]), track(timestamp=secret), track(context={"x": 1, 2: secret}), track(type=secret),
        {"type": "track", "event": "Consent Updated", "userId": "u",
         "properties": {"consent_id": "c", "policy_version": "1", "method": "form",
                        "category_preferences": {secret: secret}}},
    ]  # fmt: skip
    for wire in wires:
        with pytest.raises(EventError) as caught:
            parse(wire)
        assert "ada" not in str(caught.value)
        assert caught.value.__cause__ is None or "ada" not in str(caught.value.__cause__)


@pytest.mark.parametrize("sent", [b"", b"{", "nope", b"\xff\xfe", "[1]", "7", "null", '"x"', 7, None, [TRACK], object(),
                                  "[" * 100_000])  # fmt: skip
def test_what_is_no_object_is_an_error(sent: Any) -> None:
    with pytest.raises(EventError, match=r"^event: expected "):
        parse(sent)


class Hostile:
    """Raises whatever is done with it."""

    def _raise(self, *_: object) -> Any:
        raise RuntimeError("no")

    __str__ = __eq__ = __hash__ = __len__ = __iter__ = __bool__ = __float__ = __index__ = _raise  # type: ignore[assignment]

    def _repr_pretty_(self, printer: Any, _: object) -> None:
        printer.text("Hostile()")


cycle: list[Any] = []
cycle.append(cycle)
SPECIAL = {
    "hostile": Hostile(), "cycle": cycle, "object": object(), "nan": Decimal("NaN"), "huge": Decimal("1E+999999"),
    "int": 10**5000, "half": "\ud800", "digits": "1" * 5000, "long": "x" * 200_000, "set": {1}, "range": range(3),
    "class": type,
}  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=8),
    st.datetimes(),
    st.sampled_from(sorted(SPECIAL)).map(lambda name: SPECIAL[name]),
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
KEYS = st.sampled_from(
    ["type", "event", "messageId", "timestamp", "userId", "anonymousId", "groupId", "previousId", "sentAt", "name",
     "originalTimestamp", "receivedAt", "context", "properties", "traits", "integrations", "category", "source", "x"]
)  # fmt: skip
FIELDS = st.sampled_from(
    ["order_id", "total", "currency", "products", "channel", "email", "address", "score", "x"]
)


@settings(max_examples=250)
@given(
    st.dictionaries(KEYS, ANYTHING, max_size=4),
    st.dictionaries(FIELDS, ANYTHING, max_size=4),
    st.sampled_from([*registry.EVENTS, ("page", ""), ("alias", ""), ("track", "Moon Landed")]),
)
def test_hostile_input_is_an_event_or_an_event_error_and_is_not_changed(
    envelope: dict[str, Any], properties: dict[str, Any], known: tuple[str, str]
) -> None:
    wire = {
        **TRACK,
        "type": known[0],
        "event": known[1],
        "properties": properties,
        "traits": properties,
        **envelope,
    }
    before = copy.copy(wire), copy.copy(properties)
    with contextlib.suppress(EventError):
        json.dumps(parse(wire).to_wire())
    assert [(list(now), [id(value) for value in now.values()]) for now in (wire, properties)] == [
        (list(then), [id(value) for value in then.values()]) for then in before
    ]


@pytest.mark.parametrize("name", ["Order Completed", "Account Added User", "Moon Landed"])
@pytest.mark.parametrize(
    "held", [10**5000, [10**5000], {"deep": [{"er": -(10**5000)}]}], ids=["it", "list", "deep"]
)
def test_a_whole_number_that_nobody_can_write_is_an_event_error(name: str, held: Any) -> None:
    with pytest.raises(EventError):
        parse({**TRACK, "event": name, "properties": {"order_id": held}}).to_wire()


@pytest.mark.parametrize("key", ["type", "event", "name", "userId", "messageId", "timestamp", "context"])
def test_a_value_that_raises_whatever_is_done_with_it_is_an_event_error(key: str) -> None:
    with pytest.raises(EventError):
        parse({**TRACK, key: Hostile()}).to_wire()


def test_a_mapping_that_raises_is_an_event_error() -> None:
    class Bad(UserDict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            raise RuntimeError("no")

    with pytest.raises(EventError, match="one that raises RuntimeError"):
        parse(Bad(TRACK))


# ---------------------------------------------------------------------------------------------- the envelope


def test_an_event_is_made_of_a_typed_body() -> None:
    event = Event.of(OrderCompleted(order_id="o", total="1.50"), user_id="u", context={"ip": "1.2.3.4"})
    assert event.context == {"ip": "1.2.3.4", "schema": "cxm:order_completed/1-0-0"}
    assert parse(event.to_wire()) == event
    assert Event.of(IdentifyTraits(first_name="Ada"), user_id="u").to_wire()["traits"] == {"firstName": "Ada"}


@pytest.mark.parametrize(
    "values", [{"type": "track"}, {"type": "group", "user_id": "u"}, {"type": "alias", "user_id": "u"}, {"type": "x"},
               {"type": "page", "timestamp": datetime(2026, 1, 1)}, {"type": "page", "user_id": ""}]
)  # fmt: skip
def test_an_envelope_lacking_what_it_needs_is_an_error(values: dict[str, Any]) -> None:
    with pytest.raises(EventError):
        Event(**values)


def test_an_event_is_frozen_copied_and_pickled() -> None:
    event = parse(TRACK)
    with pytest.raises(ValueError, match="frozen"):
        event.user_id = "u-2"
    assert event.model_copy(update={"user_id": "u-2"}).user_id == "u-2"
    assert pickle.loads(pickle.dumps(event)) == event
    assert type(event) is Event


def test_further_identifiers_are_listed_and_incomplete_ones_left_out() -> None:
    ids = [{"type": "loyalty_id", "id": "L-7", "collection": "users", "encoding": "none"}, {"type": "crm_id", "id": 5},
           {"type": "crm_id"}, {"id": "x"}, {"type": "a", "id": ""}, "x", None]  # fmt: skip
    found = parse(track(context={"externalIds": ids})).external_ids
    assert found == (("loyalty_id", "L-7", "users"), ("crm_id", "5", "users"))
    for none in (None, "x", {}, 7):
        assert parse(track(context={"externalIds": none})).external_ids == ()


@pytest.mark.parametrize("value", [object(), cycle, b"\xff"])
def test_what_json_cannot_hold_is_an_error_when_written(value: Any) -> None:
    for body in (OrderCompleted(order_id="o", odd=value), {"odd": value}):  # type: ignore[call-arg]
        event = Event(type="track", name="X", user_id="u", properties=body)
        with pytest.raises(EventError, match="is of a kind that JSON cannot hold"):
            event.to_wire()


@pytest.mark.parametrize("value", [object(), cycle, b"\xff", "\ud800"])
def test_what_json_cannot_hold_is_an_error_in_bytes_too(value: Any) -> None:
    with pytest.raises(EventError, match="Order Completed: a property is of a kind that JSON cannot hold"):
        OrderCompleted(order_id="o", odd=value).to_properties_json()  # type: ignore[call-arg]
