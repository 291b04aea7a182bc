"""The lists of ``names`` and ``places`` as tables to draw from and to take strings from."""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cxm_sdk.testing.synthetic.draws import Wheel, wheel, zipf_wheel
from cxm_sdk.testing.synthetic.names import CULTURES, SHORT_FORMS, Culture
from cxm_sdk.testing.synthetic.places import COUNTRIES, WORLD_MAIL, Country

__all__ = ["NATIVE", "PLAIN", "SPELLED", "WRITTEN", "Lexicon", "NameTable", "PlaceTable", "lexicon"]

WRITTEN: Final = 0
"""Style: as the bearer writes it, in latin letters."""
PLAIN: Final = 1
"""Style: accents dropped (Muller)."""
SPELLED: Final = 2
"""Style: umlauts spelled out, other accents dropped (Mueller)."""
NATIVE: Final = 3
"""Style: in the bearer's own script, where the name has one."""

# Letters that Unicode does not decompose, and the spelling of umlauts that German and Nordic systems use.
_UNDECOMPOSED: Final = str.maketrans(
    {
        "ł": "l",
        "Ł": "L",
        "ø": "o",
        "Ø": "O",
        "ß": "ss",
        "ı": "i",
        "æ": "ae",
        "Æ": "Ae",
        "đ": "d",
        "ð": "d",
        "þ": "th",
    }
)
_SPELLING: Final = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "ß": "ss",
        "ø": "oe",
        "Ø": "Oe",
        "å": "aa",
    }
)


