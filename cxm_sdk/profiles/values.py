"""What databases, data frames and programs hold becomes what JSON can hold, before an item is looked at.

========================================  ====================================================
value                                     becomes
========================================  ====================================================
NaN, infinities, ``NaT``, ``NA``          null
``datetime``, ``date``, ``time``          ISO 8601 text
``Decimal``                               a whole number where it is one, else a number
``UUID``                                  text
``Enum``                                  its value
``bytes``                                 text, if they are UTF-8
``set``, ``frozenset``                    a list, in the order of its texts
NumPy scalar or array                     what ``tolist()`` gives
key that is a number                      text
========================================  ====================================================
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any

__all__ = ["id_text", "number_text", "plain_value"]

#: A float holds every whole number below it, and writes it in digits.
_WHOLE = 1e15


def plain_value(value: Any) -> object:
    """Brings a value to what JSON can hold, with everything in it.

    Args:
        value: An item, or a part of one.

    Returns:
        Texts, numbers, booleans, None, and lists and mappings of these.

    Raises:
        TypeError: Something in it has no such form; the message is the name of its type.
        ValueError: Bytes are no text.
        RecursionError: It holds itself, or is too deep.

    Example:
        >>> from uuid import UUID
        >>> plain_value({"id": UUID(int=17), "total": Decimal("42.00"), "tags": {"new"}, "age": float("nan")})
        {'id': '00000000-0000-0000-0000-000000000011', 'total': 42, 'tags': ['new'], 'age': None}
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return plain_value(value.value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_key(key): plain_value(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(part) for part in value]
    if isinstance(value, set | frozenset):
        return sorted((plain_value(part) for part in value), key=str)
    return _scalar(value)


def _scalar(value: Any) -> object:
    """The rules for what is rarer."""
    kind = type(value)
    module = kind.__module__.partition(".")[0]
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.decode()
    if module == "uuid":
        return str(value)
    if kind.__name__ == "NAType" or (isinstance(value, date | time) and value != value):
        return None  # pandas' NA, and its NaT, which is a date that equals nothing
    if module == "numpy" and hasattr(value, "dtype"):
        if value.dtype.kind in "mM":  # as text, as nanoseconds would be numbers
            return plain_value(value.astype(str).tolist()) if str(value) != "NaT" else None
        return plain_value(value.tolist())
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(kind.__name__)


def _key(key: object) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    if isinstance(key, int) and not isinstance(key, bool):
        return str(key)
    raise TypeError(f"key of type {type(key).__name__}")


def number_text(value: float) -> str | None:
    """Writes a number as people write it.

    A column of whole numbers with gaps is one of floats in a data frame: 17.0 is 17, as on the batch side.

    Args:
        value: The number.

    Returns:
        The text; None where it is none.

    Example:
        >>> number_text(17.0), number_text(0.5), number_text(float("nan"))
        ('17', '0.5', None)
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        if value.is_integer() and abs(value) < _WHOLE:
            return str(int(value))
    return str(value)


def id_text(value: object) -> str | None:
    """Writes an id as text: text itself, numbers, and what else ``plain_value`` makes text or a number of.

    Args:
        value: The id.

    Returns:
        The text; None where it is no id.

    Example:
        >>> id_text(17), id_text(17.0), id_text("u-1"), id_text(True), id_text(["u-1"])
        ('17', '17', 'u-1', None, None)
    """
    if isinstance(value, str):
        return value
    try:
        plain = plain_value(value)
    except (TypeError, ValueError, RecursionError):
        return None
    if isinstance(plain, str):
        return plain
    return number_text(plain) if isinstance(plain, int | float) and not isinstance(plain, bool) else None
