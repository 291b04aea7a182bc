"""Importing the package costs nothing that was not asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "numpy",
    "pyarrow",
    "duckdb",
    "rapidfuzz",
    "networkx",
    "pandas",
    "polars",
    "typer",
    "rich",
    "sqlite3",
)


def loaded_after(statements: str) -> set[str]:
    program = f"import sys; {statements}; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in run.stdout.split()}


def test_importing_the_package_loads_none_of_its_dependencies() -> None:
    assert not loaded_after("import cxm_sdk; cxm_sdk.CxmError").intersection(HEAVY)


@pytest.mark.parametrize("optional", ["pandas", "polars", "typer", "rich"])
def test_resolving_files_needs_neither_frames_nor_the_command_line(optional: str, tmp_path: Path) -> None:
    source = tmp_path / "crm.csv"
    source.write_text("id,email,last_name\n1,ada@example.com,Lovelace\n2,bob@example.com,Builder\n")
    program = (
        f"import sys; sys.modules[{optional!r}] = None\n"
        "import cxm_sdk; print(cxm_sdk.resolve(sys.argv[1]).summary['records'])"
    )
    run = subprocess.run([sys.executable, "-c", program, source], capture_output=True, text=True, check=True)
    assert run.stdout == "2\n"


def test_the_command_line_answers_before_the_engine_is_loaded() -> None:
    loaded = loaded_after("import cxm_sdk.cli.commands")
    assert not loaded.intersection(("numpy", "pyarrow", "duckdb", "rapidfuzz"))


@pytest.mark.parametrize(("package", "use"), [("pyarrow", "cxm_sdk.evaluate"), ("duckdb", "cxm_sdk.resolve")])
def test_a_missing_extra_is_named_with_the_command_that_installs_it(package: str, use: str) -> None:
    program = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "import cxm_sdk\n"
        f"try: {use}('a.csv') if {use!r} == 'cxm_sdk.resolve' else {use}\n"
        "except cxm_sdk.MissingExtraError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == f"{package} is not installed. Hint: pip install 'cxm-sdk[batch]'\n"


@pytest.mark.parametrize("package", ["typer", "rich"])
def test_the_command_without_its_extra_says_so_and_exits_2(package: str) -> None:
    program = f"import sys; sys.modules[{package!r}] = None; import cxm_sdk.cli; cxm_sdk.cli.main()"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr == f"cxm needs {package}, which is not installed: pip install 'cxm-sdk[cli]'\n"
