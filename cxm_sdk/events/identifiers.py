"""Canonical e-mail addresses and phone numbers, one at a time, and their digests.

The forms are those that ``cxm_sdk.identity`` gives whole columns, so that values hashed before they are sent and clear
values meet again. Nothing here needs more than the standard library.
"""

from __future__ import annotations

import functools
import hashlib
import re
import string
import unicodedata
from itertools import pairwise

from cxm_sdk._native.contacts import DOUBT, Addresses, Numbers
from cxm_sdk.events.folding import fold_character

__all__ = ["COUNTRY_CODES", "NOBODY", "NOWHERE", "canonical_email", "canonical_phone", "hashed"]

NOBODY = """
    test, tester, testing, test1, test123, noreply, no-reply, no.reply, donotreply, do-not-reply, none,
    no, na, n/a, n.a, null, nil, unknown, anonymous, anon, nobody, noone, noemail, no-email, no_email,
    nomail, no.email, notprovided, not.provided, notavailable, notgiven, donthave, nothing, xxx, xxxx,
    aaa, abc, asd, asdf, qwerty, guest, user, example, sample, dummy, fake, invalid, undefined,
    unsubscribed, deleted, redacted, customer, client, refused, declined, abuse, postmaster,
    mailer-daemon, bounce
"""
"""Users that stand for nobody, parted by commas."""

NOWHERE = """
    none, none.com, na.com, no.com, noemail.com, nomail.com, noemail.net, email.invalid, invalid, test,
    test.com, test.test, localhost, null, null.com, unknown.com, nowhere.com, noreply.com, xxx.com,
    asdf.com, donotreply.com
"""
"""Domains that stand for none, parted by commas."""

# Shorter national numbers are only taken for such behind "+" or "00".
COUNTRY_CODES = {
    1: (10, 10), 7: (10, 10), 20: (9, 10), 27: (9, 9), 30: (10, 10), 31: (9, 9), 32: (8, 9), 33: (9, 9), 34:
    (9, 9), 36: (8, 9), 39: (9, 11), 40: (9, 9), 41: (9, 9), 43: (8, 12), 44: (9, 10), 45: (8, 8), 46: (7, 9),
    47: (8, 8), 48: (9, 9), 49: (7, 12), 51: (8, 9), 52: (10, 11), 53: (8, 8), 54: (10, 11), 55: (10, 11), 56:
    (9, 9), 57: (8, 10), 58: (10, 10), 60: (8, 10), 61: (9, 9), 62: (8, 12), 63: (9, 10), 64: (8, 10), 65: (8,
    8), 66: (8, 9), 81: (9, 10), 82: (8, 10), 84: (9, 10), 86: (10, 11), 90: (10, 10), 91: (10, 10), 92: (9,
    10), 93: (9, 9), 94: (9, 9), 95: (8, 10), 98: (10, 10),
    211: (9, 9), 212: (9, 9), 213: (8, 9), 216: (8, 8), 218: (9, 9), 221: (9, 9), 225: (10, 10), 233: (9, 9),
    234: (8, 10), 237: (9, 9), 250: (9, 9), 251: (9, 9), 254: (9, 9), 255: (9, 9), 256: (9, 9), 260: (9, 9),
    263: (9, 9), 351: (9, 9), 352: (6, 9), 353: (7, 9), 354: (7, 7), 355: (8, 9), 356: (8, 8), 357: (8, 8),
    358: (6, 10), 359: (8, 9), 370: (8, 8), 371: (8, 8), 372: (7, 8), 373: (8, 8), 374: (8, 8), 375: (9, 9),
    376: (6, 9), 380: (9, 9), 381: (8, 9), 382: (8, 8), 385: (8, 9), 386: (8, 8), 387: (8, 8), 389: (8, 8),
    420: (9, 9), 421: (9, 9), 423: (7, 7), 502: (8, 8), 503: (8, 8), 504: (8, 8), 505: (8, 8), 506: (8, 8),
    507: (7, 8), 591: (8, 8), 593: (8, 9), 595: (9, 9), 598: (8, 8), 852: (8, 8), 853: (8, 8), 855: (8, 9),
    880: (10, 10), 886: (8, 9), 960: (7, 7), 961: (7, 8), 962: (8, 9), 963: (8, 9), 964: (8, 10), 965: (8, 8),
    966: (8, 9), 967: (7, 9), 968: (8, 8), 970: (8, 9), 971: (8, 9), 972: (8, 9), 973: (8, 8), 974: (8, 8),
    977: (8, 10), 992: (9, 9), 993: (8, 8), 994: (9, 9), 995: (9, 9), 996: (9, 9), 998: (9, 9),
}  # fmt: skip
"""Country codes, with the fewest and most digits of their national numbers, where that is known well enough to tell a
number with the code from one without."""

