"""Zendesk: tickets, users and ratings, from event webhooks, trigger webhooks and the API."""

from __future__ import annotations

from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.reading import Many, Reading
from cxm_sdk.events.catalog.chat import LiveChatMessageSent
from cxm_sdk.events.catalog.ticket import (
    TicketAssigned,
    TicketClosed,
    TicketOpened,
    TicketRated,
    TicketReopened,
    TicketReplied,
    TicketSolved,
    TicketUpdated,
)

__all__ = ["Zendesk"]

_USER = "zendesk.{tenant}.user"
_EXTERNAL = Many("zendesk.{tenant}.external_id", none=("0",))
_TICKET = "zendesk.{tenant}.ticket"
_STAFF = ("agent", "admin")
_OVER = ("solved", "closed")
_CHANNELS = {
    "email": "email", "web": "web", "web_form": "web", "web_widget": "web", "mobile_sdk": "app", "voice": "phone",
    "phone": "phone", "sms": "sms", "chat": "chat", "messaging": "chat", "native_messaging": "chat",
    "facebook": "social", "twitter": "social", "whatsapp": "social",
}  # fmt: skip
_DELIVERY = ("account_id", "id", "subject", "zendesk_event_version", "event.meta")
_OF_TICKET_EVENT = (
    "detail.actor_id", "detail.submitter_id", "detail.brand_id", "detail.form_id", "detail.custom_status",
    "detail.tags", "detail.created_at", "detail.updated_at", "detail.description", "detail.external_id",
    "detail.is_public", "detail.organization_id", "detail.group_id", "detail.assignee_id", "detail.status",
    "detail.priority", "detail.type", "detail.subject", "detail.via", "detail.requester_id",
    "event.comment.body", "event.comment.author.name",
)  # fmt: skip
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


def _types(*names: str) -> tuple[str, ...]:
    """Both spellings of the types of events: the documentation has a slash where deliveries have a colon."""
    return tuple(f"zen:event-type{mark}{name}" for name in names for mark in ":/")


def _ticket(name: str, *types: str, read: str, events: tuple[str, ...]) -> Kind:
    """An event of a ticket."""
    return Kind(
        name=name,
        equal={"type": _types(*types)},
        source=_TICKET,
        tenant="account_id",
        id="id",
        times=("time",),
        identifiers={"detail.requester_id": _USER},
        ignored=(*_DELIVERY, *_OF_TICKET_EVENT),
        read=read,
        events=events,
    )


def _user(name: str, *types: str, read: str | None = None, has: tuple[str, ...] = ()) -> Kind:
    """An event of a user."""
    return Kind(
        name=name,
        has=has,
        equal={"type": _types(*types)} if types else {},
        source=_USER,
        tenant="account_id",
        id="detail.id",
        times=("time",),
        identifiers={"detail.id": _USER, "detail.email": "email", "detail.external_id": _EXTERNAL},
        ignored=(*_DELIVERY, *_OF_USER_EVENT),
        read=read,
    )


