"""Bounds on what hangs together: how large a component may be, and how many values of a kind one person may have.

Both drop links, weakest first, in an order that depends on nothing but the links. So the same evidence loses the same
ones, live and in a batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import numpy.typing as npt

from cxm_sdk.identity.features import Features, Ints
from cxm_sdk.identity.person_records import DECIDED, MUTED, Group, PersonRecord, Settled

__all__ = [
    "Strength",
    "bound_components",
    "bounded_parts",
    "limit_profiles",
    "limited_parts",
    "strongest_first",
    "within_limits",
]

Pair = tuple[int, int]
#: Of a link: its two records in canonical order, the smaller first, and its bits.
Strength = tuple[Pair, float]


def strongest_first(links: Iterable[Strength]) -> list[Pair]:
    """Orders links; of equally strong ones that of earlier records comes first.

    Args:
        links: The links. Weights that differ by less than a millionth of a bit are equal: the last digits depend on
            what else is weighed at the time.

    Returns:
        Their records.

    Example:
        >>> strongest_first([((0, 2), 3.0), ((0, 1), 5.0), ((1, 2), 5.0)])
        [(0, 1), (1, 2), (0, 2)]
    """
    return [pair for pair, _ in sorted(links, key=lambda link: (-round(link[1], 6), link[0]))]


def _labels(parent: list[int]) -> list[int]:
    return [_root(parent, place) for place in range(len(parent))]


def _root(parent: list[int], place: int) -> int:
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place


def bounded_parts(size: int, pairs: Iterable[Pair], largest: int) -> list[int]:
    """Takes a component apart that is too large: it loses its weakest links until no part is.

    A part that would grow too large by its next link takes none any more, not even from a single record, so that
    nothing hangs on it by what is weaker than what was dropped.

    Args:
        size: Its records.
        pairs: Its links, strongest first.
        largest: Most records of a part.

    Returns:
        For each record the first one of its part.

    Example:
        >>> bounded_parts(5, [(0, 1), (3, 4), (1, 2), (2, 3)], 3)
        [0, 0, 0, 3, 3]
    """
    parent, sizes, closed = list(range(size)), [1] * size, [False] * size
    for i, j in pairs:
        a, b = sorted((_root(parent, i), _root(parent, j)))
        if a == b:
            continue
        if closed[a] or closed[b] or sizes[a] + sizes[b] > largest:
            closed[a] = closed[b] = True
            continue
        parent[b] = a
        sizes[a] += sizes[b]
    return _labels(parent)


def limited_parts(
    values: Sequence[Mapping[str, AbstractSet[str | int]]],
    pairs: Iterable[Pair],
    most: Mapping[str, int],
) -> list[int]:
    """Takes records apart that hold more values of a kind than one person may have.

    Args:
        values: For each record its values by kind.
        pairs: Links between them, strongest first. A link that would bring too many values together does not hold.
        most: Most values of one person, by kind.

    Returns:
        For each record the first one of its part.

    Example:
        >>> limited_parts([{"email": {"a"}}, {"email": {"b"}}, {"email": {"a"}}], [(0, 1), (0, 2)], {"email": 1})
        [0, 1, 0]
    """
    parent = list(range(len(values)))
    held = [{kind: set(record.get(kind, ())) for kind in most} for record in values]
    for i, j in pairs:
        a, b = sorted((_root(parent, i), _root(parent, j)))
        if a == b or any(len(held[a][kind] | held[b][kind]) > count for kind, count in most.items()):
            continue
        parent[b] = a
        for kind, theirs in held[b].items():
            held[a][kind] |= theirs
    return _labels(parent)


def within_limits(
    group: Group, settled: Settled, shared: Mapping[int, int], most: Mapping[str, int], cut: float
) -> Settled:
    """Takes people apart that hold more values of a kind than one person may have.

    Args:
        group: Records that hang together.
        settled: The people among them.
        shared: People behind shared identifiers, by key; those that too many share do not count.
        most: Most values of one person, by role.
        cut: Bits at which a link holds.

    Returns:
        The people, and the reasons of all links that do not hold.
    """
    labels, reasons = list(settled.labels), dict(settled.reasons)
    for label in sorted(set(labels)):
        rows = [row for row, one in enumerate(settled.labels) if one == label]
        values = [_values(group.records[row], most, shared) for row in rows]
        over = [
            role for role, count in most.items() if len(set[str]().union(*(v[role] for v in values))) > count
        ]
        if not over or len(rows) == 1:
            continue
        place = {row: at for at, row in enumerate(rows)}
        links = {pair: edge.weight for pair, edge in group.edges.items() if edge.weight >= cut}
        links |= dict.fromkeys(group.verdicts.same, DECIDED)
        inside = {(place[i], place[j]): bits for (i, j), bits in links.items() if i in place and j in place}
        parts = limited_parts(values, strongest_first(inside.items()), most)
        for row, part in zip(rows, parts, strict=True):
            labels[row] = rows[part]
        reasons |= {(rows[i], rows[j]): f"limit:{over[0]}" for i, j in inside if parts[i] != parts[j]}
    return Settled(labels, reasons)


def _values(record: PersonRecord, roles: Iterable[str], shared: Mapping[int, int]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {role: set() for role in roles}
    for role, value, key in record.identifiers:
        if role in found and shared.get(key) != MUTED and value in record.content.get(role, ()):
            found[role].add(value)
    return found


def bound_components(
    labels: Ints, left: Ints, right: Ints, weight: npt.NDArray[np.float64], largest: int
) -> None:
    """Takes components of a table apart that are too large.

    Args:
        labels: int32[records], the smallest record of each component; changed in place to that of each part.
        left: int32[links], links that hold: the smaller record.
        right: int32[links], the larger one.
        weight: float64[links], bits.
        largest: Most records of a part.
    """
    sizes = np.bincount(labels, minlength=len(labels))
    for root in np.flatnonzero(sizes > largest).tolist():
        rows, links = _local(labels, root, left, right, weight)
        labels[rows] = rows[bounded_parts(len(rows), strongest_first(links), largest)]


def limit_profiles(
    labels: Ints,
    left: Ints,
    right: Ints,
    weight: npt.NDArray[np.float64],
    features: Features,
    most: Mapping[str, int],
) -> npt.NDArray[np.bool_]:
    """Takes profiles of a table apart that hold more values of a role than one person may have.

    Args:
        labels: int32[records], the smallest record of each profile; changed in place.
        left: int32[links], links that hold: the smaller record.
        right: int32[links], the larger one.
        weight: float64[links], bits.
        features: Features of the records.
        most: Most values of one person, by role.

    Returns:
        bool[links], whether a link was cut.
    """
    slots = {
        role: features.codes(role)[: features.given(role)]
        for role in most
        if role in features.records.columns
    }
    over = set[int]()
    for role, columns in slots.items():
        held = [labels[codes >= 0].astype(np.int64) << 32 | codes[codes >= 0] for codes in columns]
        owners = np.unique(np.concatenate(held)) >> 32
        over.update(np.flatnonzero(np.bincount(owners, minlength=len(labels)) > most[role]).tolist())
    before = labels.copy()
    for root in sorted(over):
        rows, links = _local(before, root, left, right, weight)
        values = [
            {role: {int(codes[row]) for codes in columns} - {-1} for role, columns in slots.items()}
            for row in rows
        ]
        labels[rows] = rows[limited_parts(values, strongest_first(links), most)]
    cut: npt.NDArray[np.bool_] = (before[left] == before[right]) & (labels[left] != labels[right])
    return cut


def _local(
    labels: Ints, root: int, left: Ints, right: Ints, weight: npt.NDArray[np.float64]
) -> tuple[Ints, list[Strength]]:
    """Records of a label, and the links between them by position."""
    rows = np.flatnonzero(labels == root).astype(np.int32)
    own = (labels[left] == root) & (labels[right] == root)
    ends = (np.searchsorted(rows, side[own]).tolist() for side in (left, right))
    return rows, list(zip(zip(*ends, strict=True), weight[own].tolist(), strict=True))
