"""Freshdesk: tickets, contacts and ratings of the API, and webhooks of automation rules."""

from __future__ import annotations

from datetime import datetime

from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.adapters.surveys import Score
from cxm_sdk.events.catalog.survey import SurveyResponded
from cxm_sdk.events.catalog.ticket import (
    TicketClosed,
    TicketOpened,
    TicketReopened,
    TicketReplied,
    TicketSolved,
    TicketUpdated,
)

__all__ = ["Freshdesk"]

_CONTACT = "freshdesk.{tenant}.contact"
_TICKET = "freshdesk.{tenant}.ticket"
_PRIORITIES = {"1": "low", "2": "medium", "3": "high", "4": "urgent"}
_CHANNELS = {"1": "email", "2": "web", "3": "phone", "7": "chat", "9": "web", "10": "email"}
_CODES = {"-103": 1, "-102": 2, "-101": 3, "100": 4, "101": 5, "102": 6, "103": 7}
"""Codes of ratings, from extremely unhappy to extremely happy: names, not numbers to be averaged."""
_PERSON = {
    "email": "email", "mobile": "phone", "phone": "phone", "twitter_id": "freshdesk.{tenant}.twitter",
    "facebook_id": "freshdesk.{tenant}.facebook", "fb_profile_id": "freshdesk.{tenant}.facebook",
    "unique_external_id": "freshdesk.{tenant}.external_id", "external_id": "freshdesk.{tenant}.external_id",
}  # fmt: skip
_OF_TICKET = (
    "cc_emails", "fwd_emails", "reply_cc_emails", "ticket_cc_emails", "to_emails", "email_config_id", "group_id",
    "responder_id", "company_id", "product_id", "due_by", "fr_due_by", "fr_escalated", "is_escalated", "nr_due_by",
    "nr_escalated", "description", "description_text", "structured_description", "custom_fields", "tags",
    "attachments", "associated_tickets_count", "association_type", "priority_name", "updated_at", "created_at",
    "internal_agent_id", "internal_group_id", "sentiment_score", "support_email", "spam", "deleted",
    "stats.requester_responded_at", "stats.status_updated_at", "stats.pending_since", "stats.first_responded_at",
)  # fmt: skip
_OF_CONTACT = (
    "created_at", "description", "helpdesk_agent", "time_zone", "company_id", "customer_id", "custom_field",
    "custom_fields", "tags", "avatar", "active", "view_all_tickets", "other_companies", "import_id", "preferred_source",
    "visitor_id", "org_contact_id", "first_name", "last_name", "updated_at",
)  # fmt: skip


