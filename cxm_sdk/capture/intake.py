"""From a call to the bytes that are stored: the event is made, checked, seen through the stages, and encoded once."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from json import loads
from typing import Any, Final, NamedTuple

from cxm_sdk._native.envelopes import Envelopes, Kind, Stamps
from cxm_sdk.capture.context import current
from cxm_sdk.capture.delivery import Delivery
from cxm_sdk.capture.encode import EVENT_LIMIT, TooLargeError, check, encoded, encoded_typed, plain, rfc3339
from cxm_sdk.capture.expiry import Expiry
from cxm_sdk.capture.outcomes import Outcomes
from cxm_sdk.capture.stages import Admission, Stages
from cxm_sdk.errors import CaptureError, EventError, InputError

__all__ = ["Intake"]

_LIBRARY: Final[dict[str, Any]] = {"library": {"name": "cxm-sdk", "version": "0.1.0"}}
_LONGEST_ID: Final = 100
_IDS: Final = frozenset(("groupId", "previousId"))
_WHOLE: Final = 10**15
"""Floats hold all whole numbers below it."""

_NAMES: Final = frozenset(("user_id", "anonymous_id", "timestamp", "context", "message_id", "integrations"))

_FAULTS: Final = {
    "no_user_anon_id": "An event needs a user_id or an anonymous_id, given or set by the context.",
    "no_event": "An event needs a name, or is a typed event.",
    "no_group": "A group needs a group_id.",
    "no_alias": "An alias needs a previous_id and a user_id.",
    "no_mapping": "Properties, traits and context are mappings.",
    "long_message_id": f"A message_id has at most {_LONGEST_ID} characters.",
    "oversize": f"An event holds at most {EVENT_LIMIT} bytes of JSON.",
}


class _Said(NamedTuple):
    """What a class of typed events says of each of them.

    Attributes:
        type: Type of the event on the wire.
        name_key: Where the name stands; empty where the class is none of typed events.
        name: The name; empty when it has none.
        slot: Where the properties or traits stand.
        schema: The part of the context that names class and version.
        context: The whole context, where nothing else is known.
        direct: How its events are written in one step.
    """

    type: str
    name_key: str
    name: str
    slot: str
    schema: dict[str, Any]
    context: dict[str, Any]
    direct: Kind


_said: dict[type[Any], _Said] = {}
"""What is known of classes that were met."""


_KINDS: Final = {
    kind: Kind(kind, _LIBRARY, {}, plain) for kind in ("track", "identify", "page", "screen", "group")
}
"""Types of events that are written in one step when nothing about them is unusual."""


def _what_it_says(cls: type[Any]) -> _Said:
    kind = getattr(cls, "event_type", "track")
    if not hasattr(cls, "to_properties"):
        return _Said(kind, "", "", "", {}, _LIBRARY, Kind(kind, _LIBRARY, {}, plain))
    name_key = "event" if kind == "track" else "name"
    slot = "traits" if kind in ("identify", "group") else "properties"
    schema = {"schema": cls.schema_id()}
    layout = cls.json_layout() if hasattr(cls, "json_layout") else None
    direct = Kind(
        kind, _LIBRARY, schema, plain, name_key=name_key, name=cls.event_name, slot=slot, layout=layout
    )
    said = _Said(kind, name_key, cls.event_name, slot, schema, {**_LIBRARY, **schema}, direct)
    return _said.setdefault(cls, said)


class Intake:
    """Takes what the calls of a client are given.

    Args:
        deliveries: Where the events go.
        stages: What they go through before.
        outcomes: Where what does not get through is booked.
        dry_run: Whether to drop them at the end.
        strict: Whether to raise where an event cannot be taken exactly as it was given.
    """

    def __init__(
        self,
        deliveries: Sequence[Delivery],
        stages: Stages,
        outcomes: Outcomes,
        *,
        dry_run: bool,
        strict: bool,
    ) -> None:
        self._deliveries = deliveries
        self._stages = stages
        self._outcomes = outcomes
        self._dry_run = dry_run
        self._strict = strict
        self._plain = stages.idle and not dry_run
        self._direct = self._plain and not strict
        self._expiry = Expiry(stages.consent, self.release) if stages.consent is not None else None
        self._begin()

    def _begin(self) -> None:
        """Sets what belongs to one process."""
        self._pid = os.getpid()
        self._stamps = Stamps()
        self._envelopes = Envelopes(self._stamps, EVENT_LIMIT, plain)

    def take(self, kind: str, own: dict[str, Any], body: str, given: Mapping[str, Any]) -> None:
        """Takes one event; in normal mode it never raises.

        Args:
            kind: Type of the event on the wire.
            own: The keys that this type alone has.
            body: Which of them holds what is said about it; empty when there is none.
            given: Who it was and what else was said, by the names of ``cxm_sdk.capture.calls.Given``.

        Raises:
            TypeError: Something was said under another name.
            EventError: The client is strict, and the event cannot be taken as it is.
        """
        if self._direct and kind in _KINDS:
            text = self._envelopes.written(_KINDS[kind], own, body, given, current())
            if text is not None:
                self._put(text)
                return
        if not _NAMES.issuperset(given):
            raise _unexpected(given)
        event: dict[str, Any] = {}
        try:
            self._make(event, kind, given)
            event.update(own)
            if kind == "group" or kind == "alias":
                for key in _IDS.intersection(own):
                    event[key] = _id(own[key])
            if body and type(own[body]) is not dict:
                self._body(event, body)
            if fault := _fault(event):
                self._refuse(event, fault)
            elif self._plain:
                if self._strict:
                    check(event)
                self.store(event)
            else:
                if self._strict:
                    check(event)
                self._stage(event)
        except Exception as error:
            self._mishap(event, error)

    def take_typed(self, typed: Any, properties: Any, given: Mapping[str, Any]) -> None:
        """Takes a typed event: its class says what it is, and it writes its own properties.

        Args:
            typed: The event; or its name, if that is a text of a special kind.
            properties: What is said about an event that is given by name.
            given: As for ``take``.

        Raises:
            TypeError: Something was said under another name.
            EventError: The client is strict, and the event cannot be taken as it is.
        """
        said = _said.get(type(typed))
        if said is not None and self._direct:
            text = self._envelopes.typed(said.direct, typed, given, current())
            if text is not None:
                self._put(text)
                return
        if not _NAMES.issuperset(given):
            raise _unexpected(given)
        event: dict[str, Any] = {}
        try:
            if isinstance(typed, str):
                own = {"event": str.__str__(typed), "properties": properties}
                self.take("track", own, "properties", given)
                return
            said = said or _what_it_says(type(typed))
            self._make(event, said.type, given)
            if not said.name_key:
                self._refuse(event, "no_event")
                return
            if said.name:
                event[said.name_key] = said.name
            around = event["context"]
            event["context"] = said.context if around is _LIBRARY else {**around, **said.schema}
            if fault := _fault(event):
                self._refuse(event, fault)
            elif self._plain:
                if self._strict:
                    check(event)
                self._store_typed(event, said.slot, typed)
            else:
                event[said.slot] = typed.to_properties()
                self._stage(event)
        except Exception as error:
            self._mishap(event, error)

    def _make(self, event: dict[str, Any], kind: str, given: Mapping[str, Any]) -> None:
        """Fills in what every event has."""
        if self._pid != os.getpid():
            self.forked()
        stamps, get = self._stamps, given.get
        message_id, timestamp, context = get("message_id"), get("timestamp"), get("context")
        event["messageId"] = (
            stamps.message_id() if message_id is None else _id(message_id) or stamps.message_id()
        )
        event["type"] = kind
        event["timestamp"] = stamps.now() if timestamp is None else _moment(timestamp)
        user_id, anonymous_id = get("user_id"), get("anonymous_id")
        ambient = current()
        if ambient:
            user_id = ambient.get("userId") if user_id is None else user_id
            anonymous_id = ambient.get("anonymousId") if anonymous_id is None else anonymous_id
            around = ambient.get("context") or {}
            event["context"] = {**_LIBRARY, **around, **(context or {})}
        else:
            event["context"] = {**_LIBRARY, **context} if context else _LIBRARY
        if user_id is not None and (text := user_id if type(user_id) is str else _id(user_id)):
            event["userId"] = text
        if anonymous_id is not None and (
            text := anonymous_id if type(anonymous_id) is str else _id(anonymous_id)
        ):
            event["anonymousId"] = text
        if integrations := get("integrations"):
            event["integrations"] = integrations

    def _body(self, event: dict[str, Any], body: str) -> None:
        """Sees to it that properties or traits that are no dict are a mapping of some kind."""
        given = event[body]
        if given is None:
            event[body] = {}
        elif hasattr(type(given), "to_properties"):
            event[body] = given.to_properties()
            event["context"] = {**event["context"], "schema": type(given).schema_id()}
        elif not isinstance(given, Mapping) and not hasattr(type(given), "__dataclass_fields__"):
            event[body] = {} if hasattr(type(given), "model_dump") else None
            if event[body] is not None:
                event[body] = given.model_dump(mode="json")

    def _stage(self, event: Mapping[str, Any]) -> None:
        """Sees an event through the stages, which work on plain JSON values of their own."""
        try:
            plain = loads(encoded(event))
        except TooLargeError:
            self._refuse(event, "oversize")
            return
        said, refused = self._stages.admitted(plain)
        self.release(said)
        if refused and self._strict:
            raise EventError(refused)

    def release(self, said: Admission) -> None:
        """Stores events that passed the gates, books the others, and removes what must not be kept any more.

        Args:
            said: What the gates have decided.
        """
        for event, reason in said.dropped:
            self._outcomes.dropped(event, reason)
        for event in said.passed:
            finished = self._stages.finished(event)
            if finished is None:
                continue
            if self._dry_run:
                self._outcomes.dropped(finished, "dry_run")
            else:
                self.store(finished)
        consent = self._stages.consent
        if consent is None or self._expiry is None:
            return
        if said.purge:
            for delivery in self._deliveries:
                delivery.purge(lambda event: consent.withdrawn(loads(event)), "consent_refused")
        self._expiry.watch()

    def store(self, event: Mapping[str, Any]) -> None:
        """Encodes an event and puts it on its way to every sink.

        Args:
            event: The event.
        """
        try:
            text = encoded(event)
        except TooLargeError:
            self._refuse(event, "oversize")
        else:
            self._put(text)

    def _store_typed(self, event: dict[str, Any], slot: str, body: Any) -> None:
        """Does the same for an event and its typed body."""
        try:
            text = encoded_typed(event, slot, body)
        except TooLargeError:
            self._refuse(event, "oversize")
        else:
            self._put(text)

    def _put(self, text: bytes) -> None:
        try:
            for delivery in self._deliveries:
                delivery.put(text)
        except Exception as error:
            self._mishap(loads(text), error)

    def forked(self) -> None:
        """Begins anew in a forked child."""
        self._begin()
        self._outcomes.forked()
        self._stages.forked()
        if self._expiry is not None:
            self._expiry.forked()

    def _refuse(self, event: Mapping[str, Any], reason: str) -> None:
        self._outcomes.rejected(event, reason)
        if self._strict:
            raise EventError(_FAULTS[reason])

    def _mishap(self, event: Mapping[str, Any], error: Exception) -> None:
        """Whatever went wrong on the way in costs this event, and not the host."""
        if self._strict and isinstance(error, CaptureError | InputError):
            raise error
        if isinstance(error, EventError):
            self._outcomes.rejected(event, "invalid")
        else:
            self._outcomes.dropped(event, "error")
        self._outcomes.warned("client", error)
        if self._strict:
            raise CaptureError(f"The event was not taken: {type(error).__name__}.") from error


def _unexpected(given: Mapping[str, Any]) -> TypeError:
    """Builds the error of a call that says something under a name that there is not."""
    name = next(name for name in given if name not in _NAMES)
    return TypeError(f"unexpected keyword argument {name!r}; there are {', '.join(sorted(_NAMES))}")


def _fault(event: Mapping[str, Any]) -> str:
    """Names what is missing; empty when nothing is."""
    kind = event["type"]
    if "userId" not in event and "anonymousId" not in event:
        return "no_user_anon_id"
    if kind == "track":
        if not event.get("event"):
            return "no_event"
    elif kind == "group":
        if not event.get("groupId"):
            return "no_group"
    elif kind == "alias" and not (event.get("previousId") and event.get("userId")):
        return "no_alias"
    if event.get("properties", _LIBRARY) is None or event.get("traits", _LIBRARY) is None:
        return "no_mapping"
    return "long_message_id" if len(event["messageId"]) > _LONGEST_ID else ""


def _id(value: Any) -> str:
    """Writes an id as text; empty for what is none: ids are text, numbers and UUIDs.

    17.0, which a column of numbers with gaps makes of 17 in a data frame, is 17; NaN is none.
    """
    if isinstance(value, str):
        return str.__str__(value)
    module = type(value).__module__
    if module == "numpy" and hasattr(value, "item") and getattr(value, "shape", None) == ():
        return _id(value.item())
    if isinstance(value, bool) or not (isinstance(value, int | float) or module in ("uuid", "decimal")):
        return ""
    if isinstance(value, int) or module == "uuid":
        return str(value)
    if not math.isfinite(value):
        return ""
    return str(int(value)) if value == int(value) and abs(value) < _WHOLE else str(value)


def _moment(value: Any) -> Any:
    if isinstance(value, datetime):
        if value != value:
            return "NaT"  # no time, and not now: receivers refuse it
        return (
            rfc3339(value) if value.tzinfo is not None else value
        )  # without zone: left for the strict to see
    if isinstance(value, int | float) and not isinstance(value, bool):
        return rfc3339(datetime.fromtimestamp(value, UTC))
    return value
