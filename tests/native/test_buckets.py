"""Records in buckets are those that share a key, whatever the parts they were sorted into."""

from __future__ import annotations

import pickle
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.buckets import KeyBuckets

#: Keys of which some share a bucket of some size, and some a part of the buckets.
KEY = st.one_of(
    st.just(0), st.integers(1, 9), st.integers(0, 2**64 - 1), st.sampled_from([1 << 10, 1 << 13, 1 << 63])
)


@st.composite
def slots_of_keys(draw: st.DrawFn) -> list[list[int]]:
    """Keys of each slot of some records, often repeated, so that there are many or few."""
    records, width, again = (
        draw(st.integers(0, 9)),
        draw(st.integers(1, 3)),
        draw(st.sampled_from([1, 2, 300])),
    )
    rows = [draw(st.lists(KEY, min_size=width, max_size=width)) for _ in range(records)]
    rows = [[key if key not in row[:s] else 0 for s, key in enumerate(row)] for row in rows] * again
    return [[row[s] for row in rows] for s in range(width)]


def _buckets(slots: list[list[int]]) -> tuple[KeyBuckets, dict[int, list[tuple[int, int]]]]:
    """The buckets, and by number what is in each: record and slot."""
    count = 1 << max(10, (2 * len(slots[0]) * len(slots) - 1).bit_length())
    held: dict[int, list[tuple[int, int]]] = {}
    for record in range(len(slots[0])):
        for slot, keys in enumerate(slots):
            if keys[record]:
                held.setdefault(keys[record] % count, []).append((record, slot))
    return KeyBuckets([np.array(keys, np.uint64) for keys in slots]), held


@given(slots_of_keys(), st.lists(st.integers(0, 3), min_size=1, max_size=9))
def test_buckets_are_counted_by_size(slots: list[list[int]], before: list[int]) -> None:
    buckets, held = _buckets(slots)
    often, last = np.array([0, *before], np.int64), len(before)
    beyond = buckets.count_sizes(often)
    sizes = Counter(min(len(inside), last) for inside in held.values())
    assert often.tolist()[1:] == [had + sizes[size] for size, had in enumerate(before, start=1)]
    assert beyond == sum(len(inside) for inside in held.values() if len(inside) >= last)


@given(slots_of_keys(), st.integers(0, 700))
def test_keys_that_few_records_share_are_grouped(slots: list[list[int]], largest: int) -> None:
    buckets, held = _buckets(slots)
    used = [held[number] for number in sorted(held) if 2 <= len(held[number]) <= largest]
    # Bucket by bucket, and in a bucket the key first that the first record holds.
    expected = list[list[tuple[int, int]]]()
    for inside in used:
        keys = [slots[slot][record] for record, slot in inside]
        groups = [
            [at for at, other in zip(inside, keys, strict=True) if other == key]
            for key in dict.fromkeys(keys)
        ]
        expected += [group for group in groups if len(group) > 1]
    room = sum(map(len, used))
    members, starts = np.empty(room, np.int32), np.empty(room // 2 + 1, np.int64)
    by_slot = np.empty(room, np.int8)
    groups, count = buckets.group(largest, members, starts, by_slot)
    assert starts[groups] == count
    entries = list(zip(members.tolist(), by_slot.tolist(), strict=True))
    assert [entries[a:b] for a, b in pairwise(starts[: groups + 1])] == expected
    assert buckets.slots == len(slots)
    if room:
        with pytest.raises(ValueError, match="room for the keys"):
            buckets.group(largest, members[1:], np.empty((room - 1) // 2 + 1, np.int64), by_slot[1:])


def test_room_and_slots_are_checked() -> None:
    with pytest.raises(ValueError, match="expected 2 keys of each slot, got 1"):
        KeyBuckets([np.ones(2, np.uint64), np.ones(1, np.uint64)])
    buckets = KeyBuckets([np.ones(2, np.uint64)])
    with pytest.raises(ValueError, match="expected 2 slots and 2 starts"):
        buckets.group(9, np.empty(2, np.int32), np.empty(1, np.int64), np.empty(2, np.int8))
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(buckets)
