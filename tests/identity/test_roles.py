"""Roles are told from headers in the wild, in many languages, and checked against what the columns hold."""

from __future__ import annotations

import random
import string
import uuid
from pathlib import Path

import pyarrow as pa
import pytest

from cxm_sdk.engines.tables import read_sources
from cxm_sdk.errors import ColumnError
from cxm_sdk.identity.normalize import canonical
from cxm_sdk.identity.roles.all_sources import SourceRoles, infer_all_roles, infer_roles
from cxm_sdk.identity.roles.headers import folded_name, match_header
from cxm_sdk.identity.sources import SourceTable

DATA = Path(__file__).parents[3] / "shared" / "data"
ROWS = 60
FIRST = (
    "Ada Alan Grace Maria José Anna Peter John Mary Robert Fatima Omar Ivan Olga Hans Petra Luc Marie Paul "
    "Julia"
)
LAST = (
    "Lovelace Turing Hopper García Müller Schmidt Smith Jones Brown Rossi Dubois Silva Novak Nowak Ivanov "
    "Kim Lee"
)
STREETS = (
    "High Street",
    "Station Road",
    "Hauptstraße",
    "Rue de la Paix",
    "Via Roma",
    "Calle Mayor",
    "Oak Avenue",
)
CITIES = ("London", "Paris", "Berlin", "Madrid", "Rome", "Lisbon", "Vienna", "Prague", "Dublin", "Zürich")


def make(kind: str, rows: int = ROWS, seed: int = 1) -> list[str | None]:
    """Values of one kind; deterministic."""
    rng = random.Random(f"{kind}-{seed}")
    first, last = FIRST.split(), LAST.split()
    makers = {
        "first": lambda i: rng.choice(first),
        "last": lambda i: rng.choice(last),
        "full": lambda i: f"{rng.choice(first)} {rng.choice(last)}",
        "initial": lambda i: rng.choice(string.ascii_uppercase),
        "company": lambda i: (
            f"{rng.choice(last)} {rng.choice(['GmbH', 'Ltd', 'Inc', 'Clinic', 'School', 'S.A.'])}"
        ),
        "email": lambda i: f"{rng.choice(first)}.{rng.choice(last)}{i}@example.com".lower(),
        "phone": lambda i: f"+49 30 {rng.randrange(10**6, 10**7)}",
        "nanp": lambda i: str(rng.randrange(2 * 10**9, 9 * 10**9)),
        "local_phone": lambda i: f"{rng.randrange(2, 10)}{rng.randrange(10**5, 10**6)}",
        "iso": lambda i: f"{rng.randrange(1940, 2003)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
        "dmy": lambda i: f"{rng.randrange(1, 29):02}/{rng.randrange(1, 13):02}/{rng.randrange(1940, 2003)}",
        "mdy": lambda i: f"{rng.randrange(1, 13):02}/{rng.randrange(1, 29):02}/{rng.randrange(1940, 2003)}",
        "tied": lambda i: f"{rng.randrange(1, 13):02}/{rng.randrange(1, 13):02}/{rng.randrange(1940, 2003)}",
        "dotted_tied": lambda i: (
            f"{rng.randrange(1, 13):02}.{rng.randrange(1, 13):02}.{rng.randrange(1940, 2003)}"
        ),
        "ymd8": lambda i: f"{rng.randrange(1940, 2003)}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}",
        "mdy8": lambda i: f"{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}{rng.randrange(1940, 2003)}",
        "dmy_short": lambda i: f"{rng.randrange(1, 29)}.{rng.randrange(1, 13)}.{rng.randrange(40, 99)}",
        "worded": lambda i: (
            f"{rng.randrange(1, 29)} {rng.choice(['Jan', 'March', 'Okt'])} {rng.randrange(1940, 2003)}"
        ),
        "recent": lambda i: (
            f"2023-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02} 10:{rng.randrange(10, 60)}:00"
        ),
        "day": lambda i: str(rng.randrange(1, 32)),
        "month": lambda i: str(rng.randrange(1, 13)),
        "year": lambda i: str(rng.randrange(1940, 2003)),
        "age": lambda i: str(rng.randrange(18, 90)),
        "sex": lambda i: rng.choice(["M", "F", "F", "M", "X"]),
        "geschlecht": lambda i: rng.choice(["männlich", "weiblich", "divers"]),
        "street": lambda i: f"{rng.randrange(1, 300)} {rng.choice(STREETS)}",
        "street_name": lambda i: rng.choice(STREETS),
        "house": lambda i: f"{rng.randrange(1, 200)}{rng.choice(['', '', 'a'])}",
        "flat": lambda i: rng.choice(["apt 3", "unit 12", "2nd floor", "PO Box 7"]),
        "city": lambda i: rng.choice(CITIES),
        "zip": lambda i: f"{rng.randrange(0, 100000):05}",
        "uk_postcode": lambda i: (
            f"SW{rng.randrange(1, 20)} {rng.randrange(1, 10)}{rng.choice('ABD')}{rng.choice('XYZ')}"
        ),
        "us_state": lambda i: rng.choice(["CA", "NY", "TX", "WA", "FL"]),
        "au_state": lambda i: rng.choice(["nsw", "vic", "qld", "sa"]),
        "long_ago": lambda i: f"{rng.randrange(1600, 1850)}-{i % 12 + 1:02}-{i % 28 + 1:02}",
        "status": lambda i: rng.choice(["active", "inactive", "pending"]),
        "country": lambda i: rng.choice(["DE", "FR", "GB", "US"]),
        "ssn": lambda i: f"{rng.randrange(100, 900)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}",
        "number": lambda i: str(rng.randrange(10**6, 10**7)),
        "key": lambda i: f"K{rng.randrange(10**7, 10**8)}",
        "counter": lambda i: str(i + 1),
        "code": lambda i: rng.choice(["S01", "S02", "S03"]),
        "uuid": lambda i: str(uuid.UUID(int=rng.getrandbits(128))),
        "sha256": lambda i: f"{rng.getrandbits(256):064x}",
        "amount": lambda i: f"{rng.random() * 1000:.2f}",
        "text": lambda i: " ".join(
            rng.choice(["called", "about", "the", "order", "again"]) for _ in range(9)
        ),
        "url": lambda i: f"https://example.com/{i}",
        "ip": lambda i: f"10.0.{rng.randrange(256)}.{rng.randrange(256)}",
        "suffix": lambda i: rng.choice(["Jr", "III", "Sr."]),
        "yes_no": lambda i: rng.choice(["true", "false"]),
        "empty": lambda i: rng.choice([None, "", "N/A"]),
        "constant": lambda i: "same",
    }
    return [makers[kind](i) for i in range(rows)]


