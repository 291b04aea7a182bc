"""Erasure, step by step: what goes is found, taken away, kept from coming back, and looked for in every byte."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from cxm_sdk.identity.ownership import BEGINNING, END
from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.identity.record_blocks import identifier_key
from cxm_sdk.identity.sharing import MOST_HOLDERS
from cxm_sdk.profiles import privacy
from cxm_sdk.profiles.evidence import moment
from cxm_sdk.profiles.naming import Name, Names
from cxm_sdk.profiles.reading import View
from cxm_sdk.profiles.store import Stored
from cxm_sdk.profiles.updating import Outcome, Update
from cxm_sdk.profiles.verdicts import identifier_token, record_token

__all__ = ["Erasing"]


class Erasing:
    """One erasure. First it is told what goes, then it runs, and after the transaction it certifies.

    Args:
        update: The batch, in a transaction.
        view: Reads the same store.
    """

    def __init__(self, update: Update, view: View) -> None:
        self._update, self._view, self._store = update, view, update.store
        self._items: dict[int, Stored] = {}
        self._profiles: set[bytes] = set()
        #: Identifiers that were named, and go whoever else holds them.
        self._named: dict[tuple[str, str], int] = {}
        #: Identifiers that nobody holds any more, and names of items: a name or a city may well be somebody else's.
        self._values: set[str] = set()
        self._tombstones: set[bytes] = set()

    def take(self, names: Iterable[Name], known: Names) -> None:
        """Everything of some people goes.

        Args:
            names: Profile ids, identifiers or records.
            known: Finds out whom they mean.

        Raises:
            UnknownProfileError: When there is nobody of a name.
            InputError: When a namespace is unknown or a value names nobody.
        """
        for name in names:
            if isinstance(name, str) and ":" not in name:
                self.profile(known.live(name))
            elif isinstance(name, str):
                self.records(known.records(name))
            else:
                self.identifier(*known.identifier(*name))

    def profile(self, key: bytes) -> None:
        """Everything of a profile goes, with what was anonymous on devices while they were its own."""
        records = self._view.records(key)
        self.records(records)
        for namespace, value, held in self._view.owned(records, key):
            device = identifier_key(namespace, value)
            for one in held:
                seen = self._store.anonymous(device, max(one.since, BEGINNING), min(one.until, END))
                self._take(self._store.items(item for _, item in seen))

    def records(self, records: Iterable[PersonRecord]) -> None:
        """Everything that speaks for some records goes."""
        listed = list(records)
        self._profiles |= set(self._store.profiles_of_nodes([record.number for record in listed]).values())
        self._take(self._store.items(self._store.items_of_nodes([record.number for record in listed])))

    def identifier(self, namespace: str, value: str) -> None:
        """Everything that names an identifier goes."""
        key = identifier_key(namespace, value)
        self._named[namespace, value] = key
        if self._view.config.known.owned(namespace):
            self._take(self._store.items(self._store.seen_on(key)))
            return
        last = -1
        while nodes := self._store.holders_after(key, last, MOST_HOLDERS):
            self.records([self._view.record(row) for row in self._store.nodes(nodes)])
            last = nodes[-1]

    def _take(self, items: Iterable[Stored]) -> None:
        self._items.update((item.item, item) for item in items)

    def run(self) -> None:
        """Takes the evidence away and settles what is left."""
        update, store = self._update, self._store
        secret = bytes.fromhex(store.meta("secret") or "")
        update.reason_removed = "erased"
        items = sorted(self._items.values())
        read, _ = update.reader.read([json.loads(item.body) for item in items], END)
        held = dict(self._named)
        tokens: set[str] = set()
        for evidence in read:
            if evidence.record is not None:
                held.update(privacy.said_by([evidence.record]))
            tokens.add(record_token(evidence.source, evidence.record_id))
        for item in items:
            update.forget(item)
            self._tombstones.add(privacy.item_digest(secret, item.key))
            self._values.add(item.record_id)
        update.finish(Outcome())
        for (namespace, value), key in held.items():
            if (namespace, value) in self._named or not store.holders(key, 1):
                self._tombstones.add(privacy.identifier_digest(secret, namespace, value))
                tokens.add(identifier_token(namespace, value))
                self._values.add(value)
        self._forget_decisions(tokens)
        store.bury(self._tombstones, update.now)
        store.file_keys()

    def _forget_decisions(self, tokens: set[str]) -> None:
        decisions = [d for d in self._store.decisions() if d.a in tokens or d.b in tokens]
        if decisions:
            for decision in decisions:
                self._update.decisions.drop(decision.a, decision.b)
            after = Update(
                self._store, self._update.config, self._update.resolver, self._update.reader, self._update.now
            )
            after.decisions.changed |= {(d.a, d.b) for d in decisions}
            after.finish(Outcome())

    def certify(self) -> privacy.Certificate:
        """Searches every byte of the store, after the transaction, and rewrites it where something is left.

        Returns:
            The certificate.
        """
        self._store.empty_journal()
        searched, found = privacy.remains(self._store.files(), self._values)
        if found:
            self._store.scour()
            searched, found = privacy.remains(self._store.files(), self._values)
        profiles: Sequence[bytes] = sorted(self._profiles)
        return privacy.Certificate(
            moment(self._update.now),
            tuple(one.hex() for one in profiles),
            len(self._items),
            len(self._tombstones),
            searched,
            found,
        )
