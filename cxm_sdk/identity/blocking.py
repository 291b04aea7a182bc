"""Which pairs are worth comparing: candidate rules, their cost, and the blocks of the rules that are used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from threading import Event

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import pairs as native
from cxm_sdk._native.buckets import KeyBuckets
from cxm_sdk.errors import ModelError
from cxm_sdk.identity.blocking_rules import NAMES_UNORDERED, names_one
from cxm_sdk.identity.features import KEYS, Features, Hashes, Ints
from cxm_sdk.identity.model import BlockingRule
from cxm_sdk.identity.running import Mapper

__all__ = [
    "LARGEST_BLOCK",
    "Blocks",
    "Chunk",
    "RuleBlocks",
    "RuleCost",
    "brings_in",
    "build_ahead",
    "build_blocks",
    "counted_keys",
    "key_part",
    "pair_budget",
    "rule_cost",
    "slot_keys",
]

#: A block above this size is a value that says nothing about a person; its pairs are left to other rules.
LARGEST_BLOCK = 300
#: Pairs a rule may cost: so many for each record, or so many in all where records are few. Larger blocks are cut.
PAIRS_PER_RECORD = 1.0
PAIRS_ALWAYS = 150_000
#: A rule whose cut leaves out more than this share of its records is not worth having.
LARGEST_CUT = 0.4
#: Pairs of one chunk of work.
CHUNK = 1 << 16
#: Combinations of slots that one rule may use.
MOST_SLOTS = 8

EVERY = np.zeros(0, np.int32)


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
        buckets: The records by key.
        room: Records in buckets that are not too large, at most.
        exact: Whether blocks are cut by their own size, and not by that of all that share a bucket.
    """

    cost: RuleCost
    buckets: KeyBuckets
    room: int
    exact: bool = False


def key_part(features: Features, key: str) -> tuple[list[Ints], Hashes | None]:
    """Looks up what a key reads.

    Args:
        features: Features of the records.
        key: Such as ``last_name.sound``.

    Returns:
        int32[records] codes for each slot, and uint64[values] what the key takes of each value, 0 for nothing; None
        where it takes the whole value.

    Raises:
        ModelError: When the records lack the role.
    """
    if key == NAMES_UNORDERED:
        return features.unordered_names()
    role, _, part = key.partition(".")
    if role not in features.records.columns or (part and part not in KEYS):
        raise ModelError(
            f"the model blocks on {key}, and no input column gives it.",
            hint="name the column with --map, or train a model for these files",
        )
    return features.codes(role), features.part_hash(role, part) if part else None


def slot_keys(features: Features, rule: BlockingRule, rows: Ints | None = None) -> list[Hashes]:
    """Makes the keys of a rule. A copy leaves the blocks in which its leader is to the leader.

    Args:
        features: Features of the records.
        rule: The rule.
        rows: int32[n], records; None for all.

    Returns:
        For each combination of slots uint64[n], 0 for none.

    Raises:
        ModelError: When the records lack a role of the rule.
    """
    found = _keys(features, rule, rows)
    if features.copies is None or not len(features.copies) or not len(found[0]):
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
    parts = [key_part(features, key) for key in rule.keys]
    found: list[Hashes] = []
    values = [values for _, values in parts]
    for combination in list(product(*(codes for codes, _ in parts)))[:MOST_SLOTS]:
        keys = np.empty(len(features.records) if rows is None else len(rows), np.uint64)
        if not len(keys):
            return [keys]
        native.make_keys(list(combination), values, EVERY if rows is None else rows, keys)
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
    buckets = KeyBuckets(slot_keys(features, rule))
    often = np.zeros(LARGEST_BLOCK + 2, np.int64)
    beyond = buckets.count_sizes(often)
    often[0] = 0
    cost = rule_cost(rule, often, beyond, 1.0, budget)
    held = often[:-1] * np.arange(LARGEST_BLOCK + 1)
    if features.frozen is None:
        return RuleKeys(cost, buckets, int(held[2 : cost.largest + 1].sum()))
    if not names_one(rule):
        cost = replace(cost, largest=min(cost.largest, features.frozen.largest_block))
    return RuleKeys(cost, buckets, beyond + int(held.sum()), exact=True)


def counted_keys(
    features: Features, rule: BlockingRule, rows: Ints | None = None
) -> tuple[list[Hashes], npt.NDArray[np.uint16]]:
    """Makes the keys of a rule and counts the records of each.

    Args:
        features: Features of the records.
        rule: The rule.
        rows: int32[n], records; None for all.

    Returns:
        Keys as ``slot_keys`` makes them, and uint16[power of two] records by the lowest bits of their key.
    """
    slots = slot_keys(features, rule, rows)
    counters = np.zeros(1 << max(10, (2 * len(slots[0]) * len(slots) - 1).bit_length()), np.uint16)
    for keys in slots:
        native.count_keys(keys, counters)
    return slots, counters


