"""The pages of the demonstration answer this machine alone, and hold nothing that they should not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from starlette.applications import Starlette
from typer.testing import CliRunner

from cxm_sdk.capture import Collector, MemorySink
from cxm_sdk.capture.collector.demo import demo_routes
from cxm_sdk.cli.commands import app

PAGES = ["both", "shop", "live", "style.css", "shop.js", "live.js", "leaf.svg", "analytics-next.js"]


class Counting:
    """A scene of which something new is to be seen whenever it is told so."""

    def __init__(self) -> None:
        self.number = 1

    def look(self, seen: int | None) -> dict[str, Any] | None:
        return None if seen == self.number else {"number": self.number}


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str


def ask(
    path: str,
    *,
    host: str = "127.0.0.1:8765",
    client: str = "127.0.0.1",
    key: str = "key-1",
    scene: Counting | None = None,
    app: Any = None,
    **headers: str,
) -> Answer:
    """Asks the routes, or another application, as a server would."""
    app = app or Starlette(routes=demo_routes(key, scene or Counting()))
    named = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "client": (client, 50_000),
        "server": ("127.0.0.1", 8765),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], told, body.decode())


@pytest.mark.parametrize("name", PAGES)
def test_every_page_loads_from_nowhere_else(name: str) -> None:
    answer = ask(f"/demo/{name}")
    assert answer.status == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "access-control-allow-origin" not in answer.headers
    if name != "analytics-next.js":
        assert "http://" not in answer.body.replace("http://www.w3.org/", "")
        assert "https://" not in answer.body


def test_a_collector_has_no_demonstration_of_itself() -> None:
    collector = Collector(MemorySink(), ["key-1"])
    assert ask("/demo", app=collector).status == 404
    assert ask("/demo/live/events", app=collector).status == 404
    collector.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "shop.example"])
def test_it_is_not_served_to_a_network(host: str, tmp_path: Path) -> None:
    graph = tmp_path / "customers.db"
    run = CliRunner().invoke(app, ["serve", "--graph", str(graph), "--demo", "--host", host])
    assert run.exit_code == 2
    assert "loopback" in run.stderr
    assert not graph.exists()


def test_the_demonstration_begins_with_both_pages() -> None:
    answer = ask("/demo")
    assert (answer.status, answer.headers["location"]) == (307, "/demo/both")


@pytest.mark.parametrize("path", ["/demo", "/demo/shop", "/demo/live", "/demo/live/events", "/demo/live.js"])
@pytest.mark.parametrize(
    "asking",
    [
        {"client": "203.0.113.9"},
        {"client": "10.0.0.2"},
        {"client": "::ffff:203.0.113.9"},
        {"host": "shop.example"},
        {"host": "127.0.0.1.shop.example"},
        {"host": "localhost.shop.example:8765"},
        {"x_forwarded_for": "203.0.113.9"},
        {"forwarded": "for=203.0.113.9"},
    ],
)
def test_nobody_else_is_answered(path: str, asking: dict[str, str]) -> None:
    answer = ask(path, **asking)
    assert answer.status == 403
    assert "key-1" not in answer.body


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1", "127.9.9.9:80", "[::1]:8765"])
def test_this_machine_is_answered_by_all_its_names(host: str) -> None:
    assert ask("/demo/live", host=host, client="::1").status == 200


@pytest.mark.parametrize(
    "name",
    [
        "routes.py",
        "../routes.py",
        "..%2froutes.py",
        "pages",
        ".",
        "..",
        "none",
        "analytics-next.LICENSE.txt",
        "a\0b.js",
    ],
)
def test_there_are_no_other_files(name: str) -> None:
    assert ask(f"/demo/{name}").status == 404


def test_a_key_is_text_in_the_page_whatever_it_holds() -> None:
    body = ask("/demo/shop", key='"><script>alert(1)</script>').body
    assert "<script>alert" not in body
    assert "&quot;&gt;&lt;script&gt;" in body


def test_the_stream_tells_what_is_new_and_only_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cxm_sdk.capture.collector.demo.routes.LASTING", 0.5)
    scene = Counting()
    scene.number = 7
    new = ask("/demo/live/events", scene=scene)
    assert new.headers["content-type"].startswith("text/event-stream")
    found = [line.removeprefix("data: ") for line in new.body.splitlines() if line.startswith("data: ")]
    assert [json.loads(one) for one in found] == [{"number": 7}]
    assert "id: 7\n" in new.body
    assert "data: " not in ask("/demo/live/events", scene=scene, last_event_id="7").body
    assert "data: " in ask("/demo/live/events", scene=scene, last_event_id="no number").body
