"""Numbers filed under numbers of 64 bits that lie anywhere: noted in a log first, moved into their tables later.

To file one at once would change a page of its table, which holds nothing else of the same batch. So rows are noted
in a log that only grows at its end, and are moved into the tables in their order, many at a time, when there are
many. Until then every process holds them in memory, and looks in both places.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from cxm_sdk._native.noted import Noted
from cxm_sdk._native.packing import complements, packed, unpacked
from cxm_sdk.profiles.sqlite_blooms import SqliteBlooms

__all__ = ["KEYS", "MAKERS", "MEMBERS", "NAMED_ITEMS", "NAMED_NODES", "SqliteLog", "hashed"]

#: Records under identifiers and block keys, and under the number of a record the later ones it has links with.
KEYS: Final = "keys"
#: Items under the first bytes of the keys that name them, and records of events likewise.
NAMED_ITEMS: Final = "named_item"
NAMED_NODES: Final = "named_node"
#: Records under the component they lie in, but for the one that it is named after.
MEMBERS: Final = "member"
#: Records under the first bytes of the profile ids that are made of them.
MAKERS: Final = "maker"
TABLES: Final = (KEYS, NAMED_ITEMS, NAMED_NODES, MEMBERS, MAKERS)
#: People and one under identifiers that several share: of a table that is written at once, and whole in memory.
SHARED: Final = "shared"
#: Tables in which most of what is looked up is not there.
FILTERED: Final = (KEYS, NAMED_ITEMS, NAMED_NODES)
#: Identifiers that were asked for one way or another, before all that are shared are read.
SOUGHT = 1 << 12
COLUMNS: Final = (*TABLES, SHARED)
_COLUMNS = ", ".join(COLUMNS)
#: Rows that are noted, before they are moved.
NOTED = 1 << 20
#: Rows that are moved at a time.
MOVED = 1 << 12
#: More than are ever filed under one number.
ALL: Final = 1 << 62

_Kept = TypeVar("_Kept")


class SqliteLog(SqliteBlooms):
    """One SQLite file, and the numbers filed in it; as ``SqliteFile``.

    Args:
        path: The file, made when it is not there; ``:memory:`` keeps everything in memory.
        read_only: Whether nothing may be written.

    Raises:
        StoreError: When the file cannot be opened, is no store, or was written by a newer release.

    Attributes:
        noted: Rows that are noted before they are moved.
        moved: Rows that are moved at a time.
    """

    def __init__(self, path: str | os.PathLike[str], *, read_only: bool = False) -> None:
        self.noted, self.moved = NOTED, MOVED
        #: What is noted of each table, and what of it this transaction still has to write into the log.
        self._noted = {table: Noted() for table in TABLES}
        self._pending: dict[str, list[bytes]] = {column: [] for column in COLUMNS}
        #: Identifiers that are shared, None as long as few were asked for; and how many were.
        self._shared: Noted | None = None
        self._sought = 0
        #: First and last entry of the log, as it was read.
        self._first, self._entry = 0, -1
        #: Tables whose rows are being moved, how many now, and up to which entry they all will be.
        self._moving: list[str] = []
        self._owed, self._until = 0, -1
        #: The state of the file that is in memory, and what was read of it.
        self._version = -1
        self._read: dict[str, Any] = {}
        super().__init__(path, read_only=read_only, filtered=FILTERED)

    # ------------------------------------------------------------------------------------------ writing

    def _file(self, table: str, rows: bytes) -> None:
        """Files numbers, none of them below zero: (number it is filed under, number)."""
        if rows:
            self._catch_up()
            self._noted[table].take(rows)
            self._pending[table].append(rows)

    def _unfile(self, table: str, rows: bytes) -> None:
        """Takes numbers from under others, where they are."""
        if rows:
            self._catch_up()
            listed = unpacked(rows)
            self._each(f"DELETE FROM {table} WHERE key = ? AND number = ?", listed)  # noqa: S608
            self._loosen(table, [key for key, _ in listed])
            # Other processes may have them in memory, and have to be told.
            made = complements(rows)
            self._noted[table].take(made)
            self._pending[table].append(made)

    def _forget(self, table: str) -> None:
        """Takes everything out of a table."""
        self._catch_up()
        self._connection.execute(f"DELETE FROM {table}")  # noqa: S608
        self._noted[table].clear()
        self._open_wide(table)
        self._write_anew()

    def _write_anew(self) -> None:
        """Leaves nothing in the log but what is filed and not moved, and nothing in filters but what is."""
        self._catch_up()
        self._tighten()
        self._moving = []
        self._pending = {SHARED: [], **{table: [held.packed()] for table, held in self._noted.items()}}
        self._write_pending()
        self._connection.execute("DELETE FROM filed WHERE entry < ?", (self._entry,))
        self._first = self._entry

    def _finish(self) -> None:
        self._look()  # what a transaction had to write that was taken back is not this one's
        rows = sum(len(part) for parts in self._pending.values() for part in parts) // 16
        if not rows:
            return
        self._write_pending()
        if not self._moving and sum(map(len, self._noted.values())) > self.noted:
            self._moving, self._until = (
                [table for table, held in self._noted.items() if len(held)],
                self._entry,
            )
            for table in self._moving:
                self._noted[table].begin()
        self._owed += 2 * rows  # twice as fast as they come
        while self._moving and self._owed >= self.moved:
            self._move()
        if not self._moving:
            self._owed = 0

    def _write_pending(self) -> None:
        filed = self._connection.execute(
            f"INSERT INTO filed ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
            [b"".join(self._pending[column]) or None for column in COLUMNS],
        )
        self._entry = filed.lastrowid or 0
        self._first = self._first or self._entry
        self._pending = {column: [] for column in COLUMNS}

    def _move(self) -> None:
        """Moves the next rows into their table; the log is cut off when all that were noted by then have been moved."""
        table = self._moving[0]
        rows = self._noted[table].next(self.moved)
        if rows:
            self._all(f"INSERT OR IGNORE INTO {table} VALUES", rows)
            self._let_through(table, rows[::2])
            self._owed -= len(rows) // 2
            return
        del self._moving[0]
        if not self._moving:
            # The last entry stays, so that others see by the first one what they have missed.
            self._connection.execute(
                "DELETE FROM filed WHERE entry <= ? AND entry < (SELECT max(entry) FROM filed)",
                (self._until,),
            )
            self._first = self._number("SELECT min(entry) FROM filed")

    # ------------------------------------------------------------------------------------------ reading

    def _filed(self, table: str, keys: list[int], limit: int = ALL) -> tuple[bytes, list[int]]:
        """Numbers under some others.

        Args:
            table: Where they are filed.
            keys: The others, ascending and each once.
            limit: Most numbers under one of them.

        Returns:
            (number it is filed under, number) of all, ascending; and those that more are filed under.
        """
        self._catch_up()
        return self._noted[table].beside(keys, self._moved(table, keys), limit)

    def _moved(self, table: str, keys: list[int]) -> list[tuple[int, int]]:
        """What is filed under some numbers and was moved into its table."""
        return self._in(f"SELECT key, number FROM {table} WHERE key IN", self._likely(table, keys))  # noqa: S608

    def _numbers(self, table: str, keys: Iterable[int]) -> list[int]:
        """All numbers under some others, ascending, each once."""
        listed = sorted(set(keys))
        rows = self._filed(table, listed)[0] if listed else b""
        return sorted({number for _, number in unpacked(rows)}) if rows else []

    def _people(self, keys: list[int]) -> dict[int, int]:
        """People behind those of some identifiers that several share."""
        self._catch_up()
        self._sought += len(keys)
        if self._shared is None:
            if self._sought < SOUGHT:
                return dict(self._in("SELECT key, people FROM shared WHERE key IN", keys))
            self._shared = Noted()
            self._shared.add(self._connection.execute("SELECT key, people + 1 FROM shared").fetchall())
        return {key: count - 1 for key, count in self._shared.firsts(keys).items()}

    def _tell_people(self, rows: list[tuple[int, int]]) -> None:
        """Tells all who have it in memory how many people there are behind identifiers."""
        self._catch_up()
        made = packed([(key, ~0 if people == 1 else people + 1) for key, people in rows])
        if self._shared is not None:
            self._shared.put(made)
        self._pending[SHARED].append(made)

    def _keep(self, name: str, read: Callable[[], _Kept]) -> _Kept:
        """Something read from the file, and not again until it changes."""
        self._look()
        kept: _Kept | None = self._read.get(name)
        if kept is None:
            self._read[name] = kept = read()
        return kept

    def _look(self) -> None:
        """Forgets what was read, where it was changed by others, or in a transaction that was taken back."""
        if self._looked and self._depth:
            return
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version or self._undone:
            self._version = version
            self._read.clear()
        if self._undone:
            self._pending = {column: [] for column in COLUMNS}
            self._entry, self._undone = -1, False
        self._looked = True

    def _catch_up(self) -> None:
        """Takes into memory what was noted since, by others or in a transaction that was taken back."""
        self._keep("log", self._read_log)

    def _read_log(self) -> bool:
        run = self._connection.execute
        # Asked for both at once, SQLite would read all entries.
        first, last = run("SELECT (SELECT min(entry) FROM filed), (SELECT max(entry) FROM filed)").fetchone()
        if self._entry < 0 or first != self._first:
            # What was noted before the first entry has been moved, and may have been dropped since.
            self._first, self._entry = first or 0, 0
            self._moving, self._owed, self._shared = [], 0, None
            for held in self._noted.values():
                held.clear()
            self._read_blooms()
        if last is not None and last > self._entry:
            entries = run(
                f"SELECT {_COLUMNS} FROM filed WHERE entry > ? ORDER BY entry",  # noqa: S608
                (self._entry,),
            )
            for column, parts in zip(COLUMNS, zip(*entries, strict=True), strict=True):
                rows = b"".join(filter(None, parts))  # many at once are put in order at once
                if column != SHARED:
                    self._noted[column].take(rows)
                elif self._shared is not None:
                    self._shared.put(rows)
            self._entry = last
        return True


def hashed(name: bytes) -> int:
    """What a name is filed under. Others may be too, so that the name itself has to be compared.

    Args:
        name: A digest of eight bytes or more.

    Returns:
        A number of 64 bits.

    Example:
        >>> hashed((300).to_bytes(16, "little"))
        300
    """
    return int.from_bytes(name[:8], "little", signed=True)