def source(columns: dict[str, str | list[str | None]], name: str = "crm") -> SourceTable:
    arrays = {
        header: pa.array(make(kind, seed=place) if isinstance(kind, str) else kind, pa.string())
        for place, (header, kind) in enumerate(columns.items())
    }
    return SourceTable(name, pa.table(arrays), None)


def role_of(roles: SourceRoles, column: str) -> str:
    return next((found.role for found in roles.columns if found.column == column), "")


def infer(columns: dict[str, str | list[str | None]], **options: object) -> SourceRoles:
    return infer_roles(source(columns), **options)  # type: ignore[arg-type]


HEADERS = [
    # header, kind of values, role
    ("given_name", "first", "first_name"),
    ("fname", "first", "first_name"),
    ("FirstName", "first", "first_name"),
    ("first-name", "first", "first_name"),
    ("FIRSTNAME", "first", "first_name"),
    ("Vorname", "first", "first_name"),
    ("prénom", "first", "first_name"),
    ("nombre de pila", "first", "first_name"),
    ("voornaam", "first", "first_name"),
    ("имя", "first", "first_name"),
    ("customer.first_name", "first", "first_name"),
    ("billingFirstName", "first", "first_name"),
    ("properties.firstname", "first", "first_name"),
    ("FirstName__c", "first", "first_name"),
    ("fname_c1", "first", "first_name"),
    ("name_first", "first", "first_name"),
    ("middle_initial", "initial", "middle_name"),
    ("MI", "initial", "middle_name"),
    ("midl_name", "first", "middle_name"),
    ("surname", "last", "last_name"),
    ("Nachname", "last", "last_name"),
    ("apellido_paterno", "last", "last_name"),
    ("cognome", "last", "last_name"),
    ("nom de famille", "last", "last_name"),
    ("sobrenome", "last", "last_name"),
    ("efternamn", "last", "last_name"),
    ("фамилия", "last", "last_name"),
    ("姓", "last", "last_name"),
    ("maiden_name", "last", "last_name"),
    ("full_name", "full", "full_name"),
    ("nombre completo", "full", "full_name"),
    ("姓名", "full", "full_name"),
    ("display name", "full", "full_name"),
    ("first_and_surname", "full", "full_name"),
    ("first_name_x", "first", "first_name"),
    ("surname_l", "last", "last_name"),
    ("email_right", "email", "email"),
    ("phone_home_old", "phone", "phone"),
    ("postcode_fake", "uk_postcode", "postcode"),
    ("suffix", "suffix", "suffix"),
    ("dob", "iso", "birth_date"),
    ("DateOfBirth", "dmy", "birth_date"),
    ("date_of_birth", "mdy8", "birth_date"),
    ("geburtsdatum", "dmy_short", "birth_date"),
    ("Geb.-Datum", "dotted_tied", "birth_date"),
    ("fecha de nacimiento", "dmy", "birth_date"),
    ("date de naissance", "dmy", "birth_date"),
    ("data di nascita", "worded", "birth_date"),
    ("生年月日", "iso", "birth_date"),
    ("дата рождения", "dotted_tied", "birth_date"),
    ("dob", "long_ago", "birth_date"),
    ("dob", "year", "birth_year"),
    ("birth_year", "year", "birth_year"),
    ("yob", "year", "birth_year"),
    ("dob_month", "month", "birth_month"),
    ("day of birth", "day", "birth_day"),
    ("birth place", "city", "birth_place"),
    ("Geburtsort", "city", "birth_place"),
    ("lieu de naissance", "city", "birth_place"),
    ("sex", "sex", "sex"),
    ("gender_code", "sex", "sex"),
    ("Geschlecht", "geschlecht", "sex"),
    ("email", "email", "email"),
    ("EMAIL1", "email", "email"),
    ("E-Mail-Adresse", "email", "email"),
    ("Adress", "street", "street"),
    ("correo electrónico", "email", "email"),
    ("courriel", "email", "email"),
    ("contact_email", "email", "email"),
    ("customeremail", "email", "email"),
    ("email", "sha256", "email_sha256"),
    ("hashed_email", "sha256", "email_sha256"),
    ("phone_sha256", "sha256", "phone_sha256"),
    ("phone", "phone", "phone"),
    ("msisdn", "phone", "phone"),
    ("mobile", "phone", "phone"),
    ("Tel. Nr.", "phone", "phone"),
    ("homephone", "phone", "phone"),
    ("phone_home", "phone", "phone"),
    ("MobilePhone", "phone", "phone"),
    ("telefono móvil", "phone", "phone"),
    ("Phone", "local_phone", "phone"),
    ("電話番号", "phone", "phone"),
    ("street", "street_name", "street"),
    ("address_1", "street", "street"),
    ("addr_line1", "street", "street"),
    ("AddressLine1", "street", "street"),
    ("mailing_address_street_name", "street_name", "street"),
    ("Straße", "street_name", "street"),
    ("dirección", "street", "street"),
    ("ShippingStreet", "street", "street"),
    ("street_number", "house", "house_number"),
    ("Hausnr.", "house", "house_number"),
    ("huisnummer", "house", "house_number"),
    ("street_number", "street", "street"),
    ("address_2", "flat", "unit"),
    ("unit_number", "flat", "unit"),
    ("po_box", "flat", "unit"),
    ("city", "city", "city"),
    ("suburb", "city", "city"),
    ("Ort", "city", "city"),
    ("ville", "city", "city"),
    ("mailing_address_city", "city", "city"),
    ("addresses.0.city", "city", "city"),
    ("zip", "zip", "postcode"),
    ("ZIP Code", "zip", "postcode"),
    ("plz", "zip", "postcode"),
    ("CAP", "zip", "postcode"),
    ("code postal", "zip", "postcode"),
    ("Postcode", "uk_postcode", "postcode"),
    ("郵便番号", "zip", "postcode"),
    ("ΤΚ", "zip", "postcode"),
    ("state", "us_state", "state"),
    ("state", "au_state", "state"),
    ("Bundesland", "city", "state"),
    ("country", "country", "country"),
    ("country_code", "country", "country"),
    ("Land", "country", "country"),
    ("ssn", "ssn", "national_id"),
    ("soc_sec_id", "number", "national_id"),
    ("nhs_number", "number", "national_id"),
    ("codice fiscale", "key", "national_id"),
    ("DNI", "key", "national_id"),
    ("tax id", "key", "national_id"),
    ("passport", "key", "national_id"),
    ("company_name", "company", "company"),
    ("Site name", "company", "company"),
    ("raison sociale", "company", "company"),
    ("Account.Name", "company", "company"),
    ("customer_name", "company", "company"),
    ("crm_id", "key", "crm_id"),
    ("cust_no", "number", "crm_id"),
    ("Kundennummer", "number", "crm_id"),
    ("user_id", "key", "user_id"),
    ("login", "key", "user_id"),
    ("loyalty_card_number", "number", "loyalty_id"),
    ("device_id", "uuid", "device_id"),
    ("idfa", "uuid", "device_id"),
    ("cookie_id", "uuid", "anonymous_id"),
    ("anonymousId", "uuid", "anonymous_id"),
    ("household_id", "key", "household_id"),
    ("iban", "key", "account_id"),
    ("pos_customer_no", "key", "id:pos_customer_no"),
    ("PosCustomerNo", "key", "id:pos_customer_no"),
    ("newsletter_subscriber_key", "key", "id:newsletter_subscriber_key"),
]


