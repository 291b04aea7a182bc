"""What an engine makes of inputs: a table of text for each source, and the rows that could not be read."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

__all__ = ["Rejected", "SourceTable", "scheme_of"]

#: An address, also where a path has made one slash of two; a single letter is a drive.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+")


@dataclass(frozen=True)
class SourceTable:
    """One source as it was read, before its columns have roles.

    Attributes:
        name: Name of the source.
        table: Columns of ``string`` or ``list<string>`` only, each with its own name; strings that repeat may come by
            dictionary. Null means that the input holds nothing.
        line: ``int64[rows]``, the 1-based number of each input row; the record id of a source that has
            no id column. None when the numbers are simply 1 to rows.
    """

    name: str
    table: pa.Table
    line: npt.NDArray[np.int64] | None


@dataclass(frozen=True)
class Rejected:
    """One input row that could not become a record.

    Attributes:
        source: Name of the source.
        row: 1-based number of the input row; None when it is not known.
        reason: Stable code, such as ``malformed_row`` or ``duplicate_record_id``.
        detail: What was expected and what came, in words, without any value of the row.
        raw: The input text of the row; None when there is none.
    """

    source: str
    row: int | None
    reason: str
    detail: str
    raw: str | None


def scheme_of(path: str | os.PathLike[str]) -> str:
    """Tells an address such as ``postgresql://…`` from the path of a file, for an error that says so.

    Args:
        path: What was given for a file.

    Returns:
        The scheme of the address, in lower case; empty where it is none.

    Example:
        >>> scheme_of("postgresql://host/customers"), scheme_of("C:/customers.db"), scheme_of("customers.db")
        ('postgresql', '', '')
    """
    found = _ADDRESS.match(os.fspath(path))
    return found[1].lower() if found else ""
