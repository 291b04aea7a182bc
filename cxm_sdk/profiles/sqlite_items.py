"""Items as they came, and the devices on which they were seen, in one SQLite file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cxm_sdk._native.contents import names_of
from cxm_sdk._native.packing import packed
from cxm_sdk.profiles.evidence import Evidence, evidence_key
from cxm_sdk.profiles.sqlite_file import ASKED
from cxm_sdk.profiles.sqlite_keys import SqliteKeys
from cxm_sdk.profiles.sqlite_log import NAMED_ITEMS, hashed
from cxm_sdk.profiles.store import Stored

__all__ = ["SqliteItems"]

_ITEM = "item, key, source, record_id, at, kind, node, body"
#: What is filed under the records that stand for events.
_EVENT = "kind <> 'record'"
_ITEMS = f"SELECT {_ITEM} FROM evidence WHERE "  # noqa: S608


class SqliteItems(SqliteKeys):
    """One SQLite file, and the items in it; as ``SqliteFile``.

    Args:
        path: The file, made when it is not there; ``:memory:`` keeps everything in memory.
        read_only: Whether nothing may be written.

    Raises:
        StoreError: When the file cannot be opened, is no store, or was written by a newer release.
    """

    # ------------------------------------------------------------------------------------------ meta

    def meta(self, name: str) -> str | None:
        """Reads a setting; None where it was never set."""
        return self._keep("meta", lambda: dict(self._connection.execute("SELECT * FROM meta"))).get(name)

    def set_meta(self, name: str, value: str) -> None:
        """Writes a setting."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))
        self._read.pop("meta", None)

    # ------------------------------------------------------------------------------------------ evidence

    def existing(self, keys: Iterable[bytes]) -> dict[bytes, Stored]:
        """Items by key, where they are there."""
        wanted = set(keys)
        numbers = self._numbers(NAMED_ITEMS, map(hashed, wanted))
        return {item.key: item for item in self.items(numbers) if item.key in wanted}

    def next_item(self) -> int:
        """A number that no item has, nor any larger one."""
        return self._keep("item", lambda: self._number("SELECT coalesce(max(item), 0) + 1 FROM evidence"))

    def add_evidence(
        self, items: Iterable[tuple[int, Evidence, int | None, Sequence[tuple[int, str, str]]]]
    ) -> None:
        """Keeps items.

        Args:
            items: Of each, of a key that is not there yet: a number that no other has, the item, the record of the
                person layer that it speaks for (None for none), and key, namespace and value of the devices on which
                it was seen.
        """
        listed = list(items)
        run = self._each
        run(
            f"INSERT INTO evidence ({_ITEM}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            [
                (item, bytearray(e.key), e.source, e.record_id, e.at, e.kind, node, e.body)
                for item, e, node, _ in listed
            ],
        )
        seen = [(device, e.at, item, node) for item, e, node, devices in listed for device in devices]
        run("INSERT OR IGNORE INTO device VALUES (?, ?, ?)", dict.fromkeys(row[0] for row in seen))
        run("INSERT INTO seen VALUES (?, ?, ?, ?)", [(device[0], *rest) for device, *rest in seen])
        if listed:
            self._file(NAMED_ITEMS, packed([(hashed(e.key), item) for item, e, _, _ in listed]))
            self._read["item"] = max(self.next_item() - 1, *(item for item, *_ in listed)) + 1

    def items(self, numbers: Iterable[int]) -> list[Stored]:
        """Items by number, in ascending order."""
        return [Stored(*row) for row in self._in(_ITEMS + "item IN", numbers)]

    def all_items(self) -> Iterator[Stored]:
        """Every item, in the order in which they came in."""
        last = -1
        while rows := self._connection.execute(
            _ITEMS + "item > ? ORDER BY item LIMIT 1000",
            (last,),
        ).fetchall():
            yield from (Stored(*row) for row in rows)
            last = rows[-1][0]

    def drop_evidence(self, item: int, devices: Sequence[int], at: int) -> None:
        """Forgets an item."""
        run = self._connection
        named = run.execute("SELECT key FROM evidence WHERE item = ?", (item,)).fetchall()
        self._unfile(NAMED_ITEMS, packed([(hashed(key), item) for (key,) in named]))
        self._each(
            "DELETE FROM seen WHERE device = ? AND at = ? AND item = ?", [(d, at, item) for d in devices]
        )
        run.execute("DELETE FROM evidence WHERE item = ?", (item,))
        self._each(
            "DELETE FROM device WHERE device = ? AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.device = device.device)",
            [(device,) for device in devices],
        )

    def rebind(self, item: int, at: int, node: int | None, devices: Sequence[tuple[int, str, str]]) -> None:
        """Writes for which record an item speaks, and on which devices it was seen.

        Args:
            item: Its number.
            at: Its time.
            node: The record; None for none.
            devices: Key, namespace and value of the devices.
        """
        self._connection.execute("UPDATE evidence SET node = ? WHERE item = ?", (node, item))
        for device in devices:
            self._connection.execute("INSERT OR IGNORE INTO device VALUES (?, ?, ?)", device)
            self._connection.execute(
                "INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)", (device[0], at, item, node)
            )

    def items_of_nodes(self, nodes: Iterable[int]) -> list[int]:
        """Numbers of the items that speak for some records, in no particular order."""
        listed = list(nodes)
        events = self._in(f"SELECT item FROM evidence WHERE {_EVENT} AND node IN", listed)  # noqa: S608
        return [row[0] for row in events] + [item.item for item in self._own_items(listed)]

    def span_of_node(self, node: int) -> tuple[int, int] | None:
        """First and last time of the items that speak for a record; None where there is none."""
        if own := self._own_items([node]):
            return own[0].at, own[0].at
        first, last = self._connection.execute(
            f"SELECT min(at), max(at) FROM evidence WHERE {_EVENT} AND node = ?",  # noqa: S608
            (node,),
        ).fetchone()
        return None if first is None else (first, last)

    def items_between(
        self, nodes: Sequence[int], since: int, until: int, kinds: Sequence[str] | None, limit: int | None
    ) -> list[Stored]:
        """Items that speak for some records, from one time on and before another, latest first.

        Args:
            nodes: The records.
            since: Microseconds since 1970, included.
            until: The same, not included.
            kinds: Types of events, and ``record``; None for all.
            limit: Most items; None for all.

        Returns:
            The items.
        """
        where = f" AND kind IN ({','.join('?' * len(kinds))})" if kinds else ""
        found: list[Stored] = []
        if not kinds or "record" in kinds:
            found += [item for item in self._own_items(nodes) if since <= item.at < until]
        for start in range(0, len(nodes), ASKED):
            part = nodes[start : start + ASKED]
            rows = self._connection.execute(
                f"SELECT {_ITEM} FROM evidence WHERE {_EVENT} AND node IN ({','.join('?' * len(part))})"  # noqa: S608
                f" AND at >= ? AND at < ?{where} ORDER BY at DESC, key DESC LIMIT ?",
                (*part, since, until, *(kinds or ()), -1 if limit is None else limit),
            )
            found += [Stored(*row) for row in rows]
        found.sort(key=lambda item: (item.at, item.key), reverse=True)
        return found[:limit]

    def _own_items(self, nodes: Sequence[int]) -> list[Stored]:
        """The one item of each of those of some records that source systems sent: it has the name of its record."""
        held = dict(self._in("SELECT node, said FROM node WHERE node IN", nodes))
        found = self.existing(evidence_key(*names_of(said)) for said in held.values())
        return [item for item in found.values() if item.kind == "record" and item.node in held]

    # ------------------------------------------------------------------------------------------ devices

    def devices_of_nodes(self, nodes: Iterable[int]) -> list[int]:
        """Devices on which somebody was seen logged in as one of some records, ascending."""
        return sorted({row[0] for row in self._in("SELECT DISTINCT device FROM seen WHERE node IN", nodes)})

    def device_names(self, devices: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Namespace and value of devices by key, where they were seen."""
        rows = self._in("SELECT device, namespace, value FROM device WHERE device IN", devices)
        return {row[0]: row[1:] for row in rows}

    def logins(self, device: int) -> list[tuple[int, int]]:
        """(time, record) of everything seen on a device that says who it was, by time."""
        return self._connection.execute(
            "SELECT at, node FROM seen WHERE device = ? AND node IS NOT NULL ORDER BY at, item", (device,)
        ).fetchall()

    def seen_on(self, device: int) -> list[int]:
        """Every item that was seen on a device."""
        return [
            row[0] for row in self._connection.execute("SELECT item FROM seen WHERE device = ?", (device,))
        ]

    def anonymous(self, device: int, since: int, until: int) -> list[tuple[int, int]]:
        """(time, item) of what was seen on a device and says not who it was, from one time on and before another."""
        return self._connection.execute(
            "SELECT at, item FROM seen WHERE device = ? AND node IS NULL AND at >= ? AND at < ? ORDER BY at, item",
            (device, since, until),
        ).fetchall()

    def all_devices(self) -> list[int]:
        """Every device or cookie that was seen, ascending."""
        return [row[0] for row in self._connection.execute("SELECT device FROM device ORDER BY device")]
