"""Character tables: what every character becomes when text is folded.

Folding makes spellings of one text equal: lower case, no accents on Latin, Greek and Cyrillic letters, ASCII
digits, punctuation as a space, apostrophes gone. Letters of other scripts stay what they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cxm_sdk.events.folding import fold_character

__all__ = ["NO_WIDE", "fold_character", "narrow_table", "wide_characters", "wide_table"]

NO_WIDE: NDArray[np.uint64] = np.empty(0, dtype=np.uint64)
"""The table that drops every character outside ASCII."""

# One table for the whole process, filled as characters turn up: folding a character is slow in Python, and there are
# sixty thousand, of which a text holds few.
_TABLE = np.zeros(0x10000, dtype=np.uint64)
_FILLED = np.zeros(0x10000, dtype=bool)
_FIRST_LEAD, _FIRST_LEAD_OF_THREE, _FIRST_LEAD_OF_FOUR = 0xC2, 0xE0, 0xF0


def wide_characters(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Lists the characters outside ASCII that a text holds.

    Args:
        data: ``uint8``: UTF-8 text.

    Returns:
        Code points, ascending, each once; one above ``0xFFFF`` stands for all of those.

    Example:
        >>> wide_characters(np.frombuffer("né 王 née".encode(), np.uint8)).tolist()
        [233, 29579]
    """
    if not data.size or int(data.max()) < _FIRST_LEAD:
        return np.zeros(0, np.int64)
    at = np.flatnonzero(data >= _FIRST_LEAD)
    lead = data[at].astype(np.int64)
    # Text that is cut in the middle of its last character stands in no row.
    one, two = (data.take(at + step, mode="clip").astype(np.int64) & 0x3F for step in (1, 2))
    code = np.where(
        lead < _FIRST_LEAD_OF_THREE, (lead & 0x1F) << 6 | one, (lead & 0xF) << 12 | one << 6 | two
    )
    held = np.zeros(0x10001, dtype=bool)
    held[np.where(lead < _FIRST_LEAD_OF_FOUR, code, 0x10000)] = True
    return np.flatnonzero(held)


def wide_table(characters: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Gives the table of characters of two and three bytes.

    Args:
        characters: Code points that will be looked up, such as ``wide_characters`` lists.

    Returns:
        ``uint64[65536]`` as ``_native.text.translate`` takes it: length in the lowest byte, then the text. Other
        characters may not be looked up in it.

    Example:
        >>> int(wide_table(np.array([ord("é")]))[ord("é")]) == ord("e") << 8 | 1
        True
    """
    characters = characters[characters < len(_TABLE)]
    for place in characters[~_FILLED[characters]].tolist():
        if not 0xD800 <= place < 0xE000:  # halves of characters are no text
            text = fold_character(chr(place)).encode()
            _TABLE[place] = int.from_bytes(bytes([len(text)]) + text, "little")
        _FILLED[place] = True
    return _TABLE


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
