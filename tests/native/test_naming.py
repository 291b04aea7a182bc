"""People are named after their earliest records, and what is told of them is what a plain program over sets tells."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.feed import Feed
from cxm_sdk._native.naming import (
    moved_records,
    name_of_profile,
    names_of_people,
    rows_of_new,
    tell_of_people,
)
from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.profiles.store import NodeRow

TEXTS = st.text(max_size=200).filter(lambda text: max(text, default="") < "\ud800" or max(text) > "\udfff")
NAMES = [b"a", b"b", b"c", b"d"]


class Row(NamedTuple):
    component: int
    profile: bytes


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
    now, issued = names_of_people(people, records)
    for cluster, (name, number) in zip(people, issued, strict=True):
        earliest = min((records[n] for n in cluster), key=lambda one: one.age)
        assert number == earliest.number
        assert name == name_of_profile(earliest.source, earliest.record_id)
        assert {now.pop(n) for n in cluster} == {name}
    assert not now


class History(NamedTuple):
    """Who records were, and are; records are in one profile or none, before and now."""

    before: dict[int, bytes]
    now: dict[int, bytes]
    former: set[int]


@st.composite
def histories(draw: st.DrawFn) -> History:
    numbers = range(draw(st.integers(1, 7)))
    before = {n: draw(st.sampled_from(NAMES)) for n in numbers if draw(st.integers(0, 3))}
    now = {
        n: before[n] if n in before and draw(st.booleans()) else draw(st.sampled_from(NAMES))
        for n in numbers
        if draw(st.integers(0, 4))
    }
    return History(before, now, {n for n in before if draw(st.integers(0, 3)) == 0})


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
    people = [sorted(held) for held in turned(history.now).values()]
    feed = Feed()
    grown = tell_of_people(feed, people, history.now, history.before, history.former, "retracted")
    told = [
        (kind, bytes.fromhex(profile), detail)
        for _, row in feed.rows(9)
        for kind, profile, detail in json.loads(row)
    ]
    assert (told, [(profile, set(was), set(held)) for profile, was, held in grown]) == plainly(history)


def test_only_records_that_are_new_or_elsewhere_are_placed() -> None:
    rows = {1: Row(1, b"a"), 2: Row(1, b"a"), 4: Row(4, b"d")}
    now = {1: b"a", 2: b"b", 3: b"b", 4: b"d"}
    added, moved = moved_records([[1, 2, 3], [4]], now, rows, {3})
    assert added == [(3, 1, b"b")]
    assert moved == [(1, b"b", 2, 1)]
    assert moved_records([[2, 4]], {2: b"a", 4: b"d"}, rows, ()) == ([], [(2, b"a", 2, 1), (2, b"d", 4, 4)])


def test_what_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        names_of_people([[1]], {})
    with pytest.raises(KeyError):
        moved_records([[1]], {1: b"a"}, {}, ())


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
