"""Who lives where with whom: persons, households, and what changes while they are customers.

Time runs from 0 (the first record any source holds) to 1 (the last). A person who moves, marries or changes
a number does so at one moment of it, and a record shows the state of affairs of its own moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxm_sdk.testing.synthetic.draws import Draws, Keys, wheel
from cxm_sdk.testing.synthetic.lexicon import Lexicon
from cxm_sdk.testing.synthetic.places import COUNTRIES

__all__ = ["SOURCES", "Addresses", "Households", "People", "settle"]

SOURCES: Final = ("crm", "loyalty", "store", "support", "web")
"""Names of the sources, sorted."""

# Kinds of household among the customers of a shop: alone, couple, couple with children, one parent with
# children, a couple with a parent of theirs, a shared flat. Shares are near those of European censuses.
_KINDS: Final = wheel([38.0, 27.0, 20.0, 6.0, 3.0, 6.0])
_ALONE, _COUPLE, _FAMILY, _ONE_PARENT, _THREE_AGES, _SHARED_FLAT = range(6)
_HEAD, _PARTNER, _CHILD, _GRANDPARENT, _FLATMATE = range(5)

# Chance of a person to be known to a source. Together with the lower bound of one source and the records
# entered twice this makes 2.3 to 2.5 records a person.
_KNOWN: Final = {"crm": 0.60, "loyalty": 0.46, "store": 0.38, "support": 0.22, "web": 0.52}
# Chance that a known person stands in the source once more. CRM data audits find 1 to 5 % in kept systems and
# more where staff or callers type (tills, call centres).
_TWICE: Final = {"crm": 0.03, "loyalty": 0.015, "store": 0.05, "support": 0.06, "web": 0.025}

_YEAR: Final = 2024


@dataclass(frozen=True)
class Addresses:
    """Where households live; all arrays are ``int32[households]``.

    Attributes:
        city: Number of the city.
        street: Number of the street.
        number: House number.
        letter: 0, or 1 to 3 for a, b, c after the number.
        flat: Number of the flat, 0 for none.
        prefix: Number of the postcode prefix.
        suffix: Number of the postcode end.
    """

    city: NDArray[np.int32]
    street: NDArray[np.int32]
    number: NDArray[np.int32]
    letter: NDArray[np.int32]
    flat: NDArray[np.int32]
    prefix: NDArray[np.int32]
    suffix: NDArray[np.int32]


@dataclass(frozen=True)
class Households:
    """All households, one entry each.

    Attributes:
        country: ``int32[h]``.
        now: The address at time 1.
        before: The address at time 0.
        moved: ``float64[h]``, moment of the move; 0 for those who do not move.
        landline: ``bool[h]``, whether there is one.
        mailbox: ``bool[h]``, whether there is one mailbox for the family.
    """

    country: NDArray[np.int32]
    now: Addresses
    before: Addresses
    moved: NDArray[np.float64]
    landline: NDArray[np.bool_]
    mailbox: NDArray[np.bool_]


@dataclass(frozen=True)
class People:
    """All persons, one entry each, numbered household by household.

    Attributes:
        household: ``int32[n]``.
        country: ``int32[n]``, that of the household.
        woman: ``int32[n]``, 0 or 1.
        culture: ``int32[n]``, of the surname.
        first: ``int32[n]``, given name.
        middle: ``int32[n]``, second given name, -1 for none.
        short: ``int32[n]``, short form the person goes by, -1 for none.
        surname: ``int32[n]``.
        second: ``int32[n]``, second surname, -1 for none.
        hyphen: ``bool[n]``, whether a hyphen joins the two.
        former: ``int32[n]``, surname before the marriage, -1 where it has not changed.
        married: ``float64[n]``, moment of that change, 0 for none.
        generation: ``int32[n]``, 1 for a senior, 2 for a junior of the same name, else 0.
        year: ``int32[n]`` of birth.
        month: ``int32[n]``, 1 to 12.
        day: ``int32[n]``, 1 to 31.
        number: ``uint64[n]``, key of the mobile number, shared where a child uses a parent's.
        old_number: ``uint64[n]``, key of the number before.
        renumbered: ``float64[n]``, moment of the change of number, 0 for none.
        copies: ``int8[n, sources]``, records in each source.
        households: The households.
    """

    household: NDArray[np.int32]
    country: NDArray[np.int32]
    woman: NDArray[np.int32]
    culture: NDArray[np.int32]
    first: NDArray[np.int32]
    middle: NDArray[np.int32]
    short: NDArray[np.int32]
    surname: NDArray[np.int32]
    second: NDArray[np.int32]
    hyphen: NDArray[np.bool_]
    former: NDArray[np.int32]
    married: NDArray[np.float64]
    generation: NDArray[np.int32]
    year: NDArray[np.int32]
    month: NDArray[np.int32]
    day: NDArray[np.int32]
    number: Keys
    old_number: Keys
    renumbered: NDArray[np.float64]
    copies: NDArray[np.int8]
    households: Households

    def __len__(self) -> int:
        return len(self.household)


@dataclass(frozen=True)
class _Seats:
    """Places of persons in households before they are persons: who is whose head, partner, child."""

    household: NDArray[np.int32]
    head: NDArray[np.int64]
    place: NDArray[np.int64]
    role: NDArray[np.int32]
    keys: Keys


def settle(rows: int, draws: Draws, lexicon: Lexicon) -> People:
    """Makes as many persons as it takes for a number of records.

    Args:
        rows: Records wanted, all sources together.
        draws: The random numbers.
        lexicon: Names and places.

    Returns:
        People whose ``copies`` sum to ``rows``; households of the last few may lack a member.
    """
    # 4.4 records a household on average; a second, larger attempt is practically never needed but always
    # right.
    wanted = rows // 4 + 16
    while True:
        seats, country, kind = _seats(wanted, draws, lexicon)
        copies = _copies(seats.keys, draws)
        ends = np.cumsum(copies.sum(axis=1, dtype=np.int64))
        if ends[-1] >= rows:
            break
        wanted *= 2
    last = int(np.searchsorted(ends, rows))
    surplus = int(ends[last]) - rows
    for source in range(len(SOURCES)):
        taken = min(surplus, int(copies[last, source]))
        copies[last, source] -= taken
        surplus -= taken
    seats = _Seats(
        *(getattr(seats, name)[: last + 1] for name in ("household", "head", "place", "role", "keys"))
    )
    count = int(seats.household[-1]) + 1
    return _people(seats, copies[: last + 1], country[:count], kind[:count], draws, lexicon)


def _seats(count: int, draws: Draws, lexicon: Lexicon) -> tuple[_Seats, NDArray[np.int32], NDArray[np.int32]]:
    """Seats in ``count`` households, with country and kind of each household."""
    homes = np.arange(count, dtype=np.uint64)
    kind = draws.pick("kind", homes, _KINDS)
    # Children who are customers themselves (14 and older), and flatmates beside the first.
    children = 1 + draws.pick("children", homes, wheel([58.0, 31.0, 11.0]))
    mates = 1 + draws.pick("flatmates", homes, wheel([60.0, 28.0, 12.0]))
    size = np.choose(kind, [1, 2, 2 + children, 1 + children, 3, 1 + mates]).astype(np.int64)
    start = np.cumsum(size) - size
    household = np.repeat(np.arange(count, dtype=np.int32), size)
    head = start[household]
    place = np.arange(len(household), dtype=np.int64) - head
    kinds = kind[household]
    role = np.full(len(household), _CHILD, dtype=np.int32)
    role[(place == 1) & np.isin(kinds, (_COUPLE, _FAMILY, _THREE_AGES))] = _PARTNER
    role[(place == 2) & (kinds == _THREE_AGES)] = _GRANDPARENT
    role[(place > 0) & (kinds == _SHARED_FLAT)] = _FLATMATE
    role[place == 0] = _HEAD
    keys = household.astype(np.uint64) * np.uint64(16) + place.astype(np.uint64)
    country = draws.pick("country", homes, lexicon.places.countries)
    return _Seats(household, head, place, role, keys), country, kind


def _copies(keys: Keys, draws: Draws) -> NDArray[np.int8]:
    """Records of each person in each source, ``int8[n, sources]``; at least one in all."""
    copies = np.zeros((len(keys), len(SOURCES)), dtype=np.int8)
    # Good customers are known everywhere, casual ones hardly anywhere: presence is not independent between
    # sources.
    activity = 0.5 + draws.unit("activity", keys)
    for column, source in enumerate(SOURCES):
        known = draws.chance(f"known {source}", keys, _KNOWN[source] * activity)
        twice = draws.chance(f"twice {source}", keys, _TWICE[source])
        thrice = draws.chance(f"thrice {source}", keys, 0.1)
        copies[:, column] = known * (1 + twice * (1 + thrice))
    nowhere = np.flatnonzero(copies.sum(axis=1) == 0)
    copies[nowhere, draws.pick("somewhere", keys[nowhere], wheel(list(_KNOWN.values())))] = 1
    return copies


def _people(
    seats: _Seats,
    copies: NDArray[np.int8],
    country: NDArray[np.int32],
    kind: NDArray[np.int32],
    draws: Draws,
    lexicon: Lexicon,
) -> People:
    """Gives every seat a life."""
    keys, role, household = seats.keys, seats.role, seats.household
    countries = country[household]
    culture = _cultures(seats, countries, draws, lexicon)
    woman = draws.chance("woman", keys, 0.5).astype(np.int32)
    partner = np.flatnonzero(role == _PARTNER)
    opposite = draws.chance("opposite sex", keys[partner], 0.96)
    woman[partner] = np.where(opposite, 1 - woman[partner - 1], woman[partner - 1])
    year, month, day = _births(seats, draws)
    first, generation = _given(seats, countries, culture, woman, draws, lexicon)
    surname, second, hyphen, former, married = _family_names(seats, culture, woman, draws, lexicon)
    middle = draws.pick("middle", keys, lexicon.first.wheels, 2 * culture + woman)
    # A second given name on file: common in English- and German-speaking countries, asked for seldom
    # elsewhere.
    middle[~draws.chance("has middle", keys, 0.25) | (middle == first)] = -1
    forms = lexicon.short_count[first]
    goes_by = lexicon.short_start[first] + draws.below("short", keys, forms).astype(np.int32)
    short = np.where((forms > 0) & draws.chance("goes by", keys, 0.35), goes_by, -1).astype(np.int32)
    number, old_number, renumbered = _numbers(seats, countries, year, draws)
    return People(
        household=household,
        country=countries,
        woman=woman,
        culture=culture,
        first=first,
        middle=middle,
        short=short,
        surname=surname,
        second=second,
        hyphen=hyphen,
        former=former,
        married=married,
        generation=generation,
        year=year,
        month=month,
        day=day,
        number=number,
        old_number=old_number,
        renumbered=renumbered,
        copies=copies,
        households=_households(country, kind, np.bincount(household), draws, lexicon),
    )


def _cultures(
    seats: _Seats, countries: NDArray[np.int32], draws: Draws, lexicon: Lexicon
) -> NDArray[np.int32]:
    """From where each person's surname is: a family has one, most couples too."""
    own = draws.pick("culture", seats.keys, lexicon.places.cultures, countries)
    family = own[seats.head]
    # Nine in ten couples share an origin more often than chance would have it; flatmates do not.
    alike = np.choose(seats.role, [1.0, 0.75, 1.0, 1.0, 0.0])
    return np.where(draws.chance("same culture", seats.keys, alike), family, own).astype(np.int32)


