"""Mobile apps: life of an installation, attribution, push notifications and deep links (Segment)."""

from __future__ import annotations

from pydantic import Field

from cxm_sdk.events.typed import Part, TypedEvent
from cxm_sdk.events.values import Text

__all__ = [
    "ApplicationBackgrounded",
    "ApplicationCrashed",
    "ApplicationForegrounded",
    "ApplicationInstalled",
    "ApplicationOpened",
    "ApplicationUninstalled",
    "ApplicationUpdated",
    "Campaign",
    "DeepLinkClicked",
    "DeepLinkOpened",
    "InstallAttributed",
    "PushNotificationBounced",
    "PushNotificationReceived",
    "PushNotificationTapped",
]


class Campaign(Part):
    """The campaign that led to the app."""

    source: Text = Field(default=None, description="Network or medium that it ran in.")
    name: Text = Field(default=None, description="Name of the campaign.")
    medium: Text = Field(default=None, description="Identifies the kind of campaign.")
    content: Text = Field(default=None, description="Which of its messages.")
    ad_creative: Text = Field(default=None, description="The creative that was shown.")
    ad_group: Text = Field(default=None, description="The group of ads.")


class ApplicationInstalled(TypedEvent):
    """The app was opened for the first time."""

    event_name = "Application Installed"

    version: Text = Field(default=None, description="Version of the app.")
    build: Text = Field(default=None, description="Build of the app.")


class ApplicationOpened(ApplicationInstalled):
    """The app was opened."""

    event_name = "Application Opened"

    from_background: bool | None = Field(default=None, description="Whether it had been open already.")
    url: Text = Field(default=None, description="The link that opened it.")
    referring_application: Text = Field(default=None, description="The app that opened it.")


class ApplicationBackgrounded(TypedEvent):
    """The app went to the background."""

    event_name = "Application Backgrounded"


class ApplicationForegrounded(TypedEvent):
    """The app came back to the front."""

    event_name = "Application Foregrounded"


class ApplicationUpdated(ApplicationInstalled):
    """The app was updated."""

    event_name = "Application Updated"

    previous_version: Text = Field(default=None, description="Version before.")
    previous_build: Text = Field(default=None, description="Build before.")


class ApplicationUninstalled(TypedEvent):
    """The app was removed."""

    event_name = "Application Uninstalled"


class ApplicationCrashed(TypedEvent):
    """The app crashed."""

    event_name = "Application Crashed"


class InstallAttributed(TypedEvent):
    """An installation was put down to a campaign."""

    event_name = "Install Attributed"

    provider: Text = Field(default=None, description="Who attributes it.")
    campaign: Campaign | None = Field(default=None, description="The campaign.")


class PushNotificationReceived(TypedEvent):
    """A push notification arrived."""

    event_name = "Push Notification Received"

    campaign: Campaign | None = Field(default=None, description="The campaign.")


class PushNotificationTapped(PushNotificationReceived):
    """A push notification was tapped."""

    event_name = "Push Notification Tapped"

    action: Text = Field(default=None, description="The button, if it was not the notification itself.")


class PushNotificationBounced(PushNotificationTapped):
    """A push notification could not be delivered."""

    event_name = "Push Notification Bounced"


class DeepLinkOpened(TypedEvent):
    """The app was opened by a deep link."""

    event_name = "Deep Link Opened"

    provider: Text = Field(default=None, description="Who provides the link.")
    url: Text = Field(default=None, description="The link.")


class DeepLinkClicked(DeepLinkOpened):
    """A deep link was clicked."""

    event_name = "Deep Link Clicked"
