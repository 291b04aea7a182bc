"""Shipments and returns."""

from __future__ import annotations

from pydantic import Field

from cxm_sdk.events.catalog.base import ExperienceEvent
from cxm_sdk.events.values import Text, Time

__all__ = [
    "ReturnReceived",
    "ReturnRequested",
    "ShipmentDelayed",
    "ShipmentDelivered",
    "ShipmentDispatched",
    "ShipmentFailed",
]


class _FulfilmentEvent(ExperienceEvent):
    """What all fulfilment events say."""

    order_id: str = Field(description="The order.")
    shipment_id: Text = Field(default=None, description="The shipment.")
    carrier: Text = Field(default=None, description="The carrier.")
    tracking_id: Text = Field(default=None, description="Number to follow it by.")
    promised_at: Time = Field(default=None, description="When it was promised.")
    reason: Text = Field(default=None, description="Why it was late, failed or comes back.")


class ShipmentDispatched(_FulfilmentEvent):
    """A shipment left."""

    event_name = "Shipment Dispatched"


class ShipmentDelayed(_FulfilmentEvent):
    """A shipment is late."""

    event_name = "Shipment Delayed"


class ShipmentDelivered(_FulfilmentEvent):
    """A shipment arrived."""

    event_name = "Shipment Delivered"


class ShipmentFailed(_FulfilmentEvent):
    """A shipment could not be delivered."""

    event_name = "Shipment Failed"


class ReturnRequested(_FulfilmentEvent):
    """The customer wants to send something back."""

    event_name = "Return Requested"


class ReturnReceived(_FulfilmentEvent):
    """What the customer sent back arrived."""

    event_name = "Return Received"
