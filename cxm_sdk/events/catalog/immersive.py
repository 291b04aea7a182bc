"""Immersive sessions: headsets, augmented reality, 3D worlds and games."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cxm_sdk.events.catalog.base import Amount, Count, ExperienceEvent, Seconds
from cxm_sdk.events.privacy import PrivacyClass
from cxm_sdk.events.typed import Part
from cxm_sdk.events.values import Identifier, Text

__all__ = [
    "AvatarCustomized",
    "ImmersiveSessionEnded",
    "ImmersiveSessionStarted",
    "ObjectInspected",
    "ObjectManipulated",
    "ParticipantMet",
    "Position",
    "ProductTriedOn",
    "SceneEntered",
    "SceneExited",
    "SpaceJoined",
    "SpaceLeft",
]


class Position(Part):
    """A place in a scene."""

    x: float = Field(description="To the right, in metres.")
    y: float = Field(description="Up, in metres.")
    z: float = Field(description="Towards the viewer, in metres.")


class _ImmersiveEvent(ExperienceEvent):
    """What all immersive events say."""

    session_id: str = Field(description="The session.")


class ImmersiveSessionStarted(_ImmersiveEvent):
    """A session began."""

    event_name = "Immersive Session Started"

    world_id: str = Field(description="The world.")
    platform: Literal["webxr", "headset", "mobile_ar", "desktop_3d", "game"] = Field(
        description="What it runs on."
    )
    device_type: Text = Field(default=None, description="The device.")
    input_mode: Literal["hand", "controller", "gaze", "touch", "voice"] | None = Field(
        default=None, description="How the customer acts."
    )
    avatar_id: Identifier = Field(default=None, description="The customer's avatar.")
    entry_point: Text = Field(default=None, description="Where the customer came from.")


class ImmersiveSessionEnded(_ImmersiveEvent):
    """A session was over."""

    event_name = "Immersive Session Ended"

    duration_seconds: Annotated[float, Field(ge=0)] = Field(description="How long it took, in seconds.")
    end_reason: Text = Field(default=None, description="Why it ended.")
    frame_rate_avg: Amount = Field(default=None, description="Frames a second, on average.")
    comfort_breaks: Count = Field(default=None, description="How often the customer had to rest.")


class _SceneEvent(_ImmersiveEvent):
    """What all scene events say."""

    scene_id: str = Field(description="The scene.")
    dwell_seconds: Seconds = Field(default=None, description="How long the customer stayed, in seconds.")
    position: Annotated[Position | None, PrivacyClass.SPECIAL] = Field(
        default=None, description="Where the customer stood."
    )


class SceneEntered(_SceneEvent):
    """The customer came into a scene."""

    event_name = "Scene Entered"


class SceneExited(_SceneEvent):
    """The customer left a scene."""

    event_name = "Scene Exited"


class _ObjectEvent(_ImmersiveEvent):
    """What all events about objects say."""

    object_id: str = Field(description="The object.")
    product_id: Text = Field(default=None, description="The product it stands for.")
    gesture: Text = Field(default=None, description="What the customer did.")
    gaze_seconds: Annotated[Seconds, PrivacyClass.SPECIAL] = Field(
        default=None, description="How long the customer looked at it, in seconds."
    )


class ObjectInspected(_ObjectEvent):
    """The customer looked at an object."""

    event_name = "Object Inspected"


class ObjectManipulated(_ObjectEvent):
    """The customer moved or used an object."""

    event_name = "Object Manipulated"


class ProductTriedOn(_ObjectEvent):
    """The customer tried a product on."""

    event_name = "Product Tried On"


class _SpaceEvent(_ImmersiveEvent):
    """What all events about meeting others may say."""

    avatar_id: Identifier = Field(default=None, description="The customer's avatar.")
    space_id: Text = Field(default=None, description="The space.")
    participant_count: Count = Field(default=None, description="How many are there.")


class AvatarCustomized(_SpaceEvent):
    """The customer changed the avatar."""

    event_name = "Avatar Customized"


class SpaceJoined(_SpaceEvent):
    """The customer joined others."""

    event_name = "Space Joined"


class SpaceLeft(_SpaceEvent):
    """The customer left others."""

    event_name = "Space Left"


class ParticipantMet(_SpaceEvent):
    """The customer met somebody."""

    event_name = "Participant Met"
