"""The value of each field that a profile shows, and the ones that lost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from cxm_sdk.identity.resolver import PersonRecord
from cxm_sdk.profiles.config import GraphConfig, Survivorship

__all__ = ["Golden", "golden_record", "profile_id"]

#: Shown in canonical form; the others as the winner writes them.
_CANONICAL = frozenset(("email", "suffix", "sex"))


@dataclass(frozen=True, slots=True)
class Golden:
    """One field of a golden record.

    Attributes:
        value: What is shown.
        source: Source of the record that won.
        record_id: Its id there.
        others: Values that lost, canonical, in alphabetical order.
    """

    value: str
    source: str
    record_id: str
    others: tuple[str, ...]


def profile_id(records: Iterable[PersonRecord]) -> bytes:
    """The id of the profile that some records are.

    It is made of the earliest of them (time, then source, then id), so it depends on nothing else, and stays what it is
    while later records join.

    Args:
        records: The records, at least one.

    Returns:
        16 bytes.
    """
    first = min(records, key=lambda record: record.age)
    return blake2b(
        f"{len(first.source)}:{first.source}{first.record_id}".encode(), digest_size=16, person=b"profile"
    ).digest()


def golden_record(
    records: Sequence[PersonRecord], config: GraphConfig, wanted: Collection[str] | None = None
) -> dict[str, Golden]:
    """Picks the value of each field.

    Ties of every rule go to the latest record, then to the one whose source and id come last.

    Args:
        records: The records of a profile.
        config: The rules: ``survivorship`` and ``trusted``.
        wanted: Roles to look at; None for all.

    Returns:
        A field for each role that any record knows, by name.

    Example:
        >>> said = {"city": [("ulm", "Ulm")]}
        >>> golden_record([PersonRecord(1, "crm", "a", said, 0, 0)], GraphConfig())["city"].value
        'Ulm'
    """
    known = {role for record in records for role in record.said}
    roles = sorted(known if wanted is None else known.intersection(wanted))
    return {role: _field(role, records, config) for role in roles}


def _field(role: str, records: Sequence[PersonRecord], config: GraphConfig) -> Golden:
    rule = config.survivorship.get(role) or config.survivorship.get("default", Survivorship.MOST_RECENT)
    holders = [record for record in records if record.said.get(role)]
    often: dict[str, int] = {}
    for record in holders:
        for form, _ in record.said[role]:
            often[form] = often.get(form, 0) + 1
    trust = {source: place for place, source in enumerate(config.trusted)}
    merit: dict[Survivorship, Callable[[PersonRecord], float]] = {
        Survivorship.MOST_RECENT: lambda record: record.last,
        Survivorship.MOST_FREQUENT: lambda record: often[record.said[role][0][0]],
        Survivorship.MOST_TRUSTED: lambda record: -trust.get(record.source, len(trust)),
        Survivorship.LONGEST: lambda record: len(record.said[role][0][1]),
    }
    best = max(holders, key=lambda record: (merit[rule](record), record.last, *record.order))
    form, written = best.said[role][0]
    shown = form if role in _CANONICAL else written
    if role == "birth_date":
        shown = f"{form[:4]}-{form[4:6]}-{form[6:]}"
    return Golden(shown, best.source, best.record_id, tuple(sorted(often.keys() - {form})))
