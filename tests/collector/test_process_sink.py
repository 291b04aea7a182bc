"""A sink in a process of its own: what it says comes back, and its end is not the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import warnings
from functools import partial
from pathlib import Path

import pytest

from cxm_sdk import ProfileGraph
from cxm_sdk.capture import Batch, Client, FileSink, MemorySink
from cxm_sdk.capture.sinks.process import ProcessSink
from cxm_sdk.errors import DeliveryError


def test_what_was_refused_comes_back(tmp_path: Path) -> None:
    sink = ProcessSink(partial(ProfileGraph, tmp_path / "g.db"), "graph")
    good = b'{"messageId":"m-1","type":"track","event":"E","userId":"u-1","timestamp":"2026-03-01T12:00:00Z"}'
    answer = sink.send(Batch([good, b'{"messageId":"m-2","type":"dance"}']))
    assert answer is not None
    assert list(answer.rejected) == [1]
    sink.close()
    with ProfileGraph(tmp_path / "g.db") as graph:
        assert [entry.id for entry in graph.profile("user_id", "u-1").timeline()] == ["m-1"]


def test_a_child_that_ends_is_started_again() -> None:
    sink = ProcessSink(MemorySink, "memory")
    with Client(sink) as client:
        client.track("E", user_id="u-1")
        assert client.flush().delivered == 1
        os.kill(sink._process.pid, signal.SIGKILL)
        client.track("E", user_id="u-1")
        assert client.flush(30).delivered == 2
        assert client.stats().retries >= 1


def test_an_error_of_the_sink_is_told_without_its_words(tmp_path: Path) -> None:
    (tmp_path / "private-value").write_text("no graph")
    sink = ProcessSink(partial(open, "/nonexistent/private-value"), "broken")  # type: ignore[arg-type]
    with pytest.raises(DeliveryError, match="FileNotFoundError: the sink failed") as raised:
        sink.send(Batch([b"{}"]))
    assert not raised.value.permanent
    sink.close()


def test_a_program_that_forgets_to_close_ends_and_loses_nothing(tmp_path: Path) -> None:
    program = f"""
from functools import partial
from cxm_sdk.capture import Client, FileSink
from cxm_sdk.capture.sinks.process import ProcessSink

if __name__ == "__main__":
    client = Client(ProcessSink(partial(FileSink, {str(tmp_path / "events.jsonl")!r}), "file"), spool={str(tmp_path)!r})
    for number in range(10):
        client.track("E", user_id=f"u-{{number}}")
    ENDING
"""
    for ending in ("client.flush()", "pass"):
        script = tmp_path / "program.py"
        script.write_text(program.replace("ENDING", ending))
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        subprocess.run([sys.executable, str(script)], env=environment, check=True, timeout=60)
    left = [*tmp_path.rglob("*.seg")]
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert len(lines) == 20 or (left and len(lines) >= 10)  # what was not sent in time waits on disk


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
def test_a_forked_child_leaves_its_parent_s_process_alone(tmp_path: Path) -> None:
    sink = ProcessSink(partial(FileSink, tmp_path / "events.jsonl"), "file")
    sink.send(Batch([b'{"messageId":"parent-1"}']))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads that other tests have left
        child = os.fork()
    if not child:
        try:
            sink.send(Batch([b'{"messageId":"child"}']))
            sink.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    sink.send(Batch([b'{"messageId":"parent-2"}']))
    sink.close()
    lines = sorted((tmp_path / "events.jsonl").read_text().splitlines())
    assert lines == [f'{{"messageId":"{name}"}}' for name in ("child", "parent-1", "parent-2")]
