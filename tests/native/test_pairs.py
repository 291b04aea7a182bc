"""Native pair generation finds what comparing every record with every other finds, each pair once."""

from __future__ import annotations

import copy
import pickle
import runpy
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native import pairs

oracles = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("oracles.py"))))

Ints = npt.NDArray[np.int32]
Starts = npt.NDArray[np.int64]
#: Keys of one rule: for each record what stands in each slot, None for nothing; no key stands there twice.
Rule = list[list[int | None]]

KEY = st.one_of(st.none(), st.integers(0, 4), st.integers(0, 2**64 - 1))
KEYS = st.lists(st.one_of(st.just(0), st.integers(1, 9), st.integers(0, 2**64 - 1)), max_size=40)


@st.composite
def rule_lists(draw: st.DrawFn) -> list[Rule]:
    records = draw(st.integers(0, 9))
    rules = []
    for width in draw(st.lists(st.integers(1, 3), min_size=1, max_size=5)):
        rows = draw(
            st.lists(st.lists(KEY, min_size=width, max_size=width), min_size=records, max_size=records)
        )
        rules.append(
            [[key if key not in row[:slot] else None for slot, key in enumerate(row)] for row in rows]
        )
    return rules


def blocks_of(rule: Rule) -> tuple[list[list[int]], list[list[int]]]:
    """Members of each block of two or more, and which slot brought each in."""
    found: dict[int, list[tuple[int, int]]] = {}
    for record, row in enumerate(rule):
        for slot, key in enumerate(row):
            if key is not None:
                found.setdefault(key, []).append((record, slot))
    kept = [entries for _, entries in sorted(found.items()) if len(entries) > 1]
    return [[record for record, _ in block] for block in kept], [
        [slot for _, slot in block] for block in kept
    ]


def laid_out(groups: Sequence[Sequence[int]]) -> tuple[Starts, Ints]:
    starts = np.cumsum([0, *map(len, groups)], dtype=np.int64)
    return starts, np.array([member for group in groups for member in group], np.int32)


@given(rule_lists(), st.data())
def test_every_pair_comes_once_from_the_first_rule_that_holds_it(
    rules: list[Rule], data: st.DataObject
) -> None:
    widths = [len(rule[0]) if rule else 1 for rule in rules]
    slots = np.cumsum([0, *widths], dtype=np.int32)
    table = np.full((len(rules[0]), slots[-1]), -1, np.int32)
    blocks = [blocks_of(rule) for rule in rules]
    for number, (members, entry_slots) in enumerate(blocks):
        starts, flat = laid_out(members)
        pairs.fill_blocks(flat, starts, laid_out(entry_slots)[1].astype(np.int8), slots[number], table)

    found: dict[tuple[int, int], tuple[int, int]] = {}
    for number, (members, _) in enumerate(blocks):
        starts, flat = laid_out(members)
        cut = data.draw(st.integers(0, len(members)))
        for first, last in ((0, cut), (cut, len(members))):
            room = sum(len(block) * (len(block) - 1) // 2 for block in members[first:last])
            left, right = np.full(room, -9, np.int32), np.full(room, -9, np.int32)
            mask = np.full(room, 77, np.uint32)
            plain = left.copy(), right.copy(), mask.copy()
            for with_rules, out in ((True, (left, right, mask)), (False, plain)):
                count = pairs.generate(table, slots, number, flat, starts, first, last, with_rules, *out)
            assert [side[:count].tolist() for side in plain[:2]] == [
                left[:count].tolist(),
                right[:count].tolist(),
            ]
            assert (plain[2] == 77).all()
            for a, b, held in zip(*(side[:count].tolist() for side in (left, right, mask)), strict=True):
                assert a < b
                assert (a, b) not in found
                found[a, b] = (number, held)

    keys = [[{key for key in row if key is not None} for row in rule] for rule in rules]
    expected = oracles.pairs_by_rule(keys)
    assert {pair: held for pair, (_, held) in found.items()} == expected
    assert all(number == (held & -held).bit_length() - 1 for number, held in found.values())


@given(st.lists(st.sets(st.integers(0, 20), max_size=6).map(sorted), max_size=6))
def test_pairs_within_groups_are_all_their_pairs(groups: list[list[int]]) -> None:
    expected = [pair for group in groups for pair in combinations(group, 2)]
    left, right = np.empty(len(expected), np.int32), np.empty(len(expected), np.int32)
    assert pairs.pairs_within(*laid_out(groups), left, right) == len(expected)
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == expected


# ------------------------------------------------------------------------------------------------------- keys


@given(KEYS)
def test_key_order_is_stable(keys: list[int]) -> None:
    order = np.full(len(keys), -1, np.int32)
    pairs.key_order(np.array(keys, np.uint64), order)
    assert order.tolist() == sorted(range(len(keys)), key=keys.__getitem__)


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 4)), max_size=10), st.data())
def test_keys_are_mixed_from_all_parts_or_missing(
    records: list[tuple[int, int]], data: st.DataObject
) -> None:
    part = st.one_of(st.just(0), st.integers(1, 3), st.integers(0, 2**64 - 1))
    # A key takes a part of a value, or the value itself.
    parts = [data.draw(st.none() | st.lists(part, min_size=5, max_size=5)) for _ in range(2)]
    expected = []
    for record in records:
        values = [
            (parts[number] or range(1, 6))[code] if code >= 0 else 0 for number, code in enumerate(record)
        ]
        expected.append(oracles.mixed_key(oracles.mixed_key(1, values[0]), values[1]) if all(values) else 0)
    some = data.draw(st.lists(st.integers(0, len(records) - 1), max_size=6) if records else st.just([]))
    for rows in ([], some):
        keys = np.full(len(rows or records), 12345, np.uint64)
        codes = [np.array([record[number] for record in records], np.int32) for number in range(2)]
        values = [None if part is None else np.array(part, np.uint64) for part in parts]
        pairs.make_keys(codes, values, np.array(rows, np.int32), keys)
        assert keys.tolist() == ([expected[row] for row in rows] if rows else expected)


