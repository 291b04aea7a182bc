"""Requests that are read as bytes come to the same as those that are decoded, value by value, and checked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from cxm_sdk.capture import MemorySink
from cxm_sdk.capture.collector import Collector, WriteKey
from cxm_sdk.capture.collector.bodies import decoded
from cxm_sdk.capture.collector.calls import BATCH, CALLS, Envelope, InvalidError, Unread, arrived, opened
from cxm_sdk.capture.collector.reception import _at_once, _written
from cxm_sdk.capture.collector.replies import RefusedError
from cxm_sdk.capture.collector.seen import digest

RECEIVED = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
MICROSECONDS = round(RECEIVED.timestamp() * 1_000_000)
STAMP = "2026-03-01T12:00:00.250Z"
KEY = WriteKey("wk-1", "shöp")
RECEPTION = Collector(MemorySink(), [KEY])._reception

IDS = ("userId", "anonymousId", "groupId", "previousId", "messageId")
TIMES = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")
KEYS = (*IDS, *TIMES, "type", "event", "name", "category", "context", "integrations", "properties", "traits",
        "writeKey", "source", "channel", "user_id", "message_id", "sessionId")  # fmt: skip

odd = st.sampled_from(
    (None, "", " ", " a", "a ", "\u00a0", 0, -0, 7, 7.0, -0.0, 1.5, 10**16, 10**18, 10**400, 0.1 + 0.2, 1e300, 1e-7,
     True, False, "x" * 101, "ä", "\x7f", "\x00", "😀", "\u2028", [], {}, [None], {"a": {"b": [1, {"c": 2}]}})
)  # fmt: skip
ids = st.sampled_from(("u-1", "u-2", "1234", "ada@example.com", "a" * 100))
seconds = st.integers(-40_000_000, 40_000_000)


def time_text(second: int, fine: str, zone: str) -> str:
    moment = datetime.fromtimestamp(RECEIVED.timestamp() // 1 + second, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + fine + zone


near = st.one_of(seconds, st.integers(-15, 15))
fines = st.sampled_from(("", ".123", ".25", ".123456"))
good = st.builds(time_text, near, fines, st.sampled_from(("Z", "Z", "+00:00", "-05:30", "+14:00")))
moments = st.one_of(
    good,
    good,
    good,
    st.builds(
        time_text,
        near,
        st.sampled_from((".1", ".1234567", ".", "")),
        st.sampled_from(("Z", "+0100", "", "z", "+24:00", "-00:00")),
    ),
    st.sampled_from(("2026-02-29T00:00:00Z", "2024-02-29T23:59:59.999Z", "2026-02-30T00:00:00Z", "1899-12-31T00:00:00Z",
                     "2026-03-01 12:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01", "noon", "2026-03-01T12:00Z",
                     "0001-01-01T00:00:00+14:00", "2026-13-01T00:00:00Z", "2026-03-01T12:00:60Z")),
)  # fmt: skip
names = st.sampled_from(
    ("Order Completed", "Product Viewed", "order completed", "Tea Poured", "Cart Viewed", "Téa")
)
amounts = st.sampled_from(
    (42, 42.5, "42.50", "-1", "1e5", "", ".", "5.", ".5", "--1", "1" * 50, "NaN", "٣", 10**15)
)


def few(clean: dict[str, Any]) -> Any:
    """Some of what there may be, mostly as it should be."""
    return st.builds(
        lambda kept, key, value: {**kept, key: value} if key in clean else kept,
        st.fixed_dictionaries({}, optional=clean),
        st.sampled_from(("", "", "", *clean)),
        odd,
    )


products = st.lists(
    few(
        {
            "product_id": st.one_of(ids, st.text(max_size=3)),
            "name": st.text(max_size=5),
            "price": st.one_of(st.sampled_from((4.5, "4.50", 4)), amounts),
            "quantity": st.integers(-2, 10),
        }
    ),
    max_size=3,
)
properties = few(
    {
        "order_id": ids,
        "total": st.one_of(st.sampled_from((42, 42.5, "42.50")), amounts),
        "currency": st.sampled_from(("EUR", "EUR", "eur", "XXY")),
        "products": products,
        "url": st.text(max_size=5),
        "email": st.just("ada@example.com"),
        "birthday": st.one_of(st.just("1990-12-10"), moments),
        "address": st.just({"city": "Linz"}),
        "age": st.integers(-1, 200),
        "anything": odd,
    }
)
contexts = st.fixed_dictionaries(
    {},
    optional={
        "library": st.just({"name": "analytics-node", "version": "3.1.0"}),
        "traits": st.one_of(properties, odd),
        "schema": st.one_of(
            st.sampled_from(("cxm:order_completed/1-0-0", "cxm:order_completed/1-0-9", "other")), odd
        ),
        "ip": st.just("203.0.113.9"),
    },
)
clean = {
    "messageId": ids,
    "userId": ids,
    "timestamp": good,
}
needs = {
    "track": {"event": names, "properties": properties},
    "identify": {"traits": properties},
    "page": {"name": names, "category": st.just("shop"), "properties": properties},
    "screen": {"name": names},
    "group": {"groupId": ids, "traits": properties},
    "alias": {"previousId": ids},
}
oddities = {
    **dict.fromkeys(("userId", "anonymousId", "groupId", "previousId", "messageId"), st.one_of(ids, odd)),
    **dict.fromkeys(
        ("timestamp", "originalTimestamp", "sentAt", "receivedAt"), st.one_of(moments, moments, odd)
    ),
    "type": st.one_of(st.sampled_from(CALLS), odd),
    "event": st.one_of(names, odd),
    "name": st.one_of(names, odd),
    "context": st.one_of(contexts, contexts, odd),
    "integrations": st.one_of(st.just({"All": True}), odd),
    "properties": st.one_of(properties, odd),
    "traits": st.one_of(properties, odd),
    "writeKey": st.one_of(st.just("wk-1"), odd),
    **dict.fromkeys(("category", "source", "user_id", "message_id", "more"), odd),
}


@st.composite
def events(draw: Any, call: str) -> Any:
    """An event as a client would write it, but for a few oddities."""
    call = draw(st.sampled_from(CALLS)) if call == BATCH else call
    event = {"type": call, **draw(st.fixed_dictionaries({**clean, **needs[call]}))}
    if draw(st.booleans()):  # nothing odd about it: most of these are beyond doubt
        return event
    for key in draw(st.lists(st.sampled_from(sorted(oddities)), max_size=2)):
        event[key] = draw(oddities[key])
    if draw(st.integers(0, 4)) == 0:
        del event[draw(st.sampled_from(sorted(event)))]
    return event


@st.composite
def texts(draw: Any, value: Any) -> str:
    """JSON of a value in one of the spellings that there are."""
    ascii_only = draw(st.booleans())
    separators = draw(st.sampled_from(((",", ":"), (", ", ": "), (" ,\n", "\t:\r\n"))))
    return json.dumps(draw(value), ensure_ascii=ascii_only, separators=separators)


BESIDE = (
    '"sentAt":"2026-03-01T11:00:00Z"',
    '"sentAt":"noon"',
    '"sentAt":null',
    '"sentAt":7',
    '"writeKey":"k"',
    '"writeKey":""',
    '"writeKey":null',
    '"writeKey":5',
    '"context":{"ip":"1"}',
    '"context":null',
    '"integrations":{}',
    '"x":[1,2]',
    r'"sent\u0041t":"a"',
    '"batch":[]',
)
DAMAGE = (
    *(
        b"",
        b"NaN",
        b",",
        b'"',
        b"}",
        b"]",
        b"\\",
        b" ",
        b"0",
        b"1e5",
        b"-",
        b"null",
        b'"a":1,',
        b"\x00",
        b"\x7f",
    ),
    *(
        b"\\ud800",
        b"\\ud83d\\ude00",
        b"\xff",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xef\xbb\xbf",
    ),
)


@st.composite
def bodies(draw: Any, call: str) -> bytes:
    """A request, most of them as a client would write it, some of them damaged."""
    one = events(call)
    if draw(st.booleans()):  # as most clients write it
        items = draw(st.lists(one, max_size=3)) if call == BATCH else draw(one)
        return json.dumps({"batch": items} if call == BATCH else items, separators=(",", ":")).encode()
    if call == BATCH:
        items = [draw(texts(st.one_of(one, one, one, one, one, odd))) for _ in range(draw(st.integers(0, 3)))]
        more = draw(st.lists(st.sampled_from(BESIDE), max_size=3))
        parts = draw(st.permutations(['"batch":[' + ",".join(items) + "]", *more]))
        text = "{" + ",".join(parts) + "}"
    else:
        text = draw(texts(one))
    if draw(st.integers(0, 5)) == 0:  # the same key twice, or in another spelling
        extra = draw(st.sampled_from(KEYS))
        spelled = json.dumps(extra) if draw(st.booleans()) else f'"\\u{ord(extra[0]):04x}{extra[1:]}"'
        text = text.replace('"userId"', f'{spelled}:{json.dumps(draw(odd))},"userId"', 1)
    body = text.encode("utf-8", "surrogatepass")
    for _ in range(draw(st.sampled_from((0, 0, 0, 0, 0, 1, 2)))):
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(st.sampled_from(DAMAGE)) + body[at + draw(st.integers(0, 2)) :]
    return body


def read_slowly(body: bytes, call: str, sent_at: str | None) -> Envelope | None:
    try:
        return opened(decoded(body), call, sent_at)
    except RefusedError:
        return None


def check(body: bytes, call: str, sent_at: str | None) -> int:
    """Holds both ways side by side; gives how many events were beyond doubt."""
    slow = read_slowly(body, call, sent_at)
    try:
        quick = arrived(body, call, sent_at)
    except RefusedError:
        assert slow is None
        return 0
    if not isinstance(quick.events, Unread):
        return 0
    assert slow is not None
    assert repr([*quick.events]) == repr(slow.events)
    assert (quick.write_key or None, quick.sent_at or None) == (slow.write_key or None, slow.sent_at or None)
    done = _at_once(quick, KEY, MICROSECONDS, STAMP, None)
    for event, text in zip(slow.events, done, strict=True):
        if text is None:
            continue
        try:
            named, expected = _written(RECEPTION._finished(event, slow, KEY, MICROSECONDS, STAMP))
        except InvalidError as error:
            raise AssertionError(f"taken, though {error}: {text[1]!r}") from None
        assert repr(sorted_of(json.loads(text[1]))) == repr(sorted_of(json.loads(expected)))
        assert text[0] == named == digest(KEY.source, json.loads(expected)["messageId"])
        assert text[1].startswith(b'{"messageId":"')
    return sum(text is not None for text in done)


def sorted_of(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_of(value[key]) for key in sorted(value)}
    return [sorted_of(item) for item in value] if isinstance(value, list) else value


calls = st.sampled_from((BATCH, BATCH, *CALLS))
headers = st.one_of(st.none(), st.none(), moments)


@given(st.data(), calls, headers)
@settings(max_examples=600, deadline=None)
def test_what_is_beyond_doubt_becomes_what_the_checks_make_of_it(
    data: Any, call: str, sent_at: str | None
) -> None:
    check(data.draw(bodies(call)), call, sent_at)


@given(st.binary(max_size=60), calls)
@example(b'{"batch":[{"type":"track"}', BATCH)
@example(b'{"batch":[{"type":"track"},]}', BATCH)
@example(b'{"batch":[,{"type":"track"}]}', BATCH)
@example(b'{"batch":[]}{', BATCH)
@example(b'{"batch":[' + b"[" * 40 + b"]" * 40 + b"]}", BATCH)
@example(b"{", "track")
@example(b'{"a', "track")
@example(b'{"a\\', "track")
@example(b'{"a\\u00', "track")
@example(b'{"a":-', "track")
@example(b'{"a":"\xf0\x9f', "track")
@example(b"", "track")
@settings(max_examples=300, deadline=None)
def test_bytes_without_sense_are_refused_alike(body: bytes, call: str) -> None:
    check(body, call, None)


ORDER = {
    "type": "track",
    "event": "Order Completed",
    "messageId": "m-1",
    "userId": "u-1",
    "anonymousId": None,
    "timestamp": "2026-03-01T11:00:00.000Z",
    "context": {"library": {"name": "x", "version": "1"}, "schema": "cxm:order_completed/1-0-0"},
    "properties": {
        "order_id": "o-1",
        "total": 42.5,
        "currency": "EUR",
        "products": [{"name": "Tée", "price": "4.50"}],
    },
    "integrations": {"All": True},
}


def test_what_real_clients_send_is_beyond_doubt() -> None:
    sent = "2026-03-01T12:00:00.100000+00:00"
    kinds = [
        ORDER,
        {**ORDER, "event": "Tea Poured", "context": {}, "properties": {"cups": 2}, "userId": ""}
        | {"anonymousId": "a"},
        {"type": "page", "name": "Home", "messageId": "m-2", "anonymousId": "a", "originalTimestamp": sent},
        {"type": "group", "groupId": "g", "messageId": "m-3", "userId": "u", "traits": {"name": "Acme"}},
        {"type": "alias", "previousId": "a", "userId": "u", "messageId": "m-4", "sentAt": sent},
        {
            "type": "identify",
            "userId": "u",
            "messageId": "m-5",
            "context": {"traits": {"email": "a@example.com"}},
        },
    ]
    for spelled in (json.dumps, lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))):
        body = spelled({"batch": kinds, "sentAt": sent, "writeKey": "wk-1"}).encode()
        assert check(body, BATCH, None) == len(kinds)
        for kind in kinds:
            assert check(spelled(kind).encode(), str(kind["type"]), sent) == 1
