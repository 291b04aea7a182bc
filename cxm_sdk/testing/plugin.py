"""The pytest plugin: a fixture that catches the events of the code under test, and the mark of slow tests.

It is loaded into every pytest run of an environment that has the package, so it imports nothing until it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cxm_sdk.testing.captured import CapturedEvents

__all__ = ["capture_events", "pytest_configure"]


def pytest_configure(config: pytest.Config) -> None:
    """Makes the mark known that long tests of the adapter contract have.

    Args:
        config: Of the run.
    """
    config.addinivalue_line("markers", "slow: takes more than a few seconds")


@pytest.fixture
def capture_events(monkeypatch: pytest.MonkeyPatch) -> Iterator[CapturedEvents]:
    """Catches every event that any client records during the test; nothing is spooled or sent.

    Clients that were made before, at import of the code under test, are caught as well. A client keeps its plan, its
    privacy rules, hooks and sampling, so what is caught is what would have been sent.

    Args:
        monkeypatch: Puts things back as they were.

    Yields:
        The events, in the order in which they were recorded.
    """
    from cxm_sdk.testing.captured import CapturedEvents, caught

    captured = CapturedEvents()
    with caught(captured, monkeypatch):
        yield captured
