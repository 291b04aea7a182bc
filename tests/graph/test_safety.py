"""Nothing acknowledged is lost, nothing erased is left, and bad input is refused with a reason."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from oracle import as_text, rebuild

from cxm_sdk._native.bloom import Bloom
from cxm_sdk.errors import InputError, UnknownProfileError
from cxm_sdk.graph import ProfileGraph
from cxm_sdk.identity.default_model import default_model
from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES
from cxm_sdk.profiles import config

WRITER = """
import sys
from cxm_sdk.graph import ProfileGraph
graph = ProfileGraph(sys.argv[1])
for batch in range(100_000):
    items = [
        {"source": "crm", "record_id": f"{batch}-{n}", "observed_at": batch,
         "identifiers": {"email": f"{(batch * 7 + n) % 40}@x.org"}, "attributes": {"first_name": f"Name{n % 5}"}}
        for n in range(3)
    ]
    graph.ingest(items)
    print(batch, flush=True)
"""


def kill_and_look(path: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    acknowledged = -1
    for _ in range(kills):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        seen = writer.stdout.readline()
        time.sleep(chance.random() * 0.2)
        os.kill(writer.pid, signal.SIGKILL)
        lines = [seen, *writer.stdout.read().splitlines()]
        writer.wait()
        writer.stdout.close()
        whole = [int(line) for line in lines if line.strip().isdigit()]
        acknowledged = max([acknowledged, *whole])
        with ProfileGraph(path) as graph:
            assert graph.health().faults == ()
            batches: dict[str, int] = {}
            for item in graph.store.all_items():
                batch = item.record_id.partition("-")[0]
                batches[batch] = batches.get(batch, 0) + 1
            assert set(batches.values()) == {3}  # whole batches, and each item once
            assert {str(n) for n in range(acknowledged + 1)} <= batches.keys()
            bodies = [json.loads(item.body) for item in graph.store.all_items()]
            if len(bodies) < 400:
                assert as_text(graph.snapshot()) == as_text(rebuild(bodies, graph.config))


def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    kill_and_look(tmp_path / "g.db", kills=2, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 10))
def test_two_hundred_writers_that_are_killed_lose_nothing(tmp_path: Path, seed: int) -> None:
    kill_and_look(tmp_path / "g.db", kills=25, seed=seed)


SECRETS = (
    "ada.secret@private.org",
    "Lovelacesecret",
    "C-secret-17",
    "17 Secret Road",
    "cookie-secret",
    "plan-secret",
)


def person(secret: bool) -> list[dict[str, Any]]:
    email, last, number, street, cookie, plan = (
        SECRETS if secret else ("b@x.org", "Builder", "C-2", "1 Elm St", "k", "free")
    )
    return [
        {
            "source": "crm",
            "record_id": number,
            "observed_at": 5,
            "identifiers": {"email": email, "crm_id": number},
            "attributes": {"first_name": "Ada", "last_name": last, "street": street, "city": "Ulm"},
        },
        {
            "type": "identify",
            "userId": f"u-{number}",
            "anonymousId": cookie,
            "messageId": f"m-{number}",
            "timestamp": 6,
            "traits": {"email": email, "plan": plan},
        },
        {"type": "page", "anonymousId": cookie, "messageId": f"p-{number}", "timestamp": 7},
    ]


def test_no_byte_of_the_store_or_its_journal_holds_what_was_erased(tmp_path: Path) -> None:
    path = tmp_path / "g.db"
    with ProfileGraph(path) as graph:
        for item in person(True) + person(False):
            graph.ingest(item)
        graph.assert_different(("crm_id", "C-secret-17"), ("crm_id", "C-2"), who="dana", why="called")
        graph.ingest([{**person(True)[0], "observed_at": 9}])
        found = b"".join(file.read_bytes() for file in graph.store.files())
        assert all(secret.encode() in found for secret in SECRETS)
        gone = graph.profile("crm_id", "C-secret-17").id
        certificate = graph.erase(gone)
        assert (certificate.items, certificate.remains, certificate.profiles) == (3, 0, (gone,))
        left = b"".join(file.read_bytes() for file in graph.store.files()).lower()
        assert certificate.scanned_bytes > 0
        assert [secret for secret in SECRETS if secret.lower().encode() in left] == []
        assert as_text(graph.snapshot()) == as_text(rebuild(person(False), graph.config))
        with pytest.raises(UnknownProfileError, match="erased"):
            graph.profile(gone)
        assert {rejected.reason for rejected in graph.ingest(person(True)).rejected} == {"erased"}
        assert "secret" not in json.dumps([change._asdict() for change in graph.changes()])
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir()).lower()
    assert [secret for secret in SECRETS if secret.lower().encode() in left] == []


def test_filters_tell_of_nobody_who_was_erased(tmp_path: Path) -> None:
    with ProfileGraph(tmp_path / "g.db") as graph:
        graph.store.noted, graph.store.moved = 1, 1
        for item in person(True) + person(False):
            graph.ingest(item)
        gone, rest = (
            [
                key
                for record in graph._session.view.records(bytes.fromhex(graph.profile("crm_id", name).id))
                for key in record.keys
            ]
            for name in ("C-secret-17", "C-2")
        )
        assert graph.store._likely("keys", gone) == gone
        graph.erase(graph.profile("crm_id", "C-secret-17").id)
        stored = dict(graph.store._connection.execute("SELECT part, bits FROM bloom").fetchall())
        left = Bloom()
        for part in left.parts_of(gone + rest):
            left.take(part, stored[part])
        assert left.may_hold(rest) == graph.store._likely("keys", rest)
        assert left.may_hold(gone) == graph.store._likely("keys", gone) == []


def test_a_value_that_others_hold_too_is_no_tombstone() -> None:
    def record(number: int, first: str) -> dict[str, Any]:
        ids = {"crm_id": f"c-{number}", "email": "family@x.org"}
        return {
            "source": "crm",
            "record_id": str(number),
            "observed_at": number,
            "identifiers": ids,
            "attributes": {"first_name": first},
        }

    with ProfileGraph(":memory:") as graph:
        graph.ingest([record(1, "Paul"), record(2, "Quinn")])
        graph.erase(graph.profile("crm_id", "c-1").id)
        assert graph.ingest(record(3, "Quinn")).accepted == 1
        assert graph.ingest(record(1, "Paul")).rejected[0].reason == "erased"


GOOD = {"type": "track", "userId": "u", "messageId": "m", "timestamp": 1}
BARE = {"source": "crm", "record_id": "1", "observed_at": 1}
RECORD = {**BARE, "identifiers": {"email": "a@x.org"}}


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("text", "not_a_mapping"),
        ({**GOOD, "properties": {"x": object()}}, "not_json"),
        ({**GOOD, "type": "shout"}, "unknown_type"),
        ({**GOOD, "userId": None}, "no_user_anon_id"),
        ({**GOOD, "userId": "", "anonymousId": "  "}, "no_user_anon_id"),
        ({**GOOD, "timestamp": "yesterday"}, "unreadable_time"),
        ({**GOOD, "timestamp": float("nan")}, "unreadable_time"),
        ({**GOOD, "timestamp": True}, "unreadable_time"),
        ({**GOOD, "timestamp": "2999-01-01T00:00:00Z"}, "time_in_future"),
        ({**GOOD, "timestamp": "1492-10-12"}, "time_too_early"),
        ({**GOOD, "timestamp": 1e300}, "time_in_future"),
        ({**GOOD, "messageId": "m" * 600}, "unusable_name"),
        ({**GOOD, "context": {"externalIds": [{"id": "x", "type": "shoe"}]}}, "unknown_namespace"),
        ({**RECORD, "identifiers": {"shoe_size": "42"}}, "unknown_namespace"),
        ({**RECORD, "identifiers": {"email": [f"{n}@x.org" for n in range(10_000)]}}, "too_many_identifiers"),
        ({**RECORD, "observed_at": None}, "incomplete_record"),
        ({**RECORD, "source": ""}, "incomplete_record"),
        ({**RECORD, "source": "events"}, "reserved_source"),
        ({}, "incomplete_record"),
        ({**BARE, "identifers": {"email": "a@x.org"}, "attributes": {"city": "Ulm"}}, "misspelt_key"),
        ({**BARE, "identifiers": {"email": "a@x.org"}, "atributes": {"city": "Ulm"}}, "misspelt_key"),
        ({**BARE, "email": "a@x.org"}, "incomplete_record"),
    ],
)
def test_bad_items_are_refused_with_a_reason_and_the_others_are_taken(item: Any, reason: str) -> None:
    with ProfileGraph(":memory:") as graph:
        report = graph.ingest([GOOD, item, RECORD])
        assert [(r.index, r.reason, r.stored) for r in report.rejected] == [(1, reason, False)]
        assert report.accepted == 2
        assert "42" not in report.rejected[0].detail


def test_other_keys_of_a_record_are_kept_with_it() -> None:
    with ProfileGraph(":memory:") as graph:
        report = graph.ingest({**RECORD, "batch": 7})
        assert (report.accepted, report.rejected) == (1, [])
        assert graph.profile("email", "a@x.org").timeline()[0].item["batch"] == 7


@pytest.mark.parametrize(
    "value", ["", "   ", "null", "N/A", "0000-0000", "-1", "anonymous", "x" * 10_000, "\x00", None, []]
)
def test_junk_values_name_nobody(value: Any) -> None:
    with ProfileGraph(":memory:") as graph:
        report = graph.ingest(
            [{**RECORD, "record_id": str(n), "identifiers": {"crm_id": value}} for n in range(2)]
        )
        assert (report.accepted, report.rejected) == (2, [])
        assert graph.health().profiles == 0


def test_items_whose_versions_contradict_each_other_give_one_answer_in_any_order() -> None:
    versions = [
        {**RECORD, "observed_at": at, "attributes": {"first_name": name}}
        for at, name in ((1, "A"), (1, "B"), (2, "C"), (2, "D"))
    ]
    found = set()
    for seed in range(8):
        random.Random(seed).shuffle(versions)
        with ProfileGraph(":memory:") as graph:
            graph.ingest(versions)
            found.add(as_text(graph.snapshot()))
    assert len(found) == 1


def test_a_clock_that_is_years_off_harms_nobody_else() -> None:
    def login(user: str, year: int, message: str) -> dict[str, Any]:
        stamp = {"timestamp": f"{year}-03-01T12:00:00Z", "sentAt": "2026-03-01T12:00:01Z"}
        return {"type": "identify", "userId": user, "anonymousId": "k", "messageId": message, **stamp}

    ahead, behind, right = login("u-1", 2061, "m-1"), login("u-2", 1999, "m-2"), login("u-3", 2026, "m-3")
    visit = {"type": "page", "anonymousId": "k", "messageId": "m-4", "timestamp": "2026-03-01T12:05:00Z"}
    with ProfileGraph(":memory:") as graph:
        report = graph.ingest([ahead, behind, right, visit])
        assert [(one.index, one.reason) for one in report.rejected] == [(0, "time_in_future")]
        assert report.accepted == 3
        # Of what is years behind nobody can tell; it stands where it says, and the browser is whose it was last.
        assert [entry.id for entry in graph.profile("user_id", "u-3").timeline()] == ["m-4", "m-3"]
        assert [entry.id for entry in graph.profile("user_id", "u-2").timeline()] == ["m-2"]


def test_an_event_without_a_time_or_an_id_gets_both_and_keeps_them() -> None:
    with ProfileGraph(":memory:") as graph:
        graph.ingest({"type": "track", "userId": "u"})
        (entry,) = graph.profile("user_id", "u").timeline()
        assert entry.item["messageId"] == entry.id
        assert graph.retract(message_id=entry.id)
        assert graph.health().items == 0


def test_asking_for_nobody_is_a_clear_error() -> None:
    with ProfileGraph(":memory:") as graph:
        graph.ingest(RECORD)
        for name in (("email", "zoe@x.org"), ("00" * 16,), ("no id",)):
            with pytest.raises(UnknownProfileError):
                graph.profile(*name)
        with pytest.raises(InputError, match="namespace"):
            graph.profile("shoe_size", "42")
        with pytest.raises(InputError, match="says nothing"):
            graph.profile("email", "n/a")
        with pytest.raises(InputError, match="one twice"):
            graph.assert_same(("email", "a@x.org"), ("email", "A@X.org"), who="d", why="w")
        with pytest.raises(InputError, match="both or none"):
            graph.retract()


def test_health_says_that_the_built_in_model_is_another_one_than_the_graph_was_made_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProfileGraph(tmp_path / "g.db") as graph:
        graph.ingest(RECORD)
        assert not graph.health().model_changed
    later = default_model(DEFAULT_NAMESPACES).model_copy(update={"threshold": 0.75})
    monkeypatch.setattr(config, "made_default", lambda _: later)
    with ProfileGraph(tmp_path / "g.db") as graph:
        assert graph.health().model_changed
        graph.apply(graph.config)
        assert not graph.health().model_changed
