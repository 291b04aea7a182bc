"""Columns of few records hold what the records say."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.contents import lay_out, lay_out_texts

TEXTS = st.sampled_from(["", "a", "b", "ä", "云", "a longer one"])
SAID = st.dictionaries(st.sampled_from(["city", "email", "skipped"]), st.lists(TEXTS, max_size=3))


@given(st.lists(SAID, max_size=6), st.sets(TEXTS))
def test_codes_lead_back_to_what_records_say(contents: list[dict[str, list[str]]], muted: set[str]) -> None:
    found = lay_out(contents, {"city": muted}, "skipped")
    assert list(found) == sorted({role for content in contents for role in content} - {"skipped"})
    for role, laid in found.items():
        gone = {""} | (muted if role == "city" else set())
        told = [content.get(role, []) for content in contents]
        assert laid.values == sorted({value for values in told for value in values} - gone)
        assert laid.codes.shape == (max(map(len, told)), len(contents))
        for row, values in enumerate(told):
            held = [laid.values[code] if code >= 0 else None for code in laid.codes[:, row].tolist()]
            missing = [None] * (len(laid.codes) - len(values))
            assert held == [None if value in gone else value for value in values] + missing
        text = laid.data.tobytes()
        ends = laid.offsets.tolist()
        assert [text[a:b].decode() for a, b in itertools.pairwise(ends)] == laid.values


def test_what_is_no_text_is_an_error() -> None:
    with pytest.raises(TypeError):
        lay_out([{"city": [1]}], {}, "")  # type: ignore[list-item]
    with pytest.raises(TypeError):
        lay_out_texts([b"bytes"])  # type: ignore[list-item]
