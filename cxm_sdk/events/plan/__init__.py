"""Tracking plans: which events are to come, what they hold, and what becomes of those that come otherwise."""

from cxm_sdk.events.plan.checking import PlanReport, TrackingPlan, Violation
from cxm_sdk.events.plan.model import PlanMode, PlannedEvent

__all__ = ["PlanMode", "PlanReport", "PlannedEvent", "TrackingPlan", "Violation"]
