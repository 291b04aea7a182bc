"""Who the people of a batch are, and what becomes of those that were there before."""

from collections.abc import Container, Mapping
from typing import Any, TypeVar

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

def names_of_people(
    people: list[list[int]], records: dict[int, Any]
) -> tuple[dict[int, bytes], list[tuple[bytes, int]]]:
    """Names people after their earliest records: by time, then source, then id.

    Args:
        people: Numbers of the records of each.
        records: The records of persons, by number.

    Returns:
        The name of everybody by number of the record, and of each person the name and the record that gives it.

    Raises:
        KeyError: When there is no such record.
    """

def moved_records(
    groups: list[list[int]], now: dict[int, bytes], rows: dict[int, Any], fresh: Container[int]
) -> tuple[list[tuple[int, int, bytes]], list[tuple[int, bytes, int, int]]]:
    """Tells apart records that are new, and others that are in another component or profile than before.

    Args:
        groups: Records of each component, ascending; the first one names it.
        now: Profiles by number of the record.
        rows: Those that were there, by number, with their ``component`` and ``profile``.
        fresh: New records.

    Returns:
        Of new ones number, component and profile; of others that moved component, profile, number, and the component
        they were in.

    Raises:
        KeyError: When a record is in no profile, or neither new nor among the rows.

    Example:
        >>> moved_records([[1]], {1: b"p"}, {}, {1})
        ([(1, 1, b'p')], [])
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

def tell_of_people(
    feed: Feed,
    people: list[list[int]],
    now: dict[int, bytes],
    before: dict[int, bytes],
    former: Container[int],
    removed: str,
) -> list[tuple[bytes, list[int], list[int]]]:
    """Tells what becomes of people: of those that are there now by profile, then of those that were there before.

    Args:
        feed: Where it is told.
        people: Numbers of the records of each, as they are now.
        now: Profiles by number of the record.
        before: The same as they were, of those records that were in any, and of those that are gone.
        former: Records that say something else than before.
        removed: What is told of people of whom nothing is left.

    Returns:
        People whose fields may show something else: profile, and its records as they were and as they are.

    Example:
        >>> feed = Feed()
        >>> tell_of_people(feed, [[1, 2]], {1: b"p", 2: b"p"}, {1: b"p"}, (), "retracted"), len(feed)
        ([(b'p', [1], [1, 2])], 0)
    """
