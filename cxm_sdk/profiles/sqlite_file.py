"""One SQLite file: opened safely, with transactions, and with errors in our own words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from cxm_sdk.errors import StoreError
from cxm_sdk.identity.sources import scheme_of
from cxm_sdk.profiles.checkpoints import Checkpoints
from cxm_sdk.profiles.migrations import FIRST, MIGRATIONS, VERSION

__all__ = ["SqliteFile"]

#: Marks a file as one of ours: "cxm1" in the application id of its header.
APPLICATION = 0x63786D31
#: Milliseconds for which a writer waits for another to finish.
PATIENCE = 60_000
#: Pages of the journal after which it is moved into the file; a page that changes again until then is moved once.
JOURNAL_PAGES = 65_536
#: Rows changed after which a thread begins to do so, and how many a transaction counts for: one of a single record
#: changes eight pages. A page that is read is looked for in what was not moved, in every 4,096 pages of it anew.
CHANGED_ROWS = 32_768
CHANGED_AT_LEAST = 48
#: Bytes of the file that are mapped into memory: pages that only are read need not be copied. It is the most that
#: SQLite maps as it is usually built.
MAPPED = 0x7FFF0000
#: Values asked for in one statement.
ASKED = 512
#: Statements kept ready: of each kind one for every power of two up to ``ASKED``.
READY = 512


_PLACES = {1 << n: f"({','.join('?' * (1 << n))})" for n in range(ASKED.bit_length())}
_PAIRS = {room: ",".join(["(?, ?)"] * room) for room in _PLACES}


class SqliteFile:
    """One SQLite file, and one transaction at a time in it.

    Args:
        path: The file, made when it is not there; ``:memory:`` keeps everything in memory.
        read_only: Whether nothing may be written.

    Raises:
        StoreError: When the file cannot be opened, is no store, or was written by a newer release.
    """

    def __init__(self, path: str | os.PathLike[str], *, read_only: bool = False) -> None:
        if scheme := scheme_of(path):
            raise StoreError(
                f"expected the path of a file, got an address ({scheme}:).",
                hint='a graph is one SQLite file, such as "customers.db"; several processes may share it',
            )
        self._name = Path(path).name if os.fspath(path) != ":memory:" else ":memory:"
        self.path = None if self._name == ":memory:" else Path(path)
        self.read_only = read_only
        self._lock = RLock()
        self._depth = 0
        #: Whether it is known in this transaction who wrote since the last one, and whether one was taken back.
        self._looked, self._undone = False, False
        self._checkpoints: Checkpoints | None = None
        self._changed, self._transactions = 0, 0
        if self.path is not None and not read_only:
            self._checkpoints = Checkpoints(self._address(self.path, "rw"))
        if read_only and self.path is not None and not self.path.exists():
            raise StoreError(f"store {self._name} is not there.", hint="check the path")
        with self._clear_errors():
            self._connection = self._open()
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def _open(self) -> sqlite3.Connection:
        if self.path is None:
            return sqlite3.connect(
                ":memory:", isolation_level=None, check_same_thread=False, cached_statements=READY
            )
        return sqlite3.connect(
            self._address(self.path, "ro" if self.read_only else "rwc"),
            timeout=PATIENCE / 1000,
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=READY,
        )

    @staticmethod
    def _address(path: Path, mode: str) -> str:
        return f"{path.absolute().as_uri()}?mode={mode}"

    def _prepare(self) -> None:
        run = self._connection.execute
        run(f"PRAGMA busy_timeout = {PATIENCE}")
        found = run("PRAGMA application_id").fetchone()[0]
        version = run("PRAGMA user_version").fetchone()[0]
        empty = not run("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        if not empty and found != APPLICATION:
            raise StoreError(f"file {self._name} is a database of something else.", hint="give another path")
        if version > VERSION:
            raise StoreError(
                f"store {self._name} has form {version}, and this release knows forms up to {VERSION}.",
                hint="open it with the release that wrote it, or a later one",
            )
        if not empty and version < FIRST:
            raise StoreError(
                f"store {self._name} has form {version}, and this release knows forms from {FIRST} on.",
                hint="make a new store, and put in what went into this one",
            )
        # Deleted content is overwritten at once: an erased value must not stay in free pages.
        for pragma in (
            "cache_size = -65536",
            f"mmap_size = {MAPPED}",
            "secure_delete = ON",
            "temp_store = MEMORY",
            "foreign_keys = OFF",
        ):
            run(f"PRAGMA {pragma}")
        if self.read_only:
            if empty:
                raise StoreError(f"store {self._name} is empty.", hint="open it for writing once")
            return
        if empty and not version:
            run(
                "PRAGMA page_size = 4096"
            )  # keys lie all over the file, and each takes a page into the journal
        run("PRAGMA journal_mode = WAL")
        # A process that is killed loses nothing that was committed; a machine that loses power may lose the last
        # commits, never a part of one.
        run("PRAGMA synchronous = NORMAL")
        run(f"PRAGMA wal_autocheckpoint = {JOURNAL_PAGES}")
        with self.transaction():
            done = run("PRAGMA user_version").fetchone()[0]
            for step in MIGRATIONS[max(done - FIRST + 1, 0) :]:
                for statement in "\n".join(line.partition("--")[0] for line in step.splitlines()).split(";"):
                    run(statement)
            run(f"PRAGMA application_id = {APPLICATION}")
            run(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        """Closes the file; what was committed is in it."""
        with self._lock:
            if self._checkpoints is not None:
                self._checkpoints.close()
            self._connection.close()

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        """Says in our words what went wrong; SQLite's may hold values."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorname", type(error).__name__)
            hints = {
                "SQLITE_FULL": "free space on the disk; everything committed before is safe",
                "SQLITE_IOERR": "look at the disk and its limits; everything committed before is safe",
                "SQLITE_BUSY": "another process holds it; try again",
                "SQLITE_CANTOPEN": "check that the folder is there and may be written to",
                "SQLITE_READONLY": "check who may write to the file and its folder",
                "SQLITE_NOTADB": "the file is no store; give another path",
                "SQLITE_CORRUPT": "restore it from a copy",
                "ProgrammingError": "it is closed, as a client closes the graph that it was given; open it anew",
            }
            known = next((name for name in hints if code.startswith(name)), code)
            raise StoreError(
                f"store {self._name} cannot be used ({code}).", hint=hints.get(known, "")
            ) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens, or nothing of it. May be nested; the outermost one counts.

        Yields:
            Nothing.

        Raises:
            StoreError: When the store is full, busy, or may not be written to.
        """
        with self._lock, self._clear_errors():
            if self._depth:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth, self._looked = 1, False
            try:
                yield
                self._finish()
                self._connection.execute("COMMIT")
            except BaseException:
                self._undone = True
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0
            self._wake_checkpoints()

    def _finish(self) -> None:
        """Writes what is written once for a whole transaction."""

    def _wake_checkpoints(self) -> None:
        self._transactions += 1
        changed = self._connection.total_changes + CHANGED_AT_LEAST * self._transactions
        if self._checkpoints is not None and changed - self._changed > CHANGED_ROWS:
            self._changed = changed
            self._checkpoints.wake()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything read inside is of one moment.

        Yields:
            Nothing.
        """
        with self._lock, self._clear_errors():
            if self._depth:
                yield
                return
            self._connection.execute("BEGIN")
            self._depth, self._looked = 1, False
            try:
                yield
            finally:
                self._depth = 0
                self._connection.execute("COMMIT")

    def empty_journal(self) -> None:
        """Moves what is in the journal into the file, and empties it; not while another process reads an old state."""
        with self._lock, self._clear_errors():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def scour(self) -> None:
        """Rewrites the file without the remains of what was deleted, and empties the journal."""
        with self._lock, self._clear_errors():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def files(self) -> list[Path]:
        """The files that hold the store; none in memory."""
        if self.path is None:
            return []
        names = [
            self.path,
            *(self.path.with_name(self.path.name + end) for end in ("-wal", "-shm", "-journal")),
        ]
        return [name for name in names if name.exists()]

    def faults(self) -> list[str]:
        """What SQLite finds wrong with the file; empty when all is well."""
        found = [row[0] for row in self._connection.execute("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def _in(self, statement: str, values: Iterable[object]) -> list[Any]:
        """Runs ``… IN`` over any number of values."""
        listed, found = list(values), []
        for start in range(0, len(listed), ASKED):
            part = listed[start : start + ASKED]
            room = 1 << (len(part) - 1).bit_length()  # few statements, so that they stay ready
            part += part[-1:] * (room - len(part))
            found += self._connection.execute(f"{statement} {_PLACES[room]}", part).fetchall()
        return found

    def _all(self, statement: str, values: list[int]) -> None:
        """Runs ``… VALUES`` over any number of rows of two; it must not matter whether one comes twice.

        For short rows that takes two thirds of the time of ``_each``.

        Args:
            statement: What is run.
            values: Those of all rows, one behind the other.
        """
        for start in range(0, len(values), 2 * ASKED):
            part = values[start : start + 2 * ASKED]
            room = 1 << (len(part) // 2 - 1).bit_length()
            part += part[-2:] * (room - len(part) // 2)
            self._connection.execute(f"{statement} {_PAIRS[room]}", part)

    def _number(self, statement: str) -> int:
        """The one number that a statement finds."""
        found: int = self._connection.execute(statement).fetchone()[0]
        return found

    def _each(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Runs a statement for each of some rows; for none, nothing.

        Bytes of many rows had better be bytearrays: for those ``sqlite3`` does not look for an adapter.
        """
        listed = list(rows)
        if listed:
            self._connection.executemany(statement, listed)