class Zendesk(Adapter):
    """Reads what Zendesk sends and what its API answers."""

    name = "zendesk"
    title = "Zendesk"
    about = (
        "Event webhooks of tickets, messaging and users, webhooks of triggers, and tickets, users and satisfaction"
        " ratings of the API v2. The tenant is the number of the account."
    )
    kinds = (
        _ticket("ticket created", "ticket.created", read="opened", events=("Ticket Opened",)),
        _ticket(
            "ticket status",
            "ticket.status_changed",
            read="status_changed",
            events=("Ticket Solved", "Ticket Closed", "Ticket Reopened", "Ticket Updated"),
        ),
        _ticket(
            "ticket priority", "ticket.priority_changed", read="priority_changed", events=("Ticket Updated",)
        ),
        _ticket(
            "ticket assignment",
            *("ticket.agent_assignment_changed", "ticket.group_assignment_changed"),
            read="assigned",
            events=("Ticket Assigned",),
        ),
        _ticket("ticket comment", "ticket.comment_added", read="replied", events=("Ticket Replied",)),
        _ticket("ticket rating", "ticket.csat_received", read="rated", events=("Ticket Rated",)),
        _ticket(
            "ticket removal",
            *("ticket.merged", "ticket.soft_deleted", "ticket.permanently_deleted", "ticket.undeleted"),
            read="removed",
            events=("Ticket Merged", "Ticket Deleted", "Ticket Restored"),
        ),
        Kind(
            name="message",
            equal={"type": _types("messaging_ticket.message_added")},
            source="zendesk.{tenant}.message",
            tenant="account_id",
            id="id",
            times=("time",),
            ignored=(*_DELIVERY, "event"),
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
            source=_TICKET,
            id="id",
            times=("updated_at", "created_at"),
            identifiers={"requester_id": _USER},
            ignored=_OF_TICKET,
            read="ticket",
            events=("Ticket Opened", "Ticket Solved", "Ticket Closed", "Ticket Rated"),
        ),
        Kind(
            name="satisfaction rating of the API",
            has=("requester_id", "ticket_id", "score"),
            source=_TICKET,
            id="id",
            times=("updated_at", "created_at"),
            identifiers={"requester_id": _USER},
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
            source=_USER,
            id="id",
            times=("updated_at", "created_at"),
            identifiers={"id": _USER, "email": "email", "external_id": _EXTERNAL},
            attributes={"locale": "language"},
            ignored=_OF_USER,
            read="user",
        ),
        Kind(
            name="webhook of a trigger",
            has=("ticket_id", "status", "requester_email"),
            source=_TICKET,
            id="ticket_id",
            times=("updated_at_with_timestamp",),
            identifiers={
                "requester_email": "email",
                "requester_id": _USER,
                "requester_phone": "phone",
                "requester_external_id": _EXTERNAL,
            },
            attributes={"requester_name": "full_name"},
            ignored=("created_at_with_timestamp",),
            read="trigger",
            events=("Ticket Solved", "Ticket Closed", "Ticket Updated", "Ticket Rated"),
        ),
    )
    envelopes = (*("ticket", "tickets", "user", "users", "satisfaction_rating", "satisfaction_ratings"),)
    envelope_ignored = (
        "count",
        "next_page",
        "previous_page",
        "meta",
        "links",
        "end_time",
        "end_of_stream",
        "after_*",
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
        "The connector to Amazon EventBridge, which ended in 2025, had a form of its own, which is not read.",
        "`event.meta.sequence` does not give the order of events; their times do.",
        "The body of a trigger's webhook is written by an administrator: ask for `ticket_id`, `status`,"
        " `requester_email`, and for `updated_at_with_timestamp`, as other dates have no time. Without it the time is"
        " `received`.",
    )

    # ------------------------------------------------------------------------------------------ events of tickets

    def opened(self, reading: Reading) -> None:
        """Makes the event of a new ticket."""
        if _asks(reading, "detail."):
            _opened(reading, "detail.")

    def status_changed(self, reading: Reading) -> None:
        """Makes what a status means: solved, closed, opened again, or changed."""
        if not _asks(reading, "detail."):
            return
        item = reading.item
        now, before = _word(item, "event.current"), _word(item, "event.previous")
        ticket, changed = item.need("detail.id"), item.time("detail.updated_at")
        told: dict[str, object] = {"ticket_id": ticket}
        if now in _OVER:  # the same event as in the API and from a trigger
            key = (now, ticket, changed) if changed is not None else _key(reading)
            reading.event(TicketSolved if now == "solved" else TicketClosed, told, key=key)
        elif before in _OVER:
            reading.event(TicketReopened, told, key=_key(reading))
        else:
            told |= {"changed_fields": ["status"], "status": now, "previous_status": before}
            reading.event(TicketUpdated, told, key=_key(reading))

    def priority_changed(self, reading: Reading) -> None:
        """Makes the event of another priority."""
        item = reading.item
        item.raw("event.previous")
        if _asks(reading, "detail."):
            told = {"ticket_id": item.need("detail.id"), "changed_fields": ["priority"]}
            reading.event(TicketUpdated, told | {"priority": _word(item, "event.current")}, key=_key(reading))

    def assigned(self, reading: Reading) -> None:
        """Makes the event of a ticket that was given to an agent or a group."""
        item = reading.item
        item.raw("event.previous")
        if _asks(reading, "detail."):
            whom = "assignee_id" if "agent" in (item.text("type") or "") else "group_id"
            told = {"ticket_id": item.need("detail.id"), whom: item.id("event.current")}
            reading.event(TicketAssigned, told, key=_key(reading))

    def replied(self, reading: Reading) -> None:
        """Makes the event of a comment; what a customer writes is told of its author, who may be another."""
        item = reading.item
        staff, author = item.flag("event.comment.author.is_staff"), item.id("event.comment.author.id")
        if not _asks(reading, "detail."):
            return
        if staff is False and author is not None:
            reading.identifiers.clear()
            reading.identify(_USER, author, "event.comment.author.id")
        told = {
            "ticket_id": item.need("detail.id"),
            "message_id": item.id("event.comment.id"),
            "direction": "inbound" if staff is False else "outbound",
            "is_public": item.flag("event.comment.is_public"),
            "channel": _CHANNELS.get(item.text("detail.via.channel") or ""),
        }
        reading.event(TicketReplied, told, key=_key(reading))

    def rated(self, reading: Reading) -> None:
        """Makes the event of a rating."""
        if not _asks(reading, "detail."):
            return
        item, score = reading.item, "event.satisfaction_score"
        item.raw(f"{score}.reason")
        _rated(reading, item.need("detail.id"), _word(item, f"{score}.score"), item.text(f"{score}.comment"))

    def removed(self, reading: Reading) -> None:
        """Makes the event of a ticket that went into another, was deleted, or came back."""
        item = reading.item
        what = (item.text("type") or "").rpartition(".")[2]
        name = {"merged": "Ticket Merged", "undeleted": "Ticket Restored"}.get(what, "Ticket Deleted")
        if _asks(reading, "detail."):
            told = {"ticket_id": item.need("detail.id"), "is_final": what == "permanently_deleted" or None}
            reading.event(name, told, key=_key(reading))

    def message(self, reading: Reading) -> None:
        """Makes the event of a message that a customer wrote."""
        item = reading.item
        ticket, actor = item.need("detail.id"), item.id("event.actor.id")
        if _word(item, "event.actor.type") in ("end_user", "end-user") and actor is not None:
            reading.identify(_USER, actor, "event.actor.id")
            told = {
                "conversation_id": item.id("event.conversation_id"),
                "message_id": item.id("event.message.id"),
                "interaction_id": ticket,
                "channel": "chat",
            }
            reading.event(LiveChatMessageSent, told, key=_key(reading))

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
        reading.delete(_USER, reading.id or "", record_id=f"{reading.id}/identity/{part}")

    def merged(self, reading: Reading) -> None:
        """Says that two users are one."""
        reading.record(f"{reading.id}/event")
        reading.merge(_USER, reading.id or "", reading.item.need("event.user.id"))

    def active_changed(self, reading: Reading) -> None:
        """Says that a user is gone, or back."""
        reading.item.raw("event.previous")
        if reading.item.flag("event.current") is False:
            self.deleted(reading)
        else:
            reading.record(f"{reading.id}/event")

    def deleted(self, reading: Reading) -> None:
        """Says that a user is gone."""
        reading.delete(_USER, reading.id or "")

    # ------------------------------------------------------------------------------------------ the API

    def ticket(self, reading: Reading) -> None:
        """Makes the events that a ticket shows: that it was opened, is over, and was rated."""
        item, status = reading.item, _word(reading.item, "status")
        if not _asks(reading, ""):
            return
        _opened(reading, "", at_path="created_at")
        if status in _OVER:
            what = TicketSolved if status == "solved" else TicketClosed
            reading.event(what, {"ticket_id": reading.id}, key=(status, reading.id, reading.at))
        rating = item.part("satisfaction_rating")
        if rating is not None:
            rating.seen.update(("id", "reason", "reason_id"))
            _rated(reading, reading.id or "", _word(rating, "score"), rating.text("comment"))

    def rating(self, reading: Reading) -> None:
        """Makes the event of a rating."""
        item = reading.item
        if _asks(reading, ""):
            _rated(reading, item.need("ticket_id"), _word(item, "score"), item.text("comment"))

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
        status, ticket = _word(item, "status"), reading.id
        reading.record(f"{ticket}/requester")
        changed = item.time("updated_at_with_timestamp") or item.text("updated_at")
        told: dict[str, object] = {"ticket_id": ticket}
        if status in _OVER:
            what = TicketSolved if status == "solved" else TicketClosed
            reading.event(what, told, key=(status, ticket, changed))
        elif status is not None:
            told |= {"changed_fields": ["status"], "status": status}
            reading.event(TicketUpdated, told, key=(status, ticket, changed))
        rating = _word(item, "satisfaction")
        _rated(reading, ticket or "", rating.partition(",")[0] if rating else None, None)


