"""Knows whether Ctrl-C was pressed, whatever it turned into on its way up."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["noticed_interrupts"]


#: Seconds after which an interrupt comes again that came at a bad moment.
_SOON = 0.01


def _again() -> None:
    time.sleep(_SOON)
    _thread.interrupt_main()


@contextmanager
def noticed_interrupts() -> Iterator[threading.Event]:
    """Notes Ctrl-C while it raises as ever.

    A database driver may wrap the ``KeyboardInterrupt`` that stopped it into an error of its own. What comes
    out after Ctrl-C was pressed is therefore the interrupt, not the error it looks like.

    Yields:
        An event that is set once Ctrl-C was pressed; never where the process is not to be interrupted, as
        under ``nohup``.
    """
    pressed = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        pressed.set()
        # A lock of imports that is half taken would never be let go, and other threads would wait for it without end.
        if frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
            _thread.start_new_thread(_again, ())
        else:
            signal.default_int_handler(number, frame)

    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not usual or threading.current_thread() is not threading.main_thread():
        yield pressed
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
