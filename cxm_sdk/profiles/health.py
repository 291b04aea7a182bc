"""Whether a graph is well: its file, its sizes, what too many people share, and what hangs by a thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cxm_sdk.identity.person_records import MUTED, PersonRecord
from cxm_sdk.profiles.reading import View
from cxm_sdk.profiles.settling import KEPT, TOO_LARGE

__all__ = ["Bridge", "Conflict", "Health", "SharedIdentifier", "measure"]

#: Entries of each list.
LISTED = 100


@dataclass(frozen=True, slots=True)
class SharedIdentifier:
    """An identifier that so many people share that it is nobody's.

    Attributes:
        namespace: Its namespace.
        digest: Hash of its value in hexadecimal; the value itself is personal data.
        records: Records that hold it.
    """

    namespace: str
    digest: str
    records: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two records that look like one person and are kept apart.

    Attributes:
        a: Source and id of one record.
        b: Of the other.
        weight: Match weight in bits.
        reason: ``unique:NAMESPACE``, ``limit:NAMESPACE``, ``one_record``, ``steward``, ``outweighed`` or ``too_large``.
    """

    a: tuple[str, str]
    b: tuple[str, str]
    weight: float
    reason: str


@dataclass(frozen=True, slots=True)
class Bridge:
    """A link that alone holds two groups of records together.

    Attributes:
        profile: Id of the profile.
        a: Source and id of the record at one end; its side has two records or more.
        b: Of the other, likewise.
        weight: Match weight in bits.
    """

    profile: str
    a: tuple[str, str]
    b: tuple[str, str]
    weight: float


@dataclass(frozen=True, slots=True)
class Health:
    """How a graph is.

    Attributes:
        faults: What is wrong with the file; empty when all is well.
        items: Records and events.
        records: Records of the person layer; events that say the same of a person are one.
        profiles: People.
        links: Links inside profiles.
        largest: Records of the largest profile.
        sizes: Profiles by number of records.
        shared: Identifiers that too many people share, at most 100, those of most records first.
        kiosks: Devices and cookies on which too many people logged in.
        conflicts: Suggested duplicates: links that do not hold, at most 100, heaviest first.
        bridged: Profiles that one link alone holds together, with two records or more on either side: where a wrong
            merge would be.
        bridges: Those links, at most 100, weakest first.
        too_large: Links that were dropped because more records than may would hang together.
        fates: Links by fate.
        contradicted: Share of profiles with more values of an identifier than a person may have; 0 but for what
            stewards asserted.
        model_changed: Whether this release has another built-in model than the one by which the graph was made. New
            records are weighed by the new one; ``apply(graph.config)`` weighs all anew.
    """

    faults: tuple[str, ...]
    items: int
    records: int
    profiles: int
    links: int
    largest: int
    sizes: dict[int, int]
    shared: tuple[SharedIdentifier, ...]
    kiosks: int
    conflicts: tuple[Conflict, ...]
    bridged: int
    bridges: tuple[Bridge, ...]
    too_large: int
    fates: dict[str, int]
    contradicted: float
    model_changed: bool


def measure(view: View) -> Health:
    """Checks a store and counts what is in it.

    Args:
        view: Reads it.

    Returns:
        How it is.
    """
    store = view.store
    sizes, fates = store.profile_sizes(), store.fates()
    profiles = sum(sizes.values())
    shared = [
        SharedIdentifier(role, f"{key & 0xFFFFFFFFFFFFFFFF:016x}", store.count_holders(key))
        for key, role, people in store.all_shared()
        if people == MUTED
    ]
    shared.sort(key=lambda one: (-one.records, one.namespace, one.digest))
    unmet = store.unmet_links(LISTED)
    rows = {row.node: row.named for row in store.nodes({n for one in unmet for n in (one.a, one.b)})}
    conflicts = []
    for link in unmet:
        a, b = sorted((rows[link.a], rows[link.b]))
        conflicts.append(Conflict(a, b, link.weight, link.fate or ""))
    named = store.device_names(store.all_devices())
    kiosks = sum(view.ownership(device, namespace).kiosk for device, (namespace, _) in named.items())
    contradicted = bridged = 0
    bridges: list[Bridge] = []
    for profile in store.large_profiles():
        records = view.records(profile)
        contradicted += _contradicts_itself(view, records)
        found = list(_bridges(view, profile.hex(), records))
        bridged += bool(found)
        if found:
            bridges = sorted([*bridges, *found], key=lambda one: (one.weight, one.a, one.b))[:LISTED]
    return Health(
        faults=tuple(store.faults()),
        items=store.count("evidence"),
        records=store.count("node"),
        profiles=profiles,
        links=fates.get(KEPT, 0),
        largest=max(sizes, default=0),
        sizes=dict(sorted(sizes.items())),
        shared=tuple(shared[:LISTED]),
        kiosks=kiosks,
        conflicts=tuple(conflicts),
        bridged=bridged,
        bridges=tuple(bridges),
        too_large=fates.get(TOO_LARGE, 0),
        fates=dict(sorted(fates.items())),
        contradicted=contradicted / max(profiles, 1),
        model_changed=store.meta("model") not in (None, view.config.model_digest),
    )


def _contradicts_itself(view: View, records: list[PersonRecord]) -> bool:
    """Whether a profile holds more values of an identifier than a person may have."""
    limits = {
        namespace.name: namespace.limit for namespace in view.config.known if namespace.limit is not None
    }
    shared = view.shared(records)
    values: dict[str, set[str]] = {}
    for record in records:
        for role, value, key in record.identifiers:
            if role in limits and shared.get(key) != MUTED:
                values.setdefault(role, set()).add(value)
    return any(len(held) > limits[role] for role, held in values.items())


def _bridges(view: View, profile: str, records: list[PersonRecord]) -> Iterator[Bridge]:
    """Links of a profile without which two records or more would be on either side."""
    import networkx as nx

    if len(records) < 4:
        return
    names = {record.number: (record.source, record.record_id) for record in records}
    graph = nx.Graph()
    graph.add_weighted_edges_from(
        (link.a, link.b, link.weight)
        for link in view.store.links_of_nodes(names)
        if link.fate == KEPT and link.a in names and link.b in names
    )
    for ends in nx.bridges(graph):
        if all(graph.degree[end] > 1 for end in ends):
            a, b = sorted(names[end] for end in ends)
            yield Bridge(profile, a, b, graph.edges[ends]["weight"])