def _births(seats: _Seats, draws: Draws) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Year, month and day of birth; parents are older than children, twins born on one day."""
    keys, role, head = seats.keys, seats.role, seats.head
    own = 20 + np.minimum(draws.below("age", keys, 62), draws.below("age too", keys, 74))
    with_children = np.zeros(int(head[-1]) + 1, dtype=bool)
    with_children[head[role == _CHILD]] = True
    parent = with_children[head] & (role == _HEAD)
    age = np.where(parent, 38 + draws.below("age of parent", keys, 30), own)
    elder = age[head]
    age = np.where(role == _PARTNER, np.maximum(19, elder - 6 + draws.below("gap", keys, 12)), age)
    gap = 20 + draws.below("generation gap", keys, np.minimum(elder - 34, 20) + 1)
    age = np.where(role == _CHILD, np.maximum(14, elder - gap), age)
    age = np.where(role == _GRANDPARENT, np.minimum(elder + 20 + draws.below("gap up", keys, 14), 101), age)
    age = np.where(
        role == _FLATMATE, np.maximum(18, np.minimum(elder, 40) - 6 + draws.below("gap", keys, 12)), age
    )
    born = (_YEAR - age - 1970).astype("datetime64[Y]").astype("datetime64[D]") + draws.below(
        "day", keys, 365
    )
    # Twins are 3 % of births; here one in thirty neighbouring pairs of children.
    twin = np.flatnonzero((role[1:] == _CHILD) & (role[:-1] == _CHILD)) + 1
    twin = twin[draws.chance("twin", keys[twin], 0.033)]
    born[twin] = born[twin - 1]
    months = born.astype("datetime64[M]")
    return (
        (born.astype("datetime64[Y]").astype(np.int64) + 1970).astype(np.int32),
        (months.astype(np.int64) % 12 + 1).astype(np.int32),
        ((born - months.astype("datetime64[D]")).astype(np.int64) + 1).astype(np.int32),
    )


def _given(
    seats: _Seats,
    countries: NDArray[np.int32],
    culture: NDArray[np.int32],
    woman: NDArray[np.int32],
    draws: Draws,
    lexicon: Lexicon,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Given names, and who is senior and junior of one name."""
    keys, role, head = seats.keys, seats.role, seats.head
    # Children of newcomers often bear names of the country they grow up in.
    local = draws.pick("local culture", keys, lexicon.places.cultures, countries)
    settled = draws.chance("local name", keys, np.where(role == _CHILD, 0.25, 0.06))
    first = draws.pick("first", keys, lexicon.first.wheels, 2 * np.where(settled, local, culture) + woman)
    sibling = np.flatnonzero((role[1:] == _CHILD) & (role[:-1] == _CHILD) & (first[1:] == first[:-1])) + 1
    first[sibling] = draws.pick(
        "first again", keys[sibling], lexicon.first.wheels, 2 * culture[sibling] + woman[sibling]
    )
    # First children named for the parent of their sex: about one son in thirty, fewer daughters.
    eldest = np.flatnonzero(
        (role == _CHILD) & (np.where(np.arange(len(role)) > 0, np.roll(role, 1), 0) != _CHILD)
    )
    named = eldest[draws.chance("named for", keys[eldest], np.where(woman[eldest] == 1, 0.008, 0.035))]
    after = np.where(woman[head[named]] == woman[named], head[named], named - 1)
    same = woman[after] == woman[named]
    named, after = named[same], after[same]
    first[named] = first[after]
    generation = np.zeros(len(first), dtype=np.int32)
    generation[after], generation[named] = 1, 2
    return first, generation


