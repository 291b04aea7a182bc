"""From a decoded body to events in one form, whatever their client's habits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from cxm_sdk._native.wire import Request, read
from cxm_sdk.capture.batch import BATCH_EVENTS
from cxm_sdk.capture.collector.bodies import decoded
from cxm_sdk.capture.collector.replies import RefusedError

__all__ = ["BATCH", "CALLS", "Envelope", "InvalidError", "Unread", "arrived", "opened", "tidied"]

CALLS: Final = ("track", "identify", "page", "screen", "group", "alias")
"""Calls, in the order of their numbers."""

BATCH: Final = "batch"
LONGEST_ID: Final = 100
"""Most characters of a message id."""

_IDS: Final = ("userId", "anonymousId", "groupId", "previousId")
_ABSENT: Final = (None, "")
_LONGEST_NUMBER: Final = 256  # bits of a number that is taken for an id


class InvalidError(Exception):
    """An event that cannot be taken.

    Args:
        reason: Stable name.
        detail: What was expected and what came, without a value of the event.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Envelope(NamedTuple):
    """What came in one request.

    Attributes:
        events: The events as they came; ``Unread`` where the text as a whole is beyond doubt.
        write_key: The key that stands in the body, whatever it is.
        sent_at: When the request was sent, by its sender's clock.
        context: What lies under the context of each event.
        integrations: What lies under the integrations of each event.
    """

    events: Sequence[Any]
    write_key: object
    sent_at: object
    context: Mapping[str, Any]
    integrations: Mapping[str, Any]


class Unread(Sequence[Any]):
    """Events of a request that are still bytes; one that is asked for is read.

    Args:
        request: The request.
        call: The call that the path names, or ``batch``.

    Attributes:
        request: The request.
    """

    def __init__(self, request: Request, call: str) -> None:
        self.request = request
        self._call = call

    def __len__(self) -> int:
        """Counts the events."""
        return len(self.request)

    def __getitem__(self, at: Any) -> Any:
        """Reads an event.

        Args:
            at: Its place.

        Returns:
            The event, as ``opened`` gives it.
        """
        event = decoded(self.request.item(at))
        if self._call != BATCH:
            event["type"] = self._call
        return event


def arrived(body: bytes, call: str, sent_at: str | None) -> Envelope:
    """Takes the text of a request apart, and reads no more of it than it must.

    Args:
        body: The text.
        call: The call that the path names, or ``batch``.
        sent_at: When it was sent as a header says; goes after what the body says.

    Returns:
        What is in it.

    Raises:
        RefusedError: It is no JSON, no object, has no list of events, or too many of them.

    Example:
        >>> arrived(b'{"event": "Tea Poured", "userId": "u-1"}', "track", None).events[0]["type"]
        'track'
    """
    request = read(body, -1 if call == BATCH else CALLS.index(call), BATCH_EVENTS)
    if request is None:
        return opened(decoded(body), call, sent_at)
    sent = request.sent_at if call == BATCH else None
    return Envelope(Unread(request, call), request.write_key, sent or sent_at, {}, {})


def opened(body: Any, call: str, sent_at: object) -> Envelope:
    """Takes a body apart.

    Args:
        body: The decoded body.
        call: The call that the path names, or ``batch``.
        sent_at: When it was sent as a header says; goes after what the body says.

    Returns:
        What is in it.

    Raises:
        RefusedError: It is no object, has no list of events, or too many of them.

    Example:
        >>> opened({"event": "Tea Poured", "userId": "u-1"}, "track", None).events[0]["type"]
        'track'
    """
    if not isinstance(body, dict):
        raise RefusedError(400, "invalid_body", f"Expected a JSON object, got {type(body).__name__}.")
    if call != BATCH:
        body["type"] = call
        return Envelope([body], body.get("writeKey"), sent_at, {}, {})
    events = body.get("batch")
    if not isinstance(events, list):
        raise RefusedError(400, "no_batch", "A batch has its events in a list named batch.")
    if len(events) > BATCH_EVENTS:
        raise RefusedError(413, "too_many_events", f"A batch holds at most {BATCH_EVENTS} events.")
    key = body.get("writeKey") or next(
        (e["writeKey"] for e in events if isinstance(e, dict) and "writeKey" in e), None
    )
    return Envelope(
        events,
        key,
        body.get("sentAt") or sent_at,
        _mapping(body.get("context")),
        _mapping(body.get("integrations")),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def tidied(event: Any, envelope: Envelope) -> dict[str, Any]:
    """Brings an event to the form of the specification.

    Ids that are null or empty are absent, numbers become text; a message id is text, empty where there is none; what
    the envelope says lies under what the event says; the traits of an identify lie over those of its context; the
    write key goes.

    Args:
        event: One of ``envelope.events``. It is changed.
        envelope: What it came in.

    Returns:
        The event.

    Raises:
        InvalidError: It lacks what its type needs.

    Example:
        >>> tidied({"type": "page", "userId": 7, "anonymousId": ""}, Envelope([], None, None, {}, {}))
        {'type': 'page', 'userId': '7', 'messageId': ''}
    """
    if type(event) is not dict:
        raise InvalidError("no_object", "An event is a JSON object.")
    for key in _IDS:
        if key in event and (type(event[key]) is not str or not event[key]):
            _settle_id(event, key)
    event.pop("writeKey", None)
    if envelope.context:
        event["context"] = {**envelope.context, **_mapping(event.get("context"))}
    if envelope.integrations:
        event["integrations"] = {**envelope.integrations, **_mapping(event.get("integrations"))}
    if type(event.get("messageId")) is not str:
        _settle_id(event, "messageId")
        if type(event.get("messageId")) is not str:
            event["messageId"] = ""
    if len(event["messageId"]) > LONGEST_ID:
        raise InvalidError("long_message_id", f"A messageId has at most {LONGEST_ID} characters.")
    _require(event)
    return event


def _settle_id(event: dict[str, Any], key: str) -> None:
    """Leaves out an id that is none, and writes a number as text; anything else is left for the check to refuse."""
    value = event.get(key)
    if value is None or value == "":
        event.pop(key, None)
        return
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= _LONGEST_NUMBER:
        event[key] = str(value)


def _require(event: dict[str, Any]) -> None:
    """Refuses an event without what its type needs, and gives an identify all its traits."""
    kind = event.get("type")
    if kind not in CALLS:
        raise InvalidError("unknown_type", f"The type of an event is one of {', '.join(CALLS)}.")
    if "userId" not in event and "anonymousId" not in event:
        raise InvalidError("no_user_anon_id", "An event needs a userId or an anonymousId.")
    if kind == "track":
        if event.get("event") in _ABSENT:
            raise InvalidError("no_event", "A track needs the name of its event.")
    elif kind == "group":
        if "groupId" not in event:
            raise InvalidError("no_group", "A group needs a groupId.")
    elif kind == "alias":
        if "previousId" not in event or "userId" not in event:
            raise InvalidError("no_alias", "An alias needs a previousId and a userId.")
    elif kind == "identify" and (below := _mapping(_mapping(event.get("context")).get("traits"))):
        event["traits"] = {**below, **_mapping(event.get("traits"))}
