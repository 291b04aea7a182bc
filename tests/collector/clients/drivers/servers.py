"""Sends the calls of a story with one of the clients for servers: python servers.py CLIENT < RUN.

RUN is {host, writeKey, calls}; a call has the keys of the specification and says its own time. What the client put on
the wire, by its own word, is printed as a JSON list of events.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

Call = dict[str, Any]


def send(client: Any, call: Call) -> tuple[bool, Call]:
    who = {"user_id": call.get("userId"), "anonymous_id": call.get("anonymousId")}
    when = {"timestamp": datetime.fromisoformat(call["timestamp"])}
    match call["type"]:
        case "page" | "screen" as kind:
            where = {"category": call.get("category"), "name": call["name"], "properties": call["properties"]}
            return getattr(client, kind)(**who, **where, **when)
        case "track":
            return client.track(**who, event=call["event"], properties=call["properties"], **when)
        case "identify":
            return client.identify(**who, traits=call["traits"], **when)
        case "group":
            return client.group(**who, group_id=call["groupId"], traits=call["traits"], **when)
        case "alias":
            return client.alias(previous_id=call["previousId"], user_id=call["userId"], **when)
    raise AssertionError(call["type"])


def segment(**options: Any) -> Any:
    from segment.analytics.client import Client

    return Client(**options)


def rudder(**options: Any) -> Any:
    from rudderstack.analytics.client import Client

    return Client(**options)


CLIENTS: dict[str, tuple[Callable[..., Any], bool]] = {
    "segment-python": (segment, False),
    "segment-python-gzip": (segment, True),
    "rudder-python": (rudder, True),
    "rudder-python-plain": (rudder, False),
}


def failed(error: Exception, batch: object) -> None:
    raise SystemExit(f"not delivered: {type(error).__name__}: {error}")


def main() -> None:
    make, gzip = CLIENTS[sys.argv[1]]
    run = json.load(sys.stdin)
    client = make(write_key=run["writeKey"], host=run["host"], gzip=gzip, on_error=failed)
    sent = []
    for call in run["calls"]:
        taken, message = send(client, call)
        assert taken, "the client's queue is full"
        sent.append(message)
    client.shutdown()
    json.dump(sent, sys.stdout, default=str)


if __name__ == "__main__":
    main()
