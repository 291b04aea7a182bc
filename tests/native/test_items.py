"""Records that are read in one go are what the way of all items makes of them."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk._native.items import PlainRecords
from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES, IdentifierClass, Namespace
from cxm_sdk.profiles.config import GraphConfig
from cxm_sdk.profiles.evidence import Evidence, Rejection
from cxm_sdk.profiles.items import Reader

NOW = 1_700_000_000_000_000
CONFIG = GraphConfig(
    namespaces=(
        *DEFAULT_NAMESPACES,
        Namespace(name="ticket", kind=IdentifierClass.PERSON, priority=20, most_values=2),
    )
)


class Nothing:
    """Reads no record in one go, so that all go the way of any item."""

    def read(self, *told: object) -> None:
        return None


def plainly(reader: Reader) -> Reader:
    reader._records = Nothing()  # type: ignore[assignment]
    return reader


def shown(read: tuple[list[Evidence], list[Rejection]]) -> object:
    accepted, rejected = read
    return rejected, [
        (
            *(
                one.key,
                one.source,
                one.record_id,
                one.at,
                one.kind,
                one.body,
                one.devices,
                one.refused,
                one.index,
            ),
            None if one.record is None else (one.record.packed(), one.record.first, one.record.last),
            list(one.said.items()),
        )
        for one in accepted
    ]


def values(*texts: str) -> st.SearchStrategy[Any]:
    one = st.sampled_from([*texts, "", " ", " \u2003x "])
    return st.one_of(one, st.lists(one, max_size=3), st.lists(st.sampled_from([*texts]), max_size=9))


ODD = st.sampled_from([None, 7, 1.5, True, {"a": 1}, [1, "x"], "\ud800"])
IDENTIFIERS = {
    "email": values(" Ada@X.org", "ada@x.org", "Ada.L+a@GoogleMail.com", "n/a", "é@x.org"),
    "phone": values("+44 7700 900123", "0044 7700 900123", "07700 900124", "x"),
    "email_sha256": values("0" * 64, "A" * 64),
    "crm_id": values("C-1", "C-2", "c-1", "null"),
    "ticket": values(*(f"T-{n}" for n in range(9))),
    "device_id": values("d-1"),
    "hubspot.1.contact": values("17"),
    "shoe_size": values("41"),
}
ATTRIBUTES = {
    "first_name": values("Ada", "ADA ", "Анна", "Zoë", "\x1c\x0bAda\t\x1f"),
    "last_name": values("Lovelace Jr.", "King", "de la Cruz", "山田"),
    "full_name": values(
        "Lovelace, Ada", "Dr. Ada B. Lovelace Jr.", "Анна Иванова", "n/a", "o'neil-mc donald, x1y 3rd II"
    ),
    "birth_date": values("1815-12-10", "10.12.1815", "10 December 1980", "1900-01-01"),
    "street": values("12 High Street", "High St 12", "PO Box 12", "Am Markt 3, Apt 4", "Schulstraße 5a"),
    "house_number": values("12", "4"),
    "unit": values("4", "Apt 4"),
    "city": values("Köln", "St. Louis, MO"),
    "postcode": values("50667", "SW1A 1AA"),
    "sex": values("f", "male"),
    "email": values("Ada@X.org"),
    "birth_day": values("10"),
    "birth_month": values("12"),
    "birth_year": values("1815"),
    "favourite colour": values("green"),
    "firstName": values("Bob", "Ada"),
    "Name": values("King, Ada"),
    "address": values("12 High Street")
    | st.fixed_dictionaries({"zip": values("50667"), "name": values("x")}),
    "company": values("Acme") | st.fixed_dictionaries({"name": values("Acme")}),
}


def mapping(of: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    usual = st.lists(st.sampled_from(list(of)), max_size=5, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: of[name] for name in names})
    )
    return st.one_of(usual, usual, usual, st.dictionaries(st.sampled_from(list(of)), ODD, max_size=2), ODD)


ITEMS = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["crm", "shop", "ä"]) | st.sampled_from(["", "events", None, 7, "x" * 513]),
        "record_id": st.sampled_from(["1", "2/a", "ü"]) | st.sampled_from(["", None, 7, True, "x" * 513]),
        "observed_at": st.integers(0, 1_700_000_000)
        | st.sampled_from([-1, 1_700_086_400, 1_700_086_401, 2**62, 1.5, "2020-01-01", None, True]),
    },
    optional={"identifiers": mapping(IDENTIFIERS), "attributes": mapping(ATTRIBUTES), "deleted": ODD},
)
USUAL = st.fixed_dictionaries(
    {
        "source": st.just("crm"),
        "record_id": st.sampled_from(["1", "2"]),
        "observed_at": st.just(1_600_000_000),
        "identifiers": st.fixed_dictionaries({}, optional=IDENTIFIERS),
        "attributes": st.fixed_dictionaries({}, optional=ATTRIBUTES),
    }
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ITEMS | USUAL, max_size=4))
def test_records_are_what_the_way_of_all_items_makes_of_them(items: list[dict[str, Any]]) -> None:
    reader = Reader(CONFIG)
    expected = shown(plainly(Reader(CONFIG)).read(items, NOW))
    assert shown(reader.read(items, NOW)) == expected
    assert shown(reader.read(items, NOW)) == expected, "what is remembered is no other"


def test_most_records_are_read_in_one_go() -> None:
    items = [
        {
            "source": "crm",
            "record_id": f"{number}",
            "observed_at": 5,
            "identifiers": {"email": f"ada-{number}@x.org", "phone": ["+44 7700 900123", "07700 900124"]},
            "attributes": {"name": "Lovelace, Ada", "street": ["12 High Street"], "city": "Köln", "shoes": 9},
        }
        for number in range(9)
    ]
    reader = Reader(CONFIG)
    own: PlainRecords[Evidence, Any] = reader._records
    assert all(own.read(item, NOW) is not None for item in items)


def test_half_of_a_surrogate_pair_refuses_its_item_alone() -> None:
    usual = {"source": "crm", "observed_at": 5, "identifiers": {"email": "ada@x.org"}}
    items = [
        {**usual, "record_id": "1"},
        {**usual, "record_id": "2", "attributes": {"city": "\ud800"}},
        {**usual, "record_id": "3", "note": ["\udc00"]},
        {**usual, "record_id": "\ud800"},
    ]
    accepted, rejected = Reader(CONFIG).read(items, NOW)
    assert [one.record_id for one in accepted] == ["1"]
    assert [(one.index, one.reason) for one in rejected] == [
        (1, "not_json"),
        (2, "not_json"),
        (3, "not_json"),
    ]
