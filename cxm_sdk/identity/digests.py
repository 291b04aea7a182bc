"""Hashed contacts beside clear ones: a digest of a value that some record holds in clear becomes that value.

Advertisers and web analytics hand e-mail addresses and phone numbers over as SHA-256 digests. What was hashed differs:
the address as it was typed, in lower case, or without what a mailbox ignores; the number as digits, or in the form of
E.164 with or without its plus sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256

import numpy as np
import pyarrow as pa

from cxm_sdk.events.identifiers import COUNTRY_CODES
from cxm_sdk.identity.columns import Encoded

__all__ = ["CLEAR", "read_digests"]

#: Roles of digests, and the roles of what was hashed.
CLEAR = {"email_sha256": "email", "phone_sha256": "phone"}
#: So many numbers are tried with every country code, to find out which codes were hashed with numbers.
TRIED = 2000


def read_digests(encoded: Sequence[Encoded]) -> list[Encoded]:
    """Gives digests the values that they are digests of, wherever one of the records holds it in clear.

    Such a value counts as one of its clear role, beside the clear ones of the same record; other digests stay what they
    are. Without a column of digests beside a clear one nothing is done.

    Args:
        encoded: All columns.

    Returns:
        The same; digests give values to their clear role as well, and only the unknown ones to their own.

    Example:
        >>> clear, hidden = pa.array(["Ada@x.org"]), pa.array([sha256(b"ada@x.org").hexdigest(), "0" * 64])
        >>> mails = Encoded("email", clear, [], {"email": pa.array(["ada@x.org"])})
        >>> digests = Encoded("email_sha256", hidden, [], {"email_sha256": hidden})
        >>> read_digests([mails, digests])[1].forms["email"].to_pylist()
        ['ada@x.org', None]
    """
    held = {part.role: part for part in encoded}
    return [_read(part, held[CLEAR[part.role]]) if CLEAR.get(part.role) in held else part for part in encoded]


def _read(part: Encoded, clear: Encoded) -> Encoded:
    digests = part.forms[part.role].to_pylist()
    wanted = {digest for digest in digests if digest}
    raws, values = clear.raw.to_pylist(), clear.forms[clear.role].to_pylist()
    known = [(raw, value) for raw, value in zip(raws, values, strict=True) if value]
    spelled = _emails if clear.role == "email" else _phones(known, wanted)
    found = _found(known, wanted, spelled)
    texts = [found.get(digest) if digest else None for digest in digests]
    left = [None if text else digest for digest, text in zip(digests, texts, strict=True)]
    forms = {part.role: pa.array(left, pa.string()), clear.role: pa.array(texts, pa.string())}
    # They come behind what the record says in clear; gaps are closed later.
    none = [np.full(len(codes), -1, np.int32) for codes in clear.slots]
    return replace(part, slots=[*none, *part.slots], forms=forms)


def _found(
    known: Iterable[tuple[str, str]], wanted: set[str], spelled: Callable[[str, str], Iterable[str]]
) -> Mapping[str, str]:
    """Canonical values by digest. Of several values with one spelling the first counts."""
    found: dict[str, str] = {}
    for raw, value in known:
        for text in spelled(raw, value):
            digest = sha256(text.encode()).hexdigest()
            if digest in wanted:
                found.setdefault(digest, value)
    return found


def _emails(raw: str, value: str) -> set[str]:
    typed = raw.strip()
    return {value, typed, typed.lower()}


def _phones(known: Sequence[tuple[str, str]], wanted: set[str]) -> Callable[[str, str], Iterable[str]]:
    """How numbers may have been written before hashing, with the country codes that some were hashed with."""
    tried = [known[at] for at in np.linspace(0, len(known) - 1, min(TRIED, len(known)), dtype=np.intp)]
    codes = [code for code in COUNTRY_CODES if _found(tried, wanted, partial(_abroad, (code,)))]

    def spelled(raw: str, value: str) -> set[str]:
        digits = "".join(filter(str.isdigit, raw))
        return {value, "0" + value, digits, "+" + digits, *_abroad(codes, raw, value)}

    return spelled


def _abroad(codes: Iterable[int], _raw: str, value: str) -> Iterator[str]:
    for code in codes:
        yield f"+{code}{value}"
        yield f"{code}{value}"
