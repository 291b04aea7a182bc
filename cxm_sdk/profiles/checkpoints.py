"""Moves the journal of a store into its file while the store is being written to, in a thread of its own."""

from __future__ import annotations

import sqlite3
from threading import Event, Thread

__all__ = ["Checkpoints"]


class Checkpoints:
    """A thread that moves what was committed from the journal into the file whenever it is told that there is much.

    It takes a writer's turn from nobody: what it does not come to is left to SQLite, which does it after a commit when
    the journal has grown too long.

    Args:
        address: The file, as a URI.

    Example:
        >>> checkpoints = Checkpoints("file::memory:")
        >>> checkpoints.wake()
        >>> checkpoints.close()
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._wanted, self._closed = Event(), False
        self._thread: Thread | None = None

    def wake(self) -> None:
        """Says that there is something to move."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="cxm-checkpoints", daemon=True)
            self._thread.start()
        self._wanted.set()

    def close(self) -> None:
        """Ends the thread, and waits until it has."""
        if self._thread is not None:
            self._closed = True
            self._wanted.set()
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        try:
            connection = sqlite3.connect(self._address, uri=True, isolation_level=None)
        except sqlite3.Error:  # without it, all is left to the writer
            return
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            while self._wanted.wait():
                self._wanted.clear()
                if self._closed:
                    return
                try:
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                except sqlite3.Error:  # full or failing disks stop the writer, which says so
                    continue
        finally:
            connection.close()
