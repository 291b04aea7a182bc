"""What is read out of a store about one person: ids, intervals of devices, traits, consent, timeline."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cxm_sdk.events.consent.choices import said
from cxm_sdk.identity.ownership import BEGINNING, END, Interval, Ownership, ownership
from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.identity.record_blocks import identifier_key
from cxm_sdk.identity.resolver import Resolver
from cxm_sdk.profiles.config import AnonymousPast, GraphConfig
from cxm_sdk.profiles.evidence import EVENTS, evidence_key, moment, when
from cxm_sdk.profiles.rows import restored
from cxm_sdk.profiles.store import Change, NodeRow, ProfileStore, Stored
from cxm_sdk.profiles.values import id_text

__all__ = ["Held", "Owned", "TimelineEntry", "View"]


@dataclass(frozen=True, slots=True)
class Held:
    """An identifier of a profile.

    Attributes:
        namespace: Its namespace.
        value: Its canonical value.
        first: When it was first seen with this person, ISO 8601.
        last: When it was last.
        shared: Whether other people hold it too.
    """

    namespace: str
    value: str
    first: str
    last: str
    shared: bool


@dataclass(frozen=True, slots=True)
class Owned:
    """A device or cookie for a time.

    Attributes:
        namespace: Its namespace.
        value: Its canonical value.
        since: From when it was this person's, ISO 8601; None from the beginning.
        until: Until when, not included; None until now.
    """

    namespace: str
    value: str
    since: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened.

    Attributes:
        at: When, ISO 8601.
        kind: ``record`` or the type of the event.
        id: The message id of an event, ``source:record_id`` of a record.
        attributed: Whether it was anonymous, and is this person's because the device was then.
        item: The event or record as it came.
    """

    at: str
    kind: str
    id: str
    attributed: bool
    item: dict[str, Any]

    @property
    def key(self) -> bytes:
        """Names it among all items, by 16 bytes; entries of one time are listed by it, the largest first."""
        if self.kind != "record":
            return evidence_key(EVENTS, self.id)
        return evidence_key(*(id_text(self.item[name]) or "" for name in ("source", "record_id")))


