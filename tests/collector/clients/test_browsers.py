"""Clients for browsers send a story from a page of another origin: it arrives as it was sent, once."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from cxm_sdk.capture.batch import BATCH_EVENTS

from .running import Browser, Event, Served
from .story import VISITOR, by_name, known_in, off_by, story, unlike

Serve = Callable[..., Served]
Open = Callable[..., Browser]
#: What the way from a page's clock to the collector's may take.
NEAR = timedelta(seconds=5)
AHEAD = timedelta(hours=3)
#: Calls of a page: none can say its own time, and the ids are those that the client keeps.
SEGMENT = story(counted=25)
RUDDER = story(without=("screen",), nulls=False, counted=25)
JITSU = story(without=("screen", "alias"), counted=25)
CALLS = {"segment": SEGMENT, "rudder": RUDDER, "jitsu": JITSU}


@pytest.fixture
def open_page(node: dict[str, str], chromium: str) -> Iterator[Open]:
    opened: list[Browser] = []

    def open_(client: str, served: Served, **more: Any) -> Browser:
        run = {
            "chromium": chromium,
            "host": served.url,
            "writeKey": served.write_key,
            "anonymousId": VISITOR,
            **more,
        }
        opened.append(Browser(client, run, node))
        return opened[-1]

    yield open_
    for browser in opened:
        browser.close()


@pytest.mark.parametrize(
    ("client", "sent_on_leaving"),
    [
        ("segment-browser", False),
        ("segment-browser-batching", True),
        ("jitsu-page", False),
        ("rudder-browser", False),
        ("rudder-browser-batching", False),
        ("rudder-browser-beacon", True),
    ],
)
def test_clients_for_browsers(client: str, sent_on_leaving: bool, serve: Serve, open_page: Open) -> None:
    calls = CALLS[client.partition("-")[0]]
    served = serve("shop:key-1" if client.startswith("jitsu") else "key-1")
    page = open_page(client, served, calls=calls)
    assert page.origin != served.url
    sent = page.call()
    early = served.wait_for(len(calls), 2.0 if sent_on_leaving else 60.0)
    assert (len(early) < len(calls)) == sent_on_leaving
    assert page.leave() == {"errors": [], "failed": []}
    served.wait_for(len(calls))
    arrived = served.close()
    assert unlike(calls, arrived) == []
    assert {event["messageId"] for event in arrived} == {event["messageId"] for event in sent}
    assert off_by(arrived, made_at(sent)) < NEAR
    assert known_in(served.graph, calls) == []


@pytest.mark.parametrize("client", ["segment-browser", "rudder-browser"])
def test_a_clock_that_is_hours_ahead_is_put_right(client: str, serve: Serve, open_page: Open) -> None:
    calls = story(without=("screen", "alias"), nulls=False, counted=0)
    served = serve("key-1")
    page = open_page(client, served, calls=calls, clockAhead=AHEAD / timedelta(milliseconds=1))
    sent = page.call()
    arrived = served.wait_for(len(calls))
    page.leave()
    assert len(arrived) == len(calls)
    assert off_by(arrived, {name: time - AHEAD for name, time in made_at(sent).items()}) < NEAR


@pytest.mark.parametrize("client", ["segment-browser", "rudder-browser"])
def test_a_page_that_is_told_to_come_later_does_and_sends_nothing_twice(
    client: str, serve: Serve, open_page: Open
) -> None:
    calls = story(without=("screen", "alias"), nulls=False, counted=0)
    served = serve("key-1", rate=0.5)
    page = open_page(client, served, calls=calls)
    spent = spend(served)
    page.call()
    arrived = served.wait_for(spent + len(calls))[spent:]
    wrong = page.leave()
    assert len(served.close()) == spent + len(calls)
    assert unlike(calls, arrived) == []
    assert {failed.partition(" ")[0] for failed in wrong["failed"]} == {"429"}
    # the browser complains of each answer, and of nothing else: it let the client ask again with all its headers
    assert {"429" in error for error in wrong["errors"]} == {True}


def spend(served: Served) -> int:
    """Sends as many events as the key may send at a time; says how many."""
    body = json.dumps(
        {"batch": [{"type": "track", "event": "Nothing", "anonymousId": "nobody"}] * BATCH_EVENTS}
    )
    address = f"{served.url}/v1/batch?writeKey={served.write_key}"
    with urllib.request.urlopen(address, data=body.encode(), timeout=30) as answer:
        assert answer.status == 200
    return BATCH_EVENTS


def made_at(sent: list[Event]) -> dict[str, datetime]:
    """When each call was made, by the clock of the page."""
    return {
        name: datetime.fromisoformat(event.get("timestamp") or event["originalTimestamp"])
        for name, event in by_name(sent).items()
    }
