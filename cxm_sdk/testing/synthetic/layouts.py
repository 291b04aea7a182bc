"""The five sources: which fields each has, under which headers, and how well each is kept.

=======  =====================  ================  =============================================
source   names                  dates of birth    address
=======  =====================  ================  =============================================
crm      given, surname         2024-12-31        line with house number, city, postcode
loyalty  ``Last, First Jr.``    20241231          street and house number apart, city, postcode
store    given, surname         31/12/2024        line with house number, postcode, city
support  ``Mr First Last``      day, month, year  town and postcode
web      ``First Last``         12/31/2024        postcode
=======  =====================  ================  =============================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cxm_sdk.testing.synthetic.contacts import join
from cxm_sdk.testing.synthetic.draws import Draws
from cxm_sdk.testing.synthetic.scribe import Care, Scribe, hexadecimal

__all__ = ["CARE", "LAYOUTS", "identifiers"]

# Rates are in the range that audits of customer files report: 1 to 3 % of values mistyped, 5 to 40 % empty,
# both worse the less the person who types has to gain. The web shop and the loyalty form are filled in by
# customers themselves, the CRM by trained staff, the tills and the call centre in haste.
CARE: Final = {
    "crm": Care(
        typo=0.012,
        digit=0.008,
        missing={
            "given": 0.012,
            "surname": 0.003,
            "sex": 0.15,
            "birth": 0.24,
            "email": 0.13,
            "landline": 0.25,
            "mobile": 0.28,
            "street": 0.10,
            "city": 0.07,
            "postcode": 0.09,
            "country": 0.03,
        },
        phone_styles=(40, 25, 5, 12, 8, 5, 0, 5, 0),
        short=0.06,
        initial=0.006,
        middle=0.25,
        swapped=0.006,
        plain=0.25,
        upper=0.02,
        default_date=0.008,
        junk_mail=0.006,
        junk_phone=0.004,
        recent=0.5,
    ),
    "loyalty": Care(
        typo=0.017,
        digit=0.012,
        missing={
            "name": 0.004,
            "sex": 0.06,
            "birth": 0.12,
            "email": 0.22,
            "landline": 0.45,
            "mobile": 0.18,
            "street": 0.08,
            "city": 0.06,
            "postcode": 0.07,
            "country": 0.01,
        },
        phone_styles=(8, 12, 4, 34, 22, 8, 6, 2, 4),
        short=0.15,
        middle=0.10,
        swapped=0.008,
        plain=0.15,
        native=0.02,
        spaces=0.01,
        default_date=0.005,
        junk_mail=0.012,
        junk_phone=0.010,
        recent=0.5,
    ),
    "store": Care(
        typo=0.026,
        digit=0.020,
        missing={
            "given": 0.05,
            "surname": 0.01,
            "birth": 0.40,
            "street": 0.24,
            "city": 0.18,
            "postcode": 0.16,
            "phone": 0.30,
            "loyalty": 0.65,
        },
        phone_styles=(4, 4, 2, 44, 18, 8, 14, 1, 5),
        marker=0.05,
        short=0.22,
        initial=0.05,
        swapped=0.015,
        plain=0.45,
        upper=0.22,
        spaces=0.01,
        default_date=0.03,
        junk_phone=0.025,
        desk_phone=0.004,
    ),
    "support": Care(
        typo=0.030,
        digit=0.020,
        missing={
            "name": 0.02,
            "birth": 0.55,
            "email": 0.38,
            "phone": 0.10,
            "city": 0.35,
            "postcode": 0.38,
            "crm": 0.60,
        },
        phone_styles=(12, 18, 6, 30, 16, 8, 2, 4, 4),
        marker=0.12,
        short=0.40,
        initial=0.03,
        swapped=0.012,
        plain=0.30,
        spaces=0.02,
        default_date=0.015,
        junk_mail=0.02,
        junk_phone=0.012,
        desk_phone=0.015,
    ),
    "web": Care(
        typo=0.018,
        digit=0.012,
        missing={
            "name": 0.10,
            "birth": 0.48,
            "email": 0.01,
            "mobile": 0.38,
            "postcode": 0.28,
            "country": 0.05,
            "loyalty": 0.72,
            "device": 0.12,
        },
        phone_styles=(36, 10, 6, 30, 8, 2, 2, 2, 4),
        short=0.50,
        initial=0.01,
        swapped=0.02,
        plain=0.12,
        native=0.10,
        lower=0.09,
        spaces=0.005,
        default_date=0.008,
        junk_mail=0.004,
        junk_phone=0.008,
        recent=2.0,
    ),
}

Columns = dict[str, pa.Array]
References = Mapping[str, pa.Array]


def identifiers(source: str, position: NDArray[np.int64], draws: Draws) -> pa.Array:
    """The record identifiers of a source.

    Args:
        source: Name of the source.
        position: ``int64[n]``, which records of the source, -1 for none.
        draws: The random numbers.

    Returns:
        ``string[n]``, null where the position is -1.
    """
    place = np.maximum(position, 0)
    keys = place.astype(np.uint64)
    if source == "web":
        text = hexadecimal(draws.bits("web id", keys))
    else:
        # Card numbers have gaps (lost cards, check digits); the others count up.
        number = (
            630_400_000_000 + place * 17 + draws.below("card", keys, 17) if source == "loyalty" else place
        )
        text = pc.cast(pa.array(number + {"crm": 10_000_001, "store": 100_001}.get(source, 1)), pa.string())
    lead = {"crm": "C-", "web": "u_", "support": "T"}.get(source, "")
    return pc.if_else(
        pa.array(position < 0), pa.scalar(None, pa.string()), join(lead, text) if lead else text
    )


def _crm(scribe: Scribe, ids: pa.Array, _: References) -> Columns:
    year, month, day = scribe.birth()
    return {
        "customer_id": ids,
        "first_name": scribe.given_name(),
        "last_name": scribe.surname(),
        "name_suffix": scribe.generation(),
        "date_of_birth": join(year, "-", month, "-", day),
        "gender": scribe.sex("M", "F"),
        "email": scribe.email(),
        "phone": scribe.landline(),
        "mobile": scribe.mobile(),
        "address": scribe.street_line(),
        "city": scribe.city(),
        "postal_code": scribe.postcode(),
        "country": scribe.country_text(code=False),
        "created_at": pc.binary_join_element_wise(*scribe.when(), "-"),
    }


def _loyalty(scribe: Scribe, ids: pa.Array, _: References) -> Columns:
    return {
        "card_no": ids,
        "member_name": scribe.full_name(surname_first=True),
        "birth_date": join(*scribe.birth()),
        "sex": scribe.sex("male", "female"),
        "mobile_number": scribe.mobile(),
        "home_phone": scribe.landline(),
        "mail": scribe.email(),
        "addr_street": scribe.street(),
        "addr_house_no": scribe.house_number(),
        "addr_city": scribe.city(),
        "addr_zip": scribe.postcode(),
        "addr_country": scribe.country_text(code=True),
        "enrolled_on": join(*scribe.when()),
    }


def _store(scribe: Scribe, ids: pa.Array, references: References) -> Columns:
    year, month, day = scribe.birth()
    return {
        "Kundennr": ids,
        "Nachname": scribe.surname(),
        "Vorname": scribe.given_name(),
        "Geburtsdatum": join(day, "/", month, "/", year),
        "Strasse": scribe.street_line(),
        "PLZ": scribe.postcode(),
        "Ort": scribe.city(),
        "Telefon": scribe.any_phone(),
        "Kundenkarte": scribe.reference("loyalty", references["loyalty"]),
    }


def _support(scribe: Scribe, ids: pa.Array, references: References) -> Columns:
    year, month, day = scribe.birth()
    opened_year, opened_month, opened_day = scribe.when()
    return {
        "contact_id": ids,
        "caller_name": scribe.full_name(titles=True),
        "birth_day": pc.utf8_ltrim(day, "0"),
        "birth_month": pc.utf8_ltrim(month, "0"),
        "birth_year": year,
        "callback_number": scribe.any_phone(),
        "email_address": scribe.email(),
        "town": scribe.city(),
        "post_code": scribe.postcode(),
        "customer_no": scribe.reference("crm", references["crm"]),
        "opened": join(opened_day, ".", opened_month, ".", opened_year),
    }


def _web(scribe: Scribe, ids: pa.Array, references: References) -> Columns:
    year, month, day = scribe.birth()
    return {
        "uid": ids,
        "deviceId": scribe.device(),
        "name": scribe.full_name(),
        "birthday": join(month, "/", day, "/", year),
        "emailAddress": scribe.email(),
        "msisdn": scribe.mobile(),
        "zip": scribe.postcode(),
        "countryCode": scribe.country_text(code=True),
        "loyaltyCard": scribe.reference("loyalty", references["loyalty"]),
        "lastSeen": join(pc.binary_join_element_wise(*scribe.when(), "-"), "T00:00:00Z"),
    }


LAYOUTS: Final[Mapping[str, Callable[[Scribe, pa.Array, References], Columns]]] = {
    "crm": _crm,
    "loyalty": _loyalty,
    "store": _store,
    "support": _support,
    "web": _web,
}
"""How to write each source: from its scribe, the record identifiers, and what is known of identifiers
elsewhere."""
