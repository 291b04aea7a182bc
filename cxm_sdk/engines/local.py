"""One machine: Arrow and DuckDB read, threads compute, Arrow holds the columns."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from cxm_sdk.engines.interrupts import noticed_interrupts
from cxm_sdk.engines.tables import read_sources
from cxm_sdk.engines.threads import run_on_threads
from cxm_sdk.errors import InputError
from cxm_sdk.identity.sources import Rejected, SourceTable

__all__ = ["LocalEngine"]

#: More threads than any machine this runs on has processors; a system refuses some thousands.
MOST_WORKERS = 1024

Item = TypeVar("Item")
Result = TypeVar("Result")


class LocalEngine:
    """Runs a link on the threads of this process.

    Args:
        workers: Number of threads; None takes the CPUs this process may use.

    Raises:
        InputError: When ``workers`` is below 1 or above 1024.

    >>> list(LocalEngine(workers=2).run(len, ["a", "bb"]))
    [1, 2]
    """

    def __init__(self, workers: int | None = None) -> None:
        if workers is not None and not 1 <= workers <= MOST_WORKERS:
            raise InputError(
                f"expected 1 to {MOST_WORKERS} workers, got {workers}.",
                hint="more than the machine has processors make nothing faster",
            )
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
        yield from run_on_threads(work, items, self.workers)


def _usable_cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
