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
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk._native import compare, joint, score
from cxm_sdk._native.strings import Similarity

HERE = Path(__file__)
oracles = SimpleNamespace(**runpy.run_path(str(HERE.with_name("oracles.py"))))
inputs = SimpleNamespace(**runpy.run_path(str(HERE.with_name("inputs.py"))))
SCORER, column, every_pair = inputs.SCORER, inputs.column, inputs.every_pair

Ints = npt.NDArray[np.int32]
Levels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

#: In use, always reached, and never reached.
FLOORS = (math.log2(0.1 / 0.9), -1e9, 1e9)


# ---------------------------------------------------------------------------------------------------- weights

BITS = st.floats(-60, 60, width=32)


@given(
    *(st.data(), st.integers(1, 4), st.integers(1, 5), st.integers(0, 3), st.integers(0, 2)),
    st.sampled_from(FLOORS),
)
def test_weights_are_the_sum_of_their_terms(
    data: st.DataObject, records: int, width: int, adjusted: int, look_alikes: int, floor: float
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
    alike_priors = drawn(BITS, look_alikes, 2, dtype=np.float64)
    alike = drawn(st.integers(0, 1), look_alikes, width, dtype=np.uint8)
    table = drawn(st.integers(-1, 2), records, 2 * adjusted, dtype=np.int32)
    adjustments, adjusting = [], score.Adjustments(table)
    for first in range(0, 2 * adjusted, 2):
        codes = table[:, first : first + 2].copy()
        bits, at_level = (
            drawn(st.just(0.0) | BITS, 3, dtype=np.float32),
            drawn(st.integers(0, 1), 3, dtype=np.uint8),
        )
        at, household = draw(st.integers(0, width - 1)), draw(st.booleans())
        adjustments.append((codes, bits, at_level, at, household))
        for number, (ours, theirs) in enumerate(product(range(2), range(2))):
            adjusting.add(at, first + ours, first + theirs, bits, at_level, household, number > 0)
    table = codes = bits = at_level = None
    gc.collect()
    assert adjusting.size == adjusted

    shares = np.full((len(left), adjusted), 99.0)
    adjusting.bits(left, right, levels, shares)
    match, household = np.empty(len(left)), np.empty(len(left))
    expected_matches = score.score_pairs(
        *(None, left, right, levels, match_bits, household_bits, adjusting, sources, priors),
        *(household_priors, alike, alike_priors, floor, match, household),
    )
    for row, (i, j) in enumerate(zip(left, right, strict=True)):
        terms = [(c, match_bits[c, levels[row, c]], household_bits[c, levels[row, c]]) for c in range(width)]
        for number, (codes, bits, at_level, at, shared) in enumerate(adjustments):
            agreeing = [a for a, b in product(codes[i], codes[j]) if a >= 0 and a == b and bits[a]]
            # Slots in order: ours first, then theirs; the first that agrees counts.
            term = float(bits[agreeing[0]]) if agreeing and at_level[levels[row, at]] else 0.0
            assert shares[row, number] == term
            terms.append((at, term, term if shared else 0.0))
        across = int(sources[i] != sources[j])
        expected = oracles.weight(
            *(priors[across], household_priors[across], terms, alike.tolist(), alike_priors[:, across], floor)
        )
        assert math.isclose(match[row], expected[0], rel_tol=1e-9, abs_tol=1e-9)
        assert math.isclose(household[row], expected[1], rel_tol=1e-9, abs_tol=1e-9)
    probabilities = 1.0 / (1.0 + np.exp2(-match))
    assert math.isclose(expected_matches, math.fsum(probabilities), rel_tol=2e-5, abs_tol=1e-9)


#: A table of codes without columns.
EMPTY = np.zeros((1, 0), np.int32)


@given(st.floats(-1200, 1200))
def test_the_rival_explanation_never_overflows(household: float) -> None:
    one, none, nothing = np.zeros(1, np.int32), np.zeros((1, 0), np.uint8), np.zeros((0, 1))
    match, home = np.empty(1), np.empty(1)
    prior = np.array([household, household])
    for kinds in range(3):
        alike = np.zeros((kinds, 0), np.uint8)
        score.score_pairs(
            *(None, one, one, none, nothing, nothing, score.Adjustments(EMPTY), one, np.zeros(2), prior),
            *(alike, np.tile(prior, (kinds, 1)), -1e9, match, home),
        )
        expected = oracles.weight(0.0, household, [], alike.tolist(), [household] * kinds, -1e9)
        assert math.isclose(match[0], expected[0], rel_tol=1e-9, abs_tol=1e-9)
        assert math.isclose(home[0], expected[1], rel_tol=1e-9, abs_tol=1e-9)


def test_an_adjustment_without_values_keeps_its_number() -> None:
    codes = np.zeros(1, np.int32)
    adjusting = score.Adjustments(codes[:, None])
    for bits in (np.zeros(0, np.float32), np.full(1, 3.0, np.float32)):
        adjusting.add(0, 0, 0, bits, np.ones(2, np.uint8), False, False)
    out = np.empty((1, 2))
    adjusting.bits(codes, codes, np.ones((1, 1), np.uint8), out)
    assert out.tolist() == [[0.0, 3.0]]


VALUES = 6000  # so many that bits are fetched ahead


@dataclass(frozen=True)
class Scene:
    """Records with two e-mails and a city, their comparisons, and what agreements weigh.

    All e-mails have bits of their own; of cities few have.
    """

    comparisons: compare.Comparisons
    adjustments: score.Adjustments
    sources: Ints
    match_bits: Floats
    household_bits: Floats
    priors: Floats

    @classmethod
    def of(cls, rng: np.random.Generator, records: int) -> Scene:
        few = np.append(rng.integers(0, VALUES, 5), -1)
        table = np.empty((records, 4), np.int32)
        table[:, :2] = few[rng.integers(0, len(few), (records, 2))]
        towns = np.append(rng.integers(0, 300, 5), -1)
        table[:, 2], table[:, 3] = towns[rng.integers(0, 6, records)], rng.integers(0, 2, records)
        village = np.zeros(300, np.float32)
        village[towns[:2]] = -3
        sources, exact = table[:, 3], np.array([0, 0, 1], np.uint8)
        slots = list(product(range(2), range(2)))
        steps = [compare.EqualLevels(slots, 0), compare.EqualLevels([(2, 2)], 1)]
        adjustments, rarity = score.Adjustments(table), rng.normal(0, 4, VALUES).astype(np.float32)
        for number, (ours, theirs) in enumerate(slots):
            adjustments.add(0, ours, theirs, rarity, exact, True, number > 0)
        adjustments.add(1, 2, 2, village, exact, False, False)
        match_bits, household_bits = rng.normal(0, 8, (2, 2, 3))
        priors = rng.normal(-4, 4, (3, 2))
        bound = compare.Comparisons(steps, table, 2)
        return cls(bound, adjustments, sources, match_bits, household_bits, priors)

    def score(self, left: Ints, right: Ints) -> tuple[Levels, Floats, Floats, float]:
        """Levels, bits for one person and for one household, and the sum of the match probabilities."""
        levels = np.zeros((len(left), 2), np.uint8)
        match, household = np.empty(len(left)), np.empty(len(left))
        expected = score.score_pairs(
            *(self.comparisons, left, right, levels, self.match_bits, self.household_bits, self.adjustments),
            *(self.sources, self.priors[0], self.priors[1]),
            *(np.array([[1, 0]], np.uint8), self.priors[2:], FLOORS[0], match, household),
        )
        return levels, match, household, expected

    def by_terms(self, left: int, right: int, levels: Sequence[int], shares: Floats) -> tuple[float, float]:
        """Bits of one pair, term by term; only e-mails are shared by a household."""
        across = int(self.sources[left] != self.sources[right])
        terms = [
            (c, self.match_bits[c, level], self.household_bits[c, level]) for c, level in enumerate(levels)
        ]
        terms += [(0, shares[0], shares[0]), (1, shares[1], 0.0)]
        prior, household_prior, alike_prior = self.priors[:, across]
        return oracles.weight(prior, household_prior, terms, [[1, 0]], [alike_prior], FLOORS[0])


@settings(max_examples=50)
@given(
    *(st.integers(1, 40), st.integers(0, 2**32 - 1)),
    st.sampled_from([0, 1, 511, 512, 513, 1024, 1300]),
)
def test_weights_depend_on_no_other_pair(records: int, seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    scene = Scene.of(rng, records)
    gc.collect()
    left, right = rng.integers(0, records, (2, size), dtype=np.int32)
    whole = levels, match, household, expected = scene.score(left, right)

    single = [scene.score(left[row : row + 1], right[row : row + 1]) for row in range(size)]
    for number, column in enumerate(whole[:3]):
        assert [one[number].tolist()[0] for one in single] == column.tolist()
    assert math.isclose(math.fsum(one[3] for one in single), expected, rel_tol=1e-9)
    order = rng.permutation(size)
    for shuffled, column in zip(scene.score(left[order], right[order])[:3], whole[:3], strict=True):
        assert (shuffled == column[order]).all()

    compared, shares = np.zeros_like(levels), np.empty((size, 2))
    scene.comparisons.write(left, right, compared)
    assert (levels == compared).all()
    scene.adjustments.bits(left, right, levels, shares)
    for row in range(size):
        wanted = scene.by_terms(left[row], right[row], levels[row].tolist(), shares[row])
        assert math.isclose(match[row], wanted[0], rel_tol=1e-9, abs_tol=1e-9)
        assert math.isclose(household[row], wanted[1], rel_tol=1e-9, abs_tol=1e-9)


PAIRS, BITS_EACH, CODES = np.zeros(3, np.int32), np.zeros((1, 2)), np.zeros((3, 1), np.int32)
RIGHT_SHAPES: dict[str, object] = {
    "comparisons": compare.Comparisons([compare.EqualLevels([(0, 0)], 0)], CODES, 1),
    "left": PAIRS,
    "right": PAIRS,
    "levels": np.zeros((3, 1), np.uint8),
    "match_bits": BITS_EACH,
    "household_bits": BITS_EACH,
    "adjustments": score.Adjustments(CODES),
    "sources": PAIRS,
    "match_prior": np.zeros(2),
    "household_prior": np.zeros(2),
    "alike": np.zeros((1, 1), np.uint8),
    "alike_prior": np.zeros((1, 2)),
    "floor": 0.0,
    "match_out": np.empty(3),
    "household_out": np.empty(3),
}


def adjusting(codes: Ints) -> score.Adjustments:
    """One adjustment of a single value."""
    made = score.Adjustments(codes)
    made.add(0, 0, 0, np.ones(1, np.float32), np.ones(2, np.uint8), False, False)
    return made


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("left", PAIRS[:2].copy(), "expected 2 pairs everywhere"),
        ("right", PAIRS[:2].copy(), "expected 3 pairs everywhere"),
        ("levels", np.zeros((2, 1), np.uint8), "expected 3 pairs everywhere"),
        ("match_out", np.empty(2), "expected 3 pairs everywhere"),
        ("household_out", np.empty(4), "expected 3 pairs everywhere"),
        ("levels", np.zeros((3, 2), np.uint8), "bits and levels of as many comparisons, got 1 and 2"),
        ("match_bits", np.zeros((2, 3)), "bits and levels of as many comparisons, got 2 and 1"),
        ("comparisons", compare.Comparisons([], CODES, 2), "as many comparisons"),
        ("alike", np.zeros((1, 2), np.uint8), "at most 2 kinds of look-alikes in 1 comparisons"),
        ("alike", np.zeros((5, 1), np.uint8), "at most 2 kinds of look-alikes"),
        ("alike_prior", np.zeros((2, 2)), "priors of 1 kinds of look-alikes, got 2"),
        ("alike_prior", np.zeros((1, 1)), "two priors of each kind"),
        ("match_prior", np.zeros(2, np.float32), "dtype"),
        ("adjustments", adjusting(CODES.copy()), "comparisons and adjustments of one table of codes"),
    ],
)
def test_pairs_are_not_weighed_by_what_does_not_fit_them(name: str, wrong: object, said: str) -> None:
    score.score_pairs(**RIGHT_SHAPES)
    with pytest.raises(ValueError, match=said):
        score.score_pairs(**{**RIGHT_SHAPES, name: wrong})


