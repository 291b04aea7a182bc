"""Records under keys in memory are those that were taken in and not out."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk._native.noted import Noted
from cxm_sdk._native.packing import by_key, complements, numbers, packed, unpacked

KEYS = [-(2**63), -5, 0, 1, 2, 3, 1 << 20, 2 << 20, 2**63 - 1]
ROWS = st.lists(st.tuples(st.sampled_from(KEYS), st.integers(0, 9)), max_size=8)
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "add", "drop", "take", "put", "begin", "next", "next", "clear"]), ROWS),
    max_size=30,
)


def _check(noted: Noted, held: set[tuple[int, int]]) -> None:
    assert len(noted) >= len(held)
    under = {key: sorted(node for other, node in held if other == key) for key in KEYS}
    assert {key: noted.under(key) for key in KEYS} == under
    assert noted.firsts(KEYS) == {key: nodes[0] for key, nodes in under.items() if nodes}
    moved = [(KEYS[0], 20), (KEYS[1], 0), (KEYS[0], 4)]
    both = {key: sorted({*under[key], *(node for other, node in moved if other == key)}) for key in KEYS}
    for most in (2, 100):
        rows, crowded = noted.beside(KEYS, moved, most)
        assert by_key(rows) == {key: nodes[:most] for key, nodes in both.items() if nodes}
        assert unpacked(rows) == sorted(unpacked(rows))
        assert crowded == [key for key in KEYS if len(both[key]) > most]


def pairs(values: list[int]) -> list[tuple[int, int]]:
    return list(zip(values[::2], values[1::2], strict=True))


@settings(max_examples=400)
@given(STEPS, st.integers(0, 12))
def test_what_is_there_is_what_came_and_did_not_go(
    steps: list[tuple[str, list[tuple[int, int]]]], most: int
) -> None:
    noted, held = Noted(most), set[tuple[int, int]]()
    noted.begin()
    for what, rows in steps:
        if what == "put":
            for key, node in rows:
                held = {row for row in held if row[0] != key} | ({(key, node)} if node else set())
            noted.put(packed([(key, node or ~0) for key, node in rows]))
        if what == "begin":
            noted.begin()
        if what in ("add", "take"):
            held.update(rows)
            noted.add(rows) if what == "add" else noted.take(packed(rows))
        if what == "drop":
            held.difference_update(rows)
            noted.take(packed([(key, ~node) for key, node in rows]))
            noted.drop(rows)
        if what == "next":
            moved = pairs(noted.next(3))
            assert len(moved) <= 3
            assert moved == sorted(moved)
            assert held.issuperset(moved)
            held.difference_update(moved)
            noted.take(complements(packed(moved)))
        if what == "clear":
            noted.clear()
            held.clear()
            noted.begin()
        _check(noted, held)
    copy = Noted(most)
    copy.take(noted.packed())
    _check(copy, held)
    _check(noted, held)
    noted.begin()
    assert pairs(noted.next(1000)) == sorted(held)
    assert len(noted) == 0


def test_what_went_before_it_was_its_turn_to_be_moved_may_come_again() -> None:
    noted = Noted(3)
    noted.add([(1, 0), (1, 1), (2, 0), (2, 1)])
    noted.begin()
    noted.drop([(1, 0)])
    assert noted.next(2) == [1, 1, 2, 0]
    noted.add([(1, 0)])
    assert noted.under(1) == [0]
    # One that came again meanwhile, and went, is not there either.
    noted.add([(2, 1)])
    noted.drop([(2, 1)])
    assert noted.next(2) == []
    assert noted.under(2) == []


@pytest.mark.parametrize("most", [1, 100, 1 << 16])
def test_many_rows_are_moved_in_order_while_others_come_and_go(most: int) -> None:
    noted = Noted(most)
    rows = [((number * 7919 % 5003) << 50, number) for number in range(20_000)]
    noted.add(rows)
    noted.begin()
    moved = pairs(noted.next(5000))
    noted.add([(-1, 1)])
    noted.drop([rows[3]] if rows[3] not in moved else [])
    gone = {*moved, rows[3]}
    rest = [row for row in sorted(rows) if row not in gone]
    found = list[tuple[int, int]]()
    while part := noted.next(999):
        found += pairs(part)
    assert moved == sorted(rows)[:5000]
    assert found == rest
    assert noted.under(-1) == [1]


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from([1, 12, 40, 63]), st.integers(0, 2))
def test_many_rows_are_put_in_order_wherever_they_lie(seed: int, bits: int, gone: int) -> None:
    dice = Random(seed)

    def key() -> int:
        return dice.choice([dice.getrandbits(bits), -dice.getrandbits(63) - 1, 7])

    rows = [(key(), dice.randrange(9)) for _ in range(6000)]
    steps = [(one, ~node if dice.randrange(9) < gone else node) for one, node in [*rows, *rows[:900]]]
    last = {(one, max(node, ~node)): node >= 0 for one, node in steps}
    noted = Noted(5)
    noted.take(packed(steps))
    held = sorted(row for row, there in last.items() if there)
    assert unpacked(noted.packed()) == held
    keys = sorted({one for one, _ in rows})
    assert unpacked(noted.beside(keys, [], 10)[0]) == held
    noted.begin()
    assert pairs(noted.next(10_000)) == held


@given(ROWS)
def test_rows_of_bytes_are_read_as_they_were_written(rows: list[tuple[int, int]]) -> None:
    assert unpacked(packed(rows)) == rows
    assert packed([(*row, "more") for row in rows]) == packed(rows)
    assert numbers(packed(rows)) == sorted({number for row in rows for number in row})
    assert unpacked(complements(packed(rows))) == [(key, ~node) for key, node in rows]
    ordered = sorted(rows)
    expected: dict[int, list[int]] = {}
    for key, node in ordered:
        expected.setdefault(key, []).append(node)
    assert by_key(packed(ordered)) == expected


def test_numbers_of_more_than_64_bits_are_an_error() -> None:
    with pytest.raises(OverflowError):
        packed([(2**63, 1)])
    with pytest.raises(OverflowError):
        Noted().add([(1, 2**63)])
