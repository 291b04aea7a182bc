"""Native functions by themselves: `pytest benchmarks`.

Measured are 500,000 generated customers and the candidate pairs that a trained model brings in. Figures a
second stand in `extra_info` of the report (`--benchmark-json`); nothing here asserts a time.

What bounds scoring: codes of a batch lie column by column, so that equal and missing ones are found many at a
time, and a batch is compared and weighed in one native call that shares nothing with other threads. About two
thirds of the time go into levels: names that differ, of which half a cache line a name rules most out, and
addresses. Phones, other codes and e-mails that differ are mostly told apart by digests beside their codes.
Jaro-Winkler itself is a twentieth. One third goes into weighing: the bits of values that are shared, the
hypotheses of a pair, which are summed side by side, and the logarithms of their odds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from cxm_sdk._native import cluster, compare, score
from cxm_sdk._native.pairs import PatternCounts
from cxm_sdk._native.profiles import Evidence, join_profiles
from cxm_sdk._native.strings import Similarity
from cxm_sdk.engines.local import LocalEngine
from cxm_sdk.identity.blocking import Blocks, Chunk, build_blocks
from cxm_sdk.identity.comparisons import BoundComparisons
from cxm_sdk.identity.features import Features, text_column
from cxm_sdk.identity.linker import Linker
from cxm_sdk.identity.model import MatchModel
from cxm_sdk.identity.prepare import prepare
from cxm_sdk.identity.running import Options, Stages
from cxm_sdk.identity.scoring import FLOOR, Scorer, score_blocks
from cxm_sdk.testing.synthetic import generate

ROWS = 500_000
WORKERS = 2
SEVEN = ("first_name", "last_name", "birth_date", "email", "phone", "address", "national_id")

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Scene:
    """What all benchmarks share.

    Attributes:
        model: a trained model of seven comparisons.
        features: features of the records.
        scorer: the model tied to the records.
        blocks: blocks of its rules.
        chunks: the chunks they come in.
        parts: the candidate pairs of each chunk.
    """

    model: MatchModel
    features: Features
    scorer: Scorer
    blocks: Blocks
    chunks: list[Chunk]
    parts: list[tuple[Ints, Ints]]

    @property
    def pairs(self) -> int:
        """Candidate pairs."""
        return sum(len(left) for left, _ in self.parts)

    @property
    def million(self) -> tuple[Ints, Ints]:
        """The first million of them or fewer, in the order in which they are scored."""
        left, right = (np.concatenate(side)[:1_000_000] for side in zip(*self.parts, strict=True))
        return left, right


def with_national_ids(tables: dict[str, pa.Table], truth: pa.Table) -> dict[str, pa.Table]:
    """Gives most records of two sources a number of nine digits, one in thirty with a wrong digit."""
    rng = np.random.default_rng(7)
    people = dict(
        zip(
            zip(truth["source"].to_pylist(), truth["record_id"].to_pylist(), strict=True),
            truth["entity_id"].dictionary_encode().combine_chunks().indices.to_pylist(),
            strict=True,
        )
    )
    numbers = rng.permutation(900_000_000 // 101)[: len(people)] * 101 + 100_000_000
    found = dict(tables)
    for name in ("crm", "store"):
        ids = numbers[[people[name, record] for record in tables[name].column(0).to_pylist()]]
        ids = np.where(rng.random(len(ids)) < 1 / 30, ids + 10 ** rng.integers(0, 6, len(ids)), ids)
        column = pa.array(ids.astype(str), mask=rng.random(len(ids)) < 0.2)
        found[name] = tables[name].append_column("national_id", column)
    return found


@pytest.fixture(scope="session")
def scene() -> Scene:
    """Records, a model trained on them, and its candidate pairs."""
    customers = generate(ROWS, seed=1)
    tables = with_national_ids(customers.sources, customers.truth)
    engine = LocalEngine(WORKERS)
    model = Linker(workers=WORKERS).train(tables)
    chosen = tuple(comparison for comparison in model.comparisons if comparison.name in SEVEN)
    assert sorted(comparison.name for comparison in chosen) == sorted(SEVEN)
    model = model.model_copy(update={"comparisons": chosen})
    prepared = prepare(engine, [tables], Options.of(None, (), None), Stages(None))
    features = prepared.features
    blocks = Blocks(len(prepared.records), build_blocks(features, model.rules, engine.run))
    chunks = list(blocks.chunks())
    parts = [blocks.pairs(chunk)[:2] for chunk in chunks]
    return Scene(model, features, Scorer(model, features, prepared.sharing.people), blocks, chunks, parts)


def measure(benchmark: BenchmarkFixture, work: Callable[[], Any], units: int, unit: str = "pairs") -> None:
    """Runs the work and writes down how many units it does a second."""
    run: Callable[..., Any] = benchmark.pedantic
    run(work, rounds=5, warmup_rounds=1)
    benchmark.extra_info[unit] = units
    # With --benchmark-disable the work runs once, without a clock.
    if benchmark.stats is not None:
        benchmark.extra_info[f"{unit}_per_second"] = round(units / benchmark.stats.stats.median)


# ---------------------------------------------------------------------------------------------------- scoring


@pytest.mark.benchmark(group="score with a given model of seven comparisons")
@pytest.mark.parametrize("workers", [1, WORKERS])
def test_score_given_pairs(benchmark: BenchmarkFixture, scene: Scene, workers: int) -> None:
    """Levels, adjustments and weights of candidate pairs that lie ready."""
    engine = LocalEngine(workers)

    def work() -> float:
        return sum(
            engine.run(lambda part: float(scene.scorer.score(*part).weight.max(initial=0)), scene.parts)
        )

    measure(benchmark, work, scene.pairs)


@pytest.mark.benchmark(group="score with a given model of seven comparisons")
def test_generate_and_score(benchmark: BenchmarkFixture, scene: Scene) -> None:
    """The same from blocks: pairs are generated, scored, and the links worth keeping collected."""
    engine = LocalEngine(WORKERS)
    measure(
        benchmark,
        lambda: score_blocks(scene.blocks, scene.scorer, engine.run, lambda done, total: None),
        scene.pairs,
    )


@pytest.mark.benchmark(group="one comparison, one thread")
@pytest.mark.parametrize("name", SEVEN)
def test_levels(benchmark: BenchmarkFixture, scene: Scene, name: str) -> None:
    """Levels of one comparison, all slots, and nothing else."""
    chosen = [comparison for comparison in scene.model.comparisons if comparison.name == name]
    bound, (left, right) = BoundComparisons(chosen, scene.features), scene.million
    measure(benchmark, lambda: bound.levels(left, right), len(left))


@pytest.mark.benchmark(group="one comparison, one thread")
def test_all_levels(benchmark: BenchmarkFixture, scene: Scene) -> None:
    """Levels of all seven, with the rules over several of them."""
    left, right = scene.million
    measure(benchmark, lambda: scene.scorer.bound.levels(left, right), len(left))


@pytest.mark.benchmark(group="weights, one thread")
def test_weigh(benchmark: BenchmarkFixture, scene: Scene) -> None:
    """Bits from levels, without adjustments for frequency."""
    left, right = scene.million
    scorer, levels = scene.scorer, scene.scorer.bound.levels(left, right)
    match, household = np.empty(len(left)), np.empty(len(left))
    none = score.Adjustments(np.zeros((0, 0), np.int32))  # so that no codes are read
    sources, alike = scene.features.records.source_codes, np.zeros((0, levels.shape[1]), np.uint8)

    def work() -> None:
        score.score_pairs(
            *(None, left, right, levels, scorer.match_bits, scorer.household_bits, none),
            *(sources, scorer.priors, scorer.household_priors, alike, scorer.priors),
            *(FLOOR, match, household),
        )

    measure(benchmark, work, len(left))


@pytest.mark.benchmark(group="weights, one thread")
def test_adjust(benchmark: BenchmarkFixture, scene: Scene) -> None:
    """Bits of common, rare and shared values alone."""
    left, right = scene.million
    levels = scene.scorer.bound.levels(left, right)
    measure(benchmark, lambda: scene.scorer.adjustment_bits(left, right, levels), len(left))


# ------------------------------------------------------------------------------------- names beside RapidFuzz


def names(scene: Scene, role: str) -> tuple[Ints, Ints]:
    """Codes of the names of pairs in which both sides have one and they differ."""
    codes = scene.features.codes(role)[0]
    left, right = (codes[side] for side in scene.million)
    told = (left >= 0) & (right >= 0) & (left != right)
    return left[told], right[told]


@pytest.mark.benchmark(group="different last names of candidate pairs, one thread")
def test_name_levels(benchmark: BenchmarkFixture, scene: Scene) -> None:
    """Our levels; most pairs are ruled out before Jaro-Winkler runs."""
    left, right = names(scene, "last_name")
    values = scene.features.values("last_name")
    scorer, sounds = Similarity(JaroWinkler.similarity), scene.features.sounds("last_name")
    groups, codes = np.zeros((len(values), 0), np.int32), np.arange(len(values), dtype=np.int32)
    step = compare.NameLevels([(0, 0)], 0, text_column(values), sounds, groups, scorer, None, 0.92, 0.82)
    bound, levels = compare.Comparisons([step], codes[:, None], 1), np.zeros((len(left), 1), np.uint8)
    measure(benchmark, lambda: bound.write(left, right, levels), len(left))


@pytest.mark.benchmark(group="different last names of candidate pairs, one thread")
@pytest.mark.parametrize("cutoff", [None, 0.82], ids=["all", "cutoff"])
def test_rapidfuzz_cpdist(benchmark: BenchmarkFixture, scene: Scene, cutoff: float | None) -> None:
    """The named peer: RapidFuzz's own loop over the same pairs, as similarities."""
    left, right = names(scene, "last_name")
    values = np.array(scene.features.values("last_name").to_pylist(), dtype=object)
    ours, theirs = values[left], values[right]

    def work() -> object:
        return process.cpdist(ours, theirs, scorer=JaroWinkler.similarity, score_cutoff=cutoff, workers=1)

    measure(benchmark, work, len(left))