def rule_cost(
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
    cost, room = found.cost, found.room
    members, starts, slots = (
        np.empty(room, np.int32),
        np.empty(room // 2 + 1, np.int64),
        np.empty(room, np.int8),
    )
    groups, used = found.buckets.group(room if found.exact else cost.largest, members, starts, slots)
    members, starts, slots = members[:used], starts[: groups + 1], slots[:used]
    if found.exact:
        members, starts, slots = _up_to(members, starts, slots, cost.largest)
    sizes = np.diff(starts)
    exact = replace(cost, pairs=int((sizes * (sizes - 1) // 2).sum()), largest=int(sizes.max(initial=0)))
    return RuleBlocks(exact, members, starts, found.buckets.slots, slots)


def _up_to(
    members: Ints, starts: npt.NDArray[np.int64], slots: npt.NDArray[np.int8], largest: int
) -> tuple[Ints, npt.NDArray[np.int64], npt.NDArray[np.int8]]:
    """Drops blocks above a size."""
    sizes = np.diff(starts)
    kept = sizes <= largest
    inside, ends = np.repeat(kept, sizes), np.cumsum(sizes[kept])
    return members[inside], np.concatenate(([0], ends)).astype(np.int64), slots[inside]


def pair_budget(features: Features) -> float:
    """Pairs that one rule may cost."""
    if features.frozen is not None:
        return float("inf")  # which blocks are too large must not depend on how many others there are
    return max(PAIRS_ALWAYS, PAIRS_PER_RECORD * len(features.records))


def build_ahead(
    features: Features, rules: Iterable[BlockingRule], enough: Event
) -> dict[BlockingRule, RuleBlocks]:
    """Builds the blocks of rules that may be used, until it is known which are.

    Args:
        features: Features of the records.
        rules: The rules, likeliest first.
        enough: Set when it is known which rules are used.

    Returns:
        The blocks of as many rules as there was time for.

    Raises:
        ModelError: When the records lack a role of a rule.
    """
    budget, ahead = pair_budget(features), dict[BlockingRule, RuleBlocks]()
    for rule in rules:
        if enough.is_set():
            break
        ahead[rule] = rule_blocks(rule_keys(features, rule, budget))
    return ahead


def build_blocks(
    features: Features,
    rules: Sequence[BlockingRule],
    run: Mapper,
    ahead: Mapping[BlockingRule, RuleBlocks] | None = None,
) -> list[RuleBlocks]:
    """Builds the blocks of given rules, in their order.

    Args:
        features: Features of the records.
        rules: The rules.
        run: Parallel ordered map.
        ahead: Blocks that are built already.

    Returns:
        Their blocks; those that are too large for the number of records are left out.

    Raises:
        ModelError: When a rule needs a role that the records do not have.
    """
    budget, built = pair_budget(features), dict(ahead or {})
    missing = [rule for rule in rules if rule not in built]
    found = run(lambda rule: rule_blocks(rule_keys(features, rule, budget)), missing)
    built.update(zip(missing, found, strict=True))
    return [built[rule] for rule in rules]


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
    slots, counters = counted_keys(features, rule)
    largest = rule_keys(features, rule, pair_budget(features)).cost.largest
    for ours, theirs in product(slots, slots):
        if ours[a] and ours[a] == theirs[b]:
            return int(counters[int(ours[a]) & (len(counters) - 1)]) <= largest
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


def _cut(number: int, blocks: RuleBlocks) -> list[Chunk]:
    """Splits the blocks of a rule into chunks."""
    sizes = np.diff(blocks.starts)
    ends = np.cumsum(sizes * (sizes - 1) // 2)
    if not len(ends):
        return []
    wanted = np.linspace(0, ends[-1], int(ends[-1]) // CHUNK + 2)[1:]
    cuts = np.unique(np.minimum(np.searchsorted(ends, wanted) + 1, len(sizes)))
    return [
        Chunk(number, first, last, int(ends[last - 1] - (ends[first - 1] if first else 0)))
        for first, last in pairwise([0, *cuts.tolist()])
    ]


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

        def fill(item: tuple[int, RuleBlocks]) -> list[Chunk]:
            number, blocks = item
            first = int(self._slots[number])
            native.fill_blocks(blocks.members, blocks.starts, blocks.entry_slots, first, self._table)
            return _cut(number, blocks)

        list(run(empty, range(0, records, CHUNK)))
        self._chunks: list[list[Chunk]] = list(run(fill, enumerate(self.rules)))

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
        for chunks in self._chunks:
            yield from chunks

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
