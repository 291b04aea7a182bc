"""Mailboxes of companies: what stands before the @ is a name, and says no more than that name does."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

import cxm_sdk
from cxm_sdk.identity.default_model import default_model
from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES
from cxm_sdk.identity.resolver import Resolver

FIRSTS = [
    head + tail
    for head in ("Al", "Ber", "Car", "Dan", "El", "Fer", "Gra", "Hel", "Isa", "Jo", "Ka", "Lu", "Mar", "Na")
    for tail in ("a", "bert", "do", "ia", "la", "na", "nor", "ris", "ton")
]
LASTS = [
    head + middle + tail
    for head in ("Bren", "Kal", "Mor", "Stein", "Wal", "Hol", "Ar")
    for middle in "eio"
    for tail in ("berg", "dorf", "feld", "hoff", "mann", "ner", "sen", "ton", "well", "wood")
]


def test_employees_of_different_companies_are_not_one_person_for_their_first_names() -> None:
    draw = random.Random(5)
    crm, mails, truth = [], [], []
    firms = [
        (f"{draw.choice(LASTS)} {draw.choice(LASTS)}", f"20{draw.randint(10**7, 10**8)}") for _ in range(300)
    ]
    for person in range(1500):
        (firm, switchboard), first, last = draw.choice(firms), draw.choice(FIRSTS), draw.choice(LASTS)
        local = draw.choice([first, f"{first[0]}{last}", f"{first}.{last}"])
        address = f"{local}@{firm.replace(' ', '-')}.example".lower()
        for number in range(draw.choice([0, 1, 1, 1])):
            crm.append(
                {"id": f"c{person}-{number}", "first_name": first, "last_name": last, "phone": switchboard}
            )
            crm[-1]["email"] = address if draw.random() < 0.8 else None
            truth.append((crm[-1]["id"], str(person)))
        for number in range(draw.choice([0, 1, 1, 2])):
            mails.append({"id": f"m{person}-{number}", "name": f"{first} {last}", "company": firm})
            mails[-1]["work_email"] = address if draw.random() < 0.85 else None
            truth.append((mails[-1]["id"], str(person)))
    result = cxm_sdk.resolve({"crm": pa.Table.from_pylist(crm), "mails": pa.Table.from_pylist(mails)})
    ids, entities = zip(*truth, strict=True)
    scores = cxm_sdk.evaluate(
        result.assignments, pa.table({"record_id": list(ids), "entity_id": list(entities)})
    )
    assert scores.cluster_pairwise.precision > 0.9
    assert scores.cluster_pairwise.recall > 0.9


@pytest.mark.parametrize(
    ("local", "last", "level"),
    [
        ("ada", "Hopper", "missing"),
        ("a.lovelace", "Lovelace", "missing"),
        ("ada.l77", "Hopper", "same_local"),
    ],
)
def test_a_local_part_that_is_one_name_says_nothing_beside_it_in_a_live_graph(
    local: str, last: str, level: str
) -> None:
    resolver = Resolver(default_model(), DEFAULT_NAMESPACES)
    said = [
        {
            "first_name": [("ada", "Ada")],
            "last_name": [(name.lower(), name)],
            "email": [(f"{local}@{firm}.example", f"{local}@{firm}.example")],
        }
        for name, firm in (("Lovelace", "one"), (last, "two"))
    ]
    a, b = (resolver.record(n, "crm", str(n), one, 0, 0) for n, one in enumerate(said))
    found = {term.name: term.level for term in resolver.terms(a, b, {})[1]}
    assert found["email"] == level
