"""People of other centuries, of whom a register holds many entries, spelled and dated in many ways."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from cxm_sdk import Resolution, evaluate, resolve
from cxm_sdk.identity.roles.all_sources import infer_roles
from cxm_sdk.identity.sources import SourceTable

LETTERS = list("abcdefghijklmnoprstuvwz")
PEOPLE = 600


def _slip(draw: np.random.Generator, text: str) -> str:
    at = int(draw.integers(len(text) - 1))
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


@cache
def register(seed: int) -> tuple[pa.Table, pa.Table]:
    """Six entries a person on average, and whose they are."""
    draw = np.random.default_rng(seed)
    first, last, towns = (
        ["".join(draw.choice(LETTERS, draw.integers(4, 10))) for _ in range(many)] for many in (80, 250, 60)
    )
    entries = []
    for person in range(PEOPLE):
        name, family, town = draw.choice(first), draw.choice(last), draw.choice(towns)
        year, district = int(draw.integers(1600, 1850)), f"{draw.choice(LETTERS)}{draw.integers(1, 90)}"
        born = f"{year}-{draw.integers(1, 13):02}-{draw.integers(1, 29):02}"
        for _ in range(int(draw.integers(1, 12))):
            chance = draw.random(5)
            entries.append(
                {
                    "forename_x": _slip(draw, name) if chance[0] < 0.15 else name,
                    "surname_x": _slip(draw, family) if chance[1] < 0.15 else family,
                    "dob": None if chance[2] < 0.2 else f"{year}-01-01" if chance[2] < 0.3 else born,
                    "place_of_birth": town if chance[3] < 0.85 else draw.choice(towns),
                    "postcode_x": f"{district} {draw.integers(1, 9)}{draw.choice(LETTERS)}{draw.choice(LETTERS)}"
                    if chance[4] < 0.8
                    else None,
                    "person": str(person),
                }
            )
    table = pa.Table.from_pylist(
        [{"entry": str(place), **entries[at]} for place, at in enumerate(draw.permutation(len(entries)))]
    )
    return table.drop_columns(["person"]), table.select(["entry", "person"])


@cache
def resolved(seed: int) -> Resolution:
    return resolve({"register": register(seed)[0]}, id_column="entry")


def test_the_columns_of_a_register_have_roles() -> None:
    found = infer_roles(SourceTable("register", register(1)[0], None), id_column="entry")
    assert {column.column: column.role for column in found.columns} == {
        "forename_x": "first_name",
        "surname_x": "last_name",
        "dob": "birth_date",
        "place_of_birth": "birth_place",
        "postcode_x": "postcode",
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_entries_of_one_person_come_together(seed: int) -> None:
    truth = register(seed)[1].rename_columns(["record_id", "entity_id"])
    found = evaluate(resolved(seed).assignments, truth).cluster_pairwise
    assert found.precision > 0.98
    assert found.recall > 0.95


def test_profiles_hold_the_place_of_birth() -> None:
    places = set(register(1)[0]["place_of_birth"].to_pylist())
    assert set(resolved(1).profiles["birth_place"].to_pylist()) <= places | {None}