def plain(text: str) -> str:
    """Drops accents; letters of other scripts stay."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_UNDECOMPOSED))
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def _mail_form(text: str) -> str:
    """What a name becomes in an e-mail address."""
    return "".join(c for c in plain(text).lower() if c.isascii() and c.isalnum())


def _styles(written: list[str], native: list[str]) -> list[str]:
    """The four styles of each name, one block after the other."""
    return [*written, *map(plain, written), *(plain(name.translate(_SPELLING)) for name in written), *native]


def _parsed(tokens: str) -> list[tuple[str, str]]:
    """Tokens as (latin, native) pairs; without a native form the latin one stands in."""
    pairs = (token.replace("_", " ").partition("=") for token in tokens.split())
    return [(latin, native or latin) for latin, _, native in pairs]


@dataclass(frozen=True)
class NameTable:
    """Names of one kind.

    Attributes:
        text: The strings, in blocks: given names by style, surnames by style and sex. Block ``b`` of name
            ``i`` is at ``b * count + i``.
        mail: The form each name takes in an e-mail address, ``string[count]``.
        initial: First letter of that form, ``string[count]``.
        count: Number of names.
        wheels: ``int32[groups, 65536]``: names by culture and sex, or by culture.
    """

    text: pa.Array
    mail: pa.Array
    initial: pa.Array
    count: int
    wheels: Wheel


@dataclass(frozen=True)
class PlaceTable:
    """Cities, streets and what hangs on them; arrays over countries unless said otherwise.

    Attributes:
        countries: Which country a household lives in, ``int32[65536]``.
        cultures: From where its names are, ``int32[countries, 65536]``.
        cities: Which city, ``int32[countries, 65536]``.
        city_text: City names, then their other names.
        city_count: Number of cities.
        area_codes: Area code of each city.
        prefixes: Postcode prefixes of all cities.
        prefix_start: ``int32[cities]``; with ``prefix_count`` the prefixes of each city.
        prefix_count: ``int32[cities]``.
        suffixes: Ends of postcodes.
        suffix_start: ``int32[countries]``; with ``suffix_count`` the ends used in a country.
        suffix_count: ``int32[countries]``.
        stems: Street stems, ``int32[countries, 65536]``, numbered from 0 in each country.
        types: Street types, likewise.
        street_text: Street names in full, then abbreviated.
        street_count: Number of street names.
        street_start: ``int32[countries]``: first street.
        type_count: ``int32[countries]``: streets of a stem follow one another.
        mobiles: Mobile prefixes, ``int32[countries, 65536]``.
        mobile_text: The prefixes.
        mail: Mail domains, ``int32[countries, 65536]``.
        mail_text: The domains.
    """

    countries: Wheel
    cultures: Wheel
    cities: Wheel
    city_text: pa.Array
    city_count: int
    area_codes: pa.Array
    prefixes: pa.Array
    prefix_start: NDArray[np.int32]
    prefix_count: NDArray[np.int32]
    suffixes: pa.Array
    suffix_start: NDArray[np.int32]
    suffix_count: NDArray[np.int32]
    stems: Wheel
    types: Wheel
    street_text: pa.Array
    street_count: int
    street_start: NDArray[np.int32]
    type_count: NDArray[np.int32]
    mobiles: Wheel
    mobile_text: pa.Array
    mail: Wheel
    mail_text: pa.Array


@dataclass(frozen=True)
class Lexicon:
    """All tables.

    Attributes:
        first: Given names; groups are ``2 * culture + sex`` with 0 for men.
        common: Surnames; groups are cultures, wheels give common surnames.
        rare_start: ``int32[cultures]``; with ``rare_count`` the rare surnames of a culture.
        rare_count: ``int32[cultures]``.
        two_surnames: ``bool[cultures]``.
        own_script: ``bool[cultures]``.
        short: Short forms of given names.
        short_start: ``int32[given names]``; with ``short_count`` the short forms of each.
        short_count: ``int32[given names]``.
        places: Places.
    """

    first: NameTable
    common: NameTable
    rare_start: NDArray[np.int32]
    rare_count: NDArray[np.int32]
    two_surnames: NDArray[np.bool_]
    own_script: NDArray[np.bool_]
    short: pa.Array
    short_start: NDArray[np.int32]
    short_count: NDArray[np.int32]
    places: PlaceTable


def _starts(counts: list[int]) -> NDArray[np.int32]:
    """Where each run begins when runs of these lengths follow one another."""
    return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int32)


def _given_names() -> NameTable:
    """Given names of men and women, culture by culture."""
    groups = [_parsed(names) for culture in CULTURES for names in (culture.male, culture.female)]
    starts = _starts([len(group) for group in groups])
    # Shift 4: the most frequent given name has 2 to 4 % of a generation, not the 20 % of a pure Zipf law.
    wheels = np.stack([zipf_wheel(len(g), 4.0, int(s)) for g, s in zip(groups, starts, strict=True)])
    pairs = [pair for group in groups for pair in group]
    return _name_table(_styles([p[0] for p in pairs], [p[1] for p in pairs]), [p[0] for p in pairs], wheels)


def _name_table(text: list[str], latin: list[str], wheels: Wheel) -> NameTable:
    mail = [_mail_form(name) for name in latin]
    return NameTable(
        text=pa.array(text),
        mail=pa.array(mail),
        initial=pa.array([m[:1] for m in mail]),
        count=len(latin),
        wheels=wheels,
    )


def _rare_surnames(culture: Culture) -> list[tuple[str, str]]:
    """Surnames put together from beginnings, middles and ends."""
    middles = [("", "") if middle[0] == "-" else middle for middle in _parsed(culture.middles)]
    return [
        (a[0] + b[0] + c[0], a[1] + b[1] + c[1])
        for a, b, c in product(_parsed(culture.starts), middles, _parsed(culture.ends))
    ]


def _womens(name: str, ends: list[tuple[str, str]]) -> str:
    """The form of a surname that a woman bears."""
    for male, female in ends:
        if name.endswith(male):
            return name[: -len(male)] + female
    return name


def _surnames() -> tuple[NameTable, list[int]]:
    """Surnames of all cultures, the common ones first; and the number of rare ones in each culture."""
    common = [_parsed(culture.surnames) for culture in CULTURES]
    rare = [_rare_surnames(culture) for culture in CULTURES]
    # Shift 8: the most frequent surnames have about 1 % of the people of their culture.
    starts = _starts([len(group) for group in common])
    wheels = np.stack([zipf_wheel(len(g), 8.0, int(s)) for g, s in zip(common, starts, strict=True)])
    men: list[tuple[str, str]] = []
    women: list[tuple[str, str]] = []
    for culture, group in zip(CULTURES * 2, common + rare, strict=True):
        ends = [(male, female) for male, _, female in (t.partition("/") for t in culture.female_ends.split())]
        men.extend(group)
        women.extend((_womens(latin, ends), _womens(native, ends)) for latin, native in group)
    by_sex = [_styles([p[0] for p in pairs], [p[1] for p in pairs]) for pairs in (men, women)]
    count = len(men)
    text = [
        name for style in range(4) for names in by_sex for name in names[style * count : (style + 1) * count]
    ]
    return _name_table(text, [latin for latin, _ in men], wheels), [len(group) for group in rare]


def _suffixes(shape: str) -> list[str]:
    """All ends a postcode of this shape may have."""
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    pairs = [a + b for a, b in product(letters, letters)]
    match shape:
        case "gb":
            return [
                f"{district} {sector}{pair}"
                for district, sector, pair in product(range(1, 29), range(1, 10), pairs)
            ]
        case "us":
            return [f"{number:02d}" for number in range(100)]
        case "nl":
            return [f"{number:02d} {pair}" for number, pair in product(range(100), pairs)]
        case "pl":
            return [f"-{number:03d}" for number in range(1000)]
        case _:
            return [f"{number:03d}" for number in range(1000)]


def _streets(country: Country) -> tuple[list[str], list[str]]:
    """Street names in full and abbreviated, the types of one stem after the other."""
    full: list[str] = []
    short: list[str] = []
    for stem in country.stems.replace("_", "\u00a0").split(" "):
        for token in country.types.split():
            for names, kind in zip((full, short), token.split("/", 1), strict=True):
                if kind.startswith("~"):
                    name = stem + kind[1:]
                else:
                    name = f"{kind} {stem}" if country.type_first else f"{stem} {kind}"
                names.append(name.replace("\u00a0", " "))
    return full, short


def _prefixes(tokens: str) -> list[str]:
    """Mobile prefixes, ranges spelled out."""
    ranges = [token.partition("-") for token in tokens.split()]
    return [str(prefix) for low, _, high in ranges for prefix in range(int(low), int(high or low) + 1)]


def _culture_wheel(country: Country) -> Wheel:
    """From where the names of a country's families are."""
    share = {name: int(weight) for name, _, weight in (t.partition("=") for t in country.cultures.split())}
    return wheel([share.get(culture.code, 0) for culture in CULTURES])


