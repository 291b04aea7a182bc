"""Writes the events of a tracking plan as typed Python classes."""

from __future__ import annotations

import builtins
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import TYPE_CHECKING, Annotated, Any
from unicodedata import normalize

from pydantic import Field, TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError

from cxm_sdk.events.plan.checking import version_order
from cxm_sdk.events.plan.model import PlannedEvent
from cxm_sdk.events.privacy import PrivacyClass
from cxm_sdk.events.typed import TypedEvent

if TYPE_CHECKING:
    from cxm_sdk.events.plan.checking import TrackingPlan

__all__ = ["generated"]

# Where the names come from that generated code may use.
_HOMES = {
    "Decimal": "decimal",
    "date": "datetime",
    "Annotated": "typing",
    "Any": "typing",
    "ClassVar": "typing",
    "Literal": "typing",
    "AwareDatetime": "pydantic",
    "ConfigDict": "pydantic",
    "Field": "pydantic",
    "PrivacyClass": "cxm_sdk.events.privacy",
    "Part": "cxm_sdk.events.typed",
    "TypedEvent": "cxm_sdk.events.typed",
    "ABSENT": "cxm_sdk.events.values",
    "Many": "cxm_sdk.events.values",
    "Money": "cxm_sdk.events.values",
}
_STANDARD = ("decimal", "datetime", "typing")

# A field or class of one of these names would hide what the code around it means.
_TAKEN = frozenset({*_HOMES, *dir(builtins), *dir(TypedEvent), "annotations"})

_SCALARS = {"string": "str", "number": "float", "integer": "int", "boolean": "bool"}
_LIMITS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
}
_LIMITED = {
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
}
_WIDTH = 100


def generated(plan: TrackingPlan) -> str:
    """Writes a module with one class for each event of a plan.

    The classes are :class:`~cxm_sdk.events.typed.TypedEvent`: they check types, limits and choices where an event is
    made, and type checkers know their fields. What JSON Schema can say and a Python type cannot is left to the plan.
    Names that are no Python names are brought to some, and stay as they are on the wire. Of several versions of an
    event the newest gets the plain name.

    Args:
        plan: The plan.

    Returns:
        The text of the module; the same for the same plan.

    Example:
        >>> from cxm_sdk.events.plan import TrackingPlan
        >>> from cxm_sdk.events.plan.formats import recognised
        >>> content = recognised({"plan": "Shop", "events": [{"name": "Class Booked"}]}, name="shop")
        >>> "class ClassBooked(TypedEvent):" in generated(TrackingPlan(content))
        True
    """
    module = _Module()
    newest: dict[tuple[str, str], PlannedEvent] = {}
    for event in plan.events:
        known = newest.get((event.type, event.name))
        if known is None or version_order(event.version) > version_order(known.version):
            newest[event.type, event.name] = event
    first = sorted(
        plan.events, key=lambda event: newest[event.type, event.name] is not event
    )  # plain names to these
    names = {id(event): module.class_name(_event_words(event, newest)) for event in first}
    for event in plan.events:
        module.add_event(names[id(event)], event)
    return module.text(plan.name)


@dataclass
class _Class:
    """One class, ready to be written."""

    name: str
    base: str
    doc: str
    constants: list[str]
    fields: list[str]

    def text(self) -> str:
        body = [_docstring(self.doc), *([""] if self.constants or self.fields else []), *self.constants]
        if self.constants and self.fields:
            body.append("")
        body += self.fields
        return f"class {self.name}({self.base}):\n" + textwrap.indent(
            "\n".join(body), "    ", lambda line: line != "\n"
        )


