"""Meta: Messenger, Instagram, WhatsApp and what people write on pages, from webhooks."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any, Literal

from cxm_sdk._native.paths import find
from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.parsed import message_id
from cxm_sdk.adapters.payloads import loaded
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.errors import AdapterError
from cxm_sdk.events.catalog.chat import LiveChatMessageReceived, LiveChatMessageSent

__all__ = ["MetaMessaging"]

_SOURCE = "meta.{tenant}"
_PAGE = "meta.{tenant}.psid"
_INSTAGRAM = "meta.{tenant}.igsid"
_LEAD = "meta.{tenant}.leadgen"
_MILLISECONDS = 10**11
"""Numbers from here on are milliseconds: as seconds they would be after the year 5000."""
_VERBS = {"add": "Added", "edit": "Edited", "edited": "Edited", "remove": "Removed", "hide": "Hidden"}
_THINGS = {"comment": "Comment", "reaction": "Reaction", "like": "Reaction", "post": "Post", "status": "Post"}
_SOCIAL = tuple(
    f"Social {thing} {verb}"
    for thing in dict.fromkeys(_THINGS.values())
    for verb in dict.fromkeys(_VERBS.values())
)
_STATES = {"sent": "Sent", "delivered": "Delivered", "read": "Read", "failed": "Failed", "deleted": "Deleted"}


def _message(name: str, has: str, read: str, *events: str, ignored: tuple[str, ...] = ()) -> Kind:
    """Something in a conversation with a page or an Instagram account."""
    return Kind(
        name=name,
        around=("messaging",),
        has=("sender.id", "recipient.id", has),
        source=_SOURCE,
        tenant="id",
        times=("timestamp",),
        form="ms",
        ignored=("sender", "recipient", "message.is_echo", *ignored),
        read=read,
        events=events,
    )


def _change(name: str, *fields: str, has: tuple[str, ...], read: str, events: tuple[str, ...]) -> Kind:
    """Something that somebody did on a page or an Instagram account."""
    return Kind(
        name=name,
        around=("changes",),
        equal={"field": fields},
        has=has,
        source=_SOURCE,
        tenant="id",
        ignored=("value.message", "value.text", "value.post", "value.link", "value.photo", "value.published"),
        read=read,
        events=events,
    )


def _whatsapp(name: str, around: str, has: tuple[str, ...], read: str, events: tuple[str, ...]) -> Kind:
    """A message of WhatsApp, or what became of one."""
    return Kind(
        name=name,
        around=("messaging_product", around),
        has=("timestamp", "id", *has),
        source="meta.{tenant}.whatsapp",
        tenant="metadata.phone_number_id",
        id="id",
        times=("timestamp",),
        form="s",
        ignored=(
            *(
                "text",
                "image",
                "audio",
                "video",
                "document",
                "sticker",
                "location",
                "contacts",
                "interactive",
            ),
            *(
                "button",
                "reaction",
                "order",
                "context",
                "referral",
                "system",
                "type",
                "errors",
                "conversation",
            ),
            *("pricing", "biz_opaque_callback_data"),
        ),
        read=read,
        events=events,
    )


class MetaMessaging(Adapter):
    """Reads what Meta's webhooks send."""

    name = "meta_messaging"
    title = "Meta: Messenger, Instagram, WhatsApp, pages"
    about = (
        "Webhooks of conversations with pages and Instagram accounts, of WhatsApp, and of what people do on a page. The"
        " tenant is the id of the page, the account or the business phone number."
    )
    kinds = (
        _message(
            *("message", "message", "message", "Live Chat Message Sent", "Live Chat Message Received"),
            "Live Chat Message Unsent",
            ignored=("message",),
        ),
        _message("postback", "postback", "postback", "Live Chat Postback"),
        _message("reading of messages", "read", "seen", "Live Chat Message Read"),
        _message(
            "delivery of messages", "delivery", "seen", "Live Chat Message Delivered", ignored=("delivery",)
        ),
        _message(
            "reaction to a message",
            "reaction",
            "reaction",
            "Social Reaction Added",
            "Social Reaction Removed",
        ),
        _message(
            *("opt-in", "optin", "opt_in"),
            ignored=("optin.notification_messages_token", "optin.payload", "optin.title", "optin.user_ref"),
        ),
        _message("referral", "referral", "referral", "Live Chat Referred"),
        Kind(name="other message", around=("messaging",), has=("sender",), source=_SOURCE, ignored=("*",)),
        _change("activity on a page", "feed", has=("value.item", "value.verb"), read="feed", events=_SOCIAL),
        _change(
            "comment on Instagram",
            "comments",
            has=("value.id", "value.from"),
            read="comment",
            events=_SOCIAL[:1],
        ),
        _change(
            "lead form", "leadgen", has=("value.leadgen_id",), read="lead", events=("Lead Form Submitted",)
        ),
        Kind(
            name="signed request of the app",
            has=("signed_request",),
            source="meta.app.{tenant}",
            read="signed",
        ),
        Kind(name="other change", around=("changes",), has=("field",), source=_SOURCE, ignored=("*",)),
        _whatsapp("message of WhatsApp", "messages", ("from",), "whatsapp", ("Live Chat Message Sent",)),
        _whatsapp(
            *("status of a message of WhatsApp", "statuses", ("status", "recipient_id"), "status"),
            tuple(f"WhatsApp Message {state}" for state in _STATES.values()),
        ),
    )
    envelopes = ("entry",)
    envelope_ignored = (
        *("object", "entry.id", "entry.time", "entry.changes.field", "entry.changes.value.messaging_product"),
        *("entry.changes.value.metadata", "entry.changes.value.contacts"),
    )
    signature = "meta"
    pitfalls = (
        "Ids of people are good for one page or account only, and say nothing on another.",
        "A message whose sender is the page, or that `is_echo`, was sent to the customer, who is the recipient.",
        "Messages have milliseconds, changes seconds (or milliseconds), WhatsApp seconds as text. The time of an entry"
        " is that of the delivery, and is taken only where there is no other.",
        "WhatsApp's `wa_id` is a phone number without `+`, and comes out as one. `display_phone_number` is the"
        " company's.",
        "`STOP_NOTIFICATIONS` takes the consent to be written to back; other opt-ins are none.",
        "Changes without `value` occur, names are often absent, and one entry may hold several messages.",
        "What was written is left out. A message that is taken back (`is_deleted`) does not take its event back.",
        "Requests to delete data and to deauthorise are forms with a `signed_request`, in which nothing tells one from"
        " the other but the address that they are posted to: say it as `signed_requests`, and give the id of the app"
        " as the tenant. They name the person by the id in the app, `meta.app.APP.user`, and not by that on a page."
        " Meta wants an answer with an address and a code by which the person can ask how it stands.",
    )

    def __init__(
        self, *, signed_requests: Literal["deletion", "deauthorization"] | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        if signed_requests not in (None, "deletion", "deauthorization"):
            raise AdapterError("signed_requests: expected deletion or deauthorization, got something else.")
        self.signed_requests = signed_requests

    @classmethod
    def unwrap(cls, item: Item) -> list[Item]:
        """Finds messages, changes, and the messages in changes.

        Args:
            item: A delivery.

        Returns:
            What happened, one by one.
        """
        if not isinstance(find(item.data, "entry"), list) or find(item.data, "object") is None:
            return [item]
        found: list[Item] = []
        for entry in item.each("entry"):
            if "messaging" in entry.data:
                found += entry.each("messaging")
            for change in entry.each("changes") if "changes" in entry.data else ():
                inside = [
                    name
                    for name in ("messages", "statuses")
                    if find(change.data, f"value.{name}") is not None
                ]
                value = change.part("value") if inside else None
                found += (
                    [one for name in inside for one in value.each(name)] if value is not None else [change]
                )
        return found

    # ------------------------------------------------------------------------------------------ the app

    def signed(self, reading: Reading) -> None:
        """Makes the deletion that a person asks the app for, or that follows from leaving it."""
        item = reading.item
        if self.signed_requests is None:
            raise item.refusal(
                "signed_request",
                "unknown_request",
                "expected the option `signed_requests`: deletion or deauthorization, got none",
            )
        told = Item(_inside(item), "signed_request", item.zone, item)
        user = told.need("user_id")
        reading.at = told.time("issued_at", "s") or reading.at
        reading.delete("meta.app.{tenant}.user", user, erase=self.signed_requests == "deletion")

    # ------------------------------------------------------------------------------------------ conversations

    def message(self, reading: Reading) -> None:
        """Makes the event of a message, from or to the customer."""
        outbound = self._customer(reading)
        item = reading.item
        mid = item.need("message.mid")
        told = {"message_id": mid, "channel": "social"}
        if item.flag("message.is_deleted"):
            reading.event("Live Chat Message Unsent", told, key=("unsent", mid))
        else:
            what = LiveChatMessageReceived if outbound else LiveChatMessageSent
            reading.event(what, told, key=("message", mid))

    def postback(self, reading: Reading) -> None:
        """Makes the event of a button that was pressed."""
        self._customer(reading)
        item = reading.item
        told = {
            "channel": "social",
            "message_id": item.id("postback.mid"),
            "title": item.text("postback.title"),
            "payload": item.text("postback.payload"),
            **_referral(item, "postback.referral"),
        }
        reading.event(
            "Live Chat Postback", told, key=("postback", told["message_id"], _who(reading), reading.at)
        )

    def seen(self, reading: Reading) -> None:
        """Makes the event of messages that were delivered or read: all up to a time."""
        self._customer(reading)
        item = reading.item
        path, name = ("read", "Read") if find(item.data, "read") is not None else ("delivery", "Delivered")
        until = item.time(f"{path}.watermark", "ms")
        told = {"channel": "social", "until": until.isoformat() if until else None}
        reading.event(f"Live Chat Message {name}", told, key=(path, _who(reading), reading.at))

    def reaction(self, reading: Reading) -> None:
        """Makes the event of a reaction to a message."""
        self._customer(reading)
        item = reading.item
        emoji = item.text("reaction.emoji")
        told = {
            "channel": "social",
            "message_id": item.id("reaction.mid"),
            "reaction_type": item.text("reaction.reaction") or emoji,
        }
        action = "Removed" if item.text("reaction.action") == "unreact" else "Added"
        reading.event(
            f"Social Reaction {action}", told, key=(told["message_id"], _who(reading), action, reading.at)
        )

    def opt_in(self, reading: Reading) -> None:
        """Makes the consent change of somebody who wants to be written to, or no longer."""
        self._customer(reading)
        item = reading.item
        kind, state = item.text("optin.type"), item.text("optin.notification_messages_status")
        if kind == "notification_messages":
            stopped = state is not None and state.startswith("STOP")
            channel = "instagram" if item.up("object") == "instagram" else "messenger"
            reading.consent(channel, "marketing", "denied" if stopped else "granted")

    def referral(self, reading: Reading) -> None:
        """Makes the event of somebody who came to the conversation by a link or an advertisement."""
        self._customer(reading)
        told = {"channel": "social", **_referral(reading.item, "referral")}
        reading.event("Live Chat Referred", told, key=("referral", _who(reading), reading.at))

    @staticmethod
    def _customer(reading: Reading) -> bool:
        """Finds the customer of a conversation; whether the message goes to the customer."""
        item = reading.item
        sender, recipient = item.need("sender.id"), item.need("recipient.id")
        outbound = sender == reading.tenant or item.flag("message.is_echo") is True
        namespace = _INSTAGRAM if item.up("object") == "instagram" else _PAGE
        reading.identify(
            namespace, recipient if outbound else sender, "recipient.id" if outbound else "sender.id"
        )
        return outbound

    # ------------------------------------------------------------------------------------------ changes

    def feed(self, reading: Reading) -> None:
        """Makes the event of what somebody did on a page."""
        item = reading.item
        thing, verb = _THINGS.get(item.need("value.item")), _VERBS.get(item.need("value.verb"))
        if self._author(reading, _PAGE, "value.created_time") and thing is not None and verb is not None:
            told = {
                "channel": "social",
                **{name: item.id(f"value.{name}") for name in ("post_id", "comment_id", "parent_id")},
                "reaction_type": item.text("value.reaction_type"),
            }
            key = (thing, verb, told["comment_id"] or told["post_id"], _who(reading), reading.at)
            reading.event(f"Social {thing} {verb}", told, key=key)

    def comment(self, reading: Reading) -> None:
        """Makes the event of a comment on Instagram."""
        item = reading.item
        told = {
            "channel": "social",
            "comment_id": item.need("value.id"),
            "parent_id": item.id("value.parent_id"),
            "post_id": item.id("value.media.id"),
        }
        item.raw("value.media.media_product_type")
        if self._author(reading, _INSTAGRAM, "value.created_time"):
            reading.event("Social Comment Added", told, key=("comment", told["comment_id"]))

    def lead(self, reading: Reading) -> None:
        """Makes the event of a form that was filled in; who did is asked for by the lead's id."""
        item = reading.item
        reading.at = _time(item, "value.created_time") or reading.at
        name = item.need("value.leadgen_id")
        item.raw("value.page_id")
        reading.identify(_LEAD, name, "value.leadgen_id")
        told = {one: item.id(f"value.{one}") for one in ("form_id", "ad_id", "adgroup_id")}
        reading.event("Lead Form Submitted", told, key=("lead", name))

    @staticmethod
    def _author(reading: Reading, namespace: str, time: str) -> bool:
        """Finds who did something; whether that is a customer, and not the page itself."""
        item = reading.item
        author, name = (
            item.id("value.from.id"),
            item.text("value.from.name") or item.text("value.from.username"),
        )
        reading.at = _time(item, time) or _entry_time(item) or reading.at
        if author is None or author == reading.tenant:
            return False
        reading.identify(namespace, author, "value.from.id")
        if name is not None and namespace == _PAGE:
            reading.record(author, full_name=name)
        return True

    # ------------------------------------------------------------------------------------------ WhatsApp

    def whatsapp(self, reading: Reading) -> None:
        """Makes the event of a message, and a record of the name that comes with it."""
        item = reading.item
        sender = item.need("from")
        reading.identify("phone", f"+{sender}", "from")
        reading.event(LiveChatMessageSent, {"message_id": reading.id, "channel": "social"}, key=(reading.id,))
        contacts = find(item.parent.data, "contacts") if item.parent is not None else None
        for contact in contacts if isinstance(contacts, list) else ():
            name = find(contact, "profile.name")
            if find(contact, "wa_id") == sender and isinstance(name, str) and name:
                reading.record(
                    message_id("wa_id", sender), full_name=name
                )  # a number is no name for a record

    def status(self, reading: Reading) -> None:
        """Makes the event of what became of a message to the customer."""
        item = reading.item
        reading.identify("phone", f"+{item.need('recipient_id')}", "recipient_id")
        state = _STATES.get(item.need("status"))
        if state is not None:
            told = {"message_id": reading.id, "channel": "social"}
            reading.event(f"WhatsApp Message {state}", told, key=(reading.id, state))


def _inside(item: Item) -> dict[str, Any]:
    """What a signed request says, behind its signature."""
    signature, _, written = (item.text("signed_request") or "").partition(".")
    try:
        told = loaded(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)))
    except (ValueError, AdapterError):
        told = None
    if not signature or not isinstance(told, dict):
        raise item.refusal(
            "signed_request",
            "unreadable",
            "expected a signature and an object, both in base64, got other text",
        )
    return told


def _who(reading: Reading) -> str:
    return reading.identifiers[0].value if reading.identifiers else ""


def _referral(item: Item, path: str) -> dict[str, str | None]:
    told = {name: item.id(f"{path}.{name}") for name in ("ref", "source", "type", "ad_id")}
    return {f"referral_{name}": value for name, value in told.items()}


def _time(item: Item, path: str) -> datetime | None:
    """A time in seconds or in milliseconds."""
    number = item.number(path)
    return item.time(path, "ms" if number is not None and number >= _MILLISECONDS else "s")


def _entry_time(item: Item) -> datetime | None:
    """The time of the entry, which is that of the delivery."""
    return _time(item.parent, "time") if item.parent is not None else None
