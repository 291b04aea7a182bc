"""What is read at a glance is what pydantic reads; whatever pydantic would convert or refuse is left to it."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import (
    AliasPath,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from cxm_sdk import EventError
from cxm_sdk.events import Event, OrderCompleted, Product, parse, parsing, registry
from cxm_sdk.events.typed import Part, TypedEvent

builds = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("builds.py"))))
WHEN = "2026-03-01T12:00:00.123Z"
ORDER: dict[str, Any] = {
    "type": "track", "event": "Order Completed", "messageId": "m-1", "timestamp": WHEN, "userId": "u-1", "extra": [1],
    "context": {"ip": "::1"},
    "properties": {"order_id": "o-1", "total": "42.50", "tax": 1.25, "shipping": 3, "currency": "EUR", "coupon": None,
                   "products": [{"price": "9.90", "quantity": 2, "colour": "red"}, {"position": 1}], "odd": {"x": 1}},
}  # fmt: skip


def reader(event: dict[str, Any]) -> Any:
    return parsing.reader_of(event)


def alike(made: Any, other: Any) -> bool:
    """Whether two models are equal in every part, the classes of values and the order of fields included."""
    if type(made) is not type(other):
        return False
    if isinstance(made, tuple):
        return len(made) == len(other) and all(map(alike, made, other))
    if not isinstance(made, Event | TypedEvent | Product):
        return made is other or made == other or made != made
    return (
        list(made.__dict__) == list(other.__dict__)
        and all(alike(value, other.__dict__[name]) for name, value in made.__dict__.items())
        and made.__pydantic_extra__ == other.__pydantic_extra__
        and made.__pydantic_fields_set__ == other.__pydantic_fields_set__
        and made.__pydantic_private__ == other.__pydantic_private__
    )


def test_a_plain_order_is_read_at_a_glance() -> None:
    made = reader(ORDER).glance(ORDER)
    assert type(made) is Event
    assert isinstance(made.properties, OrderCompleted)
    assert alike(made, reader(ORDER).read(ORDER))
    assert parse(ORDER) == made


def test_an_event_that_checks_itself_as_a_whole_is_left_to_pydantic_in_that_part() -> None:
    properties = {
        "survey_id": "s",
        "survey_type": "nps",
        "response_id": "r",
        "score": 9,
        "nps_group": "passive",
    }
    event = {**ORDER, "event": "Survey Responded", "properties": properties}
    made = reader(event).glance(event)
    assert made.properties.nps_group == "promoter"
    assert alike(made, reader(event).read(event))
    properties["score"] = 11
    assert reader(event).glance(event) is None


ODD: list[Any] = [
    True, 1, 0, -1, 2**53, 2**70, 1.0, 0.1, -0.0, 1e300, float("nan"), float("inf"), "", " ", "7", " 7 ", "1.5",
    "-1.50", ".5", "5.", "-", ".", "1e3", "1_000", "٣", "NaN", "-Infinity", "EUR", "eur", "web", "\ud800", "é",
    "x" * 101, "true", WHEN, "2026-03-01T12:00:00", "2026-03-01", None, [], {}, {1: 2}, {"x": 1}, [{}], [None], [1],
    ({"price": "1"},), b"x", Decimal("1.50"), Decimal("-1e400"), Decimal("NaN"), Decimal("sNaN"),
]  # fmt: skip
CHANGES = st.dictionaries(
    st.sampled_from(["type", "event", "name", "messageId", "message_id", "timestamp", "sentAt", "userId", "user_id",
                     "groupId", "context", "properties", "traits", "integrations", "category", "x", "é"]),
    st.sampled_from(ODD), max_size=3,
)  # fmt: skip
INNER = st.dictionaries(
    st.sampled_from(["order_id", "total", "tax", "currency", "products", "channel", "store_id", "x", "firstName",
                     "first_name", "age", "address", "score", "is_bot", "dwell_seconds", "position", "x"]),
    st.sampled_from(ODD), max_size=4,
)  # fmt: skip
KNOWN = st.sampled_from(
    [*registry.EVENTS, *[("track", "Order Completed")] * 40, ("page", ""), ("track", "Moon Landed")]
)


@settings(max_examples=500)
@given(CHANGES, INNER, KNOWN, st.booleans())
def test_a_glance_sees_what_pydantic_reads_or_leaves_it(
    changes: dict[str, Any], inner: dict[str, Any], known: tuple[str, str], product: bool
) -> None:
    properties = {**ORDER["properties"], **inner}
    if product:
        properties["products"] = [inner]
    event = {
        **ORDER,
        "type": known[0],
        "event": known[1],
        "properties": properties,
        "traits": inner,
        **changes,
    }
    found = reader({"type": known[0], "event": known[1]})
    made = found.glance(event)
    if made is not None:
        assert alike(made, found.read(event))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(registry.EVENTS)).flatmap(lambda key: builds.models(registry.find(*key))))
def test_what_was_built_and_sent_is_seen_as_pydantic_reads_it(body: TypedEvent) -> None:
    wire = Event.of(body, user_id="u", group_id="g").to_wire()
    found = reader(wire)
    made = found.glance(wire)
    assert made is None or alike(made, found.read(wire))


@pytest.mark.parametrize("key", ["userId", "sentAt", "context"])
def test_what_is_refused_is_left_to_pydantic(key: str) -> None:
    event = {**ORDER, key: ["no"]}
    assert reader(ORDER).glance(event) is None
    with pytest.raises(ValidationError):
        reader(ORDER).read(event)


@pytest.mark.parametrize("event", [None, 7, [], "x", {}, {1: 2}, type("D", (dict,), {})(ORDER)])
def test_only_plain_dicts_are_seen(event: Any) -> None:
    assert reader(ORDER).glance(event) is None


def test_what_was_read_shares_nothing_that_can_change() -> None:
    first, second = reader(ORDER).glance(ORDER), reader(ORDER).glance(ORDER)
    first.context["ip"] = "changed"
    first.traits["x"] = 1
    first.properties.__pydantic_extra__["y"] = 1
    assert second.context == {"ip": "::1"} == ORDER["context"]
    assert second.traits == {}
    assert second.properties.__pydantic_extra__ == {"odd": {"x": 1}}


class Fancy(TypedEvent):
    """An event of somebody's own, with all that pydantic offers."""

    model_config = ConfigDict(extra="ignore")

    event_name = "Fancy Happened"

    count: int = Field(gt=0)
    label: str = Field(default="none", pattern="^[a-z]+$")
    deep: int = Field(default=0, validation_alias=AliasPath("a", 0))
    made: list[int] = Field(default_factory=lambda: [1])
    _seen: int = PrivateAttr(default=3)

    @field_validator("count")
    @classmethod
    def _doubled(cls, value: int) -> int:
        return value * 2


