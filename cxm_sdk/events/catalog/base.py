"""The properties that events of customer experience share."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cxm_sdk.events.typed import TypedEvent
from cxm_sdk.events.values import FreeText, Text

__all__ = ["Amount", "Channel", "Count", "ExperienceEvent", "ScoredEvent", "Seconds"]

Channel = Literal[
    "web",
    "app",
    "email",
    "sms",
    "push",
    "phone",
    "chat",
    "social",
    "store",
    "kiosk",
    "immersive",
    "mail",
    "agent",
]
"""Where customer and company meet."""

Seconds = Annotated[float, Field(ge=0)] | None
"""A length of time in seconds."""

Count = Annotated[int, Field(ge=0)] | None
"""A number of things."""

Amount = float | None
"""A number that may be negative."""


class ExperienceEvent(TypedEvent):
    """What every event of customer experience may say about where it happened."""

    channel: Channel | None = Field(default=None, description="Where customer and company met.")
    interaction_id: Text = Field(
        default=None, description="Ties the touches of one contact, such as a call and the chat before it."
    )
    touchpoint_id: Text = Field(default=None, description="The touchpoint: page, desk, number or device.")
    journey_id: Text = Field(default=None, description="The journey that the event is part of.")
    language: Text = Field(default=None, description="Language of the contact, as a BCP 47 tag.")
    brand: Text = Field(default=None, description="The brand that the customer met.")
    source_system: Text = Field(default=None, description="The system that recorded the event.")


class ScoredEvent(ExperienceEvent):
    """What every event with a score says: the score and the scale that it is on."""

    score: float | None = Field(default=None, description="The score that was given.")
    scale_min: float | None = Field(default=None, description="The lowest score there is.")
    scale_max: float | None = Field(default=None, description="The highest score there is.")
    comment: FreeText = Field(default=None, description="What the customer wrote.")

    @model_validator(mode="after")
    def _on_its_scale(self) -> Self:
        low, high = self.scale_min, self.scale_max
        if low is not None and high is not None and low >= high:
            raise ValueError("expected scale_min below scale_max")
        if self.score is not None and (
            (low is not None and self.score < low) or (high is not None and self.score > high)
        ):
            raise ValueError("expected a score within its scale")
        return self

    def _share(self) -> float | None:
        """The score as a share of its scale: 0 is the lowest, 1 the highest; None without score or scale."""
        if self.score is None or self.scale_min is None or self.scale_max is None:
            return None
        return (self.score - self.scale_min) / (self.scale_max - self.scale_min)
