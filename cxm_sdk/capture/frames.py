"""Events in a file so that whatever is torn or damaged costs that event alone.

A segment is ``MAGIC`` and then frames. A frame is a mark that no UTF-8 text holds, the length of the event, its
checksum, and its JSON text. Where a frame is damaged, reading goes on at the next mark behind which a whole frame
stands. A frame whose text is blank was erased.
"""

from __future__ import annotations

from struct import Struct
from typing import Final, NamedTuple
from zlib import crc32

from cxm_sdk._native.waiting import frame

__all__ = ["MAGIC", "OVERHEAD", "Read", "acknowledged", "acknowledgement", "blank", "read"]

MAGIC: Final = b"cxm-sp1\n"
_MARK: Final = b"\xffcx\xfe"
_HEADER: Final = Struct("<4sII")
OVERHEAD: Final = _HEADER.size
"""Bytes that a frame is longer than its event."""

_RANGE: Final = Struct("<II")
_ACKNOWLEDGEMENT: Final = Struct("<III")


class Read(NamedTuple):
    """What was found in a stretch of a segment.

    Attributes:
        frames: Offset in the segment and text of each event that is whole and not erased.
        damaged: Stretches between them that could not be read: at least one event each.
        torn: Whether the end could not be read, as after a write that was cut off.
    """

    frames: list[tuple[int, bytes]]
    damaged: int
    torn: bool


def blank(length: int) -> bytes:
    """Makes what takes the place of an erased event.

    Args:
        length: Length of its text.

    Returns:
        A frame of the same length.

    Example:
        >>> read(MAGIC + frame(b"{}") + blank(2) + frame(b"[]")[:-1], 0)
        Read(frames=[(8, b'{}')], damaged=0, torn=True)
    """
    return frame(b" " * length)


def read(data: bytes, at: int) -> Read:
    """Reads a segment from an offset to its end.

    Args:
        data: The whole segment.
        at: Where to begin: 0, or the offset of a frame.

    Returns:
        What was found.
    """
    frames: list[tuple[int, bytes]] = []
    damaged = 0
    end = len(data)
    if at == 0 and data.startswith(MAGIC):
        at = len(MAGIC)
    while at < end:
        event = _whole(data, at, end)
        if event is None:
            following = _next(data, at + 1, end)
            if following < 0:
                return Read(frames, damaged, True)
            damaged += 1
            at = following
            continue
        if event[:1] != b" ":
            frames.append((at, event))
        at += OVERHEAD + len(event)
    return Read(frames, damaged, False)


def _whole(data: bytes, at: int, end: int) -> bytes | None:
    if at + OVERHEAD > end:
        return None
    mark, length, checksum = _HEADER.unpack_from(data, at)
    start = at + OVERHEAD
    if mark != _MARK or start + length > end:
        return None
    event = data[start : start + length]
    return event if crc32(event, length) == checksum else None


def _next(data: bytes, at: int, end: int) -> int:
    """Finds the next whole frame; -1 if there is none."""
    while (at := data.find(_MARK, at)) >= 0:
        if _whole(data, at, end) is not None:
            return at
        at += 1
    return -1


def acknowledgement(start: int, end: int) -> bytes:
    """Notes that the frames of a stretch need not be sent again.

    Args:
        start: Offset of the first of them.
        end: Offset behind the last.

    Returns:
        The bytes to append to the notes of a segment.
    """
    return _ACKNOWLEDGEMENT.pack(start, end, crc32(_RANGE.pack(start, end)))


def acknowledged(data: bytes) -> list[tuple[int, int]]:
    """Reads the notes of a segment; what is torn or damaged counts as not noted.

    Args:
        data: All notes.

    Returns:
        Start and end of each stretch.
    """
    whole = len(data) - len(data) % _ACKNOWLEDGEMENT.size
    return [
        (start, end)
        for start, end, checksum in _ACKNOWLEDGEMENT.iter_unpack(data[:whole])
        if crc32(_RANGE.pack(start, end)) == checksum
    ]
