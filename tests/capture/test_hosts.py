"""The client inside the hosts it is made for: servers that fork, task queues, process pools, greenlets."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="these hosts fork")

SHOP = """
import os
import cxm_sdk
from cxm_sdk.capture.integrations.wsgi import ContextMiddleware

client = cxm_sdk.Client(os.environ["COLLECTOR"], write_key="key", spool=os.environ["SPOOL"])
client.track("boot", user_id="shop")

def shop(environ, start_response):
    client.track(environ["PATH_INFO"], {"pid": os.getpid()})
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]

app = ContextMiddleware(shop)
"""


def once(names: Any) -> Counter[str]:
    return Counter(dict.fromkeys(names, 1))


def environment(collector: Any, folder: Path) -> dict[str, str]:
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH"), str(Path.cwd())]))
    return {**os.environ, "COLLECTOR": collector.url, "SPOOL": str(folder / "spool"), "PYTHONPATH": path}


@contextmanager
def serving(command: list[str], ready: str, env: dict[str, str], folder: Path) -> Iterator[int]:
    """Runs a server until it says where it listens; ends it as an init system does."""
    process = subprocess.Popen(
        command, env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    seen: list[str] = []
    port = None
    while port is None:
        line = process.stderr.readline()
        assert line, "".join(seen)
        seen.append(line)
        found = re.search(ready, line)
        port = int(found.group(1)) if found else None
    reader = threading.Thread(target=lambda: seen.extend(process.stderr or ()))
    reader.start()
    try:
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
        reader.join()
        process.stderr.close()
    assert code == 0, "".join(seen)
    assert "Traceback" not in "".join(seen), "".join(seen)


def get(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Cookie": "ajs_anonymous_id=a-1", "Connection": "close"})
    with connection.getresponse() as response:
        body = response.read()
    connection.close()
    return body


def visit(port: int, paths: list[str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda path: get(port, path), paths)) == {b"ok"}


REPLAY = """
    import os
    import cxm_sdk

    client = cxm_sdk.Client(os.environ["COLLECTOR"], write_key="key", spool=os.environ["SPOOL"])
    assert client.flush(10).complete
"""


def check_server(
    command: list[str], ready: str, boots: int, collector: Any, folder: Path, *, brusque: bool = False
) -> None:
    """Requests while it runs arrive while it runs; requests just before it ends arrive too; each once.

    A brusque server may end its workers without a word to them: what they left arrives with the next start.
    """
    (folder / "shop.py").write_text(SHOP)
    first = [f"/first/{number}" for number in range(40)]
    last = [f"/last/{number}" for number in range(40)]
    with serving(command, ready, environment(collector, folder), folder) as port:
        visit(port, first)
        taken = collector.wait_for(boots + len(first))
        assert taken == once(first) + Counter(boot=boots)
        visit(port, last)
    if brusque:
        run_script(REPLAY, collector, folder)
    events = collector.events()
    assert Counter(event["event"] for event in events) == once(first + last) + Counter(boot=boots)
    requests = [event for event in events if event["event"] != "boot"]
    assert {event["anonymousId"] for event in requests} == {"a-1"}
    assert {event["context"]["page"]["path"] for event in requests} == set(first + last)


@pytest.mark.parametrize("workers", ["sync", pytest.param("gthread", marks=pytest.mark.slow), "gevent"])
def test_gunicorn_with_a_client_made_before_its_workers(workers: str, collector: Any, tmp_path: Path) -> None:
    pytest.importorskip("gunicorn")
    options = ["--preload", "--workers", "2", "--worker-class", workers, "--bind", "127.0.0.1:0"]
    options += ["--no-control-socket"]  # it would lie in the home of whoever runs the tests
    options += ["--threads", "4"] if workers == "gthread" else []
    command = [sys.executable, "-m", "gunicorn", *options, "shop:app"]
    check_server(command, r"Listening at: http://127\.0\.0\.1:(\d+)", 1, collector, tmp_path)


@pytest.mark.parametrize(
    "options",
    [
        ["--enable-threads"],
        pytest.param([], marks=pytest.mark.slow),
        pytest.param(["--enable-threads", "--lazy-apps"], marks=pytest.mark.slow),
    ],
    ids=["threads", "plain", "lazy"],
)
def test_uwsgi_with_and_without_threads(options: list[str], collector: Any, tmp_path: Path) -> None:
    uwsgi = shutil.which("uwsgi", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uwsgi is None:
        pytest.skip("uwsgi is not installed; it has no wheel")
    command = [uwsgi, "--http-socket", "127.0.0.1:0", "--master", "--processes", "2", "--die-on-term"]
    command += ["--virtualenv", sys.prefix, "--module", "shop:app", *options]
    boots = 2 if "--lazy-apps" in options else 1
    ready = r"bound to TCP address 127\.0\.0\.1:(\d+)"
    check_server(command, ready, boots, collector, tmp_path, brusque=True)


TASKS = """
import os
import cxm_sdk
from celery import Celery

