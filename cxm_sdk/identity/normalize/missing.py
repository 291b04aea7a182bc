"""Ways in which people and programs write that there is no value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cxm_sdk.identity.folding import narrow_table
from cxm_sdk.identity.spans import Spans, Words, word_list

__all__ = ["FOLDED", "LONGEST", "is_missing", "present"]

LONGEST = 512
"""Longest value in bytes that a field of a person can hold; longer ones are blobs in the wrong column."""

FOLDED = Words(
    word_list("""
    null, none, n a, na, nan, nil, nul, unknown, unk, unspecified, not available, not provided, not
    applicable, not given, not known, not specified, not set, undefined, missing, empty, no data, no
    value, tbd, tba, tbc, keine angabe, k a, unbekannt, inconnu, desconocido, sconosciuto, onbekend,
    withheld, refused, declined, redacted, n/a, n/k, k/a, #n/a, #null, -, --, ---, /, #, ##, ?, null
    null, none none, unknown unknown, na na, n a n a
    """)
)
"""The markers in folded form."""

FOLD = narrow_table()
_DIGIT, _WIDE = 1, 2
# No marker holds a digit, and no digit is lost when text is folded; characters outside ASCII may become anything.
_KINDS = np.zeros(256, np.uint8)
_KINDS[ord("0") : ord("9") + 1], _KINDS[128:] = _DIGIT, _WIDE


def is_missing(folded: Spans) -> NDArray[np.bool_]:
    """Tells which folded values say that there is no value, or are no value of a person at all.

    Args:
        folded: Folded text.

    Returns:
        ``bool[n]``: true for empty rows, missing markers and rows longer than ``LONGEST`` bytes.

    Example:
        >>> import pyarrow as pa
        >>> is_missing(Spans.of(pa.array(["unknown", "ada"]))).tolist()
        [True, False]
    """
    lengths = folded.lengths
    missing: NDArray[np.bool_] = (lengths == 0) | (lengths > LONGEST) | (folded.lookup(FOLDED) >= 0)
    return missing


def present(values: Spans) -> Spans:
    """Empties rows of raw text that hold nothing, a missing marker or a blob.

    Args:
        values: Raw text.

    Returns:
        The same rows, trimmed, empty where there is no value.

    Example:
        >>> import pyarrow as pa
        >>> present(Spans.of(pa.array([" N/A ", " Ada "]))).array().to_pylist()
        [None, 'Ada']
    """
    trimmed = values.trimmed()
    short = trimmed.only(trimmed.lengths <= LONGEST)
    # the longest marker in decimal dress; longer text cannot be one
    maybe = (short.lengths <= 24) & (short.kinds(_KINDS) != _DIGIT)
    rows = np.flatnonzero(maybe)
    keep = np.ones(len(short), dtype=bool)
    keep[rows] = ~is_missing(short.take(rows).translated(FOLD))
    return short.only(keep)
