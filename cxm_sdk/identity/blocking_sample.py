"""What blocking rules would cost, and a sample of the pairs they would bring in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import pairs as native
from cxm_sdk._native.codes import rows_where
from cxm_sdk.identity.blocking import (
    EVERY,
    LARGEST_BLOCK,
    RuleCost,
    counted_keys,
    key_part,
    pair_budget,
    rule_cost,
    slot_keys,
)
from cxm_sdk.identity.blocking_rules import choose_rules, refines
from cxm_sdk.identity.decision import EVEN_ODDS
from cxm_sdk.identity.features import Features, Hashes, Ints
from cxm_sdk.identity.model import BlockingRule
from cxm_sdk.identity.running import Mapper
from cxm_sdk.identity.scoring import Scorer

__all__ = ["Chosen", "Sample", "rules_to_use", "sample_pairs"]

#: Candidate rules are costed on keys of about so many records, and so many of their pairs are looked at.
SAMPLED_KEYS = 50_000
#: Before that, so many records are looked at, to drop rules that cost this many times what they may. Of a million
#: records that shows by some 640 pairs, and a rule that may just be afforded has a tenth of that.
GLIMPSED_RECORDS = 8_000
HOPELESS = 10.0
#: Half of them stay once each pair counts for one rule. If a third are matches, the share ``m`` of matches at a level
#: has a standard error of ``sqrt(m * (1 - m) / 25_000)``: at most .0032, and a tenth of a share of 4 in 1,000, which
#: moves the weight of its level by 0.15 bits. With fewer, what models of one population find differs visibly.
SAMPLED_PAIRS = 150_000
#: Candidates that are looked at closely: the mask of a pair has one bit a rule.
MOST_RULES = 31
_MARKS = np.zeros(1 << 20, np.uint8)


@dataclass(frozen=True)
class Sample:
    """Candidate pairs of all affordable rules, thinned.

    Attributes:
        rules: The rules, identifiers first.
        left: int32[pairs].
        right: int32[pairs].
        mask: uint32[pairs], bit r where rule r holds the pair.
        share: Part of all candidates that was drawn.
    """

    rules: list[BlockingRule]
    left: Ints
    right: Ints
    mask: npt.NDArray[np.uint32]
    share: float


@dataclass(frozen=True)
class Chosen:
    """The rules to use.

    Attributes:
        rules: The rules, in order.
        missed: Expected number of matching pairs that only the others would bring in.
    """

    rules: tuple[BlockingRule, ...]
    missed: float


def rules_to_use(sample: Sample, scorer: Scorer) -> Chosen:
    """Chooses among the rules of a sample by what its pairs weigh.

    What patterns alone say is not enough, since pairs of a common name or local part of an address then seem to be
    matches. Where pairs are many, a rule is worth the links that it brings in: pairs more likely a match than not.

    Args:
        sample: The sample.
        scorer: The model, tied to the records.

    Returns:
        The rules.
    """
    matches = scorer.score(sample.left, sample.right).probability / sample.share
    links = np.where(matches * sample.share >= EVEN_ODDS, matches, 0.0)
    pairs = np.full(len(matches), 1 / sample.share)
    rules = choose_rules(sample.rules, sample.mask, pairs, matches, links)
    used = np.uint32(sum(1 << r for r, rule in enumerate(sample.rules) if rule in rules))
    return Chosen(tuple(rules), float(matches[sample.mask & used == 0].sum()))


def sample_pairs(
    features: Features, rules: Sequence[BlockingRule], identifiers: Collection[str], run: Mapper
) -> Sample:
    """Costs every candidate rule, drops those that cannot be afforded, and samples the pairs of the others.

    Args:
        features: Features of the records.
        rules: Candidates.
        identifiers: Roles whose values name one person.
        run: Parallel ordered map.

    Returns:
        The sample. Which rules are needed shows once its pairs have been weighed.
    """
    budget, share = pair_budget(features), min(1.0, SAMPLED_KEYS / max(len(features.records), 1))
    glimpses = run(lambda rule: _hopeful(features, rule, budget), rules)
    hopeful = [rule for rule, hope in zip(rules, glimpses, strict=True) if hope]
    sampled = _sampled_rows(features, hopeful, share, run)
    drafts = [
        draft
        for draft in run(lambda rule: _draft(features, rule, sampled[rule], share, budget), hopeful)
        if draft.cost.useful
    ]
    named = {(role,) for role in identifiers}
    drafts = [
        draft
        for draft in drafts
        if draft.cost.rule.keys in named
        or not any(_implied(draft.cost, other.cost) for other in drafts if other is not draft)
    ]
    drafts.sort(key=lambda draft: (draft.cost.rule.keys not in named, draft.cost.pairs, draft.cost.rule.name))
    drafts = drafts[:MOST_RULES]
    thinner = min(1.0, SAMPLED_PAIRS / max(sum(draft.cost.pairs for draft in drafts) * share, 1))
    drawn = list(run(lambda draft: draft.pairs(thinner), drafts))
    left = np.concatenate([np.zeros(0, np.int32), *(part[0] for part in drawn)])
    right = np.concatenate([np.zeros(0, np.int32), *(part[1] for part in drawn)])

    keys = sorted({key for draft in drafts for key in draft.cost.rule.keys})
    agree = dict(zip(keys, run(lambda key: _agreeing(features, key, left, right), keys), strict=True))

    followers = _followers(features, left) | _followers(features, right)

    def held(cost: RuleCost) -> npt.NDArray[np.intp]:
        # Most pairs differ in some key; rules have many keys in common, so that is looked at first.
        common = agree[cost.rule.keys[0]]
        for key in cost.rule.keys[1:]:
            common = common & agree[key]
        if cost.dropped_blocks:
            rows = np.flatnonzero(common)
            counters = _sizes(features, cost.rule, left[rows], right[rows])
            return rows[_held(features, cost, left[rows], right[rows], counters)]
        # Pairs that agree in every key share a block, but for copies, which leave those of their leaders.
        rows = np.flatnonzero(common & followers)
        some = _held(features, cost, left[rows], right[rows], np.zeros(0, np.uint16))
        return np.concatenate((np.flatnonzero(common & ~followers), rows[some]))

    mask = np.zeros(len(left), np.uint32)
    for number, rows in enumerate(run(held, [draft.cost for draft in drafts])):
        mask[rows] |= np.uint32(1 << number)
    # A pair is drawn by every rule that holds and samples it; it counts where the first rule that holds it drew it.
    origin = np.repeat(np.arange(len(drawn), dtype=np.uint32), [len(part[0]) for part in drawn])
    own = mask & ((np.uint32(1) << origin) - np.uint32(1)) == 0
    rules = [draft.cost.rule for draft in drafts]
    return Sample(rules, left[own], right[own], mask[own], share * thinner)


def _agreeing(features: Features, key: str, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
    """Whether two records have a key in common, in any of their slots."""
    slots, values = key_part(features, key)
    found = np.zeros(len(left), bool)
    if not len(left):
        return found
    sides: list[list[Hashes]] = [[], []]
    for side, rows in zip(sides, (left, right), strict=True):
        for codes in slots:
            side.append(np.empty(len(rows), np.uint64))
            native.make_keys([codes], [values], rows, side[-1])
    for ours, theirs in product(*sides):
        found |= (ours == theirs) & (ours != 0)
    return found


def _followers(features: Features, rows: Ints) -> npt.NDArray[np.bool_]:
    """Which records follow another one."""
    found = np.zeros(len(rows), bool)
    if features.copies is not None and len(features.copies) and len(rows):
        found[features.copies.followers(rows)[0]] = True
    return found


def _held(
    features: Features, cost: RuleCost, left: Ints, right: Ints, counters: npt.NDArray[np.uint16]
) -> npt.NDArray[np.bool_]:
    """Which pairs a rule holds in blocks that are not too large, going by counters if there are any."""
    found = np.zeros(len(left), np.uint32)
    for own, other in product(slot_keys(features, cost.rule, left), slot_keys(features, cost.rule, right)):
        native.mark_rule(own, other, counters, cost.largest, 1, found)
    return found > 0


def _sizes(features: Features, rule: BlockingRule, left: Ints, right: Ints) -> npt.NDArray[np.uint16]:
    """Records by the lowest bits of their key, as ``count_keys`` counts them, for all keys that these records have."""
    key = _most_varied(features, rule)
    codes, values = key_part(features, key)
    wanted = np.zeros(_variety(features, key), np.uint8)
    for slot in codes:
        for rows in (left, right):
            held = slot[rows]
            wanted[held[held >= 0]] = 1
    if values is not None:  # different values may give one key
        places = (_value_keys(values, len(wanted)) & np.uint64(len(_MARKS) - 1)).view(np.int64)
        marks = _MARKS.copy()
        marks[places[wanted > 0]] = 1
        wanted = marks[places]
    return counted_keys(features, rule, _rows_where(codes, wanted))[1]


@dataclass(frozen=True)
class _Draft:
    """A rule's cost, and the blocks of a sample of its keys, in random order."""

    cost: RuleCost
    members: Ints
    starts: npt.NDArray[np.int64]
    slots: int

    def pairs(self, thinner: float) -> tuple[Ints, Ints]:
        """Pairs of a part of the blocks that are not too large."""
        sizes = np.diff(self.starts)
        kept = (sizes <= self.cost.largest) & (np.arange(len(sizes)) < round(len(sizes) * thinner))
        members = self.members[np.repeat(kept, sizes)]
        sizes = sizes[kept]
        room = int((sizes * (sizes - 1) // 2).sum())
        left, right = np.empty(room, np.int32), np.empty(room, np.int32)
        native.pairs_within(np.concatenate(([0], np.cumsum(sizes))).astype(np.int64), members, left, right)
        if self.slots == 1:
            return left, right
        # Two records may share several values of one role.
        both = np.unique(left.astype(np.int64) << 32 | right)
        return (both >> 32).astype(np.int32), (both & 0xFFFFFFFF).astype(np.int32)


def _hopeful(features: Features, rule: BlockingRule, budget: float) -> bool:
    """Whether a few records show that a rule could be affordable, before its keys are made for all of them."""
    total = len(features.records)
    if total <= SAMPLED_KEYS:
        return True
    rows = np.arange(0, total, total // GLIMPSED_RECORDS, dtype=np.int32)
    keys = np.concatenate(slot_keys(features, rule, rows))
    keys = keys[keys > 0]
    order = np.empty(len(keys), np.int32)
    native.key_order(keys, order)
    keys = keys[order]
    sizes = np.diff(np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1], [True]))))
    pairs = float((sizes * (sizes - 1) / 2).sum()) * (total / len(rows)) ** 2
    return pairs < HOPELESS * budget


