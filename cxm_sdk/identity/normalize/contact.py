"""E-mail addresses and phone numbers."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cxm_sdk.identity.folding import narrow_table, wide_digits
from cxm_sdk.identity.normalize.identifiers import without_decimals
from cxm_sdk.identity.spans import Spans, Words

__all__ = ["email", "phone"]

_PRINTABLE = "".join(map(chr, range(33, 127)))
_ADDRESS = narrow_table(keep=_PRINTABLE, drop="\"'`()<>[]\\", rest="")
_BARE = narrow_table(keep="".join(c for c in _PRINTABLE if c != "."), drop="", rest="")
_LETTERS = narrow_table(digits=False, drop="", rest="")
_DOTLESS_DOMAINS = Words(("gmail.com",))
_ALIASES = Words({"googlemail.com": "gmail.com"})
_NOBODY = Words(
    (
        "test", "tester", "testing", "test1", "test123", "noreply", "no-reply", "no.reply", "donotreply",
        "do-not-reply", "none", "no", "na", "n/a", "n.a", "null", "nil", "unknown", "anonymous", "anon", "nobody",
        "noone", "noemail", "no-email", "no_email", "nomail", "no.email", "email", "mail", "notprovided",
        "not.provided", "notavailable", "notgiven", "donthave", "nothing", "xxx", "xxxx", "aaa", "abc",
        "asd", "asdf", "qwerty", "guest", "user", "example", "sample", "dummy", "fake", "invalid", "undefined",
        "unsubscribed", "deleted", "redacted", "customer", "client", "refused", "declined", "abuse", "postmaster",
        "mailer-daemon", "bounce",
    )
)  # fmt: skip
_NOWHERE = Words(
    (
        "none", "none.com", "na.com", "no.com", "noemail.com", "nomail.com", "noemail.net", "email.invalid",
        "invalid", "test", "test.com", "test.test", "localhost", "null", "null.com", "unknown.com", "nowhere.com",
        "noreply.com", "xxx.com", "x.com.x", "asdf.com", "donotreply.com",
    )
)  # fmt: skip


def email(values: Spans) -> Spans:
    """Brings e-mail addresses to one spelling.

    Lower case; display names, brackets and ``mailto:`` left out; of several addresses the first; a ``+tag`` removed;
    the dots of Gmail users, which Gmail ignores, removed and its second domain unified. Texts without user, ``@`` and
    domain are empty, as are users such as ``test``, ``noreply`` and ``none`` and domains such as ``noemail.com``.

    Args:
        values: Raw addresses.

    Returns:
        Canonical addresses, empty where there is none.
    """
    clean = _one_address(values).translated(_ADDRESS)
    at = clean.find("@")
    last_at = clean.find("@", last=True)
    user, domain = clean.before(at), clean.after(last_at)
    plus = user.find("+")
    user = user.within(user.starts, np.where(plus > user.starts, plus, user.stops))
    domain = _domain(domain)
    if not (domain.lookup(_DOTLESS_DOMAINS) < 0).all():
        bare = user.translated(_BARE)
        dotless = domain.lookup(_DOTLESS_DOMAINS) >= 0
        user = Spans.of(pc.if_else(pa.array(dotless), bare.array(), user.array()))
    good = (at >= 0) & (last_at - at <= 1) & (user.lengths > 0) & (user.lengths <= 64)
    good &= (domain.lengths > 2) & (domain.lengths <= 255) & (user.lookup(_NOBODY) < 0)
    good &= domain.lookup(_NOWHERE) < 0
    return user.only(good).joined(domain.only(good), "@")


def _one_address(values: Spans) -> Spans:
    """Leaves out what surrounds an address: display name and brackets, ``mailto:``, a second address."""
    bracket = values.find("<")
    inside = values.within(np.where(bracket < 0, values.starts, bracket + 1), values.stops)
    for separator in ";,":
        at = inside.find(separator)
        if (at >= 0).any():
            first = inside.before(at)
            use = first.find("@") >= 0
            inside = inside.within(inside.starts, np.where(use, first.stops, inside.stops))
    colon = inside.find(":")
    prefixed = (colon >= 0) & (colon - inside.starts == len("mailto"))
    return inside.within(np.where(prefixed, colon + 1, inside.starts), inside.stops)


def _domain(domain: Spans) -> Spans:
    """Leaves out dots at both ends of domains and unifies aliases."""
    first, last = domain.first_bytes() == ord("."), domain.last_bytes() == ord(".")
    while first.any() or last.any():
        domain = domain.within(domain.starts + first, domain.stops - last)
        first, last = domain.first_bytes() == ord("."), domain.last_bytes() == ord(".")
    if (domain.lookup(_ALIASES) >= 0).any():
        domain = domain.replaced(_ALIASES)
    return domain


# ---------------------------------------------------------------------------------------------- phones

_DIGITS = narrow_table(letters=False, drop="", rest="")
_SKELETON = narrow_table(letters=True, keep="+#", drop="", rest="")
_SCIENTIFIC = re.compile(r"^\s*\d([.,]\d+)?e\+?\d+\s*$", re.IGNORECASE)

# Country codes, with the fewest and most digits of their national numbers, where that is known well enough to tell a
# number with the code from one without. Shorter national numbers are only taken for such behind "+" or "00".
_CODES = {
    1: (10, 10), 7: (10, 10), 20: (9, 10), 27: (9, 9), 30: (10, 10), 31: (9, 9), 32: (8, 9), 33: (9, 9), 34: (9, 9),
    36: (8, 9), 39: (9, 11), 40: (9, 9), 41: (9, 9), 43: (8, 12), 44: (9, 10), 45: (8, 8), 46: (7, 9), 47: (8, 8),
    48: (9, 9), 49: (7, 12), 51: (8, 9), 52: (10, 11), 53: (8, 8), 54: (10, 11), 55: (10, 11), 56: (9, 9),
    57: (8, 10), 58: (10, 10), 60: (8, 10), 61: (9, 9), 62: (8, 12), 63: (9, 10), 64: (8, 10), 65: (8, 8),
    66: (8, 9), 81: (9, 10), 82: (8, 10), 84: (9, 10), 86: (10, 11), 90: (10, 10), 91: (10, 10), 92: (9, 10),
    93: (9, 9), 94: (9, 9), 95: (8, 10), 98: (10, 10),
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
_LEAST = np.full(1000, 99, dtype=np.int64)
_MOST = np.zeros(1000, dtype=np.int64)
for _code, (_fewest, _longest) in _CODES.items():
    _LEAST[_code], _MOST[_code] = _fewest, _longest
_POWERS = 10 ** np.arange(19, dtype=np.int64)
_SHORTEST, _LONGEST = 6, 15
_INTERNATIONAL = 11
"""From so many digits on a number without mark is taken to hold its country code."""
_PATTERNS = np.array(
    sorted(
        {int(digit * size) for digit in "123456789" for size in range(_SHORTEST, _LONGEST + 1)}
        | {int("1234567890123"[start : start + size]) for start in (0, 1) for size in range(6, 12)}
        | {int("9876543210"[:size]) for size in range(6, 11)}
    ),
    dtype=np.int64,
)


def phone(values: Spans, country: str | None = None) -> Spans:
    """Reduces phone numbers to their significant national digits.

    An extension is cut off, then the exit code (``+``, ``00``, ``011``), the country code and the trunk zero, so that
    ``+44 (0)7700 900123``, ``07700 900123`` and ``0044 7700 900123`` are one. Without a mark in front, a country code
    is taken off numbers of eleven digits and more when what is left has a length usual in that country. Local numbers
    stay what they are.

    Args:
        values: Raw numbers.
        country: Two-letter code of the country that numbers without a mark belong to; not needed to agree.

    Returns:
        Canonical digits, empty where there are fewer than six or more than fifteen, or they follow a pattern
        (one digit repeated, counting up or down, seven zeros at the end).
    """
    numbers, marked = _as_numbers(without_decimals(values.trimmed()))
    numbers = _national(numbers, marked)
    count = _digit_count(numbers)
    good = (count >= _SHORTEST) & (count <= _LONGEST) & ~np.isin(numbers, _PATTERNS) & (numbers % 10**7 != 0)
    return Spans.of(pa.array(numbers, mask=~good).cast(pa.string()))


def _as_numbers(values: Spans) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Reads the digits in front of any extension; and tells which stand behind an exit code."""
    plain = values
    skeleton = values.translated(_SKELETON, wide_digits() if not values.ascii else None)
    digit_count = skeleton.translated(_DIGITS).lengths
    odd = (skeleton.lengths != digit_count + (skeleton.find("+") >= 0)) | (digit_count > _LONGEST)
    if odd.any():
        rows = np.flatnonzero(odd)
        texts = values.take(rows).array().to_pylist()
        shortened = pa.array([_one_number(text or "") for text in texts], pa.string())
        plain = values.replaced_at(odd, shortened)
    digits = plain.translated(_DIGITS, wide_digits() if not plain.ascii else None)
    marked = (plain.first_bytes() == ord("+")) | (plain.translated(_SKELETON).first_bytes() == ord("+"))
    zeros = digits.first_bytes() == ord("0")
    if zeros.any():
        second = digits.within(digits.starts + 1, digits.stops).first_bytes()
        marked |= zeros & (second == ord("0"))
    fits = digits.only(digits.lengths <= 18)
    numbers = fits.array().cast(pa.int64()).fill_null(0).to_numpy()
    numbers, marked = _exit_code(numbers, zeros, marked)
    return numbers, marked


