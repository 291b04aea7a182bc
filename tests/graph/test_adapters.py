"""A graph acts on what adapters make of payloads: it links, retracts and erases, in any order."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cxm_sdk import ProfileGraph, UnknownProfileError
from cxm_sdk.adapters.registry import get
from cxm_sdk.cli.commands import app

DAY = 86_400_000
START = 1_740_000_000_000


def contact(number: int, email: str, day: int = 0, **properties: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "properties": {"email": email, **properties},
        "updatedAt": f"2025-03-{day + 1:02}T00:00:00Z",
        "createdAt": "2024-01-01T00:00:00Z",
        "archived": False,
    }


def hook(kind: str, number: int, at: int, **more: Any) -> dict[str, Any]:
    return {
        "eventId": 1,
        "subscriptionId": 2,
        "portalId": 7,
        "appId": 3,
        "occurredAt": at,
        "changeSource": "CRM_UI",
        "subscriptionType": f"contact.{kind}",
        "objectId": number,
        **more,
    }


def graph_of(payloads: Any) -> ProfileGraph:
    graph = ProfileGraph(":memory:")
    hubspot = get("hubspot", tenant="7")
    for payload in payloads:
        graph.ingest(hubspot.parse(payload))
    return graph


ONE = contact(1, "ada@example.org", firstname="Ada")
TWO = contact(2, "ada.okafor@example.net", firstname="Ada")
MERGE = [hook("merge", 1, START, primaryObjectId=1, mergedObjectIds=[2], newObjectId=9)]
LATER = 1_750_000_000_000
GONE = [hook("deletion", 1, LATER)]
CHANGE = [hook("propertyChange", 1, START, propertyName="phone", propertyValue="07700 900123")]


def test_a_merge_links_and_neither_record_is_gone() -> None:
    for order in permutations((ONE, TWO, MERGE)):
        with graph_of(order) as graph:
            found = graph.profile("email", "ada@example.org")
            assert {record for _, record in found.records} == {"1", "2"}
            assert graph.profile("hubspot.7.contact", "2").id == found.id


def test_a_deleted_record_says_nothing_whenever_it_comes() -> None:
    for order in permutations((ONE, TWO, GONE)):
        with graph_of(order) as graph:
            with pytest.raises(UnknownProfileError):
                graph.profile("email", "ada@example.org")
            assert graph.profile("email", "ada.okafor@example.net").records


def test_a_deletion_takes_single_properties_with_it_and_a_later_version_comes_back() -> None:
    with graph_of([ONE, CHANGE, GONE]) as graph:
        with pytest.raises(UnknownProfileError):
            graph.profile("phone", "07700 900123")
        back = {**ONE, "updatedAt": "2025-07-01T00:00:00Z"}
        graph.ingest(get("hubspot", tenant="7").parse(back))
        assert graph.profile("email", "ada@example.org").records


def test_what_is_older_than_a_deletion_stays_away_in_any_order() -> None:
    change = [hook("propertyChange", 1, LATER - 1, propertyName="phone", propertyValue="07700 900123")]
    newer = [hook("propertyChange", 1, LATER + 1, propertyName="mobilephone", propertyValue="07700 900456")]
    back = {**ONE, "updatedAt": "2025-07-01T00:00:00Z"}
    shots = []
    for order in list(permutations((ONE, GONE, change, newer, back)))[::9]:
        with graph_of(order) as graph:
            found = graph.profile("email", "ada@example.org")
            assert graph.profile("phone", "07700 900456").id == found.id
            assert graph.profiles("phone", "07700 900123") == []
            shots.append(list(graph.snapshot()))
    assert all(shot == shots[0] for shot in shots)


def test_a_deletion_takes_no_record_along_that_only_looks_like_a_part_of_another_source() -> None:
    with graph_of([GONE]) as graph:
        item = {
            "source": "crm",
            "record_id": "1/2",
            "observed_at": 1,
            "identifiers": {"email": "a@example.org"},
        }
        assert graph.ingest(item).accepted == 1
        other = {**item, "source": "hubspot.7.contact", "record_id": "11/email"}
        assert graph.ingest(other).accepted == 1


def test_a_demand_to_forget_somebody_unknown_keeps_them_out() -> None:
    demand = [hook("privacyDeletion", 1, LATER)]
    stage = [hook("propertyChange", 1, START, propertyName="lifecyclestage", propertyValue="customer")]
    with graph_of([demand]) as graph:
        hubspot = get("hubspot", tenant="7")
        assert graph.ingest(hubspot.parse(demand)).erased == 0
        for late in (ONE, CHANGE, stage):
            report = graph.ingest(hubspot.parse(late))
            assert report.accepted == 0
            assert {one.reason for one in report.rejected} == {"erased"}
        for namespace, value in (("email", "ada@example.org"), ("hubspot.7.contact", "1")):
            assert graph.profiles(namespace, value) == []
        assert graph.ingest(hubspot.parse(TWO)).accepted == 1


def test_a_demand_to_forget_erases_the_person_and_nobody_else() -> None:
    with graph_of([ONE, TWO, CHANGE]) as graph:
        report = graph.ingest(get("hubspot").parse([hook("privacyDeletion", 1, LATER)]))
        assert report.erased == 1
        for namespace, value in (("email", "ada@example.org"), ("phone", "07700 900123")):
            with pytest.raises(UnknownProfileError):
                graph.profile(namespace, value)
        assert graph.profile("email", "ada.okafor@example.net").records
        again = graph.ingest(get("hubspot", tenant="7").parse(ONE))
        assert [one.reason for one in again.rejected] == ["erased"]


def test_the_same_id_in_two_tenants_is_two_people() -> None:
    with ProfileGraph(":memory:") as graph:
        for tenant, email in (("7", "ada@example.org"), ("8", "bo@example.net")):
            graph.ingest(get("hubspot", tenant=tenant).parse(contact(1, email)))
        assert graph.profile("hubspot.7.contact", "1").id != graph.profile("hubspot.8.contact", "1").id


def test_an_event_named_by_a_source_id_alone_is_of_the_person() -> None:
    stage = [hook("propertyChange", 1, START, propertyName="lifecyclestage", propertyValue="customer")]
    with graph_of([ONE, stage]) as graph:
        kinds = [entry.kind for entry in graph.profile("email", "ada@example.org").timeline()]
        assert "track" in kinds


def test_consent_changes_are_the_consent_of_the_profile() -> None:
    with graph_of([contact(1, "ada@example.org", hs_email_optout="true")]) as graph:
        assert graph.profile("email", "ada@example.org").consent == {"email.marketing": False}


def test_an_opt_out_that_was_lifted_leaves_nothing_said_and_repeated_ones_are_no_news() -> None:
    versions = [
        contact(1, "ada@example.org", day, hs_email_optout=said)
        for day, said in enumerate(("true", "true", "true", "false", "false"))
    ]
    for order in (versions, versions[::-1]):
        with graph_of(order) as graph:
            found = graph.profile("email", "ada@example.org")
            assert found.consent == {}
            states = [entry.item["properties"]["state"] for entry in found.timeline(kinds=["track"])]
            assert states == ["unset", "denied"]
            assert len(found.timeline(kinds=["track"], limit=2)) == 2
            assert len(found.timeline(limit=3)) == 3


def test_consent_in_every_call_is_one_change() -> None:
    calls = [
        {
            "type": "track",
            "event": "Page Read",
            "messageId": f"m-{day}",
            "userId": "u-1",
            "timestamp": f"2025-03-{day:02}T00:00:00Z",
            "context": {"consent": {"categoryPreferences": {"Analytics": day < 9, "Ads": False}}},
        }
        for day in range(1, 10)
    ]
    with ProfileGraph(":memory:") as graph:
        parsed = get("segment").parse(calls)
        assert len(parsed.consents) == 18
        graph.ingest(parsed)
        found = graph.profile("user_id", "u-1")
        assert found.consent == {"Ads": False, "Analytics": False}
        assert [entry.id for entry in found.timeline()] == [f"m-{day}" for day in range(9, 0, -1)]


def test_an_alias_gives_what_was_done_before_to_the_user_and_joins_no_two_users() -> None:
    def call(kind: str, number: int, **more: Any) -> dict[str, Any]:
        return {"type": kind, "messageId": f"m-{number}", "timestamp": f"2025-03-0{number}T00:00:00Z", **more}

    calls = [
        call("track", 1, event="Page Read", anonymousId="a-1"),
        call("identify", 2, userId="u-1", traits={}),
        call("alias", 3, userId="u-1", previousId="a-1"),
        call("identify", 4, userId="u-2", traits={}),
        call("alias", 5, userId="u-2", previousId="u-1"),
    ]
    for order in (calls, calls[::-1]):
        with ProfileGraph(":memory:") as graph:
            graph.ingest(get("segment").parse(order))
            one, two = graph.profile("user_id", "u-1"), graph.profile("user_id", "u-2")
            assert one.id != two.id
            assert "m-1" in [entry.id for entry in one.timeline()]


def test_the_command_takes_payloads_and_names_what_it_cannot_use(tmp_path: Path) -> None:
    file, graph = tmp_path / "hooks.jsonl", tmp_path / "g.db"
    lines = [ONE, TWO, MERGE, {"no": "kind of ours"}]
    file.write_text("\n".join(json.dumps(line) for line in lines) + "\n{broken\n")
    command = ["ingest", "--adapter", "hubspot", "--tenant", "7", "--json", "--graph", str(graph), str(file)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["accepted"], told["linked"], told["rejected"]) == (2, 3, 2)
    assert [(one["line"], one["reason"]) for one in told["first_rejected"]] == [
        (4, "unknown_kind"),
        (5, "unreadable"),
    ]
    shown = CliRunner().invoke(app, ["adapters", "show", "auto", str(file), "--tenant", "7"])
    assert shown.exit_code == 1  # as taking it in would end
    assert '"merges"' in shown.stdout
    assert "hubspot" in CliRunner().invoke(app, ["adapters"]).stdout


def test_a_merge_in_salesforce_that_came_as_a_deletion_first_is_mended_by_the_query() -> None:
    def row(one: str, email: str, **more: Any) -> dict[str, Any]:
        told = {"attributes": {"type": "Contact"}, "Id": one, "Email": email, "IsDeleted": False}
        return {**told, "SystemModstamp": "2025-01-01T00:00:00.000+0000", **more}

    winner, loser = "0035f00000EXAMPLAA", "0035f00000EXAMPLDA"
    header = {"entityName": "Contact", "changeType": "DELETE", "recordIds": [loser]}
    deleted = {"payload": {"ChangeEventHeader": {**header, "commitTimestamp": 1737391327500}}, "event": {}}
    query = {"IsDeleted": True, "MasterRecordId": winner, "SystemModstamp": "2025-01-20T16:42:07.000+0000"}
    payloads = (
        row(winner, "ada@example.org"),
        row(loser, "a.okafor@example.net"),
        deleted,
        row(loser, "a.okafor@example.net", **query),
    )
    for order in permutations(payloads):
        with ProfileGraph(":memory:") as graph:
            for payload in order:
                graph.ingest(get("salesforce", tenant="00D1").parse(payload))
            found = graph.profile("email", "ada@example.org")
            assert graph.profile("email", "a.okafor@example.net").id == found.id
            assert graph.profile("salesforce.00D1.contact", loser).id == found.id
