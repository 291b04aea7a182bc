"""Native agreement levels are what obvious Python gives, with RapidFuzz's C interface and without it."""

from __future__ import annotations

import gc
import runpy
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from cxm_sdk._native import compare, joint
from cxm_sdk._native.strings import Similarity, letter_kinds, tail_kinds

HERE = Path(__file__)
oracles = SimpleNamespace(**runpy.run_path(str(HERE.with_name("oracles.py"))))
inputs = SimpleNamespace(**runpy.run_path(str(HERE.with_name("inputs.py"))))
SCORER, TEXTS = inputs.SCORER, inputs.TEXTS
near_texts, near_dates = inputs.near_texts, inputs.near_dates
column, every_pair = inputs.column, inputs.every_pair
similarity, measure = inputs.similarity, inputs.measure

Ints = npt.NDArray[np.int32]
Levels = npt.NDArray[np.uint8]
Measure = Callable[[Ints, Ints], npt.NDArray[np.float32]]
Slots = list[tuple[int, int]]
Digests = list[tuple[tuple[int, int], tuple[int, int]]]
#: Makes a comparison that writes column 1, with a scorer or with what measures pairs.
Make = Callable[[Similarity | None, Measure | None], compare.Comparison]

UNIT = st.floats(0.3, 1.0)


def ints(*values: int) -> Ints:
    return np.array(values, np.int32)


#: Both sides of a pair read the first column.
SAME = [(0, 0)]


def table_of(*columns: Ints) -> Ints:
    """Codes of records side by side."""
    return np.ascontiguousarray(np.column_stack(columns), np.int32)


def with_null(count: int) -> Ints:
    """One record for each value and one without."""
    return ints(*range(count), -1)


def known(values: Sequence[str], codes: Ints) -> list[str | None]:
    return [values[code] if code >= 0 else None for code in codes]


def written(step: compare.Comparison, table: Ints, left: Ints, right: Ints) -> list[int]:
    """Levels of one comparison in column 1; the columns on both sides stay as they are."""
    levels = np.full((len(left), 3), 9, np.uint8)
    levels[:, 1] = 0
    compare.Comparisons([step], table, 3).write(left, right, levels)
    assert (levels[:, [0, 2]] == 9).all()
    return levels[:, 1].tolist()


def by_both_ways(make: Make, table: Ints, left: Ints, right: Ints, measured: Measure) -> list[int]:
    """Levels without a scorer, which a scorer must find too, and without anything measured."""
    without = written(make(None, measured), table, left, right)
    if SCORER is not None:
        assert written(make(SCORER, None), table, left, right) == without
    return without


# ------------------------------------------------------------------------------------------------------ names


def names(
    values: Sequence[str],
    slots: Slots,
    scorer: Similarity | None,
    measured: Measure | None,
    close: float,
) -> compare.Comparison:
    """A comparison of names by their spelling alone."""
    return compare.NameLevels(
        *(slots, 1, column(values), np.zeros(len(values), np.uint64), np.zeros((len(values), 0), np.int32)),
        *(scorer, measured, close, close),
    )


@given(TEXTS, UNIT, UNIT, st.integers(0, 3))
@example(["", "a", "ab", "a b", "b a"], 0.92, 0.82, 0)
@example(["eagcddgfbd", "egdddgfgda"], 0.92, 0.82, 0)  # exactly .82, which no 32-bit float is
def test_names_agree_as_far_as_python_says(values: list[str], one: float, other: float, width: int) -> None:
    close, similar = max(one, other), min(one, other)
    codes = with_null(len(values))
    left, right = every_pair(len(codes))
    sounds = [len(value) % 3 for value in values]
    groups = [sorted({ord(letter) % 5 for letter in value})[:width] for value in values]
    padded = np.full((len(values), width), -1, np.int32)
    for row, members in enumerate(groups):
        padded[row, : len(members)] = members

    def make(scorer: Similarity | None, measured: Measure | None) -> compare.Comparison:
        return compare.NameLevels(
            *(SAME, 1, column(values), np.array(sounds, np.uint64), padded),
            *(scorer, measured, close, similar),
        )

    expected = []
    for a, b in zip(codes[left], codes[right], strict=True):
        sound = a >= 0 and b >= 0 and sounds[a] != 0 and sounds[a] == sounds[b]
        group = a >= 0 and b >= 0 and bool(set(groups[a]) & set(groups[b]))
        first, second = known(values, [a, b])
        expected.append(
            oracles.name_level(first, second, similarity(first, second), close, similar, sound, group)
        )
    assert by_both_ways(make, table_of(codes), left, right, partial(measure, values)) == expected


