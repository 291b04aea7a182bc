"""What the person layer of a live graph works on: records, pairs, decisions and groups, and who shares a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from cxm_sdk.identity.sharing import MOST_HOLDERS, PROXIES, TOO_MANY

__all__ = [
    "DECIDED",
    "MUTED",
    "Edge",
    "Group",
    "PersonRecord",
    "Settled",
    "Verdicts",
    "hashes_of_email",
    "people_of",
]

#: People behind a value that so many share that it is nobody's.
MUTED = -1
#: Bits of a decision of a steward: it outweighs everything a model can say, and nothing but a constraint.
DECIDED = 1e6


@dataclass(slots=True)
class PersonRecord:
    """What one record, or events that say the same, say about a person.

    Attributes:
        number: Its number in the store.
        source: Its source.
        record_id: Its id there.
        said: Canonical and written values by role.
        first: Microseconds since 1970 of its earliest evidence.
        last: The same of its latest.
        identifiers: Role, canonical value and key of each of its identifiers.
        content: Canonical values by role.
        joint: Keys that several of its values make together, once they are known.
    """

    number: int
    source: str
    record_id: str
    said: Mapping[str, Sequence[tuple[str, str]]]
    first: int
    last: int
    identifiers: list[tuple[str, str, int]] = field(default_factory=list)
    content: dict[str, list[str]] = field(default_factory=dict)
    joint: list[int] | None = None

    @property
    def order(self) -> tuple[bytes, bytes]:
        """Its place in canonical order: by source, then by id, bytewise."""
        return self.source.encode(), self.record_id.encode()

    @property
    def age(self) -> tuple[int, bytes, bytes]:
        """What makes it earlier than another: time, source, id."""
        return self.first, *self.order


@dataclass(frozen=True, slots=True)
class Edge:
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
    edges: Mapping[tuple[int, int], Edge]
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


def hashes_of_email(form: str, written: str) -> list[str]:
    """SHA-256 digests under which others may know an address.

    Args:
        form: The canonical address.
        written: As it is written.

    Returns:
        The digest of the canonical address, and, where it differs, of the trimmed one in lower case, which is how
        advertising platforms hash it.

    Example:
        >>> len(hashes_of_email("adal@gmail.com", "Ada.L@gmail.com"))
        2
    """
    plain = dict.fromkeys((form, written.strip().lower()))
    return [sha256(address.encode()).hexdigest() for address in plain]


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
    fewest: int | None = None
    for proxy in PROXIES:
        if proxy != role:
            known = [held[0] for record in holders if (held := record.content.get(proxy))]
            # A proxy that few of the records know would see too few people.
            if known and 2 * len(known) >= len(holders):
                found = len(set(known))
                fewest = found if fewest is None else min(fewest, found)
    return MUTED if (fewest or 1) >= TOO_MANY else max(fewest or 1, 1)
