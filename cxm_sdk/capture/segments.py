"""One file of a spool: events are appended, noted as delivered, and go with the file once all are."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate
from typing import Final

from cxm_sdk._native.waiting import Appending, frame
from cxm_sdk.capture.frames import MAGIC, OVERHEAD, acknowledged, acknowledgement, blank, read
from cxm_sdk.capture.houses import House
from cxm_sdk.capture.locks import BARE, RENAMES_OPEN

__all__ = ["SEGMENT_BYTES", "Segment", "synced"]

SEGMENT_BYTES: Final = 1 << 20
"""Size from which on the next event goes to a new segment."""

synced: Final = getattr(os, "fdatasync", os.fsync)
"""Makes what was written to a file survive the loss of power."""


class Segment(Appending):
    """A segment of a house that this process owns.

    Attributes:
        number: Its place among the segments of its house.
        size: Bytes of it that are whole frames.
        open: Events in it that are not settled.
        unread: Events in it, from ``read_from`` on, that are on disk alone.
        unread_bytes: Bytes of these.
        read_from: Offset of the first of them.
    """

    __slots__ = ("_acks", "_path", "house", "number")

    def __init__(self, house: House, number: int) -> None:
        self.house = house
        self.number = number
        self.size = self.open = self.unread = self.unread_bytes = self.read_from = 0
        self._path = os.path.join(house.path, f"{number:08d}")
        self._file = self._acks = -1

    @classmethod
    def begin(cls, house: House, number: int, *, durable: bool) -> Segment:
        """Makes an empty one.

        Args:
            house: Where.
            number: Its place.
            durable: Whether the file itself must survive the loss of power.

        Returns:
            The segment, open for appending.

        Raises:
            OSError: It cannot be made.
        """
        segment = cls(house, number)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | BARE
        segment._file = os.open(f"{segment._path}.seg", flags, 0o600)
        house.segments += 1
        segment.size = os.write(segment._file, MAGIC)
        if durable and RENAMES_OPEN:  # elsewhere a folder cannot be opened, and needs not be
            folder = os.open(house.path, os.O_RDONLY | BARE)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return segment

    def extend(self, events: Sequence[bytes]) -> list[int]:
        """Appends events in one write; they survive the process from now on.

        Args:
            events: Their JSON texts.

        Returns:
            The offset of each.

        Raises:
            OSError: There is no room, or the disk is broken; nothing of them is left, or it is past ``size``.
        """
        framed = [frame(event) for event in events]
        offsets = list(accumulate(map(len, framed), initial=self.size))
        written = os.write(self._file, b"".join(framed))
        if written != offsets[-1] - self.size:
            with suppress(OSError):
                os.ftruncate(self._file, self.size)
            raise OSError(f"{written} of {offsets[-1] - self.size} bytes could be written")
        self.size = offsets.pop()
        self.open += len(events)
        return offsets

    def seal(self) -> None:
        """Appends no more."""
        if self._file >= 0:
            with suppress(OSError):
                os.close(self._file)
            self._file = -1

    def duplicate(self) -> int:
        """Opens the file once more, for a sync that may last longer than it is appended to.

        Returns:
            The descriptor; -1 when the segment is sealed.
        """
        return os.dup(self._file) if self._file >= 0 else -1

    def sync(self) -> None:
        """Makes what was appended survive the loss of power.

        Raises:
            OSError: The disk is broken.
        """
        if self._file >= 0:
            synced(self._file)

    def recover(self) -> tuple[int, bool]:
        """Looks at a segment of a house taken over; everything in it that was not noted is unread from now on.

        Returns:
            Damaged stretches, and whether the end was torn.

        Raises:
            OSError: It cannot be read.
        """
        with open(f"{self._path}.seg", "rb") as file:
            found = read(file.read(), 0)
        left = self._unsettled(found.frames)
        self.open = self.unread = len(left)
        self.unread_bytes = sum(len(event) for _, event in left)
        self.house.segments += 1
        return found.damaged, found.torn

    def peek(self) -> list[tuple[int, bytes]]:
        """Reads the unread events.

        Returns:
            Offset and text of each that is whole; fewer than ``unread`` when some are damaged.

        Raises:
            OSError: It cannot be read.
        """
        with open(f"{self._path}.seg", "rb") as file:
            # what lies past the size was cut off while it was written, and is in memory instead
            data = file.read(self.size) if self.size else file.read()
        return self._unsettled(read(data, self.read_from).frames)

    def _unsettled(self, frames: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
        try:
            with open(f"{self._path}.ack", "rb") as file:
                noted = acknowledged(file.read())
        except FileNotFoundError:
            return frames
        noted.sort()
        starts = [start for start, _ in noted]
        reach = list(accumulate((end for _, end in noted), max))  # of all stretches up to that one
        left = []
        for offset, event in frames:
            before = bisect_right(starts, offset)
            if not before or reach[before - 1] <= offset:
                left.append((offset, event))
        return left

    def acknowledge(self, entries: Sequence[tuple[int, int]]) -> None:
        """Notes events as settled; when none is left open, the file goes instead.

        Args:
            entries: Offset and length of the text of each.

        Raises:
            OSError: It cannot be noted: these events would be sent again, under the same ids, after a crash.
        """
        self.open -= len(entries)
        if self.open == 0:
            self.remove()
            return
        if self._acks < 0:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | BARE
            self._acks = os.open(f"{self._path}.ack", flags, 0o600)
        notes = []
        start = end = -1
        for offset, length in sorted(entries):
            if offset != end:
                if start >= 0:
                    notes.append(acknowledgement(start, end))
                start = offset
            end = offset + OVERHEAD + length
        notes.append(acknowledgement(start, end))
        os.write(self._acks, b"".join(notes))

    def erase(self, entries: Sequence[tuple[int, int]]) -> None:
        """Overwrites events, so that nothing of them is left on disk.

        Args:
            entries: Offset and length of the text of each.

        Raises:
            OSError: It cannot be written.
        """
        file = os.open(f"{self._path}.seg", os.O_WRONLY | BARE)
        try:
            for offset, length in entries:
                os.lseek(file, offset, os.SEEK_SET)
                os.write(file, blank(length))
        finally:
            os.close(file)

    def remove(self) -> None:
        """Removes the file: first the events, then the notes, so that a crash in between resends and never loses.

        Raises:
            OSError: It cannot be removed.
        """
        self.release()
        self.house.segments -= 1
        os.unlink(f"{self._path}.seg")
        with suppress(FileNotFoundError):
            os.unlink(f"{self._path}.ack")

    def release(self) -> None:
        """Closes the file, and leaves it as it is."""
        self.seal()
        if self._acks >= 0:
            with suppress(OSError):
                os.close(self._acks)
            self._acks = -1
