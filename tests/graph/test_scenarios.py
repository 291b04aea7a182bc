"""Hard cases by name, each in order, reversed and shuffled, in one batch and one by one, everything three times."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from oracle import as_text, rebuild

from cxm_sdk.errors import UnknownProfileError
from cxm_sdk.graph import ProfileGraph
from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES
from cxm_sdk.profiles.config import AnonymousPast, GraphConfig

Items = list[dict[str, Any]]
Deliver = Callable[..., ProfileGraph]
HOUR, DAY = 3_600, 86_400
MONTH = 30 * DAY


@pytest.fixture(
    params=list(product(("forward", "reversed", "shuffled"), ("one batch", "one by one"))), ids="-".join
)
def deliver(request: pytest.FixtureRequest) -> Iterator[Deliver]:
    order, batching = request.param
    opened: list[ProfileGraph] = []

    def made(items: Items, config: GraphConfig | None = None) -> ProfileGraph:
        graph = ProfileGraph(":memory:", config)
        opened.append(graph)
        thrice = items * 3
        if order == "reversed":
            thrice.reverse()
        elif order == "shuffled":
            random.Random(7).shuffle(thrice)
        for batch in [thrice] if batching == "one batch" else [[item] for item in thrice]:
            report = graph.ingest(batch)
            assert not [r for r in report.rejected if r.reason != "contradictory_identifiers"]
        assert as_text(graph.snapshot()) == as_text(rebuild(items, graph.config, graph.store.decisions()))
        return graph

    yield made
    for graph in opened:
        graph.close()


def record(
    source: str, number: object, at: int, ids: dict[str, Any] | None = None, **attributes: Any
) -> dict[str, Any]:
    identifiers = ids or {}
    return {
        "source": source,
        "record_id": str(number),
        "observed_at": at,
        "identifiers": identifiers,
        "attributes": attributes,
    }


def login(user: str, device: str, at: int, **traits: Any) -> dict[str, Any]:
    return {
        "type": "identify",
        "userId": user,
        "anonymousId": device,
        "timestamp": at,
        "messageId": f"login-{user}-{device}-{at}",
        "traits": traits,
    }


def visit(device: str, at: int, user: str | None = None) -> dict[str, Any]:
    event = {"type": "page", "anonymousId": device, "timestamp": at, "messageId": f"visit-{device}-{at}"}
    return event | ({"userId": user} if user else {})


def did(graph: ProfileGraph, namespace: str, value: str) -> set[str]:
    """Message ids and records on somebody's timeline."""
    return {entry.id for entry in graph.profile(namespace, value).timeline(limit=None)}


def people(graph: ProfileGraph) -> int:
    return graph.health().profiles


def together(graph: ProfileGraph, *names: tuple[str, str]) -> bool:
    return len({graph.profile(*name).id for name in names}) == 1


def test_s01_shared_tablet(deliver: Deliver) -> None:
    graph = deliver(
        [
            login("p", "d", 1 * HOUR),
            visit("d", 2 * HOUR, "p"),
            login("q", "d", 5 * HOUR),
            visit("d", 6 * HOUR),
            login("p", "d", 9 * HOUR),
            visit("d", 10 * HOUR),
            visit("d", 9 * HOUR + 40 * DAY),
        ]
    )
    assert people(graph) == 2
    assert did(graph, "user_id", "q") == {f"login-q-d-{5 * HOUR}", f"visit-d-{6 * HOUR}"}
    assert did(graph, "user_id", "p") == {
        *(f"login-p-d-{1 * HOUR}", f"visit-d-{2 * HOUR}"),
        *(f"login-p-d-{9 * HOUR}", f"visit-d-{10 * HOUR}"),
    }  # after the time-out it is nobody's


def test_s02_kiosk(deliver: Deliver) -> None:
    logins = [login(f"u-{n}", "kiosk", n * 60) for n in range(50)]
    graph = deliver([*logins, visit("kiosk", 51 * 60), visit("kiosk", 30)])
    assert people(graph) == 50
    assert graph.health().kiosks == 1
    assert all(did(graph, "user_id", f"u-{n}") == {f"login-u-{n}-kiosk-{n * 60}"} for n in range(50))
    with pytest.raises(UnknownProfileError, match="too many people"):
        graph.profile("anonymous_id", "kiosk")


