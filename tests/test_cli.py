"""The command keeps its contract: outputs, exit codes, errors of one line, and nothing half-written."""

from __future__ import annotations

import errno
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

import cxm_sdk
from cxm_sdk.cli import process
from cxm_sdk.cli.commands import app, app_for
from cxm_sdk.cli.text import waterfall_bar
from cxm_sdk.testing import synthetic

RESULT_FILES = {
    "assignments.parquet",
    "links.parquet",
    "model.json",
    "profiles.parquet",
    "rejected.jsonl",
    "summary.json",
}


def cxm(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up sources and their truth."""
    folder = tmp_path_factory.mktemp("company")
    synthetic.generate(2000, 3).write(folder)
    return folder


@pytest.fixture(scope="module")
def stitched(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result folder made by the command."""
    folder = tmp_path_factory.mktemp("out") / "stitched"
    run = cxm("resolve", company, "--output", folder, "--quiet")
    assert run.exit_code == 0, run.output
    assert run.output == ""
    return folder


def some_link(stitched: Path, *, kept: bool) -> tuple[str, str, float]:
    links = pq.read_table(stitched / "links.parquet")
    row = links.filter(links["kept"] if kept else [not one for one in links["kept"].to_pylist()]).slice(0, 1)
    link = row.to_pylist()[0]
    ends = (f"{link[f'source_{side}']}:{link[f'record_id_{side}']}" for side in "lr")
    return (*ends, link["match_weight"])


def test_resolve_writes_every_file_of_a_result(stitched: Path) -> None:
    assert {file.name for file in stitched.iterdir()} >= RESULT_FILES
    assert [file.name for file in stitched.parent.iterdir()] == ["stitched"]


def test_resolve_prints_what_it_inferred(company: Path, tmp_path: Path) -> None:
    run = cxm("resolve", company, "--output", tmp_path / "out")
    assert run.exit_code == 0
    for word in ("first_name", "email", "profiles", "estimated precision"):
        assert word in run.stdout


def test_resolve_as_json_prints_the_summary_and_nothing_else(company: Path, tmp_path: Path) -> None:
    run = cxm("resolve", company, "--output", tmp_path / "out", "--json")
    assert json.loads(run.stdout) == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert run.stderr == ""


def test_rejected_rows_make_the_exit_code_1(company: Path, tmp_path: Path) -> None:
    source = tmp_path / "crm.csv"
    source.write_text("id,email,last_name\n1,ada@example.com,Lovelace\n2,too,many,cells\n3,b@example.com,B\n")
    run = cxm("resolve", source, "--output", tmp_path / "out", "--json")
    assert run.exit_code == 1
    summary = json.loads(run.stdout)
    assert (summary["rows"], summary["records"], summary["rejected"]) == (3, 2, 1)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["resolve", "none.csv", "--output", "out"], "source"),
        (["resolve", "crm.csv", "--output", "out", "--map", "email=none"], "column"),
        (["resolve", "crm.csv", "--output", "out", "--map", "shoe_size=email"], "column"),
        (["resolve", "crm.csv", "--output", "out", "--model", "crm.csv"], "model"),
        (["train", "none.csv", "--output", "model.json"], "source"),
        (["explain", "--result", ".", "a", "b"], "result"),
        (["evaluate", "--result", ".", "--truth", "truth.csv"], "result"),
        (["evaluate", "--result", ".", "--truth", "none.csv"], "source"),
        (["evaluate", "--result", ".", "--truth", "old.csv"], "source"),
        (["resolve", "", "--output", "out"], "source"),
        (["resolve", "crm.csv", "--output", "out", "--threshold", "1"], "input"),
        (["resolve", "crm.csv", "--output", "out", "--workers", "1000000"], "input"),
        (["resolve", "none.csv", "--output", "."], "input"),
        (["resolve", "none.csv", "--output", "crm.csv"], "input"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_exit_code_2(
    arguments: list[str], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("crm.csv").write_text("id,email,last_name\n1,ada@example.com,Lovelace\n2,bob@example.com,Builder\n")
    Path("truth.csv").write_text("record_id,entity_id\n1,x\n")
    Path("old.csv").write_bytes("record_id,entity_id,k\xfcche\n1,x,y\n".encode("latin-1"))
    run = cxm(*arguments)
    assert run.exit_code == 2
    assert run.stdout == ""
    assert run.stderr.startswith(f"error[{code}]: ")
    assert run.stderr.count("\n") == 1
    assert not Path("out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["resolve"],
        ["resolve", "a.csv"],
        ["resolve", "a.csv", "--output", "out", "--map", "email"],
        ["resolve", "a.csv", "--output", "out", "--threshold", "1.5"],
        ["resolve", "a.csv", "--output", "out", "--workers", "0"],
        ["stitch"],
    ],
)
def test_an_unusable_call_is_exit_code_2(arguments: list[str]) -> None:
    assert cxm(*arguments).exit_code == 2


def test_a_folder_that_cannot_be_written_is_no_traceback(company: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    run = cxm("resolve", company, "--output", tmp_path / "file" / "out", "--quiet")
    assert run.exit_code == 2
    assert run.stderr.startswith("error[")


def test_the_terms_of_an_explanation_sum_to_the_weight(stitched: Path) -> None:
    a, b, weight = some_link(stitched, kept=True)
    explanation = json.loads(cxm("explain", "--result", stitched, a, b, "--json").stdout)
    assert explanation["linked"]
    assert explanation["weight"] == pytest.approx(weight, abs=1e-9)
    assert sum(term["bits"] for term in explanation["terms"]) == pytest.approx(weight, abs=1e-9)


def test_values_are_shown_only_when_asked_for(stitched: Path) -> None:
    a, b, _ = some_link(stitched, kept=True)
    profiles = pq.read_table(stitched / "profiles.parquet")
    assert "email" in profiles.column_names
    bare = cxm("explain", "--result", stitched, a, b)
    shown = cxm("explain", "--result", stitched, a, b, "--show-values")
    assert bare.exit_code == shown.exit_code == 0
    assert "@" not in bare.stdout
    assert shown.stdout != bare.stdout


def test_a_pair_that_is_not_linked_is_explained_too(stitched: Path) -> None:
    assignments = pq.read_table(stitched / "assignments.parquet").to_pylist()
    a, b = assignments[0], next(r for r in assignments if r["profile_id"] != assignments[0]["profile_id"])
    run = cxm("explain", "--result", stitched, *(f"{r['source']}:{r['record_id']}" for r in (a, b)))
    assert run.exit_code == 0
    assert "Not linked" in run.stdout


def test_evaluate_prints_all_three_views(company: Path, stitched: Path) -> None:
    scores = json.loads(
        cxm("evaluate", "--result", stitched, "--truth", company / synthetic.TRUTH_FILE, "--json").stdout
    )
    assert scores["records"] == 2000
    assert scores["cluster_pairwise"]["f1"] > 0.5
    shown = cxm("evaluate", "--result", stitched, "--truth", company / synthetic.TRUTH_FILE).stdout
    for view in ("pairwise", "cluster-pairwise", "B-cubed"):
        assert view in shown


def test_a_trained_model_gives_the_result_it_gave_when_it_was_fitted(
    company: Path, stitched: Path, tmp_path: Path
) -> None:
    assert cxm("train", company, "--output", tmp_path / "m.json", "--quiet").exit_code == 0
    arguments = ("resolve", company, "--model", tmp_path / "m.json", "--quiet")
    assert cxm(*arguments, "--output", tmp_path / "out").exit_code == 0
    again, first = ((folder / "assignments.parquet").read_bytes() for folder in (tmp_path / "out", stitched))
    assert again == first


def test_generate_writes_equal_files_for_equal_seeds(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run = cxm("generate", "--rows", "500", "--seed", "5", "--output", tmp_path / name, "--json")
        assert run.exit_code == 0
        assert all(Path(file).exists() for file in json.loads(run.stdout)["files"])
    one, two = (
        {file.relative_to(tmp_path / name): file.read_bytes() for file in (tmp_path / name).rglob("*.*")}
        for name in ("one", "two")
    )
    assert one == two


def test_generate_leaves_files_alone_that_it_did_not_write(tmp_path: Path) -> None:
    own = tmp_path / "crm.csv"
    own.write_text("customers of ours")
    run = cxm("generate", "--rows", "20", "--output", tmp_path)
    assert run.exit_code == 2
    assert "error[input]" in run.output
    assert own.read_text() == "customers of ours"


def test_generate_writes_all_files_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    run = cxm("generate", "--rows", "500", "--output", tmp_path, "--quiet")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    monkeypatch.setattr("cxm_sdk.testing.synthetic.files.write_delimited", full)
    run = cxm("generate", "--rows", "900", "--output", tmp_path)
    assert run.exit_code == 2
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before


def test_generate_leaves_nothing_of_a_larger_run_behind(tmp_path: Path) -> None:
    for rows in ("500", "1"):
        run = cxm("generate", "--rows", rows, "--output", tmp_path, "--json")
    files = {Path(file) for file in json.loads(run.stdout)["files"]}
    assert {path for path in tmp_path.iterdir() if path.is_file()} == files


def test_a_report_is_written_to_be_opened(company: Path, tmp_path: Path) -> None:
    cxm("resolve", company, "--output", tmp_path / "out", "--quiet")
    run = cxm("report", "--result", tmp_path / "out", "--output", tmp_path / "r.html", "--json")
    written = Path(json.loads(run.stdout)["report"])
    assert "<title>Who is one customer</title>" in written.read_text(encoding="utf-8")


def test_the_demo_tells_the_whole_story(tmp_path: Path) -> None:
    run = cxm("demo", "--rows", "1000", "--output", tmp_path / "demo")
    assert run.exit_code == 0, run.output
    for word in ("first_name", "profiles", "B-cubed", "together", "cxm explain", "report.html"):
        assert word in run.stdout


def test_the_version_is_the_package_s() -> None:
    assert cxm("--version").stdout == f"cxm {cxm_sdk.__version__}\n"


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")
@pytest.mark.parametrize("wait", [1.0, 2.0])
def test_ctrl_c_ends_within_a_second_and_leaves_nothing_half_written(tmp_path: Path, wait: float) -> None:
    synthetic.generate(300_000, 1).write(tmp_path / "company")
    # A test run in the background ignores Ctrl-C, and so would what it starts.
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from cxm_sdk.cli.process import command; command()"
    )
    command = [
        sys.executable,
        "-c",
        program,
        "resolve",
        tmp_path / "company",
        "--output",
        tmp_path / "result",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(wait)
        assert process.poll() is None, "the work was done before it could be interrupted"
        asked = time.monotonic()
        process.send_signal(signal.SIGINT)
        try:
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()  # or a program that hangs would be waited for without end
    assert time.monotonic() - asked < 5  # a second, and what a busy machine adds
    assert process.returncode == 130
    assert errors == "interrupted; nothing half-written was left behind.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["company"]


def test_the_waterfall_stays_inside_its_width() -> None:
    for before, after in ((-10.0, 20.0), (20.0, -10.0), (20.0, 20.0), (19.9, 20.0)):
        assert len(waterfall_bar(before, after, -10.0, 20.0)) <= 32


def test_the_command_does_not_import_pandas_for_frames_that_never_come(tmp_path: Path) -> None:
    (tmp_path / "crm.csv").write_text("id,first_name,email\n1,Ada,ada@x.org\n2,Bob,bob@x.org\n")
    program = (
        "import sys\n"
        "import os\n"
        "from cxm_sdk.cli.process import command\n"
        f"sys.argv = ['cxm', 'resolve', {str(tmp_path / 'crm.csv')!r}, '--output', {str(tmp_path / 'out')!r}]\n"
        "leave = os._exit\n"
        "os._exit = lambda code: (print(code, 'pandas' in sys.modules, flush=True), leave(code))\n"
        "command()\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.stdout.splitlines()[-1] == "0 False", run.stderr
    assert run.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--version"], 0, f"cxm {cxm_sdk.__version__}\n"),
        (["resolve", "nowhere.csv", "--output", "out"], 2, ""),
    ],
)
def test_the_process_ends_with_the_code_of_the_command_and_all_it_said(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    call = [sys.executable, "-m", "cxm_sdk.cli", *arguments]
    run = subprocess.run(call, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (run.returncode, run.stdout) == (code, said)
    assert not code or run.stderr.startswith("error[")


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="only Linux takes pages ahead")
def test_memory_is_taken_ahead_for_large_inputs_alone(tmp_path: Path) -> None:
    for name, size in (("large.csv", 1 << 23), ("small.csv", 1 << 10)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    program = (
        "import os, sys, time\n"
        "from cxm_sdk.cli.process import own_process, take_memory; own_process()\n"
        "def held(): return int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGE_SIZE')\n"
        "before = held()\n"
        "os.sched_getaffinity = lambda process: {0, 1}\n"
        "taken = take_memory(['resolve', 'crm=' + sys.argv[1], '--output', 'out', '--quiet'])\n"
        "until = time.monotonic() + 20\n"
        "while held() - before < taken * .9 and time.monotonic() < until: time.sleep(.01)\n"
        "print(taken, taken * .9 <= held() - before <= taken * 1.5 + (1 << 23))\n"
    )
    for name, taken in (("large.csv", 2 << 23), ("small.csv", 0), ("missing.csv", 0)):
        call = [sys.executable, "-c", program, str(tmp_path / name)]
        run = subprocess.run(call, capture_output=True, text=True, check=False)
        assert run.stdout == f"{taken} True\n", run.stderr


def test_no_more_memory_is_taken_than_a_container_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "crm.csv").touch()
    os.truncate(tmp_path / "crm.csv", 1 << 28)
    (tmp_path / "max").write_text(f"{200 << 20}\n")
    (tmp_path / "current").write_text(f"{100 << 20}\n")
    monkeypatch.setattr(process, "_GROUPS", [(tmp_path / "max", tmp_path / "current")])
    monkeypatch.setattr(process, "start_new_thread", lambda *_: None)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    assert process.take_memory(["resolve", str(tmp_path / "crm.csv")]) == 25 << 20
    (tmp_path / "max").write_text("max\n")
    assert process.take_memory(["resolve", str(tmp_path / "crm.csv")]) > 25 << 20
    (tmp_path / "max").write_text(f"{100 << 20}\n")
    assert process.take_memory(["resolve", str(tmp_path / "crm.csv")]) == 0


@pytest.mark.parametrize("cheap", [True, False])
def test_pages_are_large_only_where_large_ones_are_cheap(
    cheap: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, step, asked = 1 << 30, 1 << 23, list[tuple[int, int, int]]()

    def malloc(size: int) -> int:
        return first

    def madvise(at: int, size: int, advice: int) -> int:
        asked.append((at - first, size, advice))
        return 0

    def seconds() -> float:
        return sum(size for _, size, advice in asked if advice == 23) * (1e-10 if cheap else 2e-9)

    library = SimpleNamespace(malloc=malloc, free=lambda block: None, madvise=madvise)
    monkeypatch.setattr("ctypes.CDLL", lambda name: library)
    monkeypatch.setattr("time.thread_time", seconds)
    monkeypatch.setattr(process, "start_new_thread", lambda work, arguments: work())
    monkeypatch.setenv("NUMPY_MADVISE_HUGEPAGE", "1")
    monkeypatch.delenv("NUMPY_MADVISE_HUGEPAGE")
    process._begin_to_take(2 * step)
    large, small = [(0, 2 * step, 14), (0, 1 << 21, 23)], [(0, 2 * step, 15)]
    taken = [(0, step, 23), (step, step, 23)]
    if cheap:
        assert asked == large + taken
    else:
        assert asked == [*large, *small, taken[0], *small, taken[1], (step, step, 15)]
    assert os.environ.get("NUMPY_MADVISE_HUGEPAGE") == (None if cheap else "0")


def test_large_parquet_files_are_read_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    monkeypatch.setattr("cxm_sdk.engines.parquet.begin", begun.append)
    large, small, other = (str(tmp_path / name) for name in ("large.parquet", "small.parquet", "large.csv"))
    for path, size in ((large, 1 << 24), (small, 1 << 10), (other, 1 << 24)):
        Path(path).touch()
        os.truncate(path, size)
    assert process.read_ahead(["resolve", f"crm={large}", small, other, "--output", "out"]) == [large]
    for arguments in (
        ["profile", large],
        ["resolve", large, "--workers", "1"],
        ["resolve", small, "x.parquet"],
    ):
        assert process.read_ahead(arguments) == []
    assert begun == [large]


def test_a_command_is_described_alike_alone_and_among_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for one in (app, app_for(["resolve"])):
        with pytest.raises(SystemExit):
            one(["resolve", "--help"], prog_name="cxm")
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert app_for(["--help"]) is app
    assert app_for([]) is app


def test_a_package_beside_the_command_may_use_pandas(tmp_path: Path) -> None:
    (tmp_path / "crm.csv").write_text("id,email\n1,ada@x.org\n2,bob@x.org\n")
    (tmp_path / "engine_from_outside.py").write_text(
        "import pandas\nprint(pandas.DataFrame({'n': [1]}).shape)\n"
    )
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from cxm_sdk.cli.process import own_process; own_process()\n"
        "import cxm_sdk; cxm_sdk.resolve(sys.argv[1] + '/crm.csv')\n"
        "assert 'pandas' not in sys.modules\n"
        "import engine_from_outside\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.stdout == "(1, 1)\n", run.stderr


@pytest.mark.skipif(os.name != "posix", reason="pipes are closed as on POSIX")
def test_a_reader_that_has_gone_is_no_traceback() -> None:
    call = f"{shlex.quote(sys.executable)} -m cxm_sdk.cli --help | true"
    run = subprocess.run(["bash", "-c", call], capture_output=True, text=True, check=False)
    assert run.stderr == ""
