"""Appends events to a file of JSON lines."""

from __future__ import annotations

import os
from pathlib import Path

from cxm_sdk.capture.batch import Batch
from cxm_sdk.capture.locks import BARE

try:
    import fcntl
except ImportError:  # Windows: one process to a file
    fcntl = None  # type: ignore[assignment]

__all__ = ["FileSink"]


class FileSink:
    """Appends events to a file, one JSON object a line; the file is the owner's alone to read.

    A full file is renamed to ``name.1``, ``name.1`` to ``name.2``, and so on; the oldest goes. Several processes may
    write to one file.

    Args:
        path: The file. Its folder must be there.
        max_bytes: Size at which a new file is begun; None never does.
        backups: How many full files are kept.

    Example:
        >>> from cxm_sdk.capture import Client
        >>> with Client(FileSink("events.jsonl"), durability="memory") as client:
        ...     client.identify("u-1", {"plan": "pro"})
        >>> Path("events.jsonl").read_text().count("identify")
        1
    """

    def __init__(
        self, path: str | os.PathLike[str], *, max_bytes: int | None = None, backups: int = 9
    ) -> None:
        self.path = Path(path).absolute()
        self.identity = f"file:{self.path}"
        self._max_bytes = max_bytes
        self._backups = backups

    def send(self, batch: Batch) -> None:
        """Appends a batch; it is on disk when this returns.

        Args:
            batch: Events in order.

        Raises:
            OSError: The file cannot be written.
        """
        lines = b"\n".join([*batch.events, b""])
        file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | BARE, 0o600)
        try:
            file = self._locked(file)
            size = os.fstat(file).st_size
            if self._max_bytes is not None and size and size + len(lines) > self._max_bytes:
                self._rotate()
                os.close(file)
                file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | BARE, 0o600)
                size = 0
            try:
                view = memoryview(lines)
                while view:
                    view = view[os.write(file, view) :]
                os.fdatasync(file) if hasattr(os, "fdatasync") else os.fsync(file)
            except OSError:
                os.ftruncate(file, size)  # half a batch would be sent again as a whole
                raise
        finally:
            os.close(file)

    def _locked(self, file: int) -> int:
        """Holds the file against other processes until it is closed, and opens it anew if it was renamed meanwhile."""
        while fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
            held = os.fstat(file)
            try:
                named = self.path.stat()
                if (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino):
                    break
            except FileNotFoundError:
                pass
            os.close(file)
            file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | BARE, 0o600)
        return file

    def _rotate(self) -> None:
        for number in range(self._backups, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            newer = self.path.with_name(f"{self.path.name}.{number - 1}") if number > 1 else self.path
            if newer.exists():
                newer.replace(older)
        if not self._backups:
            self.path.unlink()
