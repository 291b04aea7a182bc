"""Events of tickets in Zendesk: as webhooks deliver them, and as flows and Amazon EventBridge got them."""

from __future__ import annotations

import re

from cxm_sdk._native.paths import find
from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.reading import Reading
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

__all__ = ["DELIVERY", "OVER", "TICKET", "TICKET_EVENTS", "USER", "TicketEvents"]

USER = "zendesk.{tenant}.user"
TICKET = "zendesk.{tenant}.ticket"
OVER = ("solved", "closed")
_CHANNELS = {
    "email": "email", "web": "web", "web_form": "web", "web_widget": "web", "mobile_sdk": "app", "voice": "phone",
    "phone": "phone", "sms": "sms", "chat": "chat", "messaging": "chat", "native_messaging": "chat",
    "facebook": "social", "twitter": "social", "whatsapp": "social",
}  # fmt: skip
DELIVERY = ("account_id", "id", "subject", "zendesk_event_version", "event.meta")
_OF_TICKET_EVENT = (
    "detail.actor_id", "detail.submitter_id", "detail.brand_id", "detail.form_id", "detail.custom_status",
    "detail.tags", "detail.created_at", "detail.updated_at", "detail.description", "detail.external_id",
    "detail.is_public", "detail.organization_id", "detail.group_id", "detail.assignee_id", "detail.status",
    "detail.priority", "detail.type", "detail.subject", "detail.via", "detail.requester_id",
    "event.comment.body", "event.comment.author.name",
)  # fmt: skip
_OF_FLOW_EVENT = (
    "meta", "previous", "current", "comment.body", "comment.author.name", "ticket.brand_id", "ticket.created_at",
    "ticket.updated_at", "ticket.external_id", "ticket.form_id", "ticket.organization_id", "ticket.group_id",
    "ticket.assignee_id", "ticket.status", "ticket.priority", "ticket.type", "ticket.submitter_id", "ticket.tags",
    "ticket.via", "ticket.requester_id",
)  # fmt: skip
_PARTNER = re.compile(r"aws\.partner/zendesk\.com/(\d{1,18})/\S{1,200}", re.ASCII)


def types(*names: str) -> tuple[str, ...]:
    """Both spellings of the types of events: the documentation has a slash where deliveries have a colon."""
    return tuple(f"zen:event-type{mark}{name}" for name in names for mark in ":/")


def _ticket(name: str, *called: str, read: str, events: tuple[str, ...]) -> Kind:
    """An event of a ticket."""
    return Kind(
        name=name,
        equal={"type": types(*called)},
        source=TICKET,
        tenant="account_id",
        id="id",
        times=("time",),
        identifiers={"detail.requester_id": USER},
        ignored=(*DELIVERY, *_OF_TICKET_EVENT),
        read=read,
        events=events,
    )


def _flow(name: str, *called: str, read: str | None, events: tuple[str, ...] = ()) -> Kind:
    """An event of a ticket in the form of flows and of Amazon EventBridge; any other event where none is called."""
    return Kind(
        name=name,
        has=("ticket", "meta.occurred_at"),
        equal={"type": called} if called else {},
        source=TICKET,
        tenant="account_id",
        times=("meta.occurred_at",),
        identifiers={"ticket.requester_id": USER} if read else {},
        ignored=_OF_FLOW_EVENT if read else ("*",),
        read=read,
        events=events,
    )


_CHANGES = ("Ticket Solved", "Ticket Closed", "Ticket Reopened", "Ticket Updated")
_ENDS = ("Ticket Merged", "Ticket Deleted", "Ticket Restored")
TICKET_EVENTS = (
    _ticket("ticket created", "ticket.created", read="opened", events=("Ticket Opened",)),
    _ticket(
        "ticket status",
        "ticket.status_changed",
        read="status_changed",
        events=_CHANGES,
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
        events=_ENDS,
    ),
    _flow("ticket created, of a flow", "Ticket Created", read="opened", events=("Ticket Opened",)),
    _flow("ticket status, of a flow", "Status Changed", read="status_changed", events=_CHANGES),
    _flow(
        "ticket priority, of a flow", "Priority Changed", read="priority_changed", events=("Ticket Updated",)
    ),
    _flow(
        "ticket assignment, of a flow",
        *("Agent Assignment Changed", "Group Assignment Changed"),
        read="assigned",
        events=("Ticket Assigned",),
    ),
    _flow("ticket comment, of a flow", "Comment Created", read="replied", events=("Ticket Replied",)),
    _flow(
        "ticket removal, of a flow",
        *("Ticket Merged", "Ticket Soft Deleted", "Ticket Permanently Deleted", "Ticket Undeleted"),
        read="removed",
        events=_ENDS,
    ),
    _flow("other event of a flow", read=None),
)
"""Kinds of events of tickets."""


