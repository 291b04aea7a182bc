"""Spellings of one value get one canonical form, and values that say nothing become null."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cxm_sdk.identity.normalize import canonical, identifiers, missing, names, places
from cxm_sdk.identity.spans import Spans

ROLES = [
    "first_name", "middle_name", "last_name", "full_name", "suffix", "birth_date", "birth_day", "birth_month",
    "birth_year", "sex", "email", "phone", "street", "house_number", "unit", "city", "postcode", "state",
    "country",
    "national_id", "company", "user_id", "email_sha256", "phone_sha256", "id:pos_customer_no",
]  # fmt: skip
#: Roles whose canonical form is a value of the role again: not those that are taken apart.
STABLE = [role for role in ROLES if role not in ("street", "full_name")]
UUID = "123E4567-E89B-12D3-A456-426614174000"


def form(role: str, value: str | None, date_order: str | None = None) -> str | None:
    return canonical(role, pa.array([value], pa.string()), date_order=date_order).to_pylist()[0]


def parts(name: str) -> tuple[str | None, ...]:
    split = names.split_full_name(Spans.of(pa.array([name])))
    return tuple(
        part.array().to_pylist()[0] for part in (split.first, split.middle, split.last, split.suffix)
    )


def line(address: str) -> tuple[str | None, ...]:
    split = places.split_street(Spans.of(pa.array([address])))
    return tuple(part.array().to_pylist()[0] for part in (split.street, split.house_number, split.unit))


SAME: dict[str, list[tuple[str, list[str]]]] = {
    "first_name": [
        ("jose", ["José", "JOSE", " jose ", "Jose\u0301", "Sr. José"]),
        ("mary ann", ["Mary-Ann", "MARY ANN", "mary  ann", "Mary\tAnn", "Mrs. Mary Ann"]),
        ("anna", ["Anna", "Dr. Anna", "Prof. Dr. Anna", "𝓐𝓷𝓷𝓪", "Anna 🌸"]),
        ("soren", ["Søren", "SØREN", "Soren"]),
        ("王小明", ["王小明", " 王小明"]),
        ("алексеи", ["Алексей", "АЛЕКСЕЙ"]),
    ],
    "last_name": [
        ("obrien", ["O'Brien", "O’Brien", "OBRIEN", "o`brien", "Obrien"]),
        ("smith jones", ["Smith-Jones", "SMITH JONES", "Smith – Jones", "smith  jones"]),
        ("smith", ["Smith", "Smith Jr.", "SMITH III", "Smith, MD", "Dr. Smith", "Smith 2nd"]),
        ("strasser", ["Straßer", "STRASSER"]),
        ("van der berg", ["van der Berg", "Van Der Berg"]),
        ("herr", ["Herr"]),
        ("kowalska", ["Kowalska", "KOWALSKA"]),
        ("lopez", ["López", "Lopez", "LÓPEZ"]),
    ],
    "suffix": [("jr", ["Jr", "jr.", "JNR", "Junior"]), ("iii", ["III", "3rd", "iii"]), ("sr", ["Sr.",
               "senior"])],
    "sex": [
        ("m", ["M", "male", "Male ", "1", "1.0", "homme", "männlich", "Herr", "masculino", "男"]),
        ("f", ["F", "female", "2", "W", "weiblich", "Femme", "mujer", "Frau", "femmina"]),
    ],
    "email": [
        ("ada@example.com", ["ADA@Example.com", " ada@example.com ", "mailto:ada@example.com",
                             "<ada@example.com>"]),
        ("ada@example.com", ["Ada Lovelace <ada@example.com>", "ada+news@example.com", "ada@example.com."]),
        ("ada@example.com", ["ada@example.com; ada@work.example", "ada@example.com,bob@example.com",
                             "ada@@example.com"]),
        ("adalovelace@gmail.com", ["Ada.Lovelace@gmail.com", "a.d.a.lovelace+x@googlemail.com"]),
        ("a.b@example.com", ["a.b@example.com", "A.B+c+d@EXAMPLE.com"]),
        ("+1@example.com", ["+1@example.com"]),
        ("ada.example.com", ["ada.example.com"]),
    ],
    "phone": [
        ("7700900123", ["+44 7700 900123", "07700 900123", "0044 7700 900123", "+44 (0)7700 900123",
                        "447700900123"]),
        ("7700900123", ["7700 900 123", "07700-900-123", "Tel. 07700 900123", "(07700) 900123",
                        "7700900123.0"]),
        ("3125551234", ["(312) 555-1234", "+1 312 555 1234", "1-312-555-1234", "312.555.1234 x99",
                        "3125551234"]),
        ("3125551234", ["312-555-1234 ext. 7", "001 312 555 1234", "312-555-1234 / 312-555-9999",
                        "13125551234.0"]),
        ("612345678", ["+33 6 12 34 56 78", "06 12 34 56 78", "0033612345678", "33612345678"]),
        ("5123456789", ["+49 151 23456789", "0151/23456789", "0049 (0)151 23456789"]),
        ("9161234567", ["+7 916 123-45-67", "8 (916) 123-45-67", "9161234567"]),
        ("5351480", ["535-1480", "5351480", "535 1480", "5351480.0"]),
        ("12345679", ["+45 12 34 56 79", "12 34 56 79", "004512345679"]),
        ("7700900123", ["٠٧٧٠٠٩٠٠١٢٣", "07700 900123 (مكتب)"]),
        ("400900123", ["+61 400 900 123", "0400 900 123", "61400900123", "0011 61 400 900 123"]),
    ],
    "house_number": [
        ("12", ["12", "0012", "No. 12", "12.0", "#12", " 12 "]),
        ("12a", ["12a", "12 A", "12A"]),
        ("12-14", ["12-14", "12/14", "12 - 14"]),
    ],
    "unit": [("4b", ["Apt 4B", "#4b", "Unit 4B", "4b"]), ("floor 3", ["Floor 3", "FL 3", "level 3"])],
    "city": [
        ("st louis", ["St. Louis", "Saint Louis", "ST LOUIS", "St Louis, MO"]),
        ("zurich", ["Zürich", "ZURICH"]),
        ("n ryde", ["North Ryde", "N. Ryde"]),
        ("東京", ["東京"]),
    ],
    "postcode": [
        ("SW1A1AA", ["SW1A 1AA", "sw1a1aa", "SW1A-1AA"]),
        ("2139", ["02139", "2139", "02139-1234", "021391234", "2139.0"]),
        ("10115", ["10115", "D-10115", "DE 10115"]),
        ("K1A0B1", ["K1A 0B1", "k1a0b1"]),
        ("1234AB", ["1234 AB", "1234ab"]),
        ("12345678", ["12345-678"]),
    ],
    "state": [
        ("ca", ["California", "CA", "Calif.", "ca"]),
        ("nsw", ["New South Wales", "NSW", "N.S.W."]),
        ("on", ["Ontario", "ON"]),
        ("bayern", ["Bayern", "BAYERN"]),
    ],
    "country": [
        ("us", ["United States", "USA", "U.S.A.", "us", "United States of America"]),
        ("de", ["Deutschland", "GERMANY", "DEU", "de"]),
        ("gb", ["UK", "Great Britain", "England", "GBR"]),
        ("ci", ["Côte d'Ivoire", "CIV", "Ivory Coast"]),
        ("narnia", ["Narnia"]),
    ],
    "national_id": [("295074263", ["295-07-4263", "295 07 4263", "295074263.0"]), ("ab123456c",
                    ["AB 12 34 56 C"])],
    "company": [
        ("acme", ["Acme, Inc.", "ACME INC", "Acme L.L.C.", "Acme Ltd.", "The Acme Company", "Acme GmbH"]),
        ("smith sons", ["Smith & Sons Ltd", "Smith and Sons", "SMITH & SONS"]),
        ("muller", ["Müller GmbH & Co. KG", "Muller"]),
        ("the and", ["The And"]),
    ],
    "user_id": [
        ("U-12", ["U-12", " U-12 "]),
        (UUID.lower(), [UUID, UUID.lower()]),
        ("ada@example.com", ["Ada@Example.com"]),
        ("12345", ["12345", "12345.0"]),
        ("abcDEF", ["abcDEF"]),
        ("é-1", ["é-1"]),
    ],
    "email_sha256": [("a" * 64, ["A" * 64, "a" * 64])],
}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "expected", "value"),
    [
        (role, expected, value)
        for role, rows in SAME.items()
        for expected, spellings in rows
        for value in spellings
    ],
)
def test_spellings_of_one_value_are_one(role: str, expected: str, value: str) -> None:
    assert form(role, value) == expected


NOTHING = {
    "first_name": ["", " ", "N/A", "null", "None", "nan", "-", "?", "test", "Guest", "unknown", "xxx",
                   "XXXX", "aaaaa",
                   "123", "Mr.", "Baby Girl", "BABYBOY", "Baby Girl-B", "Newborn", "Twin 1", "Infant Male",
                   "No Name", "Valued Customer", "x" * 600],
    "last_name": ["", "n/a", "LNU", "Unknown", "cardholder", "zzzz", "42", "Test", "no last name"],
    "birth_date": ["", "1900-01-01", "01/01/1970", "1899-12-30", "0001-01-01", "9999-12-31", "1111-11-11",
                   "2020-02-30", "13/45/2020", "2199-01-01", "1450-05-05", "1753-01-01", "n/a", "unknown", "1985",
                   "00/00/0000", "abc"],
    "sex": ["", "x", "unknown", "0", "9", "other"],
    "email": ["", "none", "n/a", "test@shop.com", "noreply@shop.com", "none@none.com", "a@b",
              "@example.com", "na@na.com",
              "noemail@example.com", "www.example.com", "nobody"],
    "phone": ["", "12345", "0000000", "1111111111", "5555555555", "1234567", "123456789", "9876543210", "n/a",
              "+1 555 555 5555", "4.47701E+11", "1-800-FLOWERS", "12345678901234567890123", "0123456789"],
    "house_number": ["", "n/a", "0", "-"],
    "city": ["", "unknown", "N/A", "-"],
    "postcode": ["", "00000", "0000", "99999", "000000000", "n/a", "-"],
    "state": ["", "null", "--"],
    "national_id": ["", "000-00-0000", "123-45-6789", "111111111", "12", "xxxx", "999999999"],
    "company": ["", "n/a", "None", "unknown"],
    "user_id": ["", "0", "-1", "null", "anonymous", "undefined", "0000-0000",
                "00000000-0000-0000-0000-000000000000",
                "(not set)", "---", "guest", "NaN", "x" * 600],
    "email_sha256": ["", "zz", "not a hash", "a" * 20],
}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "value"), [(role, value) for role, values in NOTHING.items() for value in values]
)
def test_values_that_say_nothing_are_null(role: str, value: str) -> None:
    assert form(role, value) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("John Smith", ("john", None, "smith", None)),
        ("SMITH, John Q.", ("john", "q", "smith", None)),
        ("Dr. Ludwig van der Berg Jr.", ("ludwig", None, "van der berg", "jr")),
        ("Smith, John, Jr", ("john", None, "smith", "jr")),
        ("John Smith, Jr.", ("john", None, "smith", "jr")),
        ("John Smith, PhD", ("john", None, "smith", None)),
        ("Smith Jr, John", ("john", None, "smith", "jr")),
        ("de la Cruz, Maria Elena", ("maria", "elena", "de la cruz", None)),
        ("Maria Elena de la Cruz", ("maria", "elena", "de la cruz", None)),
        ("John D Smith", ("john", "d", "smith", None)),
        ("Jack Ma", ("jack", None, "ma", None)),
        ("Madonna", ("madonna", None, None, None)),
        ("Mrs. Jane O'Hara-Smith", ("jane", None, "ohara smith", None)),
        ("Mr Test", (None, None, None, None)),
        ("John Doe", (None, None, None, None)),
        ("SMITH, BABY BOY", (None, None, "smith", None)),
        ("Baby Girl B Smith", (None, None, "smith", None)),
        ("Smith,", ("smith", None, None, None)),
        (", John", ("john", None, None, None)),
        (" ", (None, None, None, None)),
        ("n/a", (None, None, None, None)),
        ("Иван Петров", ("иван", None, "петров", None)),
    ],
)
def test_full_names_are_split(name: str, expected: tuple[str | None, ...]) -> None:
    assert parts(name) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("25 W 47TH ST ", ("w 47th st", "25", None)),
        ("5900 North Nina Avenue", ("n nina ave", "5900", None)),
        ("12A High Street", ("high st", "12a", None)),
        ("12-14 High Street", ("high st", "12-14", None)),
        ("3/12 High St", ("high st", "12", "3")),
        ("Flat 3, 12 High Street", ("high st", "12", "3")),
        ("12 High St Apt 4B", ("high st", "12", "4b")),
        ("12 High Street #4B", ("high st", "12", "4b")),
        ("12 High St, Floor 2, Suite 210", ("high st", "12", "floor 2 210")),
        ("Hauptstraße 12 a", ("hauptstr", "12a", None)),
        ("Hauptstr. 12a", ("hauptstr", "12a", None)),
        ("Berliner Straße 5", ("berliner st", "5", None)),
        ("12 bis rue de la Paix", ("r de la paix", "12bis", None)),
        ("Calle Mayor, 5", ("c mayor", "5", None)),
        ("Via Roma 10/A", ("v roma", "10-a", None)),
        ("PO Box 123", ("box 123", None, None)),
        ("P.O. Box 123", ("box 123", None, None)),
        ("Post Office Box 123", ("box 123", None, None)),
        ("47th street", ("47th st", None, None)),
        ("State Route 9", ("state rte 9", None, None)),
        ("12 Court Floor Road", ("ct floor rd", "12", None)),
        ("1850 Green Bay Road\nHighland Park", ("green bay rd", "1850", None)),
        ("Herr Jörg Müller\nHauptstraße 5\n10115 Berlin", ("hauptstr", "5", None)),
        ("Flat 3\r\n12 High Street\r\nYork YO1 7HH", ("high st", "12", "3")),
        ("12 High Street\nApt 4\nLeeds", ("high st", "12", "4")),
        ("Apt 4\n12 High Street", ("high st", "12", "4")),
        ("Rosehill House\n12 High Street\n\nLeeds LS7 3QT\n", ("high st", "12", None)),
        ("12 High Street\n", ("high st", "12", None)),
        ("Saint John Street", ("st john st", None, None)),
        ("800-425", (None, "800-425", None)),
        ("n/a", (None, None, None)),
        ("東京都渋谷区 1-2-3", ("東京都渋谷区", "1-2-3", None)),
    ],
)
def test_address_lines_are_split(address: str, expected: tuple[str | None, ...]) -> None:
    assert line(address) == expected


@pytest.mark.parametrize(
    "value",
    [
        "1985-06-01", "1985/06/01", "19850601", "1985-06-01T00:00:00Z", "1985-06-01 00:00:00", "1 June 1985",
        "June 1, 1985", "01-Jun-1985", "1. Juni 1985", "1 juin 1985", "1985 Jun 1", "19850601.0",
        "01-06-1985",
        "1985-6-1", "1985.06.01", "1 de junio de 1985", "Saturday, 1 June 1985", "31199",
        "1985-06-01T12:30:00+02:00",
    ],
)  # fmt: skip
def test_dates_in_any_spelling(value: str) -> None:
    assert form("birth_date", value, "dmy") == "19850601"


@pytest.mark.parametrize(
    ("value", "order", "expected"),
    [
        ("02/03/1985", "dmy", "19850302"),
        ("02/03/1985", "mdy", "19850203"),
        ("2/3/85", "mdy", "19850203"),
        ("06011985", "mdy", "19850601"),
        ("06011985", "dmy", "19850106"),
        ("6011985", "mdy", "19850601"),
        ("060185", "mdy", "19850601"),
        ("850601", "ymd", "19850601"),
        ("85-06-01", "ymd", "19850601"),
        ("13/02/1985", "mdy", "19850213"),
        ("02/13/1985", "dmy", "19850213"),
        ("1985-13-02", None, "19850213"),
        ("29/02/2000", "dmy", "20000229"),
        ("29/02/1999", "dmy", None),
    ],
)
def test_the_date_order_decides_and_impossible_dates_are_swapped(
    value: str, order: str | None, expected: str | None
) -> None:
    assert form("birth_date", value, order) == expected


def test_the_date_order_is_found_in_the_values() -> None:
    american = canonical("birth_date", pa.array(["02/03/1985", "12/25/1990"])).to_pylist()
    european = canonical("birth_date", pa.array(["02/03/1985", "25/12/1990"])).to_pylist()
    assert american == ["19850203", "19901225"]
    assert european == ["19850302", "19901225"]


def test_days_months_and_years_are_numbers() -> None:
    assert canonical("birth_month", pa.array(["06", "6.0", "June", "juin", "13th", ""])).to_pylist() == [
        "6", "6", "6", "6", None, None
    ]  # fmt: skip
    assert canonical("birth_year", pa.array(["1985", "1985.0"])).to_pylist() == ["1985", "1985"]


def test_a_last_name_gives_its_suffix() -> None:
    last, suffix = names.split_last_name(Spans.of(pa.array(["Smith Jr.", "Jones III MD", "Jr", "Brown"])))
    assert last.array().to_pylist() == ["smith", "jones", "jr", "brown"]
    assert suffix.array().to_pylist() == ["jr", "iii", None, None]


# ---------------------------------------------------------------------------------------------- laws

HUMAN = st.text(st.sampled_from("abcdefgizäéßØ'’ .,-/#@+:;()0123456789TSJRx王ي\t\n"), max_size=20)
TEXTS = st.lists(st.one_of(st.none(), st.text(max_size=20), HUMAN), max_size=6)


@pytest.mark.parametrize("role", ROLES)
@example(values=[",", "N:A"])
@given(values=TEXTS)
def test_any_text_is_accepted_and_rows_stay_in_place(role: str, values: list[str | None]) -> None:
    together = canonical(role, pa.array(values, pa.string()), date_order="dmy").to_pylist()
    alone = [form(role, value, "dmy") for value in values]
    assert together == alone
    assert "" not in together


@pytest.mark.parametrize("role", STABLE)
@example(values=["000@0\u00b9:", "<a@b.co>:", "\uff4dailto:ada@example.com", "mailto:MAILTO:ada@example.com"])
@example(values=["mail.to:ada@gmail.com", '"mailto":ada@example.com', "abcdef:ada@example.com"])
@given(values=TEXTS)
def test_a_canonical_form_is_its_own_canonical_form(role: str, values: list[str | None]) -> None:
    once = canonical(role, pa.array(values, pa.string()), date_order="dmy")
    assert canonical(role, once, date_order="dmy").to_pylist() == once.to_pylist()


@pytest.mark.parametrize("role", [role for role in ROLES if not role.startswith(("user", "id:"))])
@given(value=HUMAN)
def test_case_and_outer_space_do_not_matter(role: str, value: str) -> None:
    expected = form(role, value.lower(), "dmy")
    assert form(role, f" \t{value.lower()} ", "dmy") == expected
    # letters whose two cases do not map to each other are left out
    if value.lower().upper().lower() == value.lower() and "ß" not in value.lower():
        assert form(role, value.lower().upper(), "dmy") == expected


@pytest.mark.parametrize("role", ROLES)
def test_an_empty_column_stays_empty(role: str) -> None:
    assert len(canonical(role, pa.array([], pa.string()))) == 0


@pytest.mark.parametrize("role", ROLES)
def test_slices_and_nulls_are_read_right(role: str) -> None:
    column = pa.array(["junk", "12 June 1985", None, "ada@example.com", "é"]).slice(1, 4)
    copied = pa.array(column.to_pylist(), pa.string())
    assert canonical(role, column, date_order="dmy").equals(canonical(role, copied, date_order="dmy"))


@given(
    st.sampled_from(["phone", "email", "first_name", "postcode", "city", "crm_id", "national_id"]),
    st.lists(st.text(st.sampled_from(" \t.,-+()@0123456789abZ"), max_size=14), min_size=1, max_size=6),
)
@example("phone", [" 1234567.0", " 2345678.0 "])
def test_what_a_value_becomes_does_not_depend_on_other_rows(role: str, values: list[str]) -> None:
    alone = canonical(role, pa.array(values, pa.string())).to_pylist()
    beside = canonical(role, pa.array([*values, "é", "王"], pa.string())).to_pylist()
    assert beside[: len(values)] == alone


def test_words_that_stand_for_no_value_show_by_their_digits_that_they_may_be_such() -> None:
    for word in missing.FOLDED.words:
        assert not any(letter.isdigit() for letter in word)
    for word in identifiers.NOT_IDS.words:
        assert not (any(c.isalpha() for c in word) and any(c.isdigit() and c != "0" for c in word))
        assert form("crm_id", word) is None
