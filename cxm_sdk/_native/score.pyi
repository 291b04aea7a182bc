"""Agreement levels of record pairs, column by column, and the bits they are worth.

Every function here works on one chunk of pairs (``left`` and ``right`` record numbers) and releases the GIL.
A level function writes one ``uint8`` a pair: 0 when either side is missing, 1 when the values differ, more
the closer they agree. With several values a field (slots) it is called once for every combination of slots
and keeps the best level.

Arrays are C-contiguous, but for codes of records, which may be strided: kept side by side in one table, all
codes of a record share a cache line or two. Record numbers and codes are trusted: nothing checks that they
lie inside their arrays. Similarities count as reaching a threshold from 1e-7 below it, so that 32-bit
``measured`` ones give the same levels as a scorer.
"""

from collections.abc import Callable
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

_Ints = NDArray[np.int32]
_Bytes = NDArray[np.uint8]
_Hashes = NDArray[np.uint64]
_Starts = NDArray[np.int64]
_Floats = NDArray[np.float64]

@final
class TextColumn:
    """Distinct values of one column, laid out for comparison without the GIL.

    Args:
        offsets: int32[n + 1], Arrow string offsets, the first is the start of value 0.
        data: uint8[...], Arrow string data (UTF-8). Kept alive as long as this object; values that are not
            ASCII are decoded once into code points of 32 bits.
    """

    def __new__(cls, offsets: _Ints, data: _Bytes) -> Self: ...
    @property
    def size(self) -> int:
        """Number of values."""

@final
class Similarity:
    """A RapidFuzz scorer that can be called without the GIL.

    Args:
        scorer: A function such as ``rapidfuzz.distance.JaroWinkler.similarity``.

    Raises:
        TypeError: When the scorer carries no usable capsule (pure Python build, other struct version, integer
            result). Callers then score with ``rapidfuzz.process.cpdist``.
    """

    def __new__(cls, scorer: Callable[..., float]) -> Self: ...

def equal_levels(
    left: _Ints, right: _Ints, left_codes: _Ints, right_codes: _Ints, levels: _Bytes, column: int
) -> None:
    """Level 2 where codes are equal, 1 where they differ, 0 where either is null.

    Args:
        left: int32[pairs], record numbers.
        right: int32[pairs], record numbers.
        left_codes: int32[records], value of the left slot, -1 for null.
        right_codes: int32[records], value of the right slot, -1 for null.
        levels: uint8[pairs, comparisons], raised in place.
        column: Which comparison to write.
    """

def name_levels(
    left: _Ints,
    right: _Ints,
    left_codes: _Ints,
    right_codes: _Ints,
    text: TextColumn,
    sounds: _Hashes,
    groups: _Ints,
    similarity: Similarity | None,
    measured: NDArray[np.float32] | None,
    close: float,
    similar: float,
    levels: _Bytes,
    column: int,
) -> None:
    """Levels of names: 6 exact, 5 close, 4 variant, 3 initial, 2 similar, 1 different, 0 missing.

    Close and similar are Jaro-Winkler at or above ``close`` and ``similar``; similar also takes equal sounds.
    A variant is a shared nickname group, or whole words at one end of a longer name. An initial is one letter
    that begins the other name.

    Args:
        left: int32[pairs], record numbers.
        right: int32[pairs], record numbers.
        left_codes: int32[records], value of the left slot, -1 for null.
        right_codes: int32[records], value of the right slot, -1 for null.
        text: Distinct values.
        sounds: uint64[values], phonetic code, 0 for none.
        groups: int32[values, width], nickname groups, filled up with -1.
        similarity: Scorer, or None to take ``measured``.
        measured: float32[pairs], similarity of each pair when there is no scorer, else None.
        close: Lower end of close, 0 to 1.
        similar: Lower end of similar, 0 to 1.
        levels: uint8[pairs, comparisons], raised in place.
        column: Which comparison to write.

    Raises:
        RuntimeError: When the scorer fails.
    """

