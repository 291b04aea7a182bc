"""What is written without pydantic is what pydantic writes; whatever is in doubt is left to it."""

from __future__ import annotations

import json
import re
import runpy
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field, computed_field, field_serializer, model_serializer

from cxm_sdk import EventError
from cxm_sdk.capture.encode import encoded_typed
from cxm_sdk.events import OrderCompleted, Product, registry
from cxm_sdk.events.typed import Part, TypedEvent

builds = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("builds.py"))))

ODD: list[Any] = [
    None, True, 0, -1, 2**70, 10**5000, 1.0, -0.0, 1e-7, 1e22, float("nan"), "", "é", "\ud800", '"\n', [], {},
    {"x": None}, {1: 2}, [None], ({"x": (1,)},), Decimal("1.50"), datetime(2026, 3, 1, tzinfo=UTC),
    Product(price=1), {1}, b"x", object(),
]  # fmt: skip
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [Decimal(text) for text in ("0", "-0", "-0.00", "42.00", "0.00001", "1E+3", "1E-9", "123456789012345",
                                "0.1234567890123456")]
)  # fmt: skip


def pairs(text: bytes) -> Any:
    return json.loads(text, object_pairs_hook=list, parse_int=str)


def alike(body: TypedEvent) -> None:
    """Both ways give the same, the order of keys included, or the same error."""
    try:
        expected = body.to_properties_json()
    except EventError as error:
        with pytest.raises(EventError, match=re.escape(str(error))):
            encoded_typed({}, "properties", body)
        return
    text = encoded_typed({}, "properties", body)
    assert repr(pairs(text)) == repr([("properties", pairs(expected))])


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(registry.EVENTS)).flatmap(lambda key: builds.models(registry.find(*key))),
    st.dictionaries(st.sampled_from(["odd", "é", "\ud800"]), st.sampled_from(ODD)),
)
def test_any_event_is_written_as_pydantic_writes_it(body: TypedEvent, more: dict[str, Any]) -> None:
    alike(body)
    assert body.__pydantic_extra__ is not None
    body.__pydantic_extra__.update(more)
    alike(body)


@given(AMOUNTS, AMOUNTS)
def test_amounts_are_the_numbers_that_pydantic_writes(total: Decimal, price: Decimal) -> None:
    alike(OrderCompleted(order_id="o", total=total, products=[Product(price=price)]))


class Louder(Product):
    """A product that is more than a list of products says."""

    volume: int = 3


class Served(TypedEvent):
    """An event with a field that is written in a way of its own."""

    name: str = Field(default="x", serialization_alias="label")
    hidden: str = Field(default="y", exclude=True)
    added: Decimal = Decimal("1.50")

    @field_serializer("name")
    def _louder(self, value: str) -> str:
        return value.upper()


class Summed(TypedEvent):
    """An event with a property that is computed."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def total(self) -> int:
        return 3


class Whole(TypedEvent):
    """An event that says itself how it is written."""

    @model_serializer
    def _written(self) -> dict[str, int]:
        return {"whole": 1}


class Nested(TypedEvent):
    """An event with a part that has a computed property, and one that holds itself."""

    one: Inner | None = None
    tree: Tree | None = None


class Inner(Part):
    """A part with a computed property."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def two(self) -> int:
        return 2


class Tree(Part):
    """A part that holds itself."""

    next: Tree | None = None


def test_classes_that_write_themselves_are_left_to_pydantic() -> None:
    Nested.model_rebuild(_types_namespace={"Inner": Inner, "Tree": Tree})
    alike(OrderCompleted(order_id="o", products=[Louder(volume=4)]))
    for cls in (Served, Summed, Whole):
        alike(cls())
    alike(Nested(one=Inner(), tree=Tree(next=Tree(x=1))))  # type: ignore[call-arg]
    assert encoded_typed({"a": 1}, "traits", Served()) == b'{"a":1,"traits":{"label":"X","added":"1.50"}}'
