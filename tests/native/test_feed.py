"""What is told of a batch is the JSON that Python would write of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.feed import Feed

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WEIGHTS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-100.0, 100.0),
    st.integers(-(10**9), 10**9).map(lambda n: n / 10**6),
    st.integers(-(10**9), 10**9).map(lambda n: (n + 0.5) / 10**6),
)
ENTRIES = st.tuples(
    TEXTS, st.binary(max_size=16), st.none() | st.tuples(TEXTS, TEXTS | st.lists(TEXTS, max_size=3))
)


def _json(told: object) -> str:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).replace("\\u007f", "\x7f")


@given(st.lists(ENTRIES, max_size=7), st.integers(1, 4))
def test_entries_are_told_in_their_order_some_in_a_row(
    entries: list[tuple[str, bytes, tuple[str, str | list[str]] | None]], most: int
) -> None:
    feed = Feed()
    told = []
    for kind, profile, detail in entries:
        feed.tell(kind, profile, *(detail or ()))
        told.append([kind, profile.hex(), dict([detail] if detail else [])])
    assert len(feed) == len(entries)
    parts = [told[at : at + most] for at in range(0, len(told), most)]
    assert feed.rows(most) == [(len(part), _json(part)) for part in parts]


@given(st.integers(-(2**63), 2**63 - 1), WEIGHTS)
def test_weights_are_rounded_as_python_rounds(number: int, weight: float) -> None:
    feed = Feed()
    feed.link(b"\x0f", number, 7, weight)
    entry = ["link_added", "0f", {"nodes": [number, 7], "weight": round(weight, 6)}]
    assert feed.rows(1) == [(1, _json([entry]))]


def test_a_detail_is_a_text_or_texts() -> None:
    with pytest.raises(TypeError):
        Feed().tell("merged", b"p", "from", [1])  # type: ignore[list-item]
    assert Feed().rows(64) == []
