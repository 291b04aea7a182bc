"""Households: profiles that share a home, a phone or a mailbox, found when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from cxm_sdk._native import cluster as native
from cxm_sdk.identity.clustering import FAINTEST_HOME, LOUDEST, UNSEEN
from cxm_sdk.profiles.store import NodeRow, ProfileStore

__all__ = ["household_of"]

#: Profiles that hang together by household links up to which a home is looked for; more are a neighbourhood.
LARGEST = 1000


def household_of(store: ProfileStore, profile: bytes) -> tuple[bytes, list[bytes]] | None:
    """Finds who lives with somebody.

    Profiles that hang together by links at which one household is likelier than strangers are split as people are:
    homes are joined while the mean between them speaks for it, heaviest first, and pairs that were never weighed
    speak against it.

    Args:
        store: The store.
        profile: A live profile.

    Returns:
        Id of the household and its profiles, ascending; None for somebody who lives alone.
    """
    rows = {profile: store.nodes_of_profile(profile)}
    bits: dict[tuple[bytes, bytes], float] = {}
    waiting = [profile]
    while waiting and len(rows) <= LARGEST:
        mine = waiting.pop()
        numbers = {row.node for row in rows[mine]}
        links = [link for link in store.links_of_nodes(numbers) if link.household >= FAINTEST_HOME]
        others = store.profiles_of_nodes({n for link in links for n in (link.a, link.b)} - numbers)
        for link in links:
            theirs = others.get(link.b if link.a in numbers else link.a)
            if theirs is None or theirs == mine:
                continue
            pair = min(mine, theirs), max(mine, theirs)
            # The closest pair of records speaks for two profiles.
            bits[pair] = max(min(link.household, LOUDEST), bits.get(pair, -LOUDEST))
            if theirs not in rows:
                rows[theirs] = store.nodes_of_profile(theirs)
                waiting.append(theirs)
    if len(rows) < 2 or len(rows) > LARGEST:
        return None
    home = next(home for home in _homes(rows, bits) if profile in home)
    if len(home) < 2:
        return None
    first = min((row for one in home for row in rows[one]), key=_age)
    source, record_id = first.named
    name = f"{len(source)}:{source}{record_id}"
    return blake2b(name.encode(), digest_size=16, person=b"household").digest(), sorted(home)


def _age(row: NodeRow) -> tuple[int, bytes, bytes]:
    return row.first, *_order(row)


def _order(row: NodeRow) -> tuple[bytes, bytes]:
    source, record_id = row.named
    return source.encode(), record_id.encode()


def _homes(rows: dict[bytes, list[NodeRow]], bits: dict[tuple[bytes, bytes], float]) -> Sequence[list[bytes]]:
    ordered = sorted(rows, key=lambda one: min(map(_order, rows[one])))
    place = {one: position for position, one in enumerate(ordered)}
    pairs = sorted((*sorted((place[a], place[b])), weight) for (a, b), weight in bits.items())
    left, right = (np.array([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    weight = np.array([pair[2] for pair in pairs], np.float64)
    none, labels = np.zeros((len(ordered), 0), np.int32), np.empty(len(ordered), np.int32)
    native.agglomerate(left, right, weight, none, none, UNSEEN, labels, np.zeros(len(pairs), np.uint8))
    homes: dict[int, list[bytes]] = {}
    for one, label in zip(ordered, labels.tolist(), strict=True):
        homes.setdefault(label, []).append(one)
    return list(homes.values())
