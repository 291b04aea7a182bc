"""Which fields hold personal data, and of what kind."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["PrivacyClass"]


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
