"""From the wire to events: one look-up, one validator."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import CoreSchema, SchemaValidator, core_schema, from_json

from cxm_sdk.errors import EventError
from cxm_sdk.events import registry
from cxm_sdk.events.envelope import NEEDS, Event
from cxm_sdk.events.problems import event_error
from cxm_sdk.events.registry import SchemaVer
from cxm_sdk.events.shapes import event_shape
from cxm_sdk.events.typed import TypedEvent

__all__ = ["parse"]

_IDS = ("userId", "anonymousId", "groupId", "previousId")
_ABSENT = {
    **dict.fromkeys(("originalTimestamp", "sentAt", "receivedAt", "name", "category", "source"), (None, "")),
    **dict.fromkeys(("context", "integrations", "properties", "traits"), (None,)),
}
"""What stands for an absent value, by key; identifiers and the message id apart."""
_TIMES = ("originalTimestamp", "sentAt", "receivedAt")
_SCHEMA_ID = re.compile(r"cxm:([a-z0-9_]+)/(\d+-\d+-\d+)")
_MANY = 4096
"""Names that are remembered, besides those of known events."""
_LONGEST = 256
"""Bits of the longest number that is taken for an identifier."""
_CONFIG = core_schema.CoreConfig(hide_input_in_errors=True)
_PLAIN = core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())


class _Reader:
    """How events of one class are read.

    Attributes:
        glance: gives an event for a mapping of the wire that is beyond doubt, else None.
        read: gives an event for any mapping of the wire, or raises.
        schema_id: class and version it reads; None where properties are not typed.
        cls: the class; None where properties are not typed.
    """

    __slots__ = ("cls", "glance", "read", "schema_id")

    def __init__(
        self,
        glance: Callable[[Any], Event | None],
        read: Callable[[Any], Event],
        cls: type[TypedEvent] | None,
    ) -> None:
        self.glance = glance
        self.read = read
        self.schema_id = cls.schema_id() if cls else None
        self.cls = cls


_readers: dict[tuple[str, str | None], _Reader] = {}
"""Readers by type and name, as they stand on the wire."""
_made: dict[type[TypedEvent] | str, _Reader] = {}
"""All readers, by class; by type where properties are not typed."""

registry.on_change.append(_readers.clear)


def parse(event: Mapping[str, Any] | bytes | bytearray | str) -> Event:
    """Reads one event from the wire.

    Known events get typed properties, others keep theirs as a dict. Identifiers that are ``""`` or null are absent;
    numbers become text. A missing or blank message id is made. The time is ``timestamp``, else
    ``originalTimestamp``, ``sentAt`` or ``receivedAt``, else now; text without a zone is UTC. Properties of
    an older version of a class are brought up to date where upgrades are registered; those of a newer or unknown
    MODEL are kept as a dict.

    Args:
        event: One event as Segment's clients write it: a mapping, or JSON. It is not changed.

    Returns:
        The event.

    Raises:
        EventError: it is no JSON object, or something in it is not of the form that it must have.

    Example:
        >>> event = parse({"type": "track", "event": "Order Completed", "userId": 7,
        ...                "properties": {"order_id": "o-1", "total": 42, "currency": "eur"}})
        >>> event.user_id, event.properties.total, event.properties.currency
        ('7', Decimal('42'), 'EUR')
    """
    if type(event) is not dict:
        event = _object(event)
    try:
        reader = _readers[event["type"], event.get("event")]
    except (
        Exception
    ):  # not in the catalogue, or no text: such an object may raise anything when it is looked up
        reader = reader_of(event)
    context = event.get("context")
    if type(context) is dict:
        schema_id = context.get("schema")
        if schema_id is not None and schema_id != reader.schema_id:
            reader, event = _of_version(reader, event, schema_id)
    try:
        return reader.glance(event) or reader.read(event)
    except ValidationError as error:
        tidy = _tidied(event)
        if tidy == event:
            raise event_error(error, _what(reader, event)) from None
    except ValueError:
        raise _endless(reader, event) from None
    try:
        return reader.read(tidy)
    except ValidationError as error:
        raise event_error(error, _what(reader, event)) from None
    except ValueError:
        raise _endless(reader, event) from None


def _endless(reader: _Reader, event: dict[str, Any]) -> EventError:
    """Builds the error of a whole number that Python does not write as text, where text was due."""
    return EventError(f"{_what(reader, event)}: expected numbers of at most 4,300 digits, got a longer one.")


def _object(event: object) -> dict[str, Any]:
    """Gives the JSON object that was sent."""
    if isinstance(event, bytes | bytearray | str):
        try:
            event = from_json(event)
        except ValueError:
            raise EventError("event: expected JSON, got text that is none.") from None
    if isinstance(event, dict):
        return dict(event)
    if isinstance(event, Mapping):
        try:
            return {key: event[key] for key in event}
        except Exception as error:  # a mapping of the host's own making
            raise EventError(
                f"event: expected a mapping, got one that raises {type(error).__name__}."
            ) from None
    raise EventError(f"event: expected an object, got {type(event).__name__}.")


def _what(reader: _Reader, event: dict[str, Any]) -> str:
    """Names an event in messages: by the catalogue's word for it, never by the sender's."""
    return (reader.cls.event_name if reader.cls else "") or str(event["type"])


def reader_of(event: dict[str, Any]) -> _Reader:
    """Finds, or makes, the reader of an event that was not met before.

    Args:
        event: The event; only its type and name matter.

    Returns:
        How events of this class are read.

    Raises:
        EventError: the type is none.

    Example:
        >>> reader_of({"type": "track", "event": "Order Completed"}).schema_id
        'cxm:order_completed/1-0-0'
    """
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in NEEDS:
        raise EventError(
            f"event: at type: expected one of {', '.join(NEEDS)}, got {type(kind).__name__}.",
            hint="Set type to the call that was made.",
        )
    name = event.get("event") if kind == "track" else event.get("name") if kind in ("page", "screen") else ""
    cls = registry.find(kind, name) if isinstance(name, str) else None
    reader = _made.get(cls or kind) or _make(kind, cls)
    known = isinstance(name, str) and kind not in ("page", "screen")
    if known and (cls is not None or len(_readers) < _MANY):  # senders may make names without end
        _readers[kind, name or None] = reader
    return reader


def _make(kind: str, cls: type[TypedEvent] | None) -> _Reader:
    body: Any = _PLAIN
    definitions: list[Any] = []
    if cls is not None:
        cls.model_rebuild()
        body, definitions = _parts(cls.__pydantic_core_schema__)
    fields = _envelope(kind, body)
    schema: CoreSchema = core_schema.no_info_after_validator_function(
        _event, core_schema.model_fields_schema(fields, model_name="Event", extra_behavior="allow")
    )
    if definitions:
        schema = core_schema.definitions_schema(schema, definitions)
    shape = event_shape(fields, definitions, _CONFIG)
    read = SchemaValidator(schema, _CONFIG).validate_python
    made = _Reader(shape.read, read, cls)
    return _made.setdefault(cls or kind, made)


def _envelope(kind: str, body: Any) -> dict[str, Any]:
    """Says what pydantic checks an event of one class against, in one go: envelope and body, by field.

    It differs from ``Event`` itself in what the type of call needs, in that message id and time must be there (they
    are made before), and in that keys have the spelling of the wire only.
    """
    Event.model_rebuild()
    fields = dict(_parts(Event.__pydantic_core_schema__)[0]["schema"]["fields"])
    for slot in ("properties", "traits"):
        inner = body if slot == ("traits" if kind in ("identify", "group") else "properties") else _PLAIN
        fields[slot] = (
            core_schema.model_field(  # a factory: a default that can change would be copied each time
                core_schema.with_default_schema(
                    inner, default_factory=dict, validate_default=inner is not _PLAIN
                )
            )
        )
    for name in ("message_id", "timestamp"):
        fields[name] = {**fields[name], "schema": fields[name]["schema"]["schema"]}  # no default
    for name in NEEDS[kind]:
        fields[name] = {**fields[name], "schema": fields[name]["schema"]["schema"]["schema"]}  # nor null
    return fields


def _event(parts: tuple[dict[str, Any], dict[str, Any] | None, set[str]]) -> Event:
    """Makes an event of what has been checked, as pydantic does; it would take the checks of ``Event`` itself."""
    event = _new(Event)
    _set(event, "__dict__", parts[0])
    _set(event, "__pydantic_extra__", parts[1])
    _set(event, "__pydantic_fields_set__", parts[2])
    _set(event, "__pydantic_private__", None)
    return event


_new, _set = Event.__new__, object.__setattr__


def _parts(schema: Any) -> tuple[Any, list[Any]]:
    """Parts a schema from the definitions that it refers to."""
    return (schema["schema"], schema["definitions"]) if schema["type"] == "definitions" else (schema, [])


# ---------------------------------------------------------------------------------------------- versions


def _of_version(reader: _Reader, event: dict[str, Any], schema_id: object) -> tuple[_Reader, dict[str, Any]]:
    """Finds the reader for the version that the sender names, or brings the properties to the one that is known."""
    cls = reader.cls
    parts = _SCHEMA_ID.fullmatch(schema_id) if isinstance(schema_id, str) else None
    if cls is None or parts is None or not cls.schema_id().startswith(f"cxm:{parts[1]}/"):
        return reader, event  # a schema of somebody else's
    kind, name, sent = cls.event_type, cls.event_name, SchemaVer.of(parts[2])
    slot = "traits" if kind in ("identify", "group") else "properties"
    properties = event.get(slot)
    if isinstance(properties, dict):
        reached, properties = registry.upgraded(kind, name, str(sent), properties)
        if SchemaVer.of(reached) != sent:
            sent = SchemaVer.of(reached)
            context = {**event["context"], "schema": f"cxm:{parts[1]}/{reached}"}
            event = {**event, slot: properties, "context": context}
    exact = registry.find(kind, name, str(sent))
    if exact is not None:
        return _made.get(exact) or _make(kind, exact), event
    if sent.model == SchemaVer.of(cls.schema_version).model:
        return reader, event
    return _made.get(kind) or _make(kind, None), event


# ---------------------------------------------------------------------------------------------- untidy clients


def _tidied(event: dict[str, Any]) -> dict[str, Any]:
    """Brings an envelope to the form that the specification gives it, where clients are known to differ."""
    tidy = {
        key: value for key, value in event.items() if key not in _ABSENT or not _is_any(value, _ABSENT[key])
    }
    for key in _IDS:
        if key in tidy and not _is_any(value := _text(tidy.pop(key)), (None, "")):
            tidy[key] = value
    message_id = _text(tidy.get("messageId"))
    blank = message_id is None or (isinstance(message_id, str) and not message_id.strip())
    tidy["messageId"] = str(uuid.uuid4()) if blank else message_id
    if _is_any(tidy.get("timestamp"), (None, "")):
        known = [tidy[key] for key in _TIMES if key in tidy]
        tidy["timestamp"] = known[0] if known else datetime.now(UTC)
    for key in ("timestamp", *_TIMES):
        if isinstance(sent := tidy.get(key), str):
            tidy[key] = _in_utc(sent)
    return tidy


def _in_utc(sent: str) -> str:
    """A time without a zone as one of UTC, as a graph has it; anything else as it is."""
    try:
        read = datetime.fromisoformat(sent)
    except ValueError:
        return sent
    return sent if read.tzinfo is not None else read.replace(tzinfo=UTC).isoformat()


def _is_any(value: object, absent: tuple[object, ...]) -> bool:
    return value is None or (isinstance(value, str) and value in absent)


def _text(value: Any) -> Any:
    """A number as text; anything else as it is."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    plain = isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= _LONGEST
    return str(value) if plain else value
