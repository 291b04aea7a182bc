"""What is packed is what records say."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.contents import Packed, fewest_first

TEXTS = st.sampled_from(["", "a", "b", "ä", "云", "a longer one"])
SAID = st.dictionaries(st.sampled_from(["city", "email"]), st.lists(TEXTS, max_size=3))


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
        Packed({"city": [1]})  # type: ignore[list-item]


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