class Deep(TypedEvent):
    """An event whose field stands deeper than its key."""

    event_name = "Deep Happened"

    deep: int = Field(default=0, validation_alias=AliasPath("a", 0))
    made: list[int] = Field(default_factory=lambda: [1])
    tree: Tree | None = None
    code: Code | None = None
    several: list[int] = []  # noqa: RUF012 — pydantic copies it


class Code(Part):
    """A part that trims its text."""

    model_config = ConfigDict(str_strip_whitespace=True)

    text: str


class Tree(Part):
    """A part that holds itself."""

    inner: list[Tree] = Field(default_factory=list)
    next: Tree | None = None
    count: int = Field(default=1, gt=0)


@pytest.fixture
def own() -> Iterator[None]:
    Deep.model_rebuild(_types_namespace={"Tree": Tree, "Code": Code})
    registry.register(Fancy)
    registry.register(Deep)
    yield
    for cls in (Fancy, Deep):
        registry._classes.pop(("track", cls.event_name))
    for changed in registry.on_change:
        changed()


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    ("name", "properties"),
    [("Fancy Happened", {"count": 2, "label": "x", "a": [5], "gone": 1}), ("Fancy Happened", {"count": 0}),
     ("Fancy Happened", {"count": 1, "label": "A"}), ("Deep Happened", {"a": [5], "kept": 1}), ("Deep Happened", {}),
     ("Deep Happened", {"tree": {"inner": [{"inner": [], "x": 1}, {"count": 2}]}}),
     ("Deep Happened", {"tree": {"inner": [{"count": 0}]}}), ("Deep Happened", {"tree": {"next": {"next": {"y": 1}}}}),
     ("Deep Happened", {"tree": {"next": {"next": {"count": -1}}}}),
     ("Deep Happened", {"code": {"text": " x "}, "made": [2], "several": [3]})],
)  # fmt: skip
def test_whatever_pydantic_offers_holds_at_a_glance_too(name: str, properties: dict[str, Any]) -> None:
    event = {**ORDER, "event": name, "properties": properties}
    made = reader(event).glance(event)
    if made is None:
        with pytest.raises(EventError):
            parse(event)
    else:
        other = reader(event).read(event)
        assert made == other == parse(event)
        assert made.properties.__pydantic_private__ == other.properties.__pydantic_private__
        assert made.properties.__pydantic_extra__ == other.properties.__pydantic_extra__


@settings(max_examples=300)
@given(INNER, st.booleans(), st.sampled_from(sorted(registry.EVENTS)) | st.just(("track", "Order Completed")))
def test_a_constructor_gives_what_pydantic_gives(
    inner: dict[str, Any], product: bool, known: tuple[str, str]
) -> None:
    cls: Any = registry.find(*known)
    values = {**ORDER["properties"], **inner}
    if product:
        values["products"] = [inner, Product(price="1")]
    try:
        expected = cls.__pydantic_validator__.validate_python(values)
    except ValidationError:
        with pytest.raises(EventError):
            cls(**values)
    else:
        assert alike(cls(**values), expected)


