"""A store in one SQLite file: write-ahead log, one writer at a time, any number of readers."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from heapq import nsmallest

from cxm_sdk._native.feed import Feed
from cxm_sdk._native.links import ends_of_rows, links_of_rows, merged, without
from cxm_sdk._native.naming import name_of_profile
from cxm_sdk._native.packing import packed, unpacked
from cxm_sdk.errors import StoreError
from cxm_sdk.profiles.evidence import Steward
from cxm_sdk.profiles.sqlite_items import SqliteItems
from cxm_sdk.profiles.sqlite_log import KEYS, MAKERS, MEMBERS, NAMED_NODES, hashed
from cxm_sdk.profiles.store import Change, Issued, NodeRow, NodeValues, StoredLink

__all__ = ["SqliteStore"]

#: Entries of the change feed that lie in one row.
TOLD = 64
_NODE = "node, said, first, last, component, profile"


class SqliteStore(SqliteItems):
    """A store in one SQLite file.

    Any number of processes may open it. One writes at a time; others wait for their turn, and readers see the state
    before or after a transaction, never in between.

    Args:
        path: The file, made when it is not there; ``:memory:`` keeps everything in memory.
        read_only: Whether nothing may be written.

    Raises:
        StoreError: When the file cannot be opened, is no store, or was written by a newer release.

    Example:
        >>> store = SqliteStore(":memory:")
        >>> with store.transaction():
        ...     store.set_meta("colour", "blue")
        >>> store.meta("colour")
        'blue'
        >>> store.close()
    """

    def __init__(self, path: str | os.PathLike[str], *, read_only: bool = False) -> None:
        super().__init__(path, read_only=read_only)
        self._connection.create_function("merged", 2, merged, deterministic=True)
        self._connection.create_function("without", 2, without, deterministic=True)

    # ------------------------------------------------------------------------------------------ records

    def nodes_by_key(self, keys: Iterable[bytes]) -> dict[bytes, NodeRow]:
        """Records of the person layer by key, where they are there."""
        wanted = set(keys)
        found = {
            key: item.node
            for key, item in self.existing(wanted).items()
            if item.kind == "record" and item.node is not None
        }
        listed = self._numbers(NAMED_NODES, map(hashed, wanted))
        found.update(
            (key, node)
            for key, node in self._in("SELECT key, node FROM node WHERE node IN", listed)
            if key in wanted
        )
        rows = {row.node: row for row in self.nodes(sorted(found.values()))}
        return {key: rows[node] for key, node in found.items() if node in rows}

    def next_node(self) -> int:
        """A number that no record of the person layer has, nor any larger one."""
        return self._keep("node", lambda: self._number("SELECT coalesce(max(node), 0) + 1 FROM node"))

    def add_nodes(self, rows: Iterable[tuple[bytes | None, NodeRow]]) -> None:
        """Keeps records of the person layer: key, None where it is that of the one item, and record."""
        listed = list(rows)
        plain: list[tuple[object, ...]] = []
        keyed: list[tuple[object, ...]] = []
        for key, (node, said, first, last, component, profile) in listed:
            row = (node, bytearray(said), first, last, component, profile and bytearray(profile))
            if key is None:
                plain.append(row)
            else:
                keyed.append((*row, bytearray(key)))
        self._each(f"INSERT INTO node ({_NODE}) VALUES (?, ?, ?, ?, ?, ?)", plain)  # noqa: S608
        self._each(f"INSERT INTO node ({_NODE}, key) VALUES (?, ?, ?, ?, ?, ?, ?)", keyed)  # noqa: S608
        self._file(NAMED_NODES, packed([(hashed(key), row[0]) for key, row in listed if key is not None]))
        self._file(MEMBERS, packed([(row[4], row[0]) for _, row in listed if row[4] != row[0]]))
        if listed:
            self._read["node"] = max(self.next_node() - 1, *(row[0] for _, row in listed)) + 1

    def set_nodes(self, rows: Iterable[NodeRow]) -> None:
        """Changes what records say, and when; component and profile stay as they are."""
        self._each(
            "UPDATE node SET said = ?, first = ?, last = ? WHERE node = ?",
            [(row.said, row.first, row.last, row.node) for row in rows],
        )

    def drop_node(self, node: int) -> None:
        """Forgets a record of the person layer."""
        for key, component in self._in("SELECT key, component FROM node WHERE node IN", [node]):
            self._unfile(MEMBERS, packed([(component, node)]))
            if key is not None:
                self._unfile(NAMED_NODES, packed([(hashed(key), node)]))
        self._connection.execute("DELETE FROM node WHERE node = ?", (node,))

    def nodes(self, numbers: Iterable[int]) -> list[NodeRow]:
        """Records by number."""
        return list(map(NodeRow._make, self.node_values(numbers)))

    def node_values(self, numbers: Iterable[int]) -> list[NodeValues]:
        """The same, for those who ask for many."""
        return self._in(f"SELECT {_NODE} FROM node WHERE node IN", numbers)  # noqa: S608

    def nodes_of_components(self, components: Iterable[int]) -> list[int]:
        """Numbers of records that hang together."""
        listed = set(components)
        return [*listed, *self._numbers(MEMBERS, listed)]

    def nodes_of_profile(self, profile: bytes) -> list[NodeRow]:
        """Records of a profile."""
        components = [row.component for row in self._makers(profile)]
        return [row for row in self.nodes(self.nodes_of_components(components)) if row.profile == profile]

    def _makers(self, profile: bytes) -> list[NodeRow]:
        """The record that a profile id is made of, where it was issued and the record is there."""
        made = self._numbers(MAKERS, [hashed(profile)])
        return [row for row in self.nodes(made) if name_of_profile(*row.named) == profile]

    def profiles_of_nodes(self, nodes: Iterable[int]) -> dict[int, bytes]:
        """Profile of each of some records."""
        return dict(self._in("SELECT node, profile FROM node WHERE node IN", nodes))

    def all_nodes(self) -> Iterator[NodeRow]:
        """Every record of the person layer, by number."""
        last = -1
        while rows := self._connection.execute(
            f"SELECT {_NODE} FROM node WHERE node > ? ORDER BY node LIMIT 1000",  # noqa: S608
            (last,),
        ).fetchall():
            yield from (NodeRow(*row) for row in rows)
            last = rows[-1][0]

    def assign(self, rows: Iterable[tuple[int, bytes, int, int]]) -> None:
        """Writes component and profile of records: (component, profile, record, component it was in)."""
        listed = list(rows)
        moved = [(component, node, was) for component, _, node, was in listed if component != was]
        self._unfile(MEMBERS, packed([(was, node) for _, node, was in moved if was != node]))
        self._file(MEMBERS, packed([(component, node) for component, node, _ in moved if component != node]))
        self._each(
            "UPDATE node SET component = ?, profile = ? WHERE node = ?",
            [(component, bytearray(profile), node) for component, profile, node, _ in listed],
        )

    # ------------------------------------------------------------------------------------------ shared values

    def shared(self, keys: Iterable[int]) -> dict[int, int]:
        """People behind those of some identifiers that several people share; -1 where too many do."""
        return self._people(list(keys))

    def all_shared(self) -> list[tuple[int, str, int]]:
        """(key, role, people) of every identifier that several people share."""
        return self._connection.execute("SELECT key, role, people FROM shared ORDER BY key").fetchall()

    def set_shared(self, rows: Iterable[tuple[int, str, int]]) -> None:
        """Writes how many people share identifiers: (key, role, people); one is not written down."""
        listed = list(rows)
        run = self._each
        run("DELETE FROM shared WHERE key = ?", [(key,) for key, _, people in listed if people == 1])
        run("INSERT OR REPLACE INTO shared VALUES (?, ?, ?)", [row for row in listed if row[2] != 1])
        if listed:
            self._tell_people([(key, people) for key, _, people in listed])

    # ------------------------------------------------------------------------------------------ links

    def links_of_nodes(self, nodes: Iterable[int]) -> list[StoredLink]:
        """Links that end in one of some records."""
        listed = set(nodes)
        rows = self.link_rows(listed.union(self._numbers(KEYS, listed)))
        return [
            StoredLink._make(link) for link in links_of_rows(rows) if link[1] in listed or link[0] in listed
        ]

    def link_rows(self, nodes: Iterable[int]) -> list[tuple[int, bytes]]:
        """Links of which the larger number is among some records, as ``links.rows_of_links`` packs them."""
        return self._in("SELECT b, links FROM link WHERE b IN", sorted(nodes))

    def all_links(self) -> Iterator[StoredLink]:
        """Every link, by its larger number, then by its smaller one."""
        for row in self._connection.execute("SELECT b, links FROM link ORDER BY b"):
            yield from map(StoredLink._make, links_of_rows([row]))

    def put_links(self, rows: list[tuple[int, bytes]]) -> None:
        """Writes links, over those of the same two records: as ``links.rows_of_links`` packs them."""
        self._each(
            "INSERT INTO link VALUES (?, ?) ON CONFLICT (b) DO UPDATE SET links = merged(links, excluded.links)",
            [(b, bytearray(row)) for b, row in rows],
        )
        # An index would change a page for each of them: smaller numbers lie all over the file.
        self.add_keys(ends_of_rows(rows))

    def drop_links(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Forgets links, by their two records."""
        listed = list(pairs)
        self._each("UPDATE link SET links = without(links, ?) WHERE b = ?", listed)
        self._each("DELETE FROM link WHERE b = ? AND links = x''", [(b,) for _, b in listed])
        self.drop_keys(packed(listed))

    def assignments(self) -> Iterator[tuple[bytes, bytes]]:
        """(key of the item, profile) of every item that says who it is about."""
        yield from self._connection.execute(
            "SELECT evidence.key, node.profile FROM evidence JOIN node ON node.node = evidence.node"
        )

    def forget_findings(self) -> None:
        """Empties keys, shared identifiers, links and devices: all that can be found anew from the items."""
        self.forget_keys()
        self.set_shared([(key, role, 1) for key, role, _ in self.all_shared()])
        for table in ("link", "device", "seen"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608

    # ------------------------------------------------------------------------------------------ stewards

    def decisions(self) -> list[Steward]:
        """Every decision of a steward."""
        return list(self._keep("decisions", self._read_decisions))

    def _read_decisions(self) -> list[Steward]:
        rows = self._connection.execute("SELECT a, b, same, who, why, at FROM steward ORDER BY a, b")
        return [Steward(a, b, bool(same), who, why, at) for a, b, same, who, why, at in rows]

    def set_decision(self, decision: Steward) -> None:
        """Writes a decision, over an earlier one on the same two."""
        d = decision
        self._connection.execute(
            "INSERT OR REPLACE INTO steward VALUES (?, ?, ?, ?, ?, ?)",
            (d.a, d.b, int(d.same), d.who, d.why, d.at),
        )
        self._read.pop("decisions", None)

    def drop_decision(self, a: str, b: str) -> None:
        """Forgets a decision."""
        self._connection.execute("DELETE FROM steward WHERE a = ? AND b = ?", (a, b))
        self._read.pop("decisions", None)

    # ------------------------------------------------------------------------------------------ ids and changes

    def issue(self, rows: Iterable[tuple[bytes, int]]) -> None:
        """Writes down profile ids and the records they are made of; one that had ended is live again."""
        listed = list(rows)
        if self._keep("ended", lambda: self._number("SELECT EXISTS (SELECT 1 FROM ended)")):
            self._each("DELETE FROM ended WHERE profile = ?", [(profile,) for profile, _ in listed])
        self._file(MAKERS, packed([(hashed(profile), node) for profile, node in listed]))

    def issued(self, profile: bytes) -> Issued | None:
        """What became of a profile id; None where it was never issued."""
        if made := self._makers(profile):
            return Issued(made[0].node, None, None)
        row = self._connection.execute(
            "SELECT NULL, heir, ended FROM ended WHERE profile = ?", (profile,)
        ).fetchone()
        return Issued(*row) if row else None

    def were_issued(self, rows: Iterable[tuple[bytes, int]]) -> list[tuple[bytes, int]]:
        """Those of some profile ids, each with the record that it would be made of, that were issued."""
        listed = list(rows)
        keys = sorted({hashed(profile) for profile, _ in listed})
        filed = set(unpacked(self._filed(MAKERS, keys)[0])) if keys else set()
        return [(profile, node) for profile, node in listed if (hashed(profile), node) in filed]

    def end_issued(self, rows: Iterable[tuple[bytes | None, str | None, bytes, int]]) -> None:
        """Writes what became of profile ids whose record is gone: (heir, why there is none, id, record)."""
        listed = list(rows)
        self._unfile(MAKERS, packed([(hashed(profile), node) for *_, profile, node in listed]))
        ended = [(profile, heir, why) for heir, why, profile, _ in listed]
        self._each("INSERT OR REPLACE INTO ended VALUES (?, ?, ?)", ended)
        self._read.pop("ended", None)

    def log(self, at: int, feed: Feed) -> None:
        """Appends entries to the change feed."""
        last = self._keep("change", lambda: self._number("SELECT coalesce(max(seq), 0) + 1 FROM change")) - 1
        rows = []
        for count, entries in feed.rows(TOLD):
            last += count
            rows.append((last, at, entries))
        self._each("INSERT INTO change VALUES (?, ?, ?)", rows)
        self._read["change"] = last + 1

    def changes(self, since: int, limit: int) -> list[Change]:
        """The change feed after a number, oldest first."""
        found: list[Change] = []
        rows = self._connection.execute("SELECT * FROM change WHERE seq > ? ORDER BY seq", (since,))
        for last, at, entries in rows:
            told = json.loads(entries)
            numbered = enumerate(told, last - len(told) + 1)
            found += [Change(seq, at, *entry) for seq, entry in numbered if seq > since]
            if len(found) >= limit:
                break
        return found[:limit]

    # ------------------------------------------------------------------------------------------ privacy

    def bury(self, digests: Iterable[bytes], at: int) -> None:
        """Keeps keyed digests of what must not come back."""
        self._each("INSERT OR IGNORE INTO tombstone VALUES (?, ?)", [(d, at) for d in digests])
        self._read.pop("buried", None)

    def buried(self, digests: Iterable[bytes]) -> set[bytes]:
        """Those of some digests that must not come back."""
        return {row[0] for row in self._in("SELECT digest FROM tombstone WHERE digest IN", digests)}

    def any_buried(self) -> bool:
        """Whether anything was ever erased."""
        run = self._connection.execute
        return self._keep("buried", lambda: run("SELECT 1 FROM tombstone LIMIT 1").fetchone() is not None)

    def count(self, table: str) -> int:
        """Rows of a table: ``evidence``, ``node``, ``shared``, ``steward`` or ``tombstone``."""
        if table not in ("evidence", "node", "shared", "tombstone", "steward"):
            raise StoreError(f"expected the name of a table, got {len(table)} characters.")
        return self._number(f"SELECT count(*) FROM {table}")  # noqa: S608

    def profile_sizes(self) -> dict[int, int]:
        """How many profiles there are of each number of records."""
        return dict(
            self._connection.execute(
                "SELECT size, count(*) FROM (SELECT count(*) AS size FROM node GROUP BY profile) GROUP BY size"
            ).fetchall()
        )

    def fates(self) -> dict[str, int]:
        """How many links met each fate; those below the threshold are left out."""
        return dict(Counter(link.fate for link in self.all_links() if link.fate is not None))

    def unmet_links(self, limit: int) -> list[StoredLink]:
        """Links at or above the threshold that lie in no profile, heaviest first."""
        unmet = (link for link in self.all_links() if link.fate not in (None, "kept"))
        return nsmallest(limit, unmet, key=lambda link: (-link.weight, link.a, link.b))

    def large_profiles(self) -> list[bytes]:
        """Ids of the live profiles of two records or more."""
        return [
            row[0]
            for row in self._connection.execute(
                "SELECT profile FROM node GROUP BY profile HAVING count(*) > 1"
            )
        ]

    def all_profiles(self) -> list[bytes]:
        """Ids of all live profiles, ascending."""
        return [
            row[0] for row in self._connection.execute("SELECT DISTINCT profile FROM node ORDER BY profile")
        ]
