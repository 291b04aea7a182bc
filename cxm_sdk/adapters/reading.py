"""The reading of one item: what was found so far, and what is to come of it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from cxm_sdk._native.calls import call
from cxm_sdk._native.names import Names
from cxm_sdk._native.paths import find, there
from cxm_sdk.adapters.item import Item, RefusedItemError
from cxm_sdk.adapters.parsed import (
    ConsentChange,
    ConsentState,
    Deletion,
    Identifier,
    Merge,
    Record,
    make_consent,
    make_record,
)
from cxm_sdk.events import registry
from cxm_sdk.events.envelope import Event
from cxm_sdk.events.parsing import parse as parse_event
from cxm_sdk.events.parsing import reader_of
from cxm_sdk.events.typed import TypedEvent

__all__ = ["UNREADABLE", "Field", "Many", "OptIn", "OptOut", "Reading"]


class Reading:
    """The reading of one item; methods of adapters get it.

    What is made here counts only when the whole item can be used.

    Args:
        tenant: Tenant; None where the system has none.
        source: Template of the source.
        item: What is read.
        names: Names with this tenant.

    Attributes:
        item: What is read.
        tenant: Tenant; None where the system has none.
        source: Where it comes from, with the tenant.
        id: The item's own id; None where the declaration names none.
        at: Its time; None where it has none.
        identifiers: Identifiers of the customer.
        attributes: Attributes of the customer, by role.
        fields: What is declared and not read yet: path and function; empty but for kinds that have ``parts``.
    """

    __slots__ = (
        *("_names", "at", "attributes", "consents", "deletions", "events", "fields", "id", "identifiers"),
        *("item", "merges", "records", "source", "tenant"),
    )

    def __init__(self, tenant: str | None, source: str, item: Item, names: Names[Identifier]) -> None:
        self.tenant, self.item, self._names = tenant, item, names
        self.source = names.named(source)
        self.id: str | None = None
        self.at: datetime | None = None
        self.identifiers: list[Identifier] = []
        self.attributes: dict[str, str] = {}
        self.fields: tuple[tuple[str, Field], ...] = ()
        self.events: list[Event] = []
        self.records: list[Record] = []
        self.consents: list[ConsentChange] = []
        self.merges: list[Merge] = []
        self.deletions: list[Deletion] = []

    def named(self, template: str) -> str:
        """Puts the tenant into a template such as ``hubspot.{tenant}.contact``."""
        return self._names.named(template)

    def identify_all(self, fields: tuple[tuple[str, Many], ...]) -> None:
        """Adds the identifiers at many paths.

        Args:
            fields: Paths, each with its namespace.
        """
        self._names.identify_all(self.item, self.identifiers, fields)

    def when(self) -> datetime:
        """The time of the item.

        Returns:
            The time.

        Raises:
            RefusedItemError: When it has none that can be read.
        """
        if self.at is None:
            last = next((one for one in reversed(self.item.notes) if one.reason in UNREADABLE), None)
            if last is not None:
                raise self.item.refusal(
                    last.path[len(self.item.path) :].lstrip("."), last.reason, last.detail
                )
            raise self.item.refusal("", "no_time", "expected a time, got none")
        return self.at

    def identify(self, namespace: str, raw: str, path: str = "") -> Identifier | None:
        """Adds an identifier of the customer.

        Args:
            namespace: Template of the namespace.
            raw: As the source writes it.
            path: Where it stands.

        Returns:
            The identifier; None where it names nobody, or the company itself.
        """
        return self._names.identify(self.item, self.identifiers, namespace, raw, path)

    def record(self, record_id: str | None = None, **attributes: str | None) -> None:
        """Makes a record of what was found.

        Args:
            record_id: Its id; None takes the item's own. A part of a record, such as one changed property, has an id
                of its own below the record's: ``17/email``. A slash in the id of a source is written ``%2F``.
            **attributes: Further attributes by role; None is left out.

        Raises:
            RefusedItemError: When the item has no time or id.
        """
        name = record_id or (self.id and whole_id(self.id))
        if not name:
            raise self.item.refusal("", "missing", "expected an id, got none")
        told = self.attributes.copy()
        if attributes:
            told.update({role: text for role, text in attributes.items() if text is not None})
        self.records.append(make_record(self.source, name, self.when(), tuple(self.identifiers), told))

    def whole(self, record_id: str) -> None:
        """Makes a record of all declared fields, for a payload that may say only what changed, and says all this time.

        Args:
            record_id: Id of the record.

        Raises:
            RefusedItemError: When the item has no time.
        """
        for _, read in self.fields:
            read(self)
        self.record(whole_id(record_id))

    def parts(self, record_id: str, cleared: Container[str] | None = None) -> None:
        """Makes a part of the record of each declared field that is there, for a payload that says only what changed.

        What was identified before is in each part. Consent changes are made as well.

        Args:
            record_id: Id of the record.
            cleared: Paths whose null says that there is nothing any more; None takes every null so.

        Raises:
            RefusedItemError: When the item has no time.
        """
        known, record_id, data = tuple(self.identifiers), whole_id(record_id), self.item.data
        for path, read in self.fields:
            null = path and find(data, path) is None
            if null and not there(data, path):
                continue
            self.identifiers, self.attributes = list(known), {}
            read(self)
            told = self.attributes or len(self.identifiers) > len(known)
            if told or (null and (cleared is None or path in cleared)):
                self.record(f"{record_id}/{path}")
        self.identifiers, self.attributes = list(known), {}

    def event(
        self,
        what: type[TypedEvent] | str,
        properties: Mapping[str, Any],
        *,
        key: Iterable[object],
        at: datetime | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        """Makes an event of the customer.

        Args:
            what: Its class; or the name of an event that the catalogue does not have.
            properties: Its properties; None values are left out.
            key: What tells this event from all others of the source: its id there, or what it is about and when.
            at: When it happened; None is the time of the item.
            context: Further context.

        Raises:
            RefusedItemError: When the item has no time, or names nobody.
            EventError: The event cannot be made of these values.
        """
        if isinstance(what, str):
            made = self._call(("track", "properties", what), properties, key, at, context or {})
        else:
            slot, schema, glance = _calls.get(what) or _call_of(what)
            if not self.identifiers:
                raise self._names_nobody()
            about = {**context, **schema} if context else schema
            at = at or self.at or self.when()
            wire = call(slot, self.source, key, at, self.identifiers, properties, about)
            made = glance(wire) or parse_event(wire)
        self.events.append(made)

    def page(
        self,
        name: str | None,
        properties: Mapping[str, Any],
        *,
        key: Iterable[object],
        at: datetime | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        """Makes a page call: the customer saw a page.

        Args:
            name: Name of the page; None where it has none.
            properties: Its properties, such as ``url``; None values are left out.
            key: What tells this event from all others of the source.
            at: When it happened; None is the time of the item.
            context: Further context.

        Raises:
            RefusedItemError: When the item has no time, or names nobody.
            EventError: The event cannot be made of these values.
        """
        self.events.append(self._call(("page", "properties", name), properties, key, at, context or {}))

    def _call(
        self,
        what: tuple[str, str, str | None],
        properties: Mapping[str, Any],
        key: Iterable[object],
        at: datetime | None,
        context: Mapping[str, Any],
    ) -> Event:
        """Makes an event of what stands on the wire: call, slot and name, who, when and where from."""
        if not self.identifiers:
            raise self._names_nobody()
        at = at or self.at or self.when()
        return parse_event(call(what, self.source, key, at, self.identifiers, properties, context))

    def _names_nobody(self) -> RefusedItemError:
        return self.item.refusal("", "names_nobody", "expected an identifier of a customer, got none")

    def consent(
        self,
        channel: str,
        purpose: str,
        state: ConsentState,
        *,
        at: datetime | None = None,
        legal_basis: str | None = None,
    ) -> None:
        """Makes a consent change of the customer.

        Args:
            channel: Where it holds.
            purpose: What for.
            state: What holds.
            at: Since when; None is the time of the item.
            legal_basis: As the source names it.

        Raises:
            RefusedItemError: When the item has no time, or names nobody.
        """
        if not self.identifiers:
            raise self._names_nobody()
        who = tuple(self.identifiers)
        made = make_consent(channel, purpose, state, at or self.when(), self.source, who, legal_basis)
        self.consents.append(made)

    def merge(self, namespace: str, loser: str, winner: str) -> None:
        """Says that two ids are one customer.

        Args:
            namespace: Template of the namespace of both.
            loser: The id that is given up.
            winner: The id that stays.
        """
        if loser != winner:
            self.merges.append(Merge(self.named(namespace), loser, winner, self.when(), self.source))

    def delete(
        self, namespace: str, value: str, *, record_id: str | None = None, erase: bool = False
    ) -> None:
        """Says that a record is gone.

        Args:
            namespace: Template of the namespace of its id.
            value: The id.
            record_id: Id of the record where it differs.
            erase: Whether the person must be forgotten everywhere.
        """
        source, at = self.source, self.when()
        name = record_id or whole_id(value)
        self.deletions.append(Deletion(self.named(namespace), value, at, source, name, erase))


_Call = tuple[tuple[str, str, str | None], Mapping[str, str], Callable[[dict[str, Any]], Event | None]]
_calls: dict[type[TypedEvent], _Call] = {}
"""How typed events stand on the wire: call, slot and name; the context that names the schema; what reads them."""

registry.on_change.append(_calls.clear)


def _call_of(what: type[TypedEvent]) -> _Call:
    """Finds how events of a class that was not met before stand on the wire."""
    slot = "traits" if what.event_type in ("identify", "group") else "properties"
    name = what.event_name or None
    reader = reader_of({"type": what.event_type, "event" if what.event_type == "track" else "name": name})
    glance = reader.glance if reader.cls is what else _doubt  # of another version, or in no catalogue
    return _calls.setdefault(what, ((what.event_type, slot, name), {"schema": what.schema_id()}, glance))


def _doubt(wire: object) -> None:
    """Reads nothing at a glance."""


Field = Callable[[Reading], None]
"""Reads one declared field."""

_MARKS = str.maketrans({"/": "%2F", "%": "%25"})


def whole_id(text: str) -> str:
    """The id of a whole record: what the source calls it, so that it is never taken for a part of another record.

    Args:
        text: The id in the source.

    Returns:
        The id without the mark that parts have.

    Example:
        >>> whole_id("17"), whole_id("A/17")
        ('17', 'A%2F17')
    """
    return text.translate(_MARKS) if "/" in text or "%" in text else text


#: Reasons for which a time was left out.
UNREADABLE = ("unreadable_time", "no_time_zone")


class Many(NamedTuple):
    """An identifier with more to it than a namespace: several in one text, or texts that stand for none.

    Attributes:
        namespace: Template of the namespace.
        separator: What parts them; None for a single one.
        none: Texts by which the source says that there is none, such as ``0``.

    Example:
        >>> Many("email", ";").separator
        ';'
    """

    namespace: str
    separator: str | None = None
    none: tuple[str, ...] = ()

    def field(self, path: str) -> Field:
        """The function that reads them at a path."""
        namespace, separator, none = self

        def one(reading: Reading) -> None:
            value = reading.item.id(path)
            if value is not None and value not in none:
                reading.identify(namespace, value, path)

        def many(reading: Reading) -> None:
            value = reading.item.text(path)
            for part in (value or "").split(separator):
                if part.strip() and part.strip() not in none:
                    reading.identify(namespace, part.strip(), path)

        return one if separator is None else many


@dataclass(frozen=True, slots=True)
class OptIn:
    """A flag that says yes or no to something.

    Attributes:
        channel: Where it holds.
        purpose: What for.

    Example:
        >>> OptIn("email", "marketing").channel
        'email'
    """

    channel: str
    purpose: str

    def field(self, path: str) -> Field:
        """The function that reads it at a path."""
        return _flag(path, self.channel, self.purpose, "granted", "denied")


@dataclass(frozen=True, slots=True)
class OptOut:
    """A flag that says no to something. That it is not set is no consent: nothing holds then.

    Attributes:
        channel: Where it holds.
        purpose: What for.

    Example:
        >>> OptOut("email", "marketing").purpose
        'marketing'
    """

    channel: str
    purpose: str

    def field(self, path: str) -> Field:
        """The function that reads it at a path."""
        return _flag(path, self.channel, self.purpose, "denied", "unset")


def _flag(path: str, channel: str, purpose: str, yes: ConsentState, no: ConsentState) -> Field:
    def read(reading: Reading) -> None:
        told = reading.item.flag(path)
        if told is not None:
            reading.consent(channel, purpose, yes if told else no)

    return read
