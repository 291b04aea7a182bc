"""The native string functions give what slow, obvious ones give."""

from __future__ import annotations

import functools
import operator
import random
import runpy
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cxm_sdk._native import numbers, text
from cxm_sdk._native import words as word_lists
from cxm_sdk.identity.folding import NO_WIDE, fold_character, narrow_table, wide_characters, wide_table
from cxm_sdk.identity.spans import Spans

HERE = Path(__file__)
oracles = SimpleNamespace(**runpy.run_path(str(HERE.with_name("oracles.py"))))
spans = runpy.run_path(str(HERE.with_name("inputs.py")))["spans"]

EVERY_CHARACTER = np.arange(0x80, 0x10000)
ANY = st.lists(st.text(max_size=12), max_size=8)
NOISY = st.lists(
    st.text(st.sampled_from("abcdekghnprtwxyz ßéÅ'’-–.,0189/#王ي가🌸𠀀\x00\u00a0"), max_size=24), max_size=8
)
WORD = st.sampled_from(
    ["st", "street", "jr", "dr", "a", "12", "12a", "3rd", "box", "bis", "hauptstrasse", "é", "x"]
)
LINES = st.lists(st.lists(WORD, max_size=5).map(" ".join), max_size=8)
LISTED = st.lists(WORD, max_size=5, unique=True)
CODES = {
    1: (10, 10),
    7: (10, 10),
    33: (9, 9),
    39: (9, 11),
    44: (9, 10),
    49: (7, 12),
    86: (10, 11),
    351: (9, 9),
}


def words(values: list[str]) -> tuple[np.ndarray, np.ndarray]:
    encoded = [value.encode() for value in values]
    return np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([0, *map(len, encoded)], dtype=np.int32)


def rows(data: np.ndarray, offsets: np.ndarray) -> list[str]:
    return [bytes(data[a:b]).decode() for a, b in pairwise(offsets)]


def cut(data: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> list[str]:
    return [bytes(data[a:b]).decode() for a, b in zip(starts, stops, strict=True)]


# ---------------------------------------------------------------------------------------------- characters


@given(NOISY | ANY)
@example(["\u0132\u0132", "ŉŉŉ", "\U0010ffff", "🌸 a", "a  b ", "\x00"])
def test_translate_writes_what_the_table_says(values: list[str]) -> None:
    for narrow in (narrow_table(keep="-"), narrow_table(letters=False, rest="")):
        for wide, mapping in ((NO_WIDE, None), (wide_table(EVERY_CHARACTER), _Folding())):
            got = rows(*text.translate(*spans(values), narrow, wide))
            assert got == [oracles.translate(value, narrow.tolist(), mapping) for value in values]


class _Folding(dict[str, str]):
    def __missing__(self, character: str) -> str:
        return fold_character(character)


def test_wide_table_holds_every_character_as_it_folds() -> None:
    table = wide_table(EVERY_CHARACTER)
    for code in [*range(0x80, 0xD800, 7), *range(0xE000, 0x10000, 5)]:
        packed = int(table[code]).to_bytes(8, "little")
        assert packed[1 : 1 + packed[0]].decode() == fold_character(chr(code)), hex(code)


@given(st.text())
def test_characters_outside_ascii_are_listed_once(value: str) -> None:
    found = wide_characters(np.frombuffer(value.encode(), np.uint8)).tolist()
    assert found == sorted({min(ord(character), 0x10000) for character in value if ord(character) >= 0x80})


@given(st.text(st.characters(codec="utf-8", max_codepoint=0x800), max_size=9))
def test_text_folds_alike_whatever_its_longest_character(value: str) -> None:
    # A character of three bytes beside it asks for the large table.
    alone, beside = (
        Spans.of(pa.array(column)).translated(narrow_table()) for column in ([value], [value, "\u0800"])
    )
    assert alone.array()[0] == beside.array()[0]


@given(ANY)
def test_gather_copies_rows(values: list[str]) -> None:
    assert rows(*text.gather(*spans(values))) == values


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=6))
def test_join_puts_a_separator_between_two_texts_only(pairs: list[tuple[str, str]]) -> None:
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    got = rows(*text.join(*spans(left), *spans(right), ord("@")))
    assert got == ["@".join(part for part in pair if part) for pair in pairs]


