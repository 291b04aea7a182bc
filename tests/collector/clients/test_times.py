"""Times of clients that say two of them, which no test can make a real client's clock do."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from .running import Event, Served

HOUR = timedelta(hours=1)


def arrived(served: Served, event: Event, **envelope: Any) -> Event:
    """Sends one event as RudderStack's client for node does, and gives what became of it."""
    body = {"batch": [{"type": "track", "event": "Tea Poured", "userId": "u-1", **event}], **envelope}
    address = f"{served.url}/v1/batch?writeKey={served.write_key}"
    with urllib.request.urlopen(address, data=json.dumps(body).encode(), timeout=30) as answer:
        assert answer.status == 200
    (event,) = served.wait_for(1)
    return event


def test_a_time_that_the_host_gave_is_not_put_right_by_the_clock_of_the_client(
    serve: Callable[[str], Served],
) -> None:
    now = datetime.now(UTC)
    given, noted = now - 48 * HOUR, now + 3 * HOUR
    times = {
        "timestamp": given.isoformat(),
        "originalTimestamp": noted.isoformat(),
        "sentAt": noted.isoformat(),
    }
    found = arrived(serve("key-1"), times)
    assert datetime.fromisoformat(found["timestamp"]) == given
    assert datetime.fromisoformat(found["originalTimestamp"]) == noted


def test_one_time_that_is_said_twice_is_put_right(serve: Callable[[str], Served]) -> None:
    served = serve("key-1")
    now = datetime.now(UTC)
    noted, sent = (now + 2 * HOUR).isoformat(), (now + 3 * HOUR).isoformat()
    found = arrived(served, {"timestamp": noted, "originalTimestamp": noted}, sentAt=sent)
    assert abs(datetime.fromisoformat(found["timestamp"]) - (now - HOUR)) < timedelta(minutes=1)
