"""Personal data is gone before an event is stored or sent, joinable where it was hashed, and nothing else changes."""

from __future__ import annotations

import copy
import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk.errors import InputError
from cxm_sdk.events import registry
from cxm_sdk.events.catalog.classified import CLASSIFIED
from cxm_sdk.events.identifiers import canonical_email, canonical_phone, hashed
from cxm_sdk.events.privacy import PrivacyClass, PrivacyRules, joined_path, split_path
from cxm_sdk.events.typed import TypedEvent

ADA = "ada.lovelace@example.com"


def track(**fields: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Invite Sent", "userId": "u-1", **fields}


class Plan:
    """A plan that classifies fields of every event."""

    def __init__(self, fields: Mapping[str, PrivacyClass]) -> None:
        self.fields = fields

    def privacy_fields(self, event_type: str, name: str) -> Mapping[str, PrivacyClass]:
        return self.fields


# ------------------------------------------------------------------------------------------- hash, mask, drop, keep


def test_a_hashed_address_is_joinable_with_the_clear_one_whatever_its_spelling() -> None:
    rules = PrivacyRules()
    spelt = ["Ada.Lovelace@Example.com", f"  {ADA} ", ADA]
    results = {rules.apply(track(properties={"email": text}))["properties"]["email_sha256"] for text in spelt}
    assert results == {hashlib.sha256(str(canonical_email(ADA)).encode()).hexdigest()}


def test_a_hashed_phone_number_is_joinable_with_the_clear_one_whatever_its_spelling() -> None:
    rules = PrivacyRules()
    spelt = ["+44 7700 900123", "0044 (7700) 900-123"]
    results = {rules.apply(track(properties={"phone": text}))["properties"]["phone_sha256"] for text in spelt}
    assert results == {hashed(str(canonical_phone("+447700900123")))}


def test_the_hash_stands_beside_the_other_fields_under_a_name_that_says_so() -> None:
    clean = PrivacyRules().apply(
        {"type": "identify", "traits": {"email": ADA, "first_name": " Ada ", "plan": "pro"}}
    )
    assert clean["traits"] == {
        "email_sha256": hashed(str(canonical_email(ADA))),
        "first_name_sha256": hashed("Ada"),
        "plan": "pro",
    }


@pytest.mark.parametrize("junk", ["n/a", "", "noreply", None, True])
def test_what_is_no_address_leaves_nothing(junk: object) -> None:
    assert PrivacyRules().apply(track(properties={"email": junk, "a": 1}))["properties"] == {"a": 1}


def test_masked_text_leaves_stars_and_masked_numbers_nothing() -> None:
    rules = PrivacyRules(
        "mask", plan=Plan({"comment": PrivacyClass.FREE_TEXT, "heart_rate": PrivacyClass.SPECIAL})
    )
    clean = rules.apply(track(properties={"comment": "too slow", "heart_rate": 71, "score": 3}))
    assert clean["properties"] == {"comment": "***", "heart_rate": None, "score": 3}


def test_each_class_has_an_action_of_its_own() -> None:
    fields = {kind.value: kind for kind in PrivacyClass}
    clean = PrivacyRules(plan=Plan(fields)).apply(track(properties=dict.fromkeys(fields, "x")))
    assert clean["properties"] == {"identifier": "x", "contact_sha256": hashed("x"), "free_text": "***"}


def test_lists_are_treated_item_by_item_and_mappings_as_one() -> None:
    fields = {
        "emails": PrivacyClass.CONTACT,
        "people[].phone": PrivacyClass.CONTACT,
        "tags[]": PrivacyClass.FREE_TEXT,
        "home": PrivacyClass.CONTACT,
    }
    properties = {
        "emails": [ADA, "n/a"],
        "people": [{"phone": "+447700900123", "role": "cto"}, {"role": "ceo"}],
        "tags": ["a", "b"],
        "home": {"street": "St James's Square", "city": "London"},
    }
    clean = PrivacyRules(plan=Plan(fields)).apply(track(properties=properties))["properties"]
    assert clean["emails_sha256"] == [hashed(str(canonical_email(ADA))), hashed("n/a")]
    assert clean["people"] == [
        {"phone_sha256": hashed(str(canonical_phone("+447700900123"))), "role": "cto"},
        {"role": "ceo"},
    ]
    assert clean["tags"] is None
    assert clean["home_sha256"] == hashed('{"city":"London","street":"St James\'s Square"}')


# -------------------------------------------------------------------------------------------------- whose word counts


def test_a_path_overrules_the_class() -> None:
    rules = PrivacyRules(paths={"traits.email": "keep", "context.ip": "drop"})
    event = {
        "type": "identify",
        "traits": {"email": ADA, "phone": "+447700900123"},
        "context": {"ip": "192.0.2.1"},
    }
    clean = rules.apply(event)
    assert clean["traits"].keys() == {"email", "phone_sha256"}
    assert clean["context"] == {}


def test_the_most_exact_path_counts() -> None:
    rules = PrivacyRules(
        "keep", paths={"properties": "drop", "properties.address.country": "keep", "properties.*": "mask"}
    )
    event = track(properties={"address": {"street": "x", "country": "GB"}, "note": "secret"})
    assert rules.apply(event)["properties"] == {"address": {"street": "***", "country": "GB"}, "note": "***"}


def test_any_key_can_be_named_at_once() -> None:
    rules = PrivacyRules("keep", paths={"context.traits.*": "drop", "context.traits.plan": "keep"})
    event = track(context={"traits": {"plan": "pro", "shoe_size": 41, "x": {"y": 1}}, "locale": "en"})
    assert rules.apply(event)["context"] == {"traits": {"plan": "pro"}, "locale": "en"}


def test_a_key_with_a_dot_can_be_named() -> None:
    rules = PrivacyRules("keep", paths={r"properties.user\.email": "drop"})
    assert rules.apply(track(properties={"user.email": ADA, "user": {"email": ADA}}))["properties"] == {
        "user": {"email": ADA}
    }


def test_a_field_of_a_list_is_found_whether_or_not_the_path_says_that_it_is_one() -> None:
    for path in ("properties.people[].email", "properties.people.email"):
        for people in ([{"email": ADA}], {"email": ADA}):
            clean = PrivacyRules("keep", paths={path: "drop"}).apply(track(properties={"people": people}))
            assert ADA not in json.dumps(clean)


# ------------------------------------------------------------------------------------------------------- ids of events


def test_ids_that_route_an_event_are_hashed_in_place_and_never_removed() -> None:
    for action in ("hash", "mask", "drop"):
        clean = PrivacyRules({"identifier": action}).apply(
            {"type": "track", "userId": "u-1", "anonymousId": "a-1"}
        )
        assert clean == {"type": "track", "userId": hashed("u-1"), "anonymousId": hashed("a-1")}
    with pytest.raises(InputError, match="userId routes the event"):
        PrivacyRules(paths={"userId": "drop"})


def test_an_id_that_is_an_address_is_contact_data() -> None:
    event = {"type": "track", "event": "x", "userId": ADA}
    assert PrivacyRules().apply(event)["userId"] == hashed(str(canonical_email(ADA)))
    assert PrivacyRules({"contact": "keep"}).apply(event) == event
    assert PrivacyRules(paths={"userId": "keep"}).apply(event) == event


def test_external_ids_are_treated_by_what_they_are() -> None:
    ids = [
        {"id": ADA, "type": "email", "collection": "users", "encoding": "none"},
        {"id": "c-7", "type": "crm_id", "collection": "users", "encoding": "none"},
    ]
    event = track(context={"externalIds": ids})
    clean = PrivacyRules().apply(event)["context"]["externalIds"]
    assert clean == [{**ids[0], "id": hashed(str(canonical_email(ADA))), "type": "email_sha256"}, ids[1]]
    assert PrivacyRules("drop").apply(event)["context"]["externalIds"] == []


# --------------------------------------------------------------------------------------------------------- laws

texts = st.text(max_size=12)
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
secrets = st.text(st.characters(categories=["L", "N"]), min_size=3, max_size=8).map(lambda text: f"§{text}§")
actions = st.sampled_from(["hash", "mask", "drop"])
keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6).filter(
    lambda key: key not in ("*", "[]")
)


