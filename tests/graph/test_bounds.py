"""What may hang together is bounded, and what the bounds cost is said."""

from __future__ import annotations

from typing import Any

import pytest

from cxm_sdk.errors import InputError
from cxm_sdk.graph import ProfileGraph
from cxm_sdk.identity.default_model import default_model
from cxm_sdk.identity.model import Frozen
from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES, IdentifierClass, Namespace, Namespaces
from cxm_sdk.profiles.config import GraphConfig


def record(number: int, **ids: Any) -> dict[str, Any]:
    told = {"source": "crm", "record_id": str(number), "observed_at": number}
    return {**told, "identifiers": ids, "attributes": {}}


ADA = {"first_name": "Ada", "last_name": "Lovelace", "birth_date": "1980-12-10"}


def chain(length: int) -> list[dict[str, Any]]:
    """Records of which each shares an address with the one before it."""
    return [record(n, email=[f"{n}@x.org", f"{n + 1}@x.org"]) for n in range(length)]


def at_most(largest: int) -> GraphConfig:
    return GraphConfig(model=default_model().model_copy(update={"frozen": Frozen(largest_component=largest)}))


def test_a_component_that_is_too_large_loses_links_and_says_so() -> None:
    with ProfileGraph(":memory:", at_most(4)) as graph:
        graph.ingest(chain(4))
        assert (graph.health().largest, graph.health().too_large) == (4, 0)
        graph.ingest(chain(10))
        health = graph.health()
        assert health.largest <= 4
        assert health.too_large == health.fates["too_large"] > 0
        assert {conflict.reason for conflict in health.conflicts} == {"too_large"}
        dropped = [c.detail["reason"] for c in graph.changes() if c.kind == "link_dropped"]
        assert set(dropped) <= {"too_large"}
        graph.retract(record=("crm", "4"))
        graph.retract(record=("crm", "8"))
        assert (graph.health().sizes, graph.health().too_large) == ({1: 1, 3: 1, 4: 1}, 0)


def test_a_thousand_records_hang_together_by_default_and_no_more() -> None:
    with ProfileGraph(":memory:") as graph:
        graph.ingest(chain(1001))
        health = graph.health()
        assert health.largest <= 1000
        assert health.too_large > 0


def limited(**most: int) -> GraphConfig:
    return GraphConfig(
        namespaces=tuple(
            one.model_copy(update={"most_values": most.get(one.name)}) for one in DEFAULT_NAMESPACES
        )
    )


def test_a_profile_holds_no_more_values_than_its_namespace_allows() -> None:
    cards = [{**record(n, email="ada@x.org", loyalty_id=f"l-{n}"), "attributes": ADA} for n in range(4)]
    with ProfileGraph(":memory:", limited(loyalty_id=2)) as graph:
        graph.ingest(cards)
        held = [
            {one.value for one in profile.identifiers if one.namespace == "loyalty_id"}
            for profile in graph.profiles("email", "ada@x.org")
        ]
        assert sorted(map(len, held)) == [2, 2]
        health = graph.health()
        assert {conflict.reason for conflict in health.conflicts} == {"limit:loyalty_id"}
        assert health.contradicted == 0
        graph.retract(record=("crm", "0"))
        graph.retract(record=("crm", "1"))
        assert graph.health().profiles == 1
    with ProfileGraph(":memory:") as graph:
        graph.ingest(cards)
        assert graph.health().profiles == 1


def test_an_item_with_more_values_than_a_person_may_have_names_two_people() -> None:
    with ProfileGraph(":memory:", limited(loyalty_id=2)) as graph:
        report = graph.ingest(
            [record(1, loyalty_id=["l-1", "l-2"]), record(2, loyalty_id=["l-1", "l-2", "l-3"])]
        )
        assert [(one.index, one.reason, one.stored) for one in report.rejected] == [
            (1, "contradictory_identifiers", True)
        ]


def test_a_copy_of_a_configuration_is_used_as_what_it_says() -> None:
    config = GraphConfig()
    assert config.known.find("email") is not None
    one = [n.model_copy(update={"unique": True}) if n.name == "email" else n for n in config.namespaces]
    made = config.matching, config.model_copy(update={"namespaces": tuple(one)}).matching
    assert [any(c.name == "email" for c in model.constraints) for model in made] == [False, True]


@pytest.mark.parametrize(
    "wrong",
    [
        Namespace(name="k", kind=IdentifierClass.COOKIE, most_values=2),
        Namespace(name="crm", kind=IdentifierClass.PERSON, unique=True, most_values=2),
    ],
)
def test_a_limit_that_means_nothing_is_refused(wrong: Namespace) -> None:
    with pytest.raises(InputError, match="expected"):
        Namespaces([wrong])


def test_a_link_that_alone_holds_two_groups_together_is_reported() -> None:
    pair = {"email": "ada@x.org", "phone": "+44 7700 900123"}
    other = {"email": "ada@work.org", "loyalty_id": "l-2"}
    records = [record(1, **pair), record(2, **pair), record(3, **other), record(4, **other)]
    with ProfileGraph(":memory:") as graph:
        graph.ingest(records)
        assert graph.health().bridged == 0
        records[1]["identifiers"]["national_id"] = records[2]["identifiers"]["national_id"] = "AB123456C"
        graph.ingest([{**one, "observed_at": 9} for one in records])
        health = graph.health()
        (bridge,) = health.bridges
        assert (health.bridged, bridge.a, bridge.b) == (1, ("crm", "2"), ("crm", "3"))
        assert bridge.profile == graph.profile("email", "ada@x.org").id


def test_records_of_which_every_address_is_a_shared_one_are_weighed_by_the_rest() -> None:
    def people(first: int, source: str, **told: str) -> list[dict[str, object]]:
        return [
            {
                "source": f"{source}{number}" if told else source,
                "record_id": str(number),
                "observed_at": number,
                "identifiers": {"email": "front@desk.example"},
                "attributes": told or {"first_name": f"First{number}", "last_name": f"Last{number}"},
            }
            for number in range(first, first + (3 if told else 60))
        ]

    ada = {"first_name": "Ada", "last_name": "Lovelace", "birth_date": "1990-01-02", "postcode": "89073"}
    with ProfileGraph(":memory:") as graph:
        graph.ingest(people(1, "desk"))
        assert any(shared.namespace == "email" for shared in graph.health().shared)
        graph.ingest(people(100, "shop", **ada))
        health = graph.health()
        assert (health.records, health.profiles) == (63, 61)
