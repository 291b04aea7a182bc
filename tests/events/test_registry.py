"""Classes are found by type, name and version; versions are brought up; other packages bring events."""

from __future__ import annotations

import itertools
import logging
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk import EventError
from cxm_sdk.events import OrderCompleted, SchemaVer, TypedEvent, parse, registry

PLUGIN = Path(__file__).parents[1] / "plugins" / "cxm_tea"
VERSIONS = st.builds(SchemaVer, st.integers(1, 99), st.integers(0, 99), st.integers(0, 99))
fresh = itertools.count()


@pytest.fixture
def name() -> Iterator[str]:
    """The name of an event that nothing else knows; forgotten afterwards."""
    name = f"Thing Happened {next(fresh)}"
    yield name
    registry._classes.pop(("track", name), None)
    registry._upgrades.pop(("track", name), None)
    for changed in registry.on_change:
        changed()


def made(name: str, version: str = "1-0-0", **fields: type) -> type[TypedEvent]:
    space = {"__doc__": "A thing.", "event_name": name, "schema_version": version, "__annotations__": fields}
    return type(TypedEvent)(
        f"Thing{version.replace('-', '')}", (TypedEvent,), {**space, "__module__": __name__}
    )


def sent(name: str, schema: str | None = None, **properties: Any) -> dict[str, Any]:
    context = {"context": {"schema": schema}} if schema else {}
    return {"type": "track", "event": name, "userId": "u", "properties": properties, **context}


@given(VERSIONS, VERSIONS)
def test_versions_are_ordered_and_read_back(a: SchemaVer, b: SchemaVer) -> None:
    assert SchemaVer.of(str(a)) == a
    assert (a < b) == ((a.model, a.revision, a.addition) < (b.model, b.revision, b.addition))


