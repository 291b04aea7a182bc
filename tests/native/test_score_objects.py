"""Native weights sum to what Python sums to, and native objects are safe to keep, share and lose."""

from __future__ import annotations

import copy
import gc
import math
import os
import pickle
import runpy
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler, Levenshtein

from cxm_sdk._native import score

oracles = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("oracles.py"))))

Ints = npt.NDArray[np.int32]

try:
    SCORER: score.Similarity | None = score.Similarity(JaroWinkler.similarity)
except TypeError:
    SCORER = None


def column(values: Sequence[str]) -> score.TextColumn:
    """Distinct values, with text before the first and behind the last."""
    encoded = [value.encode() for value in values]
    data = b"\xff\xff" + b"".join(encoded) + b"\xff"
    return score.TextColumn(np.cumsum([2, *map(len, encoded)], dtype=np.int32), np.frombuffer(data, np.uint8))


def every_pair(records: int) -> tuple[Ints, Ints]:
    left, right = np.indices((records, records), dtype=np.int32).reshape(2, -1)
    return np.ascontiguousarray(left), np.ascontiguousarray(right)


# ---------------------------------------------------------------------------------------------------- weights

BITS = st.floats(-60, 60, width=32)


@given(st.data(), st.integers(1, 4), st.integers(1, 5), st.integers(0, 3))
def test_weights_are_the_sum_of_their_terms(
    data: st.DataObject, records: int, width: int, adjusted: int
) -> None:
    left, right = every_pair(records)
    draw = data.draw

    def drawn(
        strategy: st.SearchStrategy[float], *shape: int, dtype: npt.DTypeLike
    ) -> npt.NDArray[np.generic]:
        size = math.prod(shape)
        return np.array(draw(st.lists(strategy, min_size=size, max_size=size)), dtype).reshape(shape)

    levels = drawn(st.integers(0, 2), len(left), width, dtype=np.uint8)
    match_bits, household_bits = (drawn(BITS, width, 3, dtype=np.float64) for _ in range(2))
    sources = drawn(st.integers(0, 1), records, dtype=np.int32)
    priors, household_priors = (drawn(BITS, 2, dtype=np.float64) for _ in range(2))
    adjustments, adjusting = [], score.Adjustments()
    for _ in range(adjusted):
        codes = drawn(st.integers(-1, 2), records, 2, dtype=np.int32)
        bits, at_level = drawn(BITS, 3, dtype=np.float32), drawn(st.integers(0, 1), 3, dtype=np.uint8)
        at, household = draw(st.integers(0, width - 1)), draw(st.booleans())
        adjustments.append((codes, bits, at_level, at, household))
        for number, (ours, theirs) in enumerate(product(range(2), range(2))):
            adjusting.add(at, codes[:, ours], codes[:, theirs], bits, at_level, household, number > 0)
    codes = bits = at_level = None
    gc.collect()
    assert adjusting.size == adjusted

    shares = np.full((len(left), adjusted), 99.0)
    adjusting.bits(left, right, levels, shares)
    match, household = np.empty(len(left)), np.empty(len(left))
    score.weigh(
        *(left, right, levels, match_bits, household_bits, adjusting, sources, priors, household_priors),
        *(match, household),
    )
    for row, (i, j) in enumerate(zip(left, right, strict=True)):
        terms = [(match_bits[c, levels[row, c]], household_bits[c, levels[row, c]]) for c in range(width)]
        for number, (codes, bits, at_level, at, shared) in enumerate(adjustments):
            agreeing = [a for a, b in product(codes[i], codes[j]) if a >= 0 and a == b and bits[a]]
            # Slots in order: ours first, then theirs; the first that agrees counts.
            term = float(bits[agreeing[0]]) if agreeing and at_level[levels[row, at]] else 0.0
            assert shares[row, number] == term
            terms.append((term, term if shared else 0.0))
        across = int(sources[i] != sources[j])
        expected = oracles.weight(priors[across], household_priors[across], terms)
        assert math.isclose(match[row], expected[0], rel_tol=1e-9, abs_tol=1e-9)
        assert math.isclose(household[row], expected[1], rel_tol=1e-9, abs_tol=1e-9)


@given(st.floats(-1200, 1200))
def test_the_rival_explanation_never_overflows(household: float) -> None:
    one, none = np.zeros(1, np.int32), np.zeros((1, 0), np.uint8)
    match, home = np.empty(1), np.empty(1)
    prior = np.array([household, household])
    score.weigh(
        *(one, one, none, np.zeros((0, 1)), np.zeros((0, 1)), score.Adjustments(), one, np.zeros(2), prior),
        *(match, home),
    )
    expected, _ = oracles.weight(0.0, household, [])
    assert math.isclose(match[0], expected, rel_tol=1e-9, abs_tol=1e-9)


