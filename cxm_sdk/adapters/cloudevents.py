"""CloudEvents: the envelope in which many systems put their events."""

from __future__ import annotations

from cxm_sdk.adapters.base import Adapter, Kind
from cxm_sdk.adapters.reading import Reading

__all__ = ["CloudEvents"]


class CloudEvents(Adapter):
    """Reads events in the envelope of CloudEvents 1.0, of whatever type.

    Example:
        >>> order = {"specversion": "1.0", "id": "1", "source": "/shop", "type": "org.example.order.placed",
        ...          "time": "2026-01-31T10:00:00Z", "data": {"buyer": {"mail": "ada@example.com"}, "total": 42}}
        >>> parsed = CloudEvents(identifiers={"data.buyer.mail": "email"}).parse(order)
        >>> parsed.events[0].name, parsed.events[0].properties["total"]
        ('org.example.order.placed', 42)
    """

    name = "cloudevents"
    title = "CloudEvents"
    about = (
        "Events in the JSON form of CloudEvents 1.0, alone or in batches. Each becomes an event of its type, with its"
        ' data as properties. Options name the customer: `identifiers={"data.buyer.mail": "email"}`.'
    )
    kinds = (
        Kind(
            name="event",
            has=("specversion", "id", "source", "type"),
            source="cloudevents",
            id="id",
            times=("time",),
            identifiers={
                "data.userId": "user_id",
                "data.user_id": "user_id",
                "data.anonymousId": "anonymous_id",
                "data.anonymous_id": "anonymous_id",
                "data.email": "email",
                "data.phone": "phone",
            },
            ignored=(
                "specversion",
                "datacontenttype",
                "traceparent",
                "tracestate",
                "partitionkey",
                "sequence*",
            ),
            read="event",
            events=("track",),
        ),
    )
    needs_tenant = False
    pitfalls = (
        "Who the customer is stands in the data: without the option `identifiers` only `userId`, `anonymousId`, `email`"
        " and `phone` at the top of the data are looked at. `subject` is often no customer, and is kept as context.",
        "`id` is only unique together with `source`.",
        "`time` is optional: give `received` for events without one.",
        "Data as base64 (`data_base64`) or as text are not looked into, so that such an event names nobody.",
        "Events that a system of SAP puts into this envelope are read by the adapter `sap`.",
        "The binary form, with attributes in HTTP headers, has to be put together first.",
    )

    def event(self, reading: Reading) -> None:
        """Makes an event of the type and data of the envelope, and a record where attributes are declared."""
        item = reading.item
        data = item.raw("data")
        if data is not None and not isinstance(data, dict):
            item.note("data", "wrong_type", f"expected an object, got {type(data).__name__}")
            data = None
        told = {name: item.text(name) for name in ("source", "subject", "dataschema")}
        envelope = {name: text for name, text in told.items() if text is not None}
        key = (item.need("source"), reading.id)
        reading.event(item.need("type"), data or {}, key=key, context={"cloudEvent": envelope})
        if reading.attributes:
            reading.record(item.id("subject"))
