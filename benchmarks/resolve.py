"""`python -m benchmarks resolve`: whole processes on generated customers, side by side in one run."""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.customers import Customers, generated, same_rows, unified
from benchmarks.facts import facts_line, machine_facts, peer_version
from benchmarks.measure import Measured
from benchmarks.tables import RUN_HEAD, run_cells, text_table
from benchmarks.tools import Run, best, run_cxm, run_splink

SCALE_SIZES = (100_000, 1_000_000, 5_000_000)


def resolve(arguments: argparse.Namespace) -> int:
    """Run the benchmark.

    Args:
        arguments: what the command line said.

    Returns:
        Exit code 0.
    """
    facts = machine_facts()
    if arguments.peer:
        facts["versions"]["splink"] = peer_version(arguments.peer_python, "splink")
    if not arguments.json:
        print(facts_line(facts) + f"; seed {arguments.seed}\n", flush=True)
    with _work_folder(arguments.keep) as folder:
        report = _scale(folder, arguments) if arguments.scale else _side_by_side(folder, arguments)
    if arguments.json:
        print(json.dumps({"machine": facts, "seed": arguments.seed, **report}, indent=2))
    return 0


@contextmanager
def _work_folder(keep: str | None) -> Iterator[Path]:
    if keep:
        yield Path(keep)
    else:
        with tempfile.TemporaryDirectory(prefix="resolve-") as folder:
            yield Path(folder)


def _say(arguments: argparse.Namespace, text: str) -> None:
    if not arguments.json:
        print(text, flush=True)


def _cxm(customers: Customers, output: Path, arguments: argparse.Namespace, table: Path | None = None) -> Run:
    extra = ["--workers", str(arguments.workers)] if arguments.workers else []
    shutil.rmtree(output, ignore_errors=True)
    if table is not None:
        return run_cxm([table], output, customers.truth, extra, one_table=True)
    files = len(customers.inputs)
    return run_cxm(customers.inputs, output, customers.truth, extra, name=f"cxm, {files} files as they are")


def _side_by_side(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    customers = generated(
        folder / f"rows_{arguments.rows}_seed_{arguments.seed}", arguments.rows, arguments.seed
    )
    _say(
        arguments, f"{customers.rows:,} rows in {len(customers.inputs)} files, {customers.entities:,} people"
    )
    if arguments.peer:
        start = time.perf_counter()
        table = unified(customers)
        prepared = time.perf_counter() - start
        _say(arguments, f"one clean table for both, in nobody's time: {prepared:.1f} s")
    rounds: list[list[Run]] = []
    for _ in range(arguments.repeat):
        runs = [] if arguments.skip_cxm else [_cxm(customers, folder / "cxm", arguments)]
        if arguments.peer:
            if not arguments.skip_cxm:
                runs.insert(0, _cxm(customers, folder / "cxm", arguments, same_rows(table)))
            runs += run_splink(
                "customers",
                table.parent,
                folder / "peer",
                customers.truth,
                python=arguments.peer_python,
                thresholds=arguments.thresholds,
                seed=None,
            )
        rounds.append(runs)
    runs = [_median(list(same)) for same in zip(*rounds, strict=True)]
    _say(arguments, "\n" + text_table(RUN_HEAD, [run_cells(run) for run in runs]) + "\n")
    _say(arguments, _stages(runs))
    ratios = _ratios(runs)
    for line in ratios:
        _say(arguments, line)
    return {
        "rows": customers.rows,
        "entities": customers.entities,
        "repeat": arguments.repeat,
        "runs": [run.to_dict() for run in runs],
        "ratios": ratios,
    }


def _median(runs: list[Run]) -> Run:
    """The run with the median wall time; memory is the largest seen."""
    middle = sorted(runs, key=lambda run: run.measured.seconds)[(len(runs) - 1) // 2]
    measured = Measured(
        statistics.median(run.measured.seconds for run in runs),
        statistics.median(run.measured.cpu_seconds for run in runs),
        max(run.measured.peak_bytes for run in runs),
    )
    return Run(middle.tool, measured, middle.evaluation, middle.stages, middle.details)


def _stages(runs: list[Run]) -> str:
    """Seconds by stage, one table for each tool (the peer's thresholds share all but the last stage)."""
    tables = []
    for tool in dict.fromkeys(run.tool.split(" p>=")[0] for run in runs):
        run = next(run for run in runs if run.tool.split(" p>=")[0] == tool)
        cells = [[name, f"{seconds:.2f}"] for name, seconds in run.stages.items()]
        pairs = run.details.get("pairs")
        title = f"{tool}, {pairs:,} pairs" if isinstance(pairs, int) else tool
        tables.append(f"{text_table((title, 'seconds'), cells)}\n")
    return "\n".join(tables)


def _ratios(runs: list[Run]) -> list[str]:
    """How many times the peer takes of what ours takes, with the scores side by side."""
    ours = next((run for run in runs if run.tool == "cxm"), None)
    peers = [run for run in runs if not run.tool.startswith("cxm")]
    if ours is None or not peers:
        return []
    top = best(peers)
    lines = [
        f"{top.tool} (its best F1 here) / cxm: wall {top.measured.seconds / ours.measured.seconds:.1f} x, "
        f"processor {top.measured.cpu_seconds / ours.measured.cpu_seconds:.1f} x, "
        f"peak memory {top.measured.peak_bytes / ours.measured.peak_bytes:.2f} x"
    ]
    own = ours.evaluation.cluster_pairwise
    for peer in peers:
        score = peer.evaluation.cluster_pairwise
        lines.append(
            f"cxm against {peer.tool}: recall of true pairs {own.recall:.4f} / {score.recall:.4f}, "
            f"precision {own.precision:.4f} / {score.precision:.4f}, F1 {own.f1:.4f} / {score.f1:.4f}"
        )
    return lines


def _scale(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    head = ("rows", "seconds", "us / row", "growth", "cpu s", "peak GiB", "F1")
    cells: list[list[str]] = []
    found: list[dict[str, Any]] = []
    first: float | None = None
    for rows in arguments.sizes:
        customers = generated(folder / f"rows_{rows}_seed_{arguments.seed}", rows, arguments.seed)
        run = _median([_cxm(customers, folder / "cxm", arguments) for _ in range(arguments.repeat)])
        per_row = run.measured.seconds / customers.rows
        first = first or per_row
        cells.append(
            [
                f"{customers.rows:,}",
                f"{run.measured.seconds:.1f}",
                f"{per_row * 1e6:.2f}",
                f"{per_row / first:.2f}",
                f"{run.measured.cpu_seconds:.1f}",
                f"{run.measured.peak_gib:.2f}",
                f"{run.f1:.4f}",
            ]
        )
        found.append({"rows": customers.rows, "growth": per_row / first, **run.to_dict()})
    _say(arguments, text_table(head, cells))
    _say(arguments, "\ngrowth: time a row, against the first size; 1 is linear")
    return {"scale": found}
