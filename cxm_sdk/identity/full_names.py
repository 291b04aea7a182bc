"""Full names that more different people hold than first and last names of their frequency would lead one to expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import cluster as native
from cxm_sdk._native.buckets import KeyBuckets
from cxm_sdk._native.codes import count_codes
from cxm_sdk._native.pairs import make_keys

__all__ = ["TELLING", "FullNames", "shared_full_names"]

Ints = npt.NDArray[np.int32]

#: Roles by which people of one name are told apart: the first of each group that there is, and of those the one that
#: tells fewest apart. A city or a street tells strangers apart too seldom to be asked beside a postcode.
TELLING = (("birth_date",), ("email",), ("phone",), ("national_id",), ("postcode", "street", "city"))
#: Two records of one name may be two people or one who changed, and the pair says which. With a third, the name does.
ENOUGH_PEOPLE = 3


@dataclass(frozen=True)
class FullNames:
    """How much less a full name weighs because several people hold it.

    Attributes:
        codes: int32[records], number of the full name of a record; -1 where nothing is to be taken off.
        bits: float32[names], below 0.
    """

    codes: Ints
    bits: npt.NDArray[np.float32]


def shared_full_names(first: Ints, last: Ints, telling: Sequence[Ints]) -> FullNames:
    """Finds full names that are commoner than their parts make them.

    First and last names go together: a culture has both, and so has a list with twenty names three times each. If ``p``
    different people hold a name, another record has it with a chance of ``(p - 1) / records``; the product of the
    frequencies of its parts, by which it is weighed otherwise, may be far less.

    Args:
        first: int32[records], codes of first names, -1 for null.
        last: int32[records], codes of last names.
        telling: int32[records] each, codes of what tells people apart.

    Returns:
        The names and what to take off.

    >>> parts, mails = np.repeat(np.arange(20, dtype=np.int32), 3), np.arange(60, dtype=np.int32)
    >>> round(float(shared_full_names(parts, parts, [mails]).bits[0]), 2)  # log2((3 / 60) ** 2 / (2 / 60))
    -3.74
    """
    records = len(first)
    none = FullNames(np.full(records, -1, np.int32), np.zeros(0, np.float32))
    keys = np.zeros(records, np.uint64)
    whole: list[npt.NDArray[np.uint64] | None] = [None, None]
    make_keys([first, last], whole, np.zeros(0, np.int32), keys)
    total = np.count_nonzero(keys)
    if not total or not telling:
        return none
    members, starts = _of_one_name(keys)
    if not len(members):
        return none
    members, starts, people = _of_several_people(members, starts, telling)
    held = np.diff(starts)
    chance, leaders = (people - 1) / total, members[starts[:-1]]
    parts = _frequency(first)[first[leaders]] * _frequency(last)[last[leaders]]
    lost = chance > parts
    none.codes[members[np.repeat(lost, held)]] = np.repeat(np.arange(lost.sum(), dtype=np.int32), held[lost])
    return FullNames(none.codes, np.log2(parts[lost] / chance[lost]).astype(np.float32))


def _of_one_name(keys: npt.NDArray[np.uint64]) -> tuple[Ints, npt.NDArray[np.int64]]:
    """Records whose key enough have to be several people, key by key, and where each key starts."""
    members, slots = np.empty(len(keys), np.int32), np.empty(len(keys), np.int8)
    starts = np.empty(len(keys) // 2 + 1, np.int64)
    groups, _ = KeyBuckets([keys]).group(len(keys), members, starts, slots)
    held = np.diff(starts[: groups + 1])
    wide = held >= ENOUGH_PEOPLE
    members = members[: starts[groups]][np.repeat(wide, held)]
    return members, np.concatenate(([0], np.cumsum(held[wide]))).astype(np.int64)


def _of_several_people(
    members: Ints, starts: npt.NDArray[np.int64], telling: Sequence[Ints]
) -> tuple[Ints, npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """The names of enough different people, and how many, by what tells fewest apart and half of the records know.

    Most names of several records are of one person, which one role tells already.
    """
    unknown = np.iinfo(np.int32).max
    fewest = np.full(len(starts) - 1, unknown, np.int32)
    for told in telling:
        found, known = np.zeros(len(fewest), np.int32), np.zeros(len(fewest), np.int32)
        native.distinct_within(starts, members, told, found, known)
        held = np.diff(starts)
        np.minimum(fewest, found, out=fewest, where=known.astype(np.int64) * 2 >= held)
        enough = fewest >= ENOUGH_PEOPLE
        fewest, members = fewest[enough], members[np.repeat(enough, held)]
        starts = np.concatenate(([0], np.cumsum(held[enough]))).astype(np.int64)
    sure = fewest != unknown
    held = np.diff(starts)
    starts = np.concatenate(([0], np.cumsum(held[sure]))).astype(np.int64)
    return members[np.repeat(sure, held)], starts, fewest[sure]


def _frequency(codes: Ints) -> npt.NDArray[np.float64]:
    often = count_codes(codes, int(codes.max()) + 1)
    return often / float(often.sum())
