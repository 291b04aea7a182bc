"""Middleware for ASGI applications: Starlette, FastAPI, Django, Quart, Litestar."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from cxm_sdk.capture.context import context
from cxm_sdk.capture.integrations.request import ANONYMOUS_COOKIE, Request, RequestRules

__all__ = ["ContextMiddleware"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class ContextMiddleware:
    """Gives every event that is sent during a request or a websocket the context of that request.

    What is set: the anonymous id from a cookie, address, user agent, language, page, campaign (``utm_`` parameters)
    and request id. Who is signed in is yours to say, with ``client.context(user_id=…)``.

    Args:
        app: The application.
        cookie: Name of the cookie with the anonymous id. The value may be plain, quoted or percent-encoded, as the
            browser SDKs of Segment write it.
        issue_cookie: Whether a browser without the cookie is given one, for a year. Off by default: in many
            countries a person has to agree first.
        trusted_proxies: How many proxies of your own stand before this server. The person's address is then taken
            from ``X-Forwarded-For``, that many places from its end; 0 takes the address that the server reports.
        keep_query: Whether query strings stay in the addresses of page and referrer. Off by default: they often
            hold e-mail addresses and tokens.
        request_id_header: Header that names the request in your logs.

    Example:
        >>> from cxm_sdk.capture.context import current
        >>> async def app(scope, receive, send):
        ...     print(current()["context"]["page"]["path"])
        >>> import asyncio
        >>> scope = {"type": "http", "path": "/cart", "headers": [], "query_string": b"", "scheme": "http"}
        >>> asyncio.run(ContextMiddleware(app)(scope, None, None))
        /cart
    """

    def __init__(
        self,
        app: Application,
        *,
        cookie: str = ANONYMOUS_COOKIE,
        issue_cookie: bool = False,
        trusted_proxies: int = 0,
        keep_query: bool = False,
        request_id_header: str = "x-request-id",
    ) -> None:
        self._app = app
        self._rules = RequestRules(
            cookie, issue_cookie, trusted_proxies, keep_query, request_id_header.lower()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, websocket or lifespan.

        Args:
            scope: What the server says about the connection.
            receive: Gives the next message from the client.
            send: Takes the next message to the client.
        """
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request = _request(scope)
        known = self._rules.context_of(request)
        if known["anonymous_id"] is None and self._rules.issue_cookie:
            known["anonymous_id"], cookie = self._rules.new_cookie(request)
            send = _with_cookie(send, cookie)
        with context(**known):
            await self._app(scope, receive, send)


def _request(scope: Scope) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        # HTTP/2 may send a cookie in parts (RFC 9113, 8.2.3); other lists are joined by commas (RFC 9110, 5.3)
        joint = "; " if name == "cookie" else ","
        headers[name] = f"{headers[name]}{joint}{value}" if name in headers else value
    client, server = scope.get("client"), scope.get("server")
    secure = scope.get("scheme") in ("https", "wss")
    return Request(
        header=lambda name: headers.get(name, ""),
        scheme="https" if secure else "http",
        host=headers.get("host") or (server[0] if server else ""),
        path=scope["path"],
        query=scope.get("query_string", b"").decode("latin-1"),
        peer=client[0] if client else "",
    )


def _with_cookie(send: Send, cookie: str) -> Send:
    async def send_with_cookie(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.accept"):
            header = (b"set-cookie", cookie.encode("latin-1"))
            message = {**message, "headers": [*message.get("headers", ()), header]}
        await send(message)

    return send_with_cookie
