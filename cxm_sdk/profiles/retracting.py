"""Records that a source no longer has: from a time on they say nothing, in whatever order what they said comes.

A deletion is kept as evidence, as the last version of its record, and apart from that for the record's parts: items
such as a single changed property, whose ids are the record's own with a slash and a name behind it. A version of the
record that is later than its deletion brings it back; parts that are older than it never come back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cxm_sdk.errors import InputError
from cxm_sdk.identity.record_blocks import identifier_key
from cxm_sdk.identity.sharing import MOST_HOLDERS
from cxm_sdk.profiles.evidence import Evidence, Rejection, evidence_key, moment
from cxm_sdk.profiles.session import Session
from cxm_sdk.profiles.store import ProfileStore, Stored
from cxm_sdk.profiles.updating import Outcome

__all__ = ["retract_deleted", "retract_item", "tombstones", "without_gone"]

#: Parts the id of a record from the names of its parts.
PART = "/"


def tombstones(source: str, record_id: str, at: int) -> list[dict[str, Any]]:
    """What a graph keeps of a deletion.

    Args:
        source: Source of the record.
        record_id: Its id there.
        at: When it was deleted, microseconds since 1970.

    Returns:
        Two records that say nothing: one in place of the record, one for its parts.

    Example:
        >>> [one["record_id"] for one in tombstones("crm.contact", "17", 0)]
        ['17', '17/']
    """
    told = {"source": source, "observed_at": moment(at), "deleted": True}
    return [{**told, "record_id": record_id}, {**told, "record_id": record_id + PART}]


def without_gone(store: ProfileStore, items: Sequence[Evidence]) -> tuple[list[Evidence], int]:
    """Leaves out parts of records that were deleted since.

    Args:
        store: The store.
        items: Evidence.

    Returns:
        What still says something, and how many parts do not.
    """
    wholes = {item.key: found for item in items if (found := _wholes(item))}
    if not wholes:
        return list(items), 0
    wanted = dict.fromkeys(key for found in wholes.values() for key in found)
    gone = {key: stored.at for key, stored in store.existing(wanted).items()}
    kept = [
        item
        for item in items
        if all(item.at > gone.get(key, item.at - 1) for key in wholes.get(item.key, ()))
    ]
    return kept, len(items) - len(kept)


def _wholes(item: Evidence) -> list[bytes]:
    """Keys of the deletions that would take an item along: of what it may be a part of."""
    name = item.record_id
    if item.kind != "record" or PART not in name:
        return []
    return [evidence_key(item.source, name[: i + 1]) for i in range(1, len(name) - 1) if name[i] == PART]


def retract_item(session: Session, source: str, record_id: str) -> bool:
    """Takes one item away, as if it had never been sent.

    Args:
        session: The store, and what its evidence means.
        source: Its source.
        record_id: Its id there.

    Returns:
        Whether it was there.

    Raises:
        StoreError: When the store cannot be written to.
    """
    with session.writing() as update:
        key = evidence_key(source, record_id)
        found = session.store.existing([key]).get(key)
        if found is None:
            return False
        update.forget(found)
        update.finish(Outcome())
    return True


def retract_deleted(
    session: Session, source: str, record_id: str, at: int, person: tuple[str, str]
) -> tuple[int, list[Rejection]]:
    """Takes a record away that its source no longer has, with its parts.

    Args:
        session: The store, and what its evidence means.
        source: Source of the record.
        record_id: Its id there.
        at: When it was deleted, microseconds since 1970.
        person: Namespace and value of the id that its parts name.

    Returns:
        Changes made, and what is wrong with the deletion; nothing is retracted then.

    Raises:
        StoreError: When the store cannot be written to.
    """
    outcome = Outcome()
    with session.writing() as update:
        read, rejected = update.reader.read(tombstones(source, record_id, at), update.now)
        if rejected:
            return 0, rejected[:1]
        update.add(read, outcome)
        for stored in _parts(session, source, record_id, person):
            if stored.at <= at:
                update.forget(stored)
        update.finish(outcome)
    return outcome.changes, []


def _parts(session: Session, source: str, record_id: str, person: tuple[str, str]) -> list[Stored]:
    """Finds the parts of a record."""
    store = session.store
    try:
        namespace, form = session.names.identifier(*person)
    except InputError:  # an id that names nobody, or of no namespace: no part was kept under it
        return []
    rows = store.nodes(store.holders(identifier_key(namespace, form), MOST_HOLDERS))
    named = [row.named for row in rows]
    keys = [
        evidence_key(own, name) for own, name in named if own == source and name.startswith(record_id + PART)
    ]
    return list(store.existing(keys).values())
