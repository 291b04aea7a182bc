"""Which records are filed under which keys, in one SQLite file."""

from __future__ import annotations

import os
from collections.abc import Iterable

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
        #: Keys that so many records were seen under that not all of them should be read again.
        self._crowded: set[int] = set()

    def add_keys(self, rows: Iterable[tuple[int, int]]) -> None:
        """Files records under keys: (key, record)."""
        self._file(KEYS, list(rows))

    def drop_keys(self, rows: Iterable[tuple[int, int]]) -> None:
        """Takes records from under keys: (key, record)."""
        self._unfile(KEYS, list(rows))

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
        wanted = set(keys)
        found = self._filed(KEYS, wanted - self._crowded)
        for key in wanted & self._crowded:
            held = self.holders(key, limit)
            if held:
                found[key] = held
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
            "SELECT number FROM keys WHERE key = ? AND number > ? ORDER BY number LIMIT ?", (key, node, limit)
        )
        found = {row[0] for row in rows}
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
