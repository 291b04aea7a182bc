"""Clients for servers send a story: what arrives is what was sent, once, and the graph knows whose it is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from .running import DRIVERS, Event, Served
from .story import Call, by_name, known_in, off_by, story, unlike

Serve = Callable[[str], Served]
#: What the way from a client's clock to the collector's may take on one machine.
NEAR = timedelta(seconds=5)


def sent_by(
    command: list[str], served: Served, calls: list[Call], folder: Path, **kwargs: dict[str, str]
) -> list[Event]:
    """Runs a client to its end; gives what it says it has sent. It runs where no file configures it."""
    run = {"host": served.url, "writeKey": served.write_key, "calls": calls}
    done = subprocess.run(
        command, input=json.dumps(run), capture_output=True, text=True, timeout=120, cwd=folder, **kwargs
    )
    assert done.returncode == 0, done.stderr
    sent: list[Event] = json.loads(done.stdout)
    return sent


def check(served: Served, calls: list[Call], sent: list[Event], times: dict[str, datetime]) -> None:
    """Holds what is in sink and graph against what a client sent."""
    served.wait_for(len(calls))
    arrived = served.close()
    assert unlike(calls, arrived) == []
    assert off_by(arrived, times) < NEAR
    assert {event["messageId"] for event in arrived} == {event["messageId"] for event in sent}
    assert known_in(served.graph, calls) == []


def called_at(calls: list[Call]) -> dict[str, datetime]:
    """The times that the calls said."""
    return {name: datetime.fromisoformat(call["timestamp"]) for name, call in by_name(calls).items()}


@pytest.mark.parametrize(
    "client", ["segment-python", "segment-python-gzip", "rudder-python", "rudder-python-plain"]
)
def test_clients_for_python(client: str, serve: Serve, tmp_path: Path) -> None:
    served, calls = serve("key-1"), story()
    command = [sys.executable, "-P", str(DRIVERS / "servers.py"), client]
    check(served, calls, sent_by(command, served, calls, tmp_path), called_at(calls))


@pytest.mark.parametrize("client", ["segment-node", "rudder-node", "rudder-node-plain"])
def test_clients_for_node(client: str, serve: Serve, tmp_path: Path, node: dict[str, str]) -> None:
    served, calls = serve("key-1"), story()
    command = ["node", str(DRIVERS / "servers.cjs"), client]
    check(served, calls, sent_by(command, served, calls, tmp_path, env=node), called_at(calls))


@pytest.mark.parametrize("client", ["jitsu-server", "jitsu-browser"])
def test_jitsu_whose_key_has_two_parts_and_is_masked_in_the_body(
    client: str, serve: Serve, tmp_path: Path, node: dict[str, str]
) -> None:
    served, calls = serve("key-1:secret"), story(without=("alias", "screen"), counted=20)
    command = ["node", str(DRIVERS / "servers.cjs"), client]
    sent = sent_by(command, served, calls, tmp_path, env=node)
    # it takes no time from its host, so the time of a call is when it was made
    check(served, calls, sent, called_at(sent))


@pytest.mark.parametrize("client", ["segment-python", "rudder-python", "segment-node", "rudder-node"])
def test_a_client_with_a_wrong_key_gives_up_at_once(
    client: str, serve: Serve, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    served, python = serve("key-1"), client.endswith("python")
    environment = None if python else request.getfixturevalue("node")
    program = (
        [sys.executable, "-P", str(DRIVERS / "servers.py")]
        if python
        else ["node", str(DRIVERS / "servers.cjs")]
    )
    run = {"host": served.url, "writeKey": "key-2", "calls": story(counted=0)}
    # what it takes for an answer that may change goes on being sent for minutes
    subprocess.run(
        [*program, client],
        input=json.dumps(run),
        text=True,
        capture_output=True,
        timeout=60,
        cwd=tmp_path,
        env=environment,
    )
    assert 1 <= served.refused() <= 2  # one of them sends the first event alone, and none sends any again
    assert served.close() == []


def test_a_collector_that_is_killed_loses_nothing_and_takes_nothing_twice(
    serve: Serve, tmp_path: Path
) -> None:
    served, calls = serve("key-1"), story(counted=5_000)
    run = {"host": served.url, "writeKey": served.write_key, "calls": calls}
    command = [sys.executable, "-P", str(DRIVERS / "servers.py"), "segment-python"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as client:
        assert client.stdin is not None
        client.stdin.write(json.dumps(run))
        client.stdin.close()
        served.wait_for(1)
        served.kill()
        served.start()
        assert client.stdout is not None
        sent = json.load(client.stdout)
    served.wait_for(len(calls))
    arrived = served.close()
    # what the sink was being given when it was killed, it is given once more; the graph takes it once
    assert unlike(calls, list({event["messageId"]: event for event in arrived}.values())) == []
    assert {event["messageId"] for event in arrived} == {event["messageId"] for event in sent}
    assert known_in(served.graph, calls) == []
