"""Run `cxm resolve` and its peers on the same records and score them with the same scorer."""

from __future__ import annotations

import compileall
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.measure import Measured, measure
from cxm_sdk.identity.evaluation import Evaluation, evaluate
from cxm_sdk.identity.truth import read_truth

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_THRESHOLDS = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Run:
    """One tool's run over one set of records.

    Attributes:
        tool: `cxm` or the peer's name, with its threshold where it has several.
        measured: seconds and memory of the whole process.
        evaluation: scores against the truth.
        stages: seconds by stage as the tool reports them.
        details: other facts the tool reports (pairs, prior, versions).
    """

    tool: str
    measured: Measured
    evaluation: Evaluation
    stages: dict[str, float] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def f1(self) -> float:
        """Cluster-pairwise F1."""
        return self.evaluation.cluster_pairwise.f1

    def to_dict(self) -> dict[str, Any]:
        """The run as plain values for JSON."""
        return {
            "tool": self.tool,
            **self.measured.to_dict(),
            **self.evaluation.to_dict(),
            "stages": self.stages,
            "details": self.details,
        }


def run_cxm(
    inputs: Sequence[Path],
    output: Path,
    truth: Path,
    extra: Sequence[str] = (),
    *,
    name: str = "cxm",
    one_table: bool = False,
) -> Run:
    """Run `cxm resolve` with its defaults as a process of its own.

    Args:
        inputs: record files or folders.
        output: result folder to be written.
        truth: CSV or Parquet with `source`, `record_id`, `entity_id`.
        extra: more arguments for the command; none means no configuration at all.
        name: what the run is called.
        one_table: whether all sources stand in one table, so that record ids alone tell records apart.

    Returns:
        Figures and scores.
    """
    # An installed package has its byte code beside it, and a working copy may be kept from writing any.
    compileall.compile_dir(ROOT / "cxm_sdk", quiet=1)
    command = [sys.executable, "-m", "cxm_sdk.cli", "resolve", *map(str, inputs)]
    command += ["--output", str(output), "--quiet", *extra]
    # Exit code 1 says that some input was rejected; the rejected records count as missed in the scores.
    measured = measure(command, cwd=ROOT, allowed=(0, 1))
    assignments = pq.read_table(output / "assignments.parquet", columns=["source", "record_id", "profile_id"])
    summary = json.loads((output / "summary.json").read_text())
    known = read_truth(truth)
    return Run(
        name,
        measured,
        evaluate(assignments, known.drop_columns(["source"]) if one_table else known),
        summary["seconds"],
        {name: summary[name] for name in ("pairs", "threshold", "estimated")},
    )


def run_splink(
    model: str,
    folder: Path,
    output: Path,
    truth: Path,
    *,
    python: str = sys.executable,
    thresholds: Sequence[float] = DEFAULT_THRESHOLDS,
    seed: int | None = 1,
) -> list[Run]:
    """Run Splink as a process of its own.

    Args:
        model: a key of `benchmarks.peers.splink_models.MODELS`.
        folder: folder with the input files.
        output: folder for its clusters.
        truth: CSV or Parquet with `source`, `record_id`, `entity_id`.
        python: interpreter that has Splink.
        thresholds: match probabilities to cluster at.
        seed: seed of its random pairs; None leaves them random, which is a little faster.

    Returns:
        One run for every threshold. Clustering at several thresholds is the benchmark's wish and not the
        job, so each run is charged with the process without the other thresholds' clustering.
    """
    command = [python, "-m", "benchmarks.peers.splink", "--model", model]
    command += [] if seed is None else ["--seed", str(seed)]
    command += ["--input", str(folder), "--output", str(output)]
    command += ["--thresholds", ",".join(f"{threshold:g}" for threshold in thresholds)]
    measured = measure(command, cwd=ROOT)
    report = json.loads((output / "report.json").read_text())
    known = read_truth(truth)
    runs = []
    for threshold in thresholds:
        own = report["clustering"][f"{threshold:g}"]
        others = sum(report["clustering"].values()) - own
        table = pq.read_table(output / f"clusters_{threshold:g}.parquet")
        table = table.rename_columns({"cluster_id": "profile_id"})
        runs.append(
            Run(
                f"splink p>={threshold:g}",
                Measured(measured.seconds - others, measured.cpu_seconds, measured.peak_bytes),
                evaluate(table, known),
                {**report["stages"], "cluster": own},
                {key: report[key] for key in ("pairs", "prior", "versions")},
            )
        )
    return runs


def best(runs: Sequence[Run]) -> Run:
    """The run with the highest cluster-pairwise F1: what someone who knows the truth would choose.

    Args:
        runs: at least one run.

    Returns:
        One of them.
    """
    return max(runs, key=lambda run: run.f1)
