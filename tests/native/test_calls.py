"""Calls of events say who and what as the wire has it; objects and names are those of the slow ways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.calls import Maker, call, identity_context, message_id
from cxm_sdk.adapters.parsed import Identifier
from cxm_sdk.events import parse

PARTS = (
    st.text(max_size=200) | st.integers() | st.none() | st.datetimes(timezones=st.just(UTC)) | st.datetimes()
)
WHO = st.builds(
    lambda namespace, value: Identifier(namespace, value, value),
    st.sampled_from(["email", "phone", "user_id", "anonymous_id", "crm.contact"]),
    st.sampled_from(["a", "b", "c"]),
)
AT = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.lists(PARTS, max_size=6))
def test_names_of_events_are_their_blake2b(parts: list[Any]) -> None:
    text = "\x1f".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in parts)
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20)
    assert message_id(*parts) == digest.hexdigest()


@pytest.mark.parametrize("size", [0, 127, 128, 129, 255, 256, 257, 1000])
def test_names_may_fill_any_number_of_blocks(size: int) -> None:
    assert message_id("x" * size) == blake2b(b"x" * size, digest_size=20).hexdigest()


@given(st.lists(WHO, max_size=6))
def test_everybody_who_is_named_stands_on_the_wire_once(who: list[Identifier]) -> None:
    wire = call(("track", "properties", "Tea Poured"), "shop", ("1",), AT, who, {"cups": 2, "milk": None}, {})
    first = {
        name: next((one.raw for one in who if one.namespace == name), None)
        for name in ("user_id", "anonymous_id")
    }
    assert (wire.get("userId"), wire.get("anonymousId")) == tuple(first.values())
    enveloped = sum(value is not None for value in first.values())
    assert len(wire["context"].get("externalIds", [])) == len(who) - enveloped
    assert {key: wire["context"][key] for key in wire["context"]} == identity_context(who)
    for trait in ("email", "phone"):
        told = next((one.raw for one in who if one.namespace == trait), None)
        assert wire["context"].get("traits", {}).get(trait) == told
    assert wire["properties"] == {"cups": 2}
    if enveloped:
        assert parse(wire).message_id == message_id("shop", "1")


def test_pages_have_names_and_context_of_the_caller_counts() -> None:
    who = (Identifier("email", "a@example.com", "a@example.com"),)
    wire = call(
        ("page", "properties", None), "shop", ("1",), AT, who, {}, {"traits": {"plan": "b"}, "locale": "de"}
    )
    assert wire["name"] is None
    assert wire["context"]["traits"] == {"plan": "b"}
    assert wire["context"]["locale"] == "de"


@dataclass(frozen=True, slots=True)
class Pair:
    left: str
    right: object = None


def test_made_objects_equal_those_of_the_constructor() -> None:
    make = Maker(Pair)
    assert make("a", 1) == Pair("a", 1)
    assert hash(make("a", 1)) == hash(Pair("a", 1))
    for wrong in ((), ("a",), ("a", 1, 2)):
        with pytest.raises(TypeError):
            make(*wrong)

    @dataclass
    class Loose:
        left: str = ""

    with pytest.raises(TypeError, match="slots"):
        Maker(Loose)
