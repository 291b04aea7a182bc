"""Salesforce Sales Cloud: contacts, leads, person accounts, individuals and opportunities."""

from __future__ import annotations

from cxm_sdk.adapters.base import Kind
from cxm_sdk.adapters.reading import Many, OptIn, OptOut, Reading
from cxm_sdk.adapters.salesforce_objects import Ref, SalesforceObjects, change, long_id, message, row

__all__ = ["Salesforce"]

_CONTACT = "salesforce.{tenant}.contact"
_LEAD = "salesforce.{tenant}.lead"
_ACCOUNT = "salesforce.{tenant}.account"
_INDIVIDUAL = "salesforce.{tenant}.individual"
_OPPORTUNITY = "salesforce.{tenant}.opportunity"

_NAMES = {"FirstName": "first_name", "LastName": "last_name"}
_NAME_PARTS = {f"Name.{field}": role for field, role in _NAMES.items()}
_PLACE = {
    "Street": "street",
    "City": "city",
    "State": "state",
    "PostalCode": "postcode",
    "Country": "country",
}


def _address(prefix: str) -> dict[str, str]:
    return {f"{prefix}{field}": role for field, role in _PLACE.items()}


_CONTACT_IDS: dict[str, str | Many] = {
    "Id": Ref(_CONTACT, None),
    "Email": "email",
    "Phone": "phone",
    "MobilePhone": "phone",
    "HomePhone": "phone",
    "OtherPhone": "phone",
    "IndividualId": Ref(_INDIVIDUAL, None),
}
_CONTACT_TOLD = {
    "Salutation": "salutation",
    "Birthdate": "birth_date",
    "Title": "job_title",
    "LeadSource": "lead_source",
    "AccountId": "account",
}
_OPT_OUTS = {
    "HasOptedOutOfEmail": OptOut("email", "marketing"),
    "HasOptedOutOfFax": OptOut("fax", "marketing"),
    "DoNotCall": OptOut("phone", "marketing"),
}
_CONTACT_LEFT_OUT = ("MailingAddress", "OtherAddress", "IsEmailBounced", "EmailBounced*", "LastActivityDate")
_CONTACT_EVENTS = ("Contact Created", "Contact Updated", "Contact Restored")

_LEAD_IDS: dict[str, str | Many] = {
    "Id": Ref(_LEAD, None),
    "Email": "email",
    "Phone": "phone",
    "MobilePhone": "phone",
    "IndividualId": Ref(_INDIVIDUAL, None),
    # A converted lead and its contact are one person.
    "ConvertedContactId": Ref(_CONTACT, None),
}
_LEAD_TOLD = {
    "Salutation": "salutation",
    "Company": "company",
    "Title": "job_title",
    "LeadSource": "lead_source",
    "Status": "lead_status",
    "Rating": "lead_rating",
    "ConvertedAccountId": "account",
}
_LEAD_LEFT_OUT = ("Address", "IsUnreadByOwner", "IsEmailBounced", "EmailBounced*", "LastActivityDate")
_LEAD_EVENTS = ("Lead Created", "Lead Converted")
_LEAD_CHANGES = (*_LEAD_EVENTS, "Lead Updated", "Lead Restored")

_PERSON_IDS: dict[str, str | Many] = {
    "Id": Ref(_ACCOUNT, None),
    "PersonContactId": Ref(_CONTACT, None),
    "PersonEmail": "email",
    "PersonMobilePhone": "phone",
    "PersonHomePhone": "phone",
    "PersonOtherPhone": "phone",
    "Phone": "phone",
    "PersonIndividualId": Ref(_INDIVIDUAL, None),
}
_PERSON_TOLD = {
    "PersonBirthdate": "birth_date",
    "PersonTitle": "job_title",
    "AccountNumber": "account_number",
    "AccountSource": "lead_source",
}
_PERSON_OPT_OUTS = {
    "PersonHasOptedOutOfEmail": OptOut("email", "marketing"),
    "PersonHasOptedOutOfFax": OptOut("fax", "marketing"),
    "PersonDoNotCall": OptOut("phone", "marketing"),
}
_COMPANY_LEFT_OUT = (
    *("Name", "Type", "ParentId", "BillingAddress*", "ShippingAddress*", "Fax", "Website", "Sic"),
    *("Industry", "AnnualRevenue", "NumberOfEmployees", "Ownership", "Description", "Phone", "AccountNumber"),
)

