"""The batch side: tables in, profiles out, with a model that is given or learned from the tables.

What reads the inputs and what works on them are large to import. So nothing of it is imported here: the engine reads
while ``linkage`` is imported beside it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from numbers import Real
from threading import Thread
from typing import TYPE_CHECKING

from cxm_sdk.errors import InputError
from cxm_sdk.identity.running import Engine, Found, Options, Progress, Stages, load_engine
from cxm_sdk.identity.whole import check_free

if TYPE_CHECKING:
    from cxm_sdk.identity.linkage import Linkage
    from cxm_sdk.identity.model import MatchModel
    from cxm_sdk.identity.resolution import Resolution

__all__ = ["Engine", "Linker", "resolve"]

Map = Mapping[str, str | Sequence[str]] | Iterable[tuple[str, str]] | None


class Linker:
    """Finds out which records of some tables are one person.

    Args:
        model: A trained model; None learns one from the inputs.
        engine: Name of the engine to run on.
        workers: Threads or processes of the engine; None leaves the choice to it.

    Raises:
        InputError: When the engine is not installed, or workers is below 1.

    >>> import pyarrow as pa
    >>> people = pa.table({"id": ["1", "2"], "first_name": ["Ada", "Ada"], "email": ["a@x.org", "A@x.org"]})
    >>> model = Linker().train({"crm": people})
    >>> Linker(model).link({"crm": people}).summary["records"]
    2
    """

    def __init__(
        self, model: MatchModel | None = None, *, engine: str = "local", workers: int | None = None
    ) -> None:
        self.model = model
        self.engine = load_engine(engine, workers)

    def link(
        self,
        *inputs: object,
        output: str | os.PathLike[str] | None = None,
        map: Map = None,  # noqa: A002 - the word users type
        ignore: Collection[str] = (),
        id_column: str | None = None,
        threshold: float | None = None,
        progress: Progress | None = None,
    ) -> Resolution:
        """Resolves inputs into profiles.

        Args:
            inputs: Paths, globs, ``NAME=PATH``, Arrow tables, pandas or Polars frames, DuckDB relations, or mappings
                from source names to any of these.
            output: Folder to write the result to; None keeps it in memory only.
            map: Roles of columns, overriding what is inferred: role to column or columns, or pairs.
            ignore: Columns to leave out.
            id_column: Column with record ids; None infers it.
            threshold: Smallest match probability of a link; None takes the model's.
            progress: Called with stage, done and total.

        Returns:
            The result.

        Raises:
            InputError: When inputs, options or the model cannot be used.
        """
        if threshold is not None and not (isinstance(threshold, Real) and 0.0 < threshold < 1.0):
            raise InputError(f"expected a threshold above 0 and below 1, got {threshold!r}.")
        if output is not None:
            check_free(output)  # before hours of work
        linkage, found = self._begin(inputs, Options.of(map, ignore, id_column), Stages(progress))
        return linkage.link(found, inputs, threshold, output)

    def train(
        self,
        *inputs: object,
        map: Map = None,  # noqa: A002 - the word users type
        ignore: Collection[str] = (),
        id_column: str | None = None,
        progress: Progress | None = None,
    ) -> MatchModel:
        """Learns a model from inputs, without labels.

        Args:
            inputs: As for ``link``.
            map: As for ``link``.
            ignore: As for ``link``.
            id_column: As for ``link``.
            progress: As for ``link``.

        Returns:
            The model.

        Raises:
            InputError: When inputs or options cannot be used.
        """
        linkage, found = self._begin(inputs, Options.of(map, ignore, id_column), Stages(progress))
        return linkage.train(found)

    def _begin(self, inputs: Sequence[object], options: Options, stages: Stages) -> tuple[Linkage, Found]:
        """Reads the inputs, here, where Ctrl-C stops it; a second worker imports what comes next meanwhile."""
        with stages("read"):
            beside = Thread(target=_import_linkage) if self.engine.workers > 1 else None
            if beside is not None:
                beside.start()
            found = self.engine.read(inputs)
            if beside is not None:
                beside.join()
            from cxm_sdk.identity.linkage import Linkage
        return Linkage(self.engine, self.model, options, stages), found


def _import_linkage() -> None:
    with suppress(Exception):  # whoever needs it imports it too, and is told then
        import_module("cxm_sdk.identity.linkage")


def resolve(
    *inputs: object,
    output: str | os.PathLike[str] | None = None,
    map: Map = None,  # noqa: A002 - the word users type
    ignore: Collection[str] = (),
    id_column: str | None = None,
    model: MatchModel | str | os.PathLike[str] | None = None,
    threshold: float | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Resolution:
    """Finds out which records are one person: no labels, no configuration.

    Args:
        inputs: Paths, globs, ``NAME=PATH``, Arrow tables, pandas or Polars frames, DuckDB relations, or mappings from
            source names to any of these.
        output: Folder to write the result to; None keeps it in memory only.
        map: Roles of columns, overriding what is inferred: role to column or columns, or pairs.
        ignore: Columns to leave out.
        id_column: Column with record ids; None infers it.
        model: A trained model or its file; None learns one from the inputs.
        threshold: Smallest match probability of a link, above 0 and below 1; None takes the model's.
        workers: Threads; None takes the CPUs this process may use.
        progress: Called with stage, done and total.

    Returns:
        The result.

    Raises:
        InputError: When inputs, options or the model cannot be used.

    >>> import pyarrow as pa
    >>> crm = pa.table({"id": ["1", "2"], "first_name": ["Ada", "Bob"], "email": ["ada@x.org", "bob@x.org"]})
    >>> result = resolve({"crm": crm})
    >>> result.assignments.num_rows
    2
    """
    if isinstance(model, str | os.PathLike):
        from cxm_sdk.identity.model import MatchModel

        model = MatchModel.load(model)
    elif model is not None and not hasattr(model, "comparisons"):
        raise InputError(f"expected a MatchModel or the path of one, got {type(model).__name__}.")
    return Linker(model, workers=workers).link(
        *inputs,
        output=output,
        map=map,
        ignore=ignore,
        id_column=id_column,
        threshold=threshold,
        progress=progress,
    )
