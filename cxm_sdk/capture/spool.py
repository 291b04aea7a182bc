"""Events that wait on disk, so that they outlive the process.

An event is appended to a segment, in one write, before the call that records it returns. Up to ``WINDOW_BYTES`` of the
oldest are kept in memory as well; the rest is read back when its turn comes. What was delivered is noted, and a segment
goes once all of it is. When the process ends, whoever comes next for the same destination takes its house over.

A disk that is full or may not be written is not an error of the host: events are then kept in memory alone, with a
warning, until the disk can be written again. These may overtake events that still have to be read back.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import Any, Final

from cxm_sdk._native.waiting import Waiting
from cxm_sdk.capture.backlog import Entry
from cxm_sdk.capture.houses import House
from cxm_sdk.capture.segments import SEGMENT_BYTES, Segment, synced

__all__ = ["WINDOW_BYTES", "SpoolBacklog"]

WINDOW_BYTES: Final = 1 << 20
"""Most bytes of events that are on disk and are kept in memory as well."""

DISK_PAUSE: Final = 5.0
"""Seconds after a failure before the disk is tried again."""


class SpoolBacklog(Waiting):
    """Events that wait on disk for one sink.

    Args:
        lock: Held by the caller around every call that says so.
        destination: Folder of the destination.
        power: Whether events must survive the loss of power too.

    Attributes:
        power: Whether ``sync`` has anything to do.
        queued: Events that are in memory alone.
        spooled: Events that are on disk.
        size: Bytes of both.
        loose: Bytes of those in memory alone.
        troubles: What the disk refused since somebody looked.
    """

    def __init__(self, lock: Any, destination: str, *, power: bool = False) -> None:
        super().__init__(WINDOW_BYTES, SEGMENT_BYTES)
        self.troubles = []
        self._lock = lock
        self._destination = destination
        self.power = power
        self._house: House | None = None
        self._taken_over: list[House] = []
        self._active: Segment | None = None
        self._number = 0
        self._segments: set[Segment] = set()  # all that are there
        self._own: deque[Segment] = deque()  # that have unread events, oldest first
        self._old: deque[Segment] = deque()  # the same, of houses taken over
        self._window: deque[Entry] = deque()
        self._front: deque[Entry] = deque()  # of houses taken over, so older than the window
        self._retry_at = 0.0
        self._synced = 0
        self._sync_lock = threading.Lock()

    def put(self, event: bytes) -> None:
        """Appends the newest event.

        Args:
            event: Its JSON text.
        """
        try:
            if self.append(event) or (self._next_segment() is not None and self.append(event)):
                return
        except OSError as error:
            self._degrade(error)
        except BaseException:  # an interrupt: whatever is behind the last whole frame must stay the end
            self._seal()
            raise
        self.size += len(event)
        self.queued += 1
        self.loose += len(event)
        self._window.append((event, None, 0))

    def extend(self, events: Sequence[bytes]) -> None:
        """Appends the newest events in one write: all of them, or none.

        Args:
            events: Their JSON texts; at least one.

        Raises:
            OSError: The disk did not take them, or failed a moment ago and is left alone.
        """
        segment = self._active
        try:
            if segment is None or segment.size >= SEGMENT_BYTES:
                segment = self._next_segment()
            if segment is None:
                raise OSError("the disk failed a moment ago")
            offsets = segment.extend(events)
        except OSError as error:
            if self._retry_at <= monotonic():
                self._degrade(error)
            raise
        except BaseException:
            self._seal()
            raise
        for event, offset in zip(events, offsets, strict=True):
            self.appended(event, segment, offset)

    def _next_segment(self) -> Segment | None:
        """Begins a segment, in a house of its own; None while the disk is left alone after a failure."""
        if self._retry_at > monotonic():
            return None
        if self.power and self._active is not None:
            self._active.sync()
        self._seal()
        if self._house is None:
            self._house = House.build(self._destination)
        self._number += 1
        self._active = Segment.begin(self._house, self._number, durable=self.power)
        self._segments.add(self._active)
        return self._active

    def _seal(self) -> None:
        if self._active is not None:
            self._active.seal()
            self._active = None

    def _degrade(self, error: OSError) -> None:
        """Leaves the disk alone for a while."""
        self._seal()
        self._retry_at = monotonic() + DISK_PAUSE
        self.troubles.append(error)

    def take(self, count: int, size: int) -> list[Entry]:
        """Hands out the oldest events that are in memory.

        Args:
            count: Most events.
            size: Most bytes, of more than one event.

        Returns:
            The events; none if none is in memory.
        """
        taken: list[Entry] = []
        waiting = self._front or self._window
        while waiting and len(taken) < count:
            length = len(waiting[0][0])
            size -= length + 1
            if size < 0 and taken:
                break
            entry = waiting.popleft()
            if waiting is self._window and entry[1] is not None:
                self._window_bytes -= length
            taken.append(entry)
        return taken

    def settle(self, entries: Sequence[Entry]) -> None:
        """Forgets events that were taken.

        Args:
            entries: What need not be sent again.
        """
        for segment, chosen in self._by_segment(entries):
            try:
                segment.acknowledge(chosen)
            except OSError as error:
                self.troubles.append(error)
            if segment.open == 0:
                self._gone(segment)

    def _gone(self, segment: Segment) -> None:
        """Forgets a segment that is not there any more, and its house if that is empty and not our own."""
        self._segments.discard(segment)
        house = segment.house
        if segment is self._active:
            self._active = None
        if house is not self._house and not house.segments and house in self._taken_over:
            self._taken_over.remove(house)
            house.tear_down()

    def _by_segment(self, entries: Iterable[Entry]) -> Iterable[tuple[Segment, list[tuple[int, int]]]]:
        """Takes events out of the counts, and sorts those on disk by segment."""
        by_segment: dict[Segment, list[tuple[int, int]]] = {}
        for event, segment, offset in entries:
            length = len(event)
            self.size -= length
            if segment is None:
                self.queued -= 1
                self.loose -= length
            else:
                self.spooled -= 1
                by_segment.setdefault(segment, []).append((offset, length))
        return by_segment.items()

    def erase(self, entries: Sequence[Entry]) -> None:
        """Forgets events that were taken, and overwrites them on disk.

        Args:
            entries: What must not be kept.
        """
        by_segment: dict[Segment, list[tuple[int, int]]] = {}
        for event, segment, offset in entries:
            if segment is not None:
                by_segment.setdefault(segment, []).append((offset, len(event)))
        for segment, chosen in by_segment.items():
            try:
                segment.erase(chosen)
            except OSError as error:
                self.troubles.append(error)
        self.settle(entries)

    def purge(self, matches: Callable[[bytes], bool]) -> list[bytes]:
        """Removes every event that matches and has not been taken, from memory and from disk.

        Args:
            matches: Whether an event is to go.

        Returns:
            What was removed.
        """
        chosen = [entry for entry in (*self._front, *self._window) if matches(entry[0])]
        if chosen:
            gone = set(map(id, chosen))
            self._front = deque(entry for entry in self._front if id(entry) not in gone)
            self._window = deque(entry for entry in self._window if id(entry) not in gone)
            self._window_bytes = sum(len(event) for event, segment, _ in self._window if segment is not None)
        for segment in (*self._old, *self._own):
            try:
                unread = segment.peek()
            except OSError as error:
                self.troubles.append(error)
                continue
            found = [(event, segment, offset) for offset, event in unread if matches(event)]
            segment.unread -= len(found)
            segment.unread_bytes -= sum(len(event) for event, _, _ in found)
            chosen += found
        self.erase(chosen)
        self._old = deque(segment for segment in self._old if segment.unread)
        self._own = deque(segment for segment in self._own if segment.unread)
        return [event for event, _, _ in chosen]

    def refill(self) -> int:
        """Reads what waits on disk alone back into memory, one segment at most, when its turn has come.

        Returns:
            How many events could not be read, and are lost.
        """
        with self._lock:
            if self._front or (self._window and not self._old):
                return 0
            if not self._old and not self._own:
                return 0
            old = bool(self._old)
            segment = self._old.popleft() if old else self._own.popleft()
            try:
                found = segment.peek()
            except OSError as error:
                self.troubles.append(error)
                found = []
            read = sum(len(event) for _, event in found)
            (self._front if old else self._window).extend((event, segment, at) for at, event in found)
            self._window_bytes += 0 if old else read
            lost = segment.unread - len(found)
            self.spooled -= lost
            self.size -= segment.unread_bytes - read
            segment.open -= lost
            segment.read_from, segment.unread, segment.unread_bytes = segment.size, 0, 0
            if segment.open == 0:
                self._remove(segment)
            return lost

    def _remove(self, segment: Segment) -> None:
        try:
            segment.remove()
        except OSError as error:
            self.troubles.append(error)
        self._gone(segment)

    def adopt(self) -> tuple[int, dict[str, int]]:
        """Takes over what ended processes left for the destination. Called without the lock.

        Returns:
            How many events wait in it, and how many were damaged, by reason.
        """
        own = {house.path for house in self._houses()}
        count, damaged = 0, {"torn": 0, "damaged": 0}
        for house in House.vacant(self._destination, own):
            segments = []
            try:
                for number in house.numbers():
                    segment = Segment(house, number)
                    holes, torn = segment.recover()
                    damaged["damaged"] += holes
                    damaged["torn"] += torn
                    if segment.open:
                        segments.append(segment)
                    else:
                        segment.remove()
            except OSError as error:
                self.troubles.append(error)
            if not house.segments:
                house.tear_down()
                continue
            with self._lock:
                self._taken_over.append(house)
                self._segments.update(segments)
                self._old.extend(segments)
                self.spooled += sum(segment.open for segment in segments)
                self.size += sum(segment.unread_bytes for segment in segments)
            count += sum(segment.open for segment in segments)
        return count, {reason: number for reason, number in damaged.items() if number}

    def sync(self) -> None:
        """Returns once all that was put is as safe as was promised. Called without the lock.

        Callers that come while one syncs are served by one more sync together.
        """
        target = self._written
        with self._sync_lock:
            if self._synced >= target:
                return
            with self._lock:
                written = self._written
                file = self._active.duplicate() if self._active is not None else -1
            try:
                if file >= 0:
                    synced(file)
            except OSError as error:
                self.troubles.append(error)
            finally:
                if file >= 0:
                    os.close(file)
            self._synced = written

    def vacate(self) -> None:
        """Removes the house when nothing is in it; the next event builds another."""
        if self._house is not None and not self._house.segments:
            self._house.tear_down()
            self._house = None

    def close(self) -> int:
        """Lets go of everything; what waits on disk is left for the next owner.

        Returns:
            How many events were in memory alone, and are lost.
        """
        lost = [entry for entry in self._window if entry[1] is None]
        self.settle(lost)
        self._front.clear()
        self._window.clear()
        for segment in self._segments:
            segment.release()
        for house in self._houses():
            house.leave()
        return len(lost)

    def forked(self) -> None:
        """Closes in a forked child what is the parent's; it is not used there again."""
        for segment in self._segments:
            segment.release()
        for house in self._houses():
            house.drop_lock()

    def _houses(self) -> list[House]:
        return self._taken_over if self._house is None else [self._house, *self._taken_over]