def _draft(features: Features, rule: BlockingRule, rows: Ints, share: float, budget: float) -> _Draft:
    slots = slot_keys(features, rule, None if share == 1.0 else rows)
    # Every record of a sampled value is there, so block sizes are exact.
    members, starts = _sampled_blocks(slots)
    sizes = np.diff(starts)
    often = np.bincount(np.minimum(sizes, LARGEST_BLOCK + 1), minlength=LARGEST_BLOCK + 2)
    cost = rule_cost(rule, often, int(sizes[sizes > LARGEST_BLOCK].sum()), share, budget)
    return _Draft(cost, members if share == 1.0 else rows[members], starts, len(slots))


def _sampled_rows(
    features: Features, rules: Sequence[BlockingRule], share: float, run: Mapper
) -> dict[BlockingRule, Ints]:
    """For each rule the records that hold one of a random share of the values of its most varied key."""
    if share == 1.0:
        return dict.fromkeys(rules, EVERY)
    varied = {rule: _most_varied(features, rule) for rule in rules}
    # Many rules have the same one.
    keys = sorted(set(varied.values()))
    rows = dict(zip(keys, run(lambda key: _rows_of_key(features, key, share), keys), strict=True))
    return {rule: rows[key] for rule, key in varied.items()}


def _most_varied(features: Features, rule: BlockingRule) -> str:
    return max(rule.keys, key=lambda key: _variety(features, key))