@pytest.mark.parametrize(("header", "kind", "role"), HEADERS)
def test_header_and_values_give_the_role(header: str, kind: str, role: str) -> None:
    roles = infer({"id": "counter", "zzz": "amount", header: kind})
    assert role_of(roles, header) == role
    assert roles.record_id == "id"


FALSE_FRIENDS = [
    ("survey_date", "iso"),
    ("created_at", "recent"),
    ("updated", "iso"),
    ("registration date", "iso"),
    ("age", "age"),
    ("relationship_to_reference_person", "text"),
    ("year", "year"),
    ("tax_year", "year"),
    ("wages", "amount"),
    ("state", "status"),
    ("title", "first"),
    ("file name", "first"),
    ("fax", "phone"),
    ("website", "url"),
    ("source", "code"),
    ("ip", "ip"),
    ("notes", "text"),
    ("status_id", "code"),
    ("store_id", "code"),
    ("plan_id", "code"),
    ("campaign_id", "number"),
    ("country_id", "code"),
    ("order_id", "key"),
    ("price_code", "amount"),
    ("loyalty_tier", "code"),
    ("loyalty_no", "code"),
    ("email_opt_in", "yes_no"),
    ("email_verified", "yes_no"),
    ("phone", "yes_no"),
    ("email", "first"),
    ("phone", "text"),
    ("dob", "age"),
    ("first_name", "number"),
    ("zip", "text"),
    ("city", "number"),
    ("geo_city", "city"),
    ("ip_country", "country"),
    ("birth country", "country"),
    ("county", "city"),
    ("col3", "text"),
    ("col4", "amount"),
    ("field_7", "recent"),
    ("value", "status"),
    ("website_visits", "age"),
    ("email", "empty"),
    ("customer_id", "constant"),
    ("phone", "constant"),
]


