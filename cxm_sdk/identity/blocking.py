"""Which pairs are worth comparing: candidate rules, their cost, and the blocks of the rules that are used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import pairs as native
from cxm_sdk.errors import ModelError
from cxm_sdk.identity.features import KEYS, Features, Hashes, Ints
from cxm_sdk.identity.model import BlockingRule

__all__ = ["Blocks", "Chunk", "RuleBlocks", "brings_in", "build_blocks", "candidate_rules", "choose_rules"]

#: A block above this size is a value that says nothing about a person; its pairs are left to other rules.
LARGEST_BLOCK = 300
#: A rule whose blocks must be cut below this size to be affordable tells too little to be kept.
SMALLEST_CUT = 8
#: Pairs a rule may cost: so many for each record, or so many in all where records are few.
PAIRS_PER_RECORD = 0.7
PAIRS_ALWAYS = 150_000
#: Identifiers are what matching lives on: they may cost more.
IDENTIFIER_PAIRS_PER_RECORD = 3.0
#: Pairs of one chunk of work.
CHUNK = 1 << 18
#: The mask of a pair has one bit a rule.
MOST_RULES = 31

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
    found = [(role,) for role in identifiers]
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


@dataclass
class RuleBlocks:
    """Blocks of one rule.

    Attributes:
        rule: The rule.
        members: int32[...], records of all blocks, ascending within a block.
        starts: int64[blocks + 1], where each block starts in ``members``.
        slots: How many values of one record the rule may use.
        entry_slots: int8[members], which slot brought the record into the block.
        pairs: Pairs inside the blocks, before earlier rules have taken theirs.
        largest: Size of the largest block kept.
        dropped_blocks: Blocks left out for their size.
        dropped_records: Records in them.
    """

    rule: BlockingRule
    members: Ints
    starts: npt.NDArray[np.int64]
    slots: int
    entry_slots: npt.NDArray[np.int8]
    pairs: int
    largest: int
    dropped_blocks: int
    dropped_records: int


def _mix(hashes: Hashes, part: Hashes) -> Hashes:
    # The finaliser of SplitMix64 over the running hash; wrap-around is meant.
    with np.errstate(over="ignore"):
        x = hashes + part * np.uint64(0x9E3779B97F4A7C15)
        x ^= x >> np.uint64(30)
        x *= np.uint64(0xBF58476D1CE4E5B9)
        x ^= x >> np.uint64(27)
        x *= np.uint64(0x94D049BB133111EB)
        x ^= x >> np.uint64(31)
    return x


def _key_slots(features: Features, key: str) -> list[Hashes]:
    """Hashes of one key for every slot of its role, uint64[records], 0 for none."""
    if key == NAMES_UNORDERED:
        first, last = features.codes("first_name")[0], features.codes("last_name")[0]
        as_first = features.as_first()
        last_as_first = np.where(last >= 0, as_first[last], np.int32(-1)).astype(np.int64)
        small, large = np.minimum(first, last_as_first), np.maximum(first, last_as_first)
        joined = ((small + 1) << 32 | (large + 1)).astype(np.uint64)
        return [np.where((first >= 0) & (last_as_first >= 0), joined, np.uint64(0))]
    role, _, part = key.partition(".")
    if role not in features.records.columns or (part or "value") not in KEYS:
        raise ModelError(
            f"the model blocks on {key}, and no input column gives it.",
            hint="name the column with --map, or train a model for these files",
        )
    lookup = np.append(features.part_hash(role, part or "value"), np.uint64(0))
    return [lookup[codes] for codes in features.codes(role)]


def _entries(features: Features, rule: BlockingRule) -> tuple[Ints, npt.NDArray[np.int8], Hashes, int]:
    """Every (record, slot, key) of a rule; a key that an earlier slot of the record has is left out."""
    combined: list[Hashes] = []
    for parts in list(product(*(_key_slots(features, key) for key in rule.keys)))[:8]:
        known = parts[0] != 0
        for part in parts[1:]:
            known &= part != 0
        hashes = np.zeros(len(known), np.uint64)
        for part in parts:
            hashes = _mix(hashes, part)
        hashes[~known] = 0
        for earlier in combined:
            hashes[hashes == earlier] = 0
        combined.append(hashes)
    records, slots, keys = [], [], []
    for slot, hashes in enumerate(combined):
        rows = np.flatnonzero(hashes).astype(np.int32)
        records.append(rows)
        slots.append(np.full(len(rows), slot, np.int8))
        keys.append(hashes[rows])
    return np.concatenate(records), np.concatenate(slots), np.concatenate(keys), len(combined)


def rule_blocks(features: Features, rule: BlockingRule, budget: float) -> RuleBlocks:
    """Sorts records by the rule's key and keeps the blocks that the budget allows, smallest first.

    Args:
        features: Features of the records.
        rule: The rule.
        budget: Pairs it may cost.

    Returns:
        The blocks.
    """
    records, slots, keys, width = _entries(features, rule)
    order = np.empty(len(keys), np.int32)
    native.key_order(keys, order)
    keys, records, slots = keys[order], records[order], slots[order]
    edges = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1], [True]))) if len(keys) else np.zeros(1, int)
    sizes = np.diff(edges)
    largest = _cut(sizes, budget)
    kept = (sizes >= 2) & (sizes <= largest)
    inside = np.repeat(kept, sizes)
    members, entry_slots = records[inside], slots[inside]
    kept_sizes = sizes[kept]
    starts = np.concatenate(([0], np.cumsum(kept_sizes))).astype(np.int64)
    if width > 1:
        # Slots were laid end to end, so the records of a block may be out of order.
        block = np.repeat(np.arange(len(kept_sizes)), kept_sizes)
        order = np.lexsort((members, block))
        members, entry_slots = members[order], entry_slots[order]
    return RuleBlocks(
        rule,
        members,
        starts,
        width,
        entry_slots,
        pairs=int((kept_sizes * (kept_sizes - 1) // 2).sum()),
        largest=int(kept_sizes.max(initial=0)),
        dropped_blocks=int((sizes > largest).sum()),
        dropped_records=int(sizes[sizes > largest].sum()),
    )


def _cut(sizes: npt.NDArray[np.int64], budget: float) -> int:
    """The largest block size at which all blocks up to it stay within the budget."""
    often = np.bincount(np.minimum(sizes, LARGEST_BLOCK + 1), minlength=LARGEST_BLOCK + 2)[: LARGEST_BLOCK + 1]
    size = np.arange(LARGEST_BLOCK + 1)
    cost = np.cumsum(often * (size * (size - 1) // 2))
    return int(np.searchsorted(cost, budget, side="right") - 1)


def choose_rules(
    features: Features, rules: Sequence[BlockingRule], identifiers: Iterable[str], run: Mapper
) -> list[RuleBlocks]:
    """Costs every candidate rule and keeps those that are affordable and not implied by another.

    Args:
        features: Features of the records.
        rules: Candidates.
        identifiers: Roles whose values name one person.
        run: Parallel ordered map.

    Returns:
        Blocks of the rules to use, identifiers first, then cheapest first; ties by name.
    """
    total = len(features.records)
    generous = {(role,) for role in identifiers}

    def build(rule: BlockingRule) -> RuleBlocks:
        share = IDENTIFIER_PAIRS_PER_RECORD if rule.keys in generous else PAIRS_PER_RECORD
        return rule_blocks(features, rule, max(PAIRS_ALWAYS, share * total))

    built = [found for found in run(build, rules) if found.pairs and _worth(found)]
    kept = [blocks for blocks in built if not any(_implied(blocks, other) for other in built if other is not blocks)]
    kept.sort(key=lambda b: (b.rule.keys not in generous, b.pairs, b.rule.name))
    return kept[:MOST_RULES]


def _worth(blocks: RuleBlocks) -> bool:
    return not blocks.dropped_blocks or blocks.largest >= SMALLEST_CUT


def _implied(blocks: RuleBlocks, looser: RuleBlocks) -> bool:
    """Whether every pair of ``blocks`` is also in ``looser``."""
    if looser.dropped_blocks:
        return False
    return all(any(_refines(key, wanted) for key in blocks.rule.keys) for wanted in looser.rule.keys)


def _refines(key: str, wanted: str) -> bool:
    # Equal values have equal parts, and a year and month hold the year.
    if key == wanted or wanted.partition(".")[0] == key:
        return True
    return key == "birth_date.year_month" and wanted == "birth_date.year"


def build_blocks(features: Features, rules: Sequence[BlockingRule], run: Mapper) -> list[RuleBlocks]:
    """Builds the blocks of given rules, in their order.

    Args:
        features: Features of the records.
        rules: Rules of a model.
        run: Parallel ordered map.

    Returns:
        Blocks; only the size of a block is bounded.

    Raises:
        ModelError: When a rule needs a role that the records do not have.
    """
    return list(run(lambda rule: rule_blocks(features, rule, float("inf")), rules))


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
    """

    def __init__(self, records: int, rules: Sequence[RuleBlocks]) -> None:
        self.rules = list(rules)
        widths = [blocks.slots for blocks in rules]
        self._slots = np.concatenate(([0], np.cumsum(widths))).astype(np.int32)
        self._table = np.full((records, int(self._slots[-1])), -1, dtype=np.int32)
        for number, blocks in enumerate(rules):
            block = np.repeat(np.arange(len(blocks.starts) - 1, dtype=np.int32), np.diff(blocks.starts))
            self._table[blocks.members, self._slots[number] + blocks.entry_slots] = block

    @property
    def room(self) -> int:
        """Pairs inside all blocks, counting those of several rules several times."""
        return sum(blocks.pairs for blocks in self.rules)

    def chunks(self, share: float = 1.0) -> Iterator[Chunk]:
        """Splits the work.

        Args:
            share: Part of the blocks to take, spread evenly; 1 takes all.

        Yields:
            Chunks in a fixed order.
        """
        for number, blocks in enumerate(self.rules):
            sizes = np.diff(blocks.starts)
            ends = np.cumsum(sizes * (sizes - 1) // 2)
            if not len(ends):
                continue
            count = int(ends[-1]) // CHUNK + 1
            wanted = np.linspace(0, ends[-1], count + 1)[1:]
            cuts = np.unique(np.concatenate(([0], np.searchsorted(ends, wanted) + 1, [len(sizes)])))
            cuts = cuts[cuts <= len(sizes)]
            for first, last in zip(cuts[:-1], cuts[1:], strict=True):
                stop = first + max(1, round((last - first) * share)) if share < 1 else last
                room = int(ends[stop - 1] - (ends[first - 1] if first else 0))
                yield Chunk(number, int(first), int(stop), room)

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


def brings_in(features: Features, rule: BlockingRule, largest: int, a: int, b: int) -> bool:
    """Whether a rule puts two records into one block that is not too large to be used.

    Args:
        features: Features of the records.
        rule: The rule.
        largest: Size of the largest block in use.
        a: Number of one record.
        b: Number of the other.

    Returns:
        Whether the pair is a candidate of the rule.
    """
    records, _, keys, _ = _entries(features, rule)
    shared = np.intersect1d(keys[records == a], keys[records == b])
    return any(int((keys == key).sum()) <= largest for key in shared)
