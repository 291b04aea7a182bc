"""A person known by one name alone is the one who has the mailbox, and no relative."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

from cxm_sdk import ProfileGraph

MAIL = "piekacz@example.com"


def record(number: int, **attributes: str) -> dict[str, Any]:
    return {
        "source": "desk",
        "record_id": str(number),
        "observed_at": f"2025-03-0{number}T00:00:00Z",
        "identifiers": {"email": MAIL},
        "attributes": attributes,
    }


def test_a_caller_known_by_last_name_alone_is_no_relative(tmp_path: Path) -> None:
    told = [
        record(1, first_name="Wojciech", last_name="Piekacz"),
        record(2, full_name="Piekacz"),
        record(3, full_name="Marta Nowak"),
    ]
    for number, order in enumerate(permutations(told)):
        with ProfileGraph(tmp_path / f"{number}.db") as graph:
            for item in order:
                graph.ingest([item])
            people = graph.profiles("email", MAIL)
            assert sorted(len(person.records) for person in people) == [1, 2]


def test_a_profile_shows_the_parts_of_a_full_name_as_they_were_written(tmp_path: Path) -> None:
    with ProfileGraph(tmp_path / "g.db") as graph:
        graph.ingest([record(1, full_name="Jörg-Uwe A. Müller von Aue")])
        golden = graph.profile("email", MAIL).golden
        parts = [golden[role].value for role in ("first_name", "middle_name", "last_name")]
    assert parts == ["Jörg-Uwe", "A. Müller", "von Aue"]
