"""A plan says what does not fit, by rule and count, in whichever format it was written, and never shows a value."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_sdk.errors import InputError, MissingExtraError, PlanError
from cxm_sdk.events.plan import TrackingPlan
from cxm_sdk.events.plan.checking import MAX_COUNTED
from cxm_sdk.events.plan.formats import recognised
from cxm_sdk.events.privacy import PrivacyRules

SHOP = """
plan: Shop
mode: quarantine
unknown_events: forbid
unknown_properties: forbid
events:
  - name: Order Completed
    description: Someone has paid.
    properties:
      order_id: {type: string, required: true, min: 2, max: 20}
      total: {type: decimal, min: 0}
      currency: {type: string, pattern: "^[A-Z]{3}$"}
      status: {type: string, enum: [paid, "no"]}
      quantity: {type: integer, min: 1, max: 9}
      gift: boolean
      ordered_at: datetime
      delivery: date
      email: {type: string, privacy: contact}
      note: {type: string, nullable: true, privacy: free_text}
      products:
        type: array
        min: 1
        items:
          type: object
          properties:
            price: {type: number, required: true}
            name: string
      extra: {type: object, unknown_properties: allow, properties: {a: string}}
  - type: identify
    traits:
      plan: {type: string, enum: [free, pro]}
  - type: page
    name: Home