@st.composite
def planted(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, str], list[str]]:
    """An event with secrets in it, the rules about where they stand, and the secrets."""
    event: dict[str, Any] = {
        "type": "track",
        "event": "x",
        "userId": "u",
        **draw(st.dictionaries(keys, values, max_size=3)),
    }
    paths, hidden = {}, []
    for number in range(draw(st.integers(1, 4))):
        path = ["properties", f"{draw(keys)}{number}"]
        path += draw(st.lists(st.sampled_from(["[]", "key"]) | keys, max_size=3))
        secret = draw(secrets)
        value: Any = draw(
            st.sampled_from(
                [secret, [secret, secret], {"a": secret}, {"a": [{"b": secret}]}, [[secret]], {secret: 1}]
            )
        )
        for key in reversed(path[1:]):
            value = [draw(leaves), value] if key == "[]" else {key: value}
        event.setdefault("properties", {})
        if not isinstance(event["properties"], dict):
            event["properties"] = {}
        event["properties"].update(value)
        paths[joined_path(path)] = draw(actions)
        hidden.append(secret)
    return event, paths, hidden


@given(planted())
def test_no_classified_value_is_in_the_bytes(case: tuple[dict[str, Any], dict[str, Any], list[str]]) -> None:
    event, paths, hidden = case
    before = copy.deepcopy(event)
    clean = PrivacyRules("keep", paths=paths).apply(event)
    written = json.dumps(clean, ensure_ascii=False)
    assert [secret for secret in hidden if secret in written] == []
    assert event == before


