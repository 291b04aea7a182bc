"""Character tables: what every character becomes when text is folded.

Folding makes spellings of one text equal: lower case, no accents on Latin, Greek and Cyrillic letters, ASCII
digits, punctuation as a space, apostrophes gone. Letters of other scripts stay what they are.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from cxm_sdk.events.folding import fold_character

__all__ = ["NO_WIDE", "fold_character", "narrow_table", "wide_digits", "wide_table"]

# Letters that nothing changes, filled in bulk: CJK ideographs, Yi, Hangul syllables.
_UNCHANGED = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA48C), (0xAC00, 0xD7A3))

NO_WIDE: NDArray[np.uint64] = np.empty(0, dtype=np.uint64)
"""The table that drops every character outside ASCII."""


@functools.cache
def wide_table(length: int = 3) -> NDArray[np.uint64]:
    """Builds the table of all two- and three-byte characters, or of those of two bytes only, once a process.

    Args:
        length: Bytes of the longest characters that will be looked up, 2 or 3. Most are of three bytes, and text in
            Latin, Greek, Cyrillic, Hebrew or Arabic script can do without them.

    Returns:
        ``uint64[65536]`` as ``_native.text.translate`` takes it: length in the lowest byte, then the text.

    Example:
        >>> int(wide_table()[ord("é")]) == ord("e") << 8 | 1
        True
    """
    table = np.zeros(0x10000, dtype=np.uint64)
    skip = np.zeros(0x10000, dtype=bool)
    skip[0xD800:0xE000] = True
    for first, last in _UNCHANGED:
        code = np.arange(first, last + 1, dtype=np.uint64)
        table[first : last + 1] = (
            np.uint64(3)
            | (np.uint64(0xE0) | code >> np.uint64(12)) << np.uint64(8)
            | (np.uint64(0x80) | code >> np.uint64(6) & np.uint64(0x3F)) << np.uint64(16)
            | (np.uint64(0x80) | code & np.uint64(0x3F)) << np.uint64(24)
        )
        skip[first : last + 1] = True
    skip[0x800 if length == 2 else 0x10000 :] = True
    for place in np.flatnonzero(~skip[0x80:]).tolist():
        text = fold_character(chr(place + 0x80)).encode()
        table[place + 0x80] = int.from_bytes(bytes([len(text)]) + text, "little")
    table.setflags(write=False)
    return table


@functools.cache
def wide_digits() -> NDArray[np.uint64]:
    """Builds the table that keeps decimal digits of all scripts, as ASCII, and drops everything else.

    Returns:
        ``uint64[65536]`` as ``_native.text.translate`` takes it.

    Example:
        >>> int(wide_digits()[ord("٣")]) == ord("3") << 8 | 1, int(wide_digits()[ord("é")])
        (True, 0)
    """
    table = wide_table()
    letter = table >> np.uint64(8)
    is_digit = (table & np.uint64(0xFF) == 1) & (letter >= ord("0")) & (letter <= ord("9"))
    digits = np.where(is_digit, table, np.uint64(0))
    digits.setflags(write=False)
    return digits


def narrow_table(
    *,
    letters: bool = True,
    digits: bool = True,
    keep: str = "",
    drop: str = "'`",
    rest: str = " ",
    lower: bool = True,
) -> NDArray[np.uint8]:
    """Builds a table for ASCII characters.

    Args:
        letters: Whether letters stay.
        digits: Whether digits stay.
        keep: Other characters that stay.
        drop: Characters that vanish.
        rest: What any other character becomes: a space, or ``""`` to vanish.
        lower: Whether upper case becomes lower case.

    Returns:
        ``uint8[128]`` as ``_native.text.translate`` takes it.

    Example:
        >>> table = narrow_table(letters=False, rest="")
        >>> [int(table[ord(c)]) for c in "5-x"]
        [53, 0, 0]
    """
    table = np.full(128, ord(rest) if rest else 0, dtype=np.uint8)
    for code in range(128):
        character = chr(code)
        if character in drop:
            table[code] = 0
        elif (letters and character.isalpha()) or (digits and character.isdigit()) or character in keep:
            table[code] = ord(character.lower() if lower else character)
    table.setflags(write=False)
    return table
