"""A golden record keeps what most records of its profile say, and never what only others say."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk import Resolution
from cxm_sdk.identity.clustering import Groups, grouped
from cxm_sdk.identity.golden import golden_table, golden_values
from cxm_sdk.identity.prepare import Prepared, prepare
from cxm_sdk.identity.running import Options, Stages, load_engine

CANONICAL = ("email", "sex", "birth_date")


def prepared(sources: dict[str, pa.Table]) -> Prepared:
    return prepare(load_engine("local", 1), [sources], Options(id_column="id"), Stages(None))


def gold(ready: Prepared, profiles: Groups) -> list[dict[str, Any]]:
    ids = pa.array([f"p{number}" for number in range(len(profiles))])
    homes = pa.nulls(len(profiles), pa.string())
    values = golden_values(ready.records, profiles, map)
    return golden_table(ready.records, profiles, ids, homes, values).to_pylist()


def slow_choice(values: list[str]) -> str | None:
    """The most frequent, then the longest, then the first in the alphabet."""
    often = Counter(values)
    return min(often, key=lambda value: (-often[value], -len(value), value.encode()), default=None)


rows = st.lists(
    st.fixed_dictionaries(
        {
            "first_name": st.sampled_from(["Ada", "ada ", "ADA", "Augusta", "Bob", "Zoë", None]),
            "last_name": st.sampled_from(["Lovelace", "LOVELACE", "Byron", "King", None]),
            "birth_date": st.sampled_from(["1990-02-03", "1985-04-17", "1985-04-18", None]),
            "sex": st.sampled_from(["f", "female", "M", None]),
            "email": st.sampled_from(["ada@example.org", "ADA@example.org", "augusta@example.net", None]),
            "postcode": st.sampled_from(["LS7 3QT", "ls73qt", "LS7 4AA", None]),
            "city": st.sampled_from(["Leeds", "LEEDS", "York", "Łódź", None]),
            "group": st.integers(0, 3),
        }
    ),
    min_size=1,
    max_size=12,
)


def case(rows: list[dict[str, Any]]) -> tuple[Prepared, Groups] | None:
    columns = {
        name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0] if name != "group"
    }
    if all(held.null_count == len(rows) for held in columns.values()):
        return None
    ready = prepared({"crm": pa.table({"id": [f"{n:02}" for n in range(len(rows))], **columns})})
    first: dict[int, int] = {}
    labels = [first.setdefault(row["group"], number) for number, row in enumerate(rows)]
    return ready, grouped(np.array(labels, np.int32))


@settings(max_examples=30)
@given(rows)
def test_each_role_keeps_the_most_frequent_then_the_longest_then_the_first_value(
    rows: list[dict[str, Any]],
) -> None:
    if (made := case(rows)) is None:
        return
    ready, profiles = made
    for number, kept in enumerate(gold(ready, profiles)):
        members = profiles.members[profiles.starts[number] : profiles.starts[number + 1]].tolist()
        assert kept["records"] == len(members)
        assert kept["sources"] == ["crm"]
        for role, (column,) in ready.records.columns.items():
            values = column.values.to_pylist()
            best = slow_choice(
                [values[column.codes[record]] for record in members if column.codes[record] >= 0]
            )
            if role in CANONICAL:
                shown = kept[role].replace("-", "") if role == "birth_date" and kept[role] else kept[role]
                assert shown == best
            else:
                # Shown as most records of the profile write it, of equally many as the first of them.
                said = [rows[record][role] for record in members]
                often = Counter(text for text in said if text and meaning(role, text) == best)
                assert kept[role] == (often.most_common(1)[0][0] if best else None)


phones = st.lists(
    st.lists(
        st.sampled_from(["07700 900123", "+44 7700 900123", "020 7946 0018", "07911 445674", None]),
        min_size=3,
        max_size=3,
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=50)
@given(phones)
def test_of_several_values_of_a_role_the_one_that_most_records_hold_is_kept(
    held: list[list[str | None]],
) -> None:
    if not any(any(row) for row in held):
        return
    names = ("phone", "mobile", "phone_2")
    columns = {name: pa.array([row[at] for row in held], pa.string()) for at, name in enumerate(names)}
    ready = prepared({"crm": pa.table({"id": [f"{n}" for n in range(len(held))], **columns})})
    if "phone" not in ready.records.columns:
        return
    slots = ready.records.columns["phone"]
    often, place = Counter[int](), dict[int, int]()
    for slot, column in enumerate(slots):
        for code in column.codes[column.codes >= 0].tolist():
            often[code] += 1
            place[code] = min(slot, place.get(code, slot))
    values = slots[0].values.to_pylist()
    best = min(often, key=lambda code: (-often[code], place[code], -len(values[code]), values[code].encode()))
    (kept,) = gold(ready, grouped(np.zeros(len(held), np.int32)))
    assert meaning("phone", kept["phone"]) == values[best]


def test_a_number_in_second_place_is_kept_where_most_records_have_it() -> None:
    ready = prepared(
        {
            "crm": pa.table(
                {
                    "id": ["1", "2", "3"],
                    "phone": ["020 7946 0018", "07911 445674", "01632 960001"],
                    "mobile": [None, "07700 900123", "07700 900123"],
                }
            )
        }
    )
    (kept,) = gold(ready, grouped(np.zeros(3, np.int32)))
    assert kept["phone"] == "07700 900123"


def test_a_name_is_written_as_its_own_records_write_it_whatever_others_do() -> None:
    names = ["Günther", "Gunther", "Günther", *["Gunther"] * 7]
    ready = prepared(
        {"crm": pa.table({"id": [str(n) for n in range(10)], "first_name": names, "last_name": names})}
    )
    profiles = grouped(np.array([0, 0, 0, 3, 3, 3, 3, 3, 3, 3], np.int32))
    kept = gold(ready, profiles)
    assert [row["first_name"] for row in kept] == ["Günther", "Gunther"]
    assert [row["last_name"] for row in kept] == ["Günther", "Gunther"]


@cache
def meaning(role: str, shown: str | None) -> str | None:
    """The canonical form of what a golden record shows."""
    if shown is None:
        return None
    (column,) = prepared({"crm": pa.table({"id": ["1"], role: [shown]})}).records.columns[role]
    canonical: str = column.values[int(column.codes[0])].as_py()
    return canonical


@settings(max_examples=20)
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[dict[str, Any]], draw: Any) -> None:
    if (made := case(rows)) is None:
        return
    ready, profiles = made
    columns = {name: [row[name] for row in rows] for name in rows[0] if name != "group"}
    columns["id"] = [f"{number:02}" for number in range(len(rows))]
    order = draw.sample(range(len(rows)), len(rows))
    mixed = prepared(
        {
            "crm": pa.table(
                {name: pa.array([held[at] for at in order], pa.string()) for name, held in columns.items()}
            )
        }
    )
    assert gold(mixed, profiles) == gold(ready, profiles)


def test_sources_are_listed_once_and_in_order() -> None:
    people = {"id": ["1", "2", "3"], "email": ["ada@example.org", "bob@example.org", "cyd@example.org"]}
    ready = prepared({name: pa.table(people) for name in ("web", "crm", "shop")})
    # Records are crm 1-3, shop 1-3, web 1-3.
    labels = np.array([0, 1, 1, 0, 0, 5, 0, 1, 5], np.int32)
    assert [row["sources"] for row in gold(ready, grouped(labels))] == [
        ["crm", "shop", "web"],
        ["crm", "web"],
        ["shop", "web"],
    ]


def test_a_role_without_value_is_null_and_dates_are_written_as_iso() -> None:
    ready = prepared(
        {
            "crm": pa.table(
                {"id": ["1", "2"], "birth_date": ["03/02/1990", "25/12/1985"], "city": ["Leeds", None]}
            )
        }
    )
    first, second = gold(ready, grouped(np.array([0, 1], np.int32)))
    assert (first["birth_date"], second["birth_date"]) == ("1990-02-03", "1985-12-25")
    assert (first["city"], second["city"]) == ("Leeds", None)


def test_contacts_and_ids_of_a_golden_record_come_from_its_own_records(resolved: Resolution) -> None:
    assert resolved.prepared is not None
    records = resolved.prepared.records
    profile_of = resolved.assignments["profile_id"].to_pylist()
    shown = {row["profile_id"]: row for row in resolved.profiles.to_pylist()}
    checked = 0
    for role in ("email", "sex", "birth_date", "crm_id", "loyalty_id", "user_id"):
        own: dict[str, set[str]] = defaultdict(set)
        for column in records.columns[role]:
            values = column.values.to_pylist()
            for profile, code in zip(profile_of, column.codes.tolist(), strict=True):
                if code >= 0:
                    own[profile].add(values[code].replace("-", "").lower())
        for profile, row in shown.items():
            if row[role] is None:
                assert not own[profile]
            else:
                assert row[role].strip().replace("-", "").lower() in own[profile]
                checked += 1
    assert checked > 1000


def test_a_street_never_shows_the_number_or_flat_of_another_customer() -> None:
    people = pa.table(
        {
            "id": ["1", "2", "3"],
            "first_name": ["Ada", "Bob", "Cyd"],
            "last_name": ["Quill", "Byron", "Ede"],
            "address": ["28 High Street, Flat 3", "89 High Street", "28 High Street, Flat 3"],
        }
    )
    ready = prepared({"crm": people})
    profiles = grouped(np.arange(3, dtype=np.int32))
    for row in gold(ready, profiles):
        assert not any(letter.isdigit() for letter in row["street"])


def test_parts_of_a_full_name_are_shown_as_most_records_write_them() -> None:
    people = {"1": "Jörg Müller", "2": "Jörg Müller", "3": "JORG MULLER", "4": "van der Berg, Anna-Lena M."}
    table = pa.table({"id": list(people), "name": list(people.values())})
    ready = prepared({"crm": table})
    shown = [
        [kept.get(role) for role in ("first_name", "middle_name", "last_name")]
        for kept in gold(ready, grouped(np.array([0, 0, 0, 3], np.int32)))
    ]
    assert shown == [["Jörg", None, "Müller"], ["Anna-Lena", "M.", "van der Berg"]]
