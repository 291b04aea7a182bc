"""Events by themselves: `pytest benchmarks/test_events.py`.

An order with two products (about 430 bytes of properties, seven amounts) and the context that a server sends. Nothing
here asserts a time.

What bounds reading are the seven ``Decimal`` objects, the envelope, and a dict, a set and an object for each of the
order and its products. Amounts of up to six letters, as prices are, are remembered, so an order that comes again and
again is read faster than one whose amounts are all new: ``typed`` beside ``new_amounts``. Pydantic alone takes twice as
long, and longer the more fields a class has that are not given; so it is asked only where something is in doubt:
``read`` beside ``glance``.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from cxm_sdk.events import Event, OrderCompleted, parse, parsing

ORDER: dict[str, Any] = {
    "order_id": "o-10045", "total": "125.40", "subtotal": "110.00", "revenue": "110.00", "shipping": "8.40",
    "tax": "7.00", "currency": "EUR", "coupon": "SPRING",
    "products": [
        {"product_id": "p-1", "sku": "SKU-1", "name": "Espresso cups", "price": "35.00", "quantity": 2,
         "category": "Kitchen"},
        {"product_id": "p-2", "sku": "SKU-2", "name": "Kettle, 1.2 l", "price": "40.00", "quantity": 1,
         "category": "Kitchen"},
    ],
}  # fmt: skip
EVENT: dict[str, Any] = {
    "type": "track", "event": "Order Completed", "messageId": "8f3e2c1a-5b0f-4d9e-8a77-1c2d3e4f5a6b",
    "timestamp": "2026-03-01T12:00:00.123Z", "userId": "u-1", "anonymousId": "a-1",
    "context": {"library": {"name": "cxm-sdk", "version": "0.1.0"}, "ip": "203.0.113.7", "page": {"path": "/checkout"}},
    "properties": ORDER,
}  # fmt: skip
UNTYPED = {**EVENT, "event": "Basket Weighed"}
NUMBERS = {
    **EVENT,
    "properties": {
        **ORDER,
        **{name: float(ORDER[name]) for name in ("total", "subtotal", "revenue", "shipping", "tax")},
        "products": [{**product, "price": float(product["price"])} for product in ORDER["products"]],
    },
}


@pytest.mark.parametrize(
    "event", [EVENT, NUMBERS, UNTYPED, json.dumps(EVENT).encode()], ids=["typed", "floats", "untyped", "json"]
)
def test_parse(benchmark: BenchmarkFixture, event: dict[str, Any] | bytes) -> None:
    """Reading one event from the wire."""
    benchmark.extra_info["bytes of properties"] = len(json.dumps(ORDER))
    assert isinstance(benchmark(parse, event), Event)


def test_parse_new_amounts(benchmark: BenchmarkFixture) -> None:
    """Reading orders that have no amount in common, none of them short enough to be remembered."""
    names = ("total", "subtotal", "revenue", "shipping", "tax")
    orders = itertools.cycle(
        {
            **EVENT,
            "properties": {
                **ORDER,
                **{name: f"{1000 + 10 * number}.{at:02d}" for at, name in enumerate(names)},
                "products": [
                    {**product, "price": f"{1000 + 10 * number}.{at}5"}
                    for at, product in enumerate(ORDER["products"])
                ],
            },
        }
        for number in range(1_000)
    )
    assert isinstance(benchmark(lambda: parse(next(orders))), Event)


@pytest.mark.parametrize("way", ["glance", "read"])
def test_both_ways_of_reading(benchmark: BenchmarkFixture, way: str) -> None:
    """Reading it at a glance, and as pydantic does."""
    parse(EVENT)
    assert benchmark(getattr(parsing.reader_of(EVENT), way), EVENT) == parse(EVENT)


def test_json_dumps_for_comparison(benchmark: BenchmarkFixture) -> None:
    """What the machine gives."""
    benchmark(json.dumps, EVENT)


def test_make_a_typed_event(benchmark: BenchmarkFixture) -> None:
    """Making the properties in host code."""
    assert isinstance(benchmark(lambda: OrderCompleted(**ORDER)), OrderCompleted)


@pytest.mark.parametrize("way", ["to_properties", "to_properties_json"])
def test_write_properties(benchmark: BenchmarkFixture, way: str) -> None:
    """Writing the properties."""
    assert benchmark(getattr(OrderCompleted(**ORDER), way))
