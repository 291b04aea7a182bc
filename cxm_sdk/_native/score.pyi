"""The bits that agreement levels are worth.

Everything here works on pairs (``left`` and ``right`` record numbers) and releases the GIL. Arrays are
C-contiguous, but for the sources of records, which may be strided. Record numbers, codes and levels are
trusted: nothing checks that they lie inside their arrays.
"""

from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from cxm_sdk._native.compare import Comparisons

_Ints = NDArray[np.int32]
_Bytes = NDArray[np.uint8]
_Floats = NDArray[np.float64]

@final
class Adjustments:
    """Bits by which a shared value weighs more or less than its level says, for all comparisons of a model.

    Keeps the arrays it is given alive; what they hold must not change. Cannot be pickled, as it borrows them.

    Args:
        codes: int32[records, columns], -1 for null; the table that the comparisons read.
    """

    def __new__(cls, codes: _Ints) -> Self: ...
    @property
    def size(self) -> int:
        """Number of adjustments; alternatives count as one."""

    def add(
        self,
        column: int,
        ours: int,
        theirs: int,
        bits: NDArray[np.float32],
        at_level: _Bytes,
        household: bool,
        alternative: bool,
    ) -> None:
        """Adds one adjustment.

        Args:
            column: Comparison whose level is looked at.
            ours: Column of the left slot.
            theirs: Column of the right slot.
            bits: float32[values].
            at_level: uint8[levels], 1 at the levels that mean the value is shared; at most 64 levels.
            household: Whether it also holds for a household.
            alternative: Whether this is another pair of slots of the adjustment added before. Of alternatives
                the first that agrees, and has any bits, counts.

        Raises:
            ValueError: When there are more than 64 levels, or a column is not there.
        """

    def bits(self, left: _Ints, right: _Ints, levels: _Bytes, out: _Floats) -> None:
        """Writes the bits of every adjustment for some pairs.

        Args:
            left: int32[pairs], record numbers.
            right: int32[pairs], record numbers.
            levels: uint8[pairs, comparisons].
            out: float64[pairs, adjustments], overwritten.
        """

def score_pairs(
    comparisons: Comparisons | None,
    left: _Ints,
    right: _Ints,
    levels: _Bytes,
    match_bits: _Floats,
    household_bits: _Floats,
    adjustments: Adjustments,
    sources: _Ints,
    match_prior: _Floats,
    household_prior: _Floats,
    alike: _Bytes,
    alike_prior: _Floats,
    floor: float,
    match_out: _Floats,
    household_out: _Floats,
) -> float:
    """Compares pairs and sums their bits for one person, and for one household, against strangers.

    The weight of a match also carries the competing household explanation:
    ``prior + terms - log2(1 + 2 ** household)``, so that what relatives share is not taken for identity.
    Relatives who look like one person, such as twins, agree in some comparisons as one person does and say
    nothing in the others; where a match would have ``floor`` bits, their odds are added to those of the
    household. No weight depends on the other pairs or on their order.

    Args:
        comparisons: What finds the levels, or None to take them as they are.
        left: int32[pairs], record numbers.
        right: int32[pairs], record numbers.
        levels: uint8[pairs, comparisons], raised in place.
        match_bits: float64[comparisons, levels], log2(m / u).
        household_bits: float64[comparisons, levels], log2(h / u).
        adjustments: Bits for common, rare and shared values.
        sources: int32[records], source of each record.
        match_prior: float64[2], log2 prior odds of one person against strangers, inside a source and between
            sources.
        household_prior: float64[2], the same of one household against strangers.
        alike: uint8[kinds, comparisons], 1 where relatives of a kind agree as one person does; at most two
            kinds.
        alike_prior: float64[kinds, 2], log2 prior odds of each kind against strangers, inside a source and
            between sources.
        floor: Match weight in bits below which look-alikes are not asked for.
        match_out: float64[pairs], match weight in bits, overwritten.
        household_out: float64[pairs], log2 odds of one household against strangers, overwritten.

    Returns:
        Sum of the match probabilities of all pairs, right to 2e-5 of itself; those below 2 ** -44 count as 0.

    Raises:
        ValueError: When there are not as many pairs everywhere, not as many comparisons in the bits, the levels
            and ``alike``, too many kinds, or comparisons and adjustments of different tables.
        RuntimeError: When the scorer fails.
    """
