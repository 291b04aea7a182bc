"""Agreement levels of record pairs, one comparison after the other over batches that stay in the cache.

A comparison gives every pair of records (``left`` and ``right`` record numbers) one ``uint8`` level: 0 when
either side is missing, 1 when the values differ, more the closer they agree. A field may have several values
(slots): every pair of slots is compared, and the best level counts. Comparisons are made once for the records
they read, and ``Comparisons`` runs them without the GIL, from as many threads as there are.

The codes of a record stand side by side in one table, int32[records, columns], -1 for null, so that they share
a cache line or two. ``slots`` are pairs of its columns: the one read for the left record and the one read for
the right; -1 stands for a column of nulls. A batch of pairs is laid out column by column before it is compared,
so that equal and missing codes are found many at a time. All arrays are C-contiguous and kept alive; what they
hold must not change. Record numbers and codes are trusted: nothing checks that they lie inside their arrays.

Where RapidFuzz has no C interface there is no ``similarity``, and ``measure`` is called instead, with the GIL,
for each batch and pair of slots: ``measure(ours, theirs)`` takes int32[pairs] codes of both slots, which it
must not keep, and gives float32[pairs], 0 to 1, anything where either side is null. Similarities
count as reaching a threshold from 1e-7 below it, so that those 32-bit ones give the same levels as a scorer.
"""

from collections.abc import Callable, Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import disjoint_base

from cxm_sdk._native.strings import Similarity, TextColumn

_Ints = NDArray[np.int32]
_Bytes = NDArray[np.uint8]
_Hashes = NDArray[np.uint64]
_Slots = Sequence[tuple[int, int]]
_Measure = Callable[[_Ints, _Ints], NDArray[np.float32]] | None

@disjoint_base
class Comparison:
    """One step over a batch of pairs; raises levels, or changes them by what other comparisons found.

    The classes below and those of ``joint`` are its kinds; this one writes nothing.

    Args:
        slots: Columns of the left and of the right slot.
        column: Which level to raise.

    Raises:
        ValueError: When a column is below -1.
    """

    def __init__(self, slots: _Slots, column: int) -> None: ...

@disjoint_base
class MeasuredComparison(Comparison):
    """A comparison that asks how alike two texts are; its kinds are below and in ``joint``.

    Args:
        slots: Columns of the left and of the right slot.
        column: Which level to raise.
        similarity: Scorer, or None to call ``measure``.
        measure: What measures pairs where there is no scorer.
    """

    def __init__(
        self, slots: _Slots, column: int, similarity: Similarity | None, measure: _Measure
    ) -> None: ...

@final
class EqualLevels(Comparison):
    """Levels of plain codes: 2 equal, 1 different, 0 missing.

    Args:
        slots: Columns of the left and of the right slot.
        column: Which level to raise.
    """

    def __init__(self, slots: _Slots, column: int) -> None: ...

@final
class NameLevels(MeasuredComparison):
    """Levels of names: 6 exact, 5 close, 4 variant, 3 initial, 2 similar, 1 different, 0 missing.

    Close and similar are Jaro-Winkler at or above ``close`` and ``similar``; similar also takes equal sounds.
    A variant is a shared nickname group, or whole words at one end of a longer name. An initial is one letter
    that begins the other name.

    Args:
        slots: Columns of the left and of the right slot.
        column: Which level to raise.
        text: Distinct values.
        sounds: uint64[values], phonetic code, 0 for none.
        groups: int32[values, width], nickname groups, filled up with -1.
        similarity: Scorer, or None to call ``measure``.
        measure: What measures pairs where there is no scorer.
        close: Lower end of close, 0 to 1.
        similar: Lower end of similar, 0 to 1, at most ``close``.

    Raises:
        ValueError: When there are not as many sounds and groups as values.
    """

    def __init__(
        self,
        slots: _Slots,
        column: int,
        text: TextColumn,
        sounds: _Hashes,
        groups: _Ints,
        similarity: Similarity | None,
        measure: _Measure,
        close: float,
        similar: float,
    ) -> None: ...

@final
class DateLevels(Comparison):
    """Levels of dates: 5 exact, 4 one slip, 3 two parts equal, 2 within a year, 1 different, 0 missing.

    A slip is one wrong digit, two neighbouring digits swapped, or day and month swapped. Within a year means
    years that differ by at most one.

    Args:
        slots: Columns of the left and of the right slot.
        column: Which level to raise.
        dates: uint32[values], the digits of YYYYMMDD, four bits each.
    """

    def __init__(self, slots: _Slots, column: int, dates: NDArray[np.uint32]) -> None: ...

