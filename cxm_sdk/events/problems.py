"""From what pydantic found wrong to one error that says where and what, and holds no value."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cxm_sdk.errors import EventError

__all__ = ["event_error"]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")
_SHOWN = 3
_LONGEST = 160
# Messages of these kinds repeat what came, or are about Python.
_EXPECTED = {
    "missing": "this is required",
    "union_tag_invalid": "expected another kind",
    "decimal_type": "expected an amount",
    "decimal_parsing": "expected an amount",
    "no_such_attribute": "expected an object with attributes",
    "invalid_key": "expected keys of text",
    "is_instance_of": "expected an event",
    "recursion_loop": "expected no value inside itself",
}


def event_error(error: ValidationError, what: str) -> EventError:
    """Builds the error of an event that cannot be read or made.

    Args:
        error: What pydantic raised.
        what: The event, by its name in the catalogue; the message starts with it.

    Returns:
        The error: path, what was expected and the type that came, for the first three problems. Values are left
        out, and so are parts of a path that are no field names.

    Example:
        >>> from pydantic import TypeAdapter
        >>> try:
        ...     TypeAdapter(dict[str, int]).validate_python({"ada@example.com": "secret"})
        ... except ValidationError as error:
        ...     print(event_error(error, "Order Completed"))
        Order Completed: at *: expected a valid integer, unable to parse string as an integer, got str.
    """
    found = error.errors(include_url=False)
    more = f"; {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return EventError(f"{what}: {'; '.join(map(_line, found[:_SHOWN]))}{more}.")


def _line(found: ErrorDetails) -> str:
    kind = found["type"]
    text = _EXPECTED.get(kind) or found["msg"].replace("Input should be", "expected").removeprefix(
        "Value error, "
    )
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    came = "" if kind == "missing" else f", got {type(found['input']).__name__}"
    return f"{_path(found['loc'])}{text}{came}"


def _path(parts: Iterable[int | str]) -> str:
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not part.startswith(
            ("function-", "union", "nullable", "is-instance", "dict[", "literal[", "chain")
        ):
            path += ("." if path else "") + (part if _PLAIN.fullmatch(part) else "*")
    return f"at {path}: " if path else ""