folder = os.environ["BROKER"]
app = Celery("tasks", broker="filesystem://")
app.conf.broker_transport_options = {
    "data_folder_in": folder, "data_folder_out": folder, "control_folder": folder + "/control",
    "polling_interval": 0.05,
}
app.conf.worker_hijack_root_logger = False
client = cxm_sdk.Client(os.environ["COLLECTOR"], write_key="key", spool=os.environ["SPOOL"])
client.track("boot", user_id="worker")

@app.task(name="work")
def work(number):
    client.track(f"task-{number}", {"pid": os.getpid()}, user_id="u-1")
"""

SENDER = """
import os, sys
from celery import Celery
folder = os.environ["BROKER"]
app = Celery("sender", broker="filesystem://")
app.conf.broker_transport_options = {
    "data_folder_in": folder, "data_folder_out": folder, "control_folder": folder + "/control",
}
for number in range(int(sys.argv[1]), int(sys.argv[2])):
    app.send_task("work", [number])
"""


@pytest.mark.slow  # Celery itself takes seconds to start and to end
def test_celery_with_a_client_made_before_its_pool(collector: Any, tmp_path: Path) -> None:
    pytest.importorskip("celery")
    (tmp_path / "broker" / "control").mkdir(parents=True)
    (tmp_path / "tasks.py").write_text(TASKS)
    env = {**environment(collector, tmp_path), "BROKER": str(tmp_path / "broker")}

    def send(start: int, end: int) -> None:
        subprocess.run([sys.executable, "-c", SENDER, str(start), str(end)], env=env, check=True)

    send(0, 20)
    command = [sys.executable, "-m", "celery", "--app", "tasks", "worker", "--pool", "prefork"]
    command += ["--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    command += ["--max-tasks-per-child", "7"]  # children come and go
    process = subprocess.Popen(
        command, env=env, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        assert collector.wait_for(21) == once(["boot", *(f"task-{number}" for number in range(20))])
        send(20, 25)
        while any((tmp_path / "broker").glob("*.msg")):
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGTERM)
        errors = process.communicate(timeout=30)[1]
    assert "Traceback" not in errors, errors
    expected = once(["boot", *(f"task-{number}" for number in range(25))])
    assert Counter(event["event"] for event in collector.events()) == expected


POOL = """
import multiprocessing, os, sys
import cxm_sdk

client = None

def ready():
    global client
    if client is None:  # inherited by a fork, not by a spawned child
        client = cxm_sdk.Client(os.environ["COLLECTOR"], write_key="key", spool=os.environ["SPOOL"])

def work(number):
    ready()
    client.track(f"work-{number}", user_id="u-1")

def alone(name):
    ready()
    client.track(name, user_id="u-1")

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    ready()
    client.track("parent", user_id="u-1")
    with context.Pool(2) as pool:
        pool.map(work, range(20), chunksize=1)
        pool.close()
        pool.join()
    process = context.Process(target=alone, args=("alone",))
    process.start()
    process.join()
    assert process.exitcode == 0
"""


@pytest.mark.parametrize("method", ["fork", "spawn", pytest.param("forkserver", marks=pytest.mark.slow)])
def test_processes_of_multiprocessing(method: str, collector: Any, tmp_path: Path) -> None:
    script = tmp_path / "pool.py"
    script.write_text(POOL)
    run = subprocess.run(
        [sys.executable, script, method],
        env=environment(collector, tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.returncode, run.stderr) == (0, "")
    expected = once(["parent", "alone", *(f"work-{number}" for number in range(20))])
    assert Counter(event["event"] for event in collector.events()) == expected


def run_script(program: str, collector: Any, folder: Path) -> None:
    # Python 3.12 and later warn of a fork beside threads, which is what some of these programs do.
    run = subprocess.run(
        [sys.executable, "-W", "ignore:This process:DeprecationWarning", "-c", textwrap.dedent(program)],
        env=environment(collector, folder),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.returncode, run.stderr) == (0, "")


GREENLETS = """
    import gevent
    from gevent import monkey
    monkey.patch_all()
    import os
    import cxm_sdk
    from cxm_sdk.capture.context import context

    client = cxm_sdk.Client(os.environ["COLLECTOR"], write_key="key", spool=os.environ["SPOOL"])

    def work(number):
        with context(user_id=f"u-{number}"):
            gevent.sleep(0)
            client.track(f"work-{number}", {"user": f"u-{number}"})

    gevent.joinall([gevent.spawn(work, number) for number in range(200)], raise_error=True)
    ENDING
