"""Items of any number are taken in, some at a time, each time as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from cxm_sdk.errors import InputError
from cxm_sdk.events.envelope import Event
from cxm_sdk.profiles import privacy, retracting
from cxm_sdk.profiles.evidence import Rejection, Report
from cxm_sdk.profiles.session import Session, uncollected
from cxm_sdk.profiles.updating import Outcome

__all__ = ["BATCH", "take_in"]

#: Items of one transaction.
BATCH = 500


def take_in(session: Session, items: object) -> Report:
    """Takes items in.

    Args:
        session: The store, and what its evidence means.
        items: One event or record, or any number, as ``ProfileGraph.ingest`` has them.

    Returns:
        What became of them.

    Raises:
        InputError: When it is a table, which holds columns and not items.
        StoreError: When the store cannot be written to; what came before is safe.
    """
    report = Report()
    source = iter(_listed(items))
    done = 0
    while batch := list(islice(source, BATCH)):
        with uncollected():
            _take_in_batch(session, batch, done, report)
        done += len(batch)
    return report


def _listed(items: object) -> Iterable[object]:
    """One item, or any number of them, as any number."""
    if hasattr(items, "__arrow_c_stream__") or hasattr(items, "__arrow_c_array__"):
        raise InputError(
            f"expected items, got a table ({type(items).__name__}).",
            hint="give its rows as mappings: to_dict('records') of pandas, to_dicts() of Polars, to_pylist() of Arrow",
        )
    if isinstance(items, Mapping | Event | str | bytes) or not isinstance(items, Iterable):
        return [items]
    return items


def _take_in_batch(session: Session, batch: list[object], first: int, report: Report) -> None:
    with session.writing() as update:
        accepted, rejected = update.reader.read(batch, update.now)
        accepted, buried = privacy.without_buried(session.store, accepted)
        accepted, gone = retracting.without_gone(session.store, accepted)
        outcome = Outcome(duplicates=gone)
        update.add(accepted, outcome)
        update.finish(outcome)
    report.accepted += outcome.accepted
    report.duplicates += outcome.duplicates
    report.changes += outcome.changes
    detail = "expected evidence of nobody who was erased"
    rejected += [Rejection(item.index, "erased", detail) for item in buried]
    rejected.sort(key=lambda rejection: rejection.index)
    report.rejected += [Rejection(r.index + first, r.reason, r.detail, r.stored) for r in rejected]
