"""Items as programs, databases and data frames hold them."""

from __future__ import annotations

import json
from collections import deque
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cxm_sdk import InputError, ProfileGraph, resolve

RECORD = {"source": "crm", "record_id": "1", "observed_at": 1, "identifiers": {"email": "ada@x.org"}}


class Tier(Enum):
    """A class as applications have them."""

    GOLD = "gold"


def ids(graph: ProfileGraph, namespace: str, value: Any) -> list[tuple[str, str]]:
    return [(held.namespace, held.value) for held in graph.profile(namespace, value).identifiers]


@pytest.mark.parametrize(
    "value",
    [
        17,
        17.0,
        "17",
        Decimal(17),
        Decimal("17.00"),
        np.int64(17),
        np.float64(17),
        b"17",
        ["17", None],
        {"17"},
    ],
    ids=repr,
)
def test_a_number_is_the_same_id_whatever_holds_it(value: Any) -> None:
    with ProfileGraph(":memory:") as graph:
        report = graph.ingest({**RECORD, "identifiers": {"loyalty_id": value}})
        assert (report.accepted, report.rejected) == (1, [])
        assert ids(graph, "loyalty_id", "17") == [("loyalty_id", "17")]
        assert graph.profile("loyalty_id", "17").golden["loyalty_id"].value == "17"


@pytest.mark.parametrize("value", [17, 17.0, Decimal("17.0"), np.int64(17), b"17"], ids=repr)
def test_a_record_is_one_whatever_holds_the_number_of_its_id(value: Any) -> None:
    with ProfileGraph(":memory:") as graph:
        graph.ingest({**RECORD, "record_id": "17"})
        assert graph.ingest({**RECORD, "record_id": value, "observed_at": 2}).rejected == []
        assert graph.profile("email", "ada@x.org").records == [("crm", "17")]


def test_a_row_of_a_database_is_taken_as_it_is() -> None:
    key = UUID(int=17)
    with ProfileGraph(":memory:") as graph:
        report = graph.ingest(
            {
                "source": "shop",
                "record_id": key,
                "observed_at": date(2026, 1, 5),
                "identifiers": {"user_id": key, "email": "ada@x.org"},
                "attributes": {
                    "birth_date": date(1980, 12, 10),
                    "spent": Decimal("42.10"),
                    "tier": Tier.GOLD,
                    "tags": {"b", "a"},
                    3: datetime(2026, 1, 5, tzinfo=timezone(timedelta(hours=1))),
                },
            }
        )
        assert report.rejected == []
        found = graph.profile("user_id", key)
        assert found.golden["birth_date"].value == "1980-12-10"
        assert (found.traits["spent"], found.traits["tier"], found.traits["tags"]) == (
            42.1,
            "gold",
            ["a", "b"],
        )
        assert found.timeline()[0].at == "2026-01-05T00:00:00.000000Z"


def test_rows_of_a_data_frame_with_gaps_are_taken_and_read_back_as_json() -> None:
    frame = pd.DataFrame(
        {
            "loyalty_id": [17, None],
            "first_name": ["Ada", None],
            "seen": pd.to_datetime(["2026-01-05", None]),
            "visits": pd.array([3, None], dtype="Int64"),
        }
    )
    with ProfileGraph(":memory:") as graph:
        for number, row in enumerate(frame.to_dict("records")):
            item = {**RECORD, "record_id": str(number), "identifiers": {"crm_id": f"C-{number}"}}
            item["identifiers"] |= {"loyalty_id": row["loyalty_id"]}
            assert graph.ingest({**item, "attributes": row}).rejected == []
        assert ids(graph, "loyalty_id", 17) == [("crm_id", "C-0"), ("loyalty_id", "17")]
        assert ids(graph, "crm_id", "C-1") == [("crm_id", "C-1")]
        shown = json.dumps(graph.export(graph.profile("crm_id", "C-1").id), allow_nan=False)
        assert json.loads(shown)["traits"]["visits"] is None


