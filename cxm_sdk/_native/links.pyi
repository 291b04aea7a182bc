"""Links of one record to earlier ones, as one row of bytes.

A link is the number of the earlier record, the weight and the log2 odds of one household, in eight bytes each, the
lowest byte first, and what became of it: one byte that counts, and so many of text. Links of a row are in the order of
their records.
"""

from collections.abc import Iterable, Sequence

_Link = tuple[int, int, float, float, str | None]

def rows_of_links(links: Sequence[_Link]) -> list[tuple[int, bytes]]:
    """Packs links.

    Args:
        links: A list of them: smaller number, larger one, weight, odds, and what became of it; by their larger numbers,
            then by the smaller ones.

    Returns:
        Each larger number and its links.

    Raises:
        ValueError: When what became of a link takes more than 255 bytes, or none.

    Example:
        >>> rows = rows_of_links([(1, 3, 2.5, 0.5, "kept"), (2, 3, -1.0, 0.0, None)])
        >>> links_of_rows(rows)
        [(1, 3, 2.5, 0.5, 'kept'), (2, 3, -1.0, 0.0, None)]
    """

def links_of_rows(rows: Iterable[tuple[int, bytes]]) -> list[_Link]:
    """Reads links.

    Args:
        rows: As ``rows_of_links`` gives them.

    Returns:
        The links.

    Raises:
        ValueError: When a row does not end with a link.
    """

def ends_of_rows(rows: list[tuple[int, bytes]]) -> bytes:
    """Finds the records that links join.

    Args:
        rows: As ``rows_of_links`` gives them.

    Returns:
        The smaller and the larger number of each link, in the order of the rows, as ``packing.packed`` writes them.

    Raises:
        ValueError: When a row does not end with a link.
    """

def merged(held: bytes, others: bytes) -> bytes:
    """Puts links into a row.

    Args:
        held: The links of a record.
        others: Others of it, which take the place of those to the same records.

    Returns:
        All of them.

    Raises:
        ValueError: When a row does not end with a link.
    """

def without(held: bytes, a: int) -> bytes:
    """Takes a link out of a row.

    Args:
        held: The links of a record.
        a: The other record.

    Returns:
        The others.

    Raises:
        ValueError: When the row does not end with a link.
    """
