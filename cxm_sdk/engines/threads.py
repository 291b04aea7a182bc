"""Work on threads, in order, and safe to interrupt."""

from __future__ import annotations

import _thread
import atexit
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from typing import Generic, TypeVar, cast

__all__ = ["run_on_threads"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def run_on_threads(work: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Iterator[Result]:
    """Maps over items on several threads and yields the results in order.

    Args:
        work: What to do; it should release the GIL.
        items: Taken one by one, a few ahead of the results.
        workers: Number of threads, at least 1; with 1 the calling thread does the work.

    Yields:
        One result for each item; where the work raised an exception, that is raised in its place.

    >>> list(run_on_threads(len, ["a", "bb"], 2))
    [1, 2]
    """
    if workers == 1:
        yield from map(work, items)
        return
    crew = _Crew(work, workers)
    try:
        yield from crew.results(items)
    finally:
        crew.leave()


class _Crew(Generic[Item, Result]):
    """Threads that an interrupt of the calling thread cannot lock up.

    The pools of the standard library guard themselves with locks written in Python, and a ``KeyboardInterrupt`` at
    the wrong moment leaves such a lock held for ever. Here the threads meet in queues written in C and nowhere else.
    """

    def __init__(self, work: Callable[[Item], Result], size: int) -> None:
        self._work = work
        self._tasks: SimpleQueue[tuple[int, Item] | None] = SimpleQueue()
        self._ended: SimpleQueue[tuple[int, Result | None, BaseException | None] | None] = SimpleQueue()
        self._stopped = False
        self._size = 0
        # An interpreter must not end under native code: whoever left a run half-way waits for the work in hand.
        atexit.register(self.leave)
        for _ in range(size):
            _thread.start_new_thread(self._serve, ())
            self._size += 1

    def _serve(self) -> None:
        while (task := self._tasks.get()) is not None:
            if self._stopped:
                continue
            number, item = task
            try:
                self._ended.put((number, self._work(item), None))
            except BaseException as error:  # raised again where the result would have been
                self._ended.put((number, None, error))
            del task, item
        self._ended.put(None)

    def results(self, items: Iterable[Item]) -> Iterator[Result]:
        """Results in the order of the items; few wait at a time, so that memory follows the threads."""
        asked = given = 0
        early: dict[int, tuple[Result | None, BaseException | None]] = {}
        for item in items:
            self._tasks.put((asked, item))
            asked += 1
            if asked - given > 2 * self._size:
                yield self._take(given, early)
                given += 1
        while given < asked:
            yield self._take(given, early)
            given += 1

    def _take(self, number: int, early: dict[int, tuple[Result | None, BaseException | None]]) -> Result:
        while number not in early:
            ended = self._ended.get()
            if ended is not None:
                early[ended[0]] = ended[1:]
        result, error = early.pop(number)
        if error is not None:
            raise error
        return cast(Result, result)

    def leave(self) -> None:
        """Drops work that has not begun and waits for the work in hand."""
        atexit.unregister(self.leave)
        self._stopped = True
        for _ in range(self._size):
            self._tasks.put(None)
        while self._size:
            if self._ended.get() is None:
                self._size -= 1
