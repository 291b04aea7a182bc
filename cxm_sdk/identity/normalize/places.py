"""Streets, house numbers, units, cities, postcodes, states and countries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cxm_sdk.identity.folding import NO_WIDE, narrow_table
from cxm_sdk.identity.normalize.countries import COUNTRIES, STATES
from cxm_sdk.identity.normalize.identifiers import without_decimals
from cxm_sdk.identity.normalize.missing import FOLD, is_missing
from cxm_sdk.identity.spans import Spans, Words, word_list, word_map

__all__ = [
    "AddressLine",
    "city",
    "country",
    "house_number",
    "postcode",
    "short_street",
    "split_street",
    "state",
    "unit",
]

# The short form is canonical: it says as much and makes unlike streets less alike. "st" is street and saint
# alike.
_SHORT = word_map("""
    st: street, str, strasse, straat, saint, sankt, streets, stret
    ste: sainte
    ave: avenue, av, aven, avenida, avda, avd
    blvd: boulevard, bld, boul, bd, bvd
    rd: road
    dr: drive, drv
    ln: lane
    ct: court, crt
    pl: place, platz
    plz: plaza
    sq: square
    ter: terrace, terr, tce
    cir: circle, circ, crcl
    cct: circuit
    cres: crescent, cr, crs
    pkwy: parkway, pkway, parkwy, pky
    hwy: highway, hiway
    fwy: freeway
    expy: expressway
    tpke: turnpike
    trl: trail
    cl: close
    gdns: gardens, garden, gdn
    gr: grove, grv
    hts: heights, height
    hl: hill
    hls: hills
    mt: mount
    mtn: mountain
    pt: point
    rdg: ridge
    rte: route, rt
    wy: way, weg
    r: rue
    c: calle
    v: via
    ch: chemin
    al: allee
    aly: alley
    pk: park
    pde: parade
    esp: esplanade
    stn: station
    jct: junction
    ctr: center, centre
    cnty: county
    ft: fort
    n: north, nord
    s: south, sud
    e: east, ost
    w: west, ouest
    ne: northeast
    nw: northwest
    se: southeast
    sw: southwest
    nr: no, num, nummer
    1st: first
    2nd: second
    3rd: third
    4th: fourth
    5th: fifth
    6th: sixth
    7th: seventh
    8th: eighth
    9th: ninth
    10th: tenth
    ul: ulica, ulitsa
    ул: улица
    пр: проспект
    box: postfach, pob, pobox, apartado
    : po, the, and
""")
STREET_ENDINGS = {"strasse": "str", "straat": "str"}
STREET_WORDS = Words(_SHORT, endings=STREET_ENDINGS)
NUMBERED_ROADS = Words(
    word_list("""
    hwy, highway, rte, route, interstate, box, rd, road, sr, cr, us, km, floor, c, calle, carrera, cra,
    cnty, nr, unit, apt, lot, rr
    """)
)
_UNITS = word_map("""
    apt: apartment, apt, appt, appartement, unit, flat, flt, suite, ste, room, rm, #, wohnung, whg, lot,
        trlr, trailer, spc, space, piso, depto, dpto, apto, departamento, interno, int, top, кв,
        квартира, bus
    floor: floor, fl, flr, level, etage
    bldg: bldg, building
