"""Salesforce Service Cloud: cases, told by snapshots and by changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from cxm_sdk.adapters.registry import get

PAYLOADS = Path(__file__).parent / "payloads" / "salesforce_service_cloud"
OPTIONS = {"tenant": "00D5f00000EXAMPLAA", "received": datetime(2026, 1, 1, tzinfo=UTC)}


def test_a_closing_has_one_name_whether_a_snapshot_or_a_change_tells_it() -> None:
    snapshot = json.loads((PAYLOADS / "rest_case_closed.json").read_text())
    change = json.loads((PAYLOADS / "cdc_case_status_change.json").read_text())
    change["data"]["payload"]["ContactId"] = snapshot["ContactId"]
    cases = get("salesforce_service_cloud", **OPTIONS)
    ids = {one.name: one.message_id for one in cases.parse(snapshot).events}
    assert [one.message_id for one in cases.parse(change).events] == [ids["Ticket Closed"]]


def test_the_support_mailbox_is_no_customer() -> None:
    cases = get("salesforce_service_cloud", **OPTIONS, own=("support@example.org",))
    mails = cases.parse((PAYLOADS / "query_email_messages.json").read_bytes())
    told = json.dumps([event.to_wire() for event in mails.events])
    assert len(mails.events) == 3
    assert "support@" not in told


def test_an_email_to_two_people_makes_no_one_of_them() -> None:
    mails = get("salesforce_service_cloud", **OPTIONS).parse(
        (PAYLOADS / "query_email_messages.json").read_bytes()
    )
    assert [[one["id"] for one in event.context["externalIds"]] for event in mails.events] == [
        ["Ada.Okafor@example.com"],
        ["ada.okafor@example.com"],
        ["wei.ng@example.org"],
    ]


def test_what_a_form_says_counts_only_where_the_case_has_no_contact() -> None:
    case = json.loads((PAYLOADS / "rest_case_new.json").read_text())
    case["SuppliedEmail"] = "secretary@example.com"
    parsed = get("salesforce_service_cloud", **OPTIONS).parse(case)
    assert "secretary@" not in json.dumps(parsed.to_dict()["events"])
    assert parsed.records == ()
