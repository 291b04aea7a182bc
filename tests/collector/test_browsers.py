"""What a browser needs before it sends, and which pages it may send from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cxm_sdk.capture import WriteKey

PAGE = "https://shop.example"
TRACK = {"event": "E", "userId": "u-1"}


def preflight(ask: Any, path: str, names: str, origin: str = PAGE) -> Any:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": names,
    }
    return ask("OPTIONS", path, key=None, headers=headers)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/v1/t", "authorization"),
        ("/v1/b", "authorization,x-retry-count"),
        ("/v1/track", "anonymousid,authorization,content-type,sentat"),
        ("/sourceConfig/", "authorization"),
        ("/v1/projects/wk-1/settings", "authorization"),
        ("/api/s/track", "content-type,x-write-key,x-ip-policy,x-enable-debug"),
    ],
)
def test_a_preflight_gets_the_names_that_it_asks_for(ask: Any, path: str, names: str) -> None:
    answer = preflight(ask, path, names)
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert set(answer.headers["access-control-allow-headers"].split(",")) == set(names.split(","))
    assert int(answer.headers["access-control-max-age"]) > 0
    assert answer.headers["vary"] == "Origin"


def test_a_preflight_gets_no_other_names(ask: Any) -> None:
    answer = preflight(ask, "/v1/t", "authorization, X-Evil, cookie")
    assert answer.headers["access-control-allow-headers"] == "authorization"


def test_a_page_may_read_answers_and_when_to_come_again(ask: Any) -> None:
    for path, body in (("/v1/t", TRACK), ("/v1/t", {}), ("/v1/m", {})):
        answer = ask("POST", path, body, headers={"origin": PAGE})
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert "Retry-After" in answer.headers["access-control-expose-headers"]


def test_a_key_lets_only_its_own_pages_in(make: Callable[..., Any]) -> None:
    ask = make(
        [WriteKey("wk-1", "shop", origins=[PAGE]), WriteKey("wk-2", "blog", origins=["https://blog.example"])]
    )
    assert ask("POST", "/v1/t", TRACK, headers={"origin": PAGE}).status == 200
    assert ask("POST", "/v1/t", TRACK).status == 200  # no browser
    for origin in (
        "https://blog.example",
        "https://evil.example",
        "null",
        "https://shop.example.evil.example",
    ):
        answer = ask("POST", "/v1/t", TRACK, headers={"origin": origin})
        assert (answer.status, answer.json["code"]) == (403, "origin")
        assert "access-control-allow-origin" not in answer.headers
    assert preflight(ask, "/v1/t", "authorization", "https://blog.example").status == 204
    refused = preflight(ask, "/v1/t", "authorization", "https://evil.example")
    assert refused.status == 403
    assert "access-control-allow-origin" not in refused.headers


def test_settings_tell_both_browser_sdks_where_they_are(ask: Any) -> None:
    settings = ask("GET", "/v1/projects/wk-1/settings", key=None).json["integrations"]["Segment.io"]
    assert (settings["apiKey"], settings["apiHost"], settings["protocol"]) == (
        "wk-1",
        "events.example/v1",
        "http",
    )
    for query, key in (("writeKey=wk-1", None), ("p=npm&v=3", "wk-1")):
        source = ask("GET", "/sourceConfig/", key=key, query=query).json["source"]
        assert source["enabled"] is True
        assert (source["writeKey"], source["destinations"]) == ("wk-1", [])
        assert {"id", "name", "workspaceId", "config", "connections", "dataplanes"} <= source.keys()


def test_settings_name_the_place_where_the_collector_is_mounted(ask: Any) -> None:
    answer = ask("GET", "/collect/v1/projects/wk-1/settings", key=None, root_path="/collect")
    assert answer.json["integrations"]["Segment.io"]["apiHost"] == "events.example/collect/v1"
    assert ask("POST", "/collect/v1/t", TRACK, root_path="/collect").status == 200


@pytest.mark.parametrize("host", ['evil"><script>', "evil.example/path", "a b", "evil\\", "[::1"])
def test_a_host_that_is_none_does_not_get_into_settings(ask: Any, host: str) -> None:
    answer = ask("GET", "/v1/projects/wk-1/settings", key=None, headers={"host": host})
    assert answer.json["integrations"]["Segment.io"]["apiHost"] == "localhost/v1"


def test_settings_of_an_unknown_key_are_refused(ask: Any) -> None:
    assert ask("GET", "/v1/projects/nope/settings", key=None).status == 401
    assert ask("GET", "/sourceConfig/", key=None).status == 401


def test_other_methods_are_refused_by_name(ask: Any) -> None:
    answer = ask("GET", "/v1/track")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    answer = ask("DELETE", "/healthz")
    assert (answer.status, answer.headers["allow"]) == (405, "GET")
    assert ask("HEAD", "/healthz").body == b""
