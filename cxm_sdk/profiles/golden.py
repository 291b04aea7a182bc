"""The value of each field that a profile shows, and the ones that lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cxm_sdk._native.naming import name_of_profile
from cxm_sdk._native.settling import fields_shown_otherwise
from cxm_sdk.identity.person_records import PersonRecord
from cxm_sdk.profiles.config import GraphConfig, Survivorship

__all__ = ["Golden", "fields_changed", "golden_record", "profile_id"]

#: Shown in canonical form; the others as the winner writes them.
_CANONICAL = frozenset(("email", "suffix", "sex"))
#: Shown as their canonical form says, and nothing else.
_SHOWN_AS_CANONICAL = _CANONICAL | {"birth_date"}


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


def profile_id(earliest: PersonRecord) -> bytes:
    """The id of a profile.

    It is made of the earliest of its records (time, then source, then id), so it depends on nothing else, and stays
    what it is while later records join.

    Args:
        earliest: The record.

    Returns:
        16 bytes.
    """
    return name_of_profile(earliest.source, earliest.record_id)


def golden_record(records: Sequence[PersonRecord], config: GraphConfig) -> dict[str, Golden]:
    """Picks the value of each field.

    Ties of every rule go to the latest record, then to the one whose source and id come last.

    Args:
        records: The records of a profile.
        config: The rules: ``survivorship`` and ``trusted``.

    Returns:
        A field for each role that any record knows, by name.

    Example:
        >>> record = PersonRecord(1, "crm", "a", {"city": ["ulm"]}, {"city": ["Ulm"]}, 0, 0)
        >>> golden_record([record], GraphConfig())["city"].value
        'Ulm'
    """
    roles = sorted({role for record in records for role in record.content})
    return {role: _field(role, records, config) for role in roles}


def fields_changed(
    grown: list[tuple[bytes, list[int], list[int]]],
    records: dict[int, PersonRecord],
    former: dict[int, PersonRecord],
    config: GraphConfig,
) -> list[tuple[bytes, list[str]]]:
    """Finds the fields of golden records that show something else than before.

    Args:
        grown: Profiles, each with the numbers of its records as they were and as they are.
        records: The records by number.
        former: What records said before, of those that say something else now.
        config: The rules.

    Returns:
        Profiles of which any field does, each with the roles in alphabetical order.

    Example:
        >>> one = PersonRecord(1, "crm", "a", {"city": ["ulm"]}, {"city": ["Ulm"]}, 0, 0)
        >>> other = PersonRecord(2, "crm", "b", {"city": ["bonn"]}, {"city": ["Bonn"]}, 1, 1)
        >>> fields_changed([(b"p", [1], [1, 2])], {1: one, 2: other}, {}, GraphConfig())
        [(b'p', ['city'])]
    """
    if not config.survivorship:
        return fields_shown_otherwise(grown, records, former, _SHOWN_AS_CANONICAL)
    found = []
    for profile, was, held in grown:
        before, after = [former.get(n, records[n]) for n in was], [records[n] for n in held]
        # Only what a record says that came, went or changed can make a difference.
        moved = [records[n] for n in held if n not in was or n in former]
        moved += [record for n, record in zip(was, before, strict=True) if n not in held or n in former]
        roles = sorted({role for record in moved for role in record.content})
        fields = [role for role in roles if _shown_of(role, before, config) != _shown_of(role, after, config)]
        if fields:
            found.append((profile, fields))
    return found


def _shown_of(role: str, records: Sequence[PersonRecord], config: GraphConfig) -> str | None:
    holders = [record for record in records if record.knows(role)]
    if not holders:
        return None
    best = _best(role, holders, config)
    return _shown(role, best.content[role][0], _written(role, best))


def _field(role: str, records: Sequence[PersonRecord], config: GraphConfig) -> Golden:
    holders = [record for record in records if role in record.content]
    best = _best(role, holders, config)
    form = best.content[role][0]
    others = tuple(sorted({other for record in holders for other in record.content[role]} - {form}))
    return Golden(_shown(role, form, _written(role, best)), best.source, best.record_id, others)


def _rule(role: str, config: GraphConfig) -> Survivorship:
    return config.survivorship.get(role) or config.survivorship.get("default", Survivorship.MOST_RECENT)


def _recent(record: PersonRecord) -> tuple[int, bytes, bytes]:
    return record.last, *record.order


def _often(role: str, holders: Sequence[PersonRecord]) -> dict[str, int]:
    often: dict[str, int] = {}
    for record in holders:
        for form in record.content[role]:
            often[form] = often.get(form, 0) + 1
    return often


def _best(role: str, holders: Sequence[PersonRecord], config: GraphConfig) -> PersonRecord:
    """The record whose value of a role is shown."""
    rule = _rule(role, config)
    if rule is Survivorship.MOST_RECENT:
        return max(holders, key=_recent)
    often = _often(role, holders) if rule is Survivorship.MOST_FREQUENT else {}
    trust = {source: place for place, source in enumerate(config.trusted)}
    merit: dict[Survivorship, Callable[[PersonRecord], float]] = {
        Survivorship.MOST_FREQUENT: lambda record: often[record.content[role][0]],
        Survivorship.MOST_TRUSTED: lambda record: -trust.get(record.source, len(trust)),
        Survivorship.LONGEST: lambda record: len(_written(role, record)),
    }
    return max(holders, key=lambda record: (merit[rule](record), record.last, *record.order))


def _written(role: str, record: PersonRecord) -> str:
    return record.written.get(role, record.content[role])[0]


def _shown(role: str, form: str, written: str) -> str:
    if role == "birth_date":
        return f"{form[:4]}-{form[4:6]}-{form[6:]}"
    return form if role in _CANONICAL else written
