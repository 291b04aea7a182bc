"""Relatives who look like one person stay two, and one person who was written wrongly stays one."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import pyarrow as pa
import pytest

from cxm_sdk import resolve

Row = dict[str, str]
FIRST = [
    *(
        "Anna",
        "Bernd",
        "Clara",
        "David",
        "Emma",
        "Felix",
        "Greta",
        "Hans",
        "Jonas",
        "Karin",
        "Lars",
        "Nils",
        "Olga",
    ),
    *(
        "Paul",
        "Rosa",
        "Sven",
        "Tina",
        "Vera",
        "Willi",
        "Xenia",
        "Yann",
        "Albert",
        "Berta",
        "Carl",
        "Dora",
        "Emil",
    ),
]
LAST = [
    *(
        "Schmidt",
        "Maier",
        "Huber",
        "Becker",
        "Wagner",
        "Koch",
        "Richter",
        "Wolf",
        "Neumann",
        "Schwarz",
        "Braun",
    ),
    *(
        "Zimmermann",
        "Krueger",
        "Hofmann",
        "Hartmann",
        "Lange",
        "Werner",
        "Krause",
        "Lehmann",
        "Kaiser",
        "Fuchs",
    ),
    *("Vogel", "Peters", "Scholz", "Moeller", "Weiss", "Jung", "Hahn", "Busch", "Pohl"),
]
STREETS = ["Hauptstrasse", "Gartenweg", "Lindenallee", "Ringstrasse", "Schulgasse", "Waldweg", "Bergstrasse"]


def born(draw: random.Random, first: int = 1940, last: int = 2004) -> str:
    return f"{draw.randint(first, last)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"


def stranger(draw: random.Random) -> Row:
    return {
        "first_name": draw.choice(FIRST),
        "last_name": draw.choice(LAST),
        "birth_date": born(draw),
        "street": f"{draw.choice(STREETS)} {draw.randint(1, 99)}",
        "postcode": str(draw.randint(10000, 99999)),
    }


def with_slip(draw: random.Random, text: str) -> str:
    """The text with two neighbouring letters in each other's place."""
    at = draw.randrange(1, len(text) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def customers(draw: random.Random, count: int) -> list[tuple[Row, str]]:
    """People, each alone at home; three in ten stand twice, with a slip in a name or a street."""
    found = []
    for number in range(count):
        row = stranger(draw)
        found.append((row, f"{number}"))
        if draw.random() < 0.3:
            field = draw.choice(["first_name", "last_name", "street"])
            found.append((row | {field: with_slip(draw, row[field])}, f"{number}"))
    return found


def two_names(draw: random.Random) -> list[str]:
    """Two first names that nobody takes for one written wrongly."""
    return [draw.choice(["Felix", "Emma", "Sven", "Vera"]), draw.choice(["Rosa", "Paul", "Tina", "Jonas"])]


def pairs(draw: random.Random, kind: str, count: int) -> list[tuple[Row, str]]:
    """Twins, or fathers and sons of one name."""
    found = []
    for number in range(count):
        row = stranger(draw)
        if kind == "twins":
            changes = [{"first_name": name} for name in two_names(draw)]
        else:
            changes = [{"birth_date": born(draw, 1940, 1955)}, {"birth_date": born(draw, 1970, 1989)}]
        found += [(row | change, f"{kind} {number} {side}") for side, change in enumerate(changes)]
    return found


def profiles(known: list[tuple[Row, str]], draw: random.Random) -> dict[str, list[str]]:
    """Who is in each profile."""
    draw.shuffle(known)
    table = pa.Table.from_pylist([{"id": str(number)} | row for number, (row, _) in enumerate(known)])
    found = defaultdict(list)
    assigned = resolve(table).assignments.to_pydict()
    for record, profile in zip(assigned["record_id"], assigned["profile_id"], strict=True):
        found[profile].append(known[int(record)][1])
    return found


@pytest.mark.parametrize("count", [60, 600])
@pytest.mark.parametrize("kinds", [["twins"], ["namesakes"], ["twins", "namesakes"]])
def test_look_alikes_stay_apart_in_a_file_without_other_households(kinds: list[str], count: int) -> None:
    draw = random.Random(count)
    known = customers(draw, count)
    for kind in kinds:
        known += pairs(draw, kind, count // 40)
    people = profiles(known, draw)
    assert not [who for who in people.values() if len(set(who)) > 1]
    held = Counter(person for _, person in known)
    assert sum(len(set(who)) == 1 and len(who) == held[who[0]] for who in people.values()) >= 0.99 * len(held)


def test_twins_stay_apart_where_names_are_misspelt_but_never_replaced() -> None:
    draw = random.Random(7)
    known = customers(draw, 600)
    for number in range(60):
        row = stranger(draw)
        known.append((row, f"misspelt {number}"))
        for field in ("first_name", "last_name"):
            known.append((row | {field: with_slip(draw, with_slip(draw, row[field]))}, f"misspelt {number}"))
    known += pairs(draw, "twins", 40)
    people = list(profiles(known, draw).values())
    assert not [who for who in people if len(set(who)) > 1]
    assert sum(who[0].startswith("misspelt") and len(who) == 3 for who in people) >= 57


@pytest.mark.parametrize("field", ["first_name", "birth_date"])
def test_one_person_stays_one_where_last_names_are_replaced_as_often(field: str) -> None:
    draw = random.Random(5)
    known = customers(draw, 600)
    for replaced in (field, "last_name"):
        for number in range(50):
            row = stranger(draw)
            known += [(row, f"{replaced} {number}")]
            known += [(row | {replaced: stranger(draw)[replaced]}, f"{replaced} {number}")]
    together = [who for who in profiles(known, draw).values() if who[0].startswith(field) and len(who) == 2]
    assert len(together) >= 45


def test_a_number_of_their_own_keeps_one_person_together() -> None:
    draw = random.Random(6)
    known = customers(draw, 600)
    known = [(row | {"national_id": f"{int(person):09}"}, person) for row, person in known]
    for number in range(15):
        row = stranger(draw) | {"national_id": f"9{number:08}"}
        known += [(row | {"first_name": name}, f"x {number}") for name in two_names(draw)]
    together = [who for who in profiles(known, draw).values() if who[0].startswith("x") and len(who) == 2]
    assert len(together) == 15