def _family_names(
    seats: _Seats, culture: NDArray[np.int32], woman: NDArray[np.int32], draws: Draws, lexicon: Lexicon
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_], NDArray[np.int32], NDArray[np.float64]]:
    """Surname, second surname, hyphen, surname before the marriage, and when it changed."""
    keys, role, head = seats.keys, seats.role, seats.head
    birth = _surnames("surname", keys, culture, draws, lexicon)
    both = lexicon.two_surnames[culture]
    child = role == _CHILD
    partner = role == _PARTNER
    surname = np.where(
        child | ((role == _GRANDPARENT) & draws.chance("in-law", keys, 0.5)), birth[head], birth
    )
    # Of couples on file 62 % share a name, 8 % of partners join both; people with two surnames keep theirs.
    choice = draws.unit("name of couple", keys)
    takes = partner & ~both & (choice < 0.62)
    joins = partner & ~both & (choice >= 0.62) & (choice < 0.70)
    surname[takes] = birth[head[takes]]
    second = np.full(len(birth), -1, dtype=np.int32)
    second[joins] = birth[head[joins]]
    second[both] = _surnames("second surname", keys, culture, draws, lexicon)[both]
    has_other_parent = np.flatnonzero(child & both & (role[np.minimum(head + 1, len(role) - 1)] == _PARTNER))
    second[has_other_parent] = birth[head[has_other_parent] + 1]
    # Two in ten of those names changed while the person was a customer.
    recent = (takes | joins) & draws.chance("wedding", keys, 0.20)
    married = np.where(recent, 0.1 + 0.8 * draws.unit("wedding day", keys), 0.0)
    return surname, second, joins, np.where(recent, birth, -1).astype(np.int32), married


