"""House numbers and phone numbers in spans of text, which are as ``text`` takes them; words are those of ``words``."""

import numpy as np
from numpy.typing import NDArray

_Bytes = NDArray[np.uint8]
_Positions = NDArray[np.int32]

def house_numbers(
    data: _Bytes, starts: _Positions, stops: _Positions, word_data: _Bytes, word_offsets: _Positions
) -> tuple[_Positions, _Positions]:
    """Finds the house number of address lines in lower case.

    A number starts with a digit and holds digits, hyphens, slashes and at most one letter, or ends in ``bis``
    or ``ter``; the ordinals ``1st`` to ``47th`` are none. It is the first word (with ``bis`` or ``ter``
    behind it), else the last word of several (with a single letter behind it: ``12 a``), unless the word
    before that is listed.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.
        word_data: Text of the words whose number is a name: ``highway 12``, ``box 7``.
        word_offsets: Offsets of that list.

    Returns:
        Starts and stops of the numbers in ``data``, ``int32[n]`` each; -1 where there is none.
    """

def phone_numbers(
    data: _Bytes, starts: _Positions, stops: _Positions, least: _Bytes, most: _Bytes
) -> NDArray[np.uint64]:
    """Reads phone numbers down to their significant national digits.

    Read are the digits up to an extension (from a letter or ``#`` behind six digits), of two numbers the
    first. Of those the exit code (``+``, ``00``, ``011``), the country code and trunk zeros are taken off.
    Without an exit code in front, numbers of eleven digits and more lose a country code too. A country code
    is one when what is left has as many digits as ``least`` and ``most`` say.

    Args:
        data: Text of all rows; characters outside ASCII count as letters.
        starts: Where each row starts.
        stops: Where each row stops.
        least: ``uint8[1000]``: for each country code the fewest digits of a national number, 255 for no code.
        most: ``uint8[1000]``: the most.

    Returns:
        ``uint64[n]``; 0 for fewer than six or more than fifteen digits, for texts in scientific notation, for
        digits that all repeat or count up or down, and for numbers that end in seven zeros.
    """

def decimals(numbers: NDArray[np.uint64]) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Writes numbers with decimal digits.

    Args:
        numbers: The numbers; 0 stands for none.

    Returns:
        Text, and ``int32[n + 1]``: where the digits of each number start in it, and where the last end; none for 0.

    Raises:
        MemoryError: When they take more than 2 GiB.

    Example:
        >>> text, offsets = decimals(np.array([12, 0, 345], np.uint64))
        >>> text.tobytes(), offsets.tolist()
        (b'12345', [0, 2, 2, 5])
    """