@pytest.mark.skipif(SCORER is None, reason="this RapidFuzz has no C interface")
@given(TEXTS | near_texts(longest=200, alphabet="ab"), st.data())
def test_no_pair_that_reaches_a_threshold_is_passed_over(values: list[str], data: st.DataObject) -> None:
    a, b = data.draw(st.sampled_from(values)), data.draw(st.sampled_from(values))
    threshold = similarity(a, b) or data.draw(st.floats(0.01, 1.0))
    codes = with_null(len(values))[:-1]
    left, right = every_pair(len(codes))
    levels = written(names(values, SAME, SCORER, None, threshold), table_of(codes), left, right)
    reached = [
        similarity(values[i], values[j]) >= threshold - oracles.SLACK
        for i, j in zip(left, right, strict=True)
    ]
    assert [level >= 5 for level in levels] == [
        r or i == j for r, i, j in zip(reached, left, right, strict=True)
    ]


@pytest.mark.skipif(SCORER is None, reason="this RapidFuzz has no C interface")
@pytest.mark.parametrize("shared", range(1, 9))
def test_a_pair_at_its_threshold_is_found_where_every_letter_occurs_once(shared: int) -> None:
    # There the number of letters that could match is the number that do.
    common, slots = "abcdefgh"[:shared], [(0, 1)]
    for ours, theirs in product(("", "m", "mn", "mnop"), ("", "x", "xy", "xyz")):
        for pair in ((common + ours, common + theirs), (ours + common, theirs + common)):
            if pair[0] == pair[1]:
                continue
            step = names(pair, slots, SCORER, None, similarity(*pair))
            assert written(step, table_of(ints(0), ints(1)), ints(0), ints(0)) == [5], pair


@given(TEXTS, st.lists(st.tuples(*[st.integers(-1, 30)] * 2), min_size=1, max_size=6), UNIT)
def test_several_values_of_one_field_count_by_their_best_pair(
    values: list[str], records: list[tuple[int, int]], close: float
) -> None:
    table = np.array([[min(code, len(values) - 1) for code in record] for record in records], np.int32)
    left, right = every_pair(len(records))
    slots = list(product(range(2), range(2)))

    def best(make: Callable[[Slots], list[int]]) -> bool:
        return make(slots) == np.max([make([slot]) for slot in slots], axis=0).tolist()

    tails = np.zeros(len(values), np.uint64)
    assert best(lambda some: written(compare.EqualLevels(some, 1), table, left, right))
    assert best(
        lambda some: written(compare.CodeLevels(some, 1, column(values), tails, 0), table, left, right)
    )
    assert best(
        lambda some: by_both_ways(
            lambda scorer, measured: names(values, some, scorer, measured, close),
            *(table, left, right, partial(measure, values)),
        )
    )


