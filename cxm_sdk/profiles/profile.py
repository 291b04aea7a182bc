"""One person, as a graph shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cxm_sdk.errors import InputError
from cxm_sdk.identity.ownership import BEGINNING, END
from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.profiles.evidence import EVENTS, given_time
from cxm_sdk.profiles.golden import Golden, golden_record
from cxm_sdk.profiles.households import household_of
from cxm_sdk.profiles.reading import Held, Owned, TimelineEntry, View
from cxm_sdk.profiles.settling import KEPT, Components
from cxm_sdk.profiles.store import StoredLink

if TYPE_CHECKING:
    import networkx

__all__ = ["Profile", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """One join on the way from single records to a profile.

    Attributes:
        a: Source and id of a record on one side.
        b: Of one on the other.
        weight: Match weight of the two in bits.
        records: Records that are together after it.
    """

    a: tuple[str, str]
    b: tuple[str, str]
    weight: float
    records: int


class Profile:
    """One person: who they are, what they own, what they did.

    What is not asked for is not read. What is, is read from the store when it is asked for; a profile that was merged
    away or erased in the meantime has nothing more to tell.

    Args:
        view: Where it is read from.
        key: Its id.
        records: Its records.

    Attributes:
        id: Its id, 32 hexadecimal digits.
        identifiers: Its identifiers, by priority of their namespace.
        golden: The value of each field, with the source that won and the values that lost.
    """

    def __init__(self, view: View, key: bytes, records: Sequence[PersonRecord]) -> None:
        self._view, self._key, self._records = view, key, list(records)
        self.id = key.hex()

    def __repr__(self) -> str:
        return f"Profile({self.id!r}, records={len(self._records)})"

    @property
    def records(self) -> list[tuple[str, str]]:
        """Source and id of each record; events that say the same of a person are one, of source ``events``."""
        return [(record.source, record.record_id) for record in self._records]

    @cached_property
    def identifiers(self) -> list[Held]:
        """Its identifiers, by priority of their namespace, then by value."""
        with self._view.store.reading():
            return self._view.identifiers(self._records)

    @cached_property
    def golden(self) -> dict[str, Golden]:
        """The value of each field, with the source that won and the values that lost."""
        return golden_record(self._records, self._view.config)

    @cached_property
    def devices(self) -> list[Owned]:
        """Devices and cookies, each with the times for which it was this person's."""
        with self._view.store.reading():
            return self._view.devices(self._records, self._key)

    @cached_property
    def traits(self) -> dict[str, Any]:
        """What identify calls and records said of this person; of each trait the latest."""
        with self._view.store.reading():
            return self._view.traits(self._records)

    @cached_property
    def consent(self) -> dict[str, bool]:
        """For each purpose whether this person allows it: the last word that still holds."""
        with self._view.store.reading():
            return self._view.consent(self._records, self._view.now())

    @cached_property
    def household(self) -> tuple[str, list[str]] | None:
        """Id of the household, and the ids of its profiles; None for somebody who lives alone."""
        with self._view.store.reading():
            found = household_of(self._view.store, self._key)
        return None if found is None else (found[0].hex(), [one.hex() for one in found[1]])

    @cached_property
    def _links(self) -> list[StoredLink]:
        numbers = {record.number for record in self._records}
        with self._view.store.reading():
            links = self._view.store.links_of_nodes(numbers)
        return [link for link in links if link.a in numbers and link.b in numbers]

    @property
    def confidence(self) -> float:
        """Probability of the weakest link that the profile hangs on, 0 to 1; 1 for a single record."""
        steps = self.how()
        if len(self._records) == 1:
            return 1.0
        if len(steps) < len(self._records) - 1:
            return 0.0  # a steward's decision holds it together
        return float(1.0 / (1.0 + 2.0 ** -min(steps[-1].weight, 1000.0)))

    def how(self) -> list[Step]:
        """The steps that built it: the strongest link between two parts first.

        Returns:
            One step fewer than there are records.
        """
        by_number = {record.number: record for record in self._records}
        sets, sizes, steps = Components(by_number), dict.fromkeys(by_number, 1), list[Step]()
        kept = [link for link in self._links if link.fate == KEPT]
        kept.sort(key=lambda link: (-link.weight, by_number[link.a].order, by_number[link.b].order))
        for link in kept:
            ours, theirs = sets.root(link.a), sets.root(link.b)
            if ours == theirs:
                continue
            together = sizes[ours] + sizes[theirs]
            sets.join(ours, theirs)
            sizes[sets.root(ours)] = together
            a, b = sorted((by_number[link.a], by_number[link.b]), key=lambda record: record.order)
            steps.append(Step((a.source, a.record_id), (b.source, b.record_id), link.weight, together))
        return steps

    def timeline(
        self,
        *,
        since: object = None,
        until: object = None,
        kinds: Sequence[str] | None = None,
        limit: int | None = 100,
    ) -> list[TimelineEntry]:
        """What this person did, latest first: what was logged in, and what was anonymous on a device that was theirs.

        To turn a page, ask again with the last entry as ``until``.

        Args:
            since: From when on, as ``evidence.when`` reads it; None from the beginning.
            until: Before when, or an entry, for what is listed after it; None until now.
            kinds: Types of events, and ``record``; None for all.
            limit: Most entries; None for all.

        Returns:
            The entries.

        Raises:
            InputError: When a time is none, or the limit is negative.
        """
        if limit is not None and limit < 0:
            raise InputError(f"expected a limit of 0 or more, got {limit}.")
        after = until.key if isinstance(until, TimelineEntry) else None
        until = until.at if isinstance(until, TimelineEntry) else until
        with self._view.store.reading():
            return self._view.timeline(
                self._records,
                self._key,
                since=BEGINNING if since is None else given_time(since),
                until=END if until is None else given_time(until),
                after=after,
                kinds=[kinds] if isinstance(kinds, str) else kinds,
                limit=limit,
            )

    def to_networkx(self) -> networkx.Graph:
        """Lays the profile out as a graph: records and identifiers as nodes, bits on the edges between records.

        Returns:
            Nodes ``("record", source, id)`` and ``("identifier", namespace, value)``; edges between records have
            ``weight`` in bits and ``fate``.
        """
        import networkx as nx

        graph = nx.Graph()
        names = {record.number: ("record", record.source, record.record_id) for record in self._records}
        for record in self._records:
            graph.add_node(names[record.number], events=record.source == EVENTS)
            for role, value, _ in record.identifiers:
                if value in record.content.get(role, ()):
                    graph.add_edge(names[record.number], ("identifier", role, value))
        for link in self._links:
            graph.add_edge(names[link.a], names[link.b], weight=link.weight, fate=link.fate)
        return graph

    def bridges(self) -> list[tuple[tuple[str, str], tuple[str, str], float]]:
        """Links without which the profile would fall apart, weakest first: where a wrong merge would be.

        Returns:
            Source and id of both records, and bits.
        """
        import networkx as nx

        graph = nx.Graph()
        names = {record.number: (record.source, record.record_id) for record in self._records}
        graph.add_nodes_from(names)
        graph.add_weighted_edges_from(
            (link.a, link.b, link.weight) for link in self._links if link.fate == KEPT
        )
        found = [(*sorted((names[a], names[b])), graph[a][b]["weight"]) for a, b in nx.bridges(graph)]
        return sorted(found, key=lambda bridge: (bridge[2], bridge[0], bridge[1]))

    def weakest_cut(self) -> tuple[float, list[tuple[str, str]], list[tuple[str, str]]]:
        """The split of the profile that loses fewest bits (Stoer and Wagner, 1997).

        Returns:
            The bits between the two sides, and the records of each; no bits and an empty side for a single record.
        """
        import networkx as nx

        names = {record.number: (record.source, record.record_id) for record in self._records}
        if len(names) < 2:
            return 0.0, list(names.values()), []
        graph = nx.Graph()
        graph.add_nodes_from(names)
        graph.add_weighted_edges_from(
            (link.a, link.b, max(link.weight, 1e-9)) for link in self._links if link.fate == KEPT
        )
        if not nx.is_connected(graph):
            parts = sorted(map(sorted, nx.connected_components(graph)))
            rest = [number for part in parts[1:] for number in part]
            return 0.0, [names[n] for n in parts[0]], [names[n] for n in rest]
        bits, (ours, theirs) = nx.stoer_wagner(graph)
        return bits, sorted(names[n] for n in ours), sorted(names[n] for n in theirs)
