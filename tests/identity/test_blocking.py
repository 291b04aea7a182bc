"""Every pair of records that agree on a rule is a candidate once, and no data make candidates explode."""

from __future__ import annotations

import math
from itertools import combinations, product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk import Resolution, resolve
from cxm_sdk.errors import ModelError
from cxm_sdk.identity import blocking
from cxm_sdk.identity.blocking import Blocks, brings_in, build_blocks
from cxm_sdk.identity.blocking_rules import FREE_PAIRS, candidate_rules, choose_rules, rule_roles
from cxm_sdk.identity.blocking_sample import MOST_RULES, sample_pairs
from cxm_sdk.identity.features import Features
from cxm_sdk.identity.model import BlockingRule
from cxm_sdk.identity.prepare import Prepared, prepare
from cxm_sdk.identity.running import Options, Stages, load_engine
from cxm_sdk.testing import synthetic

Pair = tuple[int, int]


def prepared(sources: dict[str, pa.Table]) -> Prepared:
    return prepare(load_engine("local", 1), [sources], Options(id_column="id"), Stages(None))


def candidates(features: Features, rules: list[BlockingRule]) -> tuple[list[Pair], list[int]]:
    """All candidate pairs in the order they come, and the mask of rules of each."""
    blocks = Blocks(len(features.records), build_blocks(features, rules, map))
    pairs: list[Pair] = []
    masks: list[int] = []
    for chunk in blocks.chunks():
        left, right, mask = blocks.pairs(chunk, with_rules=True)
        pairs += zip(left.tolist(), right.tolist(), strict=True)
        masks += mask.tolist()
    return pairs, masks


def key_values(features: Features, key: str, record: int) -> set[Any]:
    """What a key takes of each value of a record."""
    if key == "names.unordered":
        names = []
        for role in ("first_name", "last_name"):
            code = features.codes(role)[0][record]
            names.append(features.values(role)[int(code)].as_py() if code >= 0 else None)
        firsts = set(features.values("first_name").to_pylist())
        return {frozenset(names)} if None not in names and names[1] in firsts else set()
    role, _, part = key.partition(".")
    parts = features.part_hash(role, part) if part else range(1, len(features.values(role)) + 1)
    found = {int(parts[codes[record]]) for codes in features.codes(role) if codes[record] >= 0}
    return found - {0}


def slow_candidates(features: Features, rules: list[BlockingRule]) -> dict[Pair, int]:
    """The same by looking at every pair of records."""
    keys = [
        [set(product(*(key_values(features, key, record) for key in rule.keys))) for rule in rules]
        for record in range(len(features.records))
    ]
    if features.copies is not None:
        # A copy leaves its leader the blocks in which both would be.
        leaders = [
            keys[leader] if leader != record else None for record, leader in enumerate(features.copies.leader)
        ]
        keys = [
            [own - its for own, its in zip(all_own, leader, strict=True)] if leader else all_own
            for all_own, leader in zip(keys, leaders, strict=True)
        ]
    found = {}
    for a, b in combinations(range(len(keys)), 2):
        mask = sum(1 << r for r in range(len(rules)) if keys[a][r] & keys[b][r])
        if mask:
            found[a, b] = mask
    return found


FIRST = ["ada", "adah", "bob", "robert", "bobby", "lovelace", None]
LAST = ["lovelace", "lovelase", "byron", "bob", "ada", None]
rows = st.lists(
    st.fixed_dictionaries(
        {
            "first_name": st.sampled_from(FIRST),
            "last_name": st.sampled_from(LAST),
            "birth_date": st.sampled_from(["1990-02-03", "1990-02-17", "1990-07-03", "1985-02-03", None]),
            "email": st.sampled_from(["ada@example.org", "ada@example.net", "bob@example.org", None]),
            "phone": st.sampled_from(["07700 900123", "07700 900124", "020 7946 0018", None]),
            "mobile": st.sampled_from(["07700 900123", "07911 900124", None]),
            "postcode": st.sampled_from(["LS7 3QT", "LS7 4AA", None]),
        }
    ),
    min_size=2,
    max_size=14,
)


@settings(max_examples=60)
@given(rows, st.data())
def test_candidates_are_the_pairs_that_agree_on_a_rule_each_once(
    rows: list[dict[str, Any]], data: Any
) -> None:
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]}
    ids = pa.array([f"{number:02}" for number in range(len(rows))])
    ready = prepared({"crm": pa.table({"id": ids, **columns})})
    possible = candidate_rules(ready.records.columns, ready.identifiers)
    if not possible:
        return
    rules = data.draw(st.lists(st.sampled_from(possible), unique=True, min_size=1, max_size=6))
    pairs, masks = candidates(ready.features, rules)
    assert len(set(pairs)) == len(pairs)
    assert dict(zip(pairs, masks, strict=True)) == slow_candidates(ready.features, rules)
    for rule in rules:
        held = {pair for pair, mask in zip(pairs, masks, strict=True) if mask >> rules.index(rule) & 1}
        assert held == {
            pair for pair in combinations(range(len(rows)), 2) if brings_in(ready.features, rule, *pair)
        }


