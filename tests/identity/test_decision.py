"""Links are more likely right than wrong, and constraints are found where the data bear them out."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from cxm_sdk import Resolution, resolve
from cxm_sdk.testing import synthetic


def people(count: int, seed: int) -> list[dict[str, str]]:
    """Customers with a national id, each once."""
    made = synthetic.generate(count * 6, seed)
    who = dict(zip(made.truth["record_id"].to_pylist(), made.truth["entity_id"].to_pylist(), strict=True))
    once = {who[row["customer_id"]]: row for row in made.sources["crm"].to_pylist()}
    numbers = np.random.default_rng(seed).permutation(10**6)[:count] + 10**8
    return [
        {
            "id": str(number),
            "first_name": row["first_name"],
            "last_name": row["last_name"],
            "birth_date": row["date_of_birth"],
            "email": row["email"],
            "national_id": f"{number:09}",
        }
        for row, number in zip(list(once.values())[:count], numbers.tolist(), strict=True)
    ]


def two_sources(repeats: int, other_number: int = 0) -> Resolution:
    """The same people in two sources; some stand twice in the first, or have another number in the second."""
    first = people(400, 21)
    second = [row | {"id": f"B{row['id']}"} for row in first]
    for row in second[:other_number]:
        row["national_id"] = str(int(row["national_id"]) + 5 * 10**8)
    first += [row | {"id": f"R{row['id']}"} for row in first[:repeats]]
    return resolve({"a": pa.Table.from_pylist(first), "b": pa.Table.from_pylist(second)})


def found(result: Resolution) -> set[tuple[str, str]]:
    return {(constraint.kind, constraint.name) for constraint in result.model.constraints}


def test_sources_without_repeats_hold_one_record_a_person() -> None:
    assert {("one_record", "a"), ("one_record", "b")} <= found(two_sources(repeats=0))


def test_a_source_with_repeats_is_not_taken_to_hold_one_record_a_person() -> None:
    assert ("one_record", "a") not in found(two_sources(repeats=40))


def test_an_identifier_that_never_differs_is_one_a_person() -> None:
    assert ("one_value", "national_id") in found(two_sources(repeats=40))


def test_an_identifier_that_differs_among_matches_is_not_one_a_person() -> None:
    assert ("one_value", "national_id") not in found(two_sources(repeats=40, other_number=60))


@pytest.mark.parametrize("rows", [1, 2, 30])
def test_few_records_bear_no_constraint_out(rows: int) -> None:
    assert not resolve({"a": pa.Table.from_pylist(people(40, 3)[:rows])}).model.constraints
