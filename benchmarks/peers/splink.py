"""Run Splink over one benchmark set as a whole process of its own.

The program is started by the benchmarks with the peer's interpreter, so it imports nothing of `cxm_sdk`:

    python -m benchmarks.peers.splink --model fake_1000 --input DIR --output DIR

It writes `clusters_P.parquet` (source, record_id, cluster_id) for every threshold P and `report.json` with
the seconds of each stage, the pairs scored and the versions.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.peers.splink_models import MODELS, PeerModel


class Stages:
    """Wall seconds by stage, in the order the stages were first entered.

    >>> stages = Stages()
    >>> with stages("read"):
    ...     pass
    >>> list(stages.seconds)
    ['read']
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Add the time spent in the block to the stage called `name`."""
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def _count(connection: Any, table: str) -> int:
    return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])


def run(
    model: PeerModel,
    source: Path,
    output: Path,
    thresholds: list[float],
    seed: int | None,
    max_pairs: float | None,
) -> dict[str, Any]:
    """Train, predict and cluster with Splink on DuckDB.

    Args:
        model: what to read, compare and block on.
        source: folder with the input files, without truth.
        output: folder for the cluster files; it exists.
        thresholds: match probabilities to cluster at; links below the smallest are not kept.
        seed: seed of the random pairs for u; None leaves them random, which is a little faster.
        max_pairs: number of random pairs for u; None takes the model's own number.

    Returns:
        The report: stages in seconds, pairs, prior and versions.
    """
    stages = Stages()
    with stages("import"):
        duckdb: Any = importlib.import_module("duckdb")
        splink: Any = importlib.import_module("splink")
    logging.getLogger("splink").setLevel(logging.ERROR)
    with stages("read"):
        connection = duckdb.connect()
        # Large jobs may spill, as a practitioner would allow.
        connection.execute(f"set temp_directory='{output / 'spill'}'")
        api = splink.DuckDBAPI(connection=connection)
        tables = []
        for name, sql in model.tables(source.as_posix()).items():
            connection.execute(f"create table {name} as {sql}")
            tables.append(api.register(name, dataset_display_name=f"in_{name}"))
        rows = sum(_count(connection, name) for name in model.tables(""))
    with stages("settings"):
        linker = splink.Linker(
            tables if len(tables) > 1 else tables[0], model.settings(splink), log_level=logging.ERROR
        )
    with stages("prior"):
        linker.training.estimate_probability_two_random_records_match(
            model.deterministic(splink), recall=model.recall
        )
    with stages("u"):
        linker.training.estimate_u_using_random_sampling(max_pairs=max_pairs or model.max_pairs, seed=seed)
    with stages("em"):
        for rule in model.training(splink):
            linker.training.estimate_parameters_using_expectation_maximisation(
                rule, estimate_without_term_frequencies=model.train_without_term_frequencies
            )
    prior = float(linker._settings_obj._probability_two_random_records_match)
    with stages("blocking"):
        blocked = linker.inference.compute_blocked_pairs_for_predict()
    with stages("score"):
        predictions = linker.inference.predict(threshold_match_probability=min(thresholds))
    pairs = _count(connection, blocked.physical_name)
    clustering: dict[str, float] = {}
    for threshold in thresholds:
        start = time.perf_counter()
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predictions, threshold_match_probability=threshold
        )
        target = output / f"clusters_{threshold:g}.parquet"
        connection.execute(
            f"copy (select source, record_id, cluster_id from {clusters.physical_name}) "
            f"to '{target}' (format parquet)"
        )
        clustering[f"{threshold:g}"] = time.perf_counter() - start
    return {
        "rows": rows,
        "pairs": pairs,
        "prior": prior,
        "stages": stages.seconds,
        "clustering": clustering,
        "versions": {
            "splink": splink.__version__,
            "duckdb": duckdb.__version__,
            "python": sys.version.split()[0],
        },
    }


def main() -> None:
    """Read the command line and write the clusters and the report."""
    parser = argparse.ArgumentParser(prog="benchmarks.peers.splink")
    parser.add_argument("--model", required=True, choices=sorted(MODELS))
    parser.add_argument("--input", required=True, type=Path)
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--thresholds", default="0.5,0.95,0.99")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--max-pairs", type=float)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    arguments.output.mkdir(parents=True, exist_ok=True)
    thresholds = [float(part) for part in arguments.thresholds.split(",")]
    report = run(
        MODELS[arguments.model],
        arguments.input,
        arguments.output,
        thresholds,
        arguments.seed,
        arguments.max_pairs,
    )
    (arguments.output / "report.json").write_text(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
