"""Large groups come apart into people as a plain program has them."""

from __future__ import annotations

import runpy
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk.identity.clustering import LOUDEST, UNSEEN
from cxm_sdk.identity.default_model import default_model
from cxm_sdk.identity.large_groups import join_large
from cxm_sdk.identity.model import Constraint
from cxm_sdk.identity.person_records import DECIDED, MUTED, Edge, Group, PersonRecord, Verdicts
from cxm_sdk.identity.record_blocks import identifier_key

oracles = SimpleNamespace(
    **runpy.run_path(str(Path(__file__).parent.with_name("native").joinpath("oracles.py")))
)
MODEL = default_model()
CUT = 3.0
IDS = ["u-1", "u-2", "u-3"]
NAMES = ["unique:user_id", "one_record", "steward"]


class Case(NamedTuple):
    """A group, and what is said about it."""

    group: Group
    shared: dict[int, int]
    kinds: tuple[str, ...]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    records = []
    for number in range(draw(st.integers(2, 7))):
        ids = draw(st.lists(st.sampled_from(IDS), max_size=2, unique=True))
        content = {"user_id": ids} if ids else {}
        source = draw(st.sampled_from(["crm", "web"]))
        records.append(PersonRecord(number, source, str(number), content, {}, 0, 0, ("user_id",)))
    places = list(combinations(range(len(records)), 2))
    edges = {
        pair: Edge(draw(st.sampled_from([-9.0, 2.0, 4.5, 7.0, 40.0])), 0.0, True)
        for pair in places
        if draw(st.booleans())
    }
    same = frozenset(draw(st.lists(st.sampled_from(places), max_size=1)))
    sides = st.frozensets(st.integers(0, len(records) - 1), min_size=1, max_size=2)
    apart = tuple(draw(st.lists(st.tuples(sides, sides), max_size=1)))
    shared = {identifier_key("user_id", value): MUTED for value in IDS if draw(st.integers(0, 5)) == 0}
    kinds = tuple(draw(st.sets(st.sampled_from(["one_value", "one_record"]))))
    return Case(Group(records, edges, Verdicts(same, apart)), shared, kinds)


def one_number(case: Case) -> list[int]:
    """For each record one number for all its values; values that lie side by side, or were decided on, are one."""
    held = [
        {value for _, value, key in record.identifiers if case.shared.get(key) != MUTED}
        for record in case.group.records
    ]
    told = [*held, *(held[i] | held[j] for i, j in case.group.verdicts.same if held[i] and held[j])]
    classes: list[set[str]] = []
    for values in told:
        met = [one for one in classes if not one.isdisjoint(values)]
        classes = [one for one in classes if one not in met] + [values.union(*met)]
    return [next((at for at, one in enumerate(classes) if values & one), -1) for values in held]


@settings(deadline=None)
@given(cases())
def test_large_groups_are_those_of_a_plain_program(case: Case) -> None:
    group, (same, apart) = case.group, (case.group.verdicts.same, case.group.verdicts.apart)
    names = {"one_value": "user_id", "one_record": "web"}
    constraints = tuple(Constraint.model_validate({"kind": k, "name": names[k]}) for k in case.kinds)
    model = MODEL.model_copy(update={"constraints": constraints})
    found = join_large(group, case.shared, model, CUT)
    places = range(len(group.records))
    columns = [("unique:user_id", one_number(case))] if "one_value" in case.kinds else []
    for ours, theirs in apart:
        columns.append(
            ("steward", [-1 if (n in ours) == (n in theirs) else int(n in theirs) for n in places])
        )
    single = [[codes[n] for _, codes in columns] for n in places]
    unique = [
        [0 if record.source == "web" else -1] if "one_record" in case.kinds else []
        for record in group.records
    ]
    weights = {
        pair: DECIDED if pair in same else max(min(group.edges[pair].weight - CUT, LOUDEST), -LOUDEST)
        for pair in sorted({*group.edges, *same})
    }
    labels, fate = oracles.agglomerate(len(group.records), weights, single, unique, UNSEEN)
    assert found.labels == labels
    barred = {pair for pair, apart_now in zip(weights, fate, strict=True) if apart_now}
    assert found.reasons.keys() == barred
    for (i, j), reason in found.reasons.items():
        sides = [[n for n in places if labels[n] == labels[one]] for one in (i, j)]
        stated = [
            name
            for name, codes in columns
            if len({frozenset(codes[n] for n in side if codes[n] >= 0) for side in sides} - {frozenset()})
            == 2
        ]
        assert reason == (stated[0] if stated else "one_record")


def test_values_that_a_model_ignores_keep_nobody_apart() -> None:
    assert MODEL.frozen is not None
    frozen = MODEL.frozen.model_copy(update={"ignored": {"user_id": ("u-1",)}})
    constraint = Constraint(kind="one_value", name="user_id")
    records = [
        PersonRecord(n, "crm", str(n), {"user_id": [value]}, {}, 0, 0, ("user_id",))
        for n, value in enumerate(["u-1", "u-2"])
    ]
    group = Group(records, {(0, 1): Edge(9.0, 0.0, True)})
    model = MODEL.model_copy(update={"constraints": (constraint,)})
    assert join_large(group, {}, model, CUT).reasons == {(0, 1): "unique:user_id"}
    assert join_large(group, {}, model.model_copy(update={"frozen": frozen}), CUT).labels == [0, 0]


@pytest.mark.parametrize("weight", [2.0, 9.0])
def test_pairs_that_were_not_brought_in_speak_against_one_person(weight: float) -> None:
    records = [PersonRecord(n, "crm", str(n), {}, {}, 0, 0) for n in range(3)]
    group = Group(records, {(0, 1): Edge(weight, 0.0, True), (1, 2): Edge(4.0, 0.0, True)})
    assert join_large(group, {}, MODEL, CUT).labels == ([0, 0, 2] if weight == 9.0 else [0, 1, 1])
