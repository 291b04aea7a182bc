"""One customer, told by nine systems that know nothing of each other, is one profile; her husband is another.

Mara Lindqvist of Gothenburg, born in 1984, buys tea. Sales has her as a contact, with the landline she shares with her
husband Jonas; marketing knows her by a number, the shop by her e-mail address, the help desk by her contact alone. The
two live at one address and have one name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from cxm_sdk import ProfileGraph
from cxm_sdk.cli.commands import app
from cxm_sdk.profiles.profile import Profile

MARA = "mara.lindqvist@example.com"
JONAS = "jonas.lindqvist@example.net"
CONTACT, SPOUSE = "0035g00000EXAMPLAA", "0035g00000EXAMPLBA"
LANDLINE = "+46 31 711 22 33"
MOBILE = "+46 70 174 06 05"
HOME = {"MailingStreet": "Linnégatan 7", "MailingCity": "Göteborg", "MailingPostalCode": "413 04"}
HOME_TOO = {"address1": "Linnégatan 7", "city": "Göteborg", "zip": "413 04", "country_code": "SE"}


def contact(one: str, given: str, email: str, born: str, **more: Any) -> dict[str, Any]:
    return {
        "attributes": {"type": "Contact", "url": f"/services/data/v62.0/sobjects/Contact/{one}"},
        "Id": one,
        "IsDeleted": False,
        "FirstName": given,
        "LastName": "Lindqvist",
        "Email": email,
        "HomePhone": LANDLINE,
        "Birthdate": born,
        **HOME,
        "HasOptedOutOfEmail": False,
        "LastModifiedDate": "2025-01-10T09:00:00.000+0000",
        "SystemModstamp": "2025-01-10T09:00:00.000+0000",
        **more,
    }


def told(category: str, at: int, info: dict[str, Any]) -> dict[str, Any]:
    composite = {"jobId": "77", "batchId": "5", "listId": "9", "subscriberId": "5550001"}
    return {
        "eventCategoryType": category,
        "timestampUTC": at,
        "compositeId": "77.9.5.5550001",
        "composite": composite,
        "definitionKey": "NA",
        "mid": 1,
        "eid": 100,
        "info": info,
    }


SYSTEMS: dict[str, Any] = {
    "salesforce": {
        "totalSize": 2,
        "done": True,
        "records": [
            contact(
                CONTACT,
                "Mara",
                "Mara.Lindqvist@Example.com",
                "1984-03-09",
                MobilePhone=MOBILE,
                DoNotCall=True,
            ),
            contact(SPOUSE, "Jonas", JONAS, "1981-11-23", MobilePhone="+46 73 291 84 46"),
        ],
    },
    "salesforce_service_cloud": {
        "attributes": {"type": "Case", "url": "/services/data/v62.0/sobjects/Case/5005g00000EXAMPLAA"},
        "Id": "5005g00000EXAMPLAA",
        "CaseNumber": "00002001",
        "ContactId": CONTACT,
        "Status": "Replacement sent",
        "Origin": "Phone",
        "Subject": "Tin was dented",
        "Priority": "Medium",
        "IsClosed": True,
        "CreatedDate": "2025-03-04T09:00:00.000+0000",
        "ClosedDate": "2025-03-05T11:00:00.000+0000",
        "LastModifiedDate": "2025-03-05T11:00:00.000+0000",
    },
    "salesforce_marketing_cloud": [
        told("TransactionalSendEvents.EmailSent", 1741500000000, {"to": MARA, "subscriberKey": CONTACT}),
        told("EngagementEvents.EmailOpen", 1741500900000, {"location": {}}),
        told("EngagementEvents.EmailUnsubscribe", 1741501000000, {"unsubscribeDate": 1741501000000}),
    ],
    "hubspot": {
        "id": "9001",
        "properties": {
            "email": MARA,
            "firstname": "Mara",
            "lastname": "Lindqvist",
            "lifecyclestage": "customer",
        },
        "createdAt": "2024-11-01T08:00:00Z",
        "updatedAt": "2025-02-01T08:00:00Z",
        "archived": False,
    },
    "segment": {
        "batch": [
            {
                "type": "page",
                "messageId": "p-1",
                "anonymousId": "browser-1",
                "timestamp": "2025-03-01T10:00:00Z",
                "name": "Oolong",
            },
            {
                "type": "identify",
                "messageId": "i-1",
                "anonymousId": "browser-1",
                "userId": "web-17",
                "timestamp": "2025-03-01T10:05:00Z",
                "traits": {"email": MARA},
            },
        ]
    },
    "shopify": {
        "order": {
            "id": 5489000000901,
            "name": "#2001",
            "created_at": "2025-03-01T11:10:00+01:00",
            "processed_at": "2025-03-01T11:10:00+01:00",
            "updated_at": "2025-03-01T11:10:05+01:00",
            "cancelled_at": None,
            "financial_status": "paid",
            "fulfillment_status": None,
            "currency": "SEK",
            "total_price": "420.00",
            "test": False,
            "email": MARA,
            "customer": {
                "id": 115310627314723990,
                "email": MARA,
                "first_name": "Mara",
                "last_name": "Lindqvist",
                "updated_at": "2025-03-01T11:10:00+01:00",
                "email_marketing_consent": {
                    "state": "subscribed",
                    "opt_in_level": "single_opt_in",
                    "consent_updated_at": "2025-03-01T11:10:00+01:00",
                },
                "default_address": {**HOME_TOO, "phone": LANDLINE},
            },
            "line_items": [
                {
                    "id": 1,
                    "product_id": 2,
                    "sku": "oolong-200",
                    "title": "Oolong",
                    "price": "420.00",
                    "quantity": 1,
                }
            ],
        }
    },
    "qualtrics": {
        "result": {
            "responseId": "R_mara1",
            "values": {
                "status": 0,
                "finished": 1,
                "progress": 100,
                "startDate": "2025-03-06T08:00:00Z",
                "endDate": "2025-03-06T08:03:00Z",
                "recordedDate": "2025-03-06T08:03:01Z",
                "recipientEmail": MARA,
                "QID1": 9,
                "QID1_NPS_GROUP": 3,
            },
            "labels": {"QID1_NPS_GROUP": "Promoter"},
        }
    },
    "dynamics365": {
        "@odata.etag": 'W/"1"',
        "contactid": "6d81597f-0f9f-e711-8122-000d3aa20001",
        "fullname": "Mara Lindqvist",
        "emailaddress1": MARA,
        "mobilephone": "0701740605",
        "birthdate": "1984-03-09",
        "modifiedon": "2025-02-02T08:00:00Z",
    },
    "sap": {
        "UID": "uid-mara",
        "created": "2024-12-01T08:00:00Z",
        "lastUpdated": "2025-02-03T08:00:00Z",
        "isVerified": True,
        "loginIDs": {"emails": [MARA], "unverifiedEmails": []},
        "profile": {"firstName": "Mara", "lastName": "Lindqvist", "email": MARA},
        "preferences": {
            "profiling": {"isConsentGranted": True, "lastConsentModified": "2025-02-03T08:00:00Z"}
        },
    },
}
OPTIONS = {"qualtrics": {"survey": "SV_tea"}}


@pytest.fixture(scope="module", params=["as they come", "the last first"])
def graph(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProfileGraph]:
    order = list(SYSTEMS) if request.param == "as they come" else list(reversed(SYSTEMS))
    folder = tmp_path_factory.mktemp("tea")
    store = folder / "customers.db"
    for system in order:
        file = folder / f"{system}.json"
        file.write_text(json.dumps(SYSTEMS[system]), encoding="utf-8")
        mapping = folder / f"{system}.mapping.json"
        mapping.write_text(json.dumps({**OPTIONS.get(system, {}), "tenant": "tea"}), encoding="utf-8")
        command = [
            "ingest",
            "--adapter",
            "auto",
            "--mapping",
            str(mapping),
            "--graph",
            str(store),
            "--json",
            str(file),
        ]
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, (system, done.stdout, done.stderr)
    with ProfileGraph(str(store)) as opened:
        yield opened


def happened(profile: Profile, name: str) -> list[dict[str, Any]]:
    """What the timeline says of the events of one name."""
    return [one.item["properties"] for one in profile.timeline(limit=None) if one.item.get("event") == name]


def test_nine_systems_tell_of_one_customer_and_her_husband_stays_apart(graph: ProfileGraph) -> None:
    mara, jonas = graph.profile("email", MARA), graph.profile("email", JONAS)
    assert mara.id != jonas.id
    assert [one for one in jonas.records if one[0] != "events"] == [("salesforce.tea.contact", SPOUSE)]
    for namespace, value in (
        ("salesforce.tea.contact", CONTACT),
        ("sfmc.100.subscriber_id", "5550001"),
        ("hubspot.tea.contact", "9001"),
        ("user_id", "web-17"),
        ("shopify.tea.customer", "115310627314723990"),
        ("dynamics.tea.contact", "6d81597f-0f9f-e711-8122-000d3aa20001"),
        ("gigya.tea.uid", "uid-mara"),
    ):
        assert graph.profile(namespace, value).id == mara.id, namespace


def test_her_timeline_runs_across_all_systems(graph: ProfileGraph) -> None:
    mara = graph.profile("email", MARA)
    sources = {one.item.get("source", "").split(".")[0] for one in mara.timeline(limit=None)} - {""}
    assert sources >= {"salesforce", "sfmc", "hubspot", "shopify", "qualtrics", "dynamics", "gigya"}
    kinds = [
        (one.kind, one.attributed) for one in mara.timeline(limit=None) if one.kind in ("page", "identify")
    ]
    assert kinds == [("identify", False), ("page", True)]
    assert len(happened(mara, "Email Opened")) == 1


def test_one_answer_one_case_with_its_resolution_and_one_order(graph: ProfileGraph) -> None:
    mara = graph.profile("email", MARA)
    (answer,) = happened(mara, "Survey Responded")
    assert (answer["survey_type"], answer["score"], answer["scale_max"]) == ("nps", 9.0, 10.0)
    (opened,), (closed,) = happened(mara, "Ticket Opened"), happened(mara, "Ticket Closed")
    assert opened["ticket_id"] == closed["ticket_id"]
    assert (closed["resolution"], closed["resolution_seconds"]) == ("Replacement sent", 26 * 3600.0)
    (order,) = happened(mara, "Order Completed")
    assert (order["order_id"], order["total"], order["currency"]) == ("5489000000901", 420.0, "SEK")


def test_her_last_word_on_each_matter_is_her_consent(graph: ProfileGraph) -> None:
    # She agreed in the shop on the 1st and left by the link of an e-mail on the 9th; sales must not call her.
    assert graph.profile("email", MARA).consent == {
        "email.marketing": False,
        "phone.marketing": False,
        "profiling": True,
    }
    assert graph.profile("email", JONAS).consent == {}
