"""What a plan has quarantined never comes where good events go, and neither sink costs the other an event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk.capture import Batch, Client, Delivered, FileSink, MemorySink, QuarantineSink
from cxm_sdk.errors import DeliveryError
from cxm_sdk.events.plan import TrackingPlan
from cxm_sdk.events.plan.formats import recognised

PLAN = {
    "plan": "P",
    "mode": "quarantine",
    "events": [{"name": "Good", "properties": {"id": {"required": True}}}],
}


def encoded(number: int, quarantined: object = None) -> bytes:
    context = {} if quarantined is None else {"trackingPlan": {"quarantined": quarantined}}
    return json.dumps({"messageId": f"m-{number}", "type": "track", "context": context}).encode()


class Scripted:
    """A sink that takes, refuses or fails as it is told, and keeps what it took."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.took: list[str] = []
        self.closed = 0

    def send(self, batch: Batch) -> Delivered | None:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        answer = answer or Delivered()
        left = {*answer.rejected, *answer.retry}
        self.took += [name for at, name in enumerate(batch.message_ids) if at not in left]
        return answer

    def close(self) -> None:
        self.closed += 1
        raise OSError


def test_quarantined_events_are_kept_apart_through_a_client(tmp_path: Path) -> None:
    good, apart = MemorySink(), FileSink(tmp_path / "apart.jsonl")
    with Client(QuarantineSink(good, apart), plan=TrackingPlan(recognised(PLAN, name="p"))) as client:
        for number in range(10):
            client.track("Good", {"id": number} if number % 2 else {}, user_id="u")
    assert [event["properties"] for event in good.events] == [{"id": number} for number in (1, 3, 5, 7, 9)]
    lines = [json.loads(line) for line in apart.path.read_text().splitlines()]
    assert [line["context"]["trackingPlan"]["quarantined"] for line in lines] == [True] * 5
    assert client.stats().delivered == 10


@pytest.mark.parametrize("mark", [False, "true", 1, None, {"a": True}])
def test_only_the_mark_of_a_plan_quarantines(mark: object) -> None:
    good, apart = Scripted(), Scripted()
    QuarantineSink(good, apart).send(
        Batch([encoded(1, mark), b'{"messageId":"m-2","event":"\\"quarantined\\":true"}'])
    )
    assert (good.took, apart.took) == (["m-1", "m-2"], [])


def test_the_answers_of_both_sinks_are_told_by_position() -> None:
    good = Scripted(Delivered(rejected={1: "bad"}, retry=[0], retry_after=2.0))
    apart = Scripted(Delivered(retry=[1], retry_after=5.0))
    events = [encoded(0, True), encoded(1), encoded(2), encoded(3, True)]
    answer = QuarantineSink(good, apart).send(Batch(events))
    assert answer == Delivered({2: "bad"}, [1, 3], 5.0)


def test_a_sink_that_fails_costs_the_other_nothing_and_its_events_come_again_alone() -> None:
    for broken, working in ((0, 1), (1, 0)):
        sinks = [Scripted(), Scripted()]
        sinks[broken].answers = [DeliveryError("down", retry_after=3.0)]
        events = [encoded(0), encoded(1, True)]
        answer = QuarantineSink(*sinks).send(Batch(events))
        assert answer == Delivered({}, [broken], 3.0)
        assert sinks[working].took == [f"m-{working}"]
        sinks[broken].answers = [DeliveryError("no", permanent=True)]
        with pytest.raises(DeliveryError):
            QuarantineSink(*sinks).send(Batch([events[broken]]))


def test_when_neither_takes_anything_the_batch_was_not_taken() -> None:
    sink = QuarantineSink(Scripted(OSError("a")), Scripted(OSError("b")))
    with pytest.raises(OSError, match="a"):
        sink.send(Batch([encoded(0), encoded(1, True)]))


def test_both_are_closed_even_if_closing_fails() -> None:
    good, apart = Scripted(), Scripted()
    with pytest.raises(OSError):  # noqa: PT011
        QuarantineSink(good, apart).close()
    assert (good.closed, apart.closed) == (1, 1)


def test_it_stands_for_the_sink_of_the_good_events() -> None:
    file = FileSink("a.jsonl")
    assert QuarantineSink(file, MemorySink()).identity == file.identity
    assert not QuarantineSink(file, MemorySink()).volatile
    assert QuarantineSink(MemorySink(), MemorySink()).volatile


@given(st.lists(st.booleans(), max_size=12))
def test_every_event_goes_to_exactly_one_sink_in_order(marks: list[bool]) -> None:
    good, apart = Scripted(), Scripted()
    QuarantineSink(good, apart).send(Batch([encoded(number, mark) for number, mark in enumerate(marks)]))
    assert good.took == [f"m-{number}" for number, mark in enumerate(marks) if not mark]
    assert apart.took == [f"m-{number}" for number, mark in enumerate(marks) if mark]
