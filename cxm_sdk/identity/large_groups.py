"""Groups of so many records that only the pairs that were brought in count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from cxm_sdk._native import cluster as native
from cxm_sdk.identity.clustering import LOUDEST, UNSEEN
from cxm_sdk.identity.model import MatchModel
from cxm_sdk.identity.person_records import DECIDED, MUTED, Group, PersonRecord, Settled

__all__ = ["join_large"]

Ints = npt.NDArray[np.int32]


def join_large(group: Group, shared: Mapping[int, int], model: MatchModel, cut: float) -> Settled:
    """Splits a group into people while the mean of what is known of two clusters speaks for one person.

    Args:
        group: The group.
        shared: People behind the identifiers that several people, or too many, share, by key.
        model: The constraints.
        cut: Bits above which a pair speaks for one person.

    Returns:
        The people.

    Example:
        >>> from cxm_sdk.identity.default_model import default_model
        >>> from cxm_sdk.identity.person_records import Edge
        >>> people = [PersonRecord(n, "crm", str(n), {}, {}, 0, 0) for n in range(3)]
        >>> group = Group(people, {(0, 1): Edge(9.0, 0.0, True), (1, 2): Edge(-9.0, 0.0, True)})
        >>> join_large(group, {}, default_model(), 3.0).labels
        [0, 0, 2]
    """
    listed = sorted({*group.edges, *group.verdicts.same})
    single, names = _single_values(group, shared, model)
    labels, fate = np.arange(len(group.records), dtype=np.int32), np.zeros(len(listed), np.uint8)
    left, right = np.ascontiguousarray(np.array(listed, np.int32).reshape(-1, 2).T)
    weights = [DECIDED if pair in group.verdicts.same else _bits(group, pair, cut) for pair in listed]
    unique = _unique_values(group, model)
    native.agglomerate(left, right, np.array(weights), single, unique, UNSEEN, labels, fate)
    held = labels.tolist()
    pairs = [listed[place] for place in np.flatnonzero(fate).tolist()]
    pairs = [(i, j) for i, j in pairs if held[i] != held[j]]
    return Settled(held, _reasons(pairs, held, single, names) if pairs else {})


def _bits(group: Group, pair: tuple[int, int], cut: float) -> float:
    return min(max(group.edges[pair].weight - cut, -LOUDEST), LOUDEST)


def _single_values(group: Group, shared: Mapping[int, int], model: MatchModel) -> tuple[Ints, list[str]]:
    """Values of which a person has one, int32[records, k], -1 for none, and what each column is called."""
    columns, names = [], []
    for constraint in model.constraints:
        if constraint.kind == "one_value":
            ignored = model.frozen.ignored.get(constraint.name, ()) if model.frozen else ()
            codes = _codes(group.records, constraint.name, shared, ignored)
            if max(codes, default=-1) >= 0:
                columns.append(_unified(codes, group.verdicts.same))
                names.append(f"unique:{constraint.name}")
    for ours, theirs in group.verdicts.apart:
        steward = np.full(len(group.records), -1, np.int32)
        steward[list(ours)], steward[list(theirs)] = 0, 1
        steward[list(ours & theirs)] = -1  # a record that holds both speaks against the decision
        columns.append(steward)
        names.append("steward")
    if not columns:
        return np.zeros((len(group.records), 0), np.int32), names
    return np.ascontiguousarray(np.stack(columns, axis=1)), names


def _codes(
    records: Sequence[PersonRecord], role: str, shared: Mapping[int, int], ignored: Sequence[str]
) -> list[int]:
    """For each record one number for all its values of a role, as some record has them side by side; -1 for none."""
    number: dict[str, int] = {}
    parent: list[int] = []
    found = []
    for record in records:
        held = [
            value
            for name, value, key in record.identifiers
            if name == role and shared.get(key) != MUTED and value not in ignored
        ]
        for value in held:
            if value not in number:
                number[value] = len(parent)
                parent.append(number[value])
        for one, other in pairwise(held):
            a, b = _root(parent, number[one]), _root(parent, number[other])
            parent[max(a, b)] = min(a, b)
        found.append(number[held[0]] if held else -1)
    return [_root(parent, code) if code >= 0 else -1 for code in found]


def _root(parent: Sequence[int], code: int) -> int:
    while parent[code] != code:
        code = parent[code]
    return code


def _unique_values(group: Group, model: MatchModel) -> Ints:
    sources = [c.name for c in model.constraints if c.kind == "one_record"]
    rows = [[0 if record.source == source else -1 for source in sources] for record in group.records]
    return np.array(rows, np.int32).reshape(len(group.records), len(sources))


def _unified(codes: Sequence[int], same: Iterable[tuple[int, int]]) -> Ints:
    """Takes values for one where a steward said that their records are one person."""
    parent = list(range(max(codes) + 1))
    for i, j in same:
        if codes[i] >= 0 and codes[j] >= 0:
            a, b = _root(parent, codes[i]), _root(parent, codes[j])
            parent[max(a, b)] = min(a, b)
    return np.array([_root(parent, code) if code >= 0 else -1 for code in codes], np.int32)


def _reasons(
    pairs: Sequence[tuple[int, int]],
    labels: Sequence[int],
    single: npt.NDArray[np.int32],
    names: Sequence[str],
) -> dict[tuple[int, int], str]:
    """The constraints that keep the clusters of pairs of a group apart."""
    held: dict[int, list[set[int]]] = {}
    for label, row in zip(labels, single.tolist(), strict=True):
        columns = held.setdefault(label, [set() for _ in names])
        for values, value in zip(columns, row, strict=True):
            if value >= 0:
                values.add(value)
    found = {}
    for pair in pairs:
        sides = zip(names, *(held[labels[place]] for place in pair), strict=True)
        found[pair] = next((name for name, a, b in sides if a and b and a != b), "one_record")
    return found