def _places() -> PlaceTable:
    """Everything about places."""
    cities = [
        token.replace("_", " ").rsplit(":", 2) for country in COUNTRIES for token in country.cities.split()
    ]
    city_counts = [len(country.cities.split()) for country in COUNTRIES]
    city_start = _starts(city_counts)
    prefixes = [city[1].split(",") for city in cities]
    suffixes = [_suffixes(country.postcode) for country in COUNTRIES]
    streets = [_streets(country) for country in COUNTRIES]
    types = [len(country.types.split()) for country in COUNTRIES]
    mobiles = [_prefixes(country.mobile) for country in COUNTRIES]
    # Four in ten mailboxes are with the providers of the world, the others with those of the country.
    mail = [country.mail.split() for country in COUNTRIES]
    world = WORLD_MAIL.split()
    mail_start = _starts([len(m) + len(world) for m in mail])
    mail_weights = [
        [0.55 / (r + 1) for r in range(len(world))] + [0.9 / (r + 2) for r in range(len(m))] for m in mail
    ]
    return PlaceTable(
        countries=wheel([country.weight for country in COUNTRIES]),
        cultures=np.stack([_culture_wheel(country) for country in COUNTRIES]),
        cities=np.stack([zipf_wheel(n, 1.5, int(s)) for n, s in zip(city_counts, city_start, strict=True)]),
        city_text=pa.array([c[0].split("=")[0] for c in cities] + [c[0].split("=")[-1] for c in cities]),
        city_count=len(cities),
        area_codes=pa.array([city[2] for city in cities]),
        prefixes=pa.array([prefix for group in prefixes for prefix in group]),
        prefix_start=_starts([len(group) for group in prefixes]),
        prefix_count=np.array([len(group) for group in prefixes], dtype=np.int32),
        suffixes=pa.array([suffix for group in suffixes for suffix in group]),
        suffix_start=_starts([len(group) for group in suffixes]),
        suffix_count=np.array([len(group) for group in suffixes], dtype=np.int32),
        stems=np.stack([zipf_wheel(len(country.stems.split()), 10.0) for country in COUNTRIES]),
        types=np.stack([zipf_wheel(n, 0.5) for n in types]),
        street_text=pa.array(
            [s for full, _ in streets for s in full] + [s for _, short in streets for s in short]
        ),
        street_count=sum(len(full) for full, _ in streets),
        street_start=_starts([len(full) for full, _ in streets]),
        type_count=np.array(types, dtype=np.int32),
        mobiles=np.stack(
            [
                wheel([1.0] * len(m), int(s))
                for m, s in zip(mobiles, _starts([len(m) for m in mobiles]), strict=True)
            ]
        ),
        mobile_text=pa.array([prefix for group in mobiles for prefix in group]),
        mail=np.stack([wheel(w, int(s)) for w, s in zip(mail_weights, mail_start, strict=True)]),
        mail_text=pa.array([domain for group in mail for domain in (*world, *group)]),
    )


@functools.cache
def lexicon() -> Lexicon:
    """Builds all tables, once in a process.

    Returns:
        The tables.
    """
    first = _given_names()
    common, rare = _surnames()
    shorts = [SHORT_FORMS.get(name, ()) for name in first.text[: first.count].to_pylist()]
    common_total = sum(len(culture.surnames.split()) for culture in CULTURES)
    return Lexicon(
        first=first,
        common=common,
        rare_start=_starts(rare) + np.int32(common_total),
        rare_count=np.array(rare, dtype=np.int32),
        two_surnames=np.array([culture.two_surnames for culture in CULTURES]),
        own_script=np.array(["=" in culture.male for culture in CULTURES]),
        short=pa.array([short for group in shorts for short in group]),
        short_start=_starts([len(group) for group in shorts]),
        short_count=np.array([len(group) for group in shorts], dtype=np.int32),
        places=_places(),
    )