def date_levels(
    left: _Ints,
    right: _Ints,
    left_codes: _Ints,
    right_codes: _Ints,
    dates: NDArray[np.uint32],
    levels: _Bytes,
    column: int,
) -> None:
    """Levels of dates: 5 exact, 4 one slip, 3 two parts equal, 2 within a year, 1 different, 0 missing.

    A slip is one wrong digit, two neighbouring digits swapped, or day and month swapped. Within a year means
    years that differ by at most one.

    Args:
        left: int32[pairs], record numbers.
        right: int32[pairs], record numbers.
        left_codes: int32[records], value of the left slot, -1 for null.
        right_codes: int32[records], value of the right slot, -1 for null.
        dates: uint32[values], the digits of YYYYMMDD, four bits each.
        levels: uint8[pairs, comparisons], raised in place.
        column: Which comparison to write.
    """

def code_levels(
    left: _Ints,
    right: _Ints,
    left_codes: _Ints,
    right_codes: _Ints,
    text: TextColumn,
    tails: _Hashes,
    shortest: int,
    levels: _Bytes,
    column: int,
) -> None:
    """Levels of phones and identifiers: 4 exact, 3 same tail, 2 one edit, 1 different, 0 missing.

    Args:
        left: int32[pairs], record numbers.
        right: int32[pairs], record numbers.
        left_codes: int32[records], value of the left slot, -1 for null.
        right_codes: int32[records], value of the right slot, -1 for null.
        text: Distinct values.
        tails: uint64[values], number standing for the tail of the value (last digits of a phone), 0 for none.
        shortest: Values shorter than this never count as one edit apart.
        levels: uint8[pairs, comparisons], raised in place.
        column: Which comparison to write.
    """

def street_levels(
    left: _Ints,
    right: _Ints,
    left_streets: _Ints,
    left_numbers: _Ints,
    right_streets: _Ints,
    right_numbers: _Ints,
    text: TextColumn,
    similarity: Similarity | None,
    measured: NDArray[np.float32] | None,
    similar: float,
    out: _Bytes,
) -> None:
    """Levels of street lines, 0 to 5.

    5 street and number, 4 similar street and number, 3 street with a number missing, 2 street with another
    number or similar street without the same number, 1 different, 0 missing. Whole words at one end of a
    longer street are similar.

    Args:
        left: int32[pairs], record numbers.
        right: int32[pairs], record numbers.
        left_streets: int32[records], street name of the left slot, -1 for null.
        left_numbers: int32[records], house number of the left slot, -1 for null.
        right_streets: int32[records], street name of the right slot, -1 for null.
        right_numbers: int32[records], house number of the right slot, -1 for null.
        text: Distinct street names.
        similarity: Scorer, or None to take ``measured``.
        measured: float32[pairs], similarity of each pair when there is no scorer, else None.
        similar: Lower end of similar, 0 to 1.
        out: uint8[pairs], overwritten.

    Raises:
        RuntimeError: When the scorer fails.
    """

def place_levels(
    left: _Ints,
    right: _Ints,
    left_postcodes: _Ints,
    left_cities: _Ints,
    right_postcodes: _Ints,
    right_cities: _Ints,
    postcode_text: TextColumn,
    city_text: TextColumn,
    areas: _Hashes,
    out: _Bytes,
) -> None:
    """Levels of places: 4 same postcode, 3 same city, 2 neighbours, 1 different, 0 missing.

    Neighbours share the area of the postcode (its leading part), or a postcode or city within one edit;
    cities of three letters or fewer are too short for that.

    Args:
        left: int32[pairs], record numbers.
        right: int32[pairs], record numbers.
        left_postcodes: int32[records], postcode of the left slot, -1 for null.
        left_cities: int32[records], city of the left slot, -1 for null.
        right_postcodes: int32[records], postcode of the right slot, -1 for null.
        right_cities: int32[records], city of the right slot, -1 for null.
        postcode_text: Distinct postcodes.
        city_text: Distinct cities.
        areas: uint64[postcodes], number standing for the leading part of the postcode, 0 for none.
        out: uint8[pairs], overwritten.
    """