class Paired(TypedEvent):
    """An event with a field that is checked against another."""

    low: int = 0
    high: int = 0

    @field_validator("high")
    @classmethod
    def _ordered(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data["low"]:
            raise ValueError("expected high above low")
        return value


def test_a_field_that_looks_at_another_is_left_to_pydantic() -> None:
    assert Paired(low=1, high=2).high == 2
    with pytest.raises(EventError, match="expected high above low"):
        Paired(low=2, high=1)


@settings(max_examples=100)
@given(st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{0,3})?|-?\.[0-9]{1,3}", fullmatch=True))
def test_an_amount_keeps_its_digits_however_often_it_comes(text: str) -> None:
    event = {
        **ORDER,
        "properties": {"order_id": "o", "total": text, "tax": text, "products": [{"price": text}]},
    }
    for _ in range(2):
        made = reader(event).glance(event).properties
        for amount in (made.total, made.tax, made.products[0].price):
            assert type(amount) is Decimal
            assert amount.as_tuple() == Decimal(text).as_tuple()


def test_amounts_that_are_remembered_are_forgotten_before_they_are_too_many() -> None:
    event = {**ORDER, "properties": {}}
    for number in range(5_000):
        event["properties"] = {"order_id": "o", "total": f"{number}.5", "tax": "1.5"}
        made = reader(event).glance(event).properties
        assert (made.total, made.tax) == (Decimal(number) + Decimal("0.5"), Decimal("1.5"))


def time_alike(made: Any, other: Any) -> bool:
    return (made, made.tzinfo, type(made.tzinfo), made.fold) == (
        other,
        other.tzinfo,
        type(other.tzinfo),
        other.fold,
    )


@settings(max_examples=200)
@given(st.datetimes(), st.sampled_from(["auto", "seconds", "milliseconds", "microseconds"]))
def test_a_time_of_the_wire_is_what_pydantic_makes_of_it(moment: datetime, fine: str) -> None:
    event = {**ORDER, "timestamp": moment.isoformat(timespec=fine) + "Z"}
    made, other = reader(event).glance(event), reader(event).read(event)
    assert time_alike(made.timestamp, other.timestamp)


@settings(max_examples=300)
@given(st.integers(0, len(WHEN) - 1), st.sampled_from("0123456789-:.TZ tz+é\u0660/;"), st.booleans())
def test_a_time_with_one_letter_changed_is_what_pydantic_makes_of_it(at: int, letter: str, cut: bool) -> None:
    text = WHEN[:at] + letter + ("" if cut else WHEN[at + 1 :])
    event = {**ORDER, "timestamp": text}
    made = reader(event).glance(event)
    if made is None:
        with pytest.raises(ValidationError):
            reader(event).read(event)
    else:
        assert time_alike(made.timestamp, reader(event).read(event).timestamp)


@given(st.lists(st.permutations(sorted(ORDER["properties"])), min_size=1, max_size=4), st.data())
def test_keys_in_any_order_come_to_the_same(orders: list[list[str]], data: st.DataObject) -> None:
    for _ in range(12):
        order = data.draw(st.sampled_from(orders))
        names = dict.fromkeys([*order[: data.draw(st.integers(0, len(order)))], "order_id"])
        event = {**ORDER, "properties": {name: ORDER["properties"][name] for name in names}}
        made, slowly = reader(event).glance(event), reader(event).read(event)
        assert made is not None
        assert alike(made, slowly)


def test_what_is_in_doubt_leaves_nothing_behind_in_an_order_that_is_known() -> None:
    for _ in range(3):
        assert reader(ORDER).glance(ORDER) is not None
    wrong = {**ORDER, "properties": {**ORDER["properties"], "products": [{"price": "much"}]}}
    assert reader(wrong).glance(wrong) is None
    assert alike(reader(ORDER).glance(ORDER), reader(ORDER).read(ORDER))


@given(
    st.datetimes(timezones=st.sampled_from([UTC, ZoneInfo("Europe/London"), timezone(timedelta(hours=-6))]))
)
def test_a_time_that_is_one_already_stays_as_pydantic_keeps_it(moment: datetime) -> None:
    event = {**ORDER, "timestamp": moment, "sentAt": moment}
    made, slowly = reader(event).glance(event), reader(event).read(event)
    assert made is not None
    assert alike(made, slowly)
    assert (made.timestamp, made.timestamp.tzinfo) == (slowly.timestamp, slowly.timestamp.tzinfo)


def test_a_time_of_no_zone_is_left_to_pydantic() -> None:
    event = {**ORDER, "timestamp": datetime(2026, 1, 1)}
    assert reader(event).glance(event) is None


@given(st.floats(-1e17, 1e17) | st.sampled_from([-0.0, 1e-7, 9.9, 1e22]))
def test_an_amount_given_as_a_float_is_what_it_is_written_as(number: float) -> None:
    made = Product(price=number)
    assert made.price == Decimal(repr(number))
    assert str(made.price) == str(Decimal(repr(number)))
