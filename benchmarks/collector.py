"""Requests a second that the collector takes, beside a bare endpoint that only parses JSON.

The load comes from wrk (Debian package `wrk`), a small program in C, on the same machine; every event has an id of its
own. Both servers run in one process under uvicorn, the collector with its graph fed by a child process.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.tables import text_table

KEY = "benchmark-write-key"
CONNECTIONS = 16
AIMS = {1: 3_000, 100: 250}
"""Requests a second that are aimed at, by their number of events."""

_LUA = """
local batch, wait, seed = %(batch)d, %(wait)f, "%(seed)s"
local count, sent = 0, 0
local event = [[{"type":"track","event":"Order Completed","userId":"u-%%d","anonymousId":"a-%%d",]]
  .. [["messageId":"%%s-%%d","timestamp":"2026-03-01T13:00:00.000Z","context":{"library":{"name":"analytics-python",]]
  .. [["version":"2.4.0"},"page":{"url":"https://shop.example/cart","path":"/cart"}},"properties":]]
  .. [[{"order_id":"o-%%d","total":42.5,"currency":"EUR","products":[{"product_id":"p-1","name":"Tea","price":4.5,]]
  .. [["quantity":2},{"product_id":"p-2","name":"Cup","price":9.5,"quantity":1}]},"integrations":{"All":true}}]]
local function one()
  count = count + 1
  return string.format(event, count %% 50000, count %% 50000, seed, count, count)
end
wrk.method = "POST"
wrk.headers["Authorization"] = "Basic %(basic)s"
wrk.headers["Content-Type"] = "application/json"
function request()
  if batch == 1 then return wrk.format(nil, "/v1/track", nil, one()) end
  local parts = {}
  for i = 1, batch do parts[i] = one() end
  return wrk.format(nil, "/v1/batch", nil,
    '{"batch":[' .. table.concat(parts, ",") .. '],"sentAt":"' .. os.date("!%%Y-%%m-%%dT%%H:%%M:%%SZ") .. '"}')
end
if wait > 0 then
  function delay() return wait * (0.5 + math.random()) end
end
"""

_BARE = """
import json
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
async def take(request):
    json.loads(await request.body())
    return Response(b'{"success":true}', media_type="application/json")
