"""Which pairs are worth comparing: candidate rules, their cost, and the blocks of the rules that are used."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import pairs as native
from cxm_sdk._native.codes import rows_where
from cxm_sdk.errors import ModelError
from cxm_sdk.identity.features import KEYS, Features, Hashes, Ints
from cxm_sdk.identity.model import BlockingRule

__all__ = [
    "Blocks",
    "Chunk",
    "RuleBlocks",
    "RuleCost",
    "Sample",
    "brings_in",
    "build_blocks",
    "candidate_rules",
    "choose_rules",
    "rule_roles",
    "sample_pairs",
]

#: A block above this size is a value that says nothing about a person; its pairs are left to other rules.
LARGEST_BLOCK = 300
#: Pairs a rule may cost: so many for each record, or so many in all where records are few. Larger blocks are cut.
PAIRS_PER_RECORD = 1.0
PAIRS_ALWAYS = 150_000
#: A rule whose cut leaves out more than this share of its records is not worth having.
LARGEST_CUT = 0.4
#: Candidate rules are costed on keys of about so many records, and so many of their pairs are looked at.
SAMPLED_KEYS = 100_000
#: Before that, so many records are looked at, to drop rules that cost this many times what they may.
GLIMPSED_RECORDS = 20_000
HOPELESS = 10.0
SAMPLED_PAIRS = 300_000
#: Pairs that cost next to nothing; beyond them ...
FREE_PAIRS = 1_000_000
#: ... a further rule must bring this share of all matches ...
SMALLEST_GAIN = 0.001
#: ... and one match in so many pairs.
PAIRS_PER_MATCH = 100
#: Pairs of one chunk of work.
CHUNK = 1 << 18
#: Combinations of slots that one rule may use.
MOST_SLOTS = 8
#: Candidates that are looked at closely: the mask of a pair has one bit a rule.
MOST_RULES = 31

EVERY = np.zeros(0, np.int32)
NAMES_UNORDERED = "names.unordered"

Mapper = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]

_PERSON_RULES = (
    ("first_name", "last_name"),
    (NAMES_UNORDERED,),
    ("birth_date", "last_name.sound"),
    ("birth_date", "first_name.root"),
    ("birth_date", "postcode"),
    ("birth_date", "city"),
    ("birth_date", "first_name.initial"),
    ("birth_date",),
    ("last_name.sound", "first_name.initial", "birth_date.year"),
    ("last_name.sound", "first_name.root", "postcode"),
    ("last_name.sound", "first_name.root", "city"),
    ("last_name.sound", "first_name.root"),
    ("first_name.root", "birth_date.year_month"),
    ("last_name.start", "birth_date.month_day"),
    ("last_name", "birth_date.year"),
    ("last_name", "postcode"),
    ("last_name", "city"),
    ("last_name",),
    ("first_name", "postcode"),
    ("first_name", "city"),
    ("first_name",),
    ("postcode", "birth_date.year"),
    ("street", "house_number", "first_name.initial"),
    ("street", "house_number", "postcode"),
    ("street", "house_number"),
    ("street", "first_name.root"),
    ("street", "last_name.sound"),
    ("street", "birth_date.year"),
)
_COMPANY_RULES = (
    ("company",),
    ("company.first_word", "postcode"),
    ("company.first_word", "city"),
    ("company.rarest_word",),
    ("company.rarest_word", "postcode"),
    ("company.start", "postcode"),
    ("company.start", "city"),
    ("street", "house_number"),
    ("street", "company.start"),
    ("postcode", "house_number"),
    ("phone.tail", "company.start"),
)
#: Affordable among few records only.
_LOOSE_RULES = (
    ("last_name.sound",),
    ("first_name.root",),
    ("birth_date.month_day",),
    ("birth_date.year_month",),
    ("email.start",),
    ("postcode",),
    ("city",),
)


def candidate_rules(roles: Iterable[str], identifiers: Iterable[str]) -> list[BlockingRule]:
    """Lists the rules that could be used on columns of these roles, before their cost is known.

    Args:
        roles: Roles that the records have.
        identifiers: Those of them whose values name one person.

    Returns:
        Rules, identifiers first.
    """
    present = set(roles)
    found: list[tuple[str, ...]] = [(role,) for role in identifiers]
    found += [("email.local",)] if "email" in present else []
    found += [("phone.tail",)] if "phone" in present else []
    if "company" in present:
        found += _COMPANY_RULES
    if present & {"first_name", "last_name"}:
        found += _PERSON_RULES
    found += _LOOSE_RULES
    usable = [keys for keys in dict.fromkeys(found) if all(_roles_of(key) <= present for key in keys)]
    return [BlockingRule(keys=keys) for keys in usable]


def _roles_of(key: str) -> set[str]:
    return {"first_name", "last_name"} if key == NAMES_UNORDERED else {key.split(".")[0]}


def rule_roles(rule: BlockingRule) -> set[str]:
    """Roles that a rule reads."""
    return set().union(*(_roles_of(key) for key in rule.keys))


@dataclass(frozen=True)
class RuleCost:
    """What a rule would cost.

    Attributes:
        rule: The rule.
        largest: Size of the largest block that may be used.
        pairs: Pairs in blocks up to that size; a slight overestimate.
        dropped_blocks: Blocks left out for their size.
        dropped_records: Records in them.
        records: Records that have a key.
    """

    rule: BlockingRule
    largest: int
    pairs: int
    dropped_blocks: int
    dropped_records: int
    records: int

    @property
    def useful(self) -> bool:
        """Whether it holds pairs, and keeps most of its records."""
        return self.pairs > 0 and self.dropped_records <= LARGEST_CUT * self.records


@dataclass(frozen=True)
class RuleKeys:
    """Keys of one rule for every record.

    Attributes:
        cost: What using them costs.
        slots: For each combination of slots uint64[records], 0 for none; an earlier slot's key is not repeated.
        counters: uint16[power of two], records by the lowest bits of their key.
    """

    cost: RuleCost
    slots: list[Hashes]
    counters: npt.NDArray[np.uint16]


def _part(features: Features, key: str) -> tuple[list[Ints], Hashes]:
    """Codes of each slot of a key, and what the key takes of each value."""
    if key == NAMES_UNORDERED:
        return features.unordered_names()
    role, _, part = key.partition(".")
    if role not in features.records.columns or (part or "value") not in KEYS:
        raise ModelError(
            f"the model blocks on {key}, and no input column gives it.",
            hint="name the column with --map, or train a model for these files",
        )
    return features.codes(role), features.part_hash(role, part or "value")


def _slots(features: Features, rule: BlockingRule, rows: Ints | None = None) -> list[Hashes]:
    """Keys of all records, or of some, for each combination of slots: uint64[records], 0 for none.

    A copy leaves the blocks in which its leader is to the leader.
    """
    found = _keys(features, rule, rows)
    if features.copies is None or not len(features.copies):
        return found
    places, leaders = features.copies.followers(EVERY if rows is None else rows)
    if len(places):
        theirs = _keys(features, rule, leaders)
        for keys in found:
            own = keys[places]
            for other in theirs:
                own[own == other] = 0
            keys[places] = own
    return found


def _keys(features: Features, rule: BlockingRule, rows: Ints | None) -> list[Hashes]:
    parts = [_part(features, key) for key in rule.keys]
    found: list[Hashes] = []
    for combination in list(product(*(codes for codes, _ in parts)))[:MOST_SLOTS]:
        keys = np.empty(len(features.records) if rows is None else len(rows), np.uint64)
        if not len(keys):
            return [keys]
        for number, (codes, (_, values)) in enumerate(zip(combination, parts, strict=True)):
            native.extend_keys(codes, EVERY if rows is None else rows, values, number == 0, keys)
        for earlier in found:
            keys[keys == earlier] = 0
        found.append(keys)
    return found


def rule_keys(features: Features, rule: BlockingRule, budget: float) -> RuleKeys:
    """Computes the keys of a rule and the largest blocks that a budget allows.

    Args:
        features: Features of the records.
        rule: The rule.
        budget: Pairs it may cost.

    Returns:
        The keys.

    Raises:
        ModelError: When the records lack a role of the rule.
    """
    slots, counters = features.counted.pop(rule) if rule in features.counted else _counted(features, rule)
    often = np.zeros(LARGEST_BLOCK + 2, np.int64)
    beyond = native.count_sizes(counters, often)
    often[0] = 0
    return RuleKeys(_cost(rule, often, beyond, 1.0, budget), slots, counters)


def _counted(features: Features, rule: BlockingRule) -> tuple[list[Hashes], npt.NDArray[np.uint16]]:
    slots = _slots(features, rule)
    counters = np.zeros(1 << max(10, (2 * len(features.records) * len(slots) - 1).bit_length()), np.uint16)
    for keys in slots:
        native.count_keys(keys, counters)
    return slots, counters


def _cost(
    rule: BlockingRule, often: npt.NDArray[np.int64], beyond: int, share: float, budget: float
) -> RuleCost:
    """Finds the largest block size at which all blocks up to it stay within the budget.

    Args:
        rule: The rule.
        often: How many blocks there are of each size up to ``LARGEST_BLOCK``, and, last, of all above.
        beyond: Records in those above.
        share: Part of all blocks that was counted.
        budget: Pairs the rule may cost.

    Returns:
        The cost, for all blocks.
    """
    count = np.arange(LARGEST_BLOCK + 1)
    cost = np.cumsum(often[:-1] * (count * (count - 1) // 2)) / share
    largest = int(np.searchsorted(cost, budget, side="right") - 1)
    dropped = int(often[largest + 1 :].sum())
    records = int((often[:-1] * count).sum()) + beyond
    lost = int((often[largest + 1 : -1] * count[largest + 1 :]).sum()) + beyond
    # The largest size that occurs, so that the number says something; a sample may not have seen it.
    used = np.flatnonzero(often[: largest + 1])
    if share == 1.0 or dropped:
        largest = int(used[-1]) if len(used) else 0
    return RuleCost(
        *(rule, largest, int(cost[largest]), int(dropped / share)),
        *(int(lost / share), int(records / share)),
    )


@dataclass
class RuleBlocks:
    """Blocks of one rule.

    Attributes:
        cost: What the rule costs, exactly.
        members: int32[...], records of all blocks, ascending within a block.
        starts: int64[blocks + 1], where each block starts in ``members``.
        slots: How many keys a record may have.
        entry_slots: int8[members], which slot brought the record into the block.
    """

    cost: RuleCost
    members: Ints
    starts: npt.NDArray[np.int64]
    slots: int
    entry_slots: npt.NDArray[np.int8]


def rule_blocks(found: RuleKeys) -> RuleBlocks:
    """Sorts records by key.

    Args:
        found: Keys of the rule.

    Returns:
        The blocks.
    """
    cost, count = found.cost, len(found.slots)
    # With several slots, entries are numbered record by record, so that blocks come out ascending.
    keys = found.slots[0] if count == 1 else np.stack(found.slots, axis=1).reshape(-1)
    entries = np.empty(len(keys), np.int32)
    entries = entries[: native.select_keys(keys, found.counters, cost.largest, 1 << 32, entries)]
    members, starts = np.empty(len(entries), np.int32), np.empty(len(entries) + 1, np.int64)
    groups, used = native.group_keys(keys, entries, found.counters, cost.largest, members, starts)
    members, starts = members[:used], starts[: groups + 1].copy()
    entry_slots = np.zeros(used, np.int8) if count == 1 else (members % count).astype(np.int8)
    members = members.copy() if count == 1 else members // np.int32(count)
    sizes = np.diff(starts)
    exact = replace(cost, pairs=int((sizes * (sizes - 1) // 2).sum()), largest=int(sizes.max(initial=0)))
    return RuleBlocks(exact, members, starts, count, entry_slots)


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
    drafts = [
        draft
        for draft in run(lambda rule: _draft(features, rule, share, budget), hopeful)
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

    def held(cost: RuleCost) -> npt.NDArray[np.intp]:
        # Most pairs differ in some key; rules have many keys in common, so that is looked at first.
        common = agree[cost.rule.keys[0]]
        for key in cost.rule.keys[1:]:
            common = common & agree[key]
        rows = np.flatnonzero(common)
        counters, found = np.zeros(0, np.uint16), np.zeros(len(rows), np.uint32)
        if cost.dropped_blocks:
            # The blocks of the rule, should it be chosen, need the same again.
            features.counted[cost.rule] = _counted(features, cost.rule)
            _, counters = features.counted[cost.rule]
        ours, theirs = _slots(features, cost.rule, left[rows]), _slots(features, cost.rule, right[rows])
        for own, other in product(ours, theirs):
            native.mark_rule(own, other, counters, cost.largest, 1, found)
        return rows[found > 0]

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
    slots, values = _part(features, key)
    found = np.zeros(len(left), bool)
    if not len(left):
        return found
    sides: list[list[Hashes]] = [[], []]
    for side, rows in zip(sides, (left, right), strict=True):
        for codes in slots:
            side.append(np.empty(len(rows), np.uint64))
            native.extend_keys(codes, rows, values, True, side[-1])
    for ours, theirs in product(*sides):
        found |= (ours == theirs) & (ours != 0)
    return found


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
    keys = np.concatenate(_slots(features, rule, rows))
    _, sizes = np.unique(keys[keys > 0], return_counts=True)
    pairs = float((sizes * (sizes - 1) / 2).sum()) * (total / len(rows)) ** 2
    return pairs < HOPELESS * budget


def _draft(features: Features, rule: BlockingRule, share: float, budget: float) -> _Draft:
    rows = EVERY if share == 1.0 else _sampled_rows(features, rule, share)
    slots = _slots(features, rule, None if share == 1.0 else rows)
    # Every record of a sampled value is there, so block sizes are exact.
    members, starts = _sampled_blocks(slots)
    sizes = np.diff(starts)
    often = np.bincount(np.minimum(sizes, LARGEST_BLOCK + 1), minlength=LARGEST_BLOCK + 2)
    cost = _cost(rule, often, int(sizes[sizes > LARGEST_BLOCK].sum()), share, budget)
    return _Draft(cost, members if share == 1.0 else rows[members], starts, len(slots))


def _sampled_rows(features: Features, rule: BlockingRule, share: float) -> Ints:
    """Records that hold one of a random share of the values of the rule's most varied key."""
    parts = [_part(features, key) for key in rule.keys]
    codes, values = max(parts, key=lambda part: len(part[1]))
    limit = np.uint64(int(share * (1 << 32)))
    keys = np.empty(len(values), np.uint64)
    native.extend_keys(np.arange(len(values), dtype=np.int32), EVERY, values, True, keys)
    chosen = ((keys != 0) & (keys >> np.uint64(32) < limit)).view(np.uint8)
    found = [rows_where(slot, chosen) for slot in codes]
    return found[0] if len(found) == 1 else np.unique(np.concatenate(found))


