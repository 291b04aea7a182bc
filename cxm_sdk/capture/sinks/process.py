"""A sink that works in a process of its own, so that a server's loop need not share its interpreter with it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.util import Finalize
from time import monotonic
from typing import Any, Final

from cxm_sdk.capture.batch import Batch, Delivered, Sink
from cxm_sdk.errors import CxmError, DeliveryError

__all__ = ["ProcessSink"]

_ENDING: Final = 10.0  # seconds that a child gets to end by itself
_NICE: Final = 10  # the child gives way to whoever serves requests


class ProcessSink:
    """Hands batches to a sink in a child process, one at a time, and starts it again when it ends.

    The child ends with its parent, whatever ends that.

    Args:
        make: Makes the sink, in the child; a function of a module, or a ``partial`` of one.
        identity: Names the destination, as for every sink.

    Example:
        >>> from cxm_sdk.capture import MemorySink
        >>> sink = ProcessSink(MemorySink, "memory")
        >>> sink.send(Batch([b'{"messageId":"m-1"}'])) is None  # all were taken
        True
        >>> sink.close()
    """

    def __init__(self, make: Callable[[], Sink], identity: str) -> None:
        self.identity = identity
        self._make = make
        self._process: Any = None
        self._pipe: Connection | None = None
        self._ending: Finalize | None = None
        self._pid = 0

    def send(self, batch: Batch) -> Delivered | None:
        """Has the child take a batch.

        Args:
            batch: Events in order.

        Returns:
            What became of each event.

        Raises:
            DeliveryError: The sink raised, or the child ended; the batch may or may not have been taken.
        """
        if self._pipe is not None and self._pid != os.getpid():  # after a fork it is the parent's
            self._pipe.close()
            self._pipe = self._process = self._ending = None
        pipe = self._pipe if self._pipe is not None else self._start()
        try:
            pipe.send((list(batch.events), batch.attempt))
            answer, error = pipe.recv()
        except (EOFError, OSError):
            self._end(0.0)
            raise DeliveryError("The process of the sink has ended.") from None
        if error is not None:
            code, message, permanent, separable, retry_after = error
            raise DeliveryError(
                f"{code}: {message}", permanent=permanent, separable=separable, retry_after=retry_after
            )
        taken: Delivered | None = answer
        return taken

    def _start(self) -> Connection:
        spawning = get_context("spawn")
        ours, theirs = spawning.Pipe()
        self._process = spawning.Process(
            target=_work, args=(theirs, self._make), name="cxm-sink", daemon=True
        )
        self._process.start()
        theirs.close()
        self._pipe, self._pid = ours, os.getpid()
        # at exit multiprocessing waits for its children, and would for this one in vain
        self._ending = Finalize(None, self.close, exitpriority=10)
        return ours

    def close(self) -> None:
        """Ends the child, once it has taken what it was given."""
        self._end(_ENDING)

    def _end(self, seconds: float) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        pipe, process = self._pipe, self._process
        self._pipe = self._process = None
        if pipe is not None:
            pipe.close()
        if process is not None:
            until = monotonic() + seconds
            process.join(max(0.0, until - monotonic()))
            if process.is_alive():
                process.kill()
                process.join()
            process.close()


def _work(pipe: Connection, make: Callable[[], Sink]) -> None:
    """What the child does, until its parent closes the pipe or is gone."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(
            each, signal.SIG_IGN
        )  # they are meant for the parent, which sees to the end of this one
    with suppress(AttributeError, OSError):
        os.nice(_NICE)
    sink: Sink | None = None
    while True:
        try:
            events, attempt = pipe.recv()
        except (EOFError, OSError):
            break
        error = None
        answer: Delivered | None = None
        try:
            if sink is None:
                sink = make()
            answer = sink.send(Batch(events, attempt=attempt))
        except Exception as failure:
            error = _told(failure)
        with suppress(OSError):
            pipe.send((answer, error))
    close = getattr(sink, "close", None)
    if close is not None:
        close()


def _told(failure: Exception) -> tuple[str, str, bool, bool, float | None]:
    """What may be said of a failure to the parent: no values of customers."""
    code = failure.code if isinstance(failure, CxmError) else type(failure).__name__
    message = str(failure) if isinstance(failure, CxmError) else "the sink failed"
    if isinstance(failure, DeliveryError):
        return code, message, failure.permanent, failure.separable, failure.retry_after
    return code, message, False, True, None