def test_an_adjustment_at_more_levels_than_there_are_bits_is_refused() -> None:
    bits = np.zeros(1, np.float32)
    with pytest.raises(ValueError, match="at most 64 levels, got 65"):
        score.Adjustments(CODES).add(0, 0, 0, bits, np.ones(65, np.uint8), False, False)


@pytest.mark.parametrize(("ours", "theirs"), [(-1, 0), (0, -1), (1, 0), (0, 1)])
def test_an_adjustment_of_a_column_that_is_not_there_is_refused(ours: int, theirs: int) -> None:
    with pytest.raises(ValueError, match="expected columns of codes below 1"):
        score.Adjustments(CODES).add(
            0, ours, theirs, np.zeros(1, np.float32), np.ones(2, np.uint8), False, False
        )


# ---------------------------------------------------------------------------------------------------- objects


@pytest.mark.parametrize(
    "made",
    [
        column(["a"]),
        SCORER,
        score.Adjustments(CODES),
        compare.EqualLevels([(0, 0)], 0),
        joint.SwappedNames(0, 1, PAIRS, 7, 0, 1),
        RIGHT_SHAPES["comparisons"],
    ],
    ids=["text", "scorer", "bits", "comparison", "joint", "comparisons"],
)
def test_native_objects_refuse_pickling(made: object) -> None:
    if made is None:
        pytest.skip("this RapidFuzz has no C interface")
    for give in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="pickl"):
            give(made)


@pytest.mark.parametrize("scorer", [SCORER, None], ids=["scorer", "measured"])
def test_two_threads_on_one_column_find_what_one_finds(scorer: Similarity | None) -> None:
    rng = np.random.default_rng(1)
    letters = np.array(list("abcdeé"))
    values = sorted({"".join(rng.choice(letters, size)) for size in rng.integers(2, 9, 3000)})
    left, right = rng.integers(0, len(values), (2, 60_000), dtype=np.int32)
    codes = np.arange(len(values), dtype=np.int32)
    step = compare.NameLevels(
        *([(0, 0)], 0, column(values), np.zeros(len(values), np.uint64)),
        *(np.zeros((len(values), 0), np.int32), scorer, partial(inputs.measure, values), 0.92, 0.82),
    )
    bound = compare.Comparisons([step], codes[:, None].copy(), 1)

    def levels(part: slice) -> list[int]:
        out = np.zeros((len(left[part]), 1), np.uint8)
        bound.write(left[part], right[part], out)
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
