"""Links of a batch come out as a plain program over dictionaries has them, and fields as golden records show them."""

from __future__ import annotations

import json
from array import array
from itertools import combinations
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.feed import Feed
from cxm_sdk._native.links import links_of_rows, rows_of_links
from cxm_sdk._native.packing import packed
from cxm_sdk._native.settling import Links, fields_shown_otherwise
from cxm_sdk.identity.person_records import PersonRecord

CUT = 3.0
FLOOR = 0.0
PAIRS = list(combinations(range(1, 8), 2))
BITS = st.sampled_from([-2.0, 2.5, 3.0, 7.25])
FATES = st.sampled_from([None, "kept", "too_large", "outweighed", "unique:crm_id"])

Pair = tuple[int, int]
Row = tuple[int, int, float, float, str | None]


class Batch(NamedTuple):
    """What a batch finds: pairs that it weighs, links in the store, and how its records are grouped."""

    weighed: dict[Pair, tuple[float, float]]
    decided: set[Pair]
    stored: dict[Pair, Row]
    changed: set[int]
    members: list[int]
    label: dict[int, int]
    reasons: dict[Pair, str]


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    changed = draw(st.sets(st.integers(1, 7), max_size=4))
    weighed = {pair: (draw(BITS), draw(BITS)) for pair in PAIRS if draw(st.booleans())}
    decided = set(draw(st.lists(st.sampled_from(PAIRS), max_size=3)))
    stored: dict[Pair, Row] = {}
    for pair in PAIRS:
        if draw(st.booleans()):
            stored[pair] = (*pair, draw(BITS), draw(BITS), draw(FATES))
    members = sorted(draw(st.sets(st.integers(1, 7), min_size=1)))
    label = {number: draw(st.integers(0, 2)) for number in members}
    reasons = {
        pair: draw(st.sampled_from(["unique:user_id", "one_record"])) for pair in PAIRS if draw(st.booleans())
    }
    return Batch(weighed, decided, stored, changed, members, label, reasons)


