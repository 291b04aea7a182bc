"""Parts of full names are shown as they were written."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cxm_sdk._native.written import find_written
from cxm_sdk.identity.folding import narrow_table
from cxm_sdk.identity.spans import Spans

TEXTS = st.text(st.sampled_from("abAB ßéÅĳŉ½'’-–.,\"(09王ي🌸𠀀\x00\u00a0\u0301"), max_size=16) | st.text(
    max_size=12
)
WORDS = st.text(st.sampled_from("abAéÅß’王"), min_size=1, max_size=5)


def folded(text: str) -> str:
    return Spans.of(pa.array([text])).translated(narrow_table()).array().to_pylist()[0] or ""


def slow(text: str, part: str, last: bool) -> str | None:
    """The first or last piece of a text between separators that folds to a part."""
    ends = list(range(len(text) + 1))
    found = [
        (start, stop)
        for start in ends
        for stop in ends[start + 1 :]
        if folded(text[start:stop]) == part
        and (not folded(text[:start]) or folded(text[:start] + "x").endswith(" x"))
        and (not folded(text[stop:]) or folded("x" + text[stop:]).startswith("x "))
    ]
    if not found:
        return None
    start, stop = max(found) if last else min(found, key=lambda place: (place[1], -place[0]))
    return text[start:stop]


@given(st.lists(st.tuples(TEXTS, st.integers(0, 9), st.integers(1, 3)), max_size=6), st.booleans())
@example([("½ a", 0, 1), ("ŉ", 0, 1), ('Anna "Lu" Maria', 1, 2)], False)
def test_what_is_found_folds_to_the_part(rows: list[tuple[str, int, int]], last: bool) -> None:
    texts = [text for text, _, _ in rows]
    parts = [" ".join(folded(text).split(" ")[first : first + many]) for text, first, many in rows]
    found = Spans.of(pa.array(texts, pa.string())).written(Spans.of(pa.array(parts, pa.string())), last=last)
    for piece, part in zip(found.array().to_pylist(), parts, strict=True):
        assert piece is None or folded(piece) == part


@given(st.lists(WORDS, min_size=1, max_size=4), st.integers(0, 3), st.booleans())
def test_words_between_spaces_are_found_as_they_stand(words: list[str], number: int, last: bool) -> None:
    text = " ".join(words)
    part = folded(words[number % len(words)])
    if not part:
        return
    found = Spans.of(pa.array([text])).written(Spans.of(pa.array([part])), last=last).array()[0].as_py()
    same = [word for word in words if folded(word) == part]
    shown = slow(text, part, last)
    assert shown is not None
    assert found.strip("’") == shown.strip("’ ") in [word.strip("’") for word in same]


@pytest.mark.parametrize(
    ("text", "part", "found"),
    [
        ("Jörg Müller", "muller", "Müller"),
        ("JÖRG MÜLLER", "jorg", "JÖRG"),
        ("O'Neil-McDonald, J. R.", "j r", "J. R."),
        ("Ludwig van der Berg", "van der berg", "van der Berg"),
        ('Anna "Lu" Maria', "lu maria", None),
        ("Joann", "ann", None),
        ("Ann", "", None),
    ],
)
def test_parts_keep_accents_and_capitals(text: str, part: str, found: str | None) -> None:
    names, parts = Spans.of(pa.array([text])), Spans.of(pa.array([part]))
    assert names.written(parts).array().to_pylist() == [found]


def test_wrong_shapes_are_refused() -> None:
    text = Spans.of(pa.array(["Ada"]))
    column = text.data, text.starts, text.stops
    none = np.zeros(0, np.int32)
    with pytest.raises(ValueError, match="5"):
        find_written(*column, np.zeros(5, np.uint64), *column)
    with pytest.raises(ValueError, match="a part for each"):
        find_written(*column, np.zeros(0, np.uint64), text.data, none, none)
