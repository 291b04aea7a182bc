"""Which class stands for which event: by type, name and version."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any, NamedTuple, Self, TypeVar

from cxm_sdk.errors import EventError
from cxm_sdk.events.catalog.index import EVENTS, FAMILY
from cxm_sdk.events.typed import TypedEvent

__all__ = ["ENTRY_POINTS", "SchemaVer", "find", "json_schema", "names", "register", "upgrade", "upgraded"]

ENTRY_POINTS = "cxm_sdk.events"
"""The group of entry points by which other packages bring events: each names a module, or one class."""

Class = TypeVar("Class", bound=type[TypedEvent])
Properties = Mapping[str, Any]
Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

_VERSION = re.compile(r"([1-9]\d{0,5})-(0|[1-9]\d{0,5})-(0|[1-9]\d{0,5})")
_TYPES = ("track", "identify", "page", "screen", "group")

_log = logging.getLogger(__name__)
_lock = threading.RLock()
_classes: dict[tuple[str, str], dict[SchemaVer, type[TypedEvent]]] = {}
_upgrades: dict[tuple[str, str], dict[SchemaVer, tuple[SchemaVer, Upgrade]]] = {}
_imported: set[tuple[str, str]] = set()
_plugins_loaded = False
on_change: list[Callable[[], None]] = []
"""Called when a class has been registered; readers that were made before may be out of date."""


class SchemaVer(NamedTuple):
    """A version of an event's properties: MODEL-REVISION-ADDITION.

    MODEL counts up when old data no longer fits, REVISION when some of it may not, ADDITION when all of it does.

    Attributes:
        model: from 1.
        revision: from 0.
        addition: from 0.

    Example:
        >>> SchemaVer.of("1-0-2") < SchemaVer.of("1-1-0"), str(SchemaVer(2, 0, 1))
        (True, '2-0-1')
    """

    model: int
    revision: int = 0
    addition: int = 0

    @classmethod
    def of(cls, text: str) -> Self:
        """Reads a version.

        Args:
            text: ``MODEL-REVISION-ADDITION``.

        Returns:
            The version.

        Raises:
            EventError: the text is no version.

        Example:
            >>> SchemaVer.of("1-0-0")
            SchemaVer(model=1, revision=0, addition=0)
        """
        parts = _VERSION.fullmatch(text)
        if parts is None:
            raise EventError("schema version: expected MODEL-REVISION-ADDITION, such as 1-0-0.")
        return cls(*map(int, parts.groups()))

    def __str__(self) -> str:
        return f"{self.model}-{self.revision}-{self.addition}"


def register(cls: Class) -> Class:
    """Makes an event class known, so that ``parse`` reads its events; also a decorator.

    Args:
        cls: A subclass of ``TypedEvent``, which names its event and its version.

    Returns:
        The class.

    Raises:
        EventError: it has no name, its version or type is none, or another class is registered for the same.

    Example:
        >>> from cxm_sdk.events import TypedEvent, parse
        >>> @register
        ... class TeaPoured(TypedEvent):
        ...     \"\"\"Tea was poured.\"\"\"
        ...     event_name = "Tea Poured"
        ...     cups: int
        >>> parse({"type": "track", "event": "Tea Poured", "userId": "u", "properties": {"cups": 2}}).properties.cups
        2
    """
    traits = cls.event_type in ("identify", "group")
    if cls.event_type not in _TYPES or traits == bool(cls.event_name):
        raise EventError(
            f"{cls.__name__}: expected event_name for track, page and screen, none for identify and group.",
            hint="Set event_type and event_name on the class.",
        )
    version = SchemaVer.of(cls.schema_version)
    with _lock:
        known = _classes.setdefault((cls.event_type, cls.event_name), {})
        other = known.get(version, cls)
        if (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
            raise EventError(
                f"{cls.__name__}: {other.__name__} is registered for {cls.event_type} {cls.event_name!r} {version}.",
                hint="Count the version up, or choose another name.",
            )
        known[version] = cls
        for changed in on_change:
            changed()
    return cls


def find(event_type: str, name: str = "", version: str | None = None) -> type[TypedEvent] | None:
    """Finds the class of an event.

    Families of the catalogue are imported when one of their events is first asked for, and packages that bring
    events by entry point when a name is asked for that is not known otherwise.

    Args:
        event_type: The call, such as ``"track"``.
        name: The event's name; empty for traits.
        version: One version; the latest when left out.

    Returns:
        The class, or None where there is none.

    Raises:
        EventError: the version is none.

    Example:
        >>> find("track", "Order Completed").__name__, find("track", "Moon Landed")
        ('OrderCompleted', None)
    """
    known = _known((event_type, name))
    if not known:
        return None
    return known[max(known)] if version is None else known.get(SchemaVer.of(version))


def names() -> Iterator[tuple[str, str]]:
    """Lists all events: those of the catalogue, of other packages, and what has been registered.

    Returns:
        Type and name of each, in order.

    Example:
        >>> ("track", "Ticket Opened") in names()
        True
    """
    _load_plugins()
    with _lock:
        return iter(sorted({*EVENTS, *_classes}))


def upgrade(event_type: str, name: str, *, since: str, to: str) -> Callable[[Upgrade], Upgrade]:
    """Registers how properties of an older version become those of a newer one; a decorator.

    Steps are chained: with one from 1-0-0 to 2-0-0 and one from 2-0-0 to 3-0-0, events of 1-0-0 become 3-0-0.

    Args:
        event_type: The call, such as ``"track"``.
        name: The event's name.
        since: The version that the function takes.
        to: The version that it gives; newer.

    Returns:
        A decorator for a function from properties to properties; it may change the dict that it is given.

    Raises:
        EventError: a version is none, or is not newer.

    Example:
        >>> @upgrade("track", "Tea Served", since="1-0-0", to="2-0-0")
        ... def cups_as_list(properties):
        ...     return {"cups": [properties.pop("cup")]}
        >>> upgraded("track", "Tea Served", "1-0-0", {"cup": "green"})
        ('2-0-0', {'cups': ['green']})
    """
    first, last = SchemaVer.of(since), SchemaVer.of(to)
    if first >= last:
        raise EventError(f"upgrade of {name!r}: expected a newer version than {first}, got {last}.")

    def decorator(function: Upgrade) -> Upgrade:
        with _lock:
            _upgrades.setdefault((event_type, name), {})[first] = (last, function)
        return function

    return decorator


def upgraded(event_type: str, name: str, version: str, properties: Properties) -> tuple[str, Properties]:
    """Brings properties as far up as there are upgrades.

    Args:
        event_type: The call, such as ``"track"``.
        name: The event's name.
        version: The version that the properties have.
        properties: The properties; not changed.

    Returns:
        The version they have then, and the properties: the same ones where there is no upgrade.

    Raises:
        EventError: the version is none, or an upgrade failed.

    Example:
        >>> upgraded("track", "Order Completed", "1-0-0", {})
        ('1-0-0', {})
    """
    at = SchemaVer.of(version)
    steps = _upgrades.get((event_type, name), {})
    while at in steps:
        newer, function = steps[at]
        try:
            properties = function(dict(properties))
        except Exception as error:
            raise EventError(
                f"{name}: the upgrade from {at} to {newer} failed ({type(error).__name__})."
            ) from error
        at = newer
    return str(at), properties


def json_schema(cls: type[TypedEvent]) -> dict[str, Any]:
    """Describes the properties of an event as JSON Schema.

    Args:
        cls: The class of the event.

    Returns:
        A schema of draft 2020-12. Its ``$id`` is what ``context.schema`` holds; ``x-event`` has type, name and
        version, and ``x-privacy`` the class of personal data by path.

    Example:
        >>> from cxm_sdk.events import SurveyResponded
        >>> schema = json_schema(SurveyResponded)
        >>> schema["$id"], schema["required"], schema["x-privacy"]["comment"]
        ('cxm:survey_responded/1-0-0', ['survey_id', 'survey_type', 'response_id'], 'free_text')
    """
    event = {"type": cls.event_type, "name": cls.event_name, "version": cls.schema_version}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": cls.schema_id(),
        **cls.model_json_schema(by_alias=True),
        "x-event": event,
        "x-privacy": {path: str(kind) for path, kind in cls.privacy_fields().items()},
    }


def _known(key: tuple[str, str]) -> dict[SchemaVer, type[TypedEvent]]:
    """The versions of an event, its family imported."""
    if key not in _imported:
        name = EVENTS.get(key)
        if name is not None:
            register(getattr(import_module(f"cxm_sdk.events.catalog.{FAMILY[name]}"), name))
            _imported.add(key)
        elif key not in _classes and not _plugins_loaded:
            _load_plugins()
    return _classes.get(key, {})


def _load_plugins() -> None:
    """Registers what other packages bring, once a process; what cannot be loaded is logged and left out."""
    global _plugins_loaded
    with _lock:
        if _plugins_loaded:
            return
        _plugins_loaded = True  # first: a package may ask the registry while it is loaded
        for point in entry_points(group=ENTRY_POINTS):
            try:
                for cls in _event_classes(point.load()):
                    register(cls)
            except Exception:
                _log.exception("The events of entry point %s = %s cannot be loaded.", point.name, point.value)


def _event_classes(found: object) -> Iterator[type[TypedEvent]]:
    """The event classes of what an entry point names."""
    if isinstance(found, ModuleType):
        for value in vars(found).values():
            own = isinstance(value, type) and value.__module__ == found.__name__
            if own and issubclass(value, TypedEvent) and not value.__name__.startswith("_"):
                yield value
    elif isinstance(found, type) and issubclass(found, TypedEvent):
        yield found
    else:
        raise EventError(f"entry point: expected a module or an event class, got {type(found).__name__}.")
