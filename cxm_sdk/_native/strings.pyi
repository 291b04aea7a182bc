"""Distinct values laid out for comparison, and RapidFuzz scorers that can be called without the GIL.

Arrays are one-dimensional and C-contiguous. Codes are trusted: nothing checks that they lie inside their
columns.
"""

from collections.abc import Callable
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

_Ints = NDArray[np.int32]
_Bytes = NDArray[np.uint8]

@final
class TextColumn:
    """Distinct values of one column, laid out for comparison without the GIL.

    Args:
        offsets: int32[n + 1], Arrow string offsets, the first is the start of value 0.
        data: uint8[...], Arrow string data (UTF-8). Kept alive as long as this object; values that are not
            ASCII are decoded once into code points of 32 bits.

    Raises:
        ValueError: When the offsets fall, or lie outside the data.
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

def tail_kinds(text: TextColumn, length: int) -> _Ints:
    """Which of ten kinds of characters the end of each value holds an odd number of times.

    Kinds of two values that differ by one edit (a character replaced, added or left out, or two neighbours
    swapped) differ in two bits at most, and not at all where so many last characters are the same.

    Args:
        text: Values.
        length: So many last characters count.

    Returns:
        int32[values], ten bits, one for each last digit of the code point of a character.
    """

def letter_kinds(text: TextColumn) -> _Ints:
    """Which of 24 kinds of characters each value holds an odd number of times, and how long it is.

    Args:
        text: Values.

    Returns:
        int32[values], 24 bits for kinds, code points by their remainder, and above them 6 bits for the length; 63
        stands for all greater ones.
    """

def contains_text(
    outer_codes: _Ints,
    outer: TextColumn,
    inner_codes: _Ints,
    inner: TextColumn,
    shortest: int,
    mark: int,
    out: _Bytes,
) -> None:
    """Marks the records whose outer value holds their inner value, and those where little else is in it.

    Args:
        outer_codes: int32[records], -1 for null.
        outer: Distinct outer values.
        inner_codes: int32[records], -1 for null.
        inner: Distinct inner values; those shorter than ``shortest`` are not looked for.
        shortest: In characters.
        mark: Bits to set; of the bits two places higher those too where the outer value has at most one character
            more, not counting ``.``, ``_`` and ``-``.
        out: uint8[records], gets the bits where it holds, and is left alone elsewhere.
    """
