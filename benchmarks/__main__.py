"""Command line of the benchmarks: `python -m benchmarks quality|resolve|capture|collector|graph|adapters`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks.adapters import adapters
from benchmarks.capture import PEERS, capture
from benchmarks.collector import collector
from benchmarks.datasets import SETS
from benchmarks.graph import graph
from benchmarks.quality import quality
from benchmarks.resolve import SCALE_SIZES, resolve
from benchmarks.tools import DEFAULT_THRESHOLDS


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(float(part)) for part in text.split(","))


def parser() -> argparse.ArgumentParser:
    """The command line.

    Returns:
        A parser whose result has the function to call as `run`.

    Example:
        >>> parser().parse_args(["quality", "--set", "febrl3"]).set
        'febrl3'
    """
    top = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = top.add_subparsers(required=True)

    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--peer", choices=["splink"], help="measure this tool on the same rows")
    shared.add_argument("--peer-python", default=sys.executable, help="interpreter that has the peer")
    shared.add_argument("--skip-cxm", action="store_true", help="measure the peer only")
    shared.add_argument("--seed", type=int, default=1, help="seed of the rows")
    shared.add_argument("--json", action="store_true", help="print one JSON object and no tables")
    shared.add_argument(
        "--thresholds",
        type=_numbers,
        default=DEFAULT_THRESHOLDS,
        help="match probabilities the peer clusters at; the first is its default",
    )

    command = names.add_parser("quality", parents=[shared], help="F1 on published records with known truth")
    command.add_argument("--data", default="../shared/data", help="folder with the published sets")
    command.add_argument("--set", choices=list(SETS), help="one set only")
    command.set_defaults(run=quality)

    command = names.add_parser("resolve", parents=[shared], help="time and memory on generated customers")
    command.add_argument("--rows", type=lambda text: int(float(text)), default=1_000_000)
    command.add_argument(
        "--repeat", type=int, default=1, help="runs of each tool, in turn; medians are shown"
    )
    command.add_argument("--workers", type=int, help="threads for cxm; default: all cores")
    command.add_argument("--keep", help="folder to generate the rows into, and to take them from next time")
    command.add_argument("--scale", action="store_true", help="cxm alone at several sizes")
    command.add_argument("--sizes", type=_sizes, default=SCALE_SIZES, help="sizes for --scale")
    command.set_defaults(run=resolve)

    command = names.add_parser(
        "capture", help="cost of a call, memory, import and delivery of capture clients"
    )
    command.add_argument(
        "--peer", choices=list(PEERS), action="append", help="this peer only; may be repeated"
    )
    command.add_argument("--peer-python", default=sys.executable, help="interpreter that has the peers")
    command.add_argument("--events", type=int, default=20_000, help="events to deliver end to end")
    command.add_argument("--repeat", type=int, default=5, help="rounds; medians are shown")
    command.add_argument("--json", action="store_true", help="print one JSON object and no table")
    command.set_defaults(run=capture)

    command = names.add_parser(
        "graph", help="live graphs of several sizes: records a second, latencies, bytes"
    )
    command.add_argument("--sizes", type=_sizes, default=(100_000, 1_000_000), help="records in the store")
    command.add_argument("--seed", type=int, default=1, help="seed of the rows")
    command.add_argument("--keep", help="folder in which the stores stay, to be measured again")
    command.add_argument("--plot", help="file for a drawing (SVG) of records a second as the stores grow")
    command.add_argument("--json", action="store_true", help="print one JSON object and no tables")
    command.set_defaults(run=graph)

    command = names.add_parser(
        "collector", help="requests a second that the collector takes, under load from wrk"
    )
    command.add_argument("--seconds", type=float, default=10.0, help="of each load")
    command.add_argument("--json", action="store_true", help="print one JSON object and no table")
    command.add_argument(
        "--minutes", type=float, default=0, help="instead, load it for long, and watch its memory"
    )
    command.set_defaults(run=collector)

    command = names.add_parser("adapters", help="payloads a second that each adapter reads on one core")
    command.add_argument("--adapter", help="this one only")
    command.add_argument("--seconds", type=float, default=0.5, help="for each payload")
    command.add_argument("--json", action="store_true", help="print one JSON object and no table")
    command.set_defaults(run=adapters)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one benchmark.

    Args:
        arguments: the command line without the program; None takes it from `sys.argv`.

    Returns:
        Exit code.
    """
    chosen = parser().parse_args(arguments)
    return int(chosen.run(chosen))


if __name__ == "__main__":
    sys.exit(main())