def _surnames(
    question: str, keys: Keys, culture: NDArray[np.int32], draws: Draws, lexicon: Lexicon
) -> NDArray[np.int32]:
    """Surnames of a culture, four in ten from the long tail where the culture has one."""
    common = draws.pick(question, keys, lexicon.common.wheels, culture)
    rare = lexicon.rare_start[culture] + draws.below(f"rare {question}", keys, lexicon.rare_count[culture])
    tail = np.minimum(0.4, lexicon.rare_count / 2500)[culture]
    return np.where(draws.chance(f"tail {question}", keys, tail), rare, common).astype(np.int32)


def _numbers(
    seats: _Seats, countries: NDArray[np.int32], year: NDArray[np.int32], draws: Draws
) -> tuple[Keys, Keys, NDArray[np.float64]]:
    """Keys of mobile numbers now and before, and when they changed."""
    keys, role, head = seats.keys, seats.role, seats.head
    # Odd keys are the numbers of now, even ones those of before: key 2p + 1 is person p's own.
    mine = keys * np.uint64(2) + np.uint64(1)
    number = mine.copy()
    # Children give a parent's phone, and so do some of the old.
    borrows = (role == _CHILD) & draws.chance("parent's phone", keys, np.where(year > _YEAR - 19, 0.30, 0.05))
    borrows |= (role == _PARTNER) & draws.chance("one phone", keys, np.where(year < _YEAR - 70, 0.20, 0.02))
    number[borrows] = mine[head[borrows]]
    changes = draws.chance("new number", keys, 0.10)
    renumbered = np.where(changes, 0.1 + 0.8 * draws.unit("new number day", keys), 0.0)
    old_number = np.where(changes, mine - np.uint64(1), number)
    # Operators hand numbers on: some get the number a stranger has given up.
    heir = np.flatnonzero(draws.chance("recycled", keys, 0.01) & (np.arange(len(keys)) >= 97))
    heir = heir[changes[heir - 97] & (countries[heir - 97] == countries[heir])]
    number[heir] = old_number[heir - 97]
    return number, old_number, renumbered


