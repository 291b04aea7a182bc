"""Full names whose order a patronymic, or the header, tells."""

from __future__ import annotations

import pyarrow as pa
import pytest

from cxm_sdk.identity.roles.column_values import ColumnValues
from cxm_sdk.identity.roles.headers import match_header, says_last_first
from cxm_sdk.identity.roles.name_votes import KnownNames, stands_last_first

NOBODY = KnownNames([], [])
LASTS = [f"Заболот{letter}ин" for letter in "абвгдежзиклмнопрстуфхцч"]


@pytest.mark.parametrize(
    ("first", "patronymic"),
    [
        ("Гурий", "Гавриилович"),
        ("Ираида", "Тимуровна"),
        ("Лука", "Ильич"),
        ("Iraida", "Timurovna"),
        ("Остап", "Юрійович"),
    ],
)
def test_of_three_words_a_patronymic_tells_where_the_first_name_stands(first: str, patronymic: str) -> None:
    assert stands_last_first([f"{last} {first} {patronymic}" for last in LASTS], NOBODY)
    assert not stands_last_first([f"{first} {patronymic} {last}" for last in LASTS], NOBODY, said=True)


def test_a_last_name_that_ends_like_a_patronymic_is_one_behind_another() -> None:
    names = [f"Roman{letter} Arkadyevich Abramovich" for letter in "abcdefghijklmnopqrstuvw"]
    assert not stands_last_first(names, NOBODY)


@pytest.mark.parametrize(
    "header",
    ["ФИО", "fio", "customer_fio", "Nom et Prénom", "Cognome e nome", "Nachname, Vorname", "họ và tên"],
)
def test_a_header_may_say_that_the_last_name_stands_in_front(header: str) -> None:
    assert match_header(header).role == "full_name"
    assert says_last_first(header)
    assert stands_last_first(["Xu Yz"], NOBODY, said=says_last_first(header))


@pytest.mark.parametrize("header", ["full_name", "Vor- und Nachname", "prenom nom", "nombre y apellidos"])
def test_other_headers_say_nothing_of_the_order(header: str) -> None:
    assert not says_last_first(header)


def test_names_that_are_known_overrule_the_header() -> None:
    known = KnownNames(
        [ColumnValues(pa.chunked_array([[f"Ada{letter}" for letter in "abcdefghijklmnopqrstuvw"] * 9]))], []
    )
    names = [f"Ada{letter} Hak" for letter in "abcdefghijklmnopqrstuvw"]
    assert not stands_last_first(names, known, said=True)


@pytest.mark.parametrize(
    ("header", "role"),
    [
        *(("NAMEFRST", "first_name"), ("NAMELAST", "last_name"), ("pat_first_nm", "first_name")),
        *(("nm_last", "last_name"), ("BPL", "birth_place"), ("birthyr", "birth_year")),
    ],
)
def test_headers_of_censuses_and_hospitals_are_known(header: str, role: str) -> None:
    assert match_header(header).role == role
