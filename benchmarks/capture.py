"""`python -m benchmarks capture`: the client beside six others, same events, in one interleaved run."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.facts import facts_line, machine_facts, peer_version
from benchmarks.tables import text_table

# name on the command line: distribution, what a program imports
PEERS = {
    "segment": ("segment-analytics-python", "import segment.analytics"),
    "posthog": ("posthog", "import posthog"),
    "rudder": ("rudder-sdk-python", "import rudderstack.analytics"),
    "snowplow": ("snowplow-tracker", "import snowplow_tracker"),
    "mixpanel": ("mixpanel", "import mixpanel"),
    "amplitude": ("amplitude-analytics", "import amplitude"),
}
OURS = "import cxm_sdk; cxm_sdk.Client"
GOALS = (
    "goals for cxm with `process` durability: call nested <= 15 us untyped, <= 25 us typed; <= 7 MB for 10,000; "
    "import <= 60 ms; fewer us of processor an event than every other"
)
HEAD = (
    "client",
    "nested us",
    "its cpu",
    "flat us",
    "its cpu",
    "MB / 10k nested",
    "MB / 10k flat",
    "import ms",
    "events / s",
    "us cpu / event",
    "lost",
    "requests",
)


def capture(arguments: argparse.Namespace) -> int:
    """Run the benchmark.

    Args:
        arguments: what the command line said.

    Returns:
        Exit code 0.
    """
    peers = arguments.peer or list(PEERS)
    facts = machine_facts()
    facts["versions"] = {"cxm-sdk": facts["versions"]["cxm-sdk"]} | {
        PEERS[name][0]: peer_version(arguments.peer_python, PEERS[name][0]) for name in peers
    }
    missing = [name for name in peers if not facts["versions"][PEERS[name][0]]]
    if missing:
        print(
            f"{arguments.peer_python} has not: {', '.join(PEERS[name][0] for name in missing)}",
            file=sys.stderr,
        )
        return 2
    if not arguments.json:
        print(facts_line(facts) + "\n", flush=True)
    names = ["cxm", "cxm typed", *peers]
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    with _collector() as ports:
        for number in range(arguments.repeat):
            # every other round backwards, so that none always runs in the wake of the same one
            for name in names if number % 2 == 0 else reversed(names):
                rounds[name].append(_measured(name, ports, arguments))
    medians = {
        name: {key: statistics.median(run[key] for run in runs if key in run) for key in runs[0]}
        for name, runs in rounds.items()
    }
    if arguments.json:
        print(json.dumps({"machine": facts, "repeat": arguments.repeat, "clients": medians}, indent=2))
        return 0
    print(text_table(HEAD, [[name, *_cells(found)] for name, found in medians.items()]) + "\n")
    print(f"medians of {arguments.repeat} interleaved rounds; {arguments.events:,} nested events end to end")
    print(GOALS)
    return 0


@contextmanager
def _collector() -> Iterator[dict[str, int]]:
    command = [sys.executable, "-m", "benchmarks.loopback"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.communicate()


def _measured(name: str, ports: dict[str, int], arguments: argparse.Namespace) -> dict[str, float]:
    """One round of one client; each figure comes from a process of its own."""
    typed = name == "cxm typed"
    python = sys.executable if name.startswith("cxm") else arguments.peer_python
    found: dict[str, float] = {}
    for shape in ("nested",) if typed else ("nested", "flat"):
        calls = _run(python, name, ["--measure", "calls", "--shape", shape], ports["silent"])
        found[f"call {shape}"] = calls["call"] * 1e6
        found[f"call cpu {shape}"] = calls["cpu"] * 1e6
        found[f"memory {shape}"] = calls["memory"] / 1e6
    if not typed:
        found["import"] = _import_seconds(python, OURS if name == "cxm" else PEERS[name][1]) * 1e3
    _ask(ports["quick"], "reset")
    events = arguments.events
    sent = _run(python, name, ["--measure", "delivery", "--events", str(events)], ports["quick"])
    arrived = _ask(ports["quick"], "count")
    found["rate"] = arrived["events"] / sent["seconds"]
    found["cpu"] = sent["cpu"] / max(1, arrived["events"]) * 1e6
    found["lost"] = events - arrived["events"]
    found["requests"] = arrived["requests"]
    return found


def _run(python: str, name: str, options: list[str], port: int) -> dict[str, float]:
    client, _, typed = name.partition(" ")
    command = [
        python,
        "-m",
        "benchmarks.peers.capture_clients",
        "--client",
        client,
        "--port",
        str(port),
        *options,
    ]
    done = subprocess.run(
        command + (["--typed"] if typed else []), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _import_seconds(python: str, statement: str) -> float:
    """Wall time over that of an interpreter that imports nothing; the least of three each."""

    def least(program: str) -> float:
        times = []
        for _ in range(3):
            began = time.perf_counter()
            subprocess.run([python, "-c", program], check=True)
            times.append(time.perf_counter() - began)
        return min(times)

    return least(statement) - least("pass")


def _ask(port: int, what: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{what}", timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def _cells(found: dict[str, float]) -> list[str]:
    formats = {
        "call nested": "{:.1f}",
        "call cpu nested": "{:.1f}",
        "call flat": "{:.1f}",
        "call cpu flat": "{:.1f}",
        "memory nested": "{:.1f}",
        "memory flat": "{:.1f}",
        "import": "{:.0f}",
        "rate": "{:,.0f}",
        "cpu": "{:.1f}",
        "lost": "{:,.0f}",
        "requests": "{:,.0f}",
    }
    return [text.format(found[key]) if key in found else "" for key, text in formats.items()]
