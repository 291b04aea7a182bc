"""Locks on files that end with the process that holds them, and how files are opened for it, by platform."""

from __future__ import annotations

import os
from typing import Any, Final

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["BARE", "RENAMES_OPEN", "lock"]

BARE: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
"""Flags of every file of a spool: not left to other programs, and written as it is."""

RENAMES_OPEN: Final = fcntl is not None
"""Whether folders and files can be renamed and removed while a file is open."""


def lock(file: int) -> None:
    """Locks a file until its descriptor is closed, or its process ends.

    Args:
        file: Descriptor of a file open for writing.

    Raises:
        OSError: Somebody else holds the lock.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryFile() as file:
        ...     lock(file.fileno())
    """
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    import msvcrt

    windows: Any = msvcrt
    os.lseek(file, 0, os.SEEK_SET)
    windows.locking(file, windows.LK_NBLCK, 1)  # a byte behind the end can be locked too
