"""What the documentation says is so: its examples run, its lists are complete, its links lead somewhere."""

from __future__ import annotations

import doctest
import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import typer.main

import cxm_sdk
from cxm_sdk import errors
from cxm_sdk.cli.commands import app
from cxm_sdk.events import registry

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="the documentation is not beside the tests")


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def module_names() -> Iterator[str]:
    for module in pkgutil.walk_packages(cxm_sdk.__path__, "cxm_sdk."):
        if not module.name.endswith("__main__"):
            yield module.name


def cxm_lines(block: str) -> Iterator[str]:
    """The commands of a shell block that call cxm, joined where a backslash continues them."""
    for line in block.replace("\\\n", " ").splitlines():
        line = line.removeprefix("$ ")
        if line.startswith("cxm "):
            yield line


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Forgets the event classes that examples register: they would judge the events of tests that run later."""
    yield
    upgrades = dict(registry._upgrades)
    for name, versions in list(registry._classes.items()):
        for version, cls in list(versions.items()):
            if getattr(sys.modules.get(cls.__module__), cls.__name__, None) is not cls:  # of an example
                del versions[version]
                upgrades.pop(name, None)
        if not versions:
            del registry._classes[name]
    registry._upgrades.clear()
    registry._upgrades.update(upgrades)
    for changed in registry.on_change:
        changed()


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """An environment in which ``cxm`` is the package under test."""
    script = tmp_path / "bin" / "cxm"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cxm_sdk.cli "$@"\n')
    script.chmod(0o755)
    return {**os.environ, "PATH": f"{script.parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_example_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: dict[str, str]
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    namespace: dict[str, object] = {"__name__": "__main__"}
    text = page.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        language, code = block.groups()
        line = text.count("\n", 0, block.start()) + 2
        if language == "python":
            exec(compile("\n" * (line - 1) + code, page_id(page), "exec"), namespace)
        elif language == "yaml" and (name := re.match(r"# (\S+)\n", code)):
            (work / name[1]).write_text(code, encoding="utf-8")  # the block is that file
        elif language in ("bash", "console"):
            for command in cxm_lines(code):
                run = subprocess.run(["/bin/sh", "-c", command], env=shell, capture_output=True, text=True)
                assert run.returncode == 0, f"{page_id(page)}:{line}: {command}\n{run.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    lost = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert lost == []


@pytest.mark.parametrize("name", list(module_names()))
def test_the_examples_of_every_docstring_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(module, optionflags=flags).failed == 0


def test_every_page_is_reachable_from_the_index() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")} - {"index.md"}
    assert {page for page in pages if f"]({page})" not in index} == set()


def test_the_error_reference_lists_every_code_and_no_other() -> None:
    page = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8")
    classes = [getattr(errors, name) for name in errors.__all__]
    documented = re.findall(r"^### `(\w+)` \((\w+)\)$", page, re.MULTILINE)
    assert sorted(documented) == sorted((error.code, error.__name__) for error in classes)


def commands_below(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with the words that call it; what only holds other commands is none."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_below(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def test_the_command_reference_has_every_command_and_every_option() -> None:
    page = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `cxm ([\w -]+)`\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    commands = dict(commands_below(typer.main.get_command(app)))
    assert sorted(sections) == sorted(commands)
    for name, command in commands.items():
        options = {option for parameter in command.params for option in parameter.opts if "-" in option[:1]}
        documented = set(re.findall(r"`(-{1,2}[a-z-]+)[ `]", sections[name]))
        assert documented == options | {"--help", "-h"}, name


def test_the_output_reference_has_every_file_column_and_key(tmp_path: Path) -> None:
    page = (DOCS / "reference" / "outputs.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `([\w.]+)`\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    documented = {name: re.findall(r"^\| `(\w+)`", text, re.MULTILINE) for name, text in sections.items()}
    source = tmp_path / "crm.csv"
    source.write_text(
        "id,email,last_name\n1,ada@example.com,Lovelace\n2,too,many,cells\n3,ada@example.com,King\n"
    )
    cxm_sdk.resolve(source, output=tmp_path / "out")

    result = {
        path.name: pq.read_schema(path).names
        if path.suffix == ".parquet"
        else list(json.loads(first_value(path)))
        for path in (tmp_path / "out").iterdir()
    }
    result["links.parquet"] = [name for name in result["links.parquet"] if not name.startswith("level_")]
    result["profiles.parquet"] = result["profiles.parquet"][: len(documented["profiles.parquet"])]
    assert result == documented


def first_value(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return text.splitlines()[0] if path.suffix == ".jsonl" else text
