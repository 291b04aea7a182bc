"""Identifiers of customers, devices and cookies, national ids and hashes of contact data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cxm_sdk.identity.folding import NO_WIDE, narrow_table
from cxm_sdk.identity.normalize.missing import present
from cxm_sdk.identity.spans import Spans, Words, word_list

__all__ = ["digest", "identifier", "national_id", "without_decimals"]

_LOWER = narrow_table(keep="".join(map(chr, range(33, 127))), drop="", rest=" ")
_PLAIN = narrow_table(drop="", rest="")
_HEX = narrow_table(letters=False, keep="abcdefABCDEF", drop="", rest="")
_SOLID = narrow_table(keep="".join(map(chr, range(33, 127))), drop="0-{}. ", rest="")
NOT_IDS = Words(
    word_list("""
    anonymous, anon, guest, test, demo, default, dummy, user, admin, system, optout, opt-out, opted-out,
    (not set), not-set, [object object], true, false, -1, 111111, 1111111, 11111111, 999999, 9999999,
    99999999, 999999999, 1234567, 12345678, 123456789, 1234567890, (null), \\n, #n/a, 0x0, n/a, cookie,
    session, xxx, xxxx, xxxxx, id, userid, user_id
    """)
)
_DIGITS = narrow_table(letters=False, drop="", rest="")
_ZEROS = narrow_table(letters=False, digits=False, keep="0", drop="", rest="")

# What bytes of identifiers are; one outside ASCII may become anything when it is folded.
_NOT_HEX, _SOLID_BYTE, _LETTER, _COUNT, _AT, _CAPITAL, _WIDE = (1 << bit for bit in range(7))
_KINDS = np.zeros(256, np.uint8)
for _byte in range(256):
    _letter = chr(_byte) if _byte < 128 else ""
    _KINDS[_byte] = (
        _NOT_HEX * (_letter not in "0123456789abcdefABCDEF-{}" or not _letter)
        + _SOLID_BYTE * (_letter.isprintable() and _letter not in "0-{}. ")
        + _LETTER * _letter.isalpha()
        + _COUNT * (_letter.isdigit() and _letter != "0")
        + _AT * (_letter == "@")
        + _CAPITAL * _letter.isupper()
        + _WIDE * (not _letter)
    )


def without_decimals(values: Spans) -> Spans:
    """Undoes what a numeric column does to codes: ``12345.0`` becomes ``12345``.

    Args:
        values: Trimmed text.

    Returns:
        The same rows; digits followed by ``.0`` lose it.

    Example:
        >>> import pyarrow as pa
        >>> without_decimals(Spans.of(pa.array(["12345.0", "1.5", "v1.0"]))).array().to_pylist()
        ['12345', '1.5', 'v1.0']
    """
    if not values.holds("."):
        return values
    dot = values.find(".", last=True)
    rows = np.flatnonzero((dot >= 0) & (values.last_bytes() == ord("0")))
    some = values.take(rows)
    whole, decimals = some.before(dot[rows]), some.after(dot[rows])
    numeric = (whole.lengths > 0) & (whole.translated(_DIGITS, NO_WIDE).lengths == whole.lengths)
    numeric &= decimals.translated(_ZEROS, NO_WIDE).lengths == decimals.lengths
    stops = values.stops.copy()
    stops[rows[numeric]] = dot[rows[numeric]]
    return values.within(values.starts, stops)


def identifier(values: Spans) -> Spans:
    """Trims identifiers and drops what identifies nobody.

    Case is kept, as it may carry meaning, but for UUIDs and other hexadecimal ids of eight digits and more,
    and for ids that are e-mail addresses. Zeros and dashes alone, ``-1``, ``anonymous``, ``guest`` and the
    like are empty.

    Args:
        values: Raw identifiers.

    Returns:
        Canonical identifiers, empty where there is none.

    Example:
        >>> import pyarrow as pa
        >>> identifier(Spans.of(pa.array([" U-12 ", "DEADBEEF01", "0000"]))).array().to_pylist()
        ['U-12', 'deadbeef01', None]
    """
    clean = Spans.of(without_decimals(present(values)).array())
    kinds = clean.kinds(_KINDS)
    hexadecimal = (kinds & _NOT_HEX == 0) & (clean.lengths >= 8)
    kept = _lowered(clean, (hexadecimal | (kinds & _AT != 0)) & (kinds & _CAPITAL != 0))
    solid = kinds & _SOLID_BYTE != 0
    # nothing that is no id has a letter beside a digit other than 0
    mixed = _LETTER | _COUNT
    rows = np.flatnonzero((kinds & mixed != mixed) | (kinds & _WIDE != 0))
    some = kept.take(rows)
    solid[rows] = (some.translated(_SOLID).lengths > 0) & (some.translated(_LOWER).lookup(NOT_IDS) < 0)
    return kept.only(solid)


def _lowered(values: Spans, rows: NDArray[np.bool_]) -> Spans:
    """Puts ASCII letters of some rows in lower case; text without gaps only."""
    if not rows.any():
        return values
    first, last = values.starts[0], values.stops[-1]
    data = values.data[first:last]
    capital = data - np.uint8(ord("A")) < 26  # what comes before A wraps around
    if not rows.all():
        capital &= np.repeat(rows, values.lengths)
    lower = data + (capital.view(np.uint8) << np.uint8(5))
    return Spans(lower, values.starts - first, values.stops - first)


def digest(values: Spans) -> Spans:
    """Keeps hexadecimal digests of 32 digits and more, in lower case.

    Args:
        values: Raw digests of e-mail addresses or phone numbers.

    Returns:
        Canonical digests, empty where the text is none.

    Example:
        >>> import pyarrow as pa
        >>> digest(Spans.of(pa.array(["A" * 64]))).lengths.tolist()
        [64]
    """
    clean = present(values)
    digits = clean.translated(_HEX, NO_WIDE)
    return digits.only((digits.lengths == clean.lengths) & (digits.lengths >= 32))


JUNK_NUMBERS = Words(
    [digit * size for digit in "0123456789abcdefghijklmnopqrstuvwxyz" for size in range(4, 15)]
    + ["123456789"[:size] for size in range(4, 10)]
    + ["1234567890", "0123456789", "987654321", "9876543210", "12345678901", "078051120", "219099999"]
)


def national_id(values: Spans) -> Spans:
    """Keeps letters and digits of national ids, in lower case.

    Args:
        values: Raw ids.

    Returns:
        Canonical ids; empty where fewer than four characters stay, or one repeats, or digits only count up.

    Example:
        >>> import pyarrow as pa
        >>> national_id(Spans.of(pa.array(["295-07-4263", "000-00-0000"]))).array().to_pylist()
        ['295074263', None]
    """
    plain = without_decimals(present(values)).translated(_PLAIN)
    return plain.only((plain.lengths >= 4) & (plain.lookup(JUNK_NUMBERS) < 0))
