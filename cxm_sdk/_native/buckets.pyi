"""Records by key: which of them share one, found in pieces that stay in the cache.

Arrays are C-contiguous. Every method releases the GIL while it loops.
"""

from typing import final

import numpy as np
from numpy.typing import NDArray

_Hashes = NDArray[np.uint64]

@final
class KeyBuckets:
    """Records in buckets by the lowest bits of their keys, twice as many buckets as there may be keys.

    Args:
        keys: For each slot uint64[records], 0 for none. An earlier slot's key is not repeated.

    Raises:
        ValueError: When slots hold keys of different numbers of records, or more than 2,147,483,647 in all.

    Example:
        >>> buckets = KeyBuckets([np.array([7, 9, 0, 7], np.uint64)])
        >>> members, starts, slots = np.empty(2, np.int32), np.empty(2, np.int64), np.empty(2, np.int8)
        >>> buckets.group(2, members, starts, slots), members.tolist(), starts.tolist()
        ((1, 2), [0, 3], [0, 2])
    """

    def __init__(self, keys: list[_Hashes]) -> None: ...
    @property
    def slots(self) -> int:
        """How many keys a record may have."""

    def count_sizes(self, often: NDArray[np.int64]) -> int:
        """Counts how many buckets hold each number of keys.

        Args:
            often: int64[most + 1], raised in place: ``often[k]`` by the buckets of ``k`` keys, the last by all with as
                many or more.

        Returns:
            Keys in the buckets that the last place stands for.
        """

    def group(
        self,
        largest: int,
        members: NDArray[np.int32],
        starts: NDArray[np.int64],
        slots: NDArray[np.int8],
    ) -> tuple[int, int]:
        """Lists the records of each key that occurs twice or more.

        Args:
            largest: Most keys of a bucket in use.
            members: int32[room], overwritten from the start with records, ascending within a key. There must be room
                for the keys of all buckets of two keys or more in use.
            starts: int64[room // 2 + 1], overwritten from the start with where each key starts in ``members``.
            slots: int8[room], overwritten from the start with the slot that holds the key.

        Returns:
            Number of keys and number of members written.

        Raises:
            ValueError: When there is too little room.
        """
