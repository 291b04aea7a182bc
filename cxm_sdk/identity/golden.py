"""One row a profile: its sources and the value it keeps of each role."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxm_sdk._native import cluster as native
from cxm_sdk.identity.blocking import Mapper
from cxm_sdk.identity.clustering import Groups
from cxm_sdk.identity.records import Column, Records

__all__ = ["golden_records"]

#: Roles shown in canonical form; the others in the spelling that most records have of the same value. A street line
#: may hold the number and flat of whoever wrote it, so another customer's line is never shown for the street.
_CANONICAL = {"birth_date", "email", "sex", "street"}


def golden_records(
    records: Records, profiles: Groups, ids: pa.Array, homes: pa.Array, run: Mapper
) -> pa.Table:
    """Builds the profile table.

    Each role keeps the value that most records of the profile agree on, then the longest, then the first in the
    alphabet, written as most sources write it.

    Args:
        records: The records.
        profiles: Records by profile.
        ids: string[profiles], profile ids.
        homes: string[profiles], household ids, null for none.
        run: Parallel ordered map.

    Returns:
        One row a profile: ``profile_id``, ``household_id``, ``records``, ``sources`` and a column for each role.
    """
    roles = sorted(records.columns, key=_column_order)
    columns = run(lambda role: _kept(records.columns[role], profiles, role), roles)
    names = ["profile_id", "household_id", "records", "sources", *roles]
    counts = pa.array(np.diff(profiles.starts).astype(np.int32))
    return pa.table([ids, homes, counts, _sources(records, profiles), *columns], names=names)


_ORDER = (
    *("first_name", "middle_name", "last_name", "suffix", "birth_date", "sex", "email", "phone"),
    *("street", "house_number", "unit", "postcode", "city", "state", "country", "company", "national_id"),
)


def _column_order(role: str) -> tuple[int, str]:
    return (_ORDER.index(role) if role in _ORDER else len(_ORDER), role)


def _kept(slots: Iterable[Column], profiles: Groups, role: str) -> pa.Array:
    kept: pa.Array | None = None
    for column in slots:
        lengths = np.asarray(pc.utf8_length(column.values), dtype=np.int32)
        winner = np.empty(len(profiles), np.int32)
        native.survivors(profiles.starts, profiles.members, column.codes, lengths, winner)
        values = column.values if role in _CANONICAL else column.written
        if role == "street":
            values = pc.utf8_title(values)
        if role == "birth_date":
            values = pc.replace_substring_regex(values, r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3")
        codes = pa.array(winner, mask=winner < 0)
        # Values that many profiles share are stored once.
        shared = len(values) * 8 < len(winner) and kept is None
        found = pa.DictionaryArray.from_arrays(codes, values) if shared else values.take(codes)
        if kept is None:
            kept = found
        elif found.null_count < len(found):
            kept = pc.coalesce(kept.cast(pa.string()), found)
    return kept


def _sources(records: Records, profiles: Groups) -> pa.Array:
    """Names of the sources of each profile, in alphabetical order."""
    count = len(records.source_names)
    codes = records.source_codes[profiles.members].astype(np.int64)
    owner = np.repeat(np.arange(len(profiles)), np.diff(profiles.starts))
    # Records are in the order of their sources, so each profile lists its sources in order, with repeats.
    pairs = owner * count + codes
    pairs = pairs[np.concatenate(([True], pairs[1:] != pairs[:-1]))] if len(pairs) else pairs
    starts = np.searchsorted(pairs, np.arange(len(profiles) + 1) * count).astype(np.int32)
    names = pa.array(records.source_names, pa.string())
    return pa.ListArray.from_arrays(pa.array(starts), names.take(pa.array(pairs % count)))
