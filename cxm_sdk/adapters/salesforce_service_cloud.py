"""Salesforce Service Cloud: cases and their e-mails."""

from __future__ import annotations

from datetime import datetime

from cxm_sdk.adapters.base import Kind
from cxm_sdk.adapters.reading import Many, Reading
from cxm_sdk.adapters.salesforce_objects import Ref, SalesforceObjects, change, long_id, message, row
from cxm_sdk.adapters.times import Form
from cxm_sdk.events.catalog.ticket import (
    TicketClosed,
    TicketEscalated,
    TicketOpened,
    TicketReopened,
    TicketReplied,
    TicketUpdated,
)

__all__ = ["SalesforceServiceCloud"]

_CASE = "salesforce.{tenant}.case"
_IDENTIFIERS: dict[str, str | Many] = {
    "ContactId": Ref("salesforce.{tenant}.contact", None),
    "ContactEmail": "email",
    "ContactPhone": "phone",
    "ContactMobile": "phone",
}
_SUPPLIED = {"SuppliedEmail": "email", "SuppliedPhone": "phone"}
_LEFT_OUT = (
    *(
        "AssetId",
        "ParentId",
        "SuppliedCompany",
        "SuppliedName",
        *_SUPPLIED,
        "Reason",
        "Description",
        "Comments",
    ),
    *("IsEscalated", "ContactFax", "EntitlementId", "ProductId", "Language", "IsClosedOnCreate", "Status"),
    *("AccountId", "CaseNumber", "Origin", "Subject", "Type", "Priority", "ClosedDate", "IsClosed"),
)
_SNAPSHOT = ("Ticket Opened", "Ticket Closed", "Ticket Merged")
_CHANGES = ("Ticket Opened", "Ticket Updated", "Ticket Escalated", "Ticket Closed", "Ticket Reopened")
_CHANNELS = {
    "email": "email",
    "phone": "phone",
    "web": "web",
    "chat": "chat",
    "messaging": "chat",
    "sms": "sms",
    "social": "social",
}


