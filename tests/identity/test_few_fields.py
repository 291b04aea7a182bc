"""Where only names and birth dates are known, as in many registers, people are neither invented nor missed."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from cxm_sdk import Resolution, resolve

LETTERS = "abcdefghijklmnoprstuvwz"
PEOPLE = 12_000
#: Every twelfth person is written down a second time.
TWICE = 12


def _names(draw: np.random.Generator, many: int) -> list[str]:
    return ["".join(draw.choice(list(LETTERS), draw.integers(4, 10))) for _ in range(many)]


def _slip(draw: np.random.Generator, text: str) -> str:
    """One letter or digit is another one, or is left out."""
    at = int(draw.integers(len(text)))
    other = draw.choice(list("0123456789" if text[at].isdigit() else LETTERS))
    return text[:at] + ("" if text[at].isalpha() and draw.random() < 0.3 else str(other)) + text[at + 1 :]


def _register(seed: int) -> pa.Table:
    """People with names as common as they are in a country, and second entries with a slip in one field each."""
    draw = np.random.default_rng(seed)
    first, last = _names(draw, 150), _names(draw, 400)
    common = [1.0 / np.arange(3, 3 + len(names)) for names in (first, last)]
    named = [
        draw.choice(names, PEOPLE, p=shares / shares.sum())
        for names, shares in zip((first, last), common, strict=True)
    ]
    born = zip(
        *(draw.integers(low, high, PEOPLE) for low, high in ((1930, 2006), (1, 13), (1, 29))), strict=True
    )
    dates = [f"{year}-{month:02d}-{day:02d}" for year, month, day in born]
    rows = []
    for person, row in enumerate(map(list, zip(*named, dates, strict=True))):
        rows.append((f"{person}-0", *row))
        if person % TWICE == 0:
            field = int(draw.integers(3))
            row[field] = _slip(draw, row[field])
            rows.append((f"{person}-1", *row))
    columns = zip(*rows, strict=True)
    return pa.table(
        dict(zip(("id", "first_name", "last_name", "birth_date"), map(list, columns), strict=True))
    )


@cache
def resolved(seed: int) -> Resolution:
    return resolve({"register": _register(seed)}, id_column="id")


@pytest.mark.parametrize("seed", [1, 2])
def test_people_of_common_names_are_not_joined_and_second_entries_are_found(seed: int) -> None:
    table = resolved(seed).assignments
    profile = dict(zip(table["record_id"].to_pylist(), table["profile_id"].to_pylist(), strict=True))
    again = [(record, f"{record[:-1]}0") for record in profile if record.endswith("-1")]
    sizes = np.unique(list(profile.values()), return_counts=True)[1]
    claimed, right = int((sizes * (sizes - 1) // 2).sum()), sum(profile[a] == profile[b] for a, b in again)
    assert right / len(again) > 0.85
    assert right / claimed > 0.9


@pytest.mark.parametrize("seed", [1, 2])
def test_as_many_pairs_are_expected_to_match_as_do(seed: int) -> None:
    summary, table = resolved(seed).summary, _register(seed)
    second, records = table.num_rows - PEOPLE, table.num_rows
    assert 0.7 < summary["prior"]["within"] * records * (records - 1) / 2 / second < 1.4
