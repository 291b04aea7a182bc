"""The pages of the demonstration, and the stream that the second one listens to."""

from __future__ import annotations

import asyncio
import html
import ipaddress
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

__all__ = ["Scene", "demo_routes"]

PAGES = Path(__file__).parent / "pages"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
#: What every answer says of itself: nothing comes from elsewhere, and nobody else may frame or keep it.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
#: Seconds between two looks at the scene.
EVERY = 0.2
#: Seconds after which a stream ends, for the browser to ask anew: a server that stops waits for no longer.
LASTING = 3.0


class Scene(Protocol):
    """What the second page shows."""

    def look(self, seen: int | None) -> dict[str, Any] | None:
        """Gives what there is to see, as JSON can hold it.

        Args:
            seen: ``number`` of what was seen last; None for nothing yet.

        Returns:
            ``number`` and what belongs to it; None where nothing has changed.
        """


def demo_routes(write_key: str, scene: Scene) -> list[Route]:
    """Makes the routes of the demonstration.

    The pages hold the write key and no other secret. They show whoever asks all that is known of people, so they answer
    this machine alone: by the address that asks, and by the host that was asked for.

    Args:
        write_key: What the browser client of the shop sends with, a key of the collector beside these routes.
        scene: What the second page shows.

    Returns:
        The routes, all of them below ``/demo``.

    Example:
        >>> class Empty:
        ...     def look(self, seen: int | None) -> dict[str, Any] | None:
        ...         return None if seen == 0 else {"number": 0}
        >>> [route.path for route in demo_routes("key", Empty())]
        ['/demo', '/demo/live/events', '/demo/{name}']
    """
    key = html.escape(write_key)

    async def page(request: Request) -> Response:
        name = request.path_params["name"]
        file = PAGES / (name if "." in name else f"{name}.html")
        if file.parent != PAGES or file.suffix not in TYPES or not file.is_file():
            return PlainTextResponse("There is no such page.\n", 404, HEADERS)
        text = await run_in_threadpool(file.read_text, encoding="utf-8")
        if file.suffix == ".html":
            text = text.replace("{{write_key}}", key)
        return Response(text, headers=HEADERS, media_type=TYPES[file.suffix])

    async def events(request: Request) -> Response:
        last = request.headers.get("last-event-id", "")
        stream = _stream(scene, int(last) if last.isdecimal() else None)
        return StreamingResponse(stream, headers=HEADERS, media_type="text/event-stream")

    async def first(request: Request) -> Response:
        return RedirectResponse("/demo/both", headers=HEADERS)

    return [
        Route("/demo", _on_this_machine(first)),
        Route("/demo/live/events", _on_this_machine(events)),
        Route("/demo/{name}", _on_this_machine(page)),
    ]


async def _stream(scene: Scene, seen: int | None) -> AsyncIterator[str]:
    """Tells what there is to see whenever it has changed, as server-sent events, for a while."""
    yield "retry: 100\n\n"
    end = time.monotonic() + LASTING
    while time.monotonic() < end:
        found = await run_in_threadpool(scene.look, seen)
        if found is not None:
            seen = found["number"]
            yield f"id: {seen}\ndata: {json.dumps(found)}\n\n"
        await asyncio.sleep(EVERY)


_Answering = Callable[[Request], Awaitable[Response]]


def _on_this_machine(answering: _Answering) -> _Answering:
    """Answers only who asks from this machine, for this machine, and not for somebody else as a proxy does.

    The host is looked at because a page of anybody's can have its own name point here.
    """

    async def checked(request: Request) -> Response:
        asked = request.url.hostname or ""
        forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for"))
        client = request.client.host if request.client else ""
        if forwarded or not _is_loopback(client) or not (asked == "localhost" or _is_loopback(asked)):
            return PlainTextResponse(
                "The demonstration answers only the machine that it runs on.\n", 403, HEADERS
            )
        return await answering(request)

    return checked


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
