"""Users' tests see the events of the code under test, whichever client recorded them."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

SUITE = """
from cxm_sdk import Client

client = Client("https://collector.example", write_key="k", before_send=lambda event: event)


def buy():
    client.identify("u-1", {"plan": "pro"})
    client.track("Order Completed", {"total": 42.0}, user_id="u-1")


def test_events_of_a_client_made_at_import_are_caught(capture_events):
    assert len(capture_events) == 0
    buy()
    (order,) = capture_events.named("Order Completed")
    assert order["properties"]["total"] == 42.0
    assert [event["type"] for event in capture_events] == ["identify", "track"]
    assert len(capture_events.of("u-1")) == 2
    assert repr(capture_events) == "CapturedEvents(['identify', 'Order Completed'])"


def test_each_test_begins_with_none(capture_events):
    assert list(capture_events) == []
    Client(["https://one.example", "https://two.example"]).page("Home", anonymous_id="a-1")
    assert len(capture_events.named("Home")) == 1
    capture_events.clear()
    assert not capture_events
"""


def test_the_fixture_catches_events_and_sends_none(tmp_path: Path) -> None:
    (tmp_path / "test_shop.py").write_text(SUITE)
    # An installed package is found by pytest itself; the sources alone are not.
    installed = "cxm_sdk" in {point.name for point in entry_points(group="pytest11")}
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            *([] if installed else ["-p", "cxm_sdk.testing.plugin"]),
            "-p",
            "no:cacheprovider",
            "test_shop.py",
        ],
        cwd=tmp_path,
        env={"PATH": "", "PYTHONPATH": ":".join(sys.path), "XDG_STATE_HOME": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert not (tmp_path / "state").exists()
