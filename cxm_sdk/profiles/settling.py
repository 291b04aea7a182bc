"""The second half of a batch: touched records are weighed, their components settled, and what changed is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from cxm_sdk.identity.bounds import bounded_parts, strongest_first
from cxm_sdk.identity.person_records import DECIDED, MUTED, Group, Verdicts, Weighed
from cxm_sdk.identity.resolver import OUTWEIGHED
from cxm_sdk.profiles.golden import profile_id, shown, winners
from cxm_sdk.profiles.rows import kept
from cxm_sdk.profiles.store import StoredLink

if TYPE_CHECKING:
    from cxm_sdk.identity.laid import Laid
    from cxm_sdk.profiles.updating import Update

_order, _age = attrgetter("order"), attrgetter("age")

__all__ = ["KEPT", "TOO_LARGE", "Components", "Settling", "verdicts_of"]

#: Fate of a link inside a profile.
KEPT = "kept"
#: Fate of a link that was dropped because its component would be too large with it.
TOO_LARGE = "too_large"

Pair = tuple[int, int]


class Components:
    """Disjoint sets of record numbers.

    Example:
        >>> sets = Components([1, 2, 3])
        >>> sets.join(1, 3)
        >>> sets.groups()
        [[1, 3], [2]]
    """

    def __init__(self, numbers: Iterable[int]) -> None:
        self._parent = {number: number for number in numbers}

    def root(self, number: int) -> int:
        """The smallest number of a set, after all joins."""
        parent = self._parent
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    def join(self, a: int, b: int) -> None:
        """Makes two sets one."""
        a, b = self.root(a), self.root(b)
        self._parent[max(a, b)] = min(a, b)

    def groups(self) -> list[list[int]]:
        """The sets, each ascending, in the order of their smallest numbers."""
        found: dict[int, list[int]] = {}
        for number in sorted(self._parent):
            found.setdefault(self.root(number), []).append(number)
        return list(found.values())


def verdicts_of(update: Update, numbers: list[int]) -> Verdicts:
    """Decisions of stewards about records that hang together.

    Args:
        update: The batch.
        numbers: The records, in canonical order.

    Returns:
        The decisions, by position.
    """
    records = [update.records[number] for number in numbers]
    decisions = update.decisions.about(records)
    if not decisions:
        return Verdicts()
    place = {number: position for position, number in enumerate(numbers)}
    pairs = update.decisions.pairs(update, numbers)
    same = {(min(place[a], place[b]), max(place[a], place[b])) for a, b in pairs if a in place and b in place}
    apart = []
    for decision in decisions:
        if not decision.same:
            sides = [update.decisions.holders(token, update) for token in (decision.a, decision.b)]
            ours, theirs = (frozenset(place[n] for n in side if n in place) for side in sides)
            if ours and theirs:
                apart.append((ours, theirs))
    return Verdicts(frozenset(same), tuple(apart))


class Settling:
    """Weighs pairs, settles the components they touch, and writes the outcome.

    Args:
        update: The batch; its records are in memory and filed under their keys.
        pairs: Pairs to weigh, the smaller number first.
    """

    def __init__(self, update: Update, pairs: set[Pair]) -> None:
        self.update, self.store, self.resolver = update, update.store, update.resolver
        self._pairs = pairs
        self._edges: dict[Pair, Weighed] = {}
        #: The records that were weighed, laid out; None where none were.
        self._laid: Laid | None = None
        #: Links as they were, those of changed records and those of their components.
        self._old: dict[Pair, StoredLink] = {}
        self._changes: list[tuple[str, bytes, Mapping[str, object]]] = []
        self._links_noted: list[tuple[str, Pair, bytes, Mapping[str, object]]] = []
        self._decided: set[Pair] = set()

    def run(self) -> int:
        """Does everything; returns the number of entries made in the change feed."""
        self._weigh()
        linked = {number for pair in self._edges for number in pair}
        alone = [number for number in self.update.fresh if number not in linked]
        members = self._members(alone)
        groups = self._groups(members)
        fates, people = self._settle(groups)
        self._write_links(fates)
        self._write_alone(alone)
        self._write_profiles(members, groups, people)
        self.store.log(self.update.now, self._changes)
        return len(self._changes)

    def _weigh(self) -> None:
        update = self.update
        numbers = {number for pair in self._pairs for number in pair}
        update.load(numbers)
        update.load_shared(numbers)
        records = sorted((update.records[number] for number in numbers), key=_order)
        place = {record.number: position for position, record in enumerate(records)}
        pairs = sorted(self._pairs)
        sides = np.array([(place[a], place[b]) for a, b in pairs], np.int32).reshape(-1, 2)
        sides.sort(axis=1)
        if len(sides):
            self._laid = self.resolver.lay_out(records, update.shared)
        edges = self._laid.weigh(sides) if self._laid is not None else []
        self._decided = decided = update.decisions.pairs(update, update.dirty)
        self._edges = {
            pair: edge for pair, edge in zip(pairs, edges, strict=True) if edge.kept or pair in decided
        }

    def _members(self, alone: list[int]) -> list[int]:
        """Every record of every component that is touched, but for new ones that hang together with nothing."""
        update = self.update
        stale = [n for n in (*update.dirty, *update.removed) if n not in update.fresh]
        self._old = {(link.a, link.b): link for link in self.store.links_of_nodes(stale)}
        seeds = {*update.dirty, *update.touched, *update.removed}
        strong = [pair for pair, edge in self._edges.items() if self._is_strong(pair, edge.weight)]
        seeds.update(number for pair in strong for number in pair)
        was_strong = [pair for pair, link in self._old.items() if link.fate is not None]
        update.load(number for pair in was_strong for number in pair if number not in update.removed)
        seeds.update(number for pair in was_strong for number in pair)
        rows = update.rows
        components = {rows[number].component for number in seeds if number in rows}
        inside = self.store.nodes_of_components(sorted(components))
        update.load(number for number in inside if number not in update.removed)
        found = {*inside, *update.fresh}
        found.difference_update(update.removed, alone)
        return sorted(found)

    def _is_strong(self, pair: Pair, weight: float) -> bool:
        return weight >= self.resolver.cut or pair in self._decided

    def _groups(self, members: list[int]) -> list[list[int]]:
        update = self.update
        if not members:
            return []
        update.load_shared(members)
        settled = [number for number in members if number not in update.dirty]
        # Both ends of what matters here are in the component, so that it is enough to look at one.
        for link in self.store.links_of_nodes(settled, later=True):
            pair = link.a, link.b
            self._old[pair] = link
            if pair not in self._edges and update.dirty.isdisjoint(pair) and update.removed.isdisjoint(pair):
                self._edges[pair] = link
        self._decided |= update.decisions.pairs(update, members)
        sets, inside = Components(members), set(members)
        for pair, edge in self._edges.items():
            if self._is_strong(pair, edge.weight) and pair[0] in inside and pair[1] in inside:
                sets.join(*pair)
        return sets.groups()

    def _inside(self, groups: list[list[int]]) -> tuple[dict[int, dict[Pair, Weighed]], list[Pair]]:
        """Pairs inside each group, and strong ones between two."""
        of = {number: at for at, group in enumerate(groups) for number in group}
        inside: dict[int, dict[Pair, Weighed]] = {}
        between = []
        for pair, edge in self._edges.items():
            ours, theirs = of.get(pair[0]), of.get(pair[1])
            if ours is not None and ours == theirs:
                inside.setdefault(ours, {})[pair] = edge
            elif ours is not None and theirs is not None and self._is_strong(pair, edge.weight):
                between.append(pair)
        return inside, between

    def _bounded(self, groups: list[list[int]]) -> list[list[int]]:
        """The groups, without the weakest links of those that are too large."""
        largest = self.resolver.largest_component
        if all(len(group) <= largest for group in groups):
            return groups
        inside, _ = self._inside(groups)
        found = []
        for at, group in enumerate(groups):
            if len(group) <= largest:
                found.append(group)
                continue
            ordered = [
                record.number for record in sorted((self.update.records[n] for n in group), key=_order)
            ]
            place = {number: position for position, number in enumerate(ordered)}
            strengths = [
                ((min(place[a], place[b]), max(place[a], place[b])), weight)
                for (a, b), edge in inside[at].items()
                for weight in [DECIDED if (a, b) in self._decided else edge.weight]
                if self._is_strong((a, b), weight)
            ]
            parts: dict[int, list[int]] = {}
            labels = bounded_parts(len(ordered), strongest_first(strengths), largest)
            for number, label in zip(ordered, labels, strict=True):
                parts.setdefault(label, []).append(number)
            found += parts.values()
        return found

    def _settle(self, groups: list[list[int]]) -> tuple[dict[Pair, str], list[list[int]]]:
        """The fate of every strong link, and the people of all groups."""
        update = self.update
        groups = self._bounded(groups)
        inside, between = self._inside(groups)
        asked = []
        for at, group in enumerate(groups):
            if len(group) > 1:
                records = sorted((update.records[number] for number in group), key=_order)
                ordered = [record.number for record in records]
                place = {number: position for position, number in enumerate(ordered)}
                edges = {
                    (min(place[a], place[b]), max(place[a], place[b])): edge
                    for (a, b), edge in inside.get(at, {}).items()
                }
                asked.append((at, ordered, Group(records, edges, verdicts_of(update, ordered))))
        made = self.resolver.settle([group for _, _, group in asked], update.shared, self._laid)
        people = [group for group in groups if len(group) == 1]
        fates = dict.fromkeys(between, TOO_LARGE)
        for (at, ordered, _), settled in zip(asked, made, strict=True):
            clusters: dict[int, list[int]] = {}
            for number, label in zip(ordered, settled.labels, strict=True):
                clusters.setdefault(label, []).append(number)
            people += clusters.values()
            place = {number: position for position, number in enumerate(ordered)}
            for pair, edge in inside.get(at, {}).items():
                if self._is_strong(pair, edge.weight):
                    x, y = sorted((place[pair[0]], place[pair[1]]))
                    together = settled.labels[x] == settled.labels[y]
                    fates[pair] = KEPT if together else settled.reasons.get((x, y), OUTWEIGHED)
        return fates, people

    # ------------------------------------------------------------------------------------------ links

    def _write_links(self, fates: Mapping[Pair, str]) -> None:
        gone = [pair for pair in self._old if pair not in self._edges]
        self.store.drop_links(gone)
        written = []
        for pair, edge in self._edges.items():
            fate, old = fates.get(pair), self._old.get(pair)
            if old is None or old is not edge or old.fate != fate:
                link = StoredLink(*pair, edge.weight, edge.household, fate)
                if old != link:
                    written.append(link)
        self.store.put_links(written)
        if self.update.anew:
            return  # which links there were before is not known any more
        for pair in sorted(gone):
            if self._old[pair].fate == KEPT:
                self._drop(pair, self._why_gone(pair))
        for link in sorted(written):
            old = self._old.get((link.a, link.b))
            was, now = old is not None and old.fate == KEPT, link.fate == KEPT
            if now and not was:
                self._note_link("link_added", (link.a, link.b), {"weight": round(link.weight, 6)})
            elif was and not now:
                self._drop((link.a, link.b), link.fate or self._why_gone((link.a, link.b)))

    def _why_gone(self, pair: Pair) -> str:
        update = self.update
        if not update.removed.isdisjoint(pair):
            return update.reason_removed
        a, b = (update.former.get(number, update.records[number]) for number in pair)
        keys = set(b.keys)
        for role, _, key in a.identifiers:
            if key in keys and update.shared.get(key, 1) != update.shared_before.get(key, 1):
                shared = "shared_by_too_many" if update.shared.get(key) == MUTED else "shared"
                return f"{shared}:{role}:{key & 0xFFFFFFFFFFFFFFFF:016x}"
        return "evidence_changed"

    def _drop(self, pair: Pair, reason: str) -> None:
        self._note_link("link_dropped", pair, {"reason": reason})

    def _note_link(self, kind: str, pair: Pair, detail: Mapping[str, object]) -> None:
        update = self.update
        row = next((update.rows[n] for n in pair if n in update.rows and update.rows[n].profile), None)
        profile = row.profile if row is not None and row.profile is not None else b""
        # Records are noted by number: the feed must not hold an id of somebody who is erased later.
        self._links_noted.append((kind, pair, profile, {"nodes": list(pair), **detail}))

    # ------------------------------------------------------------------------------------------ profiles

    def _write_alone(self, alone: list[int]) -> None:
        """New records that hang together with nothing are people of their own."""
        update, rows = self.update, []
        for number in alone:
            record = update.records[number]
            profile = profile_id(record)
            rows.append((update.name_of(number), kept(record, number, profile)))
            self._changes.append(("created", profile, {}))
        self.store.add_nodes(rows)
        self.store.issue((row.profile, row.node) for _, row in rows if row.profile is not None)

    def _write_profiles(self, members: list[int], groups: list[list[int]], people: list[list[int]]) -> None:
        update = self.update
        now: dict[int, bytes] = {}
        component = {number: group[0] for group in groups for number in group}
        issued: dict[bytes, int] = {}
        for cluster in people:
            earliest = update.records[cluster[0]]
            if len(cluster) > 1:
                earliest = min((update.records[number] for number in cluster), key=_age)
            profile = profile_id(earliest)
            issued[profile] = earliest.number
            now.update(dict.fromkeys(cluster, profile))
        before = {
            n: row.profile
            for n, row in update.rows.items()
            if row.profile is not None and (n in now or n in update.removed)
        }
        fresh = [n for n in members if n in update.fresh]
        rows = [(update.name_of(n), kept(update.records[n], component[n], now[n])) for n in fresh]
        self.store.add_nodes(rows)
        self.store.assign(
            (component[n], now[n], n)
            for n in members
            if n not in update.fresh
            and (component[n], now[n]) != (update.rows[n].component, update.rows[n].profile)
        )
        known = set(before.values())
        self.store.issue((profile, node) for profile, node in issued.items() if profile not in known)
        self._end_ids(before, now)
        self._note_profiles(before, now)
        for kind, pair, profile, detail in self._links_noted:
            self._changes.append((kind, now.get(pair[0], now.get(pair[1], profile)), detail))

    def _end_ids(self, before: Mapping[int, bytes], now: Mapping[int, bytes]) -> None:
        """Ids made of records that are gone lead to the profile that holds most of what was with them."""
        update = self.update
        ended: list[tuple[bytes | None, str | None, bytes]] = []
        for profile, node in self.store.issued_of_nodes(sorted(update.removed)):
            mates = [now[n] for n, held in before.items() if held == before.get(node) and n in now]
            heirs = Counter(mates)
            heir = min(heirs, key=lambda one: (-heirs[one], one)) if heirs else None
            ended.append((heir, None if heir else update.reason_removed, profile))
        self.store.end_issued(ended)

    def _note_profiles(self, before: Mapping[int, bytes], now: Mapping[int, bytes]) -> None:
        was: dict[bytes, set[int]] = {}
        is_now: dict[bytes, set[int]] = {}
        for number, profile in before.items():
            was.setdefault(profile, set()).add(number)
        for number, profile in now.items():
            is_now.setdefault(profile, set()).add(number)
        heirs_of = {
            old: {now[n] for n in held if n in now} for old, held in was.items() if is_now.get(old) != held
        }
        for profile in sorted(is_now):
            held = is_now[profile]
            if was.get(profile) == held:
                continue
            origins = sorted({before[n] for n in held if n in before})
            if not origins:
                self._changes.append(("created", profile, {}))
            elif len(origins) > 1:
                others = [origin.hex() for origin in origins if origin != profile]
                self._changes.append(("merged", profile, {"from": others}))
            elif profile not in was and len(heirs_of[origins[0]]) == 1:
                self._changes.append(("renamed", profile, {"from": origins[0].hex()}))
        for profile in sorted(heirs_of):
            heirs = sorted(heirs_of[profile])
            if not heirs:
                self._changes.append((self.update.reason_removed, profile, {}))
            elif len(heirs) > 1:
                self._changes.append(("split", profile, {"to": [heir.hex() for heir in heirs]}))
        former = self.update.former.keys()
        for profile in sorted(was.keys() & is_now.keys()):
            if was[profile] == is_now[profile] and former.isdisjoint(was[profile]):
                continue
            fields = self._fields_changed(was[profile], is_now[profile])
            if fields:
                self._changes.append(("attribute_changed", profile, {"fields": fields}))

    def _fields_changed(self, was: set[int], is_now: set[int]) -> list[str]:
        update = self.update
        # Only what a record says that came, went or changed can make a difference.
        moved = (was ^ is_now) | (was & update.former.keys())
        roles: set[str] = set()
        for number in moved:
            roles.update(update.records[number].content)
            if number in update.former:
                roles.update(update.former[number].content)
        if not roles:
            return []
        old = winners([update.former.get(n, update.records[n]) for n in was], update.config, roles)
        new = winners([update.records[n] for n in is_now], update.config, roles)
        return [
            role
            for role in sorted(roles)
            if old.get(role) is not new.get(role) and shown(role, old.get(role)) != shown(role, new.get(role))
        ]
