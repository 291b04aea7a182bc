"""Comparisons that look at several roles at once: addresses, swapped names, and what agreeing names have said already.

They take their turn among those of ``compare``, and trust what they are given as those do.
"""

from collections.abc import Callable, Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from cxm_sdk._native.compare import Comparison, MeasuredComparison
from cxm_sdk._native.strings import Similarity, TextColumn

_Ints = NDArray[np.int32]
_Bytes = NDArray[np.uint8]
_Hashes = NDArray[np.uint64]
_Measure = Callable[[_Ints, _Ints], NDArray[np.float32]] | None
_Address = tuple[int, int, int, int]

@final
class AddressLevels(MeasuredComparison):
    """Levels of addresses: every combination of a street ladder and a place ladder, ``street * 5 + place``.

    Streets: 5 street and number, 4 similar street and number, 3 street with a number missing, 2 street with
    another number or similar street without the same number, 1 different, 0 missing. Whole words at one end of
    a longer street are similar.

    Places: 4 same postcode, 3 same city, 2 neighbours, 1 different, 0 missing. Neighbours share the area of the
    postcode (its leading part), or a postcode or city within one edit; cities of three letters or fewer are too
    short for that.

    Args:
        slots: Addresses of the left and of the right slot, each the columns of its street, house number,
            postcode and city.
        column: Which level to raise.
        streets: Distinct street names.
        postcodes: Distinct postcodes.
        cities: Distinct cities.
        areas: uint64[postcodes], number standing for the leading part of the postcode, 0 for none.
        similarity: Scorer, or None to call ``measure``.
        measure: What measures the streets where there is no scorer.
        similar: Lower end of similar streets, 0 to 1.

    Raises:
        ValueError: When there are not as many areas as postcodes.
    """

    def __init__(
        self,
        slots: Sequence[tuple[_Address, _Address]],
        column: int,
        streets: TextColumn,
        postcodes: TextColumn,
        cities: TextColumn,
        areas: _Hashes,
        similarity: Similarity | None,
        measure: _Measure,
        similar: float,
    ) -> None: ...

@final
class SwappedNames(Comparison):
    """Where first and last name stand in each other's place, marks the first name and silences the last.

    A first name without a last one that is the last name of the other says nothing of the first: it is that last name.

    Takes its turn after both comparisons.

    Args:
        first_names: Column of the first names.
        last_names: Column of the last names.
        as_first: int32[last names], the same text among the first names, -1 when there is none.
        swapped: Level to write for the first name.
        first_column: Level of the first name.
        last_column: Level of the last name.
    """

    def __init__(
        self,
        first_names: int,
        last_names: int,
        as_first: _Ints,
        swapped: int,
        first_column: int,
        last_column: int,
    ) -> None: ...

@final
class SilencedLevels(Comparison):
    """Drops a partial agreement that only repeats what names have said already, or would if they were known.

    An e-mail local part made of the name agrees whenever the names do; counted again it would weigh twice. One that is
    made of one name and at most an initial, such as ``ada`` and ``jsmith``, agrees whenever that name does. Local parts
    that are merely close may be so because of one name, unless that is known to differ. Full agreement (``exact``) and
    disagreement stay. Takes its turn after the comparisons it looks at.

    Args:
        derived: uint8[records], sum of 1 where the local part holds the first name, 2 the last, and of 4 and 8 where it
            is made of it.
        close: Highest level that one name explains.
        exact: Level that is kept whatever the names say.
        agreeing: Lowest level of a name that counts as agreement.
        column: Level to silence.
        first_column: Level of the first name.
        last_column: Level of the last name.
    """

    def __init__(
        self,
        derived: _Bytes,
        close: int,
        exact: int,
        agreeing: int,
        column: int,
        first_column: int,
        last_column: int,
    ) -> None: ...
