"""What all groups give to a role becomes its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cxm_sdk._native import codes as native
from cxm_sdk.identity.columns import SHOWN, Column, Encoded, Group, packed_counts
from cxm_sdk.identity.distinct import distinct_texts, texts_at
from cxm_sdk.identity.normalize import dates, names
from cxm_sdk.identity.spans import Spans
from cxm_sdk.identity.spellings import (
    Codes,
    Spellings,
    commonest,
    commonest_of,
    no_spellings,
    spelled_otherwise,
)

__all__ = ["outputs", "unify"]

#: Roles that a role yields besides itself, and that fill gaps only.
_DERIVED: Mapping[str, tuple[str, ...]] = {
    "full_name": ("first_name", "middle_name", "last_name", "suffix"),
    "last_name": ("suffix",),
    "street": ("house_number", "unit", "city", "postcode"),
}
_DATE_PARTS = ("birth_year", "birth_month", "birth_day")


@dataclass(frozen=True)
class _Share:
    """What one group gives to an output role: values, and which of them each record holds in each slot."""

    values: pa.StringArray
    slots: list[Codes]
    raw: pa.StringArray
    raw_slots: list[Codes]


def outputs(groups: Sequence[Group]) -> list[str]:
    """Names the roles that columns of records can come from.

    Args:
        groups: All groups.

    Returns:
        Role names in order.
    """
    roles = {group.role for group in groups}
    roles.update(*(_DERIVED.get(role, ()) for role in roles))
    roles.discard("full_name")
    if roles.issuperset(_DATE_PARTS):
        roles.difference_update(_DATE_PARTS)
        roles.add("birth_date")
    return sorted(roles)


def unify(role: str, encoded: Sequence[Encoded]) -> list[Column]:
    """Joins what all groups give to one role.

    Args:
        role: The role.
        encoded: All encoded groups.

    Returns:
        One column a slot, without slots that no record uses.
    """
    shares = [share for share in _shares(role, encoded) if len(share.values)]
    if not shares:
        return []
    values, value_codes = _distinct(shares)
    if len(shares) == 1 and _has_one_slot(shares[0]):
        return _of_one_slot(role, shares[0], values, value_codes)
    if len(shares) == 1:
        raw_values, raw_codes = shares[0].raw, np.arange(len(shares[0].raw), dtype=np.int32)
    else:
        raw = Spans.of(_concatenated([share.raw for share in shares]))
        raw_codes, firsts = raw.distinct()
        raw_values = raw.take(firsts).array()
    count = max(len(share.slots) for share in shares)
    codes: list[Codes] = []
    raws: list[Codes] = []
    at = raw_at = 0
    for share in shares:
        lookup = value_codes[at : at + len(share.values)]
        raw_lookup = raw_codes[raw_at : raw_at + len(share.raw)]
        at += len(share.values)
        raw_at += len(share.raw)
        for slot, (held, raw_held) in enumerate(zip(share.slots, share.raw_slots, strict=True)):
            found = native.recode(held, lookup)
            raw_found = native.recode(raw_held, raw_lookup) if len(shares) > 1 else raw_held.copy()
            np.copyto(raw_found, np.int32(-1), where=found < 0)
            if slot == len(codes):
                codes.append(found)
                raws.append(raw_found)
            else:
                gap = codes[slot] < 0
                np.copyto(codes[slot], found, where=gap)
                np.copyto(raws[slot], raw_found, where=gap)
    _close_gaps(codes, raws)
    values, often = _only_used(values, codes)
    common = commonest(len(values), codes, raws, len(raw_values))
    written = texts_at(raw_values, common)
    others = spelled_otherwise(common, codes, raws, raw_values)
    return [
        Column(role, slot, codes[slot], values, written, others[slot], packed_counts(often[slot]))
        for slot in range(count)
        if often[slot].any()
    ]


def _distinct(shares: Sequence[_Share]) -> tuple[pa.StringArray, Codes]:
    """Distinct values of all shares, and which of them each of their values is, -1 for null."""
    if len(shares) == 1 and shares[0].values.equals(shares[0].raw):  # spellings are distinct as they come
        return shares[0].raw, np.arange(len(shares[0].raw), dtype=np.int32)
    return distinct_texts(_concatenated([share.values for share in shares]))


def _has_one_slot(share: _Share) -> bool:
    """Whether a share has one slot, and a value for each of its spellings."""
    return len(share.slots) == 1 and share.slots is share.raw_slots and len(share.raw) == len(share.values)


def _of_one_slot(role: str, share: _Share, values: pa.StringArray, means: Codes) -> list[Column]:
    """Makes the column of a share of one slot: what there is to find out is found out of its spellings, not of records.

    Args:
        role: The role.
        share: The share.
        values: Its distinct values.
        means: int32[spellings], which of them each spelling means, -1 for none.

    Returns:
        The column, or none where no record has a value.
    """
    (held,) = share.slots
    often = native.count_codes(held, len(means))
    means = np.where(often > 0, means, np.int32(-1))
    known = means[means >= 0]
    if len(known) == len(means) == len(values):  # each value has one spelling, its own
        return [Column(role, 0, held, values, share.raw, no_spellings(), packed_counts(often))]
    used = np.zeros(len(values), dtype=bool)
    used[known] = True
    if not used.all():
        means = np.append(np.cumsum(used, dtype=np.int32) - 1, np.int32(-1)).take(means)
        values = values.filter(pa.array(used))
    if not len(values):
        return []
    common = commonest_of(len(values), means, often)
    other = (means >= 0) & (common.take(means) != np.arange(len(means), dtype=np.int32))
    others = no_spellings()
    if other.any():
        rows = native.rows_where(held, other.view(np.uint8))
        number = np.cumsum(other, dtype=np.int32) - np.int32(1)
        others = Spellings(rows, number.take(held.take(rows)), share.raw.filter(pa.array(other)))
    meant = means >= 0
    counts = np.bincount(means[meant], weights=often[meant], minlength=len(values)).astype(np.int64)
    written, codes = texts_at(share.raw, common), native.recode(held, means)
    return [Column(role, 0, codes, values, written, others, packed_counts(counts))]


def _concatenated(arrays: list[pa.StringArray]) -> pa.StringArray:
    return arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays)


def _only_used(
    values: pa.StringArray, codes: list[Codes]
) -> tuple[pa.StringArray, list[npt.NDArray[np.int64]]]:
    """Drops values that no record holds and renumbers the others; gives also how many hold each, by slot."""
    often = [native.count_codes(held, len(values)) for held in codes]
    used = np.any([count > 0 for count in often], axis=0)
    if used.all():
        return values, often
    number = np.cumsum(used, dtype=np.int32) - 1
    for slot, held in enumerate(codes):
        codes[slot] = native.recode(held, number)
    return values.filter(pa.array(used)), [count[used] for count in often]


def _close_gaps(codes: list[Codes], raws: list[Codes]) -> None:
    """Drops values that a record holds twice and moves later ones forward."""
    for slot in range(1, len(codes)):
        for earlier in range(slot):
            same = (codes[slot] == codes[earlier]) & (codes[slot] >= 0)
            codes[slot][same] = -1
            raws[slot][same] = -1
            gap = (codes[earlier] < 0) & (codes[slot] >= 0)
            for column in (codes, raws):
                column[earlier][gap] = column[slot][gap]
                column[slot][gap] = -1


def _shares(role: str, encoded: Sequence[Encoded]) -> list[_Share]:
    """What each group gives to a role: own columns first, then what is derived from others."""
    own = [part for part in encoded if part.role == role]
    derived = [part for part in encoded if part.role != role and role in part.forms]
    if role == "street":
        numbers = [part for part in encoded if part.role == "house_number"]
        return [_street_share(part, numbers) for part in own]
    shares = [_Share(part.forms[role], part.slots, part.raw, part.slots) for part in own]
    if role == "birth_date":
        shares.extend(_date_parts_share(encoded))
    shares.extend(_derived_share(part, role) for part in derived)
    if role in ("first_name", "middle_name", "last_name"):
        # Compared in Latin letters, and shown as written.
        shares = [replace(share, values=names.latin(share.values)) for share in shares]
    return shares


def _derived_share(part: Encoded, role: str) -> _Share:
    """What the values of another role yield; a part of a full name as it is written there."""
    written = part.forms.get(SHOWN.get(role, ""))
    if part.role != "full_name" or written is None:
        values, codes = distinct_texts(part.forms[role])
        title = role == "city" or part.role.endswith("_name")
        raw = pc.utf8_title(values) if title else pc.utf8_upper(values) if role == "postcode" else values
    else:  # what is written alike is folded alike
        spans = Spans.of(written)
        codes, firsts = spans.distinct()
        values, raw = part.forms[role].take(pa.array(firsts)), spans.take(firsts).array()
    slots = [native.recode(held, codes) for held in part.slots]
    return _Share(values, slots, raw, slots)


def _street_share(part: Encoded, numbers: Sequence[Encoded]) -> _Share:
    """Keeps the number in a street line where the record has another one in a column of its own."""
    if not numbers:
        return _Share(part.forms["street"], part.slots, part.raw, part.slots)
    inside = part.forms["house_number"]
    own = [number.forms["house_number"] for number in numbers]
    _, codes = distinct_texts(pa.concat_arrays([inside, *own]))
    inside_codes = np.append(codes[: len(inside)], np.int32(-1))
    slots = []
    for held in part.slots:
        line = np.zeros(len(held), dtype=bool)
        at = len(inside)
        for number, values in zip(numbers, own, strict=True):
            column = np.append(codes[at : at + len(values)], np.int32(-1))[number.slots[0]]
            within = inside_codes[held]
            line |= (column >= 0) & (within >= 0) & (column != within)
            at += len(values)
        slots.append(np.where(line & (held >= 0), held + len(inside), held).astype(np.int32))
    both = pa.concat_arrays([part.forms["street"], part.forms["street_line"]])
    return _Share(both, slots, part.raw, part.slots)


def _date_parts_share(encoded: Sequence[Encoded]) -> list[_Share]:
    """Puts dates together from columns of day, month and year."""
    by_role = {role: [part for part in encoded if part.role == role] for role in _DATE_PARTS}
    if not all(by_role.values()):
        return []
    numbers = []
    for role in _DATE_PARTS:
        (part,) = by_role[role]
        values = part.forms[role].cast(pa.int64()).fill_null(0).to_numpy()
        numbers.append(np.append(values, 0)[part.slots[0]])
    year, month, day = numbers
    rows = np.flatnonzero((year > 0) & (month > 0) & (day > 0))
    found = dates.date_numbers(dates.full_years(year[rows]), month[rows], day[rows])
    distinct, codes = np.unique(found, return_inverse=True)
    values = dates.date_texts(distinct)
    held = np.full(len(year), -1, dtype=np.int32)
    held[rows] = np.where(found > 0, codes, -1)
    raw = pc.replace_substring_regex(values, r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3")
    return [_Share(values, [held], raw, [held])]
