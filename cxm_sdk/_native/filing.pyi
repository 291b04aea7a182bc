"""Records under keys as they are after a batch, and whom they bring together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import final

from cxm_sdk._native.contents import Packed

@final
class Filing:
    """Records under keys: what a batch changes, over what a store holds.

    First records are filed, then the store is asked for the ``wanted`` keys, and what it has is handed to ``found``.

    Example:
        >>> from cxm_sdk._native.packing import packed
        >>> filing = Filing()
        >>> filing.change(3, [], [7])
        >>> filing.bring(3, [7, 8], 50)
        >>> filing.wanted()
        [7, 8]
        >>> filing.found(packed([(7, 1), (8, 2)]))
        >>> filing.under(7), sorted(filing.pairs())
        ([1, 3], [(1, 3), (2, 3)])
    """

    def __init__(self) -> None: ...
    def identify(self, node: int, old: Packed | None, new: Packed | None) -> None:
        """Files a record under its identifiers.

        Args:
            node: Its number.
            old: As it is in the store; None where it is not filed there.
            new: As it shall be; None where it goes.
        """

    def change(self, node: int, old: Iterable[int], new: Iterable[int]) -> None:
        """Files a record under other keys than those of its identifiers.

        Args:
            node: Its number.
            old: Keys under which it is in the store.
            new: Keys under which it shall be.
        """

    def mark(self) -> None:
        """Says that keys which change from now on are those of blocks, whose size is bounded."""

    def wanted(self) -> list[int]:
        """Keys of which has to be known who is under them, ascending; each once."""

    def found(self, rows: bytes) -> None:
        """Takes in what a store holds, and what the batch changes about it.

        Args:
            rows: The keys that were wanted since the last time and the records under each, as ``packing.packed`` writes
                them.
        """

    def rows(self) -> tuple[bytes, bytes]:
        """Rows that the batch takes out of the store, and those that it puts in: key and record, likewise."""

    def under(self, key: int) -> list[int]:
        """Records under a key after the batch."""

    def unknown(self, records: Sequence[Packed]) -> list[int]:
        """Identifiers of which nobody has asked who shares them; they are known from now on.

        Args:
            records: A list of them.

        Returns:
            Keys of their identifiers, as far as they are asked for here for the first time.
        """

    def unknown_before(self) -> list[int]:
        """Identifiers of changed records that several records held, likewise; those of one are shared by nobody."""

    def sharers(self, most: int) -> list[int]:
        """Records under those identifiers of changed records under which there are several.

        Args:
            most: Identifiers with more records are left out.

        Returns:
            The records, ascending.
        """

    def recounted(
        self,
        records: Mapping[int, Packed],
        shared: dict[int, int],
        most: int,
        proxies: tuple[str, ...],
        too_many: int,
    ) -> list[tuple[int, str, int]]:
        """Counts the people behind the identifiers of changed records.

        Args:
            records: A dict of records by number; ``sharers`` have to be there.
            shared: People behind identifiers as far as it is known, by key; one where it is not listed.
            most: Most records of an identifier that are looked at; with more there are too many people.
            proxies: Roles that tell people apart; that of the identifier itself is left out.
            too_many: So many people are too many.

        Returns:
            Key, role and people of identifiers behind which there are other people than before; -1 for too many.

        Raises:
            KeyError: When a record is missing.
        """

    def resized(self, largest: int) -> list[int]:
        """Records of the blocks that the batch brings above a size, or back.

        Args:
            largest: Most records of a block that is used.

        Returns:
            The records, in no order; some may come twice.
        """

    def bring(self, node: int, keys: Iterable[int], most: int) -> None:
        """Has a record weighed against those that are under some keys.

        Args:
            node: Its number.
            keys: The keys.
            most: Keys under which more records are bring nobody together.
        """

    def bring_named(self, record: Packed, roles: set[str], shared: dict[int, int], most: int) -> None:
        """Has a record weighed against those that hold its identifiers.

        Args:
            record: The record.
            roles: Roles of identifiers that bring together.
            shared: People behind identifiers by key; those of -1 bring nobody together.
            most: As for ``bring``.
        """

    def bring_all(self, key: int) -> None:
        """Has all records weighed against each other that are under a key."""

    def bring_pair(self, one: int, other: int) -> None:
        """Has two records weighed against each other, whatever they share."""

    def pairs(self) -> bytes:
        """Pairs of records that are to be weighed.

        Returns:
            The numbers of each, the smaller first, ascending and each once, as ``packing.packed`` writes them.
        """
