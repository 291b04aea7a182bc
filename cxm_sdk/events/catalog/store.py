"""Visits to stores, and appointments."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cxm_sdk.events.catalog.base import ExperienceEvent, Seconds
from cxm_sdk.events.values import Identifier, Text

__all__ = [
    "AppointmentBooked",
    "AppointmentKept",
    "AppointmentMissed",
    "StaffAssisted",
    "StoreEntered",
    "StoreExited",
    "StoreVisited",
]


class _StoreVisitEvent(ExperienceEvent):
    """What all visit events say."""

    visit_id: str = Field(description="The visit.")
    store_id: str = Field(description="The store.")
    detection_method: Literal["gps", "beacon", "wifi", "camera", "pos", "qr", "staff"] = Field(
        description="How the visit was noticed."
    )
    dwell_seconds: Seconds = Field(default=None, description="How long the customer stayed, in seconds.")
    zone: Text = Field(default=None, description="Part of the store.")
    accuracy_m: Annotated[float, Field(ge=0)] | None = Field(
        default=None, description="How exact the place is, in metres."
    )


class StoreEntered(_StoreVisitEvent):
    """The customer came in."""

    event_name = "Store Entered"


class StoreExited(_StoreVisitEvent):
    """The customer left."""

    event_name = "Store Exited"


class StoreVisited(_StoreVisitEvent):
    """The customer was in the store."""

    event_name = "Store Visited"


class _AppointmentEvent(ExperienceEvent):
    """What all appointment events may say."""

    appointment_id: Text = Field(default=None, description="The appointment.")
    store_id: Text = Field(default=None, description="The store.")
    staff_id: Identifier = Field(default=None, description="Who serves.")
    service: Text = Field(default=None, description="The service.")


class AppointmentBooked(_AppointmentEvent):
    """An appointment was made."""

    event_name = "Appointment Booked"


class AppointmentKept(_AppointmentEvent):
    """The customer came."""

    event_name = "Appointment Kept"


class AppointmentMissed(_AppointmentEvent):
    """The customer did not come."""

    event_name = "Appointment Missed"


class StaffAssisted(_AppointmentEvent):
    """Somebody of the staff helped."""

    event_name = "Staff Assisted"
