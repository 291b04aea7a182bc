"""Character tables: what every character becomes when text is folded.

Folding makes spellings of one text equal: lower case, no accents on Latin, Greek and Cyrillic letters, ASCII
digits, punctuation as a space, apostrophes gone. Letters of other scripts stay what they are.
"""

from __future__ import annotations

import functools
import unicodedata

import numpy as np
from numpy.typing import NDArray

__all__ = ["NO_WIDE", "fold_character", "narrow_table", "wide_digits", "wide_table"]

_SPECIAL = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h",
        "ŋ": "n", "ĸ": "k", "ŧ": "t", "ƒ": "f", "ə": "e",
    }
)  # fmt: skip
_APOSTROPHES = "'`´‘’‛ʹʻʼʽˈ′＇"
_MARKS = (
    (0x0300, 0x036F), (0x0591, 0x05C7), (0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F), (0x0670,
    0x0670), (0x06D6, 0x06DC), (0x06DF, 0x06E4), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F), (0xFE20, 0xFE2F),
)  # fmt: skip
_MARK_CODES = frozenset(code for first, last in _MARKS for code in range(first, last + 1))
# Letters that nothing changes, filled in bulk: CJK ideographs, Yi, Hangul syllables.
_UNCHANGED = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA48C), (0xAC00, 0xD7A3))
_LONGEST = 7

NO_WIDE: NDArray[np.uint64] = np.empty(0, dtype=np.uint64)
"""The table that drops every character outside ASCII."""


def fold_character(character: str) -> str:
    """Folds one character.

    Args:
        character: Any single character.

    Returns:
        What to write for it: letters and digits in folded form, a space for what separates, ``""`` for what
        vanishes.

    Example:
        >>> [fold_character(c) for c in "Åß’—٣王"]
        ['a', 'ss', '', ' ', '3', '王']
    """
    category = unicodedata.category(character)
    if character in _APOSTROPHES or category == "Cf":
        return ""
    # most characters are done here; the table of all of them is built while a user waits
    if category in ("Cn", "Co") or (category[0] in "PSZ" and unicodedata.is_normalized("NFKD", character)):
        return " "
    if category == "Lo" and unicodedata.is_normalized("NFKD", character):
        return character
    folded = character
    for _ in range(3):  # compatibility forms fold into characters that fold further
        before = folded
        folded = unicodedata.normalize("NFKD", folded).casefold().translate(_SPECIAL)
        folded = "".join(c for c in unicodedata.normalize("NFKD", folded) if not _is_mark(c))
        folded = unicodedata.normalize("NFC", folded)
        if folded == before:
            break
    kept = "".join(_plain(c) for c in folded)
    if not kept.strip():
        return " " if kept else ""
    return kept.strip() if len(kept.strip().encode()) <= _LONGEST else character


def _is_mark(character: str) -> bool:
    return ord(character) in _MARK_CODES


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category[0] in "LNM":
        return character
    return "" if character in _APOSTROPHES or category in ("Cf", "Cs") else " "


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
