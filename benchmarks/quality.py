"""`python -m benchmarks quality`: F1 on published records with known truth, without any configuration."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.datasets import SETS, prepare
from benchmarks.facts import facts_line, machine_facts, peer_version
from benchmarks.tables import RUN_HEAD, run_cells, text_table
from benchmarks.tools import Run, best, run_cxm, run_splink


def quality(arguments: argparse.Namespace) -> int:
    """Run the benchmark.

    Args:
        arguments: what the command line said.

    Returns:
        Exit code: 2 when the data folder is missing, else 0.
    """
    data = Path(arguments.data)
    names = [arguments.set] if arguments.set else list(SETS)
    missing = [name for name in names if not (data / SETS[name][0]).is_dir()]
    if missing:
        print(f"no folder for {', '.join(missing)} under {data}; give the folder with --data")
        return 2
    facts = machine_facts()
    if arguments.peer:
        facts["versions"]["splink"] = peer_version(arguments.peer_python, "splink")
    report: dict[str, Any] = {"machine": facts, "seed": arguments.seed, "sets": {}}
    if not arguments.json:
        print(facts_line(facts) + f"; rows shuffled with seed {arguments.seed}\n")
    for name in names:
        with tempfile.TemporaryDirectory(prefix=f"quality-{name}-") as folder:
            runs, sizes = _one_set(name, data, Path(folder), arguments)
        report["sets"][name] = {**sizes, "runs": [run.to_dict() for run in runs]}
        if not arguments.json:
            print(f"{name}: {sizes['rows']:,} rows, {sizes['entities']:,} entities")
            print(text_table(RUN_HEAD, [run_cells(run) for run in runs]))
            print(_verdict(runs) + "\n", flush=True)
    if arguments.json:
        print(json.dumps(report, indent=2))
    return 0


def _one_set(
    name: str, data: Path, folder: Path, arguments: argparse.Namespace
) -> tuple[list[Run], dict[str, int]]:
    records = prepare(name, data, folder / "set", arguments.seed)
    runs = []
    if not arguments.skip_cxm:
        runs.append(run_cxm(records.inputs, folder / "cxm", records.truth))
    if arguments.peer:
        runs += run_splink(
            name,
            folder / "set" / "records",
            folder / "peer",
            records.truth,
            python=arguments.peer_python,
            thresholds=arguments.thresholds,
            seed=arguments.seed,
        )
    return runs, {"rows": records.rows, "entities": records.entities}


def _verdict(runs: list[Run]) -> str:
    """Compare ours with the peer's first threshold and with the peer's best one."""
    ours = [run for run in runs if run.tool == "cxm"]
    peers = [run for run in runs if run.tool != "cxm"]
    if not ours or not peers:
        return ""
    first, top = peers[0], best(peers)
    return (
        f"F1 difference to {first.tool}: {ours[0].f1 - first.f1:+.4f}; "
        f"to its best here ({top.tool}): {ours[0].f1 - top.f1:+.4f}"
    )