""")
UNIT_WORDS = Words(_UNITS)
_UNIT_NAMES = frozenset(UNIT_WORDS.words)
_BOX = Words(("box",))
_UNITS_AND_BOXES = Words((*_UNITS, *_BOX.words))
_LINE = narrow_table(keep="-/#")
_NUMBER_TEXT = narrow_table(keep="-/")
_UNIT_TEXT = narrow_table(keep="#")
NUMBER_PREFIXES = Words(
    word_list("""
    no, nr, num, number, n, hausnummer, hnr, house
    """)
)


@dataclass(frozen=True)
class AddressLine:
    """What stands in address lines, one row each; empty where a line has no such part.

    Attributes:
        street: Name of the street or box in canonical form.
        house_number: House number.
        unit: Flat, suite or floor.
        line: Folded line with its number, for ``short_street`` where the number stands elsewhere too.
    """

    street: Spans
    house_number: Spans
    unit: Spans
    line: Spans


def split_street(values: Spans) -> AddressLine:
    """Folds address lines and splits off house number and unit.

    Known are numbers in front (``12a High St``, ``3/12 High St`` with the unit first), numbers behind
    (``Hauptstr. 12 a``) and units anywhere (``Flat 3``, ``Apt 4B``, ``# 12``). Of several lines, such as those of a
    letter, that of the street is read. Words are abbreviated the usual way, so that ``North Main Street`` is
    ``n main st`` and ``Hauptstraße`` is ``hauptstr``.

    Args:
        values: Raw address lines.

    Returns:
        The parts.

    Example:
        >>> line = split_street(Spans.of(pa.array(["Flat 3, 12 High Street", "Hauptstraße 5 a"])))
        >>> line.street.array().to_pylist(), line.house_number.array().to_pylist()
        (['high st', 'hauptstr'], ['12', '5a'])
    """
    folded = (_street_lines(values) if values.holds("\n") else values).translated(_LINE)
    # Most lines have neither a box nor a unit.
    special = folded.find_word(_UNITS_AND_BOXES) >= 0
    if folded.holds("#"):
        special |= folded.find("#") >= 0
    rows = np.flatnonzero(special)
    folded = folded.with_rows(rows, _boxes(folded.take(rows)))
    lines = folded.only(~is_missing(folded))
    some, found = _without_unit(lines.take(rows))
    lines, units = lines.with_rows(rows, some), lines.only(np.zeros(len(lines), bool)).with_rows(rows, found)
    rest, numbers, all_units = _without_number(lines, units)
    # Many lines, few streets and fewer numbers.
    street, house_numbers = rest.by_distinct(short_street), numbers.by_distinct(house_number)
    return AddressLine(street, house_numbers, all_units.by_distinct(unit), lines)


def _boxes(lines: Spans) -> Spans:
    """Writes "p o box" and "post office box" the short way."""
    rows = np.flatnonzero(lines.find_word(_BOX) >= 0)
    if not len(rows):
        return lines
    short = pc.replace_substring_regex(
        lines.take(rows).array(), r"\b(?:g ?p ?o|p o|post office) box\b", "box"
    )
    return lines.with_rows(rows, Spans.of(short))


def _street_lines(values: Spans) -> Spans:
    """Of addresses of several lines leaves the line of the street, with the flat that has a line beside it."""
    rows = np.flatnonzero(values.trimmed().find("\n") >= 0)
    if not len(rows):
        return values
    lines = [_street_line(text) for text in values.take(rows).array().to_pylist()]
    return values.with_rows(rows, Spans.of(pa.array(lines, pa.string())))


def _street_line(text: str) -> str:
    """The first line with a number that is not of a flat alone, but for the last, where postcodes are; all if none."""
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    for place, line in enumerate(lines):
        if (place and place == len(lines) - 1) or not any("0" <= letter <= "9" for letter in line):
            continue
        if not _is_unit(line):
            around = [*lines[max(place - 1, 0) : place], *lines[place + 1 : place + 2]]
            return " ".join([*filter(_is_unit, around), line])
    return text


def _is_unit(line: str) -> bool:
    words = line.lower().replace("#", "# ").split()
    return 1 < len(words) <= 2 and words[0].strip(".,") in _UNIT_NAMES


def _without_unit(lines: Spans, *, again: bool = True) -> tuple[Spans, Spans]:
    """Splits "apt 4b" off lines, and "floor 2" too."""
    if lines.holds("#"):
        rows = np.flatnonzero(lines.find("#") >= 0)
        spaced = Spans.of(pc.replace_substring(lines.take(rows).array(), "#", " # "))
        lines = lines.with_rows(rows, spaced.translated(_LINE))
    at = lines.find_word(UNIT_WORDS)
    tail = lines.within(np.where(at < 0, lines.stops, at), lines.stops)
    value = tail.after(tail.find(" "))
    value_end = value.find(" ")
    value = value.before(value_end)
    # the value has a digit or is one letter; "12 court floor road" and a lone "lot" are words of the street
    first = value.first_bytes()
    is_unit = (value.lengths == 1) | ((first >= ord("0")) & (first <= ord("9")))
    is_unit |= (value.lengths > 0) & (value.lengths <= 4) & _has_digit(value)
    rows = np.flatnonzero(is_unit)
    units = tail.within(tail.starts, value.stops).only(is_unit)
    if not len(rows):
        return lines, units
    before = lines.take(rows).before(units.starts[rows])
    after = lines.take(rows).within(units.stops[rows], lines.stops[rows])
    rest = before.joined(after)
    if again:
        rest, more = _without_unit(rest, again=False)
        units = units.with_rows(rows, units.take(rows).joined(more))
    return lines.with_rows(rows, rest), units


def _has_digit(values: Spans) -> NDArray[np.bool_]:
    digits = values.translated(_DIGITS, NO_WIDE)
    has: NDArray[np.bool_] = digits.lengths > 0
    return has


_DIGITS = narrow_table(letters=False, drop="", rest="")


def _without_number(lines: Spans, units: Spans) -> tuple[Spans, Spans, Spans]:
    """Splits the house number off lines; "3/12 High St" is unit 3 of number 12."""
    start, stop = lines.house_numbers(NUMBERED_ROADS)
    found = start >= 0
    front = found & (start == lines.starts)
    rest = lines.within(
        np.where(front, stop, lines.starts),
        np.where(found & ~front, np.maximum(start, lines.starts), lines.stops),
    )
    numbers = lines.within(np.where(found, start, lines.stops), np.where(found, stop, lines.stops))
    slash = numbers.only(front).find("/")
    slashed = slash >= 0
    if slashed.any():
        left = numbers.within(numbers.starts, np.where(slashed, slash, numbers.starts))
        numbers = numbers.within(np.where(slashed, slash + 1, numbers.starts), numbers.stops)
        units = units.or_else(left)
    return rest, numbers, units


def short_street(rest: Spans) -> Spans:
    """Abbreviates the words of streets.

    Args:
        rest: Folded lines without number and unit.

    Returns:
        Canonical streets.

    Example:
        >>> short_street(Spans.of(pa.array(["north main street"]))).array().to_pylist()
        ['n main st']
    """
    plain = rest.translated(FOLD) if rest.holds("-/#") else rest
    return plain.replaced(STREET_WORDS)


def house_number(values: Spans) -> Spans:
    """Brings house numbers to one spelling: ``12a``, ``12-14``.

    Args:
        values: Raw numbers.

    Returns:
        Canonical numbers without leading zeros, empty where there is none.

    Example:
        >>> house_number(Spans.of(pa.array(["No. 012 A", "12/14"]))).array().to_pylist()
        ['12a', '12-14']
    """
    words = (
        without_decimals(values.trimmed())
        .translated(narrow_table(keep="-/"))
        .without_leading(NUMBER_PREFIXES)[0]
    )
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

    Example:
        >>> unit(Spans.of(pa.array(["Apt #4B", "Floor 3"]))).array().to_pylist()
        ['4b', 'floor 3']
    """
    folded = without_decimals(values.trimmed()).translated(_UNIT_TEXT)
    if (folded.find("#") >= 0).any():
        folded = Spans.of(pc.replace_substring(folded.array(), "#", " ")).translated(FOLD)
    words = folded.only(~is_missing(folded)).replaced(UNIT_SHORT)
    return words.only(words.lengths <= 64)


UNIT_SHORT = Words(
    {word: "" if kind == "apt" else kind for word, kind in _UNITS.items()} | {"no": "", "nr": "", "u": ""}
)

CITY_WORDS = Words(
    word_map("""
    st: saint, sankt
    ste: sainte
    mt: mount
    ft: fort
    n: north
    s: south
    e: east
    w: west
    hts: heights
    spgs: springs, spring
    twp: township
    """)
)
_CITY_TEXT = narrow_table(keep=",")


def city(values: Spans) -> Spans:
    """Folds names of cities, with usual words abbreviated; what stands behind a comma is left out.

    Args:
        values: Raw cities.

    Returns:
        Canonical cities, empty where there is none.

    Example:
        >>> city(Spans.of(pa.array(["Saint Louis, MO", "Zürich"]))).array().to_pylist()
        ['st louis', 'zurich']
    """
    folded = values.translated(_CITY_TEXT)
    head = folded.before(folded.find(","))
    return head.only(~is_missing(head)).replaced(CITY_WORDS)


_POSTCODE = narrow_table(drop="", rest="", keep="")
_ZEROS_ONLY = narrow_table(letters=True, keep="", drop="0", rest="")
NO_POSTCODES = Words(
    word_list("""
    99999, 999999, 9999999, nopostcode, none, null, na, nan, unknown
    """)
)


def postcode(values: Spans) -> Spans:
    """Brings postcodes to one spelling: upper case without spaces and dashes.

    American codes lose the four digits behind the dash, European ones the country letter in front. Numeric
    codes of up to five digits lose leading zeros, which numeric columns lose anyway: ``02139`` and ``2139``
    are one. Nothing but zeros or nines is no postcode.

    Args:
        values: Raw postcodes.

    Returns:
        Canonical postcodes, empty where there is none.

    Example:
        >>> postcode(Spans.of(pa.array(["02139-1234", "sw1a 1aa", "00000"]))).array().to_pylist()
        ['2139', 'SW1A1AA', None]
    """
    trimmed = without_decimals(values.trimmed())
    plain = trimmed.translated(_POSTCODE)
    plain = plain.only((plain.lengths <= 12) & (plain.lookup(NO_POSTCODES) < 0))
    digits = plain.translated(_DIGITS, NO_WIDE)
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

    Example:
        >>> state(Spans.of(pa.array(["California", "N.S.W.", "Bayern"]))).array().to_pylist()
        ['ca', 'nsw', 'bayern']
    """
    return _mapped(values, _STATE_WORDS, _STATE_CODES)


def country(values: Spans) -> Spans:
    """Maps names and codes of countries to two-letter codes in lower case, and folds what it does not know.

    Args:
        values: Raw countries.

    Returns:
        Canonical countries, empty where there is none.

    Example:
        >>> country(Spans.of(pa.array(["U.S.A.", "Deutschland"]))).array().to_pylist()
        ['us', 'de']
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
