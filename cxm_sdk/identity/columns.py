"""From raw columns to columns of records: encoded by distinct value and in canonical form; ``shares`` joins them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cxm_sdk._native import codes as native
from cxm_sdk.errors import ColumnError
from cxm_sdk.identity.distinct import places_in
from cxm_sdk.identity.normalize import addresses, canonical, names, places
from cxm_sdk.identity.normalize.missing import LONGEST
from cxm_sdk.identity.spans import Spans
from cxm_sdk.identity.spellings import Codes, Spellings

__all__ = [
    "MAX_SLOTS",
    "SHOWN",
    "Cell",
    "Codes",
    "Column",
    "Counts",
    "Encoded",
    "Group",
    "Numbered",
    "encode",
    "forms",
    "number_texts",
    "packed_counts",
]

MAX_SLOTS = 4
"""Most values of one role that a record keeps."""

Counts: TypeAlias = npt.NDArray[np.unsignedinteger[Any]]

SHOWN = {role: f"written {role}" for role in ("first_name", "middle_name", "last_name")}
"""By part of a full name what it stands under as it is written there."""

MAX_BYTES = 2**31 - 1
"""Most text that the columns of one role may hold, as positions in it are 32-bit numbers."""


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
        often: Unsigned numbers, ``[values]``, how many records hold each in this slot; see ``packed_counts``.
    """

    role: str
    slot: int
    codes: Codes
    values: pa.StringArray
    written: pa.StringArray
    others: Spellings
    often: Counts


@dataclass(frozen=True)
class Numbered:
    """A column of one source by its distinct texts.

    Attributes:
        codes: ``int32[rows]``, index into ``texts``, -1 for null, empty and too long to be a value.
        texts: Distinct texts, in any order; there may be some that no row holds.
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


def packed_counts(counts: npt.NDArray[np.int64]) -> Counts:
    """Keeps numbers in as few bytes as the largest needs, for as long as there are records.

    Args:
        counts: ``int64[n]``, none below 0.

    Returns:
        The same, unsigned: to be made wider before anything is taken off.

    Example:
        >>> packed_counts(np.array([1, 300])).dtype
        dtype('uint16')
    """
    return counts.astype(np.min_scalar_type(int(counts.max(initial=0))))


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
    numbers, order = np.full(len(spans), -1, np.int32), np.empty(len(spans), np.int32)
    known = 0
    for cell, held in zip(group.cells, codes, strict=True):
        place = slots[cell.slot, firsts[cell.source] : firsts[cell.source + 1]]
        known = native.renumber_rows(held, rows[cell.source], numbers, order, known, place)
    raw = spans.take(order[:known]).array()
    del codes, spans
    return Encoded(group.role, raw, list(slots), forms(group, raw))


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
        return _given_numbers(column, name)
    spans = _text(column, name, element)
    codes, first_rows = spans.distinct()
    return Numbered(codes, spans.take(first_rows))


def _given_numbers(column: pa.ChunkedArray, name: str) -> Numbered:
    """Takes the numbers that texts have already; the dictionary of a part may hold what that of another does."""
    spans = _text(pa.chunked_array([part.dictionary for part in column.chunks], pa.string()), name, None)
    numbers, firsts = spans.distinct()
    lookups = np.split(numbers, np.cumsum([len(part.dictionary) for part in column.chunks])[:-1])
    codes = [np.empty(0, np.int32)]
    for part, lookup in zip(column.chunks, lookups, strict=False):
        held = places_in(part.indices)
        same = np.array_equal(lookup, np.arange(len(lookup), dtype=np.int32))
        codes.append(held if same else native.recode(held, lookup))
    return Numbered(codes[1] if len(codes) == 2 else np.concatenate(codes), spans.take(firsts))


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
    numbers, firsts = spans.distinct(max(map(len, texts)))
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
        For each output role canonical values, null for none; and under what ``SHOWN`` has how they are written.
    """
    spans = Spans.of(raw)
    if group.role == "full_name":
        parts = names.split_full_name(spans, last_first=group.last_first)
        return {
            "first_name": parts.first.array(),
            "middle_name": parts.middle.array(),
            "last_name": parts.last.array(),
            "suffix": parts.suffix.array(),
            **dict(zip(SHOWN.values(), (shown.array() for shown in parts.written()), strict=True)),
        }
    if group.role == "last_name":
        last, suffix = names.split_last_name(spans)
        return {"last_name": last.array(), "suffix": suffix.array()}
    if group.role == "street":
        whole = addresses.split_address(spans)
        line = places.split_street(whole.line)
        forms = {
            "street": line.street.array(),
            "house_number": line.house_number.array(),
            "unit": line.unit.array(),
        }
        if whole.postcode.lengths.any():
            forms |= {
                "city": places.city(whole.city).array(),
                "postcode": places.postcode(whole.postcode).array(),
            }
        if group.keep_lines:
            forms["street_line"] = places.short_street(line.line).array()
        return forms
    return {group.role: canonical(group.role, raw, date_order=group.date_order)}