"""


@pytest.mark.parametrize("ending", ["", "assert client.flush(10).complete", "client.close(10)"])
def test_greenlets_of_a_patched_interpreter(ending: str, collector: Any, tmp_path: Path) -> None:
    pytest.importorskip("gevent")
    run_script(GREENLETS.replace("ENDING", ending), collector, tmp_path)
    if not ending and sys.version_info[:2] == (3, 12):  # gevent finds no address there any more
        assert collector.events() == []
        run_script(REPLAY, collector, tmp_path)
    events = collector.events()
    assert Counter(event["event"] for event in events) == once(f"work-{number}" for number in range(200))
    assert all(event["userId"] == event["properties"]["user"] for event in events)


@pytest.mark.parametrize("earlier", [True, False], ids=["registered-before", "registered-after"])
def test_an_event_while_the_interpreter_ends_and_no_thread_can_start(
    earlier: bool, collector: Any, tmp_path: Path
) -> None:
    program = f"""
        import atexit, os
        import cxm_sdk

        def last():
            client.track("last", user_id="u-1")

        if {earlier}:
            atexit.register(last)
        client = cxm_sdk.Client(os.environ["COLLECTOR"], write_key="key", spool=os.environ["SPOOL"])
        client.track("first", user_id="u-1")
        if not {earlier}:
            atexit.register(last)
    """
    run_script(program, collector, tmp_path)
    assert Counter(event["event"] for event in collector.events()) == once(["first", "last"])


def test_a_client_used_only_while_the_interpreter_ends(collector: Any, tmp_path: Path) -> None:
    program = """
        import atexit, os
        import cxm_sdk

        client = cxm_sdk.Client(os.environ["COLLECTOR"], write_key="key", spool=os.environ["SPOOL"])
        atexit.register(lambda: client.track("last", user_id="u-1"))
    """
    run_script(program, collector, tmp_path)
    assert Counter(event["event"] for event in collector.events()) == once(["last"])


def test_a_thread_that_goes_on_sending_while_the_interpreter_ends(collector: Any, tmp_path: Path) -> None:
    program = """
        import os, threading, time
        import cxm_sdk

        client = cxm_sdk.Client(os.environ["COLLECTOR"], write_key="key", spool=os.environ["SPOOL"])

        def send():
            for number in range(100_000):
                client.track(f"e-{number}", user_id="u-1")
                time.sleep(0.0001)

        threading.Thread(target=send, daemon=True).start()
        time.sleep(0.05)
    """
    run_script(program, collector, tmp_path)
    run_script(REPLAY, collector, tmp_path)
    names = collector.names()
    assert names.total() > 10
    assert names == once(f"e-{number}" for number in range(names.total()))


def test_children_forked_while_other_threads_send(collector: Any, tmp_path: Path) -> None:
    program = """
        import os, threading, time
        import cxm_sdk

        client = cxm_sdk.Client(os.environ["COLLECTOR"], write_key="key", spool=os.environ["SPOOL"], interval=0.01)
        stop = threading.Event()
        sent = [0] * 3

        def send(thread):
            while not stop.is_set():
                client.track(f"parent-{thread}-{sent[thread]}", user_id="u-1")
                sent[thread] += 1
                time.sleep(0.0002)

        threads = [threading.Thread(target=send, args=(thread,)) for thread in range(3)]
        for thread in threads:
            thread.start()
        children = []
        for number in range(20):
            time.sleep(0.003)
            child = os.fork()
            if child == 0:
                for event in range(3):
                    client.track(f"child-{number}-{event}", user_id="u-1")
                complete, stats = client.flush(20).complete, client.stats()
                os._exit(0 if complete and stats.balanced and not stats.warnings else 1)
            children.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        stop.set()
        for thread in threads:
            thread.join()
        assert codes == [0] * 20, codes
        client.track(f"total-{sum(sent)}", user_id="u-1")
    """
    run_script(program, collector, tmp_path)
    taken = collector.names()
    (total,) = (int(name.removeprefix("total-")) for name in taken if name.startswith("total-"))
    assert sum(name.startswith("parent-") for name in taken) == total
    assert sum(name.startswith("child-") for name in taken) == 60
    assert max(taken.values()) == 1


def test_a_child_forked_in_the_middle_of_plan_and_consent_goes_on_without_its_parents_events(
    collector: Any, tmp_path: Path
) -> None:
    (tmp_path / "plan.json").write_text('{"plan": "Shop", "events": [{"name": "Seen"}]}')
    program = """
        import os, threading
        import cxm_sdk
        from cxm_sdk.events.consent import ConsentRules
        from cxm_sdk.events.plan import TrackingPlan

        client = cxm_sdk.Client(
            os.environ["COLLECTOR"],
            write_key="key",
            spool=os.environ["SPOOL"],
            plan=TrackingPlan.load("plan.json"),
            consent=ConsentRules({"analytics": "hold"}, default="analytics"),
        )
        client.track("parent-held", anonymous_id="held")
        client.grant("analytics", user_id="u-1")
        stop = threading.Event()

        def send():
            while not stop.is_set():
                client.track("parent", user_id="u-1")

        threads = [threading.Thread(target=send) for _ in range(3)]
        for thread in threads:
            thread.start()
        children = []
        for number in range(10):
            child = os.fork()
            if child == 0:
                client.track(f"child-{number}", user_id="u-1")
                client.grant("analytics", anonymous_id="held")
                os._exit(0 if client.flush(20).complete and client.stats().balanced else 1)
            children.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        stop.set()
        for thread in threads:
            thread.join()
        assert codes == [0] * 10, codes
    """
    run_script(program, collector, tmp_path)
    taken = collector.names()
    assert {name for name in taken if name != "parent"} == {f"child-{number}" for number in range(10)}
