"""A sink in a process of its own: what it says comes back, and its end is not the end."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from cxm_sdk import ProfileGraph
from cxm_sdk.capture import Batch, Client, MemorySink
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