class PlainLinks:
    """The same, slowly."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.edges = {
            pair: (weight, household)
            for pair, (weight, household) in batch.weighed.items()
            if weight >= FLOOR or household >= 0 or pair in batch.decided
        }
        for pair, (_, _, weight, household, _) in batch.stored.items():
            if pair not in batch.weighed and batch.changed.isdisjoint(pair):
                self.edges[pair] = weight, household

    def strong(self, pair: Pair) -> bool:
        return self.edges[pair][0] >= CUT or pair in self.batch.decided

    def groups(self) -> list[list[int]]:
        sets = [{number} for number in self.batch.members]
        for pair in self.edges:
            if self.strong(pair):
                met = [one for one in sets if not one.isdisjoint(pair)]
                if sum(number in one for one in met for number in pair) == 2:
                    sets = [one for one in sets if one not in met] + [set[int]().union(*met)]
        return sorted(sorted(one) for one in sets)

    def fate(self, pair: Pair, group: dict[int, int]) -> str | None:
        a, b = pair
        if not self.strong(pair) or a not in group or b not in group:
            return None
        if group[a] != group[b]:
            return "too_large"
        if self.batch.label[a] == self.batch.label[b]:
            return "kept"
        return self.batch.reasons.get(pair, "outweighed")

    def written(self, group: dict[int, int]) -> list[Row]:
        rows: list[Row] = [
            (*pair, *bits, self.fate(pair, group)) for pair, bits in sorted(self.edges.items())
        ]
        return [row for row in rows if self.batch.stored.get((row[0], row[1])) != row]


def made() -> Links:
    return Links(CUT, FLOOR, "kept", "too_large", "outweighed")


def weigh(links: Links, weighed: dict[Pair, tuple[float, float]], decided: set[Pair]) -> None:
    pairs = sorted(weighed)
    edges = array("d", [bits for pair in pairs for bits in weighed[pair]])
    links.weighed(packed(pairs), edges.tobytes(), decided)


def taken_in(batch: Batch) -> Links:
    links = made()
    weigh(links, batch.weighed, batch.decided)
    stored = sorted(batch.stored.values(), key=lambda row: (row[1], row[0]))
    links.stored(rows_of_links(stored), batch.changed)
    links.decide(batch.decided)
    return links


def placed(links: Links, batch: Batch, parts: list[list[int]]) -> None:
    for part in parts:
        at = {number: place for place, number in enumerate(part)}
        why = {(at[a], at[b]): why for (a, b), why in batch.reasons.items() if a in at and b in at}
        people = links.place(part, [batch.label[number] for number in part], why)
        assert sorted(map(sorted, people)) == sorted(
            [n for n in part if batch.label[n] == label] for label in {batch.label[n] for n in part}
        )
    several = {
        part[0]
        for part in ([1, 2], [3, 4, 5], batch.members)
        if not set(part) <= set(batch.members)
        or len({(batch.label[n], [n in one for one in parts].index(True)) for n in part}) > 1
    }
    assert links.parted([[1, 2], [3, 4, 5], batch.members]) == several


@given(batches())
def test_links_hold_records_together_and_lie_among_them_as_weighed_or_stored(batch: Batch) -> None:
    links, plain = taken_in(batch), PlainLinks(batch)
    assert links.groups(batch.members, []) == plain.groups()
    ends = {number for pair in plain.edges for number in pair}
    assert links.alone(range(9)) == [number for number in range(9) if number not in ends]
    assert links.strong_ends() == {n for pair in plain.edges if plain.strong(pair) for n in pair}
    turned = batch.members[::-1]
    found = {
        tuple(sorted((turned[i], turned[j]))): (*bits, decided)
        for (i, j), *bits, decided in links.among(turned)
        if i < j
    }
    assert found == {
        pair: (*bits, pair in batch.decided)
        for pair, bits in plain.edges.items()
        if set(pair) <= set(batch.members)
    }


@given(batches(), st.booleans())
def test_only_links_that_change_are_written_and_told_of(batch: Batch, halves: bool) -> None:
    links, plain = taken_in(batch), PlainLinks(batch)
    middle = len(batch.members) // 2 if halves else 0
    parts = [batch.members[:middle], batch.members[middle:]]
    placed(links, batch, parts)
    group = {number: at for at, part in enumerate(parts) for number in part}
    gone, written = links.changes()
    assert gone == sorted(batch.stored.keys() - plain.edges.keys())
    assert sorted(links_of_rows(written)) == plain.written(group)
    assert [b for b, _ in written] == sorted({b for b, _ in written})
    was = {pair for pair, row in batch.stored.items() if row[4] == "kept"}
    now = {pair for pair in plain.edges if plain.fate(pair, group) == "kept"}
    profiles = {number: bytes([number]) for number in batch.members if number % 3}
    feed = Feed()
    links.tell(feed, profiles, lambda pair: bytes(pair), lambda pair: f"since {pair}")
    told = [entry for _, row in feed.rows(3) for entry in json.loads(row)]
    assert told == [
        [
            "link_added" if pair in now else "link_dropped",
            next((profiles[n].hex() for n in pair if n in profiles), bytes(pair).hex()),
            {"nodes": list(pair), "weight": plain.edges[pair][0]}
            if pair in now
            else {
                "nodes": list(pair),
                "reason": (pair in plain.edges and plain.fate(pair, group)) or f"since {pair}",
            },
        ]
        for pair in (*sorted(was - plain.edges.keys()), *sorted((was ^ now) & plain.edges.keys()))
    ]


def test_records_that_hang_together_anyway_are_one_group() -> None:
    links = made()
    weigh(links, {(2, 5): (9.0, 0.0)}, set())
    assert links.groups([1, 2, 3, 4, 5], [[1, 3], [2, 4]]) == [[1, 3], [2, 4, 5]]
    with pytest.raises(KeyError):
        links.groups([1, 2], [[1, 3]])


def test_sides_of_other_lengths_are_refused() -> None:
    links = made()
    with pytest.raises(ValueError, match="expected 1 edges, got 0"):
        links.weighed(packed([(1, 2)]), b"", set())
    with pytest.raises(ValueError, match="in their order"):
        links.weighed(packed([(1, 2), (1, 2)]), bytes(32), set())
    with pytest.raises(ValueError, match="whole links"):
        links.stored([(2, b"half")], set())
    with pytest.raises(ValueError, match="expected 2 labels, got 1"):
        links.place([1, 2], [0], {})


ROLES = ["city", "email", "first_name", "street"]
FORMS = st.sampled_from(["ulm", "bonn", 'o"x', "ä\\b"])


@st.composite
def said(draw: st.DrawFn) -> PersonRecord:
    """A record, made of values or read back from a store."""
    content = {role: draw(st.lists(FORMS, min_size=1, max_size=2)) for role in ROLES if draw(st.booleans())}
    written = {
        role: [form.title() if draw(st.booleans()) else form for form in forms]
        for role, forms in content.items()
        if draw(st.booleans())
    }
    named = 1, draw(st.sampled_from(["crm", "shop"])), draw(st.sampled_from("12"))
    last = draw(st.integers(0, 2))
    if draw(st.booleans()):
        packed = PersonRecord(*named, content, written, 0, last).packed()
        return PersonRecord.restored(1, packed, 0, last, ())
    return PersonRecord(*named, content, written, 0, last)


def plainly(role: str, records: list[PersonRecord]) -> str | None:
    for record in sorted(records, key=lambda one: (one.last, *one.order), reverse=True):
        if role in record.content:
            form = record.content[role][0]
            return form if role == "email" else record.written.get(role, [form])[0]
    return None


@given(
    st.lists(said(), max_size=4),
    st.lists(said(), max_size=4),
    st.lists(st.tuples(said(), said() | st.none()), max_size=3),
)
def test_fields_that_show_something_else_are_named(
    went: list[PersonRecord],
    came: list[PersonRecord],
    stayed: list[tuple[PersonRecord, PersonRecord | None]],
) -> None:
    records = dict(enumerate((*went, *came, *(now for now, _ in stayed))))
    first = len(went) + len(came)
    former = {number: was for number, (_, was) in enumerate(stayed, first) if was is not None}
    kept = list(range(first, first + len(stayed)))
    was, held = [*kept, *range(len(went))], [*range(len(went), first), *kept]
    old, new = [former.get(n, records[n]) for n in was], [records[n] for n in held]
    moved = {n for n in records if n not in kept or n in former}
    told = {
        role for n in moved for record in (records[n], former.get(n)) if record for role in record.content
    }
    expected = [role for role in ROLES if role in told and plainly(role, old) != plainly(role, new)]
    found = fields_shown_otherwise([(b"p", was, held)], records, former, {"email"})
    assert found == ([(b"p", expected)] if expected else [])


def test_records_that_show_fields_are_there_and_packed() -> None:
    with pytest.raises(TypeError):
        fields_shown_otherwise([(b"p", [1], [])], {1: None}, {}, ())  # type: ignore[dict-item]
    with pytest.raises(KeyError):
        fields_shown_otherwise([(b"p", [], [1])], {}, {}, ())
    empty = PersonRecord(1, "crm", "1", {"city": []}, {}, 0, 0)
    assert fields_shown_otherwise([(b"p", [], [1])], {1: empty}, {}, ()) == []