@given(st.lists(st.text(st.sampled_from(" a\t\n.é\x00"), max_size=8), max_size=6))
def test_trim_leaves_out_white_space_and_controls(values: list[str]) -> None:
    data, starts, stops = spans(values)
    blanks = "".join(map(chr, range(33)))
    assert cut(data, *text.trim(data, starts, stops)) == [value.strip(blanks) for value in values]


@given(st.lists(st.text(st.sampled_from("ab@."), max_size=8), max_size=6), st.booleans())
def test_find_byte_finds_the_first_or_last(values: list[str], last: bool) -> None:
    data, starts, stops = spans(values)
    found = text.find_byte(data, starts, stops, ord("@"), last)
    expected = [value.rfind("@") if last else value.find("@") for value in values]
    assert np.where(found < 0, -1, found - starts).tolist() == expected


@given(
    st.lists(st.text(st.sampled_from("ab9é"), max_size=8), max_size=6), st.binary(min_size=256, max_size=256)
)
def test_kinds_of_a_row_are_those_of_its_bytes(values: list[str], table: bytes) -> None:
    expected = [
        functools.reduce(operator.or_, (table[byte] for byte in value.encode()), 0) for value in values
    ]
    assert text.kinds(*spans(values), np.frombuffer(table, np.uint8)).tolist() == expected


def test_kinds_are_those_of_all_bytes() -> None:
    with pytest.raises(ValueError, match="256 bytes"):
        text.kinds(*spans(["a"]), np.zeros(128, np.uint8))


# ---------------------------------------------------------------------------------------------- words


@given(LINES, LISTED)
def test_find_word_and_lookup_agree_with_python(values: list[str], listed: list[str]) -> None:
    data, starts, stops = spans(values)
    found = word_lists.find_word(data, starts, stops, *words(listed))
    expected = [oracles.find_word(value, listed) for value in values]
    assert [
        at if at < 0 else len(bytes(data[start:at]).decode()) for at, start in zip(found, starts, strict=True)
    ] == expected
    index = word_lists.lookup(data, starts, stops, *words(listed))
    assert index.tolist() == [listed.index(value) if value and value in listed else -1 for value in values]


@given(LINES, LISTED, st.booleans(), st.booleans())
def test_word_run_measures_listed_words_at_one_end(
    values: list[str], listed: list[str], at_end: bool, keep_one: bool
) -> None:
    data, starts, stops = spans(values)
    at = word_lists.word_run(data, starts, stops, *words(listed), at_end, keep_one)
    rest = cut(data, starts, at) if at_end else cut(data, at, stops)
    expected = [oracles.word_run(value, listed, at_end=at_end, keep_one=keep_one) for value in values]
    assert rest == expected


@given(LINES, LISTED, st.lists(st.sampled_from(["", "y", "longer word"]), min_size=5, max_size=5))
def test_map_words_replaces_words_and_endings(values: list[str], listed: list[str], new: list[str]) -> None:
    mapping = dict(zip(listed, new, strict=False))
    endings = {"strasse": "str", "reet": ""}
    old_words = words([*mapping, *endings])
    new_words = words([*mapping.values(), *endings.values()])
    got = rows(*word_lists.map_words(*spans(values), *old_words, *new_words, len(endings)))
    assert got == [oracles.map_words(value, mapping, endings) for value in values]
    got = rows(*word_lists.map_words(*spans(values), *words(list(mapping)), *words(list(mapping.values()))))
    assert got == [oracles.map_words(value, mapping, {}) for value in values]


