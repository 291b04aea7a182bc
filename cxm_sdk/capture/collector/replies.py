"""What the collector answers, in words that every client of the wire reads."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from json import dumps
from typing import Any, Final, NamedTuple

__all__ = [
    "Headers",
    "Receive",
    "RefusedError",
    "Reply",
    "Scope",
    "Send",
    "json_reply",
    "refusal",
    "send_reply",
]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

_JSON: Final = (b"content-type", b"application/json")
_PLAIN: Final = (  # of every answer: nothing of it is to be guessed at, kept, or shown as a page
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)


class Reply(NamedTuple):
    """An answer.

    Attributes:
        status: Its HTTP status.
        body: Its text.
        headers: Further headers; type and length of the body are among them.
        close: Whether the connection is closed behind it.
    """

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = (_JSON,)
    close: bool = False


class RefusedError(Exception):
    """A request that is not done as asked; it becomes the answer.

    Args:
        status: HTTP status.
        code: Stable name of the reason.
        message: What was expected and what came, without a value from the request.
        retry_after: Seconds after which the same may pass; None where it never will.
        close: Whether the connection is of no use any more.
        headers: Further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        retry_after: float | None = None,
        close: bool = False,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.close = close
        self.headers = headers


def json_reply(
    status: int, content: Mapping[str, Any], headers: tuple[tuple[bytes, bytes], ...] = ()
) -> Reply:
    """Makes an answer of JSON.

    Args:
        status: HTTP status.
        content: What it says.
        headers: Further headers.

    Returns:
        The answer.

    Example:
        >>> json_reply(200, {"success": True}).body
        b'{"success":true}'
    """
    return Reply(status, dumps(content, separators=(",", ":")).encode(), (_JSON, *headers))


def refusal(error: RefusedError) -> Reply:
    """Makes the answer to a request that is refused: an object with ``code``, ``message`` and ``detail``.

    Clients look for one of the three: without it, some of them send for ever what can never be taken.

    Args:
        error: Why.

    Returns:
        The answer.

    Example:
        >>> refusal(RefusedError(401, "unauthorized", "No such key.")).body
        b'{"success":false,"code":"unauthorized","message":"No such key.","detail":"No such key."}'
    """
    message = str(error)
    content = {"success": False, "code": error.code, "message": message, "detail": message}
    headers = error.headers
    if error.retry_after is not None:
        seconds = str(max(1, math.ceil(error.retry_after))).encode()
        headers = (*headers, (b"retry-after", seconds))
        if error.status == 429:
            headers = (*headers, (b"x-ratelimit-reset", seconds))
    reply = json_reply(error.status, content, headers)
    return reply._replace(close=error.close)


async def send_reply(send: Send, reply: Reply, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    """Sends an answer.

    Args:
        send: Of the ASGI server.
        reply: The answer.
        headers: Further headers.
    """
    close = ((b"connection", b"close"),) if reply.close else ()
    length = (b"content-length", str(len(reply.body)).encode())
    await send(
        {
            "type": "http.response.start",
            "status": reply.status,
            "headers": [*_PLAIN, *reply.headers, length, *headers, *close],
        }
    )
    await send({"type": "http.response.body", "body": reply.body})
