"""What is taken from a request, and what nobody can make it take."""

from __future__ import annotations

import json
from http.cookies import SimpleCookie
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk.capture.context import context, current
from cxm_sdk.capture.integrations.request import Request, RequestRules


def request(query: str = "", peer: str = "198.51.100.1", path: str = "/cart", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(
        header=lambda name: named.get(name, ""),
        scheme="https",
        host="shop.example",
        path=path,
        query=query,
        peer=peer,
    )


@pytest.mark.parametrize(
    "stored",
    [
        "67a3-b1",
        '"67a3-b1"',
        "%2267a3-b1%22",
        quote('"67a3-b1"'),
    ],
)
def test_the_anonymous_id_is_read_as_browser_sdks_write_it(stored: str) -> None:
    cookies = f"theme=dark; ajs_anonymous_id={stored}; broken; other=a=b"
    assert RequestRules().context_of(request(cookie=cookies))["anonymous_id"] == "67a3-b1"


@pytest.mark.parametrize("stored", ["", '""', "x" * 201, "%00%1b", "%22%22"])
def test_a_cookie_that_holds_no_id_gives_none(stored: str) -> None:
    known = RequestRules().context_of(request(cookie=f"ajs_anonymous_id={stored}"))
    assert known["anonymous_id"] is None


def test_a_cookie_of_another_name_is_not_taken() -> None:
    rules = RequestRules(cookie="visitor")
    assert rules.context_of(request(cookie="xvisitor=a; visitor=b"))["anonymous_id"] == "b"
    assert rules.context_of(request(cookie="xvisitor=a"))["anonymous_id"] is None


def test_an_issued_cookie_is_read_back_as_the_same_id() -> None:
    rules = RequestRules(issue_cookie=True)
    made, header = rules.new_cookie(request())
    morsel = SimpleCookie(header)["ajs_anonymous_id"]
    assert (morsel["path"], morsel["samesite"], morsel["secure"], morsel["max-age"]) == (
        "/",
        "Lax",
        True,
        "31536000",
    )
    back = rules.context_of(request(cookie=f"{morsel.key}={morsel.value}"))
    assert back["anonymous_id"] == made


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "198.51.100.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "10.6.6.6, 203.0.113.9,192.0.2.4", "203.0.113.9"),
        (2, "203.0.113.9", "198.51.100.1"),
        (1, "", "198.51.100.1"),
        (1, "10.6.6.6,", "198.51.100.1"),
    ],
)
def test_only_what_own_proxies_say_about_the_address_is_believed(
    proxies: int, forwarded: str, expected: str
) -> None:
    rules = RequestRules(trusted_proxies=proxies)
    assert rules.context_of(request(x_forwarded_for=forwarded))["ip"] == expected


def test_query_strings_stay_out_unless_asked_for() -> None:
    asked = request(
        query="email=ada@example.com&utm_source=mail",
        referer="https://user:secret@news.example/post?token=t#top",
    )
    quiet = RequestRules().context_of(asked)
    assert quiet["page"] == {
        "url": "https://shop.example/cart",
        "path": "/cart",
        "referrer": "https://news.example/post",
    }
    assert quiet["campaign"] == {"source": "mail"}
    full = RequestRules(keep_query=True).context_of(asked)["page"]
    assert full == {
        "url": "https://shop.example/cart?email=ada@example.com&utm_source=mail",
        "path": "/cart",
        "search": "?email=ada@example.com&utm_source=mail",
        "referrer": "https://news.example/post?token=t",
    }


def test_a_campaign_has_the_names_of_the_wire() -> None:
    query = (
        "utm_source=mail&utm_medium=email&utm_campaign=spring+sale&utm_term=t&utm_content=c&utm_id=7&utm_x=1"
    )
    assert RequestRules().context_of(request(query=query))["campaign"] == {
        "source": "mail",
        "medium": "email",
        "name": "spring sale",
        "term": "t",
        "content": "c",
        "id": "7",
    }


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de-AT"),
        ("en;q=0.5, fr", "fr"),
        ("*;q=1, nl;q=0.1", "nl"),
        ("", None),
        ("da;q=zero, sv;q=0.2", "sv"),
        ("<script>", None),
        ("en;q=0", None),
    ],
)
def test_the_language_wanted_most_is_the_locale(header: str, expected: str | None) -> None:
    assert RequestRules().context_of(request(accept_language=header))["locale"] == expected


# a text, and how often it is repeated: written out, long ones would be too long for hypothesis to report
outside = st.tuples(st.text(st.characters(max_codepoint=255), max_size=200), st.just(1)) | st.tuples(
    st.text(max_size=3), st.just(2000)
)


@given(st.tuples(*[outside] * 4), st.dictionaries(st.sampled_from(["utm_source", "a"]), outside))
def test_no_request_raises_or_makes_a_context_too_large(
    parts: tuple[tuple[str, int], ...], parameters: dict[str, tuple[str, int]]
) -> None:
    cookie, referer, language, path = (part * times for part, times in parts)
    query = {key: part * times for key, (part, times) in parameters.items()}
    text = "&".join(f"{key}={value}" for key, value in query.items())
    asked = request(
        query=text,
        path=path,
        cookie=f"ajs_anonymous_id={cookie}",
        referer=referer,
        accept_language=language,
        user_agent=language,
        x_forwarded_for=cookie,
        x_request_id=cookie,
    )
    rules = RequestRules(trusted_proxies=1, keep_query=True)
    with context(**rules.context_of(asked)):
        assert len(json.dumps(current(), ensure_ascii=False, separators=(",", ":")).encode()) < 40_000