def test_s03_family_email(deliver: Deliver) -> None:
    home = {"last_name": "Meyer", "street": "Elm St", "house_number": "4", "postcode": "SW1A 1AA"}
    graph = deliver(
        [
            record("crm", 1, 1, {"crm_id": "c-1", "email": "meyers@x.org"}, first_name="Paul", **home),
            record("crm", 2, 2, {"crm_id": "c-2", "email": "meyers@x.org"}, first_name="Quinn", **home),
        ]
    )
    p, q = graph.profile("crm_id", "c-1"), graph.profile("crm_id", "c-2")
    assert p.id != q.id
    assert p.household is not None
    assert p.household == q.household
    assert {profile.id for profile in graph.profiles("email", "meyers@x.org")} == {p.id, q.id}
    assert [held.shared for held in p.identifiers if held.namespace == "email"] == [True]


NAMES = ["Ada", "Bob", "Cyd", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jan", "Kim", "Lou"]


def name(number: int) -> dict[str, str]:
    great, small = divmod(number, len(NAMES))
    one, other = NAMES[small], NAMES[(small * 5 + great) % len(NAMES)]
    return {"first_name": f"{one}{NAMES[great].lower()}", "last_name": f"{other}{one.lower()}{'x' * great}"}


def test_s04_call_centre_phone(deliver: Deliver) -> None:
    items = [
        record("crm", n, n, {"crm_id": f"c-{n}", "phone": "0207 946 0000"}, **name(n)) for n in range(20)
    ]
    graph = deliver(items)
    assert people(graph) == 20
    assert [(one.namespace, one.records) for one in graph.health().shared] == [
        ("phone", 20),
        ("phone_sha256", 20),
    ]
    assert not any(link.fate == "kept" for link in graph.store.all_links())


def test_s05_junk_email(deliver: Deliver) -> None:
    listed = [record("crm", n, n, {"email": "test@test.com"}, **name(n)) for n in range(12)]
    learnt = [record("shop", n, n, {"email": "front.desk@hotel.org"}, **name(n + 50)) for n in range(20)]
    graph = deliver(listed + learnt)
    assert people(graph) == 32
    assert [(one.namespace, one.records) for one in graph.health().shared] == [
        ("email", 20),
        ("email_sha256", 20),
    ]


def test_s05_what_a_junk_value_had_merged_comes_apart_with_the_reason() -> None:
    alike = [record("crm", n, n, {"email": "front.desk@hotel.org"}) for n in range(3)]
    others = [record("shop", n, n, {"email": "front.desk@hotel.org"}, **name(n * 13)) for n in range(12)]
    with ProfileGraph(":memory:") as graph:
        graph.ingest(alike)
        assert people(graph) == 1
        seen = graph.changes()[-1].seq
        graph.ingest(others)
        assert people(graph) == 15
        later = graph.changes(seen)
    reasons = [change.detail["reason"] for change in later if change.kind == "link_dropped"]
    assert len(reasons) == 3
    assert all(reason.startswith("shared_by_too_many:email:") for reason in reasons)
    assert [len(change.detail["to"]) for change in later if change.kind == "split"] == [3]


def test_s06_recycled_phone(deliver: Deliver) -> None:
    graph = deliver(
        [
            record("shop", 1, 0, {"phone": "07700 900123"}, first_name="Pia"),
            record("shop", 2, 3 * MONTH, {"phone": "07700 900123"}, first_name="Pia"),
            record("shop", 3, 39 * MONTH, {"phone": "07700 900123"}, first_name="Quinn"),
            record("shop", 4, 40 * MONTH, {"phone": "07700 900123"}, first_name="Quinn"),
        ]
    )
    first, second = sorted(graph.profiles("phone", "07700 900123"), key=lambda one: one.records)
    assert first.records == [("shop", "1"), ("shop", "2")]
    assert second.records == [("shop", "3"), ("shop", "4")]
    spans = [[held.first[:7] + held.last[:7] for held in one.identifiers] for one in (first, second)]
    assert spans == [["1970-011970-04"], ["1973-031973-04"]]


def test_s06_the_same_name_long_after_is_weaker_than_at_once(deliver: Deliver) -> None:
    graph = deliver(
        [
            record("shop", 1, 0, {"phone": "07700 900123"}, first_name="Pia"),
            record("shop", 2, 1, {"phone": "07700 900123"}, first_name="Pia"),
            record("shop", 3, 1500 * DAY, {"phone": "07700 900123"}, first_name="Pia"),
        ]
    )
    near, far = graph.explain("shop:1", "shop:2"), graph.explain("shop:2", "shop:3")
    assert near.linked
    assert not far.linked
    assert "phone age" in [term.name for term in far.terms]


def test_s07_marriage(deliver: Deliver) -> None:
    same = {"first_name": "Ada", "birth_date": "1980-12-10"}
    graph = deliver(
        [
            record("crm", 1, 1, {"loyalty_id": "l-1", "email": "ada@x.org"}, last_name="Byron", **same),
            record("shop", 1, 2, {"loyalty_id": "l-1", "email": "ada@x.org"}, last_name="King", **same),
            record("shop", 2, 3, {"loyalty_id": "l-1", "email": "ada.king@y.org"}, last_name="King", **same),
        ]
    )
    field = graph.profile("loyalty_id", "l-1").golden["last_name"]
    assert people(graph) == 1
    assert (field.value, field.others) == ("King", ("byron",))


def test_s08_twins(deliver: Deliver) -> None:
    home = {"last_name": "Meyer", "street": "Elm St", "house_number": "4", "postcode": "SW1A 1AA"}
    born = {"birth_date": "1990-05-05"}
    graph = deliver(
        [
            record("crm", 1, 1, {"crm_id": "c-1"}, first_name="Paul", **home, **born),
            record("crm", 2, 2, {"crm_id": "c-2"}, first_name="Simon", **home, **born),
            record("shop", 1, 3, {}, **home, **born),
        ]
    )
    p, q = graph.profile("crm_id", "c-1"), graph.profile("crm_id", "c-2")
    assert p.id != q.id
    assert p.household == q.household is not None
    assert graph.health().contradicted == 0


def test_s08_twins_without_any_identifier(deliver: Deliver) -> None:
    home = {"last_name": "Meyer", "street": "Elm St", "house_number": "4", "postcode": "SW1A 1AA"}
    born = {"birth_date": "1990-05-05"}
    items = [
        record("shop", n, n, {}, first_name=first, **home, **born)
        for n, first in enumerate(("Paul", "Simon"))
    ]
    assert people(deliver(items)) == 2


def test_s08_father_and_son_of_one_name(deliver: Deliver) -> None:
    home = {"last_name": "Meyer", "street": "Elm St", "house_number": "4", "postcode": "SW1A 1AA"}
    items = [
        record("shop", n, n, {}, first_name="Paul", suffix=s, **home) for n, s in enumerate(("Jr", "Sr"))
    ]
    assert people(deliver(items)) == 2


def test_s09_device_resale(deliver: Deliver) -> None:
    first = [item for n in range(12) for item in (login("p", "d", n * MONTH), visit("d", n * MONTH + DAY))]
    then = [item for n in range(14, 20) for item in (login("q", "d", n * MONTH), visit("d", n * MONTH + DAY))]
    graph = deliver(first + then)
    assert did(graph, "user_id", "p") == {item["messageId"] for item in first}
    assert did(graph, "user_id", "q") == {item["messageId"] for item in then}
    (owned,) = {one.value for one in graph.profile("user_id", "q").devices}
    assert owned == "d"
    assert (
        min(one.since or "" for one in graph.profile("user_id", "q").devices) == "1971-02-25T00:00:00.000000Z"
    )


def test_s10_crm_duplicate_with_a_typo(deliver: Deliver) -> None:
    same = {"last_name": "Lovelace", "birth_date": "1980-12-10"}
    items = [
        record("crm", 1, 1, {"crm_id": "c-1", "phone": "07700 900123"}, first_name="Ada", **same),
        record("crm", 2, 2, {"crm_id": "c-2", "phone": "07700 900123"}, first_name="Adah", **same),
    ]
    graph = deliver(items)
    assert people(graph) == 2
    (conflict,) = graph.health().conflicts
    assert (conflict.a, conflict.b, conflict.reason) == (("crm", "1"), ("crm", "2"), "unique:crm_id")
    several = tuple(
        n.model_copy(update={"unique": False}) if n.name == "crm_id" else n for n in DEFAULT_NAMESPACES
    )
    assert people(deliver(items, GraphConfig(namespaces=several))) == 1


def test_s11_hub_chain(deliver: Deliver) -> None:
    graph = deliver(
        [
            record(
                "shop",
                "a",
                1,
                {"email": "x@x.org"},
                first_name="Ada",
                last_name="Byron",
                birth_date="1980-01-02",
            ),
            record("shop", "b", 2, {"email": "x@x.org", "phone": "07700 900123"}),
            record(
                "shop",
                "c",
                3,
                {"phone": "07700 900123", "email": "c@x.org"},
                first_name="Cyd",
                last_name="Zorn",
            ),
        ]
    )
    assert not graph.explain("shop:a", "shop:c").linked
    assert people(graph) == 2


def test_s12_contradictory_ids_in_one_event(deliver: Deliver) -> None:
    clean = [record("crm", 1, 1, {"crm_id": "c-1"}), record("crm", 2, 2, {"crm_id": "c-2"})]
    event = visit("k", 3, "u-1") | {
        "context": {"externalIds": [{"id": "c-1", "type": "crm_id"}, {"id": "c-2", "type": "crm_id"}]}
    }
    graph = deliver([*clean, event])
    assert people(graph) == 2
    assert graph.health().items == 3
    (rejected,) = graph.ingest([event | {"messageId": "again"}]).rejected
    assert (rejected.reason, rejected.stored) == ("contradictory_identifiers", True)


def test_s13_late_events(deliver: Deliver) -> None:
    early, rest = (
        login("p", "d", 1 * HOUR),
        [visit("d", 2 * HOUR), login("q", "d", 5 * HOUR), visit("d", 6 * HOUR)],
    )
    graph = deliver([*rest, early])
    assert did(graph, "user_id", "p") == {early["messageId"], f"visit-d-{2 * HOUR}"}
    assert did(graph, "user_id", "q") == {f"login-q-d-{5 * HOUR}", f"visit-d-{6 * HOUR}"}


def test_s14_merge_then_erase(deliver: Deliver) -> None:
    p = [
        record("crm", 1, 1, {"crm_id": "c-1", "email": "p@x.org"}),
        login("u-p", "k", 5, email="p@x.org"),
        visit("k", 6),
    ]
    q = [record("shop", 1, 2, {"email": "q@x.org", "loyalty_id": "l-q"}, first_name="Quinn")]
    bond = [record("shop", 2, 3, {"crm_id": "c-1", "loyalty_id": "l-q"})]
    graph = deliver(p + q + bond)
    assert together(graph, ("crm_id", "c-1"), ("loyalty_id", "l-q"))
    certificate = graph.erase(("crm_id", "c-1"), ("email", "p@x.org"), ("anonymous_id", "k"))
    assert certificate.items == 4
    assert as_text(graph.snapshot()) == as_text(rebuild(q, graph.config))
    assert {r.reason for r in graph.ingest(p + bond).rejected} == {"erased"}
    assert as_text(graph.snapshot()) == as_text(rebuild(q, graph.config))


def test_s15_unmerge(deliver: Deliver) -> None:
    apart = [record("crm", 1, 1, {"loyalty_id": "l-1"}), record("shop", 2, 2, {"email": "other@x.org"})]
    wrong = record("shop", 1, 9, {"loyalty_id": "l-1", "email": "other@x.org"})
    before = as_text(deliver(apart).snapshot())
    graph = deliver([*apart, wrong])
    assert people(graph) == 1
    assert graph.retract(record=("shop", "1"))
    assert as_text(graph.snapshot()) == before
    assert [change.kind for change in graph.changes() if change.kind == "split"] == ["split"]


def test_s16_anonymous_then_known(deliver: Deliver) -> None:
    asked = {"context": {"consent": {"categoryPreferences": {"ads": True}}}}
    items = [visit("k", 1 * DAY) | asked, visit("k", 50 * DAY), login("u", "k", 60 * DAY)]
    everything = {item["messageId"] for item in items}
    graph = deliver(items)
    assert did(graph, "user_id", "u") == everything
    assert graph.profile("user_id", "u").consent == {}  # what an unknown visitor clicked binds nobody
    linked = deliver(items, GraphConfig(anonymous_past=AnonymousPast.LINK))
    assert did(linked, "user_id", "u") == everything - {f"visit-k-{1 * DAY}"}
    isolated = deliver(items, GraphConfig(anonymous_past=AnonymousPast.ISOLATE))
    assert did(isolated, "user_id", "u") == {items[-1]["messageId"]}


def test_s17_dangling_login(deliver: Deliver) -> None:
    tied = login("l-a", "k", 1) | {"context": {"externalIds": [{"id": "c-1", "type": "crm_id"}]}}
    loose = login("l-b", "k", 2)
    graph = deliver([tied, loose])
    assert not together(graph, ("user_id", "l-a"), ("user_id", "l-b"))


def test_s18_guest_then_member(deliver: Deliver) -> None:
    graph = deliver(
        [
            record("shop", "order", 1, {"email": "e@x.org", "anonymous_id": "k"}),
            record("shop", "sign-up", 2, {"email": "e@x.org", "crm_id": "c-1"}),
            record("shop", "visit", 3, {"crm_id": "c-1", "anonymous_id": "k"}),
        ]
    )
    assert people(graph) == 1


def test_s19_member_and_guest_on_one_browser(deliver: Deliver) -> None:
    graph = deliver(
        [
            record("crm", 1, 1, {"crm_id": "c-1", "email": "e1@x.org"}),
            record("web", 1, 2, {"crm_id": "c-1", "anonymous_id": "k"}),
            record("web", 2, 3, {"email": "e2@x.org", "anonymous_id": "k"}),
            visit("k", 4),
        ]
    )
    assert together(graph, ("crm_id", "c-1"), ("email", "e1@x.org"))
    assert not together(graph, ("crm_id", "c-1"), ("email", "e2@x.org"))
    assert did(graph, "email", "e2@x.org") == {"web:2", "visit-k-4"}


def test_s20_rare_and_common_name(deliver: Deliver) -> None:
    common = {"first_name": "John", "last_name": "Smith", "city": "London"}
    rare = {"first_name": "Zebedee", "last_name": "Quillfeather", "city": "London"}
    graph = deliver(
        [record(s, n, 1, {}, **who) for s in ("crm", "shop") for n, who in enumerate((common, rare))]
    )
    assert graph.explain("crm:1", "shop:1").linked
    assert not graph.explain("crm:0", "shop:0").linked


def test_s21_hash_and_clear(deliver: Deliver) -> None:
    digest = hashlib.sha256(b"ada.b@gmail.com").hexdigest()
    graph = deliver(
        [
            record("crm", 1, 1, {"email": "Ada.B@Gmail.com", "crm_id": "c-1"}),
            record("web", 1, 2, {"email_sha256": digest.upper(), "loyalty_id": "l-1"}),
        ]
    )
    assert together(graph, ("crm_id", "c-1"), ("loyalty_id", "l-1"))
    assert graph.profile("email_sha256", digest).id == graph.profile("crm_id", "c-1").id


def test_s21_hashed_and_clear_number(deliver: Deliver) -> None:
    written = hashlib.sha256(b"+447700900123").hexdigest()
    ada = {"first_name": "Ada", "last_name": "Lovelace", "birth_date": "1980-12-10"}
    graph = deliver(
        [
            record("crm", 1, 1, {"phone": "0044 7700 900123", "crm_id": "c-1"}, **ada),
            record("web", 2, 2, {"phone_sha256": written, "loyalty_id": "l-1"}, **ada),
        ]
    )
    assert together(graph, ("crm_id", "c-1"), ("loyalty_id", "l-1"))
    terms = {term.name: term.bits for term in graph.explain("crm:1", "web:2").terms}
    assert terms["phone_sha256"] > 10


def test_s22_format_noise(deliver: Deliver) -> None:
    graph = deliver(
        [
            record(
                "crm",
                1,
                1,
                {"email": "Ada.B+shop@GMail.com", "phone": "+44 (0)7700 900123"},
                first_name="Ada",
            ),
            record(
                "shop", 1, 2, {"email": " adab@googlemail.com", "phone": "07700 900 123"}, first_name="ADA"
            ),
        ]
    )
    profile = graph.profile("email", "a.d.a.b@gmail.com")
    assert people(graph) == 1
    assert profile.golden["phone"].value == "07700 900 123"
    assert {entry.item["identifiers"]["phone"] for entry in profile.timeline()} == {
        "+44 (0)7700 900123",
        "07700 900 123",
    }


def test_s23_growing_data(deliver: Deliver) -> None:
    pair = [
        record(s, 1, 1, {}, first_name="Adah", last_name="Lovelace", birth_date="1980-12-10", city="Ulm")
        for s in ("crm", "shop")
    ]
    crowd = [record("shop", 100 + n, n, {"email": f"{n}@x.org"}, **name(n), city="Ulm") for n in range(60)]
    few, many = (deliver(items).explain("crm:1", "shop:1") for items in (pair, pair + crowd))
    assert few.weight == many.weight
    assert few.linked
    assert many.linked


def test_s24_duplicate_delivery(deliver: Deliver) -> None:
    items = [login("p", "k", 1, email="p@x.org"), visit("k", 2), record("crm", 1, 3, {"email": "p@x.org"})]
    graph = deliver(items)
    assert graph.health().items == 3
    again = graph.ingest(items)
    assert (again.accepted, again.duplicates, again.changes) == (0, 3, 0)


def test_s25_reissued_id(deliver: Deliver) -> None:
    graph = deliver([record("crm", 1, 1, {"crm_id": "c-1"}), record("crm", 2, 2, {"crm_id": "c-2"})])
    assert people(graph) == 2
    graph.assert_same(("crm_id", "c-1"), ("crm_id", "c-2"), who="dana", why="number re-issued", at=5)
    assert together(graph, ("crm_id", "c-1"), ("crm_id", "c-2"))
    (decision,) = graph.store.decisions()
    assert (decision.who, decision.why) == ("dana", "number re-issued")
    graph.withdraw(("crm_id", "c-2"), ("crm_id", "c-1"))
    assert people(graph) == 2


def test_s26_two_customer_id_systems(deliver: Deliver) -> None:
    apart = [login("b2b-1", "k", 1), record("shop", 1, 2, {"loyalty_id": "b2c-1", "anonymous_id": "k"})]
    graph = deliver(apart)
    assert not together(graph, ("user_id", "b2b-1"), ("loyalty_id", "b2c-1"))
    mail = {"email": "e@x.org"}
    tied = [
        *apart,
        record("crm", 1, 3, {"user_id": "b2b-1", **mail}),
        record("crm", 2, 4, {"loyalty_id": "b2c-1", **mail}),
    ]
    graph = deliver(tied)
    assert together(graph, ("user_id", "b2b-1"), ("loyalty_id", "b2c-1"))


def test_s27_default_birth_date(deliver: Deliver) -> None:
    items = [record("crm", n, n, {}, birth_date="1900-01-01", **name(n)) for n in range(24)]
    items += [
        record("shop", n, n, {}, birth_date="1900-01-01", last_name=name(n)["last_name"]) for n in range(24)
    ]
    graph = deliver(items)
    assert people(graph) == 48
    assert not any(
        "birth_date" in one.golden for one in [graph.profile(key.hex()) for key in graph.store.all_profiles()]
    )


def test_s28_configuration_change(deliver: Deliver) -> None:
    who = {"first_name": "Ada", "last_name": "Lovelace", "birth_date": "1980-12-10"}
    items = [
        record("crm", 1, 1, {"loyalty_id": "l-1", "email": "a@x.org"}, **who),
        record("shop", 1, 2, {"loyalty_id": "l-1", "email": "b@x.org"}, **who),
        record("shop", 2, 3, {"email": "b@x.org"}),
        login("u", "k", 4, email="b@x.org"),
    ]
    strict = GraphConfig(
        namespaces=tuple(
            n.model_copy(update={"unique": True}) if n.name == "email" else n for n in DEFAULT_NAMESPACES
        )
    )
    graph = deliver(items)
    old = graph.profile("loyalty_id", "l-1").id
    (move,) = graph.dry_run(strict)
    assert (move.before, move.kind, len(move.after)) == ((old,), "split", 2)
    assert graph.apply(strict) == [move]
    assert as_text(graph.snapshot()) == as_text(rebuild(items, strict))
    assert graph.dry_run(strict) == []
