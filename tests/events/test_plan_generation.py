"""The classes written from a plan import, type-check, validate, and make events that the plan accepts."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cxm_sdk.errors import EventError
from cxm_sdk.events.plan import TrackingPlan
from cxm_sdk.events.plan.formats import recognised
from cxm_sdk.events.plan.generate import generated
from cxm_sdk.events.privacy import PrivacyClass, PrivacyRules
from cxm_sdk.events.typed import TypedEvent

ROOT = Path(__file__).parents[2]

SHOP: dict[str, Any] = {
    "plan": "Shop",
    "unknown_properties": "forbid",
    "events": [
        {
            "name": "Order Completed",
            "version": 2,
            "description": 'Paid, says """the till""" \\ and ends with a quote"',
            "properties": {
                "order_id": {"type": "string", "required": True, "min": 2, "description": "Our own number."},
                "total": {"type": "decimal", "required": True, "min": 0},
                "discount": {"type": "decimal"},
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
                "look": {"type": "string", "pattern": "^(?!x)"},
                "status": {"type": "string", "enum": ["new", "paid", "no"]},
                "email": {"type": "string", "privacy": "contact"},
                "tags": {"type": "array", "items": {"type": "string", "privacy": "free_text"}, "max": 5},
                "date": "date",
                "at": "datetime",
                "count": {"type": "integer", "min": 1},
                "rate": {"type": "number", "nullable": True},
                "gift": "boolean",
                "more": "object",
                "anything": "any",
                "products": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"name": {"type": "string", "required": True}, "price": "decimal"},
                    },
                },
                "address": {"type": "object", "properties": {"city": "string"}},
            },
        },
        {"name": "Order Completed", "version": 1},
        {"type": "identify", "traits": {"plan": {"type": "string", "enum": ["free", "pro"]}}},
        {"type": "page", "name": "Home", "properties": {"path": "string"}},
    ],
}

HOSTILE = [
    "class", "None", "def", "int", "str", "date", "Annotated", "Field", "model_dump", "model_config", "model_id",
    "copy", "schema", "json", "to_properties", "event_name", "privacy_fields", "_private", "__init__", "42 things",
    "with space", "with-dash", "with_dash", "größe", "数量", "ﬁ", "fi", "a.b", "a\\b", "[]", "*", "'", '"', "\n", "{}",
    "…", "print", "self", "", " ", "\u200b", "²", "OrderCompleted", "TypedEvent", "Money", "x" * 90, '"""', "#", "\\",
    "é", "e\u0301",
]  # fmt: skip


def loaded(plan: TrackingPlan) -> types.ModuleType:
    """Imports the module that is written from a plan."""
    module = types.ModuleType(f"generated_{id(plan)}")
    sys.modules[module.__name__] = module  # pydantic looks names up there
    try:
        exec(compile(generated(plan), module.__name__, "exec"), module.__dict__)
        for name in module.__all__:
            getattr(module, name).model_rebuild()
    finally:
        del sys.modules[module.__name__]
    return module


def plan_of(data: dict[str, Any]) -> TrackingPlan:
    return TrackingPlan(recognised(data, name="p"))


def events_of(module: types.ModuleType) -> list[type[TypedEvent]]:
    found = [getattr(module, name) for name in module.__all__]
    return [cls for cls in found if issubclass(cls, TypedEvent)]


def wire(event: TypedEvent) -> dict[str, Any]:
    key = "traits" if event.event_type in ("identify", "group") else "properties"
    name = {"event" if event.event_type == "track" else "name": event.event_name} if event.event_name else {}
    schema = {"schema": f"cxm:x/{event.schema_version}"}
    return {"type": event.event_type, **name, key: event.to_properties(), "context": schema}


