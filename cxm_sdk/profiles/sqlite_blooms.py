"""What is surely not filed in a table of one SQLite file, told without a look at the table.

Most numbers that a new record is looked up by are filed nowhere. A Bloom filter of each table is held in memory, 12 to
20 bits for a number, and lies in the file in parts, each of neighbouring numbers, as rows are moved into tables in
their order.
"""

from __future__ import annotations

import os
from typing import Final

from cxm_sdk._native.bloom import Bloom
from cxm_sdk.profiles.sqlite_file import SqliteFile

__all__ = ["SqliteBlooms"]

#: Parts of a filter.
PARTS: Final = 4096


class SqliteBlooms(SqliteFile):
    """One SQLite file, and filters of some of its tables; as ``SqliteFile``.

    Args:
        path: The file, made when it is not there; ``:memory:`` keeps everything in memory.
        read_only: Whether nothing may be written.
        filtered: The tables, in an order that never changes; each has a column ``key``.

    Raises:
        StoreError: When the file cannot be opened, is no store, or was written by a newer release.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, read_only: bool = False, filtered: tuple[str, ...]
    ) -> None:
        self._blooms = {table: Bloom() for table in filtered}
        #: Where the parts of each table begin in the file.
        self._starts = {table: PARTS * place for place, table in enumerate(filtered)}
        super().__init__(path, read_only=read_only)

    def _read_blooms(self) -> None:
        """Takes all filters into memory."""
        tables = list(self._blooms)
        for bloom in self._blooms.values():
            bloom.clear()
        for number, bits in self._connection.execute("SELECT part, bits FROM bloom"):
            place, part = divmod(number, PARTS)
            self._blooms[tables[place]].take(part, bits)

    def _likely(self, table: str, keys: list[int]) -> list[int]:
        """Those of some numbers that may be filed in a table."""
        bloom = self._blooms.get(table)
        return keys if bloom is None else bloom.may_hold(keys)

    def _let_through(self, table: str, keys: list[int]) -> None:
        """Takes numbers into the filter of a table, in which they are already."""
        bloom, start = self._blooms.get(table), self._starts.get(table, 0)
        if bloom is None:
            return
        parts = bloom.parts_of(keys)
        # Others may have moved rows of these parts since they were read.
        for number, bits in self._in(
            "SELECT part, bits FROM bloom WHERE part IN", [start + part for part in parts]
        ):
            bloom.take(number - start, bits)
        for part in bloom.add(keys):
            self._make(table, part)
        self._each(
            "INSERT OR REPLACE INTO bloom VALUES (?, ?)", [(start + part, bloom.part(part)) for part in parts]
        )

    def _make(self, table: str, part: int) -> None:
        """Makes a part of a filter anew of what is in the table."""
        bloom = self._blooms[table]
        rows = self._connection.execute(
            f"SELECT DISTINCT key FROM {table} WHERE key BETWEEN ? AND ?",  # noqa: S608
            bloom.bounds(part),
        )
        bloom.make(part, [key for (key,) in rows])

    def _loosen(self, table: str, keys: list[int]) -> None:
        """Notes that numbers are not filed in a table any more, of which the filter still tells."""
        bloom = self._blooms.get(table)
        if bloom is not None:
            start = self._starts[table]
            # Others may have moved rows since that the filter here does not know of, but that in the file does.
            self._each(
                "INSERT OR IGNORE INTO loosened SELECT part FROM bloom WHERE part = ?",
                [(start + part,) for part in bloom.parts_of(keys)],
            )

    def _tighten(self) -> None:
        """Leaves nothing in the filters of what is not filed any more."""
        tables = list(self._blooms)
        for (number,) in self._connection.execute("SELECT part FROM loosened ORDER BY part").fetchall():
            place, part = divmod(number, PARTS)
            table = tables[place]
            self._make(table, part)
            self._each(
                "INSERT OR REPLACE INTO bloom VALUES (?, ?)", [(number, self._blooms[table].part(part))]
            )
        self._connection.execute("DELETE FROM loosened")

    def _open_wide(self, table: str) -> None:
        """Forgets the filter of a table in which nothing is filed any more."""
        bloom = self._blooms.get(table)
        if bloom is not None:
            bloom.clear()
            start = self._starts[table]
            for name in ("bloom", "loosened"):
                self._connection.execute(
                    f"DELETE FROM {name} WHERE part BETWEEN ? AND ?",  # noqa: S608
                    (start, start + PARTS - 1),
                )
