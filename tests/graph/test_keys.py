"""Records under keys: noted first, moved into the table later, by several who write to one file in turn."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk import ProfileGraph
from cxm_sdk.identity.record_blocks import identifier_key
from cxm_sdk.profiles.sqlite import SqliteStore

_ROWS = st.lists(
    st.tuples(st.sampled_from([-(2**63), -5, 0, 1, 2, 3, 2**63 - 1]), st.integers(1, 9)), max_size=6
)
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "add", "drop", "undo", "file", "open", "forget"]),
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


def _step(store: SqliteStore, what: str, rows: list[tuple[int, int]], held: set[tuple[int, int]]) -> None:
    with store.transaction():
        if what in ("add", "undo"):
            store.add_keys(rows)
        if what == "add":
            held.update(rows)
        if what in ("drop", "undo"):
            store.drop_keys(rows)
        if what == "drop":
            held.difference_update(rows)
        if what == "undo":
            raise _RegrettedError
        if what == "file":
            store.file_keys()
        if what == "forget":
            store.forget_keys()
            held.clear()


def _check(store: SqliteStore, held: set[tuple[int, int]]) -> None:
    under = {key: sorted(node for other, node in held if other == key) for key in _KEYS}
    with store.reading():
        assert store.holders_of(_KEYS, 10) == {key: nodes for key, nodes in under.items() if nodes}
        for key in _KEYS:
            assert store.holders(key, 3) == under[key][:3]
            assert store.holders_after(key, 4, 2) == [node for node in under[key] if node > 4][:2]
            assert store.count_holders(key) == len(under[key])


@settings(max_examples=60, deadline=None)
@given(_STEPS)
def test_two_writers_and_a_reader_see_the_same_records_under_keys(
    steps: list[tuple[str, int, list[tuple[int, int]]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, held = Path(folder) / "one.db", set[tuple[int, int]]()
        stores = [_open(path), _open(path)]
        reader = SqliteStore(path, read_only=True)
        for what, which, rows in steps:
            if what == "open":
                stores[which].close()
                stores[which] = _open(path)
            elif what == "undo":
                with pytest.raises(_RegrettedError):
                    _step(stores[which], what, rows, held)
            else:
                _step(stores[which], what, rows, held)
            _check(stores[1 - which], held)
            _check(reader, held)
        for store in (*stores, reader):
            _check(store, held)
            store.close()


def test_what_is_noted_stays_bounded_and_is_cut_off(tmp_path: Path) -> None:
    store = _open(tmp_path / "one.db")
    for number in range(1, 400):
        with store.transaction():
            store.add_keys([(number * 7919 % 101 - 50, number)])
    noted = store._connection.execute("SELECT sum(length(keys)) / 16 FROM filed").fetchone()[0]
    assert noted <= 3 * store.noted, "they are moved twice as fast as they come"
    assert sum(map(len, store.holders_of(range(-50, 51), 500).values())) == 399
    store.close()


def test_erased_identifiers_leave_no_key(tmp_path: Path) -> None:
    path = tmp_path / "one.db"
    with ProfileGraph(path) as graph:
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
        graph.ingest({"type": "identify", "userId": "u-1", "traits": {"email": "guest-7@example.com"}})
        keys = [identifier_key("email", "guest-7@example.com"), identifier_key("user_id", "u-1")]
        graph.erase(("email", "guest-7@example.com"))
        for file in graph.store.files():
            content = file.read_bytes()
            for key in keys:
                assert key.to_bytes(8, "big", signed=True) not in content
                assert key.to_bytes(8, "little", signed=True) not in content
        assert graph.profile("email", "guest-8@example.com").id
