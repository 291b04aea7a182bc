"""E-mail (Segment); the recipient stands in ``context.traits.email``."""

from __future__ import annotations

from pydantic import Field

from cxm_sdk.events.catalog.base import ExperienceEvent
from cxm_sdk.events.values import Text

__all__ = [
    "EmailBounced",
    "EmailDelivered",
    "EmailLinkClicked",
    "EmailMarkedAsSpam",
    "EmailOpened",
    "Unsubscribed",
]


class _EmailEvent(ExperienceEvent):
    """What all e-mail events may say."""

    email_id: Text = Field(default=None, description="The e-mail.")
    email_subject: Text = Field(default=None, description="Its subject.")
    campaign_id: Text = Field(default=None, description="The campaign.")
    campaign_name: Text = Field(default=None, description="Name of the campaign.")
    message_id: Text = Field(default=None, description="This copy of the e-mail.")
    is_machine_open: bool | None = Field(
        default=None, description="Whether a proxy or scanner, not a person, did it."
    )


class EmailDelivered(_EmailEvent):
    """An e-mail was delivered."""

    event_name = "Email Delivered"


class EmailOpened(_EmailEvent):
    """An e-mail was opened."""

    event_name = "Email Opened"


class EmailLinkClicked(_EmailEvent):
    """A link in an e-mail was clicked."""

    event_name = "Email Link Clicked"

    link_id: Text = Field(default=None, description="The link.")
    link_url: Text = Field(default=None, description="Where it leads.")


class EmailBounced(_EmailEvent):
    """An e-mail could not be delivered."""

    event_name = "Email Bounced"


class EmailMarkedAsSpam(_EmailEvent):
    """The recipient reported an e-mail as spam."""

    event_name = "Email Marked as Spam"


class Unsubscribed(_EmailEvent):
    """The recipient left a list."""

    event_name = "Unsubscribed"

    list_id: Text = Field(default=None, description="The list.")
    list_name: Text = Field(default=None, description="Name of the list.")
