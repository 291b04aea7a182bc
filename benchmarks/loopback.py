"""A collector on this machine that takes what every measured client sends, as cheaply as Python can.

    python -m benchmarks.loopback

It listens on two ports and prints them as JSON. The first answers every request at once in a way all clients read as
success, and keeps the bodies; `GET /count` there opens them and says how many events they hold, `GET /reset` forgets
them. The second port takes requests and never answers, so that a client's sender waits and only its calls are measured.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
from urllib.parse import parse_qs

_ANSWER = b'{"success": true, "status": 1, "error": "", "code": 200}'


def events_in(body: bytes, path: str = "") -> int:
    """Counts the events of one request.

    Args:
        body: as sent; gzip or plain, JSON or, as Mixpanel has it, a form with JSON in it.
        path: where it was sent to; not needed to tell the dialects apart, kept for messages.

    Returns:
        How many events.

    Example:
        >>> events_in(b'{"batch": [{}, {}]}'), events_in(b'data=%5B%7B%7D%5D&verbose=1')
        (2, 1)
    """
    text = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    if text[:1] not in b"{[":
        return len(json.loads(parse_qs(text.decode())["data"][0]))
    document = json.loads(text)
    for key in ("batch", "events", "data"):
        if key in document:
            return len(document[key])
    raise ValueError(f"no events in a request to {path} with the keys {sorted(document)}")


class _Connection(asyncio.Protocol):
    """One connection of a client; requests on it come one after the other."""

    def __init__(self, bodies: list[tuple[str, bytes]], *, answers: bool) -> None:
        self._bodies = bodies
        self._answers = answers
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._received[:end]).lower()
            _, found, rest = head.partition(b"\r\ncontent-length:")
            length = int(rest.split(b"\r\n", 1)[0]) if found else 0
            if len(self._received) < end + 4 + length:
                return
            body = bytes(self._received[end + 4 : end + 4 + length])
            del self._received[: end + 4 + length]
            if self._answers:
                self._reply(head.split(b" ", 2)[1].decode(), body)

    def _reply(self, path: str, body: bytes) -> None:
        answer = _ANSWER
        if path == "/count":
            requests, size = len(self._bodies), sum(len(kept) for _, kept in self._bodies)
            events = sum(events_in(kept, where) for where, kept in self._bodies)
            answer = json.dumps({"events": events, "requests": requests, "bytes": size}).encode()
        elif path == "/reset":
            self._bodies.clear()
        elif body:
            self._bodies.append((path, body))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
        assert isinstance(self._transport, asyncio.WriteTransport)
        self._transport.write(head.encode() + answer)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    bodies: list[tuple[str, bytes]] = []
    quick = await loop.create_server(lambda: _Connection(bodies, answers=True), "127.0.0.1", 0)
    silent = await loop.create_server(lambda: _Connection([], answers=False), "127.0.0.1", 0)
    ports = [server.sockets[0].getsockname()[1] for server in (quick, silent)]
    print(json.dumps({"quick": ports[0], "silent": ports[1]}), flush=True)
    # ends when whoever started it goes away
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
