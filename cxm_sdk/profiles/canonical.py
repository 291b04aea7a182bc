"""Raw values of items become canonical ones, many at a time, by the rules of the batch side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import pyarrow as pa

from cxm_sdk.identity.columns import MAX_SLOTS, Group, forms
from cxm_sdk.identity.normalize.dates import DEFAULT_DATES, EARLIEST_YEAR
from cxm_sdk.identity.normalize.names import latin

__all__ = ["DESCRIBING", "Said", "ValueForms", "plain_date"]

#: For each role the values of a record in canonical form, each with how it is written.
Said = dict[str, list[tuple[str, str]]]

#: Roles that describe a person; all others are identifiers.
DESCRIBING = frozenset(
    {
        *("first_name", "middle_name", "last_name", "full_name", "suffix", "birth_date", "sex", "company"),
        *("street", "house_number", "unit", "city", "postcode", "state", "country"),
    }
)
#: Values remembered between batches.
REMEMBERED = 1 << 17
_PLAIN_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME_PARTS = ("first_name", "middle_name", "last_name", "suffix")
_LATIN = {"first_name", "middle_name", "last_name"}


class ValueForms:
    """Canonical forms of raw values, remembered.

    Args:
        date_order: How dates of numbers alone are read.

    Example:
        >>> made = ValueForms("dmy")
        >>> made.learn([("full_name", "Lovelace, Ada")])
        >>> made.said({"full_name": ["Lovelace, Ada"]})["first_name"]
        [('ada', 'Ada')]
        >>> made.learn([("first_name", "Анна")])
        >>> made.said({"first_name": ["Анна"]})["first_name"]
        [('anna', 'Анна')]
    """

    def __init__(self, date_order: str) -> None:
        self._date_order = date_order
        self._known: dict[tuple[str, str], dict[str, str]] = {}
        #: Parts of full names in the script in which they are written; compared they are in Latin letters.
        self._shown: dict[tuple[str, str], str] = {}

    def learn(self, values: Iterable[tuple[str, str]]) -> None:
        """Brings values to canonical form, those of one role in one go.

        Args:
            values: Roles and raw values.
        """
        if len(self._known) > REMEMBERED:
            self._known.clear()
            self._shown.clear()
        fresh: dict[str, dict[str, None]] = {}
        for value in values:
            if value not in self._known:
                if value[0] == "birth_date" and (form := plain_date(value[1])) is not None:
                    self._known[value] = {"birth_date": form}
                    continue
                fresh.setdefault(value[0], {})[value[1]] = None
        for role, raws in fresh.items():
            order = self._date_order if role == "birth_date" else None
            # House numbers are looked for in street lines whatever else a record says.
            group = Group(role, order, keep_lines=True)
            made = forms(group, pa.array(raws, pa.string()))
            for part in _LATIN & made.keys():
                written, made[part] = made[part], latin(made[part])
                for raw, form in zip(raws, written.to_pylist(), strict=True):
                    if role == "full_name" and form is not None:
                        self._shown[part, raw] = form.title()
            listed = {name: column.to_pylist() for name, column in made.items()}
            for row, raw in enumerate(raws):
                self._known[role, raw] = {
                    name: column[row] for name, column in listed.items() if column[row] is not None
                }

    def canonical(self, role: str, raw: str) -> str | None:
        """The canonical form of a learnt value.

        Args:
            role: Its role.
            raw: As it is written.

        Returns:
            The form, None where the value says nothing.
        """
        return self._known[role, raw].get(role)

    def said(self, values: Mapping[str, Sequence[str]]) -> Said:
        """Puts together what a record says.

        What is derived from a full name or a street line fills gaps only, as on the batch side.

        Args:
            values: For each role the raw values, all learnt.

        Returns:
            Canonical and written values by role.
        """
        found: Said = {}
        for role, raws in values.items():
            for raw in raws:
                made = self._known[role, raw]
                if role == "full_name":
                    continue
                if role in made:
                    _add(found, role, made[role], raw)
        full = next(iter(values.get("full_name", ())), "")
        for role, parts in (("full_name", _NAME_PARTS), ("last_name", ("suffix",)), ("street", ("unit",))):
            made = {
                name: form
                for raw in values.get(role, ())[:1]
                for name, form in self._known[role, raw].items()
            }
            for part in parts:
                if part in made and part not in found:
                    shown = self._shown.get((part, full)) if role == "full_name" else None
                    _add(found, part, made[part], shown or made[part].title())
        self._street(found, values)
        return found

    def _street(self, found: Said, values: Mapping[str, Sequence[str]]) -> None:
        """The number in a street line is the house number, unless the record has another one of its own."""
        for raw in values.get("street", ())[:1]:
            made = self._known["street", raw]
            number = made.get("house_number")
            if number is None:
                continue
            if "house_number" not in found:
                _add(found, "house_number", number, number)
            elif found["house_number"][0][0] != number and "street_line" in made:
                found["street"] = [(made["street_line"], raw), *found.get("street", [])[1:]]


def plain_date(raw: str) -> str | None:
    """Reads a date of birth written ``YYYY-MM-DD``, about which there are no two opinions.

    Args:
        raw: Any text.

    Returns:
        ``YYYYMMDD``; None for any other text, for days that are no ordinary date of birth, and for this year's.

    Example:
        >>> plain_date("1980-12-10"), plain_date("10.12.1980"), plain_date("1900-01-01")
        ('19801210', None, None)
    """
    if not _PLAIN_DATE.fullmatch(raw):
        return None
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        return None
    form = raw.replace("-", "")
    if not EARLIEST_YEAR <= day.year < date.today().year or int(form) in DEFAULT_DATES:
        return None
    return form


def _add(found: Said, role: str, form: str, raw: str) -> None:
    held = found.setdefault(role, [])
    if len(held) < MAX_SLOTS and all(form != other for other, _ in held):
        held.append((form, raw.strip()))
