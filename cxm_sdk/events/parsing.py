"""From the wire to events: one look-up, one validator."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import CoreSchema, SchemaValidator, core_schema, from_json

from cxm_sdk.errors import EventError
from cxm_sdk.events import registry
from cxm_sdk.events.envelope import NEEDS, Event
from cxm_sdk.events.problems import event_error
from cxm_sdk.events.typed import TypedEvent, title

__all__ = ["parse"]

_IDS = ("userId", "anonymousId", "groupId", "previousId")
_TIMES = ("originalTimestamp", "sentAt", "receivedAt")
_OBJECTS = ("context", "properties", "traits")
_SLOT = {"identify": "traits", "group": "traits"}
_PLAIN = core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())


class _Reader(NamedTuple):
    """How events of one class are read.

    Attributes:
        read: gives an event for a mapping of the wire.
        schema_id: class and version it reads; None where properties are not typed.
    """

    read: Callable[[Any], Event]
    schema_id: str | None


_readers: dict[tuple[str, str | None], _Reader] = {}
_versions: dict[type[TypedEvent], _Reader] = {}
_plain: dict[str, _Reader] = {}


def parse(event: Mapping[str, Any] | bytes | bytearray | str) -> Event:
    """Reads one event from the wire.

    Known events get typed properties, others keep theirs as a dict. Identifiers that are ``""`` or null are absent;
    numbers become text. A missing or blank message id is made. The time is ``timestamp``, else
    ``originalTimestamp``, ``sentAt`` or ``receivedAt``, else now; times without a zone are an error. Properties of
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
    except (KeyError, TypeError):
        reader = _reader(event)
    context = event.get("context")
    if type(context) is dict:
        schema_id = context.get("schema")
        if schema_id is not None and schema_id != reader.schema_id:
            reader, event = _of_version(reader, event, schema_id)
    try:
        return reader.read(event)
    except ValidationError as error:
        tidy = _tidied(event)
        if tidy == event:
            raise event_error(error, _what(reader, event)) from None
    try:
        return reader.read(tidy)
    except ValidationError as error:
        raise event_error(error, _what(reader, event)) from None


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
    found = next((key for key, known in _readers.items() if known is reader), None)
    return found[1] or found[0] if found else str(event["type"])


def _reader(event: dict[str, Any]) -> _Reader:
    """Finds, or makes, the reader of an event that was not met before."""
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in NEEDS:
        raise EventError(
            f"event: at type: expected one of {', '.join(NEEDS)}, got {type(kind).__name__}.",
            hint="Set type to the call that was made.",
        )
    name = event.get("event") if kind == "track" else event.get("name") if kind in ("page", "screen") else ""
    cls = registry.find(kind, name) if isinstance(name, str) else None
    if cls is None:
        if kind not in _plain:
            _plain[kind] = _Reader(SchemaValidator(_envelope(kind, _PLAIN)).validate_python, None)
        return _plain[kind]
    reader = _typed(cls)
    if kind not in ("page", "screen"):
        _readers[kind, name or None] = reader
    return reader


def _typed(cls: type[TypedEvent]) -> _Reader:
    if cls not in _versions:
        cls.model_rebuild()
        validator = SchemaValidator(_envelope(cls.event_type, cls.__pydantic_core_schema__))
        _versions[cls] = _Reader(validator.validate_python, cls.schema_id())
    return _versions[cls]


def _envelope(kind: str, body: CoreSchema) -> CoreSchema:
    """Builds what pydantic checks an event of one class against, in one go: envelope and body."""
    Event.model_rebuild()
    whole: Any = Event.__pydantic_core_schema__
    definitions = []
    if body["type"] == "definitions":
        definitions, body = body["definitions"], body["schema"]
    fields = dict(whole["schema"]["fields"])
    for slot in ("properties", "traits"):
        typed = slot == _SLOT.get(kind, "properties")
        inner = body if typed else _PLAIN
        if inner is _PLAIN or not _required(inner):
            inner = core_schema.with_default_schema(
                inner, default={}, copy_default=True, validate_default=True
            )
        fields[slot] = core_schema.model_field(inner)
    for name in NEEDS[kind]:
        field = dict(fields[name])
        field["schema"] = field["schema"]["schema"]["schema"]  # neither a default nor null
        fields[name] = field
    for name in ("message_id", "timestamp"):  # made where they are missing, but not here
        fields[name] = {**fields[name], "schema": fields[name]["schema"]["schema"]}
    config = {**whole["config"], "validate_by_name": False, "validate_by_alias": True}
    schema = {**whole, "config": config, "schema": {**whole["schema"], "fields": fields}}
    return core_schema.definitions_schema(schema, definitions) if definitions else schema


def _required(body: Any) -> bool:
    return True


def _of_version(reader: _Reader, event: dict[str, Any], schema_id: object) -> tuple[_Reader, dict[str, Any]]:
    """Finds the reader for the version that the sender names, and brings the properties to it."""
    return reader, event


def _tidied(event: dict[str, Any]) -> dict[str, Any]:
    """Brings an envelope to the form that the specification gives it, where clients are known to differ."""
    tidy = {key: value for key, value in event.items() if value is not None or key not in _ABSENT_IF_NULL}
    return tidy


_ABSENT_IF_NULL = frozenset((*_IDS, *_TIMES, *_OBJECTS))
_ = (math, uuid, UTC, datetime, title)