@pytest.mark.parametrize(("header", "kind"), FALSE_FRIENDS)
def test_false_friends_play_no_role_and_say_why(header: str, kind: str) -> None:
    roles = infer({"id": "counter", "mail": "email", header: kind})
    assert role_of(roles, header) == ""
    assert dict(roles.unused)[header]


@pytest.mark.parametrize(
    "header", ["cluster", "cluster_id", "entity_id", "label", "truth", "true_id", "match_id", "group_id"]
)
def test_a_column_with_the_answer_is_never_read_unless_mapped(header: str) -> None:
    roles = infer({"id": "counter", "mail": "email", header: "key"})
    assert role_of(roles, header) == ""
    assert "--map" in dict(roles.unused)[header]
    mapped = infer({"id": "counter", "mail": "email", header: "key"}, mapping={"crm_id": header})
    assert role_of(mapped, header) == "crm_id"


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("email", "email"),
        ("phone", "phone"),
        ("iso", "birth_date"),
        ("dmy", "birth_date"),
        ("uk_postcode", "postcode"),
        ("sex", "sex"),
        ("first", "first_name"),
        ("full", "full_name"),
    ],
)
@pytest.mark.parametrize("header", ["col3", "field_7", "column_3", "Unnamed: 3", "value", "x"])
def test_a_header_that_says_nothing_leaves_it_to_telling_values(header: str, kind: str, role: str) -> None:
    roles = infer({"id": "counter", "mail": "email", header: kind})
    assert role_of(roles, header) == role
    assert next(found.reason for found in roles.columns if found.column == header) == "content"


def test_without_headers_neighbours_tell_what_a_column_holds() -> None:
    kinds = ["first", "last", "email", "nanp", "iso", "street", "city", "zip", "amount"]
    roles = infer({f"column_{place}": kind for place, kind in enumerate(kinds)})
    assert [role_of(roles, f"column_{place}") for place in range(len(kinds))] == [
        *("first_name", "last_name", "email", "phone", "birth_date", "street", "city", "postcode", ""),
    ]


def test_one_header_that_says_something_leaves_neighbours_out() -> None:
    roles = infer({"column_0": "first", "column_1": "last", "column_2": "email", "city": "city"})
    assert [role_of(roles, column) for column in ("column_0", "column_1", "city")] == [
        "first_name",
        "",
        "city",
    ]


