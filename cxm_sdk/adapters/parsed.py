"""What a payload becomes: events, records, consent changes, merges, deletions, and what could not be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from cxm_sdk._native.calls import Maker, identity_context, message_id
from cxm_sdk.events.envelope import Event
from cxm_sdk.events.parsing import parse as parse_event

__all__ = [
    "ConsentChange",
    "ConsentState",
    "Deletion",
    "Identifier",
    "Merge",
    "Parsed",
    "Record",
    "Rejected",
    "message_id",
]

ConsentState = Literal["granted", "denied", "pending", "unset"]
"""``unset``: nothing holds, neither yes nor no, such as after an opt-out that was lifted."""


class _Private:
    """Shows nothing of a customer."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


@dataclass(frozen=True, slots=True, repr=False)
class Identifier(_Private):
    """One identifier of a customer.

    Attributes:
        namespace: What kind it is, such as ``email`` or ``hubspot.62515.contact``.
        value: In canonical form.
        raw: As the source writes it.

    Example:
        >>> Identifier("email", "ada@example.com", "Ada@Example.com")
        Identifier(…)
    """

    namespace: str
    value: str
    raw: str


@dataclass(frozen=True, slots=True, repr=False)
class Record(_Private):
    """What a source says about one customer at one time.

    Attributes:
        source: System, tenant and kind, such as ``hubspot.62515.contact``.
        record_id: Id in the source.
        observed_at: Since when it is so; of two versions of a record the later counts.
        identifiers: Identifiers of the customer.
        attributes: What describes the customer, by role, such as ``first_name``.

    Example:
        >>> from datetime import UTC
        >>> record = Record("crm", "17", datetime(2026, 1, 1, tzinfo=UTC), (), {"first_name": "Ada"})
        >>> record.to_item()["attributes"]
        {'first_name': 'Ada'}
    """

    source: str
    record_id: str
    observed_at: datetime
    identifiers: tuple[Identifier, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    def to_item(self) -> dict[str, Any]:
        """Writes the record as ``ProfileGraph.ingest`` takes it.

        Returns:
            A new mapping that JSON can hold.
        """
        return {
            "source": self.source,
            "record_id": self.record_id,
            "observed_at": self.observed_at.isoformat(),
            "identifiers": _by_namespace(self.identifiers),
            "attributes": dict(self.attributes),
        }


@dataclass(frozen=True, slots=True, repr=False)
class ConsentChange(_Private):
    """A customer agreed to something, refused it, or took that back.

    Attributes:
        channel: Where it holds: ``email``, ``sms``, ``phone``, ``mail``, ``web``, …; ``any`` for all.
        purpose: What for: ``marketing``, ``analytics``, ``profiling``, or the name of a subscription.
        state: What holds from then on.
        at: Since when.
        source: System, tenant and kind that says so.
        identifiers: Identifiers of the customer.
        legal_basis: Legal basis, as the source names it; None where it does not.

    Example:
        >>> from datetime import UTC
        >>> change = ConsentChange("email", "marketing", "denied", datetime(2026, 1, 1, tzinfo=UTC), "crm")
        >>> change.category, change.to_item()["context"]["consent"]
        ('email.marketing', {'categoryPreferences': {'email.marketing': False}})
    """

    channel: str
    purpose: str
    state: ConsentState
    at: datetime
    source: str
    identifiers: tuple[Identifier, ...] = ()
    legal_basis: str | None = None

    @property
    def category(self) -> str:
        """Channel and purpose in one name; the purpose alone where it holds for all channels."""
        return self.purpose if self.channel == "any" else f"{self.channel}.{self.purpose}"

    def to_item(self) -> dict[str, Any]:
        """Writes the change as an event that ``ProfileGraph.ingest`` takes.

        Returns:
            A new mapping that JSON can hold.
        """
        told = {"granted": True, "denied": False}.get(self.state)
        preferences = {} if told is None else {self.category: told}
        who = [f"{one.namespace}:{one.value}" for one in self.identifiers]
        return {
            "type": "track",
            "event": "Consent Updated",
            "messageId": message_id("consent", self.source, self.category, self.state, self.at, *who),
            "timestamp": self.at.isoformat(),
            "context": {
                **identity_context(self.identifiers),
                "consent": {"categoryPreferences": preferences},
            },
            "properties": {
                "category_preferences": preferences,
                "category": self.category,
                "state": self.state,
                "method": "import",
                "source_system": self.source,
                **({"basis": self.legal_basis} if self.legal_basis else {}),
            },
            **_user(self.identifiers),
        }


@dataclass(frozen=True, slots=True, repr=False)
class Merge(_Private):
    """The source says that two of its records are one customer. Neither is gone by that.

    Attributes:
        namespace: Of both ids.
        loser: The id that is given up.
        winner: The id that stays.
        at: When.
        source: System, tenant and kind that says so.

    Example:
        >>> Merge("crm.contact", "17", "18", datetime(2026, 1, 1), "crm").winner
        '18'
    """

    namespace: str
    loser: str
    winner: str
    at: datetime
    source: str


@dataclass(frozen=True, slots=True, repr=False)
class Deletion(_Private):
    """The source no longer has a record, or demands that a person be forgotten.

    Attributes:
        namespace: Of the id.
        value: The id.
        at: When.
        source: Source of the record.
        record_id: Id of the record in the source.
        erase: Whether it is a demand under privacy law, which the person's other data must follow.

    Example:
        >>> Deletion("crm.contact", "17", datetime(2026, 1, 1), "crm", "17").erase
        False
    """

    namespace: str
    value: str
    at: datetime
    source: str
    record_id: str
    erase: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something that could not be used.

    Attributes:
        path: Where it stands in the payload, such as ``[3].properties.email``.
        reason: Stable code, such as ``missing`` or ``unreadable_time``.
        detail: What was expected and what came, without any value of the payload.
        whole: Whether the item was refused with it; False where only this field was left out.

    Example:
        >>> Rejected("[3].id", "missing", "expected an id, got nothing").whole
        True
    """

    path: str
    reason: str
    detail: str
    whole: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class Parsed:
    """Everything that a payload becomes.

    Attributes:
        events: What happened.
        records: What is known about customers.
        consents: What customers agreed to and refused.
        merges: Records of the source that are one customer.
        deletions: Records that are gone, and demands to forget somebody.
        rejected: Items and fields that could not be used.

    Example:
        >>> Parsed().unmapped
        ()
    """

    events: tuple[Event, ...] = ()
    records: tuple[Record, ...] = ()
    consents: tuple[ConsentChange, ...] = ()
    merges: tuple[Merge, ...] = ()
    deletions: tuple[Deletion, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    _leaves: Callable[[], Iterator[tuple[str, str]]] = field(default=lambda: iter(()), compare=False)

    @property
    def unmapped(self) -> tuple[str, ...]:
        """Paths of the leaves that nothing was made of and nobody chose to ignore."""
        return tuple(path for path, what in self._leaves() if what == "unmapped")

    @property
    def ignored(self) -> tuple[str, ...]:
        """Paths of the leaves that the adapter leaves out on purpose."""
        return tuple(path for path, what in self._leaves() if what == "ignored")

    @property
    def mapped(self) -> tuple[str, ...]:
        """Paths of the leaves that were used, or looked at to decide what the item is."""
        return tuple(path for path, what in self._leaves() if what == "mapped")

    def __repr__(self) -> str:
        """Counts, and nothing about customers."""
        counts = (f"{name}={len(getattr(self, name))}" for name in (*_PARTS, "rejected"))
        return f"Parsed({', '.join(counts)})"

    def items(self) -> list[Any]:
        """Events, records and consent changes as ``ProfileGraph.ingest`` takes them.

        Returns:
            Events first, then records, then those consent changes that no event says by itself.
        """
        told = {
            (event.timestamp, event.user_id, event.anonymous_id, category, allowed)
            for event in self.events
            for category, allowed in _preferences(event.context).items()
        }
        return [
            *self.events,
            *(record.to_item() for record in self.records),
            *(change.to_item() for change in self.consents if _as_event_says(change) not in told),
        ]

    def to_dict(self) -> dict[str, Any]:
        """Writes everything as JSON can hold it; ``from_dict`` reads it back to an equal value.

        Returns:
            A new mapping.
        """
        return {
            "events": [event.to_wire() for event in self.events],
            **{name: [_plain(one) for one in getattr(self, name)] for name in _PARTS if name != "events"},
            "rejected": [asdict(one) for one in self.rejected],
        }

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Parsed:
        """Reads what ``to_dict`` wrote.

        Args:
            written: The mapping.

        Returns:
            An equal value, without the payload's unmapped leaves.

        Raises:
            EventError: An event in it cannot be read.
        """
        parts: dict[str, Any] = {
            name: tuple(_read(kind, one) for one in written[name]) for name, kind in _PARTS.items() if kind
        }
        events = tuple(parse_event(one) for one in written["events"])
        return cls(events, rejected=tuple(Rejected(**one) for one in written["rejected"]), **parts)


# In the time that payloads take, the constructors of frozen dataclasses count.
make_identifier = Maker(Identifier)
make_record = Maker(Record)
make_consent = Maker(ConsentChange)
make_parsed = Maker(Parsed)

_PARTS: Mapping[str, Any] = {
    "events": None,
    "records": Record,
    "consents": ConsentChange,
    "merges": Merge,
    "deletions": Deletion,
}


def _preferences(context: Mapping[str, Any]) -> Mapping[str, bool]:
    consent = context.get("consent")
    found = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    told = found.items() if isinstance(found, dict) else ()
    return {category: allowed for category, allowed in told if isinstance(allowed, bool)}


def _as_event_says(change: ConsentChange) -> tuple[object, ...]:
    user = _user(change.identifiers)
    ids = user.get("userId"), user.get("anonymousId")
    return change.at, *ids, change.category, {"granted": True, "denied": False}.get(change.state)


def _plain(value: Any) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(value).items()}


def _read(kind: Any, written: Mapping[str, Any]) -> Any:
    made = dict(written)
    for name in ("at", "observed_at"):
        if name in made:
            made[name] = datetime.fromisoformat(made[name])
    if "identifiers" in made:
        made["identifiers"] = tuple(Identifier(**one) for one in made["identifiers"])
    return kind(**made)


ENVELOPE = {"user_id": "userId", "anonymous_id": "anonymousId"}
"""Keys of the wire by namespace, for those that have one of their own."""


def _user(identifiers: tuple[Identifier, ...]) -> dict[str, str]:
    first = {one.namespace: one.raw for one in reversed(identifiers)}
    return {key: first[namespace] for namespace, key in ENVELOPE.items() if namespace in first}


def _by_namespace(identifiers: tuple[Identifier, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in identifiers:
        found.setdefault(one.namespace, []).append(one.raw)
    return found
