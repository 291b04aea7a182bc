"""Some records laid out for a model: weighed in pairs, and joined to people in groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import cluster as native
from cxm_sdk._native.profiles import join_profiles
from cxm_sdk.identity.clustering import LOUDEST, UNSEEN, one_value
from cxm_sdk.identity.compact import CompactFeatures, CompactScorer, Lost
from cxm_sdk.identity.person_records import DECIDED, MUTED, Edge, Group, PersonRecord, Settled
from cxm_sdk.identity.scoring import Links, worth_keeping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cxm_sdk.identity.resolver import Resolver

__all__ = ["Laid"]

Ints = npt.NDArray[np.int32]


class Laid:
    """Some records, laid out for the model of a resolver.

    What is found out about some of them depends on those alone, whichever others lie beside them.

    Args:
        resolver: The person layer.
        records: In canonical order.
        shared: People behind the identifiers that several people, or too many, share, by key.

    Attributes:
        records: The records.
        scorer: The model, tied to them.

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
        muted: dict[str, set[str]] = {role: set(values) for role, values in resolver.frozen.items()}
        people: dict[str, dict[str, int]] = {}
        for record in records if shared else ():
            if shared.keys().isdisjoint(record.keys):
                continue
            for role, value, key in record.held_under(shared):
                count = shared[key]
                if count == MUTED:
                    muted.setdefault(role, set()).add(value)
                elif count > 1:
                    people.setdefault(role, {})[value] = count
        # Only beside digests that came as such do derived ones say anything.
        derived = {
            role: [record.derived(role) for record in records]
            for role in resolver.digests
            if any(record.knows(role) for record in records)
        }
        features = CompactFeatures(records, [record.source for record in records], muted, derived)
        self.scorer = CompactScorer(resolver.weights, features, people)

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
        left, right = np.ascontiguousarray(pairs.T)
        links = self.scorer.score(left, right)
        self.scorer.age(links, self.lost(links))
        kept = worth_keeping(links).tolist()
        return list(map(Edge, links.weight.tolist(), links.household.tolist(), kept))

    def lost(self, links: Links) -> list[Lost]:
        """What agreements on identifiers lose because time has passed between the two observations.

        An agreement says half as much after the half-life of its namespace, a quarter after two. Comparisons that lose
        nothing are left out.

        Args:
            links: Scored pairs; their levels are read.

        Returns:
            The comparisons that lose anything, with what they lose.
        """
        found, scorer, records, resolver = [], self.scorer, self.records, self._resolver
        left, right, levels = links.left, links.right, links.levels
        gaps: list[float] | None = None
        for column in resolver.aging:
            reached = levels[:, column]
            if not reached.any():
                continue
            if gaps is None:
                first = np.array([record.first for record in records], np.float64)
                last = np.array([record.last for record in records], np.float64)
                apart = np.maximum(first[left] - last[right], first[right] - last[left])
                gaps = (np.maximum(0.0, apart) / 1e6).tolist()
            half_life = resolver.half_lives[resolver.model.comparisons[column].roles[0]]
            # One by one: the last bit must not depend on how many pairs are weighed at a time.
            faded = np.array(
                [
                    1.0 - 2.0 ** (-gap / half_life) if level else 0.0
                    for gap, level in zip(gaps, reached.tolist(), strict=True)
                ]
            )
            bits = np.stack((scorer.match_bits[column][reached], scorer.household_bits[column][reached]))
            lost = np.maximum(bits, 0.0) * faded
            if lost.any():
                found.append((column, lost))
        return found

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
        members: Sequence[Sequence[int]],
        left: Ints,
        right: Ints,
        decided: npt.NDArray[np.uint8],
        single: Ints,
        labels: Ints,
        fate: npt.NDArray[np.uint8],
    ) -> None:
        resolver, scorer = self._resolver, self.scorer
        levels = scorer.bound.levels(left, right)
        join_profiles(
            np.cumsum([0, *map(len, members)]).astype(np.int64),
            np.array([position for own in members for position in own], np.int32),
            np.ascontiguousarray(np.column_stack((levels, decided))),
            self._adjusted(left, right, levels),
            scorer.features.records.source_codes,
            scorer.decided_evidence(DECIDED, resolver.aging),
            0.0,
            resolver.cut,
            single,
            self._unique_values(),
            labels,
            fate,
        )

    def _adjusted(self, left: Ints, right: Ints, levels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """Bits of every adjustment of the model and, behind them, of age; as ``decided_evidence`` has them."""
        aging, nothing = self._resolver.aging, np.zeros(0)
        bits = self.scorer.adjustment_bits(left, right, levels)
        aged = np.zeros((len(left), 2 * len(aging)))
        for column, lost in self.lost(Links(left, right, nothing, nothing, levels, np.zeros(0, np.int8))):
            at = 2 * aging.index(column)
            aged[:, at], aged[:, at + 1] = lost[1] - lost[0], -lost[1]
        return np.ascontiguousarray(np.column_stack((bits, aged)))

    def _single_values(
        self,
        members: Sequence[Sequence[int]],
        same: Iterable[tuple[int, int]],
        apart: Iterable[tuple[frozenset[int], frozenset[int]]],
    ) -> tuple[Ints, list[str]]:
        """Values of which a person has one, int32[records, k], -1 for none, and what each column is called."""
        columns, names, features = [], [], self.scorer.features
        within = np.arange(len(members), len(members) + len(self.records), dtype=np.int32)
        for number, own in enumerate(members):
            within[own] = number
        for constraint in self._resolver.model.constraints:
            if constraint.kind == "one_value" and constraint.name in features.records.columns:
                codes = one_value(features, constraint.name, within)
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
