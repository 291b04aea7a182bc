"""Canonical forms of plain e-mail addresses and phone numbers, one at a time."""

from collections.abc import Iterable, Mapping
from typing import Final, final

DOUBT: Final[str]
"""What is given for text that is not plain: empty text, which no canonical form is."""

@final
class Addresses:
    """Gives plain e-mail addresses in canonical form: letters, digits and ``._+-`` around one ``@``.

    Args:
        nobody: Users that stand for nobody.
        nowhere: Domains that stand for none.

    Example:
        >>> addresses = Addresses(["noreply"], ["none.com"])
        >>> addresses.plain("Ada.L+shop@GoogleMail.com"), addresses.plain("noreply@example.com")
        ('adal@gmail.com', None)
        >>> addresses.plain("<ada@example.com>") == DOUBT
        True
    """

    def __init__(self, nobody: Iterable[str], nowhere: Iterable[str]) -> None: ...
    def plain(self, text: str) -> str | None:
        """Brings an address to its canonical form.

        Args:
            text: The address.

        Returns:
            The canonical form; None where it stands for nobody; ``DOUBT`` where it is no plain address.
        """

@final
class Numbers:
    """Gives plain phone numbers in canonical form: digits, blanks, ``().-``, and a plus sign in front.

    Args:
        codes: By country code, the fewest and the most digits behind it.

    Raises:
        ValueError: A code has more than three digits.

    Example:
        >>> numbers = Numbers({44: (9, 10)})
        >>> numbers.plain("+44 (0)7700 900123"), numbers.plain("0000000")
        ('7700900123', None)
        >>> numbers.plain("7700900123 x7") == DOUBT
        True
    """

    def __init__(self, codes: Mapping[int, tuple[int, int]]) -> None: ...
    def plain(self, text: str) -> str | None:
        """Brings a number to its canonical form.

        Args:
            text: The number.

        Returns:
            The significant national digits; None where they are none; ``DOUBT`` where it is no plain number.
        """
