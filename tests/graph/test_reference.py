"""What the documentation lists of a graph is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES, Namespace
from cxm_sdk.profiles.store import Change

DOCS = Path(__file__).parents[2] / "docs"
DAY = 86_400.0

pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="the documentation is not beside the tests")


def days(seconds: float | None, otherwise: str) -> str:
    return otherwise if seconds is None else f"{seconds / DAY:g} days"


def row(namespace: Namespace) -> list[str]:
    limit = "any number" if namespace.limit is None else str(namespace.limit)
    fades, stays = days(namespace.half_life, "never"), days(namespace.timeout, "")
    return [f"`{namespace.name}`", str(namespace.kind), limit, str(namespace.priority), fades, stays]


def cells(page: Path, columns: int) -> list[list[str]]:
    found = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.read_text().splitlines()]
    return [one for one in found if len(one) == columns and one[0].startswith("`")]


def test_the_reference_of_namespaces_lists_them_and_everything_that_can_be_said_of_one() -> None:
    page = DOCS / "reference" / "namespaces.md"
    assert cells(page, 6) == [row(namespace) for namespace in DEFAULT_NAMESPACES]
    assert [one[0].strip("`") for one in cells(page, 2)] == list(Namespace.model_fields)


def test_the_guide_to_changes_lists_every_kind() -> None:
    listed = {
        kind
        for one in cells(DOCS / "how-to" / "follow-changes.md", 3)
        for kind in re.findall(r"`(\w+)`", one[0])
    }
    documented = set(
        re.findall(r"``(\w+)``", (Change.__doc__ or "").partition("kind:")[2].partition("profile:")[0])
    )
    assert listed == documented