NUMBERED = st.lists(
    st.sampled_from(["12", "12a", "12-14", "a", "n", "1st", "22nd", "box", "rue", "bis", "1/2", "x1"])
)


@given(
    st.lists(NUMBERED.map(" ".join) | st.text(st.sampled_from("129abisterndh-/ "), max_size=9), max_size=6)
)
def test_house_numbers_agree_with_python(values: list[str]) -> None:
    values = [" ".join(value.split()) for value in values]
    data, starts, stops = spans(values)
    roads = ["box", "rue"]
    got_starts, got_stops = numbers.house_numbers(data, starts, stops, *words(roads))
    got = cut(data, np.maximum(got_starts, 0), np.where(got_starts < 0, 0, got_stops))
    assert got == [oracles.house_number(value, roads) if value else "" for value in values]


# ---------------------------------------------------------------------------------------------- codes


@given(st.lists(st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz '1é"), max_size=14), max_size=6))
@example(["knight", "night", "wright", "rite", "schmidt", "smith", "schwartz", "schwarz", "philip", "filip"])
def test_phonetic_agrees_with_python(values: list[str]) -> None:
    for value, code in zip(values, text.phonetic(*spans(values)).tolist(), strict=True):
        expected = oracles.phonetic(value)
        assert code >> 63 == 1 if expected is None else code == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("catherine", "katherine"), ("knight", "night"), ("wright", "right"), ("schwartz", "schwarz"),
        ("smith", "smyth"), ("philip", "filip"), ("hannah", "hana"), ("obrien", "o brien"), ("rodgers",
        "rogers"),
        ("schmidt", "smith"), ("meier", "mayer"), ("cindy", "sindy"),
    ],
)  # fmt: skip
def test_names_that_sound_alike_have_one_code(one: str, other: str) -> None:
    codes = text.phonetic(*spans([one, other]))
    assert codes[0] == codes[1] != 0


@given(ANY, st.integers(0, oracles.MASK), st.integers(-4, 4))
def test_hash64_is_the_public_algorithm_on_the_part_asked_for(
    values: list[str], seed: int, part: int
) -> None:
    got = text.hash64(*spans(values), seed, part).tolist()
    parts = [value[:part] if part > 0 else value[part:] if part < 0 else value for value in values]
    assert got == [oracles.hash64(value.encode(), seed) if value else 0 for value in parts]


@given(st.binary(max_size=200))
def test_hash128_mixes_four_lanes_of_the_public_algorithm(data: bytes) -> None:
    assert text.hash128(np.frombuffer(data, np.uint8)) == oracles.hash128(data)


@given(st.binary(min_size=1, max_size=80), st.data())
def test_hash128_tells_a_changed_byte_and_a_changed_length(data: bytes, draw: st.DataObject) -> None:
    at, by = draw.draw(st.integers(0, len(data) - 1)), draw.draw(st.integers(1, 255))
    changed = data[:at] + bytes([data[at] ^ by]) + data[at + 1 :]
    hashes = {
        text.hash128(np.frombuffer(some, np.uint8)) for some in (data, changed, data + b"\0", data[:-1])
    }
    assert len(hashes) == 4


@given(st.lists(st.text(max_size=20) | st.text(st.sampled_from("a\x00b"), max_size=20), max_size=40))
def test_sort_order_is_bytewise_and_stable(values: list[str]) -> None:
    expected = sorted(range(len(values)), key=lambda row: (values[row].encode(), row))
    assert text.sort_order(*spans(values)).tolist() == expected


@pytest.mark.parametrize(
    "alphabet", ["0123456789abcdef", "01", bytes(range(1, 128)).decode(), "aé€\U0001f600"]
)
@pytest.mark.parametrize("sort_first", [False, True])
def test_sort_order_holds_for_many_short_rows_of_few_and_of_many_bytes(
    alphabet: str, sort_first: bool
) -> None:
    drawn = random.Random(7)
    values = ["".join(drawn.choices(alphabet, k=drawn.randrange(1, 12))) for _ in range(2000)]
    if sort_first:
        values.sort(key=str.encode)
    expected = sorted(range(len(values)), key=lambda row: (values[row].encode(), row))
    assert text.sort_order(*spans(values)).tolist() == expected


