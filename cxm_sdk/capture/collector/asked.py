"""What the collector is given to answer with: profiles to read, webhooks to translate. ``cxm_sdk.serving`` has both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["Profiles", "Webhook"]


class Profiles(Protocol):
    """Who is who, for those who may know. Called from several threads."""

    def profile(self, namespace: str, value: str) -> Mapping[str, Any] | None:
        """Gives somebody; None where nobody has the identifier. Raises ``InputError`` for one that cannot be."""

    def context(self, namespace: str, value: str) -> Mapping[str, Any] | None:
        """Gives what is known of somebody at a glance; likewise."""

    def timeline(self, namespace: str, value: str, limit: int) -> Mapping[str, Any] | None:
        """Gives what somebody did, latest first, at most so many entries; likewise."""

    def consent(self, namespace: str, value: str) -> Mapping[str, Any] | None:
        """Gives what somebody allows; likewise."""


class Webhook(Protocol):
    """Where one system's deliveries come in."""

    def verified(self, headers: Mapping[str, str], body: bytes, url: str) -> bool:
        """Tells whether it was the system that sent a delivery, and lately; True without a look where that is allowed.

        Called with the headers, the body byte by byte as it came, and the address in full.
        """

    def entry(self, body: bytes) -> Mapping[str, Any]:
        """Gives what the sink is to take for it, as JSON can hold it. Raises ``InputError`` for a body of no use."""
