"""How the full names of a column are written: with the first name in front or with the last name."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from cxm_sdk.identity.nicknames import groups_of_names
from cxm_sdk.identity.roles.column_values import ColumnValues
from cxm_sdk.identity.roles.known_values import plain_word

__all__ = ["KnownNames", "are_exchanged", "stands_last_first"]

#: A word is taken for a first or a last name where it is one of them at least so many times as often.
_CLEAR: Final = math.log(3)
#: How often a given name known here counts as one that was seen.
_KNOWN: Final = 5
_FEWEST: Final = 20  # names to judge by
_TIMES: Final = 3  # so many times as many names must speak for the last name in front as against it
_SHARE: Final = 0.2  # and so many of all names of two words
_PATRONYMICS: Final = (
    *("ович", "евич", "ич", "овна", "евна", "ична", "івна", "авіч", "ауна", "еуна"),
    *("ovich", "evich", "ovna", "evna", "ichna", "ovych", "evych", "ivna"),
)


class KnownNames:
    """How often words stand as first and as last names in columns of their own.

    Args:
        first: Columns of first names.
        last: Columns of last names.

    >>> import pyarrow as pa
    >>> known = KnownNames([ColumnValues(pa.chunked_array([["Ada", "Ada"]]))], [])
    >>> known.leaning("ada") > 0 > KnownNames([], [ColumnValues(pa.chunked_array([["Hak"]]))]).leaning("hak")
    True
    """

    def __init__(self, first: Iterable[ColumnValues], last: Iterable[ColumnValues]) -> None:
        self._first, self._last = _counted(first), _counted(last)

    def leaning(self, word: str) -> float:
        """Logarithm of how many times as often a word is a first name as it is a last name.

        Args:
            word: As ``plain_word`` writes it.

        Returns:
            Above 0 for a first name, below for a last name, 0 for what nobody knows.
        """
        known = _KNOWN if word in groups_of_names() else 0
        return math.log((self._first[word] + known + 0.5) / (self._last[word] + 0.5))


def stands_last_first(texts: Sequence[str], known: KnownNames, *, said: bool = False) -> bool:
    """Tells whether the full names of a column have the last name in front, without a comma behind it.

    A patronymic follows the first name, so of three words it tells where that is.

    Args:
        texts: Distinct full names.
        known: What is known of names.
        said: Whether the header says so.

    Returns:
        True when clearly more of them make sense so; where the header says so, when not clearly fewer do.

    >>> import pyarrow as pa
    >>> known = KnownNames([], [ColumnValues(pa.chunked_array([["Hak"]]))])
    >>> stands_last_first(["Hak Maria"] * 20, known), stands_last_first(["Maria Hak"] * 20, known)
    (True, False)
    """
    votes = {True: 0, False: 0}
    judged = 0
    for text in texts:
        words = [plain_word(word) for word in text.split()]
        if len(words) < 2 or "," in text:
            continue
        judged += 1
        difference = known.leaning(words[-1]) - known.leaning(words[0])
        if len(words) == 3 and (words[1].endswith(_PATRONYMICS) or words[2].endswith(_PATRONYMICS)):
            votes[not words[1].endswith(_PATRONYMICS)] += 1
        elif abs(difference) >= _CLEAR:
            votes[difference > 0] += 1
    clear = votes[not said] >= max(_FEWEST, _SHARE * judged, _TIMES * votes[said])
    return said is not clear


def are_exchanged(first: ColumnValues, last: ColumnValues) -> bool:
    """Tells whether a column of first names and one of last names hold each other's.

    Args:
        first: What the column holds that is called that of first names.
        last: What that of last names holds.

    Returns:
        True when given names that are known here stand in the other column, clearly oftener than in their own.

    >>> import pyarrow as pa
    >>> first, last = (ColumnValues(pa.chunked_array([[name] * 20])) for name in ("Hak", "Robert"))
    >>> are_exchanged(first, last), are_exchanged(last, first)
    (True, False)
    """
    here, there = _given(first), _given(last)
    return there >= max(_FEWEST, _SHARE * float(last.weights.sum()), _TIMES * here)


def _given(values: ColumnValues) -> float:
    """In how many rows a given name stands that is known here."""
    known = groups_of_names()
    rows = zip(values.texts, values.weights.tolist(), strict=True)
    return float(sum(weight for text, weight in rows if plain_word(text) in known))


def _counted(columns: Iterable[ColumnValues]) -> Mapping[str, int]:
    counted = Counter[str]()
    for values in columns:
        for text, weight in zip(values.texts, values.weights.tolist(), strict=True):
            counted[plain_word(text)] += int(weight)
    return counted
