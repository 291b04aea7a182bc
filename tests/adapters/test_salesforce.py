"""Salesforce: its objects in every form in which they come."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk.adapters.files import pieces
from cxm_sdk.adapters.parsed import Parsed
from cxm_sdk.adapters.registry import get
from cxm_sdk.adapters.salesforce_objects import long_id

PAYLOADS = Path(__file__).parent / "payloads" / "salesforce"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ADA = "0035f00000EXAMPLAA"


def read(payload: Any) -> Parsed:
    return get("salesforce", tenant="00D1", received=NOW).parse(payload)


def event(change: str, fields: dict[str, Any], *, name: str = "Contact", **header: Any) -> dict[str, Any]:
    told = {"entityName": name, "recordIds": [ADA], "changeType": change, "commitTimestamp": 1737391500000}
    return {"payload": {"ChangeEventHeader": {**told, **header}, **fields}, "event": {"replayId": 1}}


def test_ids_of_15_characters_and_of_18_are_one_id() -> None:
    # The example of the platform's documentation of change events: both forms of one account.
    assert long_id("0014H00002LbR7Q") == "0014H00002LbR7QQAV"
    short = {
        "attributes": {"type": "Contact"},
        "Id": "0035f00000AbCdE",
        "LastModifiedDate": "2025-01-20T16:42:07Z",
    }
    whole = {**short, "Id": long_id("0035f00000AbCdE")}
    assert len(whole["Id"]) == 18
    assert read(short).to_dict() == read(whole).to_dict()


def test_a_session_id_goes_nowhere() -> None:
    payload = next(pieces(PAYLOADS / "outbound_message_contact.xml")).payload
    assert "EXAMPLE-NOT-A-SESSION" in json.dumps(payload)
    assert "EXAMPLE-NOT-A-SESSION" not in json.dumps(read(payload).to_dict())
    assert "Envelope.Body.notifications.SessionId" in read(payload).ignored


def test_what_was_emptied_takes_the_part_of_the_record_with_it() -> None:
    parsed = read(event("UPDATE", {"Phone": None, "LastModifiedDate": "2025-01-20T16:45:00Z"}))
    assert [(one.record_id, dict(one.attributes)) for one in parsed.records] == [(f"{ADA}/Phone", {})]
    assert [one.namespace for one in parsed.records[0].identifiers] == ["salesforce.00D1.contact"]


def test_null_means_nothing_over_pub_sub_unless_the_field_is_listed() -> None:
    fields = {"Phone": None, "MobilePhone": None}
    change = {"replayId": 3, **event("UPDATE", fields, nulledFields=["Phone"])}
    assert [one.record_id for one in read(change).records] == [f"{ADA}/Phone"]


def test_a_bitmap_that_nobody_can_decode_is_noted_and_costs_nothing_else() -> None:
    change = {"replayId": 3, **event("UPDATE", {"Email": "ada@example.org"}, nulledFields=["4-0x02"])}
    parsed = read(change)
    assert [one.record_id for one in parsed.records] == [f"{ADA}/Email"]
    assert [(one.reason, one.whole) for one in parsed.rejected] == [("undecoded", False)]


@pytest.mark.parametrize("change", ["GAP_CREATE", "GAP_UPDATE", "GAP_UNDELETE", "GAP_OVERFLOW"])
def test_a_gap_asks_for_the_record(change: str) -> None:
    parsed = read(event(change, {}))
    assert [(one.reason, one.whole) for one in parsed.rejected] == [("gap", True)]
    assert parsed.records == parsed.deletions == ()


def test_a_change_of_unnamed_records_asks_for_them() -> None:
    assert [one.reason for one in read(event("UPDATE", {}, recordIds=["003*"])).rejected] == ["gap"]


def test_a_gap_of_a_deletion_is_a_deletion() -> None:
    parsed = read(event("GAP_DELETE", {}))
    assert [(one.value, one.erase) for one in parsed.deletions] == [(ADA, False)]


def test_a_change_of_several_records_says_it_of_each_and_ties_none_together() -> None:
    parsed = read(event("UPDATE", {"HasOptedOutOfEmail": True}, recordIds=[ADA, "0035f00000EXAMPLBA"]))
    assert [[one.value for one in change.identifiers] for change in parsed.consents] == [
        [ADA],
        ["0035f00000EXAMPLBA"],
    ]
    assert len({one.message_id for one in parsed.events}) == 2


def test_a_new_record_is_whole() -> None:
    fields = {"Name": {"FirstName": "Ada", "LastName": "Okafor"}, "Email": "ada@example.org"}
    for change in ("CREATE", "UNDELETE"):
        (record,) = read(event(change, fields)).records
        assert (record.record_id, dict(record.attributes)) == (
            ADA,
            {"first_name": "Ada", "last_name": "Okafor"},
        )


def test_an_individual_who_is_to_be_forgotten_is_erased() -> None:
    who = {"attributes": {"type": "Individual"}, "Id": "0PK5f0000008EXAMPL", "ShouldForget": True}
    when = {"LastModifiedDate": "2025-01-20T16:42:07.000+0000", "HasOptedOutTracking": True}
    changed = event("UPDATE", {"ShouldForget": True}, name="Individual", recordIds=["0PK5f0000008EXAMPL"])
    for parsed in (read({**who, **when}), read(changed)):
        assert [(one.value, one.erase) for one in parsed.deletions] == [("0PK5f0000008EXAMPL", True)]
        assert parsed.records == parsed.consents == ()


def test_of_accounts_only_people_are_customers() -> None:
    company = {"Name": "Acme", "Phone": "+44 117 496 0101"}
    person = {"Name": {"LastName": "Raman"}, "PersonEmail": "priya@example.com"}
    assert read(event("CREATE", company, name="Account")).records == ()
    assert len(read(event("CREATE", person, name="Account")).records) == 1


def test_a_lost_opportunity_is_of_its_contact_and_without_one_of_nobody() -> None:
    deal = {
        "attributes": {"type": "Opportunity"},
        "Id": "0065f00000EXAMPLAA",
        "ContactId": ADA,
        "IsClosed": True,
    }
    deal = {
        **deal,
        "IsWon": False,
        "StageName": "Closed Lost",
        "LastModifiedDate": "2025-02-28T17:05:11.000+0000",
    }
    assert [one.name for one in read(deal).events] == ["Opportunity Lost"]
    assert [one.reason for one in read({**deal, "ContactId": None}).rejected] == ["names_nobody"]
