"""What every client sends, and how what arrives is held against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cxm_sdk.graph import ProfileGraph

Call = dict[str, Any]
Event = dict[str, Any]

#: Numbered events after the calls of the story; with them there are more than a batch of any client.
COUNTED = 120
USER, VISITOR, FORMER, COMPANY = "user-7", "visitor-7", "former-7", "company-7"
EMAIL = "ada@example.com"
#: When the story begins: lately, as a device that nobody used for long is nobody's, and to the millisecond.
START = datetime.now(UTC).replace(microsecond=123_000) - timedelta(hours=1)
#: What a page from a browser says of itself beside what it was told to.
PLACE = {"path", "referrer", "search", "title", "url", "name", "category", "referring_domain", "tab_url"}
PLACE |= {"initial_referrer", "initial_referring_domain", "hash", "width", "height"}


def story(*, without: Iterable[str] = (), nulls: bool = True, counted: int = COUNTED) -> list[Call]:
    """The calls of a visitor who becomes a customer, each a second after the one before.

    Args:
        without: Calls that a client does not have.
        nulls: Whether there is a property without a value; one client leaves such out.
        counted: Numbered events before the last call.

    Returns:
        The calls, with the keys of the specification.
    """
    anonymous, known = {"anonymousId": VISITOR}, {"anonymousId": VISITOR, "userId": USER}
    order = {
        "order_id": "o-1",
        "total": 42.5,
        "currency": "EUR",
        **({"coupon": None} if nulls else {}),
        "products": [{"product_id": "p-1", "name": "Grüner Tee ☕", "price": 21.25, "quantity": 2}],
    }
    traits = {
        "email": EMAIL,
        "first_name": "Ada",
        "points": 120,
        "address": {"city": "Köln", "country": "DE"},
    }
    numbers = [
        {"type": "track", **known, "event": "Counted", "properties": {"number": n}} for n in range(counted)
    ]
    calls: list[Call] = [
        {"type": "page", **anonymous, "category": "Shop", "name": "Home", "properties": {"section": "tea"}},
        {"type": "track", **anonymous, "event": "Product Viewed", "properties": {"product_id": "p-1"}},
        {"type": "identify", **known, "traits": traits},
        {"type": "track", **known, "event": "Order Completed", "properties": order},
        {"type": "screen", **known, "name": "Receipt", "properties": {"tab": 2}},
        {"type": "alias", "userId": USER, "previousId": FORMER},
        *numbers,
        {"type": "group", **known, "groupId": COMPANY, "traits": {"name": "Engines", "employees": 12}},
    ]
    left_out = set(without)
    calls = [call for call in calls if call["type"] not in left_out]
    for number, call in enumerate(calls):
        call["timestamp"] = (START + timedelta(seconds=number)).isoformat(timespec="milliseconds")
    return calls


def name_of(event: Event) -> str:
    """What tells the events of a story apart."""
    number = (event.get("properties") or {}).get("number", "")
    return f"{event['type']} {event.get('event') or ''} {number}".strip()


def by_name(events: Iterable[Event]) -> dict[str, Event]:
    """Events by what tells them apart."""
    return {name_of(event): event for event in events}


def unlike(calls: list[Call], arrived: list[Event]) -> list[str]:
    """Says where what arrived is not what was called, times and message ids apart; nothing where all is well."""
    asked, came = Counter(map(name_of, calls)), Counter(map(name_of, arrived))
    found = [f"{name}: came {came[name]} times" for name in asked | came if came[name] != asked[name]]
    events = by_name(arrived)
    for name, call in by_name(calls).items():
        if name in events:
            found += [f"{name}: {key} differs" for key in sorted(_keys_unlike(call, events[name]))]
    return found


def _keys_unlike(call: Call, event: Event) -> set[str]:
    """Keys of a call that an event has otherwise."""
    found = {
        key
        for key in call.keys() - {"timestamp", "name", "category"}
        if _value(call, event, key) != call[key]
    }
    said = event.get("properties") or {}  # one client has no other place for what a page is called
    named = call.keys() & {"name", "category"}
    return found | {key for key in named if call[key] not in (event.get(key), said.get(key))}


def _value(call: Call, event: Event, key: str) -> Any:
    value = event.get(key)
    if key == "traits" and call["type"] == "identify":  # one client has them in the context alone
        return {**((event.get("context") or {}).get("traits") or {}), **(value or {})}
    if key == "properties" and call["type"] in ("page", "screen"):
        return {name: one for name, one in (value or {}).items() if name in call[key] or name not in PLACE}
    return value


def off_by(arrived: list[Event], times: dict[str, datetime]) -> timedelta:
    """The most that any event is off the time that it should have."""
    return max(abs(datetime.fromisoformat(event["timestamp"]) - times[name_of(event)]) for event in arrived)


def known_in(file: Path, calls: list[Call]) -> list[str]:
    """Says where a graph does not know who the customer of a story is and was; nothing where all is well."""
    found = []
    kinds = {call["type"] for call in calls}
    with ProfileGraph(file, read_only=True) as graph:
        ada = graph.profile("user_id", USER)
        names = [("email", EMAIL), ("anonymous_id", VISITOR)]
        names += [("anonymous_id", FORMER)] if "alias" in kinds else []
        found += [namespace for namespace, value in names if graph.profile(namespace, value).id != ada.id]
        found += ["traits"] if ada.traits.get("points") != 120 else []
        timeline = ada.timeline(limit=None)
        found += ["timeline"] if len(timeline) != len(calls) else []
        anonymous = {name_of(entry.item) for entry in timeline if entry.attributed}
        found += ["the past"] if not {"page", "track Product Viewed"} <= anonymous else []
        found += ["others"] if graph.health().profiles != 1 else []
    return found
