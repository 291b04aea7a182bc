"""Lets events pass, holds them until consent is known, or drops them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple

from cxm_sdk.errors import InputError
from cxm_sdk.events.consent.choices import Choice, Choices, Subject, said, subjects
from cxm_sdk.events.consent.rules import ConsentRules

__all__ = ["ConsentGate", "Outcome"]

REFUSED = "consent_refused"
UNKNOWN = "consent_unknown"
HELD_TOO_LONG = "consent_hold_expired"
TOO_MUCH_HELD = "consent_hold_full"


class Outcome(NamedTuple):
    """What came of one call of a gate.

    Attributes:
        passed: Events that may be stored and sent now, in the order in which they came.
        dropped: Events that may not, each with its reason: ``consent_refused``, ``consent_unknown``,
            ``consent_hold_expired`` or ``consent_hold_full``.
        purge: Whether consent was withdrawn, so that what is stored but not yet sent must be asked after with
            :meth:`ConsentGate.withdrawn`.
    """

    passed: list[Mapping[str, Any]]
    dropped: list[tuple[Mapping[str, Any], str]]
    purge: bool = False


class _Held(NamedTuple):
    event: Mapping[str, Any]
    of: list[Subject]
    size: int
    since: float


class ConsentGate:
    """Applies consent rules to a stream of events and to what their subjects say meanwhile.

    What subjects have said is learned from ``context.consent.categoryPreferences`` of any event, from the properties of
    ``Consent Updated``, and from :meth:`grant` and :meth:`withdraw`. Whatever the order in which it is learned, the
    latest choice holds, by the time of the event; of two at one time the refusal does. A choice belongs to the user and
    to the device that the event names, and is not carried over from one to the other. Ids are kept as hashes.

    Every call may let held events go or drop them, so each returns an :class:`Outcome`. Held events are in memory only:
    nothing is stored before consent is known. A gate may be used by several threads.

    Args:
        rules: Which event needs what.
        clock: Gives the time in seconds since 1970.

    Example:
        >>> gate = ConsentGate(ConsentRules({"analytics": "hold"}, default="analytics"))
        >>> viewed = {"type": "track", "event": "Product Viewed", "anonymousId": "a-1"}
        >>> gate.admit(viewed), gate.held
        (Outcome(passed=[], dropped=[], purge=False), 1)
        >>> gate.grant("analytics", anonymous_id="a-1").passed == [viewed]
        True
        >>> gate.withdraw("analytics", anonymous_id="a-1").purge, gate.withdrawn(viewed)
        (True, True)
    """

    def __init__(self, rules: ConsentRules, *, clock: Callable[[], float] = time.time) -> None:
        self.rules = rules
        self._clock = clock
        self._lock = Lock()
        self._choices = Choices()
        self._held: dict[int, _Held] = {}  # by number of arrival, so in order
        self._of_subject: dict[Subject, set[int]] = {}
        self._arrived = 0
        self._bytes = 0

    @property
    def held(self) -> int:
        """How many events wait for consent."""
        return len(self._held)

    @property
    def held_bytes(self) -> int:
        """How many bytes of JSON wait for consent."""
        return self._bytes

    def admit(self, event: Mapping[str, Any]) -> Outcome:
        """Decides on an event, after learning what it says about consent.

        Args:
            event: An event in its wire form; it is not changed.

        Returns:
            What may go now and what may not; the event itself is in neither when it is held.
        """
        with self._lock:
            now = self._clock()
            of = subjects(event)
            outcome = Outcome([], [])
            if said(event):
                outcome = self._learned(now, lambda: self._choices.learn(event, now))
            needed = self.rules.needed(event)
            state = self._choices.state(of, now) if needed else {}
            decision = self.rules.decided(needed, state)
            if decision == "pass":
                outcome.passed.append(event)
                if needed and len(of) > 1:
                    self._choices.passed(of, needed)
            elif decision == "drop":
                outcome.dropped.append((event, self._reason(event, state)))
            else:
                self._hold(event, of, now)
            if self._held:
                self._trim(now, outcome)
            return outcome

    def grant(
        self,
        *categories: str,
        user_id: str | None = None,
        anonymous_id: str | None = None,
        at: datetime | None = None,
    ) -> Outcome:
        """Records that somebody agrees.

        Args:
            categories: What to.
            user_id: Who, if known.
            anonymous_id: On which device, if known.
            at: When; now by default. A later refusal that is known already holds against it.

        Returns:
            The held events that may go now, and those that waited too long.

        Raises:
            InputError: Neither id is given, or a category is none of the rules.
        """
        return self._say(categories, user_id, anonymous_id, at, refused=False)

    def withdraw(
        self,
        *categories: str,
        user_id: str | None = None,
        anonymous_id: str | None = None,
        at: datetime | None = None,
    ) -> Outcome:
        """Records that somebody refuses, and drops what is held of them.

        Args:
            categories: What; everything that needs consent when left out.
            user_id: Who, if known.
            anonymous_id: On which device, if known.
            at: When; now by default.

        Returns:
            What is dropped; with ``purge`` set what is stored must be asked after with :meth:`withdrawn`.

        Raises:
            InputError: Neither id is given, or a category is none of the rules.
        """
        return self._say(categories or tuple(self.rules.categories), user_id, anonymous_id, at, refused=True)

    def withdrawn(self, event: Mapping[str, Any]) -> bool:
        """Tells whether a stored event may not be sent any more.

        Args:
            event: An event as it was stored: its ids may have been hashed by privacy rules.

        Returns:
            Whether a category it needs is refused now.
        """
        needed = self.rules.needed(event)
        if not needed:
            return False
        with self._lock:
            state = self._choices.state(subjects(event, stored=True), self._clock())
        return any(state.get(category) is False for category in needed)

    def due(self) -> float | None:
        """Tells when something will have waited too long.

        Returns:
            Seconds from now until ``expire`` has something to drop, 0.0 when it has already; None when nothing waits.

        Example:
            >>> ConsentGate(ConsentRules({"analytics": "hold"}, default="analytics")).due() is None
            True
        """
        with self._lock:
            for held in self._held.values():  # the first has waited longest
                return max(0.0, held.since + self.rules.max_seconds - self._clock())
        return None

    def expire(self) -> Outcome:
        """Drops what waited too long, without waiting for an event; the client calls it when ``due`` says so.

        Returns:
            What is dropped.
        """
        outcome = Outcome([], [])
        with self._lock:
            self._trim(self._clock(), outcome)
        return outcome

    def forked(self) -> None:
        """Begins anew in a forked child: what people said is known there too, what is held is the parent's."""
        self._lock = Lock()
        self._held, self._of_subject, self._bytes = {}, {}, 0

    def close(self) -> Outcome:
        """Drops all that still waits, since nothing may be kept without consent.

        Returns:
            What is dropped.
        """
        with self._lock:
            dropped = [(held.event, UNKNOWN) for held in self._held.values()]
            self._held.clear()
            self._of_subject.clear()
            self._bytes = 0
        return Outcome([], dropped)

    def _say(
        self,
        categories: Iterable[str],
        user_id: str | None,
        anonymous_id: str | None,
        at: datetime | None,
        *,
        refused: bool,
    ) -> Outcome:
        unknown = [category for category in categories if category not in self.rules.categories]
        if unknown:
            raise InputError(
                f"{unknown[0]!r} is no consent category of these rules.",
                hint=f"The categories are {', '.join(self.rules.categories) or 'none'}.",
            )
        of = subjects({"userId": user_id, "anonymousId": anonymous_id})
        if not of:
            raise InputError("Consent is somebody's.", hint="Give user_id, anonymous_id or both.")
        with self._lock:
            now = self._clock()
            time = now if at is None else min(at.timestamp(), now)
            choices = {category: Choice(time, refused) for category in categories}
            return self._learned(now, lambda: self._choices.record(of, choices))

    def _learned(self, now: float, learn: Callable[[], dict[Subject, bool]]) -> Outcome:
        """Learns, and decides anew on what is held of the subjects about whom something was learned."""
        outcome = Outcome([], [])
        self._trim(now, outcome)  # what waited too long does not go even if it is agreed to now
        learned = learn()
        if not learned:
            return outcome
        for number in sorted(set().union(*(self._of_subject.get(subject, ()) for subject in learned))):
            held = self._held[number]
            state = self._choices.state(held.of, now)
            decision = self.rules.decide(held.event, state)
            if decision == "pass":
                self._let_go(number)
                outcome.passed.append(held.event)
                self._choices.passed(held.of, self.rules.needed(held.event))
            elif decision == "drop":
                self._let_go(number)
                outcome.dropped.append((held.event, self._reason(held.event, state)))
        return outcome._replace(purge=any(learned.values()))

    def _reason(self, event: Mapping[str, Any], state: Mapping[str, bool]) -> str:
        return (
            REFUSED if any(state.get(category) is False for category in self.rules.needed(event)) else UNKNOWN
        )

    def _hold(self, event: Mapping[str, Any], of: list[Subject], now: float) -> None:
        size = len(json.dumps(event, ensure_ascii=False, default=str))
        self._arrived += 1
        self._held[self._arrived] = _Held(event, of, size, now)
        self._bytes += size
        for subject in of:
            self._of_subject.setdefault(subject, set()).add(self._arrived)

    def _let_go(self, number: int) -> _Held:
        held = self._held.pop(number)
        self._bytes -= held.size
        for subject in held.of:
            numbers = self._of_subject[subject]
            numbers.discard(number)
            if not numbers:
                del self._of_subject[subject]
        return held

    def _trim(self, now: float, outcome: Outcome) -> None:
        """Drops the oldest of what is held until it is within the limits."""
        rules = self.rules
        while self._held:
            oldest = next(iter(self._held))
            if self._held[oldest].since + rules.max_seconds <= now:
                reason = HELD_TOO_LONG
            elif len(self._held) > rules.max_events or self._bytes > rules.max_bytes:
                reason = TOO_MUCH_HELD
            else:
                return
            outcome.dropped.append((self._let_go(oldest).event, reason))