def joint_levels(outer: _Bytes, inner: _Bytes, width: int, levels: _Bytes, column: int) -> None:
    """Writes ``outer * width + inner``: one level for every combination of two ladders.

    Args:
        outer: uint8[pairs].
        inner: uint8[pairs], all below ``width``.
        width: Number of levels of ``inner``.
        levels: uint8[pairs, comparisons], raised in place.
        column: Which comparison to write.
    """

def token_levels(
    left: _Ints,
    right: _Ints,
    left_codes: _Ints,
    right_codes: _Ints,
    text: TextColumn,
    starts: _Starts,
    tokens: _Ints,
    rarity: NDArray[np.float32],
    similarity: Similarity | None,
    measured: NDArray[np.float32] | None,
    close: float,
    levels: _Bytes,
    column: int,
) -> None:
    """Levels of organisation names by the rarity of shared words, 0 to 6.

    6 exact, 5 nearly all shared or close spelling, 4 one contains the other, 3 most shared, 2 some shared, 1
    different, 0 missing.

    Shares are sums of word rarities: of the words in both over the words in either (nearly all >= 0.8, most
    >= 0.5, some >= 0.2), or over the words of the poorer side (contains >= 0.9).

    Args:
        left: int32[pairs], record numbers.
        right: int32[pairs], record numbers.
        left_codes: int32[records], value of the left slot, -1 for null.
        right_codes: int32[records], value of the right slot, -1 for null.
        text: Distinct values.
        starts: int64[values + 1], where the words of each value start in ``tokens``.
        tokens: int32[...], word numbers, ascending within a value, without repeats.
        rarity: float32[words], weight of each word.
        similarity: Scorer, or None to take ``measured``.
        measured: float32[pairs], similarity of each pair when there is no scorer, else None.
        close: Lower end of close spelling, 0 to 1.
        levels: uint8[pairs, comparisons], raised in place.
        column: Which comparison to write.

    Raises:
        RuntimeError: When the scorer fails.
    """

def swapped_levels(
    left: _Ints,
    right: _Ints,
    first_names: _Ints,
    last_names: _Ints,
    as_first: _Ints,
    swapped: int,
    levels: _Bytes,
    first_column: int,
    last_column: int,
) -> None:
    """Where first and last name stand in each other's place, marks the first name and silences the last.

    Args:
        left: int32[pairs], record numbers.
        right: int32[pairs], record numbers.
        first_names: int32[records], -1 for null.
        last_names: int32[records], -1 for null.
        as_first: int32[last names], the same text among the first names, -1 when there is none.
        swapped: Level to write for the first name.
        levels: uint8[pairs, comparisons], changed in place.
        first_column: Comparison of the first name.
        last_column: Comparison of the last name.
    """

def silence_levels(
    left: _Ints,
    right: _Ints,
    derived: _Bytes,
    exact: int,
    agreeing: int,
    levels: _Bytes,
    column: int,
    first_column: int,
    last_column: int,
) -> None:
    """Drops a partial agreement that only repeats what agreeing names have said already.

    An e-mail local part made of the name agrees whenever the names do; counted again it would weigh twice.
    Full agreement (``exact``) and disagreement stay.

    Args:
        left: int32[pairs], record numbers.
        right: int32[pairs], record numbers.
        derived: uint8[records], 1 where the local part holds the name.
        exact: Level that is kept whatever the names say.
        agreeing: Lowest level of a name that counts as agreement.
        levels: uint8[pairs, comparisons], changed in place.
        column: Comparison to silence.
        first_column: Comparison of the first name.
        last_column: Comparison of the last name.
    """