def test_a_contact_column_is_what_it_holds() -> None:
    assert role_of(infer({"contact": "email"}), "contact") == "email"
    assert role_of(infer({"contact": "phone"}), "contact") == "phone"


def test_values_that_deny_the_header_are_taken_for_what_they_are() -> None:
    roles = infer({"id": "counter", "phone": "email"})
    assert role_of(roles, "phone") == "email"


@pytest.mark.parametrize(
    ("others", "kind", "role"),
    [
        ({}, "full", "full_name"),
        ({}, "company", "company"),
        ({"Vorname": "first"}, "last", "last_name"),
        ({"surname": "last"}, "first", "first_name"),
        ({"company": "company"}, "full", "full_name"),
    ],
)
def test_a_column_called_name_is_named_by_its_values_and_neighbours(
    others: dict[str, str], kind: str, role: str
) -> None:
    assert role_of(infer({**others, "Name": kind, "mail": "email"}), "Name") == role


@pytest.mark.parametrize(
    ("header", "words"),
    [("성별", "남 여"), ("الجنس", "ذكر أنثى"), ("Płeć", "K M"), ("Kön", "Kvinna Man")],
)
def test_words_for_the_sex_are_known_in_many_languages(header: str, words: str) -> None:
    assert role_of(infer({header: words.split() * 30, "mail": "email"}), header) == "sex"
    made = canonical("sex", pa.array(words.split()), date_order=None).to_pylist()
    assert set(made) == {"m", "f"}


@pytest.mark.parametrize(
    ("header", "kind", "role"),
    [
        ("收货人", "full", "full_name"),
        ("收货人手机", "phone", "phone"),
        ("收货地址", "street", "street"),
        ("会员卡号", "key", "loyalty_id"),
        ("연락처", "phone", "phone"),
        ("고객명", "full", "full_name"),
        ("Моб. телефон", "phone", "phone"),
    ],
)
def test_headers_of_orders_are_known_in_many_languages(header: str, kind: str, role: str) -> None:
    assert role_of(infer({header: kind, "mail": "email"}), header) == role


def test_vowel_signs_are_parts_of_letters() -> None:
    names = ["सुनीती चोपरा", "विक्रम मेनन", "प्रतिभा गुरुंग", "शान्ती बोस", "สมชาย ใจดี", "மணிமுகில் ரஷஷுத்"]
    assert role_of(infer({"billing_name": names * 10, "mail": "email"}), "billing_name") == "full_name"


@pytest.mark.parametrize("header", ["customer", "Client", "Kunde", "user"])
@pytest.mark.parametrize(
    ("kind", "role"),
    [("full", "full_name"), ("company", "company"), ("email", "email"), ("phone", "phone")],
)
def test_a_column_called_customer_is_what_it_holds(header: str, kind: str, role: str) -> None:
    assert role_of(infer({header: kind, "birth date": "iso"}), header) == role


@pytest.mark.parametrize("header", ["Guest", "caller", "Bill To Contact", "Patient", "gość"])
@pytest.mark.parametrize(("kind", "role"), [("full", "full_name"), ("email", "email"), ("key", "")])
def test_a_word_for_a_customer_may_head_names(header: str, kind: str, role: str) -> None:
    assert role_of(infer({header: kind, "birth date": "iso"}), header) == role


def test_a_full_name_beside_its_parts_is_not_counted_twice() -> None:
    roles = infer({"first_name": "first", "last_name": "last", "full_name": "full"})
    assert role_of(roles, "full_name") == ""
    assert "says again" in dict(roles.unused)["full_name"]


def test_birth_parts_beside_the_date_are_not_counted_twice() -> None:
    roles = infer({"dob": "iso", "birth_year": "year", "surname": "last"})
    assert [found.role for found in roles.columns] == ["birth_date", "last_name"]


def test_an_employer_is_not_the_person() -> None:
    roles = infer(
        {
            "ssn": "ssn",
            "employer_name": "company",
            "employer_street_name": "street_name",
            "employer_city": "city",
            "employer_zipcode": "zip",
            "first_name": "first",
            "mailing_address_street_name": "street_name",
            "mailing_address_city": "city",
        }
    )
    unused = dict(roles.unused)
    assert {name for name in unused if "employer" in unused[name]} == {
        "employer_name",
        "employer_street_name",
        "employer_city",
        "employer_zipcode",
    }
    assert role_of(roles, "mailing_address_city") == "city"


def test_a_table_of_employers_is_about_them() -> None:
    roles = infer({"employer_id": "key", "employer_city": "city", "employer_zipcode": "zip"})
    assert {found.role for found in roles.columns} >= {"city", "postcode"}


