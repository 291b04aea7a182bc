"""A process may be killed at any moment: every event whose call had returned is delivered after all, once."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .killed import BATCH
from .receiver import Receiver

PROGRAM = Path(__file__).with_name("killed.py")
KILLS = 200


def test_every_event_whose_call_had_returned_outlives_200_kills_at_random_points(tmp_path: Path) -> None:
    counts = tmp_path / "counts"
    counts.write_bytes(bytes(8 * KILLS))
    with Receiver(delay=0.001) as receiver:
        run = subprocess.run(
            [sys.executable, PROGRAM, receiver.url, tmp_path / "spool", counts, str(KILLS), "7"],
            capture_output=True,
            text=True,
            check=True,
        )
        taken = set(receiver.taken)
        duplicates = receiver.duplicates
    returned = struct.unpack(f"{KILLS}q", counts.read_bytes())
    expected = {f"{process}-{event}" for process, count in enumerate(returned) for event in range(count)}
    assert len(expected) > 10 * KILLS
    assert expected - taken == set()
    # a call that was cut short may have stored its event already: one for each process at most
    assert len(taken - expected) <= KILLS
    # what was under way to the receiver when its process was killed goes again under the same id, and nothing else
    assert duplicates <= BATCH * KILLS
    complete, spooled, balanced, _ = run.stdout.split()
    assert (complete, spooled, balanced) == ("True", "0", "True")
    assert list((tmp_path / "spool").rglob("*.seg")) == []


def test_a_program_that_ends_delivers_all_and_leaves_nothing_on_disk(tmp_path: Path) -> None:
    program = (
        "import cxm_sdk, sys\n"
        "client = cxm_sdk.Client(sys.argv[1], spool=sys.argv[2])\n"
        "for n in range(1000): client.track('Counted', {'n': n}, user_id='u-1')\n"
    )
    with Receiver() as receiver:
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", program, receiver.url, tmp_path],
            capture_output=True,
            text=True,
            check=True,
        )
        assert (len(receiver.taken), receiver.duplicates, run.stdout, run.stderr) == (1000, 0, "", "")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_what_was_noted_as_delivered_is_not_sent_again(end: signal.Signals, tmp_path: Path) -> None:
    program = (
        "import cxm_sdk, os, sys\n"
        "client = cxm_sdk.Client(sys.argv[1], spool=sys.argv[2])\n"
        "for n in range(50): client.track('Counted', {'n': n}, user_id='u-1')\n"
        "assert client.flush(10).complete\n"
        "client = cxm_sdk.Client(sys.argv[1], spool=sys.argv[2], interval=60)\n"
        "for n in range(50, 60): client.track('Counted', {'n': n}, user_id='u-1')\n"
        f"os.kill(os.getpid(), {int(end)})\n"
    )
    with Receiver() as receiver:
        run = subprocess.run([sys.executable, "-c", program, receiver.url, tmp_path], check=False)
        assert run.returncode == -end
        assert len(receiver.taken) == 50
        from cxm_sdk import Client

        with Client(receiver.url, spool=tmp_path) as client:
            client.flush(10)
            assert client.stats().recovered == 10
        assert [event["properties"]["n"] for event in receiver.taken.values()] == list(range(60))
        assert receiver.duplicates == 0


def test_a_process_that_lives_takes_over_from_one_that_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cxm_sdk import Client
    from cxm_sdk.capture import worker

    monkeypatch.setattr(worker, "ADOPTION_INTERVAL", 0.05)
    program = (
        "import cxm_sdk, sys, time\n"
        "client = cxm_sdk.Client(sys.argv[1], spool=sys.argv[2], interval=60)\n"
        "client.track('Counted', {'n': 1}, user_id='u-1', message_id='from-the-dead')\n"
        "print('recorded', flush=True)\n"
        "time.sleep(60)\n"
    )
    with Receiver() as receiver:
        living = Client(receiver.url, spool=tmp_path)
        living.track("Counted", {"n": 0}, user_id="u-1")
        assert living.flush(10).complete
        command = [sys.executable, "-c", program, receiver.url, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as dying:
            assert dying.stdout is not None
            dying.stdout.readline()
            time.sleep(0.2)
            assert "from-the-dead" not in receiver.taken  # its owner lives
            os.kill(dying.pid, signal.SIGKILL)
        until = time.monotonic() + 10
        while "from-the-dead" not in receiver.taken and time.monotonic() < until:
            time.sleep(0.01)
        assert "from-the-dead" in receiver.taken
        assert living.stats().recovered == 1
        living.close()
