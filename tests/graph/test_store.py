"""What every store promises."""

from __future__ import annotations

import os
import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk._native.feed import Feed
from cxm_sdk._native.links import links_of_rows, rows_of_links
from cxm_sdk._native.naming import name_of_profile
from cxm_sdk._native.packing import packed
from cxm_sdk.errors import InputError, StoreError
from cxm_sdk.graph import ProfileGraph
from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.profiles import sqlite, sqlite_file
from cxm_sdk.profiles.config import GraphConfig
from cxm_sdk.profiles.evidence import Evidence, Steward, evidence_key
from cxm_sdk.profiles.migrations import FIRST, MIGRATIONS, VERSION
from cxm_sdk.profiles.sqlite import SqliteStore
from cxm_sdk.profiles.store import NodeRow, ProfileStore, StoredLink


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ProfileStore]:
    made = SqliteStore(":memory:" if request.param == "memory" else tmp_path / "graph.db")
    yield made
    made.close()


def event(name: str, at: int = 1) -> Evidence:
    return Evidence(evidence_key("events", name), "events", name, at, "track", '{"type": "track"}')


def add(
    store: ProfileStore, evidence: Evidence, node: int | None, devices: list[tuple[int, str, str]]
) -> int:
    number = store.next_item()
    store.add_evidence([(number, evidence, node, devices)])
    return number


def node(number: int, component: int = 1, profile: bytes = b"p") -> NodeRow:
    said = PersonRecord(number, "crm", str(number), {"city": ["ulm"]}, {}, 1, 2).packed()
    return NodeRow(number, said, 1, 2, component, profile)


def fed(told: list[tuple[str, bytes, dict[str, Any]]]) -> Feed:
    feed = Feed()
    for kind, profile, detail in told:
        feed.tell(kind, profile, *next(iter(detail.items()), ()))
    return feed


