"""How many people share a value is counted as the definition says, and nobody's value counts for nobody."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk import resolve
from cxm_sdk.identity.prepare import Prepared, prepare
from cxm_sdk.identity.running import Options, Stages, load_engine
from cxm_sdk.identity.sharing import TOO_MANY, find_sharing
from cxm_sdk.testing import synthetic


def prepared(sources: dict[str, pa.Table]) -> Prepared:
    return prepare(load_engine("local", 1), [sources], Options(id_column="id"), Stages(None))


def slow_people(ready: Prepared, role: str) -> list[int]:
    """Different people behind each value: the fewest that any of their names and dates tells apart."""
    columns = ready.records.columns
    held: dict[int, list[int]] = defaultdict(list)
    for column in columns[role]:
        for record, code in enumerate(column.codes.tolist()):
            if code >= 0:
                held[code].append(record)
    counts = []
    for value in range(len(columns[role][0].values)):
        fewest = None
        for proxy in ("birth_date", "first_name", "last_name", "company"):
            if proxy not in columns or proxy == role:
                continue
            known = [columns[proxy][0].codes[record] for record in held[value]]
            known = [code for code in known if code >= 0]
            if 2 * len(known) >= len(held[value]):
                fewest = min(len(set(known)), len(held[value]) if fewest is None else fewest)
        counts.append(max(1, fewest or 1) if len(held[value]) > 1 else 1)
    return counts


rows = st.lists(
    st.fixed_dictionaries(
        {
            "first_name": st.sampled_from(["Ada", "Bob", "Cyd", "Dan", None]),
            "last_name": st.sampled_from(["Lovelace", "Byron", "Hopper", None]),
            "birth_date": st.sampled_from(["1990-02-03", "1985-04-17", None, None]),
            "email": st.sampled_from(["ada@example.org", "bob@example.org", None]),
            "phone": st.sampled_from(["07700 900123", "020 7946 0018", None]),
            "mobile": st.sampled_from(["07700 900123", None]),
        }
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=50)
@given(rows)
def test_people_are_told_apart_by_what_tells_fewest_apart(rows: list[dict[str, Any]]) -> None:
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]}
    if all(held.null_count == len(rows) for held in columns.values()):
        return
    ready = prepared({"crm": pa.table({"id": [f"{n:02}" for n in range(len(rows))], **columns})})
    for role, people in ready.sharing.people.items():
        assert people.tolist() == slow_people(ready, role)
        assert ready.sharing.muted[role].tolist() == [count >= TOO_MANY for count in people]


def crowd(count: int, **shared: str) -> pa.Table:
    """Different people with one value in common, and one customer beside them."""
    crm = synthetic.generate(600, 4).sources["crm"].to_pylist()
    named = [row for row in crm if row["first_name"] and row["last_name"] and row["date_of_birth"]]
    once = {(row["first_name"], row["last_name"][:2], row["date_of_birth"]): row for row in named}
    firsts: dict[str, dict[str, Any]] = {}
    for row in once.values():
        firsts.setdefault(row["first_name"], row)
    rows = [
        {"id": str(number), "first_name": row["first_name"], "last_name": row["last_name"],
         "birth_date": row["date_of_birth"], "email": row["email"], "phone": row["mobile"], **shared}
        for number, row in enumerate(list(firsts.values())[:count])
    ]  # fmt: skip
    assert len(rows) == count
    other = {
        "id": "other",
        "first_name": "Zed",
        "last_name": "Zorn",
        "email": "z@example.org",
        "phone": "07700 900555",
    }
    return pa.Table.from_pylist([*rows, other])


@pytest.mark.parametrize(
    ("role", "value"), [("email", "frontdesk@grandhotel.example"), ("phone", "+44 20 7946 0123")]
)
def test_a_value_of_many_people_is_muted_listed_and_not_named(role: str, value: str) -> None:
    ready = prepared({"crm": crowd(TOO_MANY + 5, **{role: value})})
    (told,) = [shared for shared in ready.sharing.values if shared.role == role]
    assert told.records == TOO_MANY + 5
    assert TOO_MANY <= told.people <= told.records
    assert len(told.digest) == 16
    assert ready.sharing.muted[role].sum() == 1
    # To the comparisons the value is missing; the records keep it.
    ids = ready.records.record_ids.to_pylist()
    muted = ready.features.codes(role)[0] < 0
    kept = ready.records.columns[role][0].codes >= 0
    assert muted[[number for number, name in enumerate(ids) if name != "other"]].all()
    assert not muted[ids.index("other")]
    assert kept.all()


FIRST = ["Mohammed", "Ahmed", "Fatima", "Omar", "Hassan", "Aisha", "Yusuf", "Maryam", "Khalid", "Zainab"]
LAST = ["Khan", "Ahmed", "Hussain", "Malik", "Shah", "Iqbal", "Akhtar", "Mahmood", "Begum", "Mirza"]


def born(dates: list[str | None], known: int = 2) -> Prepared:
    """People of few names, one for each birth date given."""
    names = [(first, last) for first in FIRST for last in LAST]
    rows = [
        {"id": f"{number:06}", "birth_date": date, "email": f"{number}@example.org",
         **dict(zip(("first_name", "last_name")[:known], names[number % len(names)], strict=False))}
        for number, date in enumerate(dates)
    ]  # fmt: skip
    return prepared({"crm": pa.Table.from_pylist(rows)})


def any_days(count: int, seed: int, first: int = 1940, years: int = 65) -> list[str | None]:
    days = np.random.default_rng(seed).integers(0, years * 365, count) + np.datetime64(f"{first}-01-01")
    return [str(day) for day in days]


# First names alone tell ten people apart, too few for a column in which three people share a day.
@pytest.mark.parametrize(
    ("others", "known"), [(30, 2), (1000, 2), (20_000, 2), (30, 1), (1000, 1), (1000, 0)]
)
def test_a_birth_date_of_far_more_people_than_others_is_muted(others: int, known: int) -> None:
    # On no list of defaults; two hundred people of few names have it, and two dates may be default ones.
    defaults = ["1980-05-17"] * 200 + ["1985-06-15"] * 150
    ready = born([*defaults, *(date for date in any_days(others, 7) if date not in defaults)], known)
    told = [(shared.role, shared.records) for shared in ready.sharing.values]
    assert sorted(told) == [("birth_date", 150), ("birth_date", 200)]
    assert (ready.features.codes("birth_date")[0][:350] < 0).all()
    assert ready.sharing.muted["birth_date"].sum() == 2


def test_two_dates_alone_have_nothing_to_be_held_against() -> None:
    assert born(["1980-05-17"] * 200 + ["1985-06-15"] * 150).sharing.values == []


@pytest.mark.parametrize(
    "dates",
    [
        any_days(60_000, 3, first=1990, years=10),  # sixteen people a day
        any_days(20_000, 3),
        any_days(900, 3),
        any_days(2_000, 3) + any_days(20_000, 4, first=2015, years=3),  # a school and a few parents
        [f"{year}-01-01" for year in range(1950, 2000) for _ in range(40)],  # nothing but years is known
        [f"{day[:7]}-01" for day in any_days(20_000, 5) if day],  # nothing but months
        any_days(20_000, 6) + [f"{year}-01-01" for year in range(1940, 2005) for _ in range(4)],
    ],
    ids=["large", "middle", "small", "school", "years", "months", "heaped"],
)
def test_birthdays_are_not_taken_for_defaults(dates: list[str | None]) -> None:
    assert born(dates).sharing.values == []


def test_many_records_of_one_person_make_no_default_date() -> None:
    spelt = ["Christopher", "Cristopher", "Kristopher", "Christofer", "Chris", "CHRISTOPHER", "Christopherr"]
    rows = [
        {
            "id": f"{number:03}",
            "first_name": spelt[number % 7],
            "last_name": "Ravensdale",
            "birth_date": "1969-07-07",
        }
        for number in range(70)
    ]
    others = [
        {"id": f"X{number}", "first_name": "Ada", "last_name": "Byron", "birth_date": date}
        for number, date in enumerate(any_days(300, 1))
    ]
    assert prepared({"crm": pa.Table.from_pylist(rows + others)}).sharing.values == []


def test_a_value_of_few_people_is_not_muted() -> None:
    ready = prepared({"crm": crowd(TOO_MANY - 1, email="frontdesk@grandhotel.example")})
    assert ready.sharing.values == []
    assert not any(muted.any() for muted in ready.sharing.muted.values())


def test_many_records_of_one_person_are_one_person() -> None:
    row = {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "birth_date": "1990-02-03",
        "email": "ada@example.org",
    }
    ready = prepared({"crm": pa.Table.from_pylist([row | {"id": str(number)} for number in range(19)])})
    assert ready.sharing.people["email"].tolist() == [1]


def test_the_list_does_not_depend_on_the_order_of_rows() -> None:
    table = pa.concat_tables([crowd(20, email="a@example.org"), crowd(30, phone="020 7946 0123")]).drop(
        ["id"]
    )
    table = table.append_column("id", pa.array([f"{number:03}" for number in range(table.num_rows)]))
    mixed = table.take(np.random.default_rng(1).permutation(table.num_rows))
    one, other = (resolve({"crm": held}, id_column="id").summary["shared_values"] for held in (table, mixed))
    assert one == other
    assert [shared["people"] for shared in one] == sorted((shared["people"] for shared in one), reverse=True)
    assert len(one) == 2


def test_counting_does_not_depend_on_how_work_is_spread() -> None:
    ready = prepared({"crm": crowd(20, email="a@example.org")})
    engine = load_engine("local", 4)
    again = find_sharing(ready.records, ready.templates, engine.run)
    assert again.values == ready.sharing.values
    assert all((again.people[role] == ready.sharing.people[role]).all() for role in again.people)
