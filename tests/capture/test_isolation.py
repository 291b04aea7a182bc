"""An event that a sink cannot bear is found, kept, and holds up nothing; a sink that is down blames no event."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk import Client
from cxm_sdk.capture import Batch, Delivered, Stats
from cxm_sdk.capture import policy as policy_module

from .receiver import TAKEN, Answer, Receiver, Request


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_module, "FIRST_PAUSE", 0.002)
    monkeypatch.setattr(policy_module, "LONGEST_PAUSE", 0.01)


def fill(client: Client, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        client.track("Counted", {"n": number}, user_id="u-1")


def numbers(events: Any) -> set[int]:
    return {event["properties"]["n"] for event in events}


def cannot_bear(*bad: int) -> Callable[[Request], Answer]:
    """Answers 500 to every batch that holds one of these."""
    return lambda request: (500, {}, {}) if numbers(request.body["batch"]) & set(bad) else TAKEN


def until_set_aside(client: Client, count: int, first: int = 1000) -> int:
    """Records further events until so many are set aside; gives how many that took."""
    end, sent = time.monotonic() + 20, 0
    while sum(client.stats().set_aside.values()) < count and time.monotonic() < end:
        fill(client, 1, first + sent)
        sent += 1
        time.sleep(0.005)
    return sent


def test_an_event_that_a_receiver_fails_on_is_set_aside_and_all_others_arrive(tmp_path: Path) -> None:
    faults: list[Exception] = []
    with Receiver(cannot_bear(13, 61)) as receiver:
        client = Client(receiver.url, spool=tmp_path, interval=0.005, on_error=faults.append)
        fill(client, 100)
        more = until_set_aside(client, 2)
        assert client.flush(10).complete
        stats = client.stats()
        assert stats.set_aside == {"http_500": 2}
        assert (stats.delivered, stats.spooled, stats.rejected, stats.dropped) == (98 + more, 2, {}, {})
        assert stats.balanced
        assert stats.warnings["set_aside"] == 2
        assert numbers(receiver.taken.values()) >= set(range(100)) - {13, 61}
        assert receiver.duplicates == 0
        assert client.close(5).spooled == 2

        # nothing is lost: the next start tries them again, and by now the receiver may have learned to take them
        receiver.answer = lambda request: TAKEN
        with Client(receiver.url, spool=tmp_path) as heir:
            assert heir.flush(10).complete
            assert (heir.stats().recovered, heir.stats().delivered) == (2, 2)
        assert numbers(receiver.taken.values()) >= {13, 61}
    assert list(tmp_path.rglob("*.seg")) == []


def test_what_comes_after_such_an_event_does_not_wait_for_it() -> None:
    with (
        Receiver(cannot_bear(0)) as receiver,
        Client(receiver.url, durability="memory", interval=0.005) as client,
    ):
        fill(client, 1)
        while len(receiver.requests) < 8:  # it stands alone, and the receiver fails on it time and again
            time.sleep(0.005)
        for number in range(1, 20):
            fill(client, 1, number)
            end = time.monotonic() + 2
            while number not in numbers(list(receiver.taken.values())) and time.monotonic() < end:
                time.sleep(0.001)
        assert numbers(receiver.taken.values()) == set(range(1, 20))
        receiver.answer = lambda request: TAKEN


@pytest.mark.parametrize("down", ["failing", "refusing"])
def test_a_receiver_that_is_down_puts_nothing_under_suspicion(down: str, tmp_path: Path) -> None:
    state = {"down": True}
    with Receiver(lambda request: (503, {}, {}) if state["down"] else TAKEN) as receiver:
        client = Client(receiver.url, spool=tmp_path, batch_events=2, interval=0.005)
        delivery: Any = client._deliveries[0]
        if down == "refusing":
            with socket.create_server(("127.0.0.1", 0)) as server:
                free = server.getsockname()[1]
            delivery.sink._port, real = free, delivery.sink._port
        fill(client, 40)
        end = time.monotonic() + 10
        while client.stats().retries < 120 and time.monotonic() < end:
            time.sleep(0.005)
        stats = client.stats()
        assert stats.retries >= 120
        assert (stats.set_aside, stats.rejected, stats.spooled) == ({}, {}, 40)

        failures = len(receiver.requests)
        if down == "refusing":
            delivery.sink._port = real
        state["down"] = False
        assert client.close(10).complete
        stats = client.stats()
        assert (stats.delivered, stats.set_aside) == (40, {})
        assert (
            len(receiver.requests) - failures <= 20 + stats.retries
        )  # halving costs no more than there were failures
        assert receiver.duplicates == 0


class Failing:
    """A sink of the host's own, with a fault in it."""

    identity = "failing"

    def __init__(self, bad: set[int]) -> None:
        self.bad = bad
        self.took: set[int] = set()

    def send(self, batch: Batch) -> Delivered | None:
        came = numbers(batch.decoded())
        if came & self.bad:
            raise KeyError("n")
        self.took |= came
        return None


@pytest.mark.parametrize("durability", ["memory", "process"])
def test_a_sink_with_a_fault_loses_nothing_and_goes_on(durability: str, tmp_path: Path) -> None:
    sink = Failing({5})
    client = Client(sink, durability=durability, spool=tmp_path, interval=0.005)
    fill(client, 10)
    until_set_aside(client, 1)
    stats = client.stats()
    assert (stats.set_aside, stats.rejected) == ({"KeyError": 1}, {})
    assert stats.balanced
    report = client.close(10)
    assert report.complete
    assert (report.spooled, report.dropped) == ((1, {}) if durability == "process" else (0, {"unsent": 1}))
    assert sink.took >= set(range(10)) - {5}
    assert client.stats().balanced


def test_a_sink_that_always_fails_refuses_nothing(tmp_path: Path) -> None:
    client = Client(Failing(set(range(10))), spool=tmp_path, batch_events=2, interval=0.005)
    fill(client, 10)
    while client.stats().retries < 100:
        time.sleep(0.005)
    stats = client.close(0.1)
    assert (stats.spooled, stats.rejected, client.stats().set_aside) == (10, {}, {})


def test_what_was_set_aside_can_be_purged(tmp_path: Path) -> None:
    client = Client(Failing({5}), spool=tmp_path, interval=0.005)
    fill(client, 10)
    until_set_aside(client, 1)
    assert client.purge(lambda event: event["properties"]["n"] == 5) == 1
    assert client.flush(10).complete
    stats: Stats = client.stats()
    assert (stats.set_aside, stats.spooled, stats.dropped) == ({}, 0, {"purged": 1})
    assert stats.balanced
    client.close()
    assert list(tmp_path.rglob("*.seg")) == []
