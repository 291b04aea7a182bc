"""Training finds the numbers that made the patterns, and a model file names no rare value."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations, product
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk import Resolution
from cxm_sdk.identity.comparisons import BoundComparisons, Template
from cxm_sdk.identity.frequencies import COMMON
from cxm_sdk.identity.model import BlockingRule
from cxm_sdk.identity.prepare import Prepared, prepare
from cxm_sdk.identity.running import Options, Stages, load_engine
from cxm_sdk.identity.training import Patterns, Totals, Trained, fit, level_totals
from cxm_sdk.testing import synthetic

Floats = npt.NDArray[np.float64]

LEVELS = ("missing", "different", "close", "exact")
#: First names and birth dates are what relatives are told apart by.
ROLES = ("first_name", "birth_date", "email", "phone", "city")
RECORDS = 20_000
PAIRS = RECORDS * (RECORDS - 1) / 2
#: What people of one household share of what is personal; training takes it as given.
ALIKE = 0.02


class Population:
    """Pairs of known kinds: matches, people of one household, strangers.

    Args:
        m: One row a comparison: how often matches differ, are close, agree.
        u: The same for strangers.
        shared: Whether relatives share what the comparison looks at.
        matches: Number of matching pairs.
        relatives: Number of pairs of one household.
        missing: For each comparison, how often nothing can be compared, whatever the kind of pair.
    """

    def __init__(
        self,
        m: list[tuple[float, ...]],
        u: list[tuple[float, ...]],
        shared: list[bool],
        matches: float,
        relatives: float = 0.0,
        missing: float | list[float] = 0.0,
    ) -> None:
        self.m, self.u, self.shared = np.array(m), np.array(u), shared
        at_home = np.array([0.3, 0.1, 0.6])
        self.h = np.array(
            [
                at_home if s else (1 - ALIKE) * b + ALIKE * a
                for s, a, b in zip(shared, self.m, self.u, strict=True)
            ]
        )
        self.matches, self.relatives = matches, relatives
        self.missing = np.broadcast_to(np.asarray(missing, float), len(m))
        self.levels = np.array(list(product(range(len(LEVELS)), repeat=len(m))), dtype=np.uint8)
        kinds = ((matches, self.m), (relatives, self.h), (PAIRS - matches - relatives, self.u))
        self.counts = np.array([number * self._chances(table) for number, table in kinds])

    def _chances(self, table: Floats) -> Floats:
        whole = np.column_stack([self.missing, (1 - self.missing)[:, None] * table])
        return np.prod([whole[c][self.levels[:, c]] for c in range(len(table))], axis=0)

    @property
    def templates(self) -> list[Template]:
        guess = (0.0, 0.1, 0.1, 0.8)
        pairs = zip(ROLES, self.shared, strict=False)
        return [Template(role, "equal", (role,), shared, LEVELS, guess) for role, shared in pairs]

    def train(self, draw: np.random.Generator | None = None, sources: int = 1) -> Trained:
        """Trains on the pairs that agree in one of the comparisons, as blocking would bring them in."""
        counts = self.counts.sum(axis=0)
        if draw is not None:
            counts = draw.poisson(counts).astype(float)
        rules = [BlockingRule(keys=(role,)) for role in ROLES[: len(self.m)]]
        exact = self.levels == len(LEVELS) - 1
        mask = (exact << np.arange(len(rules), dtype=np.uint32)).sum(axis=1).astype(np.uint32)
        kept = (mask > 0) & (counts > 0)
        totals = Totals(
            PAIRS,
            0.0,
            [
                np.bincount(self.levels[:, c], weights=counts, minlength=len(LEVELS))
                for c in range(len(self.m))
            ],
            namesakes=np.zeros(5),
        )
        none = np.zeros(int(kept.sum()))
        patterns = Patterns(self.levels[kept], mask[kept], none > 0, counts[kept], none)
        return fit(RECORDS, self.templates, [()] * len(self.m), totals, patterns, rules)


def learned(trained: Trained, letter: str) -> Floats:
    return np.array(
        [[getattr(level, letter) for level in comparison.levels[1:]] for comparison in trained.comparisons]
    )


M = [(0.05, 0.10, 0.85), (0.02, 0.08, 0.90), (0.20, 0.10, 0.70), (0.10, 0.20, 0.70), (0.03, 0.02, 0.95)]
U = [(0.970, 0.020, 0.010), (0.990, 0.0080, 0.0020), (0.950, 0.040, 0.010), (0.9980, 0.0015, 0.0005),
     (0.989, 0.010, 0.001)]  # fmt: skip
PERSONAL = [False] * 5
MIXED = [False, False, True, True, True]


@pytest.mark.parametrize(("shared", "relatives"), [(PERSONAL, 0.0), (MIXED, 6_000.0)])
def test_known_numbers_are_found_again(shared: list[bool], relatives: float) -> None:
    people = Population(M, U, shared, matches=12_000, relatives=relatives)
    trained = people.train()
    # The starting guess weighs eight pairs in twelve thousand.
    assert learned(trained, "m") == pytest.approx(people.m, abs=0.002)
    assert learned(trained, "u") == pytest.approx(people.u, rel=0.002, abs=1e-6)
    assert trained.within.match == pytest.approx(people.matches / PAIRS, rel=0.002)
    assert trained.matches == pytest.approx(people.matches, rel=0.002)
    if relatives:
        # What relatives share is a third of the pairs that are no strangers, and only three comparisons show it.
        assert learned(trained, "h") == pytest.approx(people.h, abs=0.01)
        assert trained.within.household == pytest.approx(relatives / PAIRS, rel=0.02)


@pytest.mark.parametrize("missing", [0.2, [0.0, 0.1, 0.3, 0.5, 0.6]])
@pytest.mark.parametrize(("matches", "relatives"), [(12_000.0, 6_000.0), (8_000.0, 16_000.0)])
def test_the_size_of_every_class_counts_pairs_that_no_rule_brings_in(
    missing: float | list[float], matches: float, relatives: float
) -> None:
    people = Population(M, U, MIXED, matches, relatives, missing)
    trained = people.train()
    # Where half is missing, rules reach two thirds of the relatives; the size of the class is that of all.
    assert trained.within.match == pytest.approx(matches / PAIRS, rel=0.005)
    assert trained.within.household == pytest.approx(relatives / PAIRS, rel=0.06)
    assert learned(trained, "h") == pytest.approx(people.h, abs=0.025)


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_known_numbers_are_found_again_in_drawn_pairs(seed: int) -> None:
    people = Population(M, U, MIXED, matches=12_000, relatives=6_000)
    trained = people.train(np.random.default_rng(seed))
    # Four standard errors of a share among the matches that a rule reading something else brings in.
    error = 4 * np.sqrt(people.m * (1 - people.m) / people.matches)
    assert (np.abs(learned(trained, "m") - people.m) <= error + 0.01).all()
    assert trained.within.match == pytest.approx(people.matches / PAIRS, rel=0.05)
    # Drawn again and again, the size of the class of relatives has a standard error of 4 parts in 100.
    assert trained.within.household == pytest.approx(people.relatives / PAIRS, rel=0.2)


@pytest.mark.parametrize("missing", [0.2, [0.0, 0.1, 0.3, 0.5, 0.6]])
def test_values_missing_at_random_do_not_bias(missing: float | list[float]) -> None:
    people = Population(M, U, PERSONAL, matches=12_000, missing=missing)
    trained = people.train()
    assert learned(trained, "m") == pytest.approx(people.m, abs=0.015)
    assert learned(trained, "u") == pytest.approx(people.u, rel=0.02, abs=1e-5)
    # Pairs that agree in nothing known are candidates of no rule.
    seen = people.counts[0][(people.levels == len(LEVELS) - 1).any(axis=1)].sum()
    assert trained.matches == pytest.approx(seen, rel=0.03)


def test_what_relatives_share_is_not_taken_for_a_match() -> None:
    # As many pairs of relatives as of matches: two classes would count most of them as matches.
    people = Population(M, U, MIXED, matches=8_000, relatives=16_000)
    trained = people.train()
    assert trained.within.match == pytest.approx(people.matches / PAIRS, rel=0.005)
    assert trained.within.household == pytest.approx(people.relatives / PAIRS, rel=0.01)


def test_no_matches_at_all_leave_finite_numbers() -> None:
    trained = Population(M, U, MIXED, matches=0).train()
    for letter in "muh":
        assert np.isfinite(learned(trained, letter)).all()
    assert 0 < trained.within.match < 1e-5
    assert trained.matches < 200


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.floats(0, 30_000), st.floats(0, 30_000), st.floats(0, 0.9))
def test_shares_of_levels_sum_to_one_and_estimates_are_finite(
    seed: int, matches: float, relatives: float, missing: float
) -> None:
    draw = np.random.default_rng(seed)
    m, u = ([tuple(draw.dirichlet(np.ones(3))) for _ in range(4)] for _ in range(2))
    shared = [bool(draw.integers(2)) for _ in range(4)]
    trained = Population(m, u, shared, matches, relatives, missing).train(draw)
    for letter in "muh":
        assert learned(trained, letter).sum(axis=1) == pytest.approx(1.0)
    assert all(comparison.levels[0].m == comparison.levels[0].u == 0 for comparison in trained.comparisons)
    assert math.isfinite(trained.missed)
    assert trained.missed >= 0
    assert 0 <= trained.matches <= PAIRS


# ---------------------------------------------------------------------- numbers that records give


def prepared(sources: dict[str, pa.Table]) -> Prepared:
    return prepare(load_engine("local", 1), [sources], Options(), Stages(None))


def totals_of(ready: Prepared) -> tuple[Totals, BoundComparisons]:
    bound = BoundComparisons(ready.templates, ready.features)
    return level_totals(ready.features, ready.templates, bound, map), bound


def test_levels_of_a_few_records_are_counted_over_every_pair() -> None:
    ready = prepared(synthetic.generate(150, seed=6).sources)
    totals, bound = totals_of(ready)
    left, right = np.array(list(combinations(range(150), 2)), np.int32).T.copy()
    levels = bound.levels(left, right)
    for column, counted in enumerate(totals.levels):
        assert counted == pytest.approx(np.bincount(levels[:, column], minlength=len(counted)))
    sizes = Counter(ready.records.source_codes.tolist())
    assert totals.within == sum(n * (n - 1) / 2 for n in sizes.values())
    assert totals.within + totals.across == len(left)


def test_exact_agreement_is_counted_exactly_where_other_levels_are_sampled() -> None:
    ready = prepared(synthetic.generate(1300, seed=6).sources)
    totals, bound = totals_of(ready)
    left, right = (index.astype(np.int32) for index in np.triu_indices(1300, 1))
    levels, checked = bound.levels(left, right), 0
    for column, (template, counted) in enumerate(zip(ready.templates, totals.levels, strict=True)):
        slots = ready.features.codes(template.roles[0])
        if template.levels[-1] == "exact" and len(template.roles) == len(slots) == 1:
            often = Counter(code for code in slots[0].tolist() if code >= 0).values()
            assert counted[-1] == sum(n * (n - 1) / 2 for n in often)
            checked += 1
        every = np.bincount(levels[:, column], minlength=len(counted))
        # Half a million pairs drawn from 844,350: five standard errors of a count, and rare levels.
        error = 5 * np.sqrt(every * len(left) / 500_000) + 20
        assert (np.abs(counted - every) <= error).all()
    assert checked >= 4


def test_a_model_names_common_values_only(
    customers: synthetic.SyntheticCustomers, resolved: Resolution
) -> None:
    ready = prepared(customers.sources)
    named = 0
    for comparison in resolved.model.comparisons:
        for frequency in comparison.frequencies:
            slots = ready.records.columns[frequency.role]
            often: Counter[Any] = Counter()
            for slot in slots:
                values = slot.values.to_pylist()
                often.update(values[code] for code in slot.codes.tolist() if code >= 0)
            known = often.total()
            assert set(frequency.values) == {value for value, count in often.items() if count >= COMMON}
            assert frequency.values == pytest.approx({v: often[v] / known for v in frequency.values})
            assert 0 < frequency.average <= 1
            assert 0 < frequency.rest <= COMMON / known + 1e-12
            named += len(frequency.values)
    assert named > 10


def test_levels_of_a_fitted_model_sum_to_one(resolved: Resolution) -> None:
    for comparison in resolved.model.comparisons:
        for letter in "muh":
            assert sum(getattr(level, letter) for level in comparison.levels) == pytest.approx(1.0)
