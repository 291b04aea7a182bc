"""First and last names in each other's place are put right where other records show it, and only there."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from cxm_sdk import resolve
from cxm_sdk.identity.records import Records, build_records
from cxm_sdk.identity.roles.all_sources import ColumnRole, SourceRoles
from cxm_sdk.identity.sources import SourceTable

Names = list[tuple[str | None, str | None]]

#: Six hundred people of each first and each last name: what a file of some size knows of names.
KNOWN: Names = [
    (first, last)
    for first in ("Anna", "Bruno", "Clara", "David", "Thomas", "James")
    for last in ("Herrmann", "Ferrari", "Wagner", "Price", "Thomas", "James")
    for _ in range(100)
]


def records_of(names: Names) -> Records:
    table = pa.table(
        {
            "id": [f"{number:05}" for number in range(len(names))],
            "first": [first for first, _ in names],
            "last": [last for _, last in names],
        }
    )
    columns = (ColumnRole("first", "first_name", "map", None), ColumnRole("last", "last_name", "map", None))
    return build_records([SourceTable("crm", table, None)], [SourceRoles("crm", "id", columns, ())])[0]


def held(records: Records, row: int) -> tuple[str | None, str | None]:
    values = []
    for role in ("first_name", "last_name"):
        column = records.columns[role][0]
        values.append(column.values[int(column.codes[row])].as_py() if column.codes[row] >= 0 else None)
    return values[0], values[1]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (("Herrmann", "Anna"), ("anna", "herrmann")),
        (("Hermann", "Anna"), ("anna", "hermann")),  # a last name that nobody else has
        (("Ferrari", "Brunno"), ("brunno", "ferrari")),  # a first name that nobody else has
        (("Anna", "Herrmann"), ("anna", "herrmann")),
        (("Thomas", "James"), ("thomas", "james")),
        (("Wagner", "Thomas"), ("thomas", "wagner")),  # Thomas is either, Wagner is not
        (("Zzyzx", "Quux"), ("zzyzx", "quux")),
        (("Herrmann", None), ("herrmann", None)),
        ((None, "Anna"), (None, "anna")),
    ],
)
def test_names_are_put_right_where_others_show_which_is_which(
    written: tuple[str | None, str | None], meant: tuple[str | None, str | None]
) -> None:
    assert held(records_of([*KNOWN, written]), len(KNOWN)) == meant


def test_few_records_decide_nothing() -> None:
    few: Names = [("Anna", "Herrmann"), ("Bruno", "Ferrari"), ("Anna", "Ferrari"), ("Herrmann", "Anna")]
    assert held(records_of(few), 3) == ("herrmann", "anna")


def test_columns_stay_distinct_and_say_how_names_are_written() -> None:
    names: Names = [*KNOWN, ("HERRMANN", "ANNA"), ("Wagner", "Zoë-Marie"), ("FERRARI", "Bruno")]
    records = records_of(names)
    for role in ("first_name", "last_name"):
        column = records.columns[role][0]
        values = column.values.to_pylist()
        assert len(values) == len(set(values))
        assert set(range(len(values))) == {int(code) for code in column.codes}
        assert len(column.written) == len(values)
    first, last = records.columns["first_name"][0], records.columns["last_name"][0]
    assert "wagner" not in first.values.to_pylist()
    assert first.written[first.values.index(pa.scalar("zoe marie")).as_py()].as_py() == "Zoë-Marie"
    assert last.written[last.values.index(pa.scalar("herrmann")).as_py()].as_py() == "Herrmann"


def test_a_second_name_stays_where_it_is() -> None:
    columns = {
        "id": [f"{number:05}" for number in range(len(KNOWN) + 1)],
        "first": [first for first, _ in KNOWN] + ["Herrmann"],
        "last": [last for _, last in KNOWN] + ["Anna"],
        "born": ["Moser" if number % 3 else "Umlauf" for number in range(len(KNOWN))] + ["Oberhuber"],
    }
    roles = (
        ColumnRole("first", "first_name", "map", None),
        ColumnRole("last", "last_name", "map", None),
        ColumnRole("born", "last_name", "map", None),
    )
    table = SourceTable("crm", pa.table(columns), None)
    records, _ = build_records([table], [SourceRoles("crm", "id", roles, ())])
    second = records.columns["last_name"][1]
    texts = [second.values[int(code)].as_py() for code in second.codes]
    assert Counter(texts) == Counter(str(name).lower() for name in columns["born"])
    assert held(records, len(KNOWN)) == ("anna", "herrmann")


def test_a_misspelt_name_in_the_wrong_place_does_not_make_two_people() -> None:
    rng = np.random.default_rng(1)
    firsts = ("Anna", "Bruno", "Clara", "David", "Emma")
    lasts = [
        f"{start}{end}" for start in ("Herr", "Berg", "Wald", "Stein") for end in ("mann", "hofer", "er")
    ]
    rows = [
        {"id": f"A{number:05}", "first_name": str(rng.choice(firsts)), "last_name": str(rng.choice(lasts)),
         "birth_date": f"{rng.integers(1940, 2005)}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}",
         "postcode": str(rng.integers(10000, 10400))}
        for number in range(4000)
    ]  # fmt: skip
    again = [
        row | {"id": f"B{number:05}", "first_name": row["last_name"][:2] + row["last_name"][3:],
               "last_name": row["first_name"]}
        for number, row in enumerate(rows[:400:2])
    ]  # fmt: skip
    again += [row | {"id": f"C{number:05}"} for number, row in enumerate(rows[1:800:2])]
    result = resolve({"crm": pa.Table.from_pylist([*rows, *again])})
    of = {row["record_id"]: row["profile_id"] for row in result.assignments.to_pylist()}
    joined = sum(of[f"B{number:05}"] == of[row["id"]] for number, row in enumerate(rows[:400:2]))
    assert joined >= 190
