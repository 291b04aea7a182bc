"""Some records laid out for a model: weighed in pairs, and joined to people in groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import cluster as native
from cxm_sdk._native.few import Few
from cxm_sdk._native.profiles import join_profiles
from cxm_sdk.identity.clustering import LOUDEST, UNSEEN
from cxm_sdk.identity.person_records import DECIDED, Edge, Group, PersonRecord, Settled
from cxm_sdk.identity.scoring import Floats, worth_keeping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cxm_sdk.identity.resolver import Resolver

__all__ = ["Compared", "Laid"]

Ints = npt.NDArray[np.int32]
Levels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Compared:
    """What pairs of records say.

    Attributes:
        levels: uint8[pairs, comparisons].
        adjusted: float64[pairs, adjustments], bits of each adjustment of the model.
        across: uint8[pairs], 1 between sources.
        lost: float64[aging, 2, pairs], bits that agreements have lost with age: of the match, and of the household.
        weight: float64[pairs], match weight in bits.
        household: float64[pairs], log2 odds of one household against strangers.
    """

    levels: Levels
    adjusted: Floats
    across: Levels
    lost: Floats
    weight: Floats
    household: Floats


class Laid:
    """Some records, laid out for the model of a resolver.

    What is found out about some of them depends on those alone, whichever others lie beside them.

    Args:
        resolver: The person layer.
        records: In canonical order.
        shared: People behind the identifiers that several people, or too many, share, by key.

    Attributes:
        records: The records.

    Example:
        >>> from cxm_sdk.identity.default_model import default_model
        >>> from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES
        >>> from cxm_sdk.identity.resolver import Resolver
        >>> resolver = Resolver(default_model(), DEFAULT_NAMESPACES)
        >>> said = {"email": [("ada@x.org", "ada@x.org")]}
        >>> a, b = (resolver.record(n, "crm", str(n), said, 0, 0) for n in (1, 2))
        >>> Laid(resolver, [a, b], {}).weigh(np.array([(0, 1)], np.int32))[0].weight > resolver.cut
        True
    """

    def __init__(
        self, resolver: Resolver, records: Sequence[PersonRecord], shared: Mapping[int, int]
    ) -> None:
        self._resolver, self.records = resolver, records
        self.place = {record.number: position for position, record in enumerate(records)}
        # Only beside digests that came as such do derived ones say anything.
        derived = {
            role: [record.derived(role) for record in records]
            for role in resolver.digests
            if any(record.knows(role) for record in records)
        }
        self._few = Few(resolver.weights.pairs, list(records), resolver.roles, shared, derived)

    def holds(self, group: Group) -> bool:
        """Tells whether all records of a group are laid out here.

        Args:
            group: The group.

        Returns:
            Whether they are.
        """
        return self.place.keys() >= {record.number for record in group.records}

    def weigh(self, pairs: npt.NDArray[np.int32]) -> list[Edge]:
        """Weighs pairs.

        Args:
            pairs: int32[pairs, 2], positions, the smaller one first.

        Returns:
            For each pair what it says.
        """
        weighed = self.compare(pairs)
        kept = worth_keeping(weighed).tolist()
        return list(map(Edge, weighed.weight.tolist(), weighed.household.tolist(), kept))

    def compare(self, pairs: Ints) -> Compared:
        """Finds out what pairs say, term by term.

        An agreement says half as much after the half-life of its namespace, a quarter after two.

        Args:
            pairs: As for ``weigh``.

        Returns:
            The levels and all bits.
        """
        weights, resolver = self._resolver.weights, self._resolver
        left, right = np.ascontiguousarray(pairs.T)
        levels, adjusted, across = self._few.compare(left, right)
        lost = self._few.lost(left, right, levels, resolver.aging, weights.match_bits, weights.household_bits)
        aging = np.array(list(resolver.aging), np.int32)
        weight, household = weights.weigh(levels, adjusted, across, lost, aging)
        return Compared(levels, adjusted, across, lost, weight, household)

    def join(self, groups: Sequence[Group], *, complete: bool) -> list[Settled]:
        """Joins the records of groups while two clusters look like one person and no constraint forbids it.

        Args:
            groups: Groups of the records; none has anything to do with another.
            complete: Whether every pair of a group is weighed, and not only those that were brought in; without, there
                is one group.

        Returns:
            The people of each group.
        """
        if not groups:
            return []
        members = [[self.place[record.number] for record in group.records] for group in groups]
        listed: list[tuple[int, int]] = []
        for own, group in zip(members, groups, strict=True):
            if complete:
                listed += combinations(own, 2)
            else:
                listed += [(own[i], own[j]) for i, j in sorted({*group.edges, *group.verdicts.same})]
        same = frozenset(
            (own[i], own[j])
            for own, group in zip(members, groups, strict=True)
            for i, j in group.verdicts.same
        )
        apart = [
            (frozenset(own[i] for i in ours), frozenset(own[i] for i in theirs))
            for own, group in zip(members, groups, strict=True)
            for ours, theirs in group.verdicts.apart
        ]
        single, names = self._single_values(members, same, apart)
        labels, fate = np.arange(len(self.records), dtype=np.int32), np.zeros(len(listed), np.uint8)
        left, right = np.ascontiguousarray(np.array(listed, np.int32).reshape(-1, 2).T)
        decided = np.array([pair in same for pair in listed], np.uint8)
        if complete:
            self._join_completely(members, left, right, decided, single, labels, fate)
        else:
            at = {position: i for i, position in enumerate(members[0])}
            weights = [groups[0].edges[at[a], at[b]].weight for a, b in listed]
            bits = np.clip(np.array(weights) - self._resolver.cut, -LOUDEST, LOUDEST)
            bits[decided == 1] = DECIDED
            native.agglomerate(left, right, bits, single, self._unique_values(), UNSEEN, labels, fate)
        group_of = {position: number for number, own in enumerate(members) for position in own}
        barred: list[list[tuple[int, int]]] = [[] for _ in members]
        for place in np.flatnonzero(fate).tolist():
            i, j = listed[place]
            if labels[i] != labels[j]:
                barred[group_of[i]].append((i, j))
        found = []
        for own, pairs in zip(members, barred, strict=True):
            at = {position: i for i, position in enumerate(own)}
            held = labels[own].tolist()
            why = _reasons([(at[i], at[j]) for i, j in pairs], held, single[own], names) if pairs else {}
            found.append(Settled([at[label] for label in held], why))
        return found

    def _join_completely(
        self,
        members: list[list[int]],
        left: Ints,
        right: Ints,
        decided: npt.NDArray[np.uint8],
        single: Ints,
        labels: Ints,
        fate: npt.NDArray[np.uint8],
    ) -> None:
        resolver, weights = self._resolver, self._resolver.weights
        levels, adjusted, _ = self._few.compare(left, right)
        lost = self._few.lost(left, right, levels, resolver.aging, weights.match_bits, weights.household_bits)
        # Of what has aged, the match loses more than the household, and each has an adjustment of its own.
        aged = np.empty((len(left), 2 * len(lost)))
        aged[:, ::2], aged[:, 1::2] = (lost[:, 1] - lost[:, 0]).T, -lost[:, 1].T
        join_profiles(
            np.cumsum([0, *map(len, members)]).astype(np.int64),
            np.array([position for own in members for position in own], np.int32),
            np.ascontiguousarray(np.column_stack((levels, decided))),
            np.ascontiguousarray(np.column_stack((adjusted, aged))),
            self._few.sources(),
            weights.decided_evidence(DECIDED, tuple(resolver.aging)),
            0.0,
            resolver.cut,
            single,
            self._unique_values(),
            labels,
            fate,
        )

    def _single_values(
        self,
        members: list[list[int]],
        same: Iterable[tuple[int, int]],
        apart: Iterable[tuple[frozenset[int], frozenset[int]]],
    ) -> tuple[Ints, list[str]]:
        """Values of which a person has one, int32[records, k], -1 for none, and what each column is called."""
        columns, names = [], []
        for constraint in self._resolver.model.constraints:
            if constraint.kind == "one_value":
                codes = self._few.single(constraint.name, members)
                if codes.max(initial=-1) >= 0:
                    columns.append(_unified(codes, same))
                    names.append(f"unique:{constraint.name}")
        for ours, theirs in apart:
            codes = np.full(len(self.records), -1, np.int32)
            codes[list(ours)], codes[list(theirs)] = 0, 1
            codes[list(ours & theirs)] = -1  # a record that holds both speaks against the decision
            columns.append(codes)
            names.append("steward")
        if not columns:
            return np.zeros((len(self.records), 0), np.int32), names
        return np.ascontiguousarray(np.stack(columns, axis=1)), names

    def _unique_values(self) -> Ints:
        sources = [c.name for c in self._resolver.model.constraints if c.kind == "one_record"]
        table = np.full((len(self.records), len(sources)), -1, np.int32)
        for row, record in enumerate(self.records) if sources else ():
            if record.source in sources:
                table[row, sources.index(record.source)] = 0
        return table


def _unified(codes: npt.NDArray[np.int32], same: Iterable[tuple[int, int]]) -> npt.NDArray[np.int32]:
    """Takes values for one where a steward said that their records are one person."""
    parent: dict[int, int] = {}

    def root(code: int) -> int:
        while (above := parent.setdefault(code, code)) != code:
            code = above
        return code

    for i, j in same:
        a, b = int(codes[i]), int(codes[j])
        if a >= 0 and b >= 0 and (a := root(a)) != (b := root(b)):
            parent[max(a, b)] = min(a, b)
    if not parent:
        return codes.astype(np.int32)
    return np.array([root(int(code)) for code in codes], np.int32)


def _reasons(
    pairs: Sequence[tuple[int, int]],
    labels: Sequence[int],
    single: npt.NDArray[np.int32],
    names: Sequence[str],
) -> dict[tuple[int, int], str]:
    """The constraints that keep the clusters of pairs of a group apart."""
    held: dict[int, list[set[int]]] = {}
    for label, row in zip(labels, single.tolist(), strict=True):
        columns = held.setdefault(label, [set() for _ in names])
        for values, value in zip(columns, row, strict=True):
            if value >= 0:
                values.add(value)
    found = {}
    for pair in pairs:
        sides = zip(names, *(held[labels[place]] for place in pair), strict=True)
        found[pair] = next((name for name, a, b in sides if a and b and a != b), "one_record")
    return found
