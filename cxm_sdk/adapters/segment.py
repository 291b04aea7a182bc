"""Segment, and RudderStack, which sends the same."""

from __future__ import annotations

from typing import Any

from cxm_sdk._native.fields import writable
from cxm_sdk._native.paths import find
from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.events.parsing import parse as parse_event

__all__ = ["Segment"]

_TIMES = ("timestamp", "originalTimestamp", "receivedAt", "sentAt")
_MERGED = {"email": "email", "mobile": "phone", "phone": "phone"}
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
    kinds = (
        *(_call(kind) for kind in ("identify", "track", "page", "screen", "group", "alias")),
        Kind(
            name="merge",
            equal={"type": ("merge",)},
            has=("mergeProperties",),
            source="segment.merge",
            id="messageId",
            times=_TIMES,
            identifiers=_IDENTIFIERS,
            ignored=("*",),
            read="merge",
        ),
    )
    envelopes = ("batch",)
    envelope_ignored = ("sentAt", "writeKey", "messageId", "receivedAt")
    signature = "segment"
    needs_tenant = False
    pitfalls = (
        "`timestamp` is corrected for the clock of the device and is taken before `originalTimestamp`.",
        "`alias` says that what was done under `previousId` before was done by the user, and `identify` with both ids"
        " is a link. Neither joins two users: senders also alias one user to the next on a shared device.",
        "RudderStack's `merge` ties addresses to a user: it becomes a record of all of them. Its `channel`, `rudderId`"
        " and `request_ip` stay with the event.",
        "`context` and `integrations` beside a batch hold for each of its calls; what a call says itself comes first.",
        "Deliveries are at least once: `messageId` tells copies; of two calls with one id the first counts.",
        "Calls repeat the consent of their customer: only a change of it is a change.",
    )

    def call(self, reading: Reading) -> None:
        """Makes the event of a call."""
        item = reading.item
        item.seen.update(item.data)  # the event keeps whatever the call holds
        shared = _shared(item)
        wire: dict[str, Any] = {**shared, **item.data, "timestamp": reading.when()}
        for key, over in shared.items():
            below = item.data.get(key)
            if isinstance(below, dict):
                wire[key] = {**over, **below}
        wire["messageId"] = item.need("messageId")
        for key in ("userId", "anonymousId", "groupId", "previousId"):
            if key in wire:
                wire[key] = item.id(key)
                if wire[key] is None:
                    del wire[key]
        event = parse_event(wire)
        if not writable(wire):
            event.to_wire()  # refuses what cannot be written on, such as half a character
        reading.events.append(event)
        preferences = find(wire, "context.consent.categoryPreferences")
        if isinstance(preferences, dict) and reading.identifiers:
            for category, told in preferences.items():
                if isinstance(told, bool):
                    reading.consent("any", category, "granted" if told else "denied")

    def merge(self, reading: Reading) -> None:
        """Makes the record of what RudderStack ties to a user."""
        item = reading.item
        for one in item.each("mergeProperties"):
            namespace = _MERGED.get((one.text("type") or "").lower())
            value = one.id("value")
            if namespace is None:
                one.note("type", "unknown_namespace", "expected email or mobile, got something else")
            elif value is not None:
                reading.identify(namespace, value, "mergeProperties")
        if len(reading.identifiers) < 2:
            raise item.refusal(
                "mergeProperties", "missing", "expected what belongs together, got less than two"
            )
        reading.record()


def _shared(item: Item) -> dict[str, Any]:
    """What stands beside a batch and holds for each of its calls."""
    over = item.parent.data if item.parent is not None else None
    if item.parent is None or not isinstance(over, dict):
        return {}
    item.parent.seen.update(("context", "integrations"))
    return {key: over[key] for key in ("context", "integrations") if isinstance(over.get(key), dict)}