@given(
    st.lists(st.tuples(*[st.sampled_from(["", "ann", "lee", "kim", "ann lee"])] * 2), max_size=8), st.data()
)
def test_swapped_names_are_marked_and_the_last_name_is_silenced(
    people: list[tuple[str, str]], data: st.DataObject
) -> None:
    firsts = sorted({first for first, _ in people if first})
    lasts = sorted({last for _, last in people if last})
    first = np.array([firsts.index(a) if a else -1 for a, _ in people], np.int32)
    last = np.array([lasts.index(b) if b else -1 for _, b in people], np.int32)
    as_first = np.array([firsts.index(name) if name in firsts else -1 for name in lasts], np.int32)
    left, right = every_pair(len(people))
    before = data.draw(st.lists(st.tuples(*[st.integers(0, 6)] * 2), min_size=len(left), max_size=len(left)))
    levels = np.array(before, np.uint8).reshape(-1, 2)
    step = joint.SwappedNames(0, 1, as_first, 7, 0, 1)
    compare.Comparisons([step], table_of(first, last), 2).write(left, right, levels)
    expected = []
    for i, j, levels_before in zip(left, right, before, strict=True):
        (a, b), (c, d) = people[i], people[j]
        swapped = all((a, b, c, d)) and a != c and a == d and b == c
        lone = all((a, c)) and a != c and ((not b and d == a) or (not d and b == c))
        expected.append((7, 0) if swapped else (0, levels_before[1]) if lone else levels_before)
    assert [tuple(row) for row in levels.tolist()] == expected


