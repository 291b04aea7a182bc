"""A profile is a function of the evidence: whatever the history, what comes out is what a rebuild gives."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from oracle import as_text, rebuild

from cxm_sdk.graph import ProfileGraph
from cxm_sdk.identity.default_model import default_model
from cxm_sdk.identity.explain import Explanation
from cxm_sdk.identity.model import BlockingRule, Frozen
from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES
from cxm_sdk.profiles.config import GraphConfig
from cxm_sdk.profiles.evidence import MICROSECONDS

#: So few values that people meet, share, contradict themselves and come apart again.
PEOPLE = [
    ("Ada", "Lovelace", "1980-12-10"),
    ("Adah", "Lovelace", "1980-12-10"),
    ("Bob", "Lovelace", "1980-12-10"),
    ("John", "Smith", None),
    ("Zebedee", "Quillfeather", None),
    (None, "Quillfeather", "1980-12-10"),
]
EMAILS = ["a@x.org", "b@x.org", "c@x.org", "A.B@gmail.com", "ab@gmail.com"]
PHONES = ["+44 7700 900123", "07700 900123", "07700 900456"]
HASH_OF_A = hashlib.sha256(b"a@x.org").hexdigest()
DAY = 86_400


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    first, last, born = draw(st.sampled_from(PEOPLE))
    ids: dict[str, Any] = {}
    for name, values in (
        ("email", EMAILS),
        ("phone", PHONES),
        ("crm_id", ["c-1", "c-2"]),
        ("loyalty_id", ["l-1", "l-2"]),
        ("household_id", ["h-1"]),
        ("email_sha256", [HASH_OF_A]),
        ("anonymous_id", ["k-1", "k-2"]),
    ):
        if draw(st.integers(0, 2)) == 0:
            ids[name] = draw(st.sampled_from(values))
    told = {
        "first_name": first,
        "last_name": last,
        "birth_date": born,
        "city": draw(st.sampled_from([None, "Ulm"])),
    }
    return {
        "source": draw(st.sampled_from(["crm", "shop"])),
        "record_id": str(draw(st.integers(1, 6))),
        "observed_at": draw(st.integers(0, 1500)) * DAY,
        "identifiers": ids,
        "attributes": {name: value for name, value in told.items() if value and draw(st.booleans())},
    }


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    number = draw(st.integers(1, 12))
    event: dict[str, Any] = {
        "type": draw(st.sampled_from(["identify", "track", "alias"])),
        "messageId": f"m-{number}",
        "timestamp": draw(st.integers(0, 1500)) * DAY,
        "anonymousId": draw(st.sampled_from(["k-1", "k-2"])),
    }
    if draw(st.booleans()):
        event["userId"] = draw(st.sampled_from(["u-1", "u-2"]))
        event["traits"] = {"plan": draw(st.sampled_from(["free", "pro"]))}
        if draw(st.booleans()):
            event["traits"]["email"] = draw(st.sampled_from(EMAILS))
        if draw(st.booleans()):
            event["context"] = {"consent": {"categoryPreferences": {"ads": draw(st.booleans())}}}
    return event


@st.composite
def decisions(draw: st.DrawFn) -> tuple[str, str, str, bool, int]:
    named = [
        "id:crm_id:c-1",
        "id:crm_id:c-2",
        "id:user_id:u-1",
        "id:email:a@x.org",
        "record:shop:1",
        "record:crm:2",
    ]
    a, b = sorted(draw(st.lists(st.sampled_from(named), min_size=2, max_size=2, unique=True)))
    return "decide", a, b, draw(st.booleans()), draw(st.integers(0, 5))


actions = st.one_of(
    st.tuples(st.just("put"), st.lists(st.one_of(records(), events()), min_size=1, max_size=8)),
    st.tuples(st.just("put"), st.lists(st.one_of(records(), events()), min_size=1, max_size=1)),
    st.tuples(st.just("retract"), st.sampled_from(["crm", "shop"]), st.integers(1, 6).map(str)),
    st.tuples(st.just("retract event"), st.integers(1, 12).map(lambda n: f"m-{n}")),
    decisions(),
    st.tuples(st.just("withdraw"), decisions()),
)


def name_of(token: str) -> Any:
    kind, _, rest = token.partition(":")
    return tuple(rest.split(":", 1)) if kind == "id" else rest


def run(graph: ProfileGraph, history: list[Any]) -> None:
    for action, *rest in history:
        if action == "put":
            graph.ingest(rest[0])
        elif action == "retract":
            graph.retract(record=(rest[0], rest[1]))
        elif action == "retract event":
            graph.retract(message_id=rest[0])
        elif action == "decide":
            a, b, same, at = rest
            decide = graph.assert_same if same else graph.assert_different
            decide(name_of(a), name_of(b), who="dana", why="called", at=at)
        else:
            graph.withdraw(name_of(rest[0][1]), name_of(rest[0][2]))


def bodies(graph: ProfileGraph) -> list[dict[str, Any]]:
    return [json.loads(item.body) for item in graph.store.all_items()]


def check(graph: ProfileGraph, config: GraphConfig) -> None:
    found = as_text(graph.snapshot())
    assert found == as_text(rebuild(bodies(graph), config, graph.store.decisions()))


CONFIG = GraphConfig()
#: So little room that components are cut and people hold too many values all the time.
TIGHT = GraphConfig(
    model=default_model().model_copy(update={"frozen": Frozen(largest_component=3)}),
    namespaces=tuple(
        namespace.model_copy(update={"most_values": 2} if namespace.name in ("email", "loyalty_id") else {})
        for namespace in DEFAULT_NAMESPACES
    ),
)
#: Blocks that are full as soon as two records are in them, one of them of identifiers, which may come to be nobody's.
FULL = GraphConfig(
    model=default_model().model_copy(
        update={
            "frozen": Frozen(largest_block=2),
            "rules": (*default_model().rules, BlockingRule(keys=("email.local", "phone"))),
        }
    )
)
configs = st.sampled_from([CONFIG, TIGHT, FULL])
quick = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
thorough = settings(quick, max_examples=500)


@quick
@given(st.lists(actions, max_size=14), configs)
def test_whatever_the_history_people_are_those_of_a_rebuild(history: list[Any], config: GraphConfig) -> None:
    with ProfileGraph(":memory:", config) as graph:
        run(graph, history)
        check(graph, config)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))  # each ends well before a test counts as one that hangs
def test_ten_thousand_histories_give_the_people_of_a_rebuild(part: int) -> None:
    @seed(part)
    @thorough
    @given(st.lists(actions, max_size=20), configs)
    def rebuilt(history: list[Any], config: GraphConfig) -> None:
        with ProfileGraph(":memory:", config) as graph:
            run(graph, history)
            check(graph, config)

    rebuilt()


@quick
@given(
    st.lists(st.one_of(records(), events()), max_size=20),
    st.randoms(use_true_random=False),
    st.integers(1, 6),
)
def test_order_batches_and_repetition_do_not_matter(items: list[Any], random: Any, size: int) -> None:
    with ProfileGraph(":memory:", CONFIG) as graph:
        graph.ingest(items)
        whole = as_text(graph.snapshot())
    again = items * 2
    random.shuffle(again)
    with ProfileGraph(":memory:", CONFIG) as graph:
        for start in range(0, len(again), size):
            graph.ingest(again[start : start + size])
        assert as_text(graph.snapshot()) == whole


@quick
@given(
    st.lists(st.one_of(records(), events()), max_size=12),
    st.lists(st.one_of(records(), events()), max_size=6),
    st.integers(1, 4),
)
def test_what_is_retracted_never_happened(kept: list[Any], gone: list[Any], size: int) -> None:
    names = {(i.get("source"), i.get("record_id"), i.get("messageId")) for i in gone}
    kept = [i for i in kept if (i.get("source"), i.get("record_id"), i.get("messageId")) not in names]
    with ProfileGraph(":memory:", CONFIG) as graph:
        graph.ingest(kept)
        without = as_text(graph.snapshot())
    with ProfileGraph(":memory:", CONFIG) as graph:
        graph.ingest([*gone[:size], *kept, *gone[size:]])
        for item in gone:
            if "type" in item:
                graph.retract(message_id=item["messageId"])
            else:
                graph.retract(record=(item["source"], item["record_id"]))
        assert as_text(graph.snapshot()) == without


@quick
@given(st.lists(st.one_of(records(), events()), max_size=16), st.integers(0, 1500), configs)
def test_the_past_is_what_the_evidence_up_to_then_makes(
    items: list[Any], day: int, config: GraphConfig
) -> None:
    with ProfileGraph(":memory:", config) as graph:
        graph.ingest(items)
        graph.assert_same(("crm_id", "c-1"), ("crm_id", "c-2"), who="dana", why="called", at=700 * DAY)
        then = [decision for decision in graph.store.decisions() if day >= 700]
        with graph.as_of(day * DAY) as past:
            found = as_text(past.snapshot())
        assert found == as_text(rebuild(bodies(graph), config, then, day * DAY * MICROSECONDS))


@quick
@given(st.lists(actions, max_size=12), configs)
def test_no_profile_holds_what_it_cannot_and_every_id_ever_issued_leads_somewhere(
    history: list[Any], config: GraphConfig
) -> None:
    seen: set[str] = set()
    with ProfileGraph(":memory:", config) as graph:
        for action in history:
            run(graph, [action])
            live = {key.hex() for key in graph.store.all_profiles()}
            seen |= live
            for name in seen:
                found = graph.store.issued(bytes.fromhex(name))
                assert found is not None
                if found.node is None and found.heir is None:
                    assert found.ended in ("retracted", "erased")
                else:
                    assert graph.profile(name).id in live
        if not any(action[0] == "decide" for action in history):
            assert graph.health().contradicted == 0
            assert graph.health().largest <= graph.model.frozen.largest_component  # type: ignore[union-attr]


@quick
@given(st.lists(records(), min_size=2, max_size=8))
def test_the_terms_of_an_explanation_sum_to_its_weight(items: list[Any]) -> None:
    with ProfileGraph(":memory:", CONFIG) as graph:
        graph.ingest(items)
        names = sorted({":".join(row.named) for row in graph.store.all_nodes()})
        for a, b in pairwise(names):
            why = graph.explain(a, b)
            assert isinstance(why, Explanation)
            assert abs(sum(term.bits for term in why.terms) - why.weight) < 1e-9


@quick
@given(st.lists(st.one_of(records(), events()), min_size=1, max_size=14), st.data())
def test_who_is_erased_might_never_have_been_and_does_not_come_back(
    items: list[Any], data: st.DataObject
) -> None:
    with ProfileGraph(":memory:", CONFIG) as graph:
        graph.ingest(items)
        live = [key.hex() for key in graph.store.all_profiles()]
        if not live:
            return
        gone = data.draw(st.sampled_from(live))
        certificate = graph.erase(gone)
        assert certificate.remains == 0
        left = bodies(graph)
        after = as_text(graph.snapshot())
        assert after == as_text(rebuild(left, CONFIG))
        graph.ingest(items)
        kept = {json.dumps(body, sort_keys=True) for body in bodies(graph)}
        assert kept == {json.dumps(body, sort_keys=True) for body in left}
        assert as_text(graph.snapshot()) == after
