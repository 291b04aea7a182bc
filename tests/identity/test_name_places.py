"""Names and places of one country go together, and are not counted as if they did not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from cxm_sdk import resolve
from cxm_sdk.identity.comparisons import ADDRESS_LEVELS, PLACES
from cxm_sdk.identity.name_places import nearer

COUNTRIES, CITIES, PEOPLE = 8, 6, 8_000
SYLLABLES = [
    "ba",
    "ko",
    "ri",
    "ten",
    "mal",
    "su",
    "vo",
    "gar",
    "lin",
    "pe",
    "dra",
    "hul",
    "mo",
    "zi",
    "cae",
    "fro",
]


def _words(draw: np.random.Generator, many: int) -> list[str]:
    return ["".join(draw.choice(SYLLABLES, draw.integers(2, 5))) for _ in range(many)]


def _customers(seed: int) -> pa.Table:
    """People of several countries, each with names and cities of its own; every tenth is there twice."""
    draw = np.random.default_rng(seed)
    names, cities = _words(draw, COUNTRIES * 150), _words(draw, COUNTRIES * CITIES)
    rows: list[tuple[Any, ...]] = []
    for person in range(PEOPLE):
        country = int(draw.integers(COUNTRIES))
        first, last = (country * 150 + int(draw.integers(*span)) for span in ((0, 40), (40, 150)))
        row = (names[first], names[last], cities[country * CITIES + int(draw.integers(CITIES))])
        rows += [(f"{person}-{copy}", *row) for copy in range(1 + (person % 10 == 0))]
    columns = map(list, zip(*rows, strict=True))
    return pa.table(dict(zip(("id", "first_name", "last_name", "city"), columns, strict=True)))


@pytest.mark.parametrize("seed", [1, 2])
def test_namesakes_of_one_country_are_not_joined_for_their_city(seed: int) -> None:
    table = resolve({"customers": _customers(seed)}, id_column="id").assignments
    people = [record.partition("-")[0] for record in table["record_id"].to_pylist()]
    profiles = table["profile_id"].to_pylist()
    sizes = np.unique(profiles, return_counts=True)[1]
    both = np.unique(list(zip(profiles, people, strict=True)), axis=0, return_counts=True)[1]
    claimed, right = (int((n * (n - 1) // 2).sum()) for n in (sizes, both))
    # Counted as independent, names and cities joined 21,000 pairs of namesakes here, for 800 of one person.
    assert right > 0.9 * PEOPLE / 10
    assert right / claimed > 0.35


def test_agreements_on_places_become_less_telling_and_never_more() -> None:
    draw = np.random.default_rng(5)
    places = np.arange(len(ADDRESS_LEVELS)) % len(PLACES)
    for _ in range(200):
        strangers = draw.random(len(ADDRESS_LEVELS)) * 10.0 ** draw.integers(-2, 7)
        namesakes = draw.random(len(PLACES)) * 10.0 ** draw.integers(-2, 6)
        moved = nearer(strangers, namesakes)
        assert moved.sum() == pytest.approx(strangers.sum())
        assert (moved[places > 1] >= strangers[places > 1] * (1 - 1e-12)).all()
        assert (moved >= 0).all()