@final
class CodeLevels(Comparison):
    """Levels of phones and identifiers: 4 exact, 3 same tail, 2 one edit, 1 different, 0 missing.

    Args:
        slots: Columns of the left and of the right slot.
        column: Which level to raise.
        text: Distinct values.
        tails: uint64[values], number standing for the tail of the value (last digits of a phone), 0 for none.
        shortest: Values shorter than this never count as one edit apart.
        digests: For each slot, where ``tail_kinds`` of its values lie on both sides: a column, -1 for none, and the
            lowest of ten bits. Equal tails must mean equal kinds. Nothing for no digests at all; levels are the same.

    Raises:
        ValueError: When there are not as many tails as values, or digests of other slots.
    """

    def __init__(
        self,
        slots: _Slots,
        column: int,
        text: TextColumn,
        tails: _Hashes,
        shortest: int,
        digests: Sequence[tuple[tuple[int, int], tuple[int, int]]] = (),
    ) -> None: ...

@final
class EmailLevels(MeasuredComparison):
    """Levels of e-mail addresses: 4 exact, 3 same local part, 2 close local part, 1 different, 0 missing.

    Args:
        slots: Columns of the left and of the right slot.
        local_slots: The same for the numbers of their local parts.
        column: Which level to raise.
        local_text: Distinct local parts.
        similarity: Scorer, or None to call ``measure``.
        measure: What measures the local parts where there is no scorer.
        close: Lower end of close, 0 to 1.
        digests: For each slot, where ``letter_kinds`` of its local parts lie on both sides: a column, -1 for none, and
            the lowest of thirty bits, above which there are none. Nothing for no digests at all; levels are the same.

    Raises:
        ValueError: When there are not as many slots of local parts, or digests of other slots.
    """

    def __init__(
        self,
        slots: _Slots,
        local_slots: _Slots,
        column: int,
        local_text: TextColumn,
        similarity: Similarity | None,
        measure: _Measure,
        close: float,
        digests: Sequence[tuple[tuple[int, int], tuple[int, int]]] = (),
    ) -> None: ...

@final
class TokenLevels(MeasuredComparison):
    """Levels of organisation names by the rarity of shared words, 0 to 6.

    6 exact, 5 nearly all shared or close spelling, 4 one contains the other, 3 most shared, 2 some shared, 1
    different, 0 missing.

    Shares are sums of word rarities: of the words in both over the words in either (nearly all >= 0.8, most
    >= 0.5, some >= 0.2), or over the words of the poorer side (contains >= 0.9).

    Args:
        slots: Columns of the left and of the right slot.
        column: Which level to raise.
        text: Distinct values.
        starts: int64[values + 1], where the words of each value start in ``tokens``.
        tokens: int32[...], word numbers, ascending within a value, without repeats.
        rarity: float32[words], weight of each word.
        similarity: Scorer, or None to call ``measure``.
        measure: What measures pairs where there is no scorer.
        close: Lower end of close spelling, 0 to 1.
    """

    def __init__(
        self,
        slots: _Slots,
        column: int,
        text: TextColumn,
        starts: NDArray[np.int64],
        tokens: _Ints,
        rarity: NDArray[np.float32],
        similarity: Similarity | None,
        measure: _Measure,
        close: float,
    ) -> None: ...

@final
class Comparisons:
    """All comparisons of a model, tied to the codes of some records.

    Cannot be pickled, as it borrows its arrays: make it again from the model.

    Args:
        steps: The comparisons, in the order in which they take their turn.
        table: int32[records, columns], the codes; rows of 16 columns that start at a cache line are read fastest.
        width: Number of levels of a pair.

    Raises:
        TypeError: When a step is not a comparison.
        ValueError: When a step reads a column or raises a level that is not there.
    """

    def __init__(self, steps: Sequence[Comparison], table: _Ints, width: int) -> None: ...
    @property
    def width(self) -> int:
        """Number of levels of a pair."""

    def write(self, left: _Ints, right: _Ints, levels: _Bytes) -> None:
        """Writes the levels of some pairs; none depends on the other pairs or on their order.

        Args:
            left: int32[pairs], record numbers.
            right: int32[pairs], record numbers.
            levels: uint8[pairs, width], raised in place.

        Raises:
            ValueError: When there are not as many pairs on both sides and levels for all of them.
            RuntimeError: When the scorer fails.
        """
