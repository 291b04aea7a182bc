"""Groups of records come apart into people as a plain program has them."""

from __future__ import annotations

import runpy
from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk._native.few import Few
from cxm_sdk._native.packing import packed
from cxm_sdk._native.people import people_of_groups
from cxm_sdk._native.weighing import Weighing
from cxm_sdk.identity.compact import Weights
from cxm_sdk.identity.default_model import default_model
from cxm_sdk.identity.person_records import DECIDED, MUTED, PersonRecord
from cxm_sdk.identity.record_blocks import identifier_key
from cxm_sdk.identity.scoring import FLOOR, bits_of

oracles = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("oracles.py"))))

Pair = tuple[int, int]
Verdicts = tuple[frozenset[Pair], tuple[tuple[frozenset[int], frozenset[int]], ...]]

MODEL = default_model()
WEIGHTS = Weights(MODEL)
CUT = bits_of(MODEL.threshold)
PHONE = [comparison.name for comparison in MODEL.comparisons].index("phone")
HALF_LIFE = 1e3
EVIDENCE = WEIGHTS.decided_evidence(DECIDED, (PHONE,))
ROLES = ("email", "phone", "user_id", "email_sha256")
VALUES = {
    "first_name": ["ada", "bob", "a"],
    "last_name": ["quill", "lovelace"],
    "birth_date": ["19801210", "19900203"],
    "email": ["ada@x.org", "bob@x.org", "ada@y.org"],
    "phone": ["7700900123", "7700900456"],
    "user_id": ["u-1", "u-2", "u-3"],
}
UNIQUE = "unique:email_sha256"
CONSTRAINTS: list[tuple[list[str], list[str]]] = [
    ([], []),
    (["user_id"], []),
    ([], ["web"]),
    (["user_id"], ["web"]),
]
RULES = [
    Weighing(
        *(WEIGHTS.pairs, EVIDENCE, {PHONE: HALF_LIFE}, ["email_sha256"], one_value, one_record),
        *(CUT, FLOOR),
    )
    for one_value, one_record in CONSTRAINTS
]


class Case(NamedTuple):
    """Some groups, and what stewards said of them."""

    groups: list[list[PersonRecord]]
    verdicts: dict[int, Verdicts]
    shared: dict[int, int]
    rules: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    groups, verdicts, number = list[list[PersonRecord]](), dict[int, Verdicts](), 0
    for at in range(draw(st.integers(1, 3))):
        group = []
        for _ in range(draw(st.integers(1, 6))):
            content = {
                role: draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
                for role, values in VALUES.items()
                if draw(st.booleans())
            }
            source, seen = draw(st.sampled_from(["crm", "web", "shop"])), draw(st.integers(0, 5)) * 10**9
            group.append(PersonRecord(number, source, f"{9 - number % 10}", content, {}, seen, seen, ROLES))
            number += 1
        places = st.integers(0, len(group) - 1)
        if draw(st.integers(0, 2)) == 0:
            said = draw(st.lists(st.tuples(places, places), max_size=2))
            sides = st.frozensets(places, min_size=1, max_size=2)
            same = frozenset((min(pair), max(pair)) for pair in said if pair[0] != pair[1])
            verdicts[at] = same, tuple(draw(st.lists(st.tuples(sides, sides), max_size=2)))
        groups.append(group)
    shared = {
        identifier_key(role, value): draw(st.sampled_from([MUTED, 2, 5]))
        for role in ("email", "phone", "user_id")
        for value in VALUES[role]
        if draw(st.integers(0, 4)) == 0
    }
    return Case(groups, verdicts, shared, draw(st.integers(0, len(RULES) - 1)))


def one_number(records: Sequence[PersonRecord], role: str, shared: Mapping[int, int]) -> list[int]:
    """For each record one number for all values of a role that some record has side by side; -1 for none."""
    held = [
        {value for name, value, key in record.identifiers if name == role and shared.get(key) != MUTED}
        for record in records
    ]
    classes: list[set[str]] = []
    for values in held:
        if values:
            met = [one for one in classes if not one.isdisjoint(values)]
            classes = [one for one in classes if one not in met] + [values.union(*met)]
    return [next((at for at, one in enumerate(classes) if not one.isdisjoint(values)), -1) for values in held]


def unified(codes: Sequence[int], same: Iterable[Pair]) -> list[int]:
    found = list(codes)
    for i, j in same:
        if found[i] >= 0 and found[j] >= 0:
            found = [found[i] if code == found[j] else code for code in found]
    return found


