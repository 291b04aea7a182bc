"""Finds values that too many people share: junk mailboxes, call-centre phones, kiosk devices, default birth dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cxm_sdk._native import cluster as native
from cxm_sdk._native.codes import held_by_several, rows_where
from cxm_sdk.identity.comparisons import Template
from cxm_sdk.identity.model import Frozen
from cxm_sdk.identity.records import Records
from cxm_sdk.identity.running import Mapper
from cxm_sdk.identity.spans import Spans

__all__ = ["MOST_HOLDERS", "PROXIES", "TOO_MANY", "SharedValue", "Sharing", "find_sharing"]

#: A value with this many different people is nobody's: it is treated as missing.
TOO_MANY = 10
#: With a frozen model so is a value that more records hold, as who holds it has to be known at any time.
MOST_HOLDERS = 300
#: What tells people apart when it is counted how many share a value.
PROXIES = ("birth_date", "first_name", "last_name", "company")
#: A birth date held by so many times the people of other dates is nobody's either. Years differ in size and registrars
#: round to the first of a month or year, which makes a date two or three times as common.
FAR_MORE = 5
#: Other dates within a year that say how common dates of those years are; with fewer, only the whole column does.
ENOUGH_DATES = 10


@dataclass(frozen=True)
class SharedValue:
    """One value that was muted.

    Attributes:
        role: Its role.
        digest: Hash of the canonical value in hexadecimal; the value itself is personal data.
        records: Records that hold it.
        people: Different people that hold it, at least.
    """

    role: str
    digest: str
    records: int
    people: int


@dataclass(frozen=True)
class Sharing:
    """How many people share each value of the identifying roles.

    Attributes:
        people: For each identifying role int32[values].
        muted: For each role, and birth dates, bool[values]: values shared by too many people.
        values: The muted values, most people first.
    """

    people: dict[str, npt.NDArray[np.int32]]
    muted: dict[str, npt.NDArray[np.bool_]]
    values: list[SharedValue]


def find_sharing(
    records: Records, templates: Sequence[Template], run: Mapper, frozen: Frozen | None = None
) -> Sharing:
    """Counts, for each value of an identifying role, the different people that hold it, and finds default dates.

    People are told apart by birth date, names and company, whichever gives the smallest count: typing errors raise one
    of them, different people raise all.

    Args:
        records: The records.
        templates: The comparisons; only identifying ones are looked at.
        run: Parallel ordered map.
        frozen: What a frozen model fixes; None reads it off the records.

    Returns:
        Counts and the values to mute.
    """
    roles = [template.roles[0] for template in templates if template.identifying]
    dated = ["birth_date"] if frozen is None and "birth_date" in records.columns else []

    def count(role: str) -> npt.NDArray[np.int32]:
        return _people(records, role) if role in roles else _people_of_default_dates(records)

    counted = dict(zip([*roles, *dated], run(count, [*roles, *dated]), strict=True))
    people = {role: counted[role] for role in roles}
    muted = {role: count >= TOO_MANY for role, count in people.items()}
    if frozen is not None:
        for role in roles:
            muted[role] |= _often(records, role) > MOST_HOLDERS
        for role in frozen.ignored.keys() & records.columns.keys():
            listed = pc.is_in(records.compared(role)[0].values, pa.array(frozen.ignored[role], pa.string()))
            muted[role] = muted.get(role, False) | np.asarray(listed)
    if dated:
        muted["birth_date"] = counted["birth_date"] > 0
    roles += dated
    values = [value for role in roles for value in _listed(records, role, counted[role], muted[role])]
    values.sort(key=lambda value: (-value.people, -value.records, value.role, value.digest))
    return Sharing(people, muted, values)


def _slots(records: Records, role: str) -> npt.NDArray[np.int32]:
    """Codes of a role, one slot behind the other."""
    slots = [column.codes for column in records.compared(role)]
    return slots[0] if len(slots) == 1 else np.concatenate(slots)


def _often(records: Records, role: str) -> npt.NDArray[np.int64]:
    """How many records hold each value, in any slot, int64[values]."""
    often = np.zeros(len(records.compared(role)[0].values), np.int64)
    for column in records.compared(role):
        often += column.often
    return often


def _holders(records: Records, role: str, wanted: npt.NDArray[np.intp]) -> Iterable[npt.NDArray[np.int32]]:
    """The records of each of some values."""
    if not len(wanted):
        return
    codes, number = _slots(records, role), np.full(len(_often(records, role)), -1, np.int32)
    number[wanted] = np.arange(len(wanted), dtype=np.int32)
    rows = rows_where(codes, (number >= 0).view(np.uint8))
    found = number[codes[rows]]
    rows = rows[np.argsort(found, kind="stable")] % np.int32(max(len(records), 1))
    yield from np.split(rows, np.cumsum(np.bincount(found, minlength=len(wanted)))[:-1])


def _people(records: Records, role: str) -> npt.NDArray[np.int32]:
    codes = _slots(records, role)
    # One value in a single record is held by one person; only the others need a look.
    busy, starts, members = held_by_several(codes, len(records.compared(role)[0].values))
    if len(codes) > len(records):
        members %= np.int32(max(len(records), 1))
    held = np.diff(starts)
    fewest = np.full(len(busy), np.iinfo(np.int32).max, np.int32)
    found, known = np.empty(len(busy), np.int32), np.empty(len(busy), np.int32)
    for proxy in _present(records, role):
        native.distinct_within(starts, members, proxy, found, known)
        # A proxy that few of the records know would see too few people.
        np.minimum(fewest, found, out=fewest, where=known * 2 >= held)
    fewest[fewest == np.iinfo(np.int32).max] = 1
    people = np.ones(len(records.compared(role)[0].values), np.int32)
    people[busy] = np.maximum(fewest, 1)
    return people


def _present(records: Records, role: str) -> Iterable[npt.NDArray[np.int32]]:
    for proxy in PROXIES:
        if proxy in records.columns and proxy != role:
            yield records.columns[proxy][0].codes


def _people_of_default_dates(records: Records) -> npt.NDArray[np.int32]:
    """int32[values], different people that hold a date which far too many hold, 0 for every other date.

    In a million rows every date has forty, so the column itself says how many are normal: half of its dates, and half
    of those within a year, have no more records than that.
    """
    held = _often(records, "birth_date")
    found = np.zeros(len(held), np.int32)
    usual = float(np.median(held)) if len(held) else 1.0
    dates = records.columns["birth_date"][0].values
    years = np.asarray(dates.cast(pa.int32()), dtype=np.int32) // 10000
    wanted = np.flatnonzero((held >= TOO_MANY) & (held > FAR_MORE * usual))
    for value, members in zip(wanted, _holders(records, "birth_date", wanted), strict=True):
        near = np.abs(years - years[value]) <= 1
        near[value] = False
        nearby = float(np.median(held[near])) if near.sum() >= ENOUGH_DATES else 0.0
        people = _differently_named(records, members)
        if people >= TOO_MANY and people > FAR_MORE * max(usual, nearby):
            found[value] = people
    return found


def _differently_named(records: Records, rows: npt.NDArray[np.int32]) -> int:
    """How many people some records name. Names count as a whole: in some countries ten surnames are everybody's."""
    heard = []
    for role in ("first_name", "last_name"):
        if role in records.columns:
            codes = records.columns[role][0].codes[rows]
            sounds = Spans.of(records.columns[role][0].values).take(np.maximum(codes, 0)).sounds()
            # Spellings of one sound are one name; scripts without sounds are told apart as written.
            heard.append(np.where(codes < 0, 0, np.where(sounds > 0, sounds, codes + 1)))
    if not heard:
        # Without names, contacts have to tell.
        heard = [
            records.columns[role][0].codes[rows] + 1 for role in ("email", "phone") if role in records.columns
        ]
        heard = heard[:1] or [np.zeros(len(rows), np.int32)]
    known = np.stack(heard, axis=1)
    return len(np.unique(known[(known > 0).all(axis=1)], axis=0))


def _listed(
    records: Records, role: str, people: npt.NDArray[np.int32], muted: npt.NDArray[np.bool_]
) -> list[SharedValue]:
    rows = np.flatnonzero(muted)
    if not len(rows):
        return []
    held = _often(records, role)
    digests = Spans.of(records.compared(role)[0].values).take(rows).hashes()
    return [
        SharedValue(role, f"{digest:016x}", int(held[row]), int(people[row]))
        for row, digest in zip(rows, digests.tolist(), strict=True)
    ]
