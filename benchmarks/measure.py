"""Measure a command as a whole process: wall seconds, processor seconds, peak memory.

The command is started by a small process of its own. A child's peak memory includes what its parent held at
the moment of the start, so a parent that has tables loaded would spoil the figure; the small one does not.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_STARTER = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
code = subprocess.call(sys.argv[2:])
seconds = time.perf_counter() - start
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1 if sys.platform == "darwin" else 1024
with open(sys.argv[1], "w") as report:
    json.dump([seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit, code], report)
"""


class CommandFailedError(Exception):
    """A measured command ended with an unexpected exit code."""


@dataclass(frozen=True)
class Measured:
    """What one run of a command took.

    Attributes:
        seconds: wall time of the whole process.
        cpu_seconds: processor time, user and system, over all threads.
        peak_bytes: largest resident memory of the process (of the largest one, if it starts others).
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int

    @property
    def peak_gib(self) -> float:
        """Peak memory in GiB."""
        return self.peak_bytes / 2**30

    def to_dict(self) -> dict[str, float]:
        """The figures as plain values for JSON."""
        return asdict(self)


def measure(command: Sequence[str], *, cwd: Path | None = None, allowed: Sequence[int] = (0,)) -> Measured:
    """Run a command and measure it.

    Args:
        command: program and arguments.
        cwd: working folder; None keeps the present one.
        allowed: exit codes that count as success.

    Returns:
        The figures.

    Raises:
        CommandFailedError: another exit code, with the end of what the command wrote.

    Example:
        >>> measure([sys.executable, "-c", "bytearray(50_000_000)"]).peak_bytes > 5e7
        True
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _STARTER, str(report), *command],
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CommandFailedError(
                f"the measuring process ended with {done.returncode}: {done.stdout[-2000:]}"
            )
        seconds, cpu_seconds, peak_bytes, code = json.loads(report.read_text())
    if code not in allowed:
        raise CommandFailedError(f"{' '.join(command)} ended with {code}:\n{done.stdout[-4000:]}")
    return Measured(seconds, cpu_seconds, int(peak_bytes))
