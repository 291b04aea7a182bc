"""A receiver of the Segment wire on a loopback port, which behaves as a test tells it to."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Request(NamedTuple):
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


Answer = tuple[int, dict[str, str], dict[str, Any]]
TAKEN: Answer = (200, {}, {"success": True})


class Receiver:
    """Keeps what it takes; ``answer`` decides what becomes of a request, ``delay`` how long that takes."""

    def __init__(
        self, answer: Callable[[Request], Answer] = lambda request: TAKEN, delay: float = 0.0
    ) -> None:
        self.answer = answer
        self.delay = delay
        self.requests: list[Request] = []
        self.taken: dict[str, dict[str, Any]] = {}
        self.duplicates = 0
        self.connections = 0
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                with receiver._lock:
                    receiver.connections += 1

            def do_POST(self) -> None:
                receiver._serve(self)

            def log_message(self, *arguments: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 100

            def handle_error(self, *arguments: Any) -> None:
                pass  # clients that are killed reset their connections

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        if handler.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        request = Request(handler.path, dict(handler.headers), json.loads(body))
        time.sleep(self.delay)
        with self._lock:
            self.requests.append(request)
            status, headers, answer = self.answer(request)
            if status == 200:
                self._take(request, answer)
        text = json.dumps(answer).encode()
        try:
            handler.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(text)
        except OSError:
            pass  # the client did not wait for it

    def _take(self, request: Request, answer: dict[str, Any]) -> None:
        results = answer.get("results")
        for position, event in enumerate(request.body["batch"]):
            if results is None or results[position]["status"] in ("accepted", "duplicate"):
                self.duplicates += event["messageId"] in self.taken
                self.taken.setdefault(event["messageId"], event)
