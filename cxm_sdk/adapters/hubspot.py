"""HubSpot: contacts, webhooks, e-mail events and subscriptions."""

from __future__ import annotations

from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.parsed import ConsentState
from cxm_sdk.adapters.reading import Many, OptOut, Reading
from cxm_sdk.events.catalog.campaign import EmailSent
from cxm_sdk.events.catalog.email import (
    EmailBounced,
    EmailDelivered,
    EmailLinkClicked,
    EmailMarkedAsSpam,
    EmailOpened,
)
from cxm_sdk.events.typed import TypedEvent

__all__ = ["HubSpot"]

_CONTACT = "hubspot.{tenant}.contact"
_PERSON = "0-1"
"""``objectTypeId`` of contacts."""

_IDENTIFIERS: dict[str, str | Many] = {
    "email": "email",
    "hs_additional_emails": Many("email", ";"),
    "phone": "phone",
    "mobilephone": "phone",
    "hs_merged_object_ids": Many(_CONTACT, ";"),
}
_ATTRIBUTES = {
    "firstname": "first_name",
    "lastname": "last_name",
    "company": "company",
    "address": "street",
    "city": "city",
    "zip": "postcode",
    "state": "state",
    "country": "country",
    "date_of_birth": "birth_date",
    "gender": "sex",
    "lifecyclestage": "lifecycle_stage",
}
_FORMER = "hs_calculated_merged_vids"
_OPT_OUT = "hs_email_optout"
_DELIVERY = ("eventId", "subscriptionId", "appId", "attemptNumber", "changeSource", "changeFlag", "sourceId")
_STATES: dict[str, ConsentState] = {
    "SUBSCRIBED": "granted",
    "NOT_SUBSCRIBED": "denied",
    "UNSUBSCRIBED": "denied",
}


def _webhook(name: str, what: str, read: str | None = None, events: tuple[str, ...] = ()) -> tuple[Kind, ...]:
    """A change of contacts, in the older and in the generic form."""
    return tuple(
        Kind(
            name=f"{prefix}.{what}",
            equal={"subscriptionType": (f"{prefix}.{what}",), **generic},
            source=_CONTACT,
            tenant="portalId",
            id="objectId",
            times=("occurredAt",),
            form="ms",
            identifiers={"objectId": _CONTACT},
            ignored=_DELIVERY,
            read=read or name,
            events=events,
        )
        for prefix, generic in (("contact", {}), ("object", {"objectTypeId": (_PERSON,)}))
    )