@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
def test_values_that_were_compared_before_get_the_level_that_they_get_alone(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    values = sorted({"".join(rng.choice(list("abc"), rng.integers(1, 5))) for _ in range(count)})
    # Two slots a record, and more pairs than are taken at a time, most of them several times.
    table = rng.integers(-1, len(values), (30, 2), dtype=np.int32)
    left, right = (rng.integers(0, 30, 2000, dtype=np.int32) for _ in range(2))
    step = names(values, [(0, 0), (0, 1), (1, 0), (1, 1)], SCORER, partial(measure, values), 0.8)
    alone = {
        (i, j): written(step, table, ints(i), ints(j))[0]
        for i, j in set(zip(left.tolist(), right.tolist(), strict=True))
    }
    expected = [alone[pair] for pair in zip(left.tolist(), right.tolist(), strict=True)]
    assert written(step, table, left, right) == expected


@pytest.mark.parametrize("width", [1, 2, 7, 8, 9, 16, 17, 25])
@pytest.mark.parametrize("count", [1, 23, 24, 40, 255, 256, 257, 700])
def test_levels_lie_in_the_row_of_their_pair(width: int, count: int) -> None:
    rng = np.random.default_rng(width * count)
    codes, rows = rng.integers(-1, 3, count, dtype=np.int32), np.arange(count, dtype=np.int32)
    before = rng.integers(0, 3, (count + 1, width), dtype=np.uint8)
    levels, other = before.copy(), rng.permutation(rows).astype(np.int32)
    step = compare.EqualLevels(SAME, width - 1)
    compare.Comparisons([step], table_of(codes), width).write(rows, other, levels[:count])
    found = np.where((codes < 0) | (codes[other] < 0), 0, np.where(codes == codes[other], 2, 1))
    before[:count, width - 1] = np.maximum(before[:count, width - 1], found)
    assert levels.tolist() == before.tolist()


# -------------------------------------------------------------------------------------------- dates and codes


@given(near_dates())
@example(["19991231", "20000101", "20001231", "20011231"])
def test_dates_agree_as_far_as_python_says(dates: list[str]) -> None:
    codes = with_null(len(dates))
    left, right = every_pair(len(codes))
    packed = np.array([int(date, 16) for date in dates], np.uint32)
    texts = known(dates, codes)
    assert written(compare.DateLevels(SAME, 1, packed), table_of(codes), left, right) == [
        oracles.date_level(texts[i], texts[j]) for i, j in zip(left, right, strict=True)
    ]


#: Characters whose place and number together fall into few classes, so that one more in front moves them all.
LONG = "".join(chr(280 + (i % 3 - 11 * i) * 53 % 56) for i in range(301))


@given(TEXTS, st.integers(0, 8))
@example([LONG, "x" + LONG], 0)
@example(["abc", "abcd", "abdc", "acbd", "bacd", "bcd", "ebcd", "eabcd"], 4)
def test_codes_agree_within_one_edit_as_osa_says(values: list[str], shortest: int) -> None:
    codes = with_null(len(values))
    left, right = every_pair(len(codes))
    tails = np.array([ord(value[-1]) % 4 if value else 0 for value in values], np.uint64)
    expected = []
    for i, j in zip(codes[left], codes[right], strict=True):
        a, b = known(values, [i, j])
        tail = i >= 0 and j >= 0 and tails[i] != 0 and bool(tails[i] == tails[j])
        edits = OSA.distance(a, b) if a is not None and b is not None else 0
        expected.append(oracles.code_level(a, b, tail, edits, shortest))
    step = compare.CodeLevels(SAME, 1, column(values), tails, shortest)
    assert written(step, table_of(codes), left, right) == expected


NEAR_NUMBERS = near_texts(longest=12, alphabet="0123456789")


@given(TEXTS | NEAR_NUMBERS, st.integers(1, 9), st.integers(0, 21))
@example(["1234567", "123456", "12345678", "12345687", "91234567", "0011234567"], 7, 10)
def test_digests_of_codes_change_no_level(values: list[str], end: int, shift: int) -> None:
    codes = with_null(len(values))
    left, right = every_pair(len(codes))
    ends = sorted({value[-end:] for value in values})
    tails = [ends.index(value[-end:]) + 1 if len(value) >= end else 0 for value in values]
    kinds = np.append(tail_kinds(column(values), end), np.int32(0))
    table = table_of(codes, kinds[codes] << shift)

    def step(digests: Digests) -> compare.Comparison:
        return compare.CodeLevels(SAME, 1, column(values), np.array(tails, np.uint64), 2, digests)

    expected = written(step([]), table, left, right)
    assert written(step([((1, shift), (1, shift))]), table, left, right) == expected
    assert written(step([((-1, 0), (1, shift))]), table, left, right) == expected


@given(st.lists(st.integers(-1, 3), max_size=8))
def test_equal_codes_agree(numbers: list[int]) -> None:
    codes = np.array(numbers, np.int32)
    left, right = every_pair(len(codes))
    texts = [None if code < 0 else str(code) for code in numbers]
    assert written(compare.EqualLevels(SAME, 1), table_of(codes), left, right) == [
        oracles.equal_level(texts[i], texts[j]) for i, j in zip(left, right, strict=True)
    ]


# ---------------------------------------------------------------------------------------- contacts and places


@given(TEXTS, st.lists(st.sampled_from(["x.org", "y.org"]), min_size=1, max_size=2, unique=True), UNIT)
def test_emails_agree_as_far_as_python_says(parts: list[str], hosts: list[str], close: float) -> None:
    parts = sorted({part.replace("@", "") for part in parts})
    emails = [f"{part}@{host}" for part, host in product(parts, hosts)]
    codes, local_codes = with_null(len(emails)), np.repeat(np.arange(len(parts), dtype=np.int32), len(hosts))
    left, right = every_pair(len(codes))
    local_or_null = np.append(local_codes, np.int32(-1))

    table = table_of(codes, local_or_null[codes])

    def make(scorer: Similarity | None, measured: Measure | None) -> compare.Comparison:
        return compare.EmailLevels(SAME, [(1, 1)], 1, column(parts), scorer, measured, close)

    texts, locals_ = known(emails, codes), known(parts, local_or_null[codes])
    assert by_both_ways(make, table, left, right, partial(measure, parts)) == [
        oracles.email_level(texts[i], texts[j], similarity(locals_[i], locals_[j]), close)
        for i, j in zip(left, right, strict=True)
    ]


@given(TEXTS | near_texts(longest=20) | near_texts(longest=70, alphabet="ab"), UNIT)
@example(["adalovelace", "adalovelacr", "ada.lovelace", "lovelaceada"], 0.92)
@example(["a" * 62, "a" * 63, "a" * 64, "a" * 61 + "b"], 1.0)
def test_digests_of_local_parts_change_no_level(parts: list[str], close: float) -> None:
    codes = with_null(len(parts))
    left, right = every_pair(len(codes))
    kinds = np.append(letter_kinds(column(parts)), np.int32(0))
    table = table_of(codes, codes, kinds[codes])

    def make(digests: Digests) -> compare.Comparison:
        measured = partial(measure, parts)
        return compare.EmailLevels(SAME, [(1, 1)], 1, column(parts), SCORER, measured, close, digests)

    expected = written(make([]), table, left, right)
    assert written(make([((2, 0), (2, 0))]), table, left, right) == expected


def test_digests_stand_for_each_slot_or_are_refused() -> None:
    tails = np.zeros(2, np.uint64)
    for digests in ([((0, 0), (0, 0))] * 2, [((0, 0), (0, 32))], [((0, -1), (0, 0))]):
        with pytest.raises(ValueError, match=r"digests of 1 slots|shifts from 0 to 31"):
            compare.CodeLevels(SAME, 0, column(["a", "b"]), tails, 0, digests)
    step = compare.CodeLevels(SAME, 0, column(["a", "b"]), tails, 0, [((3, 0), (0, 0))])
    with pytest.raises(ValueError, match="at least 4 columns"):
        compare.Comparisons([step], table_of(ints(0, 1)), 1)


LEVEL = st.integers(0, 6)


HELD = st.sampled_from([0, 1, 2, 3, 5, 7, 10, 11, 15])


@given(st.lists(st.tuples(LEVEL, LEVEL, LEVEL, HELD, HELD), max_size=8), LEVEL, LEVEL, LEVEL)
def test_agreement_that_repeats_the_names_is_silenced(
    pairs: list[tuple[int, int, int, int, int]], close: int, exact: int, agreeing: int
) -> None:
    levels = np.array([pair[:3] for pair in pairs], np.uint8).reshape(-1, 3)
    derived = np.array([pair[3:] for pair in pairs], np.uint8).ravel()
    left = np.arange(0, 2 * len(pairs), 2, dtype=np.int32)
    step = joint.SilencedLevels(derived, close, exact, agreeing, 0, 1, 2)
    compare.Comparisons([step], np.zeros((len(derived), 0), np.int32), 3).write(left, left + 1, levels)

    def silenced(email: int, first: int, last: int, held: int) -> bool:
        if not held or not 1 < email < exact:
            return False
        one_explains = (held & 1 and first != 1) or (held & 2 and last != 1)
        one_is_all = (held & 4 and first >= agreeing) or (held & 8 and last >= agreeing)
        return bool(min(first, last) >= agreeing or one_is_all or (email <= close and one_explains))

    assert levels.tolist() == [
        [0 if silenced(email, first, last, ours | theirs) else email, first, last]
        for email, first, last, ours, theirs in pairs
    ]


Address = tuple[int, int, int, int]


def addresses(
    slots: list[tuple[Address, Address]],
    streets: Sequence[str],
    postcodes: Sequence[str],
    cities: Sequence[str],
    similar: float,
) -> Make:
    areas = np.array([int.from_bytes(value[:2].encode(), "big") for value in postcodes], np.uint64)
    return lambda scorer, measured: joint.AddressLevels(
        *(slots, 1, column(streets), column(postcodes), column(cities), areas, scorer, measured, similar)
    )


def place_level(one: tuple[str | None, str | None], other: tuple[str | None, str | None]) -> int:
    areas = [(postcode or "")[:2] for postcode, _ in (one, other)]
    return oracles.place_level(*one, *other, bool(areas[0]) and areas[0] == areas[1], OSA.distance)


def cut_to(records: Sequence[tuple[int, ...]], *counts: int) -> list[Ints]:
    """A column of codes for every part of some records, none beyond its count."""
    table = np.array(records, np.int32).reshape(-1, len(counts))
    return list(np.minimum(table, np.array(counts, np.int32) - 1).T)


@given(TEXTS, st.lists(st.tuples(st.integers(-1, 30), st.integers(-1, 2)), max_size=8), UNIT)
def test_streets_agree_as_far_as_python_says(
    streets: list[str], records: list[tuple[int, int]], similar: float
) -> None:
    codes, numbers = cut_to(records, len(streets), 3)
    left, right = every_pair(len(records))
    ours = (0, 1, -1, -1)
    texts = known(streets, codes)
    make = addresses([(ours, ours)], streets, [], [], similar)
    assert by_both_ways(make, table_of(codes, numbers), left, right, partial(measure, streets)) == [
        5
        * oracles.street_level(
            texts[i], numbers[i], texts[j], numbers[j], similarity(texts[i], texts[j]), similar
        )
        for i, j in zip(left, right, strict=True)
    ]


@given(near_texts(alphabet="0123AB "), TEXTS, st.lists(st.tuples(*[st.integers(-1, 30)] * 2), max_size=8))
def test_places_agree_as_far_as_python_says(
    postcodes: list[str], cities: list[str], records: list[tuple[int, int]]
) -> None:
    codes, towns = cut_to(records, len(postcodes), len(cities))
    left, right = every_pair(len(records))
    ours = (-1, -1, 0, 1)
    places = list(zip(known(postcodes, codes), known(cities, towns), strict=True))
    make = addresses([(ours, ours)], [], postcodes, cities, 0.9)
    assert by_both_ways(make, table_of(codes, towns), left, right, partial(measure, [])) == [
        place_level(places[i], places[j]) for i, j in zip(left, right, strict=True)
    ]


PART = st.integers(-1, 3)


@given(st.lists(st.lists(st.tuples(PART, PART, PART, PART), min_size=2, max_size=2), max_size=5), UNIT)
def test_an_address_counts_by_its_best_slots_and_both_ladders_together(
    records: list[list[tuple[int, int, int, int]]], similar: float
) -> None:
    streets, postcodes = ["high st", "high street", "mill lane", "park"], ["10115", "10117", "90210", "1"]
    cities = ["berlin", "berlni", "leeds", "ulm"]
    left, right = every_pair(len(records))
    table = np.array(records, np.int32).reshape(-1, 8)
    slots = [(0, 1, 2, 3), (4, 5, 6, 7)]

    def level(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> int:
        (a, p, *mine), (b, q, *yours) = one, other
        first, second = known(streets, ints(a, b))
        street = oracles.street_level(first, p, second, q, similarity(first, second), similar)
        places = [(*known(postcodes, ints(x)), *known(cities, ints(y))) for x, y in (mine, yours)]
        return 5 * street + place_level(*places)

    make = addresses(list(product(slots, slots)), streets, postcodes, cities, similar)
    assert by_both_ways(make, table, left, right, partial(measure, streets)) == [
        max(level(one, other) for one, other in product(records[i], records[j]))
        for i, j in zip(left, right, strict=True)
    ]


WORDS = ["acme", "north", "trading", "ltd", "gmbh", "müller", "王", "sons"]


@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join), min_size=1, max_size=6, unique=True),
    st.lists(st.integers(1, 40).map(lambda eighths: eighths / 8), min_size=len(WORDS), max_size=len(WORDS)),
    UNIT,
)
def test_companies_agree_by_the_rarity_of_shared_words(
    values: list[str], weights: list[float], close: float
) -> None:
    codes = with_null(len(values))
    left, right = every_pair(len(codes))
    tokens = [sorted({WORDS.index(word) for word in value.split()}) for value in values]
    starts = np.cumsum([0, *map(len, tokens)], dtype=np.int64)
    numbers = np.array([number for value in tokens for number in value], np.int32)

    def make(scorer: Similarity | None, measured: Measure | None) -> compare.Comparison:
        return compare.TokenLevels(
            *(SAME, 1, column(values), starts, numbers, np.array(weights, np.float32)),
            *(scorer, measured, close),
        )

    texts, rarity = known(values, codes), dict(zip(WORDS, weights, strict=True))
    assert by_both_ways(make, table_of(codes), left, right, partial(measure, values)) == [
        oracles.token_level(texts[i], texts[j], rarity, similarity(texts[i], texts[j]), close)
        for i, j in zip(left, right, strict=True)
    ]


