"""A collector in this process, asked as an ASGI server asks it, and one in a process of its own, as ``cxm serve``."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cxm_sdk.capture import Collector, MemorySink

KEY = "wk-1"


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def statuses(self) -> list[str]:
        return [result["status"] for result in self.json["results"]]

    @property
    def reasons(self) -> list[str | None]:
        return [result.get("reason") for result in self.json["results"]]


class Asked:
    """A collector, asked in this process."""

    def __init__(self, collector: Collector, sink: Any) -> None:
        self.collector = collector
        self.sink = sink

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = b"",
        *,
        key: str | None = KEY,
        headers: dict[str, str] | None = None,
        query: str = "",
        root_path: str = "",
        parts: list[bytes] | None = None,
    ) -> Answer:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"host": "events.example", "content-length": str(len(text))}
        if key is not None:
            sent["authorization"] = basic(key)
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": root_path,
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
        }
        waiting = list(parts if parts is not None else [text])
        messages: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            part = waiting.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(waiting)}

        async def send(message: Any) -> None:
            messages.append(message)

        asyncio.run(self.collector(scope, receive, send))
        start, *rest = messages
        named: dict[str, str] = {}
        for name, value in start["headers"]:
            assert name.decode() not in named, f"{name!r} is sent twice"
            named[name.decode()] = value.decode("latin-1")
        return Answer(start["status"], named, b"".join(message["body"] for message in rest))

    def arrived(self) -> list[dict[str, Any]]:
        """Everything that the sink has taken, once all that was acknowledged is there."""
        assert self.collector.flush(20)
        events: list[dict[str, Any]] = self.sink.events
        return events


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Asked]]:
    """Makes collectors that keep what they get in memory."""
    made: list[Collector] = []

    def build(keys: Any = (KEY,), sink: Any = None, **options: Any) -> Asked:
        sink = MemorySink() if sink is None else sink
        options.setdefault("spool", tmp_path / "spool")
        made.append(Collector(sink, list(keys), **options))
        return Asked(made[-1], sink)

    yield build
    for collector in made:
        collector.close(5)


@pytest.fixture
def ask(make: Callable[..., Asked]) -> Asked:
    return make()


class Served:
    """``cxm serve``, as tests see it."""

    def __init__(self, folder: Path, *arguments: str, before: str = "", port: int = 0) -> None:
        self.folder = folder
        self.graph = folder / "g.db"
        self.log = folder / "log.txt"
        # the limits that a test sets stand before the command itself
        program = f"{before}\nfrom cxm_sdk.cli.process import command\ncommand()"
        script = folder / "serve.py"
        script.write_text(
            "if __name__ == '__main__':\n" + "\n".join(f"    {line}" for line in program.splitlines())
        )
        command = [sys.executable, str(script), "serve", "--graph", str(self.graph), "--write-key", KEY]
        self._log_begins = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(port), *arguments],
                stdout=log,
                stderr=log,
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            )
        self.port = self._port()

    def _port(self) -> int:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            found = re.findall(r"cxm serves on http://\S+:(\d+)", self.log.read_text()[self._log_begins :])
            if found:
                return int(found[-1])
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"it did not start: {self.log.read_text()}")

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Asks over a connection of its own."""
        text = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            named = {"Authorization": basic(KEY)} | {n.replace("_", "-"): v for n, v in headers.items()}
            connection.request(method, path, text, named)
            answer = connection.getresponse()
            return Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def memory(self) -> int:
        """Bytes that the process holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    def wait_until_delivered(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if b"cxm_collector_waiting 0.0" in self.ask("GET", "/metrics").body:
                return
            time.sleep(0.05)
        raise AssertionError("events still wait")

    def stop(self) -> int:
        """Ends it as an operator does."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def start(*arguments: str, **options: Any) -> Served:
        started.append(Served(tmp_path, *arguments, **options))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.kill()
