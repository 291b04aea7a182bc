"""Records under keys after a batch are those of the store, less what was taken out and with what was put in."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.contents import Packed
from cxm_sdk._native.filing import Filing
from cxm_sdk._native.packing import packed, unpacked
from cxm_sdk.identity.person_records import PersonRecord, people_of

RANGE = range(-4, 5)
KEYS = st.sets(st.integers(-4, 4), max_size=4)
STORED = st.dictionaries(st.integers(1, 6), KEYS, max_size=6)
CHANGED = st.dictionaries(st.integers(1, 9), KEYS, max_size=5)
NAMES = st.lists(st.sampled_from(["a", "b", ""]), min_size=9, max_size=9)
#: Which of two roles each key is of.
ROLES = {key: "email" if key % 2 else "phone" for key in RANGE}


def named(number: int, keys: set[int]) -> Packed:
    """A record of which the keys are given: those of one role beside values, the others without."""
    emails, others = ([key for key in sorted(keys) if ROLES[key] == role] for role in ("email", "phone"))
    own = b"".join(key.to_bytes(8, "little", signed=True) + b"\0" for key in emails)
    more = b"".join(b"\0\5phone" + key.to_bytes(8, "little", signed=True) for key in others)
    told = b"\0\0\1" + b"\0\5email" + bytes([len(emails) << 2 | 2]) + own + bytes([len(others) + 1]) + more
    return Packed.restored(number, told, 0, 0, ())


def _under(filed: dict[int, set[int]], key: int) -> list[int]:
    return sorted(node for node, keys in filed.items() if key in keys)


def _rows(filed: dict[int, set[int]]) -> set[tuple[int, int]]:
    return {(key, node) for node, keys in filed.items() for key in keys}


def _find(filing: Filing, stored: dict[int, set[int]]) -> list[int]:
    wanted = filing.wanted()
    assert wanted == sorted(set(wanted))
    filing.found(packed([(key, node) for key in wanted for node in _under(stored, key)]))
    return wanted


def _filing(stored: dict[int, set[int]], changed: dict[int, set[int]]) -> Filing:
    """Records filed under other keys, all of which are known."""
    filing = Filing()
    for node, keys in changed.items():
        filing.change(node, sorted(stored.get(node, ())), sorted(keys))
    filing.bring(0, RANGE, -1)
    assert _find(filing, stored) == list(RANGE)
    filing.bring(0, RANGE, -1)
    assert filing.wanted() == []
    return filing


def _identified(stored: dict[int, set[int]], changed: dict[int, set[int]]) -> tuple[Filing, set[int]]:
    """Records with other identifiers, and which are concerned."""
    filing, concerned = Filing(), set[int]()
    for node, keys in changed.items():
        old = stored.get(node)
        filing.identify(node, None if old is None else named(node, old), named(node, keys) if keys else None)
        concerned |= keys | (old or set())
    assert _find(filing, stored) == sorted(concerned)
    return filing, concerned


@given(STORED, CHANGED)
def test_records_under_keys_are_as_after_the_batch(
    stored: dict[int, set[int]], changed: dict[int, set[int]]
) -> None:
    after = {**stored, **changed}
    by_identifier, concerned = _identified(stored, changed)
    for filing, keys in ((_filing(stored, changed), set(RANGE)), (by_identifier, concerned)):
        assert {key: sorted(filing.under(key)) for key in keys} == {key: _under(after, key) for key in keys}
        dropped, added = (unpacked(rows) for rows in filing.rows())
        assert len(set(dropped)) == len(dropped)
        assert set(dropped) <= _rows(stored)
        assert _rows(stored).isdisjoint(added)
        assert sorted(_rows(stored) - set(dropped) | set(added)) == sorted(_rows(after))


@given(STORED, CHANGED, st.integers(1, 3))
def test_blocks_that_grow_over_their_size_or_shrink_below_it_are_told(
    stored: dict[int, set[int]], changed: dict[int, set[int]], largest: int
) -> None:
    filing, after = _filing(stored, changed), {**stored, **changed}
    expected = set[int]()
    for key in RANGE:
        if (len(_under(stored, key)) > largest) != (len(_under(after, key)) > largest):
            expected.update(_under(after, key))
    assert set(filing.resized(largest)) == expected


def test_only_what_changes_after_the_mark_is_bounded() -> None:
    filing = Filing()
    filing.change(1, [], [5])
    filing.mark()
    filing.change(2, [], [6])
    filing.found(packed([(key, node) for key in filing.wanted() for node in (8, 9)]))
    assert sorted(filing.resized(2)) == [2, 8, 9]


@given(STORED, CHANGED, st.integers(2, 4), KEYS)
def test_pairs_are_all_that_share_a_key_with_few_enough(
    stored: dict[int, set[int]], changed: dict[int, set[int]], most: int, whole: set[int]
) -> None:
    filing, after = _filing(stored, changed), {**stored, **changed}
    expected = {
        pair
        for key in RANGE
        for pair in combinations(_under(after, key), 2)
        if key in whole or (len(_under(after, key)) <= most and not changed.keys().isdisjoint(pair))
    }
    for node, keys in changed.items():
        filing.bring(node, sorted(keys), most)
    for key in whole:
        filing.bring_all(key)
    assert filing.pairs() == packed(sorted(expected))


@given(STORED, CHANGED, KEYS)
def test_identifiers_of_some_roles_that_not_too_many_share_bring_records_together(
    stored: dict[int, set[int]], changed: dict[int, set[int]], muted: set[int]
) -> None:
    after, filing = {**stored, **changed}, Filing()
    for node, keys in after.items():
        filing.bring_named(named(node, keys), {"email"}, {key: -1 if key in muted else 2 for key in RANGE}, 9)
    _find(filing, after)
    expected = {
        pair
        for key in RANGE
        for pair in combinations(_under(after, key), 2)
        if ROLES[key] == "email" and key not in muted
    }
    filing.bring_pair(9, 8)
    assert filing.pairs() == packed(sorted(expected | {(8, 9)}))


@given(STORED, CHANGED, st.integers(2, 4), NAMES, st.dictionaries(st.integers(-4, 4), st.integers(-1, 3)))
def test_people_are_counted_as_one_key_at_a_time(
    stored: dict[int, set[int]],
    changed: dict[int, set[int]],
    most: int,
    names: list[str],
    before: dict[int, int],
) -> None:
    after = {**stored, **changed}
    filing, concerned = _identified(stored, changed)
    records = {node: PersonRecord(*_said(node, name)) for node, name in enumerate(names, start=1)}
    assert filing.sharers(most) == sorted(
        {node for key in concerned if 1 < len(held := _under(after, key)) <= most for node in held}
    )
    # One record that nobody was under the key before is not looked at: it was not shared.
    led = {key for key in concerned if len(_under(after, key)) > 1 or _under(stored, key)}
    shared = {key: people for key, people in before.items() if key in led}
    expected = set[tuple[int, str, int]]()
    for key in led:
        held = _under(after, key)
        few = people_of([records[n] for n in held], ROLES[key])
        people = -1 if len(held) > most else 1 if len(held) < 2 else -1 if few >= 2 else few
        if people != shared.get(key, 1):
            expected.add((key, ROLES[key], people))
    found = filing.recounted({**records}, shared, most, ("first_name",), 2)
    assert len(found) == len(set(found))
    assert set(found) == expected


def _said(node: int, name: str) -> tuple[int, str, str, dict[str, list[str]], dict[str, list[str]], int, int]:
    return node, "crm", str(node), {"first_name": [name]} if name else {}, {}, 0, 0


@given(STORED, CHANGED)
def test_identifiers_are_asked_about_once(stored: dict[int, set[int]], changed: dict[int, set[int]]) -> None:
    filing, concerned = _identified(stored, changed)
    asked = filing.unknown_before()
    assert sorted(asked) == [key for key in sorted(concerned) if len(_under(stored, key)) > 1]
    rest = filing.unknown([named(node, keys) for node, keys in stored.items()])
    assert sorted(rest) == sorted({key for keys in stored.values() for key in keys} - concerned)
    again = filing.unknown([named(1, set(RANGE))] * 2)
    assert sorted(again) == [key for key in RANGE if key not in concerned and key not in rest]


def test_records_have_to_be_there_to_be_counted() -> None:
    filing, _ = _identified({}, {1: {1}, 2: {1}})
    with pytest.raises(KeyError):
        filing.recounted({1: PersonRecord(*_said(1, "a"))}, {}, 9, ("first_name",), 10)
