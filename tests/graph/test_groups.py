"""Households beside people, and what would take people apart."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracle import homes, rebuild

from cxm_sdk.graph import ProfileGraph
from cxm_sdk.profiles.splitting import Splitting

quick = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

#: Values as they are in canonical form, but for the dashes of dates.
VALUES = {
    "email": ["ada@x.org", "home@x.org", "bob@y.org"],
    "phone": ["7700900123", "7700900456"],
    "loyalty_id": ["l-1", "l-2"],
    "household_id": ["h-1", "h-2"],
    "first_name": ["ada", "bob", "zoe"],
    "last_name": ["quill", "smith"],
    "birth_date": ["1980-12-10", "1990-02-03"],
    "street": ["elm rd"],
    "city": ["ulm"],
}
IDENTIFIERS = ("email", "phone", "loyalty_id", "household_id")


@st.composite
def parties(draw: st.DrawFn, fewest: int, most: int) -> list[dict[str, Any]]:
    """Records of a few people who may live together."""
    found = []
    for number in range(draw(st.integers(fewest, most))):
        said = {role: draw(st.sampled_from([None, *values])) for role, values in VALUES.items()}
        found.append(
            {
                "source": draw(st.sampled_from(["crm", "shop"])),
                "record_id": str(number),
                "observed_at": number,
                "identifiers": {role: said[role] for role in IDENTIFIERS if said[role]},
                "attributes": {r: value for r, value in said.items() if r not in IDENTIFIERS and value},
            }
        )
    return found


@quick
@given(parties(2, 12))
def test_households_are_those_of_a_rebuild_and_say_the_same_to_all_their_people(items: list[Any]) -> None:
    with ProfileGraph(":memory:") as graph:
        for item in reversed(items):
            graph.ingest(item)
        found: dict[str, tuple[str, ...]] = {}
        for key in graph.store.all_profiles():
            household = graph.profile(key.hex()).household
            if household is not None:
                assert key.hex() in household[1]
                assert found.setdefault(household[0], tuple(household[1])) == tuple(household[1])
        assert {frozenset(home) for home in found.values()} == homes(rebuild(items, graph.config))
        assert len(set(found.values())) == len(found)


def without(item: dict[str, Any], values: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    def kept(said: dict[str, str]) -> dict[str, str]:
        return {role: value for role, value in said.items() if (role, value.replace("-", "")) not in plain}

    plain = {(role, value.replace("-", "")) for role, value in values}
    return {**item, "identifiers": kept(item["identifiers"]), "attributes": kept(item["attributes"])}


def together(items: list[Any], names: list[tuple[str, str]]) -> bool:
    """Whether records are one profile."""
    with ProfileGraph(":memory:") as graph:
        graph.ingest(items)
        rows = {row.named: row.profile for row in graph.store.all_nodes()}
        # Who says nothing any more is nobody.
        return len({rows.get(name, name) for name in names}) == 1


def smaller(splitting: Splitting, held: list[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], ...]]:
    for size in range(1, len(splitting.values)):
        yield from combinations(held, size)


@quick
@given(parties(2, 6))
def test_without_the_values_it_names_a_profile_splits_and_without_fewer_it_does_not(items: list[Any]) -> None:
    with ProfileGraph(":memory:") as graph:
        graph.ingest(items)
        for key in graph.store.all_profiles():
            profile = graph.profile(key.hex())
            splitting = graph.what_splits(profile.id)
            if splitting is None:
                continue
            own = [item for item in items if (item["source"], item["record_id"]) in profile.records]
            rest = [item for item in items if item not in own]
            assert not together([*rest, *(without(item, splitting.values) for item in own)], profile.records)
            said = [
                (role, value)
                for item in own
                for role, value in {**item["identifiers"], **item["attributes"]}.items()
            ]
            held = sorted({one for one in said if said.count(one) > 1})
            for fewer in smaller(splitting, held):
                assert together([*rest, *(without(item, fewer) for item in own)], profile.records)


def test_a_profile_that_a_steward_holds_together_is_split_by_no_value() -> None:
    people = [
        {"source": "crm", "record_id": str(n), "observed_at": n, "identifiers": {"email": f"{n}@x.org"}}
        for n in range(2)
    ]
    with ProfileGraph(":memory:") as graph:
        graph.ingest([{**one, "attributes": {"city": "ulm"}} for one in people])
        graph.assert_same("crm:0", "crm:1", who="dana", why="called")
        profile = graph.profile("email", "0@x.org")
        assert len(profile.records) == 2
        assert graph.what_splits(profile.id) is None
