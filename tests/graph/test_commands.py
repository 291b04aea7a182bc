"""The commands on a graph: what they print, and how they end."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cxm_sdk import ProfileGraph
from cxm_sdk.adapters.registry import names
from cxm_sdk.cli.adapters import _made
from cxm_sdk.cli.commands import app
from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES
from cxm_sdk.profiles.config import GraphConfig

ITEMS: list[dict[str, Any]] = [
    {
        "source": "crm",
        "record_id": "17",
        "observed_at": 5,
        "identifiers": {"email": "ada@x.org", "crm_id": "c-1"},
        "attributes": {"first_name": "Ada"},
    },
    {
        "type": "identify",
        "userId": "u-1",
        "anonymousId": "k",
        "messageId": "m-1",
        "timestamp": 6,
        "traits": {"email": "Ada@X.org"},
        "context": {"consent": {"categoryPreferences": {"ads": False}}},
    },
    {"type": "page", "anonymousId": "k", "messageId": "m-2", "timestamp": 7},
]


def cxm(*arguments: object, code: int = 0) -> Result:
    run = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert run.exit_code == code, run.output
    return run


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    file = tmp_path / "events.jsonl.gz"
    with gzip.open(file, "wt") as lines:
        lines.write("\n".join(json.dumps(item) for item in ITEMS))
    path = tmp_path / "customers.db"
    assert cxm("ingest", file, "--graph", path).stdout.split() == [
        *("accepted", "3", "duplicates", "0", "rejected", "0"),
        *("changes", "2"),
    ]
    return path


def test_a_file_that_needs_an_adapter_is_refused_with_a_hint(tmp_path: Path, graph: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id,email\n1,ada@x.org\n")
    run = cxm("ingest", file, "--graph", graph, code=1)
    assert "people.csv:1: not_a_mapping: expected a JSON object on each line" in run.output
    assert "--adapter" in run.output
    assert "ada@x.org" not in run.output


def test_what_is_refused_is_counted_and_named_by_line(tmp_path: Path, graph: Path) -> None:
    file = tmp_path / "more.jsonl"
    file.write_text(json.dumps(ITEMS[0]) + '\n\n{"broken": \n{"type": "shout", "userId": "u"}\n')
    run = cxm("ingest", file, "--graph", graph, "--json", code=1)
    report = json.loads(run.stdout)
    assert (report["accepted"], report["duplicates"], report["rejected"]) == (0, 1, 2)
    assert [(one["line"], one["reason"]) for one in report["first_rejected"]] == [
        (3, "not_a_mapping"),
        (4, "unknown_type"),
    ]


def test_a_file_that_is_one_list_is_refused_with_a_hint(tmp_path: Path, graph: Path) -> None:
    file = tmp_path / "all.json"
    file.write_text(json.dumps(ITEMS))
    assert "expected a JSON object on each line" in cxm("ingest", file, "--graph", graph, code=1).output


def test_a_file_with_a_mark_of_its_encoding_is_taken_whole(tmp_path: Path) -> None:
    file = tmp_path / "from-windows.jsonl"
    file.write_text("\n".join(json.dumps(item) for item in ITEMS), encoding="utf-8-sig")
    cxm("ingest", file, "--graph", tmp_path / "w.db")


def test_a_line_that_is_too_deep_costs_no_other(tmp_path: Path, graph: Path) -> None:
    file = tmp_path / "deep.jsonl"
    deep = "[" * 100_000
    file.write_text(f'{{"type": "page", "userId": "u", "properties": {deep}\n{json.dumps(ITEMS[0])}\n')
    report = json.loads(cxm("ingest", file, "--graph", graph, "--json", code=1).stdout)
    assert (report["duplicates"], report["rejected"]) == (1, 1)


def test_a_packed_file_that_breaks_off_is_an_error_and_no_traceback(tmp_path: Path, graph: Path) -> None:
    file = tmp_path / "cut.jsonl.gz"
    file.write_bytes(gzip.compress(b"\n".join(json.dumps(ITEMS[0]).encode() for _ in range(9)))[:-9])
    assert "error[source]: cut.jsonl.gz" in cxm("ingest", file, "--graph", graph, code=2).output


def test_a_file_that_is_not_there_makes_no_graph(tmp_path: Path) -> None:
    cxm("ingest", tmp_path / "no.jsonl", "--graph", tmp_path / "n.db", code=2)
    assert not (tmp_path / "n.db").exists()


def test_what_was_no_number_is_shown_as_json(tmp_path: Path) -> None:
    file, graph = tmp_path / "nan.jsonl", tmp_path / "nan.db"
    file.write_text('{"type": "identify", "userId": "u-1", "timestamp": 1, "traits": {"score": NaN}}')
    cxm("ingest", file, "--graph", graph)
    for command in (("profile", "--json"), ("export",)):
        shown = cxm(command[0], "user_id:u-1", "--graph", graph, *command[1:]).stdout
        assert "NaN" not in shown
        json.loads(shown)


def test_a_record_names_its_person(graph: Path) -> None:
    shown = json.loads(cxm("profile", "crm:17", "--graph", graph, "--json").stdout)
    assert "crm:17" in shown["records"]
    assert json.loads(cxm("export", "crm:17", "--graph", graph).stdout)["profile_id"] == shown["profile_id"]


def test_an_address_without_its_namespace_is_answered_with_what_is_expected(graph: Path) -> None:
    said = cxm("profile", "ada@x.org", "--graph", graph, code=2).output
    assert "a namespace and a value" in said
    assert "source_id" not in said


def test_options_of_an_adapter_that_are_missing_or_unknown_are_named(tmp_path: Path, graph: Path) -> None:
    (tmp_path / "t.csv").write_text("id\n1\n")
    mapping = tmp_path / "m.json"
    for options, said in (
        ({"source": "s"}, "the option id"),
        ({"source": "s", "id": "id", "columns": {}}, "among source, id, time"),
        ({"source": "s", "id": "id", "identifiers": ["x"]}, "in their form"),
    ):
        mapping.write_text(json.dumps(options))
        how = ("--adapter", "tabular", "--mapping", mapping)
        run = cxm("ingest", tmp_path / "t.csv", "--graph", graph, *how, code=2)
        assert said in run.output


def test_columns_of_a_mapping_that_a_table_lacks_are_named_and_nothing_is_taken(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Card;Given\n1;Ada\n")
    mapping = tmp_path / "m.json"
    options = {"source": "s", "id": "Card", "attributes": {"Givn": "first_name", "a.b": "city"}}
    mapping.write_text(json.dumps(options))
    how = ("--adapter", "tabular", "--mapping", mapping, "--received", "2026-01-01T00:00:00Z")
    graph = tmp_path / "new.db"
    run = cxm("ingest", tmp_path / "t.csv", "--graph", graph, *how, code=2)
    assert "no Givn" in run.output
    assert "Card, Given" in run.output
    with ProfileGraph(graph) as opened:
        assert opened.health().items == 0


def test_every_adapter_takes_the_options_of_all_of_them() -> None:
    for name in names():
        needed = {"source": "s", "id": "id"} if name == "tabular" else {}
        assert _made(name, {**needed, "timezone": "Europe/Vienna", "own": ["@x.org"]}).name == name


def test_showing_what_an_adapter_refuses_ends_as_taking_it_in_would(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"nobody": "sends this"}\n')
    cxm("adapters", "show", "hubspot", tmp_path / "x.jsonl", code=1)


def test_a_person_is_shown_by_identifier_device_and_id(graph: Path) -> None:
    shown = json.loads(cxm("profile", "email:ada@x.org", "--graph", graph, "--json").stdout)
    assert shown["golden"]["first_name"]["value"] == "Ada"
    assert shown["consent"] == {"ads": False}
    assert [entry["attributed"] for entry in shown["timeline"]] == [True, False, False]
    text = cxm("profile", shown["profile_id"], "--graph", graph).stdout
    assert "crm:17" in text
    assert "(anonymous then)" in text


def test_a_person_is_found_by_the_id_of_a_source_system(tmp_path: Path) -> None:
    graph, file = tmp_path / "g.db", tmp_path / "items.jsonl"
    contact = {"hubspot.7.contact": "17", "email": "ada@x.org"}
    items: list[dict[str, Any]] = [
        {"source": "hubspot.7.contact", "record_id": "17", "observed_at": 5, "identifiers": contact},
        {
            "type": "track",
            "event": "Ticket Opened",
            "messageId": "m",
            "timestamp": 6,
            "context": {"externalIds": [{"id": "9", "type": "zendesk.3.user"}]},
        },
    ]
    file.write_text("\n".join(map(json.dumps, items)))
    cxm("ingest", file, "--graph", graph)
    assert "ada@x.org" in cxm("profile", "hubspot.7.contact:17", "--graph", graph).output
    assert "track  Ticket Opened" in cxm("profile", "zendesk.3.user:9", "--graph", graph).output
    assert cxm("export", "zendesk.3.user:9", "--graph", graph).output
    cxm("profile", "zendesk.3.user:10", "--graph", graph, code=2)
    cxm("erase", "zendesk.3.user:9", "--graph", graph, "--yes")
    cxm("profile", "zendesk.3.user:9", "--graph", graph, code=2)
    cxm("profile", "hubspot.7.contact:17", "--graph", graph)


def test_two_records_are_explained(graph: Path) -> None:
    why = json.loads(cxm("explain", "crm:17", "user_id:u-1", "--graph", graph, "--json").stdout)
    assert why["linked"]
    assert abs(sum(term["bits"] for term in why["terms"]) - why["weight"]) < 1e-9
    assert "ada@x.org" not in json.dumps(why)
    assert cxm("explain", "a", "b", code=2)


def test_changes_health_and_export_are_printed(graph: Path) -> None:
    kinds = [json.loads(line)["kind"] for line in cxm("changes", "--graph", graph).stdout.splitlines()]
    assert sorted(kinds) == ["created", "link_added"]
    assert json.loads(cxm("health", "--graph", graph, "--json").stdout)["profiles"] == 1
    assert "faults" in cxm("health", "--graph", graph).stdout
    assert len(json.loads(cxm("export", "crm_id:c-1", "--graph", graph).stdout)["timeline"]) == 3


def test_a_new_configuration_is_tried_first_and_then_applied(tmp_path: Path, graph: Path) -> None:
    file = tmp_path / "strict.json"
    one_email = [n.model_copy(update={"unique": n.name in ("email", "user_id")}) for n in DEFAULT_NAMESPACES]
    GraphConfig(namespaces=tuple(one_email)).save(file)
    more = tmp_path / "more.jsonl"
    again = {**ITEMS[0], "record_id": "18", "identifiers": {"email": "ada@y.org", "crm_id": "c-1"}}
    more.write_text(json.dumps(again))
    cxm("ingest", more, "--graph", graph)
    tried = json.loads(cxm("configure", file, "--graph", graph, "--json").stdout)
    (move,) = tried["moves"]
    assert (move["kind"], len(move["before"]), len(move["after"]), move["items"]) == ("split", 1, 2, 3)
    assert json.loads(cxm("health", "--graph", graph, "--json").stdout)["profiles"] == 1
    assert cxm("configure", file, "--graph", graph, "--apply").stdout.splitlines()[-1].startswith("applied")
    assert json.loads(cxm("health", "--graph", graph, "--json").stdout)["profiles"] == 2
    assert "0 groups" in cxm("configure", file, "--graph", graph).stdout
    # A graph that is there keeps what was applied, and says so when it is asked for something else.
    assert (
        "error[input]"
        in cxm("ingest", more, "--graph", graph, "--config", write(tmp_path, "{}"), code=2).stderr
    )
    cxm("ingest", more, "--graph", tmp_path / "new.db", "--config", file)


def write(folder: Path, text: str) -> Path:
    (folder / "config.json").write_text(text)
    return folder / "config.json"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no json", "top level"),
        ('{"most_owners": 1}', "most_owners"),
        ('{"shoe_size": 42}', "shoe_size"),
        ('{"namespaces": [{"name": "x", "kind": "device", "unique": true}]}', "intervals"),
    ],
)
def test_a_file_that_is_no_configuration_is_a_clear_error(
    tmp_path: Path, graph: Path, text: str, said: str
) -> None:
    run = cxm("configure", write(tmp_path, text), "--graph", graph, code=2)
    assert "error[input]" in run.stderr
    assert said in run.stderr
    assert "42" not in run.stderr
    assert "error[input]" in cxm("configure", tmp_path / "none.json", "--graph", graph, code=2).stderr


def test_a_person_is_shown_as_of_a_time(graph: Path) -> None:
    shown = cxm("profile", "crm_id:c-1", "--graph", graph, "--as-of", "1970-01-01T00:00:05Z", "--json")
    assert [entry["kind"] for entry in json.loads(shown.stdout)["timeline"]] == ["record"]
    cxm("profile", "user_id:u-1", "--graph", graph, "--as-of", "1970-01-01T00:00:05Z", code=2)
    cxm("profile", "user_id:u-1", "--graph", graph, "--as-of", "yesterday", code=2)


def test_erasing_asks_first_and_then_certifies(graph: Path) -> None:
    name = json.loads(cxm("profile", "email:ada@x.org", "--graph", graph, "--json").stdout)["profile_id"]
    assert "Everything of 1 person" in cxm("erase", name, "--graph", graph, code=1).output
    certificate = json.loads(cxm("erase", "crm_id:c-1", name, "--graph", graph, "--yes").stdout)
    assert (certificate["items"], certificate["remains"]) == (3, 0)
    assert "unknown_profile" in cxm("profile", name, "--graph", graph, code=2).stderr


def test_a_graph_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    assert "error[source]" in cxm("health", "--graph", tmp_path / "none.db", code=2).stderr
