"""SAP: S/4HANA, Cloud for Customer and Customer Data Cloud."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk.adapters.registry import detect, get

PAYLOADS = Path(__file__).parent / "payloads" / "sap"
OPTIONS = {"tenant": "t-1", "timezone": "Europe/Berlin", "received": datetime(2026, 1, 1, tzinfo=UTC)}


def partner(**fields: Any) -> dict[str, Any]:
    whole = json.loads((PAYLOADS / "s4_business_partner_odata_v2.json").read_text())
    return {"d": {"results": [{**whole["d"], **fields}]}}


def test_day_and_clock_of_a_change_are_one_time_in_the_zone_of_the_system() -> None:
    (record,) = get("sap", **OPTIONS).parse(partner()).records
    assert record.observed_at == datetime(2025, 1, 20, 15, 42, 7, tzinfo=UTC)
    (flat,) = (
        get("sap", **OPTIONS).parse(partner(LastChangeDate="2025-01-20", LastChangeTime="16:42:07")).records
    )
    assert flat.observed_at == record.observed_at
    refused = get("sap", tenant="t-1").parse(partner())
    assert [one.reason for one in refused.rejected if one.whole] == ["no_time_zone"]


@pytest.mark.parametrize("born", ["/Date(-324864000000)/", "1959-09-16"])
def test_a_birthday_may_be_before_1970(born: str) -> None:
    (record,) = get("sap", **OPTIONS).parse(partner(BirthDate=born)).records
    assert record.attributes["birth_date"] == "1959-09-16"


@pytest.mark.parametrize("category", ["2", "3"])
def test_organisations_and_groups_are_no_customers(category: str) -> None:
    parsed = get("sap", **OPTIONS).parse(partner(BusinessPartnerCategory=category))
    assert parsed.records == parsed.rejected == ()


def test_what_is_to_be_archived_is_gone_and_what_is_blocked_is_not() -> None:
    gone = get("sap", **OPTIONS).parse(partner(IsMarkedForArchiving="X", BusinessPartner="0001000042"))
    assert [(one.value, one.erase) for one in gone.deletions] == [("0001000042", False)]
    assert gone.records == ()
    (blocked,) = get("sap", **OPTIONS).parse(partner(BusinessPartnerIsBlocked=True)).records
    assert blocked.attributes["status"] == "blocked"


def test_an_address_cut_for_search_and_an_unverified_one_are_no_identifiers() -> None:
    account = json.loads((PAYLOADS / "cdc_gigya_account.json").read_text())
    account["emails"] = {"verified": [], "unverified": ["ada.okafor@example.com"]}
    account["loginIDs"] = {"emails": [], "unverifiedEmails": ["ada.okafor@example.com"]}
    account["isVerified"] = False
    for payload in (
        account,
        partner(to_BusinessPartnerAddress={"__deferred": {"uri": "https://example.com"}}),
    ):
        (record,) = get("sap", **OPTIONS).parse(payload).records
        assert "email" not in {one.namespace for one in record.identifiers}


def test_a_subscription_is_consent_once_it_is_confirmed() -> None:
    account = json.loads((PAYLOADS / "cdc_gigya_account.json").read_text())
    for told, state in (("NotConfirmed", "pending"), ("Confirmed", "granted")):
        account["subscriptions"]["newsletter"]["email"]["doubleOptIn"]["status"] = told
        states = {one.category: one.state for one in get("sap", **OPTIONS).parse(account).consents}
        assert states["email.subscription.newsletter"] == state


def test_a_business_event_is_told_from_other_cloud_events() -> None:
    event = json.loads((PAYLOADS / "s4_event_business_partner_changed.json").read_text())
    assert detect(event) == "sap"
