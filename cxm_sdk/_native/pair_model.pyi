"""What a model compares of two records, and what values weigh more or less than their level."""

from collections.abc import Callable, Mapping, Sequence
from typing import final

from cxm_sdk._native.strings import Similarity

@final
class PairModel:
    """What a model compares, and what values weigh more or less than their level.

    Args:
        comparisons: Of each its name, kind, roles and number of levels.
        rarities: Of each adjustment its comparison, the role of the value, whether it counts at each level, bits by
            value, bits of all other values, and whether it counts for a household as well. Without bits by value it
            takes off what the people who share a value make it weigh less.
        roles: Other roles that are asked for.
        ignored: For a role, values that count as missing.
        groups: Nickname groups of first names.
        similarity: Jaro-Winkler for native code; None where ``measure`` has to do.
        measure: The same for two texts.
        close: Similarity from which texts are close.
        similar: Similarity from which names are similar.

    Raises:
        KeyError: When a comparison is of an unknown kind.

    Attributes:
        width: Number of comparisons.
        adjusted: Of each adjustment its comparison, and whether it counts for a household as well.

    Example:
        >>> rarity = (0, "sex", [False, False, True], {"m": -1.0}, -2.0, False)
        >>> model = PairModel([("sex", "equal", ("sex",), 3)], [rarity], [], {}, {}, None, lambda a, b: 0.0, 0.9, 0.8)
        >>> model.width, model.adjusted
        (1, [(0, False)])
    """

    width: int
    adjusted: list[tuple[int, bool]]

    def __init__(
        self,
        comparisons: list[tuple[str, str, tuple[str, ...], int]],
        rarities: Sequence[tuple[int, str, list[bool], Mapping[str, float] | None, float, bool]],
        roles: list[str],
        ignored: dict[str, tuple[str, ...]],
        groups: Mapping[str, tuple[int, ...]],
        similarity: Similarity | None,
        measure: Callable[[str, str], float],
        close: float,
        similar: float,
    ) -> None: ...