def test_keys_are_refused_where_codes_do_not_fit() -> None:
    codes, rows = np.zeros(2, np.int32), np.zeros(3, np.int32)
    for some in (rows[:0], rows):
        with pytest.raises(ValueError, match="expected codes or rows for 1 keys"):
            pairs.make_keys([codes], [None], some, np.zeros(1, np.uint64))
    with pytest.raises(ValueError, match="as many columns of codes as of parts, got 1 and 0"):
        pairs.make_keys([codes], [], rows[:0], np.zeros(2, np.uint64))


def test_keys_of_many_records_are_those_of_each() -> None:
    codes = np.random.default_rng(3).integers(-1, 50, (2, 5000), dtype=np.int32)
    parts = [None, np.arange(50, dtype=np.uint64)]
    keys, own = np.empty(5000, np.uint64), np.empty(1, np.uint64)
    pairs.make_keys(list(codes), parts, np.zeros(0, np.int32), keys)
    for row in (0, 1023, 1024, 4999):
        pairs.make_keys(list(codes), parts, np.array([row], np.int32), own)
        assert own[0] == keys[row]


def test_a_part_that_no_record_has_gives_no_keys() -> None:
    keys = np.full(3, 7, np.uint64)
    pairs.make_keys([np.full(3, -1, np.int32)], [np.zeros(0, np.uint64)], np.zeros(0, np.int32), keys)
    assert not keys.any()


@given(
    st.lists(st.integers(0, 5) | st.integers(0, 2**64 - 1), max_size=20),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_values_are_drawn_by_the_upper_half_of_their_keys(parts: list[int], whole: bool, limit: int) -> None:
    drawn = np.full(len(parts), 7, np.uint8)
    pairs.draw_values(None if whole else np.array(parts, np.uint64), limit, drawn)
    taken = [number + 1 for number in range(len(parts))] if whole else parts
    assert drawn.tolist() == [part != 0 and oracles.mixed_key(1, part) >> 32 < limit for part in taken]


def test_values_are_not_drawn_by_parts_of_others() -> None:
    with pytest.raises(ValueError, match="expected parts of 2 values, got 1"):
        pairs.draw_values(np.ones(1, np.uint64), 1, np.zeros(2, np.uint8))


@given(KEYS, st.integers(0, 6))
def test_counters_count_keys_by_their_lowest_bits(keys: list[int], bits: int) -> None:
    counters = np.zeros(1 << bits, np.uint16)
    counters[0] = 0xFFFE
    pairs.count_keys(np.array(keys, np.uint64), counters)
    often = Counter(key % (1 << bits) for key in keys if key)
    often[0] += 0xFFFE
    # They stop at the greatest number they can hold.
    assert counters.tolist() == [min(often[bucket], 0xFFFF) for bucket in range(1 << bits)]


@given(KEYS, st.integers(0, 6), st.integers(0, 8), st.booleans(), st.data())
def test_rules_are_marked_where_both_records_hold_a_key_that_is_not_too_common(
    keys: list[int], bits: int, largest: int, counted: bool, data: st.DataObject
) -> None:
    partners = data.draw(st.permutations(keys))
    counters = np.zeros((1 << bits) * counted, np.uint16)
    often = Counter(key % (1 << bits) for key in keys if key)
    if counted:
        pairs.count_keys(np.array(keys, np.uint64), counters)
    held = np.full(len(keys), 1, np.uint32)
    pairs.mark_rule(
        np.array(keys, np.uint64), np.array(partners, np.uint64), counters, largest, 1 << 30, held
    )
    assert held.tolist() == [
        1 | (1 << 30) * bool(a and a == b and (not counted or often[a % (1 << bits)] <= largest))
        for a, b in zip(keys, partners, strict=True)
    ]


# --------------------------------------------------------------------------------------------------- patterns


@given(st.data(), st.lists(st.integers(1, 40), min_size=1, max_size=8), st.integers(1, 3))
def test_patterns_are_counted_as_often_as_they_occur(
    data: st.DataObject, sizes: list[int], chunks: int
) -> None:
    counts, expected = pairs.PatternCounts(np.array(sizes, np.int64)), Counter[tuple[int, ...]]()
    row = st.tuples(
        *(st.integers(0, size - 1) for size in sizes),
        st.sampled_from([1, 2**31, 2**32 - 1]),
        st.integers(0, 1),
    )
    for _ in range(chunks):
        drawn = data.draw(st.lists(row, max_size=6)) * 2
        table = np.array(drawn, np.int64).reshape(-1, len(sizes) + 2)
        counts.add(
            np.ascontiguousarray(table[:, :-2], np.uint8),
            table[:, -2].astype(np.uint32),
            table[:, -1].astype(np.uint8),
        )
        expected.update(drawn)
    found = {}
    for packed, origin, count in zip(*counts.items(), strict=True):
        levels = []
        for size in reversed(sizes):
            packed, level = divmod(packed, size)
            levels.append(level)
        found[*reversed(levels), origin & 0xFFFFFFFF, origin >> 32] = count
    assert found == expected


@pytest.mark.parametrize("give", [pickle.dumps, copy.copy])
def test_counts_refuse_pickling(give: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="pickled"):
        give(pairs.PatternCounts(np.array([2], np.int64)))