def plainly(
    records: Sequence[PersonRecord], verdicts: Verdicts, case: Case
) -> tuple[list[int], dict[Pair, str]]:
    """The same, slowly: the people of one group in canonical order."""
    same, apart = verdicts
    one_value, one_record = CONSTRAINTS[case.rules]
    few = Few(RULES[case.rules], case.shared)
    few.add(records)
    columns = [unified(one_number(records, role, case.shared), same) for role in one_value]
    names = [f"unique:{role}" for role in one_value]
    for ours, theirs in apart:
        columns.append(
            [-1 if (at in ours) == (at in theirs) else int(at in theirs) for at in range(len(records))]
        )
        names.append("steward")
    single = [[column[at] for column in columns] for at in range(len(records))]
    unique = [[0 if record.source == source else -1 for source in one_record] for record in records]

    def why(ours: Iterable[int], theirs: Iterable[int]) -> str:
        sides = [
            [{single[at][c] for at in side} - {-1} for c in range(len(names))]
            for side in (list(ours), list(theirs))
        ]
        return next(
            (name for name, a, b in zip(names, *sides, strict=True) if a and b and a != b), "one_record"
        )

    if len(records) == 2 and not apart:
        if oracles.forbidden([0], [1], single, unique):
            return [0, 1], {(0, 1): why([0], [1])}
        weight = array("d", few.weigh(packed([(records[0].number, records[1].number)])))[0]
        return ([0, 0] if same or weight > CUT else [0, 1]), {}
    known: dict[Pair, Sequence[Sequence[float] | None]] = {}
    for i, j in combinations(range(len(records)), 2):
        levels, adjusted, across, lost, _, _ = few.terms(records[i].number, records[j].number)
        terms: list[list[float] | None] = []
        for column, level in enumerate(levels):
            match, home = (
                float(bits[column, level]) for bits in (WEIGHTS.match_bits, WEIGHTS.household_bits)
            )
            for (own, at_home), bits in zip(WEIGHTS.pairs.adjusted, adjusted, strict=True):
                if own == column:
                    match, home = match + bits, home + bits * at_home
            if column == PHONE:
                match, home = match - lost[0][0], home - lost[0][1]
            alike = [match * float(one[column]) for one in WEIGHTS._alike]
            terms.append([match, home, *alike] if level else None)
        terms.append([DECIDED, 0.0, *[0.0] * len(WEIGHTS._alike)] if (i, j) in same else None)
        priors = [WEIGHTS.priors, WEIGHTS.household_priors, *WEIGHTS._alike_priors]
        terms.append([float(one[int(across)]) for one in priors])
        known[i, j] = terms
    several = [*WEIGHTS.several.tolist(), 0]
    labels, fate = oracles.join_profiles(
        len(records), known, len(WEIGHTS._alike), several, 0.0, CUT, single, unique
    )
    reasons = {
        (i, j): why(*([at for at, label in enumerate(labels) if label == labels[one]] for one in (i, j)))
        for (i, j), barred in zip(combinations(range(len(records)), 2), fate, strict=True)
        if barred
    }
    return labels, reasons


@settings(deadline=None)
@given(cases())
def test_people_are_those_of_a_plain_program_whatever_lies_beside_them(case: Case) -> None:
    few = Few(RULES[case.rules], case.shared)
    few.add(record for group in case.groups for record in group)
    shuffled = [[record.number for record in reversed(group)] for group in case.groups]
    found = people_of_groups(few, shuffled, case.verdicts)
    for at, group in enumerate(case.groups):
        ordered = sorted(group, key=lambda record: record.order)
        labels, reasons = plainly(ordered, case.verdicts.get(at, (frozenset(), ())), case)
        assert found[at] == ([record.number for record in ordered], labels, reasons)


def test_digests_of_which_a_person_has_one_are_those_of_contacts_in_clear_too() -> None:
    rules = Weighing(
        *(WEIGHTS.pairs, EVIDENCE, {PHONE: HALF_LIFE}, ["email_sha256"], ["email_sha256"], []),
        *(CUT, FLOOR),
    )
    said = {
        "first_name": ["ada"],
        "last_name": ["quill"],
        "birth_date": ["19801210"],
        "phone": ["7700900123"],
    }
    emails = ["ada@x.org", "ada@x.org", "ada@y.org"]
    records = [
        PersonRecord(n, "crm", str(n), {**said, "email": [email]}, {}, 0, 0, ROLES)
        for n, email in enumerate(emails)
    ]
    few = Few(rules, {})
    few.add(records)
    found = people_of_groups(few, [[0, 1, 2]], {})
    assert found == [([0, 1, 2], [0, 0, 2], {(0, 2): UNIQUE, (1, 2): UNIQUE})]
    assert people_of_groups(few, [[1, 2]], {}) == [([1, 2], [0, 1], {(0, 1): UNIQUE})]


def test_records_that_are_not_laid_out_are_an_error() -> None:
    with pytest.raises(KeyError, match="expected numbers of records that are laid out"):
        people_of_groups(Few(RULES[0], {}), [[1, 2]], {})
    assert people_of_groups(Few(RULES[0], {}), [], {}) == []
