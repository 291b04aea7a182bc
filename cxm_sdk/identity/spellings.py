"""How records write the values that they share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cxm_sdk._native import codes as native

__all__ = ["Codes", "Spellings", "commonest", "commonest_of", "no_spellings", "spelled_otherwise"]

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Spellings:
    """How some records write a value: those that do not write it as most records do.

    Attributes:
        records: ``int32[n]``, the records, ascending.
        codes: ``int32[n]``, index into ``texts``.
        texts: Distinct spellings; one array for all slots of a role.
    """

    records: Codes
    codes: Codes
    texts: pa.StringArray


def no_spellings() -> Spellings:
    """Says that all records write a value alike.

    >>> len(no_spellings().records)
    0
    """
    none = np.empty(0, np.int32)
    return Spellings(none, none, pa.array([], pa.string()))


def commonest(count: int, codes: list[Codes], raws: list[Codes], spelled: int) -> Codes:
    """Finds the spelling that most records have of each value; of equally common ones the first in record order.

    Args:
        count: How many values there are.
        codes: For each slot int32[records], index of the value, -1 for null.
        raws: For each slot int32[records], index of the spelling, -1 for null; a spelling means one value.
        spelled: How many spellings there are, numbered in record order.

    Returns:
        int32[values], the spelling of each.

    >>> commonest(1, [np.array([0, 0, 0], np.int32)], [np.array([0, 1, 1], np.int32)], 2).tolist()
    [1]
    """
    often, means = np.zeros(spelled, np.int64), np.full(spelled, -1, np.int32)
    for held, raw in zip(codes, raws, strict=True):
        often += native.count_codes(raw, spelled)
        means = np.maximum(means, native.values_of(raw, held, spelled))
    return commonest_of(count, means, often)


def commonest_of(count: int, means: Codes, often: npt.NDArray[np.int64]) -> Codes:
    """Finds the same where it is known what each spelling means, and how many records have it.

    Args:
        count: How many values there are, each with a spelling.
        means: int32[spellings], index of the value, -1 for spellings that no record has.
        often: int64[spellings], records that have it.

    Returns:
        int32[values], the spelling of each.

    >>> commonest_of(1, np.array([0, 0], np.int32), np.array([1, 2])).tolist()
    [1]
    """
    spellings = np.flatnonzero(means >= 0)[::-1].astype(np.int32)
    best, values = np.zeros(count, np.int32), means[spellings]
    best[values] = spellings
    # Most values have one spelling. Of several, written from rare to common, the commonest is the one that stays.
    rivals = spellings[native.count_codes(values, count)[values] > 1]
    common = often[rivals]
    if common.max(initial=0) <= np.iinfo(np.uint16).max:  # such numbers are sorted without comparing them
        common = common.astype(np.uint16)
    rivals = rivals[np.argsort(common, kind="stable")]
    best[means[rivals]] = rivals
    return best


def spelled_otherwise(
    common: Codes, codes: list[Codes], raws: list[Codes], raw_values: pa.StringArray
) -> list[Spellings]:
    """Finds, for each slot, the records that do not write their value as most do, and how they write it.

    Args:
        common: int32[values], the usual spelling of each.
        codes: As for ``commonest``.
        raws: As for ``commonest``.
        raw_values: The spellings.

    Returns:
        The other spellings of each slot.

    >>> codes, raws = [np.array([0, 0, 0], np.int32)], [np.array([0, 1, 1], np.int32)]
    >>> spelled_otherwise(np.array([1], np.int32), codes, raws, pa.array(["ADA", "Ada"]))[0].records.tolist()
    [0]
    """
    rows = [
        np.flatnonzero(raw != native.recode(held, common)).astype(np.int32)
        for held, raw in zip(codes, raws, strict=True)
    ]
    number = np.zeros(len(raw_values), np.int32)
    for raw, where in zip(raws, rows, strict=True):
        number[raw[where]] = 1
    used = np.flatnonzero(number)
    number[used] = np.arange(len(used), dtype=np.int32)
    texts = raw_values.take(pa.array(used))
    return [Spellings(where, number[raw[where]], texts) for raw, where in zip(raws, rows, strict=True)]
