"""What every character becomes when text is folded, so that spellings of one text are equal.

Lower case, no accents on Latin, Greek and Cyrillic letters, ASCII digits, punctuation as a space, apostrophes gone.
Letters of other scripts stay what they are.
"""

from __future__ import annotations

import unicodedata

__all__ = ["fold_character"]

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
_LONGEST = 7


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
    if character in _APOSTROPHES or category in (
        "Cf",
        "Cs",
    ):  # some are letters, and a part of others such as ŉ
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category[0] in "LNM":
        return character
    return " "
