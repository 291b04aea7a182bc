"""Many copies of one customer are one customer, and change nothing for the others."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxm_sdk
from cxm_sdk import Linker, Resolution, resolve
from cxm_sdk.identity.blocking import slot_keys
from cxm_sdk.identity.blocking_rules import candidate_rules
from cxm_sdk.identity.copies import EQUAL_CROWD, LARGEST_PERSON, OF_ALL_SOURCES, OF_ONE_SOURCE
from cxm_sdk.identity.model import Constraint
from cxm_sdk.identity.prepare import Prepared, prepare
from cxm_sdk.identity.running import Options, Stages, load_engine
from cxm_sdk.testing import synthetic

Row = dict[str, str | None]


@pytest.fixture(scope="module")
def shop() -> synthetic.SyntheticCustomers:
    return synthetic.generate(2500, seed=3)


@pytest.fixture(scope="module")
def plain(shop: synthetic.SyntheticCustomers) -> Resolution:
    return resolve(shop.sources)


def full_row(shop: synthetic.SyntheticCustomers) -> Row:
    rows: list[Row] = shop.sources["crm"].to_pylist()
    return max(rows, key=lambda row: sum(bool(value) for value in row.values()))


def with_rows(shop: synthetic.SyntheticCustomers, rows: list[Row]) -> dict[str, pa.Table]:
    held = shop.sources["crm"]
    return {**shop.sources, "crm": pa.concat_tables([held, pa.Table.from_pylist(rows, schema=held.schema)])}


def copies_of(row: Row, count: int) -> list[Row]:
    return [{**row, "customer_id": f"copy {number:04d}"} for number in range(count)]


def profiles(result: Resolution, *, copies: bool) -> list[str]:
    held = result.assignments
    return held.filter(pc.equal(pc.starts_with(held["record_id"], "copy "), copies))["profile_id"].to_pylist()


def f1_of_others(result: Resolution, shop: synthetic.SyntheticCustomers) -> float:
    others = result.assignments.filter(pc.invert(pc.starts_with(result.assignments["record_id"], "copy ")))
    return cxm_sdk.evaluate(others, shop.truth).cluster_pairwise.f1


@pytest.mark.parametrize("count", [40, 290, 310, 1500])
def test_copies_are_one_profile_and_change_nothing_for_the_others(
    shop: synthetic.SyntheticCustomers, plain: Resolution, count: int
) -> None:
    result = resolve(with_rows(shop, copies_of(full_row(shop), count)))
    assert len(set(profiles(result, copies=True))) == 1
    assert f1_of_others(result, shop) == pytest.approx(f1_of_others(plain, shop), abs=0.002)
    assert result.summary["records"] == result.assignments.num_rows == 2500 + count


@pytest.mark.parametrize("count", [290, 400])
def test_records_of_one_person_that_differ_in_one_value_are_one_profile(
    shop: synthetic.SyntheticCustomers, plain: Resolution, count: int
) -> None:
    rows = [
        {**row, "mobile": f"07{700_100_000 + 7919 * number}"}
        for number, row in enumerate(copies_of(full_row(shop), count))
    ]
    result = resolve(with_rows(shop, rows))
    assert len(set(profiles(result, copies=True))) == 1
    assert f1_of_others(result, shop) == pytest.approx(f1_of_others(plain, shop), abs=0.002)


def test_a_copy_that_alone_knows_a_number_still_brings_in_who_else_has_it(
    shop: synthetic.SyntheticCustomers,
) -> None:
    row = full_row(shop)
    rows = copies_of(row, 200)
    rows[150]["mobile"] = "07700 912345"
    known = {name: row[name] for name in ("first_name", "last_name")}
    alone = dict.fromkeys(row) | known | {"customer_id": "copy alone", "mobile": "07700 912345"}
    result = resolve(with_rows(shop, [*rows, alone]))
    assert len(set(profiles(result, copies=True))) == 1


def test_every_copy_has_a_link_that_says_what_the_model_thinks_of_it(
    shop: synthetic.SyntheticCustomers,
) -> None:
    result = resolve(with_rows(shop, copies_of(full_row(shop), 120)))
    links = result.links.filter(pc.equal(result.links["rule"].cast(pa.string()), "equal")).to_pylist()
    linked = {link["record_id_r"] for link in links}
    assert {f"copy {number:04d}" for number in range(2, 120)} <= linked
    assert all(link["kept"] for link in links)
    (told,) = [rule for rule in result.summary["rules"] if rule["rule"] == "equal"]
    assert told["pairs"] == len(links)
    assert result.summary["pairs"] == sum(rule["pairs"] for rule in result.summary["rules"])
    for link in (links[0], links[-1]):
        ends = (f"{link[f'source_{side}']}:{link[f'record_id_{side}']}" for side in "lr")
        why = result.explain(*ends)
        assert why.linked
        assert why.weight == pytest.approx(link["match_weight"])


@pytest.mark.parametrize(
    "known", [{"city": "Leeds"}, {"first_name": "Emma"}, {"country": "United Kingdom"}, {}]
)
def test_equal_rows_that_say_next_to_nothing_are_not_one_person(
    shop: synthetic.SyntheticCustomers, plain: Resolution, known: Row
) -> None:
    row = dict.fromkeys(full_row(shop)) | known
    result = resolve(with_rows(shop, copies_of(row, 400)))
    assert len(set(profiles(result, copies=True))) == 400
    assert f1_of_others(result, shop) == pytest.approx(f1_of_others(plain, shop), abs=0.03)


def test_a_source_with_one_record_a_person_keeps_its_copies_apart(
    shop: synthetic.SyntheticCustomers, plain: Resolution
) -> None:
    model = plain.model.model_copy(update={"constraints": (Constraint(kind="one_record", name="crm"),)})
    result = Linker(model).link(with_rows(shop, copies_of(full_row(shop), 50)))
    assert len(set(profiles(result, copies=True))) == 50
    links = result.links.filter(pc.equal(result.links["rule"].cast(pa.string()), "equal"))
    assert set(links["dropped_reason"].to_pylist()) == {"contradicted"}


def test_copies_with_values_that_exclude_each_other_are_kept_apart(
    shop: synthetic.SyntheticCustomers, plain: Resolution
) -> None:
    model = plain.model.model_copy(update={"constraints": (Constraint(kind="one_value", name="crm_id"),)})
    result = Linker(model).link(with_rows(shop, copies_of(full_row(shop), 50)))
    assert len(set(profiles(result, copies=True))) == 50


def test_a_customer_who_is_in_every_daily_export_is_one_profile() -> None:
    day = synthetic.generate(300, seed=8).sources["crm"]
    result = resolve({f"day {number:03d}": day for number in range(40)})
    assert result.summary["records"] == 40 * len(day)
    first = resolve({"day": day})
    assert result.summary["profiles"] == pytest.approx(first.summary["profiles"], rel=0.02)


def prepared(sources: dict[str, pa.Table]) -> Prepared:
    told = [(role, role) for role in ("first_name", "last_name", "email")]
    return prepare(load_engine("local", 1), [sources], Options.of(told, (), "id"), Stages(None))


rows = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from(["Ada", "Bob", None]),
        st.sampled_from(["Lovelace", None]),
        st.sampled_from(["ada@example.org", "bob@example.org", None]),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=60)
@given(rows, st.randoms(use_true_random=False))
def test_a_follower_says_what_its_leader_says_and_few_of_a_crowd_stay(drawn: list[Any], chance: Any) -> None:
    sources: dict[str, list[Row]] = defaultdict(list)
    for number, (source, first, last, email) in enumerate(drawn):
        sources[source].append(
            {"id": f"{number:03d}", "first_name": first, "last_name": last, "email": email}
        )
    sources["c"] = [{"id": "x", "first_name": "Cyd", "last_name": "Hopper", "email": "cyd@example.org"}]
    names = ("id", "first_name", "last_name", "email")

    def tables() -> dict[str, pa.Table]:
        return {
            source: pa.table({name: pa.array([row[name] for row in held], pa.string()) for name in names})
            for source, held in sources.items()
        }

    found = prepared(tables())
    copies, records = found.copies, found.records
    said = list(
        zip(*(column.codes.tolist() for slots in records.columns.values() for column in slots), strict=True)
    )
    source_of = records.source_codes.tolist()
    leader = copies.leader.tolist()
    for record, whom in enumerate(leader):
        assert whom <= record
        assert leader[whom] == whom
    for left, right, equal in zip(copies.left, copies.right, copies.equal, strict=True):
        assert left < right
        assert not equal or said[left] == said[right]
    crowds = defaultdict(list)
    for record, values in enumerate(said):
        crowds[values].append(record)
    for values, crowd in crowds.items():
        stay = [record for record in crowd if leader[record] == record]
        if len(crowd) < EQUAL_CROWD:
            assert stay == crowd
        elif len(stay) < len(crowd):
            assert len(stay) <= OF_ALL_SOURCES
            assert all(
                sum(source_of[record] == source for record in stay) <= OF_ONE_SOURCE for source in range(3)
            )
        if max(values) < 0:
            assert stay == crowd
    for held in sources.values():
        chance.shuffle(held)
    again = prepared(tables()).copies
    assert np.array_equal(again.leader, copies.leader)
    assert np.array_equal(again.right, copies.right)


def test_relatives_with_one_mailbox_are_no_copies() -> None:
    people = [("Ada", "Lovelace"), ("Bob", "Lovelace"), ("Cyd", "Lovelace")]
    count = LARGEST_PERSON // 2
    rows = [
        {
            "id": f"{name}{n}",
            "first_name": name,
            "last_name": last,
            "email": "home@lovelace.example",
            "phone": f"07700 9{n:03d}{at}4",
        }
        for at, (name, last) in enumerate(people)
        for n in range(count)
    ]
    found = prepared({"crm": pa.Table.from_pylist(rows)})
    assert not len(found.copies)


def test_no_records_have_no_keys_however_many_copies_there_are(shop: synthetic.SyntheticCustomers) -> None:
    tables = with_rows(shop, copies_of(full_row(shop), 40))
    ready = prepare(load_engine("local", 1), [tables], Options(), Stages(None))
    assert len(ready.copies)
    for rule in candidate_rules(ready.records.columns, ready.identifiers):
        assert [len(keys) for keys in slot_keys(ready.features, rule, np.zeros(0, np.int32))] == [0]
