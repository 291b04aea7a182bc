"""Oracle CX: contacts and service requests."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from cxm_sdk.adapters.registry import get

PAYLOADS = Path(__file__).parent / "payloads" / "oracle_cx"
OPTIONS = {"tenant": "t-1", "received": datetime(2026, 1, 1, tzinfo=UTC)}


def test_a_mobile_number_in_parts_is_the_formatted_one() -> None:
    contact = json.loads((PAYLOADS / "contact.json").read_text())
    (whole,) = get("oracle_cx", **OPTIONS).parse(contact).records
    (parts,) = get("oracle_cx", **OPTIONS).parse({**contact, "FormattedMobileNumber": None}).records
    assert {(one.namespace, one.value) for one in whole.identifiers} == {
        (one.namespace, one.value) for one in parts.identifiers
    }


def test_a_deleted_request_is_gone_and_an_open_one_is_not_solved() -> None:
    request = json.loads((PAYLOADS / "service_request.json").read_text())
    gone = get("oracle_cx", **OPTIONS).parse({**request, "DeleteFlag": True})
    assert [one.value for one in gone.deletions] == ["300100186912345"]
    assert gone.events == ()
    again = get("oracle_cx", **OPTIONS).parse({**request, "StatusTypeCd": "ORA_SVC_INPROGRESS"})
    assert [one.name for one in again.events] == ["Ticket Opened"]


def test_what_the_customer_wrote_is_left_out() -> None:
    request = (PAYLOADS / "service_request.json").read_bytes()
    parsed = get("oracle_cx", **OPTIONS).parse(request)
    assert "ProblemDescription" in parsed.ignored
