"""Puts the sources together from people, and the truth beside them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cxm_sdk.testing.synthetic.contacts import join, open_mailboxes, take
from cxm_sdk.testing.synthetic.draws import Draws
from cxm_sdk.testing.synthetic.layouts import CARE, LAYOUTS, identifiers
from cxm_sdk.testing.synthetic.lexicon import lexicon
from cxm_sdk.testing.synthetic.people import SOURCES, settle
from cxm_sdk.testing.synthetic.scribe import Scribe, World

__all__ = ["make_sources"]

# Records written down at once: large enough for speed, small enough that memory follows the result, not the
# work.
_CHUNK: Final = 200_000


def make_sources(rows: int, seed: int) -> tuple[dict[str, pa.Table], pa.Table]:
    """Makes all sources and the truth.

    Args:
        rows: Records, all sources together.
        seed: Any integer.

    Returns:
        One table for each source, and the truth about all records in the order of the sources.
    """
    draws, words = Draws(seed), lexicon()
    people = settle(rows, draws, words)
    world = World(draws, words, people, open_mailboxes(people, draws, words))
    order: dict[str, tuple[NDArray[np.int32], NDArray[np.int8]]] = {}
    known: dict[str, NDArray[np.int64]] = {}
    for column, source in enumerate(SOURCES):
        person, copy = _order(source, people.copies[:, column], draws)
        order[source] = person, copy
        known[source] = np.full(len(people), -1, dtype=np.int64)
        known[source][person[copy == 0]] = np.flatnonzero(copy == 0)
    sources: dict[str, pa.Table] = {}
    truths = []
    for source in SOURCES:
        person, copy = order[source]
        sources[source] = _source(source, person, copy, known, world)
        truths.append(_truth(source, sources[source], person, people.household[person]))
    return sources, pa.concat_tables(truths)


def _order(source: str, copies: NDArray[np.int8], draws: Draws) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """Person and copy number of each record of a source, in an order that tells nothing."""
    person = np.repeat(np.arange(len(copies), dtype=np.int32), copies)
    starts = np.cumsum(copies, dtype=np.int64) - copies
    copy = (np.arange(len(person)) - starts[person]).astype(np.int8)
    keys = person.astype(np.uint64) * np.uint64(16) + copy.astype(np.uint64)
    order = np.argsort(draws.bits(f"order {source}", keys), kind="stable")
    return person[order], copy[order]


def _source(
    source: str,
    person: NDArray[np.int32],
    copy: NDArray[np.int8],
    known: dict[str, NDArray[np.int64]],
    world: World,
) -> pa.Table:
    """The table of one source, written chunk by chunk."""
    chunks = []
    for start in range(0, max(len(person), 1), _CHUNK):
        some = slice(start, start + _CHUNK)
        scribe = Scribe(source, CARE[source], world, person[some], copy[some])
        ids = identifiers(source, np.arange(start, start + len(person[some]), dtype=np.int64), world.draws)
        references = {
            other: identifiers(other, known[other][person[some]], world.draws) for other in ("crm", "loyalty")
        }
        chunks.append(pa.table(LAYOUTS[source](scribe, ids, references)))
    return pa.concat_tables(chunks)


def _truth(source: str, table: pa.Table, person: NDArray[np.int32], household: NDArray[np.int32]) -> pa.Table:
    """Which person and household each record of a source is about."""
    width = 8
    return pa.table(
        {
            "source": take(pa.array([source]), np.zeros(len(person), dtype=np.int8)),
            "record_id": table.column(0),
            "entity_id": join("P", pc.utf8_lpad(pc.cast(pa.array(person), pa.string()), width, "0")),
            "household_id": join("H", pc.utf8_lpad(pc.cast(pa.array(household), pa.string()), width, "0")),
        }
    )
