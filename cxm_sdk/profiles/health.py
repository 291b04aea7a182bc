"""Whether a graph is well: its file, its sizes, what too many people share, and what contradicts itself."""

from __future__ import annotations

from dataclasses import dataclass

from cxm_sdk.identity.person_records import MUTED
from cxm_sdk.profiles.reading import View

__all__ = ["Conflict", "Health", "SharedIdentifier", "measure"]

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
        reason: ``unique:NAMESPACE``, ``one_record``, ``steward``, or ``outweighed``.
    """

    a: tuple[str, str]
    b: tuple[str, str]
    weight: float
    reason: str


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
        fates: Links by fate.
        contradicted: Share of profiles with two values of an identifier of which a person has one; 0 but for what
            stewards asserted.
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
    fates: dict[str, int]
    contradicted: float


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
    rows = {
        row.node: (row.source, row.record_id)
        for row in store.nodes({n for one in unmet for n in (one.a, one.b)})
    }
    conflicts = []
    for link in unmet:
        a, b = sorted((rows[link.a], rows[link.b]))
        conflicts.append(Conflict(a, b, link.weight, link.fate or ""))
    named = store.device_names(store.all_devices())
    kiosks = sum(view.ownership(device, namespace).kiosk for device, (namespace, _) in named.items())
    return Health(
        faults=tuple(store.faults()),
        items=store.count("evidence"),
        records=store.count("node"),
        profiles=profiles,
        links=fates.get("kept", 0),
        largest=max(sizes, default=0),
        sizes=dict(sorted(sizes.items())),
        shared=tuple(shared[:LISTED]),
        kiosks=kiosks,
        conflicts=tuple(conflicts),
        fates=dict(sorted(fates.items())),
        contradicted=_contradicted(view) / max(profiles, 1),
    )


def _contradicted(view: View) -> int:
    """Profiles that hold two values of an identifier of which a person has one."""
    unique = {namespace.name for namespace in view.config.known if namespace.unique}
    found = 0
    for key in view.store.large_profiles():
        values: dict[str, set[str]] = {}
        for record in view.records(key):
            for role in unique & record.content.keys():
                values.setdefault(role, set()).update(record.content[role])
        found += any(len(held) > 1 for held in values.values())
    return found
