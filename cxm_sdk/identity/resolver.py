"""The person layer of a live graph: pairs of records weighed, and groups that hang together split into people.

Everything here is a pure function of the records it is given, so it does not matter whether they are a batch of one,
what one component holds, or all there are.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from cxm_sdk._native.evidence import forms_and_writing
from cxm_sdk._native.few import Few
from cxm_sdk._native.packing import packed
from cxm_sdk._native.people import people_of_groups
from cxm_sdk._native.weighing import Weighing
from cxm_sdk.identity.blocking import LARGEST_BLOCK
from cxm_sdk.identity.bounds import within_limits
from cxm_sdk.identity.clustering import SMALL_COMPONENT
from cxm_sdk.identity.compact import Weights
from cxm_sdk.identity.digests import CLEAR
from cxm_sdk.identity.explain import Term
from cxm_sdk.identity.large_groups import join_large
from cxm_sdk.identity.model import Frozen, MatchModel
from cxm_sdk.identity.namespaces import Namespace
from cxm_sdk.identity.person_records import DECIDED, MUTED, Edge, Group, PersonRecord, Settled
from cxm_sdk.identity.record_blocks import BlockRules
from cxm_sdk.identity.scoring import FLOOR, bits_of

__all__ = ["OUTWEIGHED", "Resolver"]

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
        #: Roles of identifiers each of which brings records together by itself.
        self.single = {
            rule.keys[0] for rule in model.rules if len(rule.keys) == 1 and rule.keys[0] in self.roles
        }
        joint = [rule for rule in model.rules if rule.name not in self.single]
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
        #: The same for compiled code.
        self.weighing = Weighing(
            self.weights.pairs,
            self.weights.decided_evidence(DECIDED, tuple(self.aging)),
            aging=self.aging,
            digests=self.digests,
            one_value=[c.name for c in model.constraints if c.kind == "one_value"],
            one_record=[c.name for c in model.constraints if c.kind == "one_record"],
            cut=self.cut,
            floor=FLOOR,
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
        keys, single = zip(record.keys, record.key_roles, strict=True), self.single
        return [key for key, role in keys if role in single and shared.get(key) != MUTED]

    def lay_out(self, records: Iterable[PersonRecord], shared: dict[int, int]) -> Few:
        """Lays some records out, to be weighed and joined.

        Args:
            records: The records.
            shared: As for ``joint_keys``.

        Returns:
            Them, laid out; more may be added.
        """
        few = Few(self.weighing, shared)
        few.add(records)
        return few

    def weigh(
        self, records: Sequence[PersonRecord], pairs: Iterable[tuple[int, int]], shared: dict[int, int]
    ) -> list[Edge]:
        """Weighs pairs.

        Args:
            records: The records.
            pairs: Positions.
            shared: As for ``joint_keys``.

        Returns:
            For each pair what it says.
        """
        numbers = [record.number for record in records]
        weighed = self.lay_out(records, shared).weigh(packed([(numbers[i], numbers[j]) for i, j in pairs]))
        bits = array("d", weighed)
        return [
            Edge(weight, household, weight >= FLOOR or household >= 0.0)
            for weight, household in zip(bits[::2], bits[1::2], strict=True)
        ]

    def terms(self, a: PersonRecord, b: PersonRecord, shared: dict[int, int]) -> tuple[Edge, list[Term]]:
        """Weighs two records, term by term.

        Args:
            a: One record.
            b: The other.
            shared: As for ``joint_keys``.

        Returns:
            What they say together, and the terms; their bits sum to the weight.
        """
        weights = self.weights
        levels, adjusted, across, lost, weight, household = self.lay_out((a, b), shared).terms(
            a.number, b.number
        )
        prior = float(weights.priors[int(across)])
        found = [Term("prior", "between sources" if across else "inside a source", prior, "")]
        for column, (comparison, level) in enumerate(zip(self.model.comparisons, levels, strict=True)):
            detail = " | ".join(
                " ".join(v for role in comparison.roles for v in record.content.get(role, ())) or "-"
                for record in (a, b)
            )
            bits = float(weights.match_bits[column, level])
            found.append(Term(comparison.name, comparison.levels[level].name, bits, detail))
        for name, bits in zip(weights.names, adjusted, strict=True):
            if bits:
                found.append(Term(name, "common value" if bits < 0 else "rare value", bits, ""))
        rest = -float(np.logaddexp2(0.0, household))
        name = "relatives would share this too" if rest < -0.5 else "no better reason"
        found.append(Term("household", name, rest, ""))
        for column, less in zip(self.aging, lost, strict=True):
            if any(less):
                name = self.model.comparisons[column].name
                found.append(Term(f"{name} age", "long apart", -less[0], ""))
        return Edge(weight, household, True), found

    def settle(self, groups: Sequence[Group], few: Few) -> list[Settled]:
        """Splits groups of records that hang together into people.

        Clusters are joined while they look like one person and no constraint forbids it, as ``cluster_profiles`` does
        on the batch side. Of large groups only the pairs that were brought in count.

        Args:
            groups: The groups; none has anything to do with another.
            few: Their records, laid out, but for those of large groups.

        Returns:
            The people of each group.
        """
        small = [place for place, group in enumerate(groups) if len(group.records) <= SMALL_COMPONENT]
        verdicts = {
            at: (groups[place].verdicts.same, groups[place].verdicts.apart) for at, place in enumerate(small)
        }
        numbers = [[record.number for record in groups[place].records] for place in small]
        joined = people_of_groups(few, numbers, verdicts)
        people = {place: Settled(*found[1:]) for place, found in zip(small, joined, strict=True)}
        found = []
        for place, group in enumerate(groups):
            settled = people.get(place) or join_large(group, few.shared, self.model, self.cut)
            if self.limits:
                settled = within_limits(group, settled, few.shared, self.limits, self.cut)
            found.append(settled)
        return found