class SalesforceServiceCloud(SalesforceObjects):
    """Reads cases of the Service Cloud."""

    name = "salesforce_service_cloud"
    title = "Salesforce Service Cloud"
    about = (
        "Cases and their e-mails from the REST API and its queries, from change events and from outbound messages. The"
        " tenant is the organisation's id, and contacts are those of the adapter `salesforce`."
    )
    kinds = (
        row("Case", _CASE, identifiers=_IDENTIFIERS, ignored=_LEFT_OUT, read="case", events=_SNAPSHOT),
        change(
            "Case", _CASE, identifiers=_IDENTIFIERS, ignored=_LEFT_OUT, parts=False, read="case_changed",
            events=_CHANGES,
        ),
        message(
            "Case", _CASE, identifiers=_IDENTIFIERS, ignored=_LEFT_OUT, parts=False, read="case", events=_SNAPSHOT
        ),
        row(
            "EmailMessage", "salesforce.{tenant}.email_message", name="e-mail of a case", identifiers={},
            ignored=(
                *("FromName", "FromAddress", "ToAddress", "CcAddress", "BccAddress", "Subject", "TextBody", "HtmlBody"),
                *("Headers", "Status", "ActivityId", "HasAttachment", "ThreadIdentifier", "MessageIdentifier"),
            ),
            read="email", events=("Ticket Replied",),
        ),
        Kind(name="other object", has=("attributes.type",), source=_CASE, ignored=("*",)),
        Kind(name="other change", has=("ChangeEventHeader.entityName",), source=_CASE, ignored=("*",)),
        Kind(name="other outbound message", has=("@type",), source=_CASE, ignored=("*",)),
    )  # fmt: skip
    pitfalls = (
        "Labels of `Status` are made by each organisation: only `IsClosed` says whether a case is closed.",
        "A change event has the changed fields only, and without `ContactId` it is of nobody and rejected: add"
        " `ContactId` as an enriched field of the channel.",
        "`SuppliedEmail`, `SuppliedPhone` and `SuppliedName` are who filled a form or wrote an e-mail; they count where"
        " a case has no contact, and then are all that is known.",
        "A snapshot says that a case is escalated, and not since when: escalations come from change events.",
        "`OwnerId` is an agent or a queue. Comments (`CaseComment`) name no customer and are left out, as is what was"
        " written in cases.",
        "Gap events (`GAP_*`) are rejected as `gap`: fetch the case.",
        "A case that was closed, reopened and closed again shows its last closing only in a snapshot.",
    )

    def case(self, reading: Reading) -> None:
        """Makes the events that a snapshot of a case tells."""
        item = reading.item
        reading.id = long_id(reading.id or "")
        master = item.id("MasterRecordId")
        if item.flag("IsDeleted") and master is None:
            reading.delete(_CASE, reading.id)
            return
        self._supplied(reading)
        if master is not None:
            told = {"ticket_id": reading.id, "merged_into": long_id(master)}
            reading.event("Ticket Merged", told, key=(reading.id, "merged"))
            return
        opened = item.time("CreatedDate")
        self._opened(reading, opened)
        if item.flag("IsClosed"):
            self._closed(reading, opened)

    def case_changed(self, reading: Reading) -> None:
        """Makes the events that a change of cases tells."""
        item, kind, fields = reading.item, self.change_type(reading), self.changed_fields(reading)
        ids = self.record_ids(reading)
        if kind == "DELETE":
            for one in ids:
                reading.delete(_CASE, one)
            return
        closed, escalated = item.flag("IsClosed"), item.flag("IsEscalated")
        status, priority = item.text("Status"), item.text("Priority")
        for record_id in ids:
            reading.id = record_id
            self._supplied(reading)
            key = self.event_key(reading)
            if kind == "CREATE":
                self._opened(reading, reading.at)
            if closed:
                self._closed(reading, None)
            elif closed is False and kind == "UPDATE":
                told = {"ticket_id": reading.id, "status": status}
                reading.event(TicketReopened, told, key=("reopened", *key))
            elif kind == "UPDATE" and (status or priority):
                changed = fields or [name for name in ("Status", "Priority") if item.text(name)]
                told = {"ticket_id": reading.id, "status": status, "priority": priority}
                reading.event(TicketUpdated, {**told, "changed_fields": changed}, key=("updated", *key))
            if escalated:
                reading.event(TicketEscalated, {"ticket_id": reading.id}, key=("escalated", *key))

    @staticmethod
    def _supplied(reading: Reading) -> None:
        """Identifies who filled the form, where the case has no contact."""
        item = reading.item
        if item.id("ContactId") is not None:
            return
        for path, namespace in _SUPPLIED.items():
            value = item.id(path)
            if value is not None:
                reading.identify(namespace, value, path)
        if reading.identifiers and item.text("SuppliedName") is not None:
            reading.record(full_name=item.text("SuppliedName"))

    @staticmethod
    def _opened(reading: Reading, at: datetime | None) -> None:
        if at is None:
            return
        item = reading.item
        told = {
            "ticket_id": reading.id,
            "case_number": item.text("CaseNumber"),
            "category": item.text("Type"),
            "priority": item.text("Priority"),
            "subject": item.text("Subject"),
            "requester_id": item.id("ContactId"),
            "channel": _CHANNELS.get((item.text("Origin") or "").lower()),
        }
        reading.event(TicketOpened, told, key=(reading.id, "opened"), at=at)

    @staticmethod
    def _closed(reading: Reading, opened: datetime | None) -> None:
        item = reading.item
        form: Form = "iso" if isinstance(item.raw("ClosedDate"), str) else "ms"
        at = item.time("ClosedDate", form) or reading.when()
        told = {
            "ticket_id": reading.id,
            "resolution": item.text("Status"),
            "resolution_seconds": (at - opened).total_seconds()
            if opened is not None and at >= opened
            else None,
        }
        reading.event(TicketClosed, told, key=(reading.id, "closed", at), at=at)

    def email(self, reading: Reading) -> None:
        """Makes the event of an e-mail, of the customer who wrote it or to whom it went."""
        item = reading.item
        reading.id = long_id(reading.id or "")
        incoming = item.flag("Incoming")
        path = "FromAddress" if incoming else "ToAddress"
        told = {
            "ticket_id": long_id(item.need("ParentId")),
            "message_id": reading.id,
            "direction": "inbound" if incoming else "outbound",
            "channel": "email",
        }
        at = item.time("MessageDate") or item.time("CreatedDate")
        listed = (item.text(path) or "").replace(",", ";").split(";")
        for number, address in enumerate(one.strip() for one in listed if one.strip()):
            reading.identifiers = []  # several recipients are not one customer
            if reading.identify("email", address, path) is not None:
                reading.event(TicketReplied, told, key=(reading.id, number), at=at)
