"""No event goes where its subject has not agreed, whatever the order in which that is learned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import permutations
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk.errors import InputError
from cxm_sdk.events import ConsentUpdated
from cxm_sdk.events.consent import CONSENT_EVENTS, ConsentGate, ConsentRules, Outcome
from cxm_sdk.events.consent.choices import Choice, Choices, subjects
from cxm_sdk.events.privacy import PrivacyRules

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = NOW.timestamp()

    def __call__(self) -> float:
        return self.time


def event(
    name: str = "Product Viewed", user: str | None = "u", device: str | None = None, **fields: Any
) -> dict[str, Any]:
    ids = {"userId": user, "anonymousId": device}
    return {"type": "track", "event": name, **{key: value for key, value in ids.items() if value}, **fields}


def preferences(
    at: datetime, device: str | None = None, user: str | None = "u", **granted: bool
) -> dict[str, Any]:
    context = {"consent": {"categoryPreferences": granted}}
    return event(
        "Segment Consent Preference Updated", user, device, timestamp=at.isoformat(), context=context
    )


def rules(**more: Any) -> ConsentRules:
    return ConsentRules(
        {"necessary": "pass", "analytics": "hold", "advertising": "drop"},
        default="analytics",
        events={
            "Order Completed": "necessary",
            "Ad *": "advertising",
            "identify:*": ["analytics", "advertising"],
        },
        **more,
    )


def reasons(outcome: Outcome) -> list[str]:
    return [reason for _, reason in outcome.dropped]


# -------------------------------------------------------------------------------- what an event needs


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("Order Completed", set()),
        ("Ad Clicked", {"advertising"}),
        ("Ad", {"analytics"}),
        ("Consent Updated", set()),
        ("Segment Consent Preference Updated", set()),
    ],
)
def test_the_category_of_an_event_follows_from_its_name(name: str, needs: set[str]) -> None:
    assert rules().needed(event(name)) == needs


def test_exact_names_come_before_patterns_and_patterns_in_their_order() -> None:
    some = ConsentRules(
        dict.fromkeys("abcd", "hold"),
        default="a",
        events={"P*": "b", "Page [x] *": "c", "Page Viewed": "d"},
    )
    assert some.needed(event("Page Viewed")) == {"d"}
    assert some.needed(event("Page [x] y")) == {"b"}
    assert some.needed(event("x")) == {"a"}
    assert some.needed({"type": "page", "name": "Page Viewed"}) == {"d"}


def test_a_rule_may_be_about_one_type_of_event() -> None:
    some = ConsentRules({"a": "hold", "b": "hold"}, default="a", events={"identify:*": "b", "page:Home": "b"})
    needs = [some.needed(e) for e in ({"type": "identify"}, {"type": "page", "name": "Home"}, event("Home"))]
    assert needs == [{"b"}, {"b"}, {"a"}]


def test_a_purpose_needs_all_its_categories() -> None:
    some = ConsentRules(
        {"C1": "hold", "C2": "hold"},
        default="C1",
        purposes={"personalise": ["C1", "C2"]},
        events={"Rec *": "personalise"},
    )
    shown = event("Rec Shown")
    states: list[Mapping[str, bool]] = [{"C1": True}, {"C1": True, "C2": True}, {"C1": True, "C2": False}]
    assert [some.decide(shown, state) for state in states] == ["hold", "pass", "drop"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: ConsentRules({"a": "hold"}, default="b"),
        lambda: ConsentRules({"a": "keep"}, default="a"),  # type: ignore[dict-item]
        lambda: ConsentRules({"a": "hold"}, default="a", events={"x": "b"}),
        lambda: ConsentRules({"a": "hold"}, default="a", max_events=-1),
        lambda: ConsentGate(rules()).grant("analytics"),
        lambda: ConsentGate(rules()).withdraw("tracking", user_id="u"),
    ],
)
def test_what_cannot_be_meant_is_refused(make: Any) -> None:
    with pytest.raises(InputError):
        make()


# -------------------------------------------------------------------------------- pass, hold, drop


def test_while_consent_is_unknown_each_category_is_treated_by_its_rule() -> None:
    gate = ConsentGate(rules())
    assert gate.admit(event("Order Completed")).passed == [event("Order Completed")]
    assert reasons(gate.admit(event("Ad Clicked"))) == ["consent_unknown"]
    assert gate.admit(event()) == Outcome([], [])
    assert gate.held == 1
    assert gate.held_bytes == len(json.dumps(event()))


def test_held_events_come_out_in_order_once_granted_and_only_those_of_the_subject() -> None:
    gate = ConsentGate(rules())
    mine = [event(number=number) for number in range(5)]
    for one in mine:
        gate.admit(one)
        gate.admit(event(user="other"))
    outcome = gate.grant("analytics", user_id="u")
    assert outcome.passed == mine
    assert gate.held == 5


def test_an_event_that_brings_consent_lets_the_held_ones_go_before_itself() -> None:
    gate = ConsentGate(rules())
    gate.admit(event(number=1))
    last = event(context={"consent": {"categoryPreferences": {"analytics": True}}})
    assert gate.admit(last).passed == [event(number=1), last]


def test_held_events_are_dropped_with_the_reason_once_refused() -> None:
    gate = ConsentGate(rules())
    gate.admit(event())
    outcome = gate.admit(preferences(NOW, analytics=False))
    assert outcome.dropped == [(event(), "consent_refused")]
    assert [passed["event"] for passed in outcome.passed] == ["Segment Consent Preference Updated"]
    assert (gate.held, gate.held_bytes) == (0, 0)


def test_typed_consent_is_learned_and_ends_when_it_says() -> None:
    clock = Clock()
    gate = ConsentGate(rules(), clock=clock)
    typed = ConsentUpdated(
        consent_id="c",
        category_preferences={"analytics": True},
        policy_version="1",
        method="form",
        expires_at=NOW + timedelta(days=1),
    )
    gate.admit(event("Consent Updated", timestamp=NOW.isoformat(), properties=typed.to_properties()))
    assert gate.admit(event()).passed == [event()]
    clock.time += 2 * 86400
    assert gate.admit(event()).passed == []
    assert gate.held == 1


def test_what_is_held_has_limits_in_count_bytes_and_age() -> None:
    size = len(json.dumps(event(number=0)))
    for limit in ({"max_events": 2}, {"max_bytes": 2 * size}):
        gate = ConsentGate(rules(**limit))
        outcomes = [gate.admit(event(number=number)) for number in range(3)]
        assert outcomes[2].dropped == [(event(number=0), "consent_hold_full")]
        assert gate.grant("analytics", user_id="u").passed == [event(number=1), event(number=2)]
    clock = Clock()
    gate = ConsentGate(rules(max_seconds=10), clock=clock)
    gate.admit(event())
    clock.time += 11
    assert reasons(gate.expire()) == ["consent_hold_expired"]
    assert gate.held == 0
    gate.admit(event())
    clock.time += 11
    late = gate.grant("analytics", user_id="u")
    assert (late.passed, reasons(late)) == ([], ["consent_hold_expired"])


def test_what_still_waits_at_the_end_is_dropped_with_the_reason() -> None:
    gate = ConsentGate(rules())
    gate.admit(event())
    assert gate.close().dropped == [(event(), "consent_unknown")]
    assert (gate.held, gate.held_bytes) == (0, 0)


# ------------------------------------------------------------------------------ whose, and which holds


def test_of_a_user_and_a_device_the_later_choice_holds() -> None:
    gate = ConsentGate(rules())
    gate.grant("analytics", user_id="u", at=NOW - timedelta(hours=2))
    gate.withdraw("analytics", anonymous_id="a", at=NOW - timedelta(hours=1))
    assert reasons(gate.admit(event(device="a"))) == ["consent_refused"]
    assert gate.admit(event()).passed == [event()]
    gate.grant("analytics", user_id="u")
    assert gate.admit(event(device="a")).passed == [event(device="a")]


def test_consent_of_a_device_is_not_carried_to_a_user_that_only_shares_it() -> None:
    gate = ConsentGate(rules())
    gate.admit(preferences(NOW, device="a", user=None, analytics=True))
    assert gate.admit(event(user="u", device="a")).passed != []
    assert gate.admit(event(user="u")).passed == []


def test_a_clock_that_runs_ahead_does_not_outlast_a_withdrawal() -> None:
    clock = Clock()
    gate = ConsentGate(rules(), clock=clock)
    gate.admit(preferences(NOW + timedelta(days=900), analytics=True))
    clock.time += 1
    gate.withdraw("analytics", user_id="u")
    assert reasons(gate.admit(event())) == ["consent_refused"]


@pytest.mark.parametrize("said", [{"analytics": "yes"}, {1: True}, "all", None, [], {"analytics": None}])
def test_what_is_no_clear_word_is_no_consent(said: object) -> None:
    for context in ({"consent": {"categoryPreferences": said}}, {"consent": said}, said):
        gate = ConsentGate(rules())
        assert gate.admit(event(context=context)).passed == []


choices = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([("u", None), (None, "a"), ("u", "a")]),
        st.dictionaries(st.sampled_from(["analytics", "advertising"]), st.booleans(), min_size=1),
    ),
    max_size=4,
)


@given(choices)
def test_the_order_in_which_choices_are_learned_does_not_matter(made: list[Any]) -> None:
    said = [
        preferences(NOW - timedelta(hours=hour), user=user, device=device, **granted)
        for hour, (user, device), granted in made
    ]
    ends = set()
    for order in permutations(said):
        gate = ConsentGate(rules(), clock=Clock())
        for one in order:
            gate.admit(one)
        states = [
            gate.admit(event(name, *ids))
            for name in ("x", "Ad x")
            for ids in (("u", None), (None, "a"), ("u", "a"))
        ]
        ends.add(json.dumps(states))
    assert len(ends) == 1


steps = st.lists(
    st.one_of(
        st.tuples(st.just("event"), st.sampled_from(["x", "Ad x", "Order Completed"]), st.sampled_from("uv")),
        st.tuples(
            st.sampled_from(["grant", "withdraw"]),
            st.sampled_from(["analytics", "advertising"]),
            st.sampled_from("uv"),
        ),
    ),
    max_size=25,
)


@given(steps)
def test_nothing_of_a_withdrawn_category_passes_and_every_event_is_accounted_for(
    made: list[tuple[str, str, str]],
) -> None:
    gate = ConsentGate(rules(max_events=4))
    admitted, passed, dropped = [], [], []
    refused: set[tuple[str, str]] = set()
    granted: set[tuple[str, str]] = set()
    for step, what, who in made:
        if step == "event":
            admitted.append(event(what, who, number=len(admitted)))
            outcome = gate.admit(admitted[-1])
        else:
            outcome = getattr(gate, step)(what, user_id=who)
            for target, other in ((refused, granted) if step == "withdraw" else (granted, refused),):
                target.add((what, who))
                other.discard((what, who))
            assert outcome.purge == (step == "withdraw") or outcome.purge is False
        for one in outcome.passed:
            for category in gate.rules.needed(one):
                assert (category, one["userId"]) in granted
                assert (category, one["userId"]) not in refused
        passed += outcome.passed
        dropped += outcome.dropped
    dropped += gate.close().dropped
    assert sorted(one["number"] for one in [*passed, *(d for d, _ in dropped)]) == list(range(len(admitted)))
    for who in "uv":
        numbers = [one["number"] for one in passed if one["userId"] == who and one["event"] == "x"]
        assert numbers == sorted(numbers)


# -------------------------------------------------------------------------------- stored events


def test_a_withdrawal_asks_for_what_is_stored_and_tells_which_of_it_must_go() -> None:
    gate = ConsentGate(rules())
    stored = [event(), event("Order Completed"), event(user="other"), event(device="a")]
    for user in ("u", "other"):
        gate.grant("analytics", user_id=user, at=NOW)
    outcome = gate.withdraw("analytics", user_id="u")
    assert outcome.purge
    assert [gate.withdrawn(one) for one in stored] == [True, False, False, True]


def test_stored_events_whose_ids_were_hashed_are_still_found() -> None:
    gate = ConsentGate(rules())
    hashing = PrivacyRules({"identifier": "hash"})
    for user in ("u-1", "Ada@Example.com", " u "):
        stored = hashing.apply(event(user=user))
        assert not gate.withdrawn(stored)
        gate.withdraw("analytics", user_id=user)
        assert gate.withdrawn(stored)


def test_withdrawing_everything_needs_no_list() -> None:
    gate = ConsentGate(rules())
    gate.withdraw(user_id="u")
    assert gate.withdrawn(event("Ad x"))
    assert gate.withdrawn(event())
    assert not gate.withdrawn(event("Order Completed"))


def test_a_purge_is_asked_for_once_and_not_by_every_event_that_repeats_the_refusal() -> None:
    clock = Clock()
    gate = ConsentGate(rules(), clock=clock)
    asked = []
    for second in range(5):
        clock.time += 1
        asked.append(gate.admit(preferences(NOW + timedelta(seconds=second), analytics=False)).purge)
    assert asked == [True, False, False, False, False]


def test_a_refusal_that_had_been_overruled_asks_for_a_purge_when_it_is_said_anew() -> None:
    gate = ConsentGate(rules())
    gate.withdraw("analytics", anonymous_id="a", at=NOW - timedelta(hours=3))
    gate.grant("analytics", user_id="u", at=NOW - timedelta(hours=2))
    both = event(device="a")
    assert gate.admit(both).passed == [both]
    assert gate.withdraw("analytics", anonymous_id="a", at=NOW - timedelta(hours=1)).purge
    assert gate.withdrawn(both)


@given(choices, choices)
def test_nothing_stored_is_withdrawn_without_a_purge(before: list[Any], after: list[Any]) -> None:
    gate = ConsentGate(rules(), clock=Clock())
    stored: list[Mapping[str, Any]] = []
    for hour, (user, device), granted in [*before, *after]:
        said = preferences(NOW - timedelta(hours=hour), user=user, device=device, **granted)
        for one in (said, event("x", user, device), event("x", "u", "a"), event("Ad x", "u")):
            outcome = gate.admit(one)
            stored += outcome.passed
            if outcome.purge:
                stored = [kept for kept in stored if not gate.withdrawn(kept)]
            assert not any(gate.withdrawn(kept) for kept in stored)


def test_the_rules_know_the_events_that_carry_consent() -> None:
    assert ConsentUpdated.event_name in CONSENT_EVENTS


def test_what_is_remembered_of_subjects_is_bounded_and_the_forgotten_are_unknown() -> None:
    choices = Choices(max_subjects=2)
    said = {"analytics": Choice(NOW.timestamp(), refused=False)}
    for user in "abc":
        choices.record(subjects({"userId": user}), said)
    states = [choices.state(subjects({"userId": user}), NOW.timestamp()) for user in "abc"]
    assert states == [{}, {"analytics": True}, {"analytics": True}]


def test_several_threads_may_use_a_gate() -> None:
    gate = ConsentGate(rules(max_events=50))
    passed: list[int] = []
    dropped: list[int] = []

    def run(thread: int) -> None:
        for number in range(200):
            outcomes = [gate.admit(event(user=str(number % 7), number=1000 * thread + number))]
            if number % 11 == 0:
                outcomes.append(gate.grant("analytics", user_id=str(number % 7)))
            if number % 13 == 0:
                outcomes.append(gate.withdraw("analytics", user_id=str(number % 7)))
            for outcome in outcomes:
                passed.extend(one["number"] for one in outcome.passed)
                dropped.extend(one["number"] for one, _ in outcome.dropped)

    threads = [Thread(target=run, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    dropped.extend(one["number"] for one, _ in gate.close().dropped)
    assert sorted(passed + dropped) == [
        1000 * thread + number for thread in range(4) for number in range(200)
    ]
