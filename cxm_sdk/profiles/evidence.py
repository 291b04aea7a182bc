"""Evidence: what a graph takes in, in canonical form."""

from __future__ import annotations

import json
import math
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import blake2b

from cxm_sdk._native.evidence import forms_and_writing, name_of_item
from cxm_sdk.errors import InputError
from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.profiles.canonical import Said

__all__ = [
    "EVENTS",
    "MICROSECONDS",
    "Evidence",
    "Rejection",
    "Report",
    "Steward",
    "evidence_key",
    "given_time",
    "moment",
    "when",
]

#: Source of what events say about people; record ids are digests of what is said.
EVENTS = "events"
MICROSECONDS = 1_000_000
#: What is more is milliseconds; where events are checked, pydantic draws the line here.
MOST_SECONDS = 20_000_000_000


@dataclass(frozen=True, slots=True)
class Rejection:
    """An item that was refused, or whose identity part was.

    Attributes:
        index: Position in what was handed in.
        reason: Stable code, such as ``contradictory_identifiers``.
        detail: What was expected and what came, without any value of the item.
        stored: Whether the item is kept, without saying who it belongs to.
    """

    index: int
    reason: str
    detail: str
    stored: bool = False


@dataclass
class Report:
    """What became of items.

    Attributes:
        accepted: Items that are new, or newer than what was there.
        duplicates: Items that said nothing new.
        rejected: Items that were refused, or whose identity part was, with the reason.
        changes: Entries made in the change feed.
        linked: Merges of source systems that were taken over as decisions.
        retracted: Records of source systems that are gone.
        erased: People who were erased because a source system demanded it.
    """

    accepted: int = 0
    duplicates: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    changes: int = 0
    linked: int = 0
    retracted: int = 0
    erased: int = 0


@dataclass(slots=True)
class Evidence:
    """One accepted item.

    Attributes:
        key: 16 bytes that name it: source and record id, or message id.
        source: Source of a record, ``events`` for events.
        record_id: Id in the source; the message id of an event.
        at: Microseconds since 1970, UTC.
        kind: ``record`` or the type of the event.
        body: The item as JSON with sorted keys.
        record: What it says about a person, as a record of no number yet; None for what is anonymous.
        devices: Devices and cookies it was seen on, as (namespace, value).
        refused: Why its identity part was refused; None where it was not.
        index: Position in what was handed in.
    """

    key: bytes
    source: str
    record_id: str
    at: int
    kind: str
    body: str
    record: PersonRecord | None = None
    devices: list[tuple[str, str]] = field(default_factory=list)
    refused: tuple[str, str] | None = None
    index: int = 0

    @property
    def version(self) -> tuple[int, bytes]:
        """What decides between two items of one key: of records the last, of events the first stays."""
        return self.at, blake2b(self.body.encode(), digest_size=8).digest()

    @property
    def said(self) -> Said:
        """Canonical and written values by role; empty for what is anonymous."""
        return {} if self.record is None else self.record.said

    def tell(self, said: Said, roles: Set[str]) -> None:
        """Puts down what it says about a person.

        Events that say the same about a person are one record of the person layer, however many they are.

        Args:
            said: Canonical and written values by role.
            roles: Roles that are identifiers.
        """
        if not said:
            return
        said = dict(sorted(said.items()))
        named = self.source, self.record_id
        if self.kind != "record":
            told = json.dumps(said, sort_keys=True, ensure_ascii=False)
            named = EVENTS, blake2b(told.encode(), digest_size=16).hexdigest()
        self.record = PersonRecord(0, *named, *forms_and_writing(said), self.at, self.at, roles)

    def node_key(self) -> bytes:
        """The key of the record that stands for this in the person layer.

        Raises:
            ValueError: When it says nothing about a person.
        """
        if self.record is None:
            raise ValueError("expected evidence of a person, got what is anonymous")
        named = self.record.source, self.record.record_id
        return self.key if self.kind == "record" else evidence_key(*named)


@dataclass(frozen=True, slots=True)
class Steward:
    """A decision of a person that two identifiers or records are, or are not, one customer.

    Attributes:
        a: ``namespace:value`` or ``record:source:record_id`` in canonical form; the smaller of the two.
        b: The other.
        same: Whether they are one customer.
        who: Who decided.
        why: And why.
        at: Microseconds since 1970.
    """

    a: str
    b: str
    same: bool
    who: str
    why: str
    at: int


def evidence_key(source: str, record_id: str) -> bytes:
    """Names an item by 16 bytes.

    Args:
        source: Its source.
        record_id: Its id there.

    Returns:
        The digest.

    Example:
        >>> len(evidence_key("crm", "1"))
        16
    """
    return name_of_item(source, record_id)


def when(value: object) -> int:
    """Reads a time.

    Args:
        value: ISO 8601 text, a ``datetime`` (without zone it is UTC), a ``date``, or seconds since 1970; a number that
            would be after the year 2603 is one of milliseconds, as JavaScript counts.

    Returns:
        Microseconds since 1970, UTC.

    Raises:
        ValueError: When it is none of these.

    Example:
        >>> when("1970-01-01T00:00:01.5Z")
        1500000
    """
    if type(value) is int:
        return value * MICROSECONDS if value <= MOST_SECONDS else value * 1000
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        if value != value:
            raise ValueError("expected a time, got NaT")
        elapsed = value - datetime(1970, 1, 1, tzinfo=UTC)
        return (elapsed.days * 86_400 + elapsed.seconds) * MICROSECONDS + elapsed.microseconds
    if isinstance(value, date):
        return when(datetime(value.year, value.month, value.day, tzinfo=UTC))
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return round(value * (MICROSECONDS if value <= MOST_SECONDS else 1000))
    raise ValueError(f"expected a time, got {type(value).__name__}")


def given_time(value: object) -> int:
    """Reads a time that a caller gives, as ``when`` does.

    Args:
        value: The time.

    Returns:
        Microseconds since 1970, UTC.

    Raises:
        InputError: When it is none; what it was is not told.

    Example:
        >>> given_time("1970-01-02")
        86400000000
    """
    try:
        return when(value)
    except (ValueError, OverflowError):
        raise InputError(
            f"expected a time as ISO 8601 text, a datetime, a date or seconds since 1970, got {type(value).__name__}."
        ) from None


def moment(at: int) -> str:
    """Writes a time.

    Args:
        at: Microseconds since 1970, UTC.

    Returns:
        ISO 8601 text.

    Example:
        >>> moment(1500000)
        '1970-01-01T00:00:01.500000Z'
    """
    seconds, rest = divmod(at, MICROSECONDS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:06d}Z"