def pair_budget(features: Features) -> float:
    """Pairs that one rule may cost."""
    return max(PAIRS_ALWAYS, PAIRS_PER_RECORD * len(features.records))


def choose_rules(
    rules: Sequence[BlockingRule],
    mask: npt.NDArray[np.uint32],
    pairs: npt.NDArray[np.float64],
    matches: npt.NDArray[np.float64],
) -> list[BlockingRule]:
    """Picks the rules that find most matches for the fewest pairs.

    Always the rule next that adds most matches for each pair it adds. Where pairs are many, a rule that adds next to
    nothing, or hardly a match among its pairs, is left out.

    Args:
        rules: The affordable rules.
        mask: uint32[n], kinds of pairs: bit r where rule r holds them.
        pairs: float64[n], how many there are of each kind.
        matches: float64[n], how many of them are matches, as expected.

    Returns:
        The rules to use, in order.
    """
    chosen: list[BlockingRule] = []
    holds = (mask[None, :] >> np.arange(len(rules), dtype=np.uint32)[:, None]) & 1 > 0
    left, spent, total = np.ones(len(mask), bool), 0.0, float(matches.sum())
    open_rules = list(range(len(rules)))
    while open_rules:
        gains = np.array([matches[holds[r] & left].sum() for r in open_rules])
        costs = np.array([pairs[holds[r] & left].sum() for r in open_rules])
        if spent > FREE_PAIRS:
            gains[(gains < SMALLEST_GAIN * total) | (costs > PAIRS_PER_MATCH * gains)] = 0.0
        best = int(np.argmax(gains / np.maximum(costs, 1e-9)))
        if costs[best] <= 0 or gains[best] <= 0:
            break
        chosen.append(rules[open_rules[best]])
        left &= ~holds[open_rules[best]]
        spent += float(costs[best])
        del open_rules[best]
    return chosen


