"""One batch of evidence into the store: only what it touches is weighed and settled anew.

What comes out equals a rebuild from all evidence, because what a component holds decides everything about it, and a
component is loaded whole whenever anything about it changes: its records, who shares their values, or the links that
hold it together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cxm_sdk._native.contents import restore
from cxm_sdk._native.filing import Filing
from cxm_sdk.identity.person_records import MUTED, PersonRecord
from cxm_sdk.identity.record_blocks import identifier_key
from cxm_sdk.identity.resolver import Resolver
from cxm_sdk.identity.sharing import MOST_HOLDERS, PROXIES, TOO_MANY
from cxm_sdk.profiles.config import GraphConfig
from cxm_sdk.profiles.evidence import Evidence
from cxm_sdk.profiles.items import Reader
from cxm_sdk.profiles.rows import kept
from cxm_sdk.profiles.settling import Settling
from cxm_sdk.profiles.store import NodeValues, ProfileStore, Stored
from cxm_sdk.profiles.verdicts import Decisions

__all__ = ["Outcome", "Update"]


@dataclass
class Outcome:
    """What a batch did.

    Attributes:
        accepted: Items that are new, or newer than what was there.
        duplicates: Items that said nothing new.
        changes: Entries made in the change feed.
    """

    accepted: int = 0
    duplicates: int = 0
    changes: int = 0


class Update:
    """One batch, inside one transaction of the store.

    Args:
        store: The store, in a transaction.
        config: The configuration.
        resolver: The person layer of the configuration.
        reader: Reads stored items again.
        now: Microseconds since 1970, for the change feed.
    """

    def __init__(
        self, store: ProfileStore, config: GraphConfig, resolver: Resolver, reader: Reader, now: int
    ) -> None:
        self.store, self.config, self.resolver, self.reader, self.now = store, config, resolver, reader, now
        #: Records as they are now, by number, and rows as they were before the batch.
        self.records: dict[int, PersonRecord] = {}
        self.rows: dict[int, NodeValues] = {}
        #: What records said before the batch, where that is something else.
        self.former: dict[int, PersonRecord] = {}
        self.fresh: dict[int, bytes] = {}
        self.removed: set[int] = set()
        #: Records to be weighed against all others anew, and records whose component has to be settled anew.
        self.dirty: set[int] = set()
        self.touched: set[int] = set()
        #: People behind identifiers, as they are now and as they were; one where not listed.
        self.shared: dict[int, int] = {}
        self.shared_before: dict[int, int] = {}
        self.reason_removed = "retracted"
        #: Whether everything is resolved anew: nothing is filed under any key, and there are no links.
        self.anew = False
        #: Records under keys as they are after this batch.
        self._filing = Filing()
        #: As many of a key as matter, and some more that this batch may take away.
        self._most = max(MOST_HOLDERS, resolver.largest_block) + 1
        #: Records of whose identifiers, as they are now, it is known who shares them.
        self._asked: set[int] = set()
        self._released: dict[int, None] = {}
        self._numbers: dict[bytes, int] = {}
        self._next: int | None = None
        self.decisions = Decisions(store)

    # ------------------------------------------------------------------------------------------ evidence

    def add(self, items: Sequence[Evidence], outcome: Outcome) -> None:
        """Takes items in.

        Args:
            items: Evidence in any order.
            outcome: What is counted, raised in place.
        """
        chosen: dict[bytes, Evidence] = {}
        for item in items:
            rival = chosen.get(item.key)
            if rival is None or _replaces(item, rival.kind, rival.version):
                chosen[item.key] = item
        outcome.duplicates += len(items) - len(chosen)
        known = self.store.existing(chosen)
        telling = [item for item in chosen.values() if item.record is not None and item.kind != "record"]
        self._load_keys([item.node_key() for item in telling])
        self._load_known(known)
        added, number = [], self.store.next_item()
        for key, item in chosen.items():
            stored = known.get(key)
            if stored is not None:
                version = Evidence(*stored[1:4], stored.at, stored.kind, stored.body).version
                if not _replaces(item, stored.kind, version):
                    outcome.duplicates += 1
                    continue
                self.forget(stored)
            outcome.accepted += 1
            node = None if item.record is None else self._node_of(item, item.record)
            devices = [(identifier_key(name, value), name, value) for name, value in item.devices]
            added.append((number, item, node, devices))
            number += 1
        self.store.add_evidence(added)

    def forget(self, stored: Stored) -> None:
        """Takes an item away as if it had never been.

        Args:
            stored: The item.
        """
        read, _ = self.reader.read([json.loads(stored.body)], now=stored.at)
        devices = [identifier_key(name, value) for evidence in read for name, value in evidence.devices]
        self.store.drop_evidence(stored.item, devices, stored.at)
        if stored.node is not None:
            self.load([stored.node])
            self._released[stored.node] = None

    def take_over(self, stored: Stored, item: Evidence | None) -> int | None:
        """Finds the record that a stored item speaks for as it is read now.

        Args:
            stored: The item as it is kept.
            item: As it is read now; None where it cannot be read.

        Returns:
            Number of the record; None for none.
        """
        node = None
        if item is not None and item.record is not None:
            self._load_keys([item.node_key()])
            node = self._node_of(item, item.record)
        if stored.node is not None and stored.node != node:
            self._released[stored.node] = None
        return node

    def start_over(self) -> None:
        """Weighs and settles every record in memory anew, when the batch is finished."""
        self.anew = True
        self.dirty.update(self.records)

    def _load_keys(self, keys: Sequence[bytes]) -> None:
        found = self.store.nodes_by_key(dict.fromkeys(keys)) if keys else {}
        for key, row in found.items():
            self._numbers[key] = row.node
        self.keep(found.values())

    def _load_known(self, known: Mapping[bytes, Stored]) -> None:
        """Loads the records of items that are there; of others there is none."""
        numbers = {
            key: item.node for key, item in known.items() if item.kind == "record" and item.node is not None
        }
        self.load(numbers.values())
        for key, number in numbers.items():
            self._numbers.setdefault(key, number)

    def _node_of(self, item: Evidence, told: PersonRecord) -> int:
        """The record of the person layer that an item speaks for, made or changed as the item says."""
        key = item.node_key()
        number = self._numbers.get(key)
        if number is None:
            if self._next is None:
                self._next = self.store.next_node()
            number, self._next = self._next, self._next + 1
            self._numbers[key] = number
            self.fresh[number] = key
            told.become(number)
            self.records[number] = told
            self.dirty.add(number)
            return number
        record = self.records[number]
        if item.kind == "record":
            told.become(number)
            self._change(number, told)
        elif not record.first <= item.at <= record.last:
            self._span(number, min(record.first, item.at), max(record.last, item.at))
        return number

    def _change(self, number: int, record: PersonRecord) -> None:
        old = self.records[number]
        if record.says_as(old):
            self._span(number, record.first, record.last)
            return
        if number not in self.fresh:
            self.former.setdefault(number, old)
        self.records[number] = record
        self._asked.discard(number)
        self.dirty.add(number)

    def _span(self, number: int, first: int, last: int) -> None:
        """Moves the times of a record. They decide who comes first, which value is the latest, and what has aged."""
        old = self.records[number]
        if (first, last) == (old.first, old.last):
            return
        if number not in self.fresh:
            self.former.setdefault(number, old)
        self.records[number] = old.at(first, last)
        self.touched.add(number)
        if any(map(old.knows, self.resolver.half_lives)):
            self.dirty.add(number)

    def _settle_released(self) -> None:
        """Records that lost an item keep the span of those that are left, or go."""
        for number in self._released:
            span = self.store.span_of_node(number)
            if span is not None:
                self._span(number, *span)
            elif number in self.fresh:
                del self.fresh[number]
                self.dirty.discard(number)
            else:
                self.former.setdefault(number, self.records[number])
                self.removed.add(number)
                self.dirty.discard(number)
                self.touched.discard(number)

    # ------------------------------------------------------------------------------------------ loading

    def load(self, numbers: Iterable[int]) -> None:
        """Makes sure that records are in memory."""
        missing = [number for number in numbers if number not in self.records]
        if missing:
            self.keep(self.store.node_values(sorted(missing)))

    def keep(self, rows: Iterable[NodeValues], *, keyed: bool = True) -> None:
        """Takes records as they are in the store into memory, unless they are there.

        Args:
            rows: The records.
            keyed: Whether what an identifier is has not changed since.
        """
        restore(PersonRecord, rows, self.resolver.roles, keyed, self.records, self.rows)

    def load_shared(self, numbers: Iterable[int]) -> None:
        """Makes sure that it is known how many people share the identifiers of records in memory."""
        asked, records = self._asked, self.records
        missing = [number for number in numbers if number not in asked]
        if missing:
            asked.update(missing)
            self._look_up(self._filing.unknown([records[number] for number in missing]))

    def _look_up(self, keys: list[int]) -> None:
        if keys:
            found = self.store.shared(keys)
            self.shared.update(found)
            self.shared_before.update(found)

    # ------------------------------------------------------------------------------------------ the batch

    def finish(self, outcome: Outcome) -> None:
        """Weighs and settles what the batch touches, and writes it.

        Args:
            outcome: What is counted, raised in place.
        """
        self._settle_released()
        if not (
            self.fresh or self.former or self.removed or self.dirty or self.touched or self.decisions.changed
        ):
            return
        changed = {n for n in self.former if n in self.removed or self._says_other(n)} | set(self.fresh)
        if self.anew:
            changed.update(self.dirty)
        self._file(changed)
        self._write_records()
        self.dirty |= self.decisions.holders_of_changed(self)
        outcome.changes += Settling(self, self._candidates()).run()

    def _says_other(self, number: int) -> bool:
        return not self.former[number].says_as(self.records[number])

    def _now(self, number: int) -> PersonRecord | None:
        return None if number in self.removed else self.records[number]

    def _file(self, changed: set[int]) -> None:
        """Files changed records under their keys, counts who shares them, and marks whom that concerns."""
        filing, ordered = self._filing, sorted(changed)
        for number in ordered:
            filing.identify(number, None if self.anew else self.former.get(number), self._now(number))
        self._most += len(changed)
        filing.mark()
        if self.resolver.keys_read_identifiers:
            self._find_holders()
            self._count_people()
            self._change_joint_keys(sorted(changed | self.dirty))
            self._find_holders()
        else:
            self._change_joint_keys(ordered)
            self._find_holders()
            self._count_people()
        # All of a block that has become too large to be used, or small enough.
        self.dirty.update(filing.resized(self.resolver.largest_block))
        dropped, added = filing.rows()
        self.store.drop_keys(dropped)
        self.store.add_keys(added)

    def _find_holders(self) -> None:
        """Finds who is under the keys that matter, after this batch and before anything is written."""
        wanted = self._filing.wanted()
        self._filing.found(self.store.rows_under(wanted, self._most) if wanted else b"")

    def _count_people(self) -> None:
        """Counts anew the people behind the identifiers of changed records, and marks whom it concerns.

        What is nobody's, or is no longer, changes what its holders say to everybody. Otherwise a count matters to those
        pairs alone that both hold the value.
        """
        filing, shared = self._filing, self.shared
        self._look_up(filing.unknown_before())
        self.load(filing.sharers(MOST_HOLDERS))
        flipped = filing.recounted(self.records, shared, MOST_HOLDERS, PROXIES, TOO_MANY)
        for key, role, people in flipped:
            before, shared[key] = shared.get(key, 1), people
            if MUTED in (people, before) or not self._brings_together(role):
                self.dirty.update(filing.under(key))
            else:
                self.touched.update(filing.under(key))
                filing.bring_all(key)
        if flipped:
            self.store.set_shared(flipped)

    def _brings_together(self, role: str) -> bool:
        """Whether records that share an identifier are weighed for that alone."""
        return any(list(rule.keys) == [role] for rule in self.resolver.model.rules)

    def _change_joint_keys(self, concerned: Sequence[int]) -> None:
        """Finds out under which keys of several values records are filed, and were."""
        self.load(concerned)
        if self.resolver.keys_read_identifiers:
            sides = [self.records[n] for n in concerned] + [
                self.former[n] for n in concerned if n in self.former
            ]
            self._look_up(self._filing.unknown(sides))
        for number in concerned:
            old = self.former.get(number, None if number in self.fresh else self.records[number])
            old = None if self.anew else old
            new = self._now(number)
            self._filing.change(
                number,
                () if old is None else self.resolver.joint_keys(old, self.shared_before),
                () if new is None else self.resolver.joint_keys(new, self.shared),
            )

    def _write_records(self) -> None:
        changed = self.former.keys() | (self.rows.keys() if self.anew else set())
        if changed - self.removed:
            self.store.set_nodes(kept(self.records[n], -1, None) for n in sorted(changed - self.removed))
        for number in sorted(self.removed):
            self.store.drop_node(number)

    def _candidates(self) -> bytes:
        """Pairs of dirty records and those that share a key with them, or that a steward decided on."""
        self.load(self.dirty)
        self.load_shared(self.dirty)
        filing, resolver, shared = self._filing, self.resolver, self.shared
        for number in self.dirty:
            record = self.records[number]
            filing.bring_named(record, resolver.single, shared, MOST_HOLDERS)
            filing.bring(number, resolver.joint_keys(record, shared), resolver.largest_block)
        self._find_holders()
        for one, other in self.decisions.pairs(self, self.dirty):
            filing.bring_pair(one, other)
        return filing.pairs()


def _replaces(item: Evidence, kind: str, version: tuple[int, bytes]) -> bool:
    """Whether an item takes the place of one of the same key: the latest record, the earliest event."""
    if kind == "record":
        return item.version > version
    return item.version < version
