"""Columns of few records hold what the records say."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.contents import Packed, fewest_first, lay_out, lay_out_texts

TEXTS = st.sampled_from(["", "a", "b", "ä", "云", "a longer one"])
SAID = st.dictionaries(st.sampled_from(["city", "email"]), st.lists(TEXTS, max_size=3))


@given(st.lists(SAID, max_size=6), st.sets(TEXTS))
def test_codes_lead_back_to_what_records_say(contents: list[dict[str, list[str]]], muted: set[str]) -> None:
    found = lay_out(list(map(Packed, contents)), {"city": muted})
    assert list(found) == sorted({role for content in contents for role in content})
    for role, laid in found.items():
        gone = {""} | (muted if role == "city" else set())
        told = [content.get(role, []) for content in contents]
        assert sorted(laid.values) == sorted({value for values in told for value in values} - gone)
        assert laid.codes.shape == (max(map(len, told)), len(contents))
        for row, values in enumerate(told):
            held = [laid.values[code] if code >= 0 else None for code in laid.codes[:, row].tolist()]
            missing = [None] * (len(laid.codes) - len(values))
            assert held == [None if value in gone else value for value in values] + missing
        text = laid.data.tobytes()
        ends = laid.offsets.tolist()
        assert [text[a:b].decode() for a, b in pairwise(ends)] == laid.values


@given(st.dictionaries(st.text(max_size=4), st.lists(st.text(max_size=5), max_size=3), max_size=3))
def test_what_is_packed_is_what_was_said(content: dict[str, list[str]]) -> None:
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for packed in (Packed(content), Packed(written), Packed(json.dumps(content)), Packed(Packed(written))):
        assert packed.content == content
        assert list(packed.content) == list(content)
        assert all(packed.knows(role) for role in content)
        assert not packed.knows("another role")


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a"', '{"a":["b"', '{"a":["b"]', '{"a":["b"]}}', '{"a":["b]}']
)
def test_text_that_is_no_record_is_an_error(text: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        Packed(text)


def test_what_is_no_text_is_an_error() -> None:
    with pytest.raises(TypeError):
        lay_out([Packed({"city": [1]})], {})  # type: ignore[list-item]
    with pytest.raises(TypeError):
        lay_out([{"city": ["ulm"]}], {})  # type: ignore[list-item]
    with pytest.raises(TypeError):
        lay_out_texts([b"bytes"])  # type: ignore[list-item]


@given(st.lists(SAID, max_size=6), st.sampled_from(["city", "email", "phone"]))
def test_the_fewest_first_values_are_those_of_a_role_that_half_of_the_records_know(
    contents: list[dict[str, list[str]]], but: str
) -> None:
    counts = []
    for role in {"city", "email"} - {but}:
        known = [content[role][0] for content in contents if content.get(role)]
        if known and 2 * len(known) >= len(contents):
            counts.append(len(set(known)))
    assert fewest_first(list(map(Packed, contents)), ("city", "email"), but) == min(counts, default=0)
