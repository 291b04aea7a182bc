"""Who the people of a batch are, and what becomes of those that were there before."""

from collections.abc import Container, Iterable, Mapping
from typing import Any, TypeVar, final

from cxm_sdk._native.feed import Feed

_Row = TypeVar("_Row", bound=tuple[Any, ...])

def name_of_profile(source: str, record_id: str) -> bytes:
    """Names a profile after one of its records: BLAKE2b of source and id, for profiles alone.

    Args:
        source: Its source.
        record_id: Its id there.

    Returns:
        16 bytes.

    Example:
        >>> name_of_profile("crm", "17").hex()
        '8fc6db3dbf10bcdd07345c717588d141'
    """

def named_after(numbers: list[int], records: dict[int, Any]) -> list[tuple[bytes, int]]:
    """Names people of one record each.

    Args:
        numbers: Numbers of the records.
        records: The records of persons, by number.

    Returns:
        Of each the name, and the number.

    Raises:
        KeyError: When there is no such record.
    """

def unbroken(members: list[int], rows: dict[int, tuple[Any, ...]], loud: set[int]) -> list[list[int]]:
    """Finds components of one person each.

    Args:
        members: Numbers of records.
        rows: Those that were there, by number: number, packed record, first and last time, component and profile.
        loud: Components that are left out; those of several people are added.

    Returns:
        The members of each component, in their order.

    Raises:
        TypeError: When a row is something else.

    Example:
        >>> rows = {n: (n, b"", 0, 0, n % 2, bytes(16)) for n in range(4)}
        >>> unbroken([0, 1, 2, 3], rows, {0})
        [[1, 3]]
    """

@final
class Census:
    """Who the people of a batch are, and were.

    Args:
        records: The records of persons, by number.
        rows: A dict of those that were there, as ``unbroken`` takes them; their profiles have 16 bytes.
        fresh: A dict of new records.

    Example:
        >>> from cxm_sdk._native.contents import Packed
        >>> records = {n: Packed(n, "crm", str(n), {}, {}, n, n) for n in (1, 2)}
        >>> one = name_of_profile("crm", "1")
        >>> census = Census(records, {1: (1, b"", 1, 1, 1, one)}, {2: b""})
        >>> census.settle([[1, 2]], [[1, 2]], ()) == {1: one, 2: one}
        True
        >>> census.moved([[1, 2]]) == ([(2, 1, one)], [])
        True
        >>> feed = Feed()
        >>> census.tell(feed, (), "retracted") == [(one, [1], [1, 2])], len(feed)
        (True, 0)
    """

    def __init__(
        self, records: dict[int, Any], rows: dict[int, tuple[Any, ...]], fresh: dict[int, bytes]
    ) -> None: ...
    def settle(
        self, groups: list[list[int]], people: list[list[int]], removed: Iterable[int]
    ) -> dict[int, bytes]:
        """Names people after their earliest records: by time, then source, then id.

        Args:
            groups: Records of each component.
            people: Records of each person, none of them twice.
            removed: Records that are gone.

        Returns:
            The name of everybody by number of the record.

        Raises:
            KeyError: When there is no such record, or it is neither new nor among the rows.
            ValueError: When a profile is named by other than 16 bytes.
        """

    def issued(self) -> list[tuple[bytes, int]]:
        """Names of people that nobody had before, each with the record that gives it."""

    def before(self) -> dict[int, bytes]:
        """Profiles as they were, by number of the record, of those that are gone too."""

    def moved(
        self, groups: list[list[int]]
    ) -> tuple[list[tuple[int, int, bytes]], list[tuple[int, bytes, int, int]]]:
        """Tells apart records that are new, and others that are in another component or profile than before.

        Args:
            groups: Records of each component, ascending; the first one names it.

        Returns:
            Of new ones number, component and profile; of others that moved component, profile, number, and the
            component they were in.

        Raises:
            KeyError: When a record is in no profile, or neither new nor among the rows.
        """

    def tell(
        self, feed: Feed, former: Container[int], removed: str
    ) -> list[tuple[bytes, list[int], list[int]]]:
        """Tells what becomes of people: of those that are there now by profile, then of those that were there before.

        Args:
            feed: Where it is told.
            former: Records that say something else than before.
            removed: What is told of people of whom nothing is left.

        Returns:
            People whose fields may show something else, by profile: profile, and its records as they were and as they
            are.
        """

def rows_of_new(
    added: list[tuple[int, int, bytes]],
    records: dict[int, Any],
    fresh: Mapping[int, bytes],
    events: str,
    row: type[_Row],
) -> list[tuple[bytes | None, _Row]]:
    """Makes the rows of new records.

    Args:
        added: Of each number, component and profile.
        records: The records of persons, by number.
        fresh: A dict of the keys that name them.
        events: The source of records that stand for events, and not for one item alone.
        row: The class of rows, of number, packed record, first and last time, component and profile.

    Returns:
        Of each the key by which it is found, None where that is the key of its one item, and its row.

    Raises:
        KeyError: When there is no such record, or no key of one that stands for events.
    """