_INDIVIDUAL_OPT_OUTS: dict[str, OptIn | OptOut] = {
    "HasOptedOutTracking": OptOut("any", "tracking"),
    "HasOptedOutProfiling": OptOut("any", "profiling"),
    "HasOptedOutProcessing": OptOut("any", "processing"),
    "HasOptedOutSolicit": OptOut("any", "marketing"),
    "HasOptedOutGeoTracking": OptOut("any", "geolocation"),
    "CanStorePiiElsewhere": OptIn("any", "storage_elsewhere"),
}
_INDIVIDUAL_TOLD = {"BirthDate": "birth_date"}
# That data are to be sent to the person is a task for whoever keeps them, and no consent.
_INDIVIDUAL_LEFT_OUT = ("IndividualsAge", "SendIndividualData")

_DEAL_IDS: dict[str, str | Many] = {"ContactId": Ref(_CONTACT, None)}
_DEAL_LEFT_OUT = (
    "Probability",
    "ForecastCategory*",
    "Fiscal*",
    "Type",
    "LeadSource",
    "HasOpportunityLineItem",
)
_DEAL_EVENTS = ("Opportunity Created", "Opportunity Won", "Opportunity Lost")
_HAPPENED = {"CREATE": "Created", "UPDATE": "Updated", "UNDELETE": "Restored"}


