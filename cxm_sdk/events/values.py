"""Types that the fields of events share: money, currencies, scores, and classes of personal data.

What a type checker sees and what happens at run time differ in three places, so that constructors take what
people write: ``Money`` takes text and numbers and gives ``Decimal``; ``Many`` takes any sequence and gives a
tuple; ``Currency`` takes a code in any case and gives the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, overload

from pydantic import AwareDatetime, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainSerializer
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from cxm_sdk.events.currencies import CURRENCIES
from cxm_sdk.events.privacy import PrivacyClass

__all__ = [
    "ABSENT",
    "Contact",
    "Currency",
    "FreeText",
    "Identifier",
    "Many",
    "Money",
    "Special",
    "Text",
    "Time",
    "json_number",
]

Item = TypeVar("Item")

_EXACT = 16
"""Letters of a decimal number, point included, that a double is sure to keep: 15 digits."""


def json_number(value: Decimal) -> float | int | str:
    """Writes a decimal number as JSON can carry it.

    Args:
        value: A finite number.

    Returns:
        An int or float that reads back as the same decimal number, or its text where no double does.

    Example:
        >>> json_number(Decimal("42.10")), json_number(Decimal("7")), json_number(Decimal("0.1234567890123456789"))
        (42.1, 7, '0.1234567890123456789')
    """
    text = str(value)
    if len(text) > _EXACT or "E" in text:
        number = float(value)
        return number if isfinite(number) and Decimal(repr(number)) == value else text
    return float(text) if "." in text else int(text)


class _CurrencyCode:
    """Tells pydantic what a currency is: looked up first as it is, then in upper case."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        codes = core_schema.literal_schema(sorted(CURRENCIES))
        other = core_schema.chain_schema([core_schema.str_schema(to_upper=True, max_length=3), codes])
        return core_schema.union_schema([codes, other], mode="left_to_right", custom_error_type="currency",
            custom_error_message="Input should be a currency code of ISO 4217")  # fmt: skip

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "enum": sorted(CURRENCIES)}


if TYPE_CHECKING:

    class Money:
        """An amount: ``Decimal`` when read; text, numbers or ``Decimal`` when given; None where there is none."""

        @overload
        def __get__(self, instance: None, owner: type) -> Money: ...
        @overload
        def __get__(self, instance: object, owner: type) -> Decimal | None: ...
        def __get__(self, instance: object, owner: type) -> Money | Decimal | None: ...
        def __set__(self, instance: object, value: Decimal | str | float | None) -> None: ...

    Many = Sequence[Item]
    Currency = str
else:
    Money = Annotated[
        Decimal | None,
        PlainSerializer(json_number, return_type=float | int | str, when_used="json-unless-none"),
    ]
    Many = tuple[Item, ...]
    Currency = Annotated[str, _CurrencyCode]

ABSENT: Any = None
"""The default of a ``Money``, which type checkers would not take as None."""

Text = str | None
"""Text that says nothing about a person by itself."""

Time = AwareDatetime | None
"""A time with its zone."""

Identifier = Annotated[str | None, PrivacyClass.IDENTIFIER]
"""Names one person, device, account or card."""

Contact = Annotated[str | None, PrivacyClass.CONTACT]
"""Reaches a person, or is a name."""

FreeText = Annotated[str | None, PrivacyClass.FREE_TEXT]
"""Written by a person."""

Special = Annotated[str | None, PrivacyClass.SPECIAL]
"""Needs special care by law."""
