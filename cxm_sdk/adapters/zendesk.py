"""Zendesk: tickets, users and ratings, from event webhooks, trigger webhooks and the API."""

from __future__ import annotations

from cxm_sdk.adapters.base import Kind
from cxm_sdk.adapters.reading import Many, Reading
from cxm_sdk.adapters.zendesk_tickets import (
    DELIVERY,
    OVER,
    TICKET,
    TICKET_EVENTS,
    USER,
    TicketEvents,
    asks,
    event_key,
    tell_opened,
    tell_rated,
    types,
    word,
)
from cxm_sdk.events.catalog.chat import LiveChatMessageSent
from cxm_sdk.events.catalog.ticket import TicketClosed, TicketSolved, TicketUpdated

__all__ = ["Zendesk"]

_EXTERNAL = Many("zendesk.{tenant}.external_id", none=("0",))
_STAFF = ("agent", "admin")
_OF_USER_EVENT = (
    "type", "event", "detail.created_at", "detail.updated_at", "detail.default_group_id", "detail.role",
    "detail.organization_id",
)  # fmt: skip
_OF_TICKET = (
    "url", "external_id", "via", "raw_subject", "description", "recipient", "submitter_id", "group_id",
    "organization_id", "collaborator_ids", "follower_ids", "email_cc_ids", "forum_topic_id", "problem_id",
    "has_incidents", "is_public", "due_at", "tags", "custom_fields", "fields", "sharing_agreement_ids",
    "followup_ids", "ticket_form_id", "brand_id", "custom_status_id", "allow_channelback", "allow_attachments",
    "from_messaging_channel", "generated_timestamp", "created_at", "updated_at", "subject", "type", "priority",
    "satisfaction_rating", "encoded_id",
)  # fmt: skip
_OF_USER = (
    "url", "created_at", "time_zone", "iana_time_zone", "photo", "locale_id", "verified", "tags", "shared",
    "shared_agent", "last_login_at", "two_factor_auth_enabled", "signature", "details", "notes", "role", "role_type",
    "custom_role_id", "moderator", "ticket_restriction", "alias", "only_private_comments", "restricted_agent",
    "suspended", "default_group_id", "report_csv", "user_fields", "organization_id", "phone", "name",
)  # fmt: skip


def _user(name: str, *called: str, read: str | None = None, has: tuple[str, ...] = ()) -> Kind:
    """An event of a user."""
    return Kind(
        name=name,
        has=has,
        equal={"type": types(*called)} if called else {},
        source=USER,
        tenant="account_id",
        id="detail.id",
        times=("time",),
        identifiers={"detail.id": USER, "detail.email": "email", "detail.external_id": _EXTERNAL},
        ignored=(*DELIVERY, *_OF_USER_EVENT),
        read=read,
    )


