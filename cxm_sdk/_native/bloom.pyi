"""Blocked Bloom filters of what is filed in a table: most of what is not there need not be looked for."""

from typing import final

@final
class Bloom:
    """Which numbers of 64 bits may be filed in a table.

    The first 12 bits of a number choose its part, in which neighbours lie together; there it sets six bits of one block
    of 64 bytes. Numbers from 0 to 2**40 may always be filed. See Putze, Sanders and Singler, "Cache-, hash- and
    space-efficient Bloom filters" (2007).

    Example:
        >>> bloom = Bloom()
        >>> full = bloom.add([-7])
        >>> bloom.make(full[0], [-7])
        >>> bloom.may_hold([-7, -8, 9])
        [-7, 9]
    """

    def __init__(self) -> None: ...
    def clear(self) -> None:
        """Forgets everything."""

    def may_hold(self, keys: list[int]) -> list[int]:
        """Those of some numbers that may be filed: all that are, and about one in a hundred of the others."""

    def parts_of(self, keys: list[int]) -> list[int]:
        """Parts in which some numbers belong, ascending."""

    def bounds(self, part: int) -> tuple[int, int]:
        """The least and the largest number that belong in a part."""

    def add(self, keys: list[int]) -> list[int]:
        """Takes numbers in.

        Args:
            keys: The numbers.

        Returns:
            Parts for which there is no room, ascending: they have to be made anew, of all that is filed in them.
        """

    def make(self, part: int, keys: list[int]) -> None:
        """Makes a part anew, with room for half as many more.

        Args:
            part: The part.
            keys: All that is filed in it, each once.

        Raises:
            IndexError: When there is no such part.
        """

    def part(self, part: int) -> bytes:
        """A part as bytes, equal on all machines; none where nothing is in it.

        Raises:
            IndexError: When there is no such part.
        """

    def take(self, part: int, bits: bytes) -> None:
        """Takes a part in place of what is here.

        Args:
            part: The part.
            bits: As ``part`` gave it.

        Raises:
            IndexError: When there is no such part.
            ValueError: When it is not made of whole blocks.
        """
