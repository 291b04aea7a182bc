"""One machine: DuckDB reads, threads compute, Arrow holds the columns."""

from __future__ import annotations

import _thread
import atexit
import ctypes
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from queue import SimpleQueue
from typing import Generic, TypeVar, cast

import pyarrow as pa

from cxm_sdk.engines.interrupts import noticed_interrupts
from cxm_sdk.engines.tables import read_sources
from cxm_sdk.errors import InputError
from cxm_sdk.identity.records import Rejected, SourceTable

__all__ = ["LocalEngine"]

Item = TypeVar("Item")
Result = TypeVar("Result")


class LocalEngine:
    """Runs a link on the threads of this process.

    Args:
        workers: Number of threads; None takes the CPUs this process may use.

    Raises:
        InputError: When ``workers`` is below 1.

    >>> list(LocalEngine(workers=2).run(len, ["a", "bb"]))
    [1, 2]
    """

    def __init__(self, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            raise InputError(f"expected at least 1 worker, got {workers}.")
        self.workers = workers or _usable_cpus()

    def read(self, inputs: Sequence[object]) -> tuple[list[SourceTable], list[Rejected], list[str]]:
        """Reads inputs into one table for each source.

        Args:
            inputs: Paths, globs, ``NAME=PATH``, tables or mappings of names to them.

        Returns:
            Sources by name, rejected rows, and warnings.

        Raises:
            SourceError: When an input cannot be used.
            KeyboardInterrupt: When Ctrl-C was pressed, whatever error DuckDB made of it.
        """
        with noticed_interrupts() as pressed:
            try:
                found = read_sources(inputs, workers=self.workers)
            except Exception as error:
                if pressed.is_set():
                    raise KeyboardInterrupt from error
                raise
        if pressed.is_set():
            raise KeyboardInterrupt
        return found

    def run(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Maps over items on all threads and yields results in order.

        Between two results the calling thread can be interrupted; work that has not begun is then dropped.

        Args:
            work: What to do; it should release the GIL.
            items: Taken one by one, a few ahead of the results.

        Yields:
            One result for each item.
        """
        if self.workers == 1:
            yield from map(work, items)
            return
        crew = _Crew(work, self.workers)
        try:
            yield from crew.results(items)
        finally:
            crew.leave()

    def release(self) -> None:
        """Gives memory that was freed back to the operating system.

        Allocators keep what threads have freed, and each keeps it for itself; between stages that adds up to more than
        the data.
        """
        pa.default_memory_pool().release_unused()
        if _TRIM is not None:
            _TRIM(0)


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


def _find_trim() -> Callable[[int], int] | None:
    """``malloc_trim`` of the C library, which only glibc has."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    return found


_TRIM = _find_trim()


def _usable_cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
