"""A file of a few rows says little about how rare names are, and no more is taken from it than it says."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk import resolve
from cxm_sdk.identity.full_names import shared_full_names

FIRST = ["Emma", "Liam", "Olivia", "Noah", "Ava", "Ethan", "Sophia", "Mason", "Mia", "Lucas",
         "Amelia", "Logan", "Harper", "James", "Ella", "Aiden", "Grace", "Henry", "Chloe", "Jack"]  # fmt: skip
LAST = ["Hill", "Ward", "Moss", "Reed", "Lane", "Cole", "Page", "Shaw", "Rose", "Dean",
        "Nash", "Lamb", "Rowe", "Byrne", "Kerr", "Holt", "Wells", "Gray", "Frost", "Dale"]  # fmt: skip
ROADS = ["Oak", "Elm", "Mill", "High", "Castle", "Moor"]


def three_of_each_name(seed: int, names: int = 20) -> list[dict[str, str]]:
    """Three rows for each of some names, with nothing else in common but by chance."""
    draw = np.random.default_rng(seed)

    def row(name: int, copy: int) -> dict[str, str]:
        return {
            "id": f"{name}-{copy}",
            "first_name": FIRST[name % 20],
            "last_name": LAST[(name + name // 20) % 20],
            "birth_date": f"{draw.integers(1940, 2005)}-{draw.integers(1, 13):02d}-{draw.integers(1, 29):02d}",
            "email": f"user{draw.integers(10**6)}@mail{draw.integers(50)}.example",
            "phone": f"07{draw.integers(10**8, 10**9)}",
            "street": f"{draw.integers(1, 200)} {draw.choice(ROADS)} Road",
            "postcode": f"LS{draw.integers(1, 20)} {draw.integers(1, 9)}AB",
        }

    return [row(name, copy) for name in range(names) for copy in range(3)]


def profiles(rows: list[dict[str, str]], *columns: str) -> int:
    table = pa.Table.from_pylist(rows).select(["id", "first_name", "last_name", *columns])
    found: int = resolve({"a": table}, id_column="id").summary["profiles"]
    return found


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    "columns",
    [
        ("birth_date",),
        ("birth_date", "email"),
        ("birth_date", "email", "phone"),
        ("email", "phone"),
        ("email", "street", "postcode"),
        ("birth_date", "email", "phone", "street", "postcode"),
    ],
    ids="+".join,
)
def test_a_name_alone_joins_nobody_in_a_small_file(columns: tuple[str, ...], seed: int) -> None:
    assert profiles(three_of_each_name(seed), *columns) >= 58


@pytest.mark.parametrize("names", [5, 60, 200])
def test_nor_in_one_a_little_smaller_or_larger(names: int) -> None:
    rows = three_of_each_name(3, names)
    assert profiles(rows, "birth_date", "email", "phone") >= 0.96 * len(rows)


@pytest.mark.parametrize("column", ["birth_date", "email", "phone"])
def test_a_name_and_one_thing_more_join_in_a_small_file(column: str) -> None:
    rows = three_of_each_name(0)
    for row in rows:
        row[column] = rows[3 * int(row["id"].split("-")[0])][column]
    assert profiles(rows, "birth_date", "email", "phone") == 20


codes = st.integers(-1, 3)


@given(st.lists(st.tuples(codes, codes, codes, codes), min_size=1, max_size=40))
def test_a_full_name_loses_weight_only_where_three_people_hold_it(rows: list[tuple[int, ...]]) -> None:
    first, last, *telling = (np.array(column, np.int32) for column in zip(*rows, strict=True))
    found = shared_full_names(first, last, telling)
    assert (found.bits < 0).all()
    assert set(found.codes.tolist()) - {-1} == set(range(len(found.bits)))
    whole = [row for row in rows if min(row[:2]) >= 0]
    for row, code in zip(rows, found.codes.tolist(), strict=True):
        same = [other for other in whole if other[:2] == row[:2]]
        told = [
            len({other[column] for other in same} - {-1})
            for column in (2, 3)
            if 2 * sum(other[column] >= 0 for other in same) >= len(same)
        ]
        people = min(told, default=1)
        if code < 0:
            if min(row[:2]) >= 0 and people >= 3:
                parts = np.prod([np.mean([r[c] == row[c] for r in rows if r[c] >= 0]) for c in (0, 1)])
                assert (people - 1) / len(whole) <= parts + 1e-12
            continue
        assert people >= 3
        parts = np.prod([np.mean([r[c] == row[c] for r in rows if r[c] >= 0]) for c in (0, 1)])
        # The weight that is left is that of the name among the records, not that of its parts.
        assert parts / 2.0 ** found.bits[code] == pytest.approx((people - 1) / len(whole), rel=1e-4)


def test_mailboxes_that_are_alike_for_a_first_name_do_not_join_strangers() -> None:
    firsts, lasts = (
        ("greta", "albert", "bernd", "xenia"),
        ("Weiss", "Krause", "Hahn", "Wolf", "Jung", "Busch"),
    )
    rows = [
        {
            "id": str(number),
            "first_name": first.title(),
            "last_name": lasts[number % 6],
            "email": f"{first}{3000 + 37 * number}@gmx.example",
        }
        for number, first in enumerate(firsts * 6)
    ]
    again = [row | {"id": f"again {row['id']}"} for row in rows[:8]]
    found = resolve(pa.Table.from_pylist(rows + again)).assignments
    assert len(set(found["profile_id"].to_pylist())) == 24
