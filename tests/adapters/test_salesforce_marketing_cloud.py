"""Salesforce Marketing Cloud: notifications and extracts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from cxm_sdk.adapters.registry import get

PAYLOADS = Path(__file__).parent / "payloads" / "salesforce_marketing_cloud"
OPTIONS = {"tenant": "1447640", "timezone": "-06:00", "received": datetime(2026, 1, 1, tzinfo=UTC)}


def test_an_open_is_told_by_what_the_sent_message_says() -> None:
    sent, opened, *_ = (
        get("salesforce_marketing_cloud").parse((PAYLOADS / "ens_batch.json").read_bytes()).events
    )
    names = [{(one["type"], one["id"]) for one in event.context["externalIds"]} for event in (sent, opened)]
    assert names[1] == {("sfmc.1447640.subscriber_id", "135804581")}
    assert names[1] < names[0]
    messages = {event.to_wire()["properties"]["message_id"] for event in (sent, opened)}
    assert messages == {"2001071.44609.4119.135804581"}


def test_a_link_keeps_no_query() -> None:
    told = json.dumps(
        get("salesforce_marketing_cloud").parse((PAYLOADS / "ens_batch.json").read_bytes()).to_dict()
    )
    assert "https://shop.example.com/parcel" in told
    assert "parcel?" not in told


def test_a_time_of_an_extract_needs_the_zone_of_the_account() -> None:
    rows = (PAYLOADS / "tracking_extract_unsubs.json").read_bytes()
    refused = get("salesforce_marketing_cloud", tenant="1447640").parse(rows)
    assert [one.reason for one in refused.rejected if one.whole] == ["no_time_zone"]
    (change,) = get("salesforce_marketing_cloud", **OPTIONS).parse(rows).consents
    assert (change.category, change.state) == ("email.marketing", "denied")
    assert change.at == datetime(2025, 3, 9, 7, 20, tzinfo=UTC)
