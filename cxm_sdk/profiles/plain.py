"""Values about whose canonical form there are no two opinions, read one at a time and without a table.

What ``normalize`` makes of them is what stands here, and the tests hold the two against each other. Anything in doubt
is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from cxm_sdk.events.identifiers import canonical_email, canonical_phone
from cxm_sdk.identity.normalize import identifiers, missing, names, places
from cxm_sdk.identity.normalize.dates import DEFAULT_DATES, EARLIEST_YEAR

__all__ = ["plain_forms"]

_WORD = re.compile(r"[A-Za-z]{3,40}")
_FULL_NAME = re.compile(r"([A-Za-z]{3,40})(,?) ([A-Za-z]{3,40})")
_IDENTIFIER = re.compile(r"(?=.*[1-9])[A-Za-z0-9_-]{1,60}")
_HEXADECIMAL = re.compile(r"[A-Fa-f0-9-]{8,}")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE = re.compile(r"([0-9]{2})[-/.]([0-9]{2})[-/.]([0-9]{4})")
_POSTCODE = re.compile(r"(?!9+$)[1-9][0-9]{4}")
_HOUSE_NUMBER = re.compile(r"[1-9][0-9]{0,4}")

_MISSING = frozenset(missing.FOLDED.words)
#: Words that mean something else than a name, or are part of one.
_NO_NAMES = frozenset().union(
    *(
        words.words
        for words in (names.TITLES, names.TAIL, names.PARTICLES, names.NOBODY, names.NO_GIVEN_NAMES)
    ),
    _MISSING,
)
_NO_CITIES = _MISSING.union(places.CITY_WORDS.words)
_NO_IDS = _MISSING.union(identifiers.NOT_IDS.words)


def plain_forms(role: str, raw: str, date_order: str) -> dict[str, str] | None:
    """What a value becomes, as ``identity.columns.forms`` has it.

    Args:
        role: Its role.
        raw: As it is written.
        date_order: ``dmy`` or ``mdy``.

    Returns:
        Canonical values by role, none for a value that says nothing; None where it takes more to tell.

    Example:
        >>> plain_forms("full_name", "Lovelace, Ada", "dmy")
        {'first_name': 'ada', 'last_name': 'lovelace'}
        >>> plain_forms("birth_date", "10.12.1980", "dmy"), plain_forms("birth_date", "1900-01-01", "dmy")
        ({'birth_date': '19801210'}, None)
    """
    if role == "birth_date":
        form = _birth_date(raw, date_order)
        return None if form is None else {role: form}
    if role == "full_name":
        return _full_name(raw)
    found = _RULES.get(role, _identifier)(raw)
    return None if found is None else {role: found} if found else {}


def _name(raw: str) -> str | None:
    name = raw.lower()
    return name if _WORD.fullmatch(raw) and name not in _NO_NAMES and len(set(name)) > 1 else None


def _full_name(raw: str) -> dict[str, str] | None:
    found = _FULL_NAME.fullmatch(raw)
    if found is None or raw.lower() in _NO_NAMES:
        return None
    first, last = _name(found[1]), _name(found[3])
    if first is None or last is None:
        return None
    return {"first_name": last, "last_name": first} if found[2] else {"first_name": first, "last_name": last}


def _birth_date(raw: str, date_order: str) -> str | None:
    """Not of this year or later, nor any of those that stand for none."""
    if not _ISO_DATE.fullmatch(raw):
        found = _DATE.fullmatch(raw)
        if found is None:
            return None
        day, month = (found[1], found[2]) if date_order == "dmy" else (found[2], found[1])
        raw = f"{found[3]}-{month}-{day}"
    try:
        read = date.fromisoformat(raw)
    except ValueError:
        return None
    form = raw.replace("-", "")
    return form if EARLIEST_YEAR <= read.year < date.today().year and int(form) not in DEFAULT_DATES else None


def _city(raw: str) -> str | None:
    name = raw.lower()
    return name if _WORD.fullmatch(raw) and name not in _NO_CITIES else None


def _identifier(raw: str) -> str | None:
    if not _IDENTIFIER.fullmatch(raw) or raw.lower() in _NO_IDS:
        return None
    return raw.lower() if _HEXADECIMAL.fullmatch(raw) else raw


def _as_is(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda raw: raw if pattern.fullmatch(raw) else None


_NEVER_PLAIN = (
    *("suffix", "company", "sex", "street", "unit", "state", "country", "national_id"),
    *("email_sha256", "phone_sha256"),
)
#: Empty text for a value that says nothing, None for one that takes more to tell.
_RULES: dict[str, Callable[[str], str | None]] = {
    "email": lambda raw: canonical_email(raw) or "",
    "phone": lambda raw: canonical_phone(raw) or "",
    "first_name": _name,
    "middle_name": _name,
    "last_name": _name,
    "city": _city,
    "postcode": _as_is(_POSTCODE),
    "house_number": _as_is(_HOUSE_NUMBER),
    **dict.fromkeys(_NEVER_PLAIN, lambda raw: None),
}
