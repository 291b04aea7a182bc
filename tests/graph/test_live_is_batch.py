"""Live and batch are one: the graph's model in ``Linker`` makes the same people of the same records."""

from __future__ import annotations

import random
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pytest

from cxm_sdk import Linker, MatchModel, Resolution, resolve
from cxm_sdk.graph import ProfileGraph
from cxm_sdk.identity.default_model import default_model
from cxm_sdk.identity.model import Frozen
from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES
from cxm_sdk.identity.scoring import FLOOR
from cxm_sdk.profiles.config import GraphConfig
from cxm_sdk.testing import synthetic

IDENTIFIERS = ("email", "phone")
DIGESTS = {"email": "email_sha256", "phone": "phone_sha256"}
DESCRIBING = ("first_name", "last_name", "suffix", "birth_date", "street", "house_number", "postcode", "city")
#: The identifiers that these records have. None ages: a batch knows no times.
NAMESPACES = tuple(
    n.model_copy(update={"half_life": None}) for n in DEFAULT_NAMESPACES if n.name in IDENTIFIERS
)
HASHED = tuple(
    n.model_copy(update={"half_life": None}) for n in DEFAULT_NAMESPACES if n.name in DIGESTS.values()
)

Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def resolved() -> Resolution:
    return resolve(synthetic.generate(600, seed=5).sources)


@pytest.fixture(scope="module")
def records(resolved: Resolution) -> Records:
    """Clean records: what the batch side reads in the messy sources."""
    assert resolved.prepared is not None
    found = resolved.prepared.records
    items = []
    for row in range(len(found)):
        told: dict[str, list[str]] = {}
        for role in (*IDENTIFIERS, *DESCRIBING):
            held = [
                str(c.values[int(c.codes[row])]) for c in found.columns.get(role, ()) if c.codes[row] >= 0
            ]
            if role == "birth_date":
                held = [f"{value[:4]}-{value[4:6]}-{value[6:]}" for value in held]
            if held:
                told[role] = held
        items.append(
            {
                "source": found.source_names[int(found.source_codes[row])],
                "record_id": str(found.record_ids[row]),
                "observed_at": 0,
                "identifiers": {role: told[role] for role in IDENTIFIERS if role in told},
                "attributes": {role: told[role] for role in DESCRIBING if role in told},
            }
        )
    return items


def tables(records: Records) -> dict[str, pa.Table]:
    found: dict[str, pa.Table] = {}
    for source in sorted({record["source"] for record in records}):
        own = [record for record in records if record["source"] == source]
        columns = {"id": [record["record_id"] for record in own]}
        for role in (*IDENTIFIERS, *DIGESTS.values(), *DESCRIBING):
            columns[role] = [{**r["identifiers"], **r["attributes"]}.get(role) for r in own]  # type: ignore[misc]
        kinds = {name: pa.string() if name == "id" else pa.list_(pa.string()) for name in columns}
        found[source] = pa.table({name: pa.array(columns[name], kinds[name]) for name in columns})
    return found


def in_batch(records: Records, model: MatchModel) -> Resolution:
    return Linker(model).link(
        tables(records),
        map={role: role for role in (*IDENTIFIERS, *DIGESTS.values(), *DESCRIBING)},
        id_column="id",
    )


def live(records: Records, config: GraphConfig, size: int) -> ProfileGraph:
    graph = ProfileGraph(":memory:", config)
    mixed = list(records)
    random.Random(3).shuffle(mixed)
    for start in range(0, len(mixed), size):
        graph.ingest(mixed[start : start + size])
    return graph


