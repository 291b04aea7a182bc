"""From inputs to records that can be compared: reading, roles, canonical forms, shared values."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, Protocol

from cxm_sdk.errors import InputError, MissingExtraError
from cxm_sdk.identity.comparisons import Template, templates
from cxm_sdk.identity.copies import Copies, find_copies
from cxm_sdk.identity.features import Features
from cxm_sdk.identity.records import Records, Rejected, SourceTable, build_records
from cxm_sdk.identity.roles import SourceRoles, infer_all_roles
from cxm_sdk.identity.sharing import Sharing, find_sharing

__all__ = ["Engine", "Options", "Prepared", "Progress", "Stages", "load_engine", "prepare"]

#: Called with the stage, what is done and what there is to do; both 0 where a stage cannot be measured.
Progress = Callable[[str, float, float], None]


class Engine(Protocol):
    """Where a link runs: reads inputs and maps work over workers."""

    @property
    def workers(self) -> int:
        """How many pieces of work run at once."""

    def read(self, inputs: Sequence[object]) -> tuple[list[SourceTable], list[Rejected], list[str]]:
        """Reads inputs into sources, rejected rows and warnings."""

    def run(self, work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Maps over items in parallel and yields the results in order."""

    def release(self) -> None:
        """Gives memory that was freed back to the operating system."""


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
    found = {point.name: point for point in entry_points(group="cxm_sdk.engines")}
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise InputError(f"expected the name of an installed engine ({known}), got {name!r}.")
    try:
        offered = found[name].load()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("duckdb", "pyarrow"):
            raise
        raise MissingExtraError.for_package(package, "batch") from error
    engine: Engine = offered(workers)
    return engine


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
        map: Mapping[str, str] | Iterable[tuple[str, str]] | None,  # noqa: A002 - the word users type
        ignore: Collection[str],
        id_column: str | None,
    ) -> Options:
        """Puts arguments of public functions into one form."""
        pairs = map.items() if isinstance(map, Mapping) else map or ()
        if isinstance(ignore, str):
            ignore = (ignore,)
        return cls(tuple((role, column) for role, column in pairs), tuple(ignore), id_column)


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


@dataclass
class Prepared:
    """Records and all that is known of them before any pair is compared.

    Attributes:
        records: The records.
        features: What is known of their values; values shared by too many people are muted.
        templates: Comparisons that their roles allow.
        sharing: How many people share each value.
        copies: Records that say the same as others.
        roles: Roles of each source.
        rows: Input rows of each source, by name.
        rejected: Input rows that did not become records.
        warnings: What a user should know.
    """

    records: Records
    features: Features
    templates: list[Template]
    sharing: Sharing
    copies: Copies
    roles: list[SourceRoles]
    rows: dict[str, int]
    rejected: list[Rejected]
    warnings: list[str] = field(default_factory=list)

    @property
    def identifiers(self) -> list[str]:
        """Roles whose values name one person."""
        return [template.roles[0] for template in self.templates if template.identifying]


def prepare(engine: Engine, inputs: Sequence[object], options: Options, stages: Stages) -> Prepared:
    """Reads inputs and makes them comparable.

    Args:
        engine: Where it runs.
        inputs: Paths and tables.
        options: How they are read.
        stages: Clock and progress.

    Returns:
        The records.

    Raises:
        InputError: When the inputs cannot be used.
    """
    with stages("read"):
        sources, rejected, warnings = engine.read(inputs)
    rows = {source.name: source.table.num_rows for source in sources}
    for row in rejected:
        rows[row.source] = rows.get(row.source, 0) + 1
    with stages("roles"):
        roles = infer_all_roles(
            sources, mapping=options.map, ignore=options.ignore, id_column=options.id_column
        )
    with stages("normalise"):
        records, refused = build_records(sources, roles, engine.run, release=True)
        chosen = templates(records)
        sharing = find_sharing(records, chosen, engine.run)
        copies = find_copies(records, roles, chosen, sharing.muted, engine.run)
        features = Features(records, sharing.muted, copies)
    return Prepared(
        records,
        features,
        chosen,
        sharing,
        copies,
        roles,
        rows,
        [*rejected, *refused],
        [*warnings, *records.warnings],
    )
