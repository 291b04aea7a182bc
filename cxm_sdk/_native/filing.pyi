"""Records under keys as they are after a batch, and whom they bring together."""

from collections.abc import Collection, Iterable, Mapping
from typing import final

from cxm_sdk._native.contents import Packed

@final
class Filing:
    """Records under keys: what a batch changes, over what a store holds.

    First records are filed, then the store is asked for the ``wanted`` keys, and what it has is handed to ``found``.

    Example:
        >>> filing = Filing()
        >>> filing.change(3, [], [7])
        >>> filing.wanted([])
        [7]
        >>> filing.found({7: [1]})
        >>> filing.under(7), filing.pairs([(3, [7], 50)])
        ([1, 3], {(1, 3)})
    """

    def __init__(self) -> None: ...
    def change(self, node: int, old: Collection[int], new: Collection[int]) -> None:
        """Files a record.

        Args:
            node: The record.
            old: Keys under which it is in the store.
            new: Keys under which it shall be.
        """

    def mark(self) -> None:
        """Says that keys which change from now on are those of blocks, whose size is bounded."""

    def wanted(self, keys: Iterable[int]) -> list[int]:
        """Keys of which has to be known who is under them, as far as that was not asked before.

        Args:
            keys: Keys to be looked up, besides all that change.

        Returns:
            The keys, ascending.
        """

    def found(self, held: dict[int, list[int]]) -> None:
        """Takes in what a store holds, and what the batch changes about it.

        Args:
            held: Records under the keys that were wanted; those that nobody is under may be left out.
        """

    def rows(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """(key, record) of all rows that the batch takes out of the store, and of those that it puts in."""

    def under(self, key: int) -> list[int]:
        """Records under a key after the batch."""

    def were_several(self, keys: Iterable[int]) -> list[int]:
        """Those of some keys under which there were several records before the batch."""

    def sharers(self, keys: Iterable[int], most: int) -> list[int]:
        """Records under those of some keys under which there are several.

        Args:
            keys: The keys.
            most: Keys with more records are left out.

        Returns:
            The records, in no order.
        """

    def people(
        self, roles: dict[int, str], records: Mapping[int, Packed], most: int, proxies: tuple[str, ...]
    ) -> dict[int, int]:
        """Different values of what tells people apart, among the records under identifiers.

        Args:
            roles: Role by key.
            records: Records by number; ``sharers`` of the keys have to be there.
            most: Most records of a key that are looked at.
            proxies: Roles that tell people apart; that of the identifier is left out.

        Returns:
            By key as ``contents.fewest_first`` has it; 1 for one record or none, -1 for too many. Keys under which
            there was nobody, and now is one record, are left out.

        Raises:
            KeyError: When a record is missing.
        """

    def resized(self, largest: int) -> list[int]:
        """Records of the blocks that the batch brings above a size, or back.

        Args:
            largest: Most records of a block that is used.

        Returns:
            The records, in no order.
        """

    def pairs(self, blocks: list[tuple[int, list[int], int]]) -> set[tuple[int, int]]:
        """Pairs of records and those that are under a key with them.

        Args:
            blocks: Record, keys, and most records under a key that bring each other together.

        Returns:
            The pairs, the smaller number first.
        """