@pytest.mark.parametrize(
    "text", ["", "1", "1-0", "1-0-0-0", "0-0-0", "1.0.0", "01-0-0", "1-0-x", "²-0-0", "1-0-0\n"]
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(EventError, match="expected MODEL-REVISION-ADDITION"):
        SchemaVer.of(text)


def test_the_latest_version_is_found_unless_another_is_asked_for(name: str) -> None:
    old, new = (registry.register(made(name, version)) for version in ("1-9-0", "1-10-0"))
    assert registry.find("track", name) is new
    assert registry.find("track", name, "1-9-0") is old
    assert registry.find("track", name, "3-0-0") is None


def test_what_is_registered_late_is_read_from_then_on(name: str) -> None:
    assert type(parse(sent(name, cups=1)).properties) is dict
    cls = registry.register(made(name, cups=int))
    assert type(parse(sent(name, cups=1)).properties) is cls
    newer = registry.register(made(name, "1-0-1", cups=int))
    assert type(parse(sent(name, cups=1)).properties) is newer


def test_two_classes_for_one_version_are_an_error(name: str) -> None:
    registry.register(made(name))

    class Other(TypedEvent):
        """Another thing."""

        event_name = name

    with pytest.raises(EventError, match=r"^Other: Thing100 is registered for track"):
        registry.register(Other)


def test_a_class_without_a_name_or_version_is_an_error() -> None:
    with pytest.raises(EventError, match="expected event_name"):
        registry.register(made(""))
    with pytest.raises(EventError, match="expected MODEL"):
        registry.register(made("X", "one"))


def test_older_properties_are_brought_up_step_by_step(name: str) -> None:
    cls = registry.register(made(name, "3-0-0", cups=int))
    registry.upgrade("track", name, since="1-0-0", to="2-0-0")(lambda old: {"cup_count": old["n"]})
    registry.upgrade("track", name, since="2-0-0", to="3-0-0")(lambda old: {"cups": old["cup_count"]})
    ident = cls.schema_id().partition("/")[0]
    wire = sent(name, f"{ident}/1-0-0", n=2)
    event = parse(wire)
    assert type(event.properties) is cls
    assert (event.properties.cups, event.schema_id) == (2, f"{ident}/3-0-0")  # type: ignore[attr-defined]
    assert wire == sent(name, f"{ident}/1-0-0", n=2)
    assert parse(event.to_wire()) == event


def test_an_upgrade_that_fails_is_an_error_without_the_value(name: str) -> None:
    cls = registry.register(made(name, "2-0-0"))
    registry.upgrade("track", name, since="1-0-0", to="2-0-0")(lambda old: {"n": int(old["n"])})
    with pytest.raises(EventError, match=r"the upgrade from 1-0-0 to 2-0-0 failed \(ValueError\)\.$"):
        parse(sent(name, cls.schema_id().replace("2-0-0", "1-0-0"), n="secret"))


def test_an_upgrade_to_an_older_version_is_an_error() -> None:
    with pytest.raises(EventError, match="expected a newer version"):
        registry.upgrade("track", "X", since="1-0-0", to="1-0-0")


def test_a_newer_addition_is_read_and_a_newer_model_is_kept_as_it_came() -> None:
    event = parse(sent("Order Completed", "cxm:order_completed/1-0-7", order_id="o", added=1))
    assert isinstance(event.properties, OrderCompleted)
    assert event.properties.to_properties() == {"order_id": "o", "added": 1}
    assert parse(sent("Order Completed", "cxm:order_completed/2-0-0", id="o")).properties == {"id": "o"}


@pytest.mark.parametrize(
    "schema", ["iglu:com.acme/order/1-0-0", "cxm:other/2-0-0", "cxm:order_completed/x", "", 7, [1]]
)
def test_the_schema_of_somebody_else_changes_nothing(schema: Any) -> None:
    event = parse({**sent("Order Completed", order_id="o"), "context": {"schema": schema}})
    assert isinstance(event.properties, OrderCompleted)
    assert event.context == {"schema": schema}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package ``cxm_tea`` as an installer leaves it."""
    site = tmp_path_factory.mktemp("site")
    (site / "cxm_tea.py").write_bytes((PLUGIN / "cxm_tea.py").read_bytes())
    info = site / "cxm_tea-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: cxm-tea\nVersion: 1.0\n")
    points = tomllib.loads((PLUGIN / "pyproject.toml").read_text())["project"]["entry-points"][
        "cxm_sdk.events"
    ]
    lines = [f"{point} = {value}" for point, value in points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[cxm_sdk.events]", *lines]))
    return site


def run(site: Path, program: str) -> str:
    head = f"import sys; sys.path.append({str(site)!r})\nfrom cxm_sdk.events import parse, registry\n"
    command = [sys.executable, "-c", head + program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_another_package_brings_events_and_is_loaded_when_they_are_first_met(installed: Path) -> None:
    program = """
event = {"type": "track", "event": "Order Completed", "userId": "u", "properties": {"order_id": "o"}}
parse(event)
print("cxm_tea" in sys.modules)
tea = parse({**event, "event": "Tea Poured", "properties": {"cups": "2"}})
print(tea.properties.cups, ("track", "Tea Poured") in registry.names())
old = {"context": {"schema": "cxm:tea_poured/1-0-0"}, "properties": {"tally": "|||"}}
print(parse({**event, "event": "Tea Poured", **old}).properties.cups)
"""
    assert run(installed, program) == "False\n2 True\n3\n"


def test_a_package_that_cannot_be_loaded_is_logged_and_costs_no_event(installed: Path) -> None:
    program = """
import logging
seen = []
class Kept(logging.Handler):
    def emit(self, record): seen.append(record.getMessage())
logging.getLogger("cxm_sdk").addHandler(Kept())
print(type(parse({"type": "track", "event": "Moon Landed", "userId": "u"}).properties).__name__)
print(*seen)
"""
    expected = "dict\nThe events of entry point broken = cxm_tea_missing cannot be loaded.\n"
    assert run(installed, program) == expected


def test_looking_events_up_logs_nothing_to_the_root(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        parse(sent("Order Completed", order_id="o"))
    assert caplog.records == []
