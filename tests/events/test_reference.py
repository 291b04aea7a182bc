"""What is written from the catalogue is up to date, and type checkers see what there is."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import cxm_sdk

ROOT = Path(__file__).parents[2]
TYPING = Path(__file__).parent / "typing"

written = pytest.mark.skipif(
    not (ROOT / "docs").is_dir() or not (ROOT / "cxm_sdk").is_dir(),
    reason="the source is not beside the tests",
)


@written
def test_the_reference_the_index_and_the_names_follow_the_catalogue() -> None:
    files = runpy.run_path(str(ROOT / "docs" / "events.py"))["files"]()
    stale = [str(path.relative_to(ROOT)) for path, text in files.items() if path.read_text("utf-8") != text]
    assert stale == [], "run: python docs/events.py"
    pages = set((ROOT / "docs" / "reference" / "events").glob("*.md"))
    assert pages == {path for path in files if path.suffix == ".md"}


def test_a_type_checker_takes_what_is_right_and_refuses_what_is_wrong(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context"]
    where = [
        "--config-file",
        "",
        "--cache-dir",
        str(ROOT / ".mypy_cache" / "typing"),  # what it knows of pydantic is good for the next time
        str(TYPING / "right.py"),
        str(TYPING / "wrong.py"),
    ]
    # What is installed for editing is found by a hook that type checkers do not follow.
    home = Path(cxm_sdk.__file__).parents[1]
    env = os.environ if home.name == "site-packages" else {**os.environ, "MYPYPATH": str(home)}
    run = subprocess.run([*command, *where], capture_output=True, text=True, cwd=tmp_path, env=env)
    found = re.findall(r"(right|wrong)\.py:(\d+): error: .*\[([\w-]+)\]$", run.stdout, re.MULTILINE)
    lines = (TYPING / "wrong.py").read_text("utf-8").splitlines()
    expected = {("wrong", str(i), line.split("# ")[1]) for i, line in enumerate(lines, 1) if "  # " in line}
    assert set(found) == expected, run.stdout + run.stderr
