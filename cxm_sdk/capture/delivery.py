"""The way from a client to one sink: one thread, one batch in flight, an exact account of what became of each event.

The thread starts with the first event, not before. A forked child starts with nothing waiting and its own thread: what
the parent had accepted stays the parent's. Where no thread can start, ``flush`` and ``close`` deliver on the thread
that calls them.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Final

from cxm_sdk.capture import lifetime
from cxm_sdk.capture.backlog import Backlog, Entry
from cxm_sdk.capture.batch import BATCH_BYTES, Batch, Delivered, Sink
from cxm_sdk.capture.ledger import SinkStats, Tally
from cxm_sdk.capture.policy import MEMORY_BYTES, Policy, Rest
from cxm_sdk.errors import DeliveryError

__all__ = ["Delivery"]

FAULTS_ALLOWED: Final = 5
"""Attempts at one batch that may end in an exception that is no ``DeliveryError`` or ``OSError``, before it is taken
for permanent: a sink that stumbles over an event would stand still for ever."""

ADOPTION_INTERVAL: Final = 30.0
"""Seconds between two looks for what ended processes have left."""

_NEVER: Final = 1 << 62
_FOREVER: Final = float("inf")
_ENVELOPE: Final = 1024  # room that a batch leaves for what stands around its events


class Delivery:
    """Events on their way to one sink.

    Args:
        sink: Where they go.
        name: What the sink is called in the ledger.
        backlog: Where they wait; made with the lock that guards it.
        policy: How they are gathered, kept and given up.
        ended: Told of events that are given up or refused, and why; called without the lock.
        warned: Told what went wrong without costing an event by itself: its kind, and the exception.
    """

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
        self._pid = (
            0  # begun anew at the first use: until then a host may fork, or patch what threads are made of
        )

    def _begin(self) -> None:
        """Sets what a new client and a forked child begin with."""
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)  # for the worker
        self._moved = threading.Condition(self._lock)  # for those who wait for room or for an end
        self._pump = threading.Lock()  # held by the thread that sends
        self._thread: threading.Thread | None = None
        self._work: deque[list[Entry]] = deque()  # taken and unsettled; the first is tried first
        self._late: list[bytes] = []  # put while a put was under way on the same thread
        self._busy = False
        self._wake_count = self._wake_bytes = 1
        self._since = 0.0  # when the oldest waiting event came
        self._rest = Rest()
        self._faults = 0  # attempts at the present batch that ended in an exception nobody expects
        self._hurry = 0  # how many wait for everything to be sent
        self._adopt_due = True
        self._closed = self._stopping = self._finished = self._retired = False
        self._entered = self._recovered = self._delivered = self._retries = 0
        self._came = self._went = 0  # through the backlog, in order
        self._rejected = Tally()
        self._dropped = Tally()
        self._handed_over = 0  # on disk, and no longer ours
        self._exit_by = _FOREVER  # when all must be over, once the interpreter exits
        self._backlog = self._make_backlog(self._lock)
        self._pid = os.getpid()

    def _settle_in(self) -> None:
        """Begins anew in this process; called at the first use in it."""
        with lifetime.beginning:
            if self._pid != os.getpid():
                if self._pid:
                    self.forked()
                self._begin()

    # --- what the host's threads call ---

    def put(self, event: bytes) -> None:
        """Accepts an event: it waits from now on, as safe as the backlog promises.

        Args:
            event: Its JSON text.
        """
        if self._pid != os.getpid():
            self._settle_in()
        dropped: list[bytes] = []
        reason = "overflow"
        with self._lock:
            if self._busy:  # a signal or finaliser came while this thread was right here
                self._late.append(event)
                return
            self._busy = True
            try:
                if self._closed:
                    self._entered += 1
                    self._dropped.add(reason := "closed")
                    dropped = [event]
                else:
                    dropped = self._admit(event)
                while self._late:
                    dropped += self._admit(self._late.pop(0))
            finally:
                self._busy = False
        if dropped:
            self._ended(dropped, reason)
        elif self._backlog.power:
            self._backlog.sync()
        if self._backlog.troubles:
            self._report()
        if self._exit_by != _FOREVER:
            self.flush(self._exit_by)  # nobody comes after this one

    def _admit(self, event: bytes) -> list[bytes]:
        """Puts an event where there is room for it, and gives what had to make way."""
        backlog, policy = self._backlog, self.policy
        dropped: list[bytes] = []
        if self._full(len(event)) and not self._make_room(len(event), dropped):
            self._entered += 1
            self._dropped.add("overflow")
            return [*dropped, event]
        self._entered += 1
        self._came += 1
        backlog.put(event)
        count = backlog.queued + backlog.spooled
        if count >= self._wake_count or backlog.size >= self._wake_bytes:
            if count == 1:
                self._since = monotonic()
            self._wake_count = self._wake_bytes = _NEVER
            if self._start():
                self._wake.notify()
            elif lifetime.threads_forbidden():
                self._hand_over()
            else:
                self._wake_count = count + policy.batch_events  # then try again to start one
        return dropped

    def _hand_over(self) -> None:
        """Leaves what is on disk to the processes that will be forked; nothing is sent from here."""
        self._wake_count = self._wake_bytes = 1
        if self._backlog.spooled:
            self._handed_over += self._backlog.spooled
            lost = self._backlog.close()
            if lost:
                self._dropped.add("unsent", lost)
            self._went = self._came
            self._backlog = self._make_backlog(self._lock)

    def _full(self, size: int) -> bool:
        backlog, policy = self._backlog, self.policy
        return (
            backlog.queued + backlog.spooled >= policy.max_events
            or backlog.size + size > policy.max_bytes
            or backlog.loose + size > MEMORY_BYTES
        )

    def _make_room(self, size: int, dropped: list[bytes]) -> bool:
        """Makes room for an event as the policy says, or does not."""
        if self.policy.overflow == "drop_oldest":
            while self._full(size):
                self._refill()
                oldest = self._backlog.take(1, size)
                if not oldest:
                    return False  # what waits is being sent, or on disk alone
                self._backlog.settle(oldest)
                self._drop([event for event, _, _ in oldest], "overflow")
                dropped += [event for event, _, _ in oldest]
            return True
        if self.policy.overflow == "block" and threading.current_thread() is not self._thread:
            until = monotonic() + self.policy.block_timeout
            self._busy = False
            self._hurry += 1
            self._wake.notify()
            while self._full(size) and (left := until - monotonic()) > 0:
                self._moved.wait(left)
            self._hurry -= 1
            self._busy = True
            return not self._full(size) and not self._closed
        return False

    def flush(self, deadline: float) -> bool:
        """Waits until all that was accepted so far is settled; the caller has said ``hurry``.

        Args:
            deadline: Moment of ``time.monotonic()`` at which to give up.

        Returns:
            Whether all of it is settled.
        """
        if self._pid != os.getpid():
            self._settle_in()
        with self._lock:
            if self._finished:
                return True
            threaded = self._start()
            while self._adopt_due and self._wait(deadline, threaded):
                pass
            target = self._came
            while self._went < target and not self._adopt_due and self._wait(deadline, threaded):
                pass
            return self._went >= target and not self._adopt_due

    def hurry(self, by: int) -> None:
        """Counts who waits for everything to be sent: nothing then waits for company.

        Args:
            by: 1 when somebody begins to wait, -1 when they end.
        """
        if self._pid != os.getpid():
            self._settle_in()
        with self._lock:
            self._hurry += by
            self._adopt_due = self._adopt_due or by > 0
            if by > 0:
                self._rest.cut()
            if by > 0 and not self._finished and self._start():
                self._wake.notify()

    def _wait(self, deadline: float, threaded: bool) -> bool:
        """Waits for something to be settled, or sends where no thread does; False once the time is over."""
        left = deadline - monotonic()
        if left <= 0:
            return False
        if threaded:
            self._moved.wait(left)
            return True
        rest = self._rest.left()
        if rest:
            self._moved.wait(min(rest, left))
            return True
        _released(self._lock, lambda: self._step(deadline))
        return True

    def close(self, deadline: float) -> bool:
        """Takes no more events, sends those it has, and lets go of sink and disk.

        Args:
            deadline: Moment of ``time.monotonic()`` at which to give up. What is then unsent stays on disk, or is
                dropped where it is in memory alone.

        Returns:
            Whether all was sent.
        """
        if self._pid != os.getpid():
            self._settle_in()
        with self._lock:
            self._closed = True
            self._moved.notify_all()
        complete = self.flush(deadline)
        with self._lock:
            self._stopping = True
            self._wake.notify()
        if self._pump.acquire(timeout=max(0.0, deadline - monotonic())):
            try:
                self._finish()
            finally:
                self._pump.release()
        return complete

    def retire(self) -> None:
        """Ends the thread once nothing waits: nobody can put any more."""
        with self._lock:
            self._retired = True
            self._wake.notify()

    def exit(self) -> None:
        """Delivers what it can while the interpreter exits; an event that comes later is delivered as it comes."""
        with self._lock:
            # what is on disk waits there in safety: a sink that is down is not waited for
            hopeless = self._rest.failures > 0 and self._backlog.queued == 0
            self._exit_by = monotonic() + (0.0 if hopeless else self.policy.exit_timeout)
        self.hurry(1)  # for good
        self.flush(self._exit_by)
        with self._lock:
            self._backlog.vacate()

    def forked(self) -> None:
        """Lets go, in a forked child, of what is the parent's; the first use there begins anew."""
        self._pid = 0
        self._backlog.forked()

    def stats(self) -> SinkStats:
        """Gives the ledger.

        Returns:
            What became of every event, at one moment.
        """
        if self._pid != os.getpid():
            self._settle_in()
        with self._lock:
            return SinkStats(
                self._entered,
                self._recovered,
                self._delivered,
                dict(self._rejected.by_reason),
                dict(self._dropped.by_reason),
                self._backlog.queued,
                self._backlog.spooled + self._handed_over,
                self._retries,
                self._rest.left(),
            )

    def purge(self, matches: Callable[[bytes], bool], reason: str) -> int:
        """Removes waiting events, from memory and from disk.

        Args:
            matches: Whether an event is to go.
            reason: Why, for the ledger.

        Returns:
            How many were removed. A batch that is being sent is not stopped; what of it comes back is sent again.
        """
        if self._pid != os.getpid():
            self._settle_in()
        with self._lock:
            gone = self._backlog.purge(matches)
            for chunk in list(self._work)[1:]:
                chosen = [entry for entry in chunk if matches(entry[0])]
                chunk[:] = [entry for entry in chunk if not matches(entry[0])]
                self._backlog.erase(chosen)
                gone += [event for event, _, _ in chosen]
            self._drop(gone, reason)
            self._moved.notify_all()
        if gone:
            self._ended(gone, reason)
        return len(gone)

    def _drop(self, events: Sequence[bytes], reason: str) -> None:
        """Books events that leave the backlog unsent."""
        if events:
            self._dropped.add(reason, len(events))
            self._went += len(events)

    # --- the thread ---

    def _start(self) -> bool:
        """Sees to it that the thread runs; False where none can be started."""
        if self._thread is not None and self._thread.is_alive():
            return True
        if self._finished:
            return False
        lifetime.watch(self)
        if lifetime.threads_forbidden():
            return False
        here = threading.get_native_id()
        thread = threading.Thread(target=self._run, args=(here,), name=f"cxm-{self.name}", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the interpreter is shutting down, or the platform has no threads
            return False
        self._thread = thread
        return True

    def _run(self, starter: int) -> None:
        if threading.get_native_id() != starter:  # a greenlet shares the thread of the host
            _leave_signals_to_the_host()
        while self._await():
            try:
                self._step(None)
            except Exception as error:  # whatever it is, the next event must still find a thread
                self._warned("worker", error)
                with self._lock:
                    self._rest.begin(None)
        with self._pump:
            self._finish()

    def _await(self) -> bool:
        """Sleeps until there is something to do; False once there will never be."""
        with self._lock:
            while True:
                if self._stopping:
                    return False
                rest = self._rest.left()
                waiting = self._backlog.queued + self._backlog.spooled
                if waiting:
                    linger = 0.0 if self._ripe() else self._since + self.policy.interval - monotonic()
                    pause = max(rest, linger)
                    if pause <= 0 or self._adopt_due:
                        break
                elif self._adopt_due:
                    break
                elif self._retired:
                    return False
                else:
                    pause = ADOPTION_INTERVAL
                self._wake_count = self.policy.batch_events if waiting else 1
                self._wake_bytes = self.policy.batch_bytes if waiting else 1
                if rest:
                    self._wake_count = self._wake_bytes = _NEVER
                if not self._wake.wait(pause) and not waiting:
                    self._adopt_due = True
            self._wake_count = self._wake_bytes = _NEVER
            return True

    def _ripe(self) -> bool:
        """Whether what waits need not wait for company."""
        return bool(
            self._hurry
            or self._work
            or self._retired
            or self._backlog.queued + self._backlog.spooled >= self.policy.batch_events
            or self._backlog.size >= self.policy.batch_bytes
        )

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
                if not self._work:
                    size = min(self.policy.batch_bytes, BATCH_BYTES) - _ENVELOPE
                    if taken := self._backlog.take(self.policy.batch_events, size):
                        self._work.append(taken)
                        self._faults = 0
                    else:
                        self._moved.notify_all()
                        return
                self._since = monotonic()
                chunk = self._work[0]
            if chunk:
                self._attempt(chunk, deadline)
            else:
                self._work.popleft()
        if self._backlog.troubles:
            self._report()

    def _refill(self) -> None:
        """Reads from disk what comes next, and books what cannot be read."""
        lost = self._backlog.refill()
        if lost:
            with self._lock:
                self._dropped.add("damaged", lost)
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
            lost = sum(damaged.values())
            self._entered += found + lost
            self._recovered += found + lost
            self._came += found
            for reason, count in damaged.items():
                self._dropped.add(reason, count)
            self._moved.notify_all()

    def _attempt(self, chunk: list[Entry], deadline: float | None) -> None:
        batch = Batch([event for event, _, _ in chunk], attempt=self._rest.failures, deadline=deadline)
        try:
            answer = self.sink.send(batch)
        except Exception as error:
            self._failed(chunk, error)
        else:
            self._answered(chunk, answer if isinstance(answer, Delivered) else Delivered())

    def _answered(self, chunk: list[Entry], answer: Delivered) -> None:
        """Books what became of each event of a batch."""
        refused = {at: str(why) for at, why in answer.rejected.items() if 0 <= at < len(chunk)}
        again = {at for at in answer.retry if at not in refused and 0 <= at < len(chunk)}
        with self._lock:
            self._work.popleft()
            left = [chunk[at] for at in sorted(again)]
            done = [entry for at, entry in enumerate(chunk) if at not in again] if again else chunk
            self._backlog.settle(done)
            self._went += len(done)
            self._delivered += len(done) - len(refused)
            for reason in refused.values():
                self._rejected.add(reason)
            if left:
                self._work.appendleft(left)
                self._retries += 1
                self._rest.begin(answer.retry_after)
            else:
                self._rest.end()
            self._moved.notify_all()
        for at, reason in refused.items():
            self._ended([chunk[at][0]], reason)

    def _failed(self, chunk: list[Entry], error: Exception) -> None:
        """Books that a batch was not taken: it is tried again, taken apart, or refused."""
        known = isinstance(error, DeliveryError)
        permanent = isinstance(error, DeliveryError) and error.permanent
        if not known and not isinstance(error, OSError):
            self._faults += 1
            permanent = self._faults >= FAULTS_ALLOWED
        reason = _reason(error)
        refused: list[bytes] = []
        with self._lock:
            if not permanent:
                self._retries += 1
                self._rest.begin(getattr(error, "retry_after", None))
            elif len(chunk) > 1 and getattr(error, "separable", True):
                self._work.popleft()
                half = len(chunk) // 2
                self._work.extendleft((chunk[half:], chunk[:half]))
                self._faults = 0 if known else FAULTS_ALLOWED - 1
            else:
                self._work.popleft()
                self._faults = 0
                refused = [event for event, _, _ in chunk]
                self._backlog.settle(chunk)
                self._went += len(chunk)
                self._rejected.add(reason, len(chunk))
            self._moved.notify_all()
        self._warned("delivery", error)
        if refused:
            self._ended(refused, reason)

    def _finish(self) -> None:
        """Lets go of sink and disk; the caller holds the right to send."""
        with self._lock:
            if self._finished or not (self._stopping or self._retired):
                return
            self._finished = self._closed = True
            lost = [entry for chunk in self._work for entry in chunk if entry[1] is None]
            self._backlog.settle(lost)
            self._work.clear()
            count = len(lost) + self._backlog.close()
            if count:
                self._dropped.add("unsent", count)
                self._went += count
            self._moved.notify_all()
        lifetime.forget(self)
        close = getattr(self.sink, "close", None)
        try:
            if close is not None:
                close()
        except Exception as error:
            self._warned("sink", error)


def _reason(error: Exception) -> str:
    """Names a failure for the ledger, without a word of what it was about."""
    status = getattr(error, "status", None)
    return f"http_{status}" if status else getattr(error, "code", "") or type(error).__name__


def _released(lock: Any, work: Callable[[], None]) -> None:
    """Does something without the lock that the caller holds once."""
    lock.release()
    try:
        work()
    finally:
        lock.acquire()


def _leave_signals_to_the_host() -> None:
    """Keeps signals off this thread: a server written in C ends the process on the thread that gets one."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
