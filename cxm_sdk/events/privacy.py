r"""Which fields hold personal data, of what kind, and what is done to them before anything is stored or sent.

:class:`PrivacyClass` says what kind of data a field holds; :class:`PrivacyRules` says what happens to each kind and
rewrites events in their wire form. Where a field stands is written as a dotted path such as ``traits.email``,
``properties.products[].name`` or ``context.traits.*``; ``[]`` stands for every item of a list, ``*`` for every key,
and a dot or a backslash inside a key has a backslash before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cxm_sdk.errors import InputError

if TYPE_CHECKING:
    from cxm_sdk.events.privacy_rules import PrivacyAction, PrivacyRules

__all__ = ["PrivacyAction", "PrivacyClass", "PrivacyRules", "joined_path", "split_path"]


class PrivacyClass(StrEnum):
    """What kind of personal data a field holds; it stands in a field's annotation.

    Example:
        >>> from typing import Annotated
        >>> Comment = Annotated[str, PrivacyClass.FREE_TEXT]
    """

    IDENTIFIER = "identifier"
    """Names one person or device: user, anonymous, account, card and device ids."""

    CONTACT = "contact"
    """Reaches a person: e-mail address, phone number, postal address, name."""

    FREE_TEXT = "free_text"
    """Written by a person: comments, subjects, messages; may hold anything."""

    SPECIAL = "special"
    """Needs special care by law: health, beliefs, biometrics, exact position."""


def split_path(path: str) -> tuple[str, ...]:
    r"""Takes a dotted path apart.

    Args:
        path: Such as ``properties.products[].name``.

    Returns:
        Its keys; ``[]`` is one of its own.

    Raises:
        InputError: The path is empty or has an empty part.

    Example:
        >>> split_path(r"properties.products[].unit\.price")
        ('properties', 'products', '[]', 'unit.price')
    """
    parts = [""]
    for piece in re.findall(r"\\.|\[\](?=[.\[]|$)|.|\\$", path, re.DOTALL):
        if piece == ".":
            parts.append("")
        elif piece == "[]":
            parts.append("[]")
        elif parts[-1] == "[]":
            parts = []  # nothing but a dot or another list comes behind a list
            break
        else:
            parts[-1] += piece[-1]
    if not parts or not all(parts):
        raise InputError(
            "A path names keys with dots between them, and one of them is empty.",
            hint="Write it as in properties.products[].name.",
        )
    return tuple(parts)


def joined_path(keys: Iterable[str]) -> str:
    r"""Writes keys as a dotted path, the reverse of :func:`split_path`.

    Args:
        keys: Keys from the outside in; ``[]`` for items of a list.

    Returns:
        The path.

    Example:
        >>> joined_path(["products", "[]", "unit.price"])
        'products[].unit\\.price'
    """
    path = ""
    for key in keys:
        path += key if key == "[]" else "." + key.replace("\\", "\\\\").replace(".", "\\.")
    return path.removeprefix(".")


def __getattr__(name: str) -> Any:
    if name in (
        "PrivacyAction",
        "PrivacyRules",
    ):  # whoever only classifies fields does without what rewrites events
        from cxm_sdk.events import privacy_rules

        return getattr(privacy_rules, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
