"""Columns of text as spans of one buffer: between Arrow string arrays and the native primitives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cxm_sdk._native import codes, numbers, text
from cxm_sdk._native import words as word_lists
from cxm_sdk._native.written import find_written
from cxm_sdk.identity.folding import NO_WIDE, wide_characters, wide_table

__all__ = [
    "Spans",
    "Words",
    "word_list",
    "word_map",
]

_Bytes = NDArray[np.uint8]
_Positions = NDArray[np.int32]
# Sequences that only mean the usual letter when composed: Hangul jamo, kana voice marks; and all beyond the
# tables.
_COMPOSABLE = ((0x1100, 0x11FF), (0x3099, 0x309A), (0x10000, 0x10FFFF))
# Rows that tell whether most rows of a column are distinct, and how many of these have to be.
_HEAD, _MOSTLY = 4096, 0.98
_COMPOSABLE_CHARACTER = f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in _COMPOSABLE)}]"


class Words:
    """A list of words, or of words with replacements, as the native primitives take it.

    Args:
        words: The words; a mapping gives each its replacement.
        endings: Endings of longer words with their replacement.

    Example:
        >>> Words({"street": "st"}).offsets.tolist()
        [0, 6]
    """

    __slots__ = ("data", "endings", "new_data", "new_offsets", "offsets", "words")

    def __init__(
        self, words: Mapping[str, str] | Iterable[str], endings: Mapping[str, str] | None = None
    ) -> None:
        endings = endings or {}
        self.words = [*words, *endings]
        self.endings = len(endings)
        self.data, self.offsets = _packed(self.words)
        partners = [*words.values(), *endings.values()] if isinstance(words, Mapping) else []
        self.new_data, self.new_offsets = _packed(partners)


def word_list(text: str) -> list[str]:
    """Reads words parted by commas.

    Args:
        text: The words; an entry may hold spaces.

    Returns:
        The entries.

    Example:
        >>> word_list("card holder, guest")
        ['card holder', 'guest']
    """
    return [" ".join(entry.split()) for entry in text.split(",")]


def word_map(text: str) -> dict[str, str]:
    """Reads words and what they become, written the other way round: ``new: old, old``.

    Args:
        text: One entry a line; a line without a colon goes on with the entry before.

    Returns:
        The new word for each old one, in order.

    Example:
        >>> word_map("st: street, str")
        {'street': 'st', 'str': 'st'}
    """
    words: dict[str, str] = {}
    new = ""
    for line in text.strip().splitlines():
        if ":" in line:
            new, _, line = (part.strip() for part in line.partition(":"))
        words.update((old, new) for old in word_list(line) if old)
    return words


def _packed(words: list[str]) -> tuple[_Bytes, _Positions]:
    encoded = [word.encode() for word in words]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets


@dataclass(frozen=True)
class Spans:
    """A column of strings without nulls, where cutting a string copies nothing.

    Attributes:
        data: ``uint8``: UTF-8 text of all rows.
        starts: ``int32[n]``: where each row starts in ``data``.
        stops: ``int32[n]``: where each row stops. An empty row stands for null.
        offsets: ``int32[n + 1]`` when the rows lie one behind the other without gaps, else None.

    Example:
        >>> import pyarrow as pa
        >>> names = Spans.of(pa.array(["Ada Lovelace", "Plato"]))
        >>> names.before(names.find(" ")).array().to_pylist()
        ['Ada', 'Plato']
    """

    data: _Bytes
    starts: _Positions
    stops: _Positions
    offsets: _Positions | None = None

    @classmethod
    def of(cls, array: pa.Array) -> Spans:
        """Views an Arrow array.

        Args:
            array: Strings; a null counts as empty.

        Returns:
            Spans over the array's own buffers when it has no nulls.
        """
        array = array.cast(pa.string())
        _, offsets, data = array.buffers()
        if not len(array) or offsets is None:
            return cls.end_to_end(np.empty(0, np.uint8), np.zeros(len(array) + 1, np.int32))
        bounds = np.frombuffer(offsets, dtype=np.int32)[array.offset : array.offset + len(array) + 1]
        spans = cls.end_to_end(np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8), bounds)
        if array.null_count:
            # A null may have text beneath it, though hardly anybody writes one so.
            filled = spans.lengths > 0
            known = array.is_valid().to_numpy(zero_copy_only=False)
            if (filled & ~known).any():
                return spans.only(known)
        return spans

    @classmethod
    def end_to_end(cls, data: _Bytes, offsets: _Positions) -> Spans:
        """Rows that lie behind each other.

        Args:
            data: UTF-8 bytes.
            offsets: ``int32[n + 1]``, where each row begins, and where the last one ends.

        Returns:
            The column.
        """
        return cls(data, offsets[:-1], offsets[1:], offsets)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def lengths(self) -> _Positions:
        """Length of each row in bytes, ``int32[n]``."""
        return self.stops - self.starts

    @property
    def ascii(self) -> bool:
        """Whether the whole buffer is ASCII."""
        return not self.data.size or int(self.data.max()) < 0x80

    def array(self) -> pa.StringArray:
        """Makes an Arrow array.

        Returns:
            The rows; empty ones are null.
        """
        offsets, data = self.packed()
        filled = offsets[1:] > offsets[:-1]
        nulls = len(filled) - int(np.count_nonzero(filled))
        bitmap = pa.py_buffer(np.packbits(filled, bitorder="little")) if nulls else None
        return pa.StringArray.from_buffers(
            len(filled), pa.py_buffer(offsets), pa.py_buffer(data), bitmap, nulls
        )

    def packed(self) -> tuple[_Positions, _Bytes]:
        """The rows one behind the other: ``int32[n + 1]``, where each starts, and their text."""
        if self.offsets is not None:
            return self.offsets, self.data
        data, offsets = text.gather(self.data, self.starts, self.stops)
        return offsets, data

    # ------------------------------------------------------------------------------------------ cutting

    def within(self, starts: _Positions, stops: _Positions) -> Spans:
        """Takes other spans of the same text.

        Args:
            starts: ``int32[n]`` new starts; a start at or behind its stop gives an empty row.
            stops: ``int32[n]`` new stops.

        Returns:
            The new spans, white space at both ends left out.
        """
        starts = np.minimum(starts, stops).astype(np.int32, copy=False)
        stops = stops.astype(np.int32, copy=False)
        return Spans(self.data, *text.trim(self.data, starts, stops))

    def trimmed(self) -> Spans:
        """Leaves out white space and control characters at both ends."""
        return self.within(self.starts, self.stops)

    def before(self, at: _Positions) -> Spans:
        """Takes what stands before a position; the whole row where it is -1."""
        return self.within(self.starts, np.where(at < 0, self.stops, at))

    def after(self, at: _Positions, skip: int = 1) -> Spans:
        """Takes what stands after a position and ``skip`` bytes; nothing where it is -1."""
        return self.within(np.where(at < 0, self.stops, np.minimum(at + skip, self.stops)), self.stops)

    def only(self, keep: NDArray[np.bool_]) -> Spans:
        """Empties every row that is not to be kept.

        Args:
            keep: ``bool[n]``.

        Returns:
            The same rows, empty where ``keep`` is false.
        """
        return self if keep.all() else Spans(self.data, self.starts, np.where(keep, self.stops, self.starts))

    def take(self, rows: NDArray[np.integer[Any]]) -> Spans:
        """Takes rows by number, in the order given."""
        return Spans(self.data, self.starts.take(rows), self.stops.take(rows))

    def joined(self, other: Spans, separator: str = " ") -> Spans:
        """Joins two columns row by row; a row that is empty in one of them is what the other holds.

        Args:
            other: As many rows.
            separator: What to put between two texts.

        Returns:
            The joined rows.
        """
        if not other.lengths.any():
            return self
        right = (other.data, other.starts, other.stops)
        return Spans.end_to_end(*text.join(self.data, self.starts, self.stops, *right, ord(separator)))

    def or_else(self, other: Spans) -> Spans:
        """Fills empty rows.

        Args:
            other: As many rows, taken where this column is empty.

        Returns:
            The filled column.
        """
        if not other.lengths.any():
            return self
        if not self.lengths.any():
            return other
        return self.replaced_at(self.lengths == 0, other)

    def replaced_at(self, rows: NDArray[np.bool_], other: Spans) -> Spans:
        """Takes some rows from another column, behind whose text this one's is kept.

        Args:
            rows: ``bool[n]``: the rows to change.
            other: As many rows.

        Returns:
            The changed column.
        """
        data, shift = self._beside(other)
        starts = np.where(rows, other.starts + shift, self.starts)
        return Spans(data, starts, np.where(rows, other.stops + shift, self.stops))

    def with_rows(self, rows: NDArray[np.integer[Any]], other: Spans) -> Spans:
        """Takes some rows from a column that holds only these.

        Args:
            rows: Numbers of the rows to change.
            other: One row for each of them.

        Returns:
            The changed column.
        """
        data, shift = self._beside(other)
        starts, stops = self.starts.copy(), self.stops.copy()
        starts[rows], stops[rows] = other.starts + shift, other.stops + shift
        return Spans(data, starts, stops)

    def _beside(self, other: Spans) -> tuple[_Bytes, np.int32]:
        """One buffer with the text of both columns, and by how much the spans of the other one move."""
        if self.data is other.data:
            return self.data, np.int32(0)
        if self.data.size + other.data.size > np.iinfo(np.int32).max:
            raise MemoryError(
                "expected text of at most 2 GiB in a column, got more: int32 offsets do not reach"
            )
        return np.concatenate([self.data, other.data]), np.int32(self.data.size)

    def first_bytes(self) -> _Bytes:
        """First byte of each row, 0 for empty rows, ``uint8[n]``."""
        return self.bytes_at(self.starts)

    def last_bytes(self) -> _Bytes:
        """Last byte of each row, 0 for empty rows, ``uint8[n]``."""
        return self.bytes_at(self.stops - 1)

    def bytes_at(self, at: _Positions) -> _Bytes:
        """Byte at a position of each row, ``uint8[n]``; 0 for empty rows, undefined outside the row."""
        if not self.data.size:
            return np.zeros(len(self), dtype=np.uint8)
        # an empty row may point just outside the buffer
        byte = self.data[np.clip(at, 0, self.data.size - 1)]
        return np.where(self.stops > self.starts, byte, np.uint8(0))

    # ------------------------------------------------------------------------------------------ native

    def holds(self, characters: str) -> bool:
        """Whether any of these ASCII characters stands in the buffer, in a row or beside rows; quick."""
        whole = np.zeros(1, np.int32), np.array([self.data.size], np.int32)
        return any(text.find_byte(self.data, *whole, ord(character))[0] >= 0 for character in characters)

    def find(self, character: str, *, last: bool = False) -> _Positions:
        """Finds an ASCII character in each row: its position in the text, -1 for none."""
        return text.find_byte(self.data, self.starts, self.stops, ord(character), last)

    def kinds(self, table: _Bytes) -> _Bytes:
        """Tells of what kinds the bytes of each row are, ``uint8[n]``; see ``_native.text.kinds``."""
        return text.kinds(self.data, self.starts, self.stops, table)

    def find_word(self, words: Words) -> _Positions:
        """Finds the first listed word of each row: where it starts in the text, -1 for none."""
        return word_lists.find_word(self.data, self.starts, self.stops, words.data, words.offsets)

    def lookup(self, words: Words) -> _Positions:
        """Looks each whole row up in a list: the index there, -1 for none."""
        return word_lists.lookup(self.data, self.starts, self.stops, words.data, words.offsets)

    def without_leading(self, words: Words, *, keep_one: bool = False) -> tuple[Spans, Spans]:
        """Splits off the run of listed words at the start.

        Args:
            words: The words to split off.
            keep_one: Whether at least one word must stay.

        Returns:
            The rest, and the run.
        """
        at = word_lists.word_run(
            self.data, self.starts, self.stops, words.data, words.offsets, False, keep_one
        )
        return self.within(at, self.stops), self.within(self.starts, at)

    def without_trailing(self, words: Words, *, keep_one: bool = False) -> tuple[Spans, Spans]:
        """Splits off the run of listed words at the end.

        Args:
            words: The words to split off.
            keep_one: Whether at least one word must stay.

        Returns:
            The rest, and the run.
        """
        at = word_lists.word_run(
            self.data, self.starts, self.stops, words.data, words.offsets, True, keep_one
        )
        return self.within(self.starts, at), self.within(at, self.stops)

    def replaced(self, words: Words) -> Spans:
        """Replaces every listed word by its partner; an empty partner drops the word."""
        new = (words.new_data, words.new_offsets, words.endings)
        return Spans.end_to_end(
            *word_lists.map_words(self.data, self.starts, self.stops, words.data, words.offsets, *new)
        )

    def translated(self, narrow: _Bytes, wide: NDArray[np.uint64] | None = None) -> Spans:
        """Rewrites every character by table and collapses separators.

        Args:
            narrow: ``uint8[128]``, see ``folding.narrow_table``.
            wide: Table for other characters; None folds them (``folding.wide_table``).

        Returns:
            New text, one row behind the other.
        """
        spans = self
        if wide is None:
            spans, wide = self._composed()
        return Spans.end_to_end(*text.translate(spans.data, spans.starts, spans.stops, narrow, wide))

    def _composed(self) -> tuple[Spans, NDArray[np.uint64]]:
        """The text with characters put together of what stands apart, and the table for it."""
        characters = wide_characters(self.data)
        if not len(characters):
            return self, NO_WIDE
        if not any(np.any((characters >= first) & (characters <= last)) for first, last in _COMPOSABLE):
            return self, wide_table(characters)
        array = self.array().fill_null("")
        rows = pc.match_substring_regex(array, _COMPOSABLE_CHARACTER)
        composed = Spans.of(pc.replace_with_mask(array, rows, pc.utf8_normalize(array.filter(rows), "NFKC")))
        return composed, wide_table(wide_characters(composed.data))

    def written(self, parts: Spans, *, last: bool = False) -> Spans:
        """Finds the words that fold to a part of each row, as they stand there; see ``_native.written``.

        Args:
            parts: As many rows of whole folded words, without accents and in lower case.
            last: Whether the last place counts where the words stand twice.

        Returns:
            The words, empty where they are not found.

        Example:
            >>> import pyarrow as pa
            >>> names, parts = (Spans.of(pa.array([text])) for text in ("O'Neil, Jörg", "jorg"))
            >>> names.written(parts).array().to_pylist()
            ['Jörg']
        """
        spans, wide = self._composed()
        text = spans.data, spans.starts, spans.stops
        found = find_written(*text, wide, parts.data, parts.starts, parts.stops, last)
        return Spans(spans.data, *found)

    def house_numbers(self, roads: Words) -> tuple[_Positions, _Positions]:
        """Finds house numbers in address lines: where they start and stop in the text, -1 for none.

        Args:
            roads: Words whose number is a name, such as ``highway 12``.

        Returns:
            Starts and stops, ``int32[n]`` each.
        """
        return numbers.house_numbers(self.data, self.starts, self.stops, roads.data, roads.offsets)

    def sounds(self) -> NDArray[np.uint64]:
        """Phonetic code of each row, 0 for none; see ``_native.text.phonetic``."""
        return text.phonetic(self.data, self.starts, self.stops)

    def hashes(self, *, seed: int = 0, part: int = 0) -> NDArray[np.uint64]:
        """64-bit hash of each row, 0 for empty rows.

        Args:
            seed: Gives unrelated hashes for unrelated uses.
            part: 0 for the whole, k for the first k characters, -k for the last k.

        Returns:
            ``uint64[n]``.
        """
        return text.hash64(self.data, self.starts, self.stops, seed, part)

    def distinct(self, expected: int = 0) -> tuple[_Positions, _Positions]:
        """Numbers distinct rows by first appearance.

        Args:
            expected: How many there may be, where nearly all are distinct; 0 where that is not known.

        Returns:
            ``int32[n]`` numbers, -1 for empty rows, and ``int32[k]`` the first row of each number.
        """
        return codes.number_distinct(self.data, self.starts, self.stops, expected)

    def mostly_distinct(self) -> bool:
        """Whether hardly any of the first rows are equal."""
        head = Spans(self.data, self.starts[:_HEAD], self.stops[:_HEAD])
        return len(head.distinct()[1]) > _MOSTLY * _HEAD

    def by_distinct(self, make: Callable[[Spans], Spans]) -> Spans:
        """Does to each distinct row what is to be done to all, for where few are distinct.

        Args:
            make: Makes a row of each row, whatever the others are, and an empty one of an empty one.

        Returns:
            What it makes of the rows.

        Example:
            >>> import pyarrow as pa
            >>> streets = Spans.of(pa.array(["High St 1", None, "High St 1"]))
            >>> streets.by_distinct(lambda rows: rows.before(rows.find(" "))).array().to_pylist()
            ['High', None, 'High']
        """
        numbers, firsts = self.distinct()
        made = make(self.take(firsts))
        starts, stops = (np.append(ends, np.int32(0)).take(numbers) for ends in (made.starts, made.stops))
        return Spans(made.data, starts, stops)  # -1 is the last row, which is empty

    def order(self) -> _Positions:
        """Row numbers in bytewise order, ``int32[n]``; equal rows by position."""
        return text.sort_order(self.data, self.starts, self.stops)
