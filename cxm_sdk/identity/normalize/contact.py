"""E-mail addresses and phone numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cxm_sdk._native import numbers, words
from cxm_sdk.events.identifiers import COUNTRY_CODES, NOBODY, NOWHERE
from cxm_sdk.identity.folding import NO_WIDE, narrow_table
from cxm_sdk.identity.spans import Spans, Words, word_list

__all__ = ["email", "phone"]

_PRINTABLE = "".join(map(chr, range(33, 127)))
_ADDRESS = narrow_table(keep=_PRINTABLE, drop="\"'`()<>[]\\", rest="")
_BARE = narrow_table(keep="".join(c for c in _PRINTABLE if c != "."), drop="", rest="")
_LETTERS = narrow_table(digits=False, drop="", rest="")
_DOTLESS_DOMAINS = Words(("gmail.com",))
_SCHEME = Words(("mailto",))
_SITES = Words(("www", "http://www", "https://www"))
_ALIASES = Words({"googlemail.com": "gmail.com"})
_NOBODY = Words(word_list(NOBODY))
_NOWHERE = Words(word_list(NOWHERE))


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
    lists = (_NOBODY.data, _NOBODY.offsets, _NOWHERE.data, _NOWHERE.offsets)
    data, offsets, plain = words.plain_addresses(values.data, values.starts, values.stops, *lists)
    found = Spans.end_to_end(data, offsets)
    rows = np.flatnonzero(plain == 0)  # most addresses are plain
    return found.with_rows(rows, _any_email(values.take(rows))) if len(rows) else found


def _any_email(values: Spans) -> Spans:
    """Brings addresses to one spelling, whatever else is written there."""
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
    kept, doubtful = good.copy(), np.flatnonzero(~sound)
    kept[doubtful] = _mistyped(clean.take(doubtful))
    whole = clean.only(kept)
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
    while len(rows := np.flatnonzero(inside.find(":") >= 0)):
        # What folding and the dots of Gmail make of the scheme counts, so that a canonical form never begins with it.
        some = inside.take(rows)
        scheme = some.before(some.find(":")).translated(_ADDRESS).translated(_BARE)
        rows = rows[scheme.lookup(_SCHEME) >= 0]
        if not len(rows):
            break
        starts = inside.starts.copy()
        starts[rows] = inside.find(":")[rows] + 1
        inside = inside.within(starts, inside.stops)
    return inside


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
_LEAST = np.full(1000, 255, dtype=np.uint8)
_MOST = np.zeros(1000, dtype=np.uint8)
for _code, (_fewest, _longest) in COUNTRY_CODES.items():
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
    plain = (values if values.ascii else values.translated(_PHONE_TEXT)).trimmed()
    found = numbers.phone_numbers(plain.data, plain.starts, plain.stops, _LEAST, _MOST)
    return Spans.end_to_end(*numbers.decimals(found))
