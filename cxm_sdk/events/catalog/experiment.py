"""Experiments and feature flags."""

from __future__ import annotations

from pydantic import Field

from cxm_sdk.events.catalog.base import Count, ExperienceEvent
from cxm_sdk.events.values import Text

__all__ = [
    "ExperimentAssigned",
    "ExperimentViewed",
    "FeatureFlagEvaluated",
]


class ExperimentViewed(ExperienceEvent):
    """The customer saw a variation of an experiment."""

    event_name = "Experiment Viewed"

    experiment_id: Text = Field(default=None, description="The experiment.")
    experiment_name: Text = Field(default=None, description="Name of the experiment.")
    variation_id: Text = Field(default=None, description="The variation.")
    variation_name: Text = Field(default=None, description="Name of the variation.")


class ExperimentAssigned(ExperimentViewed):
    """The customer was put into a variation."""

    event_name = "Experiment Assigned"

    assignment_id: Text = Field(default=None, description="The assignment.")
    reason: Text = Field(default=None, description="Why this variation.")
    namespace: Text = Field(default=None, description="Group of experiments that exclude each other.")
    bucket: Count = Field(default=None, description="Number of the bucket.")


class FeatureFlagEvaluated(ExperimentAssigned):
    """A feature flag was looked up for the customer."""

    event_name = "Feature Flag Evaluated"

    flag_key: Text = Field(default=None, description="The flag.")
