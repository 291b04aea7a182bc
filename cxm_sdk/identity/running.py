"""What every link runs with: an engine, options and a clock. Importing it costs next to nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, TypeAlias

from cxm_sdk.errors import InputError, MissingExtraError
from cxm_sdk.identity.sources import Rejected, SourceTable

__all__ = ["Engine", "Found", "Mapper", "Options", "Progress", "Stages", "load_engine"]

#: Called with the stage, what is done and what there is to do; both 0 where a stage cannot be measured.
Progress = Callable[[str, float, float], None]


#: A map over items that may run in parallel and yields results in order, such as an engine's ``run``.
Mapper: TypeAlias = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]

#: What reading finds: the sources, the rows that could not be read, and warnings.
Found: TypeAlias = tuple[list[SourceTable], list[Rejected], list[str]]


class Engine(Protocol):
    """Where a link runs: reads inputs and maps work over workers."""

    @property
    def workers(self) -> int:
        """How many pieces of work run at once."""

    def read(self, inputs: Sequence[object]) -> Found:
        """Reads inputs into sources, rejected rows and warnings."""

    def run(self, work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Maps over items in parallel and yields the results in order."""


def load_engine(name: str, workers: int | None) -> Engine:
    """Loads an engine by the name of its entry point in the group ``cxm_sdk.engines``.

    Args:
        name: Such as ``local``.
        workers: Handed to the engine; None leaves the choice to it.

    Returns:
        The engine.

    Raises:
        InputError: When no installed package offers the engine.
        MissingExtraError: When a package that the engine needs is not installed.
    """
    try:
        offered = _offered(name)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("duckdb", "pyarrow"):
            raise
        raise MissingExtraError.for_package(package, "batch") from error
    return offered(workers)


def _offered(name: str) -> Callable[[int | None], Engine]:
    if name == "local":  # our own is known without a look at what each installed package offers
        own: Callable[[int | None], Engine] = import_module("cxm_sdk.engines.local").LocalEngine
        return own
    from importlib.metadata import entry_points

    found = {point.name: point for point in entry_points(group="cxm_sdk.engines")}
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise InputError(f"expected the name of an installed engine ({known}), got {name!r}.")
    other: Callable[[int | None], Engine] = found[name].load()
    return other


@dataclass(frozen=True)
class Options:
    """How inputs are read.

    Attributes:
        map: (role, column) pairs that override what would be inferred.
        ignore: Columns to leave out.
        id_column: The column with record ids; None to infer it.
    """

    map: tuple[tuple[str, str], ...] = ()
    ignore: tuple[str, ...] = ()
    id_column: str | None = None

    @classmethod
    def of(
        cls,
        map: Mapping[str, str | Sequence[str]] | Iterable[tuple[str, str]] | None,  # noqa: A002 - users type it
        ignore: Collection[str] | None,
        id_column: str | None,
    ) -> Options:
        """Puts arguments of public functions into one form."""
        if not isinstance(id_column, str | None):
            raise InputError(f"expected the name of one column as id_column, got {type(id_column).__name__}.")
        if isinstance(ignore, str):
            ignore = (ignore,)
        return cls(tuple(_pairs(map)), tuple(ignore or ()), id_column)


def _pairs(map: Any) -> Iterator[tuple[str, str]]:  # noqa: A002 - the word users type
    """Roles and columns, one of each."""
    for pair in map.items() if isinstance(map, Mapping) else map or ():
        if not isinstance(pair, tuple | list) or len(pair) != 2 or isinstance(map, str):
            raise InputError(
                "expected map as role to column, or as pairs of them.",
                hint="such as map={'email': 'e_mail'}.",
            )
        role, columns = pair
        for column in columns if isinstance(columns, list | tuple) else [columns]:
            yield str(role), str(column)


class Stages:
    """Seconds of each stage, and the progress that users see.

    Args:
        progress: Callback, or None.
    """

    def __init__(self, progress: Progress | None) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Times a stage."""
        self.tell(stage)
        begun = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - begun

    def rounded(self) -> dict[str, float]:
        """Seconds of each stage so far, to the millisecond."""
        return {stage: round(seconds, 3) for stage, seconds in self.seconds.items()}

    def tell(self, stage: str, done: float = 0.0, total: float = 0.0) -> None:
        """Reports progress."""
        if self._progress is not None:
            self._progress(stage, done, total)