def test_what_the_classes_make_is_accepted_by_the_plan() -> None:
    plan = plan_of(SHOP)
    shop = loaded(plan)
    order = shop.OrderCompleted(
        order_id="o-1",
        total="42.10",
        discount=Decimal("0.005"),
        currency="EUR",
        look="y",
        status="no",
        email="ada@example.com",
        tags=["a", "b"],
        date_=date(2026, 5, 1),
        at=datetime(2026, 5, 1, 12, tzinfo=UTC),
        count=3,
        rate=0.5,
        gift=True,
        more={"a": [1]},
        anything=[None, 1],
        products=[shop.OrderCompletedProducts(name="x", price="3.10")],
        address=shop.OrderCompletedAddress(city="London"),
    )
    assert plan.check(wire(order)) == []
    assert order.to_properties()["total"] == 42.1
    assert order.to_properties()["date"] == "2026-05-01"
    assert plan.check(wire(shop.IdentifyTraits(plan="pro"))) == []
    assert plan.check(wire(shop.HomePage(path="/"))) == []
    assert plan.check(wire(shop.OrderCompletedV1())) == []
    assert (shop.OrderCompleted.schema_version, shop.OrderCompletedV1.schema_version) == ("2-0-0", "1-0-0")


@pytest.mark.parametrize(
    "wrong",
    [
        {"order_id": None},
        {"order_id": "1"},
        {"total": -1},
        {"currency": "euro"},
        {"status": "lost"},
        {"tags": list("abcdef")},
        {"count": 0},
        {"at": "soon"},
        {"products": [{"price": 1}]},
        {"unplanned": 1},
    ],
)
def test_what_the_plan_would_not_accept_cannot_be_made(wrong: dict[str, Any]) -> None:
    shop = loaded(plan_of(SHOP))
    shop.OrderCompleted(order_id="o-1", total=1)
    with pytest.raises(EventError):
        shop.OrderCompleted(**{"order_id": "o-1", "total": 1, **wrong})


def test_descriptions_and_privacy_classes_are_carried_over() -> None:
    plan = plan_of(SHOP)
    order = loaded(plan).OrderCompleted
    assert 'Paid, says """the till""" \\ and ends with a quote"' in order.__doc__
    assert "order_id: Our own number." in order.__doc__
    assert order.privacy_fields() == {"email": PrivacyClass.CONTACT, "tags[]": PrivacyClass.FREE_TEXT}
    assert order.privacy_fields() == plan.privacy_fields("track", "Order Completed")


def test_the_class_of_a_field_with_a_dot_in_its_name_is_found_by_privacy_rules() -> None:
    fields = {"user.email": {"type": "string", "privacy": "contact"}, "user": {"type": "object"}}
    plan = plan_of({"plan": "P", "events": [{"name": "E", "properties": fields}]})
    cls = loaded(plan).E
    assert cls.privacy_fields() == plan.privacy_fields("track", "E") == {r"user\.email": PrivacyClass.CONTACT}
    clean = PrivacyRules(plan=plan).apply(wire(cls(user_email="ada@example.org", user={"email": 1})))
    assert clean["properties"].keys() == {"user.email_sha256", "user"}


def test_equal_plans_give_equal_modules() -> None:
    assert generated(plan_of(SHOP)) == generated(plan_of(json.loads(json.dumps(SHOP))))