def _households(
    country: NDArray[np.int32],
    kind: NDArray[np.int32],
    size: NDArray[np.int64],
    draws: Draws,
    lexicon: Lexicon,
) -> Households:
    """Homes, moves, landlines and family mailboxes."""
    homes = np.arange(len(country), dtype=np.uint64)
    city = draws.pick("city", homes, lexicon.places.cities, country)
    now = _addresses("now", homes, country, city, draws, lexicon)
    # Every fourth mover leaves the city.
    leaves = draws.chance("leaves", homes, 0.25)
    elsewhere = draws.pick("city before", homes, lexicon.places.cities, country)
    before = _addresses("before", homes, country, np.where(leaves, elsewhere, city), draws, lexicon)
    # 15 % move within the years that the sources cover; shared flats do so more.
    moves = draws.chance("moves", homes, np.where(kind == _SHARED_FLAT, 0.35, 0.15))
    return Households(
        country=country,
        now=now,
        before=before,
        moved=np.where(moves, 0.05 + 0.9 * draws.unit("moving day", homes), 0.0),
        landline=draws.chance("landline", homes, np.where(kind == _SHARED_FLAT, 0.15, 0.55)),
        mailbox=(size > 1) & (kind != _SHARED_FLAT) & draws.chance("family mailbox", homes, 0.13),
    )


def _addresses(
    when: str,
    homes: Keys,
    country: NDArray[np.int32],
    city: NDArray[np.int32],
    draws: Draws,
    lexicon: Lexicon,
) -> Addresses:
    """Addresses of all households; one in six is in a block of flats with up to seven others."""
    places = lexicon.places
    blocks = homes >> np.uint64(3)
    in_block = (
        draws.chance(f"block {when}", blocks, 0.16) if when == "now" else np.zeros(len(homes), dtype=bool)
    )
    building = np.where(in_block, blocks + np.uint64(1 << 40), homes)
    # A block stands in one place: its homes take country and city of the first.
    first = np.where(in_block, homes & ~np.uint64(7), homes).astype(np.int64)
    same = country[first] == country
    building, first = np.where(same, building, homes), np.where(same, first, homes.astype(np.int64))
    city = city[first]
    stem = draws.pick(f"stem {when}", building, places.stems, country)
    kind = draws.pick(f"type {when}", building, places.types, country)
    street = places.street_start[country] + stem * places.type_count[country] + kind
    number = 1 + draws.below(f"number {when}", building, 4 + draws.below(f"length {when}", building, 160))
    number *= np.array([home.number_step for home in COUNTRIES])[country]
    letter = np.where(
        draws.chance(f"letter {when}", building, 0.06), 1 + draws.below(f"abc {when}", building, 3), 0
    )
    alone = draws.chance(f"flat {when}", homes, 0.12)
    flat = np.where((in_block & same) | alone, 1 + draws.below(f"flat number {when}", homes, 40), 0)
    # A postcode belongs to a stretch of street: city, street and the fifties of the house number.
    stretch = (
        (city.astype(np.uint64) << np.uint64(40))
        + (street.astype(np.uint64) << np.uint64(8))
        + (number // 50).astype(np.uint64)
    )
    prefix = places.prefix_start[city] + draws.below("postcode", stretch, places.prefix_count[city])
    suffix = places.suffix_start[country] + draws.below("postcode end", stretch, places.suffix_count[country])
    return Addresses(
        city=city,
        street=street.astype(np.int32),
        number=number.astype(np.int32),
        letter=letter.astype(np.int32),
        flat=flat.astype(np.int32),
        prefix=prefix.astype(np.int32),
        suffix=suffix.astype(np.int32),
    )
