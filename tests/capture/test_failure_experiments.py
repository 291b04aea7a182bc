"""Experiments in which other capture clients lose events, hang or hurt their host; all with real processes.

The shapes are a thousand events and the end of the script, a batch that is not full, a slow collector, a fork, signals,
a collector that is down, and callbacks that raise.
"""

from __future__ import annotations

import json
import random
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

HEAD = """
import os, sys, time
import cxm_sdk
url, spool, *more = sys.argv[1:]
client = cxm_sdk.Client(url, write_key="key", spool=spool)
"""


def start(program: str, *arguments: Any, head: str = HEAD) -> subprocess.Popen[str]:
    code = head + textwrap.dedent(program)
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(program: str, *arguments: Any, head: str = HEAD, timeout: float = 60) -> str:
    process = start(program, *arguments, head=head)
    output, errors = process.communicate(timeout=timeout)
    assert (process.returncode, errors) == (0, ""), errors
    return output


def ended_after(output: str) -> float:
    """Seconds between the last line of a program, which prints the time, and now."""
    return time.time() - float(output.split()[-1])


def once(names: Any) -> Counter[str]:
    return Counter(dict.fromkeys(names, 1))


def replay(url: str, spool: Path) -> None:
    """The next start of the host, which sends nothing of its own."""
    run("assert client.flush(30).complete", url, spool)


@pytest.mark.parametrize("count", [1_000, 1_013])
def test_a_script_that_just_ends_has_delivered_everything_soon(
    count: int, collector: Any, tmp_path: Path
) -> None:
    program = f"""
        for number in range({count}):
            client.track(f"e-{{number}}", {{"number": number}}, user_id="u-1")
        print(time.time())
    """
    output = run(program, collector.url, tmp_path)
    assert ended_after(output) < 1.5
    events = collector.events()
    assert Counter(event["event"] for event in events) == once(f"e-{number}" for number in range(count))


def test_a_slow_collector_costs_time_at_exit_but_no_event(collector: Any, tmp_path: Path) -> None:
    collector.behave(delay=0.3)
    program = """
        for number in range(3_000):
            client.track(f"e-{number}", {"number": number}, user_id="u-1")
        print(time.time())
    """
    assert ended_after(run(program, collector.url, tmp_path)) < 6
    replay(collector.url, tmp_path)
    assert collector.names() == once(f"e-{number}" for number in range(3_000))


@pytest.mark.parametrize("used", [False, True], ids=["unused", "used"])
@pytest.mark.parametrize("ending", ["flush", "exit", "close"])
def test_a_forked_child_delivers_its_own_events_and_none_of_the_parents(
    used: bool, ending: str, collector: Any, tmp_path: Path
) -> None:
    program = """
        used, ending = more
        if used == "True":
            for number in range(10):
                client.track(f"parent-{number}", user_id="u-1")
        child = os.fork()
        if child == 0:
            for number in range(10):
                client.track(f"child-{number}", user_id="u-1")
            if ending == "flush":
                report = client.flush(10)
                os._exit(0 if report.complete else 1)
            if ending == "close":
                client.close(10)
                os._exit(0)
            sys.exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        client.track("parent-last", user_id="u-1")
    """
    run(program, collector.url, tmp_path, used, ending)
    expected = [f"child-{number}" for number in range(10)] + ["parent-last"]
    expected += [f"parent-{number}" for number in range(10)] if used else []
    assert Counter(event["event"] for event in collector.events()) == once(expected)


ENDLESS = """
    import random
    name, stop = more
    if stop == "exit":
        import signal
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    number = 0
    while True:
        client.track(f"{name}-{number}", {"note": "x" * random.randrange(400)}, user_id="u-1")
        os.write(1, b"%d\\n" % number)
        number += 1
        if random.random() < 0.02:
            time.sleep(0.01)
"""


def killed(url: str, spool: Path, name: str, way: str, wait: float) -> int:
    """Runs a host that is stopped by a signal while it sends; gives how many ``track()`` calls had returned."""
    process = start(ENDLESS, url, spool, name, way)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(wait)
    process.send_signal(signal.SIGKILL if way == "kill" else signal.SIGTERM)
    with process:  # waits for its end
        assert process.stderr is not None
        rest, errors = process.stdout.read(), process.stderr.read()
    assert errors == ""
    return len((first + rest).splitlines())


