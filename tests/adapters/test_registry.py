"""Adapters are found by name, also those of other packages, and payloads by what they look like."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cxm_sdk import AdapterError
from cxm_sdk.adapters import Adapter, Kind, registry
from cxm_sdk.cli.commands import app

PLUGIN = Path(__file__).parents[1] / "plugins" / "cxm_teaclub"
CARD = {
    "kind": "card.updated",
    "club": 7,
    "at": 1_751_358_600_000,
    "card": {"no": "0042", "mail": "Ada@Example.com"},
}
CALL = {
    "type": "identify",
    "userId": "u-1",
    "traits": {},
    "messageId": "m-1",
    "timestamp": "2026-01-01T00:00:00Z",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the package ``cxm_teaclub`` is built and installed."""
    site = tmp_path_factory.mktemp("site")
    source = tmp_path_factory.mktemp("source") / "cxm_teaclub"
    shutil.copytree(PLUGIN, source)  # building leaves files
    pip = [sys.executable, "-m", "pip", "install", "--no-index", "--no-build-isolation", "--no-deps"]
    done = subprocess.run([*pip, "--target", str(site), str(source)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return site


def run(site: Path, program: str) -> str:
    head = f"import sys; sys.path.append({str(site)!r})\nfrom cxm_sdk import AdapterError, adapters\n"
    done = subprocess.run([sys.executable, "-c", head + program], capture_output=True, text=True, check=True)
    return done.stdout


def test_another_package_brings_an_adapter_which_is_listed_loaded_and_recognised(installed: Path) -> None:
    program = f"""
card = {CARD!r}
print("teaclub" in adapters.names(), "cxm_teaclub" in sys.modules)
print(adapters.detect(card))
record = adapters.get("teaclub").parse(card).records[0]
print(record.source, [(one.namespace, one.value) for one in record.identifiers])
print(adapters.detect({CALL!r}))
"""
    assert run(installed, program).splitlines() == [
        "True False",
        "teaclub",
        "teaclub.7.card [('teaclub.7.card', '0042'), ('email', 'ada@example.com')]",
        "segment",
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("broken", "cxm_teaclub_missing:Nothing cannot be loaded"),
        ("wrong", "a subclass of Adapter at cxm_teaclub:CARDS"),
    ],
)
def test_an_adapter_that_cannot_be_loaded_is_an_error_only_for_who_asks_for_it(
    installed: Path, name: str, said: str
) -> None:
    program = f"""
print(adapters.detect({CALL!r}))
try:
    adapters.get({name!r})
except AdapterError as error:
    print(error)
"""
    detected, error = run(installed, program).splitlines()[:2]
    assert detected == "segment"
    assert said in error


def test_what_no_adapter_is_called_is_an_error_that_lists_those_there_are() -> None:
    with pytest.raises(AdapterError) as caught:
        registry.get("nosuch")
    assert "hubspot" in str(caught.value)


@pytest.mark.parametrize("payload", [{"no": "kind of anybody's"}, [], [1, None], "7", b'"x"', None])
def test_what_nobody_recognises_is_refused(payload: Any) -> None:
    with pytest.raises(AdapterError, match="no adapter recognises"):
        registry.detect(payload)


def test_what_several_recognise_is_refused_with_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    class One(Adapter):
        """One of two that read the same."""

        name, title, about = "one", "One", "Cards."
        kinds = (Kind(name="card", equal={"kind": ("card",)}, source="one"),)

    class Other(One):
        """The other."""

        name = "other"

    class Better(One):
        """One that knows more of it."""

        name = "better"
        kinds = (Kind(name="card", equal={"kind": ("card",)}, has=("no",), source="better"),)

    known: dict[str, type[Adapter]] = {"one": One, "other": Other, "better": Better}
    monkeypatch.setattr(registry, "names", lambda: sorted(known))
    monkeypatch.setattr(registry, "find", known.__getitem__)
    with pytest.raises(AdapterError, match=r"several adapters recognise the payload: one, other\."):
        registry.detect({"kind": "card"})
    assert registry.detect({"kind": "card", "no": 1}) == "better"


def test_the_wrong_adapter_rejects_every_item_and_says_whose_they_are_not() -> None:
    parsed = registry.get("hubspot", tenant="7").parse([CALL, CALL])
    assert [(one.path, one.reason, one.whole) for one in parsed.rejected] == [
        ("[0]", "unknown_kind", True),
        ("[1]", "unknown_kind", True),
    ]
    assert not parsed.items()
    assert "HubSpot" in parsed.rejected[0].detail


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{broken", "unreadable"),
        (b'{"caf\xe9": 1}', "expected UTF-8 or UTF-16"),
        (b'<?xml version="1.0"?><a/>', "unreadable"),
    ],
)
def test_the_command_says_what_is_wrong_with_a_file(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "sent.json"
    file.write_bytes(content)
    command = ["ingest", "--adapter", "auto", "--json", "--graph", str(tmp_path / "g.db"), str(file)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code in (1, 2)
    assert said in (done.output if done.exit_code == 1 else str(done.output) + str(done.exception))
    assert done.exit_code == 2 or json.loads(done.stdout)["rejected"] == 1


def test_the_command_recognises_each_payload_and_keeps_the_good_ones(tmp_path: Path) -> None:
    file = tmp_path / "sent.jsonl"
    file.write_text(
        "\n".join(json.dumps(one) for one in (CALL, {"no": "kind"}, {**CALL, "messageId": "m-2"}))
    )
    command = ["ingest", "--adapter", "auto", "--json", "--graph", str(tmp_path / "g.db"), str(file)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["accepted"], told["rejected"]) == (2, 1)
    assert "no adapter recognises" in told["first_rejected"][0]["detail"]
