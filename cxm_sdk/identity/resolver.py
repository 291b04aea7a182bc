"""The person layer of a live graph: pairs of records weighed, and groups that hang together split into people.

Everything here is a pure function of the records it is given, so it does not matter whether they are a batch of one,
what one component holds, or all there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cxm_sdk._native.evidence import forms_and_writing
from cxm_sdk.identity.blocking import LARGEST_BLOCK
from cxm_sdk.identity.bounds import within_limits
from cxm_sdk.identity.clustering import SMALL_COMPONENT
from cxm_sdk.identity.compact import Weights
from cxm_sdk.identity.digests import CLEAR
from cxm_sdk.identity.explain import Term
from cxm_sdk.identity.laid import Laid
from cxm_sdk.identity.model import Frozen, MatchModel
from cxm_sdk.identity.namespaces import Namespace
from cxm_sdk.identity.person_records import MUTED, Edge, Group, PersonRecord, Settled
from cxm_sdk.identity.record_blocks import BlockRules
from cxm_sdk.identity.scoring import bits_of

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
        self.digests = [role for role, clear in CLEAR.items() if {role, clear} <= self.roles]
        #: Comparisons whose agreements lose with age, and their half-life in seconds.
        self.aging = {
            c: self.half_lives[comparison.roles[0]]
            for c, comparison in enumerate(model.comparisons)
            if comparison.roles[0] in self.half_lives
        }
        self._single = {
            rule.keys[0] for rule in model.rules if len(rule.keys) == 1 and rule.keys[0] in self.roles
        }
        joint = [rule for rule in model.rules if rule.name not in self._single]
        self._joint = BlockRules(joint, self.frozen)
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

    @cached_property
    def frozen(self) -> Mapping[str, tuple[str, ...]]:
        """Values by role that the model takes for missing."""
        return self.model.frozen.ignored if self.model.frozen else {}

    def record(
        self,
        number: int,
        source: str,
        record_id: str,
        said: dict[str, list[tuple[str, str]]],
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
        content, written = forms_and_writing(said)
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
                record.joint = self._joint.keys(record)
            return record.joint
        muted = {(role, value) for role, value, key in record.identifiers if shared.get(key) == MUTED}
        return self._joint.keys(record, muted)

    def single_keys(self, record: PersonRecord, shared: Mapping[int, int]) -> list[int]:
        """Keys of identifiers that bring records together.

        Args:
            record: The record.
            shared: As for ``joint_keys``.

        Returns:
            Distinct keys of identifiers that are blocked on and not shared by too many.
        """
        keys, single = zip(record.keys, record.key_roles, strict=True), self._single
        return [key for key, role in keys if role in single and shared.get(key) != MUTED]

    def lay_out(self, records: Sequence[PersonRecord], shared: Mapping[int, int]) -> Laid:
        """Lays some records out, to be weighed and joined.

        Args:
            records: In canonical order.
            shared: As for ``joint_keys``.

        Returns:
            Them, laid out.
        """
        return Laid(self, records, shared)

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
        return self.lay_out(records, shared).weigh(np.asarray(pairs, np.int32))

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
        weights = self.weights
        said = self.lay_out(records, shared).compare(np.array([(0, 1)], np.int32))
        apart = int(said.across[0])
        found = [
            Term("prior", "between sources" if apart else "inside a source", float(weights.priors[apart]), "")
        ]
        for column, comparison in enumerate(self.model.comparisons):
            level = int(said.levels[0, column])
            detail = " | ".join(
                " ".join(v for role in comparison.roles for v in record.content.get(role, ())) or "-"
                for record in (a, b)
            )
            bits = float(weights.match_bits[column, level])
            found.append(Term(comparison.name, comparison.levels[level].name, bits, detail))
        for name, bits in zip(weights.names, said.adjusted[0].tolist(), strict=True):
            if bits:
                found.append(Term(name, "common value" if bits < 0 else "rare value", bits, ""))
        rest = -float(np.logaddexp2(0.0, said.household[0]))
        name = "relatives would share this too" if rest < -0.5 else "no better reason"
        found.append(Term("household", name, rest, ""))
        for column, less in zip(self.aging, said.lost, strict=True):
            if less.any():
                name = self.model.comparisons[column].name
                found.append(Term(f"{name} age", "long apart", -float(less[0, 0]), ""))
        return Edge(float(said.weight[0]), float(said.household[0]), True), found

    def settle(
        self, groups: Sequence[Group], shared: Mapping[int, int], laid: Laid | None = None
    ) -> list[Settled]:
        """Splits groups of records that hang together into people.

        Clusters are joined while they look like one person and no constraint forbids it, as ``cluster_profiles`` does
        on the batch side.

        Args:
            groups: The groups; none has anything to do with another.
            shared: As for ``joint_keys``.
            laid: Records that are laid out already, in this state of what is shared; None where none are.

        Returns:
            The people of each group.
        """
        found: list[Settled | None] = [None] * len(groups)
        together = []
        for place, group in enumerate(groups):
            if len(group.records) == 2 and not group.verdicts.apart:
                found[place] = self._settle_two(group, shared)
            else:
                together.append(place)
        for place, settled in zip(
            together, self._join([groups[p] for p in together], shared, laid), strict=True
        ):
            found[place] = settled
        return [
            within_limits(group, settled, shared, self.limits, self.cut) if self.limits else settled
            for group, settled in zip(groups, found, strict=True)
            if settled is not None
        ]

    def _join(self, groups: Sequence[Group], shared: Mapping[int, int], laid: Laid | None) -> list[Settled]:
        """The people of groups of more than two records; of large ones only the pairs that were brought in count."""
        inside = [laid is not None and laid.holds(group) for group in groups]
        records = {
            record.number: record
            for group, held in zip(groups, inside, strict=True)
            if not held
            for record in group.records
        }
        rest = laid
        if records:
            rest = self.lay_out(sorted(records.values(), key=lambda record: record.order), shared)
        lying = [laid if held else rest for held in inside]
        complete = [len(group.records) <= SMALL_COMPONENT for group in groups]
        found: dict[int, Settled] = {}
        for held in dict.fromkeys(lying):
            if held is None:
                continue
            small = [p for p, whole in enumerate(complete) if whole and lying[p] is held]
            found.update(zip(small, held.join([groups[p] for p in small], complete=True), strict=True))
            for p, whole in enumerate(complete):
                if not whole and lying[p] is held:
                    found[p] = held.join([groups[p]], complete=False)[0]
        return [found[p] for p in range(len(groups))]

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
                    a.knows(constraint.name) and b.knows(constraint.name)
                ):
                    continue
                ours, theirs = (_values_of(record, constraint.name, shared) for record in (a, b))
                if ours and theirs and ours.isdisjoint(theirs):
                    return f"unique:{constraint.name}"
        return None


def _values_of(record: PersonRecord, namespace: str, shared: Mapping[int, int]) -> set[str]:
    """Identifiers of a namespace that a record has, but for those that too many share."""
    if namespace in CLEAR:
        held = [(value, key) for role, value, key in record.identifiers if role == namespace]
    else:
        named = zip(record.named, record.keys, strict=False)
        held = [(value, key) for (role, value), key in named if role == namespace]
    return {value for value, key in held if shared.get(key) != MUTED}
