"""Salesforce Marketing Cloud: event notifications and tracking extracts."""

from __future__ import annotations

from typing import Any

from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.reading import Many, Reading
from cxm_sdk.events.catalog.campaign import EmailSent, SMSDelivered, SMSFailed, SMSSent
from cxm_sdk.events.catalog.email import (
    EmailBounced,
    EmailLinkClicked,
    EmailMarkedAsSpam,
    EmailOpened,
    Unsubscribed,
)
from cxm_sdk.events.typed import TypedEvent

__all__ = ["SalesforceMarketingCloud"]

_KEY = "sfmc.{tenant}.subscriber_key"
_ID = "sfmc.{tenant}.subscriber_id"
_ENS: dict[str, str | Many] = {
    "composite.subscriberId": _ID,
    "info.to": "email",
    "info.subscriberKey": _KEY,
    "composite.mobileNumber": "phone",
    "Info.subscriberKey": _KEY,
}
_EXTRACT: dict[str, str | Many] = {"SubscriberID": _ID, "SubscriberKey": _KEY, "EmailAddress": "email"}
_EVENTS = (
    *("Email Sent", "Email Not Sent", "Email Bounced", "Email Opened", "Email Link Clicked", "Unsubscribed"),
    "Email Marked as Spam",
)
_TEXTS = ("SMS Sent", "SMS Delivered", "SMS Failed")
#: What a notification or an extract calls it, in lower case and without what stands before the last dot.
_EMAIL: dict[str, type[TypedEvent] | str] = {
    "emailsent": EmailSent,
    "sent": EmailSent,
    "emailnotsent": "Email Not Sent",
    "notsent": "Email Not Sent",
    "emailopen": EmailOpened,
    "open": EmailOpened,
    "emailclick": EmailLinkClicked,
    "click": EmailLinkClicked,
    "emailunsubscribe": Unsubscribed,
    "unsubscribe": Unsubscribed,
    "complaint": EmailMarkedAsSpam,
}
_SMS: dict[str, type[TypedEvent]] = {
    "sent": SMSSent,
    "delivered": SMSDelivered,
    "notsent": SMSFailed,
    "bounced": SMSFailed,
    "failed": SMSFailed,
    "undeliverable": SMSFailed,
}


