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
from rapidfuzz.distance import Levenshtein

from cxm_sdk._native import strings

inputs = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("inputs.py"))))


@given(inputs.TEXTS, inputs.TEXTS, st.integers(0, 4))
def test_contained_text_is_found(outer: list[str], inner: list[str], shortest: int) -> None:
    ours, theirs = inputs.every_pair(max(len(outer), len(inner)) + 1)
    ours = np.where(ours < len(outer), ours, -1).astype(np.int32)
    theirs = np.where(theirs < len(inner), theirs, -1).astype(np.int32)
    out = np.ones(len(ours), np.uint8)
    strings.contains_text(ours, inputs.column(outer), theirs, inputs.column(inner), shortest, 2, out)
    assert out.tolist() == [
        3 if a >= 0 and b >= 0 and len(inner[b]) >= shortest and inner[b] in outer[a] else 1
        for a, b in zip(ours, theirs, strict=True)
    ]


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
