"""The way in of the capture client, function by function: `pytest benchmarks/test_capture.py`.

The sink takes a batch and never answers, so its thread waits and only the calls are measured. Nothing here asserts a
time. What a call is made of shows in the difference: an id and a time, the mapping, its JSON text (native), and one
write to the spool, which is most of it.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.peers.capture_clients import flat_view, nested_order
from cxm_sdk.capture import Batch, Client
from cxm_sdk.capture.context import context
from cxm_sdk.capture.encode import encoded
from cxm_sdk.capture.spool import SpoolBacklog
from cxm_sdk.events import OrderCompleted

SHAPES = {"nested": nested_order(1), "flat": flat_view(1)}


def varied_order(number: int) -> dict[str, Any]:
    """Gives an order whose amounts are its own.

    Args:
        number: Which.

    Returns:
        Properties.

    Example:
        >>> varied_order(7)["total"]
        '1007.90'
    """
    order = nested_order(number)
    own = {name: f"{1000 + number}.{order[name][-2:]}" for name in ("total", "revenue", "shipping", "tax")}
    products = [
        {**product, "price": f"{1500 + number}.{product['price'][-2:]}"} for product in order["products"]
    ]
    return {**order, **own, "products": products}


class Silent:
    """A sink that takes one batch and keeps it until the end."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def send(self, batch: Batch) -> None:
        """Waits for the end.

        Args:
            batch: what would be sent.
        """
        self.ended.wait()


@pytest.fixture(params=["memory", "process"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    """A client whose sender waits."""
    sink = Silent()
    client = Client(sink, spool=tmp_path, durability=request.param, max_events=10**9, max_bytes=10**10)
    yield client
    sink.ended.set()
    client.purge(lambda event: True)
    client.close()


@pytest.mark.parametrize("shape", list(SHAPES))
def test_track_untyped(client: Client, shape: str, benchmark: BenchmarkFixture) -> None:
    """One call, name and properties."""
    benchmark(client.track, "Order Completed", SHAPES[shape], user_id="u-1")


def test_track_in_the_context_of_a_request(client: Client, benchmark: BenchmarkFixture) -> None:
    """One call with what a request adds."""
    page = {"url": "https://shop.example/cart", "path": "/cart"}
    with context(user_id="u-1", anonymous_id="a-1", page=page, ip="203.0.113.7", user_agent="Browser/1.0"):
        benchmark(client.track, "Order Completed", SHAPES["nested"])


@pytest.mark.parametrize("orders", [1, 1_000])
def test_build_and_track_typed(client: Client, orders: int, benchmark: BenchmarkFixture) -> None:
    """A typed event, built (and so checked) and recorded; one order, or orders that differ in what orders differ in."""
    following = itertools.cycle(varied_order(number) for number in range(orders))

    def build_and_track() -> None:
        client.track(OrderCompleted(**next(following)), user_id="u-1")

    benchmark(build_and_track)


def test_build_typed_alone(benchmark: BenchmarkFixture) -> None:
    """Building alone."""
    properties = SHAPES["nested"]
    benchmark(lambda: OrderCompleted(**properties))


@pytest.mark.parametrize("shape", list(SHAPES))
def test_encode(shape: str, benchmark: BenchmarkFixture) -> None:
    """Its JSON text."""
    event: dict[str, Any] = {"messageId": "m-1", "type": "track", "properties": SHAPES[shape]}
    benchmark(encoded, event)


def test_append_to_the_spool(tmp_path: Path, benchmark: BenchmarkFixture) -> None:
    """One framed, checksummed write."""
    backlog = SpoolBacklog(threading.RLock(), str(tmp_path))
    benchmark(backlog.put, encoded(SHAPES["nested"]))
    backlog.close()
