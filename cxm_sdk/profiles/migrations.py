"""Numbered steps that bring a store's tables to the present form. A step, once released, is never edited."""

from __future__ import annotations

from typing import Final

__all__ = ["FIRST", "MIGRATIONS", "VERSION"]

MIGRATIONS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    -- Every accepted item as it came. `node`: the record of the person layer that it speaks for, null where it is
    -- anonymous or its identity part was refused.
    CREATE TABLE evidence (
        item INTEGER PRIMARY KEY,
        key BLOB NOT NULL,
        source TEXT NOT NULL,
        record_id TEXT NOT NULL,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        node INTEGER,
        body TEXT NOT NULL
    );
    CREATE INDEX evidence_node ON evidence (node, at) WHERE node IS NOT NULL;

    -- Which item was seen on which device or cookie, and whom it speaks for.
    CREATE TABLE seen (
        device INTEGER NOT NULL,
        at INTEGER NOT NULL,
        item INTEGER NOT NULL,
        node INTEGER,
        PRIMARY KEY (device, at, item)
    ) WITHOUT ROWID;
    CREATE INDEX seen_node ON seen (node, device) WHERE node IS NOT NULL;

    CREATE TABLE device (device INTEGER PRIMARY KEY, namespace TEXT NOT NULL, value TEXT NOT NULL);

    -- Records of the person layer. `key` names those that stand for events; of the others it is that of their item.
    CREATE TABLE node (
        node INTEGER PRIMARY KEY,
        key BLOB,
        said BLOB NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        component INTEGER NOT NULL,
        profile BLOB
    );

    -- Numbers under numbers of 64 bits that lie anywhere. Records under identifiers and block keys, and under the
    -- number of a record the larger ones it has links with.
    CREATE TABLE keys (key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)) WITHOUT ROWID;

    -- Items, and records that stand for events, under the first eight bytes of their keys.
    CREATE TABLE named_item (key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)) WITHOUT ROWID;
    CREATE TABLE named_node (key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)) WITHOUT ROWID;

    -- Records under their component, but for the one of the same number.
    CREATE TABLE member (key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)) WITHOUT ROWID;

    -- Records under the first eight bytes of the profile ids that were made of them.
    CREATE TABLE maker (key INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)) WITHOUT ROWID;

    -- What is not there yet, of each table what a transaction filed: two numbers after two numbers, eight bytes each;
    -- of what is filed there no more, the complement of the second. Entries only grow: the last one is never deleted.
    CREATE TABLE filed (
        entry INTEGER PRIMARY KEY,
        keys BLOB,
        named_item BLOB,
        named_node BLOB,
        member BLOB,
        maker BLOB,
        shared BLOB  -- of a table that is written at once: for those who have it in memory
    );

    -- What of `keys`, `named_item` and `named_node` may be there, in 4096 parts of each: 64 bits that count, and a
    -- blocked Bloom filter. Parts from which something was taken out tell of it until they are made anew.
    CREATE TABLE bloom (part INTEGER PRIMARY KEY, bits BLOB NOT NULL);
    CREATE TABLE loosened (part INTEGER PRIMARY KEY);

    -- Identifiers that several people share; people is -1 where so many do that the value is nobody's.
    CREATE TABLE shared (key INTEGER PRIMARY KEY, role TEXT NOT NULL, people INTEGER NOT NULL);

    -- Pairs worth keeping, of each record those with earlier ones: number of the other, weight and household of eight
    -- bytes each, then how many bytes of fate follow, and these. There are none for a pair below the threshold; it is
    -- `kept` inside a profile, else it says why not. Links of new records lie together at the end.
    CREATE TABLE link (b INTEGER PRIMARY KEY, links BLOB NOT NULL);

    CREATE TABLE steward (
        a TEXT NOT NULL, b TEXT NOT NULL, same INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
        at INTEGER NOT NULL, PRIMARY KEY (a, b)
    ) WITHOUT ROWID;

    -- Profile ids, by the record that they are made of; and those whose record is gone, with the heir or why there is
    -- none. Every id ever issued is in one of them.
    CREATE TABLE issued (node INTEGER PRIMARY KEY, profile BLOB NOT NULL);
    CREATE TABLE ended (profile BLOB PRIMARY KEY, heir BLOB, ended TEXT) WITHOUT ROWID;

    -- The change feed; nothing of it is ever deleted. `entries`: kind, profile and detail of some, as JSON; `seq`: the
    -- number of the last of them.
    CREATE TABLE change (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, entries TEXT NOT NULL);

    CREATE TABLE tombstone (digest BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
    """,
    """
    -- Of a record that a source system sent the one item is found by their name, which is the same.
    DROP INDEX evidence_node;
    CREATE INDEX evidence_node ON evidence (node, at) WHERE node IS NOT NULL AND kind <> 'record';

    -- A profile id follows from the record that it is made of; `maker` says which were issued.
    DROP TABLE issued;
    """,
)

#: The form that the first step makes. Stores of an earlier one were made before any release, and cannot be read.
FIRST: Final = 6
#: The form that this release reads and writes.
VERSION: Final = FIRST + len(MIGRATIONS) - 1
