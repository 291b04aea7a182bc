"""One write for all requests that wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from cxm_sdk.capture.collector.replies import RefusedError

__all__ = ["Text", "Together"]

MOST_BYTES: Final = 64 << 20
"""Most bytes that may wait for a disk that is busy."""

Text = tuple[bytes, bytes]
"""The digest of an event's id, and the event."""

_Waiting = list[tuple[Sequence[Text], asyncio.Future[Sequence[bool]]]]


class Together:
    """Stores what several requests bring in one go.

    These are requests that are read in the same turn of the loop, or while a disk is busy with those before.

    Args:
        store: Stores texts, all or none, and tells for each whether it was new.
        threaded: Whether that waits for the disk, and so must not hold up the loop.

    Example:
        >>> together = Together(lambda texts: [True] * len(texts), threaded=False)
        >>> asyncio.run(together.put([(b"", b"{}")]))
        [True]
    """

    def __init__(self, store: Callable[[Sequence[Text]], Sequence[bool]], *, threaded: bool) -> None:
        self._store = store
        self._threaded = threaded
        self._waiting: _Waiting = []
        self._bytes = 0  # of those that wait, where a disk is waited for
        self._due = False

    async def put(self, texts: Sequence[Text]) -> Sequence[bool]:
        """Stores texts: when this returns, they are as safe as was promised.

        Args:
            texts: The texts; at least one.

        Returns:
            For each whether it was new.

        Raises:
            RefusedError: None of them could be stored, or too many wait.
        """
        if self._threaded:
            size = sum([len(text) for _, text in texts])
            if self._bytes and self._bytes + size > MOST_BYTES:
                raise RefusedError(503, "overloaded", "Too many events wait for the disk.", retry_after=1.0)
            self._bytes += size
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Sequence[bool]] = loop.create_future()
        self._waiting.append((texts, told))
        if not self._due:
            self._due = True
            loop.call_soon(self._begin)
        return await told

    def _begin(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._bytes = 0
        texts = waiting[0][0] if len(waiting) == 1 else [text for texts, _ in waiting for text in texts]
        if self._threaded:
            loop = asyncio.get_running_loop()
            loop.run_in_executor(None, self._store, texts).add_done_callback(
                lambda done: self._end(waiting, done.exception() or done.result())
            )
            return
        try:
            stored: Sequence[bool] | BaseException = self._store(texts)
        except Exception as error:
            stored = error
        self._end(waiting, stored)

    def _end(self, waiting: _Waiting, stored: Sequence[bool] | BaseException) -> None:
        """Tells each request what became of its texts, and sees to those that have come meanwhile."""
        at = 0
        for texts, told in waiting:
            if told.done():  # its request was given up
                pass
            elif isinstance(stored, BaseException):
                told.set_exception(stored)
            else:
                told.set_result(stored[at : at + len(texts)])
            at += len(texts)
        self._due = bool(self._waiting)
        if self._due:
            asyncio.get_running_loop().call_soon(self._begin)
