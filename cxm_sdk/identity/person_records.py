"""What the person layer of a live graph works on: records, pairs, decisions and groups, and who shares a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from cxm_sdk._native.contents import Packed, fewest_first
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
    """What one record, or events that say the same, say about a person; as ``Packed``.

    Example:
        >>> record = PersonRecord(1, "crm", "17", {"email": ["a@x.org"]}, {"email": ["A@x.org"]}, 0, 0)
        >>> record.said
        {'email': [('a@x.org', 'A@x.org')]}
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"PersonRecord({self.number}, roles={sorted(self.content)})"

    @property
    def said(self) -> dict[str, list[tuple[str, str]]]:
        """Canonical and written values by role."""
        written = self.written
        return {
            role: list(zip(forms, written.get(role, forms), strict=True))
            for role, forms in self.content.items()
        }


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
