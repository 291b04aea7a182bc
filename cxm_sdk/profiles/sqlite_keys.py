"""Which records are filed under which keys: 64-bit numbers that lie all over the table they are kept in.

To file one record would change a page of that table for each of its keys. So new rows are noted in a log that only
grows at its end, and are moved into the table in the order of keys, many at a time, when there are many. Until then
every process holds them in memory, in a temporary table, and looks in both places.
"""

from __future__ import annotations

import os
import sys
from array import array
from collections.abc import Iterable, Sequence

from cxm_sdk.profiles.sqlite_file import SqliteFile

__all__ = ["SqliteKeys"]

#: Rows that are noted, before they are moved.
NOTED = 1 << 18
#: Rows that are moved at a time.
MOVED = 1 << 12
_FIRST_KEY, _LAST_KEY = -(1 << 63), (1 << 63) - 1


class SqliteKeys(SqliteFile):
    """One SQLite file, and the keys in it; as ``SqliteFile``.

    Args:
        path: The file, made when it is not there; ``:memory:`` keeps everything in memory.
        read_only: Whether nothing may be written.

    Raises:
        StoreError: When the file cannot be opened, is no store, or was written by a newer release.

    Attributes:
        noted: Rows that are noted before they are moved.
        moved: Rows that are moved at a time.

    Example:
        >>> store = SqliteKeys(":memory:")
        >>> with store.transaction():
        ...     store.add_keys([(7, 1), (7, 2)])
        ...     store.drop_keys([(7, 1)])
        >>> store.holders(7, 10)
        [2]
        >>> store.close()
    """

    def __init__(self, path: str | os.PathLike[str], *, read_only: bool = False) -> None:
        super().__init__(path, read_only=read_only)
        self.noted, self.moved = NOTED, MOVED
        #: Keys that so many records were seen under that not all of them should be read again.
        self._crowded: set[int] = set()
        #: The last entry of the log that was read, in which transaction; and how many rows are in memory.
        self._entry, self._read_in, self._size = -1, -1, 0
        #: Whether rows are being moved, how many now, from which key on, and up to which entry they all will be.
        self._moving, self._owed, self._cursor, self._until = False, 0, _FIRST_KEY, -1
        for statement in (
            "CREATE TEMP TABLE recent (key INTEGER, node INTEGER, PRIMARY KEY (key, node)) WITHOUT ROWID",
            "PRAGMA temp.secure_delete = OFF",
        ):
            self._connection.execute(statement)

    def add_keys(self, rows: Iterable[tuple[int, int]]) -> None:
        """Files records under keys: (key, record)."""
        listed = list(rows)
        if listed:
            self._catch_up()
            self._connection.executemany("INSERT OR IGNORE INTO recent VALUES (?, ?)", listed)
            self._note(listed)
            self._size += len(listed)
            if not self._moving and self._size > self.noted:
                self._moving, self._until = True, self._entry
            if self._moving:
                self._owed += 2 * len(listed)  # twice as fast as they come, until every key has had its turn
            while self._owed >= self.moved:
                self._move()

    def drop_keys(self, rows: Iterable[tuple[int, int]]) -> None:
        """Takes records from under keys: (key, record)."""
        listed = list(rows)
        if listed:
            self._catch_up()
            for table in ("keys", "recent"):
                self._connection.executemany(f"DELETE FROM {table} WHERE key = ? AND node = ?", listed)  # noqa: S608
            # Other processes may have them in memory, and have to be told.
            self._note([(key, ~node) for key, node in listed])

    def file_keys(self) -> None:
        """Moves all that is noted into the table, and leaves nothing of it in the log."""
        self._catch_up()
        run = self._connection.execute
        run("INSERT OR IGNORE INTO keys SELECT key, node FROM recent ORDER BY key, node")
        run("DELETE FROM recent")
        run("DELETE FROM filed")
        self._size = 0
        self._begin_again()

    def forget_keys(self) -> None:
        """Forgets who is filed under which key."""
        for table in ("keys", "recent", "filed"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608
        self._size = 0
        self._begin_again()

    # ------------------------------------------------------------------------------------------ reading

    def holders(self, key: int, limit: int) -> list[int]:
        """Records under a key, at most so many."""
        return self.holders_after(key, -1, limit)

    def holders_of(self, keys: Iterable[int], limit: int) -> dict[int, list[int]]:
        """Records under each of some keys, at most so many of each; keys that nobody is filed under are left out."""
        self._catch_up()
        wanted = set(keys)
        found = {key: self.holders(key, limit) for key in wanted & self._crowded}
        asked = sorted(wanted - self._crowded)
        for key, node in self._in("SELECT key, node FROM keys WHERE key IN", asked):
            held = found.get(key)
            if held is None:
                found[key] = [node]
            else:
                held.append(node)
        for key, node in self._in("SELECT key, node FROM recent WHERE key IN", asked) if self._size else ():
            held = found.get(key)
            if held is None:
                found[key] = [node]
            elif node > held[-1]:
                held.append(node)
            elif node not in held:
                held.append(node)
                held.sort()
        for key, held in found.items():
            if len(held) > limit:
                # To be read with a limit from now on, which takes longer where there are few.
                self._crowded.add(key)
                del held[limit:]
        return found

    def holders_after(self, key: int, node: int, limit: int) -> list[int]:
        """Records under a key with a larger number than another, ascending, at most so many."""
        self._catch_up()
        found: set[int] = set()
        for table in ("keys", "recent"):
            rows = self._connection.execute(
                f"SELECT node FROM {table} WHERE key = ? AND node > ? ORDER BY node LIMIT ?",  # noqa: S608
                (key, node, limit),
            )
            found.update(row[0] for row in rows)
        return sorted(found)[:limit]

    def count_holders(self, key: int) -> int:
        """How many records there are under a key."""
        self._catch_up()
        found: int = self._connection.execute(
            "SELECT count(*) FROM (SELECT node FROM keys WHERE key = ? UNION SELECT node FROM recent WHERE key = ?)",
            (key, key),
        ).fetchone()[0]
        return found

    # ------------------------------------------------------------------------------------------ the log

    def _note(self, rows: Sequence[tuple[int, int]]) -> None:
        filed = self._connection.execute("INSERT INTO filed (pairs) VALUES (?)", (_packed(rows),))
        self._entry = filed.lastrowid or 0

    def _catch_up(self) -> None:
        """Takes into memory what was noted since, by others or in a transaction that was taken back."""
        if self._read_in == self._turn and self._depth:
            return
        run = self._connection.execute
        if self._undone:
            self._entry, self._undone = 0, False
        first, last = run("SELECT min(entry), max(entry) FROM filed").fetchone()
        if self._entry <= 0 or (self._size if first is None else first > self._entry):
            # What was noted before the first entry has been moved, and may have been dropped since.
            run("DELETE FROM recent")
            self._entry = self._size = 0
            self._begin_again()
        if last is not None and last > self._entry:
            for entry, pairs in run(
                "SELECT entry, pairs FROM filed WHERE entry > ? ORDER BY entry", (self._entry,)
            ).fetchall():
                self._take(_unpacked(pairs))
                self._entry = entry
        self._read_in = self._turn

    def _take(self, rows: Sequence[tuple[int, int]]) -> None:
        run = self._connection.executemany
        if rows and rows[0][1] < 0:
            run("DELETE FROM recent WHERE key = ? AND node = ?", [(key, ~node) for key, node in rows])
        else:
            run("INSERT OR IGNORE INTO recent VALUES (?, ?)", rows)
            self._size += len(rows)

    def _begin_again(self) -> None:
        self._moving, self._owed, self._cursor = False, 0, _FIRST_KEY

    def _move(self) -> None:
        """Moves the next rows into the table; the log is cut off when every key has had its turn."""
        run = self._connection.execute
        end = run(
            "SELECT key FROM recent WHERE key >= ? ORDER BY key LIMIT 1 OFFSET ?", (self._cursor, self.moved)
        ).fetchone()
        last = _LAST_KEY if end is None else max(end[0] - 1, self._cursor)
        part = (self._cursor, last)
        run(
            "INSERT OR IGNORE INTO keys SELECT key, node FROM recent WHERE key BETWEEN ? AND ? ORDER BY key, node",
            part,
        )
        gone = run("DELETE FROM recent WHERE key BETWEEN ? AND ?", part).rowcount
        if last == _LAST_KEY:
            # The last entry stays, so that others see by the first one what they have missed.
            run(
                "DELETE FROM filed WHERE entry <= ? AND entry < (SELECT max(entry) FROM filed)",
                (self._until,),
            )
            self._size = run("SELECT count(*) FROM recent").fetchone()[0]
            self._begin_again()
        else:
            self._size -= gone
            self._owed -= self.moved
            self._cursor = last + 1


def _packed(rows: Sequence[tuple[int, int]]) -> bytes:
    numbers = array("q", [number for row in rows for number in row])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _unpacked(rows: bytes) -> list[tuple[int, int]]:
    numbers = array("q", rows)
    if sys.byteorder == "big":
        numbers.byteswap()
    return list(zip(numbers[::2], numbers[1::2], strict=True))
