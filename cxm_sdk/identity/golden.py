"""One row a profile: its sources and the value it keeps of each role."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cxm_sdk._native import cluster as native
from cxm_sdk._native.pairs import key_order
from cxm_sdk.identity.clustering import Groups
from cxm_sdk.identity.distinct import texts_at
from cxm_sdk.identity.features import Ints
from cxm_sdk.identity.records import Column, Records
from cxm_sdk.identity.running import Mapper
from cxm_sdk.identity.spans import Spans

__all__ = ["golden_table", "golden_values"]

#: Roles shown in canonical form; the others as most records of the profile write the same value. A street line
#: may hold the number and flat of whoever wrote it, so another customer's line is never shown for the street.
_CANONICAL = {"birth_date", "email", "sex", "street"}

#: Places count down from here, so that the earlier of two is the greater number.
LAST = np.int64(2**32 - 1)


def golden_values(records: Records, profiles: Groups, run: Mapper) -> dict[str, pa.Array]:
    """Finds the value of each role that each profile keeps.

    Each role keeps the value that most records of the profile hold, in whichever slot; then the one in the earliest
    slot, the longest, and the first in the alphabet. It is written as most of these records write it.

    Args:
        records: The records.
        profiles: Records by profile.
        run: Parallel ordered map.

    Returns:
        A column for each role, one row a profile.
    """
    roles = sorted(records.columns, key=_column_order)
    columns = run(lambda role: _kept(records.columns[role], profiles, role), roles)
    return dict(zip(roles, columns, strict=True))


def golden_table(
    records: Records, profiles: Groups, ids: pa.Array, homes: pa.Array, values: dict[str, pa.Array]
) -> pa.Table:
    """Builds the profile table.

    Args:
        records: The records.
        profiles: Records by profile.
        ids: string[profiles], profile ids.
        homes: string[profiles], household ids, null for none.
        values: What ``golden_values`` found.

    Returns:
        One row a profile: ``profile_id``, ``household_id``, ``records``, ``sources`` and a column for each role.
    """
    counts = pa.array(np.diff(profiles.starts).astype(np.int32))
    known = {"profile_id": ids, "household_id": homes, "records": counts}
    return pa.table(known | {"sources": _sources(records, profiles)} | values)


_ORDER = (
    *("first_name", "middle_name", "last_name", "suffix", "birth_date", "birth_place", "sex", "email"),
    *(
        "phone",
        "street",
        "house_number",
        "unit",
        "postcode",
        "city",
        "state",
        "country",
        "company",
        "national_id",
    ),
)


def _column_order(role: str) -> tuple[int, str]:
    return (_ORDER.index(role) if role in _ORDER else len(_ORDER), role)


def _kept(slots: Sequence[Column], profiles: Groups, role: str) -> pa.Array:
    values = slots[0].values
    winner = _winners(slots, profiles)
    if role not in _CANONICAL:
        return _as_written(slots, profiles, winner)
    if role == "street":
        values = pc.utf8_title(values)
    if role == "birth_date":
        values = pc.replace_substring_regex(values, r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3")
    return _shown(winner, values)


def _shown(codes: Ints, values: pa.StringArray) -> pa.Array:
    # Values that many profiles share are stored once.
    if len(values) * 8 < len(codes):
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), values)
    return texts_at(values, codes)


def _winners(slots: Sequence[Column], profiles: Groups) -> Ints:
    """Code of the value that each profile keeps, int32[profiles], -1 for none."""
    winner = np.empty(len(profiles), np.int32)
    codes = [column.codes for column in slots]
    native.survivors(
        *(profiles.starts, profiles.members, profiles.of, codes),
        *(*Spans.of(slots[0].values).packed(), winner),
    )
    return winner


def _runs(
    keys: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The order that sorts keys, equal ones by place; where each key begins in it; and how often each occurs."""
    order = np.empty(len(keys), np.int32)
    key_order(keys.view(np.uint64), order)
    ordered = keys.take(order)
    edges = np.flatnonzero(np.concatenate((ordered[:1] == ordered[:1], ordered[1:] != ordered[:-1])))
    return order, edges, np.diff(np.append(edges, len(keys)))


def _as_written(slots: Sequence[Column], profiles: Groups, winner: Ints) -> pa.Array:
    """The value that each profile keeps as most of its own records write it, then as the first of them does."""
    written, texts = slots[0].written, slots[0].others.texts
    busy = np.zeros(len(profiles), bool)
    for column in slots:
        rows = column.others.records
        owner = profiles.of[rows]
        busy[owner[column.codes[rows] == winner[owner]]] = True
    values = pa.concat_arrays([written, texts]) if len(texts) else written
    if not busy.any():  # as for most identifiers
        return _shown(winner, values)
    inside = _members(profiles, np.flatnonzero(busy))
    parts = []
    for column in slots:
        rows = inside[column.codes[inside] == winner[profiles.of[inside]]]
        spelled = np.full(len(column.codes), -1, np.int32)
        spelled[column.others.records] = column.others.codes
        parts.append(np.stack((rows, spelled[rows])))
    row, spelled = np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]
    if len(parts) > 1:
        order = np.argsort(row, kind="stable")
        row, spelled = row[order], spelled[order]
    owner = profiles.of[row]
    keys = owner.astype(np.int64) << 32 | (spelled + 1)
    sorting, starts, often = _runs(keys)
    first = sorting[starts].astype(np.int64)
    # Spellings of one profile lie together; of those as frequent the earlier is the greater.
    rank, holder = often.astype(np.int64) << 32 | (LAST - first), owner[first]
    edges = np.flatnonzero(np.concatenate((holder[:1] == holder[:1], holder[1:] != holder[:-1])))
    best = LAST - (np.maximum.reduceat(rank, edges) & LAST) if len(edges) else first
    best = best[spelled[best] >= 0]
    codes = winner.copy()
    codes[owner[best]] = spelled[best] + len(written)
    return _shown(codes, values)


def _members(profiles: Groups, some: npt.NDArray[np.intp]) -> Ints:
    """Records of some profiles, ascending."""
    firsts, ends = profiles.starts.take(some), profiles.starts.take(some + 1)
    before = np.cumsum(ends - firsts) - (ends - firsts)
    places = np.arange((ends - firsts).sum()) + np.repeat(firsts - before, ends - firsts)
    return np.sort(profiles.members.take(places))


def _sources(records: Records, profiles: Groups) -> pa.Array:
    """Names of the sources of each profile, in alphabetical order."""
    # Records are in the order of their sources, so each profile lists its sources in order, with repeats.
    starts, codes = np.empty(len(profiles) + 1, np.int32), np.empty(len(profiles.members), np.int32)
    used = native.codes_in_turn(profiles.starts, profiles.members, records.source_codes, starts, codes)
    names = pa.array(records.source_names, pa.string())
    return pa.ListArray.from_arrays(pa.array(starts), names.take(pa.array(codes[:used])))
