"""From links to profiles and households: components, then the best split of each under its constraints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import cluster as native
from cxm_sdk._native.codes import recode
from cxm_sdk._native.pairs import key_order, pairs_within
from cxm_sdk._native.profiles import join_profiles
from cxm_sdk.identity.blocking import CHUNK
from cxm_sdk.identity.bounds import bound_components, limit_profiles
from cxm_sdk.identity.features import Features, Ints
from cxm_sdk.identity.model import Constraint
from cxm_sdk.identity.running import Mapper
from cxm_sdk.identity.scoring import Links, Scorer, bits_of, probability_of

__all__ = [
    "FAINTEST_HOME",
    "LOUDEST",
    "SMALL_COMPONENT",
    "UNSEEN",
    "Clusters",
    "Groups",
    "cluster_profiles",
    "expected_false",
    "find_households",
    "grouped",
    "one_value",
]

Bools = npt.NDArray[np.bool_]

#: Components up to this size have every pair inside them scored; larger ones are judged by the links they have.
SMALL_COMPONENT = 64
#: One pair cannot outvote many: where only links are looked at, they are bounded to this many bits either way.
LOUDEST = 12.0
#: Bits taken for a pair of a large component that no rule brought in.
UNSEEN = -4.0
#: Profiles whose households are told apart at a time.
HOMES = 1 << 13
#: Household links below this many bits are not even weighed against others.
FAINTEST_HOME = 0.0


@dataclass(frozen=True)
class Groups:
    """Records listed by group.

    Attributes:
        starts: int64[groups + 1], where each group starts in ``members``.
        members: int32[records], ascending within a group.
        of: int32[records], group of each record; groups are in the order of their first record.
    """

    starts: npt.NDArray[np.int64]
    members: Ints
    of: Ints

    def __len__(self) -> int:
        return len(self.starts) - 1


def grouped(labels: Ints) -> Groups:
    """Lists records by label.

    Args:
        labels: int32[records], the smallest record of each group.

    Returns:
        The groups.
    """
    return Groups(*native.groups_of(labels))


class Edges(Protocol):
    """Weighed pairs: int32[pairs] both records, and float64[pairs] bits."""

    @property
    def left(self) -> Ints:
        """Smaller record numbers."""

    @property
    def right(self) -> Ints:
        """Larger record numbers."""

    @property
    def weight(self) -> npt.NDArray[np.float64]:
        """Match weights in bits."""


@dataclass(frozen=True)
class _Edges:
    left: Ints
    right: Ints
    weight: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Clusters:
    """Profiles and the fate of every link.

    Attributes:
        profiles: Records by profile.
        kept: bool[links], whether the link lies inside a profile.
        contradicted: bool[links], whether a constraint keeps its two records apart.
    """

    profiles: Groups
    kept: Bools
    contradicted: Bools


def cluster_profiles(
    links: Edges,
    scorer: Scorer,
    threshold: float,
    constraints: Sequence[Constraint],
    run: Mapper,
    stands: Ints | None = None,
) -> Clusters:
    """Splits records into profiles.

    Components of links at or above the threshold; inside each, clusters are joined while they look like one person
    and no constraint forbids it. Two clusters are compared as two records are, with all that their records say:
    each comparison is worth its expected mean over all pairs between them, and the prior counts once. A pair that
    cannot tell is expected to say what those that can do say, unless one of its records does not belong where it
    is. How likely that is, is the share of false links that the model itself expects; with a frozen model, which
    must not ask what other records there are, nothing. So a record that says little is not kept out by those that
    it shares no field with, and what only few know counts a little less. The best pair counts where people have
    several values, such as mailboxes: with a frozen model always, else where two clusters know nothing else of each
    other. Pairs that no blocking rule brought in are compared here, so that a chain of lucky links has to answer
    for its ends. Large components are judged by the mean of their links.

    Args:
        links: Scored candidate pairs.
        scorer: The model, tied to the records.
        threshold: Smallest match probability of a link.
        constraints: What one profile cannot hold.
        run: Parallel ordered map.
        stands: int32[records], a smaller record that stands for each copy of it, where no constraint speaks against
            it; None where each stands for itself.

    Returns:
        The profiles.
    """
    cut = bits_of(threshold)
    if stands is None:
        labels, contradicted = _split(links, scorer, cut, constraints, run)
    else:
        labels, contradicted = _split_originals(links, scorer, cut, constraints, run, stands)

    def inside() -> Bools:
        kept: Bools = (links.weight >= cut) & (recode(links.left, labels) == recode(links.right, labels))
        return kept

    profiles, kept = run(lambda make: make(), (partial(grouped, labels), inside))
    return Clusters(profiles, kept, contradicted & ~kept)


def _split(
    links: Edges, scorer: Scorer, cut: float, constraints: Sequence[Constraint], run: Mapper
) -> tuple[Ints, Bools]:
    """Smallest record of each record's profile, and bool[links], whether a constraint keeps its two records apart."""
    records = scorer.features.records
    strong = links.weight >= cut
    labels = np.empty(len(records), np.int32)
    held = np.flatnonzero(strong)
    hold = links.left.take(held), links.right.take(held), links.weight.take(held)
    native.components(*hold[:2], labels)
    if scorer.model.frozen is not None:
        bound_components(labels, *hold, scorer.model.frozen.largest_component)
    contradicted = np.zeros(len(links.left), bool)
    # A live graph looks into every component, and so does a batch that has to come to the same.
    every = bool(constraints) or scorer.model.frozen is not None
    # A component in which every pair is linked stays as it is.
    starts, members = native.incomplete_groups(labels, hold[0], every)
    if len(members):
        _resolve_components(starts, members, links, scorer, cut, constraints, labels, contradicted, run)
    if most := _limits(constraints):
        contradicted[strong] |= limit_profiles(labels, *hold, scorer.features, most)
    return labels, contradicted


