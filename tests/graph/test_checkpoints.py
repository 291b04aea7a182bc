"""The thread that moves what was committed from the journal into the file."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from cxm_sdk import ProfileGraph
from cxm_sdk.profiles import sqlite_file
from cxm_sdk.profiles.checkpoints import Checkpoints

PATIENCE = 20.0


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    return connection


def _address(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=rw"


def _becomes(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.01)
    return False


def _holds(path: Path, sought: bytes) -> bool:
    return sought in path.read_bytes()


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "cxm-checkpoints"]


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "one.db"
    with_table = _connected(file)
    with_table.execute("CREATE TABLE word (word TEXT)")
    with_table.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    yield file
    with_table.close()  # the last connection would move everything itself


def test_what_was_committed_is_moved_whenever_it_is_told_to(path: Path) -> None:
    writer, checkpoints = _connected(path), Checkpoints(_address(path))
    for word in ("hedgehog", "squirrel"):
        writer.execute("INSERT INTO word VALUES (?)", (word,))
        assert word.encode() not in path.read_bytes()
        checkpoints.wake()
        assert _becomes(partial(_holds, path, word.encode()))
    checkpoints.close()
    writer.close()


def test_a_reader_of_an_old_state_keeps_it_and_the_writer_goes_on(path: Path) -> None:
    writer, reader, checkpoints = _connected(path), _connected(path), Checkpoints(_address(path))
    writer.execute("PRAGMA busy_timeout = 0")
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM word").fetchone() == (0,)
    for number in range(50):
        writer.execute("INSERT INTO word VALUES (?)", (f"word-{number}",))
        checkpoints.wake()
    assert reader.execute("SELECT count(*) FROM word").fetchone() == (0,)
    reader.execute("COMMIT")
    checkpoints.wake()
    assert _becomes(lambda: b"word-49" in path.read_bytes())
    assert reader.execute("SELECT count(*) FROM word").fetchone() == (50,)
    checkpoints.close()
    for connection in (writer, reader):
        connection.close()


def test_closing_ends_the_thread_and_may_be_done_twice(path: Path) -> None:
    before = _threads()
    checkpoints = Checkpoints(_address(path))
    assert _threads() == before, "it begins when there is something to move"
    checkpoints.wake()
    assert len(_threads()) == len(before) + 1
    checkpoints.close()
    checkpoints.close()
    assert _threads() == before
    Checkpoints(_address(path)).close()


def test_a_file_that_cannot_be_opened_is_left_to_the_writer(tmp_path: Path) -> None:
    checkpoints = Checkpoints(_address(tmp_path / "missing.db"))
    checkpoints.wake()
    checkpoints.wake()
    checkpoints.close()
    assert not (tmp_path / "missing.db").exists()


def test_a_graph_moves_its_journal_while_much_comes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "CHANGED_ROWS", 10)
    path = tmp_path / "graph.db"
    with ProfileGraph(path) as graph:
        empty = path.stat().st_size
        graph.ingest(
            {"type": "page", "anonymousId": f"browser-{number}", "messageId": f"m-{number}", "timestamp": 1}
            for number in range(600)
        )
        assert _becomes(lambda: path.stat().st_size > empty)
    assert not _threads()
