"""What records say, packed, and columns of few records laid out of it: what a live graph weighs at a time."""

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import disjoint_base

@disjoint_base
class Packed:
    """What a record says, in one piece of memory.

    Args:
        content: Values by role: a dict of lists, the same as JSON, or what is packed already.

    Raises:
        TypeError: When it is no dict of lists of texts.
        json.JSONDecodeError: When it is text and no JSON.

    Example:
        >>> Packed('{"city":["ulm"]}').content
        {'city': ['ulm']}
    """

    def __init__(self, content: dict[str, list[str]] | str | Packed) -> None: ...
    @property
    def content(self) -> dict[str, list[str]]:
        """Values by role; not to be changed."""

    def knows(self, role: str) -> bool:
        """Whether it says anything of a role."""

@final
class Laid:
    """Values of one role among some records.

    Attributes:
        codes: int32[slots, records], index into ``values``, -1 for none; as many slots as any record has values.
        offsets: int32[values + 1], where each value begins in ``data``.
        data: uint8[...], the values in UTF-8, one behind the other.
    """

    codes: NDArray[np.int32]
    offsets: NDArray[np.int32]
    data: NDArray[np.uint8]

    @property
    def values(self) -> list[str]:
        """Distinct values, in the order of their codes."""

def lay_out(records: Sequence[Packed], muted: dict[str, set[str]]) -> dict[str, Laid]:
    """Lays values out by role.

    Empty values, and muted ones, are none.

    Args:
        records: What the records say.
        muted: For a role, values that count as missing.

    Returns:
        The roles that any record has, in alphabetical order; values are numbered in the order in which they come.

    Raises:
        TypeError: When a record is something else.
        MemoryError: When the values of a role are more than 2 GiB of text.
    """

def lay_out_texts(values: list[str]) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Lays texts out in UTF-8, one behind the other.

    Args:
        values: The texts.

    Returns:
        int32[values + 1], where each begins, and uint8[...], the bytes.

    Raises:
        MemoryError: When there are more than 2 GiB of text.
    """

def fewest_first(records: list[Packed], roles: tuple[str, ...], but: str) -> int:
    """The fewest different first values among some roles of which half of the records, or more, know one.

    Args:
        records: What the records say.
        roles: The roles.
        but: One of them that is left out.

    Returns:
        The number; 0 where so few know any of the roles.
    """
