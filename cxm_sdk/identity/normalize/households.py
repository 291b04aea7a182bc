"""Names of several people in one cell, as mailing lists of households have them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxm_sdk.events.folding import fold_character
from cxm_sdk.identity.normalize.name_words import LEGAL_FORMS, PARTICLES, TAIL, TITLES
from cxm_sdk.identity.spans import Spans, Words, word_list

__all__ = ["BESIDE_TITLES", "JOINING", "first_given", "first_person", "may_be_several"]

_AND: Final = frozenset(word_list("&, +, and, und, et, og, och"))
_LOOSE_AND: Final = frozenset(word_list("e, y, i, en, /"))
# Behind the name and in front of it: "Family Dollar" is no family, and "Smith Family Trust" neither.
_ENDS: Final = frozenset(word_list("family, household"))
_STARTS: Final = frozenset(
    word_list("""
    fam, familie, famille, familia, famiglia, familj, familjen, familien, rodzina, eheleute,
    ehepaar, haushalt, семья
    """)
)
_FIRMS: Final = frozenset(
    word_list("""
    sons, son, bros, brothers, sisters, daughter, daughters, partner, partners, associates, sohn, sohne,
    fils, figli, hijos, cie
    """)
)
JOINING: Final = Words(sorted((_AND | _ENDS | _STARTS) - set("&+")))
"""Words, folded, of which a name of several people has one, where it has no ``&`` or ``+``."""
BESIDE_TITLES: Final = Words(sorted(_LOOSE_AND - set("/")))
"""Others that join people only where a title stands on both sides: elsewhere they are initials and parts of names."""
_ANY: Final = Words((*JOINING.words, *BESIDE_TITLES.words))
_TITLES: Final = frozenset(TITLES.words)
_TAIL: Final = frozenset(TAIL.words)
_PARTICLES: Final = frozenset(PARTICLES.words)
_NO_PEOPLE: Final = _FIRMS | frozenset(LEGAL_FORMS.words)
_FRENCH: Final = frozenset(("m", "mm"))
_MARK: Final = re.compile(r"[&+/]|[.,](?=[^\W\d])")


class _Word(NamedTuple):
    text: str
    key: str


def may_be_several(values: Spans, folded: Spans) -> NDArray[np.intp]:
    """Finds the few values that may name several people; the others need no look.

    Args:
        values: Raw names.
        folded: The same, folded.

    Returns:
        Numbers of rows, ascending.

    Example:
        >>> import pyarrow as pa
        >>> from cxm_sdk.identity.normalize.missing import FOLD
        >>> names = Spans.of(pa.array(["Ada King", "Ada & Bob King", "Ada E King"]))
        >>> may_be_several(names, names.translated(FOLD)).tolist()
        [1]
    """
    word = folded.find_word(_ANY) >= 0
    marked = np.zeros(len(word), bool)
    for mark in "&+":
        if values.holds(mark):
            marked |= values.find(mark) >= 0
    if values.holds("/"):
        word |= values.find("/") >= 0
    found = marked
    rows = np.flatnonzero(word & ~marked)
    if len(rows):
        few = folded.take(rows)
        found[rows] = (few.find_word(JOINING) >= 0) | (few.without_leading(TITLES)[1].lengths > 0)
    return np.flatnonzero(found)


def first_person(name: str) -> str:
    """Writes a full name of several people as that of the one who is named first.

    They are taken to share the last name, unless the first one has one of its own. Of a household whose people are not
    named, the last name is left.

    Args:
        name: A full name as it was written.

    Returns:
        ``Last, First`` or the first name as it stands; with a title for the first name where there is none. Unchanged
        where it is of one person, of a firm, or of two of whom it is not told whether these are first or last names.

    Example:
        >>> for name in ("Mr & Mrs Taylor", "John & Mary Smith", "Fam. Müller", "Mr O Winter and Mr J Winter"):
        ...     print(first_person(name))
        Taylor, Mr
        Smith, John
        Müller, Mr
        O Winter
    """
    words = _words(name)
    if not words or words[-1].key in _NO_PEOPLE:
        return name
    named = _without_family(words)
    family = len(named) < len(words)
    at = _joint(named)
    if at < 0:
        return _one(named) if family and named else name
    before, behind = named[:at], named[at + 1 :]
    if behind[0].key in _NO_PEOPLE:
        return name
    comma = next((place for place, word in enumerate(before) if "," in word.text), -1)
    if comma >= 0:  # "Taylor, John & Mary"
        return f"{_text(named[: comma + 1])} {first_given(_text(named[comma + 1 :]))}".strip(" ,")
    head, tail = (_untitled(side, french=_is_french(named, at)) for side in (before, behind))
    if not head:
        return first_person(_text(tail)) if _joint(tail) >= 0 else _one(tail) or name
    if len(head) > 1 and len(head[-1].key) > 1:  # "John Smith & Mary Jones"
        return _text(head)
    last = _last_name(tail, alone=len(tail) < len(behind))
    if last:
        return f"{last}, {_text(head)}"
    if len(head) > 1:  # "Taylor J & M", with the last name in front
        return _text(head)
    return f"{head[0].text}, Mr" if family else name


def first_given(name: str) -> str:
    """Takes the first one of the first names of several people.

    Args:
        name: First names as they were written.

    Returns:
        That of the person who is named first, without a title; unchanged where there is one person only.

    Example:
        >>> [first_given(name) for name in ("John & Mary", "Herr und Frau", "Mary Ann", "Mr and Mrs J")]
        ['John', '', 'Mary Ann', 'J']
    """
    words = _words(name)
    at = _joint(words)
    if at < 0:
        return name
    sides = [_untitled(side, french=_is_french(words, at)) for side in (words[:at], words[at + 1 :])]
    return _text(sides[0]) or first_given(_text(sides[1]))


def _words(name: str) -> list[_Word]:
    spaced = _MARK.sub(lambda mark: f"{mark[0]} " if mark[0] in ".," else f" {mark[0]} ", name)
    return [_Word(text, _key(text)) for text in spaced.split()]


def _key(text: str) -> str:
    if text in _AND or text in _LOOSE_AND:
        return text
    return "".join(map(fold_character, text)).lower().strip(' .,;:()"')


def _text(words: list[_Word]) -> str:
    return " ".join(word.text for word in words)


def _without_family(words: list[_Word]) -> list[_Word]:
    """Leaves out what says that a family is meant; one word that is all there is, is a name."""
    inner = words[1:] if words[0].key == "the" else words
    if len(inner) > 1 and inner[-1].key in _ENDS:
        inner = inner[:-1]
        return inner[:-1] if len(inner) > 1 and inner[-1].key in _AND else inner  # "John Smith and family"
    if len(inner) > 1 and inner[0].key in _STARTS and not _is_a_name(inner):
        return inner[1:]
    return words


def _is_a_name(words: list[_Word]) -> bool:
    """Whether "Fam" is a last name, as in "Fam Wei Ling"."""
    return words[0].key == "fam" and not words[0].text.endswith(".") and _last_at(words[1:]) > 0


def _joint(words: list[_Word]) -> int:
    """Where the first word is that joins two people, -1 for nowhere."""
    for at in range(1, len(words) - 1):
        if words[at].key in _AND:
            return at
        if words[at].key in _LOOSE_AND and words[at + 1].key in _TITLES and not _untitled(words[:at]):
            return at
    return -1


def _is_french(words: list[_Word], at: int) -> bool:
    """Whether a single M is Monsieur: a title stands on the other side of "et"."""
    return words[at].key == "et" and bool({words[0].key, words[at + 1].key} & _TITLES)


def _untitled(words: list[_Word], *, french: bool = False) -> list[_Word]:
    at = 0
    while at < len(words) and (words[at].key in _TITLES or (french and words[at].key in _FRENCH)):
        at += 1
    return words[at:]


def _one(words: list[_Word]) -> str:
    """The name of one person, of whom there may be a last name only."""
    named = _untitled(words)
    alone = bool(named) and not any("," in word.text for word in named) and _last_at(named) == 0
    return f"{_text(named)}, Mr" if alone else _text(named)


def _last_name(words: list[_Word], *, alone: bool) -> str:
    """The last name with its particles and what stands behind it; the first word is none unless it may stand alone."""
    ends = [at for at, word in enumerate(words) if "," in word.text]
    words = words[: ends[0] + 1] if ends else words
    at = _last_at(words)
    if at <= 0 and not alone:
        at = 1
    return _text(words[at:]).rstrip(" ,")


def _last_at(words: list[_Word]) -> int:
    """Where the last name begins: the last word but for suffixes, and the particles before it."""
    at = len(words) - 1
    while at > 0 and words[at].key in _TAIL:
        at -= 1
    while at > 0 and words[at - 1].key in _PARTICLES:
        at -= 1
    return at
