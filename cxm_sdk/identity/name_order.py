"""First and last names that stand in each other's place are put right where the records themselves show it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cxm_sdk._native.codes import count_codes, recode, rows_where
from cxm_sdk.identity.columns import Codes, Column, packed_counts
from cxm_sdk.identity.distinct import distinct_texts
from cxm_sdk.identity.running import Mapper
from cxm_sdk.identity.spellings import Spellings

__all__ = ["names_in_order"]

Floats = npt.NDArray[np.float64]

#: How many times likelier than the order that is written the other one must be. One record in a hundred has its names
#: the wrong way round, and ten to one is asked for.
ODDS = 1000.0
#: The same for a full name of one word, which may as well be the one as the other.
LONE_ODDS = 3.0
#: What is added to every count, so that names that nobody else has decide nothing.
UNSEEN = 0.5


def names_in_order(
    columns: dict[str, list[Column]], lone: Codes, map_: Mapper = map
) -> dict[str, list[Column]]:
    """Puts first and last names right that are written in each other's place.

    How often other records have a name as a first and as a last name says which of them it is. Both names of a record
    must not speak against each other, and together they must be clear: most who are called Thomas James stay what they
    are. Names nobody else has say nothing; so a slip of the pen or a name that was split in the wrong place does not
    hide what the other name tells.

    A full name of one word is a last name where those who have both bear it as such.

    Args:
        columns: Columns of records by role.
        lone: int32[n], records whose full name is one word, which stands as a first name.
        map_: Runs independent pieces of work; like ``map``, but may do so in parallel.

    Returns:
        The same, with other names where some were put right.
    """
    if not {"first_name", "last_name"} <= columns.keys():
        return columns
    return _lone_names_placed(_turned_names_put_right(columns, map_), lone)


def _turned_names_put_right(columns: dict[str, list[Column]], map_: Mapper) -> dict[str, list[Column]]:
    first, last = columns["first_name"][0], columns["last_name"][0]
    firsts, lasts = (column.often.astype(np.int64) for column in (first, last))
    same = np.asarray(pc.index_in(last.values, value_set=first.values).fill_null(-1), dtype=np.int32)
    both = np.flatnonzero(same >= 0)
    also_last, also_first = np.zeros(len(firsts), np.int64), np.zeros(len(lasts), np.int64)
    also_last[same[both]], also_first[both] = lasts[both], firsts[same[both]]
    as_last, as_first = _odds(also_last, firsts), _odds(also_first, lasts)
    clear = float(np.sqrt(ODDS))
    # Of two names that are clear together, one is as clear as half of it.
    rows = np.union1d(
        rows_where(first.codes, (as_last >= clear).view(np.uint8)),
        rows_where(last.codes, (as_first >= clear).view(np.uint8)),
    )
    rows = rows[(first.codes[rows] >= 0) & (last.codes[rows] >= 0)]
    one, two = as_last[first.codes[rows]], as_first[last.codes[rows]]
    rows = rows[(one >= 1) & (two >= 1) & (one * two >= ODDS)]
    if not len(rows):
        return columns
    other = {"first_name": last, "last_name": first}
    turned = map_(lambda role: _with_names(columns[role], rows, other[role]), other)
    return columns | dict(zip(other, turned, strict=True))


def _lone_names_placed(columns: dict[str, list[Column]], lone: Codes) -> dict[str, list[Column]]:
    first, last = columns["first_name"][0], columns["last_name"][0]
    others = [slot.codes[lone] < 0 for slot in (*columns["first_name"][1:], last)]
    lone = lone[np.all([first.codes[lone] >= 0, *others], axis=0)]
    if not len(lone):
        return columns
    both = np.flatnonzero((first.codes >= 0) & (last.codes >= 0))
    firsts = np.bincount(first.codes[both], minlength=len(first.values))
    lasts = np.bincount(last.codes[both], minlength=len(last.values))
    same = np.asarray(pc.index_in(first.values, value_set=last.values).fill_null(-1), dtype=np.int64)
    as_last = np.where(same >= 0, lasts[same] + UNSEEN, 0.0) / (firsts + UNSEEN)
    rows = lone[as_last[first.codes[lone]] >= LONE_ODDS]
    if not len(rows):
        return columns
    placed = {
        "first_name": _with_names(columns["first_name"], rows, None),
        "last_name": _with_names(columns["last_name"], rows, first),
    }
    return columns | placed


def _odds(there: npt.NDArray[np.int64], here: npt.NDArray[np.int64]) -> Floats:
    """For each value how many times as often other records have it in the other column as in this one."""
    odds: Floats = (there + UNSEEN) / (np.maximum(here - 1, 0) + UNSEEN)
    return odds


def _with_names(slots: list[Column], rows: Codes, source: Column | None) -> list[Column]:
    """A column whose records at ``rows`` hold in their first slot what they hold in another column, or nothing."""
    column = slots[0]
    size = len(column.values)
    taken = source.codes[rows] if source else rows[:0]
    source = source or column
    values, numbers = distinct_texts(pa.concat_arrays([column.values, source.values.take(pa.array(taken))]))
    # Of a value that both have, this column's spelling is kept.
    origin = np.empty(len(values), np.int64)
    origin[numbers[::-1]] = np.arange(len(numbers))[::-1]
    written = pa.concat_arrays([column.written, source.written.take(pa.array(taken))]).take(pa.array(origin))
    codes = [recode(slot.codes, numbers[:size]) for slot in slots]
    codes[0][rows] = numbers[size:] if len(taken) else -1
    often = [count_codes(held, len(values)) for held in codes]
    used = np.any([count > 0 for count in often], axis=0)
    number = (np.cumsum(used) - 1).astype(np.int32)
    values, written = values.filter(pa.array(used)), written.filter(pa.array(used))
    kept = ~np.isin(column.others.records, rows)
    others = Spellings(column.others.records[kept], column.others.codes[kept], column.others.texts)
    return [
        replace(
            slot,
            codes=recode(held, number),
            values=values,
            written=written,
            others=others if slot is column else slot.others,
            often=packed_counts(count[used]),
        )
        for slot, held, count in zip(slots, codes, often, strict=True)
    ]
