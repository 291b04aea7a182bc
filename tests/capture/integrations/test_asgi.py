"""The ASGI middleware under uvicorn, asked over the network."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import fastapi
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.sync.client import connect

from cxm_sdk.capture.context import context, current
from cxm_sdk.capture.integrations.asgi import ContextMiddleware

afterwards: list[dict[str, Any]] = []


@contextmanager
def served(app: Any, **settings: Any) -> Iterator[int]:
    config = uvicorn.Config(app, port=0, log_level="error", proxy_headers=False, **settings)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.005)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def get(port: int, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


async def show(request: Request) -> Response:
    await asyncio.sleep(0.002)
    return JSONResponse(dict(current()))


def show_in_a_thread(request: Request) -> Response:
    return JSONResponse(dict(current()))


async def stream(request: Request) -> Response:
    async def pieces() -> AsyncIterator[str]:
        for _ in range(3):
            yield current()["anonymousId"] + "\n"
            await asyncio.sleep(0.002)

    def later() -> None:
        afterwards.append(dict(current()))

    return StreamingResponse(pieces(), background=BackgroundTask(later))


async def fail(request: Request) -> Response:
    with context(user_id="u-1"):
        raise RuntimeError("from the application")


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.receive_text()
    await socket.send_json(dict(current()))
    await socket.close()


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    app.state.started = dict(current())
    yield


def application() -> Starlette:
    return Starlette(
        routes=[
            Route("/show", show),
            Route("/thread", show_in_a_thread),
            Route("/stream", stream),
            Route("/fail", fail),
            WebSocketRoute("/talk", talk),
        ],
        lifespan=lifespan,
    )


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(ContextMiddleware(application())) as port:
        yield port


@pytest.mark.parametrize("path", ["/show", "/thread"])
def test_a_handler_sees_its_request(port: int, path: str) -> None:
    response, body = get(
        port,
        f"{path}?utm_source=mail&q=secret",
        Cookie="ajs_anonymous_id=%22a-1%22",
        User_Agent="Browser/1",
        Accept_Language="de-AT",
        X_Request_Id="r-1",
        X_Forwarded_For="203.0.113.9",
        Referer="https://news.example/?token=t",
    )
    assert json.loads(body) == {
        "anonymousId": "a-1",
        "context": {
            "ip": "127.0.0.1",
            "userAgent": "Browser/1",
            "locale": "de-AT",
            "requestId": "r-1",
            "campaign": {"source": "mail"},
            "page": {
                "url": f"http://127.0.0.1:{port}{path}",
                "path": path,
                "referrer": "https://news.example/",
            },
        },
    }
    assert response.getheader("set-cookie") is None


def test_requests_at_the_same_time_do_not_see_each_other(port: int) -> None:
    def ask(number: int) -> tuple[int, dict[str, Any]]:
        path = "/show" if number % 2 else "/thread"
        cookie = {} if number % 5 == 0 else {"Cookie": f"ajs_anonymous_id=a-{number}"}
        return number, json.loads(get(port, path, **cookie)[1])

    with ThreadPoolExecutor(8) as pool:
        for number, seen in pool.map(ask, range(60)):
            assert seen.get("anonymousId") == (None if number % 5 == 0 else f"a-{number}")


def test_a_streamed_body_and_what_runs_after_it_keep_the_context(port: int) -> None:
    afterwards.clear()
    assert get(port, "/stream", Cookie="ajs_anonymous_id=a-7")[1] == b"a-7\n" * 3
    while not afterwards:
        time.sleep(0.005)
    assert afterwards[0]["anonymousId"] == "a-7"


def test_a_websocket_has_the_context_of_the_request_that_opened_it(port: int) -> None:
    headers = {"Cookie": "ajs_anonymous_id=a-3"}
    with connect(f"ws://127.0.0.1:{port}/talk", additional_headers=headers) as socket:
        socket.send("hello")
        seen = json.loads(socket.recv())
    assert seen["anonymousId"] == "a-3"
    assert seen["context"]["page"]["url"] == f"http://127.0.0.1:{port}/talk"


def test_an_error_of_the_application_comes_out_as_it_was_and_the_next_request_is_clean(port: int) -> None:
    error = RuntimeError("from the application")

    async def failing(scope: Any, receive: Any, send: Any) -> None:
        raise error

    scope = {"type": "http", "path": "/", "headers": [], "query_string": b"", "scheme": "http"}
    with pytest.raises(RuntimeError) as caught:
        asyncio.run(ContextMiddleware(failing)(scope, None, None))  # type: ignore[arg-type]
    assert caught.value is error
    assert get(port, "/fail")[0].status == 500
    assert "userId" not in json.loads(get(port, "/show")[1])


def test_a_cookie_is_issued_only_when_asked_for_and_only_once() -> None:
    app = Starlette(routes=[Route("/show", show), WebSocketRoute("/talk", talk)])
    app.add_middleware(ContextMiddleware, issue_cookie=True, trusted_proxies=1)
    with served(app) as port:
        first, body = get(port, "/show", X_Forwarded_For="10.6.6.6, 203.0.113.9")
        seen = json.loads(body)
        made = first.getheader("set-cookie", "")
        assert made.startswith(f"ajs_anonymous_id={seen['anonymousId']}; Path=/")
        assert "Secure" not in made  # the page came by http
        assert seen["context"]["ip"] == "203.0.113.9"
        second, body = get(port, "/show", Cookie=made.partition(";")[0])
        assert json.loads(body)["anonymousId"] == seen["anonymousId"]
        assert second.getheader("set-cookie") is None
        with connect(f"ws://127.0.0.1:{port}/talk") as socket:
            socket.send("hello")
            opened = json.loads(socket.recv())
            assert socket.response is not None
            assert opened["anonymousId"] in socket.response.headers["set-cookie"]


def test_dependencies_and_handlers_of_fastapi_see_the_request() -> None:
    app = fastapi.FastAPI()
    app.add_middleware(ContextMiddleware)

    def visitor() -> str:
        return str(current()["anonymousId"])

    @app.get("/show")
    def shown(name: str = fastapi.Depends(visitor)) -> list[str]:
        return [name, current()["anonymousId"]]

    with served(app) as port:
        assert json.loads(get(port, "/show", Cookie="ajs_anonymous_id=a-4")[1]) == ["a-4", "a-4"]


def test_an_application_below_a_prefix_names_the_page_as_the_browser_does() -> None:
    with served(ContextMiddleware(application()), root_path="/shop") as port:
        seen = json.loads(get(port, "/show")[1])
    assert seen["context"]["page"]["url"] == f"http://127.0.0.1:{port}/shop/show"
