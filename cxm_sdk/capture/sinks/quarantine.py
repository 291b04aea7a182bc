"""Keeps events that a tracking plan has quarantined apart from the good ones."""

from __future__ import annotations

from contextlib import ExitStack
from json import loads

from cxm_sdk.capture.batch import Batch, Delivered, Sink

__all__ = ["QuarantineSink"]


class QuarantineSink:
    """Sends quarantined events to one sink and all others to another.

    Events are quarantined by a tracking plan in the mode ``quarantine``, which marks them in ``context.trackingPlan``.
    Each of the two sinks is retried by itself: one that is down does not hold back the other for good.

    Args:
        sink: Where good events go. It names the destination: what was spooled for it is replayed to it.
        quarantine: Where quarantined events go, such as a ``FileSink``.

    Example:
        >>> from cxm_sdk.capture import Client, MemorySink
        >>> good, apart = MemorySink(), MemorySink()
        >>> with Client(QuarantineSink(good, apart)) as client:
        ...     client.track("Order Completed", {"order_id": "o-1"}, user_id="u-1")
        >>> len(good), len(apart)
        (1, 0)
    """

    def __init__(self, sink: Sink, quarantine: Sink) -> None:
        self._sink = sink
        self._quarantine = quarantine
        self.volatile = bool(getattr(sink, "volatile", False) and getattr(quarantine, "volatile", False))
        self.identity = str(getattr(sink, "identity", f"{type(sink).__module__}.{type(sink).__qualname__}"))

    def send(self, batch: Batch) -> Delivered | None:
        """Sends each event to the sink that it belongs to.

        Args:
            batch: Events in order.

        Returns:
            What became of each event.

        Raises:
            DeliveryError: No sink took any of it. Any other exception of a sink passes through too.
        """
        apart = [at for at, event in enumerate(batch.events) if _is_quarantined(event)]
        if not apart:
            return self._sink.send(batch)
        if len(apart) == len(batch):
            return self._quarantine.send(batch)
        good = sorted(set(range(len(batch))).difference(apart))
        rejected: dict[int, str] = {}
        retry: list[int] = []
        waits: list[float] = []
        errors: list[Exception] = []
        for sink, positions in ((self._sink, good), (self._quarantine, apart)):
            part = Batch(
                [batch.events[at] for at in positions], attempt=batch.attempt, deadline=batch.deadline
            )
            try:
                answer = sink.send(part) or Delivered()
            except Exception as error:
                # These come again by themselves, and what the error says of them is then said of them alone.
                errors.append(error)
                answer = Delivered(retry=range(len(part)), retry_after=getattr(error, "retry_after", None))
            rejected.update({positions[at]: reason for at, reason in answer.rejected.items()})
            retry += [positions[at] for at in answer.retry]
            waits += [answer.retry_after] if answer.retry_after is not None else []
        if len(errors) == 2:
            raise errors[0]
        return Delivered(rejected, sorted(retry), max(waits, default=None))

    def close(self) -> None:
        """Closes both sinks."""
        with ExitStack() as closing:  # the second is closed even if the first cannot be
            for sink in (self._sink, self._quarantine):
                if close := getattr(sink, "close", None):
                    closing.callback(close)


def _is_quarantined(event: bytes) -> bool:
    if b'"quarantined"' not in event:  # most events are told by their bytes alone
        return False
    context = loads(event).get("context")
    mark = context.get("trackingPlan") if isinstance(context, dict) else None
    return isinstance(mark, dict) and mark.get("quarantined") is True
