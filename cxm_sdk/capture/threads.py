"""Threads that a client starts in a host that knows nothing of them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

from cxm_sdk.capture.lifetime import threads_forbidden

__all__ = ["started"]


def started(work: Callable[[], None], name: str) -> threading.Thread | None:
    """Starts a thread that does not keep the process alive.

    Args:
        work: What it does.
        name: Its name.

    Returns:
        The thread; None where none can be started.

    Example:
        >>> thread = started(lambda: None, "cxm-example")
        >>> thread.join()
    """
    if threads_forbidden():
        return None
    here = threading.get_native_id()

    def run() -> None:
        if threading.get_native_id() != here:  # a greenlet shares the thread of the host
            _leave_signals_to_the_host()
        work()

    thread = threading.Thread(target=run, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError:  # the interpreter is shutting down, or the platform has no threads
        return None
    return thread


def _leave_signals_to_the_host() -> None:
    """Keeps signals off this thread: a server written in C ends the process on the thread that gets one."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
