"""The lines of JavaScript that the documentation gives for each client do what it says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .running import Browser, Served

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "clients.md"
Serve = Callable[[str], Served]

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not beside the tests")


def lines(package: str) -> str:
    """The block that gets a client from a package."""
    blocks: list[str] = re.findall(
        r"^```js\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    (block,) = (one for one in blocks if f"'{package}'" in one)
    return block


@pytest.mark.parametrize(
    ("package", "order", "end"),
    [
        ("@segment/analytics-node", "o-1", "analytics.closeAndFlush();"),
        ("@rudderstack/rudder-sdk-node", "o-2", "client.flush();"),
        ("@jitsu/js", "o-3", ""),
    ],
)
def test_lines_for_node(package: str, order: str, end: str, serve: Serve, node: dict[str, str]) -> None:
    block = lines(package)
    served = serve("shop:key-1" if package == "@jitsu/js" else "key-1")
    program = f"const COLLECTOR = '{served.url}';\n{block}{end}"
    subprocess.run(["node", "-e", program], env=node, check=True, timeout=60, capture_output=True)
    (event,) = served.wait_for(1)
    assert (event["event"], event["userId"]) == ("Order Completed", "u-1")
    assert event["properties"] == {"order_id": order}


@pytest.mark.parametrize(
    ("package", "client", "whole", "end"),
    [
        ("@segment/analytics-next", "segment-browser", "AnalyticsNext", ""),
        ("@rudderstack/analytics-js/bundled", "rudder-browser", "rudderanalytics", "rudder.page();"),
    ],
)
def test_lines_for_browsers(
    package: str, client: str, whole: str, end: str, serve: Serve, node: dict[str, str], chromium: str
) -> None:
    served = serve("key-1")
    # what a bundler would make of the import: the same build has its names in one object
    block = re.sub(
        r"^import (\{.*\}) from .*$", rf"const \1 = window.{whole};", lines(package), flags=re.MULTILINE
    )
    run = {"chromium": chromium, "lines": f"const COLLECTOR = '{served.url}';\n{block}{end}"}
    page = Browser(client, run, node)
    try:
        page.call()
        (event,) = served.wait_for(1)
        assert event["type"] == "page"
        assert event["context"]["page"]["title"] == "Shop"
        assert page.leave() == {"errors": [], "failed": []}
    finally:
        page.close()
