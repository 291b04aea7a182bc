"""Profiles obey their constraints, large groups stay whole, and groups list every record once."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk import Linker, Resolution, resolve
from cxm_sdk.identity import clustering
from cxm_sdk.identity.clustering import grouped
from cxm_sdk.identity.model import Constraint
from cxm_sdk.testing import synthetic


def profiles(result: Resolution) -> dict[str, list[tuple[str, str]]]:
    members: dict[str, list[tuple[str, str]]] = defaultdict(list)
    columns = (result.assignments[name].to_pylist() for name in ("profile_id", "source", "record_id"))
    for profile, source, record in zip(*columns, strict=True):
        members[profile].append((source, record))
    return members


def cards(result: Resolution) -> dict[tuple[str, str], str]:
    """Loyalty id of each record that has one."""
    assert result.prepared is not None
    records = result.prepared.records
    column = records.columns["loyalty_id"][0]
    names = zip(
        (records.source_names[code] for code in records.source_codes),
        records.record_ids.to_pylist(),
        strict=True,
    )
    return {
        name: column.values[int(code)].as_py()
        for name, code in zip(names, column.codes, strict=True)
        if code >= 0
    }


RULES = [
    (Constraint(kind="one_record", name="crm"),),
    (Constraint(kind="one_record", name="web"), Constraint(kind="one_record", name="crm")),
    (Constraint(kind="one_value", name="loyalty_id"),),
    (Constraint(kind="one_value", name="loyalty_id"), Constraint(kind="one_record", name="store")),
]


@pytest.mark.parametrize("constraints", RULES)
@pytest.mark.parametrize("small", [64, 2, 0])
def test_no_profile_breaks_a_constraint(
    customers: synthetic.SyntheticCustomers,
    resolved: Resolution,
    constraints: tuple[Constraint, ...],
    small: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Large components are split by other means than small ones; here both meet the same people.
    monkeypatch.setattr(clustering, "SMALL_COMPONENT", small)
    model = resolved.model.model_copy(update={"constraints": constraints})
    result = Linker(model).link(customers.sources, threshold=0.01)
    held = cards(result)
    for members in profiles(result).values():
        for constraint in constraints:
            if constraint.kind == "one_record":
                assert sum(source == constraint.name for source, _ in members) <= 1
            else:
                assert len({held[record] for record in members if record in held}) <= 1
    assert result.summary["links"]["contradicted"] > 0
    reasons = set(result.links["dropped_reason"].to_pylist())
    assert "contradicted" in reasons


def test_a_constraint_takes_links_away_and_adds_none(
    customers: synthetic.SyntheticCustomers, resolved: Resolution
) -> None:
    def kept(result: Resolution) -> set[tuple[str, ...]]:
        rows = result.links.filter(result.links["kept"]).to_pylist()
        return {
            tuple(row[name] for name in ("source_l", "record_id_l", "source_r", "record_id_r"))
            for row in rows
        }

    model = resolved.model.model_copy(update={"constraints": RULES[0]})
    bound = Linker(model).link(customers.sources)
    free = Linker(model.model_copy(update={"constraints": ()})).link(customers.sources)
    assert len(kept(bound)) < len(kept(free))
    assert len(profiles(bound)) > len(profiles(free))


def test_large_groups_of_one_person_stay_whole() -> None:
    # More records than are scored pair by pair, of one person who is not the only one.
    background = synthetic.generate(1500, seed=4).sources["crm"]
    row = dict.fromkeys(background.column_names) | {
        "first_name": "Ottoline", "last_name": "Braithwaite", "date_of_birth": "1971-04-05",
        "email": "otty@example.org", "mobile": "07700 900123", "country": "United Kingdom",
    }  # fmt: skip
    rows = [row | {"customer_id": f"X{number}"} for number in range(clustering.SMALL_COMPONENT + 20)]
    result = resolve(
        {"crm": pa.concat_tables([background, pa.Table.from_pylist(rows, schema=background.schema)])}
    )
    largest = max(profiles(result).values(), key=len)
    assert {record for _, record in largest} == {row["customer_id"] for row in rows}


def test_one_value_a_person_looks_at_every_value_a_record_holds(
    customers: synthetic.SyntheticCustomers,
) -> None:
    # Two columns of one role: a record may know an old and a new card, or only one of them.
    person = {"first_name": "Ottoline", "last_name": "Braithwaite", "birth_date": "1971-04-05",
              "email": "otty@example.org", "phone": "07700 900123"}  # fmt: skip
    held = {
        "second": ("LY100001", "LY200002"), "same second": (None, "LY200002"), "same first": ("LY100001", None),
        "other": (None, "LY900009"), "another": ("LY800008", "LY700007"),
    }  # fmt: skip
    rows = [
        person | {"id": name, "loyalty_id": one, "loyalty_id_2": two} for name, (one, two) in held.items()
    ]
    many = customers.sources["crm"].to_pylist()
    rows += [
        {"id": row["customer_id"], "first_name": row["first_name"], "last_name": row["last_name"],
         "birth_date": row["date_of_birth"], "email": row["email"], "phone": row["mobile"],
         "loyalty_id": f"LY{number + 10**6}", "loyalty_id_2": f"LY{number + 2 * 10**6}"}
        for number, row in enumerate(many)
    ]  # fmt: skip
    table, map_ = pa.Table.from_pylist(rows), [("loyalty_id", "loyalty_id"), ("loyalty_id", "loyalty_id_2")]
    model = Linker().train({"crm": table}, map=map_, id_column="id")
    model = model.model_copy(update={"constraints": (Constraint(kind="one_value", name="loyalty_id"),)})
    result = Linker(model).link({"crm": table}, map=map_, id_column="id", threshold=0.01)
    of = {record: profile for profile, members in profiles(result).items() for _, record in members}
    assert of["second"] == of["same second"] == of["same first"]
    assert len({of["second"], of["other"], of["another"]}) == 3


@given(st.lists(st.integers(0, 30), max_size=30))
def test_groups_list_every_record_once_in_the_order_of_their_first(draw: list[int]) -> None:
    seen: dict[int, int] = {}
    labels = np.array([seen.setdefault(value, place) for place, value in enumerate(draw)], np.int32)
    groups = grouped(labels)
    members = [
        groups.members[a:b].tolist() for a, b in zip(groups.starts[:-1], groups.starts[1:], strict=True)
    ]
    assert len(groups) == len(members) == len(seen)
    assert sorted(record for group in members for record in group) == list(range(len(draw)))
    assert [group[0] for group in members] == sorted(group[0] for group in members)
    for number, group in enumerate(members):
        assert group == sorted(group)
        assert {draw[record] for record in group} == {draw[group[0]]}
        assert all(groups.of[record] == number for record in group)
