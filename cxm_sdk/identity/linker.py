"""The batch side: tables in, profiles out, with a model that is given or learned from the tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from cxm_sdk.errors import InputError
from cxm_sdk.identity.blocking import Blocks, RuleCost, build_blocks, candidate_rules, sample_pairs
from cxm_sdk.identity.clustering import cluster_profiles, find_households
from cxm_sdk.identity.comparisons import BoundComparisons
from cxm_sdk.identity.copies import score_copies
from cxm_sdk.identity.decision import best_threshold, find_constraints
from cxm_sdk.identity.golden import golden_records
from cxm_sdk.identity.model import MatchModel
from cxm_sdk.identity.outcome import (
    Linked,
    assignment_table,
    confidence,
    household_ids,
    link_table,
    peak_memory,
    profile_ids,
    summarise,
)
from cxm_sdk.identity.prepare import (
    Engine,
    Options,
    Prepared,
    Progress,
    Stages,
    load_engine,
    prepare,
)
from cxm_sdk.identity.resolution import Resolution, inputs_of
from cxm_sdk.identity.scoring import Scored, Scorer, bits_of, score_blocks
from cxm_sdk.identity.training import count_patterns, fit, level_totals

__all__ = ["Engine", "Linker", "resolve"]

Map = Mapping[str, str] | Iterable[tuple[str, str]] | None


@dataclass
class _Compared:
    """What comparing yields, before records are grouped."""

    model: MatchModel
    rules: list[RuleCost]
    scorer: Scorer
    scored: Scored
    missed: float


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
            map: Roles of columns, overriding what is inferred: role to column, or pairs.
            ignore: Columns to leave out.
            id_column: Column with record ids; None infers it.
            threshold: Smallest match probability of a link; None takes the model's.
            progress: Called with stage, done and total.

        Returns:
            The result.

        Raises:
            InputError: When inputs, options or the model cannot be used.
        """
        if threshold is not None and not 0.0 < threshold < 1.0:
            raise InputError(f"expected a threshold above 0 and below 1, got {threshold}.")
        stages = Stages(progress)
        options = Options.of(map, ignore, id_column)
        prepared = prepare(self.engine, inputs, options, stages)
        compared = self._compare(prepared, stages)
        model = compared.model
        if threshold is not None:
            model = model.model_copy(update={"threshold": threshold})
        with stages("cluster"):
            scored, rules, stands = compared.scored, compared.rules, None
            if len(prepared.copies):
                scored, rules, weights = score_copies(prepared.copies, compared.scorer, scored, rules)
                stands = prepared.copies.stands(weights >= bits_of(model.threshold))
            clusters = cluster_profiles(
                *(scored.links, compared.scorer, model.threshold, model.constraints, self.engine.run, stands)
            )
        linked = Linked(prepared, model, rules, scored, compared.missed, clusters)
        # What was only needed to compare pairs makes room for the tables.
        del compared, scored
        self.engine.release()
        found = [linked]
        del linked
        return self._finish(found, inputs, options, stages, output)

    def _finish(
        self,
        found: list[Linked],
        inputs: Sequence[object],
        options: Options,
        stages: Stages,
        output: str | os.PathLike[str] | None,
    ) -> Resolution:
        linked = found.pop()  # nobody else holds it, so its parts are freed as they are used up
        prepared, model, profiles = linked.prepared, linked.model, linked.clusters.profiles
        with stages("profiles"):
            households, links, ids, sure = self._side_by_side(
                partial(find_households, linked.scored.links, profiles),
                *(partial(link_table, linked), partial(profile_ids, linked), partial(confidence, linked)),
            )
            summary, homes, fingerprint = self._side_by_side(
                partial(summarise, linked, households, self.engine.workers),
                *(partial(household_ids, linked, households), prepared.records.fingerprint),
            )
            assignments = assignment_table(linked, ids, homes, sure)
            # The links are in their table now; golden records need the room.
            del linked
            golden = golden_records(prepared.records, profiles, ids, homes, self.engine.run)
        summary |= {"seconds": stages.rounded(), "peak_memory_bytes": peak_memory()}
        summary |= {"fingerprint": fingerprint, "inputs": inputs_of(inputs), "options": asdict(options)}
        result = Resolution(assignments, links, golden, model, summary, prepared.rejected, prepared)
        if output is not None:
            with stages("write"):
                result.save(output, self.engine.run)
        return result

    def _side_by_side(self, *makes: Callable[[], Any]) -> list[Any]:
        return list(self.engine.run(lambda make: make(), makes))

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
        stages = Stages(progress)
        prepared = prepare(self.engine, inputs, Options.of(map, ignore, id_column), stages)
        return self._learn(prepared, stages).model

    def _compare(self, prepared: Prepared, stages: Stages) -> _Compared:
        if self.model is None:
            return self._learn(prepared, stages)
        with stages("block"):
            chosen = build_blocks(prepared.features, self.model.rules, self.engine.run)
            blocks = Blocks(len(prepared.records), chosen, self.engine.run)
        scorer = Scorer(self.model, prepared.features, prepared.sharing.people)
        with stages("score"):
            scored = score_blocks(blocks, scorer, self.engine.run, partial(stages.tell, "score"))
        return _Compared(self.model, blocks.costs, scorer, scored, 0.0)

    def _learn(self, prepared: Prepared, stages: Stages) -> _Compared:
        features, run = prepared.features, self.engine.run
        with stages("sample"):
            candidates = candidate_rules(prepared.records.columns, prepared.identifiers)
            sample = sample_pairs(features, candidates, prepared.identifiers, run)
        with stages("train"):
            # A copy is no second person: what values are common is counted without.
            (people, rows), _ = self._side_by_side(
                features.without_followers, partial(features.look_ahead, run)
            )
            bound = BoundComparisons(prepared.templates, features)
            totals = level_totals(people, prepared.templates, bound, run, rows)
            patterns = count_patterns(sample, features, bound, run)
            trained = fit(people, prepared.templates, totals, patterns, sample.rules)
        del sample, totals, patterns, people, rows
        with stages("block"):
            blocks = Blocks(len(prepared.records), build_blocks(features, trained.rules, run), run)
        features.forget_parts()
        model = MatchModel(
            comparisons=trained.comparisons,
            rules=trained.rules,
            within=trained.within,
            across=trained.across,
            threshold=0.5,
            records=len(prepared.records),
        )
        scorer = Scorer(model, features, prepared.sharing.people, bound)
        with stages("score"):
            scored = score_blocks(blocks, scorer, run, partial(stages.tell, "score"))
            threshold, constraints = self._side_by_side(
                partial(best_threshold, scored, trained.missed),
                partial(find_constraints, scored, model, prepared.records),
            )
            model = model.model_copy(update={"threshold": threshold, "constraints": constraints})
        return _Compared(model, blocks.costs, scorer, scored, trained.missed)


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
        map: Roles of columns, overriding what is inferred: role to column, or pairs.
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
    fitted = model if isinstance(model, MatchModel) or model is None else MatchModel.load(model)
    return Linker(fitted, workers=workers).link(
        *inputs,
        output=output,
        map=map,
        ignore=ignore,
        id_column=id_column,
        threshold=threshold,
        progress=progress,
    )
