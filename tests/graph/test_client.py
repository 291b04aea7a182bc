"""Client and graph: what a host records is a profile once it is delivered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import cxm_sdk
from cxm_sdk.capture.batch import Batch, Sink
from cxm_sdk.errors import StoreError
from cxm_sdk.graph import ProfileGraph


def test_what_a_client_records_is_a_profile_after_a_flush(tmp_path: Path) -> None:
    with (
        cxm_sdk.ProfileGraph(tmp_path / "customers.db") as graph,
        cxm_sdk.Client(graph, spool=tmp_path / "spool") as client,
    ):
        client.page("Home", anonymous_id="dev-9")
        client.identify("u-1", {"email": "Ada@Example.com", "first_name": "Ada"}, anonymous_id="dev-9")
        order = cxm_sdk.events.OrderCompleted(order_id="o-1", total="42.00", currency="EUR")
        client.track(order, user_id="u-1")
        assert client.flush().delivered == 3
        ada = graph.profile("email", "ada@example.com")
        assert ada.traits == {"email": "Ada@Example.com", "first_name": "Ada"}
        assert {entry.kind for entry in ada.timeline()} == {"page", "identify", "track"}
        assert graph.profile("anonymous_id", "dev-9").id == ada.id


def test_an_event_that_a_graph_refuses_is_rejected_alone_with_the_reason() -> None:
    dropped = list[tuple[Any, str]]()

    def on_drop(event: Mapping[str, Any], reason: str) -> None:
        dropped.append((event["event"], reason))

    with ProfileGraph(":memory:") as graph, cxm_sdk.Client(graph, on_drop=on_drop) as client:
        client.track("Kept", user_id="u-1")
        odd = {"externalIds": [{"type": "shoe_size", "id": "43"}]}
        client.track("Refused", user_id="u-1", context=odd)
        report = client.flush()
        assert (report.delivered, dropped) == (1, [("Refused", "unknown_namespace")])
        assert [entry.item["event"] for entry in graph.profile("user_id", "u-1").timeline()] == ["Kept"]


def test_an_event_whose_identity_alone_is_refused_is_delivered() -> None:
    two = {"externalIds": [{"type": "crm_id", "id": "c-1"}, {"type": "crm_id", "id": "c-2"}]}
    with ProfileGraph(":memory:") as graph, cxm_sdk.Client(graph) as client:
        client.track("Odd", user_id="u-1", context=two)
        assert client.flush().delivered == 1
        assert graph.health().items == 1


def test_a_batch_that_is_sent_twice_counts_once() -> None:
    batch = Batch([b'{"messageId":"m-1","type":"track","event":"Tea Poured","userId":"u-1","timestamp":1}'])
    with ProfileGraph(":memory:") as graph:
        assert isinstance(graph, Sink)
        assert [graph.send(batch).rejected for _ in range(2)] == [{}, {}]
        assert len(list(graph.profile("user_id", "u-1").timeline())) == 1


def test_events_wait_where_the_graph_cannot_be_written_to(tmp_path: Path) -> None:
    path, spool = tmp_path / "customers.db", tmp_path / "spool"
    ProfileGraph(path).close()
    batch = Batch([b'{"messageId":"m-1","type":"track","event":"Tea Poured","userId":"u-1","timestamp":1}'])
    with ProfileGraph(path, read_only=True) as graph:
        with pytest.raises(StoreError):
            graph.send(batch)
        client = cxm_sdk.Client(graph, spool=spool)
        client.track("Tea Poured", user_id="u-1")
        report = client.flush(timeout=0.2)
        assert (report.delivered, report.spooled) == (0, 1)
        client.close(timeout=0.2)


def test_only_what_ends_with_the_process_is_not_spooled(tmp_path: Path) -> None:
    with ProfileGraph(":memory:") as passing, ProfileGraph(tmp_path / "g.db") as lasting:
        assert (passing.volatile, lasting.volatile) == (True, False)
        assert lasting.identity.endswith("g.db")


def test_typed_events_are_ingested_as_what_they_are() -> None:
    cart = cxm_sdk.events.CartViewed(cart_id="c-1")
    event = cxm_sdk.events.Event.of(cart, user_id="u-1", timestamp="2026-01-05T10:00:00Z", message_id="m-1")
    with ProfileGraph(":memory:") as graph:
        assert (graph.ingest(event).accepted, graph.ingest([event, event.to_wire()]).duplicates) == (1, 2)
        (entry,) = graph.profile("user_id", "u-1").timeline()
        assert (entry.kind, entry.item["event"]) == ("track", "Cart Viewed")


def test_a_body_without_an_envelope_is_refused() -> None:
    with ProfileGraph(":memory:") as graph:
        (refusal,) = graph.ingest([cxm_sdk.events.CartViewed(cart_id="c-1")]).rejected
        assert (refusal.reason, refusal.stored) == ("not_a_mapping", False)


def test_a_graph_that_was_closed_with_its_client_says_so(tmp_path: Path) -> None:
    graph = ProfileGraph(tmp_path / "customers.db")
    with cxm_sdk.Client(graph, spool=tmp_path / "spool") as client:
        client.identify("u-1", {"email": "ada@example.com"})
    with pytest.raises(StoreError, match="closed, as a client closes the graph"):
        graph.profile("user_id", "u-1")
    with ProfileGraph(tmp_path / "customers.db") as again:
        assert again.profile("user_id", "u-1").golden["email"].value == "ada@example.com"
