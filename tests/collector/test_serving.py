"""A graph behind the collector: profiles, webhooks, tracking plans."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk import ProfileGraph, adapters
from cxm_sdk.capture import ReadKey, WriteKey
from cxm_sdk.errors import AdapterError
from cxm_sdk.events.plan import TrackingPlan
from cxm_sdk.serving import GraphProfiles, SystemWebhook

SECRET = "read-secret-0123456789"
READER = {"authorization": f"Bearer {SECRET}"}
SHOPIFY = {
    "id": 4711,
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "created_at": "2026-03-01T12:00:00Z",
    "updated_at": "2026-03-02T12:00:00Z",
    "verified_email": True,
    "orders_count": 0,
    "state": "enabled",
}


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[ProfileGraph]:
    with ProfileGraph(tmp_path / "g.db") as opened:
        yield opened


@pytest.fixture
def ask(make: Callable[..., Any], graph: ProfileGraph) -> Any:
    hooks = {
        "segment": SystemWebhook(adapters.get("segment"), "hook-secret"),
        "zendesk": SystemWebhook(adapters.get("zendesk", tenant="acme"), "hook-secret"),
        "open": SystemWebhook(adapters.get("segment"), unsigned=True),
    }
    return make(sink=graph, profiles=GraphProfiles(graph), read_keys=[ReadKey(SECRET)], webhooks=hooks)


def read(ask: Any, path: str, query: str = "") -> Any:
    return ask("GET", f"/v1/profiles/{path}", key=None, headers=READER, query=query)


def signed(body: bytes, secret: str = "hook-secret") -> dict[str, str]:
    return {"x-signature": hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}


def test_what_comes_in_can_be_read_back(ask: Any) -> None:
    traits = {"email": "Ada@Example.com", "firstName": "Ada", "plan": "gold"}
    consent = {"consent": {"categoryPreferences": {"advertising": False}}}
    ask("POST", "/v1/track", {"event": "Tea Poured", "anonymousId": "a-1"})
    ask("POST", "/v1/identify", {"userId": "u-1", "anonymousId": "a-1", "traits": traits, "context": consent})
    assert ask.collector.flush(20)
    profile = read(ask, "email/ada%40example.com").json
    assert {"user_id": "u-1", "email": "ada@example.com"}.items() <= {
        held["namespace"]: held["value"] for held in profile["identifiers"]
    }.items()
    assert profile["traits"]["plan"] == "gold"
    assert profile["consent"] == {"advertising": False}
    context = read(ask, "user_id/u-1/context").json
    assert context["profile_id"] == profile["profile_id"]
    assert context["fields"]["email"] == "ada@example.com"
    assert {"kind": "track", "name": "Tea Poured"}.items() <= context["recent"][-1].items()
    assert read(ask, "user_id/u-1/consent").json["consent"] == {"advertising": False}
    assert [entry["kind"] for entry in read(ask, "user_id/u-1/timeline").json["timeline"]] == [
        "identify",
        "track",
    ]
    assert len(read(ask, "user_id/u-1/timeline", "limit=1").json["timeline"]) == 1


def test_nobody_and_nonsense_are_told_apart(ask: Any) -> None:
    assert read(ask, "email/grace%40example.com").json["code"] == "unknown_profile"
    assert read(ask, "no_such_namespace/x").status == 400
    assert read(ask, "email/" + "x" * 2_000).status == 400
    for limit in ("0", "1001", "-1", "x", "9" * 50):
        assert read(ask, "user_id/u-1/timeline", f"limit={limit}").status == 400


def test_a_signed_delivery_gets_into_the_graph_once(ask: Any, graph: ProfileGraph) -> None:
    event = {"type": "identify", "userId": "u-7", "traits": {"email": "eve@example.com"}}
    body = json.dumps({**event, "messageId": "m-7", "timestamp": "2026-03-01T12:00:00Z"}).encode()
    assert ask("POST", "/v1/webhooks/segment", body, key=None, headers=signed(body)).statuses == ["accepted"]
    assert ask("POST", "/v1/webhooks/segment", body, key=None, headers=signed(body)).statuses == ["duplicate"]
    assert ask.collector.flush(20)
    assert graph.profile("email", "eve@example.com").traits["email"] == "eve@example.com"
    assert ask.collector.stats().accepted == 1


def test_a_delivery_that_is_not_signed_is_refused(ask: Any) -> None:
    body = b'{"type":"identify","userId":"u-7"}'
    wrong = [{}, {"x-signature": ""}, signed(body, "other"), signed(body + b" "), {"x-signature": "0" * 40}]
    for headers in wrong:
        answer = ask("POST", "/v1/webhooks/segment", body, key="wk-1", headers=headers)
        assert (answer.status, answer.json["code"]) == (401, "signature")
    assert ask.collector.stats().accepted == 0


def test_a_delivery_of_an_earlier_hour_is_refused_though_it_is_signed(ask: Any) -> None:
    body = json.dumps({"type": "zen:event-type:user.created", "id": "1"}).encode()

    def delivery(at: float) -> dict[str, str]:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
        mac = hmac.new(b"hook-secret", stamp.encode() + body, hashlib.sha256).digest()
        return {
            "x-zendesk-webhook-signature": base64.b64encode(mac).decode(),
            "x-zendesk-webhook-signature-timestamp": stamp,
        }

    replayed = ask("POST", "/v1/webhooks/zendesk", body, key=None, headers=delivery(time.time() - 3_600))
    assert (replayed.status, replayed.json["code"]) == (401, "signature")
    fresh = ask("POST", "/v1/webhooks/zendesk", body, key=None, headers=delivery(time.time()))
    assert fresh.status in (200, 400)  # signed; whether it can be read is up to the adapter


def test_unsigned_deliveries_are_taken_only_where_that_is_allowed(ask: Any) -> None:
    body = b'{"type":"identify","userId":"u-9","messageId":"m-9","timestamp":"2026-03-01T12:00:00Z"}'
    assert ask("POST", "/v1/webhooks/open", body, key=None).statuses == ["accepted"]
    with pytest.raises(AdapterError):
        SystemWebhook(adapters.get("segment"))
    with pytest.raises(AdapterError):
        SystemWebhook(adapters.get("segment"), "secret", unsigned=True)
    unsigning = next(name for name in adapters.names() if adapters.get(name).signature is None)
    with pytest.raises(AdapterError):
        SystemWebhook(adapters.get(unsigning), "secret")


def test_a_delivery_that_says_nothing_of_use_is_refused_without_a_value_of_it(ask: Any) -> None:
    for body in (b"private-value", b'{"type":"private-value"}', b"[[[[", b"7"):
        answer = ask("POST", "/v1/webhooks/open", body, key=None)
        assert (answer.status, answer.json["code"]) == (400, "unreadable")
        assert b"private" not in answer.body


def test_there_is_no_webhook_that_is_not_configured(ask: Any) -> None:
    assert ask("POST", "/v1/webhooks/hubspot", b"{}", key=None).status == 404


def test_a_key_checks_events_against_its_plan(make: Callable[..., Any], tmp_path: Path) -> None:
    properties = {"cups": {"type": "integer", "required": True}}
    path = tmp_path / "plan.json"
    path.write_text(
        json.dumps({"plan": "shop", "events": [{"name": "Tea Poured", "properties": properties}]})
    )
    strict = TrackingPlan.load(path, mode="reject")
    lenient = TrackingPlan.load(path, mode="observe")
    ask = make([WriteKey("wk-1", "shop", plan=strict), WriteKey("wk-2", "app", plan=lenient)])
    good = {"event": "Tea Poured", "userId": "u-1", "properties": {"cups": 2}}
    bad = {**good, "properties": {"cups": "private-value"}}
    assert ask("POST", "/v1/track", good).status == 200
    answer = ask("POST", "/v1/track", bad)
    assert (answer.status, answer.json["code"]) == (400, "plan")
    assert b"private-value" not in answer.body
    assert ask("POST", "/v1/track", bad, key="wk-2").status == 200
    marked = ask.arrived()[1]
    assert marked["context"]["trackingPlan"]
