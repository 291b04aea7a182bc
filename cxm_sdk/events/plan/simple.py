"""The plan format of this package: what a person writes, checked, and turned into JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from cxm_sdk.errors import PlanError
from cxm_sdk.events.plan.model import PlanContent, PlanMode, PlannedEvent, payload_key
from cxm_sdk.events.privacy import PrivacyClass

__all__ = ["read_simple"]

Policy = Literal["allow", "forbid"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"

# What the words for types mean. Keywords such as minimum and pattern bind only values of the type they are made for,
# so a decimal may be a number or a text of digits under one set of limits.
_TYPES: Mapping[str, Mapping[str, Any]] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "decimal": {"type": ["number", "string"], "pattern": r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"},
    "boolean": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "object": {"type": "object"},
    "array": {"type": "array"},
    "any": {},
}
_LIMITS = {
    "string": ("minLength", "maxLength"),
    "number": ("minimum", "maximum"),
    "integer": ("minimum", "maximum"),
    "decimal": ("minimum", "maximum"),
    "array": ("minItems", "maxItems"),
}
_PYTHON: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Property(_Written):
    type: Literal[
        "string", "number", "integer", "decimal", "boolean", "datetime", "date", "object", "array", "any"
    ] = "any"
    description: str = ""
    required: bool = False
    nullable: bool = False
    enum: list[Any] | None = Field(default=None, min_length=1)
    pattern: str | None = None
    min: float | None = None
    max: float | None = None
    privacy: PrivacyClass | None = None
    properties: dict[str, _Property] | None = None
    items: _Property | None = None
    unknown_properties: Policy | None = None

    @model_validator(mode="before")
    @classmethod
    def _in_short(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fits_its_type(self) -> _Property:
        if (self.min is not None or self.max is not None) and self.type not in _LIMITS:
            raise ValueError(f"min and max limit no {self.type}")
        if self.pattern is not None and self.type != "string":
            raise ValueError(f"a pattern describes a string, not {self.type}")
        if (self.properties is not None or self.unknown_properties is not None) and self.type != "object":
            raise ValueError(f"an object has properties, not {self.type}")
        if self.items is not None and self.type != "array":
            raise ValueError(f"an array has items, not {self.type}")
        wanted = _PYTHON.get(self.type)
        for value in self.enum or ():
            right = wanted is None or (
                isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
            )
            if not right or not isinstance(value, (str, int, float, type(None))):
                raise ValueError(
                    f"a value of enum is no {self.type} but {type(value).__name__}; in YAML, put texts such as yes, no"
                    " and dates in quotes"
                )
        return self

    def schema_(self, policy: Policy) -> dict[str, Any]:
        """Writes the property as JSON Schema."""
        schema: dict[str, Any] = dict(_TYPES[self.type])
        if self.description:
            schema["description"] = self.description
        if self.nullable and "type" in schema:
            schema["type"] = [
                *([schema["type"]] if isinstance(schema["type"], str) else schema["type"]),
                "null",
            ]
        if self.enum is not None:
            schema["enum"] = [*self.enum, None] if self.nullable else list(self.enum)
        if self.pattern is not None:
            schema["pattern"] = self.pattern
        for keyword, limit in zip(_LIMITS.get(self.type, ()), (self.min, self.max), strict=False):
            if limit is not None:
                schema[keyword] = int(limit) if limit.is_integer() else limit
        if self.privacy is not None:
            schema["privacy"] = str(self.privacy)
        if self.type == "object" and self.properties is not None:
            schema |= _object(self.properties, self.unknown_properties or policy)
        if self.items is not None:
            schema["items"] = self.items.schema_(policy)
        return schema


class _Event(_Written):
    name: str = ""
    type: Literal["track", "identify", "page", "screen", "group"] = "track"
    version: str = ""
    description: str = ""
    properties: dict[str, _Property] | None = None
    traits: dict[str, _Property] | None = None
    unknown_properties: Policy | None = None

    @field_validator("version", mode="before")
    @classmethod
    def _version_as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value

    @model_validator(mode="after")
    def _fits_its_type(self) -> _Event:
        if self.type == "track" and not self.name:
            raise ValueError("a track event has a name")
        if self.type in ("identify", "group") and self.name:
            raise ValueError(f"an event of type {self.type} has no name")
        if payload_key(self.type) == "traits" and self.properties is not None:
            raise ValueError(f"an event of type {self.type} has traits, not properties")
        if payload_key(self.type) == "properties" and self.traits is not None:
            raise ValueError(f"an event of type {self.type} has properties, not traits")
        return self

    def planned(self, policy: Policy) -> PlannedEvent:
        """Brings the event to the form that all formats have in common."""
        fields = (self.traits if self.properties is None else self.properties) or {}
        payload = {"type": "object", **_object(fields, self.unknown_properties or policy)}
        schema = {"$schema": _DRAFT, "properties": {payload_key(self.type): payload}}
        return PlannedEvent(self.type, self.name, schema, self.version, self.description)


class _Plan(_Written):
    plan: str
    description: str = ""
    mode: PlanMode | None = None
    unknown_events: Policy = "allow"
    unknown_properties: Policy = "allow"
    events: list[_Event]


def read_simple(data: Mapping[str, Any]) -> PlanContent:
    """Reads a plan in this package's own format.

    Args:
        data: The plan as read from YAML or JSON.

    Returns:
        What it holds.

    Raises:
        PlanError: Something in it is missing, misspelt or contradictory.
    """
    try:
        plan = _Plan.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the top"
        reason = first["msg"].removeprefix("Value error, ")
        more = f" ({error.error_count() - 1} more like it)" if error.error_count() > 1 else ""
        raise PlanError(f"The tracking plan is wrong at {where}: {reason}{more}.") from None
    return PlanContent(
        plan.plan,
        "cxm",
        tuple(event.planned(plan.unknown_properties) for event in plan.events),
        mode=plan.mode,
        forbids_unknown_events=plan.unknown_events == "forbid",
    )


def _object(fields: Mapping[str, _Property], policy: Policy) -> dict[str, Any]:
    schema: dict[str, Any] = {"properties": {name: field.schema_(policy) for name, field in fields.items()}}
    required = [name for name, field in fields.items() if field.required]
    if required:
        schema["required"] = required
    if policy == "forbid":
        schema["additionalProperties"] = False
    return schema
