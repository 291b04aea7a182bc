"""The way from a client to one sink: one thread, one batch in flight, an exact account of what became of each event.

The thread starts with the first event, not before. A forked child starts with nothing waiting and its own thread: what
the parent had accepted stays the parent's. Where no thread can start, ``flush`` and ``close`` deliver on the thread
that calls them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from time import monotonic

from cxm_sdk.capture import lifetime
from cxm_sdk.capture.ledger import Stats
from cxm_sdk.capture.policy import MEMORY_BYTES
from cxm_sdk.capture.worker import FOREVER, NEVER, Worker
from cxm_sdk.errors import CaptureError

__all__ = ["Delivery"]


class Delivery(Worker):
    """Events on their way to one sink.

    Args:
        sink: Where they go.
        name: What the sink is called in the ledger.
        backlog: Where they wait; made with the lock that guards it.
        policy: How they are gathered, kept and given up.
        ended: Told of events that are given up or refused, and why; called without the lock.
        warned: Told what went wrong without costing an event by itself: its kind, and the exception.
    """

    def _settle_in(self) -> None:
        """Begins anew in this process; called at the first use in it."""
        with lifetime.beginning:
            if self._pid != os.getpid():
                if self._pid:
                    self.forked()
                self._begin()

    # --- what the host's threads call ---

    def _admit(self, events: list[bytes]) -> None:
        """Accepts events where there may not be room for them, or something else is to be done."""
        if self._pid != os.getpid():
            self._settle_in()
        dropped: list[bytes] = []
        late: list[bytes] = []
        with self._lock:
            self._late += events
            if self._busy:  # a signal or finaliser came while this thread was right here
                return
            self._busy = True
            try:
                while self._late:
                    event = self._late.pop(0)
                    if self._closed:
                        self._account.turned_away += 1
                        self._account.dropped.add("closed")
                        late.append(event)
                    else:
                        dropped += self._make_way(event)
            finally:
                self._busy = False
        if dropped:
            self._ended(dropped, "overflow")
        if late:
            self._ended(late, "closed")
        elif self._backlog.power:
            self._backlog.sync()
        if self._backlog.troubles:
            self._report()
        if self._exit_by != FOREVER:
            self.flush(self._exit_by)  # nobody comes after this one

    def _make_way(self, event: bytes) -> list[bytes]:
        """Puts an event where there is room for it, and gives what had to make way."""
        backlog, policy = self._backlog, self.policy
        dropped: list[bytes] = []
        if policy.full(backlog, len(event)) and not self._make_room(len(event), dropped):
            self._account.turned_away += 1
            self._account.dropped.add("overflow")
            return [*dropped, event]
        backlog.put(event)
        self._came += 1
        self._rouse()
        if not self._closed:
            backlog = self._backlog  # another one when what waited was handed over
            size = min(self._wake_bytes - 1, policy.max_bytes) - backlog.size
            count = min(self._wake_count - 1, policy.max_events) - backlog.queued - backlog.spooled
            self._calm_bytes, self._calm_events = min(size, MEMORY_BYTES - backlog.loose), count
        return dropped

    def extend(self, events: Sequence[bytes]) -> None:
        """Accepts events all together, or none of them: for hosts that must know before they go on.

        Args:
            events: Their JSON texts.

        Raises:
            CaptureError: There is no room, or the delivery is closed.
            OSError: The disk did not take them, or not for good; in the latter case they are delivered all the same.
        """
        if self._pid != os.getpid():
            self._settle_in()
        with self._lock:
            backlog = self._backlog
            if self._closed:
                raise CaptureError("The delivery is closed.")
            if self.policy.full(backlog, sum(map(len, events))):
                raise CaptureError(
                    "There is no room for more events.", hint="see why the sink does not take them"
                )
            backlog.extend(events)
            self._came += len(events)
            self._calm_events = 0
            self._rouse()
        if backlog.power:
            backlog.sync()
            if backlog.troubles:
                self._report()
                raise OSError("the disk may not have what was written to it")
        elif backlog.troubles:
            self._report()

    @property
    def syncs(self) -> bool:
        """Whether ``put`` and ``extend`` wait until the disk has what they put."""
        return self._backlog.power

    def _rouse(self) -> None:
        """Wakes the thread when enough is waiting; the caller holds the lock."""
        backlog = self._backlog
        count = backlog.queued + backlog.spooled
        if count >= self._wake_count or backlog.size >= self._wake_bytes:
            if self._idle:
                self._since = monotonic()
            self._wake_at(NEVER, NEVER)
            if self._start():
                self._wake.notify()
            elif lifetime.threads_forbidden():
                self._hand_over()
            else:
                self._wake_at(count + self.policy.batch_events, NEVER)  # then try again to start one

    def _hand_over(self) -> None:
        """Leaves what is on disk to the processes that will be forked; nothing is sent from here."""
        self._wake_at(1, 1)
        if self._backlog.spooled:
            self._account.handed_over += self._backlog.spooled
            lost = self._backlog.close()
            if lost:
                self._account.dropped.add("unsent", lost)
            self._went = self._came
            self._backlog = self._make_backlog(self._lock)

    def _make_room(self, size: int, dropped: list[bytes]) -> bool:
        """Makes room for an event as the policy says, or does not."""
        full = self.policy.full
        if self.policy.overflow == "drop_oldest":
            while full(self._backlog, size):
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
            while full(self._backlog, size) and (left := until - monotonic()) > 0:
                self._moved.wait(left)
            self._hurry -= 1
            self._busy = True
            return not full(self._backlog, size) and not self._closed
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
                self._agenda.rest.cut()
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
        due, _ = self._due()
        if due and not self._adopt_due:
            self._moved.wait(min(due, left))
            return True
        self._lock.release()  # the caller holds it once
        try:
            self._step(deadline)
        finally:
            self._lock.acquire()
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
            self._calm_events = 0
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
            hopeless = self._agenda.rest.failures > 0 and self._backlog.queued == 0
            self._exit_by = monotonic() + (0.0 if hopeless else self.policy.exit_timeout)
        self.hurry(1)  # for good
        self.flush(self._exit_by)
        with self._lock:
            self._backlog.vacate()

    def stats(self) -> Stats:
        """Gives the ledger.

        Returns:
            What became of every event, at one moment.
        """
        if self._pid != os.getpid():
            self._settle_in()
        with self._lock:
            return self._account.stats(self._came, self._backlog, self._agenda)

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
            taken, aside = self._agenda.purge(matches)
            self._backlog.erase([*taken, *aside])
            gone += [event for event, _, _ in taken]
            self._drop(gone, reason)
            if aside:
                self._account.dropped.add(reason, len(aside))
                gone += [event for event, _, _ in aside]
            self._moved.notify_all()
        if gone:
            self._ended(gone, reason)
        return len(gone)

    def _drop(self, events: Sequence[bytes], reason: str) -> None:
        """Books events that leave the backlog unsent."""
        if events:
            self._account.dropped.add(reason, len(events))
            self._went += len(events)