class TestContract:
    """Runs on every kind of store."""

    def test_a_failed_transaction_leaves_nothing(self, store: ProfileStore) -> None:
        def fail() -> None:
            with store.transaction():
                add(store, event("m"), None, [])
                store.set_meta("colour", "blue")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        with store.reading():
            assert store.count("evidence") == 0
            assert store.meta("colour") is None

    def test_a_transaction_inside_another_is_part_of_it(self, store: ProfileStore) -> None:
        def fail() -> None:
            with store.transaction():
                with store.transaction():
                    store.set_meta("colour", "blue")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert store.meta("colour") is None

    def test_items_are_found_by_key_by_record_and_by_time(self, store: ProfileStore) -> None:
        with store.transaction():
            first = add(store, event("m-1", 10), 7, [(5, "anonymous_id", "k")])
            second = add(store, event("m-2", 20), None, [(5, "anonymous_id", "k")])
            third = add(store, event("m-3", 30), 7, [])
        with store.reading():
            assert store.existing([event("m-1").key, event("none").key])[event("m-1").key].item == first
            assert [item.item for item in store.all_items()] == [first, second, third]
            assert store.span_of_node(7) == (10, 30)
            assert store.span_of_node(8) is None
            assert sorted(store.items_of_nodes([7, 8])) == [first, third]
            assert [item.item for item in store.items_between([7], 0, 30, None, None)] == [first]
            assert [item.item for item in store.items_between([7], 0, 99, ["track"], 1)] == [third]
            assert store.logins(5) == [(10, 7)]
            assert store.anonymous(5, 0, 99) == [(20, second)]
            assert store.anonymous(5, 0, 20) == []
            assert store.devices_of_nodes([7]) == [5]
            assert store.device_names([5, 6]) == {5: ("anonymous_id", "k")}

    def test_a_device_is_forgotten_with_its_last_item(self, store: ProfileStore) -> None:
        with store.transaction():
            first = add(store, event("m-1", 10), None, [(5, "anonymous_id", "k")])
            second = add(store, event("m-2", 20), None, [(5, "anonymous_id", "k")])
            store.drop_evidence(first, [5], 10)
            assert store.all_devices() == [5]
            store.drop_evidence(second, [5], 20)
            assert store.all_devices() == []
            assert store.count("evidence") == 0

    def test_records_keep_what_they_are_given(self, store: ProfileStore) -> None:
        with store.transaction():
            assert store.next_node() == 1
            store.add_nodes([(b"one", node(1)), (None, node(2, component=2, profile=b"q"))])
            assert store.next_node() == 3
            assert store.nodes_by_key([b"one", b"none"]) == {b"one": node(1)}
            record = Evidence(evidence_key("crm", "2"), "crm", "2", 1, "record", "{}")
            add(store, record, 2, [])
            assert [row.node for row in store.nodes_by_key([record.key, b"one"]).values()] == [2, 1]
            assert store.nodes([2, 3]) == [node(2, component=2, profile=b"q")]
            assert store.nodes_of_components([2]) == [2]
            profile = name_of_profile("crm", "1")
            store.issue([(profile, 1)])
            store.assign([(1, profile, 1, 1), (1, profile, 2, 2)])
            store.set_nodes([NodeRow(2, b"other", 0, 9, -1, None)])
            assert store.nodes_of_profile(profile) == [
                node(1, profile=profile),
                NodeRow(2, b"other", 0, 9, 1, profile),
            ]
            assert store.profiles_of_nodes([1, 2, 3]) == {1: profile, 2: profile}
            store.drop_node(1)
            assert [row.node for row in store.all_nodes()] == [2]
            assert store.all_profiles() == [profile]
            assert store.profile_sizes() == {1: 1}

    def test_keys_lead_to_records_and_reading_them_is_bounded(self, store: ProfileStore) -> None:
        with store.transaction():
            store.add_keys(packed([(-9, n) for n in range(50)]))
            store.add_keys(packed([(-9, 3)]))
            assert len(store.holders(-9, 10)) == 10
            assert store.count_holders(-9) == 50
            assert store.holders_after(-9, 47, 10) == [48, 49]
            store.add_keys(packed([(2**62 + 1, 7)]))
            held = store.holders_of([-9, 5, 2**62 + 1], 10)
            assert (len(held[-9]), held[2**62 + 1], held.get(5)) == (10, [7], None)
            store.drop_keys(packed([(-9, n) for n in range(49)]))
            assert store.holders(-9, 10) == [49]
            store.set_shared([(-9, "email", 3), (4, "phone", -1)])
            assert store.shared([-9, 5]) == {-9: 3}
            assert store.all_shared() == [(-9, "email", 3), (4, "phone", -1)]
            store.set_shared([(-9, "email", 1)])
            assert store.shared([-9]) == {}

    def test_links_are_found_from_both_ends(self, store: ProfileStore) -> None:
        one, two = StoredLink(1, 2, 3.5, 1.0, "kept"), StoredLink(2, 3, -1.0, 0.5, None)
        with store.transaction():
            store.put_links(rows_of_links([one, two]))
            assert sorted(store.links_of_nodes([2])) == [one, two]
            assert store.links_of_nodes([3]) == [two]
            store.put_links(rows_of_links([one._replace(fate="steward")]))
            assert store.fates() == {"steward": 1}
            assert store.unmet_links(5) == [one._replace(fate="steward")]
            far, near = StoredLink(0, 3, 9.0, 0.0, "unique:crm_id"), StoredLink(1, 3, 5.0, 0.0, "steward")
            store.put_links(rows_of_links([far, near]))
            assert list(store.all_links()) == [one._replace(fate="steward"), far, near, two]
            assert links_of_rows(store.link_rows([3])) == [far, near, two]
            assert store.unmet_links(2) == [far, near]
            assert store.fates() == {"steward": 2, "unique:crm_id": 1}
            store.drop_links([(1, 2), (0, 3), (1, 3)])
            assert list(store.all_links()) == [two]
            assert store.links_of_nodes([1]) == []

    def test_ids_decisions_changes_and_tombstones_are_kept(self, store: ProfileStore) -> None:
        decision = Steward("a", "b", True, "dana", "called", 5)
        with store.transaction():
            one, two = (name_of_profile("crm", number) for number in ("1", "2"))
            store.add_nodes([(None, node(1)), (None, node(2))])
            store.issue([(one, 1)])
            assert store.were_issued([(one, 1), (two, 2), (one, 2)]) == [(one, 1)]
            assert [store.issued(name) for name in (one, two)] == [(1, None, None), None]
            store.drop_node(1)
            store.end_issued([(b"q", None, one, 1)])
            assert store.were_issued([(one, 1)]) == []
            assert store.issued(one) == (None, b"q", None)
            store.add_nodes([(None, node(4)._replace(said=node(1).said))])
            store.issue([(one, 4)])
            assert store.issued(one) == (4, None, None)
            assert store.issued(b"not there") is None
            store.set_decision(decision)
            assert store.decisions() == [decision]
            store.drop_decision("a", "b")
            assert store.decisions() == []
            store.log(9, fed([("created", b"p", {}), ("split", b"p", {"to": ["q"]})]))
            assert [change.kind for change in store.changes(0, 9)] == ["created", "split"]
            assert [change.seq for change in store.changes(1, 9)] == [2]
            many = [("renamed", b"p", {"from": str(n)}) for n in range(200)]
            store.log(10, fed(many[:150]))
            store.log(11, fed(many[150:]))
            told = store.changes(2, 500)
            assert [change.seq for change in told] == list(range(3, 203))
            assert [(change.kind, bytes.fromhex(change.profile), change.detail) for change in told] == many
            assert {change.at for change in told[:150]} == {10}
            assert {change.at for change in told[150:]} == {11}
            assert store.changes(77, 90) == told[75:165]
            assert not store.any_buried()
            store.bury([b"x"], 1)
            store.bury([b"x"], 2)
            assert store.buried([b"x", b"y"]) == {b"x"}

    def test_names_that_begin_alike_are_told_apart(self, store: ProfileStore) -> None:
        one, two, none = (b"the same" + bytes([number]) * 8 for number in range(3))
        with store.transaction():
            items = [
                add(store, Evidence(key, "events", "m", 1, "track", "{}"), None, []) for key in (one, two)
            ]
            store.add_nodes([(one, node(1)), (two, node(2))])
        with store.reading():
            assert {key: item.item for key, item in store.existing([one, two, none]).items()} == {
                one: items[0],
                two: items[1],
            }
            assert store.nodes_by_key([two, none]) == {two: node(2)}
        with store.transaction():
            store.drop_evidence(items[0], [], 1)
            store.drop_node(1)
        with store.reading():
            assert list(store.existing([one, two])) == [two]
            assert list(store.nodes_by_key([one, two])) == [two]

    def test_ids_that_begin_alike_are_told_apart(
        self, store: ProfileStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite, "hashed", lambda _: 7)
        one, two, three = (name_of_profile("crm", number) for number in ("1", "2", "3"))
        with store.transaction():
            store.add_nodes([(None, node(number)) for number in (1, 2, 3)])
            store.issue([(one, 1), (two, 2)])
        with store.transaction():
            assert [store.issued(name) for name in (one, two, three)] == [
                (1, None, None),
                (2, None, None),
                None,
            ]
            store.drop_node(1)
            store.end_issued([(None, "erased", one, 1)])
        with store.reading():
            assert store.issued(one) == (None, None, "erased")
            assert store.issued(two) == (2, None, None)
            assert store.were_issued([(one, 1), (two, 2), (three, 3)]) == [(two, 2)]

    def test_any_number_of_values_may_be_asked_for_at_once(self, store: ProfileStore) -> None:
        with store.transaction():
            store.add_nodes([(str(n).encode(), node(n)) for n in range(1, 2001)])
            assert len(store.nodes(range(1, 3000))) == 2000


