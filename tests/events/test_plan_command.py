"""``cxm plan`` keeps its contract: what it prints, what it writes, how it exits, and that it shows no value."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cxm_sdk.cli.commands import app

PLAN = """
plan: Shop
unknown_events: forbid
events:
  - name: Order Completed
    properties:
      order_id: {type: string, required: true}
      total: {type: decimal, min: 0}
"""
GOOD = {"type": "track", "event": "Order Completed", "properties": {"order_id": "o-1", "total": 42}}
BAD = {"type": "track", "event": "Order Completed", "properties": {"total": -987}}
STRANGE = {"type": "track", "event": "Moon Landed"}


def cxm(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN)
    return file


def lines(*events: object) -> str:
    return "".join(f"{event if isinstance(event, str) else json.dumps(event)}\n" for event in events)


def test_events_that_fit_are_told_with_exit_code_0(plan: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text(lines(GOOD, "", GOOD))
    run = cxm("plan", "check", plan, events)
    assert (run.exit_code, run.stdout) == (0, "2 events checked against Shop, 0 with violations\n")


def test_violations_are_printed_by_rule_and_count_without_values_with_exit_code_1(
    plan: Path, tmp_path: Path
) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text(lines(GOOD, BAD, BAD, STRANGE, "not json", "[]"))
    run = cxm("plan", "check", plan, events)
    assert run.exit_code == 1
    assert run.stdout.splitlines() == [
        "4 events checked against Shop, 3 with violations",
        "2 lines hold no event",
        "       2  Order Completed at properties.order_id: required",
        "       2  Order Completed at properties.total: minimum",
        "       1  Moon Landed: unknown_event",
    ]
    assert "987" not in run.output
    as_json = cxm("plan", "check", plan, events, "--json")
    report = json.loads(as_json.stdout)
    assert (as_json.exit_code, report["checked"], report["violating"], report["unreadable"]) == (1, 4, 3, 2)
    assert report["violations"][0] == {
        "type": "track",
        "event": "Order Completed",
        "path": "properties.order_id",
        "rule": "required",
        "count": 2,
    }


def test_events_are_read_from_stdin(plan: Path) -> None:
    assert cxm("plan", "check", plan, "-", stdin=lines(GOOD)).exit_code == 0
    assert cxm("plan", "check", plan, "-", stdin=lines(BAD)).exit_code == 1


@pytest.mark.parametrize("command", ["check", "generate"])
def test_what_cannot_be_used_is_one_line_and_exit_code_2(command: str, plan: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("plan: [")
    rest = [plan] if command == "check" else ["--output", tmp_path / "events.py"]
    for bad in (broken, tmp_path / "missing.yaml"):
        run = cxm("plan", command, bad, *rest)
        assert (run.exit_code, run.stdout) == (2, "")
        assert run.stderr.startswith("error[plan]: ")
        assert run.stderr.count("\n") == 1
    run = cxm("plan", "check", plan, tmp_path / "missing.jsonl")
    assert (run.exit_code, run.stderr[:14]) == (2, "error[source]:")


def test_the_classes_are_written_and_import_in_a_program_of_their_own(plan: Path, tmp_path: Path) -> None:
    run = cxm("plan", "generate", plan, "--output", tmp_path / "shop_events.py")
    assert (run.exit_code, run.stdout) == (0, f"1 events of Shop written to {tmp_path / 'shop_events.py'}\n")
    program = (
        "import shop_events; print(shop_events.OrderCompleted(order_id='o-1', total='42.00').to_properties())"
    )
    root = Path(__file__).parents[2]
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "{'order_id': 'o-1', 'total': 42.0}\n"


def test_what_was_written_is_told_as_json(plan: Path, tmp_path: Path) -> None:
    file = tmp_path / "shop_events.py"
    run = cxm("plan", "generate", plan, "--output", file, "--json")
    assert json.loads(run.stdout) == {"plan": "Shop", "events": 1, "file": str(file)}
