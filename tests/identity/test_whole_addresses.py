"""Addresses in one cell meet those whose parts stand in columns."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxm_sdk
from cxm_sdk.identity.normalize.addresses import split_address
from cxm_sdk.identity.spans import Spans


def parts(text: str) -> tuple[str | None, ...]:
    return tuple(part.array()[0].as_py() for part in split_address(Spans.of(pa.array([text]))))


@pytest.mark.parametrize(
    ("text", "line", "city", "postcode"),
    [
        ("12 Main St Apt 4, Springfield, IL 62704", "12 Main St Apt 4", "Springfield", "62704"),
        ("12 Main St, St. Louis, MO 63101-1234, USA", "12 Main St", "St. Louis", "63101-1234"),
        ("350 Fifth Ave, New York NY 10118", "350 Fifth Ave", "New York", "10118"),
        ("12 Main St\nSpringfield, IL 62704", "12 Main St", "Springfield", "62704"),
        ("100 Queen St, Ottawa, ON K1A 0B1", "100 Queen St", "Ottawa", "K1A 0B1"),
        ("5 King St, Newtown NSW 2042", "5 King St", "Newtown", "2042"),
        ("10 Downing St, London SW1A 2AA", "10 Downing St", "London", "SW1A 2AA"),
        ("Musterstr. 5, 12345 Berlin", "Musterstr. 5", "Berlin", "12345"),
        ("Hauptstraße 5\nD-12345 Berlin\nDeutschland", "Hauptstraße 5", "Berlin", "12345"),
        ("12, rue Victor Hugo, 69002 Lyon, France", "12, rue Victor Hugo", "Lyon", "69002"),
        ("Keizersgracht 1, 1012 AB Amsterdam", "Keizersgracht 1", "Amsterdam", "1012 AB"),
        ("ul. Długa 3, 00-950 Warszawa", "ul. Długa 3", "Warszawa", "00-950"),
        (
            "12 MG Road, Indiranagar, Bangalore - 560038, Karnataka",
            "12 MG Road, Indiranagar",
            "Bangalore",
            "560038",
        ),
        ("Ada King\n12 High St\nLeeds\nLS1 4AB", "Ada King\n12 High St\nLeeds\nLS1 4AB", "Leeds", "LS1 4AB"),
    ],
)
def test_the_city_and_the_postcode_are_split_off(text: str, line: str, city: str, postcode: str) -> None:
    assert parts(text) == (line, city, postcode)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Flat 3, 12 High Street",
            "Flat 3, 1200 High Street",
            "Suite 5, 1200 Broadway",
            "Unit 5, 12345 Sunset Blvd",
        ),
        *("123 Main Street, Apt 4", "Building 5, Apt 12345", "High Street 5, Block B", "Via Roma 5, Roma"),
        *("12 Main St, 62704", "a, b", ",", "Springfield, IL 62704"),
    ],
)
def test_lines_of_streets_are_left_as_they_are(text: str) -> None:
    assert parts(text) == (text, None, None)


@given(st.text(max_size=30).filter(lambda text: text and "," not in text and "\n" not in text))
def test_what_has_one_part_is_a_street(text: str) -> None:
    assert parts(text) == (text, None, None)


def test_addresses_in_one_cell_meet_those_in_columns() -> None:
    draw = random.Random(3)
    names = [
        head + tail for head in ("Al", "Ber", "Car", "Dan", "El") for tail in ("a", "do", "ia", "na", "ton")
    ]
    towns = [(f"{name}ville", f"{60000 + number}") for number, name in enumerate(names)]
    billing, shipping, truth = [], [], []
    for person in range(900):
        first, last, (city, postcode) = draw.choice(names), draw.choice(names) + "sen", draw.choice(towns)
        street = f"{draw.randint(1, 90)} {draw.choice(names)} Street"
        billing.append(
            {"id": f"b{person}", "name": f"{first} {last}", "address": f"{street}, {city}, IL {postcode}"}
        )
        if draw.random() < 0.3:  # who is written so wrongly meets by the address alone
            first, last = (name[1] + name[0] + name[2:] for name in (first, last))
        shipping.append({"id": f"s{person}", "first_name": first, "last_name": last})
        shipping[-1] |= {"street": street, "city": city, "zip": postcode}
        truth += [(f"b{person}", str(person)), (f"s{person}", str(person))]
    result = cxm_sdk.resolve(
        {"billing": pa.Table.from_pylist(billing), "shipping": pa.Table.from_pylist(shipping)}
    )
    ids, entities = zip(*truth, strict=True)
    scores = cxm_sdk.evaluate(
        result.assignments, pa.table({"record_id": list(ids), "entity_id": list(entities)})
    )
    assert scores.cluster_pairwise.f1 > 0.98
    assert {city for city, _ in towns} == set(result.profiles["city"].to_pylist())
