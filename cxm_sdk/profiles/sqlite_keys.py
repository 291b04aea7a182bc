"""Which records are filed under which keys, in one SQLite file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import chain

from cxm_sdk._native.packing import by_key
from cxm_sdk.profiles.sqlite_log import KEYS, SqliteLog

__all__ = ["SqliteKeys"]


class SqliteKeys(SqliteLog):
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
        >>> from cxm_sdk._native.packing import packed
        >>> store = SqliteKeys(":memory:")
        >>> with store.transaction():
        ...     store.add_keys(packed([(7, 1), (7, 2)]))
        ...     store.drop_keys(packed([(7, 1)]))
        >>> store.holders(7, 10)
        [2]
        >>> store.close()
    """

    def __init__(self, path: str | os.PathLike[str], *, read_only: bool = False) -> None:
        super().__init__(path, read_only=read_only)
        #: Keys that so many records were seen under that not all of them should be read again.
        self._crowded: set[int] = set()

    def add_keys(self, rows: bytes) -> None:
        """Files records under keys: (key, record), as ``packing.packed`` writes them."""
        self._file(KEYS, rows)

    def drop_keys(self, rows: bytes) -> None:
        """Takes records from under keys, likewise."""
        self._unfile(KEYS, rows)

    def file_keys(self) -> None:
        """Leaves nothing of keys and names that were dropped in the log."""
        self._write_anew()

    def forget_keys(self) -> None:
        """Forgets who is filed under which key."""
        self._forget(KEYS)

    def holders(self, key: int, limit: int) -> list[int]:
        """Records under a key, at most so many."""
        return self.holders_after(key, -1, limit)

    def holders_of(self, keys: Iterable[int], limit: int) -> dict[int, list[int]]:
        """Records under each of some keys, at most so many of each; keys that nobody is filed under are left out."""
        return by_key(self.rows_under(sorted(set(keys)), limit))

    def rows_under(self, keys: list[int], limit: int) -> bytes:
        """Records under each of some keys, as ``holders_of``.

        Args:
            keys: The keys, ascending and each once.
            limit: Most records of a key.

        Returns:
            (key, record) of all, ascending, as ``packing.packed`` writes them.
        """
        crowded = self._crowded.intersection(keys) if self._crowded else ()
        if not crowded:
            rows, new = self._filed(KEYS, keys, limit)
        else:
            self._catch_up()
            moved = [
                *self._moved(KEYS, [key for key in keys if key not in crowded]),
                *chain.from_iterable(self._first_moved(key, -1, limit) for key in sorted(crowded)),
            ]
            rows, new = self._noted[KEYS].beside(keys, moved, limit)
        # To be read with a limit from now on, which takes longer where there are few.
        self._crowded.update(new)
        return rows

    def _first_moved(self, key: int, node: int, limit: int) -> list[tuple[int, int]]:
        return self._connection.execute(
            "SELECT key, number FROM keys WHERE key = ? AND number > ? ORDER BY number LIMIT ?",
            (key, node, limit),
        ).fetchall()

    def holders_after(self, key: int, node: int, limit: int) -> list[int]:
        """Records under a key with a larger number than another, ascending, at most so many."""
        self._catch_up()
        found = {number for _, number in self._first_moved(key, node, limit)}
        found.update(noted for noted in self._noted[KEYS].under(key) if noted > node)
        return sorted(found)[:limit]

    def count_holders(self, key: int) -> int:
        """How many records there are under a key."""
        self._catch_up()
        run = self._connection.execute
        found: int = run("SELECT count(*) FROM keys WHERE key = ?", (key,)).fetchone()[0]
        for node in self._noted[KEYS].under(key):
            both = run("SELECT 1 FROM keys WHERE key = ? AND number = ?", (key, node))
            found += both.fetchone() is None
        return found
