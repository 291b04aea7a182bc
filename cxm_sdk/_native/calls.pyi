"""Calls of events as they stand on the wire, and objects that hold what was read, made in little time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, final

_Made = TypeVar("_Made")

class _Named(Protocol):
    @property
    def namespace(self) -> str: ...
    @property
    def raw(self) -> str: ...

@final
class Maker(Generic[_Made]):
    """Makes objects of a frozen dataclass with slots in a quarter of the time that its constructor takes.

    Args:
        cls: The class; it may not do anything else when it is made.

    Example:
        >>> from cxm_sdk.adapters import Merge
        >>> Maker(Merge)("crm.contact", "17", "18", None, "crm") == Merge("crm.contact", "17", "18", None, "crm")
        True
    """

    def __init__(self, cls: type[_Made]) -> None: ...
    def __call__(self, *values: object) -> _Made:
        """Makes an object.

        Args:
            *values: Of all fields, in order.

        Returns:
            The object.

        Raises:
            TypeError: These are more values than fields, or fewer.
        """

def message_id(*parts: object) -> str:
    """Names an event by what makes it what it is, so that the same event has the same name every time.

    Args:
        *parts: Ids and times.

    Returns:
        40 hexadecimal digits: BLAKE2b of the parts, parted by U+001F, with a digest of 20 bytes.

    Example:
        >>> message_id("hubspot", 62515, 100) == message_id("hubspot", "62515", "100")
        True
    """

def identity_context(identifiers: Sequence[_Named]) -> dict[str, Any]:
    """Puts identifiers where events carry them: as external ids, e-mail and phone also as traits.

    The first user id and the first anonymous id stand in the envelope itself and are left out here.

    Args:
        identifiers: Of the customer.

    Returns:
        Part of the ``context`` of an event.

    Example:
        >>> from cxm_sdk.adapters import Identifier
        >>> identity_context((Identifier("phone", "1174960101", "0117 4960101"),))
        {'traits': {'phone': '0117 4960101'}, 'externalIds': [{'id': '0117 4960101', 'type': 'phone', ...}]}
    """

def call(
    what: tuple[str, str, str | None],
    source: str,
    key: Iterable[object],
    at: datetime,
    identifiers: Sequence[_Named],
    properties: Mapping[str, Any],
    context: Mapping[str, Any],
) -> dict[str, Any]:
    """Writes the call of an event as it stands on the wire.

    Args:
        what: Type of the call, the key that its properties have, and its name or None.
        source: Where it comes from.
        key: What tells this event from all others of the source.
        at: When it happened.
        identifiers: Of the customer.
        properties: Its properties; None values are left out.
        context: Further context.

    Returns:
        What ``cxm_sdk.events.parse`` reads.

    Example:
        >>> from datetime import UTC
        >>> at = datetime(2026, 1, 1, tzinfo=UTC)
        >>> made = call(("track", "properties", "Tea Poured"), "shop", ("1",), at, (), {}, {})
        >>> made["type"], made["event"], made["properties"]
        ('track', 'Tea Poured', {})
    """
