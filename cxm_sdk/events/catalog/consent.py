"""Consent, and requests about personal data."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cxm_sdk.events.catalog.base import ExperienceEvent
from cxm_sdk.events.typed import TypedEvent
from cxm_sdk.events.values import Text, Time

__all__ = [
    "ConsentUpdated",
    "PrivacyRequestCompleted",
    "PrivacyRequestSubmitted",
    "SegmentConsentPreferenceUpdated",
]


class ConsentUpdated(ExperienceEvent):
    """The customer gave, refused or withdrew consent."""

    event_name = "Consent Updated"

    consent_id: str = Field(description="The record of the consent.")
    category_preferences: dict[str, bool] = Field(description="Whether there is consent, by category.")
    previous_preferences: dict[str, bool] | None = Field(default=None, description="The same before.")
    policy_version: str = Field(description="The policy that the customer was shown.")
    jurisdiction: Text = Field(default=None, description="Whose law holds.")
    method: Literal["banner", "form", "agent", "api", "import"] = Field(description="How it was given.")
    basis: Text = Field(default=None, description="Legal basis.")
    gpc: bool | None = Field(default=None, description="Whether the browser sent Global Privacy Control.")
    tcf_string: Text = Field(
        default=None, description="Consent string of the Transparency and Consent Framework."
    )
    expires_at: Time = Field(default=None, description="Until when it holds.")


class _PrivacyRequestEvent(ExperienceEvent):
    """What all privacy requests say."""

    request_id: str = Field(description="The request.")
    request_type: Literal["access", "erasure", "portability", "rectification", "restriction"] = Field(
        description="What is asked for."
    )
    due_at: Time = Field(default=None, description="By when it must be answered.")


class PrivacyRequestSubmitted(_PrivacyRequestEvent):
    """The customer made a request."""

    event_name = "Privacy Request Submitted"


class PrivacyRequestCompleted(_PrivacyRequestEvent):
    """A request was answered."""

    event_name = "Privacy Request Completed"


class SegmentConsentPreferenceUpdated(TypedEvent):
    """Segment's reserved event for a change of consent; what holds stands in ``context.consent``."""

    event_name = "Segment Consent Preference Updated"