class TicketEvents(Adapter):
    """Reads the events of tickets; the account stands beside them, or in the name of the source of the delivery."""

    def tenant_of(self, item: Item, paths: tuple[str, ...]) -> str | None:
        """The number of the account."""
        found = super().tenant_of(item, paths)
        if found is None and item.parent is not None and item.path.endswith("ticket_event"):
            partner = _PARTNER.fullmatch(item.up("source") or "")
            found = partner[1] if partner is not None else None
        return found

    def opened(self, reading: Reading) -> None:
        """Makes the event of a new ticket."""
        ticket, _ = _places(reading.item)
        if asks(reading, ticket):
            tell_opened(reading, ticket)

    def status_changed(self, reading: Reading) -> None:
        """Makes what a status means: solved, closed, opened again, or changed."""
        item = reading.item
        ticket, event = _places(item)
        if not asks(reading, ticket):
            return
        now, before = word(item, f"{event}current"), word(item, f"{event}previous")
        name, changed = item.need(f"{ticket}id"), item.time(f"{ticket}updated_at")
        told: dict[str, object] = {"ticket_id": name}
        if now in OVER:  # the same event as in the API and from a trigger
            key = (now, name, changed) if changed is not None else event_key(reading)
            reading.event(TicketSolved if now == "solved" else TicketClosed, told, key=key)
        elif before in OVER:
            reading.event(TicketReopened, told, key=event_key(reading))
        else:
            told |= {"changed_fields": ["status"], "status": now, "previous_status": before}
            reading.event(TicketUpdated, told, key=event_key(reading))

    def priority_changed(self, reading: Reading) -> None:
        """Makes the event of another priority."""
        item = reading.item
        ticket, event = _places(item)
        item.raw(f"{event}previous")
        if asks(reading, ticket):
            told = {
                "ticket_id": item.need(f"{ticket}id"),
                "changed_fields": ["priority"],
                "priority": word(item, f"{event}current"),
            }
            reading.event(TicketUpdated, told, key=event_key(reading))

    def assigned(self, reading: Reading) -> None:
        """Makes the event of a ticket that was given to an agent or a group."""
        item = reading.item
        ticket, event = _places(item)
        item.raw(f"{event}previous")
        if asks(reading, ticket):
            whom = "assignee_id" if "agent" in (word(item, "type") or "") else "group_id"
            told = {"ticket_id": item.need(f"{ticket}id"), whom: item.id(f"{event}current")}
            reading.event(TicketAssigned, told, key=event_key(reading))

    def replied(self, reading: Reading) -> None:
        """Makes the event of a comment; what a customer writes is told of its author, who may be another."""
        item = reading.item
        ticket, event = _places(item)
        comment = f"{event}comment"
        staff, author = item.flag(f"{comment}.author.is_staff"), item.id(f"{comment}.author.id")
        if not asks(reading, ticket):
            return
        if staff is False and author is not None:
            reading.identifiers.clear()
            reading.identify(USER, author, f"{comment}.author.id")
        told = {
            "ticket_id": item.need(f"{ticket}id"),
            "message_id": item.id(f"{comment}.id"),
            "direction": "inbound" if staff is False else "outbound",
            "is_public": item.flag(f"{comment}.is_public"),
            "channel": _CHANNELS.get(item.text(f"{ticket}via.channel") or ""),
        }
        reading.event(TicketReplied, told, key=event_key(reading))

    def rated(self, reading: Reading) -> None:
        """Makes the event of a rating."""
        if not asks(reading, "detail."):
            return
        item, score = reading.item, "event.satisfaction_score"
        item.raw(f"{score}.reason")
        tell_rated(
            reading, item.need("detail.id"), word(item, f"{score}.score"), item.text(f"{score}.comment")
        )

    def removed(self, reading: Reading) -> None:
        """Makes the event of a ticket that went into another, was deleted, or came back."""
        item = reading.item
        ticket, _ = _places(item)
        what = _REMOVED.split(word(item, "type") or "")[-1].replace(" ", "_")
        name = {"merged": "Ticket Merged", "undeleted": "Ticket Restored"}.get(what, "Ticket Deleted")
        if asks(reading, ticket):
            told = {"ticket_id": item.need(f"{ticket}id"), "is_final": what == "permanently_deleted" or None}
            reading.event(name, told, key=event_key(reading))


_REMOVED = re.compile(r"[./:]|^ticket ")


def _places(item: Item) -> tuple[str, str]:
    """Where the ticket stands, and where what happened to it does."""
    return ("ticket.", "") if isinstance(find(item.data, "ticket"), dict) else ("detail.", "event.")


def asks(reading: Reading, where: str) -> bool:
    """Whether somebody other than the agent asks; an agent's own ticket is no customer's."""
    item = reading.item
    return item.id(f"{where}requester_id") != item.id(f"{where}assignee_id")


def word(item: Item, path: str) -> str | None:
    """A word in lower case."""
    text = item.text(path)
    return None if text is None else text.lower()


def event_key(reading: Reading) -> tuple[object, ...]:
    """What tells an event: the id of its delivery; flows name none, but what happened in which order when."""
    if reading.id is not None:
        return ("event", reading.id)
    item = reading.item
    sequence = item.id("meta.sequence.id"), item.id("meta.sequence.position")
    return ("event", item.text("type"), item.id("ticket.id"), item.id("meta.ref"), *sequence, reading.when())


def tell_opened(reading: Reading, where: str, *, at_path: str | None = None) -> None:
    """Makes the event of a new ticket, the same from an event and from the API."""
    item = reading.item
    ticket = item.need(f"{where}id")
    told = {
        "ticket_id": ticket,
        "category": word(item, f"{where}type"),
        "priority": word(item, f"{where}priority"),
        "subject": item.text(f"{where}subject"),
        "requester_id": item.id(f"{where}requester_id"),
        "channel": _CHANNELS.get(item.text(f"{where}via.channel") or ""),
    }
    at = item.time(at_path) if at_path else None
    reading.event(TicketOpened, told, key=("opened", ticket), at=at)


def tell_rated(reading: Reading, ticket: str, score: str | None, comment: str | None) -> None:
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
