"""Oracle CX: contacts of Sales and service requests of Fusion Service."""

from __future__ import annotations

import re

from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.reading import OptOut, Reading
from cxm_sdk.events.catalog.ticket import TicketClosed, TicketOpened, TicketSolved

__all__ = ["OracleCx"]

_PARTY = "oracle.{tenant}.party"
_SYSTEM = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
_CHANNELS = {
    "EMAIL": "email",
    "PHONE": "phone",
    "WEB": "web",
    "CHAT": "chat",
    "SOCIAL": "social",
    "SMS": "sms",
}
_CODE = "ORA_SVC_"


class OracleCx(Adapter):
    """Reads what the REST API of Oracle Fusion answers."""

    name = "oracle_cx"
    title = "Oracle CX"
    about = (
        "Contacts of Oracle Sales and service requests of Fusion Service as the REST API gives them, one or a page of"
        " them. The tenant is a name of your choice for the instance."
    )
    kinds = (
        Kind(
            name="service request", has=("SrId", "SrNumber"), source="oracle.{tenant}.service_request", id="SrId",
            times=("LastUpdateDate", "CreationDate"),
            identifiers={"PrimaryContactPartyId": _PARTY, "PrimaryContactPartyPreferredEmail": "email"},
            ignored=(
                *("SeverityCd", "StatusCd", "StatusCdMeaning", "SourceCd", "PrimaryContactPartyName", "AccountParty*"),
                # Base64 of whatever the customer wrote.
                *("ProblemDescription", "CreationDate", "CreatedBy", "LastUpdatedBy", "LastUpdateLogin", "links"),
            ),
            read="request", events=("Ticket Opened", "Ticket Solved", "Ticket Closed"),
        ),
        Kind(
            name="contact", has=("PartyId", "PartyNumber", "ContactName"), source="oracle.{tenant}.contact",
            id="PartyId", times=("LastUpdateDate", "CreationDate"),
            identifiers={
                "PartyId": _PARTY,
                "PartyNumber": "oracle.{tenant}.party_number",
                "EmailAddress": "email",
                "FormattedWorkPhoneNumber": "phone",
                "FormattedHomePhoneNumber": "phone",
                "FormattedMobileNumber": "phone",
            },
            attributes={
                "FirstName": "first_name",
                "LastName": "last_name",
                "ContactName": "full_name",
                "DateOfBirth": "birth_date",
                "Gender": "sex",
                "JobTitle": "job_title",
                "AddressLine1": "street",
                "City": "city",
                "PostalCode": "postcode",
                "State": "state",
                "Country": "country",
                "AccountPartyId": "account",
                "AccountName": "company",
            },
            consents={
                "DoNotEmailFlag": OptOut("email", "marketing"),
                "DoNotCallFlag": OptOut("phone", "marketing"),
                "DoNotMailFlag": OptOut("mail", "marketing"),
                "DoNotContactFlag": OptOut("any", "marketing"),
            },
            ignored=(
                *("AccountPartyNumber", "RawWorkPhoneNumber", "RawHomePhoneNumber", "RawMobileNumber", "PartyType"),
                *("MobileCountryCode", "MobileAreaCode", "MobileNumber", "WorkPhone*", "HomePhone*", "Type"),
                *("ContactUniqueName", "CreationDate", "CreatedBy", "LastUpdatedBy", "LastUpdateLogin", "links"),
            ),
            read="contact",
        ),
        Kind(name="other party", has=("PartyId", "PartyNumber"), source="oracle.{tenant}", ignored=("*",)),
    )  # fmt: skip
    envelopes = ("items",)
    envelope_ignored = ("count", "hasMore", "limit", "offset", "totalResults", "links")
    pitfalls = (
        "`PartyId` has 64 bits: a client that reads it as a float changes it.",
        "A merged party (`PartyStatus` M) does not say into which: it is noted as `merged_elsewhere`, and its record"
        " stays. An inactive one (I) stays as well, with the attribute `status`.",
        "An id of another system counts with the name of that system, `SourceSystem`.",
        "`ProblemDescription` is base64 of what the customer wrote, and left out.",
        "Flags that forbid and are not set are no consent.",
        "There are no webhooks: ask for what changed since, by `LastUpdateDate`.",
        "Fields of your own end in `_c`: name them with the options `identifiers` and `attributes`.",
    )

    def contact(self, reading: Reading) -> None:
        """Makes the record of a contact."""
        item = reading.item
        system, reference = item.text("SourceSystem"), item.id("SourceSystemReferenceValue")
        if system is not None and reference is not None and _SYSTEM.fullmatch(system):
            reading.identify(
                f"oracle.{{tenant}}.ref.{system.lower()}", reference, "SourceSystemReferenceValue"
            )
        if item.id("FormattedMobileNumber") is None:
            parts = [item.id(f"Mobile{part}") for part in ("CountryCode", "AreaCode", "Number")]
            if parts[0] is not None and parts[2] is not None:
                reading.identify("phone", "+" + " ".join(filter(None, parts)), "MobileNumber")
        state = item.text("PartyStatus")
        if state == "M":
            reading.consents.clear()
            item.note(
                "PartyStatus",
                "merged_elsewhere",
                "expected the party it was merged into, got none: ask for it",
            )
        reading.record(status={"I": "inactive", "M": "merged"}.get(state or ""))

    def request(self, reading: Reading) -> None:
        """Makes the events of a service request, or says that it is gone."""
        item = reading.item
        if item.flag("DeleteFlag"):
            reading.delete("oracle.{tenant}.service_request", reading.id or "")
            return
        opened = item.time("OpenDate") or item.time("CreationDate")
        solved, closed = item.time("ResolveDate"), item.time("ClosedDate")
        if opened is not None:
            channel = (item.text("ChannelTypeCd") or "").removeprefix(_CODE)
            told = {
                "ticket_id": reading.id,
                "ticket_number": item.id("SrNumber"),
                "subject": item.text("Title"),
                "priority": item.text("SeverityCdMeaning"),
                "channel": _CHANNELS.get(channel),
            }
            reading.event(TicketOpened, told, key=(reading.id, "opened"), at=opened)
        state = (item.text("StatusTypeCd") or "").removeprefix(_CODE)
        for event, at in ((TicketSolved, solved), (TicketClosed, closed)):
            # A request that was opened again keeps the dates of before.
            if at is not None and state in ("RESOLVED", "CLOSED"):
                taken = (at - opened).total_seconds() if opened is not None and at >= opened else None
                outcome = {"ticket_id": reading.id, "resolution_seconds": taken}
                reading.event(event, outcome, key=(reading.id, event.event_name, at), at=at)
