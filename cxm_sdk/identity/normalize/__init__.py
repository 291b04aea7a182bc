"""Canonical forms: what spellings of one value have in common, role by role.

``canonical`` works on distinct values, so its cost follows how many different values there are, not how many
records.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from cxm_sdk.identity.normalize import contact, dates, identifiers, names, places
from cxm_sdk.identity.spans import Spans

__all__ = ["canonical"]

_RULES: dict[str, Callable[[Spans], Spans]] = {
    "first_name": names.given_name,
    "middle_name": names.given_name,
    "last_name": lambda values: names.split_last_name(values)[0],
    "suffix": names.suffix,
    "company": names.company,
    "birth_place": places.city,
    "sex": names.sex,
    "email": contact.email,
    "phone": contact.phone,
    "street": lambda values: places.split_street(values).street,
    "house_number": places.house_number,
    "unit": places.unit,
    "city": places.city,
    "postcode": places.postcode,
    "state": places.state,
    "country": places.country,
    "national_id": identifiers.national_id,
    "email_sha256": identifiers.digest,
    "phone_sha256": identifiers.digest,
}


def canonical(role: str, values: pa.Array, *, date_order: str | None = None) -> pa.StringArray:
    """Brings values of one role to canonical form.

    Two spellings of one value (case, accents, spaces, punctuation, usual abbreviations, formats of dates and
    phone numbers) get one form; values that say nothing (missing markers, stand-ins, impossible dates) become
    null. Any text is accepted. A role without rules of its own is an identifier. ``full_name`` gives the last
    name; its parts are made by ``names.split_full_name``, and those of address lines by
    ``places.split_street``.

    Args:
        role: Name of a role, see ``identity.roles``.
        values: Raw values, best distinct ones; null counts as empty.
        date_order: For ``birth_date``: ``"dmy"``, ``"mdy"`` or ``"ymd"`` where numbers alone do not tell, or
            None to find out from the values.

    Returns:
        As many values as came, null where there is none.

    Example:
        >>> import pyarrow as pa
        >>> canonical("phone", pa.array(["+44 (0)7700 900123", "07700 900123", "n/a"])).to_pylist()
        ['7700900123', '7700900123', None]
    """
    spans = Spans.of(values)
    if role == "birth_date":
        return dates.birth_date(spans, date_order)
    if role in ("birth_day", "birth_month", "birth_year"):
        return dates.part(spans)
    if role == "full_name":
        return names.split_full_name(spans).last.array()
    return _RULES.get(role, identifiers.identifier)(spans).array()
