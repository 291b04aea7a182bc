"""Which message ids have come within a day: on disk, shared by processes, at about a microsecond an id.

An id is kept as 8 bytes of its hash, in a bucket that the next 8 bytes choose. A bucket has 64 places; when it is full,
ids of it go to the same bucket of the next file, which is twice as large. Files belong to a quarter of a day and are
removed as a whole, a day after it ended. They are mapped into memory, so what was noted survives the process without a
call to the system; pages that are not in use are the system's to give away. Two processes that note at the same
moment may lose one of the notes, and a loss of power may lose many: whoever takes the events tells duplicates by their
ids too.

A table in SQLite or LMDB takes 21 to 31 microseconds an id, because ids are random: each one dirties a page of its own.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable
from contextlib import suppress
from hashlib import blake2b
from time import time
from typing import Final

from cxm_sdk._native import marks

__all__ = ["SPAN", "WINDOW", "Seen", "digest"]

WINDOW: Final = 24 * 3600
"""Seconds for which an id is remembered at least."""

SPAN: Final = 6 * 3600
"""Seconds whose ids share files."""

FIRST_BYTES: Final = 2 << 20
"""Size of the first file of a span; ids are an eighth of it at most."""

MOST_FILES: Final = 11
"""Most files of a span: 4 GiB, some 300 million ids. Ids beyond that are not noted."""


def digest(*parts: str) -> bytes:
    """Gives what stands for an id.

    Args:
        *parts: What it is an id within, and the id.

    Returns:
        16 bytes.

    Example:
        >>> digest("shop", "m-1") == digest("shop", "m-2")
        False
    """
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=16).digest()


class Seen:
    """Ids that have come.

    Args:
        folder: Where the files are; made when it is missing. None keeps them in memory, for this process alone.

    Attributes:
        beyond: Ids that were not noted, because there were too many.

    Example:
        >>> seen = Seen(None)
        >>> one = digest("shop", "m-1")
        >>> seen.known([one]), seen.note([one]), seen.known([one])
        ([False], None, [True])
    """

    def __init__(self, folder: str | None) -> None:
        self._folder = folder
        self._spans: dict[int, list[mmap.mmap]] = {}
        self._current = -1
        self.beyond = 0

    def known(self, keys: Iterable[bytes]) -> list[bool]:
        """Tells which ids have come.

        Args:
            keys: Their digests.

        Returns:
            For each whether it has, within the window or a little longer.

        Raises:
            OSError: The files cannot be opened.
        """
        self._turn()
        digests = list(keys)
        found = [False] * len(digests)
        for span, tables in self._spans.items():
            while marks.known(tables, digests, found):
                count = len(tables)
                self._follow(span)  # another process may have gone on
                if len(tables) == count:
                    break
        return found

    def note(self, keys: Iterable[bytes]) -> None:
        """Remembers ids.

        Args:
            keys: Their digests.

        Raises:
            OSError: There is no room on the disk; some of them may be remembered.
        """
        self._turn()
        digests = list(keys)
        at = 0
        while (at := marks.note(self._spans[self._current], digests, at)) < len(digests):
            if not self._grow():
                self.beyond += 1
                at += 1

    def close(self) -> None:
        """Closes the files."""
        for tables in self._spans.values():
            for table in tables:
                table.close()
        self._spans.clear()
        self._current = -1

    def _turn(self) -> None:
        """Begins a span when its time has come, and removes those that are over."""
        now = int(time())
        span = now // SPAN
        if span == self._current:
            return
        oldest = (now - WINDOW) // SPAN
        if self._folder is not None:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            for known in self._on_disk():
                if known < oldest:
                    self._remove(known)
                elif known not in self._spans:
                    self._spans[known] = []
                    self._follow(known)
        for known in [known for known in self._spans if known < oldest]:
            for table in self._spans.pop(known):
                table.close()
        if not self._spans.get(span):
            self._spans[span] = [self._open(span, 0, make=True)]
        self._current = span

    def _on_disk(self) -> set[int]:
        names = (name.split("-") for name in os.listdir(self._folder) if name.endswith(".ids"))
        return {int(parts[0]) for parts in names if parts[0].isdigit()}

    def _remove(self, span: int) -> None:
        for number in range(MOST_FILES):
            with suppress(OSError):
                os.unlink(self._path(span, number))

    def _path(self, span: int, number: int) -> str:
        return os.path.join(self._folder or "", f"{span}-{number:02d}.ids")

    def _follow(self, span: int) -> None:
        """Opens the files of a span that another process, or an earlier one, has made."""
        tables = self._spans[span]
        while self._folder is not None and len(tables) < MOST_FILES:
            try:
                tables.append(self._open(span, len(tables), make=False))
            except FileNotFoundError:
                return

    def _grow(self) -> bool:
        """Makes the next file of the span, or opens what another process has made; False where there are enough."""
        tables = self._spans[self._current]
        if len(tables) >= MOST_FILES:
            return False
        tables.append(self._open(self._current, len(tables), make=True))
        return True

    def _open(self, span: int, number: int, *, make: bool) -> mmap.mmap:
        size = FIRST_BYTES << number
        if self._folder is None:
            return mmap.mmap(-1, size)
        path = self._path(span, number)
        if make and not os.path.exists(path):
            self._make(path, size)
        file = os.open(path, os.O_RDWR)
        try:
            return mmap.mmap(file, size)
        finally:
            os.close(file)

    @staticmethod
    def _make(path: str, size: int) -> None:
        """Makes a file whose room is taken, for a mapped one that finds the disk full ends the process."""
        draft = f"{path}.{os.getpid()}"
        file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file, 0, size)
            else:
                for _ in range(size >> 20):
                    os.write(file, bytes(1 << 20))
            with suppress(FileExistsError):
                os.link(draft, path)  # and not renamed: another process may have been quicker
        finally:
            os.close(file)
            os.unlink(draft)
