"""How much oftener strangers live in one place when they share a first name.

Comparisons are taken to be independent, but names and places are not: a file with customers of several countries has
the names of each in its own cities. Of two strangers who share a name, as all do who might be taken for one person,
more live in one city than of any two. So that is what an agreement on the place has to be measured against.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cxm_sdk.identity.comparisons import PLACES, STREETS, BoundComparisons, Template
from cxm_sdk.identity.features import Features
from cxm_sdk.identity.running import Mapper

__all__ = ["nearer", "places_of_namesakes"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

#: Pairs of one first name that are looked at.
NAMESAKES = 60_000
#: Records among which such pairs are looked for.
RECORDS = 100_000
#: Pairs handed to a worker at once.
PART = 1 << 13
#: So many namesakes of whom it is only expected where they live, beside those who are seen.
ENOUGH = 100.0
#: Levels up to this one are no agreement.
DIFFERENT = 1
#: Levels of addresses from this one on agree in the street.
STREET_AGREES = STREETS.index("street_only") * len(PLACES)


def nearer(strangers: Floats, namesakes: Floats) -> Floats:
    """Turns levels of addresses of any strangers into those of strangers who share a first name.

    All agreements on a place, from a neighbouring postcode on, become oftener alike. The closest ones alone would say
    more, but among the few pairs with them are people who changed their names.

    Args:
        strangers: float64[levels], pairs of strangers at each level.
        namesakes: float64[places], in which part of the place pairs agree that share a first name.

    Returns:
        float64[levels], with the same sum. Agreements become less telling by it, never more.

    >>> levels = np.zeros(30)
    >>> levels[[1, 3, 4]] = 900.0, 90.0, 10.0  # places differ, one city, one postcode
    >>> nearer(levels, np.array([0.0, 80_000.0, 0.0, 20_000.0, 0.0]))[[1, 3, 4]].round().tolist()
    [800.0, 180.0, 20.0]
    """
    places = np.arange(len(strangers)) % len(PLACES)
    usual = np.bincount(places, weights=strangers, minlength=len(PLACES))
    known = usual[DIFFERENT:].sum()
    if known <= 0.0 or usual[DIFFERENT] <= 0.0 or usual[DIFFERENT] == known:
        return strangers
    share = 1.0 - usual[DIFFERENT] / known
    found = (namesakes[DIFFERENT + 1 :].sum() + ENOUGH * share) / (namesakes[DIFFERENT:].sum() + ENOUGH)
    if found <= share:
        return strangers
    moved: Floats = strangers.copy()
    moved[places > DIFFERENT] *= found / share
    moved[places == DIFFERENT] *= (1.0 - found) / (1.0 - share)
    return moved


def places_of_namesakes(
    features: Features, templates: Sequence[Template], bound: BoundComparisons, run: Mapper
) -> Floats:
    """Counts where pairs live that share a first name and agree in nothing else.

    They differ in the last name, or in something else that a person keeps, and do not live in one street: else many
    would be one person. Some are one person all the same; for those who agree in all that a person keeps so many are
    taken off as the guess says.

    Args:
        features: Features of the records.
        templates: The comparisons.
        bound: The same, tied to the records.
        run: Parallel ordered map.

    Returns:
        float64[places], pairs by the part of the place in which they agree; 0 where names or places are not known.
    """
    at = {template.name: c for c, template in enumerate(templates)}
    if "first_name" not in at or "address" not in at:
        return np.zeros(len(PLACES))
    others = [c for name, c in at.items() if name not in ("first_name", "address")]
    keeps = [c for c in others if templates[c].name == "last_name" or templates[c].lasting]
    exact = np.array([len(templates[c].levels) - 1 for c in keeps])
    change = max((templates[c].guess[DIFFERENT] / max(templates[c].guess) for c in keeps), default=0.0)
    rest = [c for c in others if c not in keeps]
    left, right = _of_one_name(features)
    parts = max(1, len(left) // PART)

    def count(part: tuple[Ints, Ints]) -> Floats:
        levels = bound.levels(*part)
        kept, address = levels[:, keeps], levels[:, at["address"]]
        apart = (levels[:, rest] <= DIFFERENT).all(axis=1) & (address < STREET_AGREES)
        strangers = apart & (kept <= DIFFERENT).all(axis=1) & (kept == DIFFERENT).any(axis=1)
        alike = apart & ((kept == exact) | (kept == 0)).all(axis=1) & (kept == exact).any(axis=1)
        counts = [
            np.bincount(address[held] % len(PLACES), minlength=len(PLACES)) for held in (strangers, alike)
        ]
        return np.array(counts, np.float64)

    pairs = list(zip(np.array_split(left, parts), np.array_split(right, parts), strict=True))
    strangers, alike = np.sum(list(run(count, pairs)), axis=0)
    found: Floats = np.maximum(strangers - change * alike, 0.0)
    return found


def _of_one_name(features: Features) -> tuple[Ints, Ints]:
    """Pairs of records of one first name, drawn evenly from all such pairs."""
    rows = features.leading()
    draw = np.random.Generator(np.random.Philox(len(rows)))
    if len(rows) > RECORDS:
        rows = rows[draw.integers(0, len(rows), RECORDS)]
    codes = features.codes("first_name")[0][rows]
    rows, codes = rows[codes >= 0], codes[codes >= 0]
    order = np.argsort(codes, kind="stable")
    rows, codes = rows[order], codes[order]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    sizes = np.diff(starts, append=len(codes))
    pairs = np.cumsum(sizes * (sizes - 1) // 2)
    if not len(pairs) or not pairs[-1]:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    many = int(min(NAMESAKES, pairs[-1]))
    group = np.searchsorted(pairs, draw.integers(0, pairs[-1], many), side="right")
    one = (draw.random(many) * sizes[group]).astype(np.int64)
    other = (one + 1 + (draw.random(many) * (sizes[group] - 1)).astype(np.int64)) % sizes[group]
    a, b = rows[starts[group] + one], rows[starts[group] + other]
    different = a != b
    return np.minimum(a, b)[different], np.maximum(a, b)[different]
