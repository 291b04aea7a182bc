"""The shape of events that are beyond doubt: what pydantic would take as it is, read without it.

A shape is made from the schema that pydantic's own validator is made of, and takes less than that: exact text, numbers,
amounts and times in their usual spelling. What is in doubt is left to the validator, which alone converts and refuses.
Both give equal events; a property test holds them side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from types import NoneType
from typing import Any, TypeVar

from pydantic_core import SchemaValidator, core_schema

from cxm_sdk._native.shapes import Shape
from cxm_sdk.events.envelope import Event

__all__ = ["class_shape", "event_shape", "part_shape"]

_Made = TypeVar("_Made")

_ENDLESS = 2**62
_SILENT = {"type", "metadata", "serialization", "ref"}
_BOUNDS = {"min_length", "max_length", "strip_whitespace"}
_STAYS = (str, int, float, Decimal, NoneType)
_HARMLESS = {
    "title", "extra_fields_behavior", "allow_inf_nan", "coerce_numbers_to_str", "hide_input_in_errors",
    "validate_by_alias", "validate_by_name", "from_attributes", "frozen",
}  # fmt: skip
"""What a class may be configured with and still have a shape."""
_Field = tuple[tuple[str, ...], str, str, bool, object, float, int]


def event_shape(
    fields: dict[str, Any], definitions: list[Any], config: core_schema.CoreConfig
) -> Shape[Event]:
    """Makes the shape of one kind of event.

    Args:
        fields: What pydantic checks the envelope against, by name, as ``core_schema.model_fields_schema`` takes it.
        definitions: The schemas that they refer to.
        config: The configuration of the validator.

    Returns:
        The shape; pydantic looks at fields for which there is no quicker way.

    Example:
        >>> from pydantic_core import core_schema
        >>> fields = {"type": core_schema.model_field(core_schema.str_schema())}
        >>> event_shape(fields, [], {}).read({"type": "track"}).type
        'track'
    """
    made: Shape[Event] = _Maker(definitions).shape(Event, fields, config)
    return made


def part_shape(cls: type[Any]) -> Shape[Any] | None:
    """Makes the shape of a class of events or of their parts.

    Args:
        cls: The class; pydantic builds what it has not built yet.

    Returns:
        The shape; None where the class checks more than its fields.

    Example:
        >>> from cxm_sdk.events import Product
        >>> part_shape(Product).read({"price": "9.90"}).price
        Decimal('9.90')
    """
    return class_shape(cls, Shape)


def class_shape(cls: type[Any], make: Callable[..., _Made]) -> _Made | None:
    """Makes whatever is made of the same as a ``Shape``, for a class of events or of their parts.

    Args:
        cls: The class; pydantic builds what it has not built yet.
        make: What is made; it is called with what ``Shape`` takes, for the class and for those within it.

    Returns:
        What is made for the class; None where the class checks more than its fields.

    Example:
        >>> from cxm_sdk.events import Product
        >>> class_shape(Product, lambda cls, fields, *_: [name for _, name, *_ in fields])[:2]
        ['product_id', 'sku']
    """
    cls.model_rebuild()
    schema: Any = cls.__pydantic_core_schema__
    definitions: list[Any] = []
    if schema["type"] == "definitions":
        schema, definitions = schema["schema"], schema["definitions"]
    if schema["type"] != "model" or not _is_plain(schema):
        return None
    made: _Made = _Maker(definitions, make).shape(cls, schema["schema"]["fields"], schema["config"])
    return made


class _Maker:
    """Makes shapes of schemas that may refer to each other."""

    def __init__(self, definitions: list[Any], make: Callable[..., Any] = Shape) -> None:
        self.make = make
        self.definitions = {schema["ref"]: schema for schema in definitions}
        self.begun: set[str] = set()

    def shape(self, cls: type[Any], fields: dict[str, Any], config: core_schema.CoreConfig) -> Any:
        """Makes the shape of a class that keeps what it does not know."""
        made: list[_Field] = []
        template: dict[str, Any] = {}
        required, fresh = [], []
        for name, field in fields.items():
            schema, template[name] = field["schema"], None
            if schema["type"] != "default" or schema.get("validate_default"):
                required.append(name)
            elif isinstance(schema.get("default", []), _STAYS):
                template[name] = schema["default"]
            elif schema.get("default_factory") is dict:
                fresh.append(name)
            else:
                required.append(name)  # a default that must be made or copied is none of a shape's
            if schema["type"] == "default":
                schema = schema["schema"]
            nullable = schema["type"] == "nullable"
            made.append(
                (
                    _keys(name, field, config),
                    name,
                    *self.kind(schema["schema"] if nullable else schema, nullable, config),
                )
            )
        return self.make(cls, made, required, fresh, template)

    def kind(
        self, schema: Any, nullable: bool, config: core_schema.CoreConfig
    ) -> tuple[str, bool, object, float, int]:
        """Says how a value of a schema is taken: kind, whether None is, detail, least number, longest text."""
        low = -float("inf")
        if schema["type"] == "definition-ref":
            ref = schema["schema_ref"]
            if ref in self.begun:  # a class that holds itself, which a shape cannot
                return "call", nullable, self.validate(schema, config), low, 0
            self.begun.add(ref)
            taken = self.kind(self.definitions[ref], nullable, config)
            self.begun.remove(ref)
            return taken
        given, more = schema["type"], set(schema) - _SILENT
        if given == "any":
            return "any", True, None, low, 0
        if given == "str" and not more:
            return "text", nullable, None, low, 0
        if given == "str" and more <= _BOUNDS and schema.get("min_length") == 1:
            return "short", nullable, None, low, schema.get("max_length", _ENDLESS)
        if given == "decimal" and not more:
            return "amount", nullable, None, low, 0
        if given in ("float", "int") and more <= {"ge"}:
            return "number" if given == "float" else "whole", nullable, None, schema.get("ge", low), 0
        if given == "bool" and not more:
            return "bool", nullable, None, low, 0
        choices = (
            schema["choices"][0] if given == "union" and schema.get("mode") == "left_to_right" else schema
        )
        if choices["type"] == "literal" and all(type(value) is str for value in choices["expected"]):
            return "one_of", nullable, frozenset(choices["expected"]), low, 0
        if (
            given == "dict"
            and schema["keys_schema"]["type"] == "str"
            and schema["values_schema"]["type"] == "any"
        ):
            return "mapping", nullable, None, low, 0
        if given == "tuple" and len(schema["items_schema"]) == 1:
            (item,) = schema["items_schema"]
            kind, _, detail, *_ = self.kind(item, False, config)
            if kind == "shape":
                return "shapes", nullable, detail, low, 0
        if given == "model" and _is_plain(schema):
            shape = self.shape(schema["cls"], schema["schema"]["fields"], schema["config"])
            return "shape", nullable, shape, low, 0
        kind = "time" if _is_moment(schema) else "call"
        return kind, nullable, self.validate(schema, config), low, 0

    def validate(self, schema: Any, config: core_schema.CoreConfig) -> Any:
        """Gives pydantic's own check of one field."""
        if self.definitions:
            schema = core_schema.definitions_schema(schema, list(self.definitions.values()))
        return SchemaValidator(schema, config).validate_python


