"""Columns of few records, laid out of what each of them says: what a live graph weighs at a time."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

class Laid(NamedTuple):
    """Values of one role among some records.

    Attributes:
        values: Distinct values in alphabetical order.
        codes: int32[slots, records], index into ``values``, -1 for none; as many slots as any record has values.
        offsets: int32[values + 1], where each value begins in ``data``.
        data: uint8[...], the values in UTF-8, one behind the other.
    """

    values: list[str]
    codes: NDArray[np.int32]
    offsets: NDArray[np.int32]
    data: NDArray[np.uint8]

def lay_out(
    contents: Sequence[Mapping[str, Sequence[str]]], muted: Mapping[str, set[str]]
) -> dict[str, Laid]:
    """Lays values out by role.

    Empty values, and muted ones, are none.

    Args:
        contents: What the records say: values by role. They are dicts of lists.
        muted: For a role, values that count as missing.

    Returns:
        The roles that any record has, in alphabetical order.

    Raises:
        TypeError: When a record is no dict of lists of texts.
    """

def lay_out_texts(values: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Lays texts out in UTF-8, one behind the other.

    Args:
        values: The texts.

    Returns:
        int32[values + 1], where each begins, and uint8[...], the bytes.
    """

def fewest_first(contents: list[dict[str, list[str]]], roles: tuple[str, ...], but: str) -> int:
    """The fewest different first values among some roles of which half of the records, or more, know one.

    Args:
        contents: What the records say: values by role.
        roles: The roles.
        but: One of them that is left out.

    Returns:
        The number; 0 where so few know any of the roles.
    """
