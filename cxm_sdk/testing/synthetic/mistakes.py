"""Mistakes people and machines make in one value: slips of the finger, bad scans, spelling by ear.

Each function takes a value and 64 random bits and gives the value with one mistake; the same bits always
make the same mistake.
"""

from __future__ import annotations

from typing import Final

__all__ = ["misread_digits", "mistype", "mistype_email"]

_KEYBOARD: Final = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
)
_SCANS: Final = (
    ("rn", "m"),
    ("m", "rn"),
    ("l", "1"),
    ("o", "0"),
    ("i", "l"),
    ("cl", "d"),
    ("e", "c"),
    ("h", "b"),
)
_SOUNDS: Final = (
    ("ph", "f"),
    ("ck", "k"),
    ("ie", "y"),
    ("y", "ie"),
    ("ei", "ie"),
    ("th", "t"),
    ("c", "k"),
    ("s", "z"),
    ("v", "w"),
    ("ae", "e"),
    ("ll", "l"),
    ("tt", "t"),
    ("nn", "n"),
    ("n", "nn"),
    ("dt", "t"),
    ("sch", "sh"),
)
_DOMAINS: Final = (
    ("gmail.com", "gmial.com"),
    ("gmail.com", "gmail.co"),
    ("gmail.com", "gamil.com"),
    ("gmail.com", "googlemail.com"),
    ("hotmail", "hotmial"),
    ("hotmail", "hormail"),
    ("yahoo", "yaho"),
    ("outlook", "outlok"),
    (".com", ".con"),
    (".de", ".dd"),
    (".", ","),
)
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def _neighbours() -> dict[str, str]:
    """Keys beside each key, on the same row and the next."""
    places = {key: (row, column) for row, keys in enumerate(_KEYBOARD) for column, key in enumerate(keys)}
    return {
        key: "".join(
            other
            for other, (r, c) in places.items()
            if other != key and abs(r - row) <= 1 and abs(c - column) <= 1
        )
        for key, (row, column) in places.items()
    }


_NEIGHBOURS: Final = _neighbours()


def _replaced(value: str, bits: int, table: tuple[tuple[str, str], ...]) -> str | None:
    """The value with one pattern of the table replaced once, beginning the search at a random entry."""
    lower = value.lower()
    if len(lower) != len(value):  # İ has two small letters
        lower = "".join(letter.lower()[0] for letter in value)
    for step in range(len(table)):
        old, new = table[(bits + step) % len(table)]
        at = lower.find(old)
        if at >= 0:
            return value[:at] + (new.capitalize() if value[at].isupper() else new) + value[at + len(old) :]
    return None


def _near(letter: str, value: str, bits: int) -> str:
    """A letter typed in place of another: a key beside it, or for other scripts any letter of the value."""
    if letter.isdigit():
        return str((int(letter) + 1 + bits % 9) % 10) if letter.isascii() else letter
    keys = _NEIGHBOURS.get(letter.lower())
    if keys is None:
        keys = _LETTERS if letter.isascii() else value
    found = keys[bits % len(keys)]
    return found.upper() if letter.isupper() else found


def mistype(value: str, bits: int) -> str:
    """Makes one mistake in a word or a line.

    Args:
        value: Any text.
        bits: 64 random bits.

    Returns:
        The text with one letter left out, doubled or put in, replaced by a key beside it, or exchanged with
        the next, or with one letter group misread or misheard. A text of one letter and the empty text come
        back as they are.

    >>> mistype("Schmidt", 7), mistype("Schmidt", 900), mistype("", 7)
    ('chmidt', 'Schkidt', '')
    """
    if len(value) < 2:
        return value
    kind, bits = bits % 20, bits // 20
    at, bits = bits % len(value), bits // len(value)
    # Shares after studies of typed names: substitution, omission and insertion are about alike, the rest
    # rarer.
    if kind < 5:
        return value[:at] + _near(value[at], value, bits) + value[at + 1 :]
    if kind < 9:
        return value[:at] + value[at + 1 :]
    if kind < 11:
        return value[:at] + value[at] + value[at:]
    if kind < 13:
        return value[:at] + _near(value[at], value, bits) + value[at:]
    if kind < 16:
        at = min(at, len(value) - 2)
        return value[:at] + value[at + 1] + value[at] + value[at + 2 :]
    changed = _replaced(value, bits, _SCANS if kind < 17 else _SOUNDS)
    return value[:at] + value[at + 1 :] if changed is None else changed


def mistype_email(value: str, bits: int) -> str:
    """Makes one mistake in an e-mail address, in every third case in its domain.

    Args:
        value: An address.
        bits: 64 random bits.

    Returns:
        The address with the mistake, which may make it invalid.

    >>> mistype_email("ada@gmail.com", 0)
    'ada@gmial.com'
    """
    local, at, domain = value.rpartition("@")
    if bits % 3 == 0:
        return local + at + (_replaced(domain, bits // 3, _DOMAINS) or domain)
    return mistype(local, bits // 3).replace(" ", "") + at + domain


def misread_digits(value: str, bits: int) -> str:
    """Makes one mistake in the digits of a number: one replaced, left out, or exchanged with the next digit.

    Args:
        value: Text with digits, such as a phone number, a postcode or a date.
        bits: 64 random bits.

    Returns:
        The text with the mistake; text without digits comes back as it is.

    >>> misread_digits("0161 496", 5)
    '1161 496'
    """
    places = [place for place, letter in enumerate(value) if letter.isdigit()]
    if not places:
        return value
    kind, bits = bits % 10, bits // 10
    chosen, bits = bits % len(places), bits // len(places)
    at = places[chosen]
    if kind < 6:
        return value[:at] + str((int(value[at]) + 1 + bits % 9) % 10) + value[at + 1 :]
    if kind < 8:
        return value[:at] + value[at + 1 :]
    other = places[min(chosen + 1, len(places) - 1)]
    letters = list(value)
    letters[at], letters[other] = letters[other], letters[at]
    return "".join(letters)
