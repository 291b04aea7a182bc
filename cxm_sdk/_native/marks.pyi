"""Marks of ids in tables that are mapped into memory.

A table is buckets of 64 places of 8 bytes. The second half of a digest chooses the bucket, the first is the mark; where
a bucket is full, marks go to the next table.
"""

from collections.abc import Sequence
from mmap import mmap

def known(tables: list[mmap], keys: list[bytes], found: list[bool]) -> bool:
    """Tells which ids are noted.

    Args:
        tables: Tables of one span of time, in order; each is held while this looks.
        keys: Digests of 16 bytes.
        found: For each whether it is known; set to True for those that are noted here.

    Returns:
        Whether one may be noted in a table that follows these.
    """

def note(tables: list[mmap], keys: Sequence[bytes], start: int) -> int:
    """Notes ids.

    Args:
        tables: Likewise; they can be written.
        keys: Digests of 16 bytes.
        start: Place of the first of them that is to be noted.

    Returns:
        Place of the first for which there is no room; the count of digests when all are noted.
    """