_CODES = {str(code): sizes for code, sizes in COUNTRY_CODES.items()}
_NOBODY = frozenset(word.strip() for word in NOBODY.split(","))
_NOWHERE = frozenset(word.strip() for word in NOWHERE.split(","))
_SITES = ("www", "http://www", "https://www")
_BLANK = "".join(map(chr, range(33)))
# What canonical forms drop, and the characters that only mean the usual letter when they are composed.
_DROPPED = dict.fromkeys(map(ord, "\"'`()<>[]\\"))
# The same without controls and blanks, in lower case.
_PLAIN = {
    **{ord(letter): letter.lower() for letter in string.ascii_uppercase},
    **dict.fromkeys((*range(33), 0x7F)),
    **_DROPPED,
}
_COMPOSABLE = re.compile("[\u1100-\u11ff\u3099\u309a\U00010000-\U0010ffff]")
_plain_address = Addresses(_NOBODY, _NOWHERE).plain
_plain_number = Numbers(COUNTRY_CODES).plain
_LONGEST_DOMAIN = 255


def canonical_email(text: str) -> str | None:
    """Brings an e-mail address to one spelling.

    Lower case; display name, brackets and ``mailto:`` left out; of several addresses the first; a ``+tag`` removed; the
    dots of Gmail users, which Gmail ignores, removed and its second domain unified.

    Args:
        text: An address as somebody wrote it.

    Returns:
        The canonical address; None where there is none, or it stands for nobody, such as ``noreply`` or ``n/a``.

    Example:
        >>> canonical_email("Ada Lovelace <Ada.L+shop@GoogleMail.com>"), canonical_email("n/a")
        ('adal@gmail.com', None)
    """
    plain = _plain_address(text)  # as nearly all are: nothing around it, nothing to fold
    if plain != DOUBT:
        return plain
    clean = _translated(_one_address(_sound(text)))
    user, at, rest = clean.partition("@")
    domain = clean.rpartition("@")[2].strip(".") if at else ""
    domain = "gmail.com" if domain == "googlemail.com" else domain
    user = user[: user.find("+")] if user.find("+") > 0 else user
    if domain == "gmail.com" and "." in user:
        user = _translated(user).replace(".", "")
    sound = (
        bool(at) and rest.rfind("@") <= 0 and 0 < _size(user) <= 64 and 2 < _size(domain) <= _LONGEST_DOMAIN
    )
    if sound:
        return f"{user}@{domain}" if user not in _NOBODY and domain not in _NOWHERE else None
    return clean if _mistyped(clean) else None


def canonical_phone(text: str) -> str | None:
    """Reduces a phone number to its significant national digits.

    An extension is cut off, then the exit code (``+``, ``00``, ``011``), the country code and the trunk zero. Without a
    mark in front, a country code is taken off numbers of eleven digits and more when what is left has a length usual in
    that country.

    Args:
        text: A number as somebody wrote it.

    Returns:
        The digits; None where there are fewer than six or more than fifteen, or they follow a pattern.

    Example:
        >>> [canonical_phone(text) for text in ("+44 (0)7700 900123", "07700 900123", "0000000")]
        ['7700900123', '7700900123', None]
    """
    plain = _plain_number(text)
    if plain != DOUBT:
        return plain
    text = _sound(text)
    number = _national(
        *_read_phone((text if text.isascii() else _one_space(_folded(text))).strip(_BLANK).encode())
    )
    if not 10**5 <= number < 10**15 or number % 10**7 == 0 or _pattern(str(number)):
        return None
    return str(number)


def hashed(text: str) -> str:
    """Hashes a canonical value.

    Args:
        text: The value, in canonical form.

    Returns:
        SHA-256 of its UTF-8 text, as 64 hexadecimal digits in lower case.

    Example:
        >>> hashed("ada@example.com")[:16]
        'b5fc85e55755f9e0'
    """
    return hashlib.sha256(_sound(text).encode()).hexdigest()


# ---------------------------------------------------------------------------------------------- characters


def _sound(text: str) -> str:
    """The text without halves of surrogate pairs, which no encoding can hold."""
    return text if text.isascii() else text.encode("utf-8", "ignore").decode("utf-8")


def _size(text: str) -> int:
    return len(text.encode())


@functools.lru_cache(maxsize=1024)
def _folded_character(character: str) -> str:
    code = ord(character)
    if code < 0x80:
        return character
    if code > 0xFFFF:  # emoji, symbols and tags part words; other letters stay
        return " " if 0x1F000 <= code <= 0x1FAFF or code >= 0xC0000 else character
    return fold_character(character)


def _folded(text: str) -> str:
    """The text with every character outside ASCII folded."""
    if _COMPOSABLE.search(text):
        text = unicodedata.normalize("NFKC", text)
    return "".join(map(_folded_character, text))


