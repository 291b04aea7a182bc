"""Marketo Engage: leads, their activities and changes, from the REST API and bulk extracts."""

from __future__ import annotations

import json
import re
from typing import Any

from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.reading import Many, Reading
from cxm_sdk.events.catalog.campaign import EmailSent
from cxm_sdk.events.catalog.email import (
    EmailBounced,
    EmailDelivered,
    EmailLinkClicked,
    EmailOpened,
    Unsubscribed,
)
from cxm_sdk.events.typed import TypedEvent

__all__ = ["Marketo"]

_LEAD = "marketo.{tenant}.lead"
_ACTIVITY = "marketo.{tenant}.activity"
_IDENTIFIERS: dict[str, str | Many] = {
    "email": "email", "phone": "phone", "mobilePhone": "phone", "cookies": Many("anonymous_id", ","),
    "ecids": Many("ecid", ","), "sfdcContactId": "marketo.{tenant}.sfdc_contact",
    "sfdcLeadId": "marketo.{tenant}.sfdc_lead",
}  # fmt: skip
_ATTRIBUTES = {
    "firstName": "first_name", "middleName": "middle_name", "lastName": "last_name", "company": "company",
    "address": "street", "city": "city", "postalCode": "postcode", "state": "state", "country": "country",
    "dateOfBirth": "birth_date", "title": "job_title", "gender": "sex", "leadScore": "lead_score",
}  # fmt: skip
_NO_MAIL = ("unsubscribed", "blackListed", "marketingSuspended")
_NO_CALL = "doNotCall"
_OF_LEAD = (
    "createdAt", "updatedAt", "unsubscribedReason", "emailInvalid", "emailInvalidCause", "externalCompanyId",
    "personTimeZone", "marketingSuspendedCause", "doNotCallReason", "blackListedCause",
)  # fmt: skip
_OF_ACTIVITY = (
    "id",
    "marketoGUID",
    "primaryAttributeValue",
    "primaryAttributeValueId",
    "campaignId",
    "activityTypeId",
)
_PRIVATE = ("Form Fields", "Client IP Address", "User Agent", "Details", "Email", "Query Parameters")
"""Attributes that hold addresses, forms as serialised by PHP, and what devices say of themselves."""
_MAIL: dict[str, type[TypedEvent]] = {
    "6": EmailSent, "7": EmailDelivered, "8": EmailBounced, "9": Unsubscribed, "10": EmailOpened,
    "11": EmailLinkClicked, "27": EmailBounced,
}  # fmt: skip
_OTHER = {
    "2": "Form Submitted", "3": "Link Clicked", "12": "Lead Created", "22": "Lead Score Changed",
    "46": "Interesting Moment", "104": "Program Status Changed",
}  # fmt: skip
_ANY = "Marketo Activity"


def _activity(
    name: str, *types: str, read: str, events: tuple[str, ...] = (), source: str = _ACTIVITY
) -> Kind:
    """Activities of some types, which are numbers in the API and text in extracts."""
    return Kind(
        name=name,
        equal={"activityTypeId": (*types, *(int(one) for one in types))} if types else {},
        has=("leadId", "activityDate", "activityTypeId"),
        source=source,
        id="leadId",
        times=("activityDate",),
        identifiers={"leadId": _LEAD},
        ignored=(*_OF_ACTIVITY, "attributes", "attributes.name", "fields.id", "fields.oldValue"),
        read=read,
        events=events,
    )


def _lead(name: str, *, has: tuple[str, ...], lacks: tuple[str, ...], around: tuple[str, ...] = ()) -> Kind:
    """A lead, as its fields were asked for."""
    return Kind(
        name=name,
        has=has,
        lacks=lacks,
        around=around,
        source=_LEAD,
        id="id",
        times=("updatedAt", "createdAt"),
        identifiers={"id": _LEAD, **_IDENTIFIERS},
        attributes=_ATTRIBUTES,
        ignored=_OF_LEAD,
        read="lead",
    )


