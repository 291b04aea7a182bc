"""Rows of two signed numbers as bytes: sixteen for each row, the lowest byte of a number first."""

from collections.abc import Sequence

def packed(rows: Sequence[Sequence[object]]) -> bytes:
    """Writes rows as bytes.

    Args:
        rows: A list of rows that begin with two numbers; what else a row has is left out.

    Returns:
        Sixteen bytes for each row.

    Raises:
        OverflowError: When a number has more than 64 bits.

    Example:
        >>> packed([(1, 2)]).hex()
        '01000000000000000200000000000000'
    """

def unpacked(rows: bytes) -> list[tuple[int, int]]:
    """Reads rows that are bytes.

    Args:
        rows: As ``packed`` writes them.

    Returns:
        The rows.

    Example:
        >>> unpacked(packed([(1, -2)]))
        [(1, -2)]
    """

def by_key(rows: bytes) -> dict[int, list[int]]:
    """Second numbers by first ones.

    Args:
        rows: As ``packed`` writes them, ascending.

    Returns:
        For each first number the second ones of its rows.

    Example:
        >>> by_key(packed([(7, 1), (7, 2), (9, 1)]))
        {7: [1, 2], 9: [1]}
    """

def complements(rows: bytes) -> bytes:
    """Rows with the complements of their second numbers, which say in a log that a row is taken out.

    Args:
        rows: As ``packed`` writes them.

    Returns:
        Likewise.

    Example:
        >>> unpacked(complements(packed([(7, 1)])))
        [(7, -2)]
    """

def numbers(rows: bytes) -> list[int]:
    """All numbers of rows, first and second ones.

    Args:
        rows: As ``packed`` writes them.

    Returns:
        Each once, ascending.

    Example:
        >>> numbers(packed([(7, 2), (2, 1)]))
        [1, 2, 7]
    """
