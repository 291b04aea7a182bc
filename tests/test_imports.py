"""Importing the package costs nothing that was not asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
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


def loaded_after(statements: str, *, whole: bool = False) -> set[str]:
    program = f"import sys; {statements}; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name if whole else name.partition(".")[0] for name in run.stdout.split()}


def test_importing_the_package_loads_none_of_its_dependencies() -> None:
    assert not loaded_after("import cxm_sdk; cxm_sdk.CxmError").intersection(HEAVY)


def test_a_typed_event_loads_pydantic_and_its_own_family_only() -> None:
    loaded = loaded_after("import cxm_sdk; cxm_sdk.events.OrderCompleted(order_id='o-1')", whole=True)
    assert not {name.partition(".")[0] for name in loaded}.intersection(HEAVY)
    families = {name for name in loaded if name.startswith("cxm_sdk.events.catalog.")}
    assert families == {f"cxm_sdk.events.catalog.{name}" for name in ("base", "commerce", "index")}


def test_naming_the_events_loads_no_package() -> None:
    assert not loaded_after("import cxm_sdk; cxm_sdk.events").intersection((*HEAVY, "pydantic"))


@pytest.mark.parametrize("name", ["capture", "events", "testing"])
def test_packages_are_attributes_after_a_bare_import_and_load_nothing_heavy(name: str) -> None:
    loaded = loaded_after(f"import cxm_sdk; assert cxm_sdk.{name}.__name__ == 'cxm_sdk.{name}'", whole=True)
    assert not {module.partition(".")[0] for module in loaded}.intersection((*HEAVY, "pydantic"))


@pytest.mark.parametrize("sink", ["'http://127.0.0.1:1'", "type('Own', (), {'send': print})()"])
def test_a_client_loads_nothing_it_does_not_need(sink: str) -> None:
    program = (
        "import cxm_sdk, tempfile; "
        f"client = cxm_sdk.Client({sink}, spool=tempfile.mkdtemp(), interval=60, exit_timeout=0.0); "
        "client.track('Opened', {'n': 1}, user_id='u-1')"
    )
    loaded = loaded_after(program, whole=True)
    heavy = {*HEAVY, "pydantic", "pydantic_core", "pyspark", "asyncio", "logging", "dataclasses"}
    assert not {name.partition(".")[0] for name in loaded}.intersection(heavy)
    assert ("http.client" in loaded) == sink.startswith("'http")  # what a url takes, only a url loads
    assert "cxm_sdk.capture.spool" in loaded
    assert not [name for name in loaded if name.startswith("cxm_sdk.identity")]


def test_the_pytest_plugin_loads_nothing_until_it_is_used() -> None:
    loaded = loaded_after("import cxm_sdk.testing.plugin", whole=True)
    assert not {name.partition(".")[0] for name in loaded}.intersection(
        {"numpy", "pydantic", "pyarrow", "duckdb"}
    )
    assert "cxm_sdk.capture.client" not in loaded


def run_without(package: str, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a program in a process where the package cannot be found."""
    absent = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] == {package!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
    )
    command = [sys.executable, "-c", absent + program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("optional", ["pandas", "polars", "typer", "rich"])
def test_resolving_files_needs_neither_frames_nor_the_command_line(optional: str, tmp_path: Path) -> None:
    source = tmp_path / "crm.csv"
    source.write_text("id,email,last_name\n1,ada@example.com,Lovelace\n2,bob@example.com,Builder\n")
    program = "import cxm_sdk; print(cxm_sdk.resolve(sys.argv[1]).summary['records'])"
    run = run_without(optional, program, source)
    assert run.stdout == "2\n", run.stderr


def test_the_command_line_answers_before_the_engine_is_loaded() -> None:
    loaded = loaded_after("import cxm_sdk.cli.commands")
    assert not loaded.intersection(("numpy", "pyarrow", "duckdb", "rapidfuzz"))


def test_an_engine_is_ready_to_read_before_what_links_is_imported() -> None:
    loaded = loaded_after("import cxm_sdk; cxm_sdk.Linker()", whole=True)
    assert "pyarrow" in loaded
    assert not loaded.intersection(
        ("duckdb", "pydantic", "rapidfuzz", "pyarrow.compute", "cxm_sdk.identity.linkage")
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_a_package_that_is_missing_is_named_whether_or_not_it_is_imported_beside_reading(
    workers: int, tmp_path: Path
) -> None:
    source = tmp_path / "crm.csv"
    source.write_text("id,email\n1,ada@example.com\n2,bob@example.com\n")
    program = (
        "import cxm_sdk\n"
        f"try: cxm_sdk.resolve(sys.argv[1], workers={workers})\n"
        "except ModuleNotFoundError as error: print(error.name)"
    )
    run = run_without("rapidfuzz", program, source)
    assert (run.stdout.partition(".")[0].strip(), run.stderr) == ("rapidfuzz", "")


@pytest.mark.parametrize("workers", [1, 2])
def test_an_input_that_cannot_be_read_is_an_error_at_once_and_no_other_one(
    workers: int, tmp_path: Path
) -> None:
    program = (
        "import cxm_sdk, sys\n"
        f"try: cxm_sdk.resolve(sys.argv[1], workers={workers})\n"
        "except cxm_sdk.SourceError as error: print(error.code)"
    )
    command = [sys.executable, "-c", program, tmp_path / "missing.csv"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("source\n", "")


def test_a_parquet_file_of_texts_and_days_is_read_without_a_database(tmp_path: Path) -> None:
    mails = ["ada@example.com", "bob@example.com"]
    days = pa.array([3, None], pa.date32())
    pq.write_table(pa.table({"id": ["1", "2"], "email": mails, "born": days}), tmp_path / "crm.parquet")
    program = "import cxm_sdk; print(cxm_sdk.resolve(sys.argv[1]).summary['records'])"
    run = run_without("duckdb", program, tmp_path / "crm.parquet")
    assert run.stdout == "2\n", run.stderr


@pytest.mark.parametrize(
    ("package", "use"),
    [("pyarrow", "cxm_sdk.evaluate"), ("duckdb", f"cxm_sdk.resolve({str(Path(__file__))!r})")],
)
def test_a_missing_extra_is_named_with_the_command_that_installs_it(package: str, use: str) -> None:
    program = f"import cxm_sdk\ntry: {use}\nexcept cxm_sdk.MissingExtraError as error: print(error)"
    run = run_without(package, program)
    assert run.stdout == f"{package} is not installed. Hint: pip install 'cxm-sdk[batch]'\n", run.stderr


@pytest.mark.parametrize("package", ["typer", "rich"])
def test_the_command_without_its_extra_says_so_and_exits_2(package: str) -> None:
    run = run_without(package, "import cxm_sdk.cli; cxm_sdk.cli.main()")
    assert run.returncode == 2
    assert run.stderr == f"cxm needs {package}, which is not installed: pip install 'cxm-sdk[cli]'\n"
