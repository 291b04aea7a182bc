from collections import deque
from threading import RLock
from typing import Any

from typing_extensions import disjoint_base

def frame(event: bytes) -> bytes:
    """Wraps an event: a mark, its length, its checksum, and the text.

    Args:
        event: Its JSON text.

    Returns:
        The bytes to append to a segment.

    Raises:
        OverflowError: It has 4 GiB or more.

    Example:
        >>> frame(b"{}").hex()
        'ff6378fe02000000c1dd90917b7d'
    """

@disjoint_base
class Appending:
    """A file that events are appended to, one write each.

    Attributes:
        size: Bytes of it that are whole frames.
        open: Events in it that are not settled.
        unread: Events in it, from ``read_from`` on, that are on disk alone.
        unread_bytes: Bytes of these.
        read_from: Offset of the first of them.
    """

    size: int
    open: int
    unread: int
    unread_bytes: int
    read_from: int
    _file: int  # its descriptor

    def append(self, event: bytes) -> int:
        """Appends an event; it survives the process from now on.

        Args:
            event: Its JSON text.

        Returns:
            Its offset.

        Raises:
            OSError: There is no room, or the disk is broken; nothing of it is left, or it is past ``size``.
        """

@disjoint_base
class Waiting:
    """Counts of what waits, and the way of an event to the file that is appended to.

    Args:
        window_bytes: Most bytes of events that are on disk and are kept in memory as well.
        segment_bytes: Size from which on a file is not appended to any more.

    Attributes:
        power: Whether events must survive the loss of power too.
        queued: Events that are in memory alone.
        spooled: Events that are on disk.
        size: Bytes of both.
        loose: Bytes of those in memory alone.
        troubles: What the disk refused since somebody looked.
    """

    power: bool
    queued: int
    spooled: int
    size: int
    loose: int
    troubles: list[Exception]
    _active: Any  # the file that is appended to, or None
    _own: deque[Any]  # files that have unread events, oldest first
    _window: deque[tuple[bytes, Any, int]]  # events that are in memory, oldest first
    _window_bytes: int  # of those that are on disk too
    _written: int  # events so far

    def __init__(self, window_bytes: int, segment_bytes: int) -> None: ...
    def append(self, event: bytes) -> bool:
        """Appends the newest event to the file, and counts it.

        Args:
            event: Its JSON text.

        Returns:
            Whether there is a file, and room in it; nothing has happened otherwise.

        Raises:
            OSError: As for ``Appending``.
        """

    def appended(self, event: bytes, segment: Appending, offset: int) -> int:
        """Counts an event that is on disk, and keeps it in memory too while there is room.

        Args:
            event: Its JSON text.
            segment: Where it is.
            offset: Its place there.

        Returns:
            Nothing of use.
        """

@disjoint_base
class Entrance:
    """Where events come in: as long as there surely is room, and nobody is to be woken, they only wait from then on.

    Whoever is built on it has a method ``_admit``, which takes a list of events and does whatever else is due.
    """

    _lock: RLock
    _backlog: Any
    _late: list[bytes]
    _busy: bool
    _pid: int
    _calm_events: int
    _calm_bytes: int
    _came: int
    _exit_by: float  # when all must be over, once the interpreter exits; infinity before

    def put(self, event: bytes) -> None:
        """Accepts an event: it waits from now on, as safe as the backlog promises.

        Args:
            event: Its JSON text.
        """
