"""Addresses in one cell: the postcode and the city behind the line of the street."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cxm_sdk.identity.folding import NO_WIDE, narrow_table
from cxm_sdk.identity.spans import Spans

__all__ = ["WholeAddress", "split_address"]

_LINE: Final = r"^(?P<line>(?s:.*)\S)\s*[,\n]\s*"
_CITY: Final = r"(?P<city>[^,\n\d]*[^,\n\d\s.-])"
_COUNTRY: Final = r"\s*(?:[,\n]\s*[^,\n\d]+)?\s*$"
#: How what stands behind the street is written, what is told best first.
_FORMS: Final = (
    # Springfield, IL 62704; Ottawa, ON K1A 0B1; Newtown NSW 2042
    rf"{_LINE}{_CITY}\s*[,\n ]\s*[A-Za-z]{{2,3}}\.?\s*,?\s+"
    rf"(?P<postcode>\d{{5}}(?:-\d{{4}})?|\d{{4}}|[A-Za-z]\d[A-Za-z][ -]?\d[A-Za-z]\d){_COUNTRY}",
    # London SW1A 2AA; Leeds, LS1 4AB
    rf"{_LINE}{_CITY}[\s,.-]+(?P<postcode>[A-Za-z]{{1,2}}\d[A-Za-z\d]?\s?\d[A-Za-z]{{2}}){_COUNTRY}",
    # 12345 Berlin; 75001 Paris; 1012 AB Amsterdam; 110 00 Praha; 00-950 Warszawa
    rf"{_LINE}(?:[A-Za-z]{{1,2}}-)?(?P<postcode>\d{{5}}|\d{{3}} \d{{2}}|\d{{2}}-\d{{3}}|\d{{4}} ?[A-Z]{{2}}|\d{{4}})"
    rf"\s+{_CITY}{_COUNTRY}",
    # Springfield 62704; Bangalore - 560001
    rf"{_LINE}{_CITY}\s*[,\s-]\s*(?P<postcode>\d{{5,6}}){_COUNTRY}",
)
#: A state, or a street with its number: "Flat 3, 1200 High Street".
_NO_CITY: Final = (
    r"(?i)^[a-z]{1,2}$|"
    r"\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|way|place|pl|terrace|close|square|"
    r"highway|hwy|parkway|pkwy|circle|cir|broadway|row|crescent|gardens)\.?$|"
    r"(?:str|str\.|strasse|straße|weg|gasse|laan|straat)$|"
    r"^(?:rue|via|calle|avenida|rua|avenue|boulevard|route|chemin|piazza|plaza)\b"
)
#: A line of a street has a word, and more than the number of a flat.
_NO_STREET: Final = (
    r"(?i)^\W*(?:apt|apartment|flat|unit|suite|ste|room|rm|floor|fl|lot|bldg|building|no|nr)?\W*\w{0,4}\W*$"
)


_DIGITS: Final = narrow_table(letters=False, drop="", rest="")
#: Digits that a postcode has: in Britain two, with two letters behind the last.
_FEWEST_DIGITS: Final = 2
_BRITISH: Final = r"\d[A-Za-z]{2}(?:\W|$)"


class WholeAddress(NamedTuple):
    """What stands in address lines, one row each.

    Attributes:
        line: The line of the street; all that stands there where the line holds no city.
        city: The city, empty for none.
        postcode: The postcode, empty for none.
    """

    line: Spans
    city: Spans
    postcode: Spans


def split_address(values: Spans) -> WholeAddress:
    """Splits off the postcode and the city that stand behind a street, parted by a comma or the end of a line.

    Args:
        values: Raw address lines.

    Returns:
        The parts.

    Example:
        >>> whole = split_address(Spans.of(pa.array(["12 Main St Apt 4, Springfield, IL 62704", "Flat 3, 12 High St"])))
        >>> [part.array().to_pylist() for part in whole]
        [['12 Main St Apt 4', 'Flat 3, 12 High St'], ['Springfield', None], ['62704', None]]
    """
    nothing = values.only(np.zeros(len(values), bool))
    line, city, postcode = values, nothing, nothing
    rows = _parted(values)
    for form in _FORMS:
        if not len(rows):
            break
        found = pc.extract_regex(values.take(rows).array(), form)
        right = found.is_valid().to_numpy(zero_copy_only=False) & _sensible(found)
        own, parts = rows[right], found.filter(pa.array(right))
        one_line = np.flatnonzero(
            _part(parts, "line").find("\n") < 0
        )  # of several, ``split_street`` finds the street's
        line = line.with_rows(own[one_line], _part(parts, "line").take(one_line))
        city = city.with_rows(own, _part(parts, "city"))
        postcode = postcode.with_rows(own, _part(parts, "postcode"))
        rows = rows[~right]
    return WholeAddress(line, city, postcode)


def _parted(values: Spans) -> NDArray[np.intp]:
    """The rows behind whose first part there may be a postcode; most lines of streets have no second part."""
    ends = np.full(len(values), -1, np.int32)
    for mark in ",\n":
        if values.holds(mark):
            at = values.find(mark)
            ends = np.where((ends < 0) | ((at >= 0) & (at < ends)), at, ends)
    rows = np.flatnonzero(ends >= 0)
    rest = values.take(rows).after(ends[rows])
    digits = rest.translated(_DIGITS, NO_WIDE).lengths
    few = np.flatnonzero(digits == _FEWEST_DIGITS)
    british = pc.match_substring_regex(rest.take(few).array(), _BRITISH)
    told = digits > _FEWEST_DIGITS
    told[few] = pc.fill_null(british, False).to_numpy(zero_copy_only=False)
    return rows[told]


def _sensible(found: pa.StructArray) -> NDArray[np.bool_]:
    no_city = pc.match_substring_regex(pc.struct_field(found, "city"), _NO_CITY)
    no_street = pc.match_substring_regex(pc.struct_field(found, "line"), _NO_STREET)
    told = pc.fill_null(pc.invert(pc.or_(no_city, no_street)), False)
    sensible: NDArray[np.bool_] = told.to_numpy(zero_copy_only=False)
    return sensible


def _part(found: pa.StructArray, name: str) -> Spans:
    return Spans.of(pc.struct_field(found, name))
