"""How common values are that a comparison weighs by frequency (term frequencies)."""

from __future__ import annotations

import numpy as np

from cxm_sdk.identity.comparisons import Template
from cxm_sdk.identity.features import Features
from cxm_sdk.identity.model import Frequency
from cxm_sdk.identity.spans import Spans

__all__ = ["COMMON", "frequencies"]

#: Values with fewer records than this are not named in a model.
COMMON = 10


def frequencies(features: Features, template: Template) -> tuple[Frequency, ...]:
    """Finds how common the values are that a comparison weighs by frequency.

    Args:
        features: Features of the records.
        template: The comparison.

    Returns:
        One adjustment for each role it names.
    """
    found = []
    for role, levels in template.frequencies:
        often = np.stack(features.often(role)).sum(axis=0).astype(np.float64)
        known = often.sum()
        if known < 2:
            continue
        common = np.flatnonzero(often >= COMMON)
        rare = often[often < COMMON]
        average = float((often * np.maximum(often - 1, 0)).sum() / (known * (known - 1)))
        # Rare values stand for each other: the frequency that a record with a rare value meets on average.
        rest = float((rare * rare).sum() / max(rare.sum(), 1.0)) / known if rare.sum() else COMMON / known
        names = Spans.of(features.values(role).take(common))
        order = names.order()
        listed = zip(
            names.take(order).array().to_pylist(), (often[common[order]] / known).tolist(), strict=True
        )
        found.append(
            Frequency(
                role=role,
                levels=levels,
                average=max(average, 1.0 / (known * known)),
                rest=max(rest, 1.0 / known),
                values=dict(listed),
            )
        )
    return tuple(found)