def test_the_address_of_work_gives_way_to_that_of_home() -> None:
    roles = infer({"last_name": "last", "city": "city", "company_city": "city"})
    assert role_of(roles, "company_city") == ""
    assert role_of(infer({"last_name": "last", "company_city": "city"}), "company_city") == "city"


def test_other_peoples_columns_are_left_out() -> None:
    roles = infer({"last_name": "last", "spouse_first_name": "first", "emergency_contact_phone": "phone"})
    assert [found.column for found in roles.columns] == ["last_name"]


def test_several_columns_of_one_role_are_slots_in_column_order() -> None:
    roles = infer({"home_phone": "phone", "mail": "email", "mobile": "phone"})
    assert [found.column for found in roles.columns if found.role == "phone"] == ["home_phone", "mobile"]


@pytest.mark.parametrize(
    ("kind", "order"),
    [("iso", "ymd"), ("dmy", "dmy"), ("mdy", "mdy"), ("ymd8", "ymd"), ("mdy8", "mdy"), ("dmy_short", "dmy")],
)
def test_date_order_is_told_by_the_columns_own_values(kind: str, order: str) -> None:
    roles = infer({"dob": kind, "last_name": "last"})
    assert roles.columns[0].date_order == order


@pytest.mark.parametrize(
    ("others", "order"),
    [
        ({}, "dmy"),
        ({"state": "us_state"}, "mdy"),
        ({"state": "au_state"}, "dmy"),
        ({"country": ["US"] * ROWS}, "mdy"),
        ({"country": ["GB"] * ROWS, "state": "us_state"}, "dmy"),
        ({"survey_date": "mdy"}, "mdy"),
        ({"survey_date": "dmy", "state": "us_state"}, "dmy"),
    ],
)
def test_a_tie_is_broken_by_neighbours_then_by_the_country(others: dict[str, str], order: str) -> None:
    assert infer({"dob": "tied", "last_name": "last", **others}).columns[0].date_order == order


def test_a_tie_is_broken_by_other_sources() -> None:
    sure = source({"dob": "mdy", "last_name": "last"}, "a")
    tied = source({"dob": "tied", "last_name": "last"}, "b")
    assert [roles.columns[0].date_order for roles in infer_all_roles([sure, tied])] == ["mdy", "mdy"]


def test_split_birth_dates_are_found() -> None:
    roles = infer({"last_name": "last", "by": "year", "bm": "month", "bd": "day"})
    assert [found.role for found in roles.columns] == ["last_name", "birth_year", "birth_month", "birth_day"]


@pytest.mark.parametrize(
    "header",
    [
        "id",
        "rec_id",
        "record_id",
        "unique_id",
        "uuid",
        "_id",
        "Unnamed: 0",
        "row_number",
        "crm_id",
        "Record ID",
    ],
)
def test_record_ids_are_found_by_header_and_uniqueness(header: str) -> None:
    assert infer({"mail": "email", header: "counter"}).record_id == header


def test_the_sources_own_id_is_its_record_id() -> None:
    table = source({"till_id": "key", "mail": "email"}, "till")
    assert infer_roles(table).record_id == "till_id"


@pytest.mark.parametrize(("other", "own"), [("insurance_member_id", "pat_id"), ("employer_id", "file_no")])
def test_a_number_that_another_party_gave_is_no_record_id_beside_one_of_the_source(
    other: str, own: str
) -> None:
    numbers = [[f"{letter}{n:05}" for n in range(ROWS)] for letter in "ab"]
    for order in ((other, own), (own, other)):
        columns = {"last_name": make("last"), **dict(zip(order, numbers, strict=True))}
        assert infer(columns).record_id == own
    assert infer({"last_name": make("last"), other: numbers[0]}).record_id == other


def test_a_plain_record_id_is_no_identifier() -> None:
    roles = infer({"id": "counter", "mail": "email"})
    assert [found.column for found in roles.columns] == ["mail"]


def test_a_record_id_that_names_a_namespace_is_also_an_identifier() -> None:
    roles = infer({"customer_id": "counter", "mail": "email"})
    assert roles.record_id == "customer_id"
    assert role_of(roles, "customer_id") == "crm_id"


