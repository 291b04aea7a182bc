"""Record linkage itself: what was read becomes records, then pairs, then a model, then profiles."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache, partial
from threading import Event, Thread
from typing import Any

from cxm_sdk.identity.blocking import Blocks, RuleBlocks, RuleCost, build_ahead, build_blocks
from cxm_sdk.identity.blocking_rules import candidate_rules, rule_roles
from cxm_sdk.identity.blocking_sample import Sample, rules_to_use, sample_pairs
from cxm_sdk.identity.clustering import cluster_profiles, find_households
from cxm_sdk.identity.comparisons import BoundComparisons
from cxm_sdk.identity.copies import score_copies
from cxm_sdk.identity.decision import EVEN_ODDS, find_constraints
from cxm_sdk.identity.frequencies import frequencies
from cxm_sdk.identity.golden import golden_table, golden_values
from cxm_sdk.identity.model import BlockingRule, Frequency, MatchModel
from cxm_sdk.identity.outcome import (
    Linked,
    assignment_table,
    confidence,
    household_ids,
    link_columns,
    link_table,
    peak_memory,
    profile_ids,
    summarise,
)
from cxm_sdk.identity.prepare import Prepared, make_comparable
from cxm_sdk.identity.resolution import Resolution, inputs_of
from cxm_sdk.identity.result_folder import Draft
from cxm_sdk.identity.running import Engine, Found, Options, Stages
from cxm_sdk.identity.scoring import Scored, Scorer, bits_of, score_blocks
from cxm_sdk.identity.training import (
    Patterns,
    Totals,
    Trained,
    count_patterns,
    fit,
    level_totals,
)

__all__ = ["Linkage"]

#: Part of the rules, identifiers and those of the fewest pairs first, whose blocks are built before it is known which
#: are used. About half of all are.
LIKELY = 0.4


@dataclass
class _Compared:
    """What comparing yields, before records are grouped."""

    model: MatchModel
    rules: list[RuleCost]
    scorer: Scorer
    scored: Scored
    missed: float


@dataclass(frozen=True)
class _Evidence:
    """What a model is fitted to: how values and pairs of values are spread."""

    records: int
    bound: BoundComparisons
    common: list[tuple[Frequency, ...]]
    totals: Totals
    patterns: Patterns


@dataclass(frozen=True)
class _Learned:
    """A model that was learned, tied to the records, the rules to use with it, and the matches they do not bring in."""

    scorer: Scorer
    rules: tuple[BlockingRule, ...]
    missed: float


@dataclass(frozen=True)
class Linkage:
    """One link, or one training, of what an engine has read.

    Attributes:
        engine: Where it runs.
        model: A trained model; None learns one.
        options: How the columns are understood.
        stages: Clock and progress.
    """

    engine: Engine
    model: MatchModel | None
    options: Options
    stages: Stages

    def link(
        self,
        found: Found,
        inputs: Sequence[object],
        threshold: float | None,
        output: str | os.PathLike[str] | None,
    ) -> Resolution:
        """Resolves what was read into profiles.

        Args:
            found: What was read; the list of sources is emptied.
            inputs: What it was read from.
            threshold: Smallest match probability of a link, above 0 and below 1; None takes the model's.
            output: Folder to write the result to; None keeps it in memory only.

        Returns:
            The result.

        Raises:
            InputError: When the sources, the model or the folder cannot be used.
        """
        frozen = self.model.frozen if self.model is not None else None
        prepared = make_comparable(self.engine, found, self.options, self.stages, frozen)
        fingerprint = cache(prepared.records.fingerprint)
        compared = self._compare(prepared, fingerprint)
        model = compared.model
        if threshold is not None:
            model = model.model_copy(update={"threshold": threshold})
        with self.stages("cluster"):
            scored, rules, stands = compared.scored, compared.rules, None
            if len(prepared.copies):
                scored, rules, weights = score_copies(prepared.copies, compared.scorer, scored, rules)
                stands = prepared.copies.stands(weights >= bits_of(model.threshold))
            names = [comparison.name for comparison in model.comparisons]
            clusters, columns, _ = self._side_by_side(
                partial(
                    cluster_profiles,
                    *(scored.links, compared.scorer, model.threshold, model.constraints),
                    *(self.engine.run, stands),
                ),
                partial(link_columns, prepared.records, scored.links, rules, names),
                fingerprint,
            )
        facts = {"fingerprint": fingerprint(), "inputs": inputs_of(inputs), "options": asdict(self.options)}
        linked = Linked(prepared, model, rules, scored, compared.missed, clusters, columns)
        # What was only needed to compare pairs makes room for the tables.
        del compared, scored
        return self._finish(linked, facts, output)

    def _finish(
        self, linked: Linked, facts: dict[str, Any], output: str | os.PathLike[str] | None
    ) -> Resolution:
        if output is None:
            return self._tables(linked, facts, None)
        with Draft(output) as draft:
            # Links are known first, so they have been written when the other tables are made.
            result = self._tables(linked, facts, draft)
            with self.stages("write"):
                self._side_by_side(*result.writers(draft, ("profiles", "assignments")))
                draft.put_in_place()
        return result

    def _tables(self, linked: Linked, facts: dict[str, Any], draft: Draft | None) -> Resolution:
        stages = self.stages
        prepared, model, profiles = linked.prepared, linked.model, linked.clusters.profiles

        def homes_and_ids() -> tuple[Any, Any]:
            homes = find_households(linked.scored.links, profiles, self.engine.run)
            return homes, household_ids(linked, homes)

        def written_links() -> Any:
            links = link_table(linked)
            if draft is not None:
                draft.write_table("links", links)
            return links

        with stages("profiles"):
            # What one thread does alone comes before what several share.
            links, (households, homes), values, ids, sure = self._side_by_side(
                written_links,
                homes_and_ids,
                partial(golden_values, prepared.records, profiles, self.engine.run),
                *(partial(profile_ids, linked), partial(confidence, linked)),
            )
            assignments, golden, summary = self._side_by_side(
                partial(assignment_table, linked, ids, homes, sure),
                partial(golden_table, prepared.records, profiles, ids, homes, values),
                partial(summarise, linked, households, self.engine.workers),
            )
        summary |= {"seconds": stages.rounded(), "peak_memory_bytes": peak_memory()} | facts
        return Resolution(assignments, links, golden, model, summary, prepared.rejected, prepared)

    def _side_by_side(self, *makes: Callable[[], Any]) -> list[Any]:
        return list(self.engine.run(lambda make: make(), makes))

    def train(self, found: Found) -> MatchModel:
        """Learns a model from what was read, without labels.

        Args:
            found: What was read; the list of sources is emptied.

        Returns:
            The model.

        Raises:
            InputError: When the sources cannot be used.
        """
        return self._learn(make_comparable(self.engine, found, self.options, self.stages)).model

    def _compare(self, prepared: Prepared, meanwhile: Callable[[], object]) -> _Compared:
        if self.model is None:
            return self._learn(prepared, meanwhile)
        stages = self.stages
        with stages("block"):
            rules, present = self.model.rules, set(prepared.records.columns)
            if self.model.frozen is not None:  # it is made for all that may come
                rules = tuple(rule for rule in rules if rule_roles(rule) <= present)
            chosen = build_blocks(prepared.features, rules, self.engine.run)
            scorer = Scorer(self.model, prepared.features, prepared.sharing.people)
            prepared.features.forget()
            blocks = Blocks(len(prepared.records), chosen, self.engine.run)
        with stages("score"):
            scored = score_blocks(blocks, scorer, self.engine.run, partial(stages.tell, "score"))
        return _Compared(self.model, blocks.costs, scorer, scored, 0.0)

    def _learn(self, prepared: Prepared, meanwhile: Callable[[], object] | None = None) -> _Compared:
        features, run, stages = prepared.features, self.engine.run, self.stages
        with stages("sample"):
            candidates = candidate_rules(prepared.records.columns, prepared.identifiers)
            sample = sample_pairs(features, candidates, prepared.identifiers, run)
        with stages("train"):
            learned, ahead = self._train(prepared, sample, meanwhile)
        del sample
        scorer, rules = learned.scorer, learned.rules
        model = scorer.model.model_copy(update={"rules": rules})
        with stages("block"):
            chosen = build_blocks(features, rules, run, ahead)
            del ahead
            features.forget()
            blocks = Blocks(len(prepared.records), chosen, run)
        with stages("score"):
            scored = score_blocks(blocks, scorer, run, partial(stages.tell, "score"))
            costs = blocks.costs
            del blocks, chosen
            constraints = find_constraints(scored, model, prepared.records, run)
            model = model.model_copy(update={"constraints": constraints})
        return _Compared(model, costs, scorer, scored, learned.missed)

    def _evidence(self, prepared: Prepared, sample: Sample) -> _Evidence:
        features, run = prepared.features, self.engine.run
        bound = BoundComparisons(prepared.templates, features, run)
        totals, patterns, *common = self._side_by_side(
            partial(level_totals, features, prepared.templates, bound, run),
            partial(count_patterns, sample, features, bound, run),
            *(partial(frequencies, features, template) for template in prepared.templates),
        )
        return _Evidence(len(features.leading()), bound, common, totals, patterns)

    def _train(
        self, prepared: Prepared, sample: Sample, meanwhile: Callable[[], object] | None
    ) -> tuple[_Learned, dict[BlockingRule, RuleBlocks]]:
        """Fits the model. What it is fitted to keeps all processors busy for a while, and then fitting only one.

        So a thread does what has to be done meanwhile, and goes ahead with the blocks of the first rules, of which most
        will be used.
        """
        prepared.features.look_ahead(self.engine.run)
        known, ahead = Event(), dict[BlockingRule, RuleBlocks]()
        likely = sample.rules[: round(LIKELY * len(sample.rules))]

        def build() -> None:
            with suppress(Exception):  # whoever needs any of it makes it, and is told then
                if meanwhile is not None:
                    meanwhile()
                ahead.update(build_ahead(prepared.features, likely, known))

        beside = Thread(target=build) if self.engine.workers > 1 else None
        if beside is not None:
            beside.start()
        try:
            learned = self._fitted(prepared, self._evidence(prepared, sample), sample)
        finally:
            known.set()
        if beside is not None:
            beside.join()
        return learned, ahead

    def _fitted(self, prepared: Prepared, evidence: _Evidence, sample: Sample) -> _Learned:
        trained = fit(
            *(evidence.records, prepared.templates, evidence.common, evidence.totals),
            *(evidence.patterns, sample.rules),
        )
        scorer = _scorer(trained, sample.rules, prepared, evidence.bound)
        chosen = rules_to_use(sample, scorer)
        return _Learned(scorer, chosen.rules, trained.missed + chosen.missed)


def _scorer(
    trained: Trained, rules: Sequence[BlockingRule], prepared: Prepared, bound: BoundComparisons
) -> Scorer:
    """The model that was learned, tied to the records."""
    model = MatchModel(
        comparisons=trained.comparisons,
        rules=tuple(rules),
        within=trained.within,
        across=trained.across,
        threshold=EVEN_ODDS,
        records=len(prepared.records),
    )
    return Scorer(model, prepared.features, prepared.sharing.people, bound)
