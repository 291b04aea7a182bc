"""The thread of a delivery: it sleeps until there is something to send, sends it, and books what became of it."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final

from cxm_sdk._native.waiting import Entrance
from cxm_sdk.capture import lifetime
from cxm_sdk.capture.agenda import Agenda, Chunk, Outcome
from cxm_sdk.capture.backlog import Backlog, Entry
from cxm_sdk.capture.batch import BATCH_BYTES, Batch, Delivered, Sink
from cxm_sdk.capture.ledger import Account
from cxm_sdk.capture.policy import Policy
from cxm_sdk.capture.threads import started

__all__ = ["FOREVER", "NEVER", "Worker"]

ADOPTION_INTERVAL: Final = 30.0
"""Seconds between two looks for what ended processes have left."""

NEVER: Final = 1 << 62
"""More events or bytes than ever wait."""

FOREVER: Final = float("inf")
_ENVELOPE: Final = 1024  # room that a batch leaves for what stands around its events


class Worker(Entrance, ABC):
    """What a delivery is made of, and the thread that sends; ``Delivery`` says what it is given."""

    def __init__(
        self,
        sink: Sink,
        name: str,
        backlog: Callable[[threading.RLock], Backlog],
        policy: Policy,
        *,
        ended: Callable[[Sequence[bytes], str], None],
        warned: Callable[[str, Exception], None],
    ) -> None:
        self.sink = sink
        self.name = name
        self.policy = policy
        self._make_backlog = backlog
        self._ended = ended
        self._warned = warned
        self._begin()
        self._pid = 0  # begun anew at the first use: until then a host may fork, or patch its locks

    def _begin(self) -> None:
        """Sets what a new client and a forked child begin with."""
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)  # for the worker
        self._moved = threading.Condition(self._lock)  # for those who wait for room or for an end
        self._pump = threading.Lock()  # held by the thread that sends
        self._thread: threading.Thread | None = None
        self._agenda = Agenda()  # what was taken from the backlog and is not settled
        self._late = []
        self._busy = False
        self._wake_at(1, 1)
        self._since = 0.0  # when the oldest waiting event came
        self._idle = True  # whether nothing new was waiting when the worker fell asleep
        self._hurry = 0  # how many wait for everything to be sent
        self._adopt_due = True
        self._closed = self._stopping = self._finished = self._retired = False
        self._account = Account()
        self._came = self._went = 0  # through the backlog, in order; what is set aside has gone, too
        self._exit_by = FOREVER
        self._backlog: Backlog = self._make_backlog(self._lock)
        self._pid = os.getpid()
        self._calm_events = self._calm_bytes = 0

    def _start(self) -> bool:
        """Sees to it that the thread runs; False where none can be started."""
        if self._thread is not None and self._thread.is_alive():
            return True
        if self._finished:
            return False
        lifetime.watch(self)
        self._thread = started(self._run, f"cxm-{self.name}")
        return self._thread is not None

    @abstractmethod
    def exit(self) -> None:
        """Delivers what it can while the interpreter exits."""

    def forked(self) -> None:
        """Lets go, in a forked child, of what is the parent's; the first use there begins anew."""
        self._pid = 0
        self._backlog.forked()

    def _run(self) -> None:
        while self._await():
            try:
                self._step(None)
            except Exception as error:  # whatever it is, the next event must still find a thread
                self._warned("worker", error)
                with self._lock:
                    self._agenda.rest.begin(None)
        with self._pump:
            self._finish()

    def _await(self) -> bool:
        """Sleeps until there is something to do; False once there will never be."""
        with self._lock:
            while True:
                if self._stopping:
                    return False
                due, new = self._due()
                if self._adopt_due or due <= 0:
                    break
                if due == FOREVER and self._retired:
                    return False
                self._idle = not new
                waiting = self._backlog.queued + self._backlog.spooled
                if self._agenda.rest.left():
                    self._wake_at(NEVER, NEVER)
                elif new:
                    enough = waiting - new + self.policy.batch_events
                    self._wake_at(enough, self._backlog.size + self.policy.batch_bytes)
                else:
                    self._wake_at(waiting + 1, 1)
                if not self._wake.wait(min(due, ADOPTION_INTERVAL)) and due == FOREVER:
                    self._adopt_due = True
            self._wake_at(NEVER, NEVER)
            return True

    def _wake_at(self, count: int, size: int) -> None:
        """Says from how many waiting events, or bytes of them, on the thread is woken."""
        self._wake_count, self._wake_bytes = count, size
        self._calm_events = 0

    def _due(self) -> tuple[float, int]:
        """Tells how long nothing is to be sent, in seconds, and how many events nobody has looked at yet."""
        agenda, policy = self._agenda, self.policy
        count, size = agenda.on_hand()
        new = self._backlog.queued + self._backlog.spooled - count
        due = agenda.pause()
        if new and agenda.takes_more():
            enough = new >= policy.batch_events or self._backlog.size - size >= policy.batch_bytes
            ripe = enough or self._hurry or self._retired
            due = min(due, 0.0 if ripe else max(0.0, self._since + policy.interval - monotonic()))
        return max(due, agenda.rest.left()), new

    def _step(self, deadline: float | None) -> None:
        """Adopts if that is due, then tries one batch."""
        with self._pump:
            if self._adopt_due:
                self._adopt()
                return
            self._refill()
            with self._lock:
                if self._stopping:
                    return
                chunk = self._agenda.next(self._fresh)
                if chunk is None:
                    self._moved.notify_all()
                    return
                self._since = monotonic()
            self._attempt(chunk, deadline)
        if self._backlog.troubles:
            self._report()

    def _fresh(self) -> list[Entry]:
        """Takes the next batch from the backlog."""
        size = min(self.policy.batch_bytes, BATCH_BYTES) - _ENVELOPE
        return self._backlog.take(self.policy.batch_events, size)

    def _refill(self) -> None:
        """Reads from disk what comes next, and books what cannot be read."""
        lost = self._backlog.refill()
        if lost:
            with self._lock:
                self._account.dropped.add("damaged", lost)
                self._went += lost
                self._moved.notify_all()

    def _report(self) -> None:
        """Hands on what the disk refused; the caller does not hold the lock."""
        troubles, self._backlog.troubles = self._backlog.troubles, []
        for trouble in troubles:
            self._warned("spool", trouble)

    def _adopt(self) -> None:
        """Takes over what ended processes left for this destination."""
        try:
            found, damaged = self._backlog.adopt()
        except Exception as error:
            self._warned("spool", error)
            found, damaged = 0, {}
        with self._lock:
            self._adopt_due = False
            self._account.recover(found, damaged)
            self._came += found
            self._calm_events = 0
            self._moved.notify_all()

    def _attempt(self, chunk: Chunk, deadline: float | None) -> None:
        """Sends events, and books what became of them."""
        batch = Batch([event for event, _, _ in chunk.entries], attempt=chunk.attempts, deadline=deadline)
        try:
            answer = self.sink.send(batch)
        except Exception as error:
            with self._lock:
                outcome = self._agenda.failed(error)
                self._book(outcome)
            self._warned("set_aside" if outcome.set_aside else "delivery", error)
        else:
            with self._lock:
                outcome = self._agenda.answered(answer if isinstance(answer, Delivered) else Delivered())
                self._book(outcome)
        for at, reason in outcome.refused.items():
            self._ended([outcome.settled[at][0]], reason)

    def _book(self, outcome: Outcome) -> None:
        """Books what an attempt has ended; the caller holds the lock."""
        settled, refused = outcome.settled, outcome.refused
        if settled:
            self._backlog.settle(settled)
            self._account.delivered += len(settled) - len(refused)
            for reason in refused.values():
                self._account.rejected.add(reason)
        self._went += len(settled) + outcome.set_aside
        self._moved.notify_all()

    def _finish(self) -> None:
        """Lets go of sink and disk; the caller holds the right to send."""
        with self._lock:
            if self._finished or not (self._stopping or self._retired):
                return
            self._finished = self._closed = True
            self._calm_events = 0
            lost = [entry for entry in self._agenda.clear() if entry[1] is None]
            self._backlog.settle(lost)
            count = len(lost) + self._backlog.close()
            if count:
                self._account.dropped.add("unsent", count)
                self._went += count
            self._moved.notify_all()
        lifetime.forget(self)
        close = getattr(self.sink, "close", None)
        try:
            if close is not None:
                close()
        except Exception as error:
            self._warned("sink", error)
