"""Records of the person layer as a store keeps them: packed, and read back without being made anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cxm_sdk._native import jsonbytes
from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.identity.resolver import Resolver
from cxm_sdk.profiles.store import NodeRow

__all__ = ["as_json", "kept", "restored"]

_NO_LIMIT = 2**31 - 1


def as_json(value: Mapping[str, object] | Sequence[object]) -> str:
    """Writes texts, numbers, lists and mappings of them as JSON.

    Args:
        value: Them.

    Returns:
        The text, without spaces.

    Example:
        >>> as_json({"city": ["ulm"]})
        '{"city":["ulm"]}'
    """
    return jsonbytes.encode(value, _NO_LIMIT, _plain).decode() if value else "{}"


def _plain(value: object, is_key: bool) -> object:
    return str(value)


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
