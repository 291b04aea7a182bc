"""E-mail addresses and phone numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cxm_sdk._native import numbers
from cxm_sdk.identity.folding import NO_WIDE, narrow_table
from cxm_sdk.identity.spans import Spans, Words, word_list

__all__ = ["COUNTRY_CODES", "email", "phone"]

_PRINTABLE = "".join(map(chr, range(33, 127)))
_ADDRESS = narrow_table(keep=_PRINTABLE, drop="\"'`()<>[]\\", rest="")
_BARE = narrow_table(keep="".join(c for c in _PRINTABLE if c != "."), drop="", rest="")
_LETTERS = narrow_table(digits=False, drop="", rest="")
_DOTLESS_DOMAINS = Words(("gmail.com",))
_SITES = Words(("www", "http://www", "https://www"))
_ALIASES = Words({"googlemail.com": "gmail.com"})
_NOBODY = Words(
    word_list("""
    test, tester, testing, test1, test123, noreply, no-reply, no.reply, donotreply, do-not-reply, none,
    no, na, n/a, n.a, null, nil, unknown, anonymous, anon, nobody, noone, noemail, no-email, no_email,
    nomail, no.email, notprovided, not.provided, notavailable, notgiven, donthave, nothing, xxx, xxxx,
    aaa, abc, asd, asdf, qwerty, guest, user, example, sample, dummy, fake, invalid, undefined,
    unsubscribed, deleted, redacted, customer, client, refused, declined, abuse, postmaster,
    mailer-daemon, bounce
    """)
)
_NOWHERE = Words(
    word_list("""
    none, none.com, na.com, no.com, noemail.com, nomail.com, noemail.net, email.invalid, invalid, test,
    test.com, test.test, localhost, null, null.com, unknown.com, nowhere.com, noreply.com, xxx.com,
    asdf.com, donotreply.com
    """)
)


def email(values: Spans) -> Spans:
    """Brings e-mail addresses to one spelling.

    Lower case; display names, brackets and ``mailto:`` left out; of several addresses the first; a ``+tag``
    removed; the dots of Gmail users, which Gmail ignores, removed and its second domain unified. Texts
    without user, ``@`` and domain are empty, as are users such as ``test``, ``noreply`` and ``none`` and
    domains such as ``noemail.com``.

    Args:
        values: Raw addresses.

    Returns:
        Canonical addresses, empty where there is none.

    Example:
        >>> import pyarrow as pa
        >>> email(Spans.of(pa.array(["Ada.L+shop@GoogleMail.com", "n/a"]))).array().to_pylist()
        ['adal@gmail.com', None]
    """
    clean = (_one_address(values) if values.holds("<;,:") else values).translated(_ADDRESS)
    at, last_at = clean.find("@"), clean.find("@", last=True)
    user, domain = clean.before(at), _domain(clean.after(last_at))
    if clean.holds("+"):
        plus = user.find("+")
        user = user.within(user.starts, np.where(plus > user.starts, plus, user.stops))
    if clean.holds("."):
        rows = np.flatnonzero((user.find(".") >= 0) & (domain.lookup(_DOTLESS_DOMAINS) >= 0))
        user = user.with_rows(rows, user.take(rows).translated(_BARE)) if len(rows) else user
    sound = (at >= 0) & (last_at - at <= 1) & (user.lengths > 0) & (user.lengths <= 64)
    sound &= (domain.lengths > 2) & (domain.lengths <= 255)
    good = sound & (user.lookup(_NOBODY) < 0) & (domain.lookup(_NOWHERE) < 0)
    # most addresses stay what they are; only the others are put together anew
    same = (user.stops == last_at) & (domain.starts == last_at + 1) & (domain.stops == clean.stops)
    changed = np.flatnonzero(good & ~same)
    whole = clean.only(good | (~sound & _mistyped(clean)))
    return whole.with_rows(changed, user.take(changed).joined(domain.take(changed), "@"))


def _mistyped(clean: Spans) -> NDArray[np.bool_]:
    """Tells which texts without a user, one ``@`` and a domain may still be addresses with a slip."""
    letters = clean.translated(_LETTERS, NO_WIDE).lengths
    marked = (clean.find("@") >= 0) | (clean.find(".") >= 0)
    site = clean.before(clean.find(".")).lookup(_SITES) >= 0
    marked &= (clean.first_bytes() != ord("@")) & (clean.first_bytes() != ord("."))
    return marked & ~site & (letters >= 6) & (clean.lengths >= 8) & (clean.lengths <= 255)


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
    alias = domain.lookup(_ALIASES)
    rows = np.flatnonzero(alias >= 0)
    return domain.with_rows(rows, domain.take(rows).replaced(_ALIASES)) if len(rows) else domain


# ---------------------------------------------------------------------------------------------- phones

_PHONE_TEXT = narrow_table(keep="".join(map(chr, range(128))), drop="", lower=False)
# Country codes, with the fewest and most digits of their national numbers, where that is known well enough to
# tell a number with the code from one without. Shorter national numbers are only taken for such behind "+" or
# "00".
_CODES = {
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
#: Codes that numbers are known to begin with abroad.
COUNTRY_CODES = tuple(_CODES)
_LEAST = np.full(1000, 255, dtype=np.uint8)
_MOST = np.zeros(1000, dtype=np.uint8)
for _code, (_fewest, _longest) in _CODES.items():
    _LEAST[_code], _MOST[_code] = _fewest, _longest


def phone(values: Spans) -> Spans:
    """Reduces phone numbers to their significant national digits.

    An extension is cut off, then the exit code (``+``, ``00``, ``011``), the country code and the trunk zero,
    so that ``+44 (0)7700 900123``, ``07700 900123`` and ``0044 7700 900123`` are one. Without a mark in
    front, a country code is taken off numbers of eleven digits and more when what is left has a length usual
    in that country. Local numbers stay what they are.

    Args:
        values: Raw numbers.

    Returns:
        Canonical digits, empty where there are fewer than six or more than fifteen, or they follow a pattern
        (one digit repeated, counting up or down, seven zeros at the end).

    Example:
        >>> import pyarrow as pa
        >>> phone(Spans.of(pa.array(["+1 (312) 555-1234 x7", "312.555.1234"]))).array().to_pylist()
        ['3125551234', '3125551234']
    """
    # digits of other scripts become ASCII, their letters stay letters
    plain = values.trimmed() if values.ascii else values.translated(_PHONE_TEXT)
    found = numbers.phone_numbers(plain.data, plain.starts, plain.stops, _LEAST, _MOST)
    return Spans.of(pa.array(found, mask=found == 0).cast(pa.string()))
