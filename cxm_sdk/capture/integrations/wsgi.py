"""Middleware for WSGI applications: Flask, Django, Pyramid, Bottle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

from cxm_sdk.capture.context import context
from cxm_sdk.capture.integrations.request import ANONYMOUS_COOKIE, Request, RequestRules

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["ContextMiddleware"]


class ContextMiddleware:
    """Gives every event that is sent during a request the context of that request.

    What is set: the anonymous id from a cookie, address, user agent, language, page, campaign (``utm_`` parameters)
    and request id. Who is signed in is yours to say, with ``client.context(user_id=…)``. A response that is made
    piece by piece keeps the context until it is closed.

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
        >>> from wsgiref.util import setup_testing_defaults
        >>> from cxm_sdk.capture.context import current
        >>> def app(environ, start_response):
        ...     return [current()["context"]["page"]["path"].encode()]
        >>> environ = {"PATH_INFO": "/cart"}
        >>> setup_testing_defaults(environ)
        >>> ContextMiddleware(app)(environ, None)
        [b'/cart']
    """

    def __init__(
        self,
        app: WSGIApplication,
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

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serves one request.

        Args:
            environ: What the server says about the request.
            start_response: Takes status and headers.

        Returns:
            The body.
        """
        request = _request(environ)
        known = self._rules.context_of(request)
        if known["anonymous_id"] is None and self._rules.issue_cookie:
            known["anonymous_id"], cookie = self._rules.new_cookie(request)
            start_response = _with_cookie(start_response, cookie)
        # A body is made after this call has returned, so the request has a copied context of its own to come back to.
        own = copy_context()
        body = own.run(self._call, known, environ, start_response)
        return body if _is_ready(body, environ) else _Body(own, known, body)

    def _call(
        self, known: dict[str, Any], environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        with context(**known):
            return self._app(environ, start_response)


def _is_ready(body: Iterable[bytes], environ: WSGIEnvironment) -> bool:
    """Whether nothing of the application runs while the server reads the body, so that the server may have it as is."""
    if isinstance(body, list | tuple):
        return True
    wrapper = environ.get("wsgi.file_wrapper")
    return isinstance(wrapper, type) and isinstance(body, wrapper)  # it is a function in uWSGI


class _Body:
    """A body whose pieces are made in the context of the request."""

    def __init__(self, own: Context, known: dict[str, Any], body: Iterable[bytes]) -> None:
        self._own = own
        self._known = known
        self._body = body
        self._pieces: Iterator[bytes] | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return self._own.run(self._next)

    def close(self) -> None:
        close: Callable[[], None] | None = getattr(self._body, "close", None)
        if close is not None:
            self._own.run(self._close, close)

    def _next(self) -> bytes:
        with context(**self._known):
            if self._pieces is None:
                self._pieces = iter(self._body)
            return next(self._pieces)

    def _close(self, close: Callable[[], None]) -> None:
        with context(**self._known):
            close()


def _request(environ: WSGIEnvironment) -> Request:
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return Request(
        header=lambda name: environ.get("HTTP_" + name.upper().replace("-", "_"), ""),
        scheme=environ["wsgi.url_scheme"],
        host=environ.get("HTTP_HOST") or environ.get("SERVER_NAME", ""),
        path=path.encode("latin-1").decode("utf-8", "replace"),  # PEP 3333 has bytes as latin-1
        query=environ.get("QUERY_STRING", ""),
        peer=environ.get("REMOTE_ADDR", ""),
    )


def _with_cookie(start_response: StartResponse, cookie: str) -> StartResponse:
    def start_with_cookie(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        return start_response(status, [*headers, ("Set-Cookie", cookie)], *error)

    return start_with_cookie
