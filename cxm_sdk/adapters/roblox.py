"""Roblox: notifications of the platform, and what experiences send themselves."""

from __future__ import annotations

from typing import Any

from cxm_sdk._native.paths import find
from cxm_sdk.adapters.base import Kind
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.adapters.surveys import ScoringAdapter
from cxm_sdk.events.catalog.commerce import OrderCompleted, OrderRefunded
from cxm_sdk.events.catalog.subscription import (
    SubscriptionCancelled,
    SubscriptionRenewed,
    SubscriptionStarted,
)
from cxm_sdk.events.catalog.survey import SurveyResponded
from cxm_sdk.events.typed import TypedEvent

__all__ = ["Roblox"]

_USER = "roblox.user"
_SUBSCRIPTIONS: dict[str, type[TypedEvent] | str] = {
    "SubscriptionPurchased": SubscriptionStarted,
    "SubscriptionResubscribed": SubscriptionStarted,
    "SubscriptionRenewed": SubscriptionRenewed,
    "SubscriptionCancelled": SubscriptionCancelled,
    "SubscriptionRefunded": "Subscription Refunded",
}
_ORDERS: dict[str, type[TypedEvent]] = {
    "CommerceProductOrderPaid": OrderCompleted,
    "CommerceProductOrderRefunded": OrderRefunded,
}


def _notification(name: str, *types: str, read: str, events: tuple[str, ...] = ()) -> Kind:
    """A notification that the platform sends."""
    return Kind(
        name=name,
        has=("NotificationId", "EventPayload"),
        equal={"EventType": types},
        source="roblox",
        id="NotificationId",
        times=("EventTime",),
        ignored=("NotificationId",),
        read=read,
        events=events,
    )


class Roblox(ScoringAdapter):
    """Reads notifications of Roblox and events of experiences.

    Args:
        questions: Questions that experiences ask, by ``customFields.question``, with what is measured and the worst and
            the best number; or ``nps``.
        tenant: Not needed: ids of users are good for all of Roblox.
        timezone: Zone of times that name none.
        received: Time of items that name none.
        own: The company's own addresses and domains.
        identifiers: Namespace by path.
        attributes: Role by path.

    Raises:
        AdapterError: An option cannot be used.

    Example:
        >>> told = {"universeId": 1, "userId": 7, "eventName": "Portal Used", "occurredAt": "2026-01-01T00:00:00Z"}
        >>> [event.name for event in Roblox().parse(told).events]
        ['Portal Used']
    """

    name = "roblox"
    title = "Roblox"
    about = (
        "Webhook notifications of erasure, subscriptions and orders, and events that the server of an experience sends"
        " itself. Users are known by their number on Roblox, and nothing else."
    )
    kinds = (
        _notification("request to erase", "RightToErasureRequest", read="erased"),
        _notification(
            "subscription",
            *_SUBSCRIPTIONS,
            read="subscription",
            events=(
                *("Subscription Started", "Subscription Renewed", "Subscription Cancelled"),
                "Subscription Refunded",
            ),
        ),
        _notification("order", *_ORDERS, read="order", events=("Order Completed", "Order Refunded")),
        Kind(
            name="other notification",
            has=("NotificationId", "EventType", "EventPayload"),
            source="roblox",
            ignored=("*",),
        ),
        Kind(
            name="event of an experience",
            has=("universeId", "userId", "eventName"),
            source="roblox.experience",
            times=("occurredAt",),
            identifiers={"userId": _USER},
            ignored=("source",),
            read="experience",
            events=("track", "Survey Responded"),
        ),
    )
    signature = "roblox"
    needs_tenant = False
    pitfalls = (
        "A request to erase names the games it is about; whoever gets it must forget the user there. It comes out as a"
        " demand to forget the person.",
        "Test notifications (`SampleNotification`) make nothing.",
        "Notifications come more than once: copies are told by `NotificationId`, and orders by the id of the order.",
        "The keys in `EventPayload` of subscriptions and orders are not documented in full: several are tried.",
        "Times have seven digits after the second; what is finer than a microsecond is cut off.",
        "Many users are minors: nothing here ties them to an address or to other systems.",
        "Without a secret deliveries carry a time and no signature, and do not pass `verify`.",
        "There is no standard for what experiences send; the form read here is `eventName`, `universeId`, `userId`,"
        " `occurredAt` and `customFields`.",
    )

    def erased(self, reading: Reading) -> None:
        """Says that a user must be forgotten."""
        item = reading.item
        item.raw("EventPayload.GameIds")
        reading.delete(_USER, item.need("EventPayload.UserId"), erase=True)

    def subscription(self, reading: Reading) -> None:
        """Makes the event of a subscription."""
        item = reading.item
        self._user(reading)
        kind = item.need("EventType")
        told = {
            "subscription_id": _first(reading, "Subscription", "SubscriptionId", "SubscriptionKey"),
            "reason": _first(reading, "CancellationReason", "Reason"),
        }
        reading.event(_SUBSCRIPTIONS[kind], told, key=("notification", reading.id))

    def order(self, reading: Reading) -> None:
        """Makes the event of an order; a copy of it under another notification is the same event."""
        item = reading.item
        self._user(reading)
        kind = item.need("EventType")
        order = _first(reading, "CommerceOrderId", "OrderId", "CommerceProductOrderId")
        told = {"order_id": order, "universe_id": item.id("EventPayload.UniverseId")}
        reading.event(_ORDERS[kind], told, key=(kind, order))

    def experience(self, reading: Reading) -> None:
        """Makes the event that an experience tells, or that of an answered question."""
        item = reading.item
        name, event = item.need("eventName"), item.id("eventId")
        fields = find(item.data, "customFields")
        told: dict[str, Any] = {
            **{
                field: item.raw(f"customFields.{field}")
                for field, value in (fields.items() if isinstance(fields, dict) else ())
                if field.isprintable() and type(value) in (str, int, float, bool)
            },
            "channel": "immersive",
            "universe_id": item.id("universeId"),
            "place_id": item.id("placeId"),
            "server_id": item.id("jobId"),
        }
        key = ("event", event) if event is not None else (name, item.id("userId"), reading.at)
        question = item.text("customFields.question")
        scale = self.questions.get(question or "")
        score = scale.score(item.number("customFields.score")) if scale is not None else None
        if scale is None or score is None:
            reading.event(name, told, key=key)
            return
        told = {
            "channel": "immersive",
            "survey_id": name,
            "survey_type": scale.measure,
            "response_id": event or f"{item.id('userId')}/{reading.when().isoformat()}",
            "question_id": question,
            **score.properties(),
        }
        reading.event(SurveyResponded, told, key=key)

    @staticmethod
    def _user(reading: Reading) -> None:
        user = _first(reading, "UserId", "Subscriber", "User")
        if user is not None:
            reading.identify(_USER, user.removeprefix("users/"), "EventPayload")


def _first(reading: Reading, *names: str) -> str | None:
    """The first of several keys of the payload that has a value."""
    return next(filter(None, (reading.item.id(f"EventPayload.{name}") for name in names)), None)
