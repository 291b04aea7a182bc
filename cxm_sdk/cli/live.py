"""What the live page of ``cxm serve --demo`` shows: the last events of a graph, and whose they are."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import Any

from cxm_sdk.errors import CxmError
from cxm_sdk.graph import ProfileGraph
from cxm_sdk.profiles.evidence import moment
from cxm_sdk.profiles.profile import Profile

__all__ = ["GraphScene"]

#: Events, people and visitors together, and entries of a person's timeline that are shown.
EVENTS, PEOPLE, ENTRIES = 40, 8, 12
#: Latest items that are looked at for people and visitors.
RECENT = 500
_NAMES = ("name", "product", "title", "category", "order_id")
"""Where an event says what it is about, best first."""


class GraphScene:
    """The last events of a graph, the people they are of, and the visitors whom nobody knows yet.

    Args:
        graph: The graph; it is only read.

    Example:
        >>> with ProfileGraph(":memory:") as graph:
        ...     _ = graph.ingest({"type": "page", "name": "Home", "anonymousId": "d-1", "timestamp": 1})
        ...     scene = GraphScene(graph).look(None)
        >>> scene["events"][0]["title"], scene["people"], scene["visitors"]
        ('Home', [], [{'value': 'd-1', 'events': 1}])
    """

    def __init__(self, graph: ProfileGraph) -> None:
        self._graph = graph
        self._change = 0  # the last entry of the change feed

    def look(self, seen: int | None) -> dict[str, Any] | None:
        """Gives what there is to see.

        Args:
            seen: ``number`` of what was seen last; None for nothing yet.

        Returns:
            ``number``; ``events``, latest first; ``people``, who did something last first; ``visitors``. None where
            nothing came in, and nobody was merged, split or erased, meanwhile.
        """
        store = self._graph.store
        with store.reading():
            last = store.next_item() - 1
            number = last + self._last_change()
            if number == seen:
                return None
            items = store.items(range(max(last - RECENT + 1, 0), last + 1))
            bodies = [(item, json.loads(item.body)) for item in reversed(items)]
            people, visitors = self._people(Counter(filter(None, (_who(body) for _, body in bodies))))
            return {
                "number": number,
                "events": [_shown(item.record_id, item.at, body) for item, body in bodies[:EVENTS]],
                "people": [_card(profile) for profile in people],
                "visitors": visitors,
            }

    def _last_change(self) -> int:
        """The number of the last entry of the change feed, found in few steps however many there are."""
        changes = self._graph.store.changes
        step = 1
        while changes(self._change, 1):
            if changes(self._change + step, 1):
                self._change += step
                step *= 2
            elif step > 1:
                step //= 2
            else:
                self._change += 1
        return self._change

    def _people(self, named: Counter[tuple[str, str]]) -> tuple[list[Profile], list[dict[str, Any]]]:
        """Finds whom events name, latest first: people, and visitors who are nobody yet with their number of events."""
        people, visitors = dict[str, Profile](), list[dict[str, Any]]()
        for name, count in named.items():
            if len(people) + len(visitors) == PEOPLE:
                break
            try:
                found = self._graph.profile(*name)
                people.setdefault(found.id, found)
            except CxmError:  # nobody's yet, or of too many people
                visitors.append({"value": name[1], "events": count})
        return list(people.values()), visitors


def _who(body: dict[str, Any]) -> tuple[str, str] | None:
    """Whom an event names, the customer before the browser."""
    for key, namespace in (("userId", "user_id"), ("anonymousId", "anonymous_id")):
        if body.get(key):
            return namespace, str(body[key])
    return None


def _shown(name: str, at: int, body: dict[str, Any]) -> dict[str, Any]:
    """One event, in a line."""
    who = {key: body.get(key) or None for key in ("userId", "anonymousId")}
    return {"id": name, "at": moment(at), **_told(body), **who}


def _told(body: dict[str, Any]) -> dict[str, str]:
    """What an event says, in two pieces of text."""
    kind = str(body.get("type", "record"))
    said = body.get("traits") if kind in ("identify", "group") else body.get("properties")
    said = said if isinstance(said, dict) else {}
    if kind in ("page", "screen"):
        return {"kind": kind, "title": str(body.get("name") or kind), "detail": ""}
    detail = next((str(said[key]) for key in _NAMES if said.get(key)), "")
    if kind == "identify":
        detail = ", ".join(sorted(said))
    title = {"track": body.get("event"), "group": body.get("groupId"), "alias": body.get("previousId")}
    return {"kind": kind, "title": str(title.get(kind) or body.get("userId") or kind), "detail": detail}


def _card(profile: Profile) -> dict[str, Any]:
    """One person."""
    golden = {field: one.value for field, one in profile.golden.items()}
    name = " ".join(golden[part] for part in ("first_name", "last_name") if part in golden)
    held = profile.identifiers
    return {
        "id": profile.id,
        "name": name or golden.get("full_name") or (held[0].value if held else profile.id[:8]),
        "identifiers": [
            {"namespace": one.namespace, "value": one.value, "shared": one.shared} for one in held
        ],
        "traits": {
            key: value for key, value in profile.traits.items() if isinstance(value, str | int | float)
        },
        "consent": profile.consent,
        "devices": [asdict(owned) for owned in profile.devices],
        "timeline": [
            {"id": entry.id, "at": entry.at, "anonymous": entry.attributed, **_told(entry.item)}
            for entry in profile.timeline(limit=ENTRIES)
        ],
    }