def test_a_store_is_the_same_after_it_was_closed(tmp_path: Path) -> None:
    item = {"source": "crm", "record_id": "1", "observed_at": 1, "identifiers": {"email": "a@x.org"}}
    with ProfileGraph(tmp_path / "g.db") as graph:
        graph.ingest(item)
        before = list(graph.snapshot())
    with ProfileGraph(tmp_path / "g.db") as graph:
        assert list(graph.snapshot()) == before
        assert graph.ingest(item).duplicates == 1


def test_readers_see_whole_batches_beside_a_writer_and_two_writers_take_turns(tmp_path: Path) -> None:
    with (
        ProfileGraph(tmp_path / "g.db") as one,
        ProfileGraph(tmp_path / "g.db") as other,
        ProfileGraph(tmp_path / "g.db", read_only=True) as reader,
    ):
        one.ingest(records(0, 3))
        other.ingest(records(3, 3))
        one.ingest(records(6, 3))
        assert reader.health().profiles == 9
        assert list(reader.snapshot()) == list(one.snapshot())
        with pytest.raises(StoreError, match="reading only"):
            reader.ingest(records(9, 3))


def test_a_configuration_applied_by_one_process_is_used_by_the_other(tmp_path: Path) -> None:
    strict = GraphConfig(most_owners=3)
    with ProfileGraph(tmp_path / "g.db") as one, ProfileGraph(tmp_path / "g.db") as other:
        one.apply(strict)
        other.ingest(
            {"source": "crm", "record_id": "1", "observed_at": 1, "identifiers": {"email": "a@x.org"}}
        )
        assert other.config == strict
    with pytest.raises(InputError, match="another one"):
        ProfileGraph(tmp_path / "g.db", GraphConfig(most_owners=4))


