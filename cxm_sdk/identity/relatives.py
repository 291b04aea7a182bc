"""Relatives who are easily taken for one person: twins, and namesakes such as a father and his son.

Most people of one household share what a home shares and are strangers in the rest. Look-alikes share a home as one
person does, and one personal thing more. So they compete with a match where nearly everything agrees and what a person
keeps for life does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from cxm_sdk.identity.model import Prior

__all__ = [
    "HALF_WRONG",
    "LOOK_ALIKES",
    "LookAlikes",
    "agreeing",
    "compared_kinds",
    "look_alike_priors",
    "look_alike_share",
]


class LookAlikes(NamedTuple):
    """A kind of relatives who are easily taken for one person.

    Attributes:
        name: The kind, as priors call it.
        agrees: What is personal and yet agrees between them; the first must be compared.
        differs: What tells them apart.
    """

    name: str
    agrees: tuple[str, ...]
    differs: str


LOOK_ALIKES = (
    LookAlikes("twins", ("birth_date",), "first_name"),
    LookAlikes("namesakes", ("first_name", "middle_name", "sex"), "birth_date"),
)
#: Share of the pairs of one family who are twins; as many are namesakes. One child in 42 is a twin (Monden, Pison and
#: Smits, 2021), and one pair of a family in five or so are sisters or brothers; one in six is a father and his son,
#: and a few sons in a hundred have his name.
SHARE = 0.005
#: Levels at which a value was written altogether otherwise, and still is not another value.
HALF_WRONG = {"similar", "initial", "variant", "within_a_year", "two_parts"}


class Compared(Protocol):
    """A comparison, trained or not yet."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def shared(self) -> bool:
        """Whether members of a household share the value."""


def compared_kinds(comparisons: Sequence[Compared]) -> list[LookAlikes]:
    """Tells which kinds there can be: what tells them apart is compared, and something that a household shares.

    Args:
        comparisons: The comparisons.

    Returns:
        The kinds, in the order of ``LOOK_ALIKES``.
    """
    names = {comparison.name for comparison in comparisons}
    homes = any(comparison.shared for comparison in comparisons)
    return [kind for kind in LOOK_ALIKES if homes and kind.differs in names]


def agreeing(comparisons: Sequence[Compared]) -> npt.NDArray[np.bool_]:
    """Tells in which comparisons look-alikes agree as often as one person does; in the others they are strangers.

    Args:
        comparisons: The comparisons.

    Returns:
        bool[kinds, comparisons], a row for each of ``compared_kinds``.
    """
    rows = [
        [comparison.shared or comparison.name in kind.agrees for comparison in comparisons]
        for kind in compared_kinds(comparisons)
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


def look_alike_priors(
    comparisons: Sequence[Compared], priors: Sequence[Prior], share: float
) -> npt.NDArray[np.float64]:
    """Says how many pairs of records are look-alikes: those of the households there are, or more if more were seen.

    Args:
        comparisons: The comparisons.
        priors: Priors inside a source and between sources.
        share: What ``look_alike_share`` gives.

    Returns:
        float64[kinds, priors], probabilities; a row for each of ``compared_kinds``.
    """
    kinds = compared_kinds(comparisons)
    found = [[max(prior.household * share, getattr(prior, kind.name)) for prior in priors] for kind in kinds]
    return np.array(found, dtype=np.float64).reshape(len(kinds), len(priors))
