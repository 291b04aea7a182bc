"""Words of a list in spans of text, which are as ``text`` takes them.

"Words" are runs of bytes between single spaces (0x20), as ``translate`` writes them. A word list is ``word_data``
(``uint8``) and ``word_offsets`` (``int32[k + 1]``); of equal words the first counts.
"""

import numpy as np
from numpy.typing import NDArray

_Bytes = NDArray[np.uint8]
_Positions = NDArray[np.int32]

def find_word(
    data: _Bytes, starts: _Positions, stops: _Positions, word_data: _Bytes, word_offsets: _Positions
) -> _Positions:
    """Finds the first word of every row that is in a list.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.
        word_data: Text of the word list.
        word_offsets: Offsets of the word list.

    Returns:
        ``int32[n]``: where that word starts in ``data``, -1 where the row has none.
    """

def lookup(
    data: _Bytes, starts: _Positions, stops: _Positions, word_data: _Bytes, word_offsets: _Positions
) -> _Positions:
    """Looks every row up, as a whole, in a list.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.
        word_data: Text of the list; entries may hold spaces.
        word_offsets: Offsets of the list.

    Returns:
        ``int32[n]``: index of the entry equal to the row, -1 for none and for empty rows.
    """

def word_run(
    data: _Bytes,
    starts: _Positions,
    stops: _Positions,
    word_data: _Bytes,
    word_offsets: _Positions,
    at_end: bool,
    keep_one: bool,
) -> _Positions:
    """Measures the run of listed words that every row starts or ends with.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.
        word_data: Text of the word list.
        word_offsets: Offsets of the word list.
        at_end: Whether to look at the end of rows instead of the start.
        keep_one: Whether at least one word must stay outside the run.

    Returns:
        ``int32[n]``: position in ``data`` where the rest starts (at the start), or where it stops (at the
        end, without the space before the run).
    """

def map_words(
    data: _Bytes,
    starts: _Positions,
    stops: _Positions,
    word_data: _Bytes,
    word_offsets: _Positions,
    new_data: _Bytes,
    new_offsets: _Positions,
    endings: int = 0,
) -> tuple[_Bytes, _Positions]:
    """Replaces every listed word by its partner; an empty partner drops the word and its space.

    The last ``endings`` entries of the list are no words but endings: of a longer word that is not listed, an
    ending with at least two bytes before it is replaced.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.
        word_data: Text of the word list.
        word_offsets: Offsets of the word list.
        new_data: Text of the replacements.
        new_offsets: Offsets of the replacements, as many as there are words.
        endings: How many entries at the end of the list are endings.

    Returns:
        New text and ``int32[n + 1]`` offsets of the rows in it.
    """

def plain_addresses(
    data: _Bytes,
    starts: _Positions,
    stops: _Positions,
    nobody_data: _Bytes,
    nobody_offsets: _Positions,
    nowhere_data: _Bytes,
    nowhere_offsets: _Positions,
) -> tuple[_Bytes, _Positions, _Bytes]:
    """Brings plain e-mail addresses to canonical form: letters, digits and ``._+-`` around one ``@``.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.
        nobody_data: Text of the list of users that stand for nobody.
        nobody_offsets: Offsets of that list.
        nowhere_data: Text of the list of domains that stand for none.
        nowhere_offsets: Offsets of that list.

    Returns:
        Text; ``int32[n + 1]`` offsets of the rows in it, which are empty where an address stands for nobody; and
        ``uint8[n]``, 0 where a row is no plain address, which is empty as well.

    Example:
        >>> def rows(*texts: str) -> tuple[_Bytes, _Positions]:
        ...     ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
        ...     return np.frombuffer("".join(texts).encode(), np.uint8), ends
        >>> data, offsets = rows("Ada@X.org", "<bob@x.org>")
        >>> text, ends, plain = plain_addresses(data, offsets[:-1], offsets[1:], *rows("noreply"), *rows("none.com"))
        >>> text.tobytes(), ends.tolist(), plain.tolist()
        (b'ada@x.org', [0, 9, 9], [1, 0])
    """
