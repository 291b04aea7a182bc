"""Which events a sink gets next, and what becomes of those that it fails on.

A batch that fails is sent again as it is, and nothing overtakes it. One that fails ``TOGETHER`` times may hold an event
that the sink cannot bear, so it is halved from then on at each failure, until that event stands alone; what waits
behind it gets its turn in between. An event alone is blamed only for failures between which the sink took something
else: while a sink is down, it takes nothing, and no event is blamed. One that was blamed ``STRIKES`` times, with longer
and longer pauses, is set aside: it is kept where it is, and not sent again before the next start.

Halving costs no more requests than there were failures, so a sink that comes back is not flooded with small batches. A
sink that takes none of 2,500 events in a row cannot be told from one that is down; it gets no others then.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from cxm_sdk.capture.backlog import Entry
from cxm_sdk.capture.batch import BATCH_BYTES, BATCH_EVENTS, Delivered
from cxm_sdk.capture.policy import Rest
from cxm_sdk.errors import DeliveryError

__all__ = ["STRIKES", "TOGETHER", "Agenda", "Chunk", "Outcome"]

TOGETHER: Final = 5
"""Failures of a batch before it is taken apart."""

STRIKES: Final = 12
"""Failures of an event alone, the sink having taken others in between, before it is set aside: in two minutes or so."""

STUCK_BYTES: Final = 4 * BATCH_BYTES
"""Bytes of events that are stuck, without one that got through, from which on no more are tried."""

_NEVER: Final = float("inf")
_BUSY: Final = 429  # says of itself that it is not about the events


class Chunk:
    """Events that are sent together.

    Attributes:
        entries: The events; purged ones are taken out.
        attempts: How often they were sent in vain.
        failures: How often that may have been for one of them.
        strikes: How often it was, of an event alone, while the sink took others.
        seen: What the sink had taken by the last of these failures.
        rest: The pause of an event alone, after a strike.
    """

    __slots__ = ("attempts", "entries", "failures", "rest", "seen", "strikes")

    def __init__(self, entries: list[Entry], attempts: int = 0, failures: int = 0, seen: int = 0) -> None:
        self.entries = entries
        self.attempts = attempts
        self.failures = failures
        self.strikes = 0
        self.seen = seen
        self.rest = Rest()


class Outcome(NamedTuple):
    """What an attempt has ended.

    Attributes:
        settled: Events that need not be sent again.
        refused: Of these, position in ``settled`` to the reason why it was refused.
        set_aside: Whether the event that was tried is not to be sent again before the next start.
    """

    settled: Sequence[Entry] = ()
    refused: Mapping[int, str] = {}
    set_aside: bool = False


class Agenda:
    """Events taken from a backlog that are not settled. Its owner holds one lock around every call.

    Attributes:
        rest: The pause after a failure, for everything.
        retries: Attempts that failed and were, or will be, made again.
        aside: Events that were set aside, and why.

    Example:
        >>> agenda = Agenda()
        >>> agenda.next(lambda: [(b"{}", None, 0)]).entries
        [(b'{}', None, 0)]
        >>> agenda.answered(Delivered()).settled, agenda.next(list)
        ([(b'{}', None, 0)], None)
    """

    def __init__(self) -> None:
        self.rest = Rest()
        self.retries = 0
        self.aside: list[tuple[Entry, str]] = []
        self._chunks: deque[Chunk] = deque()
        self._current: Chunk | None = None  # what is being sent
        self._taken = 0  # batches of which the sink took something

    def on_hand(self) -> tuple[int, int]:
        """Counts what was taken from the backlog and is not settled, set aside or not.

        Returns:
            Events, and their bytes.
        """
        if not self._chunks and not self.aside:
            return 0, 0
        entries = [entry for chunk in self._chunks for entry in chunk.entries]
        entries += [entry for entry, _ in self.aside]
        return len(entries), sum(len(event) for event, _, _ in entries)

    def takes_more(self) -> bool:
        """Tells whether the next events of the backlog have their turn.

        Returns:
            Whether nothing else is on the agenda but what is stuck, and not too much of that.
        """
        if not all(chunk.failures >= TOGETHER for chunk in self._chunks):
            return False
        stuck = [len(event) for chunk in self._chunks for event, _, _ in chunk.entries]
        return len(stuck) < BATCH_EVENTS and sum(stuck) < STUCK_BYTES

    def pause(self) -> float:
        """Tells when something on the agenda may be tried again, the pause for everything apart.

        Returns:
            Seconds; infinity when there is nothing.
        """
        return min((chunk.rest.left() for chunk in self._chunks), default=_NEVER)

    def next(self, fresh: Callable[[], list[Entry]]) -> Chunk | None:
        """Chooses what is tried next.

        Args:
            fresh: Takes the next events from the backlog.

        Returns:
            The events; None when there are none, or they rest.
        """
        self._chunks = deque(chunk for chunk in self._chunks if chunk.entries)  # some may have been purged
        ready = [chunk for chunk in self._chunks if not chunk.rest.left()]
        # what is stuck has its turn again once there is something new to learn from it
        found = next((c for c in ready if c.failures < TOGETHER or c.seen < self._taken), None)
        if found is None and self.takes_more() and (entries := fresh()):
            found = Chunk(entries, seen=self._taken)
            self._chunks.append(found)
        self._current = found or next(iter(ready), None)
        return self._current

    def answered(self, answer: Delivered) -> Outcome:
        """Books what a sink said of the events that were tried.

        Args:
            answer: What became of each.

        Returns:
            Those that are settled.
        """
        chunk = self._ended()
        entries = chunk.entries
        again = {at for at in answer.retry if at not in answer.rejected and 0 <= at < len(entries)}
        ends = [at for at in range(len(entries)) if at not in again] if again else range(len(entries))
        if ends:
            self._taken += 1
        if again:
            chunk.entries = [entries[at] for at in sorted(again)]
            chunk.failures = 0
            self._retry(chunk, answer.retry_after)
        else:
            self._chunks.remove(chunk)
            self.rest.end()
        refused = (
            {place: str(answer.rejected[at]) for place, at in enumerate(ends) if at in answer.rejected}
            if answer.rejected
            else {}
        )
        return Outcome([entries[at] for at in ends] if again else entries, refused)

    def failed(self, error: Exception) -> Outcome:
        """Books that the events that were tried were not taken: they are sent again, taken apart, or refused.

        Args:
            error: What the sink raised.

        Returns:
            What is settled by it.
        """
        chunk = self._ended()
        if not isinstance(error, DeliveryError) or not error.permanent:
            return self._passing(chunk, error)
        at = self._chunks.index(chunk)
        del self._chunks[at]
        if len(chunk.entries) == 1 or not error.separable:
            return Outcome(chunk.entries, dict.fromkeys(range(len(chunk.entries)), _reason(error)))
        for half in reversed(_halves(chunk, failures=0, seen=self._taken)):
            self._chunks.insert(at, half)
        return Outcome()

    def _passing(self, chunk: Chunk, error: Exception) -> Outcome:
        """Has a batch sent again; takes it apart when it failed too often, and counts what speaks against one event."""
        asked = getattr(error, "retry_after", None)
        chunk.failures += getattr(error, "status", None) != _BUSY
        if chunk.failures < TOGETHER:
            self._retry(chunk, asked)
            return Outcome()
        self._chunks.remove(chunk)  # what comes next is behind all others
        if len(chunk.entries) > 1:
            self._retry(chunk, asked)
            self._chunks.extend(_halves(chunk, failures=chunk.failures, seen=self._taken))
            return Outcome()
        if chunk.seen < self._taken:
            chunk.seen = self._taken
            chunk.strikes += 1
        if chunk.strikes >= STRIKES:
            self.aside += [(entry, _reason(error)) for entry in chunk.entries]
            return Outcome(set_aside=True)
        self._chunks.append(chunk)
        self._retry(chunk, asked)
        return Outcome()

    def _retry(self, chunk: Chunk, asked: float | None) -> None:
        """Begins a pause: of one event if it alone is to blame, else for everything."""
        self.retries += 1
        chunk.attempts += 1
        (chunk.rest if chunk.strikes else self.rest).begin(asked)

    def _ended(self) -> Chunk:
        """Gives what was being sent."""
        chunk, self._current = self._current, None
        if chunk is None:
            raise RuntimeError("nothing was being sent")
        return chunk

    def purge(self, matches: Callable[[bytes], bool]) -> tuple[list[Entry], list[Entry]]:
        """Removes events; those that are being sent are left.

        Args:
            matches: Whether an event is to go.

        Returns:
            What was removed of the events to be sent, and of those set aside.
        """
        gone: list[Entry] = []
        for chunk in self._chunks:
            if chunk is not self._current:
                gone += [entry for entry in chunk.entries if matches(entry[0])]
                chunk.entries = [entry for entry in chunk.entries if not matches(entry[0])]
        aside = [entry for entry, _ in self.aside if matches(entry[0])]
        self.aside = [each for each in self.aside if not matches(each[0][0])]
        return gone, aside

    def reasons(self) -> dict[str, int]:
        """Counts the events that were set aside.

        Returns:
            How many, by reason.
        """
        return dict(Counter(reason for _, reason in self.aside))

    def clear(self) -> list[Entry]:
        """Gives everything up.

        Returns:
            What was not settled.
        """
        left = [entry for chunk in self._chunks for entry in chunk.entries]
        left += [entry for entry, _ in self.aside]
        self._chunks.clear()
        self.aside = [each for each in self.aside if each[0][1] is not None]
        return left


def _halves(chunk: Chunk, *, failures: int, seen: int) -> tuple[Chunk, Chunk]:
    half = len(chunk.entries) // 2
    parts = chunk.entries[:half], chunk.entries[half:]
    first, second = (Chunk(part, chunk.attempts, failures, seen) for part in parts)
    return first, second


def _reason(error: Exception) -> str:
    """Names a failure for the ledger, without a word of what it was about."""
    status = getattr(error, "status", None)
    return f"http_{status}" if status else getattr(error, "code", "") or type(error).__name__
