"""Full names in the order in which a system writes them, and those of one word, find their people."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from cxm_sdk import Resolution, evaluate, resolve
from cxm_sdk.identity.normalize.names import split_full_name
from cxm_sdk.identity.roles.all_sources import infer_all_roles
from cxm_sdk.identity.sources import SourceTable
from cxm_sdk.identity.spans import Spans

LETTERS = list("abcdefghijklmnoprstuvwz")
PEOPLE = 500


@cache
def company() -> tuple[dict[str, pa.Table], pa.Table]:
    """A CRM with first and last names, a shop that writes the last name in front, and tickets, some with it alone."""
    draw = np.random.default_rng(11)
    first, last = (
        ["".join(draw.choice(LETTERS, draw.integers(4, 10))).title() for _ in range(many)]
        for many in (90, 400)
    )
    rows: dict[str, list[dict[str, Any]]] = {"crm": [], "shop": [], "tickets": []}
    for person in range(PEOPLE):
        given, family = str(draw.choice(first)), str(draw.choice(last))
        mail, phone = f"{family}{person}@example.com", f"+49301{person:06}"
        rows["crm"].append({"first_name": given, "last_name": family, "phone": phone, "email": mail})
        rows["shop"].append({"name": f"{family} {given}", "email": mail})
        rows["tickets"] += [
            {"requester_name": f"{given} {family}", "email": mail, "phone": None},
            {"requester_name": family, "email": mail, "phone": phone},
        ]
    each = {"crm": 1, "shop": 1, "tickets": 2}
    tables = {
        name: pa.Table.from_pylist([{"id": f"{name}{n}"} | row for n, row in enumerate(found)])
        for name, found in rows.items()
    }
    truth = [
        (name, f"{name}{n}", str(n // many)) for name, many in each.items() for n in range(PEOPLE * many)
    ]
    columns = zip(*truth, strict=True)
    return tables, pa.table(dict(zip(("source", "record_id", "entity_id"), map(list, columns), strict=True)))


@cache
def resolved(turned: bool = False) -> Resolution:
    tables = company()[0]
    if turned:
        tables = {name: table.take(np.arange(len(table))[::-1]) for name, table in reversed(tables.items())}
    return resolve(tables, id_column="id")


def test_records_meet_whichever_name_stands_in_front_or_alone() -> None:
    found = evaluate(resolved().assignments, company()[1]).cluster_pairwise
    assert found.precision > 0.99
    assert found.recall > 0.99


def test_it_is_the_same_in_any_order_of_rows_and_sources() -> None:
    assert resolved().assignments.equals(resolved(turned=True).assignments)


def test_only_the_column_with_the_last_name_in_front_is_read_so() -> None:
    sources = [SourceTable(name, table, None) for name, table in company()[0].items()]
    orders = {
        (source.source, column.column): column.last_first
        for source in infer_all_roles(sources, id_column="id")
        for column in source.columns
        if column.role == "full_name"
    }
    assert orders == {("shop", "name"): True, ("tickets", "requester_name"): False}


def test_profiles_show_names_in_their_places() -> None:
    crm, _ = company()
    family = set(crm["crm"]["last_name"].to_pylist())
    assert set(resolved().profiles["last_name"].to_pylist()) <= family


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("Berg Anna Maria", "anna", "berg"),
        ("van der Berg Ludwig", "ludwig", "van der berg"),
        ("Dr. Berg Anna", "anna", "berg"),
        ("Berg", None, "berg"),
        ("Anna, Berg", "berg", "anna"),  # a comma says it
    ],
)
def test_the_last_name_may_stand_in_front(written: str, first: str | None, last: str) -> None:
    parts = split_full_name(Spans.of(pa.array([written])), last_first=True)
    assert (parts.first.array().to_pylist(), parts.last.array().to_pylist()) == ([first], [last])


GIVEN = ("Robert", "William", "Elizabeth", "Katherine", "Michael")
FAMILY = ("Ostrowski", "Vandermeer", "Quillfeather", "Hartigan", "Zabriskie")


def names_of(mapping: dict[str, str] | None = None, *, exchanged: bool) -> dict[str, str]:
    rows = [(GIVEN[n % 5], FAMILY[n // 5 % 5]) for n in range(50)]
    first, last = zip(*[(b, a) if exchanged else (a, b) for a, b in rows], strict=True)
    table = pa.table({"id": [str(n) for n in range(50)], "first_name": list(first), "last_name": list(last)})
    (roles,) = infer_all_roles([SourceTable("shop", table, None)], id_column="id", mapping=mapping or {})
    return {column.column: column.role for column in roles.columns}


def test_columns_that_hold_each_other_s_names_are_exchanged() -> None:
    assert names_of(exchanged=True) == {"first_name": "last_name", "last_name": "first_name"}
    assert names_of(exchanged=False) == {"first_name": "first_name", "last_name": "last_name"}


def test_roles_that_were_given_are_never_exchanged() -> None:
    given = {"first_name": "first_name"}
    assert names_of(given, exchanged=True) == {"first_name": "first_name", "last_name": "last_name"}
