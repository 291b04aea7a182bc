"""What a live graph does natively for every item says what the plain way says."""

from __future__ import annotations

import json
from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.evidence import canonical_json, name_of_item

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_canonical_json_is_what_json_writes(value: object) -> None:
    written = canonical_json(value)
    if written is not None:
        assert written == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_what_is_in_doubt_is_left_to_json() -> None:
    deep: object = 1
    for _ in range(40):
        deep = [deep]
    for value in (float("inf"), 2**64, {1: 2}, {"a": b"x"}, "\ud800", deep, {"a": {1, 2}}):
        assert canonical_json(value) is None
    assert canonical_json({"b": 1, "a": [1.0, -0.0, 1e300, '\x00é"\\']}) == (
        '{"a":[1.0,-0.0,1e+300,"\\u0000é\\"\\\\"],"b":1}'
    )


@given(
    st.text(st.characters(codec="utf-8"), max_size=80), st.text(st.characters(codec="utf-8"), max_size=200)
)
def test_an_item_is_named_by_a_digest(source: str, record_id: str) -> None:
    whole = f"{len(source)}:{source}{record_id}".encode()
    assert name_of_item(source, record_id) == blake2b(whole, digest_size=16).digest()