def test_candidates_of_a_fitted_model_are_the_pairs_that_agree_on_its_rules(
    customers: synthetic.SyntheticCustomers, resolved: Resolution
) -> None:
    ready = prepare(load_engine("local", 1), [customers.sources], Options(), Stages(None))
    rules = list(resolved.model.rules)
    pairs, masks = candidates(ready.features, rules)
    assert len(set(pairs)) == len(pairs) == resolved.summary["pairs"]
    expected = slow_candidates(ready.features, rules)
    assert dict(zip(pairs, masks, strict=True)) == expected
    # A pair belongs to the first rule that holds it.
    first = [rules[(mask & -mask).bit_length() - 1].name for mask in expected.values()]
    assert {rule["rule"]: rule["pairs"] for rule in resolved.summary["rules"]} == {
        rule.name: first.count(rule.name) for rule in rules
    }


def test_the_size_of_chunks_changes_no_candidate(
    customers: synthetic.SyntheticCustomers, resolved: Resolution, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = prepare(load_engine("local", 1), [customers.sources], Options(), Stages(None))
    rules = list(resolved.model.rules)
    expected = candidates(ready.features, rules)
    for size in (1, 7, 1000):
        monkeypatch.setattr(blocking, "CHUNK", size)
        assert candidates(ready.features, rules) == expected


def test_a_model_that_blocks_on_what_no_column_gives_is_refused() -> None:
    ready = prepared({"crm": pa.table({"id": ["1", "2"], "email": ["a@example.org", "b@example.org"]})})
    for keys in (("phone",), ("email", "postcode"), ("email.nonsense",), ("shoe_size",)):
        with pytest.raises(ModelError, match="blocks on"):
            build_blocks(ready.features, [BlockingRule(keys=keys)], map)


def test_rules_come_only_from_roles_that_are_there() -> None:
    rules = candidate_rules(["email", "last_name", "postcode"], ["email"])
    assert rules[0].keys == ("email",)
    assert all(rule_roles(rule) <= {"email", "last_name", "postcode"} for rule in rules)
    assert len({rule.name for rule in rules}) == len(rules)
    assert candidate_rules([], []) == []


def test_a_postcode_stands_for_the_city_where_no_column_names_one() -> None:
    area = {"last_name+postcode.area", "first_name+postcode.area"}
    assert area <= {rule.name for rule in candidate_rules(["first_name", "last_name", "postcode"], [])}
    named = candidate_rules(["first_name", "last_name", "postcode", "city"], [])
    assert not area & {rule.name for rule in named}


# ---------------------------------------------------------------------- choosing


@settings(max_examples=100)
@given(
    st.integers(1, 6).flatmap(
        lambda count: st.lists(
            st.tuples(st.integers(1, 2**count - 1), st.integers(1, 10**7), st.floats(0, 1)), max_size=12
        ).map(lambda kinds: (count, kinds))
    )
)
def test_chosen_rules_each_add_matches_and_repeat_nothing(
    drawn: tuple[int, list[tuple[int, int, float]]],
) -> None:
    count, kinds = drawn
    rules = [BlockingRule(keys=(f"k{r}",)) for r in range(count)]
    mask = np.array([kind[0] for kind in kinds], np.uint32)
    pairs = np.array([kind[1] for kind in kinds], float)
    matches = pairs * np.array([kind[2] for kind in kinds], float)
    chosen = choose_rules(rules, mask, pairs, matches, matches)
    assert len(set(chosen)) == len(chosen)
    left = np.ones(len(mask), bool)
    for rule in chosen:
        held = left & ((mask >> rules.index(rule)) & 1 > 0)
        assert matches[held].sum() > 0
        left &= ~held
    # Where pairs cost nothing yet, no match is left out.
    if pairs.sum() <= FREE_PAIRS:
        assert matches[left].sum() == 0


def test_a_rule_that_brings_many_pairs_and_hardly_a_match_is_left_out() -> None:
    rules = [BlockingRule(keys=("email",)), BlockingRule(keys=("city",))]
    mask, pairs = np.array([1, 3, 2], np.uint32), np.array([1.5e6, 2e5, 5e7])
    matches = np.array([1e6, 1.9e5, 1e3])
    assert choose_rules(rules, mask, pairs, matches, matches) == rules[:1]


def test_where_pairs_are_many_a_rule_whose_matches_are_all_doubtful_is_left_out() -> None:
    rules = [BlockingRule(keys=("email",)), BlockingRule(keys=("email.local",))]
    mask, matches = np.array([1, 2], np.uint32), np.array([1e6, 1e5])
    doubtful = np.array([1e6, 0.0])
    assert choose_rules(rules, mask, np.array([1.5e6, 3e5]), matches, doubtful) == rules[:1]
    # Where they cost nothing, what is doubtful is looked at.
    assert choose_rules(rules, mask, np.array([5e5, 3e5]), matches, doubtful) == rules


def test_a_sample_holds_each_pair_once_and_knows_every_rule_that_holds_it(
    customers: synthetic.SyntheticCustomers,
) -> None:
    ready = prepare(load_engine("local", 1), [customers.sources], Options(), Stages(None))
    rules = candidate_rules(ready.records.columns, ready.identifiers)
    sample = sample_pairs(ready.features, rules, ready.identifiers, map)
    assert sample.share == 1.0
    ends = list(zip(sample.left.tolist(), sample.right.tolist(), strict=True))
    assert len(set(ends)) == len(ends)
    expected = slow_candidates(ready.features, sample.rules)
    assert dict(zip(ends, sample.mask.tolist(), strict=True)) == expected


# ---------------------------------------------------------------------- budgets

SIZE = 20_000


def crowd(size: int, seed: int = 1) -> dict[str, pa.Array]:
    """Columns of people who have little in common."""
    draw = np.random.default_rng(seed)
    numbers = draw.permutation(size * 4)[:size]
    return {
        "id": pa.array([str(number) for number in range(size)]),
        "first_name": pa.array([f"F{chr(97 + n % 23)}{chr(97 + n // 23 % 23)}an" for n in numbers.tolist()]),
        "last_name": pa.array(
            [f"L{''.join(chr(97 + n // 20**k % 20) for k in range(4))}" for n in numbers.tolist()]
        ),
        "email": pa.array([f"u{number}@example.org" for number in numbers.tolist()]),
        "birth_date": pa.array(
            [f"{1940 + n % 60}-{1 + n % 12:02}-{1 + n % 28:02}" for n in numbers.tolist()]
        ),
    }


def constant(size: int) -> dict[str, pa.Array]:
    return crowd(size) | {"last_name": pa.array(["Smith"] * size)}


def nearly_constant(size: int) -> dict[str, pa.Array]:
    return crowd(size) | {"last_name": pa.array(["Smith"] * (size - 2) + ["Brown", "Jones"])}


def nearly_all_equal(size: int) -> dict[str, pa.Array]:
    columns = {name: held.to_pylist() for name, held in crowd(size).items()}
    for name, held in columns.items():
        if name != "id":
            held[: size - 50] = [held[0]] * (size - 50)
    return {name: pa.array(held) for name, held in columns.items()}


def one_huge_block(size: int) -> dict[str, pa.Array]:
    columns = crowd(size)
    half = {name: held.to_pylist() for name, held in columns.items()}
    for name in ("first_name", "last_name", "birth_date", "email"):
        half[name][: size // 2] = [half[name][0]] * (size // 2)
    return {name: pa.array(held) for name, held in half.items()}


def middling_blocks(size: int) -> dict[str, pa.Array]:
    # Every value is held by about as many records as the largest block may have.
    group = [number // 290 for number in range(size)]
    return {
        "id": pa.array([str(number) for number in range(size)]),
        "first_name": pa.array([f"F{chr(97 + g % 26)}{chr(97 + g // 26)}" for g in group]),
        "last_name": pa.array([f"L{chr(97 + g % 26)}{chr(97 + g // 26)}" for g in group]),
        "birth_date": pa.array([f"{1930 + g}-02-03" for g in group]),
        "city": pa.array([f"City{chr(97 + g % 26)}{chr(97 + g // 26)}" for g in group]),
    }


@pytest.mark.parametrize(
    "adversary", [crowd, constant, nearly_constant, nearly_all_equal, one_huge_block, middling_blocks]
)
def test_pairs_grow_no_faster_than_records(adversary: Any) -> None:
    summary = resolve({"crm": pa.table(adversary(SIZE))}).summary
    # A rule may cost one pair a record, or 150,000 where records are few; there are at most 31.
    limit = max(blocking.PAIRS_ALWAYS, blocking.PAIRS_PER_RECORD * SIZE)
    assert all(rule["pairs"] <= limit for rule in summary["rules"])
    assert all(rule["largest_block"] <= blocking.LARGEST_BLOCK for rule in summary["rules"])
    assert summary["pairs"] <= limit * MOST_RULES
    assert summary["records"] == SIZE


def test_what_is_left_out_for_its_size_is_told() -> None:
    table = pa.table(nearly_constant(2_002))
    model = resolve({"crm": table}).model.model_copy(update={"rules": (BlockingRule(keys=("last_name",)),)})
    (told,) = resolve({"crm": table}, model=model).summary["rules"]
    assert (told["pairs"], told["dropped_blocks"], told["dropped_records"]) == (0, 1, 2_000)


@settings(max_examples=30)
@given(rows)
def test_the_estimate_of_missed_matches_is_finite_and_not_negative(rows: list[dict[str, Any]]) -> None:
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]}
    if all(held.null_count == len(rows) for held in columns.values()):
        return
    estimated = resolve({"crm": pa.table(columns)}, workers=1).summary["estimated"]
    assert math.isfinite(estimated["missed_by_blocking"])
    assert estimated["missed_by_blocking"] >= 0
    for share in (estimated["precision"], estimated["recall"]):
        assert share is None or 0 <= share <= 1
