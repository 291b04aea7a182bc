"""Takes events in: each is checked, told from those that came before, and on disk before it is acknowledged."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import compress
from time import monotonic, time_ns
from typing import Any, Final, NamedTuple

from cxm_sdk._native.envelopes import Stamps
from cxm_sdk.capture.collector.agreed import Agreed
from cxm_sdk.capture.collector.calls import Envelope, InvalidError, Unread, tidied
from cxm_sdk.capture.collector.classes import CLASSES, find
from cxm_sdk.capture.collector.keys import WriteKey
from cxm_sdk.capture.collector.replies import RefusedError
from cxm_sdk.capture.collector.seen import Seen, digest
from cxm_sdk.capture.collector.times import corrected, has_no_zone, moment
from cxm_sdk.capture.collector.together import Text, Together
from cxm_sdk.capture.delivery import Delivery
from cxm_sdk.capture.encode import EVENT_LIMIT, TooLargeError, encoded, rfc3339
from cxm_sdk.capture.stages import Plan
from cxm_sdk.errors import CaptureError, EventError
from cxm_sdk.events.parsing import parse

__all__ = ["ACCEPTED", "DUPLICATE", "Reception", "Result"]

_log = logging.getLogger(__name__)

_ADDED: Final = 512
"""Bytes that the collector itself may add to an event."""

_ENTRY_BYTES: Final = 64 << 20
"""Most bytes of what is made of a webhook's body."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DISK_PAUSE: Final = 5.0  # seconds after which a disk is tried again


class Result(NamedTuple):
    """What became of an event.

    Attributes:
        status: ``accepted``, ``duplicate`` or ``invalid``; with consent rules also ``held`` or ``dropped``.
        reason: Stable name of what is wrong with it; empty when nothing is.
        detail: What was expected and what came, without a value of the event.
    """

    status: str
    reason: str = ""
    detail: str = ""


ACCEPTED: Final = Result("accepted")
DUPLICATE: Final = Result("duplicate")
HELD: Final = Result("held", "consent_unknown", "The event waits in memory until consent is known.")


