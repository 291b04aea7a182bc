"""Which records are filed under which keys: 64-bit numbers that lie all over the table they are kept in.

To file one record would change a page of that table for each of its keys. So new rows are noted in a log that only
grows at its end, and are moved into the table in the order of keys, many at a time, when there are many. Until then
every process holds them in memory, and looks in both places.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from cxm_sdk._native.noted import Noted, packed
from cxm_sdk.profiles.sqlite_file import SqliteFile

__all__ = ["SqliteKeys"]

#: Rows that are noted, before they are moved.
NOTED = 1 << 19
#: Rows that are moved at a time.
MOVED = 1 << 12
_MOVE = "INSERT OR IGNORE INTO keys VALUES (?, ?)"


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
        #: Rows in memory, the last entry of the log that was read, and in which transaction.
        self._noted, self._entry, self._read_in = Noted(), -1, -1
        #: Whether rows are being moved, how many now, and up to which entry they all will be.
        self._moving, self._owed, self._until = False, 0, -1

    def add_keys(self, rows: Iterable[tuple[int, int]]) -> None:
        """Files records under keys: (key, record)."""
        listed = list(rows)
        if listed:
            self._catch_up()
            self._noted.add(listed)
            self._note(listed)
            if not self._moving and len(self._noted) > self.noted:
                self._moving, self._until = True, self._entry
                self._noted.begin()
            if self._moving:
                self._owed += 2 * len(listed)  # twice as fast as they come
            while self._owed >= self.moved:
                self._move()

    def drop_keys(self, rows: Iterable[tuple[int, int]]) -> None:
        """Takes records from under keys: (key, record)."""
        listed = list(rows)
        if listed:
            self._catch_up()
            self._connection.executemany("DELETE FROM keys WHERE key = ? AND node = ?", listed)
            self._noted.drop(listed)
            # Other processes may have them in memory, and have to be told.
            self._note([(key, ~node) for key, node in listed])

    def file_keys(self) -> None:
        """Moves all that is noted into the table, and leaves nothing of it in the log."""
        self._catch_up()
        self._noted.begin()
        self._connection.executemany(_MOVE, self._noted.next(len(self._noted)))
        self._connection.execute("DELETE FROM filed")
        self._begin_again()

    def forget_keys(self) -> None:
        """Forgets who is filed under which key."""
        for table in ("keys", "filed"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608
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
        self._noted.join(asked, found)
        for key, held in found.items():
            if len(held) > limit:
                # To be read with a limit from now on, which takes longer where there are few.
                self._crowded.add(key)
                del held[limit:]
        return found

    def holders_after(self, key: int, node: int, limit: int) -> list[int]:
        """Records under a key with a larger number than another, ascending, at most so many."""
        self._catch_up()
        rows = self._connection.execute(
            "SELECT node FROM keys WHERE key = ? AND node > ? ORDER BY node LIMIT ?", (key, node, limit)
        )
        found = {row[0] for row in rows}
        found.update(noted for noted in self._noted.under(key) if noted > node)
        return sorted(found)[:limit]

    def count_holders(self, key: int) -> int:
        """How many records there are under a key."""
        self._catch_up()
        found: int = self._connection.execute("SELECT count(*) FROM keys WHERE key = ?", (key,)).fetchone()[0]
        for node in self._noted.under(key):
            both = self._connection.execute("SELECT 1 FROM keys WHERE key = ? AND node = ?", (key, node))
            found += both.fetchone() is None
        return found

    # ------------------------------------------------------------------------------------------ the log

    def _note(self, rows: list[tuple[int, int]]) -> None:
        filed = self._connection.execute("INSERT INTO filed (pairs) VALUES (?)", (packed(rows),))
        self._entry = filed.lastrowid or 0

    def _catch_up(self) -> None:
        """Takes into memory what was noted since, by others or in a transaction that was taken back."""
        if self._read_in == self._turn and self._depth:
            return
        run = self._connection.execute
        if self._undone:
            self._entry, self._undone = 0, False
        # Asked for both at once, SQLite would read all entries.
        first, last = run("SELECT (SELECT min(entry) FROM filed), (SELECT max(entry) FROM filed)").fetchone()
        if self._entry <= 0 or (len(self._noted) if first is None else first > self._entry):
            # What was noted before the first entry has been moved, and may have been dropped since.
            self._entry = 0
            self._begin_again()
        if last is not None and last > self._entry:
            noted = run("SELECT pairs FROM filed WHERE entry > ? ORDER BY entry", (self._entry,))
            for (pairs,) in noted:
                self._noted.take(pairs)
            self._entry = last
        self._read_in = self._turn

    def _begin_again(self) -> None:
        self._noted.clear()
        self._moving, self._owed = False, 0

    def _move(self) -> None:
        """Moves the next rows into the table; the log is cut off when all that were noted by then have been moved."""
        rows = self._noted.next(self.moved)
        if rows:
            self._connection.executemany(_MOVE, rows)
            self._owed -= self.moved
        else:
            # The last entry stays, so that others see by the first one what they have missed.
            self._connection.execute(
                "DELETE FROM filed WHERE entry <= ? AND entry < (SELECT max(entry) FROM filed)",
                (self._until,),
            )
            self._moving, self._owed = False, 0
