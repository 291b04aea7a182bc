"""Groups of records: connected components, agglomeration under constraints, and the values a group keeps.

Arrays are C-contiguous, and those that are written to are sized by the caller; record numbers and codes are
trusted: nothing checks that they lie inside their arrays. Every function releases the GIL while it loops.
"""

import numpy as np
from numpy.typing import NDArray

_Ints = NDArray[np.int32]
_Bytes = NDArray[np.uint8]
_Starts = NDArray[np.int64]
_Floats = NDArray[np.float64]

def components(left: _Ints, right: _Ints, labels: _Ints) -> None:
    """Connected components.

    Args:
        left: int32[links].
        right: int32[links].
        labels: int32[records], overwritten with the smallest record of each component.
    """

def agglomerate(
    left: _Ints,
    right: _Ints,
    weights: _Floats,
    single: _Ints,
    unique: _Ints,
    missing: float,
    labels: _Ints,
    contradicted: _Bytes,
) -> None:
    """Joins records while the mean weight between two clusters is above 0 and no constraint forbids it.

    Always the heaviest mean first; ties go to the smaller record numbers, so the result depends on nothing
    else.

    Args:
        left: int32[links], distinct pairs, left < right.
        right: int32[links].
        weights: float64[links], bits above the threshold; negative speaks against.
        single: int32[records, k], values of which a cluster may hold only one each; -1 for none.
        unique: int32[records, k], values that no two records of a cluster may share; -1 for none.
        missing: Weight taken for pairs that have no link.
        labels: int32[records], overwritten with the smallest record of each cluster.
        contradicted: uint8[links], set to 1 where a constraint kept the two records apart.
    """

def survivors(
    starts: _Starts,
    members: _Ints,
    of: _Ints,
    slots: list[_Ints],
    offsets: _Ints,
    data: _Bytes,
    out: _Ints,
) -> None:
    """The value each group keeps: the most frequent, then the earliest, the longest, the first in the alphabet.

    Args:
        starts: int64[groups + 1], where each group starts in ``members``.
        members: int32[records], records of the groups; each is in one of them.
        of: int32[records], group of each record.
        slots: For each slot int32[records], -1 for null; a record holds a value once. Of equally frequent values one
            that stands in an earlier slot wins.
        offsets: int32[values + 1], where each value starts in ``data``.
        data: uint8[...], the values in UTF-8, one behind the other. Lengths are counted in characters, and the
            alphabet is that of bytes.
        out: int32[groups], overwritten; -1 where no record has a value.

    Raises:
        ValueError: When there are more than 256 slots, or not a code of every record.
    """

def group_by_code(codes: _Ints, starts: _Starts, members: _Ints) -> None:
    """Lists the records of each value, ascending.

    Args:
        codes: int32[records], -1 for null; all below the number of values.
        starts: int64[values + 1], overwritten with where each value starts in ``members``.
        members: int32[records that are not null], overwritten.
    """

def groups_of(labels: _Ints) -> tuple[_Starts, _Ints, _Ints]:
    """Lists records by group.

    Args:
        labels: int32[records], the smallest record of each group.

    Returns:
        int64[groups + 1], where each group starts; int32[records], their records, ascending; and int32[records], the
        group of each record. Groups are in the order of their first record.
    """

def incomplete_groups(labels: _Ints, left: _Ints, every: bool) -> tuple[_Starts, _Ints]:
    """Lists the records of groups of three and more in which some pair is not linked.

    Args:
        labels: int32[records], the smallest record of each group.
        left: int32[links], one record of each link; both are of one group, and no pair is linked twice.
        every: Whether all groups of two and more are meant instead.

    Returns:
        int64[groups + 1], where each group starts; and int32[...], their records, ascending. Groups are in the order of
        their first record.
    """

def best_weights(
    left: _Ints, right: _Ints, weight: _Floats, kept: _Bytes, inside: _Floats, outside: _Floats
) -> None:
    """Raises, for both records of each link, the best weight of the kept links or of the others.

    Args:
        left: int32[links], records.
        right: int32[links], records.
        weight: float64[links], match weights in bits.
        kept: uint8[links], 1 where a link lies inside a profile.
        inside: float64[records], best weight of the kept links, raised in place.
        outside: float64[records], best weight of the others, raised in place.

    Raises:
        ValueError: When there are not as many links everywhere.
    """

def distinct_within(starts: _Starts, members: _Ints, codes: _Ints, out: _Ints, known: _Ints) -> None:
    """Counts the different values of another column inside each group, and how many of the group have one.

    Args:
        starts: int64[groups + 1], where each group starts in ``members``.
        members: int32[...], records of the groups.
        codes: int32[records], the other column, -1 for null.
        out: int32[groups], different values, overwritten.
        known: int32[groups], records with a value, overwritten.
    """

def codes_in_turn(starts: _Starts, members: _Ints, codes: _Ints, firsts: _Ints, out: _Ints) -> int:
    """Lists the codes of another column inside each group, leaving out what was listed just before.

    Args:
        starts: int64[groups + 1], where each group starts in ``members``.
        members: int32[...], records of the groups.
        codes: int32[records], the other column, 0 or more.
        firsts: int32[groups + 1], overwritten with where the codes of each group start in ``out``.
        out: int32[members], overwritten from the start with the codes.

    Returns:
        Number of codes written.

    Raises:
        ValueError: When there is too little room.
    """