@pytest.mark.parametrize("moment", [float("nan"), pd.NaT, np.datetime64("NaT", "us")], ids=repr)
def test_a_time_that_is_none_refuses_its_item_alone(moment: Any) -> None:
    event = {"type": "track", "event": "A", "userId": "u-1", "timestamp": moment}
    with ProfileGraph(":memory:") as graph:
        report = graph.ingest([{**RECORD, "observed_at": moment}, RECORD, event])
        assert report.accepted == 1
        assert [(one.index, one.reason) for one in report.rejected] == [
            (0, "unreadable_time"),
            (2, "unreadable_time"),
        ]


@pytest.mark.parametrize("moment", [1_767_225_600, 1_767_225_600_000, 1_767_225_600_000.0, "2026-01-01"])
def test_a_time_may_be_counted_in_milliseconds_as_browsers_do(moment: Any) -> None:
    with ProfileGraph(":memory:") as graph:
        graph.ingest(
            [{**RECORD, "observed_at": moment}, {"type": "page", "userId": "u-1", "timestamp": moment}]
        )
        for profile in (graph.profile("crm:1"), graph.profile("user_id", "u-1")):
            assert profile.timeline()[0].at == "2026-01-01T00:00:00.000000Z"


@pytest.mark.parametrize("part", ["identifiers", "attributes"])
@pytest.mark.parametrize("told", [[("email", "ada@x.org")], "ada@x.org", 5], ids=repr)
def test_what_a_record_says_in_another_form_is_refused_and_not_lost(part: str, told: Any) -> None:
    with ProfileGraph(":memory:") as graph:
        (refused,) = graph.ingest({**RECORD, part: told}).rejected
        assert refused.reason == "not_a_mapping"
        assert part in refused.detail
        assert "ada" not in refused.detail


@pytest.mark.parametrize(
    "value", [object(), deque(), 1j, b"\xff"], ids=["object", "deque", "complex", "bytes"]
)
def test_what_has_no_form_in_json_refuses_its_item_and_names_its_type(value: Any) -> None:
    with ProfileGraph(":memory:") as graph:
        (refused,) = graph.ingest([RECORD, {**RECORD, "note": value}]).rejected
        assert (refused.index, refused.reason) == (1, "not_json")
        assert "<" not in refused.detail
        own: list[Any] = []
        own.append(own)
        assert graph.ingest({**RECORD, "note": own}).rejected[0].reason == "not_json"


@pytest.mark.parametrize("text", [json.dumps(RECORD), json.dumps(RECORD).encode()], ids=["text", "bytes"])
def test_text_is_one_item_that_is_refused_once(text: Any) -> None:
    with ProfileGraph(":memory:") as graph:
        assert [(one.index, one.reason) for one in graph.ingest(text).rejected] == [(0, "not_a_mapping")]


@pytest.mark.parametrize("table", [pd.DataFrame([RECORD]), pl.DataFrame([RECORD])], ids=["pandas", "polars"])
def test_a_table_is_refused_with_what_to_give_instead(table: Any) -> None:
    with ProfileGraph(":memory:") as graph, pytest.raises(InputError, match="to_dict"):
        graph.ingest(table)


@pytest.mark.parametrize("value", [True, ["u-1"], {"u": 1}, 1j, float("nan")], ids=repr)
def test_asking_for_what_is_no_id_is_an_error_of_its_own(value: Any) -> None:
    with ProfileGraph(":memory:") as graph, pytest.raises(InputError, match="user_id"):
        graph.profile("user_id", value)


def test_a_name_of_a_namespace_that_is_no_text_refuses_its_item_alone() -> None:
    with ProfileGraph(":memory:") as graph:
        (refused,) = graph.ingest([{**RECORD, "identifiers": {1: "x"}}, RECORD]).rejected
        assert (refused.index, refused.reason) == (0, "unknown_namespace")
        assert "loyalty_id" in refused.detail


