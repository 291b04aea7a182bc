"""Work on threads comes back in order, fails as it would alone, and can be stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk.engines.interrupts import noticed_interrupts
from cxm_sdk.engines.local import LocalEngine
from cxm_sdk.errors import InputError, SourceError


@given(st.lists(st.integers(0, 20), max_size=40), st.integers(1, 5))
def test_results_come_in_the_order_of_the_items(delays: list[int], workers: int) -> None:
    def work(item: tuple[int, int]) -> int:
        time.sleep(item[1] / 100_000)
        return item[0]

    items = list(enumerate(delays))
    assert list(LocalEngine(workers).run(work, items)) == list(range(len(delays)))


def test_items_are_taken_only_a_few_ahead() -> None:
    taken = 0

    def items() -> Any:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield number

    results = LocalEngine(2).run(lambda item: item, items())
    assert next(results) == 0
    assert taken <= 20
    results.close()
    assert taken <= 20


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_an_exception_of_the_work_is_raised_where_its_result_would_have_been(workers: int) -> None:
    def work(item: int) -> int:
        if item == 3:
            raise LookupError("the fourth")
        return item

    results = LocalEngine(workers).run(work, range(100))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(LookupError, match="the fourth"):
        next(results)
    assert list(results) == []


@pytest.mark.parametrize("workers", [1, 3])
def test_an_exception_of_the_items_is_raised(workers: int) -> None:
    def items() -> Any:
        yield 1
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        list(LocalEngine(workers).run(lambda item: item, items()))


@pytest.mark.parametrize("end", ["error", "closed"])
def test_work_that_has_not_begun_is_dropped(end: str) -> None:
    begun = []
    gate = threading.Event()

    def work(item: int) -> int:
        begun.append(item)
        if item:
            gate.wait(5)
        if item == 1 and end == "error":
            raise LookupError
        return item

    results = LocalEngine(2).run(work, range(1000))
    assert next(results) == 0
    gate.set()
    if end == "error":
        with pytest.raises(LookupError):
            next(results)
    else:
        results.close()
    count = len(begun)
    assert count <= 10
    time.sleep(0.05)
    assert len(begun) == count


TASKS = Path("/proc/self/task")


def threads() -> int:
    return len(list(TASKS.iterdir()))


@pytest.mark.skipif(not TASKS.is_dir(), reason="threads are counted as on Linux")
def test_threads_end_with_the_work() -> None:
    before = threads()
    engine = LocalEngine(4)
    assert sum(engine.run(lambda item: item, range(50))) == 1225
    next(engine.run(lambda item: item, range(50)))
    ended = time.monotonic() + 5  # a thread says that it is done a moment before it is gone
    while threads() > before and time.monotonic() < ended:
        time.sleep(0.001)
    assert threads() <= before


def test_one_run_inside_another_does_not_lock_up() -> None:
    engine = LocalEngine(2)
    assert list(engine.run(lambda item: sum(engine.run(lambda part: part, range(item))), range(6))) == [
        0, 0, 1, 3, 6, 10,
    ]  # fmt: skip


def test_work_really_runs_side_by_side() -> None:
    both = threading.Barrier(2, timeout=10)
    assert sorted(LocalEngine(2).run(lambda _: both.wait(), range(2))) == [0, 1]


def test_workers_are_the_cpus_this_process_may_use_unless_given() -> None:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert LocalEngine().workers == usable
    assert LocalEngine(7).workers == 7
    for no_number in (0, -1, 1_000_000):
        with pytest.raises(InputError, match="worker"):
            LocalEngine(no_number)


def test_reading_gives_sources_by_name() -> None:
    people = pa.table({"id": ["1"], "email": ["ada@example.org"]})
    sources, rejected, warnings = LocalEngine(1).read([{"web": people, "crm": people}])
    assert sorted(source.name for source in sources) == ["crm", "web"]
    assert (rejected, warnings) == ([], [])
    with pytest.raises(SourceError):
        LocalEngine(1).read(["no-such-file.csv"])


PROGRAM = """
import os, signal, time
from cxm_sdk.engines.local import LocalEngine
signal.signal(signal.SIGINT, signal.default_int_handler)
begun, ended = [], []
def work(item):
    begun.append(item)
    os.write(1, b"working\\n")  # whole lines, whichever thread writes
    time.sleep(0.2)
    ended.append(item)
    return item
try:
    for _ in LocalEngine(2).run(work, range(1000)):
        pass
except KeyboardInterrupt:
    done = len(begun)
    assert done == len(ended), "work went on after the interrupt"
    time.sleep(0.3)
    print("stopped", done, len(begun), flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")
@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_ctrl_c_stops_after_the_work_in_hand(after: int) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(after):
            assert process.stdout.readline() == "working\n"
        process.send_signal(signal.SIGINT)
        try:
            said = process.communicate(timeout=60)[0].splitlines()[-1].split()
        finally:
            process.kill()  # or a program that hangs would be waited for without end
    assert said[0] == "stopped"
    assert said[1] == said[2]
    assert int(said[1]) <= 12


READER = """
import signal, sys
from cxm_sdk.engines.local import LocalEngine
signal.signal(signal.SIGINT, signal.default_int_handler)
print("reading", flush=True)
try:
    for _ in range(50):  # on a fast machine one reading is over before the signal comes
        LocalEngine(2).read([sys.argv[1]])
    print("done")
except KeyboardInterrupt:
    print("interrupted")
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")
@pytest.mark.parametrize("pause", [0.1, 0.3, 0.5])
def test_ctrl_c_while_a_file_is_read_is_an_interrupt_and_no_other_error(tmp_path: Path, pause: float) -> None:
    path = tmp_path / "crm.csv"
    row = ",".join(["Ada Lovelace of Marylebone"] * 12)
    with path.open("w") as file:
        file.write(",".join(f"c{n}" for n in range(12)) + "\n")
        for _ in range(20):
            file.write(f"{row}\n" * 20_000)
    command = [sys.executable, "-c", READER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        time.sleep(pause)
        process.send_signal(signal.SIGINT)
        try:
            said, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert said == "interrupted\n", errors
    assert errors == ""


def test_no_bar_is_shown_where_a_program_is_no_file() -> None:
    program = (
        "from cxm_sdk.engines.portions import open_connection\n"
        "shown = open_connection(1).sql(\"SELECT current_setting('enable_progress_bar')\")\n"
        "print(shown.fetchall())\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "[(False,)]\n"


def test_an_interrupt_waits_until_no_import_lock_can_be_half_taken() -> None:
    went_on: list[bool] = []
    # Runs as the machinery of imports does.
    code = compile(
        "signal.raise_signal(signal.SIGINT); went_on.append(True)", "<frozen importlib._bootstrap>", "exec"
    )

    def interrupted() -> None:
        with noticed_interrupts() as pressed:
            exec(code, {"signal": signal, "went_on": went_on})
            went_on.append(pressed.is_set())
            time.sleep(5)

    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted()
    finally:
        signal.signal(signal.SIGINT, usual)
    assert went_on == [True, True]
