"""Records under keys after a batch are those of the store, less what was taken out and with what was put in."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.filing import Filing
from cxm_sdk.identity.person_records import PersonRecord, people_behind, people_of

KEYS = st.sets(st.integers(-4, 4), max_size=4)
STORED = st.dictionaries(st.integers(1, 6), KEYS, max_size=6)
CHANGED = st.dictionaries(st.integers(1, 9), KEYS, max_size=5)


def _under(filed: dict[int, set[int]], key: int) -> list[int]:
    return sorted(node for node, keys in filed.items() if key in keys)


def _filing(stored: dict[int, set[int]], changed: dict[int, set[int]]) -> Filing:
    filing = Filing()
    for node, keys in changed.items():
        filing.change(node, sorted(stored.get(node, ())), sorted(keys))
    wanted = filing.wanted(range(-4, 5))
    assert wanted == list(range(-4, 5))
    assert filing.wanted(range(-4, 5)) == []
    filing.found({key: held for key in wanted if (held := _under(stored, key))})
    return filing


@given(STORED, CHANGED)
def test_records_under_keys_are_as_after_the_batch(
    stored: dict[int, set[int]], changed: dict[int, set[int]]
) -> None:
    filing, after = _filing(stored, changed), {**stored, **changed}
    for key in range(-4, 5):
        assert sorted(filing.under(key)) == _under(after, key)
    dropped, added = filing.rows()
    rows = {(key, node) for node, keys in stored.items() for key in keys}
    assert set(dropped) <= rows
    assert rows.isdisjoint(added)
    assert rows - set(dropped) | set(added) == {(key, node) for node, keys in after.items() for key in keys}
    assert sorted(filing.were_several(range(-4, 5))) == [
        key for key in range(-4, 5) if len(_under(stored, key)) > 1
    ]


@given(STORED, CHANGED, st.integers(1, 3))
def test_blocks_that_grow_over_their_size_or_shrink_below_it_are_told(
    stored: dict[int, set[int]], changed: dict[int, set[int]], largest: int
) -> None:
    filing, after = _filing(stored, changed), {**stored, **changed}
    expected = set[int]()
    for key in range(-4, 5):
        if (len(_under(stored, key)) > largest) != (len(_under(after, key)) > largest):
            expected.update(_under(after, key))
    assert set(filing.resized(largest)) == expected


def test_only_what_changes_after_the_mark_is_bounded() -> None:
    filing = Filing()
    filing.change(1, [], [5])
    filing.mark()
    filing.change(2, [], [6])
    filing.found({key: [8, 9] for key in filing.wanted(())})
    assert sorted(filing.resized(2)) == [2, 8, 9]


@given(STORED, CHANGED, st.integers(2, 4))
def test_pairs_are_all_that_share_a_key_with_few_enough(
    stored: dict[int, set[int]], changed: dict[int, set[int]], most: int
) -> None:
    filing, after = _filing(stored, changed), {**stored, **changed}
    expected = {
        pair
        for key in range(-4, 5)
        if len(held := _under(after, key)) <= most
        for pair in combinations(held, 2)
        if not changed.keys().isdisjoint(pair)
    }
    blocks = [(node, sorted(keys), most) for node, keys in changed.items()]
    assert filing.pairs(blocks) == expected


@given(STORED, CHANGED, st.integers(2, 4), st.lists(st.sampled_from(["a", "b", ""]), min_size=9, max_size=9))
def test_people_are_counted_as_one_key_at_a_time(
    stored: dict[int, set[int]], changed: dict[int, set[int]], most: int, names: list[str]
) -> None:
    filing, after = _filing(stored, changed), {**stored, **changed}
    records = {
        node: PersonRecord(node, "crm", str(node), {"first_name": [name]} if name else {}, {}, 0, 0)
        for node, name in enumerate(names, start=1)
    }
    roles = dict.fromkeys(range(-4, 5), "email")
    assert set(filing.sharers(roles, most)) == {
        node for key in roles if 1 < len(held := _under(after, key)) <= most for node in held
    }
    for key, fewest in filing.people(roles, records, most, ("first_name",)).items():
        held = _under(after, key)
        assert people_behind(fewest) == (
            -1 if len(held) > most else people_of([records[n] for n in held], "email")
        )


def test_records_have_to_be_there_to_be_counted() -> None:
    filing = Filing()
    filing.change(1, [], [5])
    filing.change(2, [], [5])
    filing.found({key: [] for key in filing.wanted(())})
    with pytest.raises(KeyError):
        filing.people({5: "email"}, {1: PersonRecord(1, "crm", "1", {}, {}, 0, 0)}, 9, ("first_name",))
