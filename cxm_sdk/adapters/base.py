"""What every adapter is: a declaration of what a source system sends, and how it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, ClassVar

from cxm_sdk._native.names import Names
from cxm_sdk._native.paths import Choice, find
from cxm_sdk.adapters.item import Item, RefusedItemError
from cxm_sdk.adapters.parsed import (
    ConsentChange,
    Deletion,
    Identifier,
    Merge,
    Parsed,
    Record,
    Rejected,
    make_identifier,
    make_parsed,
)
from cxm_sdk.adapters.payloads import loaded
from cxm_sdk.adapters.reading import UNREADABLE, Field, Many, OptIn, OptOut, Reading
from cxm_sdk.adapters.times import Form, given_time, zone_of
from cxm_sdk.errors import AdapterError, EventError
from cxm_sdk.events.envelope import Event
from cxm_sdk.events.identifiers import canonical_email, canonical_phone

__all__ = ["Adapter", "Kind"]

#: Items of a payload that are looked at to recognise it.
_LOOKED_AT = 5
#: Tenants whose names of sources and namespaces are remembered.
_TENANTS = 256
#: Canonical forms of identifiers, by namespace.
_FORMS = {"email": canonical_email, "phone": canonical_phone}
#: What an envelope may hold.
_WRAPS = (list, dict)
#: What a kind ignores of which nothing is read.
_WHOLLY = ("*",)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of item that a source system sends.

    Templates such as ``hubspot.{tenant}.contact`` name the tenant.

    Attributes:
        name: Its name, as documentation calls it.
        has: Paths that must be there, null or not.
        equal: Paths whose value must be one of these.
        lacks: Paths that must not be there.
        around: Paths that must be there in what the item is taken out of.
        source: Template of the source that records and events come from.
        tenant: Path of the tenant, here or in what the item is part of, or several, best first; None where only the
            option names it.
        id: Path of the item's own id; None where it has none.
        times: Paths of the time, best first.
        form: How times are written.
        zone: Path of the name of the zone of times that name none; None where only the option says it.
        identifiers: Template of the namespace, by path; ``Many`` for several in one text.
        attributes: Role by path.
        consents: ``OptIn`` or ``OptOut`` by path.
        ignored: Paths that are left out on purpose; ``*`` at the end takes all that begin so.
        record: Whether a record of the customer is made of it.
        parts: Whether it says only what changed; its fields are then read by ``Reading.parts``, which ``read`` calls.
        read: Name of the adapter's method that makes the rest; None where the declaration says it all.
        events: Names of the events it may become.
    """

    name: str
    has: tuple[str, ...] = ()
    equal: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    source: str
    tenant: str | tuple[str, ...] | None = None
    id: str | None = None
    times: tuple[str, ...] = ()
    form: Form = "iso"
    zone: str | None = None
    identifiers: Mapping[str, str | Many] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    consents: Mapping[str, OptIn | OptOut] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    record: bool = False
    parts: bool = False
    read: str | None = None
    events: tuple[str, ...] = ()

    def matches(self, data: Any) -> bool:
        """Has the last word on an object that meets the conditions; for forms that paths do not tell."""
        return True

    @property
    def tenants(self) -> tuple[str, ...]:
        """Paths of the tenant, best first."""
        return (self.tenant,) if isinstance(self.tenant, str) else self.tenant or ()

    @property
    def conditions(self) -> int:
        """How much is asked of an object of this kind; of two kinds that fit, the one that asks more is right."""
        return len(self.has) + 2 * len(self.equal) + len(self.lacks) + len(self.around)


