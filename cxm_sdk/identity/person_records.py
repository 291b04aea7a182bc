"""What the person layer of a live graph works on: records, pairs, decisions and groups, and who shares a value."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from cxm_sdk._native.contents import Packed, fewest_first
from cxm_sdk._native.keys import digests_of, identify
from cxm_sdk.identity.digests import CLEAR
from cxm_sdk.identity.sharing import MOST_HOLDERS, PROXIES, TOO_MANY

__all__ = [
    "DECIDED",
    "MUTED",
    "Edge",
    "Group",
    "PersonRecord",
    "Settled",
    "Verdicts",
    "Weighed",
    "people_behind",
    "people_of",
]

#: People behind a value that so many share that it is nobody's.
MUTED = -1
#: Bits of a decision of a steward: it outweighs everything a model can say, and nothing but a constraint.
DECIDED = 1e6


class PersonRecord(Packed):
    """What one record, or events that say the same, say about a person.

    Args:
        number: Its number in the store.
        source: Its source.
        record_id: Its id there.
        content: Canonical values by role, or that as JSON, or packed.
        written: How they are written, in the same order, or that as JSON; roles that are written in canonical form may
            be left out.
        first: Microseconds since 1970 of its earliest evidence.
        last: The same of its latest.
        roles: Roles that are identifiers.
        keys: Keys of its identifiers, in their order, where they are known already; None works them out.

    Attributes:
        joint: Keys that several of its values make together, once they are known.

    Example:
        >>> record = PersonRecord(1, "crm", "17", {"email": ["a@x.org"]}, {"email": ["A@x.org"]}, 0, 0)
        >>> record.said
        {'email': [('a@x.org', 'A@x.org')]}
    """

    __slots__ = (
        *("_identifiers", "_keys", "_order", "first", "joint", "last", "number", "record_id"),
        *("_key_roles", "_named", "_written", "roles", "source"),
    )

    def __init__(
        self,
        number: int,
        source: str,
        record_id: str,
        content: dict[str, list[str]] | str | Packed,
        written: Mapping[str, list[str]] | str,
        first: int,
        last: int,
        roles: Container[str] = (),
        keys: Sequence[int] | None = None,
    ) -> None:
        super().__init__(content)
        self.number, self.source, self.record_id = number, source, record_id
        self._written = written
        self.first, self.last = first, last
        self.roles = roles
        self.joint: list[int] | None = None
        self._keys = keys
        self._key_roles: list[str] | None = None
        self._identifiers: list[tuple[str, str, int]] | None = None
        self._named: list[tuple[str, str]] | None = None
        self._order: tuple[bytes, bytes] | None = None

    def __repr__(self) -> str:
        return f"PersonRecord({self.number}, roles={sorted(self.content)})"

    def at(self, first: int, last: int) -> PersonRecord:
        """The same, said at other times.

        Args:
            first: Microseconds since 1970 of its earliest evidence.
            last: The same of its latest.

        Returns:
            The record.
        """
        named = self.number, self.source, self.record_id, self, self._written
        moved = PersonRecord(*named, first, last, self.roles, self._keys)
        moved._identifiers, moved._order, moved.joint = self._identifiers, self._order, self.joint
        moved._named, moved._key_roles = self._named, self._key_roles
        return moved

    @property
    def said(self) -> dict[str, list[tuple[str, str]]]:
        """Canonical and written values by role."""
        written = self.written
        return {
            role: list(zip(forms, written.get(role, forms), strict=True))
            for role, forms in self.content.items()
        }

    @property
    def written(self) -> Mapping[str, list[str]]:
        """How its values are written, in their order; roles that are written in canonical form may be left out."""
        if isinstance(self._written, str):
            self._written = dict[str, list[str]](json.loads(self._written))  # few are ever asked
        return self._written

    @property
    def named(self) -> list[tuple[str, str]]:
        """Role and canonical value of the identifiers that it has in clear; their keys are the first of ``keys``."""
        if self._named is None:
            self._named = [
                (role, form) for role, forms in self.content.items() if role in self.roles for form in forms
            ]
        return self._named

    @property
    def identifiers(self) -> list[tuple[str, str, int]]:
        """Role, canonical value and key of each of its identifiers, derived ones behind the others."""
        if self._identifiers is None:
            named = self.named.copy()
            for role, clear in CLEAR.items():
                if role in self.roles and self.knows(clear):
                    held = self.content.get(role, ())
                    named += [(role, digest) for digest in self.derived(role) if digest not in held]
            self._identifiers = [(*one, key) for one, key in zip(named, self.keys, strict=True)]
        return self._identifiers

    @property
    def keys(self) -> Sequence[int]:
        """Keys of its identifiers, in their order."""
        if self._keys is None:
            self._keys, self._key_roles = identify(self, self.roles, CLEAR, self.written)
        return self._keys

    @property
    def key_roles(self) -> Sequence[str]:
        """The role of each of ``keys``."""
        if self._key_roles is None:
            self._key_roles = identify(self, self.roles, CLEAR, self.written)[1]
        return self._key_roles

    def derived(self, role: str) -> list[str]:
        """Works out under which digests others may know its contacts.

        Args:
            role: A role of digests.

        Returns:
            Distinct digests of what it knows in clear.
        """
        clear = CLEAR[role]
        forms = self.content.get(clear, [])
        sides = zip(forms, self.written.get(clear, forms), strict=True)
        return list(dict.fromkeys(digest for side in sides for digest in digests_of(clear, *side)))

    @property
    def order(self) -> tuple[bytes, bytes]:
        """Its place in canonical order: by source, then by id, bytewise."""
        if self._order is None:
            self._order = self.source.encode(), self.record_id.encode()
        return self._order

    @property
    def age(self) -> tuple[int, bytes, bytes]:
        """What makes it earlier than another: time, source, id."""
        return self.first, *self.order


class Weighed(Protocol):
    """What two records say about being one person, as far as it is kept."""

    @property
    def weight(self) -> float:
        """Match weight in bits."""

    @property
    def household(self) -> float:
        """log2 odds of one household against strangers."""


class Edge(NamedTuple):
    """Two records and what they say about being one person.

    Attributes:
        weight: Match weight in bits.
        household: log2 odds of one household against strangers.
        kept: Whether it could matter, for a person or for a household.
    """

    weight: float
    household: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Decisions of stewards about some records, by their position.

    Attributes:
        same: Pairs that are one person, the smaller position first.
        apart: Groups of which a person holds records of one at most: (records of a, records of b).
    """

    same: frozenset[tuple[int, int]] = frozenset()
    apart: tuple[tuple[frozenset[int], frozenset[int]], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Records that hang together.

    Attributes:
        records: In canonical order.
        edges: Pairs that were brought in, by position, the smaller one first.
        verdicts: Decisions of stewards.
    """

    records: Sequence[PersonRecord]
    edges: Mapping[tuple[int, int], Weighed]
    verdicts: Verdicts = Verdicts()


@dataclass(frozen=True)
class Settled:
    """People among records that hang together.

    Attributes:
        labels: For each record the smallest position of its person.
        reasons: For each pair that a constraint keeps apart, the constraint.
    """

    labels: list[int]
    reasons: dict[tuple[int, int], str]


def people_of(holders: Sequence[PersonRecord], role: str) -> int:
    """Counts the different people that hold one value, as the batch side does.

    Args:
        holders: The records that hold it; one more than ``MOST_HOLDERS`` is enough.
        role: Its role.

    Returns:
        At least how many people there are, ``MUTED`` where there are so many that the value is nobody's.

    Example:
        >>> people_of([], "email")
        1
    """
    if len(holders) > MOST_HOLDERS:
        return MUTED
    # A proxy that few of the records know would see too few people.
    return people_behind(fewest_first(list(holders), PROXIES, role))


def people_behind(fewest: int) -> int:
    """The different people that hold one value, by what tells people apart.

    Args:
        fewest: Different values of the proxy that has the fewest, 0 where none is known; negative where too many
            records hold the value.

    Returns:
        How many there are at least, ``MUTED`` where there are so many that the value is nobody's.

    Example:
        >>> people_behind(0), people_behind(3), people_behind(10)
        (1, 3, -1)
    """
    return MUTED if fewest < 0 or fewest >= TOO_MANY else max(fewest, 1)
