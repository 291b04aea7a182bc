"""Decisions of stewards, and the records they are about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.identity.record_blocks import identifier_key
from cxm_sdk.identity.sharing import MOST_HOLDERS
from cxm_sdk.profiles.evidence import Steward, evidence_key
from cxm_sdk.profiles.store import ProfileStore

if TYPE_CHECKING:
    from cxm_sdk.profiles.updating import Update

__all__ = ["Decisions", "identifier_token", "record_token", "tokens"]


def identifier_token(namespace: str, value: str) -> str:
    """How a decision names an identifier.

    Args:
        namespace: Its namespace.
        value: Its canonical value.

    Returns:
        The name.

    Example:
        >>> identifier_token("crm_id", "C-1")
        'id:crm_id:C-1'
    """
    return f"id:{namespace}:{value}"


def record_token(source: str, record_id: str) -> str:
    """How a decision names a record.

    Args:
        source: Its source; without a colon.
        record_id: Its id there.

    Returns:
        The name.

    Example:
        >>> record_token("crm", "17")
        'record:crm:17'
    """
    return f"record:{source}:{record_id}"


def tokens(record: PersonRecord) -> list[str]:
    """All names under which a decision may speak of a record.

    Args:
        record: The record.

    Returns:
        The names.
    """
    named = [identifier_token(role, value) for role, value, _ in record.identifiers]
    return [record_token(record.source, record.record_id), *named]


class Decisions:
    """All decisions in a store, and which records they join or keep apart.

    Args:
        store: The store.
    """

    def __init__(self, store: ProfileStore) -> None:
        self._store = store
        self._listed = {(d.a, d.b): d for d in store.decisions()}
        self._by_token: dict[str, set[tuple[str, str]]] = {}
        for pair in self._listed:
            self._index(pair)
        self.changed: set[tuple[str, str]] = set()

    def __bool__(self) -> bool:
        """Whether there are any, or were before the batch."""
        return bool(self._by_token)

    def _index(self, pair: tuple[str, str]) -> None:
        for token in pair:
            self._by_token.setdefault(token, set()).add(pair)

    def put(self, decision: Steward) -> None:
        """Takes a decision in; of two on the same pair the later one counts, then the one that keeps apart."""
        pair = decision.a, decision.b
        held = self._listed.get(pair)
        if held is not None and _rank(held) >= _rank(decision):
            return
        self._listed[pair] = decision
        self._index(pair)
        self.changed.add(pair)
        self._store.set_decision(decision)

    def drop(self, a: str, b: str) -> None:
        """Takes a decision away."""
        if self._listed.pop((a, b), None) is not None:
            self.changed.add((a, b))
            self._store.drop_decision(a, b)

    def about(self, records: Iterable[PersonRecord]) -> list[Steward]:
        """Decisions about any of some records, in a fixed order."""
        if not self._by_token:
            return []
        found = {
            pair
            for record in records
            for token in tokens(record)
            for pair in self._by_token.get(token, ())
            if pair in self._listed
        }
        return [self._listed[pair] for pair in sorted(found)]

    def holders_of_changed(self, update: Update) -> set[int]:
        """Records that a changed decision is about."""
        found = {number for pair in self.changed for token in pair for number in self.holders(token, update)}
        update.load(found)
        return found

    def pairs(self, update: Update, numbers: Iterable[int]) -> set[tuple[int, int]]:
        """Pairs that decisions about some records join, by number."""
        found: set[tuple[int, int]] = set()
        if not self._by_token:
            return found
        for decision in self.about([update.records[number] for number in numbers]):
            if decision.same:
                ours, theirs = (self.holders(token, update) for token in (decision.a, decision.b))
                update.load([*ours, *theirs])
                found |= {(min(i, j), max(i, j)) for i in ours for j in theirs if i != j}
        return found

    def holders(self, token: str, update: Update) -> list[int]:
        """Records of which a decision speaks by one of its names."""
        kind, _, name = token.partition(":")
        namespace, _, value = name.partition(":")
        if kind == "id":
            held = self._store.holders(identifier_key(namespace, value), MOST_HOLDERS + 1)
            return held if len(held) <= MOST_HOLDERS else []  # it names nobody
        key = evidence_key(namespace, value)
        fresh = [number for number, held in update.fresh.items() if held == key]
        return fresh or [row.node for row in self._store.nodes_by_key([key]).values()]


def _rank(decision: Steward) -> tuple[int, bool, str, str]:
    return decision.at, not decision.same, decision.who, decision.why