def _variety(features: Features, key: str) -> int:
    """How many values a key may have."""
    _, values = key_part(features, key)
    return len(features.values(key.partition(".")[0])) if values is None else len(values)


def _rows_of_key(features: Features, key: str, share: float) -> Ints:
    codes, values = key_part(features, key)
    drawn = np.empty(_variety(features, key), np.uint8)
    native.draw_values(values, int(share * (1 << 32)), drawn)
    return _rows_where(codes, drawn)


def _value_keys(values: Hashes | None, count: int) -> Hashes:
    """A key for what is taken of each value, 0 for nothing."""
    keys = np.empty(count, np.uint64)
    native.make_keys([np.arange(count, dtype=np.int32)], [values], EVERY, keys)
    return keys


def _rows_where(codes: Sequence[Ints], wanted: npt.NDArray[np.uint8]) -> Ints:
    """Records that hold a wanted value in any slot, ascending."""
    if len(codes) == 1:
        return rows_where(codes[0], wanted)
    found = np.zeros(len(codes[0]), bool)
    for slot in codes:
        found[rows_where(slot, wanted)] = True
    return np.flatnonzero(found).astype(np.int32)


def _sampled_blocks(slots: Sequence[Hashes]) -> tuple[Ints, npt.NDArray[np.int64]]:
    """Members and starts of the blocks of two records or more, in the random order of keys."""
    members = np.concatenate([np.flatnonzero(keys).astype(np.int32) for keys in slots])
    hashes = np.concatenate([keys[keys != 0] for keys in slots])
    if len(slots) > 1:
        # Slots lie end to end; sorted by record first, a stable sort by key leaves blocks ascending.
        by_record = np.argsort(members, kind="stable")
        members, hashes = members[by_record], hashes[by_record]
    order = np.empty(len(hashes), np.int32)
    native.key_order(hashes, order)
    hashes = hashes[order]
    edges = np.flatnonzero(np.concatenate((hashes[:1] != 0, hashes[1:] != hashes[:-1], [True])))
    sizes = np.diff(edges)
    kept = sizes >= 2
    starts = np.concatenate(([0], np.cumsum(sizes[kept]))).astype(np.int64)
    return members[order[np.repeat(kept, sizes)]], starts


def _implied(cost: RuleCost, looser: RuleCost) -> bool:
    """Whether every pair of a rule is also in a looser one."""
    if looser.dropped_blocks:
        return False
    return all(any(refines(key, wanted) for key in cost.rule.keys) for wanted in looser.rule.keys)
