"""Numbers of distinct texts, and what is done with them, are what plain Python gives."""

from __future__ import annotations

import runpy
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native import codes

spans = runpy.run_path(str(Path(__file__).with_name("inputs.py")))["spans"]

Ints = npt.NDArray[np.int32]
#: Codes with nulls, and how many codes there may be: more than any row holds, at times.
CODED = st.lists(st.integers(-1, 9), max_size=40).flatmap(
    lambda drawn: st.tuples(st.just(drawn), st.integers(max(drawn, default=-1) + 1, 12))
)


def ints(values: list[int]) -> Ints:
    return np.array(values, np.int32)


@given(st.lists(st.text(st.sampled_from("abé\x00"), max_size=3), max_size=80))
def test_distinct_texts_are_numbered_by_first_appearance(values: list[str]) -> None:
    numbers, firsts = codes.number_distinct(*spans(values))
    seen: dict[str, int] = {}
    expected = [seen.setdefault(value, len(seen)) if value else -1 for value in values]
    assert numbers.tolist() == expected
    assert [values[row] for row in firsts] == list(seen)


@pytest.mark.parametrize("expected", [0, 10, 70_001, 100_000])
def test_many_distinct_texts_are_told_apart(expected: int) -> None:
    values = [str(number % 70_001) for number in range(100_000)]
    numbers, firsts = codes.number_distinct(*spans(values), expected)
    assert firsts.tolist() == list(range(70_001))
    assert numbers.tolist() == [number % 70_001 for number in range(100_000)]


def test_texts_of_every_length_that_differ_in_one_place_are_told_apart() -> None:
    alike = ["x" * size for size in range(1, 40)]
    others = [text[:at] + "y" + text[at + 1 :] for text in alike for at in range(len(text))]
    numbers, firsts = codes.number_distinct(*spans([*alike, *others, *alike]))
    assert firsts.tolist() == list(range(len(alike) + len(others)))
    assert numbers[-len(alike) :].tolist() == list(range(len(alike)))


@pytest.mark.parametrize(("starts", "stops"), [([0], [9]), ([-1], [2]), ([3], [2]), ([0, 1], [1])])
def test_spans_outside_the_text_are_refused(starts: list[int], stops: list[int]) -> None:
    with pytest.raises(ValueError, match="expected"):
        codes.number_distinct(np.zeros(4, np.uint8), ints(starts), ints(stops))


@given(st.lists(st.tuples(st.integers(-1, 9), st.integers(-1, 9)), max_size=20))
def test_pairs_of_codes_have_one_number_in_either_order(pairs: list[tuple[int, int]]) -> None:
    one, other = (ints([pair[side] for pair in pairs]) for side in (0, 1))
    expected = [(min(pair) + 1) << 32 | (max(pair) + 1) if min(pair) >= 0 else 0 for pair in pairs]
    assert codes.unordered_pairs(one, other).tolist() == expected
    assert codes.unordered_pairs(other, one).tolist() == expected


@given(CODED)
def test_codes_are_renumbered_by_first_appearance(coded: tuple[list[int], int]) -> None:
    drawn, count = coded
    numbers, firsts = codes.renumber(ints(drawn), count)
    seen: dict[int, int] = {}
    expected = [seen.setdefault(code, len(seen)) if code >= 0 else -1 for code in drawn]
    assert numbers.tolist() == expected
    assert firsts.tolist() == [drawn.index(code) for code in seen]


@given(CODED, st.data())
def test_codes_of_rows_are_renumbered_over_several_calls(
    coded: tuple[list[int], int], data: st.DataObject
) -> None:
    drawn, count = coded
    rows = data.draw(st.lists(st.integers(0, len(drawn) - 1), max_size=50) if drawn else st.just([]))
    cut = data.draw(st.integers(0, len(rows)))
    numbers, order = np.full(count, -1, np.int32), np.zeros(count, np.int32)
    known, out = 0, np.zeros(len(rows), np.int32)
    for part in (slice(0, cut), slice(cut, None)):
        some = np.array(rows[part], np.int64)
        known = codes.renumber_rows(ints(drawn), some, numbers, order, known, out[part])
    expected, firsts = codes.renumber(ints([drawn[row] for row in rows]), count)
    assert out.tolist() == expected.tolist()
    assert order[:known].tolist() == [drawn[rows[first]] for first in firsts]


@pytest.mark.parametrize(
    ("rows", "room", "count", "error"),
    [([3], 1, 5, IndexError), ([-1], 1, 5, IndexError), ([0], 1, 4, IndexError), ([0], 2, 5, ValueError)],
)
def test_rows_and_codes_that_are_not_there_are_refused(
    rows: list[int], room: int, count: int, error: type[Exception]
) -> None:
    numbers, order = np.full(count, -1, np.int32), np.zeros(count, np.int32)
    with pytest.raises(error, match="expected"):
        codes.renumber_rows(ints([0, 4, 1]), np.array(rows), numbers, order, 0, np.zeros(room, np.int32))


