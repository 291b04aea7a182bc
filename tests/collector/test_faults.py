"""What goes wrong goes wrong in order: nothing acknowledged is lost, nothing counts twice, and the service goes on."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import random
import resource
import socket
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk import ProfileGraph

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="limits of a running process are set as on Linux"
)


def event(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": "E", "userId": "u-1", "messageId": name, **more}


def in_graph(path: Path) -> Counter[str]:
    with ProfileGraph(path, read_only=True) as graph:
        return Counter(entry.id for entry in graph.profile("user_id", "u-1").timeline(limit=None))


class Sender(threading.Thread):
    """Sends batches one after the other, and each one until it is answered, as real clients do."""

    def __init__(self, name: str, port: Callable[[], int]) -> None:
        super().__init__(daemon=True)
        self.prefix = name
        self.port = port
        self.acknowledged: list[str] = []
        self.sent: set[str] = set()
        self.ending = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.ending.is_set():
            names = [f"{self.prefix}-{number}-{place}" for place in range(5)]
            number += 1
            self.sent.update(names)
            if self._taken([event(name) for name in names]):
                self.acknowledged += names
            self.ending.wait(0.02)  # the graph has to take all of it before the test ends

    def _taken(self, events: list[dict[str, Any]]) -> bool:
        body = json.dumps({"batch": events, "writeKey": "wk-1"}).encode()
        while not self.ending.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port(), timeout=10)
            try:
                connection.request("POST", "/v1/batch", body)
                answer = connection.getresponse()
                told = answer.read()
                if answer.status == 200:
                    statuses = {result["status"] for result in json.loads(told)["results"]}
                    assert statuses <= {"accepted", "duplicate"}
                    return True
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(0.05)
        return False


@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.slow)])
def test_a_kill_under_load_loses_nothing_acknowledged_and_doubles_nothing(
    serve: Callable[..., Any], kills: int
) -> None:
    chance = random.Random(kills)
    server = serve()
    at = [server.port]
    senders = [Sender(f"s{number}", lambda: at[0]) for number in range(2)]
    for sender in senders:
        sender.start()
    for _ in range(kills):
        time.sleep(chance.uniform(0.1, 0.8))
        server.kill()
        server = serve(port=at[0])
    time.sleep(0.3)
    for sender in senders:
        sender.ending.set()
        sender.join()
    server.wait_until_delivered(120)
    found = in_graph(server.graph)
    acknowledged = {name for sender in senders for name in sender.acknowledged}
    assert len(acknowledged) >= 5 * kills
    assert acknowledged <= found.keys() <= {name for sender in senders for name in sender.sent}
    assert set(found.values()) == {1}
    assert server.stop() == 0
    assert list((server.folder / "g.db.spool").rglob("*.seg")) == []


def test_a_full_disk_refuses_whole_requests_and_takes_them_again_later(serve: Callable[..., Any]) -> None:
    server = serve()
    assert server.ask("POST", "/v1/track", event("before")).status == 200
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))
    large = {"batch": [event(f"refused-{n}", properties={"text": "x" * 1_000}) for n in range(100)]}
    answer = server.ask("POST", "/v1/batch", large)
    assert (answer.status, answer.json["code"]) == (503, "storage")
    assert int(answer.headers["retry-after"]) >= 1
    assert server.ask("GET", "/readyz").status == 503
    assert server.ask("GET", "/healthz").status == 200
    resource.prlimit(
        server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    )
    end = time.monotonic() + 20
    while (
        answer := server.ask("POST", "/v1/track", event("after"))
    ).status == 503 and time.monotonic() < end:
        time.sleep(0.2)
    assert answer.status == 200
    server.wait_until_delivered()
    assert in_graph(server.graph) == {"before": 1, "after": 1}


def test_a_locked_graph_holds_nobody_up(serve: Callable[..., Any]) -> None:
    server = serve()
    assert server.ask("POST", "/v1/track", event("first")).status == 200
    server.wait_until_delivered()
    with sqlite3.connect(server.graph, isolation_level=None) as locking:
        locking.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        answers = [server.ask("POST", "/v1/track", event(f"m-{number}")).status for number in range(20)]
        assert time.monotonic() - began < 10
        assert answers == [200] * 20
        assert b"cxm_collector_waiting 0.0" not in server.ask("GET", "/metrics").body
        locking.execute("ROLLBACK")
    locking.close()
    server.wait_until_delivered(90)
    assert sum(in_graph(server.graph).values()) == 21


def test_the_process_that_feeds_the_graph_may_end_at_any_time(serve: Callable[..., Any]) -> None:
    server = serve()
    for number in range(3):
        assert server.ask("POST", "/v1/track", event(f"m-{number}")).status == 200
        server.wait_until_delivered()
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        for child in children:
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), 9)
    assert server.ask("POST", "/v1/track", event("last")).status == 200
    server.wait_until_delivered()
    assert in_graph(server.graph) == {"m-0": 1, "m-1": 1, "m-2": 1, "last": 1}


def raw(port: int, *parts: bytes, pause: float = 0.0, seconds: float = 10.0) -> bytes:
    """Sends bytes as they are, and reads until the other side closes, or falls silent."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        try:
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
            while more := connection.recv(65_536):
                answer += more
        except OSError:
            pass
    return answer


