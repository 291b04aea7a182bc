"""What every typed event has: a name, a version, typed properties, and the way to the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, PydanticUserError, ValidationError
from pydantic_core import PydanticSerializationError

from cxm_sdk._native.jsonbytes import Layout
from cxm_sdk._native.shapes import Shape
from cxm_sdk.errors import EventError
from cxm_sdk.events.privacy import PrivacyClass, joined_path
from cxm_sdk.events.problems import event_error

__all__ = ["Part", "TypedEvent"]


class Part(BaseModel):
    """A typed piece of an event, such as a product of an order; what it does not know, it keeps.

    It is frozen. Numbers given for text become text. Whatever is None is absent: it is not written.

    Example:
        >>> from cxm_sdk.events import Product
        >>> Product(product_id="p-1", price="35.00", colour="red").colour
        'red'
    """

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        defer_build=True,
        populate_by_name=True,
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )

    if not TYPE_CHECKING:  # type checkers read the fields

        def __init__(self, /, **values: Any) -> None:
            cls = type(self)
            try:
                shape = _shapes[cls]
            except KeyError:
                shape = _shape(cls)
            if shape is not None and shape.fill(self, values):
                return
            try:
                super().__init__(**values)
            except ValidationError as error:
                raise event_error(error, title(type(self))) from None

        # pydantic calls the constructor of a model from within only where this mark is missing
        __init__.__pydantic_base_init__ = True

    def __repr__(self) -> str:
        """Names the fields that are there, and none of their values."""
        there = [name for name, value in self if value is not None and name in type(self).model_fields]
        return f"{type(self).__name__}({', '.join(f'{name}=…' for name in there)})"

    __str__ = __repr__


class TypedEvent(Part):
    """The typed properties of an event, or the typed traits of a person or group.

    Subclasses name the event; an event of your own is a subclass too (see
    ``cxm_sdk.events.registry.register``).

    Attributes:
        event_type: The call that carries it: ``"track"``, ``"identify"``, ``"group"``, ``"page"``, ``"screen"``.
        event_name: Its name on the wire; empty for traits, which have none.
        schema_version: MODEL-REVISION-ADDITION of its properties.

    Example:
        >>> from cxm_sdk.events import OrderCompleted
        >>> order = OrderCompleted(order_id="o-1", total="42.00", currency="EUR")
        >>> order.total, order.event_name, order.to_properties()
        (Decimal('42.00'), 'Order Completed', {'order_id': 'o-1', 'currency': 'EUR', 'total': 42.0})
    """

    event_type: ClassVar[str] = "track"
    event_name: ClassVar[str] = ""
    schema_version: ClassVar[str] = "1-0-0"

    @classmethod
    def schema_id(cls) -> str:
        """Names class and version, as ``context.schema`` carries them.

        Returns:
            ``cxm:NAME/VERSION``; the name in snake case.

        Example:
            >>> from cxm_sdk.events import OrderCompleted
            >>> OrderCompleted.schema_id()
            'cxm:order_completed/1-0-0'
        """
        return _schema_id(cls)

    @classmethod
    def privacy_fields(cls) -> Mapping[str, PrivacyClass]:
        """Tells which properties hold personal data.

        Returns:
            Class by path: fields by their name on the wire, parted by dots, ``[]`` behind a list.

        Example:
            >>> from cxm_sdk.events import ProductShared
            >>> ProductShared.privacy_fields()["recipient"]
            <PrivacyClass.CONTACT: 'contact'>
        """
        return _privacy_fields(cls)

    def to_properties(self) -> dict[str, Any]:
        """Writes the properties as JSON would hold them.

        Returns:
            A new dict of text, numbers, lists and dicts. Amounts are numbers, times are RFC 3339.

        Raises:
            EventError: a property that the class does not know is of a kind that JSON cannot hold.

        Example:
            >>> from cxm_sdk.events import CartViewed, Product
            >>> CartViewed(cart_id="c-1", products=[Product(price="9.90")]).to_properties()
            {'cart_id': 'c-1', 'products': [{'price': 9.9}]}
        """
        try:
            properties: dict[str, Any] = self.__pydantic_serializer__.to_python(
                self, mode="json", by_alias=True, exclude_none=True
            )
        except (PydanticSerializationError, ValueError, RecursionError, OverflowError) as error:
            raise unwritable(type(self), error) from None
        return properties

    def to_properties_json(self) -> bytes:
        """Writes the properties as JSON, in one step.

        Returns:
            A JSON object in UTF-8.

        Raises:
            EventError: a property that the class does not know is of a kind that JSON cannot hold.

        Example:
            >>> from cxm_sdk.events import CartViewed
            >>> CartViewed(cart_id="c-1").to_properties_json()
            b'{"cart_id":"c-1"}'
        """
        try:
            return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_none=True)
        except (PydanticSerializationError, ValueError, RecursionError, OverflowError) as error:
            raise unwritable(type(self), error) from None

    @classmethod
    def json_layout(cls) -> Layout:
        """Says how events of this class are written without pydantic, wherever that gives the same.

        Returns:
            The layout, for ``cxm_sdk._native.jsonbytes``.

        Example:
            >>> from cxm_sdk.events import OrderCompleted
            >>> OrderCompleted.json_layout() is OrderCompleted.json_layout()
            True
        """
        found = _layouts.get(cls)
        if found is None:
            from cxm_sdk.events.layouts import layout_of  # it needs this module

            found = _layouts.setdefault(cls, layout_of(cls))
        return found


_shapes: dict[type[Part], Shape[Any] | None] = {}
"""What needs no look of pydantic's, by class."""
_layouts: dict[type[TypedEvent], Layout] = {}
"""How events are written, by class."""


