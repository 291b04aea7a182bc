"""Payloads as JSON gives them, with every digit of their numbers; forms become what JSON would hold."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from pydantic_core import from_json

from cxm_sdk._native.fields import exact_in_floats
from cxm_sdk.errors import AdapterError

__all__ = ["DECODER", "loaded"]


def _exact(text: str) -> float | Decimal:
    """A number with a fraction; as a decimal where a float would be another number."""
    made = float(text)
    if len(text) < 16 and "e" not in text and "E" not in text:  # every number of 15 digits survives
        return made
    exact = Decimal(text)
    return made if math.isfinite(made) and Decimal(repr(made)) == exact else exact


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


DECODER = json.JSONDecoder(parse_float=_exact, parse_constant=_no_number)
"""Reads JSON: whole numbers and fractions to the last digit, and no NaN."""


#: How forms begin, and no JSON does.
_FORM = re.compile(r"\s*\??[A-Za-z_][\w.%+\[\]-]*=", re.ASCII)


def _form(text: str) -> dict[str, str | list[str]]:
    """The fields of a form; several of one name as a list."""
    found = parse_qs(text, keep_blank_values=True, strict_parsing=True)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def loaded(payload: Any) -> Any:
    """A payload as JSON gives it.

    Args:
        payload: Bytes or text of JSON, or of a form (``name=value&name=value``) as it is posted, or as it stands behind
            an address; anything else is taken as it is.

    Returns:
        The payload. Numbers keep all digits: those with more than a float holds are ``Decimal``.

    Raises:
        AdapterError: When it is neither.

    Example:
        >>> loaded(b'{"id": 9007199254740993, "price": 19.99, "rate": 0.1234567890123456789}')
        {'id': 9007199254740993, 'price': 19.99, 'rate': Decimal('0.1234567890123456789')}
        >>> loaded(b"SurveyID=SV_1&Status=Complete")
        {'SurveyID': 'SV_1', 'Status': 'Complete'}
    """
    if isinstance(payload, bytearray):
        payload = bytes(payload)
    if type(payload) is bytes:
        if exact_in_floats(payload):
            try:
                return from_json(payload, allow_inf_nan=False, cache_strings="keys")
            except ValueError:  # no JSON, or some that only the other reader takes, such as half a character
                pass
    elif not isinstance(payload, str):
        return payload
    try:
        text = payload if isinstance(payload, str) else payload.decode().removeprefix("\ufeff")
        if _FORM.match(text):
            return _form(text.strip().removeprefix("?"))
        return DECODER.decode(text)
    except UnicodeDecodeError:
        raise AdapterError("payload: expected UTF-8, got bytes that are none.") from None
    except (ValueError, RecursionError) as error:
        where = f" at character {error.pos:,}" if isinstance(error, json.JSONDecodeError) else ""
        raise AdapterError(f"payload: expected JSON, got something else{where}.") from None