# ------------------------------------------------------------------------------------------- many pairs at once

FIELDS = ("first", "first", "last", "date", "code", "email", "equal", "company")
PARTS = ("street", "number", "postcode", "city")
WIDTH = 8


def all_kinds(
    texts: list[str], dates: list[str], codes: Ints, scorer: Similarity | None
) -> tuple[compare.Comparisons, compare.Comparisons]:
    """Every kind of comparison, and those of them that only raise levels; nothing else keeps what they read.

    Args:
        texts: Distinct values of all but dates.
        dates: Distinct dates.
        codes: int32[records, fields and parts].
        scorer: Scorer, or None to measure.
    """
    table = codes.copy()
    at = {name: number for number, name in enumerate((*FIELDS, *PARTS))}
    text, count = column(texts), len(texts)
    sounds = np.array([len(value) % 3 for value in texts], np.uint64)
    groups = np.array([[len(value) % 4, -1] for value in texts], np.int32)
    tokens = np.arange(count + 1, dtype=np.int64), np.arange(count, dtype=np.int32)
    by = scorer, partial(measure, texts) if scorer is None else None

    def one(name: str) -> Slots:
        return [(at[name], at[name])]

    address = tuple(at[part] for part in PARTS)
    packed = np.array([int(date, 16) for date in dates], np.uint32)
    steps = [
        compare.NameLevels(list(product(range(2), range(2))), 0, text, sounds, groups, *by, 0.92, 0.82),
        compare.NameLevels(one("last"), 1, text, sounds, groups, *by, 0.92, 0.82),
        compare.DateLevels(one("date"), 2, packed),
        compare.CodeLevels(one("code"), 3, text, sounds, 3),
        compare.EmailLevels(one("email"), one("email"), 4, text, *by, 0.8),
        compare.EqualLevels(one("equal"), 5),
        compare.TokenLevels(one("company"), 6, text, *tokens, np.ones(count, np.float32), *by, 0.8),
        joint.AddressLevels([(address, address)], 7, text, text, text, sounds, *by, 0.9),
    ]
    rules = [
        joint.SwappedNames(0, at["last"], np.arange(count, dtype=np.int32), 7, 0, 1),
        joint.SilencedLevels(np.ones(len(table), np.uint8), 2, 4, 5, 4, 0, 1),
    ]
    return compare.Comparisons([*steps, *rules], table, WIDTH), compare.Comparisons(steps, table, WIDTH)