def _implied(cost: RuleCost, looser: RuleCost) -> bool:
    """Whether every pair of a rule is also in a looser one."""
    if looser.dropped_blocks:
        return False
    return all(any(_refines(key, wanted) for key in cost.rule.keys) for wanted in looser.rule.keys)


def _refines(key: str, wanted: str) -> bool:
    # Equal values have equal parts, and a year and month hold the year.
    if key == wanted or wanted.partition(".")[0] == key:
        return True
    return key == "birth_date.year_month" and wanted == "birth_date.year"


def build_blocks(features: Features, rules: Sequence[BlockingRule], run: Mapper) -> list[RuleBlocks]:
    """Builds the blocks of given rules, in their order.

    Args:
        features: Features of the records.
        rules: The rules.
        run: Parallel ordered map.

    Returns:
        Their blocks; those that are too large for the number of records are left out.

    Raises:
        ModelError: When a rule needs a role that the records do not have.
    """
    budget = pair_budget(features)
    return list(run(lambda rule: rule_blocks(rule_keys(features, rule, budget)), rules))


def brings_in(features: Features, rule: BlockingRule, a: int, b: int) -> bool:
    """Whether a rule puts two records into one block that is not too large to be used.

    Args:
        features: Features of the records.
        rule: The rule.
        a: Number of one record.
        b: Number of the other.

    Returns:
        Whether the pair is a candidate of the rule.
    """
    found = rule_keys(features, rule, pair_budget(features))
    size = len(found.counters) - 1
    for ours, theirs in product(found.slots, found.slots):
        if ours[a] and ours[a] == theirs[b]:
            return int(found.counters[int(ours[a]) & size]) <= found.cost.largest
    return False


