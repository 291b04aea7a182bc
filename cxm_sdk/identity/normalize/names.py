"""Names of people and organisations, generation suffixes and sex."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cxm_sdk.errors import MissingExtraError
from cxm_sdk.identity.folding import NO_WIDE, narrow_table
from cxm_sdk.identity.normalize.households import first_given, first_person, may_be_several
from cxm_sdk.identity.normalize.missing import FOLD, is_missing
from cxm_sdk.identity.normalize.name_words import LEGAL_FORMS, PARTICLES, TAIL, TITLES
from cxm_sdk.identity.normalize.unspaced import parted_name
from cxm_sdk.identity.spans import Spans, Words, word_list, word_map

__all__ = [
    "NameParts",
    "company",
    "given_name",
    "latin",
    "sex",
    "split_full_name",
    "split_last_name",
    "suffix",
]

_SUFFIXES = word_map("""
    jr: jr, jnr, junior, jun
    sr: sr, snr, senior, sen
    i: i, 1st
    ii: ii, 2nd, 2
    iii: iii, 3rd, 3
    iv: iv, 4th, 4
    v: v, 5th
""")
# What hospitals call children who have no name yet; which of several they are may stand behind.
_NEWBORNS = [
    name + which
    for name in [
        *("newborn", "infant", "twin", "triplet", "baby", "babyboy", "babygirl"),
        *(
            f"{child} {sex}"
            for child in ("baby", "newborn", "infant")
            for sex in ("boy", "girl", "male", "female")
        ),
        *(f"{sex} {child}" for child in ("newborn", "infant") for sex in ("boy", "girl", "male", "female")),
    ]
    for which in ("", " a", " b", " c", " d", " 1", " 2", " 3", " 4")
    if which or " " in name
]
NOBODY = Words(
    word_list("""
    test, tester, testing, test test, testuser, test user, guest guest, guest user, anonymous, anon,
    cardholder, card holder, valued customer, customer, cash sale, walk in, walkin, no name, noname, no
    first name, no last name, no given name, no surname, fnu, lnu, nfn, nln, first name, last name,
    firstname, lastname, fname, lname, given name, surname, full name, xxx, xxxx, xxxxx, zzz, zzzz, aaa,
    abc, abcd, asdf, asd, asdasd, qwerty, qwe, foo bar, babyboy, babygirl, do not use,
    do not contact, deceased, duplicate, delete, deleted, account closed, not on file, current resident,
    the occupier, householder, administrator, null user, client inconnu, john doe, jane doe, max
    mustermann, erika mustermann
    """)
    + _NEWBORNS
)
# No given names, though some of them are family names.
NO_GIVEN_NAMES = Words(
    word_list("""
    guest, user, member, client, cust, cash, child, baby, infant, newborn, twin, sample, example, demo,
    dummy, name, first, last, self, same, information, info, admin, resident, occupant, homeowner, gast,
    kunde, invite, cliente, ospite, invitado, zz, x, xx, foo
    """)
)
_LETTERS = narrow_table(digits=False, rest="")
_NAME_TEXT = narrow_table(keep=",-")
# First, middle and last names, and suffixes.
_Parts = tuple[Spans, Spans, Spans, Spans]
_FIRST_EAST_ASIAN = "\u3041".encode()[0]


def _someone(folded: Spans) -> Spans:
    """Empties rows that name nobody: markers, stand-ins, no letter at all, one letter over and over."""
    keep = ~is_missing(folded) & (folded.lookup(NOBODY) < 0)
    first, last = folded.first_bytes(), folded.last_bytes()
    repeats = (first == last) & (first == folded.bytes_at(folded.starts + 1)) & (folded.lengths > 2)
    for row in np.flatnonzero(keep & repeats).tolist():
        name = folded.data[folded.starts[row] : folded.stops[row]]
        keep[row] = (name != name[0]).any() or name[0] >= 0x80
    numbered = np.flatnonzero(keep & (first < ord("a")))
    keep[numbered] = folded.take(numbered).translated(_LETTERS).lengths > 0
    return folded.only(keep)


def given_name(values: Spans) -> Spans:
    """Folds first and middle names, without titles; stand-ins for a name are empty.

    Args:
        values: Raw names.

    Returns:
        Canonical names, empty where there is none.

    Example:
        >>> given_name(Spans.of(pa.array(["Dr. José", "Mary-Ann", "n/a"]))).array().to_pylist()
        ['jose', 'mary ann', None]
    """
    folded = values.translated(FOLD)
    rows = may_be_several(values, folded)
    if len(rows):
        folded = folded.with_rows(rows, _rewritten(values, rows, first_given).translated(FOLD))
    return _given_names(folded.without_leading(TITLES)[0])


def _rewritten(values: Spans, rows: NDArray[np.intp], write: Callable[[str], str]) -> Spans:
    """The rows of these numbers, each written anew."""
    made = [write(name) for name in values.take(rows).array().to_pylist()]
    return Spans.of(pa.array(made, pa.string()))


def _given_names(folded: Spans) -> Spans:
    return _someone(folded.only(folded.lookup(NO_GIVEN_NAMES) < 0))


def split_last_name(values: Spans) -> tuple[Spans, Spans]:
    """Folds last names and splits off what is written behind them.

    Args:
        values: Raw last names.

    Returns:
        Canonical last names, and canonical generation suffixes; empty where there is none.

    Example:
        >>> last, generation = split_last_name(Spans.of(pa.array(["O'Brien Jr."])))
        >>> last.array().to_pylist(), generation.array().to_pylist()
        (['obrien'], ['jr'])
    """
    # a title that is all there is, is a name: Herr and Sir are surnames too
    untitled, _ = values.translated(FOLD).without_leading(TITLES, keep_one=True)
    rest, tail = untitled.without_trailing(TAIL, keep_one=True)
    return _someone(rest), _generation(tail)


def suffix(values: Spans) -> Spans:
    """Maps generation suffixes to ``jr``, ``sr``, ``i`` to ``v``; everything else is empty.

    Args:
        values: Raw suffixes.

    Returns:
        Canonical suffixes.

    Example:
        >>> suffix(Spans.of(pa.array(["Junior", "3rd", "?"]))).array().to_pylist()
        ['jr', 'iii', None]
    """
    return _generation(values.translated(FOLD))


KNOWN_SUFFIXES = Words(_SUFFIXES)


def _generation(tail: Spans) -> Spans:
    """Keeps the first generation word of a run of suffixes and degrees."""
    at = tail.find_word(KNOWN_SUFFIXES)
    word = tail.within(np.where(at < 0, tail.stops, at), tail.stops)
    word = word.before(word.find(" "))
    if not word.lengths.any():
        return word
    return word.replaced(KNOWN_SUFFIXES)


@dataclass(frozen=True)
class NameParts:
    """The parts of full names, one row each; empty where a name has no such part.

    Attributes:
        first: First names.
        middle: Middle names, several parted by a space.
        last: Last names with their particles.
        suffix: Generation suffixes.
        names: The names as they are written, with a comma where two parts are written without a space.
    """

    first: Spans
    middle: Spans
    last: Spans
    suffix: Spans
    names: Spans

    def written(self) -> tuple[Spans, Spans, Spans]:
        """Shows first, middle and last names as they are written.

        Returns:
            Them; those that do not stand in the name as such with a capital in front.

        Example:
            >>> first, _, last = split_full_name(Spans.of(pa.array(["O'NEIL, Jörg"]))).written()
            >>> first.array().to_pylist(), last.array().to_pylist()
            (['Jörg'], ["O'NEIL"])
        """
        first, middle = (_shown(self.names, part) for part in (self.first, self.middle))
        return first, middle, _shown(self.names, self.last, last=True)


def _shown(names: Spans, parts: Spans, *, last: bool = False) -> Spans:
    if not parts.lengths.any():
        return parts
    found = names.written(parts, last=last)
    rows = np.flatnonzero((found.lengths == 0) & (parts.lengths > 0))
    if not len(rows):
        return found
    return found.with_rows(rows, Spans.of(pc.utf8_title(parts.take(rows).array())))


def split_full_name(values: Spans, *, last_first: bool = False) -> NameParts:
    """Splits full names, written ``First Middle Last`` or ``Last, First Middle``.

    Titles and degrees are left out, particles stay with the last name (``van der Berg``), a single word is a
    first name. A suffix may stand behind a comma. Chinese, Japanese and Korean names without a space are taken apart by
    ``unspaced.parted_name``. Of several people the one named first is taken (``households.first_person``).

    Args:
        values: Raw full names.
        last_first: Whether those without a comma are written ``Last First Middle``; a single word is a last name then.

    Returns:
        Canonical parts.

    Example:
        >>> parts = split_full_name(Spans.of(pa.array(["Berg, Anna Maria", "Ludwig van der Berg"])))
        >>> parts.first.array().to_pylist(), parts.last.array().to_pylist()
        (['anna', 'ludwig'], ['berg', 'van der berg'])
    """
    named = _parted(values)
    folded = named.translated(_NAME_TEXT)
    rows = may_be_several(named, folded)
    if len(rows):
        one = _rewritten(named, rows, first_person)
        named, folded = named.with_rows(rows, one), folded.with_rows(rows, one.translated(_NAME_TEXT))
    first, middle, last, suffix = _parts(folded.only(~is_missing(folded)), last_first)
    return NameParts(first, middle, last, suffix, named)


def _parts(folded: Spans, last_first: bool) -> _Parts:
    """Splits folded names in any order."""
    first_comma = folded.find(",")
    split = _split_last_first if last_first else _split_plain
    if (first_comma < 0).all():
        return split(folded)
    head, tail = folded.before(first_comma), folded.after(first_comma)
    second_comma = tail.find(",")
    extra, tail = tail.after(second_comma), tail.before(second_comma)
    # "John Smith, Jr" names in plain order: all behind the comma is suffixes and degrees
    only_suffix = (tail.without_trailing(TAIL)[0].lengths == 0) | (head.lengths == 0)
    swapped = (first_comma >= 0) & ~only_suffix
    plain = head.only(~swapped).joined(tail.only(~swapped))
    turned = _split_turned(head.only(swapped), tail.only(swapped), extra.only(swapped))
    first, middle, last, suffix = (
        one.or_else(other) for one, other in zip(turned, split(plain), strict=True)
    )
    return first, middle, last, suffix


def _parted(values: Spans) -> Spans:
    """Raw full names, with a comma behind the family name where it is written without a space."""
    if values.ascii:
        return values
    rows = np.flatnonzero(values.trimmed().first_bytes() >= _FIRST_EAST_ASIAN)
    if not len(rows):
        return values
    return values.with_rows(rows, _rewritten(values, rows, parted_name))


def _split_plain(names: Spans) -> _Parts:
    """Splits folded names in the order first, middle, last."""
    untitled, _ = names.without_leading(TITLES)
    untitled = untitled.only((untitled.lookup(NOBODY) < 0) & (untitled.lookup(NO_GIVEN_NAMES) < 0))
    rest, tail = untitled.without_trailing(TAIL, keep_one=True)
    space = rest.find(" ", last=True)
    head = rest.before(space)
    # particles before the last word belong to it, but the first word is always a first name
    kept, _ = head.without_trailing(PARTICLES, keep_one=True)
    last_start = np.where(space < 0, rest.stops, kept.stops + 1)
    last = rest.within(last_start, rest.stops)
    return _given(kept, last, tail)


def _split_last_first(names: Spans) -> _Parts:
    """Splits folded names in the order last, first, middle."""
    untitled, _ = names.without_leading(TITLES)
    untitled = untitled.only((untitled.lookup(NOBODY) < 0) & (untitled.lookup(NO_GIVEN_NAMES) < 0))
    rest, tail = untitled.without_trailing(TAIL, keep_one=True)
    family, _ = rest.without_leading(PARTICLES, keep_one=True)
    space = family.find(" ")
    last = rest.within(rest.starts, family.before(space).stops)
    return _given(family.after(space), last, tail)


def _split_turned(last: Spans, given: Spans, extra: Spans) -> _Parts:
    """Splits folded names in the order last, comma, first, middle."""
    last, last_tail = last.without_leading(TITLES)[0].without_trailing(TAIL, keep_one=True)
    given, tail = given.without_leading(TITLES)[0].without_trailing(TAIL, keep_one=True)
    first, middle, family, suffixes = _given(given, last, tail)
    return first, middle, family, suffixes.or_else(_generation(last_tail)).or_else(_generation(extra))


def _given(given: Spans, last: Spans, tail: Spans) -> _Parts:
    given = given.only(given.lookup(NOBODY) < 0)  # "Baby Girl" has no middle name
    space = given.find(" ")
    return (
        _given_names(_without_dashes(given.before(space))),
        _given_names(_without_dashes(given.after(space))),
        _someone(_without_dashes(last)),
        _generation(tail),
    )


def _without_dashes(names: Spans) -> Spans:
    """Parts double names, whose halves a dash has kept in one part of the full name."""
    rows = np.flatnonzero(names.find("-") >= 0)
    return names.with_rows(rows, names.take(rows).translated(FOLD)) if len(rows) else names


def latin(values: pa.StringArray) -> pa.StringArray:
    """Writes canonical names of other scripts in Latin letters, so that they can be compared with those that are.

    Letter by letter: Cyrillic and Greek come out close to their usual spelling, Chinese as Pinyin without tones, Arabic
    and Hebrew without the vowels that are not written, which the sound of a name does not hear either.

    Args:
        values: Canonical names, null for none.

    Returns:
        The same; names in Latin letters as they were.

    Raises:
        MissingExtraError: When there are such names and anyascii is not installed.

    Example:
        >>> latin(pa.array(["anna", "григории", "云", None])).to_pylist()
        ['anna', 'grigorii', 'yun', None]
    """
    spans = Spans.of(values)
    if spans.ascii:
        return values
    try:
        from anyascii import anyascii  # only where there are such names
    except ModuleNotFoundError as error:
        raise MissingExtraError.for_package("anyascii", "batch") from error
    rows = np.flatnonzero(spans.translated(_LETTERS, NO_WIDE).lengths < spans.translated(_LETTERS).lengths)
    written = [anyascii(name) for name in spans.take(rows).array().to_pylist()]
    folded = Spans.of(pa.array(written, pa.string())).translated(FOLD)
    return spans.with_rows(rows, folded.or_else(spans.take(rows))).array()


# ---------------------------------------------------------------------------------------------- organisations

SMALL_WORDS = Words({"and": "", "und": "", "et": "", "the": "", "saint": "st"})
_DOTTED = narrow_table(drop="'`.")


def company(values: Spans) -> Spans:
    """Folds names of organisations, without legal form, "the" and "and".

    Args:
        values: Raw names of organisations.

    Returns:
        Canonical names, empty where there is none.

    Example:
        >>> company(Spans.of(pa.array(["The Smith & Sons Company Ltd."]))).array().to_pylist()
        ['smith sons']
    """
    # dots vanish, so that "L.L.C." and "LLC" are one word
    folded = values.translated(_DOTTED)
    named = folded.only(~is_missing(folded))
    short = named.replaced(SMALL_WORDS)
    short = short.or_else(named)  # "The And" is a name after all
    return short.without_trailing(LEGAL_FORMS, keep_one=True)[0]


# ---------------------------------------------------------------------------------------------- sex

SEX = word_map("""
    m: m, male, man, boy, masculine, mann, maennlich, mannlich, masculin, homme, masculino, hombre,
        varon, maschio, uomo, man lijk, mannelijk, mr, 1, 1 0, male sex, м, муж, мужской, 男, 男性, herr,
        cis male, erkek, homem, mezczyzna, mand, muz, 남, 남자, 남성, ذكر, זכר, पुरुष
    f: f, female, woman, girl, feminine, w, weiblich, frau, feminin, femme, femenino, feminino, mujer,
        femmina, donna, vrouw, vrouwelijk, v, mrs, ms, miss, 2, 2 0, ж, жен, женский, 女, 女性, cis female,
        kadin, femenina, fem, mulher, kvinna, kvinde, kvinne, kobieta, k, zena, 여, 여자, 여성, انثى, נקבה,
        महिला
""")
_SEX_WORDS = Words(SEX)
_SEX_CODES = pa.array([*SEX.values(), ""], pa.string())


def sex(values: Spans) -> Spans:
    """Maps the usual words of several languages and the ISO 5218 codes to ``m`` and ``f``.

    Args:
        values: Raw values.

    Returns:
        Canonical values; empty where there is neither.

    Example:
        >>> sex(Spans.of(pa.array(["Female", "1", "weiblich", "?"]))).array().to_pylist()
        ['f', 'm', 'f', None]
    """
    found: NDArray[np.int32] = values.translated(FOLD).lookup(_SEX_WORDS)
    return Spans.of(_SEX_CODES.take(pa.array(np.where(found < 0, len(SEX), found))))
