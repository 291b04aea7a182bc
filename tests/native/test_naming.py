"""People are named after their earliest records, and what is told of them is what a plain program over sets tells."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.feed import Feed
from cxm_sdk._native.naming import Census, name_of_profile, named_after, rows_of_new, unbroken
from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.profiles.store import NodeRow

TEXTS = st.text(max_size=200).filter(lambda text: max(text, default="") < "\ud800" or max(text) > "\udfff")
Row = tuple[int, bytes, int, int, int, bytes | None]


def row(number: int, component: int, profile: bytes | None) -> Row:
    return number, b"", 0, 0, component, profile


def nobody(number: int) -> PersonRecord:
    return PersonRecord(number, "crm", str(number), {}, {}, number, number)


@given(TEXTS, TEXTS)
def test_profiles_are_named_by_the_digest_of_source_and_id(source: str, record_id: str) -> None:
    whole = f"{len(source)}:{source}{record_id}".encode()
    expected = blake2b(whole, digest_size=16, person=b"profile").digest()
    assert name_of_profile(source, record_id) == expected


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["crm", "sho", "shöp"]), st.sampled_from(["1", "10", "2"]), st.integers(0, 2)
        ),
        min_size=1,
        max_size=8,
        unique_by=lambda one: one[:2],
    ),
    st.integers(1, 4),
)
def test_people_are_named_after_their_earliest_records(told: list[tuple[str, str, int]], parts: int) -> None:
    records = {
        n: PersonRecord(n, source, record_id, {}, {}, first, first)
        for n, (source, record_id, first) in enumerate(told)
    }
    people = [held for part in range(parts) if (held := [n for n in records if n % parts == part])]
    census = Census(records, {}, dict.fromkeys(records, b""))
    now = census.settle(people, people, ())
    for cluster, (name, number) in zip(people, census.issued(), strict=True):
        earliest = min((records[n] for n in cluster), key=lambda one: one.age)
        assert number == earliest.number
        assert name == name_of_profile(earliest.source, earliest.record_id)
        assert {now.pop(n) for n in cluster} == {name}
    assert not now
    assert named_after(list(records), records) == [
        (name_of_profile(record.source, record.record_id), n) for n, record in records.items()
    ]


class History(NamedTuple):
    """Who records were, and are; records are in one profile or none before, and in one now unless they are gone."""

    before: dict[int, bytes]
    now: dict[int, bytes]
    fresh: set[int]
    former: set[int]


@st.composite
def histories(draw: st.DrawFn) -> History:
    numbers = range(draw(st.integers(1, 7)))
    names = [name_of_profile("crm", str(number)) for number in numbers]
    before = {n: draw(st.sampled_from(names)) for n in numbers if draw(st.integers(0, 3))}
    fresh = {n for n in numbers if n not in before and draw(st.booleans())}
    label = {n: draw(st.integers(0, 2)) for n in numbers if n in fresh or draw(st.integers(0, 4))}
    now = {n: names[min(m for m in label if label[m] == label[n])] for n in label}
    return History(before, now, fresh, {n for n in before if draw(st.integers(0, 3)) == 0})


def turned(held: dict[int, bytes]) -> dict[bytes, set[int]]:
    found: dict[bytes, set[int]] = {}
    for number, profile in held.items():
        found.setdefault(profile, set()).add(number)
    return found


def plainly(history: History) -> tuple[list[Any], list[Any]]:
    was, is_now = turned(history.before), turned(history.now)
    heirs_of = {old: {history.now[n] for n in held if n in history.now} for old, held in was.items()}
    found: list[Any] = []
    for profile in sorted(is_now):
        if was.get(profile) == is_now[profile]:
            continue
        origins = sorted({history.before[n] for n in is_now[profile] if n in history.before})
        if not origins:
            found.append(("created", profile, {}))
        elif len(origins) > 1:
            others = [origin.hex() for origin in origins if origin != profile]
            found.append(("merged", profile, {"from": others}))
        elif profile not in was and len(heirs_of[origins[0]]) == 1:
            found.append(("renamed", profile, {"from": origins[0].hex()}))
    for profile in sorted(heirs_of):
        heirs = sorted(heirs_of[profile])
        if not heirs:
            found.append(("retracted", profile, {}))
        elif len(heirs) > 1:
            found.append(("split", profile, {"to": [heir.hex() for heir in heirs]}))
    grown = [
        (profile, was[profile], is_now[profile])
        for profile in sorted(was.keys() & is_now.keys())
        if was[profile] != is_now[profile] or not history.former.isdisjoint(was[profile])
    ]
    return found, grown


@given(histories())
def test_what_becomes_of_people_is_told_once(history: History) -> None:
    numbers = {*history.before, *history.now}
    people = [sorted(held) for held in turned(history.now).values()]
    rows = {n: row(n, 0, history.before.get(n)) for n in numbers - history.fresh}
    census = Census({n: nobody(n) for n in numbers}, rows, dict.fromkeys(history.fresh, b""))
    assert census.settle(people, people, numbers - history.now.keys()) == history.now
    assert census.before() == history.before
    assert dict(census.issued()).keys() == set(history.now.values()) - set(history.before.values())
    feed = Feed()
    grown = census.tell(feed, history.former, "retracted")
    told = [
        (kind, bytes.fromhex(profile), detail)
        for _, entries in feed.rows(9)
        for kind, profile, detail in json.loads(entries)
    ]
    assert (told, [(profile, set(was), set(held)) for profile, was, held in grown]) == plainly(history)


@given(histories(), st.integers(1, 3))
def test_only_records_that_are_new_or_elsewhere_are_placed(history: History, parts: int) -> None:
    people = [sorted(held) for held in turned(history.now).values()]
    groups = [sorted(n for held in people[part::parts] for n in held) for part in range(parts)]
    groups = [group for group in groups if group]
    rows = {n: row(n, n % 2, history.before.get(n)) for n in history.now if n not in history.fresh}
    census = Census({n: nobody(n) for n in history.now}, rows, dict.fromkeys(history.fresh, b""))
    census.settle(groups, people, ())
    placed = [(n, group[0], history.now[n]) for group in groups for n in group]
    assert census.moved(groups) == (
        [one for one in placed if one[0] in history.fresh],
        [
            (component, profile, n, n % 2)
            for n, component, profile in placed
            if n not in history.fresh and (component, profile) != (n % 2, history.before.get(n))
        ],
    )


@given(
    st.dictionaries(st.integers(0, 9), st.tuples(st.integers(0, 3), st.sampled_from([None, b"p", b"q"]))),
    st.sets(st.integers(0, 3)),
)
def test_components_of_one_person_are_unbroken(
    held: dict[int, tuple[int, bytes | None]], loud: set[int]
) -> None:
    rows = {n: row(n, *of) for n, of in held.items()}
    parts = {component: sorted(n for n in held if held[n][0] == component) for component, _ in held.values()}
    several = {
        component
        for component, members in parts.items()
        if component not in loud and len({held[n][1] for n in members}) > 1
    }
    left_out = set(loud)
    found = unbroken(list(range(10)), rows, left_out)
    assert sorted(found) == sorted(
        members for component, members in parts.items() if component not in loud | several
    )
    assert left_out == loud | several


def test_what_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        Census({}, {}, {1: b""}).settle([[1]], [[1]], ())
    with pytest.raises(KeyError):
        Census({1: nobody(1)}, {}, {}).settle([[1]], [[1]], ())
    with pytest.raises(KeyError):
        Census({1: nobody(1)}, {}, {1: b""}).moved([[1]])
    with pytest.raises(KeyError):
        named_after([1], {})
    with pytest.raises(ValueError, match="in 16 bytes, got 1"):
        Census({}, {1: row(1, 1, b"p")}, {}).settle([[1]], [], ())
    with pytest.raises(TypeError, match="rows of records"):
        unbroken([1], {1: (1, b"")}, set())


@given(st.lists(st.sampled_from(["crm", "events", "eventsx", "shöp"]), max_size=4))
def test_rows_of_new_records_hold_them_packed_and_the_keys_of_those_of_events(sources: list[str]) -> None:
    records = {
        n: PersonRecord(n, source, str(n), {"city": ["ulm"]}, {}, n, n + 1)
        for n, source in enumerate(sources)
    }
    fresh = {n: bytes([n]) for n in records}
    added = [(n, n + 10, b"p%d" % n) for n in records]
    found = rows_of_new(added, records, fresh, "events", NodeRow)
    assert found == [
        (
            fresh[n] if records[n].source == "events" else None,
            NodeRow(n, records[n].packed(), n, n + 1, component, profile),
        )
        for n, component, profile in added
    ]
    assert all(type(row) is NodeRow for _, row in found)


def test_new_records_have_to_be_there_to_have_rows() -> None:
    with pytest.raises(KeyError):
        rows_of_new([(1, 1, b"p")], {}, {}, "events", NodeRow)
    with pytest.raises(KeyError):
        rows_of_new([(1, 1, b"p")], {1: PersonRecord(1, "events", "1", {}, {}, 0, 0)}, {}, "events", NodeRow)
