"""Subscriptions and their payment."""

from __future__ import annotations

from pydantic import Field

from cxm_sdk.events.catalog.base import ExperienceEvent
from cxm_sdk.events.values import ABSENT, Currency, Money, Text

__all__ = [
    "PaymentFailed",
    "SubscriptionCancelled",
    "SubscriptionDowngraded",
    "SubscriptionPaused",
    "SubscriptionRenewed",
    "SubscriptionStarted",
    "SubscriptionUpgraded",
]


class _SubscriptionEvent(ExperienceEvent):
    """What all subscription events say."""

    subscription_id: str = Field(description="The subscription.")
    plan: Text = Field(default=None, description="The plan.")
    price: Money = Field(default=ABSENT, description="Price of one interval.")
    currency: Currency | None = Field(default=None, description="Currency of the amounts, ISO 4217.")
    interval: Text = Field(default=None, description="How often it is paid, such as month.")
    reason: Text = Field(default=None, description="Why.")
    mrr_delta: Money = Field(default=ABSENT, description="Change of monthly recurring revenue.")


class SubscriptionStarted(_SubscriptionEvent):
    """A subscription began."""

    event_name = "Subscription Started"


class SubscriptionRenewed(_SubscriptionEvent):
    """A subscription was renewed."""

    event_name = "Subscription Renewed"


class SubscriptionUpgraded(_SubscriptionEvent):
    """A subscription became larger."""

    event_name = "Subscription Upgraded"


class SubscriptionDowngraded(_SubscriptionEvent):
    """A subscription became smaller."""

    event_name = "Subscription Downgraded"


class SubscriptionPaused(_SubscriptionEvent):
    """A subscription rests."""

    event_name = "Subscription Paused"


class SubscriptionCancelled(_SubscriptionEvent):
    """A subscription was cancelled."""

    event_name = "Subscription Cancelled"


class PaymentFailed(_SubscriptionEvent):
    """A payment did not go through."""

    event_name = "Payment Failed"