class SalesforceMarketingCloud(Adapter):
    """Reads what Marketing Cloud Engagement tells about messages."""

    name = "salesforce_marketing_cloud"
    title = "Salesforce Marketing Cloud"
    about = (
        "Event notifications (ENS) of e-mails and text messages, and rows of tracking extracts. The tenant is the"
        " enterprise id, `eid`."
    )
    kinds = (
        Kind(
            name="notification", has=("eventCategoryType", "timestampUTC", "eid"), source="sfmc.{tenant}.message",
            tenant="eid", times=("timestampUTC",), form="ms", identifiers=_ENS, read="notification",
            ignored=(
                *("mid", "definitionId", "channel", "sendClassificationType", "compositeId", "info.messageKey"),
                *("info.status", "info.ipAddress", "info.userAgent", "info.location", "info.impressionRegion"),
                *("Info.messageKey", "Info.ipAddress"),
            ),
            events=(*_EVENTS, *_TEXTS),
        ),
        Kind(
            name="row of a tracking extract", has=("ClientID", "SubscriberKey", "EventDate", "EventType"),
            source="sfmc.{tenant}.message", times=("EventDate",), form="us_date", identifiers=_EXTRACT,
            ignored=("ClientID",), read="extract", events=_EVENTS,
        ),
        Kind(
            name="change of a subscriber's status", has=("ClientID", "SubscriberKey", "OldStatus", "NewStatus"),
            source="sfmc.{tenant}.subscriber", times=("DateChanged", "EventDate"), form="us_date",
            identifiers=_EXTRACT, ignored=("ClientID", "OldStatus", "SubscriberType"), read="status",
        ),
        Kind(
            name="verification", has=("callbackId", "verificationKey"), source="sfmc", tenant="callbackId",
            ignored=("*",),
        ),
    )  # fmt: skip
    signature = "sfmc_ens"
    pitfalls = (
        "Opens, clicks and unsubscriptions name a number of the subscriber only, `composite.subscriberId`: keep the"
        " notifications of what was sent, or an extract, which tell whose it is.",
        "The subscriber key is an e-mail address or the id of another system, as the account decides; where it is a"
        ' Salesforce id say so: `identifiers={"info.subscriberKey": "salesforce.00D….contact"}`.',
        "`ClientID` of an extract is the business unit: the enterprise is the option `tenant`.",
        "Times of extracts name no zone: give `timezone`; accounts keep UTC-6 all year, `-06:00`.",
        "The address of a link often holds personal data in its query, which is cut off.",
        "Opens and clicks of machines (mail privacy, link scanners) are not marked.",
        "Deliveries are at least once; a notification and the row of an extract are two events of one open.",
        "The first call to a new address is a verification, which is not signed: answer it, and drop its key.",
        "Notifications of journeys and automations are of nobody and rejected: do not subscribe to them.",
    )

    def notification(self, reading: Reading) -> None:
        """Makes the event of a notification, and the consent change that follows from it."""
        item = reading.item
        what = item.need("eventCategoryType").rpartition(".")[2].lower()
        message = [item.id(f"composite.{name}") for name in ("jobId", "listId", "batchId", "subscriberId")]
        written = item.id("definitionKey")
        definition = None if written == "NA" else written
        told = {
            "campaign_id": message[0] or definition,
            "message_id": ".".join(one or "" for one in message) if message[0] else item.id("compositeId"),
            "send_id": message[2],
            "email_id": item.id("composite.emailId"),
            "email_subject": item.text("info.renderedSubject"),
            "definition_key": definition,
        }
        key = (what, item.id("compositeId"), item.id("timestampUTC"), item.id("info.jobUrlId"))
        if what.startswith("sms"):
            self._text_message(reading, what, told, key)
            return
        reason = item.text("info.reason") or item.text("info.statusMessage")
        more: dict[str, Any] = {"reason": reason, "bounce_type": item.text("info.bounceType")}
        if "link" in what or "click" in what:
            more = {"link_id": item.id("info.jobUrlId"), "link_url": _bare(item.text("info.contentLink"))}
        left = item.time("info.unsubscribeDate", "ms")
        if what == "emailunsubscribe":
            more = {"list_id": message[1], "method": item.text("info.unsubscribeMethod")}
            reading.consent("email", "marketing", "denied", at=left)
        elif what == "emailnotsent" and "unsubscribed" in (reason or "").lower():
            reading.consent("email", "marketing", "denied")
        self._email(reading, what, {**told, **more}, key)

    def extract(self, reading: Reading) -> None:
        """Makes the event of a row of an extract, and the consent change that follows from it."""
        item = reading.item
        what = item.need("EventType").lower()
        job, listed, batch = item.id("SendID"), item.id("ListID"), item.id("BatchID")
        message = (job, listed, batch, item.id("SubscriberID"))
        told = {
            "campaign_id": job,
            "message_id": ".".join(one or "" for one in message),
            "send_id": batch,
            "definition_key": item.id("TriggeredSendExternalKey"),
            "list_id": listed if what == "unsubscribe" else None,
            "link_id": item.id("URLID"),
            "link_url": _bare(item.text("URL")),
            "bounce_type": item.text("BounceCategory"),
        }
        if what == "unsubscribe":
            reading.consent("email", "marketing", "denied")
        self._email(reading, what, told, (what, *message, reading.when(), item.id("URLID")))

    def status(self, reading: Reading) -> None:
        """Makes the consent change of a subscriber whose status changed."""
        now = (reading.item.text("NewStatus") or "").lower()
        if now == "unsubscribed":
            reading.consent("email", "marketing", "denied")
        elif now == "active":
            reading.consent("email", "marketing", "unset")

    @staticmethod
    def _email(reading: Reading, what: str, told: dict[str, Any], key: tuple[object, ...]) -> None:
        event = EmailBounced if "bounce" in what else _EMAIL.get(what)
        if event is None:
            raise reading.item.refusal("", "unknown_kind", "expected an event of a message, got another")
        reading.event(event, told, key=key)

    @staticmethod
    def _text_message(reading: Reading, what: str, told: dict[str, Any], key: tuple[object, ...]) -> None:
        status = (reading.item.text("Info.status") or "").replace(" ", "").lower()
        event = _SMS.get(what.removeprefix("sms")) or _SMS.get(status)
        if event is None:
            raise reading.item.refusal(
                "Info.status", "unknown_kind", "expected sent, delivered or bounced, got another"
            )
        reading.event(event, {**told, "reason": reading.item.text("Info.statusMessage")}, key=(status, *key))


def _bare(link: str | None) -> str | None:
    """An address without its query and fragment, where senders put who it was sent to."""
    return None if link is None else link.partition("#")[0].partition("?")[0] or None
