"""Values about whose canonical form there are no two opinions, read one at a time and without a table.

What ``normalize`` makes of them is what stands here, and the tests hold the two against each other. Anything in doubt
is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from cxm_sdk.events.identifiers import canonical_email, canonical_phone
from cxm_sdk.identity.folding import fold_character
from cxm_sdk.identity.normalize import identifiers, missing, names, places
from cxm_sdk.identity.normalize.dates import DEFAULT_DATES, EARLIEST_YEAR

__all__ = ["plain_forms"]

_LETTER = "[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]"
#: One word or more, of letters and dashes, with a dot behind it where it is short for something.
_WORDS = re.compile(
    f"{_LETTER}{{1,40}}(?:-{_LETTER}{{1,40}})*[.]?(?: {_LETTER}{{1,40}}(?:-{_LETTER}{{1,40}})*[.]?)*"
)
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
_PARTICLES = frozenset(names.PARTICLES.words)
#: Titles in front of full names; of others it takes more to tell.
_TITLED = re.compile("(?:Mr|Mrs|Ms|Miss|Dr|Herr|Frau)[.]? ")
_NO_WORDS = _NO_NAMES - _PARTICLES
_NO_CITIES = _MISSING.union(places.CITY_WORDS.words)
_NO_STREETS = _MISSING.union(places.NO_STREET_WORDS)
_NUMBERED = frozenset(places.NUMBERED_ROADS.words)
_BEHIND_NUMBERS = frozenset(("bis", "ter", "quater"))
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


def _words(raw: str, but: frozenset[str]) -> list[list[str]] | None:
    """The words of a text, each in its parts between dashes; None where any is one of some that mean something."""
    raw = raw.strip(" ").replace("'", "")
    if not _WORDS.fullmatch(raw):
        return None
    found = []
    for word in raw.split(" "):
        parts = []
        for part in word.removesuffix(".").split("-"):
            folded = _folded(part)
            if folded is None or folded in but:
                return None
            parts.append(folded)
        found.append(parts)
    return found


def _joined(words: Sequence[Sequence[str]]) -> str | None:
    """Words as a name; None for what names nobody."""
    name = " ".join([part for word in words for part in word])
    return None if name in _NO_NAMES or (len(name) > 1 and len(set(name)) < 2) else name


def _one_name(raw: str) -> str | None:
    words = _words(raw, _NO_WORDS)
    return None if words is None else _joined(words)


def _full_name(raw: str) -> dict[str, str] | None:
    raw = raw.strip(" ")
    titled = _TITLED.match(raw)
    if titled is not None:
        raw = raw[titled.end() :]
    if "," in raw:
        return _turned_name(raw)
    words = _words(raw, _NO_WORDS)
    if words is None or len(words) < 2 or _joined(words) is None:
        return None
    start = len(words) - 1  # of the last name, with the particles before it
    while start > 1 and words[start - 1][0] in _PARTICLES and len(words[start - 1]) == 1:
        start -= 1
    if not _PARTICLES.isdisjoint([word[0] for word in (*words[:start], words[-1])]):
        return None
    return _told({"first_name": words[:1], "middle_name": words[1:start], "last_name": words[start:]})


def _turned_name(raw: str) -> dict[str, str] | None:
    """Parts of a name with the last name in front of a comma."""
    head, _, tail = raw.partition(",")
    last, given = _words(head, _NO_WORDS), _words(tail, _NO_WORDS)
    if last is None or given is None or _joined([*last, *given]) is None:
        return None
    return _told({"first_name": given[:1], "middle_name": given[1:], "last_name": last})


def _told(parts: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, str] | None:
    told = {role: _joined(words) for role, words in parts.items() if words}
    whole = {role: name for role, name in told.items() if name is not None}
    return whole if len(whole) == len(told) else None


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
        words.append(word)
    if " ".join(words) in _MISSING:
        return None
    # "Road 7" is the seventh road, and "12 ter" a number.
    if (found[3] and words[-1] in _NUMBERED) or (found[1] and words[0] in _BEHIND_NUMBERS):
        return None
    words = [places.short_word(word) for word in words]
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
    words = _words(raw, _NO_CITIES)
    if words is None:
        return None
    whole = " ".join([part for word in words for part in word])
    return None if whole in _NO_CITIES else whole


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
    **dict.fromkeys(("first_name", "middle_name", "last_name"), _one_name),
    "city": _city,
    "postcode": _postcode,
    "house_number": _house_number,
    **dict.fromkeys(_NEVER_PLAIN, lambda raw: None),
}