def test_sort_order_holds_for_many_rows_and_long_common_starts() -> None:
    draw = random.Random(3)
    values = ["customer-" * draw.randint(0, 12) + str(draw.randint(0, 300)) for _ in range(5000)]
    expected = sorted(range(len(values)), key=lambda row: (values[row].encode(), row))
    assert text.sort_order(*spans(values)).tolist() == expected


PHONE = st.text(st.sampled_from("0123456789+-(). /x#é\n,e"), max_size=24)
WRITTEN = st.builds(
    lambda mark, code, number, end: mark + code + number + end,
    st.sampled_from(["", "+", "00", "011", "0", "+(", "Tel "]),
    st.sampled_from(["", "1", "44", "44 (0)", "351", "86 ", "89"]),
    st.from_regex(r"[0-9 ./-]{6,13}", fullmatch=True),
    st.sampled_from(["", ".0", " x12", " ext. 4", "#4", " / 5551234567", "e+11"]),
)


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 10**6), max_size=8))
@example([0, 9, 10, 9999, 10000, 99999, 2**64 - 1])
def test_decimals_are_the_digits_of_numbers(values: list[int]) -> None:
    expected = [str(value) if value else "" for value in values]
    assert rows(*numbers.decimals(np.array(values, np.uint64))) == expected


@given(st.lists(PHONE | WRITTEN, max_size=8))
@example(
    [
        "102000000001",
        "4.47701E+11",
        "7.0",
        "12345678.00",
        "123456e7",
        "1e5",
        "5551234 ext 5",
        "3125551234/3125559999",
    ]
)
def test_phone_numbers_agree_with_python(values: list[str]) -> None:
    least, most = np.full(1000, 255, np.uint8), np.zeros(1000, np.uint8)
    for code, bounds in CODES.items():
        least[code], most[code] = bounds
    got = numbers.phone_numbers(*spans(values), least, most).tolist()
    assert got == [oracles.phone_number(value, CODES) for value in values]


# ---------------------------------------------------------------------------------------------- bad arguments


@pytest.mark.parametrize(("starts", "stops"), [([0], [9]), ([-1], [2]), ([3], [2]), ([0, 1], [1])])
def test_spans_outside_the_text_are_refused(starts: list[int], stops: list[int]) -> None:
    with pytest.raises(ValueError, match="expected"):
        text.hash64(np.zeros(4, np.uint8), np.array(starts, np.int32), np.array(stops, np.int32))


def test_broken_word_lists_and_tables_are_refused() -> None:
    column = spans(["a"])
    with pytest.raises(ValueError, match="word offsets"):
        word_lists.lookup(*column, np.zeros(2, np.uint8), np.array([0, 3], np.int32))
    with pytest.raises(ValueError, match="never fall"):
        word_lists.lookup(*column, np.zeros(2, np.uint8), np.array([0, 2, 1], np.int32))
    with pytest.raises(ValueError, match="replacement"):
        word_lists.map_words(*column, *words(["a"]), *words([]))
    with pytest.raises(ValueError, match="128 entries"):
        text.translate(*column, np.zeros(5, np.uint8), NO_WIDE)
    with pytest.raises(ValueError, match="65536 entries"):
        text.translate(*column, narrow_table(), np.zeros(5, np.uint64))
    with pytest.raises(ValueError, match="1000 entries"):
        numbers.phone_numbers(*column, np.zeros(5, np.uint8), np.zeros(5, np.uint8))
    with pytest.raises(ValueError, match="as many rows"):
        text.join(*column, *spans([]), 32)