def test_threads_may_share_a_graph() -> None:
    def put(number: int) -> int:
        item = {
            "source": "crm",
            "record_id": str(number),
            "observed_at": 1,
            "identifiers": {"email": f"{number % 7}@x.org"},
            "attributes": {"first_name": f"Name{number % 7}"},
        }
        accepted = graph.ingest(item).accepted
        assert graph.profile("email", f"{number % 7}@x.org").identifiers
        return accepted

    with ProfileGraph(":memory:") as graph, ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(put, range(60))) == 60
        assert graph.health().profiles == 7


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no database at all, only some text that somebody keeps here\n" * 20)
    with pytest.raises(StoreError, match="NOTADB"):
        ProfileGraph(text)
    assert text.read_text().startswith("no database")


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("CREATE TABLE mine (x)")
    connection.close()
    with pytest.raises(StoreError, match="something else"):
        ProfileGraph(tmp_path / "other.db")
    connection = sqlite3.connect(tmp_path / "other.db")
    assert [row[0] for row in connection.execute("SELECT name FROM sqlite_master")] == ["mine"]
    connection.close()


def test_a_store_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    ProfileGraph(tmp_path / "g.db").close()
    connection = sqlite3.connect(tmp_path / "g.db")
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="later one"):
        ProfileGraph(tmp_path / "g.db")


def test_a_store_of_before_the_first_release_is_refused(tmp_path: Path) -> None:
    ProfileGraph(tmp_path / "g.db").close()
    connection = sqlite3.connect(tmp_path / "g.db")
    connection.execute(f"PRAGMA user_version = {FIRST - 1}")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="make a new store"):
        ProfileGraph(tmp_path / "g.db")


def _in_the_first_form(path: Path, new: Path) -> None:
    """Writes what a store of the present form holds as it lay in one of the first form."""
    connection = sqlite3.connect(new)
    connection.executescript("\n".join(line.partition("--")[0] for line in MIGRATIONS[0].splitlines()))
    connection.execute("ATTACH ? AS present", (str(path),))
    for (table,) in connection.execute(
        "SELECT name FROM present.sqlite_master WHERE type = 'table'"
    ).fetchall():
        connection.execute(f"INSERT INTO main.{table} SELECT * FROM present.{table}")
    rows = connection.execute("SELECT node, said FROM node").fetchall()
    named = [(node, name_of_profile(*NodeRow(node, said, 0, 0, 0, None).named)) for node, said in rows]
    connection.executemany("INSERT INTO issued VALUES (?, ?)", named)
    connection.execute(f"PRAGMA application_id = {sqlite_file.APPLICATION}")
    connection.execute(f"PRAGMA user_version = {FIRST}")
    connection.commit()
    connection.close()


def test_a_store_of_the_first_form_is_brought_to_the_present_one(tmp_path: Path) -> None:
    old, new, items = tmp_path / "old.db", tmp_path / "new.db", _everything()
    with ProfileGraph(new) as graph:
        graph.ingest(items[:40])
        graph.store.empty_journal()
    _in_the_first_form(new, old)
    outcomes = []
    for path in (old, new):
        with ProfileGraph(path, read_only=True) as graph:
            before = list(graph.snapshot())
        with ProfileGraph(path) as graph:
            assert list(graph.snapshot()) == before
            ids = [profile.id for profile in graph.profiles("email", "family@x.org")]
            graph.ingest(items[40:])
            graph.retract(record=("crm", "3"))
            graph.erase(("email", "ada-7@x.org"))
            told = [change._replace(at=0) for change in graph.changes()]
            timeline = graph.profile("crm_id", "c-8").timeline()
            outcomes.append((before, ids, list(graph.snapshot()), told, timeline))
        connection = sqlite3.connect(path)
        forms = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        outcomes[-1] += (forms, connection.execute("PRAGMA user_version").fetchone()[0])
        connection.close()
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][-1] == VERSION


