"""What has to happen when the process forks or ends, for every client that is alive."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import weakref
from typing import Any, Protocol

__all__ = ["beginning", "forget", "know", "threads_forbidden", "watch"]


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
_hooked = False
_hooked_child = 0  # process that was started by another one and has the hooks for its own end

beginning = threading.Lock()
"""Held while something begins anew in a process: by one thread only."""


def know(forking: Forking) -> None:
    """Tells it of forks from now on, as long as it lives.

    Args:
        forking: What is to begin anew in a forked child.
    """
    global _hooked
    if not _hooked:
        _hooked = True
        # now and not at the first event: that may come when the interpreter exits already
        atexit.register(_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_forked)
    _known.add(forking)


def watch(lasting: Lasting) -> None:
    """Keeps it alive until it is forgotten, and tells it of the end of the process.

    Args:
        lasting: What has something to deliver.
    """
    _watched.add(lasting)
    if _hooked_child != os.getpid():
        _hook_child()


def _hook_child() -> None:
    """Children of multiprocessing and of Celery end without atexit; they do this instead."""
    global _hooked_child
    _hooked_child = os.getpid()
    spawner = sys.modules.get("multiprocessing.util")
    if spawner is not None and sys.modules["multiprocessing.process"].parent_process() is not None:
        spawner.Finalize(None, _exit, exitpriority=100)
    celery = sys.modules.get("celery.signals")
    if celery is not None:
        celery.worker_process_shutdown.connect(_exit, weak=False)


def forget(lasting: Lasting) -> None:
    """Has nothing to deliver any more.

    Args:
        lasting: What was watched.
    """
    _watched.discard(lasting)


def threads_forbidden() -> bool:
    """Tells whether this is the master of uWSGI.

    It forks without regard to threads: if one runs at that moment, the worker waits for the interpreter for ever.

    Returns:
        Whether no thread may be started here.
    """
    uwsgi: Any = sys.modules.get("uwsgi")
    return uwsgi is not None and not (uwsgi.worker_id() or uwsgi.mule_id())


def _exit(*_: object, **__: object) -> None:
    for lasting in list(_watched):
        lasting.exit()


def _forked() -> None:
    global beginning
    beginning = threading.Lock()  # another thread of the parent may have held it
    _watched.clear()
    for forking in list(_known):
        forking.forked()
