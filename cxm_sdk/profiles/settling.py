"""The second half of a batch: touched records are weighed, their components settled, and what changed is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from cxm_sdk._native.feed import Feed
from cxm_sdk._native.links import rows_of_links
from cxm_sdk._native.naming import Census, named_after, rows_of_new, unbroken
from cxm_sdk._native.packing import numbers as numbers_of
from cxm_sdk._native.people import people_of_groups
from cxm_sdk._native.settling import Links
from cxm_sdk.identity.bounds import bounded_parts, strongest_first
from cxm_sdk.identity.clustering import SMALL_COMPONENT
from cxm_sdk.identity.person_records import DECIDED, MUTED, Edge, Group, Verdicts
from cxm_sdk.identity.resolver import OUTWEIGHED
from cxm_sdk.identity.scoring import FLOOR
from cxm_sdk.profiles.evidence import EVENTS
from cxm_sdk.profiles.golden import fields_changed, profile_id
from cxm_sdk.profiles.store import COMPONENT, PROFILE, NodeRow

if TYPE_CHECKING:
    from cxm_sdk.identity.person_records import PersonRecord
    from cxm_sdk.profiles.updating import Update

_order = attrgetter("order")
_NONE = Verdicts()

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
    decisions = []
    if update.decisions:
        decisions = update.decisions.about([update.records[number] for number in numbers])
    if not decisions:
        return _NONE
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
        pairs: Pairs to weigh, as ``Filing.pairs`` gives them.
    """

    def __init__(self, update: Update, pairs: bytes) -> None:
        self.update, self.store, self.resolver = update, update.store, update.resolver
        self._pairs = pairs
        self._links = Links(update.resolver.cut, FLOOR, KEPT, TOO_LARGE, OUTWEIGHED)
        #: Links of these end in a record that is weighed anew or gone.
        self._changed = update.dirty | update.removed
        #: Components of one person each of which nothing changes but what is added; their links are not read.
        self._quiet: list[list[int]] = []
        #: Records that are weighed or settled, laid out.
        self._few = self.resolver.lay_out((), update.shared)
        self._feed = Feed()

    def run(self) -> int:
        """Does everything; returns the number of entries made in the change feed."""
        self._weigh()
        alone = self._links.alone(self.update.fresh)
        members = self._members(alone)
        groups = self._groups(members)
        people = self._settle(groups)
        self._write_links()
        self._write_profiles(alone, groups, people)
        if self._feed:
            self.store.log(self.update.now, self._feed)
        return len(self._feed)

    def _weigh(self) -> None:
        update = self.update
        if not self._pairs:
            return
        numbers = numbers_of(self._pairs)
        update.load(numbers)
        update.load_shared(numbers)
        self._lay_out(numbers)
        edges = self._few.weigh(self._pairs)
        self._links.weighed(self._pairs, edges, update.decisions.pairs(update, numbers))

    def _lay_out(self, numbers: Iterable[int]) -> None:
        """Lays records out of whose identifiers it is known who shares them."""
        self._few.add(map(self.update.records.__getitem__, numbers))

    def _members(self, alone: list[int]) -> list[int]:
        """Every record of every component that is touched, but for new ones that hang together with nothing."""
        update = self.update
        stale = [n for n in (*update.dirty, *update.removed) if n not in update.fresh]
        seeds = {*update.dirty, *update.touched, *update.removed} | self._links.strong_ends()
        if stale:
            held = sorted(self.store.links_of_nodes(stale), key=itemgetter(1, 0))
            self._links.stored(rows_of_links(held), self._changed)
            was_strong = {number for link in held if link.fate is not None for number in (link.a, link.b)}
            update.load(was_strong - update.removed)
            seeds |= was_strong
        components = {update.rows[number][COMPONENT] for number in seeds if number in update.rows}
        inside = self.store.nodes_of_components(sorted(components))
        update.load(number for number in inside if number not in update.removed)
        found = {*inside, *update.fresh}
        found.difference_update(update.removed, alone)
        return sorted(found)

    def _groups(self, members: list[int]) -> list[list[int]]:
        """Members that hang together."""
        update = self.update
        if not members:
            return []
        update.load_shared(members)
        self._quiet = self._still(members)
        quiet = {number for component in self._quiet for number in component}
        self._read(number for number in members if number not in update.dirty and number not in quiet)
        self._links.decide(update.decisions.pairs(update, members))
        groups = self._links.groups(members, self._quiet)
        most = min(SMALL_COMPONENT, self.resolver.largest_component)
        self._read_quiet({number for group in groups if len(group) > most for number in group})
        return groups

    def _still(self, members: list[int]) -> list[list[int]]:
        """Components of one person each that lose nothing, and of which nothing is weighed anew.

        They hang together as before, and as long as they stay one person no link inside becomes another one.
        """
        update = self.update
        if update.anew or update.decisions or self.resolver.limits:
            return []
        loud = {update.rows[n][COMPONENT] for n in (*self._changed, *update.touched) if n in update.rows}
        return unbroken(members, update.rows, loud)

    def _read(self, numbers: Iterable[int]) -> None:
        """Reads links inside components, and out of them.

        Args:
            numbers: Records; it is enough to look at the later one of two.
        """
        listed = list(numbers)
        if listed:
            self._links.stored(self.store.link_rows(listed), self._changed)

    def _read_quiet(self, numbers: set[int]) -> None:
        """Reads the links of those quiet components that hold some records, which are quiet no more."""
        if numbers:
            parts = [component for component in self._quiet if not numbers.isdisjoint(component)]
            self._quiet = [component for component in self._quiet if numbers.isdisjoint(component)]
            self._read(number for component in parts for number in component)

    def _bounded(self, groups: list[list[int]]) -> list[list[int]]:
        """The groups, without the weakest links of those that are too large."""
        largest = self.resolver.largest_component
        if all(len(group) <= largest for group in groups):
            return groups
        found = []
        for group in groups:
            if len(group) <= largest:
                found.append(group)
                continue
            ordered = [record.number for record in self._ordered(group)]
            strengths = [
                (pair, DECIDED if decided else weight)
                for pair, weight, _, decided in self._links.among(ordered)
                if decided or weight >= self.resolver.cut
            ]
            parts: dict[int, list[int]] = {}
            labels = bounded_parts(len(ordered), strongest_first(strengths), largest)
            for number, label in zip(ordered, labels, strict=True):
                parts.setdefault(label, []).append(number)
            found += parts.values()
        return found

    def _ordered(self, group: list[int]) -> list[PersonRecord]:
        return sorted(map(self.update.records.__getitem__, group), key=_order)

    def _settle(self, groups: list[list[int]]) -> list[list[int]]:
        """The people of all groups."""
        few, links, people = self._few, self._links, list[list[int]]()
        at_length = bool(self.update.decisions or self.resolver.limits)
        small, rest = list[list[int]](), list[list[int]]()
        for group in self._bounded(groups):
            if len(group) == 1:
                people += links.place(group, [0], {})
            else:
                (rest if at_length or len(group) > SMALL_COMPONENT else small).append(group)
        self._lay_out(chain.from_iterable(small))
        made = people_of_groups(few, small, {})
        if rest:
            made += self._settle_at_length(rest)
        for ordered, labels, reasons in made:
            people += links.place(ordered, labels, reasons)
        self._read_quiet(links.parted(self._quiet))
        return people

    def _settle_at_length(
        self, groups: list[list[int]]
    ) -> list[tuple[list[int], list[int], dict[Pair, str]]]:
        """The people of groups of which more counts than what their records say."""
        listed = [self._ordered(group) for group in groups]
        lying = []
        for records in listed:
            ordered = [record.number for record in records]
            edges = {
                pair: Edge(weight, household, True)
                for pair, weight, household, _ in self._links.among(ordered)
            }
            lying.append(Group(records, edges, verdicts_of(self.update, ordered)))
        self._lay_out(n for group in groups if len(group) <= SMALL_COMPONENT for n in group)
        settled = self.resolver.settle(lying, self._few)
        return [
            ([record.number for record in records], one.labels, one.reasons)
            for records, one in zip(listed, settled, strict=True)
        ]

    # ------------------------------------------------------------------------------------------ links

    def _write_links(self) -> None:
        gone, written = self._links.changes()
        if gone:
            self.store.drop_links(gone)
        if written:
            self.store.put_links(written)

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

    def _profile_before(self, pair: Pair) -> bytes:
        """The profile that had a link of which neither end is with somebody now."""
        rows = (self.update.rows.get(number) for number in pair)
        return next((row[PROFILE] for row in rows if row is not None and row[PROFILE]), b"")

    # ------------------------------------------------------------------------------------------ profiles

    def _write_profiles(self, alone: list[int], groups: list[list[int]], people: list[list[int]]) -> None:
        """Writes down who belongs to whom; new records that hang together with nothing are people of their own."""
        update, feed = self.update, self._feed
        census = Census(update.records, update.rows, update.fresh)
        now = census.settle(groups, people, update.removed)
        added, assigned = census.moved(groups)
        issued = named_after(alone, update.records)
        for profile, _ in issued:
            feed.tell("created", profile)
        added[:0] = [(number, number, profile) for profile, number in issued]
        if added:
            self.store.add_nodes(rows_of_new(added, update.records, update.fresh, EVENTS, NodeRow))
        if assigned:
            self.store.assign(assigned)
        issued += census.issued()
        if issued:
            self.store.issue(issued)
        if update.removed:
            self._end_ids(census.before(), now)
        grown = census.tell(feed, update.former, update.reason_removed)
        for profile, names in fields_changed(grown, update.records, update.former, update.config):
            feed.tell("attribute_changed", profile, "fields", names)
        if not update.anew:  # else it is not known any more which links there were
            # Records are told by number: the feed must not hold an id of somebody who is erased later.
            self._links.tell(feed, now, self._profile_before, self._why_gone)

    def _end_ids(self, before: Mapping[int, bytes], now: Mapping[int, bytes]) -> None:
        """Ids made of records that are gone lead to the profile that holds most of what was with them."""
        update = self.update
        ended: list[tuple[bytes | None, str | None, bytes, int]] = []
        names = [(profile_id(update.records[number]), number) for number in sorted(update.removed)]
        for profile, node in self.store.were_issued(names):
            mates = [now[n] for n, held in before.items() if held == before.get(node) and n in now]
            heirs = Counter(mates)
            heir = min(heirs, key=lambda one: (-heirs[one], one)) if heirs else None
            ended.append((heir, None if heir else update.reason_removed, profile, node))
        self.store.end_issued(ended)
