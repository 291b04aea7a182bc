"""Spans behave like lists of strings in which an empty string and a null are one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk.identity.distinct import dictionary_order, distinct_texts
from cxm_sdk.identity.folding import fold_character, narrow_table
from cxm_sdk.identity.spans import Spans, Words, word_list, word_map

VALUES = st.lists(st.none() | st.text(max_size=6), max_size=8)
PAIRS = st.lists(
    st.tuples(st.none() | st.text("ab ", max_size=3), st.none() | st.text("cd", max_size=3)), max_size=6
)


def spans(values: list[str | None]) -> Spans:
    return Spans.of(pa.array(values, pa.string()))


def plain(values: list[str | None]) -> list[str | None]:
    return [value or None for value in values]


@given(VALUES, st.integers(0, 3), st.sampled_from([pa.string(), pa.large_string()]))
def test_arrays_come_back_as_they_went_in(values: list[str | None], skip: int, kind: pa.DataType) -> None:
    array = pa.array([*["x"] * skip, *values], kind).slice(skip)
    assert Spans.of(array).array().to_pylist() == plain(values)
    taken = Spans.of(array).take(np.arange(len(values))[::-1])
    assert taken.array().to_pylist() == plain(values)[::-1]


@given(PAIRS)
def test_columns_are_joined_and_filled_row_by_row(pairs: list[tuple[str | None, str | None]]) -> None:
    left, right = spans([a for a, _ in pairs]), spans([b for _, b in pairs])
    assert left.or_else(right).array().to_pylist() == [a or b or None for a, b in pairs]
    joined = left.joined(right, "+").array().to_pylist()
    assert joined == ["+".join(part for part in pair if part) or None for pair in pairs]
    rows = np.array([bool(b) for _, b in pairs], dtype=bool)
    expected = [b or a or None for a, b in pairs]
    assert left.replaced_at(rows, right).array().to_pylist() == expected
    at = np.flatnonzero(rows)
    assert left.with_rows(at, right.take(at)).array().to_pylist() == expected


@given(st.lists(st.text("ab@ ", max_size=6), max_size=6))
def test_cutting_at_a_character_is_partition(values: list[str]) -> None:
    column = spans(list(values))
    at = column.find("@")
    parts = [value.partition("@") for value in values]
    assert column.before(at).array().to_pylist() == plain([head.strip(" ") for head, _, _ in parts])
    assert column.after(at).array().to_pylist() == plain([tail.strip(" ") for _, _, tail in parts])
    assert column.holds("@") == any("@" in value for value in values)


@given(VALUES)
def test_dictionary_order_sorts_bytewise_and_keeps_rows(values: list[str | None]) -> None:
    distinct, codes = dictionary_order(pa.array(values, pa.string()))
    assert distinct.to_pylist() == sorted({value for value in values if value}, key=str.encode)
    assert [distinct[code].as_py() if code >= 0 else None for code in codes.tolist()] == plain(values)


@given(VALUES)
def test_distinct_texts_stand_as_they_first_come(values: list[str | None]) -> None:
    distinct, codes = distinct_texts(pa.array(values, pa.string()))
    assert distinct.to_pylist() == list(dict.fromkeys(value for value in values if value))
    assert [distinct[code].as_py() if code >= 0 else None for code in codes.tolist()] == plain(values)


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("é", "e"), ("Ø", "o"), ("ß", "ss"), ("Æ", "ae"), ("Ł", "l"), ("İ", "i"), ("ı", "i"), ("Й", "и"),
        ("ς", "σ"), ("Ω", "ω"), ("２", "2"), ("٣", "3"), ("½", "1 2"), ("ﬁ", "fi"), ("№", "no"), ("’", ""),
        ("—", " "), ("ŉ", "n"),
        ("\u00a0", " "), ("\u200b", ""), ("\u0301", ""), ("€", " "), ("王", "王"), ("가", "가"), ("が", "が"),
        ("أ", "ا"), ("ש", "ש"), ("\ue000", " "),
    ],
)  # fmt: skip
def test_characters_fold_to_what_people_would_type(character: str, expected: str) -> None:
    assert fold_character(character) == expected


def test_decomposed_and_fancy_letters_fold_like_the_usual_ones() -> None:
    table = narrow_table()
    folded = spans(["\u1112\u1161\u11ab", "か\u3099", "𝓐𝓭𝓪", "e\u0301"]).translated(table).array().to_pylist()
    assert folded == ["한", "が", "ada", "e"]


def test_word_lists_are_read_across_lines() -> None:
    assert word_list("a b,\n  c") == ["a b", "c"]
    assert word_map("st: street,\n    str\n: the") == {"street": "st", "str": "st", "the": ""}
    assert spans(["the main street"]).replaced(Words({"street": "st", "the": ""})).array().to_pylist() == [
        "main st"
    ]
