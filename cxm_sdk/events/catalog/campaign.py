"""Campaigns by e-mail, SMS, in the app and by push notification; subscriptions to lists."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from cxm_sdk.events.catalog.base import ExperienceEvent
from cxm_sdk.events.values import FreeText, Text

__all__ = [
    "EmailSent",
    "InAppMessageClicked",
    "InAppMessageDismissed",
    "InAppMessageViewed",
    "PreferenceUpdated",
    "PushNotificationSent",
    "SMSDelivered",
    "SMSFailed",
    "SMSLinkClicked",
    "SMSReplied",
    "SMSSent",
    "Subscribed",
]


class _CampaignEvent(ExperienceEvent):
    """What all campaign events say."""

    campaign_id: str = Field(description="The campaign.")
    message_id: str = Field(description="This copy of the message.")
    variant_id: Text = Field(default=None, description="Variant of the message, in a test.")
    template_id: Text = Field(default=None, description="Template of the message.")
    audience_id: Text = Field(default=None, description="The audience it went to.")
    send_id: Text = Field(default=None, description="The run it was sent in.")


class EmailSent(_CampaignEvent):
    """An e-mail was sent."""

    event_name = "Email Sent"


class SMSSent(_CampaignEvent):
    """A text message was sent."""

    event_name = "SMS Sent"


class SMSDelivered(_CampaignEvent):
    """A text message was delivered."""

    event_name = "SMS Delivered"


class SMSLinkClicked(_CampaignEvent):
    """A link in a text message was clicked."""

    event_name = "SMS Link Clicked"

    link_id: Text = Field(default=None, description="The link.")
    link_url: Text = Field(default=None, description="Where it leads.")


class SMSReplied(_CampaignEvent):
    """The customer answered a text message."""

    event_name = "SMS Replied"

    reply: FreeText = Field(default=None, description="What the customer wrote.")


class SMSFailed(_CampaignEvent):
    """A text message could not be delivered."""

    event_name = "SMS Failed"

    reason: Text = Field(default=None, description="Why.")


class InAppMessageViewed(_CampaignEvent):
    """A message in the app was seen."""

    event_name = "In-App Message Viewed"


class InAppMessageClicked(_CampaignEvent):
    """A message in the app was clicked."""

    event_name = "In-App Message Clicked"

    action: Text = Field(default=None, description="The button or link.")


class InAppMessageDismissed(_CampaignEvent):
    """A message in the app was closed."""

    event_name = "In-App Message Dismissed"


class PushNotificationSent(_CampaignEvent):
    """A push notification was sent."""

    event_name = "Push Notification Sent"


class Subscribed(ExperienceEvent):
    """The customer joined a list."""

    event_name = "Subscribed"

    list_id: str = Field(description="The list.")
    list_name: Text = Field(default=None, description="Name of the list.")
    campaign_id: Text = Field(default=None, description="The campaign that led to it.")


class PreferenceUpdated(ExperienceEvent):
    """The customer changed what to receive, or how."""

    event_name = "Preference Updated"

    list_id: Text = Field(default=None, description="The list.")
    campaign_id: Text = Field(default=None, description="The campaign that led to it.")
    preferences: dict[str, Any] | None = Field(
        default=None, description="Preferences by name, as they are now."
    )
