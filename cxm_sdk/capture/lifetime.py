"""What has to happen when the process forks or ends, for every client that is alive."""

from __future__ import annotations

import atexit
import os
import sys
import weakref
from typing import Protocol

__all__ = ["forget", "know", "watch"]


class Forking(Protocol):
    """What minds forks."""

    def forked(self) -> None:
        """Begins anew in a forked child."""


class Lasting(Forking, Protocol):
    """What minds the end of the process too."""

    def exit(self) -> None:
        """Delivers what it can while the interpreter exits."""


_known: weakref.WeakSet[Forking] = weakref.WeakSet()
_watched: set[Lasting] = set()
_hooked = 0  # process that has the hooks for its exit


def know(forking: Forking) -> None:
    """Tells it of forks from now on, as long as it lives.

    Args:
        forking: What is to begin anew in a forked child.
    """
    _at_fork_once()
    _known.add(forking)


def watch(lasting: Lasting) -> None:
    """Keeps it alive until it is forgotten, and tells it of the end of the process.

    Args:
        lasting: What has something to deliver.
    """
    global _hooked
    _watched.add(lasting)
    if _hooked != os.getpid():
        if not _hooked:
            atexit.register(_exit)
        _hooked = os.getpid()
        # children of multiprocessing end without atexit; they run these instead
        spawner = sys.modules.get("multiprocessing.util")
        if spawner is not None and sys.modules["multiprocessing.process"].parent_process() is not None:
            spawner.Finalize(None, _exit, exitpriority=100)


def forget(lasting: Lasting) -> None:
    """Has nothing to deliver any more.

    Args:
        lasting: What was watched.
    """
    _watched.discard(lasting)


def _exit() -> None:
    for lasting in list(_watched):
        lasting.exit()


def _forked() -> None:
    _watched.clear()
    for forking in list(_known):
        forking.forked()


_at_fork_hooked = False


def _at_fork_once() -> None:
    global _at_fork_hooked
    if not _at_fork_hooked and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forked)
        _at_fork_hooked = True