class Freshdesk(Adapter):
    """Reads what Freshdesk's API answers and what automation rules send."""

    name = "freshdesk"
    title = "Freshdesk"
    about = (
        "Tickets, contacts and satisfaction ratings of the API, versions 1 and 2, and webhooks of automation rules. The"
        " tenant is the name of the account, as in `NAME.freshdesk.com`."
    )
    kinds = (
        Kind(
            name="satisfaction rating",
            has=("ratings", "user_id", "ticket_id"),
            source="freshdesk.{tenant}.survey",
            id="id",
            times=("updated_at", "created_at"),
            identifiers={"user_id": _CONTACT},
            ignored=("agent_id", "group_id", "created_at"),
            read="rating",
            events=("Survey Responded",),
        ),
        Kind(
            name="ticket",
            has=("requester_id", "status", "priority", "source", "created_at"),
            source=_TICKET,
            id="id",
            times=("updated_at", "created_at"),
            identifiers={
                "requester_id": _CONTACT,
                "requester.id": _CONTACT,
                "requester.email": "email",
                "requester.mobile": "phone",
                "requester.phone": "phone",
            },
            attributes={"requester.name": "full_name"},
            ignored=_OF_TICKET,
            read="ticket",
            events=(
                *("Ticket Opened", "Ticket Replied", "Ticket Solved", "Ticket Closed", "Ticket Reopened"),
            ),
        ),
        Kind(
            name="agent in the form of a contact",
            has=("created_at", "time_zone"),
            equal={"helpdesk_agent": (True,)},
            source="freshdesk.{tenant}",
            ignored=("*",),
        ),
        Kind(
            name="contact",
            has=("id", "name", "mobile", "twitter_id", "created_at"),
            source=_CONTACT,
            id="id",
            times=("updated_at", "created_at"),
            identifiers={"id": _CONTACT, **_PERSON},
            attributes={
                "name": "full_name",
                "address": "street",
                "job_title": "job_title",
                "language": "language",
            },
            ignored=_OF_CONTACT,
            read="contact",
        ),
        Kind(
            name="webhook of an automation rule",
            around=("freshdesk_webhook",),
            has=("ticket_id",),
            source="freshdesk.{tenant}.webhook",
            id="ticket_id",
            identifiers={
                "ticket_contact_email": "email",
                "ticket_contact_phone": "phone",
                "ticket_contact_mobile": "phone",
                "ticket_contact_id": _CONTACT,
                "ticket_contact_unique_external_id": "freshdesk.{tenant}.external_id",
            },
            attributes={"ticket_contact_name": "full_name"},
            ignored=(
                *(
                    "ticket_subject",
                    "ticket_description",
                    "ticket_url",
                    "ticket_public_url",
                    "ticket_portal_url",
                ),
                *("ticket_company_name", "ticket_agent*", "ticket_group*", "ticket_tags", "ticket_cf_*"),
                *("ticket_source", "triggered_event"),
            ),
            read="webhook",
            events=("Ticket Solved", "Ticket Closed", "Ticket Updated"),
        ),
    )
    envelopes = ("freshdesk_webhook", "tickets", "contacts", "results")
    envelope_ignored = ("total",)
    pitfalls = (
        "Nothing that Freshdesk sends names the account: give it as `tenant`.",
        "Ratings are codes from 103 (extremely happy) over 100 to -103 (extremely unhappy): they come out as 7 to 1 of"
        " 7. `default_question` is the score; the other questions are answers.",
        "Versions 1 and 2 name fields differently (`external_id`, `unique_external_id`; `fb_profile_id`,"
        " `facebook_id`), and exports of one account mix them.",
        "`time_zone` is a name of Ruby on Rails (`Brisbane`), not of the IANA database; times bring their offset.",
        "`requester_id` and the requester in the ticket may be two: only the first is taken for who asks.",
        "A contact that was merged into another is deleted, and does not say where it went. `active` says whether an"
        " address was confirmed, not whether the contact is there.",
        "`triggered_event` is no JSON. The webhook names no time: its time is `received`, so an update that is sent"
        " again is told by ticket, status and the event that set it off.",
        "Statuses from 6 on are the account's own.",
    )

    # ------------------------------------------------------------------------------------------ the API

    def ticket(self, reading: Reading) -> None:
        """Makes the events that a ticket and its statistics show."""
        item = reading.item
        status = item.id("status")
        inside, asks = item.id("requester.id"), item.id("requester_id")
        if item.flag("spam") or (asks is not None and asks == item.id("responder_id")):
            item.seen.update(("subject", "type", "source", "priority", "stats"))
            return
        ticket = reading.id
        if asks is not None and inside is not None and inside != asks:  # another person than the one who asks
            del reading.identifiers[1:]
        elif inside is not None:
            reading.record(f"{ticket}/requester")
        told = {
            "ticket_id": ticket,
            "category": item.text("type"),
            "priority": _PRIORITIES.get(item.id("priority") or ""),
            "subject": item.text("subject"),
            "requester_id": asks,
            "channel": _CHANNELS.get(item.id("source") or ""),
        }
        opened = item.time("created_at")
        reading.event(TicketOpened, told, key=("opened", ticket), at=opened)
        said = item.time("stats.agent_responded_at")
        if said is not None:
            reply = {"ticket_id": ticket, "direction": "outbound"}
            reading.event(TicketReplied, reply, key=("replied", ticket, said), at=said)
        self._outcome(reading, status, opened)

    @staticmethod
    def _outcome(reading: Reading, status: str | None, opened: datetime | None) -> None:
        item, ticket = reading.item, reading.id
        first, solved = item.time("stats.first_responded_at"), item.time("stats.resolved_at")
        closed, again = item.time("stats.closed_at"), item.time("stats.reopened_at")
        if status == "4" and solved is None:
            solved = reading.at
        if status == "5" and closed is None:
            closed = reading.at
        for what, name, at in (
            (TicketSolved, "solved", solved),
            (TicketClosed, "closed", closed),
            (TicketReopened, "reopened", again),
        ):
            if at is not None:
                told = {
                    "ticket_id": ticket,
                    "first_response_seconds": _seconds(opened, first) if what is TicketSolved else None,
                    "resolution_seconds": _seconds(opened, at) if what is TicketSolved else None,
                }
                reading.event(what, told, key=(name, ticket, at), at=at)

    def contact(self, reading: Reading) -> None:
        """Makes the record of a contact, or says that it is gone."""
        item = reading.item
        for other in item.texts("other_emails"):
            reading.identify("email", other, "other_emails")
        rating = _score(item, "csat_rating")
        if item.flag("deleted"):
            reading.delete(_CONTACT, reading.id or "")
            return
        reading.record(csat_of_7=None if rating is None else f"{rating.value:g}")

    def rating(self, reading: Reading) -> None:
        """Makes the event of an answered survey."""
        item = reading.item
        ratings = item.part("ratings")
        score = _score(ratings, "default_question") if ratings is not None else None
        answers = []
        for name in ratings.data if ratings is not None else ():
            one = _score(ratings, name) if ratings is not None and name.startswith("question_") else None
            if one is not None:
                answers.append({"question_id": name, "type": "rating", "value": one.value})
        told = {
            "survey_id": item.need("survey_id"),
            "survey_type": "csat",
            "response_id": reading.id,
            "question_id": "default_question" if score else None,
            **(score.properties() if score else {}),
            "comment": item.text("feedback"),
            "answers": answers or None,
            "related_type": "ticket",
            "related_id": item.id("ticket_id"),
        }
        reading.event(SurveyResponded, told, key=("rated", reading.id))

    # ------------------------------------------------------------------------------------------ webhooks

    def webhook(self, reading: Reading) -> None:
        """Makes the event of a ticket's status, which is a word for people here."""
        item, ticket = reading.item, reading.id
        status, priority = item.text("ticket_status"), item.text("ticket_priority")
        word = (status or "").lower()
        what = {"resolved": TicketSolved, "closed": TicketClosed}.get(word)
        key = (word, ticket, item.text("triggered_event"))
        if what is not None:
            reading.event(what, {"ticket_id": ticket}, key=key)
        elif status is not None:
            told = {"ticket_id": ticket, "changed_fields": ["status"], "status": word}
            reading.event(TicketUpdated, told | {"priority": (priority or "").lower() or None}, key=key)
        reading.record()


def _score(item: Item, path: str) -> Score | None:
    """A rating on a scale of seven; None where there is none, or a code that nobody knows."""
    code = item.id(path)
    if code is None:
        return None
    if code not in _CODES:
        item.note(path, "unknown_code", "expected a code of ratings from 103 to -103, got another number")
        return None
    return Score(float(_CODES[code]), 1.0, 7.0)


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from one time to another; None where one is not known, or they are in the wrong order."""
    taken = (end - start).total_seconds() if start is not None and end is not None else -1.0
    return taken if taken >= 0 else None
