"""Batches go out once, in order, however the sink behaves; nobody waits longer than they said."""

from __future__ import annotations

import gc
import socket
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk import Client, DeliveryError
from cxm_sdk.capture import Batch, Delivered, MemorySink
from cxm_sdk.capture import policy as policy_module

from .receiver import TAKEN, Receiver, Request


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_module, "FIRST_PAUSE", 0.005)
    monkeypatch.setattr(policy_module, "LONGEST_PAUSE", 0.02)


class Scripted:
    """A sink that does what it is told to for each batch, and keeps what it took."""

    volatile = True

    def __init__(self, answer: Callable[[Batch], Delivered | None] = lambda batch: None) -> None:
        self.answer = answer
        self.batches: list[list[int]] = []
        self.attempts: list[int] = []
        self.at: list[float] = []

    def send(self, batch: Batch) -> Delivered | None:
        self.batches.append([event["properties"]["n"] for event in batch.decoded()])
        self.attempts.append(batch.attempt)
        self.at.append(time.monotonic())
        return self.answer(batch)


def flat(batches: list[list[int]]) -> list[int]:
    return [number for batch in batches for number in batch]


def fill(client: Client, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        client.track("Counted", {"n": number}, user_id="u-1")


def failing(times: int, error: Exception) -> Callable[[Batch], None]:
    left = [error] * times

    def answer(batch: Batch) -> None:
        if left:
            raise left.pop()

    return answer


def test_a_client_that_is_made_starts_no_thread_and_the_first_event_does() -> None:
    before = set(threading.enumerate())
    client = Client(Scripted())
    assert set(threading.enumerate()) <= before  # one of an earlier test may have ended
    fill(client, 1)
    assert len(set(threading.enumerate()) - before) == 1
    client.close()


def test_events_arrive_in_order_in_batches_within_the_limits() -> None:
    sink = Scripted()
    with Client(sink, batch_events=7) as client:
        fill(client, 50)
    assert flat(sink.batches) == list(range(50))
    assert max(map(len, sink.batches)) == 7


def test_a_batch_stays_below_the_limit_of_bytes() -> None:
    sizes: list[int] = []
    sink = Scripted(lambda batch: sizes.append(sum(map(len, batch.events)) + len(batch)))  # type: ignore[arg-type, func-returns-value]
    with Client(sink) as client:
        for number in range(100):
            client.track("Counted", {"n": number, "text": "x" * 30_000}, user_id="u-1")
    assert len(flat(sink.batches)) == 100
    assert 400_000 < max(sizes) < 512_000


def test_few_events_wait_for_company_and_no_longer_than_the_interval() -> None:
    sink = Scripted()
    client = Client(sink, interval=0.15)
    start = time.monotonic()
    fill(client, 2)
    time.sleep(0.05)
    fill(client, 1, 2)
    while not sink.batches and time.monotonic() < start + 5:
        time.sleep(0.005)
    assert 0.14 < sink.at[0] - start < 0.5
    assert sink.batches == [[0, 1, 2]]
    client.close()


@pytest.mark.parametrize(
    "error", [OSError("down"), DeliveryError("busy"), RuntimeError("a fault that passes")]
)
def test_a_batch_that_failed_is_sent_again_and_nothing_overtakes_it(error: Exception) -> None:
    sink = Scripted(failing(3, error))
    with Client(sink, batch_events=5) as client:
        fill(client, 10)
        assert client.flush(5).complete
    assert sink.batches == [[0, 1, 2, 3, 4]] * 4 + [[5, 6, 7, 8, 9]]
    assert sink.attempts == [0, 1, 2, 3, 0]
    assert client.stats().sinks["scripted"].retries == 3


def test_a_pause_that_was_asked_for_is_kept_even_when_somebody_waits() -> None:
    sink = Scripted(failing(1, DeliveryError("busy", retry_after=0.3)))
    with Client(sink) as client:
        fill(client, 1)
        assert not client.flush(0.1).complete
        assert client.stats().sinks["scripted"].resting > 0
        assert client.flush(5).complete
    assert 0.29 < sink.at[1] - sink.at[0] < 1.0


def test_a_permanent_failure_costs_the_event_that_caused_it_and_not_its_neighbours() -> None:
    def answer(batch: Batch) -> None:
        if any(event["properties"]["n"] in (13, 14, 77) for event in batch.decoded()):
            raise DeliveryError("bad", permanent=True, status=400)

    told: list[tuple[int, str]] = []
    sink = Scripted(answer)
    with Client(sink, on_drop=lambda event, why: told.append((event["properties"]["n"], why))) as client:
        fill(client, 100)
    stats = client.stats()
    assert (stats.delivered, stats.rejected) == (97, {"http_400": 3})
    assert told == [(13, "http_400"), (14, "http_400"), (77, "http_400")]


def test_a_permanent_failure_of_the_whole_destination_is_not_taken_apart() -> None:
    sink = Scripted(failing(1, DeliveryError("no such key", permanent=True, separable=False, status=401)))
    with Client(sink) as client:
        fill(client, 100)
    assert client.stats().rejected == {"http_401": 100}
    assert len(sink.batches) == 1


def test_results_of_single_events_are_honoured() -> None:
    seen: list[int] = []

    def answer(batch: Batch) -> Delivered | None:
        seen.append(len(batch))
        if len(seen) == 1:
            return Delivered(rejected={1: "no_user_anon_id", 99: "out of range"}, retry=[0, 3, -1])
        return None

    sink = Scripted(answer)
    with Client(sink) as client:
        fill(client, 5)
        assert client.flush(5).complete
    assert sink.batches == [[0, 1, 2, 3, 4], [0, 3]]
    assert (client.stats().delivered, client.stats().rejected) == (4, {"no_user_anon_id": 1})


def test_sinks_go_at_their_own_pace() -> None:
    blocked = threading.Event()
    slow = Scripted(lambda batch: blocked.wait(10) and None)
    quick = MemorySink()
    client = Client([slow, quick])
    fill(client, 10)
    client.flush(0.7)
    assert len(quick) == 10
    stats = client.stats()
    assert (stats.accepted, stats.delivered, stats.queued) == (20, 10, 10)
    assert stats.sinks["memory"].delivered == 10
    blocked.set()
    assert client.close(5).delivered == 20


@pytest.fixture
def black_hole() -> Iterator[str]:
    """A receiver that accepts every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def refusing() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("receiver", ["black_hole", "refusing"])
@pytest.mark.parametrize("durability", ["memory", "process"])
def test_flush_and_close_are_back_in_time_when_the_receiver_is_down(
    receiver: str, durability: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    limit = 0.6
    client = Client(request.getfixturevalue(receiver), durability=durability, spool=tmp_path, batch_events=10)
    fill(client, 120)
    flushes = [client.flush(limit) for _ in range(3)]
    assert (
        limit * 0.9 < min(flushed.elapsed for flushed in flushes) < limit * 1.1
    )  # not each, on a busy machine
    assert not any(flushed.complete for flushed in flushes)
    assert {flushed.queued + flushed.spooled for flushed in flushes} == {120}
    closed = client.close(limit)
    assert closed.elapsed < limit + 2
    assert closed.spooled == (120 if durability == "process" else 0)
    assert client.stats().balanced


def test_a_flush_on_the_callers_thread_is_back_in_time_too(
    black_hole: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    client = Client(black_hole, durability="memory")
    fill(client, 5)
    assert min(client.flush(0.5).elapsed for _ in range(3)) < 0.55
    assert client.close(0.3).dropped == {"unsent": 5}


def test_where_no_thread_can_start_the_caller_delivers(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(self: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        sink = Scripted(failing(2, OSError("down")))
        client = Client(sink, batch_events=10)
        fill(client, 35)
        assert sink.batches == []
        assert client.flush(5).delivered == 35
        assert client.close().complete
    assert flat(sink.batches)[-35:] == list(range(35))


def test_a_connection_is_kept_and_opened_again_when_the_receiver_closed_it() -> None:
    with Receiver() as receiver, Client(receiver.url, durability="memory") as client:
        for number in range(4):
            fill(client, 1, number)
            client.flush(5)
        assert receiver.connections == 1
        receiver.answer = lambda request: (200, {"Connection": "close"}, {})
        fill(client, 1, 4)
        client.flush(5)
        receiver.answer = lambda request: TAKEN
        fill(client, 1, 5)
        assert client.flush(5).delivered == 6
        assert receiver.connections == 2
        assert receiver.duplicates == 0


def test_retry_after_of_the_receiver_is_kept() -> None:
    moments: list[float] = []

    def answer(request: Request) -> Any:
        moments.append(time.monotonic())
        return (429, {"Retry-After": "0.4"}, {}) if len(moments) == 1 else TAKEN

    with Receiver(answer) as receiver, Client(receiver.url, durability="memory") as client:
        fill(client, 3)
        assert client.flush(5).delivered == 3
        assert moments[1] - moments[0] > 0.39
        assert receiver.requests[1].headers["X-Retry-Count"] == "1"


@pytest.mark.parametrize("status", [408, 410, 429, 460, 500, 502, 503, 504, 599])
def test_statuses_that_pass_are_tried_again(status: int) -> None:
    statuses = [status]
    with (
        Receiver(lambda request: (statuses.pop(), {}, {}) if statuses else TAKEN) as receiver,
        Client(receiver.url, durability="memory") as client,
    ):
        fill(client, 2)
        assert client.flush(5).delivered == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422, 501, 505])
def test_statuses_that_stay_are_not_tried_again(status: int) -> None:
    with (
        Receiver(lambda request: (status, {}, {})) as receiver,
        Client(receiver.url, durability="memory") as client,
    ):
        fill(client, 1)
        assert client.flush(5).rejected == {f"http_{status}": 1}
        assert len(receiver.requests) == 1


def test_the_room_is_kept_to_and_what_does_not_fit_is_counted() -> None:
    gate = threading.Event()
    sink = Scripted(lambda batch: gate.wait(10) and None)
    told: list[int] = []
    client = Client(
        sink, max_events=10, batch_events=4, on_drop=lambda event, why: told.append(event["properties"]["n"])
    )
    fill(client, 25)
    stats = client.stats()
    assert (stats.queued, stats.dropped) == (10, {"overflow": 15})
    gate.set()
    assert client.close().delivered == 10
    assert told == list(range(10, 25))


@pytest.mark.parametrize("durability", ["memory", "process"])
def test_the_oldest_make_way_when_they_shall(durability: str, tmp_path: Path) -> None:
    gate = threading.Event()
    sink = Scripted(lambda batch: gate.wait(10) and None)
    client = Client(
        sink, spool=tmp_path, durability=durability, max_events=10, batch_events=2, overflow="drop_oldest"
    )
    fill(client, 2)
    while not sink.batches:
        time.sleep(0.001)
    fill(client, 28, 2)
    gate.set()
    assert client.close().delivered == 10
    assert flat(sink.batches) == [0, 1, *range(22, 30)]
    assert client.stats().dropped == {"overflow": 20}
    assert client.stats().balanced


def test_a_call_waits_for_room_when_it_shall_and_not_for_ever() -> None:
    gate = threading.Event()
    sink = Scripted(lambda batch: gate.wait(10) and None)
    client = Client(sink, max_events=5, overflow="block", block_timeout=0.2)
    fill(client, 5)
    start = time.monotonic()
    fill(client, 1, 5)
    assert 0.19 < time.monotonic() - start < 2
    threading.Timer(0.05, gate.set).start()
    fill(client, 1, 6)
    client.close()
    assert flat(sink.batches) == [0, 1, 2, 3, 4, 6]
    assert client.stats().dropped == {"overflow": 1}


def test_bytes_are_limited_as_well() -> None:
    gate = threading.Event()
    client = Client(Scripted(lambda batch: gate.wait(10) and None), max_bytes=10_000)
    fill(client, 100)
    assert client.stats().dropped["overflow"] > 30
    assert client._deliveries[0]._backlog.size <= 10_000
    gate.set()
    client.close()


def test_what_comes_after_the_end_is_counted() -> None:
    sink = MemorySink()
    client = Client(sink)
    fill(client, 2)
    client.close()
    fill(client, 3, 2)
    assert client.stats().dropped == {"closed": 3}
    assert client.close().complete
    assert len(sink) == 2


def test_a_client_that_nobody_holds_any_more_delivers_and_ends() -> None:
    sink = MemorySink()
    client = Client(sink)
    before = set(threading.enumerate())
    fill(client, 3)
    delivery = weakref.ref(client._deliveries[0])
    (thread,) = set(threading.enumerate()) - before
    del client
    gc.collect()
    thread.join(5)
    assert not thread.is_alive()
    assert len(sink) == 3
    del thread
    gc.collect()
    assert delivery() is None


def test_an_event_recorded_while_another_is_being_recorded_on_the_same_thread_is_not_lost() -> None:
    sink = Scripted()
    client = Client(sink)
    client.stats()  # from its first use on, a client is what it is in this process
    backlog: Any = client._deliveries[0]._backlog
    put = backlog.put

    def put_with_a_signal(event: bytes) -> None:  # as a signal's handler or a finaliser would
        if b'"n":0}' in event:
            client.track("Counted", {"n": 1}, user_id="u-1")
        put(event)

    backlog.put = put_with_a_signal
    fill(client, 1)
    client.close()
    assert flat(sink.batches) == [0, 1]


def test_many_threads_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    with Receiver() as receiver:
        client = Client(receiver.url, spool=tmp_path, batch_events=100, interval=0.01)
        threads = [threading.Thread(target=fill, args=(client, 500, 1000 * k)) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert client.close().delivered == 4000
        assert len(receiver.taken) == 4000
        assert receiver.duplicates == 0
    assert list(tmp_path.rglob("*.seg")) == []
