"""Folders of a spool: each belongs to one living process at a time, by a lock that dies with it.

``SPOOL/DESTINATION/HOUSE/`` holds ``lock``, segments ``00000001.seg`` and, beside each, ``00000001.ack``: the notes of
what was delivered. Whoever holds the lock owns the house. When its owner has ended, the next one who asks gets it.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from hashlib import sha256
from typing import Final

from cxm_sdk.capture.locks import BARE, RENAMES_OPEN, lock

__all__ = ["House", "default_folder", "destination_folder"]

_LOCK: Final = "lock"
_STALE: Final = 60.0  # seconds after which a house that was begun and never finished is torn down


def default_folder() -> str:
    """Names the user's folder for spools.

    Returns:
        Its path; it need not be there yet.
    """
    if sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Application Support")
    elif sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    else:
        base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(base, "cxm_sdk", "spool")


def destination_folder(spool: str, identity: str) -> str:
    """Names the folder of one destination.

    Args:
        spool: The spool.
        identity: Names the destination; it is not written anywhere.

    Returns:
        Its path.
    """
    return os.path.join(spool, sha256(identity.encode()).hexdigest()[:16])


class House:
    """A folder that this process owns.

    Attributes:
        path: The folder.
        segments: How many segments are in it.
    """

    __slots__ = ("_lock", "path", "segments")

    def __init__(self, path: str, held: int) -> None:
        self.path = path
        self.segments = 0
        self._lock = held

    @classmethod
    def build(cls, destination: str) -> House:
        """Makes a new one.

        Args:
            destination: Folder of the destination; made if it is missing.

        Returns:
            The house, owned.

        Raises:
            OSError: It cannot be made.
        """
        os.makedirs(destination, mode=0o700, exist_ok=True)
        name = f"{time.time_ns():016x}-{os.getpid()}-{os.urandom(3).hex()}"
        path = os.path.join(destination, name)
        # where an open file can be moved, others see the house only when it is owned; elsewhere one of them may be
        # quicker to lock it, and this attempt fails
        draft = os.path.join(destination, f".{name}") if RENAMES_OPEN else path
        os.mkdir(draft, 0o700)
        held = -1
        try:
            held = os.open(os.path.join(draft, _LOCK), os.O_RDWR | os.O_CREAT | BARE, 0o600)
            lock(held)
            if draft != path:
                os.rename(draft, path)
        except OSError:
            if held >= 0:
                os.close(held)
            with suppress(OSError):
                os.unlink(os.path.join(draft, _LOCK))
            with suppress(OSError):
                os.rmdir(draft)
            raise
        return cls(path, held)

    @classmethod
    def claim(cls, path: str) -> House | None:
        """Takes over one whose owner has ended.

        Args:
            path: The house.

        Returns:
            The house, owned; None when somebody else owns it.
        """
        try:
            held = os.open(os.path.join(path, _LOCK), os.O_RDWR | BARE)
        except OSError:
            with suppress(OSError):
                os.rmdir(path)  # empty, if its last owner ended while it tore it down
            return None
        try:
            lock(held)
            if os.fstat(held).st_nlink == 0:  # its last owner tore it down meanwhile
                raise OSError
        except OSError:
            os.close(held)
            return None
        return cls(path, held)

    @classmethod
    def vacant(cls, destination: str, own: set[str]) -> list[House]:
        """Takes over every house of a destination whose owner has ended.

        Args:
            destination: Folder of the destination.
            own: Paths of the houses that the caller owns.

        Returns:
            The houses, oldest first.
        """
        try:
            names = sorted(os.listdir(destination))
        except OSError:
            return []
        found = []
        for name in names:
            path = os.path.join(destination, name)
            if path in own:
                continue
            if name.startswith("."):
                _clear_draft(path)
            elif (house := cls.claim(path)) is not None:
                found.append(house)
        return found

    def numbers(self) -> list[int]:
        """Lists its segments.

        Returns:
            Their numbers, oldest first.
        """
        names = os.listdir(self.path)
        return sorted(int(name[:-4]) for name in names if name.endswith(".seg") and name[:-4].isdigit())

    def leave(self) -> None:
        """Gives it up: torn down when it is empty, else left for the next owner."""
        if self.segments:
            self.drop_lock()
        else:
            self.tear_down()

    def tear_down(self) -> None:
        """Removes it."""
        if not RENAMES_OPEN:
            self.drop_lock()
        with suppress(OSError):
            for name in os.listdir(self.path):
                if name.endswith(".ack"):
                    os.unlink(os.path.join(self.path, name))
            os.unlink(os.path.join(self.path, _LOCK))
            os.rmdir(self.path)
        self.drop_lock()

    def drop_lock(self) -> None:
        """Closes the lock; in a forked child the parent goes on holding it."""
        if self._lock >= 0:
            with suppress(OSError):
                os.close(self._lock)
            self._lock = -1


def _clear_draft(path: str) -> None:
    """Removes a house whose maker ended before it was finished.

    A draft that is being made looks the same, down to its lock, which its maker takes a moment after making it. So
    only time tells the two apart.
    """
    with suppress(OSError):
        if time.time() - os.stat(path).st_mtime > _STALE:
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(path, _LOCK))
            os.rmdir(path)
