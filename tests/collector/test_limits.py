"""Limits on everything that a sender decides, and what it is told at them."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from cxm_sdk.capture import WriteKey
from cxm_sdk.capture.collector import app, bodies

TRACK = {"type": "track", "event": "E", "userId": "u-1"}


def test_a_source_that_sends_more_than_it_may_is_told_when_to_come_again(make: Callable[..., Any]) -> None:
    ask = make([WriteKey("wk-1", "shop", rate=10.0), "wk-2"])
    assert ask("POST", "/v1/batch", {"batch": [TRACK] * 2_500}).status == 200
    answer = ask("POST", "/v1/batch", {"batch": [TRACK] * 50})
    assert (answer.status, answer.json["code"]) == (429, "rate_limited")
    assert answer.headers["retry-after"] == answer.headers["x-ratelimit-reset"]
    assert 1 <= int(answer.headers["retry-after"]) <= 5
    assert ask("POST", "/v1/batch", {"batch": [TRACK] * 50}, key="wk-2").status == 200


def test_a_body_that_is_too_long_is_refused_before_it_is_read(ask: Any) -> None:
    answer = ask("POST", "/v1/batch", headers={"content-length": "1073741824"}, parts=[])
    assert (answer.status, answer.headers["connection"]) == (413, "close")


def test_a_body_a_little_too_long_is_read_to_its_end_so_that_its_sender_reads_the_answer(ask: Any) -> None:
    parts = [bytes(1 << 20)] * 5
    answer = ask("POST", "/v1/batch", headers={"content-length": "0"}, parts=parts)
    assert (answer.status, "connection" in answer.headers) == (413, False)
    answer = ask("POST", "/v1/batch", headers={"content-length": "0"}, parts=[bytes(1 << 20)] * 20)
    assert (answer.status, answer.headers["connection"]) == (413, "close")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(ask: Any) -> None:
    bomb = gzip.compress(bytes(1 << 28))
    assert len(bomb) < bodies.BODY_BYTES
    for _ in range(3):
        answer = ask("POST", "/v1/batch", bomb)
        assert (answer.status, answer.json["code"]) == (413, "oversize")


def test_many_small_members_are_no_way_around_the_limit(ask: Any) -> None:
    answer = ask("POST", "/v1/batch", gzip.compress(bytes(1 << 20)) * 6)
    assert answer.status == 413


def test_bodies_share_a_room_and_the_rest_is_told_to_come_later(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "ROOM_BYTES", 1_000)
    ask = make()
    text = json.dumps({"batch": [TRACK] * 100}).encode()
    answer = ask("POST", "/v1/batch", text)
    assert (answer.status, answer.json["code"]) == (503, "overloaded")
    assert int(answer.headers["retry-after"]) >= 1
    for _ in range(10):  # what was taken was given back
        assert ask("POST", "/v1/track", TRACK).status == 200


def test_a_slow_body_is_given_up(make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "BODY_SECONDS", 0.05)
    ask = make()
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/track", "headers": [], "query_string": b""}
    asyncio.run(ask.collector(scope, receive, send))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


def test_a_full_spool_refuses_events_and_takes_them_again_later(make: Callable[..., Any]) -> None:
    class Stuck:
        identity = "stuck"
        open = False

        def send(self, batch: Any) -> None:
            if not self.open:
                raise OSError("down")

    sink = Stuck()
    ask = make(sink=sink, spool_bytes=100_000)
    body = {"batch": [{**TRACK, "properties": {"text": "x" * 1_000}}] * 40}
    statuses = [ask("POST", "/v1/batch", body).status for _ in range(5)]
    assert statuses == [200, 200, 503, 503, 503]
    answer = ask("POST", "/v1/batch", body)
    assert answer.json["code"] == "overloaded"
    assert int(answer.headers["retry-after"]) >= 1
    assert ask("GET", "/readyz").status == 503
    sink.open = True
    assert ask.collector.flush(20)
    assert ask("POST", "/v1/batch", body).status == 200


def test_a_collector_that_ends_takes_nothing_and_loses_nothing(make: Callable[..., Any]) -> None:
    ask = make()
    assert ask("POST", "/v1/track", TRACK).status == 200
    assert ask.collector.close()
    answer = ask("POST", "/v1/track", TRACK)
    assert (answer.status, answer.json["code"]) == (503, "closing")
    assert ask("GET", "/readyz").status == 503
    assert ask("GET", "/healthz").status == 200
    assert len(ask.sink.events) == 1


def test_a_body_whose_key_is_within_it_has_a_smaller_limit(ask: Any) -> None:
    large = {"batch": [{**TRACK, "properties": {"text": "x" * 20_000}}] * 40, "writeKey": "wk-1"}
    answer = ask("POST", "/v1/batch", large, key=None)
    assert (answer.status, answer.json["code"]) == (413, "oversize")
    packed = gzip.compress(json.dumps(large).encode())
    assert ask("POST", "/v1/batch", packed, key=None).status == 413
    assert ask("POST", "/v1/batch", large, key=None, query="writeKey=wk-1").status == 200
    assert ask("POST", "/v1/batch", large).status == 200
    small = {**large, "batch": large["batch"][:20]}
    assert ask("POST", "/v1/batch", small, key=None).status == 200