@given(CODED, st.data())
def test_codes_are_translated_one_by_one(coded: tuple[list[int], int], data: st.DataObject) -> None:
    drawn, count = coded
    lookup = data.draw(st.lists(st.integers(-1, 2**31 - 1), min_size=count, max_size=count))
    found = codes.recode(ints(drawn), ints(lookup))
    assert found.tolist() == [lookup[code] if code >= 0 else -1 for code in drawn]


@given(CODED)
def test_every_code_is_counted_and_null_is_not(coded: tuple[list[int], int]) -> None:
    drawn, count = coded
    held = Counter(drawn)
    assert codes.count_codes(ints(drawn), count).tolist() == [held[code] for code in range(count)]


@given(CODED, st.data())
def test_the_last_value_beside_a_code_is_found(coded: tuple[list[int], int], data: st.DataObject) -> None:
    drawn, count = coded
    values = data.draw(st.lists(st.integers(-1, 2**31 - 1), min_size=len(drawn), max_size=len(drawn)))
    beside = dict(zip(drawn, values, strict=True))
    found = codes.values_of(ints(drawn), ints(values), count)
    assert found.tolist() == [beside.get(code, -1) for code in range(count)]


@given(CODED)
def test_rows_of_codes_that_several_hold_are_listed(coded: tuple[list[int], int]) -> None:
    drawn, count = coded
    values, starts, rows = codes.held_by_several(ints(drawn), count)
    held = {code: [row for row, other in enumerate(drawn) if other == code] for code in range(count)}
    expected = {code: own for code, own in held.items() if len(own) > 1}
    found = [rows[first:last].tolist() for first, last in pairwise(starts.tolist())]
    assert dict(zip(values.tolist(), found, strict=True)) == expected
    assert values.tolist() == sorted(expected)


@given(CODED, st.data())
def test_rows_of_wanted_codes_are_listed_in_order(coded: tuple[list[int], int], data: st.DataObject) -> None:
    drawn, count = coded
    wanted = data.draw(st.lists(st.sampled_from([0, 1, 255]), min_size=count, max_size=count))
    found = codes.rows_where(ints(drawn), np.array(wanted, np.uint8))
    assert found.tolist() == [row for row, code in enumerate(drawn) if code >= 0 and wanted[code]]


@given(st.lists(st.integers(-1, 4), max_size=9), st.integers(0, 9), st.integers(5, 2**31 - 1))
def test_codes_beyond_their_count_are_refused(drawn: list[int], at: int, beyond: int) -> None:
    drawn.insert(at, beyond)
    row, wrong = drawn.index(beyond), ints(drawn)
    for call in (
        lambda: codes.renumber(wrong, 5),
        lambda: codes.recode(wrong, np.zeros(5, np.int32)),
        lambda: codes.count_codes(wrong, 5),
        lambda: codes.held_by_several(wrong, 5),
        lambda: codes.values_of(wrong, wrong, 5),
        lambda: codes.rows_where(wrong, np.ones(5, np.uint8)),
    ):
        with pytest.raises(IndexError, match=rf"below 5, got {beyond} in row {row}$"):
            call()


def test_values_that_do_not_stand_beside_the_codes_are_refused() -> None:
    with pytest.raises(ValueError, match="as many values as codes, got 3 and 2"):
        codes.values_of(ints([0, 1]), ints([5, 6, 7]), 2)


@given(
    st.lists(st.text(st.sampled_from("abé"), max_size=3), max_size=9).flatmap(
        lambda texts: st.tuples(st.just(texts), st.lists(st.integers(-1, len(texts) - 1), max_size=80))
    )
)
def test_texts_are_copied_by_number(drawn: tuple[list[str], list[int]]) -> None:
    texts, rows = drawn
    encoded = [text.encode() for text in texts]
    held = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    data, offsets = codes.take_texts(np.frombuffer(b"".join(encoded), np.uint8), held, ints(rows))
    found = [data[first:last].tobytes() for first, last in pairwise(offsets)]
    assert found == [encoded[row] if row >= 0 else b"" for row in rows]


def test_texts_that_are_not_there_are_refused() -> None:
    data = np.zeros(4, np.uint8)
    with pytest.raises(IndexError, match="below 1, got 1"):
        codes.take_texts(data, ints([0, 4]), ints([0, 1]))
    for offsets in ([0, 5], [-1, 3], [3, 1]):
        with pytest.raises(ValueError, match="ascend"):
            codes.take_texts(data, ints(offsets), ints([0]))
    with pytest.raises(ValueError, match="got none"):
        codes.take_texts(data, ints([]), ints([]))


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)), max_size=5))
def test_numbers_are_written_in_hexadecimal(pairs: list[tuple[int, int]]) -> None:
    first, second = (np.array([pair[side] for pair in pairs], np.uint64) for side in range(2))
    texts = codes.hex_texts("p", first, second).tobytes().decode()
    written = [(one.to_bytes(8, "little") + other.to_bytes(8, "little")[:4]).hex() for one, other in pairs]
    assert texts == "".join(f"p{text}" for text in written)
    with pytest.raises(ValueError, match="on both sides"):
        codes.hex_texts("p", first, np.zeros(len(pairs) + 1, np.uint64))