class Zendesk(TicketEvents):
    """Reads what Zendesk sends and what its API answers."""

    name = "zendesk"
    title = "Zendesk"
    about = (
        "Event webhooks of tickets, messaging and users, events of flows and of Amazon EventBridge, webhooks of"
        " triggers, and tickets, users and satisfaction ratings of the API v2. The tenant is the number of the account."
    )
    kinds = (
        *TICKET_EVENTS,
        Kind(
            name="message",
            equal={"type": types("messaging_ticket.message_added")},
            source="zendesk.{tenant}.message",
            tenant="account_id",
            id="id",
            times=("time",),
            ignored=(*DELIVERY, "event"),
            read="message",
            events=("Live Chat Message Sent",),
        ),
        Kind(
            name="event of a member of staff",
            has=("account_id",),
            equal={"detail.role": _STAFF},
            source="zendesk.{tenant}",
            tenant="account_id",
            ignored=("*",),
        ),
        _user("user merged", "user.merged", read="merged"),
        _user("user activated", "user.active_changed", read="active_changed"),
        _user("user deleted", "user.deleted", read="deleted"),
        _user("user identity", "user.identity_created", read="identity"),
        _user("end of a user identity", "user.identity_deleted", read="identity_gone"),
        _user(
            "other user event",
            has=("zendesk_event_version", "detail.email", "detail.role"),
            read="user_event",
        ),
        Kind(
            name="other event",
            has=("zendesk_event_version", "account_id", "subject"),
            source="zendesk.{tenant}",
            tenant="account_id",
            ignored=("*",),
        ),
        Kind(
            name="ticket of the API",
            has=("requester_id", "submitter_id", "created_at", "via"),
            source=TICKET,
            id="id",
            times=("updated_at", "created_at"),
            identifiers={"requester_id": USER},
            ignored=_OF_TICKET,
            read="ticket",
            events=("Ticket Opened", "Ticket Solved", "Ticket Closed", "Ticket Rated"),
        ),
        Kind(
            name="satisfaction rating of the API",
            has=("requester_id", "ticket_id", "score"),
            source=TICKET,
            id="id",
            times=("updated_at", "created_at"),
            identifiers={"requester_id": USER},
            ignored=("url", "group_id", "created_at", "reason", "reason_id", "reason_code"),
            read="rating",
            events=("Ticket Rated",),
        ),
        Kind(
            name="member of staff of the API",
            has=("shared_phone_number", "two_factor_auth_enabled"),
            equal={"role": _STAFF},
            source="zendesk.{tenant}",
            ignored=("*",),
        ),
        Kind(
            name="user of the API",
            has=("id", "role", "shared_phone_number", "created_at"),
            source=USER,
            id="id",
            times=("updated_at", "created_at"),
            identifiers={"id": USER, "email": "email", "external_id": _EXTERNAL},
            attributes={"locale": "language"},
            ignored=_OF_USER,
            read="user",
        ),
        Kind(
            name="webhook of a trigger",
            has=("ticket_id", "status", "requester_email"),
            source=TICKET,
            id="ticket_id",
            times=("updated_at_with_timestamp",),
            identifiers={
                "requester_email": "email",
                "requester_id": USER,
                "requester_phone": "phone",
                "requester_external_id": _EXTERNAL,
            },
            attributes={"requester_name": "full_name"},
            ignored=("created_at_with_timestamp",),
            read="trigger",
            events=("Ticket Solved", "Ticket Closed", "Ticket Updated", "Ticket Rated"),
        ),
    )
    envelopes = (
        *("ticket", "tickets", "user", "users", "satisfaction_rating", "satisfaction_ratings"),
        *("detail.ticket_event", "input.ticket_event"),
    )
    envelope_ignored = (
        "count",
        "next_page",
        "previous_page",
        "meta",
        "links",
        "end_time",
        "end_of_stream",
        "after_*",
        *("version", "id", "detail-type", "account", "time", "region", "resources", "subdomain"),
        "integration_key",
    )
    signature = "zendesk"
    pitfalls = (
        "Events name the account by number, the API by the host of `url`: give the number as `tenant` for what the API"
        " answers, so that both speak of the same users.",
        "The external id is one of your own: to tie it to the ids of your other systems, say so with"
        " `identifiers={'external_id': 'user_id', 'detail.external_id': 'user_id'}`.",
        "Ids are text in events and numbers in the API; words are upper-case in events and lower-case in the API. `0`"
        " and empty text stand for none.",
        "Submitter, assignee and actor are often agents. A ticket whose requester is its own assignee is an agent's,"
        " and no customer is told of it.",
        "`user.merged` names two users; which of them stays is not documented in full: the subject is taken for the one"
        " that is given up.",
        "A user that is not `active` any more is deleted and may come back; it is no demand to forget anybody.",
        "A phone number that users share, and the name that a phone call leaves (`Caller +1 …`), name nobody.",
        "Messages of bots and agents say nothing about who the customer is: nothing comes of them.",
        "Flows of integrations, and Amazon EventBridge until its connector ended in 2025, get events of tickets in a"
        " form of their own. The account is the number in the source there. They carry no subject, and no id: type,"
        " sequence and time tell one from the other, so that copies from a webhook count as further events.",
        "`event.meta.sequence` does not give the order of events; their times do.",
        "The body of a trigger's webhook is written by an administrator: ask for `ticket_id`, `status`,"
        " `requester_email`, and for `updated_at_with_timestamp`, as other dates have no time. Without it the time is"
        " `received`.",
    )

    # ------------------------------------------------------------------------------------------ messages

    def message(self, reading: Reading) -> None:
        """Makes the event of a message that a customer wrote."""
        item = reading.item
        ticket, actor = item.need("detail.id"), item.id("event.actor.id")
        if word(item, "event.actor.type") in ("end_user", "end-user") and actor is not None:
            reading.identify(USER, actor, "event.actor.id")
            told = {
                "conversation_id": item.id("event.conversation_id"),
                "message_id": item.id("event.message.id"),
                "interaction_id": ticket,
                "channel": "chat",
            }
            reading.event(LiveChatMessageSent, told, key=event_key(reading))

    # ------------------------------------------------------------------------------------------ events of users

    def user_event(self, reading: Reading) -> None:
        """Makes a part of the record: events name fewer fields than the API."""
        reading.record(f"{reading.id}/event")

    def identity(self, reading: Reading) -> None:
        """Makes a part of the record of a further address or number."""
        item = reading.item
        namespace = {"email": "email", "phone_number": "phone"}.get(item.text("event.identity.type") or "")
        value, name = item.id("event.identity.value"), item.need("event.identity.id")
        if namespace is not None and value is not None:
            reading.identify(namespace, value, "event.identity.value")
        reading.record(f"{reading.id}/identity/{name}")

    def identity_gone(self, reading: Reading) -> None:
        """Says that an address or number is not the user's any more."""
        part = reading.item.need("event.identity.id")
        reading.delete(USER, reading.id or "", record_id=f"{reading.id}/identity/{part}")

    def merged(self, reading: Reading) -> None:
        """Says that two users are one."""
        reading.record(f"{reading.id}/event")
        reading.merge(USER, reading.id or "", reading.item.need("event.user.id"))

    def active_changed(self, reading: Reading) -> None:
        """Says that a user is gone, or back."""
        reading.item.raw("event.previous")
        if reading.item.flag("event.current") is False:
            self.deleted(reading)
        else:
            reading.record(f"{reading.id}/event")

    def deleted(self, reading: Reading) -> None:
        """Says that a user is gone."""
        reading.delete(USER, reading.id or "")

    # ------------------------------------------------------------------------------------------ the API

    def ticket(self, reading: Reading) -> None:
        """Makes the events that a ticket shows: that it was opened, is over, and was rated."""
        item, status = reading.item, word(reading.item, "status")
        if not asks(reading, ""):
            return
        tell_opened(reading, "", at_path="created_at")
        if status in OVER:
            what = TicketSolved if status == "solved" else TicketClosed
            reading.event(what, {"ticket_id": reading.id}, key=(status, reading.id, reading.at))
        rating = item.part("satisfaction_rating")
        if rating is not None:
            rating.seen.update(("id", "reason", "reason_id"))
            tell_rated(reading, reading.id or "", word(rating, "score"), rating.text("comment"))

    def rating(self, reading: Reading) -> None:
        """Makes the event of a rating."""
        item = reading.item
        if asks(reading, ""):
            tell_rated(reading, item.need("ticket_id"), word(item, "score"), item.text("comment"))

    def user(self, reading: Reading) -> None:
        """Makes the record of a user, or says that it is gone."""
        item = reading.item
        if item.flag("active") is False:
            item.raw("shared_phone_number")
            self.deleted(reading)
            return
        phone, name = item.id("phone"), item.text("name")
        if phone is not None and item.flag("shared_phone_number") is not True:
            reading.identify("phone", phone, "phone")
        reading.record(full_name=None if (name or "").startswith("Caller ") else name)

    # ------------------------------------------------------------------------------------------ triggers

    def trigger(self, reading: Reading) -> None:
        """Makes the event of a ticket's status and of its rating, which are words for people here."""
        item = reading.item
        status, ticket = word(item, "status"), reading.id
        reading.record(f"{ticket}/requester")
        changed = item.time("updated_at_with_timestamp") or item.text("updated_at")
        told: dict[str, object] = {"ticket_id": ticket}
        if status in OVER:
            what = TicketSolved if status == "solved" else TicketClosed
            reading.event(what, told, key=(status, ticket, changed))
        elif status is not None:
            told |= {"changed_fields": ["status"], "status": status}
            reading.event(TicketUpdated, told, key=(status, ticket, changed))
        rating = word(item, "satisfaction")
        tell_rated(reading, ticket or "", rating.partition(",")[0] if rating else None, None)
