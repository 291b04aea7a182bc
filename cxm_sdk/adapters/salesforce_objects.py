"""The forms in which Salesforce sends its objects, the same for all of its clouds."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Any

from cxm_sdk._native.paths import find
from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.reading import Many, OptIn, OptOut, Reading

__all__ = ["Ref", "SalesforceObjects", "change", "long_id", "message", "row"]

_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_BITMAP = re.compile(r"0x[0-9A-Fa-f]{1,256}", re.ASCII)
_HEADER = "ChangeEventHeader"
_TYPE = f"{_HEADER}.changeType"
_IDS = f"{_HEADER}.recordIds"
_NOTIFICATIONS = "Envelope.Body.notifications"
_GAP = "GAP_"
_CHANGES = ("CREATE", "UPDATE", "DELETE", "UNDELETE")
_LEFT_OUT = ("OwnerId", "Created*", "LastModified*", "SystemModstamp", "LastViewedDate", "LastReferencedDate")
_HEADER_LEFT_OUT = tuple(
    f"{_HEADER}.{name}"
    for name in (
        *("changeOrigin", "commitNumber", "commitUser", "isTransactionEnd", "diffFields", "changedFields"),
        *("nulledFields", "transactionKey", "sequenceNumber"),
    )
)


def long_id(text: str) -> str:
    """The form of an id with 18 characters, which tells ids apart also where case is lost.

    Args:
        text: An id of 15 or 18 characters.

    Returns:
        The id with 18 characters; any other text as it is.

    Example:
        >>> long_id("0014H00002LbR7Q"), long_id("0014H00002LbR7QQAV")
        ('0014H00002LbR7QQAV', '0014H00002LbR7QQAV')
    """
    if len(text) != 15 or not (text.isascii() and text.isalnum()):
        return text
    parts = (text[start : start + 5] for start in (0, 5, 10))
    return text + "".join(_SUFFIX[sum(c.isupper() << i for i, c in enumerate(part))] for part in parts)


class Ref(Many):
    """A reference to an object, by its id.

    Example:
        >>> Ref("salesforce.{tenant}.contact", None).namespace
        'salesforce.{tenant}.contact'
    """

    __slots__ = ()

    def field(self, path: str) -> Any:
        """The function that reads it at a path."""

        def read(reading: Reading) -> None:
            value = reading.item.id(path)
            if value is not None:
                reading.identify(self.namespace, long_id(value), path)

        return read


Identifiers = Mapping[str, str | Many]
Consents = Mapping[str, OptIn | OptOut]


def row(
    sobject: str,
    source: str,
    *,
    name: str | None = None,
    identifiers: Identifiers,
    attributes: Mapping[str, str] | None = None,
    consents: Consents | None = None,
    equal: Mapping[str, tuple[object, ...]] | None = None,
    ignored: tuple[str, ...] = (),
    read: str | None = None,
    events: tuple[str, ...] = (),
) -> Kind:
    """An object as the REST API and queries give it.

    Args:
        sobject: Its type.
        source: Template of the source.
        name: Of the kind; None is the type in lower case.
        identifiers: Namespace by field.
        attributes: Role by field.
        consents: By field.
        equal: Further conditions.
        ignored: Fields left out on purpose.
        read: Method that makes the rest; None where there is none.
        events: Names of events.

    Returns:
        The kind.
    """
    return Kind(
        name=name or sobject.lower(),
        has=("Id",),
        equal={"attributes.type": (sobject,), **(equal or {})},
        source=source,
        id="Id",
        times=("SystemModstamp", "LastModifiedDate", "CreatedDate"),
        identifiers=identifiers,
        attributes=attributes or {},
        consents=consents or {},
        ignored=("attributes.url", *_LEFT_OUT, *ignored),
        read=read,
        events=events,
    )


def change(
    sobject: str,
    source: str,
    *,
    identifiers: Identifiers,
    attributes: Mapping[str, str] | None = None,
    consents: Consents | None = None,
    ignored: tuple[str, ...] = (),
    parts: bool = True,
    read: str,
    events: tuple[str, ...] = (),
) -> Kind:
    """A change event of an object.

    Args:
        sobject: Its type.
        source: Template of the source.
        identifiers: Namespace by field.
        attributes: Role by field; parts of compound fields with a dot.
        consents: By field.
        ignored: Fields left out on purpose.
        parts: Whether fields become parts of a record.
        read: Method that makes the rest.
        events: Names of events.

    Returns:
        The kind.
    """
    return Kind(
        name=f"change of {sobject.lower()}",
        has=(_TYPE, _IDS),
        equal={f"{_HEADER}.entityName": (sobject,)},
        source=source,
        times=(f"{_HEADER}.commitTimestamp",),
        form="ms",
        identifiers=identifiers,
        attributes=attributes or {},
        consents=consents or {},
        ignored=(*_HEADER_LEFT_OUT, *_LEFT_OUT, *ignored),
        parts=parts,
        read=read,
        events=events,
    )


def message(
    sobject: str,
    source: str,
    *,
    identifiers: Identifiers,
    attributes: Mapping[str, str] | None = None,
    consents: Consents | None = None,
    ignored: tuple[str, ...] = (),
    parts: bool = True,
    read: str,
    events: tuple[str, ...] = (),
) -> Kind:
    """An object in an outbound message, which holds the fields that the workflow names.

    Args:
        sobject: Its type.
        source: Template of the source.
        identifiers: Namespace by field.
        attributes: Role by field.
        consents: By field.
        ignored: Fields left out on purpose.
        parts: Whether fields become parts of a record.
        read: Method that makes the rest.
        events: Names of events.

    Returns:
        The kind.
    """
    return Kind(
        name=f"outbound message of {sobject.lower()}",
        has=("Id",),
        equal={"@type": (f"sf:{sobject}",)},
        source=source,
        tenant="OrganizationId",
        id="Id",
        times=("SystemModstamp", "LastModifiedDate", "CreatedDate"),
        identifiers=identifiers,
        attributes=attributes or {},
        consents=consents or {},
        ignored=(*_LEFT_OUT, *ignored),
        parts=parts,
        read=read,
        events=events,
    )


class SalesforceObjects(Adapter):
    """Takes objects out of queries, change events and outbound messages; adapters of the clouds declare the objects."""

    envelope_ignored = (
        *("totalSize", "done", "nextRecordsUrl", "queryLocator"),
        *("channel", "data.schema", "data.event", "schema", "event", "replayId", "schemaFields"),
        # The session id lets its bearer act as a user: it goes no further.
        *(f"{_NOTIFICATIONS}.{name}" for name in ("SessionId", "ActionId", "EnterpriseUrl", "PartnerUrl")),
        f"{_NOTIFICATIONS}.Notification.Id",
    )

    @classmethod
    def unwrap(cls, item: Item) -> list[Item]:
        """Finds the objects in a payload.

        Args:
            item: An object at the top of a payload.

        Returns:
            Records of a query, payloads of change events, objects of outbound messages.
        """
        if "Envelope" in item.data and isinstance(find(item.data, _NOTIFICATIONS), dict):
            sent = item.each(_NOTIFICATIONS)[0].each("Notification")
            return [found for one in sent if (found := one.part("sObject")) is not None]
        for path in ("data.payload", "payload"):
            if isinstance(find(item.data, f"{path}.{_HEADER}"), dict):
                return item.each(path)
        return item.each("records") if isinstance(item.data.get("records"), list) else [item]

    # ------------------------------------------------------------------------------------ objects of customers

    def customer(self, reading: Reading) -> None:
        """Makes a record; a merge, and a part of the other record, of what was merged; a deletion of what is gone."""
        reading.id = long_id(reading.id or "")
        master = reading.item.id("MasterRecordId")
        if not reading.item.flag("IsDeleted"):
            reading.record()
            return
        reading.consents.clear()
        if master is None:
            reading.delete(reading.source, reading.id)
        else:
            # The change event of the merge deletes this record: what it said lives on as a part of the other.
            winner = long_id(master)
            reading.merge(reading.source, reading.id, winner)
            reading.identify(reading.source, winner, "MasterRecordId")
            reading.record(f"{winner}/{reading.id}")

    def sent(self, reading: Reading) -> None:
        """Makes parts of a record of the fields that an outbound message has."""
        reading.id = long_id(reading.id or "")
        reading.identify(reading.source, reading.id, "Id")
        reading.parts(reading.id)

    def changed(self, reading: Reading) -> None:
        """Makes of a change event what it says of each of its records."""
        kind = self.change_type(reading)
        cleared = self._cleared(reading)
        for number, record_id in enumerate(self.record_ids(reading)):
            reading.id, reading.identifiers, reading.attributes = record_id, [], {}
            reading.identify(reading.source, record_id, _IDS)
            if kind == "DELETE":
                reading.delete(reading.source, record_id)
                if number == 0:
                    reading.item.note(
                        _TYPE,
                        "possible_merge",
                        "a merge deletes as well: ask for the record with queryAll, its MasterRecordId tells",
                    )
                continue
            if kind == "UPDATE":
                reading.parts(record_id, cleared)
            else:
                reading.whole(record_id)
            self.after(reading, kind)

    def after(self, reading: Reading, kind: str) -> None:
        """Makes the events of a change of one record; for the adapters of the clouds to fill in.

        Args:
            reading: The reading, of which the record is known.
            kind: ``CREATE``, ``UPDATE`` or ``UNDELETE``.
        """

    # ------------------------------------------------------------------------------------ change events

    def change_type(self, reading: Reading) -> str:
        """What a change event says has happened.

        Args:
            reading: The reading.

        Returns:
            ``CREATE``, ``UPDATE``, ``DELETE`` or ``UNDELETE``.

        Raises:
            RefusedItemError: It is another one, or says so without the fields of the record.
        """
        kind = reading.item.need(_TYPE)
        if kind == f"{_GAP}DELETE":
            return "DELETE"
        if kind.startswith(_GAP):
            raise reading.item.refusal(
                _TYPE, "gap", "expected the fields of the record, got a gap event: fetch the record"
            )
        if kind not in _CHANGES:
            raise reading.item.refusal(_TYPE, "unknown_kind", "expected a type of change, got another")
        return kind

    def record_ids(self, reading: Reading) -> list[str]:
        """The records that a change event is about.

        Args:
            reading: The reading.

        Returns:
            Ids of 18 characters, at least one.

        Raises:
            RefusedItemError: It names none, or says only that many have changed.
        """
        item = reading.item
        listed = item.raw(_IDS)
        found = [one for one in listed if type(one) is str] if isinstance(listed, list) else []
        found = [long_id(one) for one in found if 0 < len(one) <= 18 and one.isalnum()]
        if not found:
            raise item.refusal(_IDS, "gap", "expected ids of records, got none: fetch what has changed")
        return list(dict.fromkeys(found))

    def changed_fields(self, reading: Reading) -> list[str]:
        """Names of the fields that a change event says have changed.

        Args:
            reading: The reading.

        Returns:
            The names; none where it does not say, or only as a bitmap that nobody has decoded.
        """
        return self._names(reading, f"{_HEADER}.changedFields")

    def event_key(self, reading: Reading) -> tuple[object, ...]:
        """What tells a change event from all others.

        Args:
            reading: The reading, of which the record is known.

        Returns:
            Record, transaction and place in it.
        """
        item = reading.item
        transaction, place = item.id(f"{_HEADER}.transactionKey"), item.id(f"{_HEADER}.sequenceNumber")
        return reading.id, transaction or reading.when(), place

    def _cleared(self, reading: Reading) -> Container[str] | None:
        """Fields that were emptied: Pub/Sub sends every field, and null says nothing unless it is listed."""
        above = reading.item.parent
        listed = frozenset(self._names(reading, f"{_HEADER}.nulledFields"))
        return listed if above is not None and "replayId" in above.data else None

    def _names(self, reading: Reading, path: str) -> list[str]:
        """A list of fields, as names or as a bitmap of the fields of the schema, the lowest bit being the first."""
        item = reading.item
        listed = item.raw(path)
        schema = find(item.parent.data, "schemaFields") if item.parent is not None else None
        found: list[str] = []
        for one in listed if isinstance(listed, list) else ():
            if type(one) is not str:
                continue
            if "0x" not in one:
                found.append(one)
            elif isinstance(schema, list) and _BITMAP.fullmatch(one):
                bits = int(one, 16) & (1 << len(schema)) - 1
                while bits:
                    lowest = bits & -bits
                    name = schema[lowest.bit_length() - 1]
                    if type(name) is str:
                        found.append(name)
                    bits ^= lowest
            else:
                item.note(
                    path, "undecoded", "expected names of fields, got a bitmap: decode it by the schema first"
                )
        return found
