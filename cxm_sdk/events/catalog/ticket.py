"""Service tickets."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cxm_sdk.events.catalog.base import Count, ExperienceEvent, ScoredEvent, Seconds
from cxm_sdk.events.values import FreeText, Identifier, Many, Text

__all__ = [
    "TicketAssigned",
    "TicketClosed",
    "TicketEscalated",
    "TicketOpened",
    "TicketRated",
    "TicketReopened",
    "TicketReplied",
    "TicketSolved",
    "TicketUpdated",
]


class _TicketEvent(ExperienceEvent):
    """What all ticket events say."""

    ticket_id: str = Field(description="The ticket.")


class TicketOpened(_TicketEvent):
    """A ticket was opened."""

    event_name = "Ticket Opened"

    category: Text = Field(default=None, description="Category of the matter.")
    priority: Text = Field(default=None, description="Priority.")
    subject: FreeText = Field(default=None, description="Subject, as it was written.")
    requester_id: Identifier = Field(default=None, description="Who asks.")
    product_id: Text = Field(default=None, description="The product it is about.")
    order_id: Text = Field(default=None, description="The order it is about.")


class TicketUpdated(_TicketEvent):
    """A ticket was changed."""

    event_name = "Ticket Updated"

    changed_fields: Many[str] = Field(description="Names of what was changed.")
    status: Text = Field(default=None, description="Status now.")
    previous_status: Text = Field(default=None, description="Status before.")
    priority: Text = Field(default=None, description="Priority now.")


class TicketAssigned(_TicketEvent):
    """A ticket was given to somebody."""

    event_name = "Ticket Assigned"

    assignee_id: Identifier = Field(default=None, description="The agent.")
    group_id: Text = Field(default=None, description="The team.")
    tier: Text = Field(default=None, description="Level of support.")
    reason: Text = Field(default=None, description="Why.")


class TicketEscalated(TicketAssigned):
    """A ticket went a level up."""

    event_name = "Ticket Escalated"


class TicketReplied(_TicketEvent):
    """Somebody wrote in a ticket."""

    event_name = "Ticket Replied"

    message_id: Text = Field(default=None, description="The message.")
    direction: Literal["inbound", "outbound"] = Field(description="From the customer, or to the customer.")
    is_public: bool | None = Field(default=None, description="Whether the customer can read it.")
    is_first_response: bool | None = Field(default=None, description="Whether it is the first answer.")


class _TicketOutcome(_TicketEvent):
    """How far a ticket has come."""

    resolution: Text = Field(default=None, description="How it was solved.")
    first_response_seconds: Seconds = Field(default=None, description="Time to the first answer, in seconds.")
    resolution_seconds: Seconds = Field(default=None, description="Time to the solution, in seconds.")
    reopen_count: Count = Field(default=None, description="How often it was opened again.")
    sla_breached: bool | None = Field(default=None, description="Whether an agreed time was missed.")


class TicketSolved(_TicketOutcome):
    """A ticket was solved."""

    event_name = "Ticket Solved"


class TicketReopened(_TicketOutcome):
    """A solved ticket was opened again."""

    event_name = "Ticket Reopened"


class TicketClosed(_TicketOutcome):
    """A ticket was closed for good."""

    event_name = "Ticket Closed"


class TicketRated(_TicketEvent, ScoredEvent):
    """The customer rated the service."""

    event_name = "Ticket Rated"

    score: float = Field(description="The rating.")
    scale_max: float = Field(description="The best rating there is.")
