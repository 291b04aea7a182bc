"""What a reader must know about the machine before believing a figure."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from typing import Any


def machine_facts() -> dict[str, Any]:
    """Describe the machine and the versions at work.

    Returns:
        Cores this process may use, load average over the last minute, system, Python and package versions.

    Example:
        >>> sorted(machine_facts())[:2]
        ['cores', 'load']
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    packages = ("cxm-sdk", "duckdb", "pyarrow", "numpy", "rapidfuzz")
    return {
        "cores": cores,
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "memory_gib": _memory_gib(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in packages},
    }


def peer_version(python: str, package: str) -> str:
    """Ask an interpreter for the version of a package it has.

    Args:
        python: path of the interpreter.
        package: name of the distribution.

    Returns:
        The version, or an empty string when the package is not there.
    """
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return found.stdout.strip()


def _memory_gib() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        return None


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def facts_line(facts: dict[str, Any]) -> str:
    """Put machine facts into one line for a table's head.

    Args:
        facts: as from `machine_facts`.

    Returns:
        One line of text.
    """
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    return (
        f"{facts['cores']} cores (load {facts['load']}), {facts['memory_gib']} GiB, {facts['system']}, "
        f"Python {facts['python']}, {versions}"
    )
