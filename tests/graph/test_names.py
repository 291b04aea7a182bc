"""How people, records and times are asked for, and what is said where they are written otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
import pytest

from cxm_sdk import InputError, ProfileGraph, UnknownProfileError


def record(source: str, number: int, email: str) -> dict[str, Any]:
    return {
        "source": source,
        "record_id": str(number),
        "observed_at": number,
        "identifiers": {"email": email},
        "attributes": {
            "first_name": email.partition("@")[0],
            "last_name": "Quill",
            "birth_date": f"1980-12-{len(email)}",
        },
    }


@pytest.fixture
def graph() -> Iterator[ProfileGraph]:
    with ProfileGraph(":memory:") as made:
        made.ingest(
            [record("crm", 17, "ada@x.org"), record("shop", 5, "ada@x.org"), record("crm", 18, "edith@x.org")]
        )
        yield made


def test_a_record_finds_its_person(graph: ProfileGraph) -> None:
    ada = graph.profile("email", "ada@x.org")
    assert graph.profile("crm:17").id == graph.profile("shop:5").id == ada.id
    with pytest.raises(UnknownProfileError):
        graph.profile("crm:99")


def test_a_record_is_taken_back_by_the_name_it_has_elsewhere(graph: ProfileGraph) -> None:
    assert graph.retract(record="shop:5")
    assert not graph.retract(record=("shop", 5))
    assert graph.profile("email", "ada@x.org").records == [("crm", "17")]
    with pytest.raises(InputError, match="source:record_id"):
        graph.retract(record="shop")


def test_an_identifier_as_one_text_is_an_error_and_no_decision_about_nobody(graph: ProfileGraph) -> None:
    for ask in (
        lambda: graph.assert_same("email:ada@x.org", "crm:18", who="a", why="b"),
        lambda: graph.explain("email:ada@x.org", "crm:18"),
        lambda: graph.profile("email:ada@x.org"),
        lambda: graph.erase("email:ada@x.org"),
    ):
        with pytest.raises(InputError, match="two texts") as caught:
            ask()
        assert "ada" not in str(caught.value)


def test_a_source_may_be_called_like_a_namespace() -> None:
    with ProfileGraph(":memory:") as graph:
        graph.ingest([record("email", 1, "ada@x.org"), record("phone", 2, "eve@x.org")])
        graph.assert_same("email:1", "phone:2", who="a", why="b")
        assert graph.profile("email:1").records == [("email", "1"), ("phone", "2")]


@pytest.mark.parametrize("name", [None, 17, ("email",), 1.5], ids=repr)
def test_what_names_nobody_is_an_error_that_says_what_would(graph: ProfileGraph, name: Any) -> None:
    with pytest.raises(UnknownProfileError, match="source:record_id"):
        graph.profile(name)
    with pytest.raises(InputError, match="source:record_id"):
        graph.explain(name, "crm:17")


@pytest.mark.parametrize("time", ["last tuesday", [], float("nan"), pd.NaT, True, 1e400], ids=repr)
def test_a_time_that_is_none_is_an_error_that_does_not_repeat_it(graph: ProfileGraph, time: Any) -> None:
    ada = graph.profile("email", "ada@x.org")
    for ask in (
        lambda: ada.timeline(since=time),
        lambda: ada.timeline(until=time),
        lambda: graph.as_of(time),
        lambda: graph.assert_same("crm:17", "crm:18", who="a", why="b", at=time),
    ):
        with pytest.raises(InputError, match="expected a time") as caught:
            ask()
        assert "tuesday" not in str(caught.value)


def test_a_day_is_a_time(graph: ProfileGraph) -> None:
    ada = graph.profile("email", "ada@x.org")
    assert len(ada.timeline(until=date(1970, 1, 2))) == 2
    assert ada.timeline(since=date(1970, 1, 2)) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_a_timeline_leave_nothing_out_where_much_happens_at_one_time(limit: int) -> None:
    calls = [
        {"type": kind, "event": "E", "anonymousId": "b", "messageId": f"{kind}-{n}", "timestamp": 10 + n // 5}
        for kind in ("track", "page")
        for n in range(12)
    ]
    login = {"type": "identify", "userId": "u-1", "anonymousId": "b", "messageId": "i", "timestamp": 9}
    known = [{**call, "userId": "u-1", "messageId": f"known-{call['messageId']}"} for call in calls]
    told = {**record("crm", 10, "ada@x.org"), "identifiers": {"user_id": "u-1"}}
    with ProfileGraph(":memory:") as graph:
        graph.ingest([login, *calls, *known, told])
        ada = graph.profile("user_id", "u-1")
        whole = ada.timeline(limit=None)
        assert len(whole) == 50
        paged = page = ada.timeline(limit=limit)
        while page := ada.timeline(limit=limit, until=page[-1]):
            assert len(page) <= limit
            paged = paged + page
        assert paged == whole


def test_a_timeline_of_one_kind_takes_its_name_alone(graph: ProfileGraph) -> None:
    ada = graph.profile("email", "ada@x.org")
    assert ada.timeline(kinds="record") == ada.timeline(kinds=["record"]) != []
    with pytest.raises(InputError, match="limit"):
        ada.timeline(limit=-1)


def test_an_explanation_says_what_was_decided_and_shows_no_value_unasked(graph: ProfileGraph) -> None:
    assert "decided" not in graph.explain("crm:17", "crm:18").reason
    graph.assert_same(("email", "ada@x.org"), "crm:18", who="dana", why="called them")
    told = graph.explain("crm:17", "crm:18")
    assert told.linked
    assert told.reason.endswith("It was decided that they are one person.")
    graph.assert_different("crm:17", "crm:18", who="eve", why="they are two")
    told = graph.explain("crm:17", "crm:18")
    assert not told.linked
    assert told.reason.endswith("It was decided that they are two people.")
    assert "quill" in "".join(term.detail for term in told.terms)
    assert "quill" not in repr(told).lower()
