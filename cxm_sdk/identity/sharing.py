"""Finds values that too many different people share: junk mailboxes, call-centre phones, kiosk devices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import cluster as native
from cxm_sdk.identity.blocking import Mapper
from cxm_sdk.identity.comparisons import Template
from cxm_sdk.identity.records import Records
from cxm_sdk.identity.spans import Spans

__all__ = ["SharedValue", "Sharing", "find_sharing"]

#: A value with this many different people is nobody's: it is treated as missing.
TOO_MANY = 10
#: What tells people apart when it is counted how many share a value.
_PROXIES = ("birth_date", "first_name", "last_name", "company")


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
        people: For each role int32[values].
        muted: For each role bool[values], values shared by ``TOO_MANY`` people or more.
        values: The muted values, most people first.
    """

    people: dict[str, npt.NDArray[np.int32]]
    muted: dict[str, npt.NDArray[np.bool_]]
    values: list[SharedValue]


def find_sharing(records: Records, templates: Sequence[Template], run: Mapper) -> Sharing:
    """Counts, for each value of an identifying role, the different people that hold it.

    People are told apart by birth date, names and company, whichever gives the smallest count: typing errors raise one
    of them, different people raise all.

    Args:
        records: The records.
        templates: The comparisons; only identifying ones are looked at.
        run: Parallel ordered map.

    Returns:
        Counts and the values to mute.
    """
    roles = [template.roles[0] for template in templates if template.identifying]
    people = dict(zip(roles, run(lambda role: _people(records, role), roles), strict=True))
    muted = {role: count >= TOO_MANY for role, count in people.items()}
    values = [value for role in roles for value in _listed(records, role, people[role], muted[role])]
    values.sort(key=lambda value: (-value.people, -value.records, value.role, value.digest))
    return Sharing(people, muted, values)


def _people(records: Records, role: str) -> npt.NDArray[np.int32]:
    slots = [column.codes for column in records.columns[role]]
    size = len(records.columns[role][0].values)
    codes = np.concatenate(slots)
    starts, members = np.zeros(size + 1, np.int64), np.empty(int((codes >= 0).sum()), np.int32)
    native.group_by_code(codes, starts, members)
    members %= np.int32(max(len(records), 1))
    held = np.diff(starts)
    fewest = np.full(size, np.iinfo(np.int32).max, np.int32)
    # One value in a single record is held by one person; only the others need a look.
    busy = np.flatnonzero(held > 1)
    inside = np.repeat(held > 1, held)
    starts, members = np.concatenate(([0], np.cumsum(held[busy]))).astype(np.int64), members[inside]
    for proxy in _present(records, role):
        found, known = np.zeros(len(busy), np.int32), np.zeros(len(busy), np.int64)
        native.distinct_within(starts, members, proxy, found)
        if len(busy):
            known = np.add.reduceat(proxy[members] >= 0, starts[:-1])
        # A proxy that few of the records know would see too few people.
        sees = known * 2 >= held[busy]
        fewest[busy[sees]] = np.minimum(fewest[busy[sees]], found[sees])
    fewest[fewest == np.iinfo(np.int32).max] = 1
    return np.maximum(fewest, 1)


def _present(records: Records, role: str) -> Iterable[npt.NDArray[np.int32]]:
    for proxy in _PROXIES:
        if proxy in records.columns and proxy != role:
            yield records.columns[proxy][0].codes


def _listed(
    records: Records, role: str, people: npt.NDArray[np.int32], muted: npt.NDArray[np.bool_]
) -> list[SharedValue]:
    rows = np.flatnonzero(muted)
    if not len(rows):
        return []
    codes = np.concatenate([column.codes for column in records.columns[role]])
    held = np.bincount(codes[codes >= 0], minlength=len(people))
    digests = Spans.of(records.columns[role][0].values).take(rows).hashes()
    return [
        SharedValue(role, f"{digest:016x}", int(held[row]), int(people[row]))
        for row, digest in zip(rows, digests.tolist(), strict=True)
    ]