def _split_originals(
    links: Edges,
    scorer: Scorer,
    cut: float,
    constraints: Sequence[Constraint],
    run: Mapper,
    stands: Ints,
) -> tuple[Ints, Bools]:
    """Splits with copies and the record that stands for them as one, and puts the copies beside it."""
    single, unique = _constraint_columns(scorer.features, constraints)
    barred = ((single >= 0) & (single != single[stands])).any(axis=1) | (unique >= 0).any(axis=1)
    for role in _limits(constraints):
        for codes in scorer.features.codes(role) if role in scorer.features.records.columns else ():
            barred |= codes != codes[stands]
    stands = np.where(barred, np.arange(len(stands), dtype=np.int32), stands)
    while (stands[stands] != stands).any():
        stands = stands[stands]
    merged = _merged(links, stands)
    labels, contradicted = _split(merged, scorer, cut, constraints, run)
    labels = recode(stands, labels)
    if not contradicted.any():
        return labels, np.zeros(len(links.left), bool)
    # The copies of a contradicted link are contradicted like it.
    forbidden = _pair_keys(merged.left, merged.right)[contradicted]
    return labels, _listed(*_ends(links, stands), forbidden)


def _ends(links: Edges, stands: Ints) -> tuple[Ints, Ints]:
    a, b = recode(links.left, stands), recode(links.right, stands)
    return np.minimum(a, b), np.maximum(a, b)


def _merged(links: Edges, stands: Ints) -> _Edges:
    """Links between the records that stand for others: of several between two, the strongest."""
    moved = stands != np.arange(len(stands))
    moved[stands[moved]] = True
    # Most links have nothing to do with copies and stay as they are.
    rows = np.flatnonzero(moved.take(links.left) | moved.take(links.right))
    left, right = links.left.copy(), links.right.copy()
    a, b = stands[left[rows]], stands[right[rows]]
    left[rows], right[rows] = np.minimum(a, b), np.maximum(a, b)
    keys = _pair_keys(left[rows], right[rows])
    order = np.lexsort((-links.weight[rows], keys))
    fresh = np.ones(len(rows), bool)
    fresh[1:] = keys[order][1:] != keys[order][:-1]
    kept = np.ones(len(left), bool)
    kept[rows[order]] = fresh
    kept &= left != right
    rows = np.flatnonzero(kept)
    return _Edges(left.take(rows), right.take(rows), links.weight.take(rows))


