"""Records of the person layer as a store keeps them: packed, and read back without being made anew."""

from __future__ import annotations

from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.identity.resolver import Resolver
from cxm_sdk.profiles.store import NodeRow

__all__ = ["kept", "restored"]


def kept(record: PersonRecord, component: int, profile: bytes | None) -> NodeRow:
    """Makes the row of a record.

    Args:
        record: The record.
        component: What it hangs together with.
        profile: Its profile.

    Returns:
        The row.
    """
    return NodeRow(record.number, record.packed(), record.first, record.last, component, profile)


def restored(row: NodeRow, resolver: Resolver) -> PersonRecord:
    """Makes the record of a row.

    Args:
        row: The row.
        resolver: The person layer, which knows what an identifier is.

    Returns:
        The record.
    """
    return PersonRecord.restored(row.node, row.said, row.first, row.last, resolver.roles)