class Marketo(Adapter):
    """Reads what Marketo's API answers and what bulk extracts hold."""

    name = "marketo"
    title = "Marketo Engage"
    about = (
        "Leads, activities, lead changes and deleted leads of the REST API, and rows of bulk extracts. The tenant is"
        " the Munchkin id of the account."
    )
    kinds = (
        _activity("lead change", "13", read="changed", source=_LEAD),
        _activity("merge of leads", "32", read="merged", source=_LEAD),
        _activity("deletion of a lead", "37", read="deleted", source=_LEAD),
        _activity("visit of a page", "1", read="visited", events=("page",)),
        _activity(
            "e-mail",
            *_MAIL,
            read="mailed",
            events=tuple(dict.fromkeys(what.event_name for what in _MAIL.values())),
        ),
        _activity("other activity", read="other", events=(*_OTHER.values(), _ANY)),
        _lead("lead", around=("requestId", "success"), has=("id",), lacks=("seq", "status")),
        _lead("lead of an extract", has=("id", "email", "createdAt", "updatedAt"), lacks=("properties",)),
        Kind(
            name="other answer",
            has=("requestId", "success"),
            source="marketo.{tenant}",
            id="requestId",
            ignored=("nextPageToken", "moreResult", "warnings", "errors"),
            read="answer",
        ),
    )
    envelopes = ("result",)
    envelope_ignored = ("requestId", "success", "nextPageToken", "moreResult", "warnings", "errors")
    pitfalls = (
        "Nothing names the account: give its Munchkin id as `tenant`.",
        "A failed call is answered with HTTP 200 and `success: false`: it is rejected.",
        "A field of a lead that was asked for and is missing is null; which fields come is up to the request.",
        "The ids of Salesforce are known without their organisation: to tie leads to its contacts, say so with"
        " `identifiers={'sfdcContactId': 'salesforce.ORG.contact'}`.",
        "`activityTypeId` says what an activity is, `leadId` whose it is; `primaryAttributeValue` may be the name of a"
        " person, and `primaryAttributeValueId` another id than the lead's.",
        "A merge names the winner as `leadId` and the losers as text in `Merge IDs`. When a visitor becomes known, that"
        " is a merge as well.",
        "`unsubscribed`, `blackListed` and `marketingSuspended` all mean no e-mail; that none is set is no consent.",
        'Values of one attribute are now text, now not (`"false"`, `false`). `Form Fields` is serialised by PHP, and'
        " not read. Opens and clicks of machines have `Is Bot Activity`.",
        "Types from 100000 on are the account's own; they and others come out as `Marketo Activity`.",
        "Offsets of times may have one digit (`-5:00`). Webhooks of campaigns have a body of the account's own and"
        " times without a zone: read them with `tabular`.",
    )

    # ------------------------------------------------------------------------------------------ leads

    def lead(self, reading: Reading) -> None:
        """Makes the record of a lead, with what it wants no mail and no calls for."""
        item = reading.item
        reading.record()
        told = [one for one in (item.flag(path) for path in _NO_MAIL) if one is not None]
        if told:
            reading.consent("email", "marketing", "denied" if any(told) else "unset")
        calls = item.flag(_NO_CALL)
        if calls is not None:
            reading.consent("phone", "marketing", "denied" if calls else "unset")

    def changed(self, reading: Reading) -> None:
        """Makes a part of the record of each field that has another value, or a consent change."""
        item, given = reading.item, _attributes(reading.item)
        changes = [(one.text("name"), one, "newValue") for one in item.each("fields")]
        if not changes:  # the activity, in place of the lead change
            changes = [(item.text("primaryAttributeValue"), given, "New Value")]
        lead = list(reading.identifiers)
        for name, values, path in changes:
            if name is None:
                continue
            reading.identifiers[:] = lead
            if name == _NO_CALL or name in _NO_MAIL:
                told = values.flag(path)
                # Only that a lead is subscribed again lifts a no; the other flags may have been one of several.
                if told or (told is False and name in ("unsubscribed", _NO_CALL)):
                    channel = "phone" if name == _NO_CALL else "email"
                    reading.consent(channel, "marketing", "denied" if told else "unset")
                continue
            value, namespace = values.text(path), _IDENTIFIERS.get(name)
            if value is not None and namespace is not None:
                many = namespace if isinstance(namespace, Many) else Many(namespace)
                for part in value.split(many.separator) if many.separator else [value]:
                    reading.identify(many.namespace, part.strip(), "fields")
            role = {_ATTRIBUTES.get(name, name): value} if namespace is None else {}
            reading.record(f"{reading.id}/{name}", **role)

    def merged(self, reading: Reading) -> None:
        """Says which leads are one with the one that stays."""
        losers = _attributes(reading.item).raw("Merge IDs")
        listed = losers if isinstance(losers, list) else [losers]
        for loser in re.findall(r"\d{1,18}", " ".join(str(one) for one in listed if type(one) in (str, int))):
            reading.merge(_LEAD, loser, reading.id or "")
        if not reading.merges:
            raise reading.item.refusal("attributes", "missing", "expected ids of merged leads, got none")

    def deleted(self, reading: Reading) -> None:
        """Says that a lead is gone."""
        reading.delete(_LEAD, reading.id or "")

    # ------------------------------------------------------------------------------------------ activities

    def visited(self, reading: Reading) -> None:
        """Makes a page call."""
        given = _attributes(reading.item)
        told = {
            "host": (reading.item.text("primaryAttributeValue") or "").partition("/")[0] or None,
            "path": given.url("Webpage URL"),
            "referrer": given.url("Referrer URL"),
        }
        reading.page(None, told, key=_key(reading))

    def mailed(self, reading: Reading) -> None:
        """Makes the event of an e-mail, and of leaving also the consent change."""
        item, given = reading.item, _attributes(reading.item)
        kind = item.need("activityTypeId")
        asset = item.id("primaryAttributeValueId")
        told: dict[str, Any] = {
            "channel": "email",
            "campaign_id": item.id("campaignId"),
            "campaign_name": item.text("primaryAttributeValue"),
        }
        if kind == "6":
            told |= {"campaign_id": told["campaign_id"] or asset, "template_id": asset}
            told |= {"message_id": _guid(item), "send_id": given.id("Campaign Run ID")}
        else:
            told["email_id"] = asset
        if kind in ("10", "11"):
            told |= {"is_machine_open": given.flag("Is Bot Activity"), "link_url": given.url("Link")}
        if kind in ("8", "27"):
            told |= {
                "bounce_type": "hard" if kind == "8" else "soft",
                "bounce_category": given.text("Category"),
            }
        if kind == "9":
            reading.consent("email", "marketing", "denied")
        reading.event(_MAIL[kind], told, key=_key(reading))

    def other(self, reading: Reading) -> None:
        """Makes the event of any other activity, with its attributes but for those that are private."""
        item, given = reading.item, _attributes(reading.item)
        kind = item.need("activityTypeId")
        plain = {
            name: value
            for name, value in given.data.items()
            if name not in _PRIVATE and name.isprintable() and type(value) in (str, int, bool) and value != ""
        }
        told = {"activity_type_id": kind, "campaign_id": item.id("campaignId"), "attributes": plain or None}
        if kind == "12":
            reading.record(f"{reading.id}/created")
        reading.event(_OTHER.get(kind, _ANY), told, key=_key(reading))

    def answer(self, reading: Reading) -> None:
        """Rejects a failed call; an answer without results says nothing."""
        if reading.item.flag("success") is not True:
            raise reading.item.refusal(
                "success", "failed_call", "expected an answer with success, got errors"
            )


def _attributes(item: Item) -> Item:
    """The attributes by name: a list of names and values, an object, or in extracts the text of either."""
    raw = item.raw("attributes")
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            item.note("attributes", "wrong_type", "expected attributes as JSON, got other text")
    if isinstance(raw, list):
        named = [one for one in raw if isinstance(one, dict) and isinstance(one.get("name"), str)]
        raw = {one["name"]: one.get("value") for one in named}
    return Item(raw if isinstance(raw, dict) else {}, item.at("attributes"), item.zone)


def _guid(item: Item) -> str | None:
    """The id of an activity; the number that older ones have goes."""
    return item.id("marketoGUID") or item.id("id")


def _key(reading: Reading) -> tuple[object, ...]:
    return (_guid(reading.item), reading.item.id("activityTypeId"), reading.at)
