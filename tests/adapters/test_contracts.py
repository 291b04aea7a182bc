"""Every adapter keeps the contract."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cxm_sdk.adapters.registry import find, names
from cxm_sdk.testing.adapters import AdapterContract

PAYLOADS = Path(__file__).parent / "payloads"
#: For payloads that name no tenant or no time.
OPTIONS = {"tenant": "t-1", "received": datetime(2026, 1, 1, tzinfo=UTC)}


def payloads(name: str, of: str = "*.json") -> tuple[Path, ...]:
    return tuple(sorted((PAYLOADS / name).glob(of)))


class TestSegment(AdapterContract):
    adapter = "segment"
    payloads = payloads("segment")


class TestHubSpot(AdapterContract):
    adapter = "hubspot"
    payloads = payloads("hubspot")
    options = OPTIONS


class TestFreshdesk(AdapterContract):
    adapter = "freshdesk"
    payloads = payloads("freshdesk")
    options = OPTIONS


class TestQualtrics(AdapterContract):
    adapter = "qualtrics"
    payloads = payloads("qualtrics")
    options: ClassVar[dict[str, Any]] = {
        **OPTIONS,
        "survey": "SV_1",
        "questions": {"QID2": "csat 5..1", "QID3": "ces 1..7"},
    }


class TestSurveyMonkey(AdapterContract):
    adapter = "surveymonkey"
    payloads = payloads("surveymonkey")
    options: ClassVar[dict[str, Any]] = {**OPTIONS, "questions": {"652286715": "csat 1..5"}}


class TestMarketo(AdapterContract):
    adapter = "marketo"
    payloads = payloads("marketo")
    options = OPTIONS


class TestMetaMessaging(AdapterContract):
    adapter = "meta_messaging"
    payloads = payloads("meta_messaging")
    options: ClassVar[dict[str, Any]] = {**OPTIONS, "signed_requests": "deletion"}


class TestWatsonxAssistant(AdapterContract):
    adapter = "ibm_watsonx_assistant"
    payloads = payloads("ibm_watsonx_assistant")
    options: ClassVar[dict[str, Any]] = {**OPTIONS, "questions": {"csat": "csat 1..5"}}


class TestRoblox(AdapterContract):
    adapter = "roblox"
    payloads = payloads("roblox")
    options: ClassVar[dict[str, Any]] = {"questions": {"nps": "nps"}}


class TestZendesk(AdapterContract):
    adapter = "zendesk"
    payloads = payloads("zendesk")
    options = OPTIONS


class TestShopify(AdapterContract):
    adapter = "shopify"
    payloads = payloads("commerce", "shopify_*.json")
    options = OPTIONS


class TestCommerce(AdapterContract):
    adapter = "commerce"
    payloads = payloads("commerce", "pos_*.json")
    options = OPTIONS


class TestGa4BigQuery(AdapterContract):
    adapter = "ga4_bigquery"
    payloads = payloads("ga4_bigquery")
    options = OPTIONS


class TestAdobeXdm(AdapterContract):
    adapter = "adobe_xdm"
    payloads = payloads("adobe_xdm")
    options = OPTIONS


class TestTealium(AdapterContract):
    adapter = "tealium"
    payloads = payloads("tealium")
    options = OPTIONS


class TestOptimizely(AdapterContract):
    adapter = "optimizely"
    payloads = payloads("optimizely")
    options = OPTIONS


class TestDecentraland(AdapterContract):
    adapter = "decentraland"
    payloads = payloads("decentraland")
    options = OPTIONS


class TestSalesforce(AdapterContract):
    adapter = "salesforce"
    payloads = payloads("salesforce") + payloads("salesforce", "*.xml")
    options = OPTIONS


class TestSalesforceServiceCloud(AdapterContract):
    adapter = "salesforce_service_cloud"
    payloads = payloads("salesforce_service_cloud")
    options = OPTIONS


class TestSalesforceMarketingCloud(AdapterContract):
    adapter = "salesforce_marketing_cloud"
    payloads = payloads("salesforce_marketing_cloud")
    options: ClassVar[dict[str, Any]] = {**OPTIONS, "timezone": "-06:00"}


class TestDynamics365(AdapterContract):
    adapter = "dynamics365"
    payloads = payloads("dynamics365")
    options = OPTIONS


class TestServiceNow(AdapterContract):
    adapter = "servicenow"
    payloads = payloads("servicenow")
    options = OPTIONS


class TestSap(AdapterContract):
    adapter = "sap"
    payloads = payloads("sap")
    options: ClassVar[dict[str, Any]] = {**OPTIONS, "timezone": "Europe/Berlin"}


class TestOracleCx(AdapterContract):
    adapter = "oracle_cx"
    payloads = payloads("oracle_cx")
    options = OPTIONS


class TestCloudEvents(AdapterContract):
    adapter = "cloudevents"
    payloads = payloads("cloudevents")
    options: ClassVar[dict[str, Any]] = {"received": OPTIONS["received"]}


class TestTabular(AdapterContract):
    adapter = "tabular"
    payloads = payloads("tabular")
    detected = False
    options: ClassVar[dict[str, Any]] = {
        "source": "cards",
        "id": "Card",
        "time": "Changed",
        "timezone": "Europe/London",
        "namespace": "loyalty_id",
        "identifiers": {"Mail": "email", "Mobile": "phone"},
        "attributes": {"Given": "first_name", "Family": "last_name"},
        "consents": {"Newsletter": "in:email.marketing", "No calls": "out:phone.marketing"},
        "ignored": ("Printed",),
    }


@pytest.mark.parametrize("name", names())
def test_every_adapter_has_a_contract_and_says_what_it_is(name: str) -> None:
    assert any(
        f'    adapter = "{name}"\n' in path.read_text("utf-8") for path in PAYLOADS.parent.glob("test_*.py")
    )
    adapter = find(name)
    assert adapter.name == name
    assert adapter.title
    assert adapter.about
    assert adapter.pitfalls
