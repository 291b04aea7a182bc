"""Values about whose canonical form there are no two opinions, read one at a time and without a table.

What ``normalize`` makes of them is what stands here, and the tests hold the two against each other. Anything in doubt
is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from cxm_sdk.events.identifiers import canonical_email, canonical_phone
from cxm_sdk.identity.folding import fold_character
from cxm_sdk.identity.normalize import identifiers, missing, names, places
from cxm_sdk.identity.normalize.dates import DEFAULT_DATES, EARLIEST_YEAR

__all__ = ["plain_forms"]

_LETTER = "[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]"
_WORD = re.compile(f"{_LETTER}{{3,40}}")
_NAME = re.compile(f"({_LETTER}{{3,40}})(?:[ -]({_LETTER}{{3,40}}|{_LETTER}[.]?))?")
_FULL_NAME = re.compile(
    f"(?:(?:Mr|Mrs|Ms|Miss|Dr|Herr|Frau)[.]? )?({_LETTER}{{3,40}})"
    f"(?: ({_LETTER}{{3,40}}))?(,?) ({_LETTER}{{3,40}})"
)
_PLACE = re.compile(f"({_LETTER}{{3,40}})(?:[ -]({_LETTER}{{3,40}}))?")
_STREET = re.compile(
    f"(?:([1-9][0-9]{{0,3}}[a-d]?) )?((?:{_LETTER}{{2,40}}[.]? )*{_LETTER}{{2,40}}[.]?)(?: ([1-9][0-9]{{0,3}}[a-d]?))?"
)
_IDENTIFIER = re.compile(r"(?=.*[1-9])[A-Za-z0-9_-]{1,60}")
_HEXADECIMAL = re.compile(r"[A-Fa-f0-9-]{8,}")
_ISO_DATE = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_DATE = re.compile(r"([0-9]{2})[-/.]([0-9]{2})[-/.]([0-9]{4})")
#: Of five digits, also with a dash as in Poland; of the Netherlands; of Great Britain.
_POSTCODE = re.compile(
    r"[0-9]{4,5}|[0-9]{2}-[0-9]{3}|[1-9][0-9]{3} ?[A-Za-z]{2}|[A-Za-z]{1,2}[0-9][0-9A-Za-z]? ?[0-9][A-Za-z]{2}"
)
_HOUSE_NUMBER = re.compile(r"([1-9][0-9]{0,4})([A-Za-z]?)")

#: When this was loaded; it may be later by now, but not earlier.
_THIS_YEAR = date.today().year

_DEFAULT_DATES = frozenset(DEFAULT_DATES.tolist())
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
_NO_STREETS = _MISSING.union(places.NO_STREET_WORDS)
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
    if role == "street":
        return _street(raw)
    found = _RULES.get(role, _identifier)(raw)
    return None if found is None else {role: found} if found else {}


def _folded(word: str) -> str | None:
    """A word of Latin letters in lower case and without accents; None where folding makes something else of it."""
    if word.isascii():
        return word.lower()
    folded = "".join(map(_folded_character, word))
    return folded if folded.isascii() and folded.isalpha() else None


@lru_cache(maxsize=1024)
def _folded_character(character: str) -> str:
    return fold_character(character) if character >= "\x80" else character.lower()


def _word(raw: str) -> str | None:
    """A word that is a name and means nothing else."""
    name = _folded(raw)
    return None if name is None or name in _NO_NAMES or len(set(name)) < 2 else name


def _one_name(raw: str, *, initials: bool) -> str | None:
    found = _NAME.fullmatch(raw.strip(" "))
    if found is None or (name := _word(found[1])) is None:
        return None
    if found[2] is None:
        return name
    initial = len(found[2]) < 3
    if initial and not initials:
        return None
    rest = _folded(found[2][0]) if initial else _word(found[2])
    whole = f"{name} {rest}"
    return None if rest is None or whole in _NO_NAMES else whole


def _first_name(raw: str) -> str | None:
    return _one_name(raw, initials=True)


def _last_name(raw: str) -> str | None:
    return _one_name(raw, initials=False)


def _full_name(raw: str) -> dict[str, str] | None:
    found = _FULL_NAME.fullmatch(raw.strip(" "))
    if found is None:
        return None
    words = [_word(part) for part in found.group(1, 2, 4) if part is not None]
    told = [word for word in words if word is not None]
    if len(told) < len(words) or not _NO_NAMES.isdisjoint(
        (" ".join(told), " ".join(told[1:]), " ".join(told[:-1]))
    ):
        return None
    if found[3]:
        return {"first_name": told[-1], "last_name": " ".join(told[:-1])}
    middle = {"middle_name": told[1]} if len(told) > 2 else {}
    return {"first_name": told[0], **middle, "last_name": told[-1]}


def _street(raw: str) -> dict[str, str] | None:
    """A line of words of which none but usual abbreviations means anything, with a number in front or behind."""
    found = _STREET.fullmatch(raw.strip(" "))
    if found is None or (found[1] and found[3]):
        return None
    words = []
    for part in found[2].split(" "):
        word = _folded(part.removesuffix("."))
        if word is None or word in _NO_STREETS:
            return None
        words.append(places.short_word(word))
    street, number = " ".join(words), found[1] or found[3]
    if number is None:
        return {"street": street, "street_line": street}
    line = f"{number} {street}" if found[1] else f"{street} {number}"
    return {"street": street, "house_number": number, "street_line": line}


def _birth_date(raw: str, date_order: str) -> str | None:
    """Not of this year or later, nor any of those that stand for none."""
    raw = raw.strip(" ")
    whole = _ISO_DATE.fullmatch(raw)
    if whole is not None:
        year, month, day = whole.groups()
    else:
        found = _DATE.fullmatch(raw)
        if found is None:
            return None
        day, month, year = found.groups()
        if (date_order == "mdy" or month > "12") and day <= "12":
            day, month = month, day
    try:
        read = date.fromisoformat(f"{year}-{month}-{day}")
    except ValueError:
        return None
    form = year + month + day
    if read.year < EARLIEST_YEAR or int(form) in _DEFAULT_DATES:
        return None
    # Asking what day it is takes as long as all the rest.
    return None if read.year >= _THIS_YEAR and read.year >= date.today().year else form


def _city(raw: str) -> str | None:
    found = _PLACE.fullmatch(raw.strip(" "))
    if found is None:
        return None
    words = [_folded(part) for part in found.groups() if part is not None]
    told = [word for word in words if word is not None and word not in _NO_CITIES]
    whole = " ".join(told)
    return whole if len(told) == len(words) and whole not in _NO_CITIES else None


def _postcode(raw: str) -> str | None:
    raw = raw.strip(" ")
    if not _POSTCODE.fullmatch(raw):
        return None
    plain = raw.replace(" ", "").replace("-", "").upper()
    if not plain.isdigit():
        return plain
    form = plain.lstrip("0")
    return form if form.strip("9") else None


def _house_number(raw: str) -> str | None:
    found = _HOUSE_NUMBER.fullmatch(raw.strip(" "))
    return None if found is None else found[1] + found[2].lower()


def _identifier(raw: str) -> str | None:
    raw = raw.strip(" ")
    if not _IDENTIFIER.fullmatch(raw) or raw.lower() in _NO_IDS:
        return None
    return raw.lower() if _HEXADECIMAL.fullmatch(raw) else raw


_NEVER_PLAIN = (
    *("suffix", "company", "sex", "unit", "state", "country", "national_id"),
    *("email_sha256", "phone_sha256"),
)
#: Empty text for a value that says nothing, None for one that takes more to tell.
_RULES: dict[str, Callable[[str], str | None]] = {
    "email": lambda raw: canonical_email(raw) or "",
    "phone": lambda raw: canonical_phone(raw) or "",
    "first_name": _first_name,
    "middle_name": _first_name,
    "last_name": _last_name,
    "city": _city,
    "postcode": _postcode,
    "house_number": _house_number,
    **dict.fromkeys(_NEVER_PLAIN, lambda raw: None),
}
