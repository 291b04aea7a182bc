"""Why two records are one person or not, and what would take a profile apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from cxm_sdk.errors import InputError
from cxm_sdk.identity.explain import Explanation
from cxm_sdk.identity.person_records import Edge, Group, PersonRecord, people_of
from cxm_sdk.identity.resolver import Resolver
from cxm_sdk.identity.scoring import bits_of
from cxm_sdk.identity.sharing import MOST_HOLDERS
from cxm_sdk.profiles.reading import View
from cxm_sdk.profiles.settling import KEPT

__all__ = ["Splitting", "closest", "explain_records", "what_splits"]

#: Values of a profile that are looked at, those that hold it together most first.
LOOKED_AT = 12
#: Values that are taken away at a time.
TOGETHER = 3


@dataclass(frozen=True, slots=True)
class Splitting:
    """Evidence without which a profile would be several.

    Attributes:
        values: Roles and canonical values to take away from every record of the profile.
        parts: Source and id of the records of each profile that would be left.
    """

    values: tuple[tuple[str, str], ...]
    parts: tuple[tuple[tuple[str, str], ...], ...]


def closest(view: View, ours: Sequence[PersonRecord], theirs: Sequence[PersonRecord]) -> Explanation:
    """Explains the two records of two groups that say most for one person.

    Args:
        view: Where they are read from.
        ours: Records of one group.
        theirs: Of the other.

    Returns:
        The explanation.

    Raises:
        InputError: When both are one record.
    """
    by_number = {record.number: record for record in (*ours, *theirs)}
    pairs = {
        (min(a.number, b.number), max(a.number, b.number))
        for a in ours
        for b in theirs
        if a.number != b.number
    }
    if not pairs:
        raise InputError("expected two records, got one twice.")
    resolver, shared = view.resolver, view.shared(list(by_number.values()))
    ordered = sorted(by_number, key=lambda number: by_number[number].order)
    place = {number: position for position, number in enumerate(ordered)}
    listed = sorted((*sorted((place[a], place[b])),) for a, b in pairs)
    edges = resolver.weigh([by_number[number] for number in ordered], listed, shared)  # type: ignore[arg-type]
    best = max(range(len(listed)), key=lambda at: (edges[at].weight, -at))
    one, other = (ordered[position] for position in listed[best])
    profiles = view.store.profiles_of_nodes([one, other])
    pair = min(one, other), max(one, other)
    fate = next((link.fate for link in view.store.links_of_nodes([one]) if (link.a, link.b) == pair), None)
    a, b = by_number[one], by_number[other]
    keys = [{*resolver.single_keys(r, shared), *resolver.joint_keys(r, shared)} for r in (a, b)]
    return explain_records(
        *(resolver, a, b, shared),
        linked=profiles[one] == profiles[other],
        fate=fate,
        met=not keys[0].isdisjoint(keys[1]),
    )


def explain_records(
    resolver: Resolver,
    a: PersonRecord,
    b: PersonRecord,
    shared: Mapping[int, int],
    *,
    linked: bool,
    fate: str | None,
    met: bool,
) -> Explanation:
    """Explains two records.

    Args:
        resolver: The person layer.
        a: One record.
        b: The other.
        shared: People behind shared identifiers, by key.
        linked: Whether both are in one profile.
        fate: Fate of the link between them; None where there is none above the threshold.
        met: Whether a key brings them together.

    Returns:
        The explanation; its terms sum to its weight.
    """
    edge, terms = resolver.terms(a, b, shared)
    probability = 1.0 / (1.0 + 2.0 ** -min(max(edge.weight, -1000.0), 1000.0))
    sure = f"match probability {probability:.6g}, threshold {resolver.model.threshold:.6g}"
    if linked:
        reason = f"one profile: {sure}." if fate == KEPT else f"one profile through other records: {sure}."
    elif fate is not None:
        reason = f"kept apart ({fate}), although {sure}."
    elif edge.weight < bits_of(resolver.model.threshold):
        reason = f"below the threshold: {sure}."
    else:
        reason = f"no key brings them together, although {sure}."
    if not met and not linked and edge.weight < resolver.cut:
        reason += " No key brings them together."
    names = (a.source, a.record_id), (b.source, b.record_id)
    return Explanation(*names, edge.weight, probability, linked, reason, tuple(terms))


def what_splits(view: View, records: Sequence[PersonRecord]) -> Splitting | None:
    """Finds the fewest values without which a profile falls apart, by trying.

    Args:
        view: Where it is read from.
        records: Records of the profile, in canonical order.

    Returns:
        The values and the parts; None where no three of those that most records share take it apart.
    """
    if len(records) < 2:
        return None
    resolver, others = view.resolver, _others(view, records)
    holders: dict[tuple[str, str], int] = {}
    for record in records:
        for role, values in record.said.items():
            for form, _ in values:
                holders[role, form] = holders.get((role, form), 0) + 1
    strength = {comparison.roles[0]: comparison.levels[-1].bits for comparison in resolver.model.comparisons}
    common = [value for value, held in holders.items() if held > 1]
    common.sort(key=lambda value: (-strength.get(value[0], 0.0), value))
    for count in range(1, TOGETHER + 1):
        for chosen in combinations(common[:LOOKED_AT], count):
            parts = _parts(resolver, records, frozenset(chosen), others)
            if len(parts) > 1:
                return Splitting(chosen, parts)
    return None


def _others(view: View, records: Sequence[PersonRecord]) -> dict[int, list[PersonRecord]]:
    """Records of other profiles that hold an identifier of some records, by its key."""
    own = {record.number for record in records}
    keys = {key for record in records for _, _, key in record.identifiers}
    numbers = {key: set(view.store.holders(key, MOST_HOLDERS + 1)) - own for key in keys}
    rows = view.store.nodes(sorted(set[int]().union(*numbers.values())))
    known = {row.node: view.record(row) for row in rows}
    return {key: [known[number] for number in sorted(held)] for key, held in numbers.items()}


def _parts(
    resolver: Resolver,
    records: Sequence[PersonRecord],
    gone: frozenset[tuple[str, str]],
    others: Mapping[int, Sequence[PersonRecord]],
) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The profiles that are left when values are taken from records."""
    left = [_without(resolver, record, gone) for record in records]
    # How many people seem to share a value depends on what else those say who hold it.
    held: dict[tuple[str, int], list[PersonRecord]] = {}
    for record in left:
        for role, _, key in record.identifiers:
            held.setdefault((role, key), [*others[key]]).append(record)
    shared = {key: people_of(holders, role) for (role, key), holders in held.items()}
    keys = [{*resolver.single_keys(r, shared), *resolver.joint_keys(r, shared)} for r in left]
    pairs = [(i, j) for i, j in combinations(range(len(left)), 2) if not keys[i].isdisjoint(keys[j])]
    edges = dict(zip(pairs, resolver.weigh(left, pairs, shared), strict=True))
    label = list(range(len(left)))
    for (i, j), edge in edges.items():
        if edge.weight >= resolver.cut and label[i] != label[j]:
            old, new = max(label[i], label[j]), min(label[i], label[j])
            label = [new if one == old else one for one in label]
    found: list[tuple[tuple[str, str], ...]] = []
    for root in sorted(set(label)):
        places = [place for place, one in enumerate(label) if one == root]
        if len(places) == 1:
            found.append(((left[places[0]].source, left[places[0]].record_id),))
            continue
        position = {place: number for number, place in enumerate(places)}
        inside: dict[tuple[int, int], Edge] = {
            (position[i], position[j]): edge
            for (i, j), edge in edges.items()
            if i in position and j in position
        }
        settled = resolver.settle([Group([left[place] for place in places], inside)], shared)[0]
        for first in sorted(set(settled.labels)):
            names = [
                (left[place].source, left[place].record_id)
                for place, one in zip(places, settled.labels, strict=True)
                if one == first
            ]
            found.append(tuple(names))
    return tuple(found)


def _without(resolver: Resolver, record: PersonRecord, gone: frozenset[tuple[str, str]]) -> PersonRecord:
    said = {
        role: [value for value in values if (role, value[0]) not in gone]
        for role, values in record.said.items()
    }
    kept = {role: values for role, values in said.items() if values}
    return resolver.record(record.number, record.source, record.record_id, kept, record.first, record.last)
