"""A match model laid out for few records at a time: what a live graph weighs.

The levels and bits are those of the batch side. What the batch side reads off all records at once, such as which full
names are commoner than their parts, is frozen here: see ``model.Frozen``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from rapidfuzz.distance import JaroWinkler

from cxm_sdk._native.pair_model import PairModel
from cxm_sdk._native.profiles import Evidence
from cxm_sdk.identity.comparisons import CLOSE, SIMILAR
from cxm_sdk.identity.features import similarity_scorer
from cxm_sdk.identity.model import Comparison, Frequency, MatchModel
from cxm_sdk.identity.nicknames import groups_of_names
from cxm_sdk.identity.scoring import Scorer

__all__ = ["Weights"]

#: A value that weighs more or less than its level: column, role, whether it counts at each level, bits by value, bits
#: of all others, and whether for a household as well; no bits where the people who share it are counted.
_Adjustment = tuple[int, str, list[bool], Mapping[str, float] | None, float, bool]


class Weights(Scorer):
    """A model laid out for scoring, before it is tied to any records; made once, used for every batch.

    Args:
        model: The model.

    Attributes:
        names: What each adjustment is called.

    Example:
        >>> from cxm_sdk.identity.default_model import default_model
        >>> Weights(default_model()).names[0]
        'first_name frequency'
    """

    def __init__(self, model: MatchModel) -> None:
        self._take(model)
        self.names: list[str] = []
        adjustments: list[_Adjustment] = []
        for column, comparison in enumerate(model.comparisons):
            for frequency in comparison.frequencies:
                self.names.append(f"{frequency.role} frequency")
                adjustments.append(_rarity(comparison, column, frequency))
            role = comparison.roles[0]
            self.names.append(f"{role} shared")
            exact = [level.name == "exact" for level in comparison.levels]
            adjustments.append((column, role, exact, None, 0.0, False))
        scorer = similarity_scorer()
        self.pairs = PairModel(
            [(c.name, c.kind, c.roles, len(c.levels)) for c in model.comparisons],
            adjustments,
            [constraint.name for constraint in model.constraints if constraint.kind == "one_value"],
            dict(model.frozen.ignored) if model.frozen else {},
            groups_of_names(),
            *(scorer, JaroWinkler.similarity, CLOSE, SIMILAR),
        )

    def decided_evidence(self, decided: float, aging: tuple[int, ...]) -> Evidence:
        """What agreement is worth for two clusters of records, with two things that the model does not know.

        Args:
            decided: Bits of a steward's decision. It stands behind the comparisons of the model, as one of two levels.
            aging: Columns of comparisons whose agreements lose with age. They get two adjustments each behind those of
                the model: one for the match alone, and one for the household as well.

        Returns:
            The evidence.
        """
        match, household = (np.pad(bits, ((0, 1), (0, 0))) for bits in (self.match_bits, self.household_bits))
        match[-1, 1] = decided
        priors = [self.priors, self.household_priors, *self._alike_priors]
        adjusted = [*self.pairs.adjusted, *((column, shared) for column in aging for shared in (False, True))]
        return Evidence(
            *(match, household, np.pad(self._alike, ((0, 0), (0, 1))), np.stack(priors, axis=1)),
            *(adjusted, np.pad(self.several, (0, 1))),
        )


def _rarity(comparison: Comparison, column: int, frequency: Frequency) -> _Adjustment:
    at_level = [level.name in frequency.levels for level in comparison.levels]
    # In 32 bits, as the batch side lays them out.
    bits = {
        value: float(np.float32(math.log2(frequency.average / f))) for value, f in frequency.values.items()
    }
    rest = float(np.float32(math.log2(frequency.average / frequency.rest)))
    return column, frequency.role, at_level, bits, rest, comparison.shared
