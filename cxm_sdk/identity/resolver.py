"""The person layer of a live graph: pairs of records weighed, and groups that hang together split into people.

Everything here is a pure function of the records it is given, so it does not matter whether they are a batch of one,
what one component holds, or all there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import combinations

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import cluster as native
from cxm_sdk._native.profiles import join_profiles
from cxm_sdk.identity.blocking import LARGEST_BLOCK
from cxm_sdk.identity.bounds import within_limits
from cxm_sdk.identity.clustering import LOUDEST, SMALL_COMPONENT, UNSEEN, one_value
from cxm_sdk.identity.compact import CompactFeatures, CompactScorer, Lost, Weights
from cxm_sdk.identity.digests import CLEAR
from cxm_sdk.identity.explain import Term
from cxm_sdk.identity.model import Frozen, MatchModel
from cxm_sdk.identity.namespaces import Namespace
from cxm_sdk.identity.person_records import DECIDED, MUTED, Edge, Group, PersonRecord, Settled
from cxm_sdk.identity.record_blocks import BlockRules
from cxm_sdk.identity.scoring import Links, bits_of, worth_keeping

__all__ = ["OUTWEIGHED", "Resolver"]

Ints = npt.NDArray[np.int32]

#: Why a link does not hold: other records of the two clusters speak against it more than it speaks for it.
OUTWEIGHED = "outweighed"


class Resolver:
    """A model and namespaces, ready to weigh records.

    Args:
        model: A frozen model.
        namespaces: The identifiers.

    Example:
        >>> from cxm_sdk.identity.default_model import default_model
        >>> from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES
        >>> resolver = Resolver(default_model(), DEFAULT_NAMESPACES)
        >>> said = {"email": [("ada@x.org", "ada@x.org")]}
        >>> a, b = (resolver.record(n, "crm", str(n), said, 0, 0) for n in (1, 2))
        >>> resolver.weigh([a, b], [(0, 1)], {})[0].weight > resolver.cut
        True
    """

    def __init__(self, model: MatchModel, namespaces: Iterable[Namespace]) -> None:
        self.model = model
        self.weights = Weights(model)
        self.cut = bits_of(model.threshold)
        self.roles = {n.name for n in namespaces if not n.kind.owned}
        self.half_lives = {
            n.name: n.half_life for n in namespaces if n.half_life is not None and not n.kind.owned
        }
        self._digests = [role for role, clear in CLEAR.items() if {role, clear} <= self.roles]
        #: Comparisons whose agreements lose with age.
        self._aging = [
            c for c, comparison in enumerate(model.comparisons) if comparison.roles[0] in self.half_lives
        ]
        self._single = {
            rule.keys[0] for rule in model.rules if len(rule.keys) == 1 and rule.keys[0] in self.roles
        }
        joint = [rule for rule in model.rules if rule.name not in self._single]
        self._joint = BlockRules(joint)
        #: Records that may share a key of several values.
        self.largest_block = model.frozen.largest_block if model.frozen else LARGEST_BLOCK
        #: Records that may hang together.
        self.largest_component = (model.frozen or Frozen()).largest_component
        #: Most values of a role that a person has, where there may be several.
        self.limits = {c.name: c.most for c in model.constraints if c.kind == "few_values" and c.most}
        #: Whether keys of several values change when a value comes to be shared by too many.
        self.keys_read_identifiers = any(
            key.partition(".")[0] in self.roles for rule in joint for key in rule.keys
        )
        self._ignored = {(role, value) for role, values in self._frozen.items() for value in values}

    @cached_property
    def _frozen(self) -> Mapping[str, tuple[str, ...]]:
        return self.model.frozen.ignored if self.model.frozen else {}

    def record(
        self,
        number: int,
        source: str,
        record_id: str,
        said: Mapping[str, Sequence[tuple[str, str]]],
        first: int,
        last: int,
    ) -> PersonRecord:
        """Lays out what a record says.

        Args:
            number: Its number in the store.
            source: Its source.
            record_id: Its id there.
            said: Canonical and written values by role.
            first: Time of its earliest evidence, microseconds since 1970.
            last: Time of its latest.

        Returns:
            The record.
        """
        content = {role: [form for form, _ in values] for role, values in said.items()}
        written = {role: [text for _, text in values] for role, values in said.items()}
        written = {role: texts for role, texts in written.items() if texts != content[role]}
        return PersonRecord(number, source, record_id, content, written, first, last, self.roles)

    def joint_keys(self, record: PersonRecord, shared: Mapping[int, int]) -> list[int]:
        """Keys that several values of a record make together.

        Args:
            record: The record.
            shared: People behind the identifiers that several people, or too many, share, by key.

        Returns:
            Distinct keys.
        """
        if not self.keys_read_identifiers:
            if record.joint is None:
                record.joint = self._joint.keys(record.content, self._ignored)
            return record.joint
        muted = {(role, value) for role, value, key in record.identifiers if shared.get(key) == MUTED}
        return self._joint.keys(record.content, muted | self._ignored)

    def single_keys(self, record: PersonRecord, shared: Mapping[int, int]) -> list[int]:
        """Keys of identifiers that bring records together.

        Args:
            record: The record.
            shared: As for ``joint_keys``.

        Returns:
            Distinct keys of identifiers that are blocked on and not shared by too many.
        """
        return [k for role, _, k in record.identifiers if role in self._single and shared.get(k) != MUTED]

    def scorer(self, records: Sequence[PersonRecord], shared: Mapping[int, int]) -> CompactScorer:
        """Ties the model to some records.

        Args:
            records: In canonical order.
            shared: As for ``joint_keys``.

        Returns:
            The scorer.
        """
        muted: dict[str, set[str]] = {role: set(values) for role, values in self._frozen.items()}
        people: dict[str, dict[str, int]] = {}
        for record in records if shared else ():
            if shared.keys().isdisjoint(record.keys):
                continue
            for role, value, key in record.identifiers:
                count = shared.get(key, 1)
                if count == MUTED:
                    muted.setdefault(role, set()).add(value)
                elif count > 1:
                    people.setdefault(role, {})[value] = count
        contents = [record.content for record in records]
        # Only beside digests that came as such do derived ones say anything.
        derived = {
            role: [record.derived(role) for record in records]
            for role in self._digests
            if any(role in content for content in contents)
        }
        features = CompactFeatures(contents, [record.source for record in records], muted, derived)
        return CompactScorer(self.weights, features, people)

    def weigh(
        self,
        records: Sequence[PersonRecord],
        pairs: Sequence[tuple[int, int]] | npt.NDArray[np.int32],
        shared: Mapping[int, int],
    ) -> list[Edge]:
        """Weighs pairs.

        Args:
            records: In canonical order.
            pairs: Positions, the smaller one first.
            shared: As for ``joint_keys``.

        Returns:
            For each pair what it says.
        """
        if not len(pairs):
            return []
        links = self._score(self.scorer(records, shared), records, np.asarray(pairs, np.int32))
        kept = worth_keeping(links).tolist()
        sides = zip(links.weight.tolist(), links.household.tolist(), kept, strict=True)
        return [Edge(*side) for side in sides]

    def _score(
        self, scorer: CompactScorer, records: Sequence[PersonRecord], pairs: npt.NDArray[np.int32]
    ) -> Links:
        links = scorer.score(np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1]))
        scorer.age(links, self._lost(scorer, records, links.left, links.right, links.levels))
        return links

    def _lost(
        self,
        scorer: CompactScorer,
        records: Sequence[PersonRecord],
        left: Ints,
        right: Ints,
        levels: npt.NDArray[np.uint8],
    ) -> list[Lost]:
        """What agreements on identifiers lose because time has passed between the two observations.

        An agreement says half as much after the half-life of its namespace, a quarter after two. Comparisons that lose
        nothing are left out.
        """
        found = []
        gaps: list[float] | None = None
        for column in self._aging:
            reached = levels[:, column]
            if not reached.any():
                continue
            if gaps is None:
                first = np.array([record.first for record in records], np.float64)
                last = np.array([record.last for record in records], np.float64)
                apart = np.maximum(first[left] - last[right], first[right] - last[left])
                gaps = (np.maximum(0.0, apart) / 1e6).tolist()
            half_life = self.half_lives[self.model.comparisons[column].roles[0]]
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

    def terms(self, a: PersonRecord, b: PersonRecord, shared: Mapping[int, int]) -> tuple[Edge, list[Term]]:
        """Weighs two records, term by term.

        Args:
            a: One record.
            b: The other.
            shared: As for ``joint_keys``.

        Returns:
            What they say together, and the terms; their bits sum to the weight.
        """
        records = sorted((a, b), key=lambda record: record.order)
        scorer = self.scorer(records, shared)
        pair = np.array([0], np.int32), np.array([1], np.int32)
        link = scorer.score(*pair)
        apart = int(records[0].source != records[1].source)
        found = [
            Term("prior", "between sources" if apart else "inside a source", float(scorer.priors[apart]), "")
        ]
        for column, comparison in enumerate(self.model.comparisons):
            level = int(link.levels[0, column])
            detail = " | ".join(
                " ".join(v for role in comparison.roles for v in record.content.get(role, ())) or "-"
                for record in (a, b)
            )
            bits = float(scorer.match_bits[column, level])
            found.append(Term(comparison.name, comparison.levels[level].name, bits, detail))
        adjusted = scorer.adjustment_bits(*pair, link.levels)[0]
        for adjustment, bits in zip(scorer.adjustments, adjusted.tolist(), strict=True):
            if bits:
                found.append(Term(adjustment.name, "common value" if bits < 0 else "rare value", bits, ""))
        lost = self._lost(scorer, records, *pair, link.levels)
        scorer.age(link, lost)
        rest = -float(np.logaddexp2(0.0, link.household[0]))
        name = "relatives would share this too" if rest < -0.5 else "no better reason"
        found.append(Term("household", name, rest, ""))
        for column, less in lost:
            name = self.model.comparisons[column].name
            found.append(Term(f"{name} age", "long apart", -float(less[0, 0]), ""))
        return Edge(float(link.weight[0]), float(link.household[0]), True), found

    def settle(self, groups: Sequence[Group], shared: Mapping[int, int]) -> list[Settled]:
        """Splits groups of records that hang together into people.

        Clusters are joined while they look like one person and no constraint forbids it, as ``cluster_profiles`` does
        on the batch side.

        Args:
            groups: The groups; none has anything to do with another.
            shared: As for ``joint_keys``.

        Returns:
            The people of each group.
        """
        found: list[Settled | None] = [None] * len(groups)
        together = []
        for place, group in enumerate(groups):
            if len(group.records) == 2 and not group.verdicts.apart:
                found[place] = self._settle_two(group, shared)
            elif len(group.records) > SMALL_COMPONENT:
                found[place] = self._settle_together([group], shared, complete=False)[0]
            else:
                together.append(place)
        some = self._settle_together([groups[place] for place in together], shared, complete=True)
        for place, settled in zip(together, some, strict=True):
            found[place] = settled
        return [
            within_limits(group, settled, shared, self.limits, self.cut) if self.limits else settled
            for group, settled in zip(groups, found, strict=True)
            if settled is not None
        ]

    def _settle_two(self, group: Group, shared: Mapping[int, int]) -> Settled:
        """What ``_settle_together`` comes to for two records, without laying anything out."""
        pair = (0, 1)
        same = pair in group.verdicts.same
        a, b = group.records
        reason = None if same else self._conflict(a, b, shared)
        if reason is None and any(
            c.kind == "one_record" and all(record.source == c.name for record in group.records)
            for c in self.model.constraints
        ):
            reason = "one_record"
        if reason is not None:
            return Settled([0, 1], {pair: reason})
        joined = same or group.edges[pair].weight > self.cut
        return Settled([0, 0] if joined else [0, 1], {})

    def _conflict(self, a: PersonRecord, b: PersonRecord, shared: Mapping[int, int]) -> str | None:
        """The identifier of which a person has one and two records have different ones."""
        for constraint in self.model.constraints:
            if constraint.kind == "one_value":
                if constraint.name not in CLEAR and not (
                    constraint.name in a.content and constraint.name in b.content
                ):
                    continue
                ours, theirs = (
                    {
                        value
                        for role, value, key in record.identifiers
                        if role == constraint.name and shared.get(key) != MUTED
                    }
                    for record in (a, b)
                )
                if ours and theirs and ours.isdisjoint(theirs):
                    return f"unique:{constraint.name}"
        return None

    def _settle_together(
        self, groups: Sequence[Group], shared: Mapping[int, int], *, complete: bool
    ) -> list[Settled]:
        if not groups:
            return []
        records = [record for group in groups for record in group.records]
        starts = np.cumsum([0, *(len(group.records) for group in groups)]).astype(np.int64)
        firsts = starts[:-1].tolist()
        scorer = self.scorer(records, shared)
        listed: list[tuple[int, int]] = []
        for first, group in zip(firsts, groups, strict=True):
            size = len(group.records)
            inside = (
                combinations(range(size), 2) if complete else sorted({*group.edges, *group.verdicts.same})
            )
            listed += [(first + i, first + j) for i, j in inside]
        same = frozenset(
            (first + i, first + j)
            for first, group in zip(firsts, groups, strict=True)
            for i, j in group.verdicts.same
        )
        apart = [
            (frozenset(first + i for i in ours), frozenset(first + i for i in theirs))
            for first, group in zip(firsts, groups, strict=True)
            for ours, theirs in group.verdicts.apart
        ]
        single, names = self._single_values(records, starts, scorer, same, apart)
        unique = self._unique_values(records)
        labels, fate = np.empty(len(records), np.int32), np.zeros(len(listed), np.uint8)
        left, right = np.ascontiguousarray(np.array(listed, np.int32).reshape(-1, 2).T)
        decided = np.array([pair in same for pair in listed], np.uint8)
        if complete:
            levels = scorer.bound.levels(left, right)
            bits = self._adjusted(scorer, records, left, right, levels)
            join_profiles(
                starts,
                np.arange(len(records), dtype=np.int32),
                np.ascontiguousarray(np.column_stack((levels, decided))),
                bits,
                scorer.features.records.source_codes,
                scorer.decided_evidence(DECIDED, self._aging),
                0.0,
                self.cut,
                single,
                unique,
                labels,
                fate,
            )
        else:
            weights = [groups[0].edges[pair].weight for pair in listed]
            bits = np.clip(np.array(weights) - self.cut, -LOUDEST, LOUDEST)
            bits[decided == 1] = DECIDED
            native.agglomerate(left, right, bits, single, unique, UNSEEN, labels, fate)
        barred = [listed[place] for place in np.flatnonzero(fate)]
        reasons = {
            (i, j): _reason((i, j), labels, single, names) for i, j in barred if labels[i] != labels[j]
        }
        found = []
        for first, end in zip(firsts, starts[1:].tolist(), strict=True):
            own = {(i - first, j - first): why for (i, j), why in reasons.items() if first <= i < end}
            found.append(Settled([int(label) - first for label in labels[first:end]], own))
        return found

    def _adjusted(
        self,
        scorer: CompactScorer,
        records: Sequence[PersonRecord],
        left: Ints,
        right: Ints,
        levels: npt.NDArray[np.uint8],
    ) -> npt.NDArray[np.float64]:
        """Bits of every adjustment of the model and, behind them, of age; as ``decided_evidence`` has them."""
        bits = scorer.adjustment_bits(left, right, levels)
        aged = np.zeros((len(left), 2 * len(self._aging)))
        for column, lost in self._lost(scorer, records, left, right, levels):
            at = 2 * self._aging.index(column)
            aged[:, at], aged[:, at + 1] = lost[1] - lost[0], -lost[1]
        return np.ascontiguousarray(np.column_stack((bits, aged)))

    def _single_values(
        self,
        records: Sequence[PersonRecord],
        starts: npt.NDArray[np.int64],
        scorer: CompactScorer,
        same: Iterable[tuple[int, int]],
        apart: Iterable[tuple[frozenset[int], frozenset[int]]],
    ) -> tuple[npt.NDArray[np.int32], list[str]]:
        """Values of which a person has one, int32[records, k], -1 for none, and what each column is called."""
        columns, names = [], []
        within = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
        for constraint in self.model.constraints:
            if constraint.kind == "one_value" and constraint.name in scorer.features.records.columns:
                codes = one_value(scorer.features, constraint.name, within)
                columns.append(_unified(codes, same))
                names.append(f"unique:{constraint.name}")
        for ours, theirs in apart:
            codes = np.full(len(records), -1, np.int32)
            codes[list(ours)], codes[list(theirs)] = 0, 1
            codes[list(ours & theirs)] = -1  # a record that holds both speaks against the decision
            columns.append(codes)
            names.append("steward")
        if not columns:
            return np.zeros((len(records), 0), np.int32), names
        return np.ascontiguousarray(np.stack(columns, axis=1)), names

    def _unique_values(self, records: Sequence[PersonRecord]) -> npt.NDArray[np.int32]:
        sources = [c.name for c in self.model.constraints if c.kind == "one_record"]
        table = np.full((len(records), len(sources)), -1, np.int32)
        for row, record in enumerate(records):
            if record.source in sources:
                table[row, sources.index(record.source)] = 0
        return table


def _unified(codes: npt.NDArray[np.int32], same: Iterable[tuple[int, int]]) -> npt.NDArray[np.int32]:
    """Takes values for one where a steward said that their records are one person."""
    parent = {int(code): int(code) for code in codes}

    def root(code: int) -> int:
        while parent[code] != code:
            code = parent[code]
        return code

    changed = False
    for i, j in same:
        a, b = int(codes[i]), int(codes[j])
        if a >= 0 and b >= 0 and (a := root(a)) != (b := root(b)):
            parent[max(a, b)] = min(a, b)
            changed = True
    if not changed:
        return codes.astype(np.int32)
    return np.array([root(int(code)) for code in codes], np.int32)


def _reason(
    pair: tuple[int, int], labels: npt.NDArray[np.int32], single: npt.NDArray[np.int32], names: Sequence[str]
) -> str:
    """The constraint that keeps the clusters of two records apart."""
    ours, theirs = (labels == labels[place] for place in pair)
    for column, name in enumerate(names):
        a, b = (set(single[side, column].tolist()) - {-1} for side in (ours, theirs))
        if a and b and a != b:
            return name
    return "one_record"
