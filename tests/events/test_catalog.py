"""The catalogue covers the vocabulary, documents it, and goes to the wire and back unchanged."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from cxm_sdk import EventError, events
from cxm_sdk.events import Event, PrivacyClass, parse, registry
from cxm_sdk.events.catalog.index import EVENTS, FAMILY
from cxm_sdk.events.typed import Part, TypedEvent

HERE = Path(__file__).parent
vocabulary = SimpleNamespace(**runpy.run_path(str(HERE / "vocabulary.py")))
builds = SimpleNamespace(**runpy.run_path(str(HERE / "builds.py")))


def classes() -> Iterator[type[Part]]:
    """Every public class of the catalogue."""
    for name, family in FAMILY.items():
        yield getattr(import_module(f"cxm_sdk.events.catalog.{family}"), name)


CLASSES = list(classes())
TYPED = [cls for cls in CLASSES if issubclass(cls, TypedEvent)]


def named(cls: type[Part]) -> str:
    return cls.__name__


def test_every_name_of_the_vocabulary_is_an_event_and_no_other() -> None:
    assert sorted(name for kind, name in EVENTS if kind == "track") == sorted(vocabulary.names())
    assert {kind for kind, name in EVENTS if not name} == {"identify", "group"}


def test_every_class_is_found_by_name_and_as_an_attribute() -> None:
    for (kind, name), cls in EVENTS.items():
        assert registry.find(kind, name) is getattr(events, cls)
    assert {cls.__name__ for cls in CLASSES} <= set(dir(events))


def test_what_the_vocabulary_marks_is_required_and_nothing_else() -> None:
    for name, expected in vocabulary.REQUIRED.items():
        cls = registry.find("track", name)
        assert cls is not None
        required = {field for field, info in cls.model_fields.items() if info.is_required()}
        assert required == set(expected.split()), name


@pytest.mark.parametrize("cls", CLASSES, ids=named)
def test_every_class_and_field_is_documented(cls: type[Part]) -> None:
    assert len((vars(cls).get("__doc__") or "").strip()) > 10
    bare = [name for name, field in cls.model_fields.items() if not (field.description or "").endswith(".")]
    assert bare == []


CLASSIFIED = {
    "email": PrivacyClass.CONTACT, "phone": PrivacyClass.CONTACT, "first_name": PrivacyClass.CONTACT,
    "last_name": PrivacyClass.CONTACT, "recipient": PrivacyClass.CONTACT, "invitee_email": PrivacyClass.CONTACT,
    "agent_name": PrivacyClass.CONTACT, "comment": PrivacyClass.FREE_TEXT, "subject": PrivacyClass.FREE_TEXT,
    "text": PrivacyClass.FREE_TEXT, "review_body": PrivacyClass.FREE_TEXT, "share_message": PrivacyClass.FREE_TEXT,
    "query": PrivacyClass.FREE_TEXT, "username": PrivacyClass.IDENTIFIER, "loyalty_id": PrivacyClass.IDENTIFIER,
    "identifier": PrivacyClass.IDENTIFIER, "requester_id": PrivacyClass.IDENTIFIER, "birthday": PrivacyClass.SPECIAL,
}  # fmt: skip


@pytest.mark.parametrize("cls", TYPED, ids=named)
def test_personal_data_is_classified(cls: type[TypedEvent]) -> None:
    found = cls.privacy_fields()
    for name, field in cls.model_fields.items():
        if name in CLASSIFIED:
            assert found[field.serialization_alias or name] == CLASSIFIED[name]


def test_paths_of_personal_data_lead_into_lists_and_parts() -> None:
    assert events.SurveyResponded.privacy_fields()["answers[].value"] == PrivacyClass.FREE_TEXT
    assert events.SceneEntered.privacy_fields()["position"] == PrivacyClass.SPECIAL
    assert events.IdentifyTraits.privacy_fields()["firstName"] == PrivacyClass.CONTACT
    assert events.IdentifyTraits.privacy_fields()["company.id"] == PrivacyClass.IDENTIFIER


@pytest.mark.parametrize("cls", TYPED, ids=named)
def test_every_event_has_a_json_schema_that_is_one(cls: type[TypedEvent]) -> None:
    schema = registry.json_schema(cls)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == cls.schema_id()
    assert json.loads(json.dumps(schema)) == schema


KEPT = builds.JSON.filter(lambda value: value is not None)  # null says that there is no value


@st.composite
def typed_events(draw: st.DrawFn) -> tuple[TypedEvent, dict[str, Any]]:
    cls = draw(st.sampled_from(TYPED))
    extra = draw(st.dictionaries(st.sampled_from(["colour", "Étage", "x y"]), KEPT, max_size=2))
    return draw(builds.models(cls)), extra


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(typed_events())
def test_any_event_goes_to_the_wire_and_back_unchanged(made: tuple[TypedEvent, dict[str, Any]]) -> None:
    body, extra = made
    body = body.model_copy(update=extra) if extra else body
    event = Event.of(body, user_id="u-1", **({"group_id": "g"} if body.event_type == "group" else {}))
    wire = event.to_wire()
    assert parse(wire) == event
    assert parse(json.dumps(wire)) == event
    properties = wire.get("properties", wire.get("traits", {}))
    assert properties == body.to_properties()
    assert json.loads(body.to_properties_json()) == json.loads(json.dumps(properties))
    Draft202012Validator(registry.json_schema(type(body)), format_checker=FormatChecker()).validate(
        properties
    )


def test_each_class_is_built_at_least_once() -> None:
    for cls in TYPED:
        needed = {
            name: _first(builds.values(field.annotation, tuple(field.metadata)))
            for name, field in cls.model_fields.items()
            if field.is_required()
        }
        body = cls(**builds._on_its_scale(needed))
        ids = {"group_id": "g"} if cls.event_type == "group" else {}
        assert type(parse(Event.of(body, user_id="u", **ids).to_wire()).properties) is (
            cls if cls.event_name else dict
        )


def _first(strategy: st.SearchStrategy[Any]) -> Any:
    found: list[Any] = []

    @settings(max_examples=1, database=None, derandomize=True)
    @given(strategy)
    def draw(value: Any) -> None:
        found.append(value)

    draw()
    return found[0]


# ---------------------------------------------------------------------------------------------- money, scores


def test_an_amount_is_exact_and_goes_out_as_a_number() -> None:
    order = events.OrderCompleted(order_id="o", total="0.10", tax=0.1, revenue="1234567890123456.78")
    assert (str(order.total), str(order.tax)) == ("0.10", "0.1")
    assert order.to_properties() == {
        "order_id": "o", "total": 0.1, "tax": 0.1, "revenue": "1234567890123456.78"
    }  # fmt: skip


@pytest.mark.parametrize("amount", ["NaN", float("inf"), "ten", [], {}])
def test_what_is_no_amount_is_refused_without_being_repeated(amount: Any) -> None:
    with pytest.raises(EventError, match=r"^Order Completed: at total: expected a") as caught:
        events.OrderCompleted(order_id="o", total=amount)
    assert "ten" not in str(caught.value)


@pytest.mark.parametrize(("code", "read"), [("EUR", "EUR"), ("eur", "EUR"), ("HRK", "HRK")])
def test_a_currency_is_a_code_of_iso_4217(code: str, read: str) -> None:
    assert events.OrderCompleted(order_id="o", currency=code).currency == read


@pytest.mark.parametrize("code", ["EURO", "XYZ", "", "€"])
def test_what_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(EventError, match="at currency: expected a currency code of ISO 4217, got str"):
        events.OrderCompleted(order_id="o", currency=code)


def response(kind: str, score: float | None, low: float | None, high: float | None) -> Any:
    return events.SurveyResponded(
        survey_id="s", survey_type=kind, response_id="r", score=score, scale_min=low, scale_max=high
    )


@pytest.mark.parametrize(
    ("score", "group"), [(0, "detractor"), (6, "detractor"), (7, "passive"), (8, "passive"), (9, "promoter"),
                         (10, "promoter")]
)  # fmt: skip
def test_the_group_of_an_nps_score_follows_from_it(score: int, group: str) -> None:
    assert response("nps", score, 0, 10).nps_group == group
    assert response("nps", score, None, None).nps_group == group
    assert response("csat", score, 0, 10).nps_group is None


SATISFIED = [(4, 1, 5, True), (3, 1, 5, False), (6, 1, 7, True), (5, 1, 7, False), (8, 0, 10, True)]


@pytest.mark.parametrize(("score", "low", "high", "positive"), SATISFIED)
def test_satisfaction_is_the_top_quarter_of_the_scale(
    score: int, low: int, high: int, positive: bool
) -> None:
    assert response("csat", score, low, high).csat_positive is positive


@pytest.mark.parametrize(
    ("score", "band"), [(1, "hard"), (3, "hard"), (4, "neutral"), (5, "easy"), (7, "easy")]
)
def test_effort_has_its_band(score: int, band: str) -> None:
    assert response("ces", score, 1, 7).ces_band == band
    assert response("ces", score, None, None).ces_band is None


@pytest.mark.parametrize(
    ("kind", "score", "low", "high"), [("csat", 6, 1, 5), ("csat", 0, 1, 5), ("csat", 3, 5, 1), ("nps", 11, None, None)]
)  # fmt: skip
def test_a_score_beside_its_scale_is_refused(
    kind: str, score: int, low: int | None, high: int | None
) -> None:
    with pytest.raises(EventError, match="Survey Responded: expected"):
        response(kind, score, low, high)


def test_what_is_derived_is_never_taken_nor_sent() -> None:
    sent = {"survey_id": "s", "survey_type": "nps", "response_id": "r", "score": 3, "nps_group": "promoter"}
    event = parse({"type": "track", "event": "Survey Responded", "userId": "u", "properties": sent})
    assert event.properties.nps_group == "detractor"  # type: ignore[union-attr]
    assert "nps_group" not in event.to_wire()["properties"]


def test_nothing_of_a_customer_is_in_what_is_printed() -> None:
    traits = events.IdentifyTraits(email="ada@example.com", address=events.Address(city="Ockham"))
    event = Event.of(traits, user_id="u-secret")
    for text in (repr(traits), str(traits), repr(event), str(event), f"{traits.address}"):
        assert "ada" not in text
        assert "secret" not in text
        assert "Ockham" not in text


def test_an_event_is_frozen() -> None:
    order = events.OrderCompleted(order_id="o")
    with pytest.raises(ValueError, match="frozen"):
        order.order_id = "p"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'OrderComplete'"):
        _ = events.OrderComplete  # type: ignore[attr-defined]
