"""Identity: devices, log-ins and profiles."""

from __future__ import annotations

from pydantic import Field

from cxm_sdk.events.catalog.base import ExperienceEvent
from cxm_sdk.events.values import Identifier, Text

__all__ = [
    "DeviceLinked",
    "DeviceUnlinked",
    "LoginFailed",
    "ProfileUpdated",
]


class _IdentityEvent(ExperienceEvent):
    """What all identity events say."""

    identifier_type: str = Field(description="What kind of identifier, such as device_id.")
    identifier: Identifier = Field(default=None, description="The identifier.")
    method: Text = Field(default=None, description="How: sign-in, code, agent and the like.")


class DeviceLinked(_IdentityEvent):
    """A device was tied to the customer."""

    event_name = "Device Linked"


class DeviceUnlinked(_IdentityEvent):
    """A device was parted from the customer."""

    event_name = "Device Unlinked"


class LoginFailed(_IdentityEvent):
    """A log-in failed."""

    event_name = "Login Failed"


class ProfileUpdated(_IdentityEvent):
    """The customer changed the profile."""

    event_name = "Profile Updated"
