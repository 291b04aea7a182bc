"""Offers and recommendations."""

from __future__ import annotations

from pydantic import Field

from cxm_sdk.events.catalog.base import Amount, Count, ExperienceEvent
from cxm_sdk.events.values import Text

__all__ = [
    "OfferAccepted",
    "OfferDeclined",
    "OfferPresented",
    "RecommendationClicked",
    "RecommendationViewed",
]


class _OfferEvent(ExperienceEvent):
    """What all offer events say."""

    offer_id: str = Field(description="The offer or recommendation.")
    placement: Text = Field(default=None, description="Where it was shown.")
    model_id: Text = Field(default=None, description="The model that chose it.")
    rank: Count = Field(default=None, description="Its place among those shown.")
    score: Amount = Field(default=None, description="What the model gave it.")


class OfferPresented(_OfferEvent):
    """An offer was shown."""

    event_name = "Offer Presented"


class OfferAccepted(_OfferEvent):
    """An offer was taken."""

    event_name = "Offer Accepted"


class OfferDeclined(_OfferEvent):
    """An offer was turned down."""

    event_name = "Offer Declined"


class RecommendationViewed(_OfferEvent):
    """A recommendation was seen."""

    event_name = "Recommendation Viewed"


class RecommendationClicked(_OfferEvent):
    """A recommendation was clicked."""

    event_name = "Recommendation Clicked"
