"""What a batch does not look at makes no difference."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxm_sdk.graph import ProfileGraph
from cxm_sdk.identity.default_model import default_model
from cxm_sdk.identity.model import Frozen
from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES
from cxm_sdk.profiles.config import GraphConfig
from cxm_sdk.profiles.settling import Settling

#: So few values that people grow, meet, contradict themselves and come apart.
VALUES = {
    "email": ["a@x.org", "b@x.org", "c@x.org"],
    "phone": ["+44 7700 900123", "+44 7700 900456"],
    "crm_id": ["c-1", "c-2"],
    "loyalty_id": ["l-1", "l-2", "l-3"],
}
NAMES = {"first_name": ["Ada", "Bob"], "last_name": ["Quill"], "birth_date": ["1980-12-10", "1990-02-03"]}
BOUNDED = GraphConfig(
    model=default_model(DEFAULT_NAMESPACES).model_copy(update={"frozen": Frozen(largest_component=3)})
)


@st.composite
def parties(draw: st.DrawFn) -> dict[str, Any]:
    told = {
        role: draw(st.sampled_from(values))
        for role, values in {**VALUES, **NAMES}.items()
        if draw(st.integers(0, 2)) == 0
    }
    return {
        "source": draw(st.sampled_from(["crm", "shop"])),
        "record_id": str(draw(st.integers(1, 12))),
        "observed_at": draw(st.integers(0, 9)),
        "identifiers": {role: value for role, value in told.items() if role in VALUES},
        "attributes": {role: value for role, value in told.items() if role in NAMES},
    }


@contextmanager
def nothing_quiet() -> Iterator[None]:
    """Every link of every touched component is read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Settling, "_still", lambda self, members: [])
        yield


def all_of(history: list[Any], config: GraphConfig) -> tuple[Any, ...]:
    with ProfileGraph(":memory:", config) as graph:
        for step in history:
            if isinstance(step, list):
                graph.ingest(step)
            else:
                graph.retract(record=("crm", step))
        rows = [(row.node, row.component, row.profile) for row in graph.store.all_nodes()]
        told = [(one.kind, one.profile, one.detail) for one in graph.changes()]
        return rows, list(graph.store.all_links()), told


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(
    st.lists(st.lists(parties(), min_size=1, max_size=4) | st.integers(1, 12).map(str), max_size=12),
    st.sampled_from([GraphConfig(), BOUNDED]),
)
def test_links_that_are_not_read_would_have_come_out_as_they_were(
    history: list[Any], config: GraphConfig
) -> None:
    with nothing_quiet():
        expected = all_of(history, config)
    assert all_of(history, config) == expected


def test_links_of_a_person_who_only_grows_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(number: int) -> dict[str, Any]:
        ids = {"email": "a@x.org", "loyalty_id": "l-1"}
        return {"source": "crm", "record_id": str(number), "observed_at": number, "identifiers": ids}

    with ProfileGraph(":memory:") as graph:
        graph.ingest([told(number) for number in range(5)])
        asked = []
        read = graph.store.link_rows
        monkeypatch.setattr(graph.store, "link_rows", lambda nodes: asked.append(nodes) or read(nodes))
        graph.ingest(told(5))
        assert asked == []
        assert len(graph.profile("email", "a@x.org").records) == 6
        graph.ingest({**told(5), "identifiers": {"email": "b@x.org"}, "observed_at": 9})
        assert asked
