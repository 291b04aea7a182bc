"""Microsoft Dynamics 365 and Dataverse: contacts, leads and cases."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.reading import Many, OptIn, OptOut, Reading
from cxm_sdk.events.catalog.ticket import (
    TicketClosed,
    TicketOpened,
    TicketRated,
    TicketReopened,
    TicketSolved,
    TicketUpdated,
)

__all__ = ["Dynamics365"]

_CONTACT = "dynamics.{tenant}.contact"
_LEAD = "dynamics.{tenant}.lead"
_CASE = "dynamics.{tenant}.incident"
_LABEL = "@OData.Community.Display.V1.FormattedValue"
_TABLE = "@Microsoft.Dynamics.CRM.lookuplogicalname"

_PERSON: dict[str, str | Many] = {
    "emailaddress1": "email",
    "emailaddress2": "email",
    "emailaddress3": "email",
    "telephone1": "phone",
    "telephone2": "phone",
    "telephone3": "phone",
    "mobilephone": "phone",
}
_CONTACT_IDS: dict[str, str | Many] = {
    "contactid": _CONTACT,
    **_PERSON,
    "externaluseridentifier": "dynamics.{tenant}.external_user",
}
_LEAD_IDS: dict[str, str | Many] = {"leadid": _LEAD, **_PERSON}
_TOLD = {
    "firstname": "first_name",
    "lastname": "last_name",
    "fullname": "full_name",
    "birthdate": "birth_date",
    "jobtitle": "job_title",
    "address1_line1": "street",
    "address1_city": "city",
    "address1_postalcode": "postcode",
    "address1_stateorprovince": "state",
    "address1_country": "country",
}
_LEAD_TOLD = {**_TOLD, "companyname": "company"}
_CONSENTS: dict[str, OptIn | OptOut] = {
    "donotbulkemail": OptOut("email", "marketing"),
    "donotemail": OptOut("email", "contact"),
    "donotphone": OptOut("phone", "marketing"),
    "donotpostalmail": OptOut("mail", "marketing"),
    "donotfax": OptOut("fax", "marketing"),
    "followemail": OptIn("email", "tracking"),
    "msdyn_gdproptout": OptOut("any", "processing"),
}
_COLUMNS = (*_CONTACT_IDS, *_LEAD_IDS, *_TOLD, *_CONSENTS)
_ROW_LEFT_OUT = (
    *("@odata.*", "createdon*", "modifiedon*", "statecode*", "statuscode*", "yomi*", "merged*"),
    *("_masterid_value@*", "_parentcustomerid_value@*", "_ownerid_value*", "_owninguser_value*"),
    *("_owningbusinessunit_value*", "_createdby_value*", "_modifiedby_value*", "versionnumber*"),
    *(f"{column}@*" for column in dict.fromkeys(_COLUMNS)),
)
_TARGET = "InputParameters.value"
_CONTEXT_LEFT_OUT = (
    *("BusinessUnitId", "CorrelationId", "Depth", "InitiatingUserId", "Is*", "Mode", "Operation*", "Organization*"),
    *("OutputParameters", "OwningExtension", "ParentContext", "PostEntityImages", "PreEntityImages", "RequestId"),
    *("SecondaryEntityName", "SharedVariables", "Stage", "UserId", "PrimaryEntityId"),
    *(f"{_TARGET}.Attributes.value.{name}" for name in ("__type", "KeyAttributes", "LogicalName")),
    *(f"{_TARGET}.Attributes.value.{name}" for name in ("Name", "RowVersion")),
    *(f"{_TARGET}.{name}" for name in ("__type", "EntityState", "FormattedValues", "Id", "KeyAttributes")),
    *(f"{_TARGET}.{name}" for name in ("LogicalName", "RelatedEntities", "RowVersion", "Name")),
)  # fmt: skip
_CASE_EVENTS = ("Ticket Opened", "Ticket Solved", "Ticket Closed", "Ticket Rated")
_CASE_CHANGES = (*_CASE_EVENTS, "Ticket Reopened", "Ticket Updated")
_CHANNELS = {"1": "phone", "2": "email", "3": "web"}
_PRIORITIES = {"1": "High", "2": "Normal", "3": "Low"}
_DELETED = re.compile(r"#(contacts|leads)/\$deletedEntity$", re.ASCII)


def _webhook(what: str, messages: tuple[str, ...], table: str, source: str, read: str, **more: Any) -> Kind:
    return Kind(
        name=what,
        equal={"MessageName": messages, "PrimaryEntityName": (table,)},
        has=("OrganizationId",),
        source=source,
        tenant="OrganizationId",
        times=("OperationCreatedOn",),
        form="odata",
        ignored=_CONTEXT_LEFT_OUT,
        read=read,
        **more,
    )


class Columns(Item):
    """The columns of a row, which webhooks list as keys and values.

    Args:
        target: The entity that lists them.

    Example:
        >>> row = Item({"Attributes": [{"key": "firstname", "value": "Ada"}, {"key": "state", "value": {"Value": 1}}]})
        >>> columns = Columns(row)
        >>> columns.text("firstname"), columns.text("state.Value"), columns.text("lastname")
        ('Ada', '1', None)
    """

    __slots__ = ("entries",)

    def __init__(self, target: Item) -> None:
        listed = target.each("Attributes")
        self.entries = {key: one for one in listed if (key := one.id("key")) is not None}
        data = {key: one.data.get("value") for key, one in self.entries.items()}
        super().__init__(data, target.path, target.zone, target.parent)
        self.notes = target.notes

    def raw(self, path: str) -> Any:
        """The value of a column; of a part of it with a dot.

        Args:
            path: Name of the column.
        """
        name, dot, rest = path.partition(".")
        entry = self.entries.get(name)
        return None if entry is None else entry.raw(f"value{dot}{rest}")


class Dynamics365(Adapter):
    """Reads rows of Dataverse, and what its webhooks send."""

    name = "dynamics365"
    title = "Microsoft Dynamics 365"
    about = (
        "Contacts, leads and cases from the Web API of Dataverse, with delta pages, and from webhooks. The tenant is"
        " the organisation's id, which webhooks name."
    )
    kinds = (
        *(
            kind
            for table, source, ids, told in (
                ("contact", _CONTACT, _CONTACT_IDS, _TOLD),
                ("lead", _LEAD, _LEAD_IDS, _LEAD_TOLD),
            )
            for kind in (
                _webhook(
                    f"webhook: {table} written", ("Create", "Update"), table, source, "written", parts=True,
                    identifiers=ids, attributes=told, consents=_CONSENTS,
                ),
                _webhook(f"webhook: {table} deleted", ("Delete",), table, source, "deleted", id="PrimaryEntityId"),
                _webhook(f"webhook: {table}s merged", ("Merge",), table, source, "merged"),
            )
        ),
        _webhook(
            "webhook: case written", ("Create", "Update"), "incident", _CASE, "case_written",
            id="PrimaryEntityId", events=_CASE_CHANGES,
        ),
        Kind(
            name="other webhook", has=("MessageName", "PrimaryEntityName", "OrganizationId"),
            source="dynamics.{tenant}", tenant="OrganizationId", ignored=("*",),
        ),
        Kind(
            name="case", has=("incidentid",), source=_CASE, id="incidentid", times=("modifiedon", "createdon"),
            read="case", events=_CASE_EVENTS,
            ignored=(
                *_ROW_LEFT_OUT, "_customerid_value@*", "_primarycontactid_value*", "caseorigincode*", "prioritycode*",
                "customersatisfactioncode*",
            ),
        ),
        Kind(
            name="contact", has=("contactid",), source=_CONTACT, id="contactid", times=("modifiedon", "createdon"),
            identifiers={**_CONTACT_IDS, "_originatingleadid_value": _LEAD}, attributes=_TOLD, consents=_CONSENTS,
            ignored=_ROW_LEFT_OUT, read="row",
        ),
        Kind(
            name="lead", has=("leadid",), source=_LEAD, id="leadid", times=("modifiedon", "createdon"),
            identifiers=_LEAD_IDS, attributes=_LEAD_TOLD, consents=_CONSENTS, ignored=_ROW_LEFT_OUT, read="row",
        ),
        Kind(
            name="deleted row", has=("@odata.context", "id", "reason"), source="dynamics.{tenant}", id="id",
            ignored=("reason",), read="gone",
        ),
        Kind(name="other row", has=("@odata.etag",), source="dynamics.{tenant}", ignored=("*",)),
    )  # fmt: skip
    envelopes = ("value",)
    envelope_ignored = ("@odata.*",)
    pitfalls = (
        "A webhook has the changed columns only, each of which becomes a part of the record; `ParentContext` and the"
        " images repeat the change and are left out.",
        "Above 256 KB a webhook comes without its parameters, with the header `x-ms-dynamics-msg-size-exceeded`: it is"
        " rejected as `gap`, fetch the row.",
        "A webhook may come twice, and changes of your own integration come too: `CorrelationId` and `Depth` tell.",
        "The offset in `/Date(1506409448000-0700)/` is for display; the milliseconds are UTC.",
        "`donotbulkemail` and the like are set to forbid; `msdyn_gdproptout` set means that nothing is allowed. Not set"
        " is no consent. `donotemail` forbids marketing too.",
        "A customer of a case may be a company: then its primary contact is the customer. A changed case names neither"
        " unless they changed: register the step with an image that has `customerid` and `primarycontactid`.",
        "`customersatisfactioncode` goes from 1 to 5, where 5 is the best.",
        "A row does not say when a case was resolved: the time of its last change stands for it, and a case counts as"
        " solved once.",
        "Rows of delta pages that are gone name no time: give `received`.",
    )

    # ------------------------------------------------------------------------------------------ people

    def row(self, reading: Reading) -> None:
        """Makes a record; a merge as well of a row that was merged into another."""
        item = reading.item
        self._no_email(reading)
        if item.text(f"_parentcustomerid_value{_TABLE}") == "account":
            reading.attributes["account"] = item.id("_parentcustomerid_value") or ""
        master = item.id("_masterid_value")
        if item.flag("merged") and master is not None:
            reading.consents.clear()
            reading.merge(reading.source, reading.id or "", master)
        reading.record()

    def written(self, reading: Reading) -> None:
        """Makes a record of a new row, and parts of one of a changed row."""
        created = reading.item.text("MessageName") == "Create"
        record_id = reading.item.need("PrimaryEntityId")
        reading.item = self._columns(reading)
        reading.identify(reading.source, record_id, "PrimaryEntityId")
        if created:
            reading.whole(record_id)
        else:
            reading.parts(record_id)
        self._no_email(reading)

    def deleted(self, reading: Reading) -> None:
        """Says that a row is gone."""
        self._parameters(reading)
        reading.delete(reading.source, reading.id or "")

    def merged(self, reading: Reading) -> None:
        """Says which two rows are one customer."""
        found = self._parameters(reading)
        target = found["Target"].part("value") if "Target" in found else None
        if target is None or "SubordinateId" not in found:
            raise reading.item.refusal(
                "InputParameters", "gap", "expected Target and SubordinateId, got none: fetch the rows"
            )
        reading.merge(reading.source, found["SubordinateId"].need("value"), target.need("Id"))

    def gone(self, reading: Reading) -> None:
        """Says that a row of a delta page is gone."""
        table = _DELETED.search(reading.item.text("@odata.context") or "")
        if table is not None:
            reading.source = reading.named(_CONTACT if table[1] == "contacts" else _LEAD)
            reading.delete(reading.source, reading.id or "")

    @staticmethod
    def _no_email(reading: Reading) -> None:
        """Who wants no e-mail at all wants none of marketing."""
        if reading.item.flag("donotemail"):
            reading.consents = [one for one in reading.consents if one.category != "email.marketing"]
            reading.consent("email", "marketing", "denied")

    # ------------------------------------------------------------------------------------------ cases

    def case(self, reading: Reading) -> None:
        """Makes the events that a row of a case tells."""
        item = reading.item
        tables = (item.text(f"_customerid_value{_TABLE}"), item.id("_customerid_value"))
        self._customer(reading, *tables, item.id("_primarycontactid_value"))
        opened = item.time("createdon")
        if opened is not None:
            self._opened(reading, item, opened, "")
        self._state(reading, item.id("statecode"), item.text(f"statuscode{_LABEL}"), opened)
        score = item.number("customersatisfactioncode")
        if score is not None:
            self._rated(reading, float(score))

    def case_written(self, reading: Reading) -> None:
        """Makes the events that a new or changed case tells."""
        created = reading.item.text("MessageName") == "Create"
        at = reading.when()
        columns = self._columns(reading)
        for row in (columns, *self._images(reading)):
            if not reading.identifiers:
                tables = (row.text("customerid.LogicalName"), row.id("customerid.Id"))
                self._customer(reading, *tables, row.id("primarycontactid.Id"))
        state = columns.id("statecode.Value")
        if created:
            self._opened(reading, columns, columns.time("createdon", "odata") or at, ".Value")
        elif state == "0":
            reading.event(TicketReopened, {"ticket_id": reading.id}, key=(reading.id, "reopened", at))
        elif state is None:
            told = {"ticket_id": reading.id, "changed_fields": sorted(columns.entries)}
            reading.event(TicketUpdated, told, key=(reading.id, "updated", at))
        self._state(reading, state, None, None)
        score = columns.number("customersatisfactioncode.Value")
        if score is not None:
            self._rated(reading, float(score))

    @staticmethod
    def _customer(reading: Reading, table: str | None, customer: str | None, primary: str | None) -> None:
        person = customer if table == "contact" else primary
        if person is not None:
            reading.identify(_CONTACT, person, "customerid")

    @staticmethod
    def _opened(reading: Reading, row: Item, at: datetime, value: str) -> None:
        priority = row.id(f"prioritycode{value}") or ""
        told = {
            "ticket_id": reading.id,
            "ticket_number": row.text("ticketnumber"),
            "subject": row.text("title"),
            "priority": row.text(f"prioritycode{_LABEL}") or _PRIORITIES.get(priority),
            "channel": _CHANNELS.get(row.id(f"caseorigincode{value}") or ""),
        }
        reading.event(TicketOpened, told, key=(reading.id, "opened"), at=at)

    @staticmethod
    def _state(reading: Reading, state: str | None, label: str | None, opened: datetime | None) -> None:
        at = reading.when()
        taken = (at - opened).total_seconds() if opened is not None and at >= opened else None
        told = {"ticket_id": reading.id, "resolution": label, "resolution_seconds": taken}
        if state == "1":
            reading.event(TicketSolved, told, key=(reading.id, "solved"))
        elif state == "2":
            reading.event(
                TicketClosed, {**told, "resolution": label or "Cancelled"}, key=(reading.id, "closed")
            )

    @staticmethod
    def _rated(reading: Reading, score: float) -> None:
        told = {"ticket_id": reading.id, "score": score, "scale_min": 1.0, "scale_max": 5.0}
        reading.event(TicketRated, told, key=(reading.id, "rated", score))

    # ------------------------------------------------------------------------------------------ webhooks

    @staticmethod
    def _parameters(reading: Reading) -> dict[str, Item]:
        listed = reading.item.each("InputParameters")
        found = {name: one for one in listed if (name := one.id("key")) is not None}
        for name, one in found.items():
            if name != "Target":
                one.raw("value")
        return found

    @staticmethod
    def _images(reading: Reading) -> list[Columns]:
        """The row after and before, where the registered step asks for them."""
        listed = (*reading.item.each("PostEntityImages"), *reading.item.each("PreEntityImages"))
        return [Columns(row) for one in listed if (row := one.part("value")) is not None]

    def _columns(self, reading: Reading) -> Columns:
        found = self._parameters(reading)
        target = found["Target"].part("value") if "Target" in found else None
        if target is None:
            raise reading.item.refusal(
                "InputParameters", "gap", "expected the columns of the row, got none: fetch the row"
            )
        return Columns(target)