@settings(max_examples=50)
@given(
    *(TEXTS, near_dates(), st.booleans(), st.integers(1, 30), st.integers(0, 2**32 - 1)),
    st.sampled_from([0, 1, 511, 512, 513, 1024, 1300]),
)
def test_levels_depend_on_no_other_pair(
    texts: list[str], dates: list[str], native: bool, records: int, seed: int, size: int
) -> None:
    rng = np.random.default_rng(seed)
    counts = [len(dates) if name == "date" else len(texts) for name in (*FIELDS, *PARTS)]
    codes = rng.integers(-1, counts, (records, len(counts)), dtype=np.int32)
    both, raising = all_kinds(texts, dates, codes, SCORER if native else None)
    gc.collect()
    left, right = rng.integers(0, records, (2, size), dtype=np.int32)

    def levels(rows: npt.NDArray[np.intp]) -> Levels:
        out = np.zeros((len(rows), WIDTH), np.uint8)
        both.write(left[rows], right[rows], out)
        return out

    every = np.arange(size)
    whole = levels(every)
    assert [levels(every[row : row + 1]).tolist()[0] for row in every] == whole.tolist()
    order = rng.permutation(size)
    assert (levels(order) == whole[order]).all()

    fresh, before = np.zeros_like(whole), rng.integers(0, 30, whole.shape, dtype=np.uint8)
    raised = before.copy()
    raising.write(left, right, fresh)
    raising.write(left, right, raised)
    assert (raised == np.maximum(before, fresh)).all()