def test_an_adjustment_without_values_keeps_its_number() -> None:
    adjusting, codes = score.Adjustments(), np.zeros(1, np.int32)
    for bits in (np.zeros(0, np.float32), np.full(1, 3.0, np.float32)):
        adjusting.add(0, codes, codes, bits, np.ones(2, np.uint8), False, False)
    out = np.empty((1, 2))
    adjusting.bits(codes, codes, np.ones((1, 1), np.uint8), out)
    assert out.tolist() == [[0.0, 3.0]]


# ---------------------------------------------------------------------------------------------------- objects


def test_a_column_keeps_its_text_alive_and_refuses_offsets_outside_it() -> None:
    values = [f"value {number}" for number in range(1000)]
    text = column(values)
    gc.collect()
    assert text.size == 1000
    assert column([]).size == 0
    data = np.frombuffer(b"abc", np.uint8)
    for offsets in ([0, 4], [-1, 2], [2, 1, 3], []):
        with pytest.raises(ValueError, match="expected offsets"):
            score.TextColumn(np.array(offsets, np.int32), data)


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
        score.Similarity(scorer)


@pytest.mark.parametrize("made", [column(["a"]), SCORER, score.Adjustments()], ids=["text", "scorer", "bits"])
def test_native_objects_refuse_pickling(made: object) -> None:
    if made is None:
        pytest.skip("this RapidFuzz has no C interface")
    for give in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="pickled"):
            give(made)


def test_two_threads_on_one_column_find_what_one_finds() -> None:
    rng = np.random.default_rng(1)
    letters = np.array(list("abcdeé"))
    values = sorted({"".join(rng.choice(letters, size)) for size in rng.integers(2, 9, 3000)})
    text, none = column(values), np.zeros((len(values), 0), np.int32)
    left, right = rng.integers(0, len(values), (2, 60_000), dtype=np.int32)
    codes, sounds = np.arange(len(values), dtype=np.int32), np.zeros(len(values), np.uint64)
    measured = None
    if SCORER is None:
        texts = np.array(values, dtype=object)
        measured = process.cpdist(texts[left], texts[right], scorer=JaroWinkler.similarity)

    def levels(part: slice) -> list[int]:
        own = None if measured is None else measured[part]
        out = np.zeros((len(left[part]), 1), np.uint8)
        score.name_levels(
            left[part], right[part], codes, codes, text, sounds, none, SCORER, own, 0.92, 0.82, out, 0
        )
        return out[:, 0].tolist()

    alone = levels(slice(None))
    parts = [slice(first, first + 2000) for first in range(0, len(left), 2000)]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(levels, parts))
        whole = list(pool.map(levels, [slice(None)] * 4))
    assert list(chain.from_iterable(together)) == alone
    assert whole == [alone] * 4
    assert len(set(alone)) > 3


SCRIPT = """
import hashlib, numpy as np, pyarrow as pa
from cxm_sdk.engines.local import LocalEngine
from cxm_sdk.identity.comparisons import BoundComparisons
from cxm_sdk.identity.features import similarity_scorer
from cxm_sdk.identity.prepare import prepare
from cxm_sdk.identity.running import Options, Stages
from cxm_sdk.testing.synthetic import generate

tables = dict(generate(400, seed=3).sources)
names = ["acme trading ltd", "acme trading", "north acme ltd", "northern sons", "acme tradng ltd"] * 8
tables["firms"] = pa.table({"id": [f"f{row}" for row in range(40)], "company": names})
prepared = prepare(LocalEngine(1), [tables], Options.of(None, (), None), Stages(None))
left, right = (side.astype(np.int32) for side in np.triu_indices(len(prepared.records), 1))
levels = BoundComparisons(prepared.templates, prepared.features).levels(left, right)
kinds = sorted({template.kind for template in prepared.templates})
print(similarity_scorer() is None, kinds, levels.shape, hashlib.sha256(levels.tobytes()).hexdigest())
"""


def test_levels_are_the_same_where_rapidfuzz_has_no_c_interface() -> None:
    found = []
    for implementation in ("cpp", "python"):
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "RAPIDFUZZ_IMPLEMENTATION": implementation},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        found.append(run.stdout.split(maxsplit=1))
    assert [without for without, _ in found] == ["False", "True"]
    assert found[0][1] == found[1][1]
    assert "'company'" in found[0][1]
