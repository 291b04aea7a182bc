"""Dictionary codes: distinct texts are numbered once, and what follows works on the numbers.

A column of text is ``data``, ``starts`` and ``stops`` as in ``text``; an empty span stands for null. Codes are
``int32[n]``, -1 for null. All arrays are one-dimensional, C-contiguous and read only. Every function releases the
GIL while it loops and is a pure function of its arguments.
"""

import numpy as np
from numpy.typing import NDArray

_Bytes = NDArray[np.uint8]
_Codes = NDArray[np.int32]

def number_distinct(data: _Bytes, starts: _Codes, stops: _Codes, expected: int = 0) -> tuple[_Codes, _Codes]:
    """Numbers distinct rows in the order in which they first appear.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.
        expected: How many distinct texts there may be, if they are many: so much room is taken at once, which saves to
            move them from table to table.

    Returns:
        ``int32[n]``: number of each row's text, -1 for empty rows; and ``int32[k]``: the first row of each
        number.

    Raises:
        ValueError: When a span is outside the data.
    """

def renumber(codes: _Codes, count: int) -> tuple[_Codes, _Codes]:
    """Numbers codes anew in the order in which they first appear.

    Args:
        codes: Below ``count``.
        count: How many codes there may be.

    Returns:
        ``int32[n]``: new number of each row's code; and ``int32[k]``: the first row of each new number. Codes that
        no row holds have none.

    Raises:
        IndexError: When a code is not below ``count``.
    """

def renumber_rows(
    codes: _Codes, rows: NDArray[np.int64], numbers: _Codes, order: _Codes, known: int, out: _Codes
) -> int:
    """Renumbers the codes of rows by first appearance, going on with what was found before.

    Args:
        codes: Below the number of ``numbers``; -1 for null.
        rows: Rows of the codes, in the order in which they count.
        numbers: ``int32[count]``: the new number of each code, -1 for none yet; filled.
        order: ``int32[count]``: the code of each new number; filled.
        known: How many new numbers there are.
        out: ``int32[rows]``, filled with their new numbers, -1 for null.

    Returns:
        How many new numbers there are now.

    Raises:
        ValueError: When ``order`` or ``out`` is of another length.
        IndexError: When a row is not there, or a code is too high.
    """

def recode(codes: _Codes, lookup: _Codes) -> _Codes:
    """Translates codes.

    Args:
        codes: Places in ``lookup``.
        lookup: What becomes of each code.

    Returns:
        ``int32[n]``: the new codes, -1 stays -1.

    Raises:
        IndexError: When a code is not a place in ``lookup``.
    """

def unordered_pairs(one: _Codes, other: _Codes) -> NDArray[np.uint64]:
    """Makes one number of two codes, the same whichever comes first.

    Args:
        one: A code of each row.
        other: The other one.

    Returns:
        ``uint64[n]``: the smaller code and the larger one, each plus 1, in the upper and the lower half; 0 where either
        is null.

    Raises:
        ValueError: When there are not as many of both.

    Example:
        >>> codes = np.array([0, 2, -1], np.int32)
        >>> [(number >> 32, number & 0xFFFFFFFF) for number in unordered_pairs(codes, codes[::-1].copy()).tolist()]
        [(0, 0), (3, 3), (0, 0)]
    """

def count_codes(codes: _Codes, count: int) -> NDArray[np.int64]:
    """Counts how many rows hold each code; nulls are left out.

    Args:
        codes: Below ``count``.
        count: How many codes there may be.

    Returns:
        ``int64[count]``.

    Raises:
        IndexError: When a code is not below ``count``.
    """

def held_by_several(codes: _Codes, count: int) -> tuple[_Codes, NDArray[np.int64], _Codes]:
    """Lists the rows of each code that two rows hold or more.

    Args:
        codes: Below ``count``.
        count: How many codes there may be.

    Returns:
        ``int32[k]``: the codes, ascending; ``int64[k + 1]``: where the rows of each start; and the rows, ascending
        within a code.

    Raises:
        IndexError: When a code is not below ``count``.
    """

def values_of(codes: _Codes, values: _Codes, count: int) -> _Codes:
    """Finds what stands beside each code; where several values do, the last.

    Args:
        codes: Below ``count``.
        values: ``int32[n]``, beside the codes.
        count: How many codes there may be.

    Returns:
        ``int32[count]``, -1 for codes that no row holds.

    Raises:
        ValueError: When there are not as many values as codes.
        IndexError: When a code is not below ``count``.
    """

def rows_where(codes: _Codes, wanted: NDArray[np.uint8]) -> _Codes:
    """Lists the rows whose code is wanted.

    Args:
        codes: Below the number of flags.
        wanted: ``uint8[count]``, not 0 for the codes to list.

    Returns:
        ``int32[k]`` row numbers, ascending; none for nulls.

    Raises:
        IndexError: When a code has no flag.
    """

def take_texts(data: _Bytes, offsets: _Codes, rows: _Codes) -> tuple[_Bytes, _Codes]:
    """Copies texts by number.

    Args:
        data: Text of all rows, one behind the other.
        offsets: Where each row starts, and where the last one stops.
        rows: ``int32[n]``, the rows to copy, -1 for an empty one.

    Returns:
        The copies one behind the other, and ``int32[n + 1]`` their offsets.

    Raises:
        IndexError: When a row is not there.
        ValueError: When offsets do not ascend, or leave the data.
        MemoryError: When the copies hold more than 2 GiB.
    """

def hex_texts(letter: str, first: NDArray[np.uint64], second: NDArray[np.uint64]) -> _Bytes:
    """Writes twelve bytes in hexadecimal behind a letter.

    Args:
        letter: What each text starts with, one character of ASCII.
        first: ``uint64[n]``, the first eight bytes, the lowest first.
        second: ``uint64[n]``, of which the lowest four bytes follow.

    Returns:
        The texts one behind the other, 25 letters each.

    Raises:
        ValueError: When there are not as many numbers on both sides.
    """