def _resolve_components(
    starts: npt.NDArray[np.int64],
    members: Ints,
    links: Edges,
    scorer: Scorer,
    cut: float,
    constraints: Sequence[Constraint],
    labels: Ints,
    contradicted: Bools,
    run: Mapper,
) -> None:
    """Splits components, writing ``labels`` and ``contradicted``."""
    sizes = np.diff(starts)
    within = None if scorer.model.frozen is None else labels
    single, unique = _constraint_columns(scorer.features, constraints, within)
    astray = expected_false(links.weight, cut) if scorer.model.frozen is None else 0.0
    sources = scorer.features.records.source_codes
    forbidden = [np.zeros(0, np.int64)]

    def split(part: Groups) -> npt.NDArray[np.int64]:
        room = int(((part_sizes := np.diff(part.starts)) * (part_sizes - 1) // 2).sum())
        left, right = np.empty(room, np.int32), np.empty(room, np.int32)
        pairs_within(part.starts, part.members, left, right)
        levels, fate = scorer.bound.levels(left, right), np.zeros(room, np.uint8)
        bits, evidence = scorer.adjustment_bits(left, right, levels), scorer.evidence
        join_profiles(
            part.starts,
            part.members,
            levels,
            bits,
            sources,
            evidence,
            astray,
            cut,
            single,
            unique,
            labels,
            fate,
        )
        return _pair_keys(left[fate > 0], right[fate > 0])

    forbidden += run(split, _portions(sizes, members, sizes <= SMALL_COMPONENT))
    large = sizes > SMALL_COMPONENT
    if large.any():
        rows = members[np.repeat(large, sizes)]
        rows.sort()
        among = np.zeros(len(labels), bool)
        among[rows] = True
        inside = np.flatnonzero(among.take(links.left))
        inside = inside[labels[links.left[inside]] == labels[links.right[inside]]]
        left, right = links.left[inside], links.right[inside]
        local = np.full(len(labels), -1, np.int32)
        local[rows] = np.arange(len(rows), dtype=np.int32)
        found, fate = np.empty(len(rows), np.int32), np.zeros(len(left), np.uint8)
        weight = np.clip(links.weight[inside] - cut, -LOUDEST, LOUDEST)
        native.agglomerate(
            *(local[left], local[right], weight, np.ascontiguousarray(single[rows])),
            *(np.ascontiguousarray(unique[rows]), UNSEEN, found, fate),
        )
        labels[rows] = rows[found]
        forbidden.append(_pair_keys(left[fate > 0], right[fate > 0]))
    contradicted |= _listed(links.left, links.right, np.concatenate(forbidden))


def expected_false(weight: npt.NDArray[np.float64], cut: float) -> float:
    """Share of the links above a cut that are expected to be false, going by their own probabilities.

    Args:
        weight: float64[links], match weights in bits.
        cut: Smallest weight of a link, in bits.

    Returns:
        The share, 0 to 1; 0 where there is no link.

    >>> expected_false(np.array([2.0, 2.0, -9.0]), 0.0)
    0.2
    """
    strong = weight[weight >= cut]
    return float(np.mean(probability_of(-strong))) if len(strong) else 0.0


def _listed(left: Ints, right: Ints, keys: npt.NDArray[np.int64]) -> Bools:
    """Which pairs are among those of some keys."""
    found = np.zeros(len(left), bool)
    if len(keys) and len(left):
        begins = np.zeros(max(int(left.max()), int(keys.max()) >> 32) + 1, bool)
        begins[keys >> 32] = True
        near = np.flatnonzero(begins.take(left))
        found[near] = np.isin(_pair_keys(left[near], right[near]), keys)
    return found


def _pair_keys(left: Ints, right: Ints) -> npt.NDArray[np.int64]:
    return left.astype(np.int64) << 32 | right


def _portions(sizes: npt.NDArray[np.int64], members: Ints, chosen: Bools) -> Iterator[Groups]:
    """Chosen components in portions of about ``CHUNK`` pairs."""
    members = members[np.repeat(chosen, sizes)]
    sizes = sizes[chosen]
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    pairs = np.cumsum(sizes * (sizes - 1) // 2)
    if not len(pairs):
        return
    cuts = np.searchsorted(pairs, np.arange(0, pairs[-1], CHUNK)[1:])
    for first, last in pairwise([0, *np.unique(cuts).tolist(), len(sizes)]):
        if last > first:
            own = starts[first : last + 1]
            yield Groups(own - own[0], members[own[0] : own[-1]], np.zeros(0, np.int32))


def _limits(constraints: Sequence[Constraint]) -> dict[str, int]:
    """Most values of one person, by role, where there may be several."""
    return {c.name: c.most for c in constraints if c.kind == "few_values" and c.most is not None}


def _constraint_columns(
    features: Features, constraints: Sequence[Constraint], within: Ints | None = None
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """int32[records, k] values of which a profile has one, and values that it has once."""
    records = features.records
    single, unique = [], []
    for constraint in constraints:
        if constraint.kind == "one_value" and constraint.name in records.columns:
            single.append(one_value(features, constraint.name, within))
        if constraint.kind == "one_record" and constraint.name in records.source_names:
            number = records.source_names.index(constraint.name)
            unique.append(np.where(records.source_codes == number, 0, -1).astype(np.int32))
    empty = np.zeros((len(records), 0), np.int32)
    return (
        np.ascontiguousarray(np.stack(single, axis=1)) if single else empty,
        np.ascontiguousarray(np.stack(unique, axis=1)) if unique else empty,
    )


def one_value(features: Features, role: str, within: Ints | None = None) -> Ints:
    """Gives each record one number for all values that it has of a role.

    Values that some record holds side by side are one person's, and count as one value.

    Args:
        features: Features of the records.
        role: The role.
        within: int32[records], group of each record, where only records of its own group may tell; None where all may.

    Returns:
        int32[records], -1 for none.
    """
    slots = features.codes(role)
    if len(slots) == 1:
        return slots[0]
    size = len(features.values(role))
    if within is not None:
        # One value in two groups counts as two.
        whole = [np.where(codes >= 0, within.astype(np.int64) * size + codes, -1) for codes in slots]
        known, numbers = np.unique(np.stack(whole), return_inverse=True)
        numbers = numbers.reshape(len(slots), -1).astype(np.int32) - np.int32(known[0] == -1)
        slots, size = list(numbers), len(known)
    held = np.max(np.stack(slots), axis=0)
    beside = [(codes >= 0) & (codes != held) for codes in slots]
    left = np.concatenate([codes[rows] for codes, rows in zip(slots, beside, strict=True)])
    right = np.concatenate([held[rows] for rows in beside])
    names = np.empty(size, np.int32)
    native.components(left, right, names)
    return np.where(held >= 0, names[held], np.int32(-1))


def find_households(links: Links, profiles: Groups, run: Mapper = map) -> Ints:
    """Joins profiles that share a home, a phone or a mailbox, as a layer of its own.

    Args:
        links: Scored candidate pairs.
        profiles: Records by profile; never changed.
        run: Parallel ordered map.

    Returns:
        int32[profiles], the smallest profile of each household, -1 for a profile that lives alone.
    """
    a, b = recode(links.left, profiles.of), recode(links.right, profiles.of)
    useful = np.flatnonzero((a != b) & (links.household >= FAINTEST_HOME))
    a, b = a.take(useful), b.take(useful)
    low, high = np.minimum(a, b), np.maximum(a, b)
    bits = np.clip(links.household.take(useful), -LOUDEST, LOUDEST)
    homes = np.full(len(profiles), -1, np.int32)
    if not len(low):
        return homes
    # The closest pair of records speaks for two profiles.
    keys = _pair_keys(low, high).view(np.uint64)
    order = np.empty(len(keys), np.int32)
    key_order(keys, order)
    keys = keys.take(order)
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    bits = np.maximum.reduceat(bits.take(order), first)
    low, high = (
        (keys[first] >> np.uint64(32)).astype(np.int32),
        keys[first].astype(np.uint32).astype(np.int32),
    )
    labels = np.empty(len(profiles), np.int32)
    native.components(low, high, labels)
    groups = grouped(labels)
    sizes = np.diff(groups.starts)
    links_inside = np.bincount(groups.of[low], minlength=len(groups))
    # A household in which everybody is tied to everybody needs no second look.
    busy = links_inside < sizes * (sizes - 1) // 2
    if busy.any():
        inside = np.flatnonzero(busy.take(groups.of.take(low)))
        edges = _Edges(low.take(inside), high.take(inside), bits.take(inside))
        _split_homes(groups, busy, edges, labels, run)
    together = np.bincount(labels, minlength=len(labels))[labels] > 1
    homes[together] = labels[together]
    return homes


def _split_homes(groups: Groups, busy: Bools, edges: _Edges, labels: Ints, run: Mapper) -> None:
    """Splits the busy groups of profiles, some at a time, writing ``labels``."""
    rows = groups.members[np.repeat(busy, np.diff(groups.starts))]
    local = np.empty(len(labels), np.int32)
    local[rows] = np.arange(len(rows), dtype=np.int32)
    # Groups have nothing to do with each other, and few at a time stay in the cache.
    ends = np.concatenate(([0], np.cumsum(np.diff(groups.starts)[busy])))
    cuts = np.unique(ends[np.searchsorted(ends, np.arange(0, len(rows) + HOMES, HOMES).clip(max=len(rows)))])
    left, right = local[edges.left], local[edges.right]
    portion = np.searchsorted(cuts, left, side="right") - 1
    order = np.argsort(portion.astype(np.uint16), kind="stable")
    firsts = np.searchsorted(portion[order], np.arange(len(cuts)))

    def split(number: int) -> Ints:
        mine, base = order[firsts[number] : firsts[number + 1]], cuts[number]
        count = int(cuts[number + 1] - base)
        found, none = np.empty(count, np.int32), np.zeros((count, 0), np.int32)
        ours, theirs = ((side[mine] - base).astype(np.int32) for side in (left, right))
        fate = np.zeros(len(mine), np.uint8)
        native.agglomerate(ours, theirs, edges.weight[mine], none, none, UNSEEN, found, fate)
        return found + np.int32(base)

    for number, found in enumerate(run(split, range(len(cuts) - 1))):
        own = slice(cuts[number], cuts[number + 1])
        labels[rows[own]] = rows[found]