class Salesforce(SalesforceObjects):
    """Reads objects of the Sales Cloud."""

    name = "salesforce"
    title = "Salesforce"
    about = (
        "Contacts, leads, person accounts, individuals and opportunities from the REST API and its queries, from change"
        " events (CometD and Pub/Sub) and from outbound messages. The tenant is the organisation's id."
    )
    kinds = (
        row(
            "Contact", _CONTACT, identifiers=_CONTACT_IDS, read="customer", consents=_OPT_OUTS,
            ignored=_CONTACT_LEFT_OUT,
            attributes={**_NAMES, "Name": "full_name", **_address("Mailing"), **_CONTACT_TOLD},
        ),
        change(
            "Contact", _CONTACT, identifiers=_CONTACT_IDS, read="changed", consents=_OPT_OUTS,
            ignored=_CONTACT_LEFT_OUT,
            attributes={**_NAME_PARTS, **_address("MailingAddress."), **_CONTACT_TOLD}, events=_CONTACT_EVENTS,
        ),
        message(
            "Contact", _CONTACT, identifiers=_CONTACT_IDS, read="sent", consents=_OPT_OUTS, ignored=_CONTACT_LEFT_OUT,
            attributes={**_NAMES, "Name": "full_name", **_address("Mailing"), **_CONTACT_TOLD},
        ),
        row(
            "Lead", _LEAD, identifiers=_LEAD_IDS, read="lead", consents=_OPT_OUTS, ignored=_LEAD_LEFT_OUT,
            attributes={**_NAMES, "Name": "full_name", **_address(""), **_LEAD_TOLD}, events=_LEAD_EVENTS,
        ),
        change(
            "Lead", _LEAD, identifiers=_LEAD_IDS, read="changed", consents=_OPT_OUTS, ignored=_LEAD_LEFT_OUT,
            attributes={**_NAME_PARTS, **_address("Address."), **_LEAD_TOLD}, events=_LEAD_CHANGES,
        ),
        message(
            "Lead", _LEAD, identifiers=_LEAD_IDS, read="sent", consents=_OPT_OUTS, ignored=_LEAD_LEFT_OUT,
            attributes={**_NAMES, "Name": "full_name", **_address(""), **_LEAD_TOLD},
        ),
        row(
            "Account", _ACCOUNT, name="person account", equal={"IsPersonAccount": (True,)}, identifiers=_PERSON_IDS,
            attributes={**_NAMES, "Name": "full_name", **_address("PersonMailing"), **_PERSON_TOLD}, read="customer",
            consents=_PERSON_OPT_OUTS, ignored=_COMPANY_LEFT_OUT,
        ),
        row("Account", _ACCOUNT, name="company", identifiers={}, ignored=("*",)),
        change(
            "Account", _ACCOUNT, identifiers=_PERSON_IDS, consents=_PERSON_OPT_OUTS, ignored=_COMPANY_LEFT_OUT,
            attributes={**_NAME_PARTS, **_address("PersonMailingAddress."), **_PERSON_TOLD}, read="account_changed",
        ),
        row(
            "Individual", _INDIVIDUAL, identifiers={"Id": Ref(_INDIVIDUAL, None)}, consents=_INDIVIDUAL_OPT_OUTS,
            attributes={**_NAMES, "Name": "full_name", **_INDIVIDUAL_TOLD}, read="individual",
            ignored=_INDIVIDUAL_LEFT_OUT,
        ),
        change(
            "Individual", _INDIVIDUAL, identifiers={}, consents=_INDIVIDUAL_OPT_OUTS,
            attributes={**_NAME_PARTS, **_INDIVIDUAL_TOLD}, read="changed", ignored=_INDIVIDUAL_LEFT_OUT,
        ),
        row(
            "Opportunity", _OPPORTUNITY, identifiers=_DEAL_IDS, read="opportunity", ignored=_DEAL_LEFT_OUT,
            events=_DEAL_EVENTS,
        ),
        change(
            "Opportunity", _OPPORTUNITY, identifiers=_DEAL_IDS, read="opportunity_changed", ignored=_DEAL_LEFT_OUT,
            parts=False, events=_DEAL_EVENTS,
        ),
        Kind(name="other object", has=("attributes.type", "Id"), source="salesforce.{tenant}", ignored=("*",)),
        Kind(
            name="other change", has=("ChangeEventHeader.entityName", "ChangeEventHeader.changeType"),
            source="salesforce.{tenant}", ignored=("*",),
        ),
        Kind(name="other outbound message", has=("@type", "Id"), source="salesforce.{tenant}", ignored=("*",)),
    )  # fmt: skip
    pitfalls = (
        "Ids have 15 or 18 characters and are one id: here they have 18. Change events do not name the organisation.",
        "Deleted and merged records come with `queryAll` only; `MasterRecordId` tells a merge from a deletion.",
        "A change event has no type for merges: what was merged comes as `DELETE`, noted as `possible_merge`.",
        "Gap events (`GAP_*`) and events without ids say that something changed, and not what: they are rejected as"
        " `gap`, fetch the records. `GAP_DELETE` is a deletion.",
        "Pub/Sub sends all fields: null means unchanged unless `nulledFields` names the field. Its lists of fields are"
        " bitmaps until they are decoded; a bitmap is read where `schemaFields` lists the fields beside the payload.",
        "Business accounts are companies and no customers: of accounts only person accounts are read.",
        "Opportunities that name no contact are rejected; enrich their change events with `ContactId`.",
        "Outbound messages and change events hold some fields only, so that each becomes a part of the record.",
        "`changeOrigin` tells changes that your own integration has made.",
        "Answer outbound messages with an `Ack` document, or they come again for 24 hours. The session id in them lets"
        " its bearer act as a user: it is dropped, drop it in your logs too.",
        "Opt-outs that are not set are no consent.",
    )

    # ------------------------------------------------------------------------------------ people

    def lead(self, reading: Reading) -> None:
        """Makes the record of a lead, and the events of its life."""
        self.customer(reading)
        item = reading.item
        if reading.deletions or reading.merges:
            return
        created = item.time("CreatedDate")
        if created is not None:
            told = {"lead_id": reading.id, "lead_source": item.text("LeadSource")}
            reading.event("Lead Created", told, key=(reading.id, "created"), at=created)
        self._converted(reading, (reading.id, "converted"))

    def individual(self, reading: Reading) -> None:
        """Makes a record, or the demand that the person be forgotten."""
        if reading.item.flag("ShouldForget"):
            reading.consents.clear()
            reading.delete(_INDIVIDUAL, long_id(reading.id or ""), erase=True)
        else:
            self.customer(reading)

    def account_changed(self, reading: Reading) -> None:
        """Makes of a changed person account what it says; a company says nothing of a customer."""
        data = reading.item.data
        person = isinstance(data.get("Name"), dict) or any(
            value is not None for name, value in data.items() if name.startswith("Person")
        )
        if person or self.change_type(reading) == "DELETE":
            self.changed(reading)
        else:
            self.record_ids(reading)

    def after(self, reading: Reading, kind: str) -> None:
        """Makes the events of a changed contact or lead, and the demand that an individual be forgotten."""
        what = reading.item.need("ChangeEventHeader.entityName")
        if what == "Individual" and reading.item.flag("ShouldForget"):
            reading.records.clear()
            reading.consents.clear()
            reading.delete(_INDIVIDUAL, reading.id or "", erase=True)
        if what not in ("Contact", "Lead"):
            return
        fields = self.changed_fields(reading)
        key = (reading.id, "created") if kind == "CREATE" else (kind, *self.event_key(reading))
        told = {f"{what.lower()}_id": reading.id, "changed_fields": fields or None}
        reading.event(f"{what} {_HAPPENED[kind]}", told, key=key)
        if what == "Lead":
            self._converted(reading, (reading.id, "converted"))

    @staticmethod
    def _converted(reading: Reading, key: tuple[object, ...]) -> None:
        item = reading.item
        if item.flag("IsConverted"):
            told = {
                "lead_id": reading.id,
                "converted_on": item.text("ConvertedDate"),
                "opportunity_id": item.id("ConvertedOpportunityId"),
            }
            at = None if reading.fields else item.time("LastModifiedDate")
            reading.event("Lead Converted", told, key=key, at=at)

    # ------------------------------------------------------------------------------------ opportunities

    def opportunity(self, reading: Reading) -> None:
        """Makes the events of an opportunity: that it began, and how it ended."""
        item = reading.item
        reading.id = long_id(reading.id or "")
        if item.flag("IsDeleted"):
            return
        created = item.time("CreatedDate")
        if created is not None:
            told = {"opportunity_id": reading.id, "name": item.text("Name")}
            reading.event("Opportunity Created", told, key=(reading.id, "created"), at=created)
        reading.at = item.time("LastModifiedDate") or reading.at
        self._ended(reading)

    def opportunity_changed(self, reading: Reading) -> None:
        """Makes the events of a changed opportunity."""
        kind = self.change_type(reading)
        for record_id in self.record_ids(reading):
            reading.id = record_id
            if kind == "CREATE":
                told = {"opportunity_id": reading.id, "name": reading.item.text("Name")}
                reading.event("Opportunity Created", told, key=(reading.id, "created"))
            if kind != "DELETE":
                self._ended(reading)

    @staticmethod
    def _ended(reading: Reading) -> None:
        item = reading.item
        won, closed = item.flag("IsWon"), item.flag("IsClosed")
        amount = item.number("Amount")
        told = {
            "opportunity_id": reading.id,
            "name": item.text("Name"),
            "stage": item.text("StageName"),
            "value": None if amount is None else float(amount),
            "currency": item.text("CurrencyIsoCode"),
            "closed_on": item.text("CloseDate"),
            "account": item.text("AccountId"),
        }
        if closed:
            ended = "Won" if won else "Lost"
            reading.event(f"Opportunity {ended}", told, key=(reading.id, ended))
