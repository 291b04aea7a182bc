"""Turns scores and groups into the tables and the summary of a result."""

from __future__ import annotations

import resource
import sys
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cxm_sdk._native import cluster as native
from cxm_sdk._native.codes import count_codes, hex_texts, recode
from cxm_sdk.identity.blocking import RuleCost
from cxm_sdk.identity.clustering import Clusters
from cxm_sdk.identity.distinct import texts_at
from cxm_sdk.identity.features import Ints
from cxm_sdk.identity.model import MatchModel
from cxm_sdk.identity.prepare import Prepared
from cxm_sdk.identity.records import Records
from cxm_sdk.identity.scoring import FLOOR, Links, Scored, bits_of, probability_of
from cxm_sdk.identity.spans import Spans

__all__ = [
    "Linked",
    "assignment_table",
    "confidence",
    "household_ids",
    "link_columns",
    "link_table",
    "peak_memory",
    "profile_ids",
    "summarise",
]


Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass
class Linked:
    """Everything known once all pairs are scored and records are grouped.

    Attributes:
        prepared: The records.
        model: The model, with its threshold and constraints.
        rules: What each blocking rule cost.
        scored: Scored candidates.
        missed: Expected matches that no blocking rule brought in.
        clusters: Profiles.
        link_columns: What is known of the links without them.
    """

    prepared: Prepared
    model: MatchModel
    rules: list[RuleCost]
    scored: Scored
    missed: float
    clusters: Clusters
    link_columns: dict[str, Any]


def profile_ids(linked: Linked) -> pa.Array:
    """Names each profile after its first record in the order of source and record id.

    The id is 96 bits of a hash of that record's source and id, so it is the same in every run that puts the same
    record first.

    Args:
        linked: The groups.

    Returns:
        string[profiles].
    """
    profiles = linked.clusters.profiles
    return _ids("p", linked.prepared.records, profiles.members[profiles.starts[:-1]])


def household_ids(linked: Linked, homes: Ints) -> pa.Array:
    """Names each household after its first profile.

    Args:
        linked: The groups.
        homes: int32[profiles], smallest profile of each household, -1 for none.

    Returns:
        string[profiles], null for a profile that lives alone.
    """
    profiles = linked.clusters.profiles
    leads = count_codes(homes, len(homes)) > 0
    names = _ids("h", linked.prepared.records, profiles.members[profiles.starts[:-1][leads]])
    number = recode(homes, np.cumsum(leads, dtype=np.int32) - 1)
    return texts_at(names, number)


def _ids(letter: str, records: Records, rows: Ints) -> pa.Array:
    names = Spans.of(pa.array(records.source_names, pa.string()))
    own = Spans.of(texts_at(records.record_ids, rows))
    sources = records.source_codes[rows]
    halves = []
    for seed in (1, 2):
        with np.errstate(over="ignore"):
            # Source and record id are hashed apart, so that no separator can be part of either.
            both = names.hashes(seed=seed)[sources] * np.uint64(0x9E3779B97F4A7C15) ^ own.hashes(
                seed=seed + 2
            )
        halves.append(both)
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * 25
    text = hex_texts(letter, *halves)
    return pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(text))


def assignment_table(linked: Linked, ids: pa.Array, homes: pa.Array, sure: Floats) -> pa.Table:
    """One row a record, in the order of source and record id.

    Args:
        linked: The groups.
        ids: Profile ids.
        homes: Household ids of profiles.
        sure: float64[records], confidence of each place.

    Returns:
        ``source``, ``record_id``, ``profile_id``, ``household_id``, ``confidence``.
    """
    records, of = linked.prepared.records, linked.clusters.profiles.of
    return pa.table(
        {
            "source": _source_column(records, records.source_codes),
            "record_id": records.record_ids,
            "profile_id": pa.DictionaryArray.from_arrays(pa.array(of), ids),
            "household_id": texts_at(homes, of),
            "confidence": sure,
        }
    )


def _source_column(records: Records, codes: Ints) -> pa.Array:
    names = pa.array(records.source_names, pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes), names)


def confidence(linked: Linked) -> Floats:
    """Tells how sure a record's place is: its best link inside the profile, or that no link outside is right.

    Args:
        linked: The groups.

    Returns:
        float64[records], 0 to 1.
    """
    links = linked.scored.links
    inside, outside = (np.full(len(linked.prepared.records), -np.inf) for _ in range(2))
    native.best_weights(
        links.left, links.right, links.weight, linked.clusters.kept.view(np.uint8), inside, outside
    )
    sizes = np.diff(linked.clusters.profiles.starts).take(linked.clusters.profiles.of)
    # A record held only by the others of its profile is as sure as the cut.
    sure = probability_of(np.where(sizes > 1, inside, -outside))
    sure[(sizes > 1) & ~np.isfinite(inside)] = linked.model.threshold
    return sure


