"""Nobody gets in, and nobody learns anything."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from typing import Any

import pytest

from cxm_sdk.capture import ReadKey, WriteKey
from cxm_sdk.capture.collector.keys import find, hashed
from cxm_sdk.errors import InputError

SECRET = "read-secret-0123456789"
TRACK = {"event": "E", "userId": "u-1"}


class Nobody:
    """Profiles of which there are none; keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def __getattr__(self, part: str) -> Callable[..., Any]:
        return lambda *asked: self.asked.append((part, *asked)) or {"profile_id": "p"}  # type: ignore[func-returns-value]


def test_a_key_is_compared_with_every_hash_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []
    real = hmac.compare_digest

    def noted(a: Any, b: Any) -> bool:
        compared.append((a, b))
        return real(a, b)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    keys = [WriteKey(f"wk-{number}", f"s-{number}") for number in range(5)]
    for given in ("wk-0", "wk-4", "nope", ""):
        compared.clear()
        find(keys, given)
        assert compared == [(key.key, hashed(given) if given else compared[0][1]) for key in keys]


def test_keys_are_kept_as_hashes_and_shown_nowhere() -> None:
    key, secret = WriteKey("wk-1", "shop"), ReadKey(SECRET)
    assert "wk-1" not in repr(vars(key)) + repr(key)
    assert SECRET not in repr(vars(secret)) + repr(secret)
    assert WriteKey(hashed("wk-1")).key == key.key
    assert find([WriteKey(hashed("wk-1"))], hashed("wk-1")) is None  # the hash itself opens nothing


@pytest.mark.parametrize("given", ["wk-", "wk-11", "WK-1", "", "wk-1 ", "ключ", "\ud800"])
def test_what_only_looks_like_a_key_opens_nothing(given: str) -> None:
    assert find([WriteKey("wk-1")], given) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Basic"},
        {"authorization": "Basic !!!"},
        {"authorization": "Basic " + "A" * 5_000},
        {"authorization": "Basic /////w=="},
        {"authorization": "Bearer wk-1"},
        {"authorization": "Basic bm9wZTo=", "x-write-key": "wk-1"},
        {"x-write-key": " "},
    ],
)
def test_a_request_without_a_key_is_refused_and_clients_do_not_repeat_it(
    ask: Any, headers: dict[str, str]
) -> None:
    answer = ask("POST", "/v1/track", TRACK, key=None, headers=headers)
    assert (answer.status, answer.json["code"]) == (401, "unauthorized")
    assert answer.json["message"]
    assert answer.json["detail"]


@pytest.mark.parametrize("part", ["", "/context", "/timeline", "/consent"])
def test_profiles_are_off_unless_a_secret_is_set(ask: Any, part: str) -> None:
    assert ask("GET", f"/v1/profiles/email/a@example.com{part}").status == 404


@pytest.mark.parametrize("part", ["", "/context", "/timeline", "/consent"])
def test_only_the_secret_opens_profiles(make: Callable[..., Any], part: str) -> None:
    asked = Nobody()
    ask = make(["wk-1"], profiles=asked, read_keys=[ReadKey(SECRET)])
    path = f"/v1/profiles/email/a@example.com{part}"
    refused = (
        {"key": None},
        {"key": "wk-1"},
        {"key": SECRET},  # not as a user of Basic
        {"key": None, "headers": {"authorization": "Bearer wk-1"}},
        {"key": None, "headers": {"authorization": "Bearer "}},
        {"key": None, "headers": {"x-write-key": SECRET}},
        {"key": None, "query": f"writeKey={SECRET}"},
    )
    for options in refused:
        answer = ask("GET", path, **options)
        assert answer.status == 401
    assert asked.asked == []
    assert ask("GET", path, key=None, headers={"authorization": f"Bearer {SECRET}"}).status == 200


def test_the_secret_writes_nothing(make: Callable[..., Any]) -> None:
    ask = make(["wk-1"], profiles=Nobody(), read_keys=[ReadKey(SECRET)])
    assert ask("POST", "/v1/track", TRACK, key=SECRET).status == 401
    assert ask("POST", "/v1/track", {**TRACK, "writeKey": SECRET}, key=None).status == 401


