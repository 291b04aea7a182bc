"""A filter holds all that was put in, and little else."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.bloom import Bloom

EDGES = [-(2**63), -(2**52), -1, 0, 1, 2**40 - 1, 2**40, 2**52 - 1, 2**52, 2**63 - 1]
NUMBERS = st.lists(st.one_of(st.sampled_from(EDGES), st.integers(-(2**63), 2**63 - 1)), max_size=30)


def _part(number: int) -> int:
    return (number + 2**63) >> 52


def _is_small(number: int) -> bool:
    return 0 <= number < 2**40


def _put(bloom: Bloom, numbers: list[int], held: set[int]) -> None:
    held.update(numbers)
    for part in bloom.add(numbers):
        bloom.make(part, [number for number in held if _part(number) == part])


@given(st.lists(NUMBERS, max_size=5))
def test_what_was_put_in_is_held(steps: list[list[int]]) -> None:
    bloom, held = Bloom(), set[int]()
    for numbers in steps:
        assert bloom.parts_of(numbers) == sorted({_part(n) for n in numbers if not _is_small(n)})
        _put(bloom, numbers, held)
        assert bloom.may_hold(sorted(held)) == sorted(held)
    copy = Bloom()
    for part in bloom.parts_of(sorted(held)):
        copy.take(part, bloom.part(part))
        assert copy.part(part) == bloom.part(part)
    assert copy.may_hold(EDGES) == bloom.may_hold(EDGES)
    copy.clear()
    assert copy.may_hold(EDGES) == [0, 1, 2**40 - 1]


@pytest.mark.parametrize("number", EDGES)
def test_parts_are_ranges_of_numbers(number: int) -> None:
    if not _is_small(number):
        first, last = Bloom().bounds(_part(number))
        assert first <= number <= last
        assert _part(first) == _part(last) == _part(number)
        assert _is_small(first - 1) or first == -(2**63) or _part(first - 1) == _part(number) - 1


def test_few_others_are_taken_for_what_is_held() -> None:
    draw, bloom, held = random.Random(7), Bloom(), set[int]()
    for _ in range(20):
        _put(bloom, [draw.randrange(2**52) - 2**52 for _ in range(500)], held)
    others = [draw.randrange(2**52) - 2**52 for _ in range(20_000)]
    assert len(bloom.may_hold(others)) < 0.02 * len(others)
    assert len(bloom.part(_part(-1))) < 2.5 * len(held)


def test_a_part_that_is_made_anew_tells_only_of_what_it_is_made_of() -> None:
    one, other = Bloom(), Bloom()
    for bloom, numbers in ((one, [-5, -6, -7]), (other, [-6])):
        bloom.make(_part(-5), numbers)
    one.make(_part(-5), [-6])
    assert one.part(_part(-5)) == other.part(_part(-5))
    assert one.may_hold([-5, -6, -7]) == [-6]


def test_parts_that_are_not_there_and_bytes_that_are_none_are_errors() -> None:
    bloom = Bloom()
    for call in (lambda: bloom.part(4096), lambda: bloom.make(4096, []), lambda: bloom.take(4096, bytes(72))):
        with pytest.raises(IndexError):
            call()
    for size in (0, 8, 71, 73):
        with pytest.raises(ValueError, match="whole blocks"):
            bloom.take(0, bytes(size))
