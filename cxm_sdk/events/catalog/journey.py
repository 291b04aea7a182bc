"""Journeys."""

from __future__ import annotations

from pydantic import Field

from cxm_sdk.events.catalog.base import ExperienceEvent
from cxm_sdk.events.values import Text

__all__ = [
    "JourneyEntered",
    "JourneyExited",
    "JourneyStepCompleted",
]


class _JourneyEvent(ExperienceEvent):
    """What all journey events say."""

    journey_id: str = Field(description="The journey.")
    step_id: Text = Field(default=None, description="The step.")
    outcome: Text = Field(default=None, description="How it ended.")


class JourneyEntered(_JourneyEvent):
    """The customer entered a journey."""

    event_name = "Journey Entered"


class JourneyStepCompleted(_JourneyEvent):
    """The customer finished a step."""

    event_name = "Journey Step Completed"


class JourneyExited(_JourneyEvent):
    """The customer left a journey."""

    event_name = "Journey Exited"
