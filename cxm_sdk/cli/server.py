"""uvicorn, with limits on what a sender may do before the application hears of it."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from typing import Any, Final, cast

import typer
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cxm_sdk.errors import InputError

__all__ = ["LimitedProtocol", "run"]

HEADER_BYTES: Final = 64 * 1024
"""Most bytes of path and headers of a request."""

BACKLOG: Final = 2_048
"""Most connections that wait to be taken."""

HEADER_COST: Final = 32
"""Bytes that a header counts for besides its own, as in HTTP/2: many short ones cost memory too."""

HEADER_SECONDS: Final = 10.0
"""Longest time that they may take to come."""

IDLE_SECONDS: Final = 75
"""Longest time that a connection may wait for its next request; longer than load balancers keep theirs."""

DRAIN_SECONDS: Final = 15
"""Longest time that requests under way get to end, once the server is told to."""


class LimitedProtocol(HttpToolsProtocol):
    """A connection that closes on a sender whose headers are too long or too slow.

    uvicorn keeps headers for as long as they come, and waits for them without end.
    """

    def connection_made(self, transport: Any) -> None:
        """Begins to wait for the first request.

        Args:
            transport: The connection.
        """
        self._joined = _Joined(transport)
        super().connection_made(cast(Any, self._joined))
        self._header_bytes = 0
        self._in_header = True
        self._begun = False  # whether any of the request has come
        self._waiting: asyncio.TimerHandle | None = self.loop.call_later(IDLE_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops waiting.

        Args:
            exc: Why the connection is gone.
        """
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts bytes while they belong to headers: a single one may have no end.

        Args:
            data: What came.
        """
        super().data_received(data)
        if self._in_header:
            self._header_bytes += len(data)
            if self.transport.is_closing():
                return
            if self._header_bytes > HEADER_BYTES:
                self.send_400_response("")
            elif self._begun and self._waiting is None:  # most headers come in one piece, and need no timer
                self._waiting = self.loop.call_later(HEADER_SECONDS, self._too_slow)

    def on_message_begin(self) -> None:
        """Begins to wait for the headers of a request."""
        super().on_message_begin()
        self._in_header = self._begun = True
        self._header_bytes = 0
        self._stop_waiting()

    def on_url(self, url: bytes) -> None:
        """Counts the bytes of the address.

        Args:
            url: A part of it.
        """
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Counts the bytes of a header.

        Args:
            name: Its name.
            value: Its value.
        """
        self._count(len(name) + len(value) + HEADER_COST)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Has the headers; the application limits the rest."""
        self._in_header = self._begun = False
        self._stop_waiting()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Sends what has no body."""
        self._joined.flush()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuses what is no HTTP, or begins too long.

        Args:
            msg: What uvicorn says of it.
        """
        if self._header_bytes > HEADER_BYTES:
            self._refuse(b"431 Request Header Fields Too Large", "headers", "The headers are too long.")
        else:
            self._refuse(b"400 Bad Request", "invalid_http", "The request is no HTTP.")

    def _count(self, count: int) -> None:
        self._header_bytes += count
        if self._header_bytes > HEADER_BYTES:
            raise ValueError("the headers are too long")  # the parser stops, and has it refused

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _too_slow(self) -> None:
        self._waiting = None
        if not self.transport.is_closing():
            self._refuse(b"408 Request Timeout", "slow_headers", "The headers did not come in time.")

    def _refuse(self, status: bytes, code: str, message: str) -> None:
        """Answers, and closes the connection."""
        body = f'{{"success":false,"code":"{code}","message":"{message}","detail":"{message}"}}'.encode()
        head = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(head % (status, len(body)) + body)
        self.transport.close()


class _Joined:
    """A transport that sends the head of an answer with its body, where a body follows: one call to the system less."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Sends bytes, or keeps them for a moment."""
        if self._head:
            data, self._head = self._head + data, b""
        elif data.endswith(b"\r\n\r\n") and b"\r\ncontent-length: " in data:
            self._head = data
            return
        self._transport.write(data)

    def flush(self) -> None:
        """Sends what it has kept."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """Sends what it has kept, and closes the connection."""
        self.flush()
        self._transport.close()


def run(app: Any, host: str, port: int, *, shown: str = "") -> None:
    """Serves an application until a signal ends it; requests under way are finished first.

    Args:
        app: The ASGI application.
        host: Where to listen.
        port: On which port; 0 takes a free one.
        shown: Path that people are told to look at; empty for none.

    Raises:
        InputError: Nothing can listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise InputError(
            f"cannot listen on {host}:{port}: {error.strerror or type(error).__name__}.",
            hint="choose another --port",
        ) from None
    listening.listen(BACKLOG)  # who reads the line below may connect at once
    name = f"[{host}]" if ":" in host else host
    typer.echo(f"cxm serves on http://{name}:{listening.getsockname()[1]}{shown}", err=True)
    config = uvicorn.Config(
        app,
        http=LimitedProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1,::1",
    )
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.ERROR)  # it warns of every sender that speaks no HTTP
    # uvicorn raises the signal that ended it once more; here that is the ordinary end
    former = {each: signal.signal(each, lambda *_: None) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        listening.close()
        for each, handler in former.items():
            signal.signal(each, handler)