app = Starlette(routes=[Route("/v1/track", take, methods=["POST"]), Route("/v1/batch", take, methods=["POST"])])
import uvicorn
uvicorn.run(app, port=%d, access_log=False, log_level="error", http="httptools", loop="uvloop")
"""


@dataclass
class Load:
    """What came of a load.

    Attributes:
        server: `cxm serve` or `bare`.
        batch: events of a request.
        requests: requests a second.
        events: events a second.
        p50: median latency in milliseconds.
        p99: its 99th percentile.
        cpu: microseconds of processor time that the server's process took for a request, its child apart.
        memory: MiB that the server's process holds at the end.
    """

    server: str
    batch: int
    requests: float
    events: float
    p50: float
    p99: float
    cpu: float
    memory: float


def collector(chosen: argparse.Namespace) -> int:
    """Measures, and prints a table.

    Args:
        chosen: parsed command line.

    Returns:
        Exit code.
    """
    if shutil.which("wrk") is None:
        print("the load generator wrk is not installed: apt-get install wrk", file=sys.stderr)
        return 2
    if chosen.minutes:
        return _lasting(chosen.minutes)
    loads: list[Load] = []
    with tempfile.TemporaryDirectory() as folder:
        for batch in (1, 100):
            bare = _measured("bare", Path(folder), batch, chosen.seconds, 0.0)
            full = _measured("cxm serve", Path(folder), batch, chosen.seconds, 0.0)
            half = _measured("cxm serve", Path(folder), batch, chosen.seconds, AIMS[batch] / 2)
            loads += [bare, full, half]
    if chosen.json:
        print(json.dumps([asdict(load) for load in loads]))
        return 0
    head = (
        "server",
        "events a request",
        "requests/s",
        "events/s",
        "p50 ms",
        "p99 ms",
        "cpu µs",
        "MiB",
        "of bare",
    )
    rows = []
    for at, load in enumerate(loads):
        share = load.requests / loads[at - at % 3].requests
        name = f"{load.server}, half the aim" if at % 3 == 2 else load.server
        cells = (f"{load.requests:,.0f}", f"{load.events:,.0f}", f"{load.p50:.2f}", f"{load.p99:.2f}")
        rows.append([name, str(load.batch), *cells, f"{load.cpu:,.0f}", f"{load.memory:.0f}", f"{share:.2f}"])
    print(text_table(head, rows))
    return 0


EVERY = 10.0  # seconds


def _lasting(minutes: float) -> int:
    """Loads the collector for long, with single events, and prints what it and its child hold every ten seconds."""
    with tempfile.TemporaryDirectory() as folder:
        port, graph = 8_790, tempfile.mkdtemp(dir=folder)
        command = [sys.executable, "-m", "cxm_sdk.cli", "serve", "--graph", f"{graph}/g.db"]
        process = subprocess.Popen(
            [*command, "--write-key", KEY, "--port", str(port)], stderr=subprocess.DEVNULL
        )
        try:
            _wait_for(port)
            with ThreadPoolExecutor(1) as pool:
                at = (port, process.pid)
                load = pool.submit(_loaded, "cxm serve", Path(folder), at, 1, minutes * 60, AIMS[1] / 2)
                rows = []
                began = time.monotonic()
                while not load.done():
                    held = _held(process.pid)
                    rows.append([f"{time.monotonic() - began:.0f}", *held, f"{_waiting(port):,.0f}"])
                    wait_for([load], EVERY)
        finally:
            process.kill()
            process.wait()
    head = ("s", "MiB", "of them its own", "MiB of the child", "waiting for the graph")
    print(text_table(head, rows))
    print(load.result())
    return 0


def _held(pid: int) -> tuple[str, str, str]:
    """Memory of a server, the part of it that is no mapped file, and that of the child that feeds the graph."""
    children = [each.read_text().split() for each in Path(f"/proc/{pid}/task").glob("*/children")]
    feeding = [_memory(int(child), "VmRSS") for each in children for child in each]
    return (
        f"{_memory(pid, 'VmRSS'):.1f}",
        f"{_memory(pid, 'RssAnon'):.1f}",
        f"{max(feeding, default=0.0):.1f}",
    )


def _memory(pid: int, what: str) -> float:
    return int(_found(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())) / 1024


def _waiting(port: int) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        return float(_found(r"\ncxm_collector_waiting (\S+)", answer.read().decode()))


def _measured(server: str, folder: Path, batch: int, seconds: float, rate: float) -> Load:
    """Starts a server, loads it, and ends it. A rate of 0 is as fast as it goes; else requests a second."""
    port = 8_790
    if server == "bare":
        command = [sys.executable, "-c", _BARE % port]
    else:
        graph = tempfile.mkdtemp(dir=folder)
        command = [sys.executable, "-m", "cxm_sdk.cli", "serve", "--graph", f"{graph}/g.db"]
        command += ["--write-key", KEY, "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        return _loaded(server, folder, (port, process.pid), batch, seconds, rate)
    finally:
        process.send_signal(signal.SIGINT if server == "bare" else signal.SIGKILL)
        process.wait()


def _loaded(server: str, folder: Path, at: tuple[int, int], batch: int, seconds: float, rate: float) -> Load:
    port, pid = at
    script = folder / "load.lua"
    wait = CONNECTIONS / rate * 1000 if rate else 0.0
    values = {
        "batch": batch,
        "wait": wait,
        "seed": time.time_ns(),
        "basic": b64encode(f"{KEY}:".encode()).decode(),
    }
    script.write_text(_LUA % values)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--latency", "-s", str(script)]
    before = _cpu(pid)
    told = subprocess.run(
        [*command, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True
    ).stdout
    requests = float(_found(r"Requests/sec:\s+([\d.]+)", told))
    wrong = re.findall(r"Non-2xx or 3xx responses: (\d+)|connect (\d+), read (\d+), write (\d+)", told)
    errors = sum(int(number) for numbers in wrong for number in numbers if number)
    if errors:
        raise RuntimeError(f"{errors} requests failed")
    p50, p99 = (_milliseconds(_found(rf"\n +{share}% +(\S+)", told)) for share in (50, 99))
    answered = int(_found(r"(\d+) requests in", told))
    cpu = (_cpu(pid) - before) / answered * 1e6
    if server != "bare":
        _check(port, answered * batch)
    return Load(server, batch, requests, requests * batch, p50, p99, cpu, _memory(pid, "VmRSS"))


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _check(port: int, answered: int) -> None:
    """Sees to it that every event that was answered for was taken, and none of them told as a duplicate."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    accepted = float(_found(r'events_total\{source="default",status="accepted"\} (\S+)', text))
    if accepted < answered or 'status="duplicate"' in text or 'status="invalid"' in text:
        raise RuntimeError(f"{answered} events were answered for, {accepted:.0f} accepted")


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"wrk did not say {pattern}")
    return found[1]


def _milliseconds(text: str) -> float:
    """Reads what wrk writes.

    Example:
        >>> _milliseconds("1.50ms"), _milliseconds("850.00us"), _milliseconds("2.00s")
        (1.5, 0.85, 2000.0)
    """
    for unit, factor in (("us", 0.001), ("ms", 1.0), ("s", 1000.0)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    return float(text)


def _wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start")
