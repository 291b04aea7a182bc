"""Writes what follows from the catalogue of events: its reference, its index, and the names of ``cxm_sdk.events``.

Run it after the catalogue has changed: ``python docs/events.py``. A test compares the files with what it would write.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, Literal, get_args, get_origin

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pydantic import BaseModel  # noqa: E402
from pydantic.fields import FieldInfo  # noqa: E402

import cxm_sdk.events.catalog as catalog  # noqa: E402
from cxm_sdk.events.privacy import PrivacyClass  # noqa: E402
from cxm_sdk.events.typed import TypedEvent  # noqa: E402

NO_FAMILY = ("base", "index")
KINDS = {"Decimal": "amount", "str": "text", "datetime": "time", "bool": "yes or no", "float": "number",
         "int": "whole number", "Any": "anything"}  # fmt: skip
PRIVACY = {"identifier": "identifier", "contact": "contact", "free_text": "free text", "special": "special"}


def families() -> dict[str, ModuleType]:
    """The modules of the catalogue, by name."""
    found = (module.name for module in iter_modules(catalog.__path__))
    return {
        name: import_module(f"{catalog.__name__}.{name}") for name in sorted(found) if name not in NO_FAMILY
    }


def models(module: ModuleType) -> Iterator[type[BaseModel]]:
    """The public classes of a family, in the order they are written in."""
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and value.__module__ == module.__name__
            and value.__name__ in module.__all__
        ):
            yield value


def is_event(cls: type[BaseModel]) -> bool:
    """Whether a class stands for an event or for traits, not for a part of one."""
    return issubclass(cls, TypedEvent)


# ---------------------------------------------------------------------------------------------- code


def index() -> str:
    """The module that says where each class of the catalogue is."""
    events, family = [], []
    for name, module in families().items():
        for cls in models(module):
            family.append(f'    "{cls.__name__}": "{name}",')
            if issubclass(cls, TypedEvent):
                events.append(f'    ("{cls.event_type}", "{cls.event_name}"): "{cls.__name__}",')
    return "\n".join(
        [
            '"""Where each class of the catalogue is. Written by ``docs/events.py``."""',
            "",
            "from __future__ import annotations",
            "",
            '__all__ = ["EVENTS", "FAMILY"]',
            "",
            "EVENTS: dict[tuple[str, str], str] = {",
            *sorted(events),
            "}",
            '"""Class by type and name of the event."""',
            "",
            "FAMILY: dict[str, str] = {",
            *sorted(family),
            "}",
            '"""Module by class."""',
            "",
        ]
    )


def imports(text: str) -> str:
    """The module ``cxm_sdk.events`` with its lists of names brought up to date."""
    home = dict(re.findall(r'"(\w+)": "(cxm_sdk\.events\.\w+)"', text))
    by_module: dict[str, list[str]] = {}
    for name, module in home.items():
        by_module.setdefault(module, []).append(name)
    for family in families().values():
        by_module[family.__name__] = [cls.__name__ for cls in models(family)]
    lines = []
    for module, classes in sorted(by_module.items()):
        names = sorted(classes, key=str.lower)
        line = f"    from {module} import {', '.join(names)}"
        lines += (
            [line]
            if len(line) <= 110
            else [f"    from {module} import (", *(f"        {name}," for name in names), "    )"]
        )
    block = "\n".join(["if TYPE_CHECKING:", *lines])
    public = sorted(name for classes in by_module.values() for name in classes)
    listed = "".join(f'    "{name}",\n' for name in public)
    text = re.sub(r"^if TYPE_CHECKING:\n.*?(?=\n\n__all__)", block, text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"^__all__ = \[.*?\]", f"__all__ = [\n{listed}]", text, flags=re.DOTALL | re.MULTILINE)


# ---------------------------------------------------------------------------------------------- pages


def kind(annotation: Any) -> str:
    """Names the type of a field in plain words."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin is tuple:
        return f"list of {kind(parts[0])}"
    if origin is dict:
        return f"{kind(parts[1])} by name"
    if hasattr(annotation, "__metadata__"):
        named = any("Currency" in getattr(item, "__name__", "") for item in annotation.__metadata__)
        return "currency" if named else kind(annotation.__origin__)
    if parts:
        return " or ".join(dict.fromkeys(kind(part) for part in parts if part is not type(None)))
    name = getattr(annotation, "__name__", str(annotation))
    return KINDS.get(name, name)


def row(name: str, field: FieldInfo) -> str:
    """One line of the table of a class."""
    mark = next((PRIVACY[item] for item in field.metadata if isinstance(item, PrivacyClass)), "")
    currency = any("Currency" in getattr(item, "__name__", "") for item in field.metadata)
    wire = field.serialization_alias or name
    spelling = f"`{wire}`" if wire == name else f"`{wire}` (`{name}`)"
    need = " *" if field.is_required() else ""
    return f"| {spelling}{need} | {'currency' if currency else kind(field.annotation)} | {mark} | {field.description} |"


def section(cls: type[BaseModel]) -> list[str]:
    """What the page of a family says about one class."""
    heading = cls.__name__
    lines = [f"## {heading}", ""]
    if issubclass(cls, TypedEvent):
        name = f"`{cls.event_type}` `{cls.event_name}`" if cls.event_name else f"`{cls.event_type}`"
        lines += [f"{name} · `{cls.schema_id()}`", ""]
    lines += [(cls.__doc__ or "").strip(), ""]
    if cls.model_fields:
        lines += ["| property | type | personal data | meaning |", "| --- | --- | --- | --- |"]
        lines += [row(name, field) for name, field in cls.model_fields.items()]
        lines.append("")
    derived = [(name, value) for name, value in vars(cls).items() if isinstance(value, property)]
    if derived:
        lines += ["Derived, never sent:", ""]
        for name, value in derived:
            lines.append(f"- `{name}`: {' '.join((value.fget.__doc__ or '').split())}")
        lines.append("")
    return lines


def pages() -> dict[str, str]:
    """The page of each family, and the list of them."""
    written, listed = {}, []
    for name, module in families().items():
        title = name.replace("_", " ").capitalize()
        classes = list(models(module))
        text = [f"# Events: {title}", "", (module.__doc__ or "").strip(), ""]
        text += ["Written from the catalogue. A star marks what is required. Every event keeps properties that it does",
                 "not know.", ""]  # fmt: skip
        for cls in classes:
            text += section(cls)
        written[f"{name}.md"] = "\n".join(text).rstrip() + "\n"
        named = [
            cls.event_name or f"{cls.event_type} traits" for cls in classes if issubclass(cls, TypedEvent)
        ]
        listed.append(f"- [{title}]({name}.md): {', '.join(named)}")
    written["index.md"] = (
        "\n".join(["# Events", "", "Every event of the catalogue, by family.", "", *listed]) + "\n"
    )
    return written


def files() -> dict[Path, str]:
    """All that is written, by path."""
    home = ROOT / "cxm_sdk" / "events"
    written = {ROOT / "docs" / "reference" / "events" / name: text for name, text in pages().items()}
    written[home / "catalog" / "index.py"] = index()
    written[home / "__init__.py"] = imports((home / "__init__.py").read_text(encoding="utf-8"))
    return written


if __name__ == "__main__":
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