def test_levels_are_written_for_as_many_pairs_as_there_are_or_not_at_all() -> None:
    codes = ints(0, 1, 2)
    bound = compare.Comparisons([compare.EqualLevels(SAME, 0)], table_of(codes), 1)
    assert bound.width == 1
    for left, right, shape in ((2, 3, (3, 1)), (3, 2, (3, 1)), (3, 3, (2, 1)), (3, 3, (3, 2))):
        levels = np.zeros(shape, np.uint8)
        with pytest.raises(ValueError, match=r"expected \d pairs on both sides and levels of 1 comparisons"):
            bound.write(codes[:left].copy(), codes[:right].copy(), levels)
        assert not levels.any()
    with pytest.raises(ValueError, match="dtype"):
        compare.Comparisons([], table_of(codes).astype(np.int64), 1)
    with pytest.raises(TypeError, match="expected comparisons, got str"):
        compare.Comparisons(["equal"], table_of(codes), 1)


def test_a_comparison_reads_and_writes_what_there_is_or_is_refused() -> None:
    table, values = table_of(ints(0, 1)), ["ann", "anna"]
    tails, nothing = np.zeros(3, np.uint64), np.zeros(2, np.uint8)
    with pytest.raises(ValueError, match="expected columns of codes, or -1, got -2"):
        compare.EqualLevels([(0, -2)], 0)
    for step in (
        compare.EqualLevels([(0, 1)], 0),
        compare.EqualLevels(SAME, 2),
        compare.EqualLevels(SAME, -1),
        joint.SwappedNames(0, 1, ints(0), 7, 0, 1),
        joint.SilencedLevels(nothing, 2, 4, 5, 0, 1, 2),
        addresses([((0, -1, -1, 3), (0, -1, -1, 3))], values, values, values, 0.9)(SCORER, None),
    ):
        with pytest.raises(ValueError, match=r"expected at least \d columns and \d levels, got 1 and 2"):
            compare.Comparisons([step], table, 2)
    with pytest.raises(ValueError, match="expected as many tails as values, got 3 and 2"):
        compare.CodeLevels(SAME, 0, column(values), tails, 0)
    with pytest.raises(ValueError, match="expected sounds and groups of 2 values"):
        compare.NameLevels(
            *(SAME, 0, column(values), tails, np.zeros((2, 0), np.int32), SCORER, None, 0.9, 0.8)
        )
    with pytest.raises(ValueError, match="expected local parts of 1 slots, got 2"):
        compare.EmailLevels(SAME, SAME * 2, 0, column(values), SCORER, None, 0.9)


def test_what_goes_wrong_while_measuring_is_not_hidden() -> None:
    values, codes = ["ann", "anna"], ints(0, 1)

    def fails(ours: Ints, theirs: Ints) -> npt.NDArray[np.float32]:
        raise LookupError("no measure today")

    for step in (
        names(values, SAME, None, fails, 0.9),
        addresses([((0,) * 4, (0,) * 4)], values, values, values, 0.9)(None, fails),
    ):
        with pytest.raises(LookupError, match="no measure today"):
            written(step, table_of(codes), codes, codes)
