"""How typed events are written without pydantic, wherever that is sure to give what its serializer gives.

A layout is made from the schema that pydantic's serializer is made of. Fields whose schema has a serializer of its own,
and classes that say themselves how they are written, are left to pydantic. A property test holds both side by side.
"""

from __future__ import annotations

from typing import Any

from cxm_sdk._native.jsonbytes import Layout
from cxm_sdk.events.typed import TypedEvent
from cxm_sdk.events.values import json_number

__all__ = ["layout_of"]

_CONFIGURED = {
    "title", "extra_fields_behavior", "allow_inf_nan", "coerce_numbers_to_str", "hide_input_in_errors",
    "validate_by_alias", "validate_by_name", "from_attributes", "frozen", "str_strip_whitespace", "strict",
}  # fmt: skip
"""What a class may be configured with and still be written as others are."""
_PLAIN = {"str", "int", "float", "bool", "literal", "any"}
_AROUND = {"default", "nullable", "function-after", "function-before", "function-wrap"}


def layout_of(cls: type[TypedEvent]) -> Layout:
    """Makes the layout of a class.

    Args:
        cls: The class.

    Returns:
        Its layout; one that leaves everything to pydantic where the class says itself how it is written.

    Example:
        >>> from cxm_sdk.events import CartViewed
        >>> type(layout_of(CartViewed)).__name__
        'Layout'
    """
    whole = cls.to_properties_json
    own = whole is not TypedEvent.to_properties_json or cls.to_properties is not TypedEvent.to_properties
    cls.model_rebuild()
    schema: Any = cls.__pydantic_core_schema__
    made = None
    if not own and schema["type"] == "definitions":
        known = {item["ref"]: item for item in schema["definitions"]}
        made = _Maker(known).layout(schema["schema"])
    elif not own:
        made = _Maker({}).layout(schema)
    return made or Layout(cls, None, whole)


class _Maker:
    """Makes layouts of schemas that may refer to each other."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self.definitions = definitions
        self.begun: set[str] = set()

    def layout(self, schema: Any) -> Layout | None:
        """Makes the layout of a class; None where it is in doubt."""
        while schema["type"] in _AROUND and "serialization" not in schema:
            schema = schema["schema"]
        if schema["type"] != "model" or "serialization" in schema or schema.get("root_model"):
            return None
        cls, inner = schema["cls"], schema["schema"]
        while inner["type"] in _AROUND and "serialization" not in inner:
            inner = inner["schema"]
        odd = inner["type"] != "model-fields" or "serialization" in inner
        if odd or inner.get("computed_fields") or inner.get("extras_schema"):
            return None
        if not set(schema.get("config", {})) <= _CONFIGURED:
            return None
        fields = [
            (name, field.get("serialization_alias", name), *self.kind(field))
            for name, field in inner["fields"].items()
        ]
        whole: Any = getattr(cls, "to_properties_json", None)  # a part is written within its event
        return Layout(cls, fields, whole)

    def kind(self, field: Any) -> tuple[str, Layout | None]:
        """Says how a field is written, and the layout of what lies in it."""
        if field.get("serialization_exclude") or field.get("serialization_exclude_if"):
            return "doubt", None
        return self.inside(field["schema"])

    def inside(self, schema: Any) -> tuple[str, Layout | None]:
        """Says how a value of a schema is written."""
        given = schema["type"]
        if given == "definition-ref":
            ref = schema["schema_ref"]
            if ref in self.begun:  # a class that holds itself
                return "doubt", None
            self.begun.add(ref)
            found = self.inside(self.definitions[ref])
            self.begun.remove(ref)
            return found
        written = schema.get("serialization")
        if written is not None:
            numbers = given in ("decimal", "nullable") and written.get("function") is json_number
            return ("amount" if numbers else "doubt"), None
        if given in _PLAIN or (given == "union" and self.flat(schema["choices"])):
            return "plain", None
        if given == "model":
            part = self.layout(schema)
            return ("part", part) if part is not None else ("doubt", None)
        if given in _AROUND:
            return self.inside(schema["schema"])
        if given == "chain":
            return self.inside(schema["steps"][-1])
        if given == "tuple" and schema.get("variadic_item_index") == 0 and len(schema["items_schema"]) == 1:
            kind, part = self.inside(schema["items_schema"][0])
            return {"part": ("parts", part), "plain": ("plain", None)}.get(kind, ("doubt", None))
        if given == "list":
            plain = self.inside(schema["items_schema"])[0] == "plain" if "items_schema" in schema else True
            return ("plain" if plain else "doubt"), None
        if given == "dict":
            parts = [schema[key] for key in ("keys_schema", "values_schema") if key in schema]
            return ("plain" if self.flat(parts) else "doubt"), None
        return "doubt", None

    def flat(self, schemas: list[Any]) -> bool:
        """Whether values of all schemas are written as they are."""
        return all(
            self.inside(item[0] if isinstance(item, tuple) else item)[0] == "plain" for item in schemas
        )
