"""The weight of a pair depends on the pair and the model alone, and no link worth keeping is lost."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk import Resolution, resolve
from cxm_sdk.identity import comparisons
from cxm_sdk.identity.blocking import Blocks, build_blocks
from cxm_sdk.identity.comparisons import LOCAL, BoundComparisons, CodeTable
from cxm_sdk.identity.scoring import FLOOR, Scorer, bits_of, probability_of, score_blocks
from cxm_sdk.testing import synthetic


@given(st.floats(1e-9, 1 - 1e-9))
def test_bits_and_probability_are_two_ways_to_say_one_thing(probability: float) -> None:
    assert probability_of(np.array([bits_of(probability)]))[0] == pytest.approx(probability, rel=1e-9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_probability_grows_with_bits_and_stays_between_0_and_1(bits: list[float]) -> None:
    found = probability_of(np.sort(np.array(bits)))
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) >= 0).all()


@pytest.fixture(scope="module")
def scorer(resolved: Resolution) -> Scorer:
    assert resolved.prepared is not None
    return Scorer(resolved.model, resolved.prepared.features, resolved.prepared.sharing.people)


def every_pair(records: int, share: int) -> tuple[np.ndarray, np.ndarray]:
    left, right = (index.astype(np.int32)[::share].copy() for index in np.triu_indices(records, 1))
    return left, right


def test_a_pair_weighs_the_same_alone_and_among_others(scorer: Scorer) -> None:
    left, right = every_pair(len(scorer.features.records), 17)
    together = scorer.score(left, right)
    order = np.random.default_rng(3).permutation(len(left))
    mixed = scorer.score(left[order], right[order])
    assert np.array_equal(together.weight[order], mixed.weight)
    assert np.array_equal(together.household[order], mixed.household)
    assert np.array_equal(together.levels[order], mixed.levels)
    for row in order[:50]:
        alone = scorer.score(left[row : row + 1], right[row : row + 1])
        assert alone.weight[0] == together.weight[row]


def test_digests_beside_the_codes_change_no_level(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    table = CodeTable(scorer.features, ["email", "phone"], ["phone", LOCAL])
    digests = [place for name in ("phone", LOCAL) for place in table.digests(name)]
    assert all(column >= 0 for column, _ in digests)
    assert len(set(digests)) == len(digests)
    left, right = every_pair(len(scorer.features.records), 3)
    monkeypatch.setattr(comparisons, "_places", lambda slots, columns: {})
    without = BoundComparisons(scorer.model.comparisons, scorer.features)
    assert np.array_equal(without.levels(left, right), scorer.bound.levels(left, right))


def test_a_pair_weighs_the_same_seen_from_either_record(scorer: Scorer) -> None:
    left, right = every_pair(len(scorer.features.records), 5)
    forth, back = scorer.score(left, right), scorer.score(right, left)
    assert np.array_equal(forth.levels, back.levels)
    assert forth.weight == pytest.approx(back.weight, abs=1e-9)
    assert np.isfinite(forth.weight).all()


def test_scoring_keeps_every_pair_above_the_floor_and_counts_the_others(
    scorer: Scorer, resolved: Resolution
) -> None:
    features, rules = scorer.features, resolved.model.rules
    blocks = Blocks(len(features.records), build_blocks(features, rules, map))
    scored = score_blocks(blocks, scorer, map, lambda done, total: None)
    ends = [(chunk.rule, *blocks.pairs(chunk)[:2]) for chunk in blocks.chunks()]
    left, right = (np.concatenate([part[side] for part in ends]) for side in (1, 2))
    brute = scorer.score(left, right)
    assert scored.pairs == len(left) == scored.by_rule.sum()
    assert scored.expected == pytest.approx(math.fsum(probability_of(brute.weight)))
    kept = set(zip(scored.links.left.tolist(), scored.links.right.tolist(), strict=True))
    strong = brute.weight >= FLOOR
    assert set(zip(left[strong].tolist(), right[strong].tolist(), strict=True)) <= kept


def test_progress_never_goes_back_and_reaches_the_end(customers: synthetic.SyntheticCustomers) -> None:
    told: dict[str, list[tuple[float, float]]] = {}
    resolve(
        customers.sources,
        progress=lambda stage, done, total: told.setdefault(stage, []).append((done, total)),
    )
    assert list(told)[:3] == ["read", "roles", "normalise"]
    measured = [step for step in told["score"] if step[1]]
    assert [done for done, _ in measured] == sorted(done for done, _ in measured)
    assert measured[-1][0] == measured[-1][1]


def test_what_is_missing_on_either_side_weighs_nothing(customers: synthetic.SyntheticCustomers) -> None:
    first = resolve(customers.sources)
    kept = first.links.filter(first.links["kept"]).slice(0, 1).to_pylist()[0]
    ends = [(kept[f"source_{side}"], kept[f"record_id_{side}"]) for side in "lr"]
    why = first.explain(*(f"{source}:{record}" for source, record in ends))
    assert all(term.bits == 0 for term in why.terms if term.level == "missing")


def test_more_sharers_of_a_value_make_a_pair_weigh_less() -> None:
    # The same two records, once with a mailbox of their own, once with one that three more people have.
    background = (
        synthetic.generate(600, seed=8)
        .sources["crm"]
        .select(["customer_id", "first_name", "last_name", "date_of_birth", "email"])
    )
    pair = [
        {
            "customer_id": name,
            "first_name": "Ottoline",
            "last_name": "Braithwaite",
            "email": "otty@example.org",
        }
        for name in ("X1", "X2")
    ]
    others = [
        {"customer_id": f"Y{number}", "first_name": first, "last_name": last, "email": "otty@example.org"}
        for number, (first, last) in enumerate([("Bram", "Uhl"), ("Ines", "Coelho"), ("Kofi", "Mensah")])
    ]
    weights = []
    model = None
    for rows in (pair, pair + others):
        more = pa.Table.from_pylist(
            [{name: row.get(name) for name in background.column_names} for row in rows],
            schema=background.schema,
        )
        result = resolve({"crm": pa.concat_tables([background, more])}, model=model)
        model = result.model
        weights.append(result.explain("X1", "X2").weight)
    assert weights[1] < weights[0]
