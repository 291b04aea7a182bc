"""The spelling that a value is shown in is the one that most records have."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk.identity.columns import Column, Encoded
from cxm_sdk.identity.shares import unify
from cxm_sdk.identity.spellings import commonest

#: What records write, in two slots; each spelling means the value of its number halved.
ROWS = st.lists(st.tuples(st.integers(-1, 7), st.integers(-1, 7)), min_size=1, max_size=40)


@given(ROWS)
def test_commonest_spelling_is_what_most_records_write_then_the_first(rows: list[tuple[int, int]]) -> None:
    raws = [np.array(column, np.int32) for column in zip(*rows, strict=True)]
    codes = [raw >> 1 for raw in raws]
    found = commonest(4, codes, raws, 8)
    often = Counter(spelling for row in rows for spelling in row if spelling >= 0)
    for value in range(4):
        held = [spelling for spelling in (2 * value, 2 * value + 1) if often[spelling]]
        if held:
            assert found[value] == max(held, key=lambda spelling: (often[spelling], -spelling))


def as_told(column: Column) -> tuple[list[str | None], list[str | None]]:
    """What each record holds, and how it writes that."""
    values, written = column.values.to_pylist(), column.written.to_pylist()
    held = [None if code < 0 else values[code] for code in column.codes.tolist()]
    spelled = [None if code < 0 else written[code] for code in column.codes.tolist()]
    others = column.others.texts.to_pylist()
    for record, code in zip(column.others.records.tolist(), column.others.codes.tolist(), strict=True):
        spelled[record] = others[code]
    return held, spelled


@given(st.lists(st.sampled_from([None, "ADA", "Ada", "ada", "Bob", "bob", "?", "-"]), max_size=30))
def test_one_slot_says_what_two_say_of_which_one_is_empty(rows: list[str | None]) -> None:
    raw = list(dict.fromkeys(text for text in rows if text is not None))
    codes = np.array([-1 if text is None else raw.index(text) for text in rows], np.int32)
    canonical = [text.lower() if text.isalpha() else None for text in raw]
    form = {"city": pa.array(canonical, pa.string())}
    one = unify("city", [Encoded("city", pa.array(raw, pa.string()), [codes], form)])
    slots = [codes, np.full(len(codes), -1, np.int32)]
    two = unify("city", [Encoded("city", pa.array(raw, pa.string()), slots, form)])
    held = [None if text is None or not text.isalpha() else text.lower() for text in rows]
    assert [as_told(column) for column in one] == [as_told(column) for column in two]
    assert [as_told(column)[0] for column in one] == ([held] if any(held) else [])
    assert [as_told(column)[1] for column in one] == [
        [text if value else None for text, value in zip(rows, held, strict=True)] for _ in one
    ]
    for ours, theirs in zip(one, two, strict=True):
        assert ours.codes.tolist() == theirs.codes.tolist()
        assert (ours.values, ours.written) == (theirs.values, theirs.written)
        assert ours.others.records.tolist() == theirs.others.records.tolist()
