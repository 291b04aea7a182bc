"""The spelling that a value is shown in is the one that most records have."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

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
