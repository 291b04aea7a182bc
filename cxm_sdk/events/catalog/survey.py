"""Surveys: sent, seen, answered. Group, satisfaction and effort are derived from score and scale."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from cxm_sdk.events.catalog.base import ExperienceEvent, ScoredEvent
from cxm_sdk.events.privacy import PrivacyClass
from cxm_sdk.events.typed import Part
from cxm_sdk.events.values import FreeText, Many, Text, Time

__all__ = [
    "Answer",
    "SurveyDismissed",
    "SurveyResponded",
    "SurveyResponseUpdated",
    "SurveySent",
    "SurveyViewed",
]


_DERIVED = ("nps_group", "csat_positive", "ces_band")
"""Computed from score and scale; dropped where a sender has put them among the properties."""


class Answer(Part):
    """The answer to one question."""

    question_id: Text = Field(default=None, description="The question.")
    type: Text = Field(default=None, description="Kind of question.")
    value: Annotated[Any, PrivacyClass.FREE_TEXT] = Field(default=None, description="What was answered.")


class SurveySent(ExperienceEvent):
    """A survey was sent."""

    event_name = "Survey Sent"

    survey_id: str = Field(description="The survey.")
    survey_type: Literal["nps", "csat", "ces", "custom"] = Field(description="What it measures.")
    distribution_id: Text = Field(default=None, description="The run it was sent in.")
    trigger_event: Text = Field(default=None, description="Name of the event that set it off.")
    related_type: Text = Field(
        default=None, description="What it is about: order, ticket, call and the like."
    )
    related_id: Text = Field(default=None, description="Which one it is about.")


class SurveyViewed(ExperienceEvent):
    """The customer saw a survey."""

    event_name = "Survey Viewed"

    survey_id: str = Field(description="The survey.")
    survey_type: Literal["nps", "csat", "ces", "custom"] | None = Field(
        default=None, description="What it measures."
    )
    question_id: Text = Field(default=None, description="The question.")


class SurveyDismissed(SurveyViewed):
    """The customer closed a survey."""

    event_name = "Survey Dismissed"


class SurveyResponded(ScoredEvent):
    """The customer answered a survey."""

    event_name = "Survey Responded"

    survey_id: str = Field(description="The survey.")
    survey_type: Literal["nps", "csat", "ces", "custom"] = Field(description="What it measures.")
    response_id: str = Field(description="The response.")
    question_id: Text = Field(default=None, description="The question.")
    answers: Many[Answer] | None = Field(default=None, description="Answers to all questions.")
    comment_language: Text = Field(default=None, description="Language of the comment, as a BCP 47 tag.")
    is_partial: bool | None = Field(default=None, description="Whether questions were left out.")
    related_type: Text = Field(
        default=None, description="What it is about: order, ticket, call and the like."
    )
    related_id: Text = Field(default=None, description="Which one it is about.")
    responded_at: Time = Field(default=None, description="When it was answered.")

    @model_validator(mode="after")
    def _derived_is_never_kept(self) -> Self:
        for name in _DERIVED:
            if self.__pydantic_extra__:
                self.__pydantic_extra__.pop(name, None)
        if self.survey_type == "nps" and self.score is not None and not 0 <= self.score <= 10:
            raise ValueError("expected a score from 0 to 10 for nps")
        return self

    @property
    def nps_group(self) -> Literal["detractor", "passive", "promoter"] | None:
        """Detractor (0 to 6), passive (7, 8) or promoter (9, 10); None for other surveys and scales.

        Source: Reichheld, "The One Number You Need to Grow", Harvard Business Review 81(12), 2003.
        """
        scale = (self.scale_min or 0, 10 if self.scale_max is None else self.scale_max)
        if self.survey_type != "nps" or self.score is None or scale != (0, 10):
            return None
        return "promoter" if self.score >= 9 else "passive" if self.score >= 7 else "detractor"

    @property
    def csat_positive(self) -> bool | None:
        """Whether the customer is satisfied: the top quarter of the scale, which is 4 and 5 of 5; else None."""
        share = self._share() if self.survey_type == "csat" else None
        return None if share is None else share >= 0.75

    @property
    def ces_band(self) -> Literal["hard", "neutral", "easy"] | None:
        """Hard below the middle of the scale, easy above it, where high scores mean little effort; else None."""
        share = self._share() if self.survey_type == "ces" else None
        return None if share is None else "easy" if share > 0.5 else "neutral" if share == 0.5 else "hard"


class SurveyResponseUpdated(ExperienceEvent):
    """A response was changed."""

    event_name = "Survey Response Updated"

    response_id: str = Field(description="The response.")
    changed_fields: Many[str] | None = Field(default=None, description="Names of what was changed.")
    score: float | None = Field(default=None, description="The score now.")
    comment: FreeText = Field(default=None, description="The comment now.")
