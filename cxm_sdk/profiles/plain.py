"""Canonical forms of values, read one at a time: by the lists of words of ``normalize``, and to the same effect."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from cxm_sdk._native.plain import PlainForms
from cxm_sdk.errors import MissingExtraError
from cxm_sdk.events.identifiers import canonical_email, canonical_phone
from cxm_sdk.identity.folding import fold_character
from cxm_sdk.identity.normalize import countries, households, identifiers, missing, name_words, names, places
from cxm_sdk.identity.normalize.dates import DEFAULT_DATES, EARLIEST_YEAR
from cxm_sdk.identity.normalize.unspaced import parted_name
from cxm_sdk.identity.spans import Words

__all__ = ["plain_forms"]

_LISTS = {
    "missing": missing.FOLDED,
    "titles": name_words.TITLES,
    "tail": name_words.TAIL,
    "particles": name_words.PARTICLES,
    "nobody": names.NOBODY,
    "no_given_names": names.NO_GIVEN_NAMES,
    "suffixes": names.KNOWN_SUFFIXES,
    "legal_forms": name_words.LEGAL_FORMS,
    "small_words": names.SMALL_WORDS,
    "streets": places.STREET_WORDS,
    "roads": places.NUMBERED_ROADS,
    "units": places.UNIT_WORDS,
    "unit_short": places.UNIT_SHORT,
    "number_prefixes": places.NUMBER_PREFIXES,
    "cities": places.CITY_WORDS,
    "no_postcodes": places.NO_POSTCODES,
    "no_ids": identifiers.NOT_IDS,
    "junk_numbers": identifiers.JUNK_NUMBERS,
    "joining": households.JOINING,
    "beside_titles": households.BESIDE_TITLES,
}
_PEOPLE = {
    "full_name": households.first_person,
    "first_name": households.first_given,
    "middle_name": households.first_given,
}


def _partners(words: Words) -> dict[str, str]:
    """Whole words and what they become; nothing where they only are listed."""
    text, bounds = words.new_data.tobytes(), words.new_offsets.tolist()
    partners = [text[start:stop].decode() for start, stop in pairwise(bounds)]
    whole = words.words[: len(words.words) - words.endings]
    return dict(zip(whole, partners or [""] * len(whole), strict=False))


def _romanized(name: str) -> str:
    try:
        from anyascii import anyascii  # only where there are such names
    except ModuleNotFoundError as error:
        raise MissingExtraError.for_package("anyascii", "batch") from error
    return anyascii(name)


@cache
def plain_forms(date_order: str) -> PlainForms:
    """What brings single values to canonical form; made once, as it holds all the lists of words.

    Args:
        date_order: ``dmy`` or ``mdy``.

    Returns:
        What does so.

    Example:
        >>> plain_forms("dmy").forms("full_name", "Lovelace, Ada")
        {'first_name': 'ada', 'last_name': 'lovelace'}
    """
    return PlainForms(
        {
            **{name: _partners(words) for name, words in _LISTS.items()},
            "sexes": names.SEX,
            "states": countries.STATES,
            "countries": countries.COUNTRIES,
            "default_dates": dict.fromkeys(map(str, DEFAULT_DATES.tolist()), ""),
        },
        {"streets": places.STREET_ENDINGS},
        {"email": canonical_email, "phone": canonical_phone},
        fold_character,
        _romanized,
        parted_name,
        _PEOPLE,
        EARLIEST_YEAR,
        date_order,
    )
