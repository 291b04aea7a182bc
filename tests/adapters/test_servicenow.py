"""ServiceNow: rows with values, with labels and with both."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cxm_sdk.adapters.registry import get

PAYLOADS = Path(__file__).parent / "payloads" / "servicenow"
OPTIONS = {"tenant": "example", "received": datetime(2026, 1, 1, tzinfo=UTC)}


def names(state: str, **fields: Any) -> list[str | None]:
    row = {"sys_id": "f352abcddb0a7300ab1234567890abcd", "number": "X1", "state": state, **fields}
    row |= {"opened_at": "2025-03-04 09:12:44", "sys_updated_on": "2025-03-05 11:02:10"}
    return [one.name for one in get("servicenow", **OPTIONS).parse({"result": row}).events]


def test_tables_do_not_agree_on_what_a_state_means() -> None:
    who = "6816f79cc0a8016401c5a33be04be441"
    assert names("3", caller_id=who) == ["Ticket Opened"]
    assert names("3", contact=who) == ["Ticket Opened", "Ticket Closed"]
    assert names("7", caller_id=who) == names("7", consumer=who) == ["Ticket Opened", "Ticket Closed"]


def test_a_displayed_time_is_never_read() -> None:
    case = json.loads((PAYLOADS / "csm_case_display_all.json").read_text())
    (opened, *_) = get("servicenow", **OPTIONS, timezone="Europe/Berlin").parse(case).events
    assert opened.timestamp == datetime(2025, 3, 4, 9, 12, 44, tzinfo=UTC)
    labels = (PAYLOADS / "incident_display_true.json").read_bytes()
    assert [one.reason for one in get("servicenow", **OPTIONS).parse(labels).rejected] == ["labels_only"]


def test_who_calls_and_who_is_a_contact_is_one_customer() -> None:
    row = json.loads((PAYLOADS / "customer_contact.json").read_text())["result"][0]
    (record,) = get("servicenow", **OPTIONS).parse(row).records
    named = {(one.namespace, one.value) for one in record.identifiers}
    assert {
        ("servicenow.example.contact", row["sys_id"]),
        ("servicenow.example.user", row["sys_id"]),
    } <= named