class Adapter:
    """Reads what one source system sends. Subclasses declare it; see ``docs/how-to/add-a-source-system.md``.

    Reading is pure: it asks no network and no clock, and the same payload becomes the same every time. A bad item is
    rejected with path and reason and costs its neighbours nothing.

    Args:
        tenant: Portal, organisation, shop or account that payloads are from, where they do not say so themselves.
        timezone: Zone of times that name none, as an IANA name or an offset; such times are rejected without it.
        received: When payloads came, or were fetched, also as ISO 8601: the time of items that name none, which are
            rejected without.
        own: The company's own addresses (``support@example.com``) and domains (``@example.com``): never customers.
        identifiers: Further identifiers: namespace by path, for custom fields.
        attributes: Further attributes: role by path.

    Raises:
        AdapterError: An option cannot be used.

    Attributes:
        name: What it is called: ``cxm ingest --adapter NAME``.
        title: The system as its vendor calls it.
        about: One or two sentences: what is read, and where it comes from.
        kinds: What is sent, the most particular first.
        envelopes: Paths of the lists that payloads wrap items in; unwrapped where they are there.
        envelope_ignored: Paths beside those lists that are left out on purpose.
        items: Class of the items, where fields wrap their values.
        signature: Name of the scheme in ``cxm_sdk.adapters.signatures``; None where the system does not sign.
        needs_tenant: Whether ids are of use with the tenant only.
        pitfalls: What to know about the system.

    Example:
        >>> from cxm_sdk import adapters
        >>> contact = {"id": "1", "properties": {"email": "Ada@Example.com"}, "updatedAt": "2026-01-01T00:00:00Z"}
        >>> parsed = adapters.get("hubspot", tenant="62515").parse({**contact, "createdAt": None, "archived": False})
        >>> [(one.namespace, one.value) for one in parsed.records[0].identifiers]
        [('hubspot.62515.contact', '1'), ('email', 'ada@example.com')]
    """

    name: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    kinds: tuple[Kind, ...] = ()
    envelopes: ClassVar[tuple[str, ...]] = ()
    envelope_ignored: ClassVar[tuple[str, ...]] = ()
    items: ClassVar[type[Item]] = Item
    signature: ClassVar[str | None] = None
    needs_tenant: ClassVar[bool] = True
    pitfalls: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        *,
        tenant: str | int | None = None,
        timezone: str | None = None,
        received: datetime | str | None = None,
        own: Iterable[str] = (),
        identifiers: Mapping[str, str] | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        self.tenant = None if tenant is None else str(tenant)
        self.zone = None if timezone is None else zone_of(timezone)
        self.received = None if received is None else given_time(received)
        self.own = frozenset(
            one.lower() if one.startswith("@") else canonical_email(one) or one for one in own
        )
        self._plans = [_Plan(self, kind, identifiers or {}, attributes or {}) for kind in self.kinds]
        self._choice = _choice(self.kinds)
        self._by_tenant: dict[str | None, Names[Identifier]] = {}

    @classmethod
    def recognises(cls, payload: Any) -> int:
        """How well a payload fits: 0 where it does not, else how much it has of what is asked for.

        Args:
            payload: The payload, as JSON gives it, or as bytes or text.

        Returns:
            The conditions that its first items meet.

        Raises:
            AdapterError: When it is no JSON.
        """
        most = 0
        choice = _choice(cls.kinds)
        for item in cls._unwrapped(cls.items(loaded(payload)))[:_LOOKED_AT]:
            number = choice.of(item.data, item.parent.data if item.parent is not None else None)
            if number >= 0:
                most = max(most, cls.kinds[number].conditions)
        return most

    def parse(self, payload: Any) -> Parsed:
        """Reads a payload.

        Args:
            payload: An object or a list, as JSON gives it, or JSON as bytes or text. It is not changed.

        Returns:
            Everything it becomes, with what could not be used.

        Raises:
            AdapterError: When it is no JSON.

        Example:
            >>> from cxm_sdk import adapters
            >>> adapters.get("segment").parse(b'{"type": "track"}').rejected[0].reason
            'no_time'
        """
        root = self.items(loaded(payload), zone=self.zone)
        readings: list[Reading] = []
        rejected: list[Rejected] = []
        ignored: dict[int, frozenset[str]] = {}
        choose, plans = self._choice.of, self._plans
        for item in self._unwrapped(root):
            number = choose(item.data, item.parent.data if item.parent is not None else None)
            if number < 0:
                rejected.append(
                    Rejected(item.path, "unknown_kind", f"expected something that {self.title} sends")
                )
                continue
            plan = plans[number]
            ignored[id(item)] = plan.ignored
            if plan.nothing:
                continue
            try:
                readings.append(self._reading(item, plan))
            except RefusedItemError as error:
                rejected.append(Rejected(error.path, error.reason, str(error)))
            except EventError as error:
                rejected.append(Rejected(item.path, "unusable_event", str(error)))
        records: list[Record] = []
        consents: list[ConsentChange] = []
        merges: list[Merge] = []
        deletions: list[Deletion] = []
        for reading in readings:
            records += reading.records
            consents += reading.consents
            merges += reading.merges
            deletions += reading.deletions
        parsed = make_parsed(
            _distinct(readings),
            tuple(records),
            tuple(consents),
            tuple(merges),
            tuple(deletions),
            (*rejected, *_besides(rejected, root.noted)),
            lambda: _leaves(root, ignored, frozenset(self.envelope_ignored)),
        )
        root.release()
        return parsed

    def verify(
        self,
        headers: Mapping[str, str],
        body: bytes,
        secret: str,
        *,
        now: datetime | None = None,
        method: str = "POST",
        url: str = "",
    ) -> bool:
        """Checks that a delivery was signed with the secret, and lately.

        Args:
            headers: Of the request, in any case.
            body: Of the request, byte by byte as it came.
            secret: What both sides know.
            now: The time, to refuse what is replayed; None asks the clock.
            method: Of the request.
            url: Of the request, in full, where the system signs it.

        Returns:
            Whether the signature is right.

        Raises:
            AdapterError: The system does not sign what it sends.
        """
        from cxm_sdk.adapters.signatures import verify

        if self.signature is None:
            raise AdapterError(
                f"{self.title} does not sign what it sends.",
                hint="check a secret header or address of your own, or client certificates",
            )
        return verify(self.signature, headers, body, secret, now=now, method=method, url=url)

    # ------------------------------------------------------------------------------------ for subclasses

    @classmethod
    def unwrap(cls, item: Item) -> list[Item]:
        """Finds the items in an object; most systems need no other way than ``envelopes``.

        Args:
            item: An object at the top of a payload.

        Returns:
            What is in its envelopes; itself where it has none.
        """
        wrapped = [path for path in cls.envelopes if isinstance(find(item.data, path), _WRAPS)]
        return [one for path in wrapped for one in item.each(path)] if wrapped else [item]

    def tenant_of(self, item: Item, paths: tuple[str, ...]) -> str | None:
        """Finds the tenant that an item is from; most systems write it as it is.

        Args:
            item: The item.
            paths: Where the declaration says that it stands, here or in what the item is part of, best first.

        Returns:
            The tenant; None where the payload does not name it.
        """
        for path in paths:
            tenant = item.up(path)
            if tenant:
                return tenant
        return None

    # ------------------------------------------------------------------------------------ inside

    @classmethod
    def lists(cls, payload: Any) -> set[str]:
        """Says where the items of a long object stand, so that it can be read piece by piece.

        Args:
            payload: The object; its lists may be cut.

        Returns:
            Paths of its lists of items.

        Example:
            >>> from cxm_sdk import adapters
            >>> sorted(adapters.find("hubspot").lists({"results": [{"id": "1"}], "paging": {"next": {}}}))
            ['results']
        """
        items = cls.unwrap(cls.items(payload)) if isinstance(payload, dict) else []
        return {item.path.partition("[")[0] for item in items if "[" in item.path}

    @classmethod
    def _unwrapped(cls, root: Item) -> list[Item]:
        if not isinstance(root.data, list):
            return cls.unwrap(root)
        return [one for top in root.each("") for one in cls.unwrap(top)]

    def _reading(self, item: Item, plan: _Plan) -> Reading:
        kind = plan.kind
        tenant = self.tenant_of(item, plan.tenants) or self.tenant
        if tenant is None and self.needs_tenant:
            raise item.refusal(
                next(iter(plan.tenants), ""),
                "no_tenant",
                "expected the tenant, in the payload or as the option `tenant`",
            )
        names = self._by_tenant.get(tenant)
        if names is None:
            if len(self._by_tenant) >= _TENANTS:  # payloads may name any number of them
                self._by_tenant.clear()
            names = self._by_tenant[tenant] = Names(tenant, self.own, _FORMS, make_identifier)
        reading = Reading(tenant, kind.source, item, names)
        item.seen.update(plan.looked_at)
        if kind.id is not None:
            reading.id = item.need(kind.id)
        if kind.zone is not None:
            item.in_zone(kind.zone)
        for path in kind.times:
            reading.at = item.time(path, kind.form)
            if reading.at is not None:
                break
        if reading.at is None and not any(note.reason in UNREADABLE for note in item.notes):
            reading.at = self.received
        if kind.parts:
            reading.fields = plan.fields
        else:
            for _, read in plan.fields:
                read(reading)
        if kind.record:
            reading.record()
        if plan.read is not None:
            plan.read(reading)
        return reading


