"""Weighs pairs with a model: bits term by term, and the links worth keeping."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cxm_sdk._native import score
from cxm_sdk._native.profiles import Evidence
from cxm_sdk.identity.blocking import Blocks, Chunk
from cxm_sdk.identity.comparisons import FULL_NAME, BoundComparisons
from cxm_sdk.identity.features import Features, Ints
from cxm_sdk.identity.model import Frequency, MatchModel
from cxm_sdk.identity.relatives import agreeing, look_alike_priors, look_alike_share
from cxm_sdk.identity.running import Mapper

__all__ = [
    "Adjustment",
    "Links",
    "Scored",
    "Scorer",
    "bits_of",
    "joined_links",
    "probability_of",
    "score_blocks",
    "worth_keeping",
]

Floats = npt.NDArray[np.float64]

#: Links below this many bits (probability .1) are counted, not kept.
FLOOR = math.log2(0.1 / 0.9)


def probability_of(bits: Floats) -> Floats:
    """Turns match weights into match probabilities.

    Args:
        bits: float64[n], log2 odds.

    Returns:
        float64[n], 0 to 1.

    >>> probability_of(np.array([0.0, 2.0])).tolist()
    [0.5, 0.8]
    """
    return 1.0 / (1.0 + np.exp2(-np.clip(bits, -1000, 1000)))


def bits_of(probability: float) -> float:
    """Turns a probability into a match weight.

    Args:
        probability: Above 0 and below 1.

    Returns:
        log2 odds.

    >>> round(bits_of(0.8), 9)
    2.0
    """
    return math.log2(probability / (1.0 - probability))


@dataclass
class Links:
    """Scored pairs.

    Attributes:
        left: int32[links], smaller record number.
        right: int32[links], larger record number.
        weight: float64[links], match weight in bits.
        household: float64[links], log2 odds of one household against strangers.
        levels: uint8[links, comparisons].
        rule: int8[links], number of the blocking rule; -1 for pairs scored only inside a component.
    """

    left: Ints
    right: Ints
    weight: Floats
    household: Floats
    levels: npt.NDArray[np.uint8]
    rule: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.left)

    @property
    def probability(self) -> Floats:
        """float64[links], match probability."""
        return probability_of(self.weight)

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Links:
        """The links at some positions, or where a mask holds."""
        if rows.dtype == np.bool_:
            rows = np.flatnonzero(rows)
        return Links(*(getattr(self, name).take(rows, axis=0) for name in LINK_COLUMNS))

    def extend(self, others: Sequence[Links]) -> None:
        """Appends other links, column by column, so that no two copies of all are held at a time."""
        for name in LINK_COLUMNS if others else ():
            columns = [getattr(links, name) for links in (self, *others)]
            setattr(self, name, np.concatenate(columns))


@dataclass(frozen=True)
class Adjustment:
    """Bits by which a shared value weighs more or less than its level."""

    comparison: int
    name: str
    role: str
    at_level: npt.NDArray[np.uint8]
    bits: npt.NDArray[np.float32]
    household: bool
    #: What of a record holds the value, where it is not the role.
    held_as: str | None = None


class Scorer:
    """A model tied to records.

    Args:
        model: The model.
        features: Features of the records.
        sharers: For a role, int32[values]: how many different people seem to share each value.
        bound: The model's comparisons, where they are tied to the records already.
    """

    def __init__(
        self,
        model: MatchModel,
        features: Features,
        sharers: Mapping[str, npt.NDArray[np.int32]],
        bound: BoundComparisons | None = None,
    ) -> None:
        self._take(model)
        self.features = features
        self.bound = bound or BoundComparisons(model.comparisons, features)
        self.adjustments = self._adjustments(sharers)
        self._adjuster = self._bound_adjustments()

    def _take(self, model: MatchModel) -> None:
        """Lays out what the model alone decides."""
        self.model = model
        most = max((len(comparison.levels) for comparison in model.comparisons), default=1)
        self.match_bits = np.zeros((len(model.comparisons), most))
        self.household_bits = np.zeros_like(self.match_bits)
        for c, comparison in enumerate(model.comparisons):
            for number, level in enumerate(comparison.levels[1:], start=1):
                self.match_bits[c, number] = level.bits
                self.household_bits[c, number] = level.household_bits
        self.priors = np.array([bits_of(model.within.match), bits_of(model.across.match)])
        self.household_priors = np.array([bits_of(model.within.household), bits_of(model.across.household)])
        self._alike = agreeing(model.comparisons).astype(np.uint8)
        last = next((c.levels[-1] for c in model.comparisons if c.name == "last_name"), None)
        share = look_alike_share(last.m, last.h) if last else look_alike_share(None, None)
        alike = look_alike_priors(model.comparisons, (model.within, model.across), max(share, 1e-9))
        self._alike_priors = np.log2(alike) - np.log2(1 - alike)
        # What is sent live says little at a time: a log-in with one of three mailboxes is as good as one with all.
        # Identifiers, which a rule asks for alone, and what homes share are what people have several of.
        alone = {rule.keys[0] for rule in model.rules if len(rule.keys) == 1}
        if model.frozen is not None:
            several = [int(c.shared or c.roles[0] in alone) for c in model.comparisons]
        else:
            # Who is only known by a phone is whoever has it, however many more phones that one has.
            several = [2 * int(c.kind in ("email", "code")) for c in model.comparisons]
        #: uint8[comparisons], which pairs of records speak for two clusters, as ``Evidence`` has it.
        self.several = np.array(several, np.uint8)

    def _adjustments(self, sharers: Mapping[str, npt.NDArray[np.int32]]) -> list[Adjustment]:
        found = []
        for c, comparison in enumerate(self.model.comparisons):
            names = [level.name for level in comparison.levels]
            for frequency in comparison.frequencies:
                if frequency.role in self.features.records.columns:
                    at_level = np.array([name in frequency.levels for name in names], dtype=np.uint8)
                    bits = _frequency_bits(frequency, self.features.values(frequency.role))
                    found.append(
                        Adjustment(
                            c,
                            f"{frequency.role} frequency",
                            frequency.role,
                            at_level,
                            bits,
                            comparison.shared,
                        )
                    )
            role = comparison.roles[0]
            if role in sharers and (sharers[role] > 1).any():
                at_level = np.array([name == "exact" for name in names], dtype=np.uint8)
                bits = -np.log2(np.maximum(sharers[role], 1)).astype(np.float32)
                found.append(Adjustment(c, f"{role} shared", role, at_level, bits, household=False))
            if comparison.name == "last_name" and len(full := self.features.full_names().bits):
                at_level = np.array([name == "exact" for name in names], dtype=np.uint8)
                found.append(Adjustment(c, "full name shared", role, at_level, full, True, FULL_NAME))
        return found

    @cached_property
    def evidence(self) -> Evidence:
        """What agreement is worth for two clusters of records."""
        priors = [self.priors, self.household_priors, *self._alike_priors]
        return Evidence(
            *(self.match_bits, self.household_bits, self._alike, np.stack(priors, axis=1)),
            [(adjustment.comparison, adjustment.household) for adjustment in self.adjustments],
            self.several,
        )

    def _bound_adjustments(self) -> score.Adjustments:
        bound = score.Adjustments(self.bound.codes)
        for adjustment in self.adjustments:
            slots = self.bound.slots(adjustment.held_as or adjustment.role)
            for number, (ours, theirs) in enumerate(product(slots, slots)):
                bound.add(
                    *(adjustment.comparison, ours, theirs, adjustment.bits, adjustment.at_level),
                    *(adjustment.household, number > 0),
                )
        return bound

    def adjustment_bits(
        self, left: Ints, right: Ints, levels: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.float64]:
        """Bits of every adjustment for every pair.

        Args:
            left: int32[pairs].
            right: int32[pairs].
            levels: uint8[pairs, comparisons].

        Returns:
            float64[pairs, adjustments].
        """
        bits = np.zeros((len(left), len(self.adjustments)))
        self._adjuster.bits(left, right, levels, bits)
        return bits

    def score(self, left: Ints, right: Ints, rule: int = -1) -> Links:
        """Compares and weighs pairs.

        Args:
            left: int32[pairs], smaller record numbers.
            right: int32[pairs], larger record numbers.
            rule: Number of the blocking rule that brought them in.

        Returns:
            A link for every pair.
        """
        return self._weigh(left, right, rule)[0]

    def score_kept(self, left: Ints, right: Ints, rule: int) -> tuple[Links, float]:
        """Compares and weighs pairs, and keeps those that could matter.

        Args:
            left: As for ``score``.
            right: As for ``score``.
            rule: As for ``score``.

        Returns:
            Links of at least ``FLOOR`` bits or an even household, and the sum of the match probabilities of all pairs.
        """
        links, expected = self._weigh(left, right, rule)
        return links.take(np.flatnonzero(worth_keeping(links))), expected

    def _weigh(self, left: Ints, right: Ints, rule: int) -> tuple[Links, float]:
        levels = np.zeros((len(left), len(self.bound.names)), np.uint8)
        weight, household = np.empty(len(left)), np.empty(len(left))
        expected = score.score_pairs(
            *(self.bound.native, left, right, levels, self.match_bits, self.household_bits, self._adjuster),
            *(self.bound.sources, self.priors, self.household_priors, self._alike, self._alike_priors),
            *(FLOOR, weight, household),
        )
        return Links(left, right, weight, household, levels, np.full(len(left), rule, np.int8)), expected


def _frequency_bits(frequency: Frequency, values: pa.Array) -> npt.NDArray[np.float32]:
    table = np.full(len(values), frequency.rest)
    if frequency.values:
        listed = pa.array(list(frequency.values), pa.string())
        at = np.asarray(pc.index_in(values, value_set=listed).fill_null(-1))
        table = np.where(at >= 0, np.array(list(frequency.values.values()))[at], table)
    return np.log2(frequency.average / table).astype(np.float32)


@dataclass(frozen=True)
class Scored:
    """What scoring all candidates yields.

    Attributes:
        links: Links of at least ``FLOOR`` bits or an even household, in a fixed order.
        pairs: Candidate pairs scored.
        by_rule: int64[rules], pairs that each rule brought in.
        expected: Sum of the match probabilities of all candidates.
    """

    links: Links
    pairs: int
    by_rule: npt.NDArray[np.int64]
    expected: float


def score_blocks(blocks: Blocks, scorer: Scorer, run: Mapper, tell: Callable[[float, float], None]) -> Scored:
    """Scores every candidate pair once and keeps those that could matter.

    Args:
        blocks: Candidate pairs.
        scorer: The model, tied to the records.
        run: Parallel ordered map.
        tell: Called with pairs done and pairs to do.

    Returns:
        The links and the counts.
    """

    def work(chunk: Chunk) -> tuple[Links, int, int, float]:
        left, right, _ = blocks.pairs(chunk)
        links, found = scorer.score_kept(left, right, chunk.rule)
        return links, chunk.rule, len(left), found

    chunks, seen = list(blocks.chunks()), 0
    parts, expected, by_rule = list[Links](), list[float](), np.zeros(len(blocks.rules), np.int64)
    for chunk, (links, rule, pairs, found) in zip(chunks, run(work, chunks), strict=True):
        parts.append(links)
        expected.append(found)
        by_rule[rule] += pairs
        seen += chunk.room
        tell(seen, blocks.room)
    return Scored(
        joined_links(parts, len(scorer.model.comparisons), run),
        int(by_rule.sum()),
        by_rule,
        math.fsum(expected),
    )


class _Weighed(Protocol):
    """Pairs and what they say."""

    @property
    def weight(self) -> Floats: ...

    @property
    def household(self) -> Floats: ...


def worth_keeping(links: _Weighed) -> npt.NDArray[np.bool_]:
    """Tells the links that could matter, for a person or for a household.

    Args:
        links: Scored pairs.

    Returns:
        bool[links].
    """
    kept: npt.NDArray[np.bool_] = (links.weight >= FLOOR) | (links.household >= 0)
    return kept


def joined_links(parts: list[Links], width: int, run: Mapper = map) -> Links:
    """Puts links together, emptying ``parts`` column by column to keep the peak low.

    Args:
        parts: The links, in their order.
        width: Number of comparisons.
        run: Parallel ordered map.

    Returns:
        All of them.
    """
    none = np.zeros(0, np.int32)
    parts.append(
        Links(none, none, np.zeros(0), np.zeros(0), np.zeros((0, width), np.uint8), np.zeros(0, np.int8))
    )
    columns = {name: [getattr(part, name) for part in parts] for name in LINK_COLUMNS}
    parts.clear()
    joined = run(lambda name: np.concatenate(columns.pop(name)), LINK_COLUMNS)
    return Links(**dict(zip(LINK_COLUMNS, joined, strict=True)))


LINK_COLUMNS = tuple(Links.__dataclass_fields__)
