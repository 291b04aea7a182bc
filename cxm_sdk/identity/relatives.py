"""Relatives who are easily taken for one person: twins, and namesakes such as a father and his son.

Most people of one household share what a home shares and are strangers in the rest. Look-alikes share a home as one
person does, and one personal thing more. So they compete with a match where nearly everything agrees and what a person
keeps for life does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["LOOK_ALIKES", "agreeing", "look_alike_share"]

#: What is personal and yet agrees: between twins, and between namesakes.
LOOK_ALIKES = (("birth_date",), ("first_name", "middle_name", "sex"))
#: Share of the pairs of one family who are twins; as many are namesakes. One child in 42 is a twin (Monden, Pison and
#: Smits, 2021), and one pair of a family in five or so are sisters or brothers; one in six is a father and his son,
#: and a few sons in a hundred have his name.
SHARE = 0.005


class Compared(Protocol):
    """A comparison, trained or not yet."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def shared(self) -> bool:
        """Whether members of a household share the value."""


def agreeing(comparisons: Sequence[Compared]) -> npt.NDArray[np.bool_]:
    """Tells in which comparisons look-alikes agree as often as one person does; in the others they are strangers.

    Args:
        comparisons: The comparisons.

    Returns:
        bool[kinds, comparisons], a row for each of ``LOOK_ALIKES`` whose personal thing is compared; none where nothing
        is compared that a household shares.
    """
    rows = [
        [comparison.shared or comparison.name in personal for comparison in comparisons]
        for personal in LOOK_ALIKES
        if any(comparison.name in personal for comparison in comparisons)
        and any(comparison.shared for comparison in comparisons)
    ]
    return np.array(rows, dtype=bool).reshape(len(rows), len(comparisons))


def look_alike_share(same_person: float | None, same_home: float | None) -> float:
    """Share of the pairs of one household who are look-alikes of one kind.

    They are of one family, so there are fewer where households are not families: flatmates, neighbours, colleagues.

    Args:
        same_person: How often two records of one person agree in the last name; None where it is not compared.
        same_home: How often two people of one household do.

    Returns:
        The share.

    >>> look_alike_share(0.9, 0.45)
    0.0025
    """
    if not same_person or same_home is None:
        return SHARE
    return SHARE * min(1.0, same_home / same_person)
