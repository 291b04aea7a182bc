"""``cxm serve`` as a process: it starts, is configured, answers, and ends in order."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk import ProfileGraph
from cxm_sdk.cli.serve_config import ServeConfig
from cxm_sdk.errors import CxmError

TRACK = {"event": "E", "userId": "u-1"}
CONFIG = """
[[write_key]]
key = "wk-shop"
source = "shop"
origins = ["https://shop.example"]
rate = 1000

[[read_key]]
key = "read-secret-0123456789"

[webhooks.segment]
secret_env = "SEGMENT_HOOK"

[webhooks.crm]
adapter = "hubspot"
tenant = 7
unsigned = true
"""


def test_it_takes_events_into_the_graph_and_ends_in_order(serve: Callable[..., Any]) -> None:
    server = serve()
    body = json.dumps(TRACK | {"messageId": "m-1"}).encode()
    # a request that is under way when the server is told to end
    with socket.create_connection(("127.0.0.1", server.port)) as late:
        head = b"POST /v1/track HTTP/1.1\r\nhost: x\r\nx-write-key: wk-1\r\ncontent-length: %d\r\n\r\n"
        late.sendall(head % len(body) + body[:5])
        assert server.ask("POST", "/v1/identify", {"userId": "u-1", "traits": {"plan": "gold"}}).status == 200
        server.process.terminate()
        time.sleep(0.3)
        late.sendall(body[5:])
        answer = late.recv(10_000)
    assert answer.startswith(b"HTTP/1.1 200")
    assert server.process.wait(60) == 0
    assert "Traceback" not in server.log.read_text()
    if list(
        (server.folder / "g.db.spool").rglob("*.seg")
    ):  # the machine was too busy: the rest waits for the next start
        server = serve()
        server.wait_until_delivered()
        server.stop()
    with ProfileGraph(server.graph, read_only=True) as graph:
        found = graph.profile("user_id", "u-1")
        assert found.traits["plan"] == "gold"
        assert {entry.kind for entry in found.timeline()} == {"identify", "track"}


def test_a_file_sets_keys_and_webhooks(
    serve: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGMENT_HOOK", "hook-secret")
    config = tmp_path / "collector.toml"
    config.write_text(CONFIG)
    server = serve("--config", str(config), "--spool", str(tmp_path / "elsewhere"))
    event = TRACK | {"messageId": "m-1", "timestamp": "2026-03-01T12:00:00Z", "type": "track"}
    assert server.ask("POST", "/v1/track", event, x_write_key="wk-shop", Authorization="").status == 200
    assert (
        server.ask("POST", "/v1/track", event, Origin="https://other.example").status == 200
    )  # wk-1 lets all
    refused = server.ask(
        "POST", "/v1/t", event, x_write_key="wk-shop", Authorization="", Origin="https://other.example"
    )
    assert refused.status == 403
    assert server.ask("POST", "/v1/webhooks/segment", event).status == 401
    assert server.ask("POST", "/v1/webhooks/crm", {"x": 1}).status == 400
    server.wait_until_delivered()
    read = server.ask("GET", "/v1/profiles/user_id/u-1", Authorization="Bearer read-secret-0123456789")
    assert read.json["identifiers"][0]["value"] == "u-1"
    assert (tmp_path / "elsewhere" / "seen").is_dir()
    assert server.stop() == 0


@pytest.mark.parametrize(
    "text",
    [
        "[[write_key",
        "[[write_key]]\nkye = 'private-value'",
        "[[write_key]]\nkey = 7",
        "[[write_key]]\nkey = 'wk'\nrate = 'private-value'",
        "[[write_key]]\nkey = 'wk'\norigins = ['private-value']",
        "[[write_key]]\nkey = 'wk'\nplan = 'missing.json'",
        "[[read_key]]\nkey = 'short'",
        "[webhooks.hubspot]\nsecret_env = 'NOT_SET_ANYWHERE'",
        "[webhooks.hubspot]",
        "[webhooks.nothing_known]\nsecret = 'private-value'",
    ],
)
def test_a_file_that_is_wrong_is_refused_without_a_secret_of_it(text: str, tmp_path: Path) -> None:
    def used() -> None:
        config = ServeConfig.read(text)
        config.write_keys(tmp_path)
        config.read_keys()
        config.system_webhooks()

    with pytest.raises(CxmError) as refused:
        used()
    assert "private-value" not in str(refused.value)


def test_without_a_key_it_does_not_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cxm_sdk.cli", "serve", "--graph", str(tmp_path / "g.db"), "--port", "0"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "error[input]: A collector needs at least one write key.\n"


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [
            sys.executable,
            "-m",
            "cxm_sdk.cli",
            "serve",
            "--graph",
            str(tmp_path / "g.db"),
            "--port",
            port,
        ]
        ended = subprocess.run(
            [*command, "--write-key", "wk-1"], capture_output=True, text=True, timeout=60, check=False
        )
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error[input]: cannot listen on 127.0.0.1:{port}: Address already in use")
    assert len(ended.stderr.splitlines()) == 1


def test_what_it_counts_is_there_for_prometheus(serve: Callable[..., Any]) -> None:
    server = serve()
    server.ask("POST", "/v1/batch", {"batch": [TRACK | {"type": "track"}, {}]})
    text = server.ask("GET", "/metrics").body.decode()
    assert 'cxm_collector_events_total{source="default",status="accepted"} 1.0' in text
    assert 'cxm_collector_events_total{source="default",status="invalid"} 1.0' in text
    assert 'cxm_collector_requests_total{kind="events",status="200"} 1.0' in text
    assert "wk-1" not in text
    assert server.ask("GET", "/healthz").json == {"status": "ok"}
    assert server.ask("GET", "/readyz").json == {"status": "ready"}
    assert server.ask("GET", "/openapi.json").json["openapi"] == "3.1.0"
