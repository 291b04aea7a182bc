"""The reference of the adapters is written from their declarations, and up to date."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="the documentation is not beside the tests")
def test_the_reference_follows_the_declarations() -> None:
    files = runpy.run_path(str(ROOT / "docs" / "adapters.py"))["files"]()
    stale = [
        str(path.relative_to(ROOT))
        for path, text in files.items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    assert stale == [], "run: python docs/adapters.py"
    pages = set((ROOT / "docs" / "reference" / "adapters").glob("*.md"))
    assert pages == {path for path in files if path.parent.name == "adapters"}