class _Plan:
    """How items of a kind are read: a declaration as functions and tuples, made once.

    Attributes:
        kind: The declaration.
        tenants: Paths of the tenant, best first.
        looked_at: Paths that tell the kind.
        ignored: Paths that are left out on purpose.
        nothing: Whether nothing is read of it at all.
        fields: What is declared as functions; each with its path where the kind has ``parts`` and it is one of them.
        read: What makes the rest.
    """

    def __init__(
        self, adapter: Adapter, kind: Kind, identifiers: Mapping[str, str], attributes: Mapping[str, str]
    ) -> None:
        self.kind = kind
        self.tenants = kind.tenants
        self.looked_at = tuple(kind.equal)
        self.ignored = frozenset(kind.ignored)
        self.nothing = kind.ignored == _WHOLLY and kind.read is None and not kind.record
        self.read: Field | None = None if kind.read is None else getattr(adapter, kind.read)
        named = {
            path: one if isinstance(one, Many) else Many(one)
            for path, one in {**kind.identifiers, **identifiers}.items()
        }
        roles = tuple({**kind.attributes, **attributes}.items())
        told = [("", consent.field(path)) for path, consent in kind.consents.items()]
        if kind.parts:
            told = [(path, _attributes(((path, role),))) for path, role in roles] + told
            self.fields = (*((path, many.field(path)) for path, many in named.items()), *told)
            return
        if roles:
            told.insert(0, ("", _attributes(roles)))
        runs = groupby(named.items(), lambda one: type(one[1]) is Many and one[1].separator is None)
        self.fields = (
            *(("", read) for alone, run in runs for read in _identifiers(alone, tuple(run))),
            *told,
        )


