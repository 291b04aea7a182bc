"""Names carry their tenant; identifiers are added once, in canonical form."""

from __future__ import annotations

from typing import Any

import pytest

from cxm_sdk._native.names import Names
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.parsed import Identifier
from cxm_sdk.adapters.reading import Many
from cxm_sdk.events.identifiers import canonical_email, canonical_phone


@pytest.fixture
def names() -> Names[Identifier]:
    own = frozenset(("support@acme.example", "@acme.test"))
    return Names("t-1", own, {"email": canonical_email, "phone": canonical_phone}, Identifier)


def test_templates_take_the_tenant(names: Names[Identifier]) -> None:
    assert [names.named(one) for one in ("crm.{tenant}.contact", "email")] == ["crm.t-1.contact", "email"]
    assert Names(None, frozenset(), {}, Identifier).named("crm.{tenant}.contact") == "crm..contact"


def test_one_address_is_one_identifier_however_it_is_written(names: Names[Identifier]) -> None:
    known: list[Identifier] = []
    item = Item({})
    first = names.identify(item, known, "email", "Ada@Example.com", "mail")
    assert names.identify(item, known, "email", "ada@example.com", "mail") is first
    assert names.identify(item, known, "email", "Ada@Example.com", "mail") is first
    assert names.identify(item, known, "{tenant}", "ada@example.com", "mail") is not first
    assert [(one.namespace, one.value) for one in known] == [
        ("email", "ada@example.com"),
        ("t-1", "ada@example.com"),
    ]


@pytest.mark.parametrize(
    ("namespace", "raw", "noted"),
    [("email", "Support@Acme.example", False), ("email", "x@acme.test", False), ("email", "n/a", True),
     ("phone", "123", True), ("crm", "7" * 513, True)],
)  # fmt: skip
def test_what_names_nobody_is_left_out(
    names: Names[Identifier], namespace: str, raw: str, noted: bool
) -> None:
    known: list[Identifier] = []
    item = Item({})
    assert names.identify(item, known, namespace, raw, "who") is None
    assert known == []
    assert [(one.path, one.reason) for one in item.notes] == ([("who", "names_nobody")] if noted else [])


def test_many_paths_are_read_in_order_without_what_stands_for_none(names: Names[Identifier]) -> None:
    known: list[Identifier] = []
    fields: Any = (
        ("id", Many("crm.{tenant}")),
        ("other", Many("crm.{tenant}", none=("0",))),
        ("mail", Many("email")),
    )
    names.identify_all(Item({"mail": "a@example.com", "id": 7, "other": 0}), known, fields)
    assert [(one.namespace, one.raw) for one in known] == [("crm.t-1", "7"), ("email", "a@example.com")]
