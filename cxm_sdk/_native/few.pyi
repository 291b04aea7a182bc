"""Few records compared where their values lie: what a live graph weighs at a time."""

from collections.abc import Iterable, Mapping
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from cxm_sdk._native.pair_model import PairModel

_Ints = NDArray[np.int32]
_Floats = NDArray[np.float64]
_Bytes = NDArray[np.uint8]

@final
class Few:
    """Some records, laid out for a model.

    What is found out about a pair of them depends on those two alone.

    Args:
        model: The model.
        records: The records of persons.
        roles: Roles that are identifiers.
        shared: How many people share an identifier, by its key, where it is more than one. Those that too many people
            share, which is a negative number, count as missing.
        derived: For each role of digests that some record has, those of what each record knows in clear. They are
            compared with digests that came as such, and not with each other: the contacts are.

    Raises:
        TypeError: When a record is something else.
    """

    def __init__(
        self,
        model: PairModel,
        records: list[Any],
        roles: Iterable[str],
        shared: Mapping[int, int],
        derived: dict[str, list[list[str]]],
    ) -> None: ...
    def compare(self, left: _Ints, right: _Ints) -> tuple[_Bytes, _Floats, _Bytes]:
        """Finds levels and adjustments of pairs.

        Args:
            left: int32[pairs], places of records.
            right: int32[pairs], places of the others.

        Returns:
            uint8[pairs, comparisons], levels, 0 where one side says nothing; float64[pairs, adjustments], bits of each
            where the pair shares a value at a level that is asked for; and uint8[pairs], 1 between two sources.

        Raises:
            IndexError: When there is no such record.
            ValueError: When there are not as many on both sides.
            RuntimeError: When the scorer fails.
        """

    def lost(
        self,
        left: _Ints,
        right: _Ints,
        levels: _Bytes,
        half_lives: dict[int, float],
        match_bits: _Floats,
        household_bits: _Floats,
    ) -> _Floats:
        """What agreements lose because time has passed between the two observations.

        An agreement says half as much after the half-life, a quarter after two.

        Args:
            left: As for ``compare``.
            right: As for ``compare``.
            levels: As ``compare`` found them.
            half_lives: For a comparison its half-life in seconds.
            match_bits: float64[comparisons, levels], bits of each level.
            household_bits: The same for a household.

        Returns:
            float64[half_lives, 2, pairs], bits lost: of the match, and of the household.
        """

    def sources(self) -> _Ints:
        """int32[records], the same number for records of one source."""

    def single(self, role: str, members: list[list[int]]) -> _Ints:
        """Gives the records of groups one number for all values that they have of a role.

        Values that some record of a group holds side by side are one person's, and count as one.

        Args:
            role: A role of the model.
            members: Places of the records of each group.

        Returns:
            int32[records], -1 for those that say nothing, or are in no group.

        Raises:
            KeyError: When the model has no such role.
        """
