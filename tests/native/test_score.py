"""Native agreement levels are what obvious Python gives, with RapidFuzz's C interface and without it."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from cxm_sdk._native import score

oracles = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("oracles.py"))))

Ints = npt.NDArray[np.int32]
Levels = npt.NDArray[np.uint8]
#: Calls a level function with a scorer or with measured similarities, and writes column 1 of the levels.
Call = Callable[[score.Similarity | None, npt.NDArray[np.float32] | None, Levels], None]

try:
    SCORER: score.Similarity | None = score.Similarity(JaroWinkler.similarity)
except TypeError:
    SCORER = None

SCRIPTS = ["abcdefgh", "abé ñß", "αβγδε ", "абвгд", "王小明李", "가나다", "a🌸𠀀b", "ab ", "aA\x00\x7f\x80ÿ"]
UNIT = st.floats(0.3, 1.0)


@st.composite
def near_texts(draw: st.DrawFn, longest: int = 12, alphabet: str | None = None) -> list[str]:
    """Distinct texts a few edits apart, in every script; one may be empty, some are one letter long."""
    letters = st.sampled_from(alphabet or draw(st.sampled_from(SCRIPTS)))
    found = [draw(st.text(letters, max_size=longest)), draw(st.text(letters, max_size=longest))]
    for _ in range(draw(st.integers(0, 6))):
        word = draw(st.sampled_from(found))
        at = draw(st.integers(0, len(word)))
        change = draw(st.sampled_from(["insert", "drop", "swap", "replace", "cut", "words"]))
        found.append(
            {
                "insert": word[:at] + draw(letters) + word[at:],
                "drop": word[:at] + word[at + 1 :],
                "swap": word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
                "replace": word[:at] + draw(letters) + word[at + 1 :],
                "cut": word[:at],
                "words": word + " " + draw(st.sampled_from(found)),
            }[change]
        )
    return sorted(set(found))


TEXTS = (
    near_texts() | near_texts(longest=90) | st.lists(st.text(max_size=8), min_size=1, max_size=8, unique=True)
)


def column(values: Sequence[str]) -> score.TextColumn:
    """Distinct values, with text before the first and behind the last."""
    encoded = [value.encode() for value in values]
    data = b"\xff\xff" + b"".join(encoded) + b"\xff"
    return score.TextColumn(np.cumsum([2, *map(len, encoded)], dtype=np.int32), np.frombuffer(data, np.uint8))


def every_pair(records: int) -> tuple[Ints, Ints]:
    left, right = np.indices((records, records), dtype=np.int32).reshape(2, -1)
    return np.ascontiguousarray(left), np.ascontiguousarray(right)


def with_null(count: int) -> Ints:
    """One record for each value and one without, strided as in a table of codes."""
    table = np.full((count + 1, 3), 7, np.int32)
    table[:, 1] = [*range(count), -1]
    return table[:, 1]


def known(values: Sequence[str], codes: Ints) -> list[str | None]:
    return [values[code] if code >= 0 else None for code in codes]


def similarity(a: str | None, b: str | None) -> float:
    return 0.0 if a is None or b is None else JaroWinkler.similarity(a, b)


def measure(
    values: Sequence[str], left: Ints, right: Ints, ours: Ints, theirs: Ints
) -> npt.NDArray[np.float32]:
    """What is handed over where there is no scorer."""
    found = np.zeros(len(left), np.float32)
    a, b = ours[left], theirs[right]
    both = np.flatnonzero((a >= 0) & (b >= 0))
    if len(both):
        texts = np.array([*values, ""], dtype=object)
        found[both] = process.cpdist(texts[a[both]], texts[b[both]], scorer=JaroWinkler.similarity)
    return found


def by_both_ways(call: Call, measured: npt.NDArray[np.float32]) -> list[int]:
    """Levels without a scorer, which a scorer must find too; the columns on both sides stay as they are."""
    without = np.full((len(measured), 3), 9, np.uint8)
    without[:, 1] = 0
    call(None, measured, without)
    if SCORER is not None:
        levels = np.full_like(without, 9)
        levels[:, 1] = 0
        call(SCORER, None, levels)
        assert levels.tolist() == without.tolist()
    assert (without[:, [0, 2]] == 9).all()
    return without[:, 1].tolist()


# ------------------------------------------------------------------------------------------------------ names


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

    def call(
        scorer: score.Similarity | None, measured: npt.NDArray[np.float32] | None, levels: Levels
    ) -> None:
        score.name_levels(
            *(left, right, codes, codes, column(values), np.array(sounds, np.uint64), padded),
            *(scorer, measured, close, similar, levels, 1),
        )

    expected = []
    for a, b in zip(codes[left], codes[right], strict=True):
        sound = a >= 0 and b >= 0 and sounds[a] != 0 and sounds[a] == sounds[b]
        group = a >= 0 and b >= 0 and bool(set(groups[a]) & set(groups[b]))
        first, second = known(values, [a, b])
        expected.append(
            oracles.name_level(first, second, similarity(first, second), close, similar, sound, group)
        )
    assert by_both_ways(call, measure(values, left, right, codes, codes)) == expected


@pytest.mark.skipif(SCORER is None, reason="this RapidFuzz has no C interface")
@given(TEXTS | near_texts(longest=200, alphabet="ab"), st.data())
def test_no_pair_that_reaches_a_threshold_is_passed_over(values: list[str], data: st.DataObject) -> None:
    a, b = data.draw(st.sampled_from(values)), data.draw(st.sampled_from(values))
    threshold = similarity(a, b) or data.draw(st.floats(0.01, 1.0))
    codes = with_null(len(values))[:-1]
    left, right = every_pair(len(codes))
    levels = np.zeros((len(left), 1), np.uint8)
    score.name_levels(
        *(left, right, codes, codes, column(values), np.zeros(len(values), np.uint64)),
        *(np.zeros((len(values), 0), np.int32), SCORER, None, threshold, threshold, levels, 0),
    )
    reached = [
        similarity(values[i], values[j]) >= threshold - oracles.SLACK
        for i, j in zip(left, right, strict=True)
    ]
    assert (levels[:, 0] >= 5).tolist() == [r or i == j for r, i, j in zip(reached, left, right, strict=True)]


@pytest.mark.skipif(SCORER is None, reason="this RapidFuzz has no C interface")
@pytest.mark.parametrize("shared", range(1, 9))
def test_a_pair_at_its_threshold_is_found_where_every_letter_occurs_once(shared: int) -> None:
    # There the number of letters that could match is the number that do.
    common, one, none = "abcdefgh"[:shared], np.zeros(1, np.int32), np.zeros((2, 0), np.int32)
    for ours, theirs in product(("", "m", "mn", "mnop"), ("", "x", "xy", "xyz")):
        for pair in ((common + ours, common + theirs), (ours + common, theirs + common)):
            if pair[0] == pair[1]:
                continue
            threshold, levels = similarity(*pair), np.zeros((1, 1), np.uint8)
            score.name_levels(
                *(one, one, one, one + 1, column(pair), np.zeros(2, np.uint64), none),
                *(SCORER, None, threshold, threshold, levels, 0),
            )
            assert levels[0, 0] == 5, pair


@given(TEXTS, st.lists(st.tuples(*[st.integers(-1, 30)] * 2), min_size=1, max_size=6))
def test_several_values_of_one_field_count_by_their_best_pair(
    values: list[str], records: list[tuple[int, int]]
) -> None:
    table = np.array([[min(code, len(values) - 1) for code in record] for record in records], np.int32)
    left, right = every_pair(len(records))
    levels = np.zeros((len(left), 1), np.uint8)
    best = np.zeros(len(left), np.uint8)
    for ours, theirs in product(range(2), range(2)):
        one = np.zeros_like(levels)
        for out in (levels, one):
            score.code_levels(
                *(left, right, table[:, ours], table[:, theirs], column(values)),
                *(np.zeros(len(values), np.uint64), 0, out, 0),
            )
        best = np.maximum(best, one[:, 0])
    assert levels[:, 0].tolist() == best.tolist()


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
    score.swapped_levels(left, right, first, last, as_first, 7, levels, 0, 1)
    expected = []
    for i, j, levels_before in zip(left, right, before, strict=True):
        (a, b), (c, d) = people[i], people[j]
        swapped = all((a, b, c, d)) and a != c and a == d and b == c
        expected.append((7, 0) if swapped else levels_before)
    assert [tuple(row) for row in levels.tolist()] == expected


# -------------------------------------------------------------------------------------------- dates and codes


@st.composite
def near_dates(draw: st.DrawFn) -> list[str]:
    digits = draw(
        st.dates().map(lambda day: day.strftime("%Y%m%d").zfill(8))
        | st.text("0123456789", min_size=8, max_size=8)
    )
    found = {digits}
    for _ in range(draw(st.integers(0, 8))):
        word = draw(st.sampled_from(sorted(found)))
        at = draw(st.integers(0, 6))
        found.add(
            draw(
                st.sampled_from(
                    [
                        word[:at] + draw(st.sampled_from("0123456789")) + word[at + 1 :],
                        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                        word[:4] + word[6:] + word[4:6],
                        f"{(int(word[:4]) + 1) % 10000:04}" + word[4:],
                        f"{(int(word[:4]) + 9) % 10000:04}" + word[4:],
                        word[:6] + draw(st.sampled_from(["01", "31", "17"])),
                        word[:4] + draw(st.sampled_from(["01", "12"])) + word[6:],
                    ]
                )
            )
        )
    return sorted(found)


@given(near_dates())
@example(["19991231", "20000101", "20001231", "20011231"])
def test_dates_agree_as_far_as_python_says(dates: list[str]) -> None:
    codes = with_null(len(dates))
    left, right = every_pair(len(codes))
    levels = np.zeros((len(left), 1), np.uint8)
    packed = np.array([int(date, 16) for date in dates], np.uint32)
    score.date_levels(left, right, codes, codes, packed, levels, 0)
    texts = known(dates, codes)
    assert levels[:, 0].tolist() == [
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
    levels = np.zeros((len(left), 1), np.uint8)
    score.code_levels(left, right, codes, codes, column(values), tails, shortest, levels, 0)
    expected = []
    for i, j in zip(codes[left], codes[right], strict=True):
        a, b = known(values, [i, j])
        tail = i >= 0 and j >= 0 and tails[i] != 0 and bool(tails[i] == tails[j])
        edits = OSA.distance(a, b) if a is not None and b is not None else 0
        expected.append(oracles.code_level(a, b, tail, edits, shortest))
    assert levels[:, 0].tolist() == expected


@given(st.lists(st.integers(-1, 3), max_size=8))
def test_equal_codes_agree(numbers: list[int]) -> None:
    codes = np.array(numbers, np.int32)
    left, right = every_pair(len(codes))
    levels = np.zeros((len(left), 1), np.uint8)
    score.equal_levels(left, right, codes, codes[::1], levels, 0)
    texts = [None if code < 0 else str(code) for code in numbers]
    assert levels[:, 0].tolist() == [
        oracles.equal_level(texts[i], texts[j]) for i, j in zip(left, right, strict=True)
    ]


# ---------------------------------------------------------------------------------------- contacts and places


@given(TEXTS, st.lists(st.sampled_from(["x.org", "y.org"]), min_size=1, max_size=2, unique=True), UNIT)
def test_emails_agree_as_far_as_python_says(parts: list[str], hosts: list[str], close: float) -> None:
    parts = sorted({part.replace("@", "") for part in parts})
    emails = [f"{part}@{host}" for part, host in product(parts, hosts)]
    codes, local_codes = with_null(len(emails)), np.repeat(np.arange(len(parts), dtype=np.int32), len(hosts))
    left, right = every_pair(len(codes))

    def call(
        scorer: score.Similarity | None, measured: npt.NDArray[np.float32] | None, levels: Levels
    ) -> None:
        score.email_levels(
            left, right, codes, codes, local_codes, column(parts), scorer, measured, close, levels, 1
        )

    of = np.append(local_codes, np.int32(-1))[codes]
    texts, locals_ = known(emails, codes), known(parts, of)
    assert by_both_ways(call, measure(parts, left, right, of, of)) == [
        oracles.email_level(texts[i], texts[j], similarity(locals_[i], locals_[j]), close)
        for i, j in zip(left, right, strict=True)
    ]


LEVEL = st.integers(0, 6)


@given(st.lists(st.tuples(LEVEL, LEVEL, LEVEL, st.booleans(), st.booleans()), max_size=8), LEVEL, LEVEL)
def test_agreement_that_repeats_the_names_is_silenced(
    pairs: list[tuple[int, int, int, bool, bool]], exact: int, agreeing: int
) -> None:
    levels = np.array([pair[:3] for pair in pairs], np.uint8).reshape(-1, 3)
    derived = np.array([pair[3:] for pair in pairs], np.uint8).ravel()
    left = np.arange(0, 2 * len(pairs), 2, dtype=np.int32)
    score.silence_levels(left, left + 1, derived, exact, agreeing, levels, 0, 1, 2)
    assert levels.tolist() == [
        [0 if 1 < email < exact and (ours or theirs) and min(first, last) >= agreeing else email, first, last]
        for email, first, last, ours, theirs in pairs
    ]


@given(TEXTS, TEXTS, st.integers(0, 4))
def test_contained_text_is_found(outer: list[str], inner: list[str], shortest: int) -> None:
    ours, theirs = every_pair(max(len(outer), len(inner)) + 1)
    ours = np.where(ours < len(outer), ours, -1).astype(np.int32)
    theirs = np.where(theirs < len(inner), theirs, -1).astype(np.int32)
    out = np.zeros(len(ours), np.uint8)
    score.contains_text(ours, column(outer), theirs, column(inner), shortest, out)
    assert out.tolist() == [
        int(a >= 0 and b >= 0 and len(inner[b]) >= shortest and inner[b] in outer[a])
        for a, b in zip(ours, theirs, strict=True)
    ]


@given(TEXTS, st.lists(st.tuples(st.integers(-1, 30), st.integers(-1, 2)), max_size=8), UNIT)
def test_streets_agree_as_far_as_python_says(
    streets: list[str], records: list[tuple[int, int]], similar: float
) -> None:
    table = np.array([(min(s, len(streets) - 1), n) for s, n in records], np.int32).reshape(-1, 2)
    codes, numbers = table[:, 0], table[:, 1]
    left, right = every_pair(len(records))

    def call(
        scorer: score.Similarity | None, measured: npt.NDArray[np.float32] | None, levels: Levels
    ) -> None:
        out = np.full(len(left), 77, np.uint8)
        score.street_levels(
            *(left, right, codes, numbers, codes, numbers, column(streets), scorer, measured, similar, out)
        )
        levels[:, 1] = out

    texts = known(streets, codes)
    assert by_both_ways(call, measure(streets, left, right, codes, codes)) == [
        oracles.street_level(
            texts[i], numbers[i], texts[j], numbers[j], similarity(texts[i], texts[j]), similar
        )
        for i, j in zip(left, right, strict=True)
    ]


@given(near_texts(alphabet="0123AB "), TEXTS, st.lists(st.tuples(*[st.integers(-1, 30)] * 2), max_size=8))
def test_places_agree_as_far_as_python_says(
    postcodes: list[str], cities: list[str], records: list[tuple[int, int]]
) -> None:
    table = np.array(
        [(min(p, len(postcodes) - 1), min(c, len(cities) - 1)) for p, c in records], np.int32
    ).reshape(-1, 2)
    left, right = every_pair(len(records))
    areas = np.array([int.from_bytes(value[:2].encode(), "big") for value in postcodes], np.uint64)
    out = np.full(len(left), 77, np.uint8)
    score.place_levels(
        *(left, right, table[:, 0], table[:, 1], table[:, 0], table[:, 1]),
        *(column(postcodes), column(cities), areas, out),
    )
    codes, towns = known(postcodes, table[:, 0]), known(cities, table[:, 1])
    assert out.tolist() == [
        oracles.place_level(
            *(codes[i], towns[i], codes[j], towns[j]),
            bool((codes[i] or "")[:2] and (codes[i] or "")[:2] == (codes[j] or "")[:2]),
            OSA.distance,
        )
        for i, j in zip(left, right, strict=True)
    ]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 30)), max_size=8))
def test_joint_levels_number_every_combination(rows: list[tuple[int, int, int]]) -> None:
    outer, inner, before = np.array(rows, np.uint8).reshape(-1, 3).T.copy()
    levels = before[:, None].copy()
    score.joint_levels(outer, inner, 5, levels, 0)
    assert levels[:, 0].tolist() == [max(b, o * 5 + i) for o, i, b in rows]


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

    def call(
        scorer: score.Similarity | None, measured: npt.NDArray[np.float32] | None, levels: Levels
    ) -> None:
        score.token_levels(
            *(left, right, codes, codes, column(values), starts, numbers, np.array(weights, np.float32)),
            *(scorer, measured, close, levels, 1),
        )

    texts, rarity = known(values, codes), dict(zip(WORDS, weights, strict=True))
    assert by_both_ways(call, measure(values, left, right, codes, codes)) == [
        oracles.token_level(texts[i], texts[j], rarity, similarity(texts[i], texts[j]), close)
        for i, j in zip(left, right, strict=True)
    ]
