"""The envelope that every event travels in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self

from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    InstanceOf,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticSerializationError, to_jsonable_python

from cxm_sdk.errors import EventError
from cxm_sdk.events.privacy import PrivacyClass
from cxm_sdk.events.problems import event_error
from cxm_sdk.events.typed import TypedEvent, unwritable

__all__ = ["NEEDS", "Event", "EventType", "ExternalId"]

EventType = Literal["track", "identify", "page", "screen", "group", "alias"]

NEEDS: Mapping[str, tuple[str, ...]] = {
    "track": ("name",),
    "identify": (),
    "page": (),
    "screen": (),
    "group": ("group_id",),
    "alias": ("previous_id", "user_id"),
}
"""What each type of call needs besides type, message id and time."""

Id = Annotated[str, StringConstraints(min_length=1), PrivacyClass.IDENTIFIER]
Body = InstanceOf[TypedEvent] | dict[str, Any]

_TIMES = (
    ("original_timestamp", "originalTimestamp"),
    ("sent_at", "sentAt"),
    ("received_at", "receivedAt"),
)
_TEXTS = (
    ("category", "category"),
    ("source", "source"),
    ("user_id", "userId"),
    ("anonymous_id", "anonymousId"),
    ("group_id", "groupId"),
    ("previous_id", "previousId"),
)
_DICTS = ("context", "integrations")
#: Bits of the longest whole number that Python writes as text: it refuses more than 4,300 digits.
_MOST_BITS = 14_000


class ExternalId(NamedTuple):
    """A further identifier of the customer, as ``context.externalIds`` carries it.

    Attributes:
        type: What kind of identifier it is, such as ``"loyalty_id"``.
        id: The identifier.
        collection: Whom it names: ``"users"`` or ``"accounts"``.

    Example:
        >>> ExternalId("loyalty_id", "L-7", "users").type
        'loyalty_id'
    """

    type: str
    id: str
    collection: str


class Event(BaseModel):
    """One event: who, when, where from, and its typed or plain properties.

    It is frozen. Envelope keys that it does not know are kept, too. On the wire it has the spelling of the Segment
    specification; read it from there with ``cxm_sdk.events.parse``.

    Attributes:
        type: The call: track, identify, page, screen, group or alias.
        message_id: Unique name of this event, up to 100 characters; made when left out.
        name: What happened (track), or the name of the page or screen; None where there is none.
        category: Category of the page or screen.
        timestamp: When it happened; now, when left out.
        original_timestamp: When it happened by the sender's clock.
        sent_at: When it was sent, by the sender's clock.
        received_at: When it was received.
        source: Which system or write key it came from.
        user_id: The customer's id in the host's own system.
        anonymous_id: Id of a device or browser.
        group_id: Id of a company, account or other group.
        previous_id: The id that is given up for ``user_id`` (alias).
        context: Where it happened: page, device, campaign, consent, library, schema.
        integrations: Where it may be forwarded to.
        properties: A typed event where the name is known, else a dict (track, page, screen).
        traits: Typed traits, or a dict (identify, group).

    Example:
        >>> event = Event(type="track", name="Tea Poured", anonymous_id="dev-9", properties={"cups": 2})
        >>> event.properties["cups"], event.to_wire()["event"]
        (2, 'Tea Poured')
    """

    model_config = ConfigDict(
        extra="allow", frozen=True, populate_by_name=True, hide_input_in_errors=True, defer_build=True
    )

    type: EventType
    message_id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] = (
        Field(validation_alias="messageId", default_factory=lambda: str(uuid.uuid4()))
    )
    name: Annotated[str, StringConstraints(min_length=1)] | None = Field(
        default=None, validation_alias=AliasChoices("event", "name")
    )
    category: str | None = None
    timestamp: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    original_timestamp: AwareDatetime | None = Field(default=None, validation_alias="originalTimestamp")
    sent_at: AwareDatetime | None = Field(default=None, validation_alias="sentAt")
    received_at: AwareDatetime | None = Field(default=None, validation_alias="receivedAt")
    source: str | None = None
    user_id: Id | None = Field(default=None, validation_alias="userId")
    anonymous_id: Id | None = Field(default=None, validation_alias="anonymousId")
    group_id: Id | None = Field(default=None, validation_alias="groupId")
    previous_id: Id | None = Field(default=None, validation_alias="previousId")
    context: dict[str, Any] = Field(default_factory=dict)
    integrations: dict[str, Any] | None = None
    properties: Body = Field(default_factory=dict)
    traits: Body = Field(default_factory=dict)

    if not TYPE_CHECKING:  # type checkers read the fields

        def __init__(self, /, **values: Any) -> None:
            try:
                super().__init__(**values)
            except ValidationError as error:
                raise event_error(error, "event") from None
            for name in NEEDS[self.type]:
                if getattr(self, name) is None:
                    raise EventError(f"{self.type}: at {name}: this is required.")

        # pydantic calls the constructor of a model from within only where this mark is missing
        __init__.__pydantic_base_init__ = True

    @classmethod
    def of(cls, body: TypedEvent, **envelope: Any) -> Self:
        """Puts a typed event into its envelope.

        Args:
            body: The properties or traits; they say what type and name the event has.
            **envelope: Further attributes of the event, such as ``user_id`` and ``timestamp``.

        Returns:
            The event; its ``context.schema`` names class and version of the body.

        Raises:
            EventError: an attribute is of the wrong form, or one that the type needs is missing.

        Example:
            >>> from cxm_sdk.events import CartViewed
            >>> event = Event.of(CartViewed(cart_id="c-1"), user_id="u-1")
            >>> event.type, event.name, event.schema_id
            ('track', 'Cart Viewed', 'cxm:cart_viewed/1-0-0')
        """
        context = {**envelope.pop("context", {}), "schema": body.schema_id()}
        slot = "traits" if body.event_type in ("identify", "group") else "properties"
        named = {"name": body.event_name} if body.event_name else {}
        return cls(**{"type": body.event_type, "context": context, slot: body, **named, **envelope})

    @property
    def schema_id(self) -> str | None:
        """Class and version of properties or traits: ``context.schema``, else what they were read as, else None."""
        named = self.context.get("schema")
        if isinstance(named, str):
            return named
        typed = next((body for body in (self.properties, self.traits) if isinstance(body, TypedEvent)), None)
        return typed.schema_id() if typed is not None else None

    @property
    def external_ids(self) -> tuple[ExternalId, ...]:
        """The further identifiers in ``context.externalIds``; entries that are incomplete are left out."""
        listed = self.context.get("externalIds")
        entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
        return tuple(
            ExternalId(entry["type"], str(entry["id"]), str(entry.get("collection", "users")))
            for entry in entries
            if isinstance(entry.get("type"), str)
            and isinstance(entry.get("id"), str | int)
            and entry["id"] != ""
        )

    def to_wire(self) -> dict[str, Any]:
        """Writes the event in the spelling of the Segment specification.

        Returns:
            A new dict that JSON can hold; what is None is left out. ``cxm_sdk.events.parse`` reads it back to an
            equal event.

        Raises:
            EventError: something in it is of a kind that JSON cannot hold.

        Example:
            >>> Event(type="page", name="Home", user_id="u-1", message_id="m-1").to_wire()["name"]
            'Home'
        """
        wire: dict[str, Any] = {"type": self.type, "messageId": self.message_id}
        if self.name is not None:
            wire["event" if self.type == "track" else "name"] = self.name
        wire["timestamp"] = _rfc3339(self.timestamp)
        for name, key in _TIMES:
            if (moment := getattr(self, name)) is not None:
                wire[key] = _rfc3339(moment)
        for name, key in _TEXTS:
            if (text := getattr(self, name)) is not None:
                wire[key] = text
        slots = ("traits",) if self.type in ("identify", "group") else ("properties",)
        for slot in slots + tuple(slot for slot in ("properties", "traits") if slot not in slots):
            body = getattr(self, slot)
            if isinstance(body, TypedEvent):
                wire[slot] = body.to_properties()
            elif body:
                wire[slot] = _jsonable(body)
        for slot in _DICTS:
            if content := getattr(self, slot):
                wire[slot] = _jsonable(content)
        wire = {**_jsonable(self.model_extra or {}), **wire}
        if _holds_endless(wire):
            raise unwritable(Event, OverflowError())
        return wire

    def __repr__(self) -> str:
        """Names type and event, and nothing about the customer."""
        return f"Event({self.type}, {self.name!r})" if self.type == "track" else f"Event({self.type})"

    __str__ = __repr__


def _rfc3339(moment: datetime) -> str:
    try:
        return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    except OverflowError:  # the first or the last day that there is
        return moment.isoformat()


def _holds_endless(value: Any) -> bool:
    """Whether a whole number is among what JSON holds that is longer than Python writes or reads."""
    if type(value) is int:
        return value.bit_length() > _MOST_BITS
    if type(value) is dict:
        return any(map(_holds_endless, value.values()))
    return type(value) is list and any(map(_holds_endless, value))


def _jsonable(value: Any) -> Any:
    try:
        return to_jsonable_python(value, by_alias=True, exclude_none=False)
    except (PydanticSerializationError, ValueError, RecursionError, OverflowError) as error:
        raise unwritable(Event, error) from None