def groups(assignments: dict[tuple[str, str], str]) -> set[frozenset[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for record, profile in assignments.items():
        found.setdefault(profile, set()).add(record)
    return {frozenset(one) for one in found.values()}


def equal_people(records: Records, config: GraphConfig, size: int) -> None:
    with live(records, config, size) as graph:
        result = in_batch(records, graph.model)
        batch = {
            (row["source"], row["record_id"]): row["profile_id"] for row in result.assignments.to_pylist()
        }
        rows = list(graph.store.all_nodes())
        said = {row.named: str(row.profile) for row in rows}
        # Who says nothing about a person is nobody's here, and somebody alone there.
        silent = batch.keys() - said.keys()
        assert groups(said) == groups({record: one for record, one in batch.items() if record not in silent})
        assert len(groups(said)) < len(said)

        name = {row.node: row.named for row in rows}
        live_links = {
            tuple(sorted((name[link.a], name[link.b]))): link.weight
            for link in graph.store.all_links()
            if link.weight >= FLOOR  # pairs that only speak for a household are not listed in a batch
        }
        batch_links = {
            ((r["source_l"], r["record_id_l"]), (r["source_r"], r["record_id_r"])): r["match_weight"]
            for r in result.links.to_pylist()
        }
        assert live_links.keys() == batch_links.keys()
        assert len(live_links) > 50
        assert all(abs(live_links[pair] - batch_links[pair]) < 1e-9 for pair in live_links)


def hashed(records: Records) -> Records:
    """The records, of which every third has its contacts as digests, and every ninth has both."""
    found = []
    for number, record in enumerate(records):
        ids = dict(record["identifiers"])
        if number % 3 == 0:
            for role, values in record["identifiers"].items():
                ids[DIGESTS[role]] = [sha256(value.encode()).hexdigest() for value in values]
                if number % 9:
                    del ids[role]
        found.append({**record, "identifiers": ids})
    return found


def test_digests_meet_what_is_known_in_clear_live_and_in_a_batch(records: Records) -> None:
    config = GraphConfig(namespaces=(*NAMESPACES, *HASHED))
    told = hashed(records)
    equal_people(told, config, 7)
    with live(told, config, 50) as graph, live(records, config, 50) as clear:
        assert graph.health().profiles <= 1.02 * clear.health().profiles
    result = in_batch(told, config.matching)
    shown = result.profiles.column("email_sha256").drop_null().to_pylist()
    given = {digest for one in told for digest in one["identifiers"].get("email_sha256", ())}
    assert shown
    assert set(shown) <= given


def test_the_default_model_makes_the_same_people_live_and_in_a_batch(records: Records) -> None:
    equal_people(records, GraphConfig(namespaces=NAMESPACES), 50)


def test_a_trained_model_makes_the_same_people_live_and_in_a_batch(records: Records) -> None:
    model = Linker().train(tables(records), map={r: r for r in (*IDENTIFIERS, *DESCRIBING)}, id_column="id")
    equal_people(records, GraphConfig(model=model, namespaces=NAMESPACES), 7)


@pytest.mark.parametrize("most", [None, 2])
def test_bounds_cut_the_same_links_live_and_in_a_batch(records: Records, most: int | None) -> None:
    """Components of three at most, and then people of two addresses and two numbers at most."""
    bounded = Frozen(largest_component=3 if most is None else 1000)
    model = default_model(NAMESPACES).model_copy(update={"frozen": bounded})
    namespaces = tuple(n.model_copy(update={"most_values": most}) for n in NAMESPACES)
    config = GraphConfig(model=model, namespaces=namespaces)
    equal_people(records, config, 7)
    with live(records, config, 50) as graph:
        fates = graph.health().fates
        assert fates.get("too_large" if most is None else "limit:phone", 0) > 0


def test_names_in_each_others_place_stay_there_live_and_in_a_batch(records: Records) -> None:
    def weber(record_id: str, year: int, **names: str) -> dict[str, Any]:
        told = {**names, "birth_date": f"{year}-02-03", "city": "ulm"}
        named = {"source": "crm", "record_id": record_id, "observed_at": 0, "identifiers": {}}
        return {**named, "attributes": {role: [value] for role, value in told.items()}}

    crowd = [weber(f"w-{year}", year, first_name="thomas", last_name="weber") for year in range(1950, 2000)]
    everybody = [*records, *crowd, weber("turned", 1957, first_name="weber", last_name="thomas")]
    # What fifty others are called would put it right, where a batch reads that off its records.
    roles = {role: role for role in (*IDENTIFIERS, *DESCRIBING)}
    free = Linker().link(tables(everybody), map=roles, id_column="id").prepared
    assert free is not None
    row, first = free.records.record_ids.to_pylist().index("turned"), free.records.columns["first_name"][0]
    assert first.values[int(first.codes[row])].as_py() == "thomas"
    equal_people(everybody, GraphConfig(namespaces=NAMESPACES), 50)


def test_names_of_other_scripts_are_in_latin_letters_live_and_in_a_batch(records: Records) -> None:
    def known(source: str, **names: str) -> dict[str, Any]:
        told = {**names, "birth_date": "1957-02-03", "city": "ulm"}
        named = {"source": source, "record_id": "other", "observed_at": 0, "identifiers": {}}
        return {**named, "attributes": {role: [value] for role, value in told.items()}}

    other = known("crm", first_name="Мария", last_name="Горбанева")
    everybody = [*records, other, known("web", first_name="Mariya", last_name="Gorbaneva")]
    equal_people(everybody, GraphConfig(namespaces=NAMESPACES), 50)
    with ProfileGraph(":memory:", GraphConfig(namespaces=NAMESPACES)) as graph:
        graph.ingest([other])
        (key,) = graph.store.all_profiles()
        assert graph.profile(key.hex()).golden["first_name"].value == "Мария"
