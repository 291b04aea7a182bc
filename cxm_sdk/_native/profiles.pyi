"""From pairs to profiles: the records of a group are joined while two clusters look like one person.

Arrays are C-contiguous and sized by the caller; record numbers and levels are trusted: nothing checks that they lie
inside their arrays. The GIL is released while groups are joined.
"""

from collections.abc import Iterable
from typing import final

import numpy as np
from numpy.typing import NDArray

_Ints = NDArray[np.int32]
_Bytes = NDArray[np.uint8]
_Starts = NDArray[np.int64]
_Floats = NDArray[np.float64]

@final
class Evidence:
    """What agreement is worth under every hypothesis about two clusters.

    Args:
        match_bits: float64[comparisons, levels], bits for one person against strangers; level 0 is missing.
        household_bits: float64[comparisons, levels], the same for one household.
        alike: uint8[kinds, comparisons], where relatives who look like one person agree as one person does.
        priors: float64[2, 2 + kinds], inside a source and between sources: bits for a match, a household, each kind.
        adjusted: For each adjustment the comparison it belongs to, and whether it counts for a household as well.
        several: uint8[comparisons], which of the pairs between two clusters count: 0 for their mean, 1 for the best,
            as with several values of one record, 2 for the best where nothing else is known of both, else the mean.

    Raises:
        ValueError: When the arrays do not fit each other.
    """

    def __init__(
        self,
        match_bits: _Floats,
        household_bits: _Floats,
        alike: _Bytes,
        priors: _Floats,
        adjusted: Iterable[tuple[int, bool]],
        several: _Bytes,
    ) -> None: ...

def join_profiles(
    starts: _Starts,
    members: _Ints,
    levels: _Bytes,
    adjustments: _Floats,
    sources: _Ints,
    evidence: Evidence,
    astray: float,
    cut: float,
    single: _Ints,
    unique: _Ints,
    labels: _Ints,
    contradicted: _Bytes,
) -> None:
    """Joins the records of each group while two clusters, taken as one record each, weigh more than the cut.

    What a comparison is worth for two clusters is the mean over the pairs between them in which both sides are known,
    or what the best of them says; the prior counts once. Always the heaviest two first; ties go to the smaller record
    numbers.

    Args:
        starts: int64[groups + 1], where each group starts in ``members``.
        members: int32[...], records, ascending within a group.
        levels: uint8[pairs, comparisons], in the order of ``pairs.pairs_within``.
        adjustments: float64[pairs, adjustments], bits.
        sources: int32[records], source of each record.
        evidence: What levels and adjustments are worth.
        astray: How likely a record is in the wrong cluster: a pair in which a side is not known is expected to be worth
            what those that are known are, and with this chance nothing; from 0 to below 1.
        cut: Bits that two clusters must exceed.
        single: int32[records, k], values of which a cluster may hold only one each; -1 for none.
        unique: int32[records, k], values that no two records of a cluster may share; -1 for none.
        labels: int32[records], set to the smallest record of the cluster for the members of the groups.
        contradicted: uint8[pairs], set to 1 where two records weigh more than the cut and a constraint keeps their
            clusters apart, else to 0.

    Raises:
        ValueError: When there are not as many pairs or comparisons everywhere.
    """