def title(cls: type[BaseModel]) -> str:
    """Names a class in messages.

    Args:
        cls: A class of events or of their parts.

    Returns:
        The name of the event, else of the class.

    Example:
        >>> from cxm_sdk.events import OrderCompleted, Product
        >>> title(OrderCompleted), title(Product)
        ('Order Completed', 'Product')
    """
    return getattr(cls, "event_name", "") or cls.__name__


def unwritable(cls: type[BaseModel], error: Exception) -> EventError:
    """Builds the error of something that JSON cannot hold.

    Args:
        cls: What was to be written.
        error: Why it was not.

    Returns:
        The error, without a value.

    Example:
        >>> unwritable(Part, ValueError("…")).code
        'event'
    """
    return EventError(
        f"{title(cls)}: a property is of a kind that JSON cannot hold ({type(error).__name__}).",
        hint="Use text, numbers, booleans, times, lists and dicts with text as keys.",
    )


def snake(name: str) -> str:
    """Brings a name to snake case.

    Args:
        name: The name of an event or of a class.

    Returns:
        Lower case letters and digits, parted by ``_``.

    Example:
        >>> snake("In-App Message Viewed"), snake("IdentifyTraits")
        ('in_app_message_viewed', 'identify_traits')
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def _shape(cls: type[Part]) -> Shape[Any] | None:
    """Makes the shape of a class that was not met before."""
    from cxm_sdk.events.shapes import part_shape  # it needs this module

    try:
        return _shapes.setdefault(cls, part_shape(cls))
    except PydanticUserError:  # it names classes that are not there yet, as pydantic will say
        return None


@cache
def _schema_id(cls: type[TypedEvent]) -> str:
    return f"cxm:{snake(title(cls))}/{cls.schema_version}"


@cache
def _privacy_fields(cls: type[TypedEvent]) -> Mapping[str, PrivacyClass]:
    return MappingProxyType(dict(_classified(cls, "")))


def _classified(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, PrivacyClass]]:
    for name, field in model.model_fields.items():
        path = prefix + joined_path([field.serialization_alias or field.alias or name])
        found = [item for item in field.metadata if isinstance(item, PrivacyClass)]
        if found:
            yield path, found[0]
        else:
            yield from _inside(field.annotation, path)


def _inside(annotation: Any, path: str) -> Iterator[tuple[str, PrivacyClass]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _classified(annotation, f"{path}.")
        return
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        found = [item for item in parts[1:] if isinstance(item, PrivacyClass)]
        if found:
            yield path, found[0]
            return
        parts = parts[:1]
    for part in parts:
        yield from _inside(part, f"{path}[]" if origin in (list, tuple) else path)
