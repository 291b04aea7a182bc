"""Raw values of items become canonical ones, many at a time, by the rules of the batch side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from cxm_sdk._native.evidence import said_of
from cxm_sdk.identity.columns import MAX_SLOTS, SHOWN, Group, forms
from cxm_sdk.identity.normalize.names import latin
from cxm_sdk.profiles.plain import plain_forms

__all__ = ["DERIVED", "DESCRIBING", "Forms", "Said", "ValueForms"]

#: For each role the values of a record in canonical form, each with how it is written.
Said = dict[str, list[tuple[str, str]]]

#: Roles that describe a person; all others are identifiers.
DESCRIBING = frozenset(
    {
        *(
            "first_name",
            "middle_name",
            "last_name",
            "full_name",
            "suffix",
            "birth_date",
            "birth_place",
            "sex",
        ),
        *("company", "street", "house_number", "unit", "city", "postcode", "state", "country"),
    }
)
#: Values remembered between batches.
REMEMBERED = 1 << 17
_NAME_PARTS = ("first_name", "middle_name", "last_name", "suffix")
#: By role and raw value what that becomes, by role.
Forms = dict[str, dict[str, dict[str, str]]]

#: What roles yield besides themselves, in the order in which gaps are filled; house numbers are looked at apart.
DERIVED = (("full_name", _NAME_PARTS), ("last_name", ("suffix",)), ("street", ("unit", "city", "postcode")))


class ValueForms:
    """Canonical forms of raw values, remembered.

    Args:
        date_order: How dates of numbers alone are read.

    Example:
        >>> made = ValueForms("dmy")
        >>> made.learn([{"full_name": ["Lovelace, Ada"]}])
        >>> made.said({"full_name": ["Lovelace, Ada"]})["first_name"]
        [('ada', 'Ada')]
        >>> made.learn([{"first_name": ["Анна"]}])
        >>> made.said({"first_name": ["Анна"]})["first_name"]
        [('anna', 'Анна')]
    """

    def __init__(self, date_order: str) -> None:
        self._date_order, self._plain = date_order, plain_forms(date_order)
        # By role and raw value. What is asked for again moves on into the next generation, all else is forgotten.
        self._known: Forms = {}
        self._before: Forms = {}
        self._size = 0

    def learn(self, values: Iterable[Mapping[str, list[str]]]) -> None:
        """Brings values to canonical form, those of one role in one go.

        Args:
            values: Raw values by role.
        """
        if self._size > REMEMBERED:
            self._before, self._known, self._size = self._known, {}, 0
        added, fresh = self._plain.learn(values, self._known, self._before)
        self._size += added
        for role, missing in fresh.items():
            self._known[role].update(zip(missing, self._made(role, list(missing)), strict=True))

    def _made(self, role: str, raws: list[str]) -> list[dict[str, str]]:
        """Forms of raw values by what they are forms of; of parts of full names also how they are written."""
        order = self._date_order if role == "birth_date" else None
        # House numbers are looked for in street lines whatever else a record says.
        made = forms(Group(role, order, keep_lines=True), pa.array(raws, pa.string()))
        for part in SHOWN.keys() & made.keys():
            made[part] = latin(made[part])
            if role == "full_name":  # as most are
                written, usual = made[SHOWN[part]], pc.utf8_title(made[part])
                made[SHOWN[part]] = pc.if_else(
                    pc.equal(written, usual), pa.scalar(None, pa.string()), written
                )
        found: list[dict[str, str]] = [{} for _ in raws]
        for name, column in made.items():
            for forms_of_one, form in zip(found, column.to_pylist(), strict=True):
                if form is not None:
                    forms_of_one[name] = form
        return found

    def canonical(self, role: str, raw: str) -> str | None:
        """The canonical form of a learnt value.

        Args:
            role: Its role.
            raw: As it is written.

        Returns:
            The form, None where the value says nothing.
        """
        return self._known[role][raw].get(role)

    def said(self, values: dict[str, list[str]]) -> Said:
        """Puts together what a record says.

        What is derived from a full name or a street line fills gaps only, as on the batch side.

        Args:
            values: For each role the raw values, all learnt.

        Returns:
            Canonical and written values by role.
        """
        return said_of(values, self._known, DERIVED, MAX_SLOTS)