"""


def plan_of(text: str, tmp_path: Path, **options: Any) -> TrackingPlan:
    file = tmp_path / "plan.yaml"
    file.write_text(text, encoding="utf-8")
    return TrackingPlan.load(file, **options)


@pytest.fixture
def shop(tmp_path: Path) -> TrackingPlan:
    return plan_of(SHOP, tmp_path)


def order(**properties: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Order Completed", "properties": {"order_id": "o-1", **properties}}


def broken(plan: TrackingPlan, event: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted(
        (violation.path.removeprefix("properties."), violation.rule) for violation in plan.check(event)
    )


# -------------------------------------------------------------------------------------------------------- own format


@pytest.mark.parametrize(
    ("properties", "rules"),
    [
        ({}, []),
        (
            {
                "total": "42.00",
                "currency": "EUR",
                "status": "no",
                "quantity": 2,
                "gift": False,
                "ordered_at": "2026-05-01T12:00:00Z",
                "delivery": "2026-05-02",
                "note": None,
                "products": [{"price": 1.5, "name": "x"}],
                "extra": {"b": 1},
            },
            [],
        ),
        ({"total": 42}, []),
        ({"total": -1}, [("total", "minimum")]),
        ({"total": "much"}, [("total", "pattern")]),
        ({"order_id": "1"}, [("order_id", "minLength")]),
        ({"order_id": 12}, [("order_id", "type")]),
        ({"currency": "euro", "quantity": 10}, [("currency", "pattern"), ("quantity", "maximum")]),
        ({"quantity": True}, [("quantity", "type")]),
        ({"status": "new"}, [("status", "enum")]),
        (
            {"ordered_at": "yesterday", "delivery": "2026-13-01"},
            [("delivery", "format"), ("ordered_at", "format")],
        ),
        ({"email": None}, [("email", "type")]),
        ({"products": []}, [("products", "minItems")]),
        (
            {"products": [{"price": 1}, {"name": 3, "sku": 1}]},
            [
                ("products[].name", "type"),
                ("products[].price", "required"),
                ("products[].sku", "unknown_property"),
            ],
        ),
        ({"extra": {"a": 1, "b": 1}}, [("extra.a", "type")]),
        ({"colour": "red", "size": 3}, [("colour", "unknown_property"), ("size", "unknown_property")]),
    ],
)
def test_each_rule_of_a_property_is_checked(
    shop: TrackingPlan, properties: dict[str, Any], rules: list[tuple[str, str]]
) -> None:
    assert broken(shop, order(**properties)) == rules


def test_an_event_without_properties_lacks_what_is_required(shop: TrackingPlan) -> None:
    assert broken(shop, {"type": "track", "event": "Order Completed"}) == [("order_id", "required")]


def test_traits_of_identify_are_checked(shop: TrackingPlan) -> None:
    found = shop.check({"type": "identify", "traits": {"plan": "gold"}})
    assert [(violation.path, violation.rule) for violation in found] == [("traits.plan", "enum")]


def test_events_that_the_plan_does_not_name_are_violations_only_where_it_forbids_them(
    shop: TrackingPlan, tmp_path: Path
) -> None:
    strangers = [
        {"type": "track", "event": "Moon Landed"},
        {"type": "page", "name": "Shop"},
        {"type": "screen", "name": "Shop"},  # the plan has no screens at all
        {"type": "alias", "userId": "u", "previousId": "v"},
        {"type": "track", "event": "Consent Updated"},  # nobody's plan stands in the way of consent
    ]
    assert [bool(shop.check(event)) for event in strangers] == [True, True, False, False, False]
    lax = plan_of(SHOP.replace("unknown_events: forbid", "unknown_events: allow"), tmp_path)
    assert not any(lax.check(event) for event in strangers)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("      a: {type: text}", "events.0.properties.a.type"),
        ("      a: {type: string, requird: true}", "requird"),
        ("      a: {type: boolean, min: 1}", "min and max limit no boolean"),
        ("      a: {type: number, pattern: x}", "a pattern describes a string"),
        ("      a: {type: string, enum: [yes, no]}", "put texts such as yes, no and dates in quotes"),
        ("      a: {type: string, enum: [2026-01-01]}", "in quotes"),
        ("      a: {type: string, privacy: secret}", "events.0.properties.a.privacy"),
        ("      a: {type: string, pattern: '('}", "'E'"),
        ("      a: {type: string, items: string}", "an array has items"),
        ("    traits: {}", "has properties, not traits"),
        ("  - name: E", "twice in one version"),
        ("  - type: identify\n    name: E", "has no name"),
        ("  - type: track", "a track event has a name"),
        ("   - bad indent", "not YAML at line"),
    ],
)
def test_a_mistake_in_a_plan_is_told_with_its_place(line: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError) as raised:
        plan_of(f"plan: P\nevents:\n  - name: E\n    properties:\n      ok: string\n{line}\n", tmp_path)
    assert complaint in str(raised.value)


def test_the_mode_is_the_plans_unless_another_is_asked_for(shop: TrackingPlan, tmp_path: Path) -> None:
    assert shop.mode == "quarantine"
    assert plan_of(SHOP, tmp_path, mode="reject").mode == "reject"
    assert plan_of("plan: P\nevents: []\n", tmp_path).mode == "observe"
    with pytest.raises(InputError, match="Unknown mode"):
        plan_of(SHOP, tmp_path, mode="block")


# --------------------------------------------------------------------------------------------------- formats of others


def segment_schema(**properties: Any) -> dict[str, Any]:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "labels": {},
        "type": "object",
        "properties": {
            "context": {},
            "traits": {"type": "object"},
            "properties": {"type": "object", "properties": properties, "required": list(properties)[:1]},
        },
        "required": ["properties"],
    }


SEGMENT = {
    "create_time": "2026-01-01T00:00:00.000Z",
    "display_name": "Web",
    "name": "workspaces/w/tracking-plans/rs_1",
    "rules": {
        "events": [
            {
                "name": "Clicked",
                "description": "d",
                "version": 1,
                "rules": segment_schema(id={"type": "string"}),
            },
            {
                "name": "Clicked",
                "description": "d",
                "version": 2,
                "rules": segment_schema(id={"type": ["integer", "null"]}),
            },
        ],
        "identify": {
            "properties": {"traits": {"properties": {"email": {"type": "string"}}, "required": ["email"]}}
        },
        "group": {},
        "global": {"properties": {"context": {"required": ["app"]}}},
    },
}
PUBLIC_API = {
    "data": {
        "rules": [
            {
                "key": "Clicked",
                "type": "TRACK",
                "version": 2,
                "jsonSchema": segment_schema(id={"type": "integer"}),
            },
            {"key": None, "type": "IDENTIFY", "version": 1, "jsonSchema": SEGMENT["rules"]["identify"]},  # type: ignore[index]
            {"key": None, "type": "COMMON", "version": 1, "jsonSchema": SEGMENT["rules"]["global"]},  # type: ignore[index]
        ]
    }
}
AVO = {
    "name": "Shop:main",
    "events": [
        {
            "id": "x1",
            "name": "Clicked",
            "description": "d",
            "tags": [],
            "categories": [],
            "rules": {
                "$schema": "http://json-schema.org/draft-06/schema#",
                "type": "object",
                "required": ["properties", "nameMapping"],
                "properties": {
                    "properties": {
                        "type": "object",
                        "properties": {
                            "id": {
                                "id": "p1",
                                "description": "",
                                "type": "integer",
                                "nameMapping": [{"name": "Id", "destinationId": "d1"}],
                            },
                            "kind": {"id": "p2", "description": "", "type": "string", "enum": ["a", "b"]},
                        },
                        "additionalProperties": False,
                        "required": ["id"],
                    },
                    "nameMapping": {"type": "array"},
                },
            },
        }
    ],
}

SHOP_CONTENT = recognised(yaml.safe_load(SHOP), name="p")
COMMON_CONTENT = recognised(
    {
        "rules": [
            {"type": "COMMON", "jsonSchema": SEGMENT["rules"]["global"]},
            {"type": "PAGE", "jsonSchema": {"required": ["x"]}},
        ]
    },  # type: ignore[index]
    name="p",
)

APP = {"app": {"name": "x"}}


@pytest.mark.parametrize(
    ("data", "written_as"), [(SEGMENT, "segment"), (PUBLIC_API, "segment"), (AVO, "avo")]
)
def test_plans_of_others_are_recognised_and_check_what_they_say(
    data: Any, written_as: str, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(data))
    plan = TrackingPlan.load(file)
    assert plan.format == written_as
    clicked: dict[str, Any] = {"type": "track", "event": "Clicked", "context": APP}
    assert broken(plan, {**clicked, "properties": {"id": 1}}) == []
    assert broken(plan, {**clicked, "properties": {"id": "1"}}) == [("id", "type")]
    assert broken(plan, {**clicked, "properties": {}}) == [("id", "required")]
    assert broken(plan, clicked) == [("id", "required")]


def test_segments_rules_for_identify_and_for_all_events_are_checked() -> None:
    for data in (SEGMENT, PUBLIC_API):
        plan = TrackingPlan(recognised(data, name="p"))
        assert broken(plan, {"type": "identify", "context": APP}) == [("traits.email", "required")]
        assert broken(plan, {"type": "identify", "traits": {"email": "a@b.org"}}) == [
            ("context.app", "required")
        ]
        assert broken(plan, {"type": "page"}) == [("context.app", "required")]


def test_an_event_is_checked_against_its_version_and_the_newest_without_one() -> None:
    plan = TrackingPlan(recognised(SEGMENT, name="p"))
    old = {"type": "track", "event": "Clicked", "properties": {"id": "x"}}
    assert broken(plan, {**old, "context": {**APP, "protocols": {"event_version": 1}}}) == []
    assert broken(plan, {**old, "context": {**APP, "schema": "cxm:clicked/1-0-0"}}) == []
    assert broken(plan, {**old, "context": APP}) == [("id", "type")]
    assert broken(plan, {**old, "context": {**APP, "schema": "cxm:clicked/7-0-0"}}) == [("id", "type")]


def test_avos_properties_that_no_event_may_have_are_found_and_its_name_mappings_asked_of_none() -> None:
    plan = TrackingPlan(recognised(AVO, name="p"))
    found = broken(
        plan, {"type": "track", "event": "Clicked", "properties": {"id": 1, "kind": "c", "more": 1}}
    )
    assert found == [("kind", "enum"), ("more", "unknown_property")]


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        {"events": [{"name": "x"}]},
        {"rules": {"events": {}}},
        {"rules": {"events": [{"rules": {}}]}},
        {"rules": [{"key": "x", "type": "OTHER"}]},
        {"rules": {"events": [{"name": "x", "rules": []}]}},
        {"rules": {"events": [{"name": "x", "rules": {"$ref": "https://example.com/schema.json"}}]}},
        {"rules": {"events": [{"name": "x", "rules": {"type": "strin"}}]}},
        {"events": [{"name": "x", "rules": 1}]},
        {"plan": 1},
    ],
)
def test_what_is_no_plan_is_refused(data: Any) -> None:
    with pytest.raises(PlanError):
        TrackingPlan(recognised(data, name="p"))


@pytest.mark.parametrize(
    ("name", "content"),
    [("plan.txt", b"plan: P"), ("plan.json", b"{"), ("plan.yaml", b"\xff"), ("plan.yaml", b"a: [")],
)
def test_a_file_that_cannot_be_read_is_an_error_that_names_it(
    name: str, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PlanError, match=name):
        TrackingPlan.load(tmp_path / name)
    with pytest.raises(PlanError, match=r"missing\.yaml"):
        TrackingPlan.load(tmp_path / "missing.yaml")


@pytest.mark.parametrize("package", ["yaml", "jsonschema_rs"])
def test_a_missing_extra_is_named_with_the_command_that_installs_it(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'cxm-sdk\[plan\]'"):
        plan_of(SHOP, tmp_path)


# -------------------------------------------------------------------------------------------------------------- reports


def test_violations_are_counted_by_rule_the_most_frequent_first(shop: TrackingPlan) -> None:
    for total in (-1, -2, 3):
        shop.check(order(total=total, currency="euro" if total == -1 else "EUR"))
    shop.check({"type": "track", "event": "Moon Landed"})
    report = shop.report()
    assert (report.plan, report.mode, report.checked, report.violating) == ("Shop", "quarantine", 4, 3)
    assert [(found.event, found.path, found.rule, found.count) for found in report.violations] == [
        ("Order Completed", "properties.total", "minimum", 2),
        ("Moon Landed", "", "unknown_event", 1),
        ("Order Completed", "properties.currency", "pattern", 1),
    ]
    assert json.loads(json.dumps(report.to_dict()))["violations"][0]["count"] == 2


def test_names_made_up_at_run_time_do_not_fill_the_memory(shop: TrackingPlan) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    for a in letters:
        for b in letters:
            for c in "abc":
                shop.check({"type": "track", "event": f"{a} {b} {c}"})
    violations = shop.report().violations
    assert len(violations) <= MAX_COUNTED + 1
    assert sum(found.count for found in violations) == 26 * 26 * 3


def test_an_event_is_stamped_with_paths_and_rules_and_stays_as_it_was(shop: TrackingPlan) -> None:
    event = {**order(total=-1), "context": {"locale": "en"}}
    stamped = shop.stamped(event, shop.check(event))
    assert stamped["context"] == {
        "locale": "en",
        "trackingPlan": {
            "name": "Shop",
            "quarantined": True,
            "violations": [{"path": "properties.total", "rule": "minimum"}],
        },
    }
    assert event["context"] == {"locale": "en"}


secret = st.from_regex(r"\A§[a-z]{6}§\Z")
json_values = st.recursive(
    secret | st.integers() | st.none() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(secret | st.sampled_from(["price", "name", "a"]), inner, max_size=3)
    ),
)
planned = st.sampled_from(
    ["order_id", "total", "currency", "status", "products", "extra", "note", "gift", "email"]
)
names = st.sampled_from(["Order Completed", "§secret§", "ada@example.com"])


@settings(max_examples=50)
@given(
    st.dictionaries(planned | secret, json_values),
    names,
    st.sampled_from(["track", "page", "screen", "§type§"]),
)
def test_no_report_and_no_violation_shows_a_value(
    properties: dict[str, Any], name: str, event_type: str
) -> None:
    event = {"type": event_type, "properties": properties, "userId": "§userid§", "event": name, "name": name}
    for content in (SHOP_CONTENT, COMMON_CONTENT):
        plan = TrackingPlan(content)
        found = plan.check(event)
        report = plan.report()
        shown = (
            f"{found!r} {list(map(str, found))} {report!r} {json.dumps(report.to_dict(), ensure_ascii=False)}"
        )
        assert "§" not in shown
        assert "ada@example.com" not in shown


hostile = st.none() | st.floats() | st.text() | st.binary() | st.dates() | st.integers() | st.just(object())


@given(st.dictionaries(st.text() | st.integers(), hostile | st.lists(hostile, max_size=2), max_size=3))
def test_whatever_an_event_holds_checking_never_raises(properties: dict[Any, Any]) -> None:
    plan = TrackingPlan(
        recognised({"plan": "P", "events": [{"name": "E", "properties": {"a": "string"}}]}, name="p")
    )
    for event in (
        {"type": "track", "event": "E", "properties": properties},
        {"type": "track", "event": properties, "properties": "none"},
        {"type": properties, "context": properties, "traits": [1]},
    ):
        plan.check(event)


def test_what_json_cannot_hold_is_a_violation_of_its_own() -> None:
    planned = {
        "plan": "P",
        "events": [{"name": "E", "properties": {"a": {"type": "array", "items": "string"}}}],
    }
    plan = TrackingPlan(recognised(planned, name="p"))
    for value in ([b"bytes"], [object()]):
        event = {"type": "track", "event": "E", "properties": {"a": value}}
        assert [found.rule for found in plan.check(event)] == ["json"]


# -------------------------------------------------------------------------------------------------------------- privacy


def test_the_classes_of_a_plan_count_for_privacy_rules(shop: TrackingPlan) -> None:
    clean = PrivacyRules(plan=shop).apply(order(email="ada@example.org", note="call me", extra={}))[
        "properties"
    ]
    assert clean.keys() == {"order_id", "email_sha256", "note", "extra"}
    assert clean["note"] == "***"
