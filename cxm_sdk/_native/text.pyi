"""String primitives on spans of one UTF-8 buffer.

A column of ``n`` strings is three arrays: ``data`` (``uint8``, UTF-8), ``starts`` and ``stops``
(``int32[n]``, byte positions in ``data``, ``0 <= start <= stop <= len(data)``). An Arrow string array is
``data`` with ``starts = offsets[:-1]`` and ``stops = offsets[1:]``. There are no nulls here: a null is an
empty span.

All arrays are one-dimensional, C-contiguous and read only. Every function releases the GIL while it loops and
is a pure function of its arguments. All raise ``ValueError`` for spans or offsets outside their data, and
``MemoryError`` when written text would exceed what ``int32`` offsets hold.
"""

import numpy as np
from numpy.typing import NDArray

_Bytes = NDArray[np.uint8]
_Positions = NDArray[np.int32]

def translate(
    data: _Bytes, starts: _Positions, stops: _Positions, narrow: _Bytes, wide: NDArray[np.uint64]
) -> tuple[_Bytes, _Positions]:
    """Rewrites every character by table and puts exactly one space between what separators part.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.
        narrow: ``uint8[128]``: for each ASCII byte the byte to write; 0 drops it, 32 separates. Separators
            collapse into one space and never stand first or last.
        wide: ``uint64[65536]``: for each code point of two or three bytes what to write: the lowest byte is a
            length of 0 to 7, the next bytes the text, whose ASCII bytes go through ``narrow``. Beyond the
            table, emoji and tags are spaces and other characters stay. An empty array drops everything that
            is not ASCII.

    Returns:
        New text and ``int32[n + 1]`` offsets of the rows in it.
    """

def gather(data: _Bytes, starts: _Positions, stops: _Positions) -> tuple[_Bytes, _Positions]:
    """Copies spans one behind the other.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.

    Returns:
        New text and ``int32[n + 1]`` offsets of the rows in it.
    """

def join(
    data: _Bytes,
    starts: _Positions,
    stops: _Positions,
    other_data: _Bytes,
    other_starts: _Positions,
    other_stops: _Positions,
    separator: int,
) -> tuple[_Bytes, _Positions]:
    """Joins two columns row by row, with a separator where both have something.

    Args:
        data: Text of the left column.
        starts: Where each row starts in it.
        stops: Where each row stops in it.
        other_data: Text of the right column.
        other_starts: Where each row starts in it.
        other_stops: Where each row stops in it.
        separator: The byte to put between two texts.

    Returns:
        New text and ``int32[n + 1]`` offsets of the rows in it.
    """

def trim(data: _Bytes, starts: _Positions, stops: _Positions) -> tuple[_Positions, _Positions]:
    """Moves both ends of every span inwards past ASCII white space and control bytes.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.

    Returns:
        New starts and stops, ``int32[n]`` each.
    """

def find_byte(
    data: _Bytes, starts: _Positions, stops: _Positions, byte: int, last: bool = False
) -> _Positions:
    """Finds a byte in every row.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.
        byte: The byte, 0 to 255.
        last: Whether to look from the end.

    Returns:
        ``int32[n]``: its position in ``data``, -1 where the row has none.
    """

def kinds(data: _Bytes, starts: _Positions, stops: _Positions, table: _Bytes) -> _Bytes:
    """Tells of what kinds the bytes of every row are.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.
        table: ``uint8[256]``: for each byte its kinds, one bit each.

    Returns:
        ``uint8[n]``: the kinds of all bytes of a row together, 0 for empty rows.

    Raises:
        ValueError: If the table has another size.

    Example:
        >>> table = np.zeros(256, np.uint8)
        >>> table[ord("a")], table[ord("b")] = 1, 2
        >>> ends = np.array([0, 2, 3, 3], np.int32)
        >>> kinds(np.frombuffer(b"abc", np.uint8), ends[:-1], ends[1:], table).tolist()
        [3, 0, 0]
    """

def phonetic(data: _Bytes, starts: _Positions, stops: _Positions) -> NDArray[np.uint64]:
    """Codes how folded names sound, in the Soundex family.

    The code packs up to eight classes of four bits: bp 1, fv and ph 2, cgjkqx 3, dt 4, l 5, mn 6, r 7, sz and
    soft c 8; vowels, h, w and y are silent but at the start, where all are 9. Unlike Soundex the first letter
    is a class too (Catherine is Katherine), k, g and w are silent in initial kn, gn and wr, as are c in sch,
    g in gh, t in tz and d in dg. Neighbours of one class count once, also across h and w. Spaces and digits
    are skipped. A name with a non-ASCII letter is coded by its hash, with the highest bit set: equal or not.

    Args:
        data: Text of all rows, in lower case.
        starts: Where each row starts.
        stops: Where each row stops.

    Returns:
        ``uint64[n]``, 0 where the row holds no letter.
    """

def hash64(
    data: _Bytes, starts: _Positions, stops: _Positions, seed: int = 0, part: int = 0
) -> NDArray[np.uint64]:
    """Hashes every row to 64 bits, equal on all little-endian machines.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.
        seed: Gives unrelated hashes for unrelated uses.
        part: 0 hashes the whole, k > 0 the first k characters, k < 0 the last ``-k``; shorter rows as they
            are.

    Returns:
        ``uint64[n]``, never 0 but for empty rows.
    """

def hash128(data: _Bytes) -> bytes:
    """Hashes a whole buffer to 128 bits, to tell whether two are the same; equal on all little-endian machines.

    Four lanes of MurmurHash64A take every fourth word each, the last ones filled up with zeros; what they come to is
    hashed with two seeds.

    Args:
        data: Any bytes.

    Returns:
        16 bytes.

    Example:
        >>> hash128(np.zeros(3, np.uint8)) == hash128(np.zeros(4, np.uint8))
        False
    """

def sort_order(data: _Bytes, starts: _Positions, stops: _Positions) -> _Positions:
    """Sorts rows bytewise, equal rows by position.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.

    Returns:
        ``int32[n]``: row numbers in order.
    """
