"""Hashed contacts beside clear ones: a digest of a value that some record holds in clear becomes that value.

Advertisers and web analytics hand e-mail addresses and phone numbers over as SHA-256 digests. What was hashed differs:
the address as it was typed, in lower case, or without what a mailbox ignores; the number as digits, or in the form of
E.164 with or without its plus sign.

There are two ways. A batch looks digests up among all that is known in clear. With a frozen model, and so in a live
graph, no record may become what another one knows: there each record with a clear contact has its usual digests beside
it, which meet those that came as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cxm_sdk._native.codes import count_codes
from cxm_sdk._native.contents import CLEAR, digests_of
from cxm_sdk.events.identifiers import COUNTRY_CODES
from cxm_sdk.identity.columns import Codes, Column, Encoded, packed_counts
from cxm_sdk.identity.spellings import Spellings

__all__ = ["CLEAR", "Digested", "digests_of", "read_digests", "with_digests"]

#: So many numbers are tried with every country code, to find out which codes were hashed with numbers.
TRIED = 2000


@dataclass(frozen=True)
class Digested:
    """Digests that came as such, and behind them those of what is known in clear.

    Attributes:
        columns: One a slot; a record may have gaps.
        given: How many of them hold what came as such, without what the record itself knows in clear.
    """

    columns: list[Column]
    given: int


def with_digests(columns: Mapping[str, list[Column]]) -> dict[str, Digested]:
    """Puts the digests of what records know in clear beside those that came as such.

    Args:
        columns: Columns by role.

    Returns:
        For each role of digests that some record has, where others know in clear what was hashed, what is compared.
    """
    return {
        role: _beside(role, columns[role], columns[clear])
        for role, clear in CLEAR.items()
        if role in columns and clear in columns
    }


def _beside(role: str, given: Sequence[Column], clear: Sequence[Column]) -> Digested:
    numbers: dict[str, int] = {}
    slots = [
        _numbered([[text] for text in column.values.to_pylist()], column.codes, numbers)[0]
        for column in given
    ]
    derived: list[Codes] = []
    for column in clear:
        values = column.values.to_pylist()
        usual = [
            digests_of(column.role, *side) for side in zip(values, column.written.to_pylist(), strict=True)
        ]
        found = _numbered(usual, column.codes, numbers)
        texts = column.others.texts.to_pylist()
        for record, text in zip(column.others.records.tolist(), column.others.codes.tolist(), strict=True):
            own = digests_of(column.role, values[int(column.codes[record])], texts[text])
            while len(found) < len(own):
                found.append(np.full(len(column.codes), -1, np.int32))
            for slot, held in enumerate(found):
                held[record] = numbers.setdefault(own[slot], len(numbers)) if slot < len(own) else -1
        derived += found
    for at, later in enumerate([*derived, *slots]):
        for earlier in derived[:at]:
            later[(later == earlier) & (later >= 0)] = -1
    order = np.argsort(np.array(list(numbers), dtype=bytes), kind="stable")
    lookup = np.full(len(order) + 1, -1, np.int32)  # its end is what -1 finds
    lookup[order] = np.arange(len(order), dtype=np.int32)
    listed = pa.array(sorted(numbers), pa.string())
    none = Spellings(np.zeros(0, np.int32), np.zeros(0, np.int32), pa.array([], pa.string()))
    made = [lookup[codes] for codes in (*slots, *derived)]
    often = [packed_counts(count_codes(codes, len(listed))) for codes in made]
    return Digested(
        [Column(role, slot, codes, listed, listed, none, often[slot]) for slot, codes in enumerate(made)],
        len(slots),
    )


def _numbered(
    digests: Sequence[Sequence[str]], codes: Codes, numbers: dict[str, int]
) -> list[npt.NDArray[np.int32]]:
    """For each slot of digests of a value the number that records have there, -1 for none."""
    width = max(map(len, digests), default=1)
    table = np.full((width, len(digests) + 1), -1, np.int32)
    for value, held in enumerate(digests):
        for slot, digest in enumerate(held):
            table[slot, value] = numbers.setdefault(digest, len(numbers))
    return [row[codes] for row in table]


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
