"""What would take a profile apart: the fewest values that hold it together, found by trying."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from cxm_sdk.identity.person_records import Edge, Group, PersonRecord, people_of
from cxm_sdk.identity.resolver import Resolver
from cxm_sdk.identity.sharing import MOST_HOLDERS
from cxm_sdk.profiles.reading import View
from cxm_sdk.profiles.settling import Components

__all__ = ["Splitting", "what_splits"]

#: Values of a profile that are looked at, those that hold it together most first.
LOOKED_AT = 12
#: Values that are taken away at a time.
TOGETHER = 3
#: Records around a profile that are looked at; where there are more, the profile is looked at alone.
AROUND = 100

Value = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Splitting:
    """Evidence without which a profile would be several.

    Attributes:
        values: Roles and canonical values to take away from every record of the profile.
        parts: Source and id of the records of each profile that would be left.
    """

    values: tuple[Value, ...]
    parts: tuple[tuple[tuple[str, str], ...], ...]


def what_splits(view: View, records: Sequence[PersonRecord]) -> Splitting | None:
    """Finds the fewest values without which a profile falls apart, by trying.

    Args:
        view: Where it is read from.
        records: Records of the profile, in canonical order.

    Returns:
        The values and the parts; None where no three of those that most records share take it apart, and where
        something else than values, such as a steward's decision, holds it together.
    """
    trial = _Trial(view, records)
    if len(records) < 2 or len(trial.parts(())) > 1:
        return None
    holders: dict[Value, int] = {}
    for record in records:
        for role, forms in record.content.items():
            for form in forms:
                holders[role, form] = holders.get((role, form), 0) + 1
    model = view.resolver.model
    strength = {comparison.roles[0]: comparison.levels[-1].bits for comparison in model.comparisons}
    common = [value for value, held in holders.items() if held > 1]
    common.sort(key=lambda value: (-strength.get(value[0], 0.0), value))
    for count in range(1, TOGETHER + 1):
        for chosen in combinations(common[:LOOKED_AT], count):
            parts = trial.parts(chosen)
            if len(parts) > 1:
                return Splitting(chosen, tuple(parts))
    return None


class _Trial:
    """A profile and what is around it, to be resolved anew without some values of the profile.

    Args:
        view: Where it is read from.
        records: Records of the profile.
    """

    def __init__(self, view: View, records: Sequence[PersonRecord]) -> None:
        self._resolver = view.resolver
        self._own = {record.number for record in records}
        around = self._around(view, records)
        self._records = sorted((*records, *around), key=lambda record: record.order)
        # Who else holds an identifier decides how many people seem to share it.
        keys = {key for record in self._records for key in record.keys}
        inside = {record.number for record in self._records}
        outside = {
            key: [number for number in held if number not in inside]
            for key, held in view.store.holders_of(keys, MOST_HOLDERS + 1 + len(inside)).items()
        }
        rows = view.store.nodes(sorted({number for held in outside.values() for number in held}))
        known = {row.node: view.record(row) for row in rows}
        self._outside = {key: [known[number] for number in held] for key, held in outside.items()}

    def _around(self, view: View, records: Sequence[PersonRecord]) -> list[PersonRecord]:
        """Records that could meet those of the profile, with all that these hang together with."""
        resolver, shared = view.resolver, view.shared(records)
        single = {key for record in records for key in record.keys}
        joint = {key for record in records for key in resolver.joint_keys(record, shared)}
        most = resolver.largest_block
        blocks = view.store.holders_of(joint, most + 1)
        self._full = {key for key, held in blocks.items() if len(held) > most}
        held = [*view.store.holders_of(single, MOST_HOLDERS).values()]
        held += [nodes for key, nodes in blocks.items() if key not in self._full]
        met = {number for nodes in held for number in nodes} - self._own
        if len(met) > AROUND:
            return []
        components = {row.component for row in view.store.nodes(sorted(met))}
        rows = view.store.nodes(view.store.nodes_of_components(sorted(components)))
        found = [view.record(row) for row in rows if row.node not in self._own]
        return found if len(found) <= AROUND else []

    def parts(self, gone: Iterable[Value]) -> list[tuple[tuple[str, str], ...]]:
        """The profiles over which the records of the profile would be spread.

        Args:
            gone: Values that are taken away from its records.

        Returns:
            Source and id of the records of each.
        """
        resolver, without = self._resolver, frozenset(gone)
        left = [
            _without(resolver, record, without) if record.number in self._own else record
            for record in self._records
        ]
        held: dict[tuple[str, int], list[PersonRecord]] = {}
        for record in left:
            for role, _, key in record.identifiers:
                held.setdefault((role, key), [*self._outside.get(key, ())]).append(record)
        shared = {key: people_of(holders, role) for (role, key), holders in held.items()}
        keys = [
            {*resolver.single_keys(r, shared), *resolver.joint_keys(r, shared)} - self._full for r in left
        ]
        pairs = [(i, j) for i, j in combinations(range(len(left)), 2) if not keys[i].isdisjoint(keys[j])]
        edges = dict(zip(pairs, resolver.weigh(left, pairs, shared), strict=True))
        sets = Components(range(len(left)))
        for pair, edge in edges.items():
            if edge.weight >= resolver.cut:
                sets.join(*pair)
        found = []
        for group in sets.groups():
            for person in _people(resolver, left, group, edges, shared):
                named = [(left[i].source, left[i].record_id) for i in person if left[i].number in self._own]
                found += [tuple(named)] if named else []
        return found


def _people(
    resolver: Resolver,
    records: Sequence[PersonRecord],
    group: Sequence[int],
    edges: dict[tuple[int, int], Edge],
    shared: dict[int, int],
) -> list[list[int]]:
    """The people among records that hang together, by position."""
    if len(group) == 1:
        return [[group[0]]]
    place = {position: number for number, position in enumerate(group)}
    inside = {(place[i], place[j]): edge for (i, j), edge in edges.items() if i in place and j in place}
    held = [records[position] for position in group]
    settled = resolver.settle([Group(held, inside)], resolver.lay_out(held, shared))[0]
    people: dict[int, list[int]] = {}
    for position, label in zip(group, settled.labels, strict=True):
        people.setdefault(label, []).append(position)
    return list(people.values())


def _without(resolver: Resolver, record: PersonRecord, gone: frozenset[Value]) -> PersonRecord:
    said = {
        role: [value for value in values if (role, value[0]) not in gone]
        for role, values in record.said.items()
    }
    kept = {role: values for role, values in said.items() if values}
    return resolver.record(record.number, record.source, record.record_id, kept, record.first, record.last)
