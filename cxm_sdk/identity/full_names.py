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
    total = int(np.count_nonzero(keys))
    if not total or not telling:
        return none
    members, starts = _of_one_name(keys)
    if not len(members):
        return none
    leaders = members[starts[:-1]]
    parts = _frequency(first)[first[leaders]] * _frequency(last)[last[leaders]]
    names = _lost(_Names(members, starts, parts, np.diff(starts).astype(np.int32)), telling, total)
    numbers = np.arange(len(names.people), dtype=np.int32)
    none.codes[names.members] = np.repeat(numbers, np.diff(names.starts))
    return FullNames(none.codes, np.log2(names.parts / _chance(names, total)).astype(np.float32))


@dataclass(frozen=True)
class _Names:
    """Full names, their records, how common their parts are together, and how many people hold each at most."""

    members: Ints
    starts: npt.NDArray[np.int64]
    parts: npt.NDArray[np.float64]
    people: Ints

    def only(self, chosen: npt.NDArray[np.bool_]) -> _Names:
        held = np.diff(self.starts)
        starts = np.concatenate(([0], np.cumsum(held[chosen]))).astype(np.int64)
        return _Names(self.members[np.repeat(chosen, held)], starts, self.parts[chosen], self.people[chosen])


def _of_one_name(keys: npt.NDArray[np.uint64]) -> tuple[Ints, npt.NDArray[np.int64]]:
    """Records whose key enough have to be several people, key by key, and where each key starts."""
    members, slots = np.empty(len(keys), np.int32), np.empty(len(keys), np.int8)
    starts = np.empty(len(keys) // 2 + 1, np.int64)
    groups, _ = KeyBuckets([keys]).group(len(keys), members, starts, slots)
    held = np.diff(starts[: groups + 1])
    wide = held >= ENOUGH_PEOPLE
    members = members[: starts[groups]][np.repeat(wide, held)]
    return members, np.concatenate(([0], np.cumsum(held[wide]))).astype(np.int64)


def _lost(names: _Names, telling: Sequence[Ints], total: int) -> _Names:
    """Names that weigh less than their parts: enough people hold them, by what tells fewest apart of what half know.

    What one role tells leaves most names out, of one person or no commoner than their parts: the next need not look.
    """
    told = np.zeros(len(names.people), bool)
    for codes in telling:
        found, known = np.zeros(len(told), np.int32), np.zeros(len(told), np.int32)
        native.distinct_within(names.starts, names.members, codes, found, known)
        tells = known.astype(np.int64) * 2 >= np.diff(names.starts)
        told |= tells
        np.minimum(names.people, found, out=names.people, where=tells)
        still = (names.people >= ENOUGH_PEOPLE) & (_chance(names, total) > names.parts)
        names, told = names.only(still), told[still]
    return names.only(told)


def _chance(names: _Names, total: int) -> npt.NDArray[np.float64]:
    chance: npt.NDArray[np.float64] = (names.people - 1) / total
    return chance


def _frequency(codes: Ints) -> npt.NDArray[np.float64]:
    often = count_codes(codes, int(codes.max()) + 1)
    return often / float(often.sum())
