"""A collector in a process of its own, that behaves as a test tells it to.

Run as ``python collector.py``; it prints its port. It takes batches of the Segment wire under any path. ``POST
/_behave`` sets how it answers from then on, ``GET /_events`` gives what it took, in order of arrival, and ``GET
/_requests`` how many requests for batches there were. An event counts as taken when the answer to it is 200.
"""

from __future__ import annotations

import gzip
import json
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USUAL: dict[str, Any] = {
    "delay": 0.0,
    "status": 200,
    "headers": {},
    "answer": {"success": True},
    "times": None,
}
"""Seconds before the answer, its status, headers and body, and for how many requests before it is as usual again."""


class State:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.events: list[dict[str, Any]] = []
        self.requests = 0
        self.behaviour = dict(USUAL)

    def next_behaviour(self) -> dict[str, Any]:
        with self.lock:
            self.requests += 1
            now = dict(self.behaviour)
            if now["times"] is not None:
                self.behaviour["times"] -= 1
                if self.behaviour["times"] <= 0:
                    self.behaviour = dict(USUAL)
            return now


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    state: State

    def do_GET(self) -> None:
        state = self.state
        with state.lock:
            self.answer(state.events if self.path == "/_events" else state.requests)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        document = json.loads(body)
        if self.path == "/_behave":
            with self.state.lock:
                self.state.behaviour = {**USUAL, **document}
            self.answer({})
            return
        behaviour = self.state.next_behaviour()
        if behaviour["delay"]:
            time.sleep(behaviour["delay"])
        if behaviour["status"] == 200:
            with self.state.lock:
                self.state.events.extend(document["batch"])
        self.answer(behaviour["answer"], behaviour["status"], behaviour["headers"])

    def answer(self, what: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass

    def handle(self) -> None:
        with suppress(ConnectionError):  # the client was killed, which is what many tests do
            super().handle()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    Answering.state = State()
    server = Server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Answering)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # ends when whoever started it goes away
