"""Phone calls."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cxm_sdk.events.catalog.base import Amount, ExperienceEvent, Seconds
from cxm_sdk.events.values import Contact, Identifier, Many, Text

__all__ = [
    "CallAbandoned",
    "CallAnswered",
    "CallEnded",
    "CallMissed",
    "CallStarted",
    "CallTransferred",
    "VoicemailLeft",
]


class _CallEvent(ExperienceEvent):
    """What all call events say."""

    call_id: str = Field(description="The call.")
    direction: Literal["inbound", "outbound"] = Field(description="From the customer, or to the customer.")
    queue: Text = Field(default=None, description="The queue.")
    agent_id: Identifier = Field(default=None, description="The agent.")
    phone: Contact = Field(default=None, description="Number of the customer.")
    ivr_path: Many[str] | None = Field(default=None, description="What the customer chose in the menus.")
    wait_seconds: Seconds = Field(default=None, description="Time in the queue, in seconds.")
    hold_seconds: Seconds = Field(default=None, description="Time on hold, in seconds.")
    talk_seconds: Seconds = Field(default=None, description="Time of talking, in seconds.")
    disposition: Text = Field(default=None, description="How the agent closed it.")
    recording_id: Text = Field(default=None, description="The recording.")
    sentiment: Amount = Field(default=None, description="Mood of the customer, from -1 (bad) to 1 (good).")


class CallStarted(_CallEvent):
    """A call came in or went out."""

    event_name = "Call Started"


class CallAnswered(_CallEvent):
    """A call was answered."""

    event_name = "Call Answered"


class CallMissed(_CallEvent):
    """A call was not answered."""

    event_name = "Call Missed"


class CallAbandoned(_CallEvent):
    """The customer hung up before an answer."""

    event_name = "Call Abandoned"


class CallTransferred(_CallEvent):
    """A call went to somebody else."""

    event_name = "Call Transferred"


class CallEnded(_CallEvent):
    """A call was over."""

    event_name = "Call Ended"


class VoicemailLeft(_CallEvent):
    """The customer left a message."""

    event_name = "Voicemail Left"