@dataclass
class _Module:
    """A module while it is being written."""

    classes: list[_Class] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    class_names: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)

    def use(self, name: str) -> str:
        """Notes that a name must be imported."""
        self.used.add(name)
        return name

    def class_name(self, words: str) -> str:
        """Gives a class a name that no other has."""
        name = "".join(word[:1].upper() + word[1:] for word in re.findall(r"\w+", words.replace("_", " ")))
        found = _unused(_identifier(name, "Event"), self.class_names | self.attributes, separator="")
        self.class_names.add(found)
        return found

    def add_event(self, name: str, event: PlannedEvent) -> None:
        """Adds the class of an event."""
        use = self.use
        constants = [
            f'event_type: {use("ClassVar")}[str] = "{event.type}"',
            f"event_name: ClassVar[str] = {_literal(event.name)}",
            f'schema_version: ClassVar[str] = "{_schema_version(event.version)}"',
        ]
        title = f"{event.name or event.type.capitalize()}."
        doc = f"{title}\n\n{event.description}" if event.description else title
        self._add(name, use("TypedEvent"), doc, constants, event.payload)

    def _add(self, name: str, base: str, doc: str, constants: list[str], schema: Mapping[str, Any]) -> None:
        taken: set[str] = set()
        required_names = schema.get("required", ())
        required: list[str] = []
        optional: list[str] = []
        described: list[str] = []
        for wire, child in _properties(schema).items():
            attribute = _unused(_identifier(wire, "field"), taken | self.class_names)
            taken.add(attribute)
            self.attributes.add(attribute)
            must = wire in required_names
            annotation = self._annotation(name, wire, attribute, child, optional=not must)
            default = "" if must else f" = {self._default(annotation)}"
            (required if must else optional).append(f"{attribute}: {annotation}{default}")
            if isinstance(text := child.get("description"), str) and text.strip():
                described.append(f"    {attribute}: {' '.join(text.split())}")
        if described:
            doc = "\n".join([doc, "", "Attributes:", *described])
        if schema.get("additionalProperties") is False:
            constants = [f'model_config = {self.use("ConfigDict")}(extra="forbid")', *constants]
        self.classes.append(_Class(name, base, doc, constants, required + optional))

    def _default(self, annotation: str) -> str:
        """Writes what a field is when it is left out: to a type checker, None itself is no Money."""
        return self.use("ABSENT") if "Money" in re.findall(r"\w+", annotation)[:3] else "None"

    def _annotation(
        self, owner: str, wire: str, attribute: str, schema: Mapping[str, Any], *, optional: bool
    ) -> str:
        """Writes the type of a field; null is left out, as typed events never write it."""
        found = self._type(owner, wire, schema)
        if optional and not found.startswith(
            ("Any", "Money", "Annotated[Money")
        ):  # those allow None by themselves
            found = f"{found} | None"
        more = []
        if wire != attribute:
            more.append(f"{self.use('Field')}(alias={_literal(wire)})")
        if schema.get("privacy") in set(PrivacyClass):
            more.append(f"{self.use('PrivacyClass')}.{PrivacyClass(schema['privacy']).name}")
        return f"{self.use('Annotated')}[{', '.join([found, *more])}]" if more else found

    def _type(self, owner: str, wire: str, schema: Mapping[str, Any]) -> str:
        choices = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if isinstance(choices, list) and (literals := _literals(choices)):
            return f"{self.use('Literal')}[{', '.join(literals)}]"
        kinds = schema.get("type", [])
        kinds = [kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"]
        if kinds == ["number", "string"] and "pattern" in schema:
            return self._limited(self.use("Money"), "number", schema)
        types = [self._one_type(owner, wire, kind, schema) for kind in kinds]
        return " | ".join(dict.fromkeys(types)) if types and "Any" not in types else self.use("Any")

    def _one_type(self, owner: str, wire: str, kind: str, schema: Mapping[str, Any]) -> str:
        if kind == "object":
            if not _properties(schema):
                return f"dict[str, {self.use('Any')}]"
            name = self.class_name(f"{owner} {wire}")
            self._add(name, self.use("Part"), f"{name}, a part of {owner}.", [], schema)
            return name
        if kind == "array":
            items = schema.get("items")
            of = self._type(owner, wire, items) if isinstance(items, Mapping) else self.use("Any")
            if isinstance(items, Mapping):
                of = (
                    of.replace("Money", self.use("Decimal"))
                    if of.startswith(("Money", "Annotated[Money"))
                    else of
                )
                if items.get("privacy") in set(PrivacyClass):
                    kind_of = PrivacyClass(items["privacy"]).name
                    of = f"{self.use('Annotated')}[{of}, {self.use('PrivacyClass')}.{kind_of}]"
            return self._limited(f"{self.use('Many')}[{of}]", kind, schema)
        if kind == "string" and schema.get("format") == "date-time":
            return self.use("AwareDatetime")
        if kind == "string" and schema.get("format") == "date":
            return self.use("date")
        return self._limited(_SCALARS[kind], kind, schema) if kind in _SCALARS else self.use("Any")

    def _limited(self, of: str, kind: str, schema: Mapping[str, Any]) -> str:
        limits = [
            f"{_LIMITS[keyword]}={schema[keyword]!r}"
            for keyword in _LIMITED.get(kind, ())
            if isinstance(schema.get(keyword), (int, float)) and not isinstance(schema[keyword], bool)
        ]
        pattern = schema.get("pattern")
        if kind == "string" and isinstance(pattern, str) and _usable(pattern):
            limits.append(f"pattern={_literal(pattern)}")
        return f"{self.use('Annotated')}[{of}, {self.use('Field')}({', '.join(limits)})]" if limits else of

    def text(self, plan: str) -> str:
        """Writes the module."""
        by_home: dict[str, list[str]] = {}
        for name in sorted(self.used):
            by_home.setdefault(_HOMES[name], []).append(name)
        imports = [f"from {home} import {', '.join(names)}" for home, names in sorted(by_home.items())]
        groups = [
            ["from __future__ import annotations"],
            [line for line in imports if line.split()[1] in _STANDARD],
            [line for line in imports if line.split()[1] not in _STANDARD],
        ]
        head = _docstring(
            f"Events of the tracking plan {plan}.\n\nWritten by cxm plan generate: change the plan, not this."
        )
        exported = ", ".join(
            f'"{found.name}"' for found in sorted(self.classes, key=lambda found: found.name)
        )
        blocks = ["\n".join(group) for group in groups if group]
        top = "\n\n".join([head, *blocks, f"__all__ = [{exported}]"])
        return "\n\n\n".join([top, *(found.text() for found in self.classes)]) + "\n"


def _event_words(event: PlannedEvent, newest: Mapping[tuple[str, str], PlannedEvent]) -> str:
    words = event.name or {"identify": "identify traits", "group": "group traits"}.get(event.type, event.type)
    if event.name and event.type != "track":
        words = f"{words} {event.type}"
    return words if newest[event.type, event.name] is event else f"{words} v{event.version}"


def _properties(schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    return {name: child if isinstance(child, Mapping) else {} for name, child in properties.items()}


def _schema_version(version: str) -> str:
    """Brings the version of a plan to MODEL-REVISION-ADDITION."""
    numbers = re.findall(r"\d+", version)[:3]
    return "-".join([*numbers, *["0"] * (3 - len(numbers))]) if numbers else "1-0-0"


def _identifier(text: str, default: str) -> str:
    """Makes a Python name of any text."""
    name = re.sub(r"\W+", "_", normalize("NFKC", text)).strip(
        "_"
    )  # a leading underscore would make it private
    name = "".join(letter for letter in name if letter == "_" or f"a{letter}".isidentifier())
    name = name.strip("_") or default
    if not name.isidentifier() or name.startswith(
        ("model_dump", "model_validate")
    ):  # pydantic keeps these for itself
        name = f"{default}_{name}"
    return f"{name}_" if iskeyword(name) else name


def _unused(name: str, taken: set[str], separator: str = "_") -> str:
    candidate, number = (f"{name}_" if name in _TAKEN else name), 2
    while candidate in taken:
        candidate, number = f"{name}{separator}{number}", number + 1
    return candidate


def _literals(values: Iterable[Any]) -> list[str]:
    """Writes values as the arguments of a Literal; nothing when one of them cannot stand there."""
    kept = [value for value in values if value is not None]
    if not all(isinstance(value, (str, int)) for value in kept):
        return []
    return [_literal(value) for value in kept]


def _literal(value: str | int) -> str:
    text = repr(value)
    return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text


def _usable(pattern: str) -> bool:
    """Tells whether pydantic can use a pattern: its engine knows no look-around."""
    try:
        TypeAdapter(Annotated[str, Field(pattern=pattern)])
    except (SchemaError, PydanticUserError):
        return False
    return True


def _docstring(text: str) -> str:
    """Writes a docstring of any text, wrapped."""
    lines: list[str] = []
    for line in "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text).split(
        "\n"
    ):
        indent = re.match(r" *", line)
        margin = (indent.group() if indent else "") + "    "
        lines += textwrap.wrap(
            line, _WIDTH, subsequent_indent=margin if margin.strip() or len(margin) > 4 else ""
        ) or [""]
    body = "\n".join(lines).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if body.endswith('"'):
        body = f'{body[:-1]}\\"'
    return f'"""{body}\n"""' if "\n" in body else f'"""{body}"""'
