"""Does a column hold what its header says, and what does it hold when the header says nothing?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cxm_sdk.identity.normalize.dates import EARLIEST_YEAR
from cxm_sdk.identity.roles import known_values
from cxm_sdk.identity.roles.column_values import ColumnValues
from cxm_sdk.identity.roles.headers import HeaderMatch

__all__ = ["IDENTIFIERS", "Verdict", "check", "guess", "guess_beside", "is_identifier"]

IDENTIFIERS: Final = frozenset((
    "user_id", "crm_id", "loyalty_id", "device_id", "anonymous_id", "account_id", "household_id",
    "national_id", "email_sha256", "phone_sha256",
))  # fmt: skip
"""Roles whose values name somebody or something exactly."""

_TELLING = 0.7  # share of values that must have a form before a column is recognised by it alone
_MANY = 20


@dataclass(frozen=True)
class Verdict:
    """What one column holds.

    Attributes:
        role: The role; empty when it plays none.
        reason: How the role was told, or why there is none.
    """

    role: str
    reason: str


def check(match: HeaderMatch, values: ColumnValues) -> Verdict | None:
    """Checks what a header says against the values.

    Args:
        match: What the header says.
        values: The values of the column.

    Returns:
        The verdict; None when the header says nothing, or when the values deny it.

    >>> import pyarrow as pa
    >>> from cxm_sdk.identity.roles.headers import match_header
    >>> check(match_header("phone"), ColumnValues(pa.chunked_array([["+49 30 901820"]])))
    Verdict(role='phone', reason='header+content')
    """
    if not values.distinct:
        return Verdict("", "holds no value")
    if match.role == "truth":
        return Verdict("", "looks like the answer to who is who; name it with --map to use it")
    if match.role == "unused":
        return Verdict("", "says nothing of who somebody is")
    if match.role == "record_id":
        return Verdict("record_id", "header+content")
    if match.role in ("vague", "unknown"):
        return None
    if match.role in ("name",):
        # Names of orders, files and versions hold numbers.
        return None if max(values.odd, values.digits_inside) > 0.5 else Verdict("name", "header+content")
    if match.role.startswith("id:") or match.role in IDENTIFIERS:
        return _check_identifier(match.role, values)
    return _CHECKS[match.role](values) if match.role in _CHECKS else Verdict(match.role, "header")


def guess(match: HeaderMatch, values: ColumnValues) -> Verdict:
    """Tells what a column holds from its values alone.

    Args:
        match: What the header says; only one that says nothing at all lets the less telling forms count.
        values: The values of the column.

    Returns:
        The verdict, without a role when the values tell nothing.

    >>> import pyarrow as pa
    >>> from cxm_sdk.identity.roles.headers import match_header
    >>> guess(match_header("col3"), ColumnValues(pa.chunked_array([["a@x.org", "b@x.org"]])))
    Verdict(role='email', reason='content')
    """
    denied = match.role not in ("vague", "unknown")
    if values.emails >= _TELLING:
        return Verdict("email", "content")
    if values.telling_phones >= _TELLING:
        return Verdict("phone", "content")
    if match.role == "vague":
        role = _guess_from_form(values)
        if role:
            return Verdict(role, "content")
    if denied:
        return Verdict("", f"header says {match.role}, values do not")
    return Verdict("", "not recognised")


def guess_beside(before: str, values: ColumnValues) -> str:
    """Tells what a column holds in a table without headers, where people write what belongs together side by side.

    Args:
        before: The role of the column before it; empty for none.
        values: The values of the column.

    Returns:
        The role; empty when the values tell nothing.

    >>> import pyarrow as pa
    >>> guess_beside("first_name", ColumnValues(pa.chunked_array([["Hak", "Moss", "Lind", "Orr", "Ek"]])))
    'last_name'
    """
    if values.streets >= _TELLING:
        return "street"
    if values.person_shaped >= 0.9 and values.distinct >= 5:
        if before == "first_name" and values.single_words >= 0.7:
            return "last_name"
        return "city" if before in ("street", "house_number", "unit", "postcode") else ""
    if before in ("street", "house_number", "unit", "city") and values.postcodes >= 0.9:
        return "postcode"
    dialled = values.share(lambda text: sum(letter.isdigit() for letter in text) >= 9)
    is_phone = before and values.phones >= 0.95 and dialled >= 0.95 and values.dates.share < 0.5
    return "phone" if is_phone else ""


def is_identifier(role: str, values: ColumnValues, rows_of_one: float) -> bool:
    """Tells an identifier of somebody from a code that many share.

    Args:
        role: The role its header speaks for.
        values: The values of the column.
        rows_of_one: Rows that share one value; rows that hold none do not count.

    Returns:
        True when its values can name somebody.

    >>> import pyarrow as pa
    >>> is_identifier("id:plan_no", ColumnValues(pa.chunked_array([["A", "B"] * 50])), 50.0)
    False
    """
    if values.held < _MANY:
        return True
    if role.startswith("id:"):
        return values.distinct >= _MANY / 2 and rows_of_one <= _MANY
    if values.distinct < _MANY / 2:
        return rows_of_one <= _MANY / 2
    return rows_of_one <= 5 * _MANY or values.distinct >= 1000


def _check_identifier(role: str, values: ColumnValues) -> Verdict | None:
    if role in ("email_sha256", "phone_sha256"):
        return Verdict(role, "header+content") if values.sha256 >= _TELLING else None
    if values.emails >= _TELLING:
        return Verdict("email", "content")
    if role == "national_id":
        return Verdict(role, "header+content") if values.national_ids >= 0.5 else None
    if role.startswith("id:"):
        # Words, prices and dates behind a header that merely ends like an identifier are none.
        plausible = values.codes >= 0.5 or values.share(str.isdigit) >= 0.5
        return Verdict(role, "header+content") if plausible and values.dates.share < 0.5 else None
    if values.among(known_values.STATUSES) >= 0.9:
        return None
    if values.telling_phones >= _TELLING:
        return Verdict("phone", "content")
    # "Customer" is as often a column of names as one of numbers.
    return Verdict("name" if values.several_words >= 0.5 else role, "header+content")


def _held_by(role: str, test: Callable[[ColumnValues], bool]) -> Callable[[ColumnValues], Verdict | None]:
    return lambda values: Verdict(role, "header+content") if test(values) else None


def _check_email(values: ColumnValues) -> Verdict | None:
    if values.sha256 >= 0.5:
        return Verdict("email_sha256", "header+content")
    return Verdict("email", "header+content") if values.emails >= 0.3 else None


def _check_phone(values: ColumnValues) -> Verdict | None:
    if values.sha256 >= 0.5:
        return Verdict("phone_sha256", "header+content")
    return Verdict("phone", "header+content") if values.phones >= 0.5 else None


def _check_birth_date(values: ColumnValues) -> Verdict | None:
    if values.dates.share >= 0.5:
        return Verdict("birth_date", "header+content")
    if _within(values, EARLIEST_YEAR, 2100):
        return Verdict("birth_year", "header+content")
    return Verdict("birth_day", "header+content") if _within(values, 1, 31) and values.distinct > 12 else None


def _check_street(values: ColumnValues) -> Verdict | None:
    if values.odd > 0.5:
        return None
    return Verdict("house_number" if values.numbers >= 0.9 else "street", "header+content")


def _check_house_number(values: ColumnValues) -> Verdict | None:
    if values.house_numbers >= 0.5:
        return Verdict("house_number", "header+content")
    return Verdict("street", "header+content") if values.streets >= 0.5 else None


def _check_full_name(values: ColumnValues) -> Verdict | None:
    if values.odd > 0.5 or values.numbers > 0.5:
        return None
    is_company = values.organisations >= 0.3 and values.given_names < 0.3
    return Verdict("company" if is_company else "full_name", "header+content")


def _within(values: ColumnValues, low: int, high: int) -> bool:
    numbers = values.whole_numbers
    return len(numbers) >= 0.8 * len(values.texts) and all(low <= number <= high for number in numbers)


def _is_name(values: ColumnValues) -> bool:
    return values.odd <= 0.5 and values.digits_inside <= 0.5 and values.among(known_values.STATUSES) <= 0.8


def _is_place(values: ColumnValues) -> bool:
    return values.odd <= 0.5 and values.digits_inside <= 0.7


def _is_state(values: ColumnValues) -> bool:
    return _is_place(values) and values.numbers <= 0.9 and values.among(known_values.STATUSES) <= 0.5


def _is_sex(values: ColumnValues) -> bool:
    return values.among(known_values.SEXES) >= 0.5 or (values.distinct <= 6 and values.numbers >= 0.9)


def _is_birth_part(low: int, high: int) -> Callable[[ColumnValues], bool]:
    def test(values: ColumnValues) -> bool:
        fitting = values.share(
            lambda text: text.isascii() and text.isdigit() and low <= int(text[:9]) <= high
        )
        return fitting >= 0.8

    return test


def _is_birth_month(values: ColumnValues) -> bool:
    named = values.share(lambda text: text.casefold()[:3] in known_values.MONTHS)
    return named >= 0.8 or _is_birth_part(1, 12)(values)


_CHECKS: Final[dict[str, Callable[[ColumnValues], Verdict | None]]] = {
    "first_name": _held_by("first_name", _is_name),
    "middle_name": _held_by("middle_name", _is_name),
    "last_name": _held_by("last_name", _is_name),
    "full_name": _check_full_name,
    "suffix": _held_by("suffix", lambda values: values.among(known_values.SUFFIXES) >= 0.3),
    "birth_date": _check_birth_date,
    "birth_day": _held_by("birth_day", _is_birth_part(1, 31)),
    "birth_month": _held_by("birth_month", _is_birth_month),
    "birth_year": _held_by("birth_year", _is_birth_part(EARLIEST_YEAR, 2100)),
    "birth_place": _held_by("birth_place", lambda values: values.odd <= 0.5 and values.numbers <= 0.5),
    "sex": _held_by("sex", _is_sex),
    "email": _check_email,
    "phone": _check_phone,
    "street": _check_street,
    "house_number": _check_house_number,
    "unit": _held_by("unit", lambda values: values.odd <= 0.5),
    "city": _held_by("city", lambda values: values.odd <= 0.5 and values.numbers <= 0.5),
    "postcode": _held_by("postcode", lambda values: values.postcodes >= 0.5),
    "state": _held_by("state", _is_state),
    "country": _held_by("country", lambda values: _is_place(values) and values.person_shaped >= 0.5),
    "company": _held_by("company", lambda values: values.odd <= 0.5 and values.numbers <= 0.5),
}


def _guess_from_form(values: ColumnValues) -> str:
    """Recognises a column whose header says nothing by forms that are less telling."""
    dates = values.dates
    if dates.share >= 0.9 and dates.timed < 0.1 and _are_births(dates.years):
        return "birth_date"
    if values.telling_postcodes >= _TELLING:
        return "postcode"
    if values.among(known_values.SEXES) >= 0.95 and 2 <= values.distinct <= 8:
        return "sex"
    if values.person_shaped >= 0.9 and values.distinct >= 5:
        if values.single_words >= 0.8 and values.given_names >= 0.5:
            return "first_name"
        if values.single_words <= 0.3 and values.given_names >= 0.5:
            return "full_name"
    return ""


def _are_births(years: tuple[int, ...]) -> bool:
    """Whether years spread as births do: over decades, half of them long ago."""
    if len(years) < 2:
        return False
    middle = years[len(years) // 2]
    low, high = years[len(years) // 20], years[-1 - len(years) // 20]
    return EARLIEST_YEAR <= middle <= 2012 and high - low >= 15
