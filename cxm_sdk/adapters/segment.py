"""Segment, and RudderStack, which sends the same."""

from __future__ import annotations

from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import find
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.events.parsing import parse as parse_event

__all__ = ["Segment"]

_TIMES = ("timestamp", "originalTimestamp", "receivedAt", "sentAt")
_IDENTIFIERS = {"userId": "user_id", "anonymousId": "anonymous_id"}


def _call(kind: str) -> Kind:
    return Kind(
        name=kind,
        equal={"type": (kind,)},
        source="segment",
        times=_TIMES,
        identifiers=_IDENTIFIERS,
        read="call",
        events=(kind,),
    )


class Segment(Adapter):
    """Reads the calls of the Segment specification, alone or in batches."""

    name = "segment"
    title = "Segment and RudderStack"
    about = (
        "Calls of the Segment specification as webhooks, HTTP batches and files hold them. Each becomes the event that"
        " it is, typed where the catalogue knows the name."
    )
    kinds = tuple(_call(kind) for kind in ("identify", "track", "page", "screen", "group", "alias"))
    envelopes = ("batch",)
    envelope_ignored = ("sentAt", "writeKey", "messageId", "receivedAt")
    signature = "segment"
    needs_tenant = False
    pitfalls = (
        "`timestamp` is corrected for the clock of the device and is taken before `originalTimestamp`.",
        "`alias` says that what was done under `previousId` before was done by the user, and `identify` with both ids"
        " is a link. Neither joins two users: senders also alias one user to the next on a shared device.",
        "Deliveries are at least once: `messageId` tells copies; of two calls with one id the first counts.",
        "Calls repeat the consent of their customer: only a change of it is a change.",
    )

    def call(self, reading: Reading) -> None:
        """Makes the event of a call."""
        item = reading.item
        for key in item.data:
            item.seen.add(key)  # the event keeps whatever the call holds
        wire = {**item.data, "timestamp": reading.when().isoformat()}
        wire["messageId"] = item.need("messageId")
        for key in ("userId", "anonymousId", "groupId", "previousId"):
            wire[key] = item.id(key)
        for key in (
            "context",
            "integrations",
        ):  # a batch says for all its calls what they do not say themselves
            shared = item.parent.raw(key) if item.parent is not None else None
            if isinstance(shared, dict) and isinstance(wire.get(key, {}), dict):
                wire[key] = {**shared, **wire.get(key, {})}
        reading.events.append(parse_event(wire))
        preferences = find(wire, "context.consent.categoryPreferences")
        if isinstance(preferences, dict) and reading.identifiers:
            for category, told in preferences.items():
                if isinstance(told, bool):
                    reading.consent("any", category, "granted" if told else "denied")
