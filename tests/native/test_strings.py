"""Columns of text and native scorers: what lies in them is found, and what cannot be used is refused."""

from __future__ import annotations

import gc
import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, Levenshtein

from cxm_sdk._native import strings

inputs = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("inputs.py"))))


@given(inputs.TEXTS, inputs.TEXTS, st.integers(0, 4))
def test_contained_text_is_found(outer: list[str], inner: list[str], shortest: int) -> None:
    ours, theirs = inputs.every_pair(max(len(outer), len(inner)) + 1)
    ours = np.where(ours < len(outer), ours, -1).astype(np.int32)
    theirs = np.where(theirs < len(inner), theirs, -1).astype(np.int32)
    out = np.ones(len(ours), np.uint8)
    strings.contains_text(ours, inputs.column(outer), theirs, inputs.column(inner), shortest, 2, out)

    def marks(a: int, b: int) -> int:
        if a < 0 or b < 0 or len(inner[b]) < shortest or inner[b] not in outer[a]:
            return 1
        letters = outer[a].translate(dict.fromkeys(map(ord, "._-")))
        return 11 if len(letters) <= len(inner[b]) + 1 else 3

    assert out.tolist() == [marks(a, b) for a, b in zip(ours, theirs, strict=True)]


@given(inputs.TEXTS, st.integers(0, 9))
def test_kinds_of_characters_are_what_python_counts(values: list[str], end: int) -> None:
    def kinds(text: str, count: int) -> int:
        odd = [sum(ord(letter) % count == kind for letter in text) % 2 for kind in range(count)]
        return sum(bit << kind for kind, bit in enumerate(odd))

    tails = [kinds(value[max(len(value) - end, 0) :], 10) for value in values]
    assert strings.tail_kinds(inputs.column(values), end).tolist() == tails
    whole = [kinds(value, 24) | min(len(value), 63) << 24 for value in values]
    assert strings.letter_kinds(inputs.column(values)).tolist() == whole


@given(inputs.TEXTS | inputs.near_texts(alphabet="0123456789"), st.integers(1, 9))
def test_one_edit_changes_two_kinds_at_most(values: list[str], end: int) -> None:
    kinds = strings.tail_kinds(inputs.column(values), end).tolist()
    for a, one in zip(values, kinds, strict=True):
        for b, other in zip(values, kinds, strict=True):
            assert OSA.distance(a, b) > 1 or (one ^ other).bit_count() <= 2
            assert a[-end:] != b[-end:] or one == other


def test_a_column_keeps_its_text_alive() -> None:
    values = [f"value {number} é" for number in range(1000)]
    text, codes, out = inputs.column(values), np.arange(1000, dtype=np.int32), np.zeros(1000, np.uint8)
    gc.collect()
    assert text.size == 1000
    assert inputs.column([]).size == 0
    strings.contains_text(codes, text, codes, inputs.column(values), 0, 1, out)
    assert out.all()


@pytest.mark.parametrize("offsets", [[0, 4], [-1, 2], [2, 1, 3], []])
def test_offsets_outside_the_text_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="expected offsets"):
        strings.TextColumn(np.array(offsets, np.int32), np.frombuffer(b"abc", np.uint8))


@pytest.mark.parametrize(
    "scorer",
    [
        lambda a, b: 1.0,
        Levenshtein.distance,  # an integer result
        SimpleNamespace(_RF_Scorer=1),
        SimpleNamespace(_RF_Scorer=None),
        None,
    ],
    ids=["function", "integer", "number", "none", "nothing"],
)
def test_a_scorer_that_cannot_be_called_natively_is_refused(scorer: Callable[..., float]) -> None:
    with pytest.raises(TypeError, match="scorer"):
        strings.Similarity(scorer)