class View:
    """Reads people out of a store.

    Args:
        store: The store.
        config: The configuration.
        resolver: The person layer of the configuration.
    """

    def __init__(
        self, store: ProfileStore, config: GraphConfig, resolver: Resolver, now: Callable[[], int]
    ) -> None:
        self.store, self.config, self.resolver, self.now = store, config, resolver, now

    def records(self, profile: bytes) -> list[PersonRecord]:
        """Records of a profile, in canonical order.

        Args:
            profile: Its id.

        Returns:
            The records; none where the profile is not live.
        """
        return sorted(map(self.record, self.store.nodes_of_profile(profile)), key=lambda record: record.order)

    def record(self, row: NodeRow) -> PersonRecord:
        """Lays out what a record says.

        Args:
            row: As it is kept.

        Returns:
            The record.
        """
        return restored(row, self.resolver)

    def changes(self, since: int, limit: int) -> list[Change]:
        """What became of profiles, oldest first, with the names of records as far as they are still there.

        Args:
            since: Number of the last entry that was seen.
            limit: Most entries.

        Returns:
            The entries.
        """
        found = self.store.changes(since, limit)
        numbers = {number for change in found for number in change.detail.get("nodes", ())}
        names = {row.node: [*row.named] for row in self.store.nodes(sorted(numbers))}
        told = []
        for change in found:
            detail = dict(change.detail)
            if "nodes" in detail:
                detail["records"] = [names.get(number) for number in detail.pop("nodes")]
            told.append(change._replace(detail=detail))
        return told

    def shared(self, records: Sequence[PersonRecord]) -> dict[int, int]:
        """People behind those identifiers of records that several people share.

        Args:
            records: The records.

        Returns:
            The people by key; -1 where too many do.
        """
        return self.store.shared({key for record in records for _, _, key in record.identifiers})

    def identifiers(self, records: Sequence[PersonRecord]) -> list[Held]:
        """Identifiers of a profile by priority of their namespace, then by value.

        Args:
            records: Its records.

        Returns:
            The identifiers.
        """
        found: dict[tuple[str, str], list[int]] = {}
        keys: dict[tuple[str, str], int] = {}
        for record in records:
            for role, value, key in record.identifiers:
                if value in record.content.get(role, ()):  # derived ones are not held
                    times = found.setdefault((role, value), [record.first, record.last])
                    times[0], times[1] = min(times[0], record.first), max(times[1], record.last)
                    keys[role, value] = key
        order = sorted(found, key=lambda held: (self._priority(held[0]), *held))
        return [
            Held(
                *(*held, moment(found[held][0]), moment(found[held][1])),
                self._held_by_others(keys[held], {record.number for record in records}),
            )
            for held in order
        ]

    def _held_by_others(self, key: int, own: set[int]) -> bool:
        """Whether any record of another profile is filed under a key."""
        return not own.issuperset(self.store.holders(key, len(own) + 1))

    def _priority(self, namespace: str) -> int:
        known = self.config.known.find(namespace)
        return known.priority if known else 1000

    # ------------------------------------------------------------------------------------------ devices

    def ownership(self, device: int, namespace: str) -> Ownership[bytes]:
        """Whose a device was, and when.

        Args:
            device: Its key.
            namespace: Its namespace, for the time-out.

        Returns:
            The intervals, by profile id.
        """
        logins = self.store.logins(device)
        profiles = self.store.profiles_of_nodes({node for _, node in logins})
        rule = self.config.known.find(namespace)
        timeout = None if rule is None or rule.timeout is None else round(rule.timeout * 1e6)
        past = self.config.anonymous_past
        found = ownership(
            [(at, profiles[node]) for at, node in logins],
            timeout=timeout,
            before_first=None if past is AnonymousPast.CONVERT else timeout,
            most_owners=self.config.most_owners,
        )
        if past is AnonymousPast.ISOLATE:
            return Ownership((), found.owners, found.kiosk)
        return found

    def devices(self, records: Sequence[PersonRecord], profile: bytes) -> list[Owned]:
        """Devices and cookies of a profile, each with the times for which it was this person's.

        Args:
            records: The records of the profile.
            profile: Its id.

        Returns:
            The times, by namespace and value.
        """
        found = []
        for namespace, value, held in self.owned(records, profile):
            for one in held:
                since = None if one.since <= BEGINNING else moment(one.since)
                until = None if one.until >= END else moment(one.until)
                found.append(Owned(namespace, value, since, until))
        return found

    def owned(
        self, records: Sequence[PersonRecord], profile: bytes
    ) -> list[tuple[str, str, list[Interval[bytes]]]]:
        """Namespace, value and intervals of every device on which somebody of a profile logged in.

        Args:
            records: The records of the profile.
            profile: Its id.

        Returns:
            The devices by namespace and value, also those that are a kiosk and have no intervals.
        """
        keys = self.store.devices_of_nodes([record.number for record in records])
        found = []
        for key, (namespace, value) in self.store.device_names(keys).items():
            whole = self.ownership(key, namespace)
            found.append((namespace, value, [one for one in whole.intervals if one.owner == profile]))
        return sorted(found, key=lambda one: one[:2])

    # ------------------------------------------------------------------------------------------ what they do

    def timeline(
        self,
        records: Sequence[PersonRecord],
        profile: bytes,
        *,
        since: int,
        until: int,
        after: bytes | None = None,
        kinds: Sequence[str] | None,
        limit: int | None,
    ) -> list[TimelineEntry]:
        """What somebody did, latest first. Where a source system states a consent again that holds, nothing was done.

        Args:
            records: The records of the profile.
            profile: Its id.
            since: Microseconds since 1970, included.
            until: The same, not included.
            after: Key of an item of the time ``until``: those of that time that come after it are included.
            kinds: Types of events, and ``record``; None for all.
            limit: Most entries; None for all.

        Returns:
            The entries.
        """
        found = self._happened(records, profile, since, until, kinds, limit)
        if after is not None:
            of_that_time = self._happened(records, profile, max(since, until), until + 1, kinds, None)
            found += [one for one in of_that_time if one[0].key < after]
        # One item may have been seen on a device and a cookie.
        distinct = {item.key: (item, attributed) for item, attributed in found}
        ordered = sorted(distinct.values(), key=lambda one: (one[0].at, one[0].key), reverse=True)
        return [
            TimelineEntry(moment(item.at), item.kind, _name(item), attributed, json.loads(item.body))
            for item, attributed in ordered[:limit]
        ]

    def _happened(
        self,
        records: Sequence[PersonRecord],
        profile: bytes,
        since: int,
        until: int,
        kinds: Sequence[str] | None,
        limit: int | None,
    ) -> list[tuple[Stored, bool]]:
        """What is listed of a time, each with whether it was anonymous; at least the latest so many."""
        numbers = [record.number for record in records]
        listed = self.store.items_between(numbers, since, until, kinds, limit)
        if any(_is_statement(item) for item in listed):
            repeated = self._repeated(numbers)
            if limit is not None and any(item.key in repeated for item in listed):
                listed = self.store.items_between(numbers, since, until, kinds, None)
            listed = [item for item in listed if item.key not in repeated][:limit]
        found = [(item, False) for item in listed]
        for namespace, value, held in self.owned(records, profile):
            key = identifier_key(namespace, value)
            for one in held:
                seen = self.store.anonymous(key, max(one.since, since), min(one.until, until))
                if (
                    kinds is None and limit and len(seen) > limit
                ):  # which of one time go is told by their keys
                    seen = [one_seen for one_seen in seen if one_seen[0] >= seen[-limit][0]]
                found += [
                    (item, True)
                    for item in self.store.items(item for _, item in seen)
                    if kinds is None or item.kind in kinds
                ]
        return found

    def _repeated(self, numbers: Sequence[int]) -> set[bytes]:
        """Keys of the statements of source systems that change no consent."""
        found: set[bytes] = set()
        state: dict[str, bool | None] = {}
        for item in reversed(self.store.items_between(numbers, BEGINNING, END, None, None)):
            told = _consent(json.loads(item.body))
            if _is_statement(item) and all(state.get(purpose) == one for purpose, one in told.items()):
                found.add(item.key)
            state.update(told)
        return found

    def traits(self, records: Sequence[PersonRecord]) -> dict[str, Any]:
        """What identify calls said of a person beyond who they are; of each trait the latest.

        Args:
            records: The records of the profile.

        Returns:
            The traits by name.
        """
        found: dict[str, Any] = {}
        items = self.store.items_between(
            [record.number for record in records], BEGINNING, END, ("identify", "record"), None
        )
        for item in reversed(items):
            body = json.loads(item.body)
            said = body.get("traits" if item.kind == "identify" else "attributes")
            context = body.get("context")
            for traits in (context.get("traits") if isinstance(context, dict) else None, said):
                found.update(traits if isinstance(traits, dict) else {})
        return dict(sorted(found.items()))

    def consent(self, records: Sequence[PersonRecord], at: int | None) -> dict[str, bool]:
        """What a person agreed to and did not.

        Only what was said while logged in counts: what an unknown visitor clicked binds nobody.

        Args:
            records: The records of the profile.
            at: When, microseconds since 1970: what was agreed to until before then does not hold any more. None for
                what was said, whatever became of it.

        Returns:
            For each purpose whether it is allowed.
        """
        found: dict[str, bool] = {}
        refused: dict[str, int] = {}  # when each purpose was last
        strictest = self.config.consent == "strictest"
        for item in reversed(
            self.store.items_between([record.number for record in records], BEGINNING, END, None, None)
        ):
            body = json.loads(item.body)
            over = at is not None and _end_of_consent(body) <= at
            for purpose, told in _consent(body).items():
                allowed = None if told and over else told
                if purpose in refused and (strictest or refused[purpose] == item.at):
                    continue
                if allowed is False:
                    refused[purpose] = item.at
                if allowed is None:
                    found.pop(purpose, None)
                else:
                    found[purpose] = allowed
        return dict(sorted(found.items()))


