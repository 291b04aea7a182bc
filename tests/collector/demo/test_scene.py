"""What the live page is told of a graph."""

from __future__ import annotations

import json
import time
from typing import Any

from cxm_sdk.cli.live import EVENTS, PEOPLE, GraphScene
from cxm_sdk.graph import ProfileGraph

NOW = int(time.time()) - 10_000


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"m-{number}",
        "timestamp": NOW + number,
        **more,
    }


def login(number: int, user: str, **more: Any) -> dict[str, Any]:
    return {**event(number, userId=user, **more), "type": "identify", "event": None}


def test_there_is_nothing_new_until_something_comes_in() -> None:
    with ProfileGraph(":memory:") as graph:
        scene = GraphScene(graph)
        graph.ingest(event(1, anonymousId="d-1"))
        first = scene.look(None)
        assert first is not None
        assert scene.look(first["number"]) is None
        graph.ingest(event(2, anonymousId="d-1"))
        second = scene.look(first["number"])
        assert second is not None
        assert second["visitors"] == [{"value": "d-1", "events": 2}]


def test_a_visitor_becomes_the_person_who_signs_in() -> None:
    with ProfileGraph(":memory:") as graph:
        graph.ingest(
            [event(1, anonymousId="d-1"), login(2, "u-1", anonymousId="d-1", traits={"first_name": "Ada"})]
        )
        scene = GraphScene(graph).look(None)
    assert scene is not None
    assert scene["visitors"] == []
    (ada,) = scene["people"]
    assert ada["name"] == "Ada"
    assert [(entry["title"], entry["anonymous"]) for entry in ada["timeline"]] == [
        ("u-1", False),
        ("Product Viewed", True),
    ]
    assert [(one["value"], one["since"]) for one in ada["devices"]] == [("d-1", None)]


def test_of_many_people_and_events_the_last_are_shown() -> None:
    people = PEOPLE + 3
    with ProfileGraph(":memory:") as graph:
        graph.ingest([login(n, f"u-{n}") for n in range(people)])
        graph.ingest(
            [event(people + n, userId=f"u-{n % people}", anonymousId=f"d-{n % people}") for n in range(60)]
        )
        scene = GraphScene(graph).look(None)
    assert scene is not None
    assert len(scene["events"]) == EVENTS
    assert scene["events"][0]["id"] == f"m-{people + 59}"
    assert len(scene["people"]) == PEOPLE
    assert scene["people"][0]["name"] == f"u-{59 % people}"


def test_events_of_any_form_can_be_shown() -> None:
    odd: list[dict[str, Any]] = [
        {"properties": None},
        {"properties": [1, 2]},
        {"properties": {"name": {"first": 1}, "title": 7}},
        {"event": None, "type": "page", "properties": {"name": None}},
        {"event": 5},
        {"type": "group", "event": None, "groupId": 3, "traits": "none"},
        {"type": "alias", "event": None, "previousId": "d-2"},
        {"anonymousId": 12, "userId": ""},
        {"context": {"traits": {"plan": ["a", "b"]}}, "userId": "u-2"},
    ]
    with ProfileGraph(":memory:") as graph:
        graph.ingest([{**event(n, userId="u-1", anonymousId="d-1"), **more} for n, more in enumerate(odd)])
        graph.ingest(
            {"source": "crm", "record_id": "1", "observed_at": NOW, "identifiers": {"user_id": "u-1"}}
        )
        scene = GraphScene(graph).look(None)
    assert scene is not None
    assert len(scene["events"]) == len(odd) + 1
    assert json.loads(json.dumps(scene)) == scene
    assert all(isinstance(one["title"], str) and isinstance(one["detail"], str) for one in scene["events"])


def test_a_graph_without_anything_shows_nothing() -> None:
    with ProfileGraph(":memory:") as graph:
        assert GraphScene(graph).look(None) == {"number": 0, "events": [], "people": [], "visitors": []}


def test_who_is_erased_is_gone_from_the_page_at_once() -> None:
    with ProfileGraph(":memory:") as graph:
        graph.ingest([login(n, f"u-{n}", traits={"first_name": "Ada"}) for n in range(5)])
        scene = GraphScene(graph)
        first = scene.look(None)
        assert first is not None
        graph.erase(("user_id", "u-3"))
        second = scene.look(first["number"])
        assert second is not None
        assert "u-3" not in json.dumps(second)
        assert len(second["people"]) == 4
        assert scene.look(second["number"]) is None
        assert GraphScene(graph).look(second["number"]) is None