RULES_ABOUT_NOTHING_THERE = (
    PrivacyRules("keep"),
    PrivacyRules("keep", paths={"properties.card.secret number": "drop"}),
)


@given(st.dictionaries(texts, values, max_size=4), st.dictionaries(texts, values, max_size=4), texts)
def test_an_event_without_classified_fields_stays_the_same_object(
    properties: dict[str, Any], context: dict[str, Any], name: str
) -> None:
    event = {"type": "track", "event": name, "properties": properties, "context": context}
    for rules in RULES_ABOUT_NOTHING_THERE:
        assert rules.apply(event) is event


@given(values, actions)
def test_reserved_fields_may_hold_anything(value: Any, action: Any) -> None:
    event = {
        "type": "identify",
        "userId": value,
        "traits": {"email": value, "address": value, "name": value},
        "context": {"traits": value, "ip": value, "externalIds": value, "device": value},
    }
    for whole in (
        event,
        {"type": "track", "event": "x", "properties": value, "context": value, "traits": value},
    ):
        before = copy.deepcopy(whole)
        json.dumps(PrivacyRules(action).apply(whole))
        assert whole == before


@given(st.lists(keys, min_size=1, max_size=5))
def test_a_path_reads_back_as_it_was_written(path: list[str]) -> None:
    path = [key.replace("[]", "") or "k" for key in path]
    assert split_path(joined_path(path)) == tuple(path)


# ------------------------------------------------------------------------------------------------------------ use


@pytest.mark.parametrize(
    "make",
    [
        lambda: PrivacyRules({"contacts": "hash"}),
        lambda: PrivacyRules({"contact": "encrypt"}),  # type: ignore[dict-item]
        lambda: PrivacyRules("remove"),  # type: ignore[arg-type]
        lambda: PrivacyRules(paths={"traits..email": "drop"}),
        lambda: PrivacyRules(paths={"": "drop"}),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(make: Any) -> None:
    with pytest.raises(InputError):
        make()


@pytest.mark.parametrize("name", ["Ticket Opened", "Product Shared", "Scene Entered"])
def test_the_classes_of_the_catalogue_count_for_plain_events_too(name: str) -> None:
    fields = {path: kind for path, kind in CLASSIFIED["track", name].items() if kind != "identifier"}
    clean = PrivacyRules("drop").apply(track(event=name, properties={**dict.fromkeys(fields, "§"), "a": 1}))
    assert fields
    assert clean["properties"] == {"a": 1}


def test_the_table_of_classified_fields_is_what_the_classes_say() -> None:
    table = {}
    for key in registry.EVENTS:
        found = registry.find(*key)
        if found and (fields := found.privacy_fields()):
            table[key] = dict(fields)
    assert table == CLASSIFIED


def test_a_class_that_is_registered_later_counts_from_then_on() -> None:
    rules = PrivacyRules("drop")
    poured = {"type": "track", "event": "Coffee Poured", "properties": {"drinker": "Ada"}}
    assert rules.apply(poured) == poured

    @registry.register
    class CoffeePoured(TypedEvent):
        """Somebody had coffee."""

        event_name = "Coffee Poured"
        drinker: Annotated[str, PrivacyClass.CONTACT]

    assert rules.apply(poured)["properties"] == {}


def test_plain_events_are_treated_without_pydantic() -> None:
    program = (
        "import sys; from cxm_sdk.events.consent import ConsentRules; from cxm_sdk.events.privacy import PrivacyRules\n"
        "PrivacyRules().apply({'type': 'track', 'event': 'Ticket Opened', 'properties': {'email': 'a@b.org'}})\n"
        "print(sorted({'pydantic', 'numpy', 'pyarrow', 'yaml'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
