"""Whoever follows the how-to has an adapter that keeps the contract, and soon."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-source-system.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the documentation is not beside the tests")


def test_the_way_from_a_payload_to_the_contract_is_short_and_leads_there(tmp_path: Path) -> None:
    way = PAGE.read_text("utf-8").partition("## 4.")[0]
    assert len(way.splitlines()) < 100
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", way, re.MULTILINE | re.DOTALL)
    assert [language for language, _ in blocks] == ["json", "python", "python"]
    (tmp_path / "payloads").mkdir()
    (tmp_path / "payloads" / "card.json").write_text(blocks[0][1])
    (tmp_path / "test_teaclub.py").write_text("\n\n".join(code for _, code in blocks[1:]))
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert re.search(r"\b\d\d passed", done.stdout), done.stdout