def _asks(reading: Reading, where: str) -> bool:
    """Whether somebody other than the agent asks; an agent's own ticket is no customer's."""
    item = reading.item
    return item.id(f"{where}requester_id") != item.id(f"{where}assignee_id")


def _word(item: Item, path: str) -> str | None:
    """A word in lower case."""
    text = item.text(path)
    return None if text is None else text.lower()


def _key(reading: Reading) -> tuple[object, ...]:
    return ("event", reading.id)


def _opened(reading: Reading, where: str, *, at_path: str | None = None) -> None:
    """Makes the event of a new ticket, the same from an event and from the API."""
    item = reading.item
    ticket = item.need(f"{where}id")
    told = {
        "ticket_id": ticket,
        "category": _word(item, f"{where}type"),
        "priority": _word(item, f"{where}priority"),
        "subject": item.text(f"{where}subject"),
        "requester_id": item.id(f"{where}requester_id"),
        "channel": _CHANNELS.get(item.text(f"{where}via.channel") or ""),
    }
    at = item.time(at_path) if at_path else None
    reading.event(TicketOpened, told, key=("opened", ticket), at=at)


def _rated(reading: Reading, ticket: str, score: str | None, comment: str | None) -> None:
    """Makes the event of a rating: good or bad, or one to five in accounts with the newer survey."""
    best = {
        "good": (1, 0, 1),
        "good_with_comment": (1, 0, 1),
        "bad": (0, 0, 1),
        "bad_with_comment": (0, 0, 1),
    }
    scale = best.get(score or "") or ((int(score), 1, 5) if score in ("1", "2", "3", "4", "5") else None)
    if scale is None:  # offered, or not even that
        return
    told = {
        "ticket_id": ticket,
        "score": scale[0],
        "scale_min": scale[1],
        "scale_max": scale[2],
        "comment": comment,
    }
    reading.event(TicketRated, told, key=("rated", ticket, score and score.partition("_")[0]))