def _exit_code(
    numbers: NDArray[np.int64], zeros: NDArray[np.bool_], marked: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Takes off the North American exit code 011."""
    count = _digit_count(numbers)
    outward = zeros & ~marked & (count >= 12) & (numbers // _POWERS[np.maximum(count - 2, 0)] == 11)
    if outward.any():
        numbers = np.where(outward, numbers % _POWERS[np.maximum(count - 2, 0)], numbers)
    return numbers, marked | outward


def _one_number(text: str) -> str:
    """Cuts an extension or a second number off; empty when a spreadsheet has lost the digits."""
    if _SCIENTIFIC.match(text):
        return ""
    seen = 0
    for at, character in enumerate(text):
        if character.isdigit():
            seen += 1
        elif seen >= _SHORTEST and (character.isalpha() or character == "#"):
            return text[:at]
        elif seen > _SHORTEST and character in "/;,|&\n" and sum(map(str.isdigit, text)) > _LONGEST:
            return text[:at]
    return text


def _digit_count(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.searchsorted(_POWERS, numbers, side="right")


def _national(numbers: NDArray[np.int64], marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Takes country codes off until none is left, so that a canonical number stays what it is."""
    for turn in range(4):
        count = _digit_count(numbers)
        candidate = marked | (count >= _INTERNATIONAL)
        if not candidate.any():
            break
        left = np.zeros_like(count)
        for digits in (1, 2, 3):
            rest = count - digits
            code = numbers // _POWERS[np.maximum(rest, 0)]
            code = np.where((rest > 0) & (code < 1000), code, 0)
            number = numbers % _POWERS[np.maximum(rest, 0)]
            most = _MOST[code] + (number < _POWERS[np.maximum(rest - 1, 0)])  # a trunk zero, as in +44 (0)7700
            fits = candidate & (left == 0) & (rest <= most) & (rest >= _LEAST[code])
            fits &= (code != 1) | (number >= 2 * 10**9)  # no American area starts with 0 or 1
            left = np.where(fits, rest, left)
        if turn == 0 and marked.any():
            left = np.where(marked & (left == 0), count, left)
        left = np.where(candidate & (left == 0) & (numbers // 10**9 == 89), 10, left)  # Russian trunk digit
        numbers = np.where(left > 0, numbers % _POWERS[np.where(left > 0, left, 0)], numbers)
        marked = np.zeros_like(marked)
    return numbers
