"""CloudEvents: events of any type, of the customer whom the options name."""

from __future__ import annotations

import json
from pathlib import Path

from cxm_sdk.adapters.registry import get

PAYLOADS = Path(__file__).parent / "payloads" / "cloudevents"


def test_an_id_is_unique_within_its_source_only() -> None:
    events = get("cloudevents").parse((PAYLOADS / "batch.json").read_bytes()).events
    assert len({event.message_id for event in events}) == len(events) == 2


def test_options_name_the_customer_and_what_describes_her() -> None:
    order = json.loads((PAYLOADS / "order_placed.json").read_text())
    order["data"] = {"buyer": {"card": "L-1", "given": "Ada"}}
    declared = {
        "identifiers": {"data.buyer.card": "loyalty_id"},
        "attributes": {"data.buyer.given": "first_name"},
    }
    assert [one.reason for one in get("cloudevents").parse(order).rejected] == ["names_nobody"]
    (record,) = get("cloudevents", **declared).parse(order).records
    assert [(one.namespace, one.value) for one in record.identifiers] == [("loyalty_id", "L-1")]
    assert (record.record_id, dict(record.attributes)) == ("orders/1042", {"first_name": "Ada"})
