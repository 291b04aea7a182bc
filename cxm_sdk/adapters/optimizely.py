"""Optimizely: event batches of the feature experimentation SDKs, and events of the data platform (ODP)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cxm_sdk._native.fields import writable
from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.parsed import message_id
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.events.catalog.commerce import (
    OrderCancelled,
    OrderCompleted,
    OrderRefunded,
    ProductAdded,
    ProductRemoved,
    ProductViewed,
)
from cxm_sdk.events.catalog.experiment import ExperimentViewed, FeatureFlagEvaluated
from cxm_sdk.events.typed import TypedEvent

__all__ = ["Optimizely"]

_VISITOR = "optimizely.{tenant}.visitor"
_EXPERIMENTS = frozenset(("experiment", "feature-test"))
_IMPRESSION = "campaign_activated"
#: Identifiers of the data platform, whose keys are spelt in several ways.
_IDENTIFIERS: Mapping[str, str] = {
    "fs_user_id": _VISITOR,
    "vuid": "anonymous_id",
    "email": "email",
    "phone": "phone",
    "sms": "phone",
    "customer_id": "optimizely.{tenant}.customer",
}
_ORDERS: Mapping[str, type[TypedEvent]] = {
    "purchase": OrderCompleted,
    "refund": OrderRefunded,
    "return": OrderRefunded,
    "cancel": OrderCancelled,
}
_PRODUCTS: Mapping[str, type[TypedEvent]] = {
    "detail": ProductViewed,
    "add_to_cart": ProductAdded,
    "remove_from_cart": ProductRemoved,
}


class Optimizely(Adapter):
    """Reads event batches and events of the data platform."""

    name = "optimizely"
    title = "Optimizely"
    about = (
        "Batches that the feature experimentation SDKs send, with decisions and conversions, and lists of events of the"
        " Optimizely Data Platform. The tenant is the account, which events of the platform do not name."
    )
    kinds = (
        Kind(
            name="visitor",
            has=("visitor_id", "snapshots"),
            source="optimizely.{tenant}",
            tenant="account_id",
            identifiers={"visitor_id": _VISITOR},
            ignored=(
                *("attributes.*", "snapshots.*", "snapshots.decisions.*", "snapshots.events.entity_id"),
                *("snapshots.events.tags", "session_id"),
            ),
            read="visitor",
            events=("Experiment Viewed", "Feature Flag Evaluated", "track"),
        ),
        Kind(
            name="platform event",
            has=("type", "action", "identifiers"),
            source="optimizely.{tenant}.odp",
            times=("data.ts",),
            form="s",
            ignored=("data.data_source*", "data.page", "data.title", "data.order.items.*"),
            read="platform",
            events=(
                *("page", "track", "Order Completed", "Order Refunded", "Order Cancelled", "Product Viewed"),
                *("Product Added", "Product Removed"),
            ),
        ),
    )
    envelopes = ("visitors",)
    envelope_ignored = (
        *("project_id", "client_name", "client_version", "revision", "anonymize_ip", "enrich_decisions"),
        "region",
    )
    signature = None
    pitfalls = (
        "A visitor id is whatever the application passes, an id of its user or a random one: where it is an id of"
        " yours, say so with the option `identifiers`, as in `{'visitor_id': 'user_id'}`. `fs_user_id` of the platform"
        " is the same id.",
        "Revenue is in hundredths, and in a currency that is not named.",
        "Decisions of rollouts have no experiment: they are `Feature Flag Evaluated`.",
        "Copies of an impression have the same `uuid`. Attributes that begin with `$opt_` are switches.",
        "Keys of identifiers differ in case and hyphens: `FS_USER_ID` is `fs-user-id`.",
        "`ts` of the platform is in seconds; events without one take the option `received`.",
        "Events of the SDKs are not signed.",
    )

    # ------------------------------------------------------------------------------------------ batches

    def visitor(self, reading: Reading) -> None:
        """Makes the events of a visitor, and the record of its attributes."""
        item = reading.item
        name = item.need("visitor_id")
        times: list[datetime] = []
        for snapshot in item.each("snapshots"):
            decisions = snapshot.each("decisions")
            for event in snapshot.each("events"):
                at = event.time("timestamp", "ms")
                reading.at = at or self.received
                name_of_event = event.id("key")
                if reading.at is None or name_of_event is None:
                    event.note("", "missing", "expected a key and a timestamp, got one of them or none")
                    continue
                times.append(reading.at)
                key = event.id("uuid") or f"{event.path}/{reading.at.isoformat()}"
                if name_of_event == _IMPRESSION:
                    for index, decision in enumerate(decisions):
                        _decided(reading, decision, (key, index))
                else:
                    _converted(reading, name_of_event, event, (key,))
        told = {
            role: value
            for one in item.each("attributes")
            if (role := one.text("key")) is not None and not role.startswith("$opt_")
            if (value := _shown(one.raw("value"))) is not None
        }
        if told and times:
            reading.at = max(times)
            reading.attributes.update(told)
            reading.record(name)

    # ------------------------------------------------------------------------------------------ data platform

    def platform(self, reading: Reading) -> None:
        """Makes the event of the data platform, or the record of identifiers that belong together."""
        item, kind, action = reading.item, reading.item.need("type"), reading.item.need("action")
        identifiers = item.part("identifiers")
        for key in list(identifiers.data) if identifiers is not None else ():
            namespace = _namespace(key)
            value = identifiers.id(key) if namespace is not None and identifiers is not None else None
            if value is not None and namespace is not None:
                reading.identify(namespace, value)
        if not reading.identifiers:
            raise item.refusal(
                "identifiers", "names_nobody", "expected an identifier of a customer, got none"
            )
        who = [f"{one.namespace}:{one.value}" for one in reading.identifiers]
        copy = item.id("data.idempotence_id")
        key = (copy,) if copy is not None else (kind, action, reading.when(), *who)
        order = _order(item)
        if action == "identified":
            reading.record(message_id(*who))
        elif kind == "order" and action in _ORDERS and order["order_id"] is not None:
            reading.event(_ORDERS[action], order, key=(action, order["order_id"], *key))
        elif kind == "product" and action in _PRODUCTS:
            told = {"product_id": item.id("data.product_id"), "price": item.number("data.price")}
            reading.event(_PRODUCTS[action], told, key=key)
        elif kind == "pageview":
            reading.page(item.text("data.title"), {"url": item.url("data.page")}, key=key)
        else:
            reading.event(f"{kind} {action}", {}, key=key)


def _shown(value: object) -> str | None:
    """The value of an attribute as text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value if writable(value) else None
    return str(value) if _plain_number(value) else None