class HubSpot(Adapter):
    """Reads what HubSpot sends and what its API answers."""

    name = "hubspot"
    title = "HubSpot"
    about = (
        "Contacts of the CRM API v3, webhooks of contacts in both forms, e-mail events, and subscription statuses. The"
        " tenant is the portal."
    )
    kinds = (
        *_webhook("created", "creation", events=("Contact Created",)),
        *_webhook("changed", "propertyChange", events=("Lifecycle Stage Changed",)),
        *_webhook("merged", "merge"),
        *_webhook("deleted", "deletion"),
        *_webhook("erased", "privacyDeletion"),
        *_webhook("restored", "restore", events=("Contact Restored",)),
        Kind(
            name="other webhook",
            has=("subscriptionType", "portalId", "occurredAt"),
            source="hubspot.{tenant}",
            tenant="portalId",
            ignored=("*",),
        ),
        Kind(
            name="e-mail event",
            has=("recipient", "created", "emailCampaignId"),
            source="hubspot.{tenant}.email",
            tenant="portalId",
            id="id",
            times=("created",),
            form="ms",
            identifiers={"recipient": "email"},
            ignored=(
                *("appName", "browser*", "deviceType", "location*", "ipAddress", "userAgent", "sentBy*"),
                *("duration", "requestedBy", "source", "referer"),
            ),
            read="email",
            events=(
                *("Email Sent", "Email Delivered", "Email Opened", "Email Link Clicked", "Email Bounced"),
                *("Email Marked as Spam", "Email Dropped", "Email Deferred"),
            ),
        ),
        Kind(
            name="subscription statuses",
            has=("recipient", "subscriptionStatuses"),
            source="hubspot.{tenant}.subscription",
            identifiers={"recipient": "email"},
            ignored=(
                *(
                    "subscriptionStatuses.name",
                    "subscriptionStatuses.description",
                    "subscriptionStatuses.brandId",
                ),
                *("subscriptionStatuses.preferenceGroupName", "subscriptionStatuses.sourceOfStatus"),
                "subscriptionStatuses.legalBasisExplanation",
            ),
            read="subscriptions",
        ),
        Kind(
            name="contact",
            has=("id", "properties.email"),
            source=_CONTACT,
            id="id",
            times=("archivedAt", "updatedAt", "createdAt"),
            identifiers={"id": _CONTACT, **{f"properties.{name}": of for name, of in _IDENTIFIERS.items()}},
            attributes={f"properties.{name}": role for name, role in _ATTRIBUTES.items()},
            consents={f"properties.{_OPT_OUT}": OptOut("email", "marketing")},
            ignored=(
                *(
                    "createdAt",
                    "updatedAt",
                    "archivedAt",
                    "properties.createdate",
                    "properties.lastmodifieddate",
                ),
                *("properties.hs_object_id", "associations*"),
                # Which basis the portal has noted, without saying for what: no consent by itself.
                *("properties.hs_legal_basis", "properties.hs_marketable_status"),
            ),
            read="contact",
        ),
        Kind(
            name="other object",
            has=("id", "properties", "createdAt"),
            source="hubspot.{tenant}",
            ignored=("*",),
        ),
    )
    envelopes = ("results", "events")
    envelope_ignored = ("paging*", "hasMore", "offset", "total")
    signature = "hubspot"
    pitfalls = (
        "Everything is text in the CRM API, and a number in webhooks: ids are text here.",
        "`contact.merge` may name a third id, `newObjectId`: all of them are one customer.",
        "`contact.deletion` can be taken back; `contact.privacyDeletion` demands that the person be forgotten.",
        "`hs_email_optout` set to false is no consent: an opt-out that was lifted leaves nothing said.",
        "An object of the API without `email` among its properties may be of any kind and is left out: ask for it.",
        "`eventId` is not unique: copies of a delivery are told by portal, subscription, event and time.",
        "`filteredEvent` marks what a machine or the sender did.",
    )

    # ------------------------------------------------------------------------------------------ contacts

    def contact(self, reading: Reading) -> None:
        """Makes a record, or a deletion of what is archived."""
        for one in (reading.item.text(f"properties.{_FORMER}") or "").split(";"):
            if former := one.partition(":")[0].strip():  # id:time of the merge
                reading.identify(_CONTACT, former, f"properties.{_FORMER}")
        if reading.item.flag("archived"):
            reading.consents.clear()
            reading.delete(_CONTACT, reading.id or "")
        else:
            reading.record()

    def created(self, reading: Reading) -> None:
        """Makes the event of a new contact, of which nothing but the id is known."""
        reading.record(f"{reading.id}/created")
        reading.event("Contact Created", {}, key=self._key(reading))

    def restored(self, reading: Reading) -> None:
        """Makes the event of a contact that came back; what is known of it comes with the next fetch."""
        reading.record(f"{reading.id}/created")
        reading.event("Contact Restored", {}, key=self._key(reading))

    def changed(self, reading: Reading) -> None:
        """Makes what follows from one changed property: a part of the record, a consent change or an event."""
        item = reading.item
        name, value = item.need("propertyName"), item.text("propertyValue")
        if name == _OPT_OUT:
            told = item.flag("propertyValue")
            if told is not None:
                reading.consent("email", "marketing", "denied" if told else "unset")
            return
        namespace = _IDENTIFIERS.get(name)
        if value is not None and isinstance(namespace, Many):
            namespace.field("propertyValue")(reading)
        elif value is not None and isinstance(namespace, str):
            reading.identify(namespace, value, "propertyValue")
        told_role = {_ATTRIBUTES.get(name, name): value} if namespace is None else {}
        reading.record(f"{reading.id}/{name}", **told_role)
        if name == "lifecyclestage":
            reading.event("Lifecycle Stage Changed", {"stage": value}, key=self._key(reading))

    def merged(self, reading: Reading) -> None:
        """Says which contacts are one: those merged, the one they went into, and the id that it has now."""
        item = reading.item
        item.seen.update(("mergedObjectIds", "numberOfPropertiesMoved"))
        listed = item.data.get("mergedObjectIds")
        losers = [str(one) for one in listed if type(one) in (str, int)] if isinstance(listed, list) else []
        kept = item.id("primaryObjectId") or reading.id or ""
        # Records of each of these ids may be known, or none: so each is tied to both that stay.
        for winner in filter(None, (kept, item.id("newObjectId"))):
            for loser in filter(None, (*losers, kept)):
                reading.merge(_CONTACT, loser, winner)
        if not reading.merges:
            raise item.refusal("mergedObjectIds", "missing", "expected ids of merged contacts, got none")

    def deleted(self, reading: Reading) -> None:
        """Says that a contact is gone."""
        reading.delete(_CONTACT, reading.id or "")

    def erased(self, reading: Reading) -> None:
        """Says that a person must be forgotten."""
        reading.delete(_CONTACT, reading.id or "", erase=True)

    @staticmethod
    def _key(reading: Reading) -> tuple[object, ...]:
        item = reading.item
        return (
            *(item.id(path) for path in ("subscriptionType", "subscriptionId", "eventId")),
            reading.when(),
        )

    # ------------------------------------------------------------------------------------------ e-mail

    def email(self, reading: Reading) -> None:
        """Makes an e-mail event, or the consent changes of a change of subscriptions."""
        item = reading.item
        kind = item.need("type")
        if kind == "STATUSCHANGE":
            self._status_change(reading)
            return
        if kind not in _EMAIL:
            raise item.refusal("type", "unknown_kind", "expected a type of e-mail event, got another")
        told = {
            "campaign_id": item.id("emailCampaignId"),
            "message_id": item.id("sentBy.id") or reading.id,
            "send_id": item.id("sendId"),
            "email_subject": item.text("subject"),
            "link_id": item.id("linkId"),
            "link_url": item.text("url"),
            "is_machine_open": item.flag("filteredEvent"),
            "reason": item.text("category") or item.text("dropReason"),
            "status": item.text("status"),
            "response": item.text("response"),
            "app_id": item.id("appId"),
        }
        reading.event(_EMAIL[kind], told, key=(kind, reading.id))

    @staticmethod
    def _status_change(reading: Reading) -> None:
        item = reading.item
        portal = _STATES.get(item.text("portalSubscriptionStatus") or "")
        if portal is not None:
            reading.consent("email", "marketing", portal)
        for one in item.each("subscriptions"):
            basis = one.text("legalBasisChange.legalBasisType")
            one.seen.update(("legalBasisChange.legalBasisExplanation", "legalBasisChange.optState"))
            _subscription(reading, one, basis)

    def subscriptions(self, reading: Reading) -> None:
        """Makes a consent change of each subscription."""
        for one in reading.item.each("subscriptionStatuses"):
            _subscription(reading, one, one.text("legalBasis"))


def _subscription(reading: Reading, one: Item, basis: str | None) -> None:
    name, state = one.id("id"), _STATES.get(one.text("status") or "")
    if name is None or state is None:
        one.note(
            "status", "unknown_state", "expected an id and SUBSCRIBED or NOT_SUBSCRIBED, got something else"
        )
        return
    reading.consent("email", f"subscription.{name}", state, legal_basis=basis)


_EMAIL: dict[str, type[TypedEvent] | str] = {
    "SENT": EmailSent,
    "DELIVERED": EmailDelivered,
    "OPEN": EmailOpened,
    "CLICK": EmailLinkClicked,
    "BOUNCE": EmailBounced,
    "SPAMREPORT": EmailMarkedAsSpam,
    "DROPPED": "Email Dropped",
    "DEFERRED": "Email Deferred",
}