def link_columns(records: Records, links: Links, rules: list[RuleCost], names: list[str]) -> dict[str, Any]:
    """What is known of each pair with a match probability of .1 or more before records are grouped.

    Args:
        records: The records.
        links: Scored pairs.
        rules: What each blocking rule cost.
        names: Names of the comparisons.

    Returns:
        Columns by name: both records, weight, probability, rule, and the level of each comparison.
    """
    rows = np.flatnonzero(links.weight >= FLOOR)
    keys = pa.array([cost.rule.name for cost in rules], pa.string())
    columns: dict[str, Any] = {}
    for side, numbers in (("l", links.left), ("r", links.right)):
        taken = numbers.take(rows)
        columns[f"source_{side}"] = _source_column(records, records.source_codes.take(taken))
        columns[f"record_id_{side}"] = texts_at(records.record_ids, taken)
    columns["match_weight"] = weight = links.weight.take(rows)
    columns["match_probability"] = probability_of(weight)
    columns["rule"] = pa.DictionaryArray.from_arrays(pa.array(links.rule.take(rows)), keys)
    levels = np.ascontiguousarray(links.levels.take(rows, axis=0).T)
    return columns | {f"level_{name}": level for name, level in zip(names, levels, strict=True)}


def link_table(linked: Linked) -> pa.Table:
    """One row for each scored pair with a match probability of .1 or more.

    Args:
        linked: The groups.

    Returns:
        Both records, weight, probability, rule, whether it was kept and why not, and the level of each comparison.
    """
    worth, columns = linked.scored.links.weight >= FLOOR, linked.link_columns
    kept, contradicted = linked.clusters.kept[worth], linked.clusters.contradicted[worth]
    fate = {
        "kept": kept,
        "dropped_reason": _dropped(columns["match_weight"], kept, contradicted, linked.model.threshold),
    }
    first = [name for name in columns if not name.startswith("level_")]
    return pa.table({name: columns[name] for name in first} | fate | columns)


_REASONS = ("below_threshold", "contradicted", "outvoted")


def _dropped(weight: Floats, kept: Bools, contradicted: Bools, threshold: float) -> pa.Array:
    strong = weight >= bits_of(threshold)
    reason = np.where(strong, np.where(contradicted, 1, 2), 0).astype(np.int8)
    return pa.DictionaryArray.from_arrays(pa.array(reason, mask=kept), pa.array(_REASONS, pa.string()))


def summarise(linked: Linked, homes: Ints, workers: int) -> dict[str, Any]:
    """Collects what a user wants to know of a run. Holds no customer value.

    Args:
        linked: The groups.
        homes: int32[profiles], smallest profile of each household, -1 for none.
        workers: Threads used.

    Returns:
        A mapping that ``json.dumps`` takes.
    """
    prepared, model = linked.prepared, linked.model
    links, kept = linked.scored.links, linked.clusters.kept
    sizes = np.diff(linked.clusters.profiles.starts)
    right = float(probability_of(links.weight[kept]).sum())
    strong = links.weight >= bits_of(model.threshold)
    return {
        "rows": sum(prepared.rows.values()),
        "records": len(prepared.records),
        "rejected": len(prepared.rejected),
        "profiles": len(sizes),
        "largest_profile": int(sizes.max(initial=0)),
        "households": int(np.count_nonzero(count_codes(homes, len(homes)))),
        "sources": [_source_summary(prepared, i) for i in range(len(prepared.roles))],
        "pairs": linked.scored.pairs,
        "rules": [
            {
                "rule": cost.rule.name,
                "pairs": int(pairs),
                "largest_block": cost.largest,
                "dropped_blocks": cost.dropped_blocks,
                "dropped_records": cost.dropped_records,
            }
            for cost, pairs in zip(linked.rules, linked.scored.by_rule, strict=True)
        ],
        "links": {
            "kept": int(kept.sum()),
            "dropped": int((strong & ~kept).sum()),
            "contradicted": int((linked.clusters.contradicted & ~kept).sum()),
        },
        "threshold": model.threshold,
        "prior": {"within": model.within.match, "across": model.across.match},
        "constraints": [constraint.model_dump() for constraint in model.constraints],
        "estimated": {
            "precision": right / int(kept.sum()) if kept.any() else None,
            "recall": _ratio(right, linked.scored.expected + linked.missed),
            "missed_by_blocking": linked.missed,
        },
        "shared_values": [asdict(value) for value in prepared.sharing.values[:100]],
        "workers": workers,
        "warnings": _warnings(linked),
    }


def _ratio(part: float, whole: float) -> float | None:
    return min(1.0, part / whole) if whole > 0 else None


def _source_summary(prepared: Prepared, i: int) -> dict[str, Any]:
    roles = prepared.roles[i]
    return {
        "name": roles.source,
        "rows": prepared.rows[roles.source],
        "rejected": sum(row.source == roles.source for row in prepared.rejected),
        "record_id": roles.record_id,
        "roles": [
            {
                "column": column.column,
                "role": column.role,
                "reason": column.reason,
                "date_order": column.date_order,
                "last_first": column.last_first,
            }
            for column in roles.columns
        ],
        "unused": [{"column": column, "reason": reason} for column, reason in roles.unused],
    }


def _warnings(linked: Linked) -> list[str]:
    found = list(linked.prepared.warnings)
    muted = len(linked.prepared.sharing.values)
    if muted:
        found.append(
            f"{muted} values are shared by many people and were treated as missing; see shared_values."
        )
    if linked.prepared.rejected:
        found.append(f"{len(linked.prepared.rejected)} input rows were rejected; see rejected.jsonl.")
    return found


def peak_memory() -> int:
    """Largest resident memory of this process so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