class Reception:
    """Takes events in.

    Args:
        delivery: Where they go.
        seen: Which have come.
        agreed: Holds or drops what nobody has agreed to; None takes everything.
    """

    def __init__(self, delivery: Delivery, seen: Seen, agreed: Agreed | None = None) -> None:
        self._delivery = delivery
        self._seen = seen
        self._together = Together(self._stored, threaded=delivery.syncs)
        self._lock = threading.Lock()
        self._agreed = agreed
        self._owed: list[Text] = []  # held before, agreed to, and not stored yet
        self._failed_at = float("-inf")
        self._stamps = Stamps()

    @property
    def stores(self) -> bool:
        """Whether nothing has been refused lately for want of room."""
        return monotonic() - self._failed_at > _DISK_PAUSE

    async def events(self, envelope: Envelope, key: WriteKey) -> list[Result]:
        """Takes the events of a request in: when this returns, those that were accepted are safe.

        Args:
            envelope: The request.
            key: The key it came by.

        Returns:
            What became of each.

        Raises:
            RefusedError: None of them could be stored.
        """
        received, stamp = time_ns() // 1_000, self._stamps.now()
        results: list[Result] = []
        texts: list[Text] = []
        places: list[int] = []
        done: Text | Result
        for at, ready in enumerate(_at_once(envelope, key, received, stamp, self._agreed)):
            if ready is not None:
                done = ready
            else:
                done = self._judged(envelope, at, key, received, stamp)
                if isinstance(done, Result):
                    results.append(done)
                    continue
            places.append(len(results))
            results.append(ACCEPTED)
            texts.append(done)
        if self._agreed is not None:
            await self._settle(self._agreed, texts)
        if texts:
            for place, fresh in zip(places, await self._put(texts), strict=False):
                if not fresh:
                    results[place] = DUPLICATE
        return results

    async def _put(self, texts: list[Text]) -> Sequence[bool]:
        """Stores texts, and behind them those that are owed; these are tried again later where that fails."""
        owed, self._owed = self._owed, []
        try:
            return await self._together.put(texts + owed if owed else texts)
        except RefusedError:
            self._owed = owed + self._owed
            raise

    async def _settle(self, agreed: Agreed, texts: list[Text]) -> None:
        """Sees to what the events of a request have said of consent to others."""
        released, agreed.released = agreed.released, []
        self._owed += [_written(event) for event in released]
        if agreed.refused:
            agreed.refused = False
            await asyncio.to_thread(self._delivery.purge, agreed.withdrawn, "consent_refused")
        if self._owed and not texts:
            await self._put([])

    def _judged(self, envelope: Envelope, at: int, key: WriteKey, received: int, stamp: str) -> Text | Result:
        """Gives the text of an event that may be stored, or what became of it instead."""
        try:
            event = self._finished(envelope.events[at], envelope, key, received, stamp)
            text = _written(event)
        except InvalidError as error:
            return Result("invalid", error.reason, str(error))
        except Exception as error:  # an event that nobody foresaw must not hold up those beside it for ever
            _log.error("an event could not be read: %s", type(error).__name__)
            return Result("invalid", "invalid", "The event could not be read.")
        reason = self._agreed.decided(event) if self._agreed is not None else ""
        if reason is None:
            return HELD
        return Result("dropped", reason, "Nobody has agreed to the event.") if reason else text

    async def entry(self, name: str, body: bytes, entry: Mapping[str, Any]) -> Result:
        """Takes in what a webhook brought; the same body is taken once.

        Args:
            name: Name of the webhook.
            body: Its body, byte by byte.
            entry: What is made of it.

        Returns:
            What became of it.

        Raises:
            RefusedError: It could not be stored.
        """
        named = digest("webhook", name, sha256(body).hexdigest())
        message = encoded({"messageId": f"webhook-{named.hex()}", **entry}, limit=_ENTRY_BYTES)
        return ACCEPTED if (await self._together.put([(named, message)]))[0] else DUPLICATE

    def _stored(self, texts: Sequence[Text]) -> Sequence[bool]:
        """Stores what is new, in one write, and tells for each whether it was.

        An id is noted behind the write. Whoever is killed in between has acknowledged nothing; the same event then
        comes again, and is told by its message id where it ends up.
        """
        with self._lock:
            try:
                names = [named for named, _ in texts]
                fresh = [not known for known in self._seen.known(names)]
                if len(names) > 1 and len(set(names)) < len(
                    names
                ):  # the first of each is as good as the others
                    first = {named: at for at, named in reversed(list(enumerate(names)))}
                    fresh = [new and first[names[at]] == at for at, new in enumerate(fresh)]
                if all(fresh):
                    new = [text for _, text in texts]
                else:
                    new = list(compress((text for _, text in texts), fresh))
                    names = list(compress(names, fresh))
                if new:
                    self._delivery.extend(new)
                    self._note(names)
            except OSError:
                self._failed_at = monotonic()
                raise RefusedError(
                    503, "storage", "Nothing can be stored at the moment.", retry_after=_DISK_PAUSE
                ) from None
            except CaptureError:
                self._failed_at = monotonic()
                raise RefusedError(
                    503, "overloaded", "Too many events wait to be delivered.", retry_after=_DISK_PAUSE
                ) from None
        return fresh

    def _note(self, names: list[bytes]) -> None:
        """Notes ids of what is stored; where that fails the events are safe all the same."""
        try:
            self._seen.note(names)
        except OSError:
            self._seen.beyond += len(names)

    def _finished(self, event: Any, envelope: Envelope, key: WriteKey, at: int, stamp: str) -> dict[str, Any]:
        """Gives an event that was received at a moment its last form."""
        received, sent = _EPOCH + timedelta(microseconds=at), moment(envelope.sent_at)
        event = tidied(event, envelope)
        message_id = event.pop("messageId")
        if not message_id.strip():
            message_id = self._stamps.message_id()
        # the id comes first: there it is found without reading the rest
        event = {"messageId": message_id, **event, "receivedAt": stamp, "source": key.source}
        if "sentAt" in event and moment(event["sentAt"]) is None:
            del event["sentAt"]
        if sent is not None and "sentAt" not in event:
            event["sentAt"] = envelope.sent_at
        try:
            read = parse(event)
        except EventError as error:
            raise InvalidError("invalid", str(error)) from None
        timed = event.get("originalTimestamp") or event.get("timestamp")
        # who gives both says when it happened, and when its own clock took note of it
        given = bool(event.get("timestamp")) and read.original_timestamp not in (None, read.timestamp)
        occurred = read.timestamp if given else read.original_timestamp or read.timestamp
        happened = corrected(occurred, None if given else read.sent_at, received) if timed else received
        if happened != occurred or not timed or has_no_zone(event.get("timestamp") or timed):
            event["timestamp"] = rfc3339(happened)
        elif not event.get("timestamp"):
            event["timestamp"] = timed
        if timed:
            event["originalTimestamp"] = timed
        return event if key.plan is None else _planned(event, key.plan)


def _written(event: Mapping[str, Any]) -> Text:
    """Gives the digest of an event's id, and its text."""
    try:
        return digest(event["source"], event["messageId"]), encoded(event, EVENT_LIMIT + _ADDED)
    except TooLargeError:
        raise InvalidError("oversize", f"An event holds at most {EVENT_LIMIT} bytes of JSON.") from None


def _at_once(
    envelope: Envelope, key: WriteKey, received: int, stamp: str, agreed: Agreed | None
) -> Sequence[Text | None]:
    """Gives events that are beyond doubt their last form, straight from the bytes; None for all others.

    It gives what ``_finished`` does, but for the order of keys and the spelling of values; a property test holds them
    side by side.
    """
    events = envelope.events
    if key.plan is not None or agreed is not None or type(events) is not Unread:
        return [None] * len(events)
    sent_at = envelope.sent_at if type(envelope.sent_at) is str else None
    source = key.source
    return events.request.finish(source, received, stamp, sent_at, CLASSES, find, EVENT_LIMIT + _ADDED)


def _planned(event: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Checks an event against a tracking plan."""
    found = plan.check(event)
    if not found:
        return event
    if plan.mode == "reject":
        raise InvalidError("plan", "; ".join(map(str, found)))
    return dict(plan.stamped(event, found))
