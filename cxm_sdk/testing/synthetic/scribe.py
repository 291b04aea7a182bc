"""How a source writes its records down: with its own care, gaps and mistakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cxm_sdk.testing.synthetic.contacts import Mailboxes, join, phone_text, take
from cxm_sdk.testing.synthetic.draws import Draws, Keys, wheel
from cxm_sdk.testing.synthetic.lexicon import NATIVE, PLAIN, SPELLED, WRITTEN, Lexicon
from cxm_sdk.testing.synthetic.mistakes import misread_digits, mistype, mistype_email
from cxm_sdk.testing.synthetic.people import SOURCES, People
from cxm_sdk.testing.synthetic.places import COUNTRIES

__all__ = ["Care", "Scribe", "World"]

_JUNK_MAIL: Final = (
    "test@test.com",
    "none@none.com",
    "noemail@example.com",
    "a@a.de",
    "info@info.com",
    "kunde@example.com",
    "no@mail.com",
    "unknown@unknown.com",
)
_JUNK_PHONES: Final = ("0000000000", "1234567890", "9999999999", "00000", "0123456789", "+49000000000")
_TAGS: Final = ("+shop@", "+news@", "+promo@")
_MARKERS: Final = ("N/A", "unknown", "-", "n/a", "NULL", "none", "?")
_TITLES: Final = ("", "Mr ", "Mrs ", "Ms ", "Dr ", "Herr ", "Frau ")
_GERMANY: Final = next(number for number, home in enumerate(COUNTRIES) if home.code == "DE")
_GENERATIONS: Final = ("", " Sr.", " Jr.")


@dataclass(frozen=True)
class Care:
    """How well a source is kept.

    Attributes:
        typo: Chance of a mistake in a name, street or city.
        digit: Chance of a mistake in a number or date.
        missing: Chance that a field is empty although the person has what belongs there, by field.
        marker: Share of empty fields that hold a word such as "N/A" instead.
        short: Chance that somebody who goes by a short form is down under it.
        initial: Chance of an initial in place of the given name.
        middle: Chance that a second given name is down.
        swapped: Chance of given name and surname in each other's place.
        plain: Chance that accents are lost.
        native: Chance of names in the person's own script.
        upper: Chance that the whole record is in capitals.
        lower: Chance that it is in small letters.
        spaces: Chance of a stray space behind a value.
        default_date: Chance of the system's default in place of a date of birth.
        junk_mail: Chance of a made-up e-mail address.
        junk_phone: Chance of a made-up phone number.
        desk_phone: Chance of the number of the company's own call centre.
        phone_styles: Shares of the ways to write phone numbers.
        recent: Above 1 the records are from the later years, below 1 from the earlier.
    """

    typo: float
    digit: float
    missing: Mapping[str, float]
    phone_styles: tuple[float, ...]
    marker: float = 0.0
    short: float = 0.1
    initial: float = 0.0
    middle: float = 0.0
    swapped: float = 0.0
    plain: float = 0.1
    native: float = 0.0
    upper: float = 0.0
    lower: float = 0.0
    spaces: float = 0.0
    default_date: float = 0.0
    junk_mail: float = 0.0
    junk_phone: float = 0.0
    desk_phone: float = 0.0
    recent: float = 1.0


@dataclass(frozen=True)
class World:
    """Everything that is true, before any source writes it down.

    Attributes:
        draws: The random numbers.
        lexicon: Names and places.
        people: People and households.
        mailboxes: Their e-mail addresses.
    """

    draws: Draws
    lexicon: Lexicon
    people: People
    mailboxes: Mailboxes


class Scribe:
    """Writes down the fields of some records of one source.

    Every method gives ``string[n]`` with nulls where the source holds nothing.

    Args:
        source: Name of the source.
        care: How well it is kept.
        world: What is true.
        person: ``int32[n]``, whom each record is about.
        copy: ``int8[n]``, 0 for the person's first record in the source, 1 for the second...
    """

    def __init__(
        self, source: str, care: Care, world: World, person: NDArray[np.int32], copy: NDArray[np.int8]
    ) -> None:
        self.person = person
        self._care = care
        self._world = world
        self._draws = world.draws
        self._people = world.people
        self._lexicon = world.lexicon
        kept = copy.astype(np.uint64) * np.uint64(len(SOURCES)) + np.uint64(SOURCES.index(source))
        self.keys: Keys = person.astype(np.uint64) * np.uint64(16) + kept
        moment = self._draws.unit("moment", self.keys)
        # Squares, not powers: the same bits on every machine.
        self.moment = (
            1 - (1 - moment) ** 2 if care.recent > 1 else moment * moment if care.recent < 1 else moment
        )
        self.household = world.people.household[person]
        self.country = world.people.country[person]
        self._upper = self._chance("upper", care.upper)
        self._lower = self._chance("lower", care.lower) & ~self._upper
        self._style = self._styles()
        self._swap = self._chance("swapped", care.swapped)
        self._names = self._written_names()

    def _chance(self, question: str, rate: float | NDArray[np.float64]) -> NDArray[np.bool_]:
        return self._draws.chance(question, self.keys, rate)

    def _styles(self) -> NDArray[np.int32]:
        """In which style each record has its names."""
        style = np.full(len(self.keys), WRITTEN, dtype=np.int32)
        lost = self._chance("plain", self._care.plain)
        style[lost] = np.where(self._chance("spelled", 0.4), SPELLED, PLAIN)[lost]
        own = self._lexicon.own_script[self._people.culture[self.person]]
        style[own & self._chance("native", self._care.native)] = NATIVE
        return style

    # ------------------------------------------------------------------ mistakes and gaps

    def _spoilt(
        self, field: str, text: pa.Array, rate: float, mistake: Callable[[str, int], str]
    ) -> pa.Array:
        """The values with a mistake in some."""
        hit = self._chance(f"mistake {field}", rate)
        rows = np.flatnonzero(hit)
        if not len(rows):
            return text
        bits = self._draws.bits(f"which mistake {field}", self.keys[rows]).tolist()
        values = text.take(pa.array(rows)).to_pylist()
        wrong = [v if v is None else mistake(v, b) for v, b in zip(values, bits, strict=True)]
        return pc.replace_with_mask(text, pa.array(hit), pa.array(wrong, pa.string()))

    def _kept(self, field: str, text: pa.Array, absent: NDArray[np.bool_] | None = None) -> pa.Array:
        """The values in the record's case, with stray spaces, and gaps where the source holds nothing."""
        if self._upper.any():
            text = pc.if_else(pa.array(self._upper), pc.utf8_upper(text), text)
        if self._lower.any():
            text = pc.if_else(pa.array(self._lower), pc.utf8_lower(text), text)
        if self._care.spaces:
            text = pc.if_else(
                pa.array(self._chance(f"spaces {field}", self._care.spaces)), join(text, " "), text
            )
        gap = self._chance(f"missing {field}", self._care.missing.get(field, 0.0))
        if absent is not None:
            gap |= absent
        marked = gap & self._chance(f"marker {field}", self._care.marker)
        # Whoever fills gaps with a word uses the same one all over the record.
        marker = take(
            pa.array(_MARKERS), self._draws.pick("marker word", self.keys, wheel([9, 6, 6, 3, 3, 2, 1]))
        )
        text = pc.if_else(pa.array(gap), pa.scalar(None, pa.string()), text)
        return pc.if_else(pa.array(marked), marker, text) if marked.any() else text

    # ------------------------------------------------------------------ names

    def _written_names(self) -> tuple[pa.Array, pa.Array]:
        """Given name and surname of each record, with their mistakes, before gaps."""
        people, person, first, common = self._people, self.person, self._lexicon.first, self._lexicon.common
        pool = pa.concat_arrays([first.text, self._lexicon.short, join(pc.utf8_upper(first.initial), ".")])
        index = people.first[person] + self._style * first.count
        short = (people.short[person] >= 0) & self._chance("short", self._care.short)
        index = np.where(short, 4 * first.count + people.short[person], index)
        initial = self._chance("initial", self._care.initial)
        index = np.where(initial, 4 * first.count + len(self._lexicon.short) + people.first[person], index)
        given = take(pool, index)
        middle = np.where(self._chance("middle", self._care.middle), people.middle[person], -1)
        if (middle >= 0).any():
            full = self._chance("middle in full", 0.4)
            index = np.where(full, middle, 4 * first.count + len(self._lexicon.short) + middle)
            given = pc.if_else(
                pa.array(middle >= 0), join(given, " ", take(pool, np.maximum(index, 0))), given
            )

        before = self.moment < people.married[person]
        main = np.where(before, people.former[person], people.surname[person])
        block = (self._style * 2 + people.woman[person]) * common.count
        family = take(common.text, main + block)
        # The second of two surnames gets lost where forms have no room for it.
        second = np.where(before & people.hyphen[person], -1, people.second[person])
        second = np.where(self._chance("second surname", 0.75), second, -1)
        if (second >= 0).any():
            between = take(pa.array([" ", "-"]), people.hyphen[person].astype(np.int8))
            both = join(family, between, take(common.text, np.maximum(second, 0) + block))
            family = pc.if_else(pa.array(second >= 0), both, family)
        given = self._spoilt("given", given, self._care.typo, mistype)
        family = self._spoilt("family", family, self._care.typo, mistype)
        swap = pa.array(self._swap)
        return pc.if_else(swap, family, given), pc.if_else(swap, given, family)

    def given_name(self) -> pa.Array:
        """Given name, with a second one where the source has it."""
        return self._kept("given", self._names[0])

    def surname(self) -> pa.Array:
        """Surname."""
        return self._kept("surname", self._names[1])

    def generation(self) -> pa.Array:
        """``Sr.`` or ``Jr.`` of some namesakes."""
        code = self._people.generation[self.person]
        text = pc.utf8_ltrim_whitespace(take(pa.array(_GENERATIONS), code))
        return self._kept("generation", text, absent=code == 0)

    def full_name(self, *, surname_first: bool = False, titles: bool = False) -> pa.Array:
        """Names in one field.

        Args:
            surname_first: ``Last, First`` rather than ``First Last``.
            titles: Whether some begin with ``Mr``, ``Dr`` and the like.

        Returns:
            ``string[n]``.
        """
        given, family = self._names
        shown = self._chance("generation", 0.5)
        ending = take(pa.array(_GENERATIONS), np.where(shown, self._people.generation[self.person], 0))
        if surname_first:
            return self._kept("name", join(family, ", ", given, ending))
        text = join(given, " ", family, ending)
        if titles:
            women = self._people.woman[self.person].astype(bool)
            german = np.where(self.country == _GERMANY, np.where(women, 6, 5), np.where(women, 2, 1))
            code = np.where(self._chance("doctor", 0.03), 4, german)
            code = np.where(self._chance("title", 0.2), code, 0)
            text = join(take(pa.array(_TITLES), code), text)
        return self._kept("name", text)

    def sex(self, men: str, women: str) -> pa.Array:
        """Sex in the words of the source, wrong once in 250 records.

        Args:
            men: Word for men.
            women: Word for women.

        Returns:
            ``string[n]``.
        """
        code = self._people.woman[self.person] ^ self._chance("wrong sex", 0.004)
        return self._kept("sex", take(pa.array([men, women]), code))

    # ------------------------------------------------------------------ dates

    def birth(self) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Year (four digits), month and day (two digits each) of birth; null together."""
        people, person, draws, keys = self._people, self.person, self._draws, self.keys
        year, month, day = people.year[person], people.month[person], people.day[person]
        kind = draws.below("wrong date", keys, 100)
        wrong = self._chance("date mistake", self._care.digit)
        # Of mistakes in dates, a third exchange day and month, the others change one part.
        exchanged = wrong & (kind < 34) & (day <= 12)
        month, day = np.where(exchanged, day, month), np.where(exchanged, month, day)
        day = np.where(wrong & (kind >= 34) & (kind < 60), 1 + draws.below("wrong day", keys, 28), day)
        month = np.where(wrong & (kind >= 60) & (kind < 75), 1 + draws.below("wrong month", keys, 12), month)
        day = np.where(wrong & (kind >= 60) & (kind < 75), np.minimum(day, 28), day)
        off = np.array([-10, -1, 1, 10])[draws.below("wrong year", keys, 4)]
        year = np.where(wrong & (kind >= 75), np.maximum(year + off, 1901), year)
        day = np.where((month == 2) & (day == 29), 28, day)
        vague = self._chance("only the year", 0.006)
        default = self._chance("default date", self._care.default_date)
        newer = self._chance("default of unix", 0.25)
        year = np.where(default, np.where(newer, 1970, 1900), year)
        month, day = np.where(vague | default, 1, month), np.where(vague | default, 1, day)
        gap = self._chance("missing birth", self._care.missing.get("birth", 0.0)) & ~default
        years, twos = pa.array([str(n) for n in range(2051)]), pa.array([f"{n:02d}" for n in range(60)])
        nothing = pa.scalar(None, pa.string())
        absent = pa.array(gap)
        return (
            pc.if_else(absent, nothing, take(years, year)),
            pc.if_else(absent, nothing, take(twos, month)),
            pc.if_else(absent, nothing, take(twos, day)),
        )

    def when(self) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Year, month and day of the record's own moment, within 2015 to 2024."""
        dates = np.datetime64("2015-01-01") + (self.moment * 3560).astype(np.int64)
        text = pa.array(np.datetime_as_string(dates).astype(object), pa.string())
        return (
            pc.utf8_slice_codeunits(text, 0, 4),
            pc.utf8_slice_codeunits(text, 5, 7),
            pc.utf8_slice_codeunits(text, 8, 10),
        )

    # ------------------------------------------------------------------ contact

    def email(self) -> pa.Array:
        """E-mail address."""
        boxes, person = self._world.mailboxes, self.person
        box = np.where(self.moment < boxes.changed[person], boxes.before[person], boxes.own[person])
        box = np.where((boxes.work[person] >= 0) & self._chance("work mail", 0.2), boxes.work[person], box)
        junk = self._chance("junk mail", self._care.junk_mail)
        text = take(boxes.text, np.maximum(box, 0))
        # Sub-addresses and capitals are the two ways in which one mailbox has several spellings.
        text = self._spoilt("tag", text, 0.012, _tagged)
        text = pc.if_else(pa.array(self._chance("capital mail", 0.03)), pc.utf8_capitalize(text), text)
        text = pc.if_else(pa.array(self._chance("upper mail", 0.015)), pc.utf8_upper(text), text)
        text = self._spoilt("email", text, self._care.typo * 0.7, mistype_email)
        made_up = take(
            pa.array(_JUNK_MAIL), self._draws.pick("made-up mail", self.keys, wheel([9, 4, 4, 2, 2, 2, 1, 1]))
        )
        text = pc.if_else(pa.array(junk), made_up, text)
        return self._kept("email", text, absent=(box < 0) & ~junk)

    def _phone(self, field: str, prefix: pa.Array, digits: NDArray[np.int64], keys: Keys) -> pa.Array:
        """Phone numbers in the styles of the source, with its mistakes and made-up ones."""
        style = self._draws.pick("phone style", self.keys, wheel(self._care.phone_styles))
        text = phone_text(prefix, digits, keys, self.country, style, self._draws)
        text = self._spoilt(field, text, self._care.digit, misread_digits)
        made_up = take(
            pa.array(_JUNK_PHONES), self._draws.pick(f"made-up {field}", self.keys, wheel([8, 4, 2, 2, 1, 1]))
        )
        text = pc.if_else(pa.array(self._chance(f"junk {field}", self._care.junk_phone)), made_up, text)
        desk = pa.array(self._chance(f"desk {field}", self._care.desk_phone))
        return pc.if_else(desk, pa.scalar("+44 800 555 0199"), text)

    def _mobile(self, field: str) -> pa.Array:
        """Mobile numbers before gaps."""
        people, person, places = self._people, self.person, self._lexicon.places
        key = np.where(
            self.moment < people.renumbered[person], people.old_number[person], people.number[person]
        )
        prefix = take(
            places.mobile_text, self._draws.pick("mobile prefix", key, places.mobiles, self.country)
        )
        digits = np.array([home.mobile_digits for home in COUNTRIES])[self.country]
        return self._phone(field, prefix, digits, key)

    def mobile(self, field: str = "mobile") -> pa.Array:
        """Mobile number.

        Args:
            field: Name of the field in the source's care.

        Returns:
            ``string[n]``.
        """
        return self._kept(field, self._mobile(field))

    def landline(self) -> pa.Array:
        """Landline number of the household."""
        homes, places = self._people.households, self._lexicon.places
        old = self.moment < homes.moved[self.household]
        city = np.where(old, homes.before.city[self.household], homes.now.city[self.household])
        area = take(places.area_codes, city)
        length = np.array([home.land_digits for home in COUNTRIES])[self.country]
        digits = np.maximum(length - pc.utf8_length(area).to_numpy(zero_copy_only=False), 4)
        keys = (self.household.astype(np.uint64) * np.uint64(2) + old) | np.uint64(1 << 60)
        text = self._phone("landline", area, digits, keys)
        return self._kept("landline", text, absent=~homes.landline[self.household])

    def any_phone(self) -> pa.Array:
        """The one number somebody gave: mostly the mobile, else the landline."""
        mobile, landline = self._mobile("phone"), self.landline()
        text = pc.if_else(pa.array(self._chance("gives mobile", 0.75)), mobile, landline)
        return self._kept("phone", pc.coalesce(text, mobile))

    # ------------------------------------------------------------------ address

    def _address(self, part: str) -> NDArray[np.int32]:
        """One part of the address at the moment of the record."""
        homes = self._people.households
        now: NDArray[np.int32] = getattr(homes.now, part)[self.household]
        before: NDArray[np.int32] = getattr(homes.before, part)[self.household]
        moved = homes.moved[self.household]
        # Some movers never told: the old address stands in a younger record.
        stale = (moved > 0) & self._chance("stale", 0.15)
        return np.where((self.moment < moved) | stale, before, now)

    def street(self) -> pa.Array:
        """Street without house number."""
        return self._kept("street", self._street())

    def _street(self) -> pa.Array:
        places = self._lexicon.places
        short = self._chance("abbreviated", 0.25)
        text = take(places.street_text, self._address("street") + short * places.street_count)
        return self._spoilt("street", text, self._care.typo, mistype)

    def house_number(self) -> pa.Array:
        """House number, with a letter where there is one."""
        # Whoever leaves out the street leaves out the number.
        absent = self._chance("missing street", self._care.missing["street"])
        return self._kept("house_number", self._house_number(), absent=absent)

    def _house_number(self) -> pa.Array:
        letter = take(pa.array(["", "a", "b", "c"]), self._address("letter"))
        number = join(pc.cast(pa.array(self._address("number")), pa.string()), letter)
        return self._spoilt("house number", number, self._care.digit, misread_digits)

    def street_line(self) -> pa.Array:
        """Street, house number and sometimes the flat, in the order of the country."""
        street, number = self._street(), self._house_number()
        first = np.array([home.number_first for home in COUNTRIES])[self.country]
        line = pc.if_else(pa.array(first), join(number, " ", street), join(street, " ", number))
        flat = self._address("flat")
        told = (flat > 0) & self._chance("flat told", 0.7)
        flats = pa.array([home.flats.format(n) for home in COUNTRIES for n in range(41)])
        named = take(flats, self.country * 41 + flat)
        line = pc.if_else(pa.array(told), join(line, ", ", named), line)
        return self._kept("street", line)

    def city(self) -> pa.Array:
        """City, sometimes under its other name."""
        places = self._lexicon.places
        other = self._chance("other city name", 0.08)
        text = take(places.city_text, self._address("city") + other * places.city_count)
        return self._kept("city", self._spoilt("city", text, self._care.typo, mistype))

    def postcode(self) -> pa.Array:
        """Postcode, one in ten of those with a space written without it."""
        places = self._lexicon.places
        text = join(
            take(places.prefixes, self._address("prefix")), take(places.suffixes, self._address("suffix"))
        )
        tight = pa.array(self._chance("tight postcode", 0.1))
        text = pc.if_else(tight, pc.replace_substring(text, " ", ""), text)
        return self._kept("postcode", self._spoilt("postcode", text, self._care.digit, misread_digits))

    def country_text(self, *, code: bool) -> pa.Array:
        """Country.

        Args:
            code: ISO code rather than English name.

        Returns:
            ``string[n]``.
        """
        names = pa.array([home.code if code else home.name for home in COUNTRIES])
        return self._kept("country", take(names, self.country))

    # ------------------------------------------------------------------ identifiers

    def device(self) -> pa.Array:
        """Device number of a browser; some households share one."""
        shared = self._draws.chance("shared device", self.household.astype(np.uint64), 0.18)
        owner = np.where(
            shared, self.household.astype(np.uint64) | np.uint64(1 << 61), self.person.astype(np.uint64)
        )
        # People have a phone and a tablet.
        owner = owner * np.uint64(2) + self._chance("second device", 0.3)
        return self._kept("device", hexadecimal(self._draws.bits("device", owner)))

    def reference(self, field: str, identifiers: pa.Array) -> pa.Array:
        """The person's identifier in another source, as far as the source knows it.

        Args:
            field: Name of the field in the source's care.
            identifiers: ``string[n]``, null for people unknown there.

        Returns:
            ``string[n]``.
        """
        return self._kept(field, self._spoilt(field, identifiers, self._care.digit / 2, misread_digits))


def hexadecimal(bits: Keys) -> pa.Array:
    """64-bit numbers as sixteen hexadecimal digits."""
    return pa.array([f"{value:016x}" for value in bits.tolist()], pa.string())


def _tagged(address: str, bits: int) -> str:
    """The address with a tag before the @."""
    return address.replace("@", _TAGS[bits % len(_TAGS)])
