"""Parts of full names as they were written, before they were folded."""

import numpy as np
from numpy.typing import NDArray

_Bytes = NDArray[np.uint8]
_Positions = NDArray[np.int32]

def find_written(
    data: _Bytes,
    starts: _Positions,
    stops: _Positions,
    wide: NDArray[np.uint64],
    part_data: _Bytes,
    part_starts: _Positions,
    part_stops: _Positions,
    last: bool = False,
) -> tuple[_Positions, _Positions]:
    """Finds in each text the whole words that fold to a part of it.

    A full stop behind an initial belongs to it. Words with brackets, commas or quotation marks between them are not
    found, as what stands between them would be cut.

    Args:
        data: Text of all rows.
        starts: Where each row starts.
        stops: Where each row stops.
        wide: ``uint64[65536]``, as ``text.translate`` takes it: what other characters than ASCII fold to;
            empty where there are none.
        part_data: Text of all parts, folded: lower-case letters and digits, words parted by one space.
        part_starts: Where the part of each row starts in it.
        part_stops: Where it stops; an empty part is not found.
        last: Whether the last place counts where the words stand twice.

    Returns:
        ``int32[n]`` each: where they start and stop in ``data``; equal where they are not found.

    Raises:
        ValueError: When spans lie outside their data, or there are not as many parts as texts.
    """