@dataclass(frozen=True)
class Chunk:
    """A run of blocks of one rule with about ``CHUNK`` pairs.

    Attributes:
        rule: Number of the rule.
        first: First block.
        last: One past the last block.
        room: Pairs inside the blocks.
    """

    rule: int
    first: int
    last: int
    room: int


class Blocks:
    """Candidate pairs of several rules, each pair once, given out in chunks.

    Args:
        records: Number of records.
        rules: Blocks of each rule, in order of preference.
        run: Parallel map.
    """

    def __init__(self, records: int, rules: Sequence[RuleBlocks], run: Mapper = map) -> None:
        self.rules = list(rules)
        widths = [blocks.slots for blocks in rules]
        self._slots = np.concatenate(([0], np.cumsum(widths))).astype(np.int32)
        self._table = np.empty((records, int(self._slots[-1])), dtype=np.int32)

        def empty(first: int) -> None:
            self._table[first : first + CHUNK] = -1

        def fill(item: tuple[int, RuleBlocks]) -> None:
            first, blocks = int(self._slots[item[0]]), item[1]
            native.fill_blocks(blocks.members, blocks.starts, blocks.entry_slots, first, self._table)

        list(run(empty, range(0, records, CHUNK)))
        list(run(fill, enumerate(self.rules)))

    @property
    def costs(self) -> list[RuleCost]:
        """What each rule costs."""
        return [blocks.cost for blocks in self.rules]

    @property
    def room(self) -> int:
        """Pairs inside all blocks, counting those of several rules several times."""
        return sum(cost.pairs for cost in self.costs)

    def chunks(self) -> Iterator[Chunk]:
        """Splits the work.

        Yields:
            Chunks in a fixed order.
        """
        for number, blocks in enumerate(self.rules):
            sizes = np.diff(blocks.starts)
            ends = np.cumsum(sizes * (sizes - 1) // 2)
            if not len(ends):
                continue
            wanted = np.linspace(0, ends[-1], int(ends[-1]) // CHUNK + 2)[1:]
            cuts = np.unique(np.minimum(np.searchsorted(ends, wanted) + 1, len(sizes)))
            for first, last in pairwise([0, *cuts.tolist()]):
                yield Chunk(number, first, last, int(ends[last - 1] - (ends[first - 1] if first else 0)))

    def pairs(self, chunk: Chunk, *, with_rules: bool = False) -> tuple[Ints, Ints, npt.NDArray[np.uint32]]:
        """Generates the pairs of a chunk that no earlier rule holds.

        Args:
            chunk: Which.
            with_rules: Whether the mask of rules is wanted.

        Returns:
            int32[pairs] smaller record, int32[pairs] larger record, uint32[pairs] mask of the rules that hold the
            pair (empty unless wanted).
        """
        left, right = np.empty(chunk.room, np.int32), np.empty(chunk.room, np.int32)
        mask = np.empty(chunk.room if with_rules else 0, np.uint32)
        blocks = self.rules[chunk.rule]
        count = native.generate(
            *(self._table, self._slots, chunk.rule, blocks.members, blocks.starts, chunk.first, chunk.last),
            *(with_rules, left, right, mask),
        )
        return left[:count], right[:count], mask[:count]