def _plain_number(value: object) -> bool:
    """Whether a value is a number that other systems can hold, too."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and abs(value) < 2**63


def _decided(reading: Reading, decision: Item, key: tuple[object, ...]) -> None:
    """Makes the event of a decision; only experiments have variations."""
    flag, rule = decision.text("metadata.flag_key"), decision.text("metadata.rule_type")
    told: dict[str, Any] = {
        "experiment_id": decision.id("experiment_id"),
        "experiment_name": decision.text("metadata.rule_key"),
        "variation_id": decision.id("variation_id"),
        "variation_name": decision.text("metadata.variation_key"),
        "flag_key": flag,
        "enabled": decision.flag("metadata.enabled"),
    }
    if told["experiment_id"] is not None and rule in (*_EXPERIMENTS, None):
        reading.event(ExperimentViewed, told, key=key)
    else:
        reading.event(FeatureFlagEvaluated, {**told, "reason": rule}, key=key)


def _converted(reading: Reading, name: str, event: Item, key: tuple[object, ...]) -> None:
    """Makes the event of a conversion, with its tags."""
    hundredths, value, quantity = (event.number(name) for name in ("revenue", "value", "quantity"))
    raw = event.raw("tags")
    tags = raw if isinstance(raw, dict) else {}
    free = {
        label: tag
        for label, tag in tags.items()
        if label not in ("revenue", "value", "quantity")
        if isinstance(tag, bool) or (isinstance(tag, str) and writable(tag)) or _plain_number(tag)
    }
    told = {
        **free,
        "revenue": None if hundredths is None else float(hundredths / 100),
        "value": None if value is None else float(value),
        "quantity": None if quantity is None else float(quantity),
    }
    reading.event(name, told, key=key)


def _namespace(key: str) -> str | None:
    """The namespace of an identifier; None where its name can be none."""
    plain = key.lower().replace("-", "_")
    if plain in _IDENTIFIERS:
        return _IDENTIFIERS[plain]
    sound = 0 < len(plain) <= 64 and plain.isascii() and plain.replace("_", "").isalnum()
    return f"optimizely.{{tenant}}.{plain}" if sound else None


def _order(item: Item) -> dict[str, Any]:
    return {
        "order_id": item.id("data.order.order_id") or item.id("data.order_id"),
        "total": item.number("data.order.total"),
        "currency": item.text("data.order.currency"),
        "products": [
            {
                name: value
                for name, value in (
                    ("product_id", one.id("product_id")),
                    ("price", one.number("price")),
                    ("quantity", one.number("quantity")),
                )
                if value is not None
            }
            for one in item.each("data.order.items")
        ],
    }
