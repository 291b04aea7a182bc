"""Why two records are one person or not."""

from __future__ import annotations

from collections.abc import Sequence

from cxm_sdk.errors import InputError
from cxm_sdk.identity.explain import Explanation
from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.identity.resolver import Resolver
from cxm_sdk.identity.scoring import bits_of
from cxm_sdk.profiles.reading import View
from cxm_sdk.profiles.settling import KEPT
from cxm_sdk.profiles.verdicts import tokens

__all__ = ["closest", "explain_records"]


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
        decided=_decided(view, a, b),
    )


def _decided(view: View, a: PersonRecord, b: PersonRecord) -> bool | None:
    """Whether it was decided that two records are one person, or that they are not; None for neither."""
    ours, theirs = set(tokens(a)), set(tokens(b))
    found = [
        decision
        for decision in view.store.decisions()
        if (decision.a in ours and decision.b in theirs) or (decision.b in ours and decision.a in theirs)
    ]
    # One that keeps apart holds against any that joins.
    return None if not found else all(decision.same for decision in found)


def explain_records(
    resolver: Resolver,
    a: PersonRecord,
    b: PersonRecord,
    shared: dict[int, int],
    *,
    linked: bool,
    fate: str | None,
    met: bool,
    decided: bool | None = None,
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
        decided: Whether it was decided that they are one person, or that they are not; None for neither.

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
    if decided is not None:
        reason += f" It was decided that they are {'one person' if decided else 'two people'}."
    names = (a.source, a.record_id), (b.source, b.record_id)
    return Explanation(*names, edge.weight, probability, linked, reason, tuple(terms))
