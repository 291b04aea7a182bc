"""Streets, house numbers, units, cities, postcodes, states and countries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cxm_sdk.identity.folding import narrow_table
from cxm_sdk.identity.normalize.countries import COUNTRIES, STATES
from cxm_sdk.identity.normalize.identifiers import without_decimals
from cxm_sdk.identity.normalize.missing import FOLD, is_missing
from cxm_sdk.identity.spans import Spans, Words

__all__ = ["AddressLine", "city", "country", "house_number", "postcode", "split_street", "state", "unit"]

# The short form is canonical: it says as much and makes unlike streets less alike. "st" is street and saint alike.
_SHORT = {
    "street": "st", "str": "st", "strasse": "st", "straat": "st", "saint": "st", "sankt": "st", "sainte": "ste",
    "streets": "st", "stret": "st", "avenue": "ave", "av": "ave", "aven": "ave", "avenida": "ave", "avda": "ave",
    "avd": "ave", "boulevard": "blvd", "bld": "blvd", "boul": "blvd", "bd": "blvd", "bvd": "blvd", "road": "rd",
    "drive": "dr", "drv": "dr", "lane": "ln", "court": "ct", "crt": "ct", "place": "pl", "platz": "pl", "plaza": "plz",
    "square": "sq", "terrace": "ter", "terr": "ter", "tce": "ter", "circle": "cir", "circ": "cir", "circuit": "cct",
    "crcl": "cir", "crescent": "cres", "cr": "cres", "crs": "cres", "parkway": "pkwy", "pkway": "pkwy", "parkwy": "pkwy",
    "pky": "pkwy", "highway": "hwy", "hiway": "hwy", "freeway": "fwy", "expressway": "expy", "turnpike": "tpke",
    "trail": "trl", "close": "cl", "gardens": "gdns", "garden": "gdns", "gdn": "gdns", "grove": "gr", "grv": "gr",
    "heights": "hts", "height": "hts", "hill": "hl", "hills": "hls", "mount": "mt", "mountain": "mtn", "point": "pt",
    "ridge": "rdg", "route": "rte", "rt": "rte", "way": "wy", "weg": "wy", "rue": "r", "calle": "c", "cl ": "c",
    "via": "v", "chemin": "ch", "allee": "al", "alley": "aly", "park": "pk", "parade": "pde", "esplanade": "esp",
    "station": "stn", "junction": "jct", "center": "ctr", "centre": "ctr", "county": "cnty", "fort": "ft",
    "north": "n", "south": "s", "east": "e", "west": "w", "northeast": "ne", "northwest": "nw", "southeast": "se",
    "southwest": "sw", "nord": "n", "sud": "s", "ost": "e", "ouest": "w", "no": "nr", "num": "nr", "nummer": "nr",
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th",
    "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th",
    "ulica": "ul", "ulitsa": "ul", "улица": "ул", "проспект": "пр", "postfach": "box", "pob": "box", "pobox": "box",
    "apartado": "box", "po": "", "the": "", "and": "",
}  # fmt: skip
_STREET_WORDS = Words({word: short for word, short in _SHORT.items() if " " not in word})
_NUMBERED_ROADS = Words(
    (
        "hwy", "highway", "rte", "route", "interstate", "box", "rd", "road", "sr", "cr", "us", "km", "floor", "c",
        "calle", "carrera", "cra", "cnty", "nr", "unit", "apt", "lot", "rr",
    )
)  # fmt: skip
_UNITS = {
    "apartment": "apt", "apt": "apt", "appt": "apt", "appartement": "apt", "unit": "apt", "flat": "apt", "flt": "apt",
    "suite": "apt", "ste": "apt", "room": "apt", "rm": "apt", "#": "apt", "wohnung": "apt", "whg": "apt",
    "lot": "apt", "trlr": "apt", "trailer": "apt", "spc": "apt", "space": "apt", "piso": "apt", "depto": "apt",
    "dpto": "apt", "apto": "apt", "departamento": "apt", "interno": "apt", "int": "apt", "top": "apt", "кв": "apt",
    "квартира": "apt", "bus": "apt", "floor": "floor", "fl": "floor", "flr": "floor", "level": "floor",
    "etage": "floor", "bldg": "bldg", "building": "bldg",
}  # fmt: skip
_UNIT_WORDS = Words(_UNITS)
_LINE = narrow_table(keep="-/#")
_NUMBER = narrow_table(keep="-/", drop="'`. ,#")
_UNIT_TEXT = narrow_table(keep="#")
_NUMBER_PREFIX = Words(("no", "nr", "num", "number", "n", "hausnummer", "hnr", "house"))


@dataclass(frozen=True)
class AddressLine:
    """What stands in address lines, one row each; empty where a line has no such part.

    Attributes:
        street: Name of the street or box in canonical form.
        house_number: House number.
        unit: Flat, suite or floor.
        line: Name of the street as it is when no number is split off, for lines whose number is elsewhere.
    """

    street: Spans
    house_number: Spans
    unit: Spans
    line: Spans


def split_street(values: Spans) -> AddressLine:
    """Folds address lines and splits off house number and unit.

    Known are numbers in front (``12a High St``, ``3/12 High St`` with the unit first), numbers behind
    (``Hauptstr. 12 a``) and units anywhere (``Flat 3``, ``Apt 4B``, ``# 12``). Words are abbreviated the usual way, so
    that ``North Main Street`` is ``n main st`` and ``Hauptstraße`` is ``hauptstr``.

    Args:
        values: Raw address lines.

    Returns:
        The parts.
    """
    folded = values.translated(_LINE)
    lines, units = _without_unit(folded.only(~is_missing(folded)))
    rest, numbers, all_units = _without_number(lines, units)
    return AddressLine(_short_street(rest), house_number(numbers), unit(all_units), _short_street(lines))


def _without_unit(lines: Spans) -> tuple[Spans, Spans]:
    """Splits the first "apt 4b" off lines."""
    sharp = lines.find("#") >= 0
    if sharp.any():
        spaced = pc.replace_substring(lines.array().filter(pa.array(sharp)), "#", " # ")
        lines = lines.replaced_at(sharp, spaced).translated(_LINE)
    at = lines.find_word(_UNIT_WORDS)
    if (at < 0).all():
        return lines, lines.only(np.zeros(len(lines), dtype=bool))
    tail = lines.within(np.where(at < 0, lines.stops, at), lines.stops)
    word_end = tail.find(" ")
    value = tail.after(word_end)
    value_end = value.find(" ")
    units = tail.within(tail.starts, np.where(value_end < 0, tail.stops, value_end))
    # a unit has a digit or is one letter; "court floor rd" and a lone "lot" are words of the street
    size = value.before(value_end).lengths
    first = value.first_bytes()
    is_unit = (size > 0) & ((size <= 2) | ((first >= ord("0")) & (first <= ord("9"))) | (size <= 4) & _has_digit(units))
    rows = np.flatnonzero(is_unit)
    if not len(rows):
        return lines, lines.only(is_unit)
    before = lines.take(rows).before(units.starts[rows])
    after = lines.take(rows).within(units.stops[rows], lines.stops[rows])
    return lines.replaced_at(is_unit, before.joined(after).array()), units.only(is_unit)


def _has_digit(values: Spans) -> NDArray[np.bool_]:
    digits = values.translated(_DIGITS)
    has: NDArray[np.bool_] = digits.lengths > 0
    return has


_DIGITS = narrow_table(letters=False, drop="", rest="")


def _without_number(lines: Spans, units: Spans) -> tuple[Spans, Spans, Spans]:
    """Splits the house number off lines; "3/12 High St" is unit 3 of number 12."""
    start, stop = lines.house_numbers(_NUMBERED_ROADS)
    found = start >= 0
    front = found & (start == lines.starts)
    rest = lines.within(
        np.where(front, stop, lines.starts), np.where(found & ~front, np.maximum(start, lines.starts), lines.stops)
    )
    numbers = lines.within(np.where(found, start, lines.stops), np.where(found, stop, lines.stops))
    slash = numbers.only(front).find("/")
    slashed = slash >= 0
    if slashed.any():
        left = numbers.within(numbers.starts, np.where(slashed, slash, numbers.starts))
        numbers = numbers.within(np.where(slashed, slash + 1, numbers.starts), numbers.stops)
        units = units.or_else(left)
    return rest, numbers, units


def _short_street(rest: Spans) -> Spans:
    streets = rest.translated(FOLD)
    array = streets.array()
    if pc.any(pc.match_substring_regex(array, "str(?:asse|aat)")).as_py():
        streets = Spans.of(pc.replace_substring_regex(array, r"([^ ]{2})(?:strasse|straat)\b", r"\1str"))
    short = streets.replaced(_STREET_WORDS)
    return short


def house_number(values: Spans) -> Spans:
    """Brings house numbers to one spelling: ``12a``, ``12-14``.

    Args:
        values: Raw numbers.

    Returns:
        Canonical numbers without leading zeros, empty where there is none.
    """
    words = without_decimals(values.trimmed()).translated(narrow_table(keep="-/")).without_leading(_NUMBER_PREFIX)[0]
    plain = words.only(~is_missing(words)).translated(_HOUSE)
    while True:
        zero = (plain.first_bytes() == ord("0")) | (plain.first_bytes() == ord("-"))
        if not zero.any():
            break
        plain = plain.within(plain.starts + zero, plain.stops)
    return plain.only(plain.lengths <= 24)


_HOUSE = np.array(narrow_table(keep="-", rest=""))
_HOUSE[ord("/")] = ord("-")


def unit(values: Spans) -> Spans:
    """Brings flats, suites and floors to one spelling: the number, ``floor 3``, ``bldg 2``.

    Args:
        values: Raw units.

    Returns:
        Canonical units, empty where there is none.
    """
    folded = without_decimals(values.trimmed()).translated(_UNIT_TEXT)
    if (folded.find("#") >= 0).any():
        folded = Spans.of(pc.replace_substring(folded.array(), "#", " ")).translated(FOLD)
    words = folded.only(~is_missing(folded)).replaced(_UNIT_SHORT)
    return words.only(words.lengths <= 32)


_UNIT_SHORT = Words({word: "" if kind == "apt" else kind for word, kind in _UNITS.items()} | {"no": "", "nr": ""})

_CITY_WORDS = Words(
    {
        "saint": "st", "sankt": "st", "sainte": "ste", "mount": "mt", "fort": "ft", "north": "n", "south": "s",
        "east": "e", "west": "w", "heights": "hts", "hts": "hts", "springs": "spgs", "spring": "spgs", "township": "twp",
    }
)  # fmt: skip
_CITY_TEXT = narrow_table(keep=",")


def city(values: Spans) -> Spans:
    """Folds names of cities, with usual words abbreviated; what stands behind a comma is left out.

    Args:
        values: Raw cities.

    Returns:
        Canonical cities, empty where there is none.
    """
    folded = values.translated(_CITY_TEXT)
    head = folded.before(folded.find(","))
    return head.only(~is_missing(head)).replaced(_CITY_WORDS)


_POSTCODE = narrow_table(drop="", rest="", keep="")
_ZEROS_ONLY = narrow_table(letters=True, keep="", drop="0", rest="")
_NO_POSTCODES = Words(("99999", "999999", "9999999", "nopostcode", "none", "null", "na", "nan", "unknown"))


def postcode(values: Spans) -> Spans:
    """Brings postcodes to one spelling: upper case without spaces and dashes.

    American codes lose the four digits behind the dash, European ones the country letter in front. Numeric codes of
    up to five digits lose leading zeros, which numeric columns lose anyway: ``02139`` and ``2139`` are one. Nothing
    but zeros or nines is no postcode.

    Args:
        values: Raw postcodes.

    Returns:
        Canonical postcodes, empty where there is none.
    """
    trimmed = without_decimals(values.trimmed())
    plain = trimmed.translated(_POSTCODE)
    plain = plain.only((plain.lengths <= 12) & (plain.lookup(_NO_POSTCODES) < 0))
    digits = plain.translated(_DIGITS)
    numeric = (digits.lengths == plain.lengths) & (plain.lengths > 0)
    first = plain.first_bytes()
    lettered = (first >= ord("a")) & (digits.lengths >= 4) & (digits.lengths <= 5) & ~numeric
    lettered &= (plain.lengths - digits.lengths <= 2) & (plain.last_bytes() <= ord("9"))
    if lettered.any():  # letters must all stand in front
        for row in np.flatnonzero(lettered).tolist():
            text = bytes(plain.data[plain.starts[row] : plain.stops[row]])
            lettered[row] = text[-digits.lengths[row] :].isdigit()
    shift = np.where(lettered, plain.lengths - digits.lengths, 0)
    numeric |= lettered
    length = np.where(numeric & (digits.lengths == 9), 5, plain.lengths - shift)
    plain = plain.within(plain.starts + shift, plain.starts + shift + length)
    while True:
        zero = numeric & (plain.first_bytes() == ord("0")) & (plain.lengths <= 5)
        if not zero.any():
            break
        plain = plain.within(plain.starts + zero, plain.stops)
    plain = plain.only(plain.translated(_ZEROS_ONLY).lengths > 0)
    return Spans.of(pc.ascii_upper(plain.array()))


_STATE_WORDS, _STATE_CODES = Words(STATES), pa.array(list(STATES.values()), pa.string())
_COUNTRY_WORDS, _COUNTRY_CODES = Words(COUNTRIES), pa.array(list(COUNTRIES.values()), pa.string())


def state(values: Spans) -> Spans:
    """Maps states of the United States, Canada and Australia to their codes, and folds all others.

    Args:
        values: Raw states, provinces or regions.

    Returns:
        Canonical states, empty where there is none.
    """
    return _mapped(values, _STATE_WORDS, _STATE_CODES)


def country(values: Spans) -> Spans:
    """Maps names and codes of countries to two-letter codes in lower case, and folds what it does not know.

    Args:
        values: Raw countries.

    Returns:
        Canonical countries, empty where there is none.
    """
    return _mapped(values, _COUNTRY_WORDS, _COUNTRY_CODES)


def _mapped(values: Spans, words: Words, codes: pa.Array) -> Spans:
    folded = values.translated(FOLD)
    found = folded.lookup(words)
    known = found >= 0
    named = folded.only(known | ~is_missing(folded))
    if not known.any():
        return named
    return Spans.of(codes.take(pa.array(found, mask=~known))).or_else(named)
