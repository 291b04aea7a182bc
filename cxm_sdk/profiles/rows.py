"""Records of the person layer as a store keeps them: text and bytes, read back without being made anew."""

from __future__ import annotations

import json
from array import array

from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.identity.resolver import Resolver
from cxm_sdk.profiles.store import NodeRow

__all__ = ["kept", "restored"]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def kept(record: PersonRecord, component: int, profile: bytes | None) -> NodeRow:
    """Makes the row of a record.

    Args:
        record: The record.
        component: What it hangs together with.
        profile: Its profile.

    Returns:
        The row.
    """
    return NodeRow(
        record.number,
        record.source,
        record.record_id,
        _encode(record.content),
        _encode(record.written),
        array("q", record.keys).tobytes(),
        record.first,
        record.last,
        component,
        profile,
    )


def restored(row: NodeRow, resolver: Resolver) -> PersonRecord:
    """Makes the record of a row.

    Args:
        row: The row.
        resolver: The person layer, which knows what an identifier is.

    Returns:
        The record.
    """
    keys = array("q", row.keys) if row.keys else None
    named = row.node, row.source, row.record_id, json.loads(row.said), row.written
    return PersonRecord(*named, row.first, row.last, resolver.roles, keys)
