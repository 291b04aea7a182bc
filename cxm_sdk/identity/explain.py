"""Why two records are one person, or why not: every term in bits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow.compute as pc

from cxm_sdk.errors import ResultError
from cxm_sdk.identity.records import Records
from cxm_sdk.identity.scoring import Scorer, probability_of

__all__ = ["Explanation", "Term", "explain_pair", "find_record"]


@dataclass(frozen=True)
class Term:
    """One piece of evidence.

    Attributes:
        name: The comparison, or ``prior``, an adjustment, or ``household``.
        level: How the two sides agree.
        bits: What it adds to the match weight.
        detail: The two values compared. Personal data: shown only on request.
    """

    name: str
    level: str
    bits: float
    detail: str = field(repr=False)


@dataclass(frozen=True)
class Explanation:
    """Why two records are one person, or why not.

    Attributes:
        a: Source and record id of one record.
        b: Source and record id of the other.
        weight: Match weight in bits; the bits of the terms sum to it.
        probability: Match probability, 0 to 1.
        linked: Whether both are in one profile.
        reason: Why, in words.
        terms: The evidence, in the order of the model.

    >>> import pyarrow as pa
    >>> from cxm_sdk import resolve
    >>> people = pa.table({"id": ["1", "2"], "first_name": ["Ada", "Bob"], "email": ["a@x.org", "b@x.org"]})
    >>> why = resolve({"crm": people}).explain("crm:1", "crm:2")
    >>> why.linked, abs(sum(term.bits for term in why.terms) - why.weight) < 1e-9
    (False, True)
    """

    a: tuple[str, str]
    b: tuple[str, str]
    weight: float
    probability: float
    linked: bool
    reason: str
    terms: tuple[Term, ...]

    def to_dict(self, *, values: bool = False) -> dict[str, Any]:
        """Puts the explanation into plain data.

        Args:
            values: Whether to include the customer values that were compared.

        Returns:
            A mapping that ``json.dumps`` takes.
        """
        terms = [
            {"name": t.name, "level": t.level, "bits": t.bits, **({"detail": t.detail} if values else {})}
            for t in self.terms
        ]
        return {
            "a": {"source": self.a[0], "record_id": self.a[1]},
            "b": {"source": self.b[0], "record_id": self.b[1]},
            "weight": self.weight,
            "probability": self.probability,
            "linked": self.linked,
            "reason": self.reason,
            "terms": terms,
        }


def find_record(records: Records, name: str) -> int:
    """Finds a record by what a user types.

    Args:
        records: The records.
        name: ``source:record_id``, or a record id that only one source has.

    Returns:
        Number of the record.

    Raises:
        ResultError: When there is no such record, or several.
    """
    name = str(name)  # ids in a program are often numbers
    source, colon, record_id = name.partition(":")
    if colon and source in records.source_names:
        number = records.source_names.index(source)
        rows = np.flatnonzero(np.asarray(pc.equal(records.record_ids, record_id)))
        rows = rows[records.source_codes[rows] == number]
    else:
        rows = np.flatnonzero(np.asarray(pc.equal(records.record_ids, name)))
    if len(rows) == 1:
        return int(rows[0])
    known = ", ".join(records.source_names)
    raise ResultError(
        f"expected the name of one record, got one that {len(rows)} records have.",
        hint=f"write SOURCE:RECORD_ID; the sources are {known}",
    )


def explain_pair(
    scorer: Scorer, a: int, b: int, *, linked: bool, threshold: float, compared: bool
) -> Explanation:
    """Explains one pair.

    Args:
        scorer: The model, tied to the records.
        a: Number of one record.
        b: Number of the other.
        linked: Whether both are in one profile.
        threshold: Smallest match probability of a link.
        compared: Whether a blocking rule brought the pair in.

    Returns:
        The explanation.
    """
    low, high = min(a, b), max(a, b)
    left, right = np.array([low], np.int32), np.array([high], np.int32)
    link = scorer.score(left, right)
    levels = link.levels
    sources = scorer.features.records.source_codes
    group = int(sources[low] != sources[high])
    terms = [
        Term("prior", "between sources" if group else "inside a source", float(scorer.priors[group]), "")
    ]
    for c, comparison in enumerate(scorer.model.comparisons):
        level = int(levels[0, c])
        detail = _detail(scorer.features.records, comparison.roles, a, b)
        terms.append(
            Term(comparison.name, comparison.levels[level].name, float(scorer.match_bits[c, level]), detail)
        )
    for adjustment, bits in zip(
        scorer.adjustments, scorer.adjustment_bits(left, right, levels)[0], strict=True
    ):
        if bits:
            level_name = "common value" if bits < 0 else "rare value"
            terms.append(Term(adjustment.name, level_name, float(bits), ""))
    rest = -float(np.logaddexp2(0.0, link.household[0]))
    terms.append(
        Term("household", "relatives would share this too" if rest < -0.5 else "no better reason", rest, "")
    )
    weight, probability = float(link.weight[0]), float(probability_of(link.weight)[0])
    records = scorer.features.records
    return Explanation(
        _name(records, a),
        _name(records, b),
        weight,
        probability,
        linked,
        _reason(linked, probability, threshold, compared),
        tuple(terms),
    )


def _reason(linked: bool, probability: float, threshold: float, compared: bool) -> str:
    sure = f"match probability {probability:.6g}, threshold {threshold:.6g}"
    if linked and probability >= threshold:
        return f"one profile: {sure}."
    if linked:
        return f"one profile through other records, although {sure}."
    if probability < threshold:
        missed = "" if compared else " No blocking rule brought the pair in."
        return f"below the threshold: {sure}.{missed}"
    if not compared:
        return f"no blocking rule brought the pair in, although {sure}."
    return f"kept apart by other records of their profiles or by a constraint, although {sure}."


def _name(records: Records, row: int) -> tuple[str, str]:
    return records.source_names[int(records.source_codes[row])], str(records.record_ids[row].as_py())


def _detail(records: Records, roles: tuple[str, ...], a: int, b: int) -> str:
    sides = []
    for row in (a, b):
        values = [
            str(column.values[int(column.codes[row])].as_py())
            for role in roles
            for column in records.columns.get(role, ())
            if column.codes[row] >= 0
        ]
        sides.append(" ".join(values) or "-")
    return f"{sides[0]} | {sides[1]}"
