"""The client: a few calls that never hurt the program they stand in."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Mapping, Sequence
from json import loads
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Self

from cxm_sdk.capture import lifetime
from cxm_sdk.capture.batch import BATCH_BYTES, BATCH_EVENTS, Sink
from cxm_sdk.capture.calls import Calls
from cxm_sdk.capture.context import context as ambient_context
from cxm_sdk.capture.delivery import Delivery
from cxm_sdk.capture.encode import EVENT_LIMIT
from cxm_sdk.capture.intake import Intake
from cxm_sdk.capture.ledger import Report, Stats, added
from cxm_sdk.capture.outcomes import Outcomes
from cxm_sdk.capture.policy import MEMORY_BYTES, Policy
from cxm_sdk.capture.stages import Consent, Hook, Plan, Privacy, Stages
from cxm_sdk.capture.wiring import backlog_of, consent_gate, named_sinks, one_of
from cxm_sdk.errors import InputError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["Client"]

_DURABILITIES: Final = ("memory", "process", "power")
_OVERFLOWS: Final = ("drop_newest", "drop_oldest", "block")
_DISK_LIMIT: Final = 1 << 30


class Client(Calls):
    """Records customer events, and delivers each of them to every sink.

    The calls take microseconds, work from any thread, and in normal mode never raise into the program they stand in:
    what cannot be taken is counted in ``stats()`` and handed to ``on_drop``. Delivery runs on a thread of its own that
    starts with the first event. A forked child delivers its own events and leaves its parent's alone.

    Args:
        sink: Where events go: the URL of a receiver of the Segment wire, an object with ``send(batch)``, or a list of
            them, each of which gets every event at its own pace. A sink with ``close()``, such as a ``ProfileGraph``,
            is closed with the client.
        write_key: The key of the source, for a URL.
        spool: Folder in which events are kept until they are delivered; several processes may share it. None is a
            folder of the user's, or memory when every sink ends with the process, such as ``MemorySink``.
        durability: What an event survives from the moment the call returns: ``memory`` nothing, ``process`` the death
            of the process, ``power`` that of the machine.
        consent: ``ConsentRules`` or a ``ConsentGate``: holds or drops what nobody has agreed to.
        privacy: ``PrivacyRules``: hashes, masks or drops personal data before anything is stored or sent.
        plan: A ``TrackingPlan`` to check events against.
        before_send: Called one after the other with each event, as a mapping of plain JSON values; each gives it back,
            changed or not, or None to drop it. An event that one of them fails on is dropped.
        on_drop: Called with each event that is dropped or rejected, and the reason; from any thread.
        on_error: Called with each error of a sink, a disk or a callback; from any thread.
        sample: Share of people whose events are taken, 0 to 1; all of a person's events are taken or none.
        enabled: False makes every call do nothing.
        dry_run: Takes events through every stage, and drops them at the end.
        strict: Raises where an event cannot be taken exactly as it was given; for tests.
        batch_events: Most events of a batch, up to 2,500.
        batch_bytes: Most bytes of a batch, up to 512,000.
        interval: Longest time an event waits for others to share a batch with, in seconds.
        max_events: Most events of this client that may wait for a sink.
        max_bytes: Most bytes of this client that may wait for a sink; None is 64 MiB in memory, 1 GiB on disk. Clients
            that share a folder do not count each other's.
        overflow: What happens to an event for which there is no room: ``drop_newest`` drops it, ``drop_oldest`` drops
            the oldest instead, ``block`` waits for room for up to ``block_timeout`` and then drops it.
        block_timeout: Longest wait for room, in seconds.
        exit_timeout: Longest time that is spent on delivery when the interpreter exits, in seconds.

    Raises:
        InputError: An argument that is none of those above.

    Example:
        >>> from cxm_sdk.capture import MemorySink
        >>> sink = MemorySink()
        >>> client = Client(sink)
        >>> client.identify("u-1", {"email": "ada@example.com"})
        >>> client.track("Order Completed", {"order_id": "o-1", "total": 42.0}, user_id="u-1")
        >>> client.close().delivered
        2
    """

    def __init__(
        self,
        sink: str | Sink | Sequence[str | Sink],
        *,
        write_key: str | None = None,
        spool: str | os.PathLike[str] | None = None,
        durability: str = "process",
        consent: Any = None,
        privacy: Privacy | None = None,
        plan: Plan | None = None,
        before_send: Hook | Sequence[Hook] = (),
        on_drop: Callable[[Mapping[str, Any], str], None] | None = None,
        on_error: Callable[[Exception], None] | None = None,
        sample: float = 1.0,
        enabled: bool = True,
        dry_run: bool = False,
        strict: bool = False,
        batch_events: int = 1_000,
        batch_bytes: int = BATCH_BYTES,
        interval: float = 0.5,
        max_events: int = 1_000_000,
        max_bytes: int | None = None,
        overflow: str = "drop_newest",
        block_timeout: float = 1.0,
        exit_timeout: float = 3.0,
    ) -> None:
        one_of("durability", durability, _DURABILITIES)
        one_of("overflow", overflow, _OVERFLOWS)
        if not 0.0 <= sample <= 1.0:
            raise InputError("sample must lie between 0 and 1.")
        if not (1 <= batch_events <= BATCH_EVENTS and EVENT_LIMIT <= batch_bytes <= BATCH_BYTES):
            raise InputError(
                f"A batch holds 1 to {BATCH_EVENTS} events and {EVENT_LIMIT} to {BATCH_BYTES} bytes at most."
            )
        self._enabled = enabled
        self._delivers = enabled and not dry_run
        self._outcomes = Outcomes(on_drop, on_error)
        hooks = (before_send,) if callable(before_send) else tuple(before_send)
        gate = consent_gate(consent)
        self._stages = Stages(
            self._outcomes, sample=sample, plan=plan, consent=gate, hooks=hooks, privacy=privacy
        )
        limit = max_bytes or (MEMORY_BYTES if durability == "memory" else _DISK_LIMIT)
        policy = Policy(
            batch_events, batch_bytes, interval, max_events, limit, overflow, block_timeout, exit_timeout
        )
        self._deliveries = [
            Delivery(
                each,
                name,
                backlog_of(each, spool, durability),
                policy,
                ended=self._outcomes.ended,
                warned=self._outcomes.warned,
            )
            for name, each in named_sinks(sink, write_key)
        ]
        self._intake = Intake(self._deliveries, self._stages, self._outcomes, dry_run=dry_run, strict=strict)
        lifetime.know(self._intake)
        for delivery in self._deliveries:
            lifetime.know(delivery)
        # a client that nobody holds any more still delivers what it took, then its threads end
        weakref.finalize(self, _retire, tuple(self._deliveries)).atexit = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def context(self, **values: Any) -> AbstractContextManager[None]:
        """Sets what all events of a ``with`` block have in common.

        Args:
            **values: ``user_id``, ``anonymous_id``, ``group_id``, ``campaign``, ``page``, ``ip``, ``user_agent``,
                ``request_id``, and any other key of an event's context; see :func:`cxm_sdk.capture.context.context`.

        Returns:
            The context manager.
        """
        return ambient_context(**values)

    # --- consent ---

    def grant(self, *categories: str, user_id: str | None = None, anonymous_id: str | None = None) -> None:
        """Records that somebody agrees; what was held for it goes out.

        Args:
            *categories: What they agree to.
            user_id: Who, if known.
            anonymous_id: On which device, if known.

        Raises:
            InputError: The client has no consent rules, or they do not know a category.
        """
        said = self._consent().grant(*categories, user_id=user_id, anonymous_id=anonymous_id)
        self._intake.release(said)

    def withdraw(self, *categories: str, user_id: str | None = None, anonymous_id: str | None = None) -> None:
        """Records that somebody refuses; what is held or waits to be sent is removed, from the disk too.

        Args:
            *categories: What they refuse; everything that needs consent when left out.
            user_id: Who, if known.
            anonymous_id: On which device, if known.

        Raises:
            InputError: The client has no consent rules, or they do not know a category.
        """
        said = self._consent().withdraw(*categories, user_id=user_id, anonymous_id=anonymous_id)
        self._intake.release(said)

    def purge(self, matches: Callable[[Mapping[str, Any]], bool]) -> int:
        """Removes events that wait to be sent, from memory and from disk: for someone who asks to be forgotten.

        Args:
            matches: Called with each waiting event; True removes it.

        Returns:
            How many were removed. A batch that is under way at that moment is not called back.
        """
        return sum(
            delivery.purge(lambda event: matches(loads(event)), "purged") for delivery in self._deliveries
        )

    # --- delivery ---

    def flush(self, timeout: float = 10.0) -> Report:
        """Sends what was recorded so far.

        Args:
            timeout: Longest time to wait, in seconds.

        Returns:
            What was achieved, and what still waits.
        """
        if (gate := self._stages.consent) is not None:
            self._intake.release(gate.expire())
        return self._drain(timeout, Delivery.flush)

    def close(self, timeout: float = 10.0) -> Report:
        """Sends what was recorded and ends; later calls are counted as dropped.

        Args:
            timeout: Longest time to wait, in seconds. What is unsent by then stays in the spool, for the next client of
                the same destination, or is dropped where it is in memory alone.

        Returns:
            What was achieved.
        """
        if (gate := self._stages.consent) is not None:
            self._intake.release(gate.close())
        return self._drain(timeout, Delivery.close)

    async def aflush(self, timeout: float = 10.0) -> Report:
        """Does what ``flush`` does, and lets other tasks run meanwhile.

        Args:
            timeout: Longest time to wait, in seconds.

        Returns:
            What was achieved, and what still waits.
        """
        from asyncio import to_thread

        return await to_thread(self.flush, timeout)

    async def aclose(self, timeout: float = 10.0) -> Report:
        """Does what ``close`` does, and lets other tasks run meanwhile.

        Args:
            timeout: Longest time to wait, in seconds.

        Returns:
            What was achieved.
        """
        from asyncio import to_thread

        return await to_thread(self.close, timeout)

    def stats(self) -> Stats:
        """Tells what became of every event that was accepted since the client was made.

        Returns:
            The ledger; it balances at every moment.
        """
        rejected, dropped, warnings = self._outcomes.counts()
        held = self._stages.consent.held if self._stages.consent is not None else 0
        sinks = {delivery.name: delivery.stats() for delivery in self._deliveries}
        each = sinks.values()
        return Stats(
            accepted=sum(rejected.values())
            + sum(dropped.values())
            + held
            + sum(sink.accepted for sink in each),
            recovered=sum(sink.recovered for sink in each),
            delivered=sum(sink.delivered for sink in each),
            rejected=added([rejected, *(sink.rejected for sink in each)]),
            dropped=added([dropped, *(sink.dropped for sink in each)]),
            queued=held + sum(sink.queued for sink in each),
            spooled=sum(sink.spooled for sink in each),
            set_aside=added([sink.set_aside for sink in each]),
            retries=sum(sink.retries for sink in each),
            resting=max(sink.resting for sink in each),
            warnings=warnings,
            sinks=sinks,
        )

    def _consent(self) -> Consent:
        if self._stages.consent is None:
            raise InputError("The client has no consent rules.", hint="Client(…, consent=ConsentRules(…))")
        return self._stages.consent

    def _drain(self, timeout: float, drain: Callable[[Delivery, float], bool]) -> Report:
        start = monotonic()
        deliveries = self._deliveries if self._delivers else []
        for delivery in deliveries:
            delivery.hurry(1)
        try:
            done = [drain(delivery, start + timeout) for delivery in deliveries]
        finally:
            for delivery in deliveries:
                delivery.hurry(-1)
        stats = self.stats()
        return Report(
            stats.delivered,
            stats.rejected,
            stats.dropped,
            stats.queued,
            stats.spooled,
            elapsed=monotonic() - start,
            complete=all(done),
        )


def _retire(deliveries: Sequence[Delivery]) -> None:
    for delivery in deliveries:
        delivery.retire()