# ------------------------------------------------------------------------------------------- pairs and groups


@pytest.mark.benchmark(group="pairs and groups, one thread")
def test_generate_pairs(benchmark: BenchmarkFixture, scene: Scene) -> None:
    """Candidate pairs from blocks, repeats of earlier rules left out."""

    def work() -> int:
        return sum(len(scene.blocks.pairs(chunk)[0]) for chunk in scene.chunks)

    measure(benchmark, work, scene.pairs)


@pytest.mark.benchmark(group="pairs and groups, one thread")
def test_count_patterns(benchmark: BenchmarkFixture, scene: Scene) -> None:
    """Agreement patterns of scored pairs."""
    left, right = scene.million
    bound = scene.scorer.bound
    levels, radices = bound.levels(left, right), np.array(bound.sizes, np.int64)
    rules, group = np.ones(len(left), np.uint32), np.zeros(len(left), np.uint8)

    def work() -> None:
        for first, last in pairwise([*range(0, len(left), 1 << 15), len(left)]):
            counts = PatternCounts(radices)
            counts.add(levels[first:last], rules[first:last], group[first:last])
            counts.items()

    measure(benchmark, work, len(left))


@pytest.mark.benchmark(group="pairs and groups, one thread")
def test_components(benchmark: BenchmarkFixture) -> None:
    """Connected components of ten million links between five million records."""
    left, right = np.random.default_rng(1).integers(0, 5_000_000, (2, 10_000_000), dtype=np.int32)
    labels = np.empty(5_000_000, np.int32)
    measure(benchmark, lambda: cluster.components(left, right, labels), len(left), "links")


@pytest.mark.benchmark(group="pairs and groups, one thread")
def test_join_profiles(benchmark: BenchmarkFixture) -> None:
    """Groups of six records compared in seven ways, one constraint."""
    groups, rng = 50_000, np.random.default_rng(1)
    starts, members = np.arange(0, 6 * groups + 1, 6), np.arange(6 * groups, dtype=np.int32)
    levels = rng.integers(0, 3, (15 * groups, 7), dtype=np.uint8)
    adjustments, none = np.zeros((15 * groups, 2)), np.zeros((6 * groups, 0), np.int32)
    bits = np.tile([0.0, -2.0, 6.0], (7, 1))
    evidence = Evidence(
        *(bits, bits / 2, np.ones((2, 7), np.uint8), np.full((2, 4), -9.0), [(0, True), (1, False)]),
        np.zeros(7, np.uint8),
    )
    single = rng.integers(-1, 2, (6 * groups, 1), dtype=np.int32)
    labels, apart = np.empty(6 * groups, np.int32), np.empty(15 * groups, np.uint8)

    def work() -> None:
        join_profiles(
            *(starts, members, levels, adjustments, members, evidence, 0.2, 0.0, single, none, labels, apart)
        )

    measure(benchmark, work, 15 * groups)