def contains_text(
    outer_codes: _Ints, outer: TextColumn, inner_codes: _Ints, inner: TextColumn, shortest: int, out: _Bytes
) -> None:
    """Marks the records whose outer value holds their inner value.

    Args:
        outer_codes: int32[records], -1 for null.
        outer: Distinct outer values.
        inner_codes: int32[records], -1 for null.
        inner: Distinct inner values; those shorter than ``shortest`` are not looked for.
        shortest: In characters.
        out: uint8[records], set to 1 where it holds, else left alone.
    """

@final
class Adjustments:
    """Bits by which a shared value weighs more or less than its level says, for all comparisons of a model.

    Keeps the arrays it is given alive; what they hold must not change.
    """

    @property
    def size(self) -> int:
        """Number of adjustments; alternatives count as one."""

    def add(
        self,
        column: int,
        left_codes: _Ints,
        right_codes: _Ints,
        bits: NDArray[np.float32],
        at_level: _Bytes,
        household: bool,
        alternative: bool,
    ) -> None:
        """Adds one adjustment.

        Args:
            column: Comparison whose level is looked at.
            left_codes: int32[records], value of the left slot, -1 for null.
            right_codes: int32[records], value of the right slot, -1 for null.
            bits: float32[values].
            at_level: uint8[levels], 1 at the levels that mean the value is shared; at most 64 levels.
            household: Whether it also holds for a household.
            alternative: Whether this is another pair of slots of the adjustment added before.
        """

    def bits(self, left: _Ints, right: _Ints, levels: _Bytes, out: _Floats) -> None:
        """Writes the bits of every adjustment for some pairs.

        Args:
            left: int32[pairs], record numbers.
            right: int32[pairs], record numbers.
            levels: uint8[pairs, comparisons].
            out: float64[pairs, adjustments], overwritten.
        """

def weigh(
    left: _Ints,
    right: _Ints,
    levels: _Bytes,
    match_bits: _Floats,
    household_bits: _Floats,
    adjustments: Adjustments,
    sources: _Ints,
    match_prior: _Floats,
    household_prior: _Floats,
    match_out: _Floats,
    household_out: _Floats,
) -> None:
    """Sums the bits of every pair for one person, and for one household, against strangers.

    The weight of a match also carries the competing household explanation:
    ``prior + terms - log2(1 + 2 ** household)``, so that what relatives share is not taken for identity.

    Args:
        left: int32[pairs], record numbers.
        right: int32[pairs], record numbers.
        levels: uint8[pairs, comparisons].
        match_bits: float64[comparisons, levels], log2(m / u).
        household_bits: float64[comparisons, levels], log2(h / u).
        adjustments: Bits for common, rare and shared values.
        sources: int32[records], source of each record.
        match_prior: float64[2], log2 prior odds of one person against strangers, inside a source and between
            sources.
        household_prior: float64[2], the same of one household against strangers.
        match_out: float64[pairs], match weight in bits, overwritten.
        household_out: float64[pairs], log2 odds of one household against strangers, overwritten.
    """

def email_levels(
    left: _Ints,
    right: _Ints,
    left_codes: _Ints,
    right_codes: _Ints,
    local_codes: _Ints,
    local_text: TextColumn,
    similarity: Similarity | None,
    measured: NDArray[np.float32] | None,
    close: float,
    levels: _Bytes,
    column: int,
) -> None:
    """Levels of e-mail addresses: 4 exact, 3 same local part, 2 close local part, 1 different, 0 missing.

    Args:
        left: int32[pairs], record numbers.
        right: int32[pairs], record numbers.
        left_codes: int32[records], value of the left slot, -1 for null.
        right_codes: int32[records], value of the right slot, -1 for null.
        local_codes: int32[values], number of the local part of each address.
        local_text: Distinct local parts.
        similarity: Scorer, or None to take ``measured``.
        measured: float32[pairs], similarity of the local parts when there is no scorer, else None.
        close: Lower end of close, 0 to 1.
        levels: uint8[pairs, comparisons], raised in place.
        column: Which comparison to write.

    Raises:
        RuntimeError: When the scorer fails.
    """
