"""Whatever a sink does, each event ends once; what it cannot bear is set aside, nothing else, never in an outage."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk import DeliveryError
from cxm_sdk.capture import Delivered
from cxm_sdk.capture import policy as policy_module
from cxm_sdk.capture.agenda import STRIKES, TOGETHER, Agenda
from cxm_sdk.capture.backlog import Entry

MOODS = ["up", "down", "busy", "failing", "partial"]


@pytest.fixture(scope="module", autouse=True)
def no_pauses() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy_module, "FIRST_PAUSE", 0.0)
        yield


def entry(number: int) -> Entry:
    return b"%d" % number, None, 0


class Line:
    """An agenda between events that wait and a sink that cannot bear some of them."""

    def __init__(self, count: int, bad: set[int], batch: int) -> None:
        self.agenda = Agenda()
        self.waiting = deque(range(count))
        self.bad = bad
        self.batch = batch
        self.taken: list[int] = []
        self.requests = 0

    def fresh(self) -> list[Entry]:
        return [entry(self.waiting.popleft()) for _ in range(min(self.batch, len(self.waiting)))]

    def step(self, mood: str = "up") -> bool:
        chunk = self.agenda.next(self.fresh)
        if chunk is None:
            return False
        self.requests += 1
        came = [int(event) for event, _, _ in chunk.entries]
        if mood == "down":
            outcome = self.agenda.failed(OSError())
        elif mood == "busy":
            outcome = self.agenda.failed(DeliveryError("busy", status=429, retry_after=0.0))
        elif mood == "failing" or self.bad.intersection(came):
            outcome = self.agenda.failed(DeliveryError("failed", status=500))
        elif mood == "partial":
            outcome = self.agenda.answered(Delivered(retry=range(0, len(came), 2), retry_after=0.0))
        else:
            outcome = self.agenda.answered(Delivered())
        self.taken += [int(event) for event, _, _ in outcome.settled]
        return True


@settings(max_examples=200)
@given(
    st.integers(1, 60),
    st.sets(st.integers(0, 59), max_size=4),
    st.integers(1, 20),
    st.lists(st.sampled_from(MOODS), max_size=60),
)
def test_each_event_ends_once_and_only_those_at_fault_are_set_aside(
    count: int, bad: set[int], batch: int, moods: list[str]
) -> None:
    bad = {number for number in bad if number < count}
    line = Line(count, bad, batch)
    for mood in moods:
        line.step(mood)
    number = count
    for _ in range(3_000):
        if len(line.agenda.aside) == len(bad) and not line.waiting and line.agenda.pause() != 0.0:
            break
        if not line.waiting and bad:  # others go on coming
            line.waiting.append(number)
            number += 1
        line.step()
    assert sorted(line.taken) == [each for each in range(number) if each not in bad]
    assert sorted(int(event) for (event, _, _), _ in line.agenda.aside) == sorted(bad)
    assert {why for _, why in line.agenda.aside} <= {"http_500"}


@settings(max_examples=50)
@given(st.integers(1, 40), st.integers(1, 20), st.integers(0, 300))
def test_nothing_is_blamed_while_nothing_is_taken_and_the_way_back_is_short(
    count: int, batch: int, failures: int
) -> None:
    line = Line(count, set(), batch)
    for _ in range(failures):
        line.step("down")
    assert line.agenda.aside == []
    line.requests = 0
    while line.step():
        pass
    assert sorted(line.taken) == list(range(count))
    assert line.requests <= -(-count // batch) + failures


def test_an_event_is_set_aside_after_as_many_failures_as_are_said() -> None:
    line = Line(1, {0}, 1)
    for _ in range(TOGETHER - 1):
        line.step()
    failures = TOGETHER - 1
    number = 1
    while not line.agenda.aside:
        line.waiting.append(number)
        before = len(line.taken)
        line.step()
        failures += len(line.taken) == before
        number += 1
    assert TOGETHER + STRIKES - 1 <= failures <= TOGETHER + STRIKES + 1
