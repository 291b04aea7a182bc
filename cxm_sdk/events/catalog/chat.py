"""Live chat, with people and with bots."""

from __future__ import annotations

from pydantic import Field

from cxm_sdk.events.catalog.base import Amount, ExperienceEvent, ScoredEvent, Seconds
from cxm_sdk.events.values import Contact, Identifier, Text

__all__ = [
    "LiveChatAbandoned",
    "LiveChatConversationEnded",
    "LiveChatConversationStarted",
    "LiveChatMessageReceived",
    "LiveChatMessageSent",
    "LiveChatRated",
    "LiveChatTransferred",
]


class _LiveChatEvent(ExperienceEvent):
    """What all chat events may say."""

    conversation_id: Text = Field(default=None, description="The conversation.")
    agent_id: Identifier = Field(default=None, description="The agent.")
    agent_name: Contact = Field(default=None, description="Name of the agent.")
    agent_username: Identifier = Field(default=None, description="User name of the agent.")
    message_id: Text = Field(default=None, description="The message.")
    conversation_duration: Seconds = Field(
        default=None, description="How long the conversation took, in seconds."
    )
    is_bot: bool | None = Field(default=None, description="Whether a bot, not a person, answers.")
    bot_id: Text = Field(default=None, description="The bot.")
    intent: Text = Field(default=None, description="What the customer was understood to want.")
    wait_seconds: Seconds = Field(default=None, description="How long the customer waited, in seconds.")
    handed_off_to: Text = Field(default=None, description="Queue, bot or agent that took over.")
    sentiment: Amount = Field(default=None, description="Mood of the customer, from -1 (bad) to 1 (good).")


class LiveChatConversationStarted(_LiveChatEvent):
    """A conversation began."""

    event_name = "Live Chat Conversation Started"


class LiveChatConversationEnded(_LiveChatEvent):
    """A conversation was over."""

    event_name = "Live Chat Conversation Ended"


class LiveChatMessageSent(_LiveChatEvent):
    """The customer sent a message."""

    event_name = "Live Chat Message Sent"


class LiveChatMessageReceived(_LiveChatEvent):
    """The customer received a message."""

    event_name = "Live Chat Message Received"


class LiveChatTransferred(_LiveChatEvent):
    """The conversation went to somebody else."""

    event_name = "Live Chat Transferred"


class LiveChatAbandoned(_LiveChatEvent):
    """The customer left before an answer."""

    event_name = "Live Chat Abandoned"


class LiveChatRated(_LiveChatEvent, ScoredEvent):
    """The customer rated the conversation."""

    event_name = "Live Chat Rated"

    score: float = Field(description="The rating.")
    scale_max: float = Field(description="The best rating there is.")