@pytest.mark.parametrize(
    "parts",
    [
        {"birth_day": "2", "birth_month": "1", "birth_year": "1980"},
        {"birth_day": 2, "birth_month": 1.0, "birth_year": np.int64(1980)},
        {"birth_day": "02", "birth_month": "January", "birth_year": " 1980 "},
        {"birth_day": "2", "birth_month": "1", "birth_year": "1980", "birth_date": None},
    ],
    ids=repr,
)
def test_a_birth_date_in_parts_is_one(parts: dict[str, Any]) -> None:
    with ProfileGraph(":memory:") as graph:
        graph.ingest([{**RECORD, "attributes": parts}])
        assert graph.profile("crm:1").golden["birth_date"].value == "1980-01-02"


@pytest.mark.parametrize(
    "parts",
    [
        {"birth_day": "2", "birth_month": "1"},
        {"birth_day": "31", "birth_month": "2", "birth_year": "1980"},
        {"birth_day": ["1", "2"], "birth_month": "1", "birth_year": "1980"},
        {"birth_day": "2", "birth_month": "1", "birth_year": "80"},
    ],
    ids=repr,
)
def test_parts_that_make_no_date_say_nothing(parts: dict[str, Any]) -> None:
    with ProfileGraph(":memory:") as graph:
        assert graph.ingest([{**RECORD, "attributes": parts}]).accepted == 1
        assert "birth_date" not in graph.profile("crm:1").golden


def test_a_birth_date_counts_before_its_parts() -> None:
    parts = {"birth_day": "2", "birth_month": "1", "birth_year": "1980", "birth_date": "1990-05-06"}
    with ProfileGraph(":memory:") as graph:
        graph.ingest({**RECORD, "attributes": parts})
        assert graph.profile("crm:1").golden["birth_date"].value == "1990-05-06"


@pytest.mark.parametrize("name", ["crm_id", "account_id"])
def test_an_identifier_among_attributes_is_one_as_among_traits(name: str) -> None:
    with ProfileGraph(":memory:") as graph:
        for at in (5, datetime(2026, 1, 1)):  # whichever way it is read
            graph.ingest({**RECORD, "observed_at": at, "attributes": {name: "C-9", "device_id": "d-1"}})
            profile = graph.profile("crm:1")
            assert (name, "C-9") in [(one.namespace, one.value) for one in profile.identifiers]
            assert not profile.devices


@pytest.mark.parametrize("told", ["  ", "null", "NaN", " n/a ", "\u00a0", "\\N"])
@pytest.mark.parametrize("at", [5, "2026-01-01"])
def test_a_record_without_an_id_is_refused_and_replaces_no_other(told: str, at: object) -> None:
    with ProfileGraph(":memory:") as graph:
        report = graph.ingest({**RECORD, "record_id": told, "observed_at": at})
        assert [one.reason for one in report.rejected] == ["incomplete_record"]


def test_record_ids_differ_by_spaces_live_as_in_a_batch() -> None:
    told = [" 17 ", "17"]
    table = pa.table({"id": told, "first_name": ["Ada", "Bob"], "email": ["a@x.org", "b@x.org"]})
    batch = resolve({"crm": table}, id_column="id").assignments.column("record_id").to_pylist()
    with ProfileGraph(":memory:") as graph:
        for at in (5, "2026-01-01"):
            graph.ingest([{**RECORD, "record_id": one, "observed_at": at} for one in told])
        live = sorted(graph.profile("crm: 17 ").records)
    assert sorted(batch) == [" 17 ", "17"] == [record_id for _, record_id in live]


@pytest.mark.parametrize("observed_at", [1, "1970-01-01T00:00:01Z"], ids=["number", "text"])
def test_attributes_of_a_record_may_be_called_as_traits_of_events_are(observed_at: Any) -> None:
    attributes = {"name": "Ada Lovelace", "birthday": "1815-12-10", "address": {"zip": "50667"}, "shoes": 41}
    with ProfileGraph(":memory:") as graph:
        graph.ingest({**RECORD, "observed_at": observed_at, "attributes": attributes})
        golden = graph.profile("email", "ada@x.org").golden
        shown = {name: golden[name].value for name in ("first_name", "last_name", "birth_date", "postcode")}
        expected = ("Ada", "Lovelace", "1815-12-10", "50667")
        assert tuple(shown.values()) == expected
