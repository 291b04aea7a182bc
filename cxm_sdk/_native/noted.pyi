"""Records under keys, in memory: what a store has noted and not yet moved into the table of its keys."""

from typing import final

@final
class Noted:
    """Records by key: signed numbers of 64 bits. Records are no less than zero, and each is under a key once.

    Args:
        most: Rows that are kept as they come, in some 100 bytes each, before they are put in order, in 16 each.

    Example:
        >>> noted = Noted()
        >>> noted.add([(7, 1), (7, 2), (3, 1)])
        >>> noted.drop([(7, 1)])
        >>> noted.begin()
        >>> noted.next(1), len(noted), noted.under(7)
        ([3, 1], 1, [2])
    """

    def __init__(self, most: int = 65536) -> None: ...
    def __len__(self) -> int:
        """How many rows there are; some that came again are counted twice."""

    def clear(self) -> None:
        """Forgets everything."""

    def add(self, rows: list[tuple[int, int]]) -> None:
        """Takes rows in: key and record of each."""

    def drop(self, rows: list[tuple[int, int]]) -> None:
        """Takes rows out, as far as they are here: key and record of each."""

    def take(self, rows: bytes) -> None:
        """Takes in rows, as ``packing.packed`` writes them; the row of a complement is taken out."""

    def put(self, rows: bytes) -> None:
        """Takes in rows likewise, each in place of all under its key; a negative one leaves none."""

    def packed(self) -> bytes:
        """All rows, in no particular order, as ``packing.packed`` writes them."""

    def under(self, key: int) -> list[int]:
        """Records under a key, ascending."""

    def firsts(self, keys: list[int]) -> dict[int, int]:
        """The smallest record under each of some keys; those that none is under are left out."""

    def beside(self, keys: list[int], moved: list[tuple[int, int]], most: int) -> tuple[bytes, list[int]]:
        """Records under some keys here and elsewhere.

        Args:
            keys: The keys.
            moved: Key and record of what is elsewhere, in any order.
            most: Most records of a key.

        Returns:
            Key and record of all, each once and ascending, as ``packing.packed`` writes them; and keys of which
            there are more than may be.
        """

    def begin(self) -> None:
        """Makes a list of all rows, in ascending order, for ``next``."""

    def next(self, count: int) -> list[int]:
        """Takes the next rows of that list out, as far as they are still here.

        Args:
            count: Most rows.

        Returns:
            Key and record of each, one behind the other; none when the list is at its end.
        """