def test_a_plain_id_of_several_rows_names_somebody_within_its_source_only() -> None:
    ids = [str(place // 3) for place in range(ROWS)]
    roles = infer({"id": ids, "mail": "email"})
    assert roles.record_id is None
    assert role_of(roles, "id") == "id:crm_id"


def test_an_identifier_with_gaps_stays_an_identifier() -> None:
    gaps: list[str | None] = [
        value if place % 5 == 0 else None for place, value in enumerate(make("key", 500))
    ]
    table = SourceTable(
        "crm", pa.table({"mail": make("email", 500), "loyalty_no": gaps, "till_key": gaps}), None
    )
    roles = infer_roles(table)
    assert role_of(roles, "loyalty_no") == "loyalty_id"
    assert role_of(roles, "till_key") == "id:till_key"
    assert roles.record_id is None


def test_empty_text_and_null_give_the_same_roles() -> None:
    nulls = {
        "id": "counter",
        "mail": [*make("email", 30), *[None] * 30],
        "vip_no": [*make("key", 30), *[None] * 30],
    }
    blanks = {
        name: [cell or "" for cell in cells] if isinstance(cells, list) else cells
        for name, cells in nulls.items()
    }
    assert infer(nulls) == infer(blanks)


def test_a_column_called_no_beside_a_street_is_the_house_number() -> None:
    roles = infer({"mail": "email", "Straße": "street_name", "Nr": "house", "Ort": "city"})
    assert role_of(roles, "Nr") == "house_number"


def test_identifiers_counted_apart_in_two_sources_are_parted() -> None:
    ours = source({"customer_id": "counter", "mail": "email"}, "shop")
    theirs = source({"customer_id": "counter", "mail": make("email", seed=77)}, "till")
    assert [role_of(roles, "customer_id") for roles in infer_all_roles([ours, theirs])] == [
        "id:shop_customer_id",
        "id:till_customer_id",
    ]


def test_identifiers_shared_by_two_sources_stay_shared() -> None:
    ours = source({"customer_id": "counter", "mail": make("email")}, "shop")
    theirs = source({"customer_id": "counter", "mail": make("email")}, "till")
    assert {role_of(roles, "customer_id") for roles in infer_all_roles([ours, theirs])} == {"crm_id"}


def test_another_source_may_refer_to_a_plain_id_by_the_sources_name() -> None:
    customers = source({"id": "counter", "mail": "email"}, "customers")
    orders = source({"order_id": "key", "customer_id": "counter", "phone": "phone"}, "orders")
    roles = infer_all_roles([customers, orders])
    assert role_of(roles[0], "id") == role_of(roles[1], "customer_id") == "crm_id"


def test_roles_do_not_depend_on_the_order_of_rows() -> None:
    rng = random.Random(5)
    kinds = {"id": "counter", "name": "full", "when": "dmy", "dob": "tied", "col": "phone", "x_no": "key"}
    columns = {header: make(kind, 30_000) for header, kind in kinds.items()}
    order = list(range(30_000))
    rng.shuffle(order)
    shuffled = {header: [cells[place] for place in order] for header, cells in columns.items()}
    tables = [SourceTable("crm", pa.table(cells), None) for cells in (columns, shuffled)]
    assert infer_roles(tables[0]) == infer_roles(tables[1])


def test_lists_are_read_item_by_item() -> None:
    emails = [[email, f"other.{email}"] for email in make("email")]
    table = pa.table({"id": make("counter"), "emails": emails})
    assert role_of(infer_roles(SourceTable("crm", table, None)), "emails") == "email"


def test_a_mapping_overrides_and_replaces_what_would_be_inferred() -> None:
    roles = infer({"mail": "email", "handle": "key", "phone": "phone"}, mapping=[("email", "handle")])
    assert role_of(roles, "handle") == "email"
    assert role_of(roles, "mail") == ""
    assert next(found for found in roles.columns if found.column == "handle").reason == "map"


def test_a_mapping_may_name_the_source() -> None:
    sources = [source({"mail": "email", "x": "key"}, name) for name in ("a", "b")]
    first, second = infer_all_roles(sources, mapping={"crm_id": "a.x"})
    assert role_of(first, "x") == "crm_id"
    assert role_of(second, "x") == ""


def test_a_mapping_may_name_the_record_id_and_any_identifier() -> None:
    roles = infer({"mail": "email", "handle": "key"}, mapping={"record_id": "handle"})
    assert roles.record_id == "handle"
    assert (
        role_of(infer({"mail": "email", "handle": "key"}, mapping={"id:badge": "handle"}), "handle")
        == "id:badge"
    )


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"mapping": {"emial": "mail"}}, "email"),
        ({"mapping": {"email": "mial"}}, "mail"),
        ({"mapping": {"email": "E-Mail"}}, "roles are|columns are|did you mean"),
        ({"ignore": ["maill"]}, "mail"),
        ({"id_column": "idd"}, "id"),
    ],
)
def test_names_given_by_hand_that_do_not_exist_are_refused_with_close_ones(
    options: dict[str, object], hint: str
) -> None:
    with pytest.raises(ColumnError, match=hint):
        infer({"id": "counter", "mail": "email"}, **options)