def _everything() -> list[dict[str, Any]]:
    """Records, of which some come again with a later version, and what people do."""
    found: list[dict[str, Any]] = []
    for number in range(30):
        emails = [f"ada-{number // 2}@x.org", *(["family@x.org"] if number < 3 else [])]
        identifiers = {"crm_id": f"c-{number}", "email": emails}
        said = {"first_name": f"Ada{number // 2}", "last_name": "Lovelace", "city": "Ulm"}
        found.append(
            {
                "source": "crm",
                "record_id": str(number % 25),
                "observed_at": 1_600_000_000 + number,
                "identifiers": identifiers,
                "attributes": said,
            }
        )
        found.append(
            {
                "type": "identify",
                "userId": f"u-{number % 9}",
                "anonymousId": f"browser-{number % 5}",
                "messageId": f"m-{number}",
                "timestamp": 1_700_000_000 + number,
                "traits": {"email": emails[0]},
            }
        )
    return found


def test_a_folder_that_is_not_there_and_a_store_that_is_not_there_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="CANTOPEN"):
        ProfileGraph(tmp_path / "none" / "g.db")
    with pytest.raises(StoreError, match="not there"):
        ProfileGraph(tmp_path / "g.db", read_only=True)


@contextmanager
def nobody() -> Iterator[None]:
    """Whoever may not write everywhere, as the superuser may."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def sealed() -> Iterator[Path]:
    """A folder with a graph in it, into which nobody may write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ProfileGraph(folder / "g.db") as graph:
            graph.ingest(records(0))
        folder.chmod(0o555)
        (folder / "g.db").chmod(0o444)
        yield folder
        folder.chmod(0o755)


def test_a_folder_that_may_not_be_written_to_is_a_clear_error_and_nothing_is_lost(sealed: Path) -> None:
    before = (sealed / "g.db").read_bytes()
    with nobody():
        with pytest.raises(StoreError, match=r"CANTOPEN.*folder"):
            ProfileGraph(sealed / "new.db")
        with pytest.raises(StoreError, match=r"(READONLY|CANTOPEN).*folder"):
            ProfileGraph(sealed / "g.db")
        with pytest.raises(StoreError, match=r"(READONLY|CANTOPEN).*folder"):
            ProfileGraph(sealed / "g.db", read_only=True)
    assert [path.name for path in sealed.iterdir()] == ["g.db"]
    assert (sealed / "g.db").read_bytes() == before


def records(start: int, count: int = 400) -> list[dict[str, Any]]:
    return [
        {"source": "crm", "record_id": str(n), "observed_at": 1, "identifiers": {"email": f"{n}@x.org"}}
        for n in range(start, start + count)
    ]


def test_a_write_that_the_system_refuses_is_a_clear_error_and_nothing_is_lost(tmp_path: Path) -> None:
    with ProfileGraph(tmp_path / "g.db") as graph:
        graph.ingest(records(0))
        before = list(graph.snapshot())
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        journal = (tmp_path / "g.db-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (journal, hard))
        try:
            with pytest.raises(StoreError, match=r"IOERR.*committed before is safe"):
                graph.ingest(records(1000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert list(graph.snapshot()) == before
        assert graph.ingest(records(1000)).accepted == 400
        assert graph.health().faults == ()
    with ProfileGraph(tmp_path / "g.db") as graph:
        assert graph.health().profiles == 800


def test_a_full_disk_is_a_clear_error_and_nothing_is_lost(tmp_path: Path) -> None:
    with ProfileGraph(tmp_path / "g.db") as graph:
        graph.ingest(records(0))
        before = list(graph.snapshot())
        pages = graph.store._connection.execute("PRAGMA page_count").fetchone()[0]
        graph.store._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreError, match="FULL"):
            graph.ingest(records(1000))
        assert list(graph.snapshot()) == before
        graph.store._connection.execute("PRAGMA max_page_count = 1000000")
        assert graph.ingest(records(1000)).accepted == 400
        assert graph.health().faults == ()
