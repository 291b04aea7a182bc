"""The WSGI middleware under real servers, asked over the network."""

from __future__ import annotations

import http.client
import io
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import flask
import pytest
import waitress
from waitress import wasyncore

from cxm_sdk.capture.context import context, current
from cxm_sdk.capture.integrations.wsgi import ContextMiddleware

closed: list[dict[str, Any]] = []


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def by_wsgiref(app: Any) -> Iterator[int]:
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@contextmanager
def by_waitress(app: Any) -> Iterator[int]:
    sockets: dict[Any, Any] = {}
    server = waitress.create_server(
        app, host="127.0.0.1", port=0, threads=4, map=sockets, clear_untrusted_proxy_headers=False
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server.effective_port
    server.trigger.pull_trigger(lambda: wasyncore.close_all(sockets))  # in the thread of its loop
    thread.join()
    server.task_dispatcher.shutdown()


def get(port: int, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def with_flask(**options: Any) -> flask.Flask:
    app = flask.Flask("shop")
    app.wsgi_app = ContextMiddleware(app.wsgi_app, **options)  # type: ignore[method-assign]

    @app.get("/show")
    @app.get("/köln")
    def show() -> Any:
        return flask.jsonify(dict(current()))

    @app.get("/stream")
    def stream() -> Any:
        def pieces() -> Iterator[str]:
            try:
                for _ in range(3):
                    yield f"{current()['anonymousId']} {flask.request.path}\n"
            finally:
                closed.append(dict(current()))

        return flask.Response(flask.stream_with_context(pieces()))

    @app.get("/file")
    def file() -> Any:
        return flask.send_file(io.BytesIO(b"0123456789"), mimetype="application/octet-stream")

    @app.get("/fail")
    def fail() -> Any:
        with context(user_id="u-1"):
            raise RuntimeError("from the application")

    return app


SERVERS = [by_wsgiref, by_waitress]


@pytest.fixture(scope="module", params=SERVERS)
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    with request.param(with_flask()) as port:
        yield port


def test_a_handler_sees_its_request(port: int) -> None:
    response, body = get(
        port,
        "/show?utm_source=mail&q=secret",
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
                "url": f"http://127.0.0.1:{port}/show",
                "path": "/show",
                "referrer": "https://news.example/",
            },
        },
    }
    assert response.getheader("set-cookie") is None


def test_a_path_of_another_script_is_read_right(port: int) -> None:
    page = json.loads(get(port, "/k%C3%B6ln")[1])["context"]["page"]
    assert page == {"url": f"http://127.0.0.1:{port}/k%C3%B6ln", "path": "/köln"}


def test_requests_at_the_same_time_do_not_see_each_other(port: int) -> None:
    def ask(number: int) -> tuple[int, dict[str, Any]]:
        cookie = {} if number % 5 == 0 else {"Cookie": f"ajs_anonymous_id=a-{number}"}
        return number, json.loads(get(port, "/show", **cookie)[1])

    with ThreadPoolExecutor(4) as pool:
        for number, seen in pool.map(ask, range(40)):
            assert seen.get("anonymousId") == (None if number % 5 == 0 else f"a-{number}")


def test_a_streamed_body_keeps_the_context_until_it_is_closed(port: int) -> None:
    closed.clear()
    assert get(port, "/stream", Cookie="ajs_anonymous_id=a-7")[1] == b"a-7 /stream\n" * 3
    assert closed[0]["anonymousId"] == "a-7"
    assert "anonymousId" not in json.loads(get(port, "/show")[1])


def test_a_file_is_sent_whole(port: int) -> None:
    assert get(port, "/file")[1] == b"0123456789"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_of_the_application_leaves_the_next_request_clean(port: int) -> None:
    assert get(port, "/fail")[0].status == 500
    assert "userId" not in json.loads(get(port, "/show")[1])


@pytest.mark.parametrize("server", SERVERS)
def test_a_cookie_is_issued_only_when_asked_for_and_only_once(server: Callable[..., Any]) -> None:
    with server(with_flask(issue_cookie=True, trusted_proxies=1)) as port:
        first, body = get(port, "/show", X_Forwarded_For="10.6.6.6, 203.0.113.9")
        seen = json.loads(body)
        made = first.getheader("set-cookie", "")
        assert made.startswith(f"ajs_anonymous_id={seen['anonymousId']}; Path=/")
        assert seen["context"]["ip"] == "203.0.113.9"
        second, body = get(port, "/show", Cookie=made.partition(";")[0])
        assert json.loads(body)["anonymousId"] == seen["anonymousId"]
        assert second.getheader("set-cookie") is None


def environ() -> dict[str, Any]:
    return {"wsgi.url_scheme": "http", "PATH_INFO": "/", "SERVER_NAME": "shop.example"}


def test_an_error_comes_out_as_it_was_from_the_call_and_from_the_body() -> None:
    error = RuntimeError("from the application")

    def failing(environ: Any, start_response: Any) -> Any:
        raise error

    def failing_late(environ: Any, start_response: Any) -> Any:
        yield b"first"
        raise error

    with pytest.raises(RuntimeError) as caught:
        ContextMiddleware(failing)(environ(), None)  # type: ignore[arg-type]
    assert caught.value is error
    body = iter(ContextMiddleware(failing_late)(environ(), None))  # type: ignore[arg-type]
    assert next(body) == b"first"
    with pytest.raises(RuntimeError) as caught:
        next(body)
    assert caught.value is error
    assert current() == {}


def test_a_list_and_a_file_wrapper_reach_the_server_as_they_are() -> None:
    class Wrapper:
        pass

    for body in ([b"all"], Wrapper()):
        served = ContextMiddleware(lambda environ, start_response, body=body: body)  # type: ignore[misc]
        assert served({**environ(), "wsgi.file_wrapper": Wrapper}, None) is body  # type: ignore[arg-type]


def test_a_server_whose_file_wrapper_is_a_function_is_served_too() -> None:
    served = ContextMiddleware(lambda environ, start_response: iter([b"a", b"b"]))
    assert list(served({**environ(), "wsgi.file_wrapper": open}, None)) == [b"a", b"b"]  # type: ignore[arg-type]


def test_django_sees_the_request_in_views_and_in_streams() -> None:
    django = pytest.importorskip("django")
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
    from django.urls import path

    def show(request: HttpRequest) -> JsonResponse:
        return JsonResponse(dict(current()))

    def stream(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(current()["anonymousId"] + "\n" for _ in range(2))

    urls = type("urls", (), {"urlpatterns": [path("show", show), path("stream", stream)]})
    settings.configure(ROOT_URLCONF=urls, ALLOWED_HOSTS=["*"], SECRET_KEY="test", LOGGING_CONFIG=None)
    django.setup()
    with by_wsgiref(ContextMiddleware(WSGIHandler())) as port:
        assert json.loads(get(port, "/show", Cookie="ajs_anonymous_id=a-1")[1])["anonymousId"] == "a-1"
        assert get(port, "/stream", Cookie="ajs_anonymous_id=a-2")[1] == b"a-2\na-2\n"
        assert "anonymousId" not in json.loads(get(port, "/show")[1])