def _translated(text: str) -> str:
    """What an address is made of: folded, in lower case, without white space, brackets and quotation marks."""
    return (text if text.isascii() else _folded(text)).translate(_PLAIN)


def _one_space(text: str) -> str:
    """The text with runs of spaces as one, none at its ends, and without NUL."""
    return re.sub(" +", " ", text.replace("\0", "")).strip(" ")


# ---------------------------------------------------------------------------------------------- e-mail


def _one_address(text: str) -> str:
    """Leaves out what surrounds an address: display name and brackets, ``mailto:``, a second address."""
    inside = text[text.find("<") + 1 :].strip(_BLANK)
    for separator in ";,":
        first = inside.split(separator, 1)[0].strip(_BLANK)
        if "@" in first:
            inside = first
    scheme, colon, rest = inside.partition(":")
    # What folding and the dots of Gmail make of the scheme counts, so that a canonical form never begins with it.
    while colon and _translated(scheme).replace(".", "") == "mailto":
        inside = rest
        scheme, colon, rest = inside.partition(":")
    return inside


def _mistyped(clean: str) -> bool:
    """Tells whether a text without a user, one ``@`` and a domain may still be an address with a slip."""
    letters = sum(c.isascii() and c.isalpha() for c in clean)
    return (
        ("@" in clean or "." in clean)
        and clean[0] not in "@."
        and clean.partition(".")[0] not in _SITES
        and letters >= 6
        and 8 <= _size(clean) <= _LONGEST_DOMAIN
    )


# ---------------------------------------------------------------------------------------------- phone


def _is_digit(byte: int) -> bool:
    return 48 <= byte <= 57


def _read_phone(text: bytes) -> tuple[str, bool]:
    """Reads the first number of a text, without extension: its digits, and whether a plus sign stands in front."""
    digits, first, marked = "", "", False
    first_marked = False
    for i, byte in enumerate(text):
        if _is_digit(byte):
            digits += chr(byte)
        elif byte == ord("+") and not digits:
            marked = True
        elif byte == ord(".") and _only_zeros(text, i):
            break
        elif byte | 32 == ord("e") and _lost_digits(text, i):
            return "", False
        elif len(digits) >= 6 and (byte >= 0x80 or chr(byte).isalpha() or byte == ord("#")):  # extension
            break
        elif len(digits) > 6 and not first and chr(byte) in "/;,|&\n":
            first, first_marked = digits, marked
    return (first, first_marked) if len(digits) > 15 and first else (digits, marked)


def _lost_digits(text: bytes, i: int) -> bool:
    """Whether the ``e`` at ``i`` makes ``4.47701E+11`` of the text, the rest of whose digits is gone."""
    if i == 0 or i + 1 >= len(text) or not (text[i + 1] == ord("+") or _is_digit(text[i + 1])):
        return False
    others = [j for j in range(i) if not _is_digit(text[j])]
    return not others or (others == [1] and text[1] in b".,")


def _only_zeros(text: bytes, i: int) -> bool:
    """Whether only digits stand before ``i`` and only zeros after it: a number read as a float."""
    return i + 1 < len(text) and all(map(_is_digit, text[:i])) and not text[i + 1 :].strip(b"0")


def _national(digits: str, marked: bool) -> int:
    """Takes exit, country and trunk codes off, again and again, so that the result stays what it is."""
    zeros = len(digits) - len(digits.lstrip("0"))
    if len(digits) - zeros > 18:
        return 0
    number = digits[zeros:]
    exit_code = 0 < zeros < 3 and not marked and len(number) >= 12 and number.startswith("11")
    marked = marked or zeros > 1 or exit_code
    if exit_code:
        number = number[2:].lstrip("0")
    for _ in range(4):
        if not marked and len(number) < 11:
            break
        rest = _without_code(number)
        if rest is None and len(number) == 11 and number.startswith("89"):  # Russian trunk 8
            rest = number[1:]
        if rest is None:
            break
        number, marked = rest.lstrip("0"), False
    return int(number or "0")


def _without_code(number: str) -> str | None:
    """What is left of a number without its country code; None where it starts with none."""
    for size in range(1, 4):
        rest = number[size:]
        if len(rest) < 6:
            return None
        usual = _CODES.get(number[:size])
        if usual is None:
            continue
        fewest, most = usual
        # a trunk zero may stand behind the country code; no American area starts with 0 or 1
        fits = fewest <= len(rest) <= most + (rest[0] == "0")
        if fits and not (number[:size] == "1" and rest[-10] in "01"):
            return rest
    return None


def _pattern(number: str) -> bool:
    """Whether each digit follows from the one before in one way: 5555555, 1234567890, 987654321."""
    first, second, third = map(int, number[:3])
    if (second - first) % 10 != (third - second) % 10:  # as of nearly all
        return False
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(number)}
    return len(steps) == 1 and steps <= {0, 1, 9}