def check_signals(collector: Any, spool: Path, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    returned: dict[str, int] = {}
    for number in range(rounds):
        way = ("kill", "term", "exit")[number % 3]
        name = f"{way}-{number}"
        collector.behave(status=chance.choice([200, 200, 503]), delay=chance.choice([0, 0, 0.05]))
        returned[name] = killed(collector.url, spool, name, way, chance.uniform(0, 0.12))
    collector.behave()
    replay(collector.url, spool)
    taken = collector.names()
    expected = once(f"{name}-{number}" for name, count in returned.items() for number in range(count))
    assert expected - taken == Counter()  # none is lost
    assert max(taken.values()) == 1  # none was accepted twice under two message ids
    # at most the one event of each run whose track() had not yet been reported as returned is more than that
    assert (taken - expected).total() <= rounds


def test_what_track_has_taken_survives_signals_at_any_moment(collector: Any, tmp_path: Path) -> None:
    check_signals(collector, tmp_path, 9, seed=1)


@pytest.mark.slow
def test_what_track_has_taken_survives_two_hundred_signals(collector: Any, tmp_path: Path) -> None:
    check_signals(collector, tmp_path, 201, seed=2)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


DOWN = """
    client = cxm_sdk.Client(url, write_key="key", spool=spool, exit_timeout=1.0)
    for number in range(120):
        client.track(f"e-{number}", user_id="u-1")
    began = time.monotonic()
    report = client.flush(1.0)
    print(time.monotonic() - began)
    assert not report.complete and report.spooled == 120, report
    print(time.time())
"""


def test_a_collector_that_is_down_raises_nothing_and_keeps_every_limit(
    new_collector: Any, tmp_path: Path
) -> None:
    port = unused_port()
    output = run(DOWN, f"http://127.0.0.1:{port}", tmp_path)
    assert ended_after(output) < 3
    assert float(output.split()[0]) < 1.1
    collector = new_collector(port)
    replay(collector.url, tmp_path)
    assert collector.names() == once(f"e-{number}" for number in range(120))


def test_a_collector_that_never_answers_keeps_no_limit_waiting(collector: Any, tmp_path: Path) -> None:
    collector.behave(delay=3_600)
    output = run(DOWN, collector.url, tmp_path)
    assert ended_after(output) < 3
    assert 0.9 < float(output.split()[0]) < 1.1
    collector.behave()
    replay(collector.url, tmp_path)
    assert collector.names() == once(f"e-{number}" for number in range(120))


RAISING = """
import json, os, sys
import cxm_sdk

def raising(*_):
    raise RuntimeError("from a callback")

def hook(event):
    if event["event"].startswith("bad"):
        raise RuntimeError("from a hook")
    return event

url, spool = sys.argv[1:]
client = cxm_sdk.Client(
    url, write_key="key", spool=spool, before_send=hook, on_drop=raising, on_error=raising, interval=0.01
)
for number in range(50):
    client.track(f"good-{number}", user_id="u-1")
    client.track(f"bad-{number}", user_id="u-1")
    client.track(f"nobody-{number}")
assert client.flush(10).complete
stats = client.stats()
assert stats.balanced
print(json.dumps([stats.accepted, stats.delivered, stats.rejected, stats.dropped, stats.warnings]))
"""


def test_callbacks_that_raise_neither_stop_the_client_nor_go_uncounted(
    collector: Any, tmp_path: Path
) -> None:
    collector.behave(status=503, times=2)
    output = run("", collector.url, tmp_path, head=RAISING)
    accepted, delivered, rejected, dropped, warnings = json.loads(output)
    assert (accepted, delivered) == (150, 50)
    assert (sum(rejected.values()), dropped) == (50, {"before_send_failed": 50})
    assert warnings["before_send"] == 50
    assert warnings["on_drop"] == 100
    assert warnings["on_error"] >= 100
    assert collector.names() == once(f"good-{number}" for number in range(50))


def test_one_event_that_is_refused_costs_none_of_its_neighbours(collector: Any, tmp_path: Path) -> None:
    results = [{"status": "invalid" if number == 7 else "accepted"} for number in range(20)]
    collector.behave(answer={"success": True, "results": results}, times=1)
    program = """
        for number in range(20):
            client.track(f"e-{number}", user_id="u-1")
        assert client.flush(10).complete
        stats = client.stats()
        assert (stats.delivered, sum(stats.rejected.values())) == (19, 1), stats
    """
    run(program, collector.url, tmp_path)
