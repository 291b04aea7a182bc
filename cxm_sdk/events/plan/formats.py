"""Reads tracking plans: this package's own format, Segment Protocols, and the JSON Schema export of Avo."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cxm_sdk.errors import MissingExtraError, PlanError
from cxm_sdk.events.plan.model import PlanContent, PlannedEvent

__all__ = ["read_plan", "recognised"]

_SEGMENT_TYPES = {
    "TRACK": "track",
    "IDENTIFY": "identify",
    "GROUP": "group",
    "PAGE": "page",
    "SCREEN": "screen",
}


def read_plan(path: str | Path) -> PlanContent:
    """Reads the file of a tracking plan.

    Args:
        path: A ``.yaml``, ``.yml`` or ``.json`` file.

    Returns:
        What it holds.

    Raises:
        PlanError: The file cannot be read, or is no plan of a known format.
        MissingExtraError: It is YAML, and PyYAML is not installed.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".yaml", ".yml", ".json"):
        raise PlanError(f"Expected a .yaml, .yml or .json file with a tracking plan, got {path.name!r}.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise PlanError(f"The tracking plan {path} cannot be read: {reason}.") from None
    return recognised(_json(text, path) if suffix == ".json" else _yaml(text, path), name=path.stem)


def recognised(data: Any, *, name: str) -> PlanContent:
    """Recognises the format of a plan by its shape, and brings it to the common one.

    Args:
        data: The plan as read from JSON or YAML.
        name: The plan's name where it has none of its own.

    Returns:
        What it holds.

    Raises:
        PlanError: The shape is that of no known format, or the plan is broken.
    """
    if isinstance(data, Mapping) and isinstance(data.get("data"), Mapping):
        data = data["data"]  # as the Segment Public API answers
    if isinstance(data, Mapping):
        events, rules = data.get("events"), data.get("rules")
        if "plan" in data:
            from cxm_sdk.events.plan.simple import read_simple

            return read_simple(data)
        if isinstance(rules, (Mapping, list)):
            found = _segment_sets(rules) if isinstance(rules, Mapping) else _segment_list(rules)
            return _content(str(data.get("display_name") or data.get("name") or name), "segment", found)
        if isinstance(events, list) and all(
            isinstance(event, Mapping) and "rules" in event for event in events
        ):
            return _content(str(data.get("name") or name), "avo", _avo(events))
    raise PlanError(
        "The file holds no tracking plan of a known format.",
        hint="Its top level has 'plan' and 'events' (own format), 'rules' (Segment), or 'events' with 'rules' (Avo).",
    )


def _content(name: str, source_format: str, found: Iterator[PlannedEvent]) -> PlanContent:
    events = tuple(found)
    common = [event.schema for event in events if event.type == "common"]
    return PlanContent(
        name,
        source_format,
        tuple(event for event in events if event.type != "common"),
        {"allOf": common} if common else None,
    )


def _segment_sets(rules: Mapping[str, Any]) -> Iterator[PlannedEvent]:
    """The rules of the Segment Config API and of Typewriter: events, and a schema for identify, group and all."""
    for number, event in enumerate(_list(rules.get("events", []), "rules.events")):
        where = f"rules.events[{number}]"
        yield _planned("track", _name(event, "name", where), event, event.get("rules"), where)
    for key, kind in (("identify", "identify"), ("group", "group"), ("global", "common")):
        found = rules.get(key)
        if not found:
            continue
        for number, entry in enumerate(found if isinstance(found, list) else [{"rules": found}]):
            where = f"rules.{key}[{number}]" if isinstance(found, list) else f"rules.{key}"
            yield _planned(kind, "", _mapping(entry, where), _mapping(entry, where).get("rules"), where)


def _segment_list(rules: list[Any]) -> Iterator[PlannedEvent]:
    """The rules of the Segment Public API: one list, each with its type and key."""
    for number, rule in enumerate(_list(rules, "rules")):
        where = f"rules[{number}]"
        kind = str(rule.get("type", "TRACK")).upper()
        schema = rule.get("jsonSchema", rule.get("json_schema"))
        if kind == "COMMON":
            yield _planned("common", "", rule, schema, where)
        elif kind in _SEGMENT_TYPES:
            name = rule.get("key") or ""
            if kind == "TRACK":
                name = _name(rule, "key", where)
            yield _planned(_SEGMENT_TYPES[kind], name if isinstance(name, str) else "", rule, schema, where)
        else:
            raise PlanError(
                f"{where} of the plan is of an unknown type.",
                hint=f"The types are {', '.join(_SEGMENT_TYPES)} and COMMON.",
            )


def _avo(events: list[Any]) -> Iterator[PlannedEvent]:
    """Avo's events. Their rules ask for name mappings beside the properties, which no event carries."""
    for number, event in enumerate(events):
        where = f"events[{number}]"
        rules = _mapping(event["rules"], f"{where}.rules")
        properties = _mapping(rules.get("properties", {}), f"{where}.rules.properties")
        schema = {key: rules[key] for key in ("$schema",) if key in rules}
        schema["properties"] = {"properties": properties.get("properties", {})}
        yield _planned("track", _name(event, "name", where), event, schema, where)


def _planned(kind: str, name: str, source: Mapping[str, Any], schema: Any, where: str) -> PlannedEvent:
    version, description = source.get("version", ""), source.get("description")
    found = dict(_mapping({} if schema is None else schema, f"the schema of {where}"))
    if not found.get("$schema"):
        found["$schema"] = "http://json-schema.org/draft-07/schema#"
    return PlannedEvent(kind, name, found, str(version), description if isinstance(description, str) else "")


def _name(source: Mapping[str, Any], key: str, where: str) -> str:
    name = source.get(key)
    if not isinstance(name, str) or not name:
        raise PlanError(f"{where} of the plan has no {key!r}.")
    return name


def _list(value: Any, where: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise PlanError(f"Expected a list at {where} of the plan, got {type(value).__name__}.")
    return [_mapping(entry, f"{where}[{number}]") for number, entry in enumerate(value)]


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise PlanError(f"Expected a mapping at {where} of the plan, got {type(value).__name__}.")
    return value


def _json(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        place = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise PlanError(f"The tracking plan {path} is not JSON{place}.") from None


def _yaml(text: str, path: Path) -> Any:
    try:
        import yaml
    except ModuleNotFoundError:
        raise MissingExtraError.for_package("yaml", "plan") from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark else ""
        raise PlanError(f"The tracking plan {path} is not YAML{place}.") from None
