"""Erasure: evidence goes, neighbours are as if it had never been, and what is sent again does not bring it back."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.profiles.evidence import Evidence
from cxm_sdk.profiles.store import ProfileStore
from cxm_sdk.profiles.verdicts import identifier_token

__all__ = ["Certificate", "identifier_digest", "item_digest", "remains", "said_by", "without_buried"]

#: Shorter texts are found everywhere by chance.
SHORTEST = 5


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an erasure did.

    Attributes:
        at: When, ISO 8601.
        profiles: Ids of the profiles that are gone, or have lost evidence.
        items: Records and events that are gone.
        tombstones: Keyed digests kept so that none of it comes back.
        scanned_bytes: Bytes of the store and its journal that were searched afterwards.
        remains: Erased identifiers and names of items found there; 0 unless another process holds an old state open.
    """

    at: str
    profiles: tuple[str, ...]
    items: int
    tombstones: int
    scanned_bytes: int
    remains: int


def item_digest(secret: bytes, key: bytes) -> bytes:
    """The tombstone of an item.

    Args:
        secret: Of the store.
        key: Names the item.

    Returns:
        16 bytes that tell nothing without the secret.
    """
    return blake2b(key, key=secret, digest_size=16, person=b"item").digest()


def identifier_digest(secret: bytes, namespace: str, value: str) -> bytes:
    """The tombstone of an identifier.

    Args:
        secret: Of the store.
        namespace: Its namespace.
        value: Its canonical value.

    Returns:
        16 bytes that tell nothing without the secret.
    """
    name = identifier_token(namespace, value).encode()
    return blake2b(name, key=secret, digest_size=16, person=b"identifier").digest()


def without_buried(store: ProfileStore, items: Sequence[Evidence]) -> tuple[list[Evidence], list[Evidence]]:
    """Tells evidence of people who were erased from other evidence.

    Args:
        store: The store.
        items: Evidence.

    Returns:
        What may come in, and what may not.
    """
    if not store.any_buried():
        return list(items), []
    secret = bytes.fromhex(store.meta("secret") or "")
    digests = [_digests(secret, item) for item in items]
    buried = store.buried({digest for each in digests for digest in each})
    kept, refused = list[Evidence](), list[Evidence]()
    for item, each in zip(items, digests, strict=True):
        (kept if buried.isdisjoint(each) else refused).append(item)
    return kept, refused


def _digests(secret: bytes, item: Evidence) -> set[bytes]:
    named = [(role, form) for role, values in item.said.items() for form, _ in values]
    named += item.devices
    return {item_digest(secret, item.key), *(identifier_digest(secret, *one) for one in named)}


def said_by(records: Iterable[PersonRecord]) -> dict[tuple[str, str], int]:
    """Identifiers of records, also derived ones, each with its key."""
    return {(role, value): key for record in records for role, value, key in record.identifiers}


def remains(files: Iterable[Path], values: Iterable[str]) -> tuple[int, int]:
    """Searches files for values, byte by byte.

    Args:
        files: The files.
        values: What must not be there; those of fewer than five characters are found by chance and not looked for.

    Returns:
        Bytes searched, and values found.
    """
    wanted = {value.encode() for value in values if len(value) >= SHORTEST}
    searched, found = 0, set[bytes]()
    for file in files:
        size = file.stat().st_size
        searched += size
        if not size:
            continue
        with file.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
            found |= {value for value in wanted - found if data.find(value) >= 0}
    return searched, len(found)