def _identifiers(alone: bool, fields: tuple[tuple[str, Many], ...]) -> list[Field]:
    """Functions that read identifiers, in order: one for all that are a single text each."""
    if not alone:
        return [many.field(path) for path, many in fields]

    def read(reading: Reading) -> None:
        reading.identify_all(fields)

    return [read]


def _choice(kinds: tuple[Kind, ...]) -> Choice:
    """Tells kinds apart."""
    return Choice(
        (
            tuple(one.equal.items()),
            *(one.has, one.lacks, one.around),
            None if type(one).matches is Kind.matches else one.matches,
        )
        for one in kinds
    )


def _distinct(readings: Iterable[Reading]) -> tuple[Event, ...]:
    """The events, of each message id the first: a copy is noted, and what else came of its item stays."""
    found: dict[str, Event] = {}
    for reading in readings:
        for event in reading.events:
            if found.setdefault(event.message_id, event) is not event:
                reading.item.note(
                    "", "duplicate_event", "expected an event of its own, got an id for the second time"
                )
    return tuple(found.values())


def _besides(rejected: list[Rejected], notes: list[Rejected]) -> Iterable[Rejected]:
    """The notes on fields, but for those that an item was refused for: that says it already."""
    told = {(one.path, one.reason) for one in rejected}
    return (one for one in notes if (one.path, one.reason) not in told)


def _attributes(roles: tuple[tuple[str, str], ...]) -> Field:
    def read(reading: Reading) -> None:
        reading.item.tell(roles, reading.attributes)

    return read


def _leaves(
    root: Item, ignored: Mapping[int, frozenset[str]], envelope: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """What became of each leaf; parts of an item follow the declaration of the item."""

    def below(item: Item, paths: frozenset[str], prefix: str) -> Iterator[tuple[str, str]]:
        own = ignored.get(id(item))
        paths, prefix = (paths, prefix) if own is None else (own, "")
        if isinstance(item.data, dict):
            here = {path[len(prefix) :] for path in paths if path.startswith(prefix)}
            stems = (path[:-1] if path.endswith("*") else f"{path}." for path in paths if prefix)
            if prefix.startswith(tuple(stems)):
                here.add("*")  # everything below a path that is left out
            yield from item.leaves(frozenset(here))
        for path, children in item.children.items():
            for child in children:
                yield from below(child, paths, f"{prefix}{path}." if path else prefix)

    if not isinstance(root.data, dict | list):
        return
    yield from below(root, envelope, "")