@pytest.mark.parametrize(
    "path", ["/v1/profiles/email/a@example.com", "/v1/webhooks/hubspot", "/metrics", "/healthz"]
)
def test_pages_are_never_let_to_what_is_not_theirs(make: Callable[..., Any], path: str) -> None:
    ask = make(["wk-1"], profiles=Nobody(), read_keys=[ReadKey(SECRET)])
    asked = {
        "origin": "https://shop.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization",
    }
    assert ask("OPTIONS", path, key=None, headers=asked).status == 405
    for method in ("OPTIONS", "GET", "POST"):
        answer = ask(
            method, path, key=None, headers={"authorization": f"Bearer {SECRET}", "origin": asked["origin"]}
        )
        assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/profiles/email/a%2Fb%40example.com", ("profile", "email", "a/b@example.com")),
        ("/v1/profiles/email/%2E%2E%2F%2E%2E%2Fetc", ("profile", "email", "../../etc")),
        ("/v1/profiles/email/consent", ("profile", "email", "consent")),
        ("/v1/profiles/email/a/consent", ("consent", "email", "a")),
        ("/v1/profiles/email/a%2Fconsent", ("profile", "email", "a/consent")),
        ("/v1/profiles/email/%27%20OR%201%3D1--", ("profile", "email", "' OR 1=1--")),
    ],
)
def test_a_value_is_taken_as_it_stands(
    make: Callable[..., Any], path: str, expected: tuple[str, ...]
) -> None:
    asked = Nobody()
    ask = make(["wk-1"], profiles=asked, read_keys=[ReadKey(SECRET)])
    assert ask("GET", path, key=None, headers={"authorization": f"Bearer {SECRET}"}).status == 200
    assert asked.asked == [expected]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/profiles/email/",
        "/v1/profiles//a",
        "/v1/profiles/email/a%00b",
        "/v1/profiles/email/a%0D%0Ab",
        "/v1/profiles/email/%FF",
        "/v1/profiles/email/a/secrets",
        "/v1/profiles/../metrics",
        "//v1/track",
        "/v1/%74rack/x",
        "/",
    ],
)
def test_tricks_with_paths_lead_nowhere(make: Callable[..., Any], path: str) -> None:
    asked = Nobody()
    ask = make(["wk-1"], profiles=asked, read_keys=[ReadKey(SECRET)])
    assert ask("GET", path, key=None, headers={"authorization": f"Bearer {SECRET}"}).status == 404
    assert asked.asked == []


def test_nothing_of_a_request_is_logged_or_told(
    make: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        identity = "broken"

        def send(self, batch: Any) -> None:
            raise RuntimeError(f"private: {batch.events!r}")

    class Failing(Nobody):
        def __getattr__(self, part: str) -> Callable[..., Any]:
            raise RuntimeError("private-value@example.com")

    caplog.set_level(logging.DEBUG)
    ask = make(["wk-private-1"], sink=Broken(), profiles=Failing(), read_keys=[ReadKey(SECRET)])
    event = {"event": "E", "userId": "private-value@example.com"}
    answers = [
        ask("POST", "/v1/track", event, key="wk-private-1"),
        ask("POST", "/v1/track", event, key="wk-private-2"),
        ask("POST", "/v1/track", {**event, "timestamp": "private-value@example.com"}, key="wk-private-1"),
        ask("POST", "/v1/track", b"private-value@example.com", key="wk-private-1"),
        ask(
            "GET",
            "/v1/profiles/email/private-value@example.com",
            headers={"authorization": f"Bearer {SECRET}"},
        ),
        ask("GET", "/private-value@example.com"),
    ]
    ask.collector.flush(0.5)
    assert [answer.status for answer in answers] == [200, 401, 400, 400, 500, 404]
    assert caplog.records
    for text in (caplog.text, *(answer.body.decode() for answer in answers)):
        assert "private" not in text
        assert SECRET not in text
        assert "Traceback" not in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"keys": []},
        {"keys": ["wk-1", "wk-1"]},
        {"keys": [""]},
        {"keys": ["wk-1"], "read_keys": [ReadKey(SECRET)]},
        {"keys": ["wk-1"], "profiles": Nobody()},
        {"keys": [SECRET], "profiles": Nobody(), "read_keys": [ReadKey(SECRET)]},
    ],
)
def test_keys_that_make_no_sense_are_refused_at_once(make: Callable[..., Any], wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        make(**wrong)


def test_weak_settings_of_keys_are_refused() -> None:
    for wrong in ({"origins": ["*"]}, {"origins": ["shop.example"]}, {"rate": 0.0}, {"source": ""}):
        with pytest.raises(InputError):
            WriteKey("wk-1", **{"source": "shop", **wrong})  # type: ignore[arg-type]
    with pytest.raises(InputError):
        ReadKey("short")


def test_an_answer_can_be_neither_guessed_at_nor_kept(ask: Any) -> None:
    answer = ask("GET", "/healthz")
    assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == (
        "nosniff",
        "no-store",
    )
