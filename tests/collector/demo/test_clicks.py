"""A newcomer clicks in the shop, and sees two people grow who share a tablet."""

from __future__ import annotations

import filecmp
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk.capture.collector import demo
from cxm_sdk.graph import ProfileGraph

HERE = Path(__file__).parent


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """``cxm serve --demo``, as it is called from a shell."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "cxm_sdk.cli",
        "serve",
        "--graph",
        str(tmp_path / "customers.db"),
        "--demo",
    ]
    command += ["--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.communicate(timeout=30)


def wait_for(url: str, process: subprocess.Popen[str], seconds: float = 30.0) -> None:
    """Waits until a server answers, for as long as it lives."""
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def test_two_people_on_one_tablet(url: str, node: dict[str, str], chromium: str, tmp_path: Path) -> None:
    run = {"chromium": chromium, "url": url, "picture": os.environ.get("CXM_DEMO_PICTURE")}
    done = subprocess.run(
        ["node", str(HERE / "clicks.cjs")],
        input=json.dumps(run),
        capture_output=True,
        text=True,
        timeout=150,
        env=node,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    assert seen["errors"] == []
    assert seen["elsewhere"] == []

    (stranger,) = seen["visitor"]["people"].values()
    assert stranger["quiet"].startswith("3 events so far.")
    assert seen["visitor"]["devices"] == []

    # what she did before she signed in became hers
    alone = seen["alone"]["people"]
    bought = ["Order Completed", "Product Added", "ada"]
    assert alone["Ada Lovelace"]["lines"] == [*bought, "Product Viewed?", "Product Viewed?", "Teas?"]
    assert seen["alone"]["devices"] == [["Ada Lovelace"]]

    # the tablet went from one to the other, and neither has what the other did
    both = seen["both"]["people"]
    assert sorted(both) == ["Ada Lovelace", "Bo Jansen"]
    assert both["Bo Jansen"]["lines"] == ["Product Viewed", "bo"]
    left = ["Product Viewed?", "Signed Out", "Segment Consent Preference Updated"]
    assert both["Ada Lovelace"]["lines"] == [*left, *alone["Ada Lovelace"]["lines"]]
    assert ["offers", "yes"] in both["Ada Lovelace"]["chips"]
    assert ["offers", "yes"] not in both["Bo Jansen"]["chips"]
    assert seen["both"]["devices"] == [["Ada Lovelace", "Bo Jansen"]]

    # her phone is another device of the same person
    phone = seen["phone"]
    assert sorted(phone["people"]) == ["Ada Lovelace", "Bo Jansen"]
    assert phone["people"]["Ada Lovelace"]["lines"][:3] == ["ada", "Product Viewed?", "Teas?"]
    assert sorted(phone["devices"]) == [["Ada Lovelace"], ["Ada Lovelace", "Bo Jansen"]]
    with ProfileGraph(tmp_path / "customers.db", read_only=True) as graph:
        assert graph.health().profiles == 2
        assert len(graph.profile("user_id", "ada").devices) == 2
        assert len(graph.profile("user_id", "bo").devices) == 1


def test_the_browser_client_that_is_shipped_is_the_published_one(node: dict[str, str]) -> None:
    shipped = Path(demo.__file__).parent / "pages" / "analytics-next.js"
    published = Path(node["NODE_PATH"]) / "@segment" / "analytics-next" / "dist" / "umd" / "index.js"
    assert filecmp.cmp(shipped, published, shallow=False)