def test_senders_that_speak_no_http_are_refused_and_do_no_harm(serve: Callable[..., Any]) -> None:
    server = serve()
    chance = random.Random(7)
    valid = b"POST /v1/track HTTP/1.1\r\nhost: x\r\nx-write-key: wk-1\r\ncontent-length: 2\r\n\r\n{}"
    for number in range(150):
        text = bytearray(valid)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(text))
            text[at : at + chance.randint(0, 3)] = bytes(
                chance.randrange(256) for _ in range(chance.randint(0, 4))
            )
        if number % 10 == 0:
            text = bytearray(chance.randbytes(300))
        answer = raw(server.port, bytes(text), seconds=0.05)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 "), answer
        assert not answer.startswith(b"HTTP/1.1 5"), (text, answer)
        assert b"Traceback" not in answer
    for text, status in (
        (b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"a" * 100_000 + b"\r\n\r\n", b"431"),
        (b"GET /" + b"a" * 100_000, b"431"),
        (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 20_000 + b"\r\n", b"431"),
        (b"hello\r\n\r\n", b"400"),
        (
            b"POST /v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            b"400",
        ),
        (b"POST /v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n", b"400"),
        (b"GET /v1/projects/wk-1/settings HTTP/1.1\r\nhost: x\r\norigin: a\rSet-Cookie: b\r\n\r\n", b"400"),
    ):
        answer = raw(server.port, text, seconds=5)
        assert answer.split(b" ")[1] == status, (text[:60], answer[:200])
        assert json.loads(answer.partition(b"\r\n\r\n")[2]).keys() >= {"code", "message", "detail"}
    assert server.ask("POST", "/v1/track", event("m-1")).status == 200
    assert "Traceback" not in server.log.read_text()


def test_senders_of_headers_that_never_end_are_let_go(serve: Callable[..., Any]) -> None:
    before = "import cxm_sdk.cli.server as server\nserver.HEADER_SECONDS, server.IDLE_SECONDS = 0.3, 0.6"
    server = serve(before=before)
    began = time.monotonic()
    answer = raw(server.port, b"GET / HTTP/1.1\r\n", b"x: y\r\n", pause=0.1)
    assert answer.startswith(b"HTTP/1.1 408")
    assert raw(server.port) == b""  # says nothing at all
    assert time.monotonic() - began < 8
    assert server.ask("GET", "/healthz").status == 200


@pytest.mark.parametrize("count", [800, pytest.param(10_000, marks=pytest.mark.slow)])
def test_idle_connections_cost_little_and_hold_nobody_up(serve: Callable[..., Any], count: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < count + 200:
        pytest.skip("the system does not let a process open as many connections")
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 200), hard))
    server = serve()
    before = server.memory()
    idle: list[socket.socket] = []
    try:
        idle.extend(socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(count))
        assert server.ask("POST", "/v1/track", event("m-1")).status == 200
        assert server.memory() - before < 32 * 1024 * count + (16 << 20)
    finally:
        for connection in idle:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_huge_bodies_are_refused_and_leave_nothing_behind(serve: Callable[..., Any]) -> None:
    server = serve()
    assert server.ask("POST", "/v1/track", event("m-0")).status == 200
    before = server.memory()
    head = b"POST /v1/batch HTTP/1.1\r\nhost: x\r\nx-write-key: wk-1\r\n"
    stated = raw(server.port, head + b"content-length: 1073741824\r\n\r\n")
    assert stated.startswith(b"HTTP/1.1 413")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        sent = 0
        connection.sendall(head + b"transfer-encoding: chunked\r\n\r\n")
        part = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
        try:
            while sent < 1 << 30:
                connection.sendall(part)
                sent += len(part)
        except OSError:
            pass
    assert sent < 64 << 20  # it was cut off long before
    bomb = gzip.compress(bytes(1 << 28))
    nested = b'{"batch":' + b"[" * 1_000_000
    for body in (bomb, nested, bomb, nested, b'{"batch":[' + b"{}," * 1_200_000 + b"{}]}"):
        assert server.ask("POST", "/v1/batch", body).status in (400, 413)
    assert server.memory() - before < 400 << 20
    assert server.ask("POST", "/v1/track", event("m-1")).status == 200
    assert "Traceback" not in server.log.read_text()
