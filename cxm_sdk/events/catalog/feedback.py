"""Feedback and complaints."""

from __future__ import annotations

from pydantic import Field

from cxm_sdk.events.catalog.base import ExperienceEvent
from cxm_sdk.events.values import ABSENT, Currency, FreeText, Money, Text

__all__ = [
    "ComplaintFiled",
    "ComplaintResolved",
    "FeedbackSubmitted",
]


class _FeedbackEvent(ExperienceEvent):
    """What all feedback says."""

    feedback_id: str = Field(description="The feedback or complaint.")
    category: Text = Field(default=None, description="What it is about.")
    text: FreeText = Field(default=None, description="What the customer wrote.")
    severity: Text = Field(default=None, description="How grave it is.")
    compensation_value: Money = Field(default=ABSENT, description="What was given to make up for it.")
    currency: Currency | None = Field(default=None, description="Currency of the compensation, ISO 4217.")


class FeedbackSubmitted(_FeedbackEvent):
    """The customer gave feedback."""

    event_name = "Feedback Submitted"


class ComplaintFiled(_FeedbackEvent):
    """The customer complained."""

    event_name = "Complaint Filed"


class ComplaintResolved(_FeedbackEvent):
    """A complaint was settled."""

    event_name = "Complaint Resolved"
