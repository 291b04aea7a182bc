"""Canonical forms of values, one at a time: what ``identity.normalize`` makes of columns."""

from collections.abc import Callable, Iterable, Mapping
from typing import final

@final
class PlainForms:
    """Gives single values in canonical form.

    Args:
        words: By the name of each list the words in it, and what they become; empty text where that says nothing.
        endings: By the name of a list, endings of longer words and what those become.
        contacts: Functions for the roles that have one of their own.
        fold: What a character outside ASCII becomes.
        romanize: Writes names of other scripts in Latin letters.
        part: Puts a comma behind the family name of a full name that is written without a space.
        people: For the roles of names that may be of several people, what writes them as one person's.
        earliest_year: Year before which nobody was born.
        date_order: How dates of numbers alone are read: ``dmy`` or ``mdy``.

    Raises:
        KeyError: When a list has another name than those that are read.

    Example:
        >>> forms = PlainForms({"cities": {"saint": "st"}}, {}, {}, str.lower, str, str, {}, 1880, "dmy")
        >>> forms.forms("city", "Saint Louis, MO"), forms.forms("birth_date", "10.12.1980")
        ({'city': 'st louis'}, {'birth_date': '19801210'})
    """

    def __init__(
        self,
        words: Mapping[str, Mapping[str, str]],
        endings: Mapping[str, Mapping[str, str]],
        contacts: Mapping[str, Callable[[str], str | None]],
        fold: Callable[[str], str],
        romanize: Callable[[str], str],
        part: Callable[[str], str],
        people: Mapping[str, Callable[[str], str]],
        earliest_year: int,
        date_order: str,
    ) -> None: ...
    def forms(self, role: str, raw: str) -> dict[str, str] | None:
        """What a value becomes, as ``identity.columns.forms`` has it.

        Args:
            role: Its role.
            raw: As it is written.

        Returns:
            Canonical values by role, none for a value that says nothing; names in Latin letters, and those of a full
            name also as they are written, behind ``written``, where that is not their title. None where it takes more
            to tell, as it does with boxes of post offices, dates in words, and identifiers that are not ASCII.
        """

    def learn(
        self,
        values: Iterable[Mapping[str, list[str]]],
        known: dict[str, dict[str, dict[str, str]]],
        before: Mapping[str, Mapping[str, dict[str, str]]],
    ) -> tuple[int, dict[str, dict[str, None]]]:
        """Adds the forms of values that are not known yet.

        Args:
            values: Raw values by role.
            known: The forms that are known, by role and raw value; those of the others are added.
            before: Forms that were known before and are taken over from there.

        Returns:
            How many values were not known, and by role those that take more to tell, which are not added.
        """
