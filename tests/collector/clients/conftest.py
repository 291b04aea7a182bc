"""What the tests with clients need: a collector, node with the clients, and a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .running import Served


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts a collector that knows one write key."""
    started: list[Served] = []

    def start(write_key: str, rate: float | None = None) -> Served:
        started.append(Served(tmp_path, write_key, rate))
        return started[-1]

    yield start
    for served in started:
        served.close()


@pytest.fixture(scope="session")
def node() -> dict[str, str]:
    """The environment in which node finds the clients; whoever says where they are must have all of it."""
    modules = os.environ.get("CXM_NODE_MODULES")
    if not modules:
        pytest.skip(
            "CXM_NODE_MODULES does not name the folder that package.json of these tests was installed to"
        )
    assert shutil.which("node"), "there is no node"
    return {**os.environ, "NODE_PATH": modules}


@pytest.fixture(scope="session")
def chromium(node: dict[str, str]) -> str:
    """The browser."""
    found = shutil.which("chromium")
    assert found, "there is no chromium"
    return found
