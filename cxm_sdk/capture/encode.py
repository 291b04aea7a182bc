"""How an event's values become JSON: what has no form there gets one, by these rules, and never an exception.

========================================  =====================================================================
value                                     on the wire
========================================  =====================================================================
``str``, ``int``, ``float``, ``bool``     itself; NaN and infinities are ``null``; half a surrogate pair is U+FFFD
``Decimal``                               a number with exactly its digits; NaN and infinities are ``null``
``datetime``                              RFC 3339 text; one without zone is taken as UTC
pandas' ``NaT`` and ``NA``                ``null``
``date``, ``time``                        ISO 8601 text
``timedelta``                             seconds
``UUID``, ``PurePath``                    text
``Enum``                                  its value
``bytes``, ``bytearray``, ``memoryview``  text if they are UTF-8, else Base64
``set``, ``deque``, any other collection  list
mapping, dataclass, named tuple           object; a named tuple is a list
object with ``to_properties()``           what that gives (typed events); likewise ``model_dump()`` of pydantic
NumPy scalar or array                     what ``.tolist()`` gives
an object that holds itself               ``null`` in the place where it comes again
anything deeper than 64 containers        ``null``
any other object                          its ``str()``, or ``null`` if that raises
key that is not text                      its JSON text for numbers, booleans and None; else as the value's text
========================================  =====================================================================

Iterators are not read, as that would use them up: they are other objects. A collection is read up to the number of
items that an event could hold at all.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from itertools import islice
from typing import Any, Final

from cxm_sdk._native.jsonbytes import TooLargeError, encode, encode_with
from cxm_sdk.errors import EventError

__all__ = ["EVENT_LIMIT", "TooLargeError", "check", "encoded", "encoded_typed", "plain", "rfc3339"]

EVENT_LIMIT: Final = 32 * 1024
"""Most bytes of one event that receivers of the Segment wire take."""

_NULL: Final = b"null"
_DEEPEST: Final = 64


def encoded(event: Mapping[str, Any], limit: int = EVENT_LIMIT) -> bytes:
    """Writes an event as JSON, whatever its values are.

    Args:
        event: The event as it goes over the wire. It is not changed.
        limit: Longest text allowed, in bytes.

    Returns:
        UTF-8 text without spaces.

    Raises:
        TooLargeError: The text is longer than the limit.

    Example:
        >>> from decimal import Decimal
        >>> encoded({"total": Decimal("42.00"), "rating": float("nan"), "tags": {"new"}})
        b'{"total":42.00,"rating":null,"tags":["new"]}'
    """
    return encode(event, limit, plain)


def encoded_typed(event: dict[str, Any], slot: str, body: Any) -> bytes:
    """Writes an event whose body is typed.

    Args:
        event: The event without its body. It is not changed.
        slot: Where the body stands: ``"properties"`` or ``"traits"``.
        body: An event of a class with ``json_layout()``, which says how it is written.

    Returns:
        UTF-8 text without spaces.

    Raises:
        TooLargeError: The text is longer than receivers take.
        EventError: Something in the body has no form in JSON.

    Example:
        >>> from cxm_sdk.events import CartViewed
        >>> encoded_typed({"userId": "u-1"}, "properties", CartViewed(cart_id="c-1"))
        b'{"userId":"u-1","properties":{"cart_id":"c-1"}}'
    """
    return encode_with(event, slot, body, type(body).json_layout(), EVENT_LIMIT, plain)


def rfc3339(moment: datetime) -> str:
    """Writes a moment as RFC 3339 text in UTC, to the millisecond, or to the microsecond if it has any.

    Args:
        moment: A time; one without zone is taken as UTC.

    Returns:
        The text, ending in ``Z``.

    Example:
        >>> rfc3339(datetime(2026, 3, 1, 13, tzinfo=UTC))
        '2026-03-01T13:00:00.000Z'
    """
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    fine = "microseconds" if utc.microsecond % 1000 else "milliseconds"
    return f"{utc.replace(tzinfo=None).isoformat(timespec=fine)}Z"


def check(value: object, where: str = "") -> None:
    """Says what in an event would not reach the wire as it is; for strict clients.

    Args:
        value: The event, or a part of it.
        where: Path of the part.

    Raises:
        EventError: Something in it has no exact form in JSON.
    """
    _check(value, where, ())


def _check(value: object, where: str, above: tuple[int, ...]) -> None:
    if id(value) in above or len(above) >= _DEEPEST:
        raise EventError(f"{where}: holds itself, or lies more than {_DEEPEST} containers deep.")
    inside = (*above, id(value))
    if isinstance(value, float) and not math.isfinite(value):
        raise EventError(f"{where}: a finite number was expected.", hint="leave the property out")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise EventError(f"{where}: a datetime without zone.", hint="datetime.now(UTC) has one")
    if isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise EventError(f"{where}: keys must be text, one is of type {type(key).__name__}.")
            _check_text(key, where)
            _check(item, f"{where}.{key}" if where else key, inside)
    elif isinstance(value, list | tuple | set | frozenset):
        for position, item in enumerate(value):
            _check(item, f"{where}[{position}]", inside)
    elif isinstance(value, bytes | bytearray | memoryview) or not _known(value):
        raise EventError(f"{where}: a value of type {type(value).__name__} has no form in JSON.")


def _check_text(value: str, where: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise EventError(f"{where}: text with half of a surrogate pair at {error.start}.") from None


def _known(value: object) -> bool:
    """Whether there is a rule for a value that is better than its ``str()``."""
    if value is None or isinstance(value, int | float | date | time | timedelta | Enum):
        return True
    return not isinstance(_converted(value), _Unknown)


class _Unknown:
    """Stands for a value that no rule is for."""


def plain(value: Any, is_key: bool) -> object:
    """Gives what is written in the place of a value that is not plain; never raises.

    Args:
        value: The value.
        is_key: Whether it is a key.

    Returns:
        Something plainer, or bytes that are JSON already; for a key text, or None where it has none.

    Example:
        >>> plain({"new"}, False)
        ['new']
    """
    try:
        if is_key:
            return _key(value)
        found = _converted(value)
        return str(value) if isinstance(found, _Unknown) else found
    except Exception:
        return None


def _key(value: Any) -> str:
    if isinstance(value, Enum):
        return _key(value.value)
    if isinstance(value, str):
        return value[:]  # the text itself, as a plain str
    if value is None or isinstance(value, bool | int | float):
        return encode(value, 400, plain).decode()
    found = _converted(value)
    if isinstance(found, bytes):
        return found.decode()
    return found if isinstance(found, str) else str(value)


def _converted(value: Any) -> object:
    """The rules of the table, most frequent first."""
    kind = type(value)
    if isinstance(value, datetime):
        return rfc3339(value) if value == value else None  # pandas' NaT is a datetime that equals nothing
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return str.__getitem__(value, slice(None))
    if isinstance(value, int):
        return int.__add__(value, 0)
    if isinstance(value, float):
        return float.__add__(value, 0.0)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if kind.__module__ in ("decimal", "_decimal", "_pydecimal"):
        return f"{value:f}".encode() if value.is_finite() else _NULL
    if kind.__module__ in ("uuid", "pathlib", "pathlib._local"):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return _text_of(bytes(value))
    if kind.__name__ == "NAType":  # pandas' NA
        return None
    return _container(value)


def _container(value: Any) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "to_properties"):
        return value.to_properties()
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields is not None:
        return {name: getattr(value, name) for name in fields}
    if type(value).__module__.partition(".")[0] == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Collection):
        return list(islice(value, EVENT_LIMIT))
    return _Unknown()


def _text_of(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        from base64 import b64encode

        return b64encode(value).decode()
