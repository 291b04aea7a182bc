"""Another configuration or model: what it would change, and changing it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from cxm_sdk.identity.ownership import END
from cxm_sdk.identity.record_blocks import identifier_key
from cxm_sdk.profiles.store import ProfileStore
from cxm_sdk.profiles.updating import Outcome, Update

__all__ = ["Move", "copy", "differences", "partition", "resolve_anew"]

#: Items taken over at a time.
PORTION = 500


@dataclass(frozen=True, slots=True)
class Move:
    """Profiles that come out otherwise.

    Attributes:
        before: Ids of the profiles that hold the evidence now.
        after: Ids of those that would hold it.
        kind: ``merge``, ``split``, or ``both``.
        items: Records and events concerned.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    kind: str
    items: int


def partition(store: ProfileStore) -> dict[bytes, bytes]:
    """Which profile each item belongs to.

    Args:
        store: The store.

    Returns:
        Profile ids by key of the item; items that name nobody are left out.
    """
    return dict(store.assignments())


def differences(before: Mapping[bytes, bytes], after: Mapping[bytes, bytes]) -> list[Move]:
    """Lists the groups of profiles that two partitions make otherwise.

    Args:
        before: Profile ids by key of the item.
        after: The same.

    Returns:
        The groups, in the order of their first id; those that only have another id are left out.
    """
    meets: dict[tuple[str, bytes], set[tuple[str, bytes]]] = {}
    items: dict[bytes, int] = {}
    for key, old in before.items():
        items[old] = items.get(old, 0) + 1
        new = after.get(key)
        if new is not None:
            meets.setdefault(("old", old), set()).add(("new", new))
            meets.setdefault(("new", new), set()).add(("old", old))
    found, seen = [], set[tuple[str, bytes]]()
    for start in sorted(meets):
        if start in seen:
            continue
        waiting, group = [start], {start}
        while waiting:
            for other in meets[waiting.pop()] - group:
                group.add(other)
                waiting.append(other)
        seen |= group
        olds, news = (sorted(one for side, one in group if side == wanted) for wanted in ("old", "new"))
        if len(olds) == len(news) == 1:
            continue
        kind = "merge" if len(news) == 1 else "split" if len(olds) == 1 else "both"
        sides = tuple(one.hex() for one in olds), tuple(one.hex() for one in news)
        found.append(Move(*sides, kind, sum(items[one] for one in olds)))
    return sorted(found, key=lambda move: move.before)


def copy(store: ProfileStore, other: Update, *, until: int = END) -> None:
    """Puts what a store holds into a batch of another one.

    Args:
        store: Where it lies.
        other: The batch, in a transaction of the other store.
        until: Microseconds since 1970; what was observed later is left out.
    """
    items = []
    for stored in store.all_items():
        if stored.at > until:
            continue
        items.append((json.loads(stored.body), stored.at))
        if len(items) == PORTION:
            _take(items, other)
    _take(items, other)
    for decision in store.decisions():
        if decision.at <= until:
            other.decisions.put(decision)
    other.finish(Outcome())


def _take(items: list[tuple[object, int]], other: Update) -> None:
    if items:
        read, _ = other.reader.read([body for body, _ in items], max(at for _, at in items))
        other.add(read, Outcome())
        items.clear()


def resolve_anew(update: Update) -> None:
    """Resolves everything a store holds under the configuration of a batch.

    Args:
        update: The batch, in a transaction of the store.
    """
    store = update.store
    update.keep(store.all_nodes(), keyed=False)  # what an identifier is may have changed
    store.forget_findings()
    for stored in list(store.all_items()):
        read, _ = update.reader.read([json.loads(stored.body)], stored.at)
        item = read[0] if read else None
        devices = [(identifier_key(name, value), name, value) for name, value in item.devices] if item else []
        node = update.take_over(stored, item)
        if node != stored.node or devices:
            store.rebind(stored.item, stored.at, node, devices)
    update.start_over()
    update.finish(Outcome())
