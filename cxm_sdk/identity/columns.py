"""From raw columns to columns of records: encoded by distinct value, in canonical form, joined by role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cxm_sdk._native import codes as native
from cxm_sdk.errors import ColumnError
from cxm_sdk.identity.distinct import distinct_texts, places_in, texts_at
from cxm_sdk.identity.normalize import canonical, dates, names, places
from cxm_sdk.identity.normalize.missing import LONGEST
from cxm_sdk.identity.spans import Spans
from cxm_sdk.identity.spellings import Codes, Spellings, commonest, spelled_otherwise

__all__ = [
    "MAX_SLOTS",
    "Cell",
    "Codes",
    "Column",
    "Encoded",
    "Group",
    "Numbered",
    "encode",
    "forms",
    "number_texts",
    "outputs",
    "unify",
]

MAX_SLOTS = 4
"""Most values of one role that a record keeps."""

MAX_BYTES = 2**31 - 1
"""Most text that the columns of one role may hold, as positions in it are 32-bit numbers."""

#: Roles that a role yields besides itself, and that fill gaps only.
_DERIVED: Mapping[str, tuple[str, ...]] = {
    "full_name": ("first_name", "middle_name", "last_name", "suffix"),
    "last_name": ("suffix",),
    "street": ("house_number", "unit"),
}
_DATE_PARTS = ("birth_year", "birth_month", "birth_day")


@dataclass(frozen=True)
class Column:
    """One role of all records, or one of its slots where records hold several values.

    Attributes:
        role: Name of the role.
        slot: 0 for the first value of a record, 1 for its second, and so on; there are no gaps in a record.
        codes: ``int32[records]``, index into ``values``, -1 for null.
        values: Distinct canonical values of the role, without null, in an order that depends on the records alone: as
            they first hold them, for most. So what lies together in memory is asked for together. One array for
            all its slots.
        written: For each of ``values`` the spelling that most records have; one array for all its slots.
        others: The spelling of each record that has another one.
    """

    role: str
    slot: int
    codes: Codes
    values: pa.StringArray
    written: pa.StringArray
    others: Spellings


@dataclass(frozen=True)
class Numbered:
    """A column of one source by its distinct texts.

    Attributes:
        codes: ``int32[rows]``, index into ``texts``, -1 for null, empty and too long to be a value.
        texts: Distinct texts in the order in which rows first hold them.
    """

    codes: Codes
    texts: Spans


@dataclass(frozen=True)
class Cell:
    """A column of one source on its way to a slot.

    Attributes:
        source: Index of the source.
        column: Name of its column.
        slot: The slot its values go to.
        element: Which element of a list column; None for a column of strings.
    """

    source: int
    column: str
    slot: int
    element: int | None = None


@dataclass
class Group:
    """Cells whose values follow one rule and are encoded together.

    Attributes:
        role: Name of their role.
        date_order: How their dates are written; None for other roles.
        last_first: For full names, whether the last name stands in front.
        cells: The cells, by slot and source.
        keep_lines: For streets, whether house numbers stand in columns of their own too.
    """

    role: str
    date_order: str | None
    last_first: bool = False
    keep_lines: bool = False
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True)
class Encoded:
    """A group after encoding.

    Attributes:
        role: Name of the role.
        raw: Distinct raw values in the order in which records, in canonical order, first hold them.
        slots: For each slot ``int32[records]`` codes into ``raw``, -1 for null.
        forms: What each raw value becomes: for each output role canonical values, null for none.
            ``street_line`` is the street where the house number stays in it.
    """

    role: str
    raw: pa.StringArray
    slots: list[Codes]
    forms: dict[str, pa.StringArray]


@dataclass(frozen=True)
class _Share:
    """What one group gives to an output role: values, and which of them each record holds in each slot."""

    values: pa.StringArray
    slots: list[Codes]
    raw: pa.StringArray
    raw_slots: list[Codes]


# ---------------------------------------------------------------------------------------------- encoding


def encode(group: Group, parts: list[Numbered], rows: Sequence[npt.NDArray[np.int64]]) -> Encoded:
    """Encodes a group by its distinct values and brings those to canonical form.

    Args:
        group: The cells to encode.
        parts: The numbered texts of each cell; emptied, so that their memory can go.
        rows: For each source the row of each of its records, in canonical order.

    Returns:
        Codes over all records, those of the first source first.

    Raises:
        ColumnError: When the columns hold more than 2 GiB of text together.
    """
    sizes = [len(kept) for kept in rows]
    firsts = np.concatenate([[0], np.cumsum(sizes)])
    codes, spans = _together(group, parts)
    slots = np.full((max(cell.slot for cell in group.cells) + 1, firsts[-1]), -1, dtype=np.int32)
    for cell, held in zip(group.cells, codes, strict=True):
        slots[cell.slot, firsts[cell.source] : firsts[cell.source + 1]] = held[rows[cell.source]]
    del codes
    numbers, first_places = native.renumber(slots.ravel(), len(spans))
    raw = spans.take(slots.ravel().take(first_places)).array()
    numbers = numbers.reshape(slots.shape)
    del spans, slots
    return Encoded(group.role, raw, list(numbers), forms(group, raw))


def number_texts(column: pa.ChunkedArray, name: str, element: int | None = None) -> Numbered:
    """Numbers the distinct texts of a column.

    Rows are read in the order in which they lie in memory: in any other, most texts would be waited for.

    Args:
        column: Strings, by dictionary or not, or lists of them.
        name: Its name, for errors.
        element: Which element of a list counts; None for strings.

    Returns:
        The numbers and the texts.

    Raises:
        ColumnError: When the column holds more than 2 GiB of text.
    """
    if pa.types.is_dictionary(column.type):
        return _renumbered(column, name)
    spans = _text(column, name, element)
    codes, first_rows = spans.distinct()
    return Numbered(codes, spans.take(first_rows))


def _renumbered(column: pa.ChunkedArray, name: str) -> Numbered:
    """Numbers texts that have numbers already; a dictionary may hold a text twice, or one that no row does."""
    spans = _text(pa.chunked_array([part.dictionary for part in column.chunks], pa.string()), name, None)
    numbers, firsts = spans.distinct()
    lookups = np.split(numbers, np.cumsum([len(part.dictionary) for part in column.chunks])[:-1])
    held = [
        native.recode(places_in(part.indices), lookup)
        for part, lookup in zip(column.chunks, lookups, strict=False)
    ]
    codes = np.concatenate([np.empty(0, np.int32), *held])
    found, rows = native.renumber(codes, len(firsts))
    return Numbered(found, spans.take(firsts.take(codes.take(rows))))


def _together(group: Group, parts: list[Numbered]) -> tuple[list[Codes], Spans]:
    """Numbers the distinct texts of all cells; the codes of each cell, row by row, and the texts."""
    if len(parts) == 1:
        part = parts.pop()
        return [part.codes], part.texts
    texts = [Spans.of(part.texts.array()) for part in parts]
    if sum(part.data.size for part in texts) > MAX_BYTES:
        raise ColumnError(
            f"expected at most 2 GiB of text in the columns of role {group.role}, got more",
            hint="Ignore a column that holds more than one value a person, or split the input.",
        )
    spans = _end_to_end(texts)
    numbers, firsts = spans.distinct()
    lookups = np.split(numbers, np.cumsum([len(part) for part in texts])[:-1])
    codes = [native.recode(part.codes, lookup) for part, lookup in zip(parts, lookups, strict=True)]
    parts.clear()
    return codes, spans.take(firsts)


def _text(column: pa.ChunkedArray, name: str, element: int | None) -> Spans:
    """Lays a column out as spans of one buffer; nulls and texts too long to be a value are empty."""
    chunks = column.chunks if element is None else [_element(chunk, element) for chunk in column.chunks]
    spans = [_short(Spans.of(chunk)) for chunk in chunks]
    if sum(part.data.size for part in spans) > MAX_BYTES:
        raise ColumnError(f"expected at most 2 GiB of text in column {name}, got more")
    return _end_to_end(spans)


def _end_to_end(parts: Sequence[Spans]) -> Spans:
    """Lays the rows of several parts one behind the other, at most 2 GiB."""
    if len(parts) == 1:
        return parts[0]
    shift = np.cumsum([0, *(part.data.size for part in parts)]).astype(np.int32)
    empty = np.empty(0, np.int32)
    return Spans(
        np.concatenate([np.empty(0, np.uint8), *(part.data for part in parts)]),
        np.concatenate([empty, *(part.starts + at for part, at in zip(parts, shift, strict=False))]),
        np.concatenate([empty, *(part.stops + at for part, at in zip(parts, shift, strict=False))]),
    )


def _short(spans: Spans) -> Spans:
    if not len(spans) or int(spans.lengths.max()) <= LONGEST:
        return spans
    return Spans.of(spans.only(spans.lengths <= LONGEST).array())


def _element(lists: pa.ListArray, element: int) -> pa.Array:
    """Takes one element of each list, null where the list is shorter."""
    at = lists.offsets.to_numpy()[:-1].astype(np.int64) + element
    missing = lists.value_lengths().fill_null(0).to_numpy() <= element
    return lists.values.take(pa.array(at, mask=missing)).cast(pa.string())


def forms(group: Group, raw: pa.StringArray) -> dict[str, pa.StringArray]:
    """What distinct raw values of a role become.

    Args:
        group: The role, and how its values are read.
        raw: The values.

    Returns:
        For each output role canonical values, null for none.
    """
    spans = Spans.of(raw)
    if group.role == "full_name":
        parts = names.split_full_name(spans, last_first=group.last_first)
        return {
            "first_name": parts.first.array(),
            "middle_name": parts.middle.array(),
            "last_name": parts.last.array(),
            "suffix": parts.suffix.array(),
        }
    if group.role == "last_name":
        last, suffix = names.split_last_name(spans)
        return {"last_name": last.array(), "suffix": suffix.array()}
    if group.role == "street":
        line = places.split_street(spans)
        forms = {
            "street": line.street.array(),
            "house_number": line.house_number.array(),
            "unit": line.unit.array(),
        }
        if group.keep_lines:
            forms["street_line"] = places.short_street(line.line).array()
        return forms
    return {group.role: canonical(group.role, raw, date_order=group.date_order)}


# ---------------------------------------------------------------------------------------------- joining


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
    values, value_codes = distinct_texts(_concatenated([share.values for share in shares]))
    if len(shares) == 1 and len(values) == len(value_codes) and _is_plain(shares[0]):
        none = np.empty(0, np.int32)
        no_others = Spellings(none, none, pa.array([], pa.string()))
        return [Column(role, 0, shares[0].slots[0], values, shares[0].raw, no_others)]
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
    values = _only_used(values, codes)
    common = commonest(len(values), codes, raws, len(raw_values))
    written = texts_at(raw_values, common)
    others = spelled_otherwise(common, codes, raws, raw_values)
    return [
        Column(role, slot, codes[slot], values, written, others[slot])
        for slot in range(count)
        if (codes[slot] >= 0).any()
    ]


def _is_plain(share: _Share) -> bool:
    """Whether each value of a share has one spelling, its own, if no two values are one and none is null."""
    if len(share.slots) > 1 or share.slots is not share.raw_slots or len(share.raw) != len(share.values):
        return False
    return bool(native.count_codes(share.slots[0], len(share.values)).all())


def _concatenated(arrays: list[pa.StringArray]) -> pa.StringArray:
    return arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays)


def _only_used(values: pa.StringArray, codes: list[Codes]) -> pa.StringArray:
    """Drops values that no record holds and renumbers the others."""
    used = np.zeros(len(values), dtype=bool)
    for held in codes:
        used |= native.count_codes(held, len(values)) > 0
    if used.all():
        return values
    number = np.cumsum(used, dtype=np.int32) - 1
    for slot, held in enumerate(codes):
        codes[slot] = native.recode(held, number)
    return values.filter(pa.array(used))


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
    for part in derived:
        values, codes = distinct_texts(part.forms[role])
        slots = [native.recode(held, codes) for held in part.slots]
        raw = pc.utf8_title(values) if part.role.endswith("_name") else values
        shares.append(_Share(values, slots, raw, slots))
    if role in ("first_name", "middle_name", "last_name"):
        # Compared in Latin letters, and shown as written.
        shares = [replace(share, values=names.latin(share.values)) for share in shares]
    return shares


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
