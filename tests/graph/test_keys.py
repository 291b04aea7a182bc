"""Records under keys: noted first, moved into the table later, by several who write to one file in turn."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk import ProfileGraph
from cxm_sdk._native.packing import packed
from cxm_sdk.identity.record_blocks import identifier_key
from cxm_sdk.profiles import sqlite, sqlite_items, sqlite_log
from cxm_sdk.profiles.evidence import evidence_key
from cxm_sdk.profiles.sqlite import SqliteStore
from cxm_sdk.profiles.sqlite_log import hashed

_ROWS = st.lists(
    st.tuples(st.sampled_from([-(2**63), -5, 0, 1, 2, 3, 2**63 - 1]), st.integers(1, 9)), max_size=6
)
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "add", "drop", "share", "undo", "file", "open", "forget"]),
        st.integers(0, 1),
        _ROWS,
    ),
    max_size=30,
)
_KEYS = [-(2**63), -5, 0, 1, 2, 3, 2**63 - 1]


class _RegrettedError(Exception):
    pass


def _open(path: Path) -> SqliteStore:
    store = SqliteStore(path)
    store.noted, store.moved = 6, 2
    return store


def _step(
    store: SqliteStore,
    what: str,
    rows: list[tuple[int, int]],
    held: set[tuple[int, int]],
    shared: dict[int, int],
) -> None:
    with store.transaction():
        if what in ("share", "undo"):
            # One is not written down, and too many are -1.
            counts = {key: number if number < 9 else -1 for key, number in rows}
            store.set_shared([(key, "email", people) for key, people in counts.items()])
        if what == "share":
            shared.update(counts)
        if what in ("add", "undo"):
            store.add_keys(packed(rows))
        if what == "add":
            held.update(rows)
        if what in ("drop", "undo"):
            store.drop_keys(packed(rows))
        if what == "drop":
            held.difference_update(rows)
        if what == "undo":
            raise _RegrettedError
        if what == "file":
            store.file_keys()
        if what == "forget":
            store.forget_keys()
            held.clear()


def _check(store: SqliteStore, held: set[tuple[int, int]], shared: dict[int, int]) -> None:
    under = {key: sorted(node for other, node in held if other == key) for key in _KEYS}
    with store.reading():
        assert store.shared(_KEYS) == {key: people for key, people in shared.items() if people != 1}
        assert store.holders_of(_KEYS, 10) == {key: nodes for key, nodes in under.items() if nodes}
        for key in _KEYS:
            assert store.holders(key, 3) == under[key][:3]
            assert store.holders_after(key, 4, 2) == [node for node in under[key] if node > 4][:2]
            assert store.count_holders(key) == len(under[key])


@settings(max_examples=60, deadline=None)
@given(_STEPS)
def test_two_writers_and_a_reader_see_the_same_of_keys_and_of_who_shares_them(
    steps: list[tuple[str, int, list[tuple[int, int]]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite_log, "SOUGHT", 20)
        path, held, shared = Path(folder) / "one.db", set[tuple[int, int]](), dict[int, int]()
        stores = [_open(path), _open(path)]
        reader = SqliteStore(path, read_only=True)
        for what, which, rows in steps:
            if what == "open":
                stores[which].close()
                stores[which] = _open(path)
            elif what == "undo":
                with pytest.raises(_RegrettedError):
                    _step(stores[which], what, rows, held, shared)
            else:
                _step(stores[which], what, rows, held, shared)
            _check(stores[1 - which], held, shared)
            _check(reader, held, shared)
        for store in (*stores, reader):
            _check(store, held, shared)
            store.close()


def test_what_was_taken_back_is_not_noted_by_the_next_transaction(tmp_path: Path) -> None:
    one, other = _open(tmp_path / "one.db"), _open(tmp_path / "one.db")

    def regret() -> None:
        with one.transaction():
            one.add_keys(packed([(5, 1)]))
            raise _RegrettedError

    with pytest.raises(_RegrettedError):
        regret()
    with one.transaction():
        pass
    for store in (one, other):
        assert store.holders(5, 9) == []
        store.close()


def test_what_is_noted_stays_bounded_and_is_cut_off(tmp_path: Path) -> None:
    store = _open(tmp_path / "one.db")
    for number in range(1, 400):
        with store.transaction():
            store.add_keys(packed([(number * 7919 % 101 - 50, number)]))
    noted = store._connection.execute("SELECT sum(length(keys)) / 16 FROM filed").fetchone()[0]
    assert noted <= 3 * store.noted, "they are moved twice as fast as they come"
    assert sum(map(len, store.holders_of(range(-50, 51), 500).values())) == 399
    store.close()


def _batches() -> list[list[dict[str, object]]]:
    """Records, new versions and old ones of them, events with two kinds of doubles, and browsers."""
    people: list[dict[str, object]] = [
        {
            "source": "crm",
            "record_id": f"{number}",
            "observed_at": 5,
            "identifiers": {"email": f"guest-{number // 2}@example.com"},
            "attributes": {"first_name": "Ada", "last_name": f"Lovelace{number % 3}"},
        }
        for number in range(12)
    ]
    events: list[dict[str, object]] = [
        {
            "type": kind,
            "messageId": f"m-{number}",
            "timestamp": number % 7,
            "anonymousId": f"browser-{number % 4}",
            **({"userId": f"u-{number % 3}"} if kind == "identify" else {}),
        }
        for number, kind in enumerate(["identify", "page", "page"] * 5)
    ]
    older: list[dict[str, object]] = [
        {**people[3], "observed_at": 4},
        {**people[4], "observed_at": 6, "identifiers": {}},
    ]
    return [[*people[:7], *events[:9], people[0]], [*older, *events[5:], *people[5:]], [*events, *people]]


@pytest.mark.parametrize("noted", [4, 1 << 20])
def test_people_are_the_same_when_all_names_are_filed_under_one_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, noted: int
) -> None:
    outcomes = []
    for folder in ("usual", "alike"):
        if folder == "alike":
            for module in (sqlite, sqlite_items):
                monkeypatch.setattr(module, "hashed", lambda _: 7)
        with ProfileGraph(tmp_path / folder) as graph:
            graph.store.noted, graph.store.moved = noted, 3
            reports = [graph.ingest(batch) for batch in _batches()]
            assert graph.retract(record=("crm", "5"))
            assert graph.retract(message_id="m-4")
            graph.erase(("email", "guest-0@example.com"))
            reports += [graph.ingest(batch) for batch in _batches()]
            counts = [graph.store.count(table) for table in ("evidence", "node")]
            counts.append(sum(1 for _ in graph.store.all_links()))
            outcomes.append((reports, counts, list(graph.snapshot())))
    assert outcomes[0] == outcomes[1]
    assert [report.duplicates for report in outcomes[0][0][:3]] == [1, 7, 27]


@pytest.mark.parametrize("noted", [4, 1 << 20])
def test_erased_identifiers_and_names_leave_no_key(tmp_path: Path, noted: int) -> None:
    path = tmp_path / "one.db"
    with ProfileGraph(path) as graph:
        graph.store.noted, graph.store.moved = noted, 3
        graph.ingest(
            {
                "source": "crm",
                "record_id": f"{number}",
                "observed_at": number,
                "identifiers": {"email": f"guest-{number}@example.com"},
                "attributes": {"first_name": "Ada"},
            }
            for number in range(60)
        )
        graph.ingest(
            {
                "type": "identify",
                "userId": "u-1",
                "messageId": "m-1",
                "timestamp": 1,
                "traits": {"email": "guest-7@example.com"},
            }
        )
        keys = [
            identifier_key("email", "guest-7@example.com"),
            identifier_key("user_id", "u-1"),
            hashed(evidence_key("crm", "7")),
            hashed(evidence_key("events", "m-1")),
        ]
        content = b"".join(file.read_bytes() for file in graph.store.files())
        for key in keys:
            written = [key.to_bytes(8, order, signed=True) for order in ("big", "little")]
            assert any(form in content for form in written)
        graph.erase(("email", "guest-7@example.com"))
        for file in graph.store.files():
            content = file.read_bytes()
            for key in keys:
                assert key.to_bytes(8, "big", signed=True) not in content
                assert key.to_bytes(8, "little", signed=True) not in content
        assert graph.profile("email", "guest-8@example.com").id
