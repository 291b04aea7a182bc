"""The account of what became of every event balances at every moment, whatever the sinks do."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cxm_sdk import Client, DeliveryError
from cxm_sdk.capture import Batch, Delivered, Stats
from cxm_sdk.capture import policy as policy_module


class Unsteady:
    """A sink of changing moods: healthy, slow, down, refusing, lying, taking some and not others."""

    def __init__(self, seed: int, identity: str) -> None:
        self.identity = identity
        self.taken: dict[str, int] = {}
        self.refused: set[str] = set()
        self.under_way: set[str] = set()
        self.doubled = 0
        self.healthy = False
        self._chance = random.Random(seed)
        self._lock = threading.Lock()

    def send(self, batch: Batch) -> Delivered | None:
        ids = batch.message_ids
        with self._lock:
            self.doubled += sum(each in self.under_way for each in ids)
            self.under_way.update(ids)
        try:
            return self._answer(ids)
        finally:
            with self._lock:
                self.under_way.difference_update(ids)

    def _answer(self, ids: list[str]) -> Delivered | None:
        mood = "healthy" if self.healthy else self._chance.choice(MOODS)
        if mood == "slow":
            time.sleep(self._chance.uniform(0.0, 0.02))
        elif mood == "down":
            raise ConnectionRefusedError
        elif mood == "busy":
            raise DeliveryError("busy", retry_after=self._chance.uniform(0.0, 0.01))
        elif mood == "refusing" and len(ids) < 4:
            self.refused.update(ids)
            raise DeliveryError("bad", permanent=True, status=400)
        elif mood == "refusing":
            raise DeliveryError("bad", permanent=True, status=400)
        elif mood == "broken":
            raise ZeroDivisionError
        refused = {
            at: "invalid" for at, _ in enumerate(ids) if mood == "lying" and self._chance.random() < 0.1
        }
        retry = [at for at, _ in enumerate(ids) if mood == "partial" and self._chance.random() < 0.3]
        for at, each in enumerate(ids):
            if at in refused:
                self.refused.add(each)
            elif at not in retry:
                self.taken[each] = self.taken.get(each, 0) + 1
        return Delivered(refused, retry) if refused or retry else None


MOODS = ["healthy"] * 4 + ["slow", "down", "busy", "refusing", "lying", "partial"]


def balanced(stats: Stats) -> bool:
    return stats.balanced and all(sink.balanced for sink in stats.sinks.values())


@pytest.mark.parametrize("durability", ["memory", "process"])
@pytest.mark.parametrize("overflow", ["drop_newest", "drop_oldest", "block"])
def test_the_ledger_balances_throughout_a_soak(
    durability: str, overflow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_module, "FIRST_PAUSE", 0.002)
    monkeypatch.setattr(policy_module, "LONGEST_PAUSE", 0.01)
    sinks = [Unsteady(seed, f"unsteady-{seed}") for seed in (1, 2)]
    told: list[str] = []
    client = Client(
        sinks,
        durability=durability,
        spool=tmp_path,
        overflow=overflow,
        max_events=150,
        block_timeout=0.02,
        batch_events=20,
        interval=0.005,
        on_drop=lambda event, why: told.append(event["messageId"]),
        before_send=lambda event: None if event["properties"]["n"] % 50 == 7 else event,
    )
    wrong: list[Stats] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            if not balanced(stats := client.stats()):
                wrong.append(stats)

    def produce(first: int) -> None:
        chance = random.Random(first)
        for number in range(first, first + 400):
            client.track("Counted", {"n": number}, user_id="u-1", message_id=str(number))
            if chance.random() < 0.02:
                time.sleep(chance.uniform(0.0, 0.01))
            if chance.random() < 0.005:
                client.purge(lambda event: event["properties"]["n"] % 31 == 3)
            if chance.random() < 0.005:
                client.flush(0.01)

    threads = [threading.Thread(target=produce, args=(first,)) for first in (0, 1000, 2000)]
    watcher = threading.Thread(target=watch)
    for thread in (*threads, watcher):
        thread.start()
    for thread in threads:
        thread.join()
    for sink in sinks:
        sink.healthy = True
    report = client.close(20)
    stop.set()
    watcher.join()
    stats = client.stats()

    assert wrong == []
    assert report.complete
    assert balanced(stats)
    assert stats.queued == stats.spooled == 0
    hooked = stats.dropped["before_send"]
    assert hooked == 24
    assert stats.accepted == hooked + 2 * (1200 - hooked)
    assert stats.delivered == sum(len(sink.taken) for sink in sinks)
    assert len(told) == sum(stats.rejected.values()) + sum(stats.dropped.values())
    for sink in sinks:
        assert sink.doubled == 0  # never two copies of one event under way
        assert set(sink.taken.values()) <= {1}  # nor any that was taken and came again
    assert list(tmp_path.rglob("*.seg")) == []


def test_what_is_taken_over_counts_as_accepted(tmp_path: Path) -> None:
    first = Unsteady(1, "same")
    blocked: Callable[[Batch], None] = lambda batch: (_ for _ in ()).throw(OSError("down"))  # noqa: E731
    first.send = blocked  # type: ignore[method-assign, assignment]
    client = Client(first, spool=tmp_path)
    for number in range(5):
        client.track("Counted", {"n": number}, user_id="u-1")
    report = client.close(0.1)
    assert (report.spooled, report.complete) == (5, False)
    assert balanced(client.stats())
    second = Unsteady(2, "same")
    second.healthy = True
    with Client(second, spool=tmp_path) as heir:
        heir.track("Counted", {"n": 5}, user_id="u-1")
        heir.flush(5)
        stats = heir.stats()
    assert (stats.accepted, stats.recovered, stats.delivered) == (6, 5, 6)
    assert balanced(stats)


def test_what_is_spooled_for_one_destination_reaches_no_other(tmp_path: Path) -> None:
    gone = Unsteady(1, "one key")
    gone.send = lambda batch: (_ for _ in ()).throw(OSError("down"))  # type: ignore[method-assign, assignment]
    client = Client(gone, spool=tmp_path)
    client.track("Counted", {"n": 1}, user_id="u-1")
    client.close(0.05)
    other = Unsteady(2, "another key")
    with Client(other, spool=tmp_path) as client:
        client.flush(5)
    assert other.taken == {}