def test_the_module_passes_strict_type_checks_and_misuse_does_not(tmp_path: Path) -> None:
    hostile = {
        "plan": "Hostile",
        "events": [
            {"name": name or "empty", "properties": dict.fromkeys(HOSTILE, "string")} for name in HOSTILE
        ],
    }
    (tmp_path / "shop_events.py").write_text(generated(plan_of(SHOP)), encoding="utf-8")
    (tmp_path / "hostile_events.py").write_text(generated(plan_of(unique(hostile))), encoding="utf-8")
    (tmp_path / "right.py").write_text(
        "from shop_events import HomePage, OrderCompleted, OrderCompletedProducts\n"
        "from hostile_events import Class\n"
        "OrderCompleted(order_id='o-1', total='42.00', status='paid', tags=['a'],\n"
        "    products=[OrderCompletedProducts(name='x', price='1.00')])\n"
        "HomePage(path='/')\n"
        "Class(field_42_things='x', größe='y')\n"
    )
    wrong = [
        "OrderCompleted(total='1')",
        "OrderCompleted(order_id='o', total=[])",
        "OrderCompleted(order_id='o', total=1, status='lost')",
        "OrderCompleted(order_id='o', total=1, unplanned=1)",
        "OrderCompleted(order_id='o', total=1, count='many')",
    ]
    (tmp_path / "wrong.py").write_text("\n".join(["from shop_events import OrderCompleted", *wrong]) + "\n")
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nstrict = True\n[mypy-cxm_sdk.*]\nfollow_imports = silent\n")
    cache = ROOT / ".mypy_cache"  # what else is checked here has read pydantic already
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--config-file",
            config,
            "--cache-dir",
            cache,
            *sorted(tmp_path.glob("*.py")),
        ],
        cwd=tmp_path,
        env={"MYPYPATH": f"{ROOT}:{tmp_path}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in run.stdout.splitlines() if ": error:" in line]
    assert sorted({line.split(": ")[0] for line in complaints}) == [
        f"wrong.py:{n + 2}" for n in range(len(wrong))
    ], run.stdout


def unique(data: dict[str, Any]) -> dict[str, Any]:
    """Leaves out events that stand twice."""
    return {**data, "events": list({event["name"]: event for event in data["events"]}.values())}


kinds = st.sampled_from(
    ["string", "number", "integer", "decimal", "boolean", "any", "object", "array", "date", "datetime"]
)
names = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
properties = st.dictionaries(
    names, kinds | st.fixed_dictionaries({"type": kinds, "required": st.booleans()}), max_size=6
)
nested = properties | st.dictionaries(
    names, properties.map(lambda inner: {"type": "object", "properties": inner, "required": True}), max_size=2
)
VALUES: dict[str, Any] = {
    "string": "x", "number": 1.5, "integer": 2, "decimal": "3.50", "boolean": True, "any": [1], "object": {"k": 1},
    "array": [1, "a"], "date": date(2026, 5, 1), "datetime": datetime(2026, 5, 1, tzinfo=UTC),
}  # fmt: skip


def value_of(kind: Any) -> Any:
    if isinstance(kind, str):
        return VALUES[kind]
    if "properties" in kind:
        return {name: value_of(inner) for name, inner in kind["properties"].items()}
    return VALUES[kind["type"]]


@settings(max_examples=60)
@given(st.dictionaries(names.filter(bool), nested, min_size=1, max_size=4), st.text(max_size=20))
@example({name or "x": dict.fromkeys(HOSTILE, "string") for name in HOSTILE}, '"""\\')
def test_hostile_names_round_trip(planned: dict[str, Any], text: str) -> None:
    text = text.encode("utf-8", "replace").decode("utf-8")
    events = [{"name": name, "properties": fields, "description": text} for name, fields in planned.items()]
    plan = plan_of(
        {"plan": text, "unknown_events": "forbid", "unknown_properties": "forbid", "events": events}
    )
    module = loaded(plan)
    classes = {cls.event_name: cls for cls in events_of(module)}
    assert classes.keys() == planned.keys()
    for name, fields in planned.items():
        values = {key: value_of(kind) for key, kind in fields.items()}
        event = classes[name].model_validate(values)
        assert event.to_properties().keys() == values.keys()
        assert plan.check(wire(event)) == []


def test_schemas_of_other_formats_are_carried_as_far_as_types_go() -> None:
    schema = {
        "type": "object",
        "properties": {
            "mixed": {"type": ["string", "integer", "null"]},
            "one": {"const": "a"},
            "either": {"anyOf": [{"type": "string"}, {"type": "number"}]},
            "sizes": {"type": "array", "items": {"enum": [1, 2]}},
            "half": {"enum": [0.5, 1.5]},
            "nothing": {"type": "null"},
            "free": {},
            "deep": {
                "type": "array",
                "items": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"a": {"type": "string"}}},
                },
            },
        },
        "required": ["mixed"],
    }
    plan = plan_of({"rules": {"events": [{"name": "E", "rules": {"properties": {"properties": schema}}}]}})
    module = loaded(plan)
    event = module.E(mixed=3, one="a", either=2.5, sizes=[1], half=0.5, free={}, deep=[[{"a": "x"}]])
    assert plan.check(wire(event)) == []
    for wrong in (
        {"mixed": []},
        {"mixed": "x", "one": "b"},
        {"mixed": "x", "sizes": [3]},
        {"mixed": 1, "deep": [[{"a": []}]]},
    ):
        with pytest.raises(EventError):
            module.E(**wrong)
