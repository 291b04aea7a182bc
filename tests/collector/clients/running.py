"""A collector and its clients as processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DRIVERS = HERE / "drivers"
Event = dict[str, Any]
#: Where the collector counts requests.
REQUESTS = "cxm_collector_requests_total{"


class Served:
    """A collector whose sink is a file and a graph at a time.

    Args:
        folder: Where everything lies.
        write_key: The key that it knows.
        rate: Most events a second that the key may send, after a first burst; None for any number.
    """

    def __init__(self, folder: Path, write_key: str, rate: float | None = None) -> None:
        self.write_key = write_key
        self.graph = folder / "customers.db"
        self._file = folder / "events.jsonl"
        self._command = [sys.executable, str(HERE / "served.py"), str(folder), write_key, str(rate or "")]
        self._port = 0
        self.start()
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Starts it; when it was killed, at the same address."""
        command = [*self._command, str(self._port)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())

    def kill(self) -> None:
        """Kills it, in the middle of whatever it does."""
        self._process.kill()
        self._process.communicate()

    def events(self) -> list[Event]:
        """Everything that the sink was given, in order, copies included."""
        text = self._file.read_bytes() if self._file.exists() else b""
        return [json.loads(line) for line in text.split(b"\n")[:-1]]  # the last line may be on its way

    def wait_for(self, count: int, seconds: float = 60.0) -> list[Event]:
        """Waits until that many events are in the sink, or the time is over."""
        end = time.monotonic() + seconds
        while len(events := self.events()) < count and time.monotonic() < end:
            time.sleep(0.05)
        return events

    def refused(self) -> int:
        """How many requests were answered with 401, by the collector's own count."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        counts = [line.split()[-1] for line in lines if line.startswith(REQUESTS) and 'status="401"' in line]
        return int(sum(map(float, counts)))

    def close(self) -> list[Event]:
        """Stops the collector in good order; gives all that the sink was given in the end."""
        self._process.terminate()
        self._process.communicate(timeout=30)
        return self.events()


class Browser:
    """A browser with a page in it that makes the calls of a story.

    Args:
        client: The client of that page.
        run: What it is told: host, write key, calls and so on.
        environment: In which node finds the clients.
    """

    def __init__(self, client: str, run: dict[str, Any], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            ["node", str(DRIVERS / "browser.cjs"), client],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.origin: str = self._tell(json.dumps(run))["origin"]

    def call(self) -> list[Event]:
        """Makes the calls; gives what the client says of each event."""
        sent: list[Event] = self._tell("")["sent"]
        return sent

    def leave(self) -> dict[str, list[str]]:
        """Leaves the page; gives what the browser found wrong, and the requests that failed."""
        return self._tell("")

    def close(self) -> None:
        """Ends the browser."""
        self._process.communicate(timeout=30)

    def _tell(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer
