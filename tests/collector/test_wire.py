"""Every spelling of the wire that real clients have, and what is made of it."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

TRACK = {"event": "Tea Poured", "userId": "u-1", "properties": {"cups": 2}}
NAMES = {"track": "t", "identify": "i", "page": "p", "screen": "s", "group": "g", "alias": "a"}
BODIES: dict[str, dict[str, Any]] = {
    "track": TRACK,
    "identify": {"userId": "u-1", "traits": {"plan": "gold"}},
    "page": {"userId": "u-1", "name": "Home"},
    "screen": {"userId": "u-1", "name": "Start"},
    "group": {"userId": "u-1", "groupId": "g-1"},
    "alias": {"userId": "u-2", "previousId": "u-1"},
}


@pytest.mark.parametrize("call", NAMES)
def test_each_call_is_taken_at_each_of_its_paths(ask: Any, call: str) -> None:
    paths = (f"/v1/{call}", f"/v1/{NAMES[call]}", f"/api/s/{call}", f"/api/s/s2s/{call}", f"/v1/{call}/")
    for path in paths:
        assert ask("POST", path, BODIES[call]).json == {"success": True, "results": [{"status": "accepted"}]}
    arrived = ask.arrived()
    assert [event["type"] for event in arrived] == [call] * len(paths)
    assert all(BODIES[call].items() <= event.items() for event in arrived)


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch"])
def test_batches_are_taken_at_each_of_their_paths(ask: Any, path: str) -> None:
    body = {"batch": [{"type": call, **event} for call, event in BODIES.items()]}
    assert ask("POST", path, body).statuses == ["accepted"] * 6
    assert [event["type"] for event in ask.arrived()] == list(BODIES)


@pytest.mark.parametrize(
    ("headers", "query", "inside"),
    [
        ({"authorization": "Basic d2stMTo="}, "", "wk-masked"),
        ({"authorization": "basic d2stMTo="}, "writeKey=other", None),
        ({"x-write-key": "wk-1"}, "writeKey=other", "other"),
        ({"authorization": "Bearer token"}, "", "wk-1"),
        ({"authorization": "Bearer token"}, "writeKey=other", "wk-1"),
        ({}, "writeKey=wk-1", "wk-masked"),
        ({}, "", "wk-1"),
    ],
)
def test_the_key_is_looked_for_in_the_order_that_clients_rely_on(
    ask: Any, headers: dict[str, str], query: str, inside: str | None
) -> None:
    body = {"batch": [{"type": "track", **TRACK}]} | ({"writeKey": inside} if inside else {})
    assert ask("POST", "/v1/batch", body, key=None, headers=headers, query=query).status == 200


def test_a_key_of_two_parts_is_taken_in_both_headers(make: Callable[..., Any]) -> None:
    ask = make(["id:secret"])
    masked = {**TRACK, "writeKey": "id:***"}
    assert ask("POST", "/api/s/track", masked, key=None, headers={"X-Write-Key": "id:secret"}).status == 200
    assert (
        ask("POST", "/api/s/track", masked, key=None, headers={"authorization": "Basic aWQ6c2VjcmV0"}).status
        == 200
    )
    assert ask("POST", "/api/s/track", masked, key=None).status == 401


def test_the_key_of_a_browser_batch_may_stand_in_its_events_and_is_not_kept(ask: Any) -> None:
    body = {"batch": [{"type": "track", **TRACK, "writeKey": "wk-1"}]}
    assert ask("POST", "/v1/b", body, key=None).status == 200
    assert "writeKey" not in ask.arrived()[0]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json;charset=UTF-8"]
)
@pytest.mark.parametrize(
    "pack", [gzip.compress, zlib.compress, lambda text: gzip.compress(text[:9]) + gzip.compress(text[9:])]
)
@pytest.mark.parametrize("told", ["", "gzip", "deflate"])
def test_bodies_are_read_whatever_their_headers_say(
    ask: Any, kind: str, pack: Callable[[bytes], bytes], told: str
) -> None:
    text = json.dumps({"batch": [{"type": "track", **TRACK}]}).encode()
    headers = {"content-type": kind, "content-encoding": told}
    assert ask("POST", "/v1/batch", text, headers=headers).status == 200
    packed = pack(text)
    if told or packed[:2] == b"\x1f\x8b":
        assert ask("POST", "/v1/batch", packed, headers=headers).status == 200


def test_bare_nan_half_surrogates_and_byte_order_marks_cost_nothing(ask: Any) -> None:
    for text in (
        b'{"event":"E","userId":"u","properties":{"a":NaN,"b":-Infinity,"c":1}}',
        b'{"event":"E","userId":"u","properties":{"a":"\\ud83d","c":1}}',
        b'\xef\xbb\xbf{"event":"E","userId":"u","properties":{"c":1}}',
        b'{"event":"E","userId":"u","properties":{"a":"\xff","c":1}}',
    ):
        assert ask("POST", "/v1/track", text).status == 200
    properties = [event["properties"] for event in ask.arrived()]
    assert [one["c"] for one in properties] == [1, 1, 1, 1]
    assert properties[0] == {"a": None, "b": None, "c": 1}


def test_absent_ids_are_left_out_and_numbers_become_text(ask: Any) -> None:
    ask("POST", "/v1/t", {"event": "E", "userId": 17, "anonymousId": "", "messageId": None, "groupId": None})
    ask("POST", "/v1/t", {"event": "E", "userId": "", "anonymousId": "a-1", "messageId": "  "})
    one, other = ask.arrived()
    assert one["userId"] == "17"
    assert "anonymousId" not in one
    assert "groupId" not in one
    assert len(one["messageId"]) == 36
    assert "userId" not in other
    assert other["messageId"].strip()


def test_the_traits_of_the_context_lie_under_those_of_an_identify(ask: Any) -> None:
    context = {"traits": {"email": "a@example.com", "plan": "old"}}
    ask("POST", "/v1/identify", {"userId": "u-1", "context": context, "traits": {"plan": "gold"}})
    ask("POST", "/v1/identify", {"userId": "u-1", "context": context})
    assert [event["traits"] for event in ask.arrived()] == [
        {"email": "a@example.com", "plan": "gold"},
        {"email": "a@example.com", "plan": "old"},
    ]


def test_what_the_envelope_says_lies_under_what_an_event_says(ask: Any) -> None:
    events = [
        {"type": "track", **TRACK, "context": {"locale": "de"}, "integrations": {"All": False}},
        {"type": "track", **TRACK},
    ]
    around = {"context": {"locale": "en", "ip": "10.0.0.1"}, "integrations": {"All": True, "X": True}}
    assert ask("POST", "/v1/batch", {"batch": events, **around}).status == 200
    one, other = ask.arrived()
    assert one["context"] == {"locale": "de", "ip": "10.0.0.1"}
    assert one["integrations"] == {"All": False, "X": True}
    assert other["context"] == around["context"]


def test_an_alias_to_itself_is_no_error(ask: Any) -> None:
    assert ask("POST", "/v1/alias", {"userId": "u-1", "previousId": "u-1"}).statuses == ["accepted"]


def test_each_event_of_a_batch_is_answered_by_itself(ask: Any) -> None:
    good = {"type": "track", **TRACK, "messageId": "m-1"}
    events = [
        good,
        good,
        {"type": "track", "userId": "u-1"},
        {"type": "track", "event": "E"},
        {"type": "group", "userId": "u-1"},
        {"type": "alias", "userId": "u-1"},
        {"type": "dance", "userId": "u-1"},
        "no object",
        {"type": "track", **TRACK, "messageId": "m" * 101},
        {"type": "track", **TRACK, "properties": {"long": "x" * 40_000}},
        {"type": "track", **TRACK, "timestamp": "2026-03-01T25:00:00"},
        {"type": "track", **TRACK, "properties": "text"},
    ]
    answer = ask("POST", "/v1/batch", {"batch": events})
    assert answer.status == 200
    assert answer.json["success"] is True
    assert answer.statuses == ["accepted", "duplicate"] + ["invalid"] * 10
    assert answer.reasons[2:] == [
        "no_event",
        "no_user_anon_id",
        "no_group",
        "no_alias",
        "unknown_type",
        "no_object",
        "long_message_id",
        "oversize",
        "invalid",
        "invalid",
    ]
    assert [event["messageId"] for event in ask.arrived()] == ["m-1"]


def test_a_single_event_that_is_wrong_is_refused_in_words_that_every_client_reads(ask: Any) -> None:
    answer = ask("POST", "/v1/track", {"userId": "u-1"})
    assert answer.status == 400
    assert answer.json["code"] == "no_event"
    assert answer.json["message"] == answer.json["detail"] != ""


def test_a_typed_event_of_the_wrong_form_is_told_at_once(ask: Any) -> None:
    order = {
        "event": "Order Completed",
        "userId": "u-1",
        "properties": {"order_id": "o-1", "total": "secret-value"},
    }
    answer = ask("POST", "/v1/track", order)
    assert (answer.status, answer.json["code"]) == (400, "invalid")
    assert b"secret-value" not in answer.body


def test_events_carry_their_source_and_when_they_were_received(make: Callable[..., Any]) -> None:
    from cxm_sdk.capture import WriteKey

    ask = make([WriteKey("wk-1", "shop"), WriteKey("wk-2", "app")])
    ask("POST", "/v1/track", {**TRACK, "source": "forged", "receivedAt": "2020-01-01T00:00:00Z"})
    ask("POST", "/v1/track", TRACK, key="wk-2")
    one, other = ask.arrived()
    assert (one["source"], other["source"]) == ("shop", "app")
    assert one["receivedAt"] > "2026"


def test_what_clients_say_beside_their_events_is_kept(ask: Any) -> None:
    extra = {"_metadata": {"nodeVersion": "20"}, "channel": "server", "integrations": {"All": True}}
    ask("POST", "/v1/track", {**TRACK, **extra, "context": {"sessionId": 17, "sessionStart": True}})
    (event,) = ask.arrived()
    assert extra.items() <= event.items()
    assert event["context"] == {"sessionId": 17, "sessionStart": True}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b"", 400, "invalid_json"),
        (b"[" * 100_000, 400, "invalid_json"),
        (b'{"batch":' * 300 + b"1" + b"}" * 300, 400, "invalid_json"),
        (b'{"batch":' + b"9" * 5_000 + b"}", 400, "invalid_json"),
        (b"[]", 400, "invalid_body"),
        (b"7", 400, "invalid_body"),
        (b"{}", 400, "no_batch"),
        (b'{"batch":{}}', 400, "no_batch"),
        (b'{"batch":[' + b"1," * 2_500 + b"1]}", 413, "too_many_events"),
        (b"\x1f\x8bdamaged", 400, "invalid_gzip"),
        (gzip.compress(b'{"batch":[]}' * 99, mtime=0)[:-20], 400, "invalid_gzip"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_its_reason(
    ask: Any, body: bytes, status: int, code: str
) -> None:
    answer = ask("POST", "/v1/batch", body)
    assert (answer.status, answer.json["code"]) == (status, code)


def test_an_unknown_encoding_is_refused(ask: Any) -> None:
    answer = ask("POST", "/v1/batch", b"\x28\xb5\x2f\xfd", headers={"content-encoding": "zstd"})
    assert (answer.status, answer.json["code"]) == (415, "encoding")


def test_what_a_browser_sdk_counts_of_itself_is_taken_and_forgotten(ask: Any) -> None:
    assert ask("POST", "/v1/m", {"series": []}, key=None).json == {"success": True}
    assert ask.arrived() == []


def test_an_event_comes_once_however_often_it_is_sent(ask: Any) -> None:
    body = {"batch": [{"type": "track", **TRACK, "messageId": "m-1"}]}
    assert [ask("POST", "/v1/batch", body).statuses for _ in range(3)] == [
        ["accepted"],
        ["duplicate"],
        ["duplicate"],
    ]
    assert len(ask.arrived()) == 1
    assert ask.sink.duplicates == 0


def test_duplicates_are_told_after_a_restart(make: Callable[..., Any]) -> None:
    body = {**TRACK, "messageId": "m-1"}
    first = make()
    assert first("POST", "/v1/track", body).statuses == ["accepted"]
    first.collector.close()
    assert make()("POST", "/v1/track", body).statuses == ["duplicate"]


def test_sources_do_not_shadow_each_other_s_ids(make: Callable[..., Any]) -> None:
    from cxm_sdk.capture import WriteKey

    ask = make([WriteKey("wk-1", "shop"), WriteKey("wk-2", "app")])
    body = {**TRACK, "messageId": "m-1"}
    assert [ask("POST", "/v1/track", body, key=key).statuses for key in ("wk-1", "wk-2", "wk-1")] == [
        ["accepted"],
        ["accepted"],
        ["duplicate"],
    ]