def _consent(body: dict[str, Any]) -> dict[str, bool | None]:
    """What an item says of purposes; None where it says that neither yes nor no holds any more."""
    context = body.get("context")
    consent = context.get("consent") if isinstance(context, dict) else body.get("consent")
    if isinstance(consent, dict) and isinstance(consent.get("categoryPreferences"), dict):
        consent = consent["categoryPreferences"]
    told = consent.items() if isinstance(consent, dict) else ()
    found: dict[str, bool | None] = {purpose: one for purpose, one in told if isinstance(one, bool)}
    for preferences, _ in said(body):  # as clients and collectors learn it
        found |= {purpose: one for purpose, one in preferences.items() if isinstance(one, bool)}
    properties = body.get("properties")
    if body.get("event") == "Consent Updated" and isinstance(properties, dict):
        category = properties.get("category")
        if isinstance(category, str) and properties.get("state") in ("unset", "pending"):
            found[category] = None
    return found


def _end_of_consent(body: dict[str, Any]) -> int:
    """When what an item agrees to ends, microseconds since 1970."""
    for _, ends in said(body):
        if ends is not None:
            try:
                return when(ends)
            except (ValueError, OverflowError):
                continue
    return END


def _is_statement(item: Stored) -> bool:
    """Whether an item is what a source system states of a consent, time and again."""
    return '"event":"Consent Updated"' in item.body and '"method":"import"' in item.body


def _name(item: Stored) -> str:
    return item.record_id if item.source == EVENTS else f"{item.source}:{item.record_id}"
