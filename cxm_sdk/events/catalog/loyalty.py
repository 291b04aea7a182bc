"""Loyalty programmes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from cxm_sdk.events.catalog.base import Amount, ExperienceEvent
from cxm_sdk.events.privacy import PrivacyClass
from cxm_sdk.events.values import Text

__all__ = [
    "LoyaltyCardLinked",
    "LoyaltyCardScanned",
    "LoyaltyEnrolled",
    "LoyaltyPointsAdjusted",
    "LoyaltyPointsEarned",
    "LoyaltyPointsExpired",
    "LoyaltyPointsRedeemed",
    "LoyaltyTierChanged",
]


class _LoyaltyEvent(ExperienceEvent):
    """What all loyalty events say."""

    loyalty_id: Annotated[str, PrivacyClass.IDENTIFIER] = Field(description="Card or membership.")


class _LoyaltyMembershipEvent(_LoyaltyEvent):
    """What all membership events say."""

    program_id: str = Field(description="The programme.")
    store_id: Text = Field(default=None, description="The store.")


class LoyaltyEnrolled(_LoyaltyMembershipEvent):
    """The customer joined."""

    event_name = "Loyalty Enrolled"


class LoyaltyCardScanned(_LoyaltyMembershipEvent):
    """The card was shown."""

    event_name = "Loyalty Card Scanned"


class LoyaltyCardLinked(_LoyaltyMembershipEvent):
    """The card was tied to a profile or app."""

    event_name = "Loyalty Card Linked"


class _LoyaltyPointsEvent(_LoyaltyEvent):
    """What all events about points say."""

    points: float = Field(description="How many points.")
    balance: Amount = Field(default=None, description="Points after it.")
    reason: Text = Field(default=None, description="Why.")
    order_id: Text = Field(default=None, description="The order.")
    reward_id: Text = Field(default=None, description="The reward.")


class LoyaltyPointsEarned(_LoyaltyPointsEvent):
    """The customer earned points."""

    event_name = "Loyalty Points Earned"


class LoyaltyPointsRedeemed(_LoyaltyPointsEvent):
    """The customer spent points."""

    event_name = "Loyalty Points Redeemed"


class LoyaltyPointsExpired(_LoyaltyPointsEvent):
    """Points ran out."""

    event_name = "Loyalty Points Expired"


class LoyaltyPointsAdjusted(_LoyaltyPointsEvent):
    """Points were corrected."""

    event_name = "Loyalty Points Adjusted"


class LoyaltyTierChanged(_LoyaltyEvent):
    """The customer rose or fell in the programme."""

    event_name = "Loyalty Tier Changed"

    tier: str = Field(description="Tier now.")
    previous_tier: Text = Field(default=None, description="Tier before.")
