"""What a tracking plan comes to, whichever format it was written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from cxm_sdk.events.privacy import PrivacyClass, joined_path

__all__ = ["EVENT_TYPES", "MODES", "PlanContent", "PlanMode", "PlannedEvent", "payload_key"]

PlanMode = Literal["reject", "quarantine", "observe"]
MODES: tuple[PlanMode, ...] = get_args(PlanMode)

EVENT_TYPES = ("track", "identify", "page", "screen", "group")
"""Types of events a plan can be about; an alias has nothing to check."""

PRIVACY_KEYWORD = "privacy"
"""The keyword of a property's schema that says its privacy class; validators pass over it."""


def payload_key(event_type: str) -> str:
    """Tells where events of a type carry their own fields.

    Args:
        event_type: A type of event.

    Returns:
        ``traits`` or ``properties``.

    Example:
        >>> payload_key("identify"), payload_key("track")
        ('traits', 'properties')
    """
    return "traits" if event_type in ("identify", "group") else "properties"


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """One version of one event of a plan.

    Attributes:
        type: ``track``, ``identify``, ``page``, ``screen`` or ``group``.
        name: The event's name; of pages and screens theirs, or empty for all of them; empty for identify and group.
        schema: JSON Schema of the event's ``context``, ``traits`` and ``properties``.
        version: As the plan writes it; empty when it has none.
        description: What the plan says about it.
    """

    type: str
    name: str
    schema: Mapping[str, Any]
    version: str = ""
    description: str = ""

    @property
    def payload(self) -> Mapping[str, Any]:
        """JSON Schema of the event's properties, or traits; empty when the plan says nothing of them."""
        found = self.schema.get("properties", {}).get(payload_key(self.type), {})
        return found if isinstance(found, Mapping) else {}

    def privacy_fields(self) -> dict[str, PrivacyClass]:
        """Gives the fields to which the plan gives a privacy class, by path inside the payload."""
        return {joined_path(path): kind for path, kind in _classified(self.payload, ())}


@dataclass(frozen=True, slots=True)
class PlanContent:
    """What a file holds.

    Attributes:
        name: The plan's name.
        format: Which format the file was recognised as: ``cxm``, ``segment`` or ``avo``.
        events: All versions of all events.
        common: JSON Schema that events of every type must fit as well; None when there is none.
        mode: What becomes of events that do not fit, if the file says so.
        forbids_unknown_events: Whether events that the plan does not name are violations.
    """

    name: str
    format: str
    events: tuple[PlannedEvent, ...]
    common: Mapping[str, Any] | None = None
    mode: PlanMode | None = None
    forbids_unknown_events: bool = False


def _classified(
    schema: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], PrivacyClass]]:
    found = schema.get(PRIVACY_KEYWORD)
    if isinstance(found, str) and found in set(PrivacyClass):
        yield path, PrivacyClass(found)
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        for key, child in properties.items():
            if isinstance(child, Mapping):
                yield from _classified(child, (*path, key))
    items = schema.get("items")
    if isinstance(items, Mapping):
        yield from _classified(items, (*path, "[]"))
