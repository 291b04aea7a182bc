"""A collector to deliver to, and hosts to capture in: both real processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


class Collector:
    """The collector's process, as tests see it."""

    def __init__(self, port: int = 0) -> None:
        command = [sys.executable, str(HERE / "collector.py"), str(port)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def behave(self, **behaviour: Any) -> None:
        """Sets how it answers: delay, status, headers, answer, times."""
        body = json.dumps(behaviour).encode()
        with urllib.request.urlopen(f"{self.url}/_behave", data=body, timeout=10):
            pass

    def events(self) -> list[dict[str, Any]]:
        """Everything it took, copies included."""
        with urllib.request.urlopen(f"{self.url}/_events", timeout=10) as answer:
            return json.load(answer)

    def requests(self) -> int:
        with urllib.request.urlopen(f"{self.url}/_requests", timeout=10) as answer:
            return json.load(answer)

    def names(self) -> Counter[str]:
        """How often each event was taken; copies of one message, as a collector drops them, count once."""
        return Counter(event["event"] for event in {e["messageId"]: e for e in self.events()}.values())

    def wait_for(self, count: int, seconds: float = 20.0) -> Counter[str]:
        """Waits until that many different messages have come, or the time is over."""
        end = time.monotonic() + seconds
        while (names := self.names()).total() < count and time.monotonic() < end:
            time.sleep(0.02)
        return names

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with closing(Collector()) as collector:
        yield collector


@pytest.fixture
def new_collector() -> Iterator[Callable[[int], Collector]]:
    """Starts a collector at a given port, for tests in which it is down at first."""
    started: list[Collector] = []

    def start(port: int) -> Collector:
        started.append(Collector(port))
        return started[-1]

    yield start
    for collector in started:
        collector.close()