def _is_moment(schema: Any) -> bool:
    """Whether any time with a zone is taken."""
    asks = set(schema) - _SILENT - {"microseconds_precision"}
    return (
        schema["type"] == "datetime"
        and not asks - {"tz_constraint"}
        and schema.get("tz_constraint") == "aware"
    )


def _is_plain(schema: Any) -> bool:
    """Whether a model keeps what it does not know, and checks its fields and nothing else."""
    inner, config = schema["schema"], schema.get("config", {})
    plain = (
        inner["type"] == "model-fields"
        and not inner.get("extras_schema")
        and not inner.get("computed_fields")
    )
    keeps = config.get("extra_fields_behavior") == "allow" and config.get("validate_by_alias", True)
    plain = plain and set(config) <= _HARMLESS
    flat = plain and all(map(_is_flat, inner["fields"].values()))
    return flat and keeps and not schema.get("custom_init") and not schema.get("post_init")


def _is_flat(field: Any) -> bool:
    """Whether a field stands under a key, not deeper, and is checked without a look at the others."""
    if not _is_alone(field["schema"]):
        return False
    alias = field.get("validation_alias", "")
    return isinstance(alias, str) or all(isinstance(path, list) and len(path) == 1 for path in alias)


def _is_alone(schema: Any) -> bool:
    """Whether no function in a schema is told of what surrounds the value."""
    if isinstance(schema, dict):
        told = schema.get("type") == "with-info" or schema.get("default_factory_takes_data")
        return not told and all(map(_is_alone, schema.values()))
    return all(map(_is_alone, schema)) if isinstance(schema, list | tuple) else True


def _keys(name: str, field: Any, config: core_schema.CoreConfig) -> tuple[str, ...]:
    """The keys that a field may have."""
    alias = field.get("validation_alias", name)
    found = [alias] if isinstance(alias, str) else [path[0] for path in alias]
    if config.get("validate_by_name") and name not in found:
        found.append(name)
    return tuple(found)