def test_ignored_columns_play_no_role() -> None:
    roles = infer({"id": "counter", "mail": "email", "phone": "phone"}, ignore=["mail"])
    assert [found.column for found in roles.columns] == ["phone"]


def test_a_table_without_any_role_is_refused_with_a_way_out() -> None:
    with pytest.raises(ColumnError, match="--map"):
        infer({"amount": "amount", "note": "text"})


def test_one_row_is_enough_and_no_row_is_no_error() -> None:
    table = source({"id": "counter", "email": "email"}).table
    one, none = (SourceTable("crm", table.slice(0, rows), None) for rows in (1, 0))
    assert role_of(infer_roles(one), "email") == "email"
    assert infer_roles(none).columns == ()


@pytest.mark.parametrize(
    ("header", "words"),
    [("POSCustomerNo", "pos_customer_no"), ("address2", "address_2"), ("Straße", "strasse"), ("  ", "")],
)
def test_headers_fold_to_one_name_in_every_convention(header: str, words: str) -> None:
    assert folded_name(header) == words


def test_no_header_is_too_odd_to_be_matched() -> None:
    for header in ("", "_", "123", "%%%", "a" * 5000, "\u200b", "名" * 300, "__c__id__"):
        match_header(header)


SHARED = {
    ("fake_1000/records.csv",): [
        ("unique_id", {"first_name", "last_name", "birth_date", "city", "email"}),
    ],
    ("febrl/dataset4a.csv", "febrl/dataset4b.csv"): [
        (
            "rec_id",
            {"first_name", "last_name", "house_number", "street", "unit", "city", "postcode", "state",
             "birth_date",
             "national_id"},
        ),
    ] * 2,
    ("dedupe_earlychildhood/records.csv",): [
        ("record_id", {"company", "street", "postcode", "phone", "email", "id:idhs_provider_id"}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("paths", SHARED)
def test_the_published_sets_are_understood(paths: tuple[str, ...]) -> None:
    if not DATA.is_dir():
        pytest.skip("the published data sets are not beside this repository")
    sources, rejected, _ = read_sources([str(DATA / path) for path in paths], workers=1)
    assert not rejected
    found = [
        (roles.record_id, {column.role for column in roles.columns}) for roles in infer_all_roles(sources)
    ]
    assert found == SHARED[paths]


def test_a_table_of_constants_is_refused_for_the_reason_it_has() -> None:
    same = pa.table(
        {"id": [str(n) for n in range(30)], "first_name": ["Ada"] * 30, "email": ["a@x.org"] * 30}
    )
    with pytest.raises(ColumnError, match="'first_name' \\(holds one value in all rows\\)") as refused:
        infer_all_roles([SourceTable("crm", same, None)])
    assert "known role" not in str(refused.value)
    assert "x.org" not in str(refused.value)
    with pytest.raises(ColumnError, match="plays a known role"):
        infer_all_roles([SourceTable("crm", pa.table({"a": ["1", "2"], "b": ["x", "y"]}), None)])


def test_unknown_headers_that_end_with_name_are_told_by_their_values() -> None:
    roles = infer({"id": "counter", "PERNAME1": "first", "PERNAME2": "last", "dob": "iso"})
    assert role_of(roles, "PERNAME1") == "first_name"
    assert role_of(roles, "PERNAME2") == "last_name"
    assert role_of(infer({"id": "counter", "mail": "email", "ownname": "full"}), "ownname") == "full_name"
    roles = infer({"id": "counter", "mail": "email", "dishname": "city", "teamname": "first"})
    assert not {"dishname", "teamname"} & {column.column for column in roles.columns}


def test_numbers_of_orders_and_records_are_no_names_and_no_phones() -> None:
    orders = [f"#{1000 + place}" for place in range(ROWS)]
    padded = [f"0030000{place:07}" for place in range(ROWS)]
    roles = infer({"Id": padded, "Name": orders, "Billing Name": "full", "mail": "email"})
    assert roles.record_id == "Id"
    assert {column.column for column in roles.columns} == {"Billing Name", "mail"}


@pytest.mark.parametrize(
    ("role", "kind"), [("full_name", "full"), ("birth_date", "iso"), ("last_name", "last")]
)
def test_a_column_that_is_both_mapped_and_ignored_is_refused(role: str, kind: str) -> None:
    with pytest.raises(ColumnError, match=f"--map {role}=told: the column of source 'crm' is to be ignored"):
        infer({"id": "counter", "mail": "email", "told": kind}, mapping={role: "told"}, ignore=["told"])
