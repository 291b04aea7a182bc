"""What follows from the scores alone: where to cut, and what a profile cannot hold."""

from __future__ import annotations

import numpy as np

from cxm_sdk._native.codes import recode
from cxm_sdk.identity.model import Constraint, MatchModel
from cxm_sdk.identity.records import Records
from cxm_sdk.identity.running import Mapper
from cxm_sdk.identity.scoring import Links, Scored, probability_of

__all__ = ["EVEN_ODDS", "find_constraints"]

#: The match probability from which on two records are linked: where a link is more likely right than wrong. The cut of
#: the highest expected F1 is half of that F1 (Lipton, Elkan and Naryanaswamy, 2014), so it is next to this one where
#: records tell much, and below it, down to links that are most likely wrong, where they tell little.
EVEN_ODDS = 0.5

#: A source whose own records match each other this rarely holds one record a person.
RARE_TWINS = 0.002
#: ... provided that so many of its records match records of other sources.
ENOUGH = 200
#: An identifier that differs this rarely among matches is one value a person.
RARE_CHANGE = 0.005


def find_constraints(
    scored: Scored, model: MatchModel, records: Records, run: Mapper = map
) -> tuple[Constraint, ...]:
    """Finds sources and identifiers of which a person has only one.

    Args:
        scored: Scored candidates.
        model: The model that scored them.
        records: The records.
        run: Parallel ordered map.

    Returns:
        Constraints, sources first.
    """
    found = _one_record(scored.links, records) if len(records.source_names) > 1 else []

    def single(c: int) -> bool:
        levels = scored.links.levels[:, c]
        known = np.flatnonzero(levels)  # few records have an identifier
        p = probability_of(scored.links.weight.take(known))
        size = len(model.comparisons[c].levels)
        agreed = np.bincount(levels.take(known), weights=p, minlength=size)[1:]
        sure = float(agreed.sum())
        return sure >= ENOUGH and float(agreed[:-1].sum()) < RARE_CHANGE * sure

    codes = [
        c for c, compared in enumerate(model.comparisons) if compared.kind == "code" and not compared.shared
    ]
    for c, one in zip(codes, run(single, codes), strict=True):
        if one:
            found.append(Constraint(kind="one_value", name=model.comparisons[c].roles[0]))
    return tuple(found)


def _one_record(links: Links, records: Records) -> list[Constraint]:
    """Sources of which a person has one record."""
    sources, p = records.source_codes, links.probability
    left, right = recode(links.left, sources), recode(links.right, sources)
    same = left == right
    count = len(records.source_names)
    inside = np.bincount(left, weights=p * same, minlength=count)
    strong = ~same & (p > 0.9)
    linked = np.zeros(len(records), bool)
    linked[links.left[strong]] = True
    linked[links.right[strong]] = True
    across = np.bincount(sources[linked], minlength=count)
    return [
        Constraint(kind="one_record", name=records.source_names[s])
        for s in range(count)
        if across[s] >= ENOUGH and inside[s] < RARE_TWINS * across[s]
    ]
