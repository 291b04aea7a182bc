"""Plain data out of a store: one person, or everything that was made of the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from cxm_sdk.profiles.evidence import moment
from cxm_sdk.profiles.golden import golden_record
from cxm_sdk.profiles.profile import Profile
from cxm_sdk.profiles.reading import View

__all__ = ["person", "snapshot"]


def person(profile: Profile) -> dict[str, Any]:
    """Puts everything held on a person into plain data.

    Args:
        profile: The person.

    Returns:
        A mapping that ``json.dumps`` takes.
    """
    household = profile.household
    return {
        "profile_id": profile.id,
        "identifiers": [asdict(held) for held in profile.identifiers],
        "devices": [asdict(owned) for owned in profile.devices],
        "golden": {name: asdict(field) for name, field in profile.golden.items()},
        "traits": profile.traits,
        "consent": profile.consent,
        "household_id": household[0] if household else None,
        "records": [list(record) for record in profile.records],
        "timeline": [asdict(entry) for entry in profile.timeline(limit=None)],
    }


def snapshot(view: View) -> Iterator[dict[str, Any]]:
    """Everything that was made of the evidence, in an order that depends on nothing else.

    Args:
        view: Where it is read from.

    Yields:
        A mapping for each profile, link, shared identifier and device.
    """
    store, names = view.store, dict[int, tuple[str, str]]()
    for key in store.all_profiles():
        records = view.records(key)
        names.update((record.number, (record.source, record.record_id)) for record in records)
        yield {
            "profile": key.hex(),
            "records": [[r.source, r.record_id, moment(r.first), moment(r.last)] for r in records],
            "identifiers": [asdict(held) for held in view.identifiers(records)],
            "golden": {name: asdict(field) for name, field in golden_record(records, view.config).items()},
            "traits": view.traits(records),
            "consent": view.consent(records, None),
        }
    links = []
    for link in store.all_links():
        a, b = sorted((names[link.a], names[link.b]), key=lambda end: (end[0].encode(), end[1].encode()))
        links.append((a, b, link))
    for a, b, link in sorted(links, key=lambda one: one[:2]):
        yield {
            "link": [list(a), list(b)],
            "weight": link.weight,
            "household": link.household,
            "fate": link.fate,
        }
    for number, role, people in store.all_shared():
        yield {"shared": f"{number & 0xFFFFFFFFFFFFFFFF:016x}", "role": role, "people": people}
    named = store.device_names(store.all_devices())
    for device, (namespace, value) in sorted(named.items(), key=lambda one: one[1]):
        owned = view.ownership(device, namespace)
        intervals = [[one.owner.hex(), one.since, one.until] for one in owned.intervals]
        yield {"device": [namespace, value], "owners": owned.owners, "intervals": intervals}
