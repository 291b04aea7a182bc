"""Dynamics 365: rows of Dataverse and what its webhooks send."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cxm_sdk.adapters.registry import get

PAYLOADS = Path(__file__).parent / "payloads" / "dynamics365"
OPTIONS = {"tenant": "4ef5b371-e89e-e711-8122-000d3aa2331c", "received": datetime(2026, 1, 1, tzinfo=UTC)}


def loaded(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def test_a_webhook_without_its_parameters_asks_for_the_row() -> None:
    for name in ("webhook_contact_merge", "webhook_incident_create"):
        cut = {**loaded(name), "InputParameters": None, "PreEntityImages": None, "ParentContext": None}
        assert [one.reason for one in get("dynamics365", **OPTIONS).parse(cut).rejected] == ["gap"]


def test_rows_and_webhooks_of_one_organisation_name_a_contact_alike() -> None:
    row = get("dynamics365", **OPTIONS).parse(loaded("odata_contact"))
    (gone,) = get("dynamics365").parse(loaded("webhook_contact_delete")).deletions
    named = {(one.namespace, one.value) for one in row.records[0].identifiers}
    assert (gone.namespace, gone.value) in named
    assert (gone.source, gone.record_id) == (row.records[0].source, row.records[0].record_id)


def test_what_forbids_all_email_forbids_marketing() -> None:
    row = {**loaded("odata_contact"), "donotbulkemail": False, "donotemail": True}
    told = {one.category: one.state for one in get("dynamics365", **OPTIONS).parse(row).consents}
    assert (told["email.marketing"], told["email.contact"]) == ("denied", "denied")


def test_a_company_is_no_customer_of_a_case() -> None:
    case = loaded("odata_incident_resolved")
    case["_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] = "account"
    case["_customerid_value"] = "8a81597f-0f9f-e711-8122-000d3aa2331c"
    parsed = get("dynamics365", **OPTIONS).parse(case)
    assert {one["id"] for event in parsed.events for one in event.context["externalIds"]} == {
        case["_primarycontactid_value"]
    }
    refused = get("dynamics365", **OPTIONS).parse({**case, "_primarycontactid_value": None})
    assert [one.reason for one in refused.rejected] == ["names_nobody"]
